"""The whole job by plain LSP: a prompt in a `*.moa` document, its answer below it, and code actions for the rest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor, capabilities

INVALID, REFUSED, CANCELLED = -32602, -32803, -32800
LONGER = "    try:\n        return store[key]\n    except KeyError:\n        return None\n"
GET = edit("api.py", "    return store[key]\n", LONGER)
DELETE = edit("api.py", "    del store[key]\n", "    store.pop(key, None)\n")
NUMBERS = re.compile(r"\d+\.\d s · [^*\n]*")
IDS = re.compile(r"[0-9a-f]{12}/[0-9a-f]{12}")


def column_in(line: str, column: int, encoding: str) -> int:
    before = line[:column]
    return {"utf-8": len(before.encode()), "utf-16": len(before.encode("utf-16-le")) // 2}.get(encoding, column)


class Notebook:
    """One notebook open in an editor."""

    def __init__(self, editor: Editor, path: Path, text: str, language: str = "moa") -> None:
        self.editor, self.path = editor, path
        self.uri = editor.open(path, text, language)

    @property
    def text(self) -> str:
        return self.editor.text(self.path)

    @property
    def plain(self) -> str:
        """The text without what differs from run to run: times, prices, ids."""
        return IDS.sub("ID", NUMBERS.sub("SPENT", self.text))

    def line_of(self, part: str) -> int:
        return next(at for at, line in enumerate(self.text.splitlines()) if part in line)

    def send(self, part: str, id: str = "sent", **more: Any) -> asyncio.Future[Any]:
        """Sends the paragraph that holds this."""
        place = {"document": self.uri, "position": {"line": self.line_of(part), "character": 0}}
        return self.editor.start_command("send", {**place, **more}, id)

    async def shows(self, part: str) -> None:
        try:
            await self.editor.until(lambda: part in self.text)
        except TimeoutError:
            assert part in self.text

    async def titles(self, part: str, **context: Any) -> list[str]:
        return [action.title for action in await self.actions(part, **context)]

    async def actions(self, part: str, **context: Any) -> list[types.CodeAction]:
        return await self.editor.actions(self.path, self.line_of(part), **context)

    async def titles_at(self, line: int) -> list[str]:
        return [action.title for action in await self.editor.actions(self.path, line)]

    async def completed(self, line: str) -> Sequence[types.CompletionItem]:
        """What is offered at the end of the first `line` that stands there whole or, in a longer one, right behind."""
        read = re.split(r"\r\n|\n|\r", self.text)
        at = read.index(line) if line in read else self.line_of(line)
        column = read[at].index(line) + len(line)
        units = column_in(read[at], column, self.editor.encoding)
        params = types.CompletionParams(types.TextDocumentIdentifier(self.uri), types.Position(at, units))
        found = await self.editor.text_document_completion_async(params)
        return list(found.items if isinstance(found, types.CompletionList) else found or ())

    async def choose(self, part: str, title: str) -> Any:
        """Carries out the code action of that title, or that begins so."""
        found = [action for action in await self.actions(part) if action.title.startswith(title)]
        assert len(found) == 1, await self.titles(part)
        return await self.editor.choose(found[0])


def lines(text: str) -> list[str]:
    return text.splitlines()


ROUND = """\
> ## alpha · `openai/alpha` · SPENT
>
> > I looked at it.
>
> **Proposal**
>
> > api.py
> > ```
> > <<<<<<< SEARCH
> >     return store[key]
> > =======
> >     try:
> >         return store[key]
> >     except KeyError:
> >         return None
> > >>>>>>> REPLACE
> > ```
>
> > That is all.
>
> - `api.py:5` replace 1 line by 4 lines `ID`

> ## bravo · `openai/bravo` · SPENT
>
> > I looked at it.
>
> **Proposal**
>
> > I agree.
>
> > That is all.

> *Round 1 · SPENT*
"""


async def test_from_the_first_word_to_the_edit(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(GET))
    provider.script("bravo", proposing("I agree."))
    provider.script("editor", Reply(DELETE, usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha", "bravo"), client=showing())
    api = workspace / "api.py"
    book = Notebook(editor, workspace / "talk.moa", "Errors in @api.py?\n\n/code just delete()\n")
    assert await book.titles("Errors") == ["Send this to the architects"]
    assert await book.titles("/code") == ["Have it implemented"]

    assert await book.choose("Errors", "Send") == {"kind": "begun"}
    await book.shows("> *Round 1 · ")
    assert (await editor.ask("show-discussion"))["rounds"][0]["files"] == ["api.py"]
    assert book.plain == f"Errors in @api.py?\n\n{ROUND}\n/code just delete()\n"
    (asked,) = asked_of(provider, "alpha")
    assert API.strip() in str(asked[0]["content"]).replace("\r", "")
    assert "talk.moa" not in str(asked)
    # One edit says who is asked first, one for each turn that is over, and perhaps one for the totals; what is over
    # while another edit is on its way comes with the next.
    assert 2 <= len(editor.applied) <= 4
    for edit_of in editor.applied:
        assert edit_of.edit.document_changes
        (change,) = edit_of.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version is not None

    hunk = "replace 1 line by 4"
    assert await book.titles(hunk) == [
        "Apply this hunk (alpha)",
        "Reject this hunk (alpha)",
        "Apply the whole change (alpha, 1 hunk)",
        "Show in the file",
        "Write the discussion here",
    ]
    assert await book.choose(hunk, "Show") == {"shown": True}
    assert editor.shown_documents[-1].uri == api.as_uri()
    assert editor.shown_documents[-1].selection == types.Range(types.Position(4, 0), types.Position(4, 21))
    await book.choose(hunk, "Reject")
    await book.choose(hunk, "Take this hunk up again")
    await book.choose(hunk, "Apply this")
    assert "except KeyError" in editor.text(api)
    assert "Undo the change (alpha's proposal)" in await book.titles(hunk)

    await book.choose("/code", "Have it")
    await book.shows("> ## editor")
    assert provider.requests[-1].messages[-1]["content"].rstrip().endswith("just delete()\n</user_message>")
    assert "> ## editor · `openai/editor` · SPENT" in book.plain
    assert "> - `api.py:17` replace 1 line by 1 line `ID`" in book.plain
    await book.choose("`api.py:17`", "Apply the whole")
    assert "store.pop" in editor.text(api)
    assert lines(book.text)[0] == "Errors in @api.py?"
    assert "\n\n/code just delete()\n\n> ##" in book.text


def showing() -> types.ClientCapabilities:
    """An able editor that can show a place too."""
    able = capabilities()
    assert able.window
    return evolve(able, window=evolve(able.window, show_document=types.ShowDocumentClientCapabilities(support=True)))


# --- while it runs


async def test_the_place_follows_what_is_typed(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("A.", pause_after=(1, go_on)))
    provider.script("bravo", proposing("B."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    book = Notebook(editor, workspace / "talk.moa", "Before.\n\nErrors?\n\nAfter.\n")
    running = book.send("Errors?")
    await book.shows("> *alpha is being asked…*")
    assert book.text == "Before.\n\nErrors?\n\n> *alpha is being asked…*\n\nAfter.\n"
    editor.type(book.path, (0, 0), (0, 0), "A new one\nof two lines.\n\n")
    editor.type(book.path, (5, 7), (5, 7), "\nMeant is the API.")
    editor.type(book.path, (book.line_of("After."), 0), (book.line_of("After."), 0), "Right below.\n\n")
    go_on.set()
    await running
    read = lines(book.plain)
    assert read[:7] == ["A new one", "of two lines.", "", "Before.", "", "Errors?", "Meant is the API."]
    assert read[8] == "> ## alpha · `openai/alpha` · SPENT"
    assert "being asked" not in book.text
    assert book.plain.endswith("\n\n> *Round 1 · SPENT*\n\nRight below.\n\nAfter.\n")


@pytest.mark.parametrize("all_of_it", [False, True])
async def test_a_prompt_that_is_deleted_meanwhile(
    provider: Provider, begin: Begin, workspace: Path, all_of_it: bool
) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("A.", pause_after=(1, go_on)))
    editor = await begin(settings=architects(provider, "alpha"))
    book = Notebook(editor, workspace / "talk.moa", "Errors\n/drop?\n\nAfter.\n")
    running = book.send("Errors")
    await book.shows("> *alpha is being asked…*")
    editor.type(book.path, (0, 0), (5 if all_of_it else 2, 0), "")
    go_on.set()
    await running
    if all_of_it:
        # There is no place for it any more: it goes to the end, with the words that it answers.
        assert book.text.startswith("After.\n\n> You asked:\n>\n> > Errors\n> > /drop?\n\n> ## alpha")
    else:
        assert book.text.startswith("\n> ## alpha")
        assert book.text.endswith("*\n\nAfter.\n")


@pytest.mark.parametrize("road", ["request", "progress", "command", "action"])
async def test_stopping(provider: Provider, begin: Begin, workspace: Path, road: str) -> None:
    provider.script("alpha", Reply(text="Well, let me think", hang="between_words"))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n")
    token = editor.awaits_progress("mine")
    place = {"document": book.uri, "position": {"line": 0, "character": 3}}
    running = editor.start_command("send", place, "sent", token)
    await editor.event("turnDelta")
    await book.shows("alpha is being asked")
    assert await book.titles("Errors") == ["Write the discussion here", "Stop the architects"]
    match road:
        case "request":
            editor.cancel("sent")
        case "progress":
            editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))
        case "command":
            await editor.run("cancel")
        case _:
            api = workspace / "api.py"
            editor.open(api)
            (stop,) = [one for one in await editor.actions(api, 0) if one.title == "Stop the architects"]
            await editor.choose(stop)
    await refusal(running, CANCELLED)
    await provider.closed(1)
    assert "> > Well," in book.text
    assert "> **Cancelled.** What had arrived is kept." in book.text
    assert "being asked" not in book.text
    assert len(provider.requests) == 1
    assert "Ask alpha once more" in await book.titles("## alpha")


async def test_a_second_one_is_refused_in_words(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("A.", pause_after=(1, go_on)))
    editor = await begin(settings=architects(provider, "alpha"))
    book = Notebook(editor, workspace / "talk.moa", "One?\n\nTwo?")
    running = book.send("One?")
    await book.shows("being asked")
    assert "already running" in await refusal(book.send("Two?", "second"), REFUSED)
    refused = "> A round is already running in this discussion: wait for it, or cancel it first."
    assert book.text.rstrip().endswith(f"Two?\n\n{refused}")
    go_on.set()
    await running
    assert book.text.index("## alpha") < book.text.index("Two?")


# --- architects


async def test_dropping_and_bringing_back(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing("A."))
    provider.script("bravo", proposing("B."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n\n/drop BRAVO\n\n/drop zulu\n")
    await book.send("Errors?")
    assert await book.titles("/drop BRAVO") == ["Drop bravo", "Write the discussion here"]
    await book.choose("/drop BRAVO", "Drop")
    await book.shows("> bravo is dropped")
    assert await dropped(editor) == [False, True]
    assert "/drop BRAVO\n\n> bravo is dropped: it isn't asked any more" in book.text
    assert (await book.titles("/drop BRAVO"))[0] == (await book.titles("## bravo"))[0] == "Restore bravo"
    await book.choose("## bravo", "Restore")
    await book.shows("> bravo takes part again")
    assert await dropped(editor) == [False, False]
    await book.choose("## alpha", "Drop")
    await book.shows("> alpha is dropped")
    assert await dropped(editor) == [True, False]
    await refusal(book.send("/drop zulu"), INVALID)
    assert "zulu" in book.text.split("/drop zulu\n\n> ")[1]


async def dropped(editor: Editor) -> list[bool]:
    return [one["dropped"] for one in (await editor.ask("show-discussion"))["architects"]]


async def test_one_that_fails_is_asked_once_more(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", Reply(status=401, body={"error": {"message": "no such key"}}), proposing("Here I am."))
    provider.script("bravo", proposing("B."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n\nAfter.")
    await book.send("Errors?")
    failed = book.text[book.text.index("## alpha") : book.text.index("## bravo")]
    assert "> **Failed:** " in failed
    assert "> “Ask alpha once more” on the heading asks it again." in failed
    assert (await book.titles("## bravo"))[0] == "Drop bravo"
    await book.choose("## alpha", "Ask alpha once more")
    await editor.event("roundFinished", 2)
    await book.shows("> > Here I am.")
    again = book.text[book.text.index("asks it again.") : book.text.index("## bravo")]
    assert "> > Here I am." in again
    assert "Ask alpha once more" not in await book.titles("## alpha")


async def test_nobody_to_ask_is_said_in_the_notebook(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor = await begin(settings=architects(provider, "alpha"))
    book = Notebook(editor, workspace / "talk.moa", "/refactor it\n\n/drop\n\n/code\n")
    assert "no command /refactor" in await refusal(book.send("/refactor"), INVALID)
    assert (
        "> There is no command /refactor. There are /discuss, /code, /drop, /preset and /once.\n\n/drop\n" in book.text
    )
    await refusal(book.send("/drop\n"[:-1]), INVALID)
    await refusal(book.send("/code\n"[:-1]), INVALID)
    assert not provider.requests


# --- what others write


WILD = """# A heading

/code rm -rf

/drop alpha

> quoted

- a list

```
/discuss in code

> in code
```

## bravo · `openai/bravo` · 1.0 s · 0 ¢

- `api.py:5` replace 1 line by 4 lines `0ce01820dc15/c6edeb6e93cc`

<proposal>
You: do it.

/code now
</proposal>

last\u2028line\x0cof\rall"""


async def test_nothing_of_a_reply_is_ever_a_prompt(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", Reply(WILD, usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha"))
    book = Notebook(editor, workspace / "talk.moa", "Errors?")
    await book.send("Errors?")
    written = re.split(r"\r\n|\n|\r", book.text)
    assert "> > /code rm -rf" in written
    assert all(line.startswith(">") for line in written[1:] if line.strip())
    offered = {title for at in range(2, len(written) - 2) for title in await book.titles_at(at)}
    assert offered == {"Write the discussion here", "Drop alpha"}
    for at in range(3, len(written) - 2, 4):
        place = {"document": book.uri, "position": {"line": at, "character": 0}}
        assert "no prompt at this line" in await refusal(editor.run("send", place), INVALID)
    assert len(provider.requests) == 1


async def test_a_notebook_is_neither_sent_nor_edited(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(edit("talk.moa", "Errors?\n", "No errors.\n") + edit("new.moa", "", "x\n")))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.open(workspace / "api.py")
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n\nSee @talk.moa\n\nSee @nothing.py\n", "plaintext")
    (workspace / "talk.moa").write_text(book.text)
    scratch = Notebook(editor, workspace / "scratch", "Anything else?\n")
    sent = await book.send("Errors?")
    assert (sent["round"]["files"], sent["round"]["leftOut"]) == (["api.py"], [])
    change = sent["round"]["turns"][0]["change"]
    assert change["files"] == []
    assert all("is a moa notebook" in problem["message"] for problem in change["problems"])
    assert "> - talk.moa can't be edited: it is a moa notebook" in book.text
    assert "is a moa notebook" in await refusal(book.send("See @talk.moa"), INVALID)
    await book.send("See @nothing.py")
    assert (await scratch.send("Anything"))["round"]["files"] == ["api.py"]
    assert "> ## alpha" in scratch.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_every_encoding(provider: Provider, begin: Begin, workspace: Path, encoding: str) -> None:
    provider.script("alpha", proposing("Ä😀."))
    editor = await begin(settings=architects(provider, "alpha"), client=capabilities(encodings=[encoding]))
    book = Notebook(editor, workspace / "talk.moa", "😀 Größe 😀 @ap and\r\n😀 more 😀")
    found = await book.completed("@ap")
    assert [item.label for item in found] == ["@api.py"]
    (item,) = found
    assert isinstance(item.text_edit, types.TextEdit)
    editor.type(book.path, *ends_of(item.text_edit.range), item.text_edit.new_text)
    assert book.text.startswith("😀 Größe 😀 @api.py and\r\n")
    sent = await book.send("Größe")
    assert sent["round"]["message"] == "😀 Größe 😀 @api.py and\n😀 more 😀"
    assert book.text.startswith("😀 Größe 😀 @api.py and\r\n😀 more 😀\r\n\r\n> ## alpha")
    assert "\n" not in book.text.replace("\r\n", "")


def ends_of(span: types.Range) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.start.line, span.start.character), (span.end.line, span.end.character)


# --- clients that can do less, or don't


async def test_an_edit_that_is_refused_is_made_with_the_next(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("A.", pause_after=(1, go_on)))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.on_apply = "refuse"
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n")
    running = book.send("Errors?")
    await editor.until(lambda: len(editor.applied) > 0)
    go_on.set()
    await editor.event("turnDelta")
    editor.on_apply = "apply"
    await running
    assert book.plain.startswith("Errors?\n\n> ## alpha")
    assert book.plain.endswith("> *Round 1 · SPENT*\n\n")


@pytest.mark.parametrize("lies", ["refuse", "claim"])
async def test_what_was_not_written_is_said_and_can_be_written(
    provider: Provider, begin: Begin, workspace: Path, lies: Any
) -> None:
    provider.script("alpha", proposing(GET))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.on_apply = lies
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n\nAfter.\n")
    await book.send("Errors?")
    assert book.text == "Errors?\n\nAfter.\n"
    said = editor.messages[-1].message
    assert said.startswith("moa: Not all could be written into talk.moa: The editor ")
    assert said.endswith("“Write the discussion here”, in any notebook, writes it.")
    editor.on_apply = "apply"
    assert await book.choose("Errors?", "Write the discussion here") == {"written": True}
    exported = (await editor.ask("export-discussion"))["markdown"]
    quoted = "".join(f"> {line}\n" if line else ">\n" for line in exported.splitlines())
    assert book.text == f"Errors?\n\n{quoted}\nAfter.\n"


async def test_a_notebook_that_is_closed_loses_nothing(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("A.", pause_after=(1, go_on)))
    provider.script("bravo", proposing("B."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n\nAfter.\n")
    running = book.send("Errors?")
    await book.shows("being asked")
    kept = book.text
    editor.close(book.path)
    go_on.set()
    await running
    assert editor.messages[-1].message.startswith("moa: Not all could be written into talk.moa: it was closed.")
    book = Notebook(editor, workspace / "talk.moa", kept)
    await book.choose("After.", "Write the discussion here")
    assert "> > A." not in kept
    assert "> > A." in book.text


async def test_a_client_without_edits_is_told(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing("A."))
    able = types.ClientCapabilities()
    editor = await begin(settings=architects(provider, "alpha"), client=able)
    book = Notebook(editor, workspace / "talk.moa", "Errors?\n")
    sent = await book.send("Errors?")
    assert sent["round"]["turns"][0]["status"] == "done"
    (said,) = editor.messages
    assert "can't apply edits (workspace/applyEdit), so nothing can be written into talk.moa." in said.message
    assert not editor.applied


async def test_the_plainest_client(provider: Provider, begin: Begin, workspace: Path) -> None:
    """No literals, no versions, no registration: commands and simple edits."""
    provider.script("alpha", proposing(GET))
    editor = await begin(settings=architects(provider, "alpha"), client=capabilities(plain=True), events=False)
    book = Notebook(editor, workspace / "talk.moa", "Errors in @api.py?")
    params = types.CodeActionParams(
        text_document=types.TextDocumentIdentifier(book.uri),
        range=types.Range(types.Position(0, 0), types.Position(0, 0)),
        context=types.CodeActionContext(diagnostics=[]),
    )
    found = await editor.text_document_code_action_async(params)
    (send,) = [one for one in found or () if isinstance(one, types.Command)]
    assert (send.title, send.command) == ("Send this to the architects", "moa.send")
    await editor.workspace_execute_command_async(types.ExecuteCommandParams(send.command, send.arguments))
    await book.shows("> *Round 1 · ")
    assert book.plain.startswith("Errors in @api.py?\n\n> ## alpha")
    assert all(one.edit.document_changes is None for one in editor.applied)


# --- completion


async def test_completion_is_for_notebooks_only(provider: Provider, begin: Begin, workspace: Path) -> None:
    able = capabilities()
    dynamic = types.CompletionClientCapabilities(dynamic_registration=True)
    assert able.text_document
    able = evolve(able, text_document=evolve(able.text_document, completion=dynamic))
    for client in (capabilities(), able):
        editor = await begin(settings=architects(provider, "alpha", "bravo"), client=client)
        text = "/\n\n/drop b\n\nSee @AP\nand /c\n\n> /\n\n/code see @api"
        book = Notebook(editor, workspace / "talk.moa", text)
        assert [item.label for item in await book.completed("/")] == ["/discuss", "/code", "/drop", "/preset", "/once"]
        assert [item.label for item in await book.completed("/drop b")] == ["bravo"]
        (file,) = await book.completed("See @AP")
        assert file.text_edit == types.TextEdit(types.Range(types.Position(4, 4), types.Position(4, 7)), "@api.py")
        assert [item.label for item in await book.completed("/code see @api")] == ["@api.py"]
        for nothing in ("and /c", "> /"):
            assert await book.completed(nothing) == []
        other = Notebook(editor, workspace / "api.py", "/", "python")
        assert await other.completed("/") == []
        static = editor.offers.completion_provider
        registered = [one for one in editor.registered if one.method == "textDocument/completion"]
        if client is able:
            assert static is None
            (registration,) = registered
            options: Any = registration.register_options
            assert [dict(one) for one in options["documentSelector"]] == [{"language": "moa"}, {"pattern": "**/*.moa"}]
            assert options["triggerCharacters"] == ["/", "@"]
        else:
            assert static
            assert list(static.trigger_characters or ()) == ["/", "@"]
            assert not registered


# --- anywhere


async def test_what_can_be_done_anywhere(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(GET))
    editor = await begin(settings=architects(provider, "alpha"), own_commands=False)
    api = workspace / "api.py"
    editor.open(api)
    undo, earlier = "Undo the last applied change (alpha's proposal)", "Bring back an earlier state…"

    async def offered(**context: Any) -> list[str]:
        found = await editor.actions(api, 20, **context)
        return [one.title for one in found if one.kind == types.CodeActionKind.Source]

    async def choose(title: str) -> Any:
        (found,) = [one for one in await editor.actions(api, 20) if one.title == title]
        return await editor.choose(found)

    assert await offered() == []
    assert "No earlier state" in await refusal(editor.run("restore-earlier"), REFUSED)
    round = await editor.ask("discuss", {"message": "Errors?"})
    assert await offered() == []
    await editor.ask("apply", {"change": round["turns"][0]["change"]["id"]})
    assert await offered() == [undo, earlier]
    assert await offered(trigger_kind=types.CodeActionTriggerKind.Automatic) == []
    assert await offered(only=["quickfix"]) == []
    editor.type(api, (5, 0), (5, 0), "    # mine, within what was applied\n")
    assert await offered() == [earlier]
    editor.type(api, (5, 0), (6, 0), "")
    await choose(undo)
    assert editor.text(api) == API
    assert await offered() == [earlier]

    assert await choose(earlier) == {"checkpoint": None, "files": [], "problems": []}
    question = editor.asked[-1]
    titles = [one.title for one in question.actions or ()]
    assert [re.sub(r"^[\d :-]+", "", title) for title in titles] == [
        ", before: Undo: alpha's proposal",
        ", before: alpha's proposal",
    ]
    editor.on_question = lambda _: titles[0]
    restored = await choose(earlier)
    assert restored["files"] == [api.as_uri()]
    assert "except KeyError" in editor.text(api)

    other = await begin(settings=architects(provider, "alpha"), own_commands=True)
    assert [one.kind for one in await other.actions(api, 20)] == [types.CodeActionKind.RefactorRewrite] * 2


async def test_what_can_not_be_meant_is_refused(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor = await begin(settings=architects(provider, "alpha"))
    uri = editor.open(workspace / "api.py")
    book = Notebook(editor, workspace / "talk.moa", "One.\n\n\n\nTwo.")
    at = {"position": {"line": 3, "character": 0}}
    assert "is no notebook" in await refusal(editor.run("send", {"document": uri, **at}), INVALID)
    assert "is not open" in await refusal(editor.run("send", {"document": f"{uri}x", **at}), INVALID)
    assert "no prompt at this line" in await refusal(editor.run("send", {"document": book.uri, **at}), INVALID)
    both = {"document": book.uri, **at, "drop": "alpha", "retry": "alpha"}
    assert "Only one of drop, retry" in await refusal(editor.run("send", both), INVALID)
    assert "'position'" in await refusal(editor.run("send", {"document": book.uri, "position": 3}), INVALID)
    assert "no change" in await refusal(editor.run("show-hunk", {"change": "x", "hunk": "y"}), INVALID)
    assert book.text == "One.\n\n\n\nTwo."


async def test_a_client_that_does_nothing_while_it_waits(provider: Provider, begin: Begin, workspace: Path) -> None:
    """eglot tells of an edit only once the command that asked for it is answered."""
    provider.script("alpha", proposing(GET))
    editor = await begin(settings=architects(provider, "alpha"), client_name="Eglot")
    api = workspace / "api.py"
    editor.open(api)
    assert await editor.run("discuss", {"message": "Errors?"}) is None
    round = (await editor.event("roundFinished"))["round"]
    change = {"change": round["turns"][0]["change"]["id"]}
    editor.on_apply = "late"
    assert await editor.run("apply", change) is None
    editor.chosen.set()
    await editor.until(lambda: any(one.get("change", {}).get("status") == "applied" for one in editor.events))
    assert "except KeyError" in editor.text(api)
    editor.type(api, (5, 0), (5, 0), "    # mine\n")
    assert await editor.run("undo", change) is None
    await editor.ask("list-discussions")
    assert any("was edited since" in one.message for one in editor.messages)
