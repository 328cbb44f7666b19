"""Whole files: created, renamed and deleted by an edit, taken back, and brought back from checkpoints.

The changes are laid into the store as an earlier run would have left them, so that what is tried is only what writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk
from moa_lsp.store.store import open_store
from tests.scenarios.conftest import API, Begin, refusal
from tests.scenarios.editor import Editor, OnApply, capabilities

REFUSED = -32803
OLD = "one = 1\ntwo = 2\nthree = 3\n"
NEW = "one = 1\ntwo = 22\nthree = 3\n"
GONE = "nobody = 'needs this'\n"
PUT = "    store[key] = value\n"

Json = dict[str, Any]
Keep = Callable[..., str]


@pytest.fixture
def keep(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Lays a pending change into the store and returns its id. To be called while no server runs."""
    data = tmp_path / "data"
    monkeypatch.setenv("MOA_DATA_DIR", str(data))
    (workspace / "old.py").write_text(OLD)
    (workspace / "gone.py").write_text(GONE)
    count = 0

    def kept(*files: FileChange, title: str = "As said") -> str:
        nonlocal count
        count += 1
        store = open_store(data).store
        if store.current(str(workspace)) is None:
            store.create_discussion(str(workspace), "d", "A talk", 1.0)
            store.set_current(str(workspace), "d")
        paths = [file.path for file in files]
        base = {path: _text(workspace / path) for path in paths}
        change = Change(f"c{count}", "d", "alpha", title, tuple(_named(file, f"c{count}") for file in files), base=base)
        store.save_change(change, str(workspace))
        store.close()
        return change.id

    return kept


def _text(path: Path) -> str | None:
    return path.read_bytes().decode(errors="replace").removeprefix("\ufeff") if path.exists() else None


def _named(file: FileChange, change: str) -> FileChange:
    hunks = tuple(
        Hunk(f"{change}-{file.path}-{at}", one.start, one.end, one.old, one.new, ("alpha",))
        for at, one in enumerate(file.hunks)
    )
    return FileChange(file.path, file.kind, file.new_path, hunks)


def edited(path: str, text: str, *replaced: tuple[str, str], to: str | None = None) -> FileChange:
    """Lines of a text replaced by others, and with `to` the file renamed."""
    lines = split_lines(text)
    hunks: list[Hunk] = [Hunk("", 0, 0, "", "")] if to else []
    for old, new in replaced:
        at = lines.index(old)
        hunks.append(Hunk("", at, at + 1, old, new))
    return FileChange(path, FileKind.RENAME if to else FileKind.EDIT, to, tuple(hunks))


def created(path: str, text: str) -> FileChange:
    return FileChange(path, FileKind.CREATE, None, (Hunk("", 0, 0, "", text),))


def deleted(path: str, text: str) -> FileChange:
    return FileChange(path, FileKind.DELETE, None, (Hunk("", 0, len(split_lines(text)), text, ""),))


RENAMED = edited("old.py", OLD, ("two = 2\n", "two = 22\n"), to="sub/new.py")
DELETED = deleted("gone.py", GONE)
CREATED = created("made.py", "made = 1\n")
PUT_MORE = edited("api.py", API, (PUT, PUT + "    store.save()\n"))


def statuses(change: Json) -> list[list[str]]:
    return [[hunk["status"] for hunk in file["hunks"]] for file in change["files"]]


def files_of(workspace: Path) -> dict[str, str]:
    found = (path for path in workspace.rglob("*") if path.is_file())
    return {path.relative_to(workspace).as_posix(): path.read_text() for path in found}


def says(title: str) -> Callable[[str], str | None]:
    return lambda _message: title


BEFORE = {"api.py": API, "old.py": OLD, "gone.py": GONE}
AFTER = {"api.py": API.replace(PUT, PUT + "    store.save()\n"), "sub/new.py": NEW, "made.py": "made = 1\n"}


async def test_every_kind_in_one_edit_and_back_after_a_restart(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(PUT_MORE, RENAMED, DELETED, CREATED)
    editor = await begin()
    editor.open(workspace / "old.py")
    editor.on_question = says("Apply")
    applied = await editor.ask("apply", {"change": id})
    assert (applied["status"], applied["problems"]) == ("applied", [])
    assert files_of(workspace) == AFTER
    assert len(editor.applied) == 1
    (asked,) = editor.asked
    assert "gone.py would be deleted" in asked.message
    operations = editor.applied[0].edit.document_changes or []
    names = [type(one).__name__ for one in operations]
    assert names[0] == "CreateFile"
    assert names.index("RenameFile") == 1 + next(
        at
        for at, one in enumerate(operations)
        if isinstance(one, types.TextDocumentEdit) and one.text_document.uri.endswith("old.py")
    )
    (rename,) = [one for one in operations if isinstance(one, types.RenameFile)]
    assert rename.options == types.RenameFileOptions(overwrite=False, ignore_if_exists=False)
    notes = editor.applied[0].edit.change_annotations or {}
    labels = {note.label for note in notes.values()}
    assert {"alpha proposes to delete gone.py", "alpha proposes to rename old.py to sub/new.py"} < labels
    assert "alpha proposes to create made.py with 1 line" in labels
    whole = [one for one in operations if isinstance(one, types.RenameFile | types.DeleteFile)]
    assert {one.annotation_id for one in whole} == {f"{id}-old.py-0", f"{id}-gone.py-0"} < set(notes)
    (_, renamed, *_) = applied["files"]
    assert (renamed["newUri"], renamed["version"]) == ((workspace / "sub/new.py").as_uri(), 1)

    again = await begin()
    undone = await again.ask("undo", {"change": id})
    assert (undone["status"], undone["problems"]) == ("pending", [])
    assert files_of(workspace) == BEFORE
    assert again.asked == []
    again.on_question = says("Apply")
    assert (await again.ask("apply", {"change": id}))["status"] == "applied"
    assert files_of(workspace) == AFTER


async def test_a_renaming_and_what_else_is_in_it_by_themselves(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(edited("old.py", OLD, ("two = 2\n", "two = 22\n"), ("three = 3\n", ""), to="new.py"))
    editor = await begin()
    rename, two = (f"{id}-old.py-{at}" for at in range(2))
    first = await editor.ask("apply", {"change": id, "hunks": [two]})
    assert statuses(first) == [["pending", "applied", "pending"]]
    assert (workspace / "old.py").read_text() == NEW
    assert not any(isinstance(one, types.RenameFile) for one in editor.applied[0].edit.document_changes or [])
    named = await editor.ask("apply", {"change": id, "hunks": [rename]})
    assert statuses(named) == [["applied", "applied", "pending"]]
    assert [type(one) for one in editor.applied[1].edit.document_changes or []] == [types.RenameFile]
    assert (workspace / "new.py").read_text() == NEW
    assert not (workspace / "old.py").exists()
    assert named["files"][0]["hunks"][2]["range"]["start"]["line"] == 2
    (workspace / "new.py").write_text(f"# above\n{NEW}")
    last = await editor.ask("apply", {"change": id})
    assert statuses(last) == [["applied", "applied", "applied"]]
    assert (workspace / "new.py").read_text() == "# above\none = 1\ntwo = 22\n"
    (workspace / "old.py").write_text("in the way\n")
    assert "old.py" in await refusal(editor.ask("undo", {"change": id}), REFUSED)
    (workspace / "old.py").unlink()
    undone = await editor.ask("undo", {"change": id})
    assert statuses(undone) == [["pending", "pending", "pending"]]
    assert (workspace / "old.py").read_text() == f"# above\n{OLD}"
    assert not (workspace / "new.py").exists()


async def test_undo_says_where_somebody_edited_since(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(RENAMED, DELETED, CREATED)
    editor = await begin()
    editor.on_question = says("Apply")
    await editor.ask("apply", {"change": id})
    (workspace / "made.py").write_text("made = 1\nmine = 2\n")
    message = await refusal(editor.ask("undo", {"change": id}), REFUSED)
    assert "made.py" in message
    assert "line 2" in message
    (workspace / "made.py").write_text("made = 1\n")
    (workspace / "gone.py").write_text("mine\n")
    assert "gone.py" in await refusal(editor.ask("undo", {"change": id}), REFUSED)
    assert (workspace / "gone.py").read_text() == "mine\n"
    (workspace / "gone.py").unlink()
    (workspace / "sub/new.py").write_text(NEW.replace("22", "23"))
    message = await refusal(editor.ask("undo", {"change": id}), REFUSED)
    assert "sub/new.py" in message
    assert "line 2" in message
    assert len(editor.applied) == 1


async def test_what_stands_decides_what_is_said(keep: Keep, begin: Begin, workspace: Path) -> None:
    """A client that refuses, one that claims, and one that edits but doesn't rename."""
    id = keep(RENAMED, DELETED)
    editor = await begin()
    editor.on_question = says("Apply")
    answers: tuple[OnApply, ...] = ("refuse", "claim")
    told: Json = {}
    for answer in answers:
        editor.on_apply = answer
        told = await editor.ask("apply", {"change": id})
        assert statuses(told) == [["pending", "pending"], ["pending"]], answer
        assert [problem["file"] for problem in told["problems"]] == ["old.py", "gone.py"]
        assert files_of(workspace) == BEFORE
    assert "wasn't renamed" in told["problems"][0]["message"]
    assert "still there" in told["problems"][1]["message"]
    editor.on_apply = "unnamed"
    told = await editor.ask("apply", {"change": id})
    assert statuses(told) == [["pending", "applied"], ["applied"]]
    assert told["status"] == "partly-applied"
    (problem,) = told["problems"]
    assert "old.py wasn't renamed to sub/new.py; its text was edited" in problem["message"]
    assert (workspace / "old.py").read_text() == NEW
    editor.on_apply = "apply"
    assert statuses(await editor.ask("apply", {"change": id})) == [["applied", "applied"], ["applied"]]
    assert (workspace / "sub/new.py").read_text() == NEW


async def test_a_client_that_cannot_rename_or_delete_is_told_so(keep: Keep, begin: Begin) -> None:
    id = keep(RENAMED, DELETED, PUT_MORE)
    editor = await begin(client=capabilities(plain=True))
    for hunk, word in ((f"{id}-old.py-0", "rename"), (f"{id}-gone.py-0", "delete")):
        message = await refusal(editor.ask("apply", {"change": id, "hunks": [hunk]}), REFUSED)
        assert f"resourceOperations: {word}" in message
    assert editor.applied == []
    text_only = [f"{id}-old.py-1", f"{id}-api.py-0"]
    assert statuses(await editor.ask("apply", {"change": id, "hunks": text_only})) == [
        ["pending", "applied"],
        ["pending"],
        ["applied"],
    ]


async def test_each_delicate_file_is_asked_for(keep: Keep, begin: Begin) -> None:
    moved = edited("old.py", OLD, to=".envrc")
    id = keep(DELETED, moved, created(".vscode/tasks.json", "{}\n"), PUT_MORE)
    editor = await begin()

    def chosen(message: str) -> str:
        return "Apply" if "tasks.json" in message else "Leave it"

    editor.on_question = chosen
    told = await editor.ask("apply", {"change": id})
    assert statuses(told) == [["pending"], ["pending"], ["applied"], ["applied"]]
    assert [problem["file"] for problem in told["problems"]] == ["gone.py", "old.py"]
    assert all("Not applied" in problem["message"] for problem in told["problems"])
    assert [[action.title for action in asked.actions or ()] for asked in editor.asked] == [["Apply", "Leave it"]] * 3
    assert ".envrc" in editor.asked[1].message
    # What was applied already, and is named with it, makes it no yes.
    both = [f"{id}-gone.py-0", f"{id}-api.py-0"]
    assert "gone.py" in await refusal(editor.ask("apply", {"change": id, "hunks": both}), REFUSED)
    # Named alone, each is a yes.
    alone = await editor.ask("apply", {"change": id, "hunks": [f"{id}-gone.py-0"]})
    assert statuses(alone)[0] == ["applied"]
    assert len(editor.asked) == 4


async def test_a_double_click_asks_once(keep: Keep, begin: Begin) -> None:
    id = keep(DELETED, PUT_MORE)
    editor = await begin()
    editor.on_question = says("Apply")
    both = await asyncio.gather(*(editor.ask("apply", {"change": id}) for _ in range(2)))
    assert [change["status"] for change in both] == ["applied", "applied"]
    assert len(editor.asked) == len(editor.applied) == 1


# --- checkpoints


async def checkpoints(editor: Editor) -> list[Json]:
    return await editor.ask("checkpoints")


def shown(workspace: Path, found: Json) -> dict[str, bool]:
    root = f"{workspace.as_uri()}/"
    return {file["uri"].removeprefix(root): file["exists"] for file in found["files"]}


async def test_back_over_two_applies_and_a_restart(keep: Keep, begin: Begin, workspace: Path) -> None:
    one = keep(RENAMED, CREATED, title="First")
    two = keep(PUT_MORE, DELETED, title="Second")
    editor = await begin()
    editor.on_question = says("Apply")
    await editor.ask("apply", {"change": one})
    await editor.ask("apply", {"change": two})
    second, first = await checkpoints(editor)
    assert (first["title"], first["change"], first["discussion"]) == ("First", one, "d")
    assert (second["title"], second["change"]) == ("Second", two)
    assert shown(workspace, first) == {"old.py": True, "sub/new.py": False, "made.py": False}
    assert shown(workspace, second) == {"api.py": True, "gone.py": True}
    assert first["created"] < second["created"]

    again = await begin()
    assert await checkpoints(again) == [second, first]
    assert await again.ask("checkpoints", {"discussion": "d"}) == [second, first]
    assert "nope" in await refusal(again.ask("checkpoints", {"discussion": "nope"}), -32602)
    assert "nope" in await refusal(again.ask("restore", {"checkpoint": "nope"}), -32602)
    again.open(workspace / "sub/new.py")
    restored = await again.ask("restore", {"checkpoint": first["id"]})
    assert restored["problems"] == []
    assert files_of(workspace) == BEFORE
    assert len(again.applied) == 1
    assert again.asked == []
    assert any(isinstance(op, types.RenameFile) for op in again.applied[0].edit.document_changes or [])
    # What was applied is pending again.
    for id, count in ((one, [2, 1]), (two, [1, 1])):
        updated = [event["change"] for event in again.events if event["kind"] == "changeUpdated"]
        last = next(change for change in reversed(updated) if change["id"] == id)
        assert statuses(last) == [["pending"] * number for number in count]
    # A restore can itself be taken back, and so can that.
    back = await again.ask("restore", {"checkpoint": restored["checkpoint"]["id"]})
    assert files_of(workspace) == AFTER
    assert len(await checkpoints(again)) == 4
    once_more = await again.ask("restore", {"checkpoint": back["checkpoint"]["id"]})
    assert files_of(workspace) == BEFORE
    assert await again.ask("restore", {"checkpoint": back["checkpoint"]["id"]}) == {
        "checkpoint": None,
        "files": [],
        "problems": [],
    }
    assert once_more["checkpoint"] is not None
    again.on_question = says("Apply")
    assert (await again.ask("apply", {"change": two}))["status"] == "applied"


async def test_only_some_files(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(PUT_MORE, DELETED)
    editor = await begin()
    editor.on_question = says("Apply")
    await editor.ask("apply", {"change": id})
    (kept,) = await checkpoints(editor)
    gone = (workspace / "gone.py").as_uri()
    restored = await editor.ask("restore", {"checkpoint": kept["id"], "files": [gone]})
    assert restored["files"] == [gone]
    assert (workspace / "gone.py").read_text() == GONE
    assert (workspace / "api.py").read_text() == AFTER["api.py"]
    mistyped = (workspace / "gnoe.py").as_uri()
    asked = editor.ask("restore", {"checkpoint": kept["id"], "files": [mistyped]})
    assert "gnoe.py" in await refusal(asked, -32602)


async def test_what_was_edited_since_is_asked_about_and_kept(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(PUT_MORE)
    editor = await begin()
    api = workspace / "api.py"
    editor.open(api)
    await editor.ask("apply", {"change": id})
    (kept,) = await checkpoints(editor)
    mine = editor.text(api).replace('"""The API."""', '"""Mine."""')
    editor.type(api, (0, 0), (0, 14), '"""Mine."""')
    message = await refusal(editor.ask("restore", {"checkpoint": kept["id"]}), REFUSED)
    assert "api.py (line 1)" in message
    assert editor.text(api) == mine
    (asked,) = editor.asked
    assert "api.py (line 1)" in asked.message
    assert [action.title for action in asked.actions or ()] == ["Restore", "Keep"]
    editor.on_question = says("Restore")
    restored = await editor.ask("restore", {"checkpoint": kept["id"]})
    assert editor.text(api) == API
    await editor.ask("restore", {"checkpoint": restored["checkpoint"]["id"]})
    assert editor.text(api) == mine
    # An edit between two applies counts as well.
    await editor.ask("restore", {"checkpoint": kept["id"]})
    count = len(editor.asked)
    assert count == 3


async def test_a_restore_that_is_refused_changes_nothing(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(PUT_MORE, CREATED)
    editor = await begin()
    await editor.ask("apply", {"change": id})
    (kept,) = await checkpoints(editor)
    editor.on_apply = "refuse"
    restored = await editor.ask("restore", {"checkpoint": kept["id"]})
    assert restored["files"] == []
    assert {problem["file"] for problem in restored["problems"]} == {"api.py", "made.py"}
    assert (workspace / "made.py").exists()
    assert not [e for e in editor.events if e["kind"] == "changeUpdated" and e["change"]["status"] == "pending"]


async def test_the_way_a_file_was_written_comes_back(keep: Keep, begin: Begin, workspace: Path) -> None:
    (workspace / "mark.py").write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    latin = "# coding: latin-1\nname = 'é'\n"
    (workspace / "latin.py").write_bytes(latin.encode("latin-1"))
    edit = edited("latin.py", latin, ("name = 'é'\n", "name = 'è'\n"))
    one = keep(deleted("mark.py", "a = 1\r\n"))
    two = keep(deleted("latin.py", latin))
    three = keep(edit)
    editor = await begin()
    editor.on_question = says("Apply")
    await editor.ask("apply", {"change": one})
    assert not (workspace / "mark.py").exists()
    undone = await editor.ask("undo", {"change": one})
    assert undone["problems"] == []
    assert (workspace / "mark.py").read_bytes() == b"\xef\xbb\xbfa = 1\r\n"
    # An editor would take the Latin-1 file for UTF-8, unless somebody opened it there as what it is.
    message = await refusal(editor.ask("apply", {"change": three}), REFUSED)
    assert "iso8859-1" in message
    assert "open it in the editor" in message
    editor.open(workspace / "latin.py", latin)
    assert (await editor.ask("apply", {"change": three}))["status"] == "applied"
    await editor.ask("undo", {"change": three})
    editor.close(workspace / "latin.py")
    await editor.ask("apply", {"change": two})
    message = await refusal(editor.ask("undo", {"change": two}), REFUSED)
    assert "latin.py" in message
    assert "UTF-8" in message


async def test_lenses_follow_typing(keep: Keep, begin: Begin, workspace: Path) -> None:
    id = keep(edited("api.py", API, (PUT, "    store.put(key, value)\n"), ("    del store[key]\n", "")))
    editor = await begin()
    api = workspace / "api.py"
    editor.open(api)

    async def lenses() -> Sequence[types.CodeLens]:
        params = types.CodeLensParams(types.TextDocumentIdentifier(api.as_uri()))
        return await editor.text_document_code_lens_async(params) or []

    async def lines() -> list[tuple[int, str]]:
        return [(lens.range.start.line, lens.command.title) for lens in await lenses() if lens.command]

    first, second = [(8, "Apply (alpha)"), (8, "Reject")], [(13, "Apply (alpha)"), (13, "Reject")]
    assert await lines() == [*first, (8, "Apply all 2"), *second]
    await editor.until(lambda: editor.refreshed == 1)
    editor.type(api, (10, 0), (10, 0), "# typed\n")
    assert await lines() == [*first, (8, "Apply all 2"), (14, "Apply (alpha)"), (14, "Reject")]
    await editor.until(lambda: editor.refreshed == 2)
    command = (await lenses())[0].command
    assert command
    await editor.workspace_execute_command_async(types.ExecuteCommandParams(command.command, command.arguments))
    assert "    store.put(key, value)\n" in editor.text(api)
    assert await lines() == [(14, "Apply (alpha)"), (14, "Reject")]
    # In the second lens's lines somebody types: nothing is left to apply there.
    editor.type(api, (14, 4), (14, 7), "pop")
    assert await lines() == []
    assert id
