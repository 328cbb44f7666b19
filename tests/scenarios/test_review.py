"""Proposals in the editor by plain LSP alone: diagnostics that follow the text, code actions that do the whole job."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, Begin, architects, edit, proposing, refusal
from tests.scenarios.editor import Editor, capabilities

REFUSED = -32803
LONGER = "    try:\n        return store[key]\n    except KeyError:\n        return None\n"
GET = edit("api.py", "    return store[key]\n", LONGER)
DELETE = edit("api.py", "    del store[key]\n", "    store.pop(key, None)\n")
INSERT = edit("api.py", '"""The API."""\n', '"""The API."""\n\nimport errors\n')
REMOVE = edit("api.py", '    """All keys that the store holds at the moment, in order."""\n', "")


def spans(editor: Editor, path: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The ranges of the diagnostics on a file, from the top."""
    found = [one.range for one in editor.shown(path)]
    ends = [((r.start.line, r.start.character), (r.end.line, r.end.character)) for r in found]
    return sorted(ends)


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [action.title for action in actions]


def kinds(actions: list[types.CodeAction]) -> set[str]:
    return {str(getattr(action.kind, "value", action.kind)) for action in actions}


def commanded(action: types.CodeAction) -> tuple[str, dict[str, Any]]:
    """The command of a code action, and its one argument."""
    assert action.command
    (argument,) = cast("list[dict[str, Any]]", action.command.arguments)
    return action.command.command, argument


async def until_spans(editor: Editor, path: Path, *wanted: tuple[tuple[int, int], tuple[int, int]]) -> None:
    try:
        await editor.until(lambda: spans(editor, path) == sorted(wanted), 5.0)
    except TimeoutError:
        assert spans(editor, path) == sorted(wanted)


async def test_diagnostics_of_turns_and_of_code(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(f"{GET}\n{INSERT}"), proposing("Fine."))
    provider.script("bravo", proposing(GET), proposing("Fine."))
    provider.script("editor", Reply(f"{DELETE}\n{REMOVE}", usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    path = workspace / "api.py"
    editor.open(path)
    round = await editor.ask("discuss", {"message": "Errors?"})
    alpha, bravo = (turn["change"] for turn in round["turns"])
    top, get = ((0, 0), (0, 14)), ((4, 0), (4, 21))
    # GET keeps the line that returns: it becomes an indented one, so a line is replaced. Both propose it: it's one.
    await until_spans(editor, path, top, get)
    await editor.until(
        lambda: (
            {one.message.split(" to ")[0] for one in editor.shown(path)}
            == {"alpha proposes", "≡ alpha and bravo propose"}
        )
    )
    for shown in editor.shown(path):
        assert shown.source == "moa"
        assert shown.severity is types.DiagnosticSeverity.Information
        assert str(shown.code) == alpha["id"]
    inserted = next(one for one in editor.shown(path) if one.range.start.line == 0)
    assert "insert" in inserted.message

    change = await editor.ask("code", {})
    lines = API.split("\n")
    assert lines[13] == "    del store[key]"
    deleted = ((13, 0), (13, len(lines[13])))
    assert lines[17].startswith('    """All keys')
    removed = len(lines[17])
    await until_spans(editor, path, top, get, deleted, ((17, 0), (17, removed)))
    by_code = [one for one in editor.shown(path) if one.code == change["id"]]
    assert len(by_code) == 2
    assert all(one.message.startswith("editor proposes to ") for one in by_code)

    hunk = change["files"][0]["hunks"][0]["id"]
    rejected = await editor.ask("reject", {"change": change["id"], "hunks": [hunk], "reason": "It hides mistakes."})
    assert rejected["status"] == "pending"
    assert rejected["reasons"] == ["It hides mistakes."]
    await until_spans(editor, path, top, get, ((17, 0), (17, removed)))
    message = await refusal(editor.ask("apply", {"change": change["id"], "hunks": [hunk]}), REFUSED)
    assert "rejected" in message
    await editor.ask("reject", {"change": alpha["id"]})
    await until_spans(editor, path, get, ((17, 0), (17, removed)))
    assert next(one.message for one in editor.shown(path) if str(one.code) == bravo["id"]).startswith("bravo proposes")
    assert "rejected" in await refusal(editor.ask("apply", {"change": alpha["id"]}), REFUSED)
    assert not editor.applied

    await editor.ask("apply", {"change": bravo["id"]})
    await until_spans(editor, path, ((20, 0), (20, removed)))
    editor.type(path, (20, 6), (20, 9), "Every")
    await until_spans(editor, path)
    await editor.until(lambda: editor.events[-1].get("change", {}).get("id") == change["id"])
    assert editor.events[-1]["kind"] == "changeUpdated"
    assert "stale" in await refusal(editor.ask("apply", {"change": change["id"]}), REFUSED)
    shown = editor.text(path).split("\n")[20]
    assert shown != lines[17]
    editor.type(path, (20, 0), (20, len(shown)), lines[17])
    await until_spans(editor, path, ((20, 0), (20, removed)))


ODD = (
    "first = '😀é'\r\n"
    "second = 'e\u0301 and 😀' # 𝒳\r\n"
    "third = 'form\ffeed' + '\u2028' + '\u0085'\r\n"
    "fourth = '😀' * 4\r\n"
    "fifth = 5"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_places_are_exact_and_move_in_every_encoding(
    provider: Provider, begin: Begin, workspace: Path, encoding: str
) -> None:
    def width(text: str) -> int:
        sizes = {"utf-8": 1, "utf-16-le": 2, "utf-32-le": 4}
        codec = encoding if encoding == "utf-8" else f"{encoding}-le"
        return len(text.encode(codec)) // sizes[codec]

    old, new = "fourth = '😀' * 4", "fourth = '𝒳e\u0301' * 5"
    second = "second = 'e\u0301 and 😀' # 𝒳"
    edits = [edit("odd.py", f"{old}\n", f"{new}\n"), edit("odd.py", "fifth = 5\n", "fifth = '😀'\n")]
    edits.append(edit("odd.py", f"{second}\n", f"{second}\nmore = '\u2028'\n"))
    provider.script("alpha", proposing("\n".join(edits)))
    path = workspace / "odd.py"
    path.write_bytes(ODD.encode())
    editor = await begin(settings=architects(provider, "alpha"), client=capabilities(encodings=[encoding]))
    assert editor.encoding == encoding
    editor.open(path)
    round = await editor.ask("discuss", {"message": "Odd?"})
    change = round["turns"][0]["change"]
    assert change["problems"] == []
    (insert, fourth) = (((1, 0), (1, width(second))), ((3, 0), (4, width("fifth = 5"))))
    await until_spans(editor, path, insert, fourth)

    # Two lines more at the top, by one edit whose end is behind an astral and a combining character.
    place = (0, width("first = '😀e"[:-1]))
    editor.type(path, place, place, "'\n\fx = '\r\ny = '")
    moved = tuple(((a[0] + 2, a[1]), (b[0] + 2, b[1])) for a, b in (insert, fourth))
    await until_spans(editor, path, *moved)
    # In the line above, behind a form feed and U+2028, which end no line.
    third = "third = 'form\ffeed' + '\u2028' + '\u0085'"
    editor.type(path, (4, width(third)), (4, width(third)), "  # 😀\u2028\x0b")
    editor.type(path, (2, 0), (3, 0), "")
    await until_spans(editor, path, *(((a[0] - 1, a[1]), (b[0] - 1, b[1])) for a, b in moved))

    before = editor.text(path)
    applied = await editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied", applied["problems"]
    wanted = before.replace(f"{second}\r\n", f"{second}\r\nmore = '\u2028'\r\n").replace(old, new)
    assert editor.text(path) == wanted.replace("fifth = 5", "fifth = '😀'")
    await until_spans(editor, path)


async def test_the_whole_job_by_code_actions_alone(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(f"{GET}\n{DELETE}"))
    provider.script("editor", Reply(INSERT, usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha"), events=False)
    path = workspace / "api.py"
    uri = editor.open(path)
    before = await editor.actions(path, 3, 5)
    assert kinds(before) == {"refactor.rewrite"}
    assert [commanded(action)[0] for action in before] == ["moa.discuss"], "no discussion stands that could be coded"
    assert commanded(before[0])[1]["selection"]["uri"] == uri

    round = await editor.choose(before[0])
    change = round["turns"][0]["change"]
    hunks = [hunk["id"] for hunk in change["files"][0]["hunks"]]
    assert len(hunks) == 2
    sent = provider.requests[0].messages[-1]["content"]
    assert "return store[key]" in sent
    assert "lines" in sent.lower()
    await until_spans(editor, path, ((4, 0), (4, 21)), ((13, 0), (13, 18)))

    here = await editor.actions(path, 4)
    assert kinds(here) == {"quickfix", "refactor.rewrite"}
    commands = [commanded(action) for action in here]
    assert ("moa.apply", {"change": change["id"], "hunks": [hunks[0]]}) in commands
    assert ("moa.reject", {"change": change["id"], "hunks": [hunks[0]]}) in commands
    assert ("moa.apply", {"change": change["id"]}) in commands
    assert [name for name, _ in commands if name in ("moa.discuss", "moa.code")] == ["moa.discuss", "moa.code"]
    for action in here:
        on_hunk = commanded(action)[0] in ("moa.apply", "moa.reject")
        assert action.kind == (types.CodeActionKind.QuickFix if on_hunk else types.CodeActionKind.RefactorRewrite)
        if on_hunk:
            assert [one.code for one in action.diagnostics or []] == [change["id"]]
    elsewhere = await editor.actions(path, 8)
    assert [commanded(action)[0] for action in elsewhere] == ["moa.discuss", "moa.code"]
    both = await editor.actions(path, 4, 13)
    assert len([one for one in both if "hunks" in commanded(one)[1]]) == 4

    for only, wanted in (
        (["quickfix"], {"quickfix"}),
        (["refactor"], {"refactor.rewrite"}),
        (["refactor.rewrite"], {"refactor.rewrite"}),
        (["refactor.rewrite.x"], set[str]()),
        (["source", "refactor.extract"], set[str]()),
        (["quick"], set[str]()),
        ([""], {"quickfix", "refactor.rewrite"}),
        (["source", "quickfix"], {"quickfix"}),
    ):
        assert kinds(await editor.actions(path, 4, only=only)) == wanted, only

    apply_first = next(one for one in here if "hunks" in commanded(one)[1] and commanded(one)[0] == "moa.apply")
    reject_first = next(one for one in here if commanded(one)[0] == "moa.reject")
    whole = next(one for one in here if commanded(one) == ("moa.apply", {"change": change["id"]}))
    editor.type(path, (4, 4), (4, 10), "yield")
    await until_spans(editor, path, ((13, 0), (13, 18)))
    for action in (apply_first, reject_first):
        resolved = await editor.code_action_resolve_async(action)
        assert resolved.disabled
        assert resolved.disabled.reason
    assert (await editor.code_action_resolve_async(whole)).disabled is None
    editor.type(path, (4, 4), (4, 9), "return")
    await until_spans(editor, path, ((4, 0), (4, 21)), ((13, 0), (13, 18)))

    (first,) = [one for one in await editor.actions(path, 4) if "hunks" in commanded(one)[1] and "Apply" in one.title]
    applied = await editor.choose(first)
    assert applied["status"] == "partly-applied"
    assert editor.text(path) == API.replace("    return store[key]\n", LONGER)
    code = next(one for one in await editor.actions(path, 16) if commanded(one)[0] == "moa.code")
    coded = await editor.choose(code)
    assert coded["status"] == "pending"
    await until_spans(editor, path, ((0, 0), (0, 14)), ((16, 0), (16, 18)))
    (apply,) = [
        one for one in await editor.actions(path, 0) if commanded(one) == ("moa.apply", {"change": coded["id"]})
    ]
    assert (await editor.choose(apply))["status"] == "applied"
    assert editor.text(path).startswith('"""The API."""\n\nimport errors\n\n\ndef get')
    (reject,) = [one for one in await editor.actions(path, 18) if commanded(one)[0] == "moa.reject"]
    assert (await editor.choose(reject))["files"][0]["hunks"][1]["status"] == "rejected"
    await until_spans(editor, path)
    resolved = await editor.code_action_resolve_async(whole)
    assert resolved.disabled
    assert not editor.events


async def test_a_client_without_code_action_literals_gets_commands(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    provider.script("alpha", proposing(DELETE))
    editor = await begin(settings=architects(provider, "alpha"), client=capabilities(plain=True))
    path = workspace / "api.py"
    editor.open(path)
    diagnosed = types.Diagnostic(
        types.Range(types.Position(13, 4), types.Position(13, 7)), message="del is not covered", source="linter"
    )
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(path.as_uri()), diagnosed.range, types.CodeActionContext([diagnosed])
    )
    (discuss,) = cast("list[types.Command]", await editor.text_document_code_action_async(params))
    assert isinstance(discuss, types.Command)
    assert discuss.arguments
    assert "del is not covered" in str(discuss.arguments[0])
    await editor.workspace_execute_command_async(types.ExecuteCommandParams(discuss.command, discuss.arguments))
    await until_spans(editor, path, ((13, 0), (13, 18)))
    offered = cast("list[types.Command]", await editor.text_document_code_action_async(params))
    assert all(isinstance(one, types.Command) for one in offered)
    assert [one.command for one in offered] == ["moa.apply", "moa.reject", "moa.apply", "moa.discuss", "moa.code"]
    applied = await editor.workspace_execute_command_async(
        types.ExecuteCommandParams(offered[0].command, offered[0].arguments)
    )
    assert cast("dict[str, Any]", applied)["status"] == "applied"
    assert editor.text(path) == API.replace("del store[key]", "store.pop(key, None)")


async def test_outside_of_the_workspace_nothing_is_offered(begin: Begin, workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("a = 1\n")
    editor = await begin(settings={})
    editor.open(other)
    assert not await editor.actions(other, 0)
    assert await editor.actions(workspace / "never-opened.py", 0)
