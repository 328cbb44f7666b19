"""An edit as whole lines, and what it does to the place of lines: the arithmetic that following hunks stands on.

Which hunk is pending after an edit is `follow.py`'s, and of one that inserts `follow_insertion.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from attrs import evolve, frozen

from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import Hunk

SLACK = 1000
"""How many lines more than its own a hunk may have taken in and still be looked for among them."""


@frozen
class TextEdit:
    """The text from one position to another was replaced. Lines and columns are 0-based, columns in code points."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    new_text: str


@frozen
class LineEdit:
    """Lines `start` to `end` (excluded) were replaced by `count` lines; with `keeps` the first of these is the first
    of those still, for whatever comes before it, though its text may differ."""

    start: int
    end: int
    count: int
    keeps: bool = False


class Reach(IntEnum):
    """How far an edit reached a hunk: not at all, up to it so that its place has to be looked for, or into it."""

    NOT = 0
    BESIDE = 1
    INTO = 2


def line_edit(edit: TextEdit, lines_after: Sequence[str]) -> LineEdit:
    """The edit in whole lines; `lines_after` are the text's lines after it."""
    written = split_lines(edit.new_text)
    behind = edit.start_line == edit.end_line and edit.start_column == edit.end_column == 0
    if behind and len(lines_after) - edit.start_line == len(written) and [*lines_after[edit.start_line :]] == written:
        # Behind the last line's end, where editors count one more, empty line.
        return LineEdit(edit.start_line, edit.start_line, len(written))
    breaks = edit.new_text.count("\n") + edit.new_text.count("\r") - edit.new_text.count("\r\n")
    whole = edit.start_column == 0 and edit.end_column == 0 and (not edit.new_text or edit.new_text[-1] in "\r\n")
    if whole:
        return LineEdit(edit.start_line, edit.end_line, breaks)
    keeps = edit.start_column > 0 or (edit.start_line == edit.end_line and not breaks)
    return LineEdit(edit.start_line, edit.end_line + 1, breaks + 1, keeps)


def moved_lines(hunk: Hunk, edit: LineEdit) -> tuple[Hunk, Reach]:
    """The hunk where its lines are after the edit; where the edit reached into them, with all that was written."""
    delta = edit.count - (edit.end - edit.start)
    if hunk.start >= edit.end:
        return shifted(hunk, delta), Reach.NOT
    if hunk.end <= edit.start:
        return hunk, Reach.NOT
    end = hunk.end + delta if hunk.end > edit.end else edit.start + edit.count
    return evolve(hunk, start=min(hunk.start, edit.start), end=end), Reach.INTO


def shifted(hunk: Hunk, delta: int) -> Hunk:
    return evolve(hunk, start=hunk.start + delta, end=hunk.end + delta) if delta else hunk


def stands_at(old: str, lines: Sequence[str], start: int) -> int | None:
    """The line after `old`, should exactly `old` stand in whole lines from `start` on. Joins nothing."""
    at, line = 0, start
    while at < len(old):
        if line >= len(lines) or not old.startswith(lines[line], at):
            return None
        at += len(lines[line])
        line += 1
    return line
