"""Notebooks on the wire: the prompt under the cursor sent, its answer written below it, its words completed.

This is the road of a client that knows nothing of us: a `*.moa` document, one command, and edits of the document. What
a prompt means is `discussion/prompt.py`'s, what is written `session/notebook.py`'s, and how it gets into the document
`notebook_page.py`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from lsprotocol import types

from moa_lsp.discussion.prompt import Choose, Code, Discuss, Drop, Prompt, Wrong, mentions, read_prompt, readings
from moa_lsp.lsp.actions import WRITE_HERE
from moa_lsp.lsp.apply import Send
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.discussion_commands import exported
from moa_lsp.lsp.documents import Document, path_of
from moa_lsp.lsp.long_runs import Asked, LongRuns
from moa_lsp.lsp.notebook_page import Page
from moa_lsp.lsp.traits import Traits
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session import events, notebook
from moa_lsp.session.configuration import folder_key
from moa_lsp.session.notebook import Paragraph
from moa_lsp.session.notebook_place import Place
from moa_lsp.session.session import Held, NotPossible, Session, Stopped, Unknown

Arguments = Mapping[str, Any]
_OTHERS = ("drop", "restore", "retry")
"""What can be asked for about an architect, instead of sending a prompt."""

Complete = Callable[[Arguments], Awaitable[list[dict[str, str]]]]


@frozen
class Notebooks:
    """One connection's notebooks. `tell` shows the user a message."""

    session: Session
    buffers: Buffers
    wire: Wire
    long: LongRuns
    traits: Traits
    send_edit: Send
    tell: Callable[[str], None]

    # --- sending

    async def send(self, asked: Asked, given: Arguments) -> Any:
        """Sends the prompt at a position, or does what else is asked there, and writes what comes of it below."""
        document, prompt = self.check(given)
        block = prompt or notebook.block_at(document.lines, given["position"]["line"])
        page = self._page(document, block, prompt)
        try:
            if prompt is None:
                (other,) = (name for name in _OTHERS if name in given)
                return await self._other(asked, page, other, given[other])
            return await self._prompt(asked, page, document, read_prompt(prompt.text))
        except Stopped:
            if not page.begun:
                page.say(notebook.sentence("Cancelled before anybody was asked."))
            raise
        except (NotPossible, Unknown) as error:
            if str(error) != page.told:
                page.say(notebook.sentence(str(error)))
            raise
        finally:
            await self._finish(page)

    def check(self, given: Arguments) -> tuple[Document, Paragraph | None]:
        """The notebook that is meant, and the prompt where one is to be sent. Raises `Unknown` where that can't be."""
        document = self._notebook(given["document"])
        others = [name for name in _OTHERS if name in given]
        if len(others) > 1:
            raise Unknown(f"Only one of {', '.join(others)} can be asked for at a time.")
        if others:
            return document, None
        prompt = notebook.prompt_at(document.lines, given["position"]["line"])
        if prompt is None:
            raise Unknown("There is no prompt at this line: put the cursor on a paragraph that you typed.")
        return document, prompt

    async def _prompt(self, asked: Asked, page: Page, document: Document, prompt: Prompt) -> Any:
        asked.run.heard = lambda event: self._heard(page, event)
        match prompt:
            case Wrong(words):
                raise Unknown(words)
            case Drop(name):
                return await self._other(asked, page, "drop", name)
            case Code(message):
                change = await self.long.code(asked, message or None, None, self._mentioned(message))
                return {"kind": "code", "change": self.wire.change_object(change)}
            case Choose(preset):
                asked.progress.begin("Preset", preset)
                discussion = await self.session.presets.select(preset, None)
                page.say(notebook.chosen(*self.session.presets.arrangement(discussion)))
                asked.progress.end("Done")
                return {"kind": "preset", "discussion": self.wire.discussion(discussion)}
            case Discuss(message, preset):
                folder = self._folder_of(document)
                held = await self.long.discuss(asked, message, None, self._mentioned(message), None, folder, preset)
                page.say(notebook.left_out(held.left_out))
                return {"kind": "discuss", "round": self._round(held)}

    async def _other(self, asked: Asked, page: Page, what: str, name: str) -> Any:
        """What an action on an architect's heading, or a `/drop`, does."""
        if what == "retry":
            asked.run.heard = lambda event: self._heard(page, event)
            held = await self.long.retry(asked, name, None)
            return {"kind": what, "round": self._round(held)}
        asked.progress.begin("Architects", name)
        discussion = await self.session.set_dropped(name, what == "drop", None)
        architect = discussion.architect(name)
        name = architect.name if architect else name
        page.say(notebook.dropped(name) if what == "drop" else notebook.restored(name))
        asked.progress.end("Done")
        return {"kind": what, "discussion": self.wire.discussion(discussion)}

    def _round(self, held: Held) -> Any:
        return self.wire.round(held.discussion, held.round, held.left_out)

    def _heard(self, page: Page, event: events.Event) -> None:
        match event:
            case events.TurnStarted(architect=architect):
                page.asked.append(architect)
                page.wait(notebook.being_asked(page.asked))
            case events.CodeStarted():
                page.wait(notebook.being_asked(()))
            case events.RoundNoted(text=text):
                page.say(notebook.sentence(text))
            case events.TurnFinished(turn=turn):
                change = self.session.changes.get(turn.change) if turn.change else None
                page.asked.remove(turn.architect)
                page.say(notebook.turn_lines(turn, change))
                if page.asked:
                    page.wait(notebook.being_asked(page.asked))
            case events.CodeFinished(coding=coding):
                change = self.session.changes.get(coding.change) if coding.change else None
                page.say(notebook.coding_lines(coding, change))
                page.told = coding.error.message if coding.error else ""
            case events.RoundFinished(discussion=id, round=round):
                page.say(notebook.totals(round, self.session.discussion(id).usage))
            case _:
                pass

    # --- the discussion, written whole

    async def write(self, given: Arguments) -> Any:
        """Writes a discussion whole, below what stands at a position."""
        discussion = self.session.discussion(given.get("discussion"))
        document = self._notebook(given["document"])
        page = self._page(document, notebook.block_at(document.lines, given["position"]["line"]), None)
        page.say(exported(self.session, discussion).removesuffix("\n").split("\n"))
        return {"written": await self._finish(page)}

    # --- where

    def _notebook(self, uri: str) -> Document:
        document = self.buffers.documents.get(uri)
        if document is None:
            raise Unknown(f"{uri} is not open in this editor.")
        if not self.buffers.is_notebook(uri):
            raise Unknown(f"{uri} is no notebook: its name has to end in .moa, or its language to be moa.")
        return document

    def _page(self, document: Document, block: Paragraph, prompt: Paragraph | None) -> Page:
        place = Place.under((block.first, block.last))
        page = Page(document.uri, place, prompt.text if prompt else "", self.buffers, self.traits, self.send_edit)
        self.buffers.follow(document.uri, place)
        if not self.traits.apply_edit:
            self.tell(
                "This editor can't apply edits (workspace/applyEdit), so nothing can be written into "
                f"{_name(page.uri)}. The discussion is kept: `moa-lsp show` in a terminal shows it."
            )
        return page

    async def _finish(self, page: Page) -> bool:
        """Writes what is left, and says what couldn't be written. Whether all was."""
        try:
            refusal = await page.finish()
        finally:
            self.buffers.leave(page.uri, page.place)
        if refusal is None:
            return True
        if self.traits.apply_edit:
            kept = f"The discussion is kept: the code action “{WRITE_HERE}”, in any notebook, writes it."
            self.tell(f"Not all could be written into {_name(page.uri)}: {refusal}. {kept}")
        return False

    def _mentioned(self, text: str) -> list[str] | None:
        """The files that a prompt names, where there are such; without any the open ones are shown."""
        found = [next(filter(self._is_file, readings(one)), None) for one in mentions(text)]
        return list(dict.fromkeys(one for one in found if one)) or None

    def _is_file(self, name: str) -> bool:
        found = self.buffers.folders.resolve(name)
        return isinstance(found, Path) and (found.is_file() or self.buffers.is_open(name))

    def _folder_of(self, document: Document) -> str | None:
        """The workspace folder that the notebook lies in, whose settings hold for a discussion that it begins."""
        path = path_of(document.uri)
        place = self.buffers.folders.relative(path) if path else None
        return folder_key(place[0]) if place else None

    # --- completion

    async def complete(self, params: types.CompletionParams, complete: Complete) -> types.CompletionList | None:
        """What the word before the cursor can become, by what `moa.complete` offers for its paragraph; `None` outside
        of prompts."""
        document = self.buffers.documents.get(params.text_document.uri)
        if document is None or document.doubted or not self.buffers.is_notebook(document.uri):
            return None
        codec = self.buffers.documents.codec
        line, column = codec.place(document.lines, params.position)
        prompt = notebook.prompt_at(document.lines, line)
        if prompt is None or not prompt.first <= line < prompt.last:
            return None
        before = "\n".join([*prompt.text.split("\n")[: line - prompt.first], document.lines[line][:column]])
        found = await complete({"text": before, "position": self._units(before)})
        begins = column - len(before.rsplit(None, 1)[-1] if before and not before[-1].isspace() else "")
        span = codec.range(document.lines, (line, begins), (line, column))
        return types.CompletionList(is_incomplete=True, items=[_item(one, span) for one in found])

    def _units(self, text: str) -> dict[str, int]:
        lines = text.split("\n")
        last = lines[-1]
        return {"line": len(lines) - 1, "character": self.buffers.documents.codec.units(last, len(last))}


def _name(uri: str) -> str:
    """What a document is called, for people."""
    return Path(path_of(uri) or uri).name


def _item(one: Mapping[str, str], span: types.Range) -> types.CompletionItem:
    label, text = one["label"], one["insertText"]
    kind = types.CompletionItemKind.File if label.startswith("@") else types.CompletionItemKind.Keyword
    return types.CompletionItem(
        label=label, kind=kind, detail=one["detail"], filter_text=label, text_edit=types.TextEdit(span, text)
    )
