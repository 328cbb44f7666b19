"""What must hold for anything that was placed, whatever the reply was; and the user's typing, done by hand.

The properties and the fuzz run hold every outcome against this. Nothing here knows how an edit is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.lines import line_end, split_lines
from moa_lsp.edits.values import Block, FileChange, FileKind, Hunk, Placement, Problem, RenameFile

BOM = "\ufeff"


def check_hunks(file: FileChange, before: str | None) -> None:
    """Hunks hold what stands in the text, begin and end with a line that changes, and lie apart, from the top."""
    assert file.hunks, "a file without a change"
    assert (file.kind is FileKind.RENAME) == (file.new_path is not None)
    text = before or ""
    lines = split_lines(text)
    hunks = [hunk for hunk in file.hunks if not hunk.renames]
    if file.kind in (FileKind.EDIT, FileKind.RENAME):
        assert len(file.hunks) - len(hunks) == (file.kind is FileKind.RENAME)
    for hunk in hunks:
        assert 0 <= hunk.start <= hunk.end <= len(lines)
        assert "".join(lines[hunk.start : hunk.end]) == hunk.old
        assert hunk.old != hunk.new
        old, new = split_lines(hunk.old), split_lines(hunk.new)
        # What is put in above the first line of a text with a byte order mark takes that line along.
        if old and new and not (hunk.start == 0 and text.startswith(BOM)):
            assert old[0] != new[0], "a hunk begins with a line that it doesn't change"
            assert old[-1] != new[-1], "a hunk ends with a line that it doesn't change"
    for above, below in pairwise(hunks):
        assert above.end < below.start or (above.end == below.start and above.start == 0 and text.startswith(BOM))
    if file.kind is FileKind.DELETE:
        assert [hunk.old for hunk in file.hunks] == [text]
    hunk_text_after(text, file.hunks)


_DRIVE = re.compile(r"^[A-Za-z]:")
_GITS_OWN = re.compile(r"^(?:\.git|git~1)[. ]*$")


def check_path(path: str) -> None:
    """The path can't lead out of the folder it is relative to, nor into git's own data, on any system."""
    assert path
    assert not path.startswith(("/", "~"))
    assert not _DRIVE.match(path)
    assert "\\" not in path
    assert ":" not in path
    assert not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in path)
    for name in path.split("/"):
        assert name not in ("", ".", "..")
        # As file systems compare names that care neither for case nor for characters that can't be seen.
        seen = "".join(one for one in unicodedata.normalize("NFD", name) if unicodedata.category(one) != "Cf")
        assert seen.rstrip(". ")
        assert not _GITS_OWN.match(seen.casefold()), f"{path!r} may be git's own"


def check_said(problems: Iterable[Problem]) -> None:
    """A problem says something, on one line, and points into the reply or the file with lines that can be."""
    for problem in problems:
        for said in (problem.message, problem.hint):
            assert said is None or said.strip(), "a problem without words"
            assert said is None or "\n" not in said
        assert problem.line is None or problem.line >= 0
        assert problem.near is None or 0 <= problem.near[0] <= problem.near[1]


def unaccounted(blocks: Sequence[Block], placement: Placement) -> list[Block]:
    """The blocks that came to nothing and of which nothing is said: there must be none."""
    placed = {line for file in placement.files for hunk in file.hunks for line in hunk.blocks}
    said = {problem.line for problem in placement.problems}
    named = {
        (problem.file, int(number)) for problem in placement.problems for number in re.findall(r"\d+", problem.message)
    }
    undone = {problem.file for problem in placement.problems if "cancel each other" in problem.message}
    return [
        block
        for block in blocks
        if block.line not in placed
        and block.line not in said
        and (block.path, block.line + 1) not in named
        and block.path not in undone
    ]


def texts_of(
    blocks: Iterable[Block], text: str | None, given: Mapping[str, str | None] | None = None
) -> dict[str, str | None]:
    """A text for each file that the blocks name: the one given, else that text; a renamed file's new name is free."""
    found: dict[str, str | None] = dict(given or {})
    for block in blocks:
        found.setdefault(block.path, text)
    for block in blocks:
        if isinstance(block, RenameFile):
            found.setdefault(block.new_path, None)
    return found


# --- typing


def as_editors_split(text: str) -> list[str]:
    """Lines as LSP counts them: after a last line end there's one more, empty."""
    lines = split_lines(text)
    return [*lines, ""] if not lines or line_end(lines[-1]) else lines


def typed(text: str, edit: TextEdit) -> str:
    """The text after the edit."""
    lines = as_editors_split(text)
    before = "".join(lines[: edit.start_line]) + lines[edit.start_line][: edit.start_column]
    return before + edit.new_text + lines[edit.end_line][edit.end_column :] + "".join(lines[edit.end_line + 1 :])


def replacing(text: str, hunk: Hunk) -> TextEdit:
    """The edit that an editor makes of the hunk: whole lines, or to the end of a last line without a line end."""
    lines = split_lines(text)
    if hunk.end == len(lines) and lines and not line_end(lines[-1]) and hunk.end > hunk.start:
        return TextEdit(hunk.start, 0, hunk.end - 1, len(lines[-1]), hunk.new)
    return TextEdit(hunk.start, 0, hunk.end, 0, hunk.new)
