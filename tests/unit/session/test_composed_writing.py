"""A change put together of several's hunks, written and taken back: hunks of it may stand right beside each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.differing.compose import Composed, compose
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.following.follow_file import file_proposed
from moa_lsp.edits.values import FileChange, FileKind
from tests.unit.edits.differing.proposals import ANY_HUNKS, FILES, TEXT, inserted, replaced
from tests.unit.session.room import DISCUSSION, Room, begun


def taken_in(room: Room, parts: Sequence[Proposed]) -> Change:
    """The change that is put together of these, in a workspace that holds `FILES` and nothing else."""
    rmtree(room.root)
    room.root.mkdir()
    for path, text in FILES.items():
        (room.root / path).parent.mkdir(exist_ok=True)
        (room.root / path).write_text(text)
    made = compose(parts)
    assert isinstance(made, Composed)
    files = tuple(file_proposed(file, FILES.get(file.path)) for file in made.files)
    change = Change(uuid4().hex, DISCUSSION, "moa", "moa", files, base={one.path: FILES.get(one.path) for one in files})
    return room.changes.put(change)


def written(root: Path) -> dict[str, str]:
    return {one.relative_to(root).as_posix(): one.read_text() for one in root.rglob("*") if one.is_file()}


def wanted(files: Sequence[FileChange], ids: Collection[str]) -> dict[str, str]:
    """The workspace with these hunks written."""
    texts = dict(FILES)
    for file in files:
        hunks = [hunk for hunk in file.hunks if hunk.id in ids]
        if hunks and file.kind is FileKind.DELETE:
            del texts[file.path]
        elif hunks:
            text = hunk_text_after(texts.pop(file.path, ""), hunks)
            renamed = file.kind is FileKind.RENAME and any(hunk.renames for hunk in hunks)
            texts[(renamed and file.new_path) or file.path] = text
    return texts


@given(hunks=ANY_HUNKS, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_written_and_taken_back_at_once_or_hunk_by_hunk(
    room: Room, hunks: list[Proposed], data: st.DataObject
) -> None:
    parts: list[Proposed] = []
    for one in hunks:
        if isinstance(compose([*parts, one]), Composed):
            parts.append(one)
    assume(parts)
    room = begun(room.root, room.store)
    change = taken_in(room, parts)
    ids = [hunk.id for file in change.files for hunk in file.hunks]
    applied: list[str] = []
    for id in data.draw(st.permutations(ids)) if data.draw(st.booleans()) else ():
        room.apply(change, id)
        applied.append(id)
        assert written(room.root) == wanted(change.files, applied)
    if not applied:
        room.apply(change)
    assert written(room.root) == wanted(change.files, ids)
    room.undo(change)
    assert written(room.root) == FILES
    assert set(room.status(change)) == {"pending"}
    room.apply(change)
    assert written(room.root) == wanted(change.files, ids)


@pytest.mark.parametrize("at", [1, 3])
def test_lines_put_in_where_others_were_taken_away_can_be_taken_back(room: Room, at: int) -> None:
    removed, added = replaced("alpha", 1, 3, ""), inserted("bravo", at, "x\n")
    change = taken_in(room, [removed, added])
    for one in (removed, added):
        room.apply(change, one.hunk.id)
    assert (room.root / "a").read_text() == "one\nx\nfour\nfive\n"
    room.undo(change)
    assert (room.root / "a").read_text() == TEXT
    assert room.status(change) == ["pending", "pending"]
