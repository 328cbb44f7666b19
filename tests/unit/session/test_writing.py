"""What stands after a write: the hunks that were written, those that weren't, and those of other changes."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.following.follow_file import file_proposed
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, Hunk
from tests.unit.session.room import DISCUSSION, TEXT, Room, begun, edit, patch

TWO = edit("src/a.py", "two = 2\n", "two = 22\n")
THREE = edit("src/a.py", "three = 3\n", "three = 33\n")
RENAME = patch("*** Update File: src/a.py", "*** Move to: src/b.py", "@@", "-two = 2", "+two = 22")


def rename(room: Room, old: str, new: str) -> None:
    """Renames a file as an editor does."""
    (room.root / old).rename(room.root / new)
    uris = ((room.root / one).as_uri() for one in (old, new))
    room.buffers.renamed([types.FileRename(*uris)], room.changes)


# --- among like lines

LIKE = st.lists(st.sampled_from(["a\n", "}\n", "\n"]), max_size=10)


@st.composite
def hunks_apart(draw: st.DrawFn, lines: list[str]) -> list[Hunk]:
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=8)))
    hunks: list[Hunk] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        old, new = "".join(lines[start:end]), "".join(draw(LIKE)[:3])
        if new != old and (not hunks or hunks[-1].end < start):
            hunks.append(Hunk(f"h{len(hunks)}", start, end, old, new))
    return hunks


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_a_file_that_isnt_open_any_order_comes_to_the_same_text(room: Room, data: st.DataObject) -> None:
    """Hunks of two changes, applied and undone one by one where a comparison couldn't tell one line from another."""
    room = begun(room.root, room.store)  # nothing of the example before
    path = room.root / "src" / "a.py"
    beginning = "".join(data.draw(LIKE))
    path.write_text(beginning)
    hunks = data.draw(hunks_apart(split_lines(beginning)))
    changes: dict[str, Change] = {}
    for name in ("one", "other"):
        own = tuple(hunk for hunk in hunks if (hunk.id in ("h0", "h2")) is (name == "one"))
        file = file_proposed(FileChange("src/a.py", hunks=own), beginning)
        change = Change(uuid4().hex, DISCUSSION, name, name, (file,), base={"src/a.py": beginning})
        room.changes.put(change)
        changes.update({hunk.id: change for hunk in own})
    applied: list[str] = []
    for id in data.draw(st.permutations(list(changes))):
        room.apply(changes[id], id)
        applied.append(id)
        assert path.read_text() == hunk_text_after(beginning, [hunk for hunk in hunks if hunk.id in applied])
    for change in {change.id: change for change in changes.values()}.values():
        room.undo(change)
        applied = [id for id in applied if changes[id].id != change.id]
        assert path.read_text() == hunk_text_after(beginning, [hunk for hunk in hunks if hunk.id in applied])
        assert set(room.status(change)) == {"pending"}


# --- while the editor writes


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("reply", [TWO, RENAME])
def test_the_user_renames_the_file_meanwhile(room: Room, reply: str, written: bool) -> None:
    change = room.propose(reply)
    plan = room.writing.plan(change, None)
    assert plan
    checkpoint = room.writing.begin(plan)
    now = plan.files[0].lands if written else "src/a.py"
    if written:
        room.write(plan)
    rename(room, now, "src/c.py")
    settled = room.writing.settle(plan, checkpoint)
    assert settled
    statuses = room.status(change)
    if reply == TWO:
        assert settled.files[0].path == "src/c.py"
        assert statuses == (["applied"] if written else ["pending"])
    elif not written:
        assert settled.files[0].where == "src/c.py"
        assert statuses == ["pending", "pending"]
    else:
        assert "applied" not in statuses[:1]
    assert "two = 22\n" in (room.root / "src" / "c.py").read_text() or not written
    if reply == TWO and written:
        room.undo(change)
        assert (room.root / "src" / "c.py").read_text() == TEXT


def test_an_insertion_is_where_it_was_after_apply_and_undo(room: Room) -> None:
    change = room.propose(edit("src/a.py", "two = 2\n", "two = 2\nmore = 1\n"))
    room.apply(change)
    path: Path = room.root / "src" / "a.py"
    path.write_text(path.read_text().replace("three = 3\n", "three = 33\n"))
    room.undo(change)
    assert room.status(change) == ["pending"]
    for text in (TEXT.replace("three = 3\n", ""), TEXT.replace("three = 3\n", "three = 33\n")):
        path.write_text(text)
        assert room.status(change) == ["pending"]
        assert room.changes.now(change.id).files[0].hunks[0].start == 2
