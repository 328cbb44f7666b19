"""Keeps hunks on their lines while the text under them moves.

Rules:
- Only whole lines count. An edit replaces the lines it touches; a hunk below them moves, one above stays, one that the
  edit reaches into takes in the lines that were written.
- A hunk that the edit reached is pending exactly where its old lines stand, character for character, within what it
  now covers, once only. Else it's stale, and pending again as soon as they do (after an undo, say).
- A hunk that inserts has no old lines to look for. An edit that replaces the lines on both sides of its place makes it
  stale for good. Text that is written at its very place lands above it: the insertion stays before the same line.
- Cost depends on the edit and the hunks, never on the text's length: a keystroke mustn't wait for 50,000 lines.

An edit has to tell all line ends that come and go: a lone `\\r` and a `\\n` that meet are for the caller to take in.
Which document an edit belongs to isn't known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from moa_lsp.edits.lines import changed_spans, split_lines
from moa_lsp.edits.values import Hunk, HunkStatus

# How many lines more than its own a hunk may have taken in and still be looked for among them.
_SLACK = 1000


@frozen
class TextEdit:
    """The text from one position to another was replaced. Lines and columns are 0-based, columns in code points."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    new_text: str


@frozen
class _LineEdit:
    """Lines `start` to `end` (excluded) were replaced by `count` lines."""

    start: int
    end: int
    count: int


def follow(hunks: Sequence[Hunk], edit: TextEdit, lines_after: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks after one edit; `lines_after` are the text's lines then, with their ends.

    Every hunk moves; only pending and stale ones change their status.
    """
    lines = _line_edit(edit)
    # Should such an edit join or part a `\r` and a `\n` untold, what it doesn't touch is compared as well.
    doubtful = edit.start_column == 0 or "\r" in edit.new_text
    return tuple(_judged(*_moved(hunk, lines), doubtful, lines_after) for hunk in hunks)


def follow_replacement(hunks: Sequence[Hunk], text_before: str, text_after: str) -> tuple[Hunk, ...]:
    """The hunks after the whole text was replaced: each run of lines that differs is followed as an edit."""
    after = split_lines(text_after)
    spans = changed_spans(split_lines(text_before), after)
    # From the bottom up, so that the places of those still to come stay what they are in the text before.
    edits = [_LineEdit(span.start, span.end, span.new_end - span.new_start) for span in reversed(spans)]
    return tuple(_followed(hunk, edits, after) for hunk in hunks)


def _followed(hunk: Hunk, edits: Iterable[_LineEdit], after: Sequence[str]) -> Hunk:
    reached = False
    for edit in edits:
        hunk, now = _moved(hunk, edit)
        reached = reached or now
    return _judged(hunk, reached, True, after)


def _line_edit(edit: TextEdit) -> _LineEdit:
    breaks = edit.new_text.count("\n") + edit.new_text.count("\r") - edit.new_text.count("\r\n")
    whole = edit.start_column == 0 and edit.end_column == 0 and (not edit.new_text or edit.new_text[-1] in "\r\n")
    if whole:
        return _LineEdit(edit.start_line, edit.end_line, breaks)
    return _LineEdit(edit.start_line, edit.end_line + 1, breaks + 1)


def _moved(hunk: Hunk, edit: _LineEdit) -> tuple[Hunk, bool]:
    """The hunk where it is after the edit, and whether the edit reached into it."""
    delta = edit.count - (edit.end - edit.start)
    emptied = bool(hunk.old) and hunk.start == hunk.end
    if emptied and edit.start <= hunk.start <= edit.end:
        # Its lines were deleted: what is written at their place may be them again, by an undo.
        return evolve(hunk, start=edit.start, end=edit.start + edit.count), True
    if hunk.start >= edit.end:
        return evolve(hunk, start=hunk.start + delta, end=hunk.end + delta), False
    if hunk.end <= edit.start:
        return hunk, False
    end = hunk.end + delta if hunk.end > edit.end else edit.start + edit.count
    return evolve(hunk, start=min(hunk.start, edit.start), end=end), True


def _judged(hunk: Hunk, reached: bool, doubtful: bool, lines: Sequence[str]) -> Hunk:
    if hunk.status not in (HunkStatus.PENDING, HunkStatus.STALE) or not (reached or doubtful):
        return hunk
    if not hunk.old:
        lost = reached or not _begins_line(lines, hunk.start) or hunk.status is HunkStatus.STALE
        return evolve(hunk, status=HunkStatus.STALE if lost else HunkStatus.PENDING)
    if _stands_at(hunk.old, lines, hunk.start) == hunk.end:
        return evolve(hunk, status=HunkStatus.PENDING)
    places = _places(hunk, lines)
    if len(places) == 1:
        start, end = places[0]
        return evolve(hunk, start=start, end=end, status=HunkStatus.PENDING)
    return evolve(hunk, status=HunkStatus.STALE)


def _begins_line(lines: Sequence[str], at: int) -> bool:
    """Whether text put in there begins a line: what comes before it ended one."""
    return at == 0 or (at <= len(lines) and lines[at - 1].endswith(("\n", "\r")))


def _places(hunk: Hunk, lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where the hunk's old lines stand within what it covers; no more than two places are looked for."""
    length = len(split_lines(hunk.old))
    places: list[tuple[int, int]] = []
    if hunk.end - hunk.start - length > _SLACK:
        return places
    for start in range(hunk.start, min(hunk.end, len(lines)) - length + 1):
        end = _stands_at(hunk.old, lines, start)
        if end is not None and end <= hunk.end:
            places.append((start, end))
            if len(places) == 2:
                break
    return places


def _stands_at(old: str, lines: Sequence[str], start: int) -> int | None:
    """The line after `old`, should exactly `old` stand in whole lines from `start` on. Joins nothing."""
    at, line = 0, start
    while at < len(old):
        if line >= len(lines) or not old.startswith(lines[line], at):
            return None
        at += len(lines[line])
        line += 1
    return line
