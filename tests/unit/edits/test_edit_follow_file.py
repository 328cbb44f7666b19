"""A file's part of a change while the file comes, goes, changes as a whole, or gets another name."""

from __future__ import annotations

import pytest
from attrs import evolve

from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.following.follow_file import file_carried, file_edited, file_proposed, file_replaced, renaming_judged
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

TEXT = "a\nb\nc\n"
EDIT = FileChange("f", hunks=(Hunk("r", 1, 2, "b\n", "B\n"), Hunk("i", 2, 2, "", "new\n")))
CREATE = FileChange("f", FileKind.CREATE, hunks=(Hunk("c", 0, 0, "", "new\n"),))
DELETE = FileChange("f", FileKind.DELETE, hunks=(Hunk("d", 0, 3, TEXT, ""),))
RENAME = FileChange("f", FileKind.RENAME, "g", (Hunk("n", 0, 0, "", ""), Hunk("r", 1, 2, "b\n", "B\n")))


def statuses(file: FileChange) -> str:
    return " ".join(hunk.status.value for hunk in file.hunks)


def test_hunks_of_a_file_that_is_gone_wait_for_it() -> None:
    file = file_proposed(EDIT, TEXT)
    gone = file_replaced(file, TEXT, None, False)
    assert statuses(gone) == "stale stale"
    assert file_replaced(gone, TEXT, TEXT, True) == file
    moved = file_replaced(gone, TEXT, f"top\n{TEXT}", True)
    assert [(hunk.start, hunk.end) for hunk in moved.hunks] == [(2, 3), (3, 3)]
    assert statuses(moved) == "pending pending"
    assert statuses(file_replaced(gone, TEXT, "other\n", True)) == "stale stale"


def test_a_file_to_be_created_fits_while_nothing_is_there() -> None:
    there = file_replaced(CREATE, None, "x\n", True)
    assert statuses(there) == "stale"
    assert statuses(file_replaced(CREATE, None, None, True)) == "stale", "something is there, if no text"
    assert file_replaced(there, "x\n", None, False) == CREATE
    applied = evolve(CREATE, hunks=(evolve(CREATE.hunks[0], end=1, status=HunkStatus.APPLIED),))
    assert file_replaced(applied, "new\n", "top\nnew\n", True).hunks[0].start == 1


@pytest.mark.parametrize("text", [f"{TEXT}d\n", f"top\n{TEXT}", "a\nc\n", "a\nb\nc", ""])
def test_a_file_to_be_deleted_must_be_as_it_was(text: str) -> None:
    other = file_replaced(DELETE, TEXT, text, True)
    assert statuses(other) == "stale"
    assert file_replaced(other, text, TEXT, True) == DELETE
    assert statuses(file_replaced(DELETE, TEXT, None, False)) == "stale"


def test_typing_in_a_file_to_be_deleted() -> None:
    text = f"{TEXT}x"
    typed = file_edited(DELETE, TextEdit(3, 0, 3, 0, "x"), split_lines(text))
    assert statuses(typed) == "stale"
    assert file_edited(typed, TextEdit(3, 0, 3, 1, ""), split_lines(TEXT)) == DELETE


def test_a_renaming_fits_while_its_new_name_is_free() -> None:
    assert renaming_judged(RENAME, True, False) == RENAME
    assert statuses(renaming_judged(RENAME, True, True)) == "stale pending"
    assert statuses(renaming_judged(RENAME, False, False)) == "stale pending"
    assert renaming_judged(renaming_judged(RENAME, True, True), True, False) == RENAME
    assert renaming_judged(EDIT, False, True) == EDIT
    # The text under it is followed; the renaming stands nowhere in it.
    edited = file_edited(RENAME, TextEdit(0, 0, 1, 1, "x"), split_lines("x\nc\n"))
    assert statuses(edited) == "pending stale"
    assert (edited.hunks[0].start, edited.hunks[0].end) == (0, 0)


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        (EDIT, "f", "h", ("h", None)),
        (EDIT, "e", "h", ("f", None)),
        (evolve(EDIT, path="d/f"), "d", "e", ("e/f", None)),
        (evolve(EDIT, path="d/f"), "d/f", "f", ("f", None)),
        (evolve(EDIT, path="dd/f"), "d", "e", ("dd/f", None)),
        (CREATE, "f", "h", ("f", None)),
        (evolve(CREATE, path="d/f"), "d", "e", ("e/f", None)),
        (DELETE, "f", "h", ("h", None)),
        (RENAME, "f", "h", ("h", "g")),
        (RENAME, "g", "h", ("f", "g")),
        (evolve(RENAME, path="d/f", new_path="d/g"), "d", "e", ("e/f", "e/g")),
    ],
)
def test_a_file_goes_along_when_it_is_renamed(
    file: FileChange, old: str, new: str, names: tuple[str, str | None]
) -> None:
    carried = file_carried(file, old, new)
    assert (carried.path, carried.new_path) == names
    assert carried.hunks == file.hunks


def test_who_renames_as_was_proposed_has_applied_it() -> None:
    done = file_carried(RENAME, "f", "g")
    assert (done.path, done.new_path, done.where, statuses(done)) == ("f", "g", "g", "applied pending")
    assert file_carried(done, "f", "g") == done
    assert file_carried(done, "g", "f") == RENAME
    onwards = file_carried(done, "g", "h")
    assert (onwards.path, onwards.new_path, onwards.where) == ("f", "h", "h")
    rejected = evolve(RENAME, hunks=(evolve(RENAME.hunks[0], status=HunkStatus.REJECTED), RENAME.hunks[1]))
    assert file_carried(rejected, "f", "g").path == "g"
