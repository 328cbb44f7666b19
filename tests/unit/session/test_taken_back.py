"""The editor's own undo of applied hunks, and its redo: in open documents, and in files on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import mutable
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.lines import changed_spans, split_lines
from moa_lsp.session.events import ChangeUpdated
from moa_lsp.session.writing import Refused
from tests.unit.session.room import Room, edit

TEXT = "one = 1\n# two\ntwo = 2\n# three\nthree = 3\n# end\n"

TWO = edit("src/a.py", "two = 2\n", "two = 22\n")
THREE = edit("src/a.py", "three = 3\n", "three = 33\nthirty = 30\n")
MORE = edit("src/a.py", "one = 1\n", "one = 1\nmore = 1\n")
GONE = edit("src/a.py", "two = 2\n", "")

Edit = tuple[int, int, int, int, str]


@mutable
class Typist:
    """An editor with `src/a.py` open: it writes what it is asked to, and edits."""

    room: Room
    version: int = 1

    @classmethod
    def of(cls, room: Room) -> Typist:
        room.buffers.opened(types.TextDocumentItem(cls.path(room).as_uri(), "python", 1, TEXT), room.changes)
        return cls(room)

    @staticmethod
    def path(room: Room) -> Path:
        return room.root / "src" / "a.py"

    @property
    def text(self) -> str:
        return self.room.buffers.current("src/a.py") or ""

    def send(self, *edits: Edit) -> None:
        """One notification with these edits, in this order."""
        self._send([types.TextDocumentContentChangePartial(_span(*edit[:4]), edit[4]) for edit in edits])

    def replace(self, text: str) -> None:
        self._send([types.TextDocumentContentChangeWholeDocument(text)])

    def turn_into(self, text: str, way: str) -> None:
        """Makes the document read so: by lines in one notification, by lines in several, whole, or by characters."""
        if way == "whole":
            return self.replace(text)
        old, new = split_lines(self.text), split_lines(text)
        edits: list[Edit] = []
        for span in reversed(changed_spans(old, new)):
            edits.append((span.start, 0, span.end, 0, "".join(new[span.new_start : span.new_end])))
        if way == "at once":
            return self.send(*edits)
        for one in edits:
            self.send(one)

    def apply(self, change: Change, *hunks: str, undo: bool = False) -> None:
        now = self.room.changes.get(change.id)
        assert now
        plan = self.room.writing.plan_undo(now) if undo else self.room.writing.plan(now, hunks or None)
        assert plan
        checkpoint = self.room.writing.begin(plan)
        (part,) = plan.files
        assert part.after == hunk_text_after(part.before or "", part.edits)
        bottom_up = sorted(part.edits, key=lambda one: one.start, reverse=True)
        self.send(*((one.start, 0, one.end, 0, one.new) for one in bottom_up))
        self.room.writing.settle(plan, checkpoint)

    def _send(
        self,
        edits: list[types.TextDocumentContentChangePartial] | list[types.TextDocumentContentChangeWholeDocument],
    ) -> None:
        self.version += 1
        identifier = types.VersionedTextDocumentIdentifier(self.version, self.path(self.room).as_uri())
        self.room.buffers.changed(types.DidChangeTextDocumentParams(identifier, [*edits]), self.room.changes)


def _span(line: int, column: int, end: int, end_column: int) -> types.Range:
    return types.Range(types.Position(line, column), types.Position(end, end_column))


def told(room: Room) -> list[str]:
    """The statuses of the changes that were told of since this was last asked."""
    found = [one.change.status.value for one in room.told if isinstance(one, ChangeUpdated)]
    room.told.clear()
    return found


@pytest.fixture(autouse=True)
def _written(room: Room) -> None:
    Typist.path(room).write_text(TEXT)


@pytest.mark.parametrize("way", ["at once", "one by one", "whole"])
def test_what_the_editor_undoes_is_pending_until_it_is_redone(room: Room, way: str) -> None:
    change = room.propose(TWO + THREE + MORE)
    editor = Typist.of(room)
    editor.apply(change)
    written = editor.text
    told(room)
    editor.turn_into(TEXT, way)
    assert room.status(change) == ["pending"] * 3
    assert told(room)[-1] == "pending"
    with pytest.raises(Refused, match="nothing to undo"):
        editor.apply(change, undo=True)
    editor.turn_into(written, way)
    assert room.status(change) == ["applied"] * 3
    assert told(room)[-1] == "applied"
    editor.apply(change, undo=True)
    assert (editor.text, room.status(change)) == (TEXT, ["pending"] * 3)
    # That was no undo of the editor's own: what is typed then is the user's.
    editor.turn_into(written, way)
    assert "applied" not in room.status(change)


def test_one_of_several_is_undone(room: Room) -> None:
    change = room.propose(TWO + THREE + MORE)
    editor = Typist.of(room)
    for hunk in change.files[0].hunks:
        editor.apply(change, hunk.id)
    editor.turn_into(editor.text.replace("more = 1\n", ""), "at once")
    assert room.status(change) == ["pending", "applied", "applied"]
    editor.apply(change, undo=True)
    assert (editor.text, room.status(change)) == (TEXT, ["pending"] * 3)
    editor.apply(change)
    assert editor.text == "one = 1\nmore = 1\n# two\ntwo = 22\n# three\nthree = 33\nthirty = 30\n# end\n"


def test_an_undo_of_single_characters(room: Room) -> None:
    """As editors send it that look for the smallest edits."""
    change = room.propose(TWO + THREE)
    editor = Typist.of(room)
    editor.apply(change)
    editor.send((4, 9, 5, 11, ""), (2, 7, 2, 8, ""))
    assert (editor.text, room.status(change)) == (TEXT, ["pending"] * 2)
    editor.send((2, 7, 2, 7, "2"), (4, 9, 4, 9, "3\nthirty = 30"))
    assert room.status(change) == ["applied"] * 2
    # Half of it isn't it, nor is a line that only reads like it.
    editor.send((4, 9, 4, 10, ""))
    assert room.status(change) == ["applied"] * 2


def test_a_line_that_only_reads_alike_is_no_undo(room: Room) -> None:
    change = room.propose(edit("src/a.py", "two = 2\n# three\n", "two = 22\n# three\n"))
    editor = Typist.of(room)
    editor.apply(change)
    editor.send((3, 0, 3, 0, "two = 2\n"))
    # The hunk's line goes, told as the end of that line and the beginning of the next one, which reads as it once did.
    editor.send((2, 7, 3, 7, ""))
    assert (editor.text, room.status(change)) == (TEXT, ["applied"])


def test_the_end_of_a_line_beside_it(room: Room) -> None:
    """Of two lines that begin alike, editors may tell that the one went or that the other did."""
    change = room.propose(edit("src/a.py", "two = 2\n", "twenty = 20\ntwo = 2\n"))
    editor = Typist.of(room)
    editor.apply(change)
    editor.send((2, 2, 3, 2, ""))
    assert (editor.text, room.status(change)) == (TEXT, ["pending"])
    editor.send((2, 2, 2, 2, "enty = 20\ntw"))
    assert room.status(change) == ["applied"]
    editor.apply(change, undo=True)
    assert editor.text == TEXT


@pytest.mark.parametrize("reply", [TWO, MORE, GONE, THREE])
def test_typing_leaves_it_applied(room: Room, reply: str) -> None:
    change = room.propose(reply)
    editor = Typist.of(room)
    editor.apply(change)
    written = editor.text
    for line in range(len(split_lines(written))):
        editor.send((line, 1, line, 1, "typed"))
        assert room.status(change) == ["applied"]
        editor.send((line, 1, line, 6, ""))
        assert room.status(change) == ["applied"]
    editor.turn_into(TEXT, "at once")
    assert room.status(change) == ["pending"]
    # Typing within what was undone isn't a redo.
    editor.send((2, 1, 2, 1, "typed"))
    assert "applied" not in room.status(change)
    editor.send((2, 1, 2, 6, ""))
    assert room.status(change) == ["pending"]
    editor.turn_into(written, "at once")
    assert room.status(change) == ["applied"]


def test_an_insertion_is_undone_between_its_own_lines_only(room: Room) -> None:
    change = room.propose(MORE)
    editor = Typist.of(room)
    editor.apply(change)
    editor.send((2, 0, 2, 0, "x"))
    editor.send((1, 0, 2, 0, ""))
    assert (editor.text, room.status(change)) == (TEXT.replace("# two", "x# two"), ["applied"])


def test_twins_are_undone_together(room: Room) -> None:
    alpha, bravo = room.propose(TWO + MORE, "alpha"), room.propose(THREE + MORE, "bravo")
    editor = Typist.of(room)
    editor.apply(alpha)
    assert (room.status(alpha), room.status(bravo)) == (["applied"] * 2, ["applied", "pending"])
    told(room)
    editor.send((1, 0, 2, 0, ""))
    assert (room.status(alpha), room.status(bravo)) == (["pending", "applied"], ["pending"] * 2)
    assert told(room) == ["partly-applied", "pending"]
    assert set(room.sources(bravo)) == {("alpha", "bravo"), ("bravo",)}
    editor.send((1, 0, 1, 0, "more = 1\n"))
    assert (room.status(alpha), room.status(bravo)) == (["applied"] * 2, ["applied", "pending"])
    editor.apply(bravo, undo=True)
    assert (room.status(alpha), room.status(bravo)) == (["pending", "applied"], ["pending"] * 2)


def test_hunks_of_several_changes_are_undone_at_once(room: Room) -> None:
    alpha, bravo, charlie = (room.propose(one, by) for one, by in ((TWO, "alpha"), (THREE, "bravo"), (GONE, "charlie")))
    editor = Typist.of(room)
    editor.apply(alpha)
    editor.apply(bravo)
    assert room.status(charlie) == ["stale"]
    editor.replace(TEXT)
    assert [*map(room.status, (alpha, bravo, charlie))] == [["pending"]] * 3


def test_which_of_two_was_undone_only_an_edit_tells(room: Room) -> None:
    first, second = "one = 1\n", "# two\n"
    change = room.propose(edit("src/a.py", first + second, f"{second}{first}{second}{second}"))
    hunks = change.files[0].hunks
    assert [hunk.new for hunk in hunks] == [second, second]
    editor = Typist.of(room)
    editor.apply(change)
    whole = editor.text
    editor.send((2, 0, 3, 0, ""))
    assert room.status(change) == ["applied", "pending"]
    editor.replace(whole)
    assert room.status(change) == ["applied", "applied"]


def test_what_the_editor_is_asked_to_write_is_no_undo(room: Room) -> None:
    change = room.propose(TWO)
    editor = Typist.of(room)
    editor.apply(change)
    back = room.propose(edit("src/a.py", "two = 22\n", "two = 2\n"), "bravo")
    editor.apply(back)
    assert (editor.text, room.status(change), room.status(back)) == (TEXT, ["applied"], ["applied"])
    editor.turn_into(TEXT.replace("two = 2\n", "two = 22\n"), "at once")
    assert (room.status(change), room.status(back)) == (["applied"], ["pending"])
    editor.apply(change, undo=True)
    assert editor.text == TEXT


def test_a_file_that_is_not_open(room: Room) -> None:
    change = room.propose(TWO + THREE + MORE)
    path = Typist.path(room)
    room.apply(change)
    written = path.read_text()
    path.write_text(written.replace("more = 1\n", ""))
    assert room.status(change) == ["pending", "applied", "applied"]
    path.write_text(TEXT)
    assert room.status(change) == ["pending"] * 3
    path.write_text(written)
    assert room.status(change) == ["applied"] * 3
    room.undo(change)
    assert path.read_text() == TEXT


def test_over_a_restart(room: Room) -> None:
    change = room.propose(TWO + MORE)
    path = Typist.path(room)
    room.apply(change)
    written = path.read_text()
    path.write_text(TEXT)
    again = room.again()
    assert again.status(change) == ["pending"] * 2
    again = again.again()
    path.write_text(written)
    assert again.status(change) == ["applied"] * 2
    again.undo(change)
    assert path.read_text() == TEXT


def test_a_buffer_that_is_closed_unsaved(room: Room) -> None:
    change = room.propose(TWO + MORE)
    editor = Typist.of(room)
    editor.apply(change)
    room.buffers.closed(Typist.path(room).as_uri(), room.changes)
    assert room.status(change) == ["pending"] * 2


def test_a_created_file_stays_applied_and_is_followed(room: Room) -> None:
    made = room.propose(edit("src/new.py", "", "a = 1\n# b\nb = 2\n"), "alpha")
    room.apply(made)
    change = room.propose(edit("src/new.py", "a = 1\n", "a = 1\naa = 11\n"), "bravo")
    room.apply(change)
    path = room.root / "src" / "new.py"
    path.write_text("a = 1\n# b\nb = 2\n")
    assert (room.status(made), room.status(change)) == (["applied"], ["pending"])
    room.undo(made)
    assert not path.exists()
