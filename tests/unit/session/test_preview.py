"""A change's preview: each file's text with what is pending is what applying it writes, and each hunk stands in it
where it is said to."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk
from moa_lsp.session.preview import FilePreview, previews
from moa_lsp.store.store import open_store
from tests.unit.session.room import DISCUSSION, TEXT, Room, begun, edit, patch

ENDS = ("\n", "\r\n", "\r")


def shown(room: Room, change: Change) -> dict[str, FilePreview]:
    now = room.changes.get(change.id)
    assert now
    return {one.file.path: one for one in previews(now, room.changes.align)}


def lines_of(preview: FilePreview) -> dict[str, str]:
    """By each pending hunk's id, the text that stands in its place."""
    lines = split_lines(preview.after or "")
    return {hunk.id: "".join(lines[hunk.start : hunk.end]) for hunk in preview.hunks}


def new_texts(change: Change, path: str) -> dict[str, str]:
    (file,) = [file for file in change.files if file.path == path]
    return {hunk.id: hunk.new for hunk in file.hunks}


def test_an_edited_file_as_it_is_and_as_it_would_be(room: Room) -> None:
    change = room.propose(edit("src/a.py", split_lines(TEXT)[0], "one\ntwo\n"))
    preview = shown(room, change)["src/a.py"]
    assert preview.before == TEXT
    assert preview.after == "one\ntwo\n" + TEXT.partition("\n")[2]
    assert lines_of(preview) == new_texts(change, "src/a.py")


def test_created_deleted_and_renamed_files(room: Room) -> None:
    (room.root / "old.py").write_text("x = 1\r\ny = 2\r\n", newline="")
    created = room.propose(patch("*** Add File: new.py", "+a", "+b"))
    preview = shown(room, created)["new.py"]
    assert (preview.before, preview.after) == (None, "a\nb\n")
    assert [(hunk.start, hunk.end) for hunk in preview.hunks] == [(0, 2)]
    deleted = room.propose(patch("*** Delete File: src/a.py"))
    preview = shown(room, deleted)["src/a.py"]
    assert (preview.before, preview.after) == (TEXT, None)
    assert [(hunk.start, hunk.end) for hunk in preview.hunks] == [(0, 0)]
    moved = room.propose(
        patch("*** Update File: old.py", "*** Move to: moved.py", "@@", " x = 1", "-y = 2", "+y = 3"),
        "alpha",
        "old.py",
    )
    preview = shown(room, moved)["old.py"]
    assert (preview.file.kind, preview.file.new_path) == (FileKind.RENAME, "moved.py")
    assert (preview.before, preview.after) == ("x = 1\r\ny = 2\r\n", "x = 1\r\ny = 3\r\n")
    assert [(hunk.start, hunk.end) for hunk in preview.hunks] == [(0, 0), (1, 2)]


def test_what_is_settled_is_in_neither_text_or_in_both(room: Room) -> None:
    change = room.propose(patch("*** Add File: new.py", "+a"))
    room.changes.reject(change, None, None)
    preview = shown(room, change)["new.py"]
    assert (preview.before, preview.after, preview.hunks) == (None, None, ())
    again = room.propose(patch("*** Add File: other.py", "+a"))
    room.apply(again)
    preview = shown(room, again)["other.py"]
    assert (preview.before, preview.after, preview.hunks) == ("a\n", "a\n", ())


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Hunk, ...], frozenset[int]]:
    """A text, hunks in its lines, and which of them are turned down."""
    count = draw(st.integers(0, 12))
    lines = [f"line {number}{draw(st.sampled_from(ENDS))}" for number in range(count)]
    if lines and draw(st.booleans()):
        lines[-1] = lines[-1].rstrip("\r\n")
    text = "".join(lines)
    lines = split_lines(text)
    pieces = st.lists(st.sampled_from(["new\n", "new\r\n", "", "\n", "\r", "𝒳 é\n", "no end"]), max_size=3)
    hunks: list[Hunk] = []
    at = 0
    while at <= len(lines) and len(hunks) < 5:
        start = draw(st.integers(at, len(lines)))
        end = draw(st.integers(start, min(start + 3, len(lines))))
        old, new = "".join(lines[start:end]), "".join(draw(pieces))
        if old != new:
            hunks.append(Hunk(f"h{len(hunks)}", start, end, old, new))
        at = end + 1
    return text, tuple(hunks), draw(st.frozensets(st.integers(0, 4)))


@given(edited())
def test_the_text_afterwards_is_what_applying_writes(case: tuple[str, tuple[Hunk, ...], frozenset[int]]) -> None:
    text, hunks, rejected = case
    with TemporaryDirectory() as folder:
        root = Path(folder, "root")
        root.mkdir()
        (root / "a.txt").write_bytes(text.encode())
        store = open_store(Path(folder, "store")).store
        store.create_discussion(str(root), DISCUSSION, "title", 0.0)
        room = begun(root, store)
        room.changes.align("a.txt")
        file = FileChange("a.txt", FileKind.EDIT, None, hunks)
        change = room.changes.take_in(Change("c1", DISCUSSION, "alpha", "title", (file,)))
        if down := [hunk.id for number, hunk in enumerate(hunks) if number in rejected]:
            room.changes.reject(change, down, None)
        preview = shown(room, change)["a.txt"]
        pending = [hunk for number, hunk in enumerate(hunks) if number not in rejected]
        assert preview.before == text
        assert [hunk.id for hunk in preview.hunks] == [hunk.id for hunk in pending]
        assert preview.after is not None
        lines = split_lines(preview.after)
        for hunk, place in zip(pending, preview.hunks, strict=True):
            # Whole lines: where one has no end of its own, what it runs into belongs to its last line.
            assert hunk.new in "".join(lines[place.start : place.end])
            assert place.start <= place.end <= len(lines)
            assert bool(hunk.new) == (place.end > place.start)
        if pending:
            room.apply(room.changes.now("c1"))
        assert (root / "a.txt").read_bytes().decode() == preview.after
        store.close()
