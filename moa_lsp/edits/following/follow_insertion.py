"""Keeps a hunk that inserts before the line that it was to come before.

Such a hunk has no old lines to look for: only the lines around its place tell where that is. Rules:
- It stays before the same line, whatever is done to that line's text. What is written at its very place lands above.
- Where that line is deleted it comes after the line that it was proposed to come after, and knows which one is lost
  (`Hunk.lost`). What is then written there may be that line back: it comes before that where it stands there once.
- At the end of the text it stays there, also behind what is added, as long as the line before it isn't written anew.
- Once the lines on both sides are gone, by one edit or by several, it's stale.
- A stale one is pending again where the lines that it last stood between, or was proposed between, meet, once only.

A wrong place is worse than none: where these don't tell, the hunk is stale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve

from moa_lsp.edits.following.line_edit import SLACK, LineEdit, Reach, shifted
from moa_lsp.edits.lines import BOM
from moa_lsp.edits.values import Hunk, HunkStatus


def anchored_at(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """The insertion as it is proposed in a text with these lines."""
    around = _around(lines, hunk.start)
    return evolve(hunk, between=around, meant=around, lost=None)


def stands_between(hunk: Hunk, at: int, lines: Sequence[str]) -> bool:
    """Whether an insertion at that place would stand between the lines that it was put in between."""
    return hunk.between == _around(lines, at)


def moved_insertion(hunk: Hunk, edit: LineEdit) -> tuple[Hunk, Reach]:
    """The open insertion after an edit: at its place, or covering all lines among which its place has to be looked
    for."""
    delta = edit.count - (edit.end - edit.start)
    if hunk.end < edit.start:
        return hunk, Reach.NOT
    if edit.end < hunk.start:
        return shifted(hunk, delta), Reach.NOT
    if hunk.status is HunkStatus.STALE:
        # What is written at its edge may be the lines that it lost, by an undo.
        return evolve(hunk, start=min(hunk.start, edit.start), end=max(hunk.end, edit.end) + delta), Reach.INTO
    at, lost = hunk.start, hunk.lost is not None
    covering = evolve(hunk, start=edit.start, end=edit.start + edit.count)
    if edit.start < at < edit.end:
        return covering, Reach.INTO
    if edit.end == at:
        # Written above it, or at its very place. A line that is only changed can't be the lost one.
        known = not lost or not edit.count or (edit.keeps and edit.count == 1)
        if _next(hunk) == "":
            # Every text has an end: it tells the place only with the line before it.
            known = edit.keeps or edit.start == at > 0
        return (shifted(hunk, delta), Reach.NOT) if known else (covering, Reach.BESIDE)
    if edit.keeps and edit.count:
        return hunk, Reach.NOT
    if not edit.count:
        return evolve(hunk, lost=_next(hunk)), Reach.NOT
    return covering, Reach.BESIDE


def judged_insertion(hunk: Hunk, reach: Reach, doubtful: bool, lines: Sequence[str]) -> Hunk:
    """The open insertion pending at its place in these lines, or stale. Where it is `doubtful` that the edit reached
    nothing else, a stale one is looked for in any case."""
    if hunk.status is HunkStatus.PENDING and reach is Reach.NOT and _begins_line(lines, hunk.start):
        return _placed(hunk, hunk.start, lines)
    if (reach is Reach.NOT and not doubtful) or hunk.end - hunk.start > SLACK:
        return evolve(hunk, status=HunkStatus.STALE)
    spots = [at for at in range(hunk.start, min(hunk.end, len(lines)) + 1) if _begins_line(lines, at)]

    def only(fits: Callable[[tuple[str, str]], bool]) -> int | None:
        places = [at for at in spots if fits(_around(lines, at))]
        return places[0] if len(places) == 1 else None

    meant, between, next_line = hunk.meant, hunk.between, _next(hunk)
    if (at := only(lambda around: around == meant)) is not None:
        return _placed(hunk, at, lines)
    if reach is Reach.BESIDE and meant and next_line:
        if (at := only(lambda around: around[1] == next_line)) is not None:
            return _placed(evolve(hunk, lost=None), at, lines)
        if (at := only(lambda around: around[0] == meant[0])) is not None:
            return _placed(evolve(hunk, lost=next_line), at, lines)
    if (at := only(lambda around: around == between)) is not None:
        return _placed(hunk, at, lines)
    return evolve(hunk, status=HunkStatus.STALE)


def _placed(hunk: Hunk, at: int, lines: Sequence[str]) -> Hunk:
    around = _around(lines, at)
    # A last line without an end is gone once its text is.
    lost = hunk.lost if around[1] else _next(hunk) or None
    # Not where the line below merely reads like the lost one by now: it may have been changed to that.
    lost = None if around == hunk.meant else lost
    if lost is not None and hunk.meant and around[0] != hunk.meant[0]:
        return evolve(hunk, start=at, end=at, status=HunkStatus.STALE)
    return evolve(hunk, start=at, end=at, status=HunkStatus.PENDING, between=around, lost=lost)


def _next(hunk: Hunk) -> str | None:
    """The line that it is to come before, as it last read."""
    return hunk.lost if hunk.lost is not None else hunk.between and hunk.between[1]


def _around(lines: Sequence[str], at: int) -> tuple[str, str]:
    """The lines before and after a place between two lines."""
    return _line(lines, at - 1), _line(lines, at)


def _line(lines: Sequence[str], at: int) -> str:
    """That line of the text, empty where there's none."""
    if not 0 <= at < len(lines):
        return ""
    # The mark stays at the top when something is put in above the first line, which is the same line without it.
    return lines[at].removeprefix(BOM) if at == 0 else lines[at]


def _begins_line(lines: Sequence[str], at: int) -> bool:
    """Whether text put in there begins a line: what comes before it ended one."""
    return at == 0 or (at <= len(lines) and lines[at - 1].endswith(("\n", "\r")))
