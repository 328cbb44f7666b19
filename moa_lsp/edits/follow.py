"""Keeps hunks on their lines while the text under them moves.

Rules:
- Only whole lines count. An edit replaces the lines it touches; a hunk below them moves, one above stays, one that the
  edit reaches into takes in the lines that were written.
- A hunk that the edit reached is pending where its old lines stand, character for character, within what it now
  covers, once only. Else the user's edit and the hunk's are merged (`merge.py`), and the hunk is pending with what the
  user made of its lines as its old ones. Where these conflict it's stale, and pending again as soon as it fits.
- What a merged hunk was before is kept with it (`Hunk.meant`): every merge begins there, and an undo leads back there.
  A merged hunk isn't cut down to what still differs: it has to notice the undo of what the user wrote within it.
- A hunk that inserts has no old lines to look for. An edit that replaces the lines on both sides of its place makes it
  stale, until the lines it stood between (`Hunk.between`) meet again. Text that is written at its very place lands
  above it: the insertion stays before the same line. Unless that text is the line it was to come before, back again.
- No two pending hunks of a file hold the same line: where an edit leaves one line for two that were alike, both are
  stale.
- Cost depends on the edit and the hunks, never on the text's length: a keystroke mustn't wait for 50,000 lines.

An edit has to tell all line ends that come and go: a lone `\\r` and a `\\n` that meet are for the caller to take in.
Which document an edit belongs to isn't known here, and what comes and goes as a whole is `follow_file.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from moa_lsp.edits.lines import changed_spans, split_lines
from moa_lsp.edits.merge import merged_lines
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


def follow(hunks: Sequence[Hunk], edit: TextEdit, lines_after: Sequence[str], merging: bool = True) -> tuple[Hunk, ...]:
    """The hunks after one edit; `lines_after` are the text's lines then, with their ends.

    Every hunk moves; only pending and stale ones change their status. Without `merging` an edit within a hunk's lines
    always makes it stale.
    """
    lines = _line_edit(edit)
    # Should such an edit join or part a `\r` and a `\n` untold, what it doesn't touch is compared as well.
    doubtful = edit.start_column == 0 or "\r" in edit.new_text
    return _apart([_judged(*_moved(hunk, lines), doubtful, lines_after, merging) for hunk in hunks])


def follow_replacement(
    hunks: Sequence[Hunk], text_before: str, text_after: str, merging: bool = True
) -> tuple[Hunk, ...]:
    """The hunks after the whole text was replaced: each run of lines that differs is followed as an edit."""
    after = split_lines(text_after)
    spans = changed_spans(split_lines(text_before), after)
    # From the bottom up, so that the places of those still to come stay what they are in the text before.
    edits = [_LineEdit(span.start, span.end, span.new_end - span.new_start) for span in reversed(spans)]
    return _apart([_followed(hunk, edits, after, merging) for hunk in hunks])


def anchored(hunks: Sequence[Hunk], lines: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks, with each insertion knowing the lines that it stands between."""
    return tuple(_proposed(hunk, lines) for hunk in hunks)


def follow_whole(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """A hunk that holds a whole text, after any edit: pending where exactly that text stands, else stale."""
    if hunk.status not in (HunkStatus.PENDING, HunkStatus.STALE):
        return hunk
    stands = _stands_at(hunk.old, lines, 0) == len(lines)
    return evolve(hunk, start=0, end=len(lines), status=HunkStatus.PENDING if stands else HunkStatus.STALE)


def _proposed(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    if hunk.old or hunk.renames:
        return hunk
    around = _around(lines, hunk.start)
    return evolve(hunk, between=around, meant=around)


def _apart(hunks: list[Hunk]) -> tuple[Hunk, ...]:
    """The hunks, with those pending ones stale that hold the same lines."""
    pending = sorted((hunk.start, hunk.end, at) for at, hunk in enumerate(hunks) if hunk.status is HunkStatus.PENDING)
    beyond, last = 0, -1
    for start, end, at in pending:
        if start < beyond:
            for clashing in (at, last):
                hunks[clashing] = evolve(hunks[clashing], status=HunkStatus.STALE)
        if end >= beyond:
            beyond, last = end, at
    return tuple(hunks)


def _followed(hunk: Hunk, edits: Iterable[_LineEdit], after: Sequence[str], merging: bool) -> Hunk:
    reached = False
    for edit in edits:
        hunk, now = _moved(hunk, edit)
        reached = reached or now
    return _judged(hunk, reached, True, after, merging)


def _line_edit(edit: TextEdit) -> _LineEdit:
    breaks = edit.new_text.count("\n") + edit.new_text.count("\r") - edit.new_text.count("\r\n")
    whole = edit.start_column == 0 and edit.end_column == 0 and (not edit.new_text or edit.new_text[-1] in "\r\n")
    if whole:
        return _LineEdit(edit.start_line, edit.end_line, breaks)
    return _LineEdit(edit.start_line, edit.end_line + 1, breaks + 1)


def _moved(hunk: Hunk, edit: _LineEdit) -> tuple[Hunk, bool]:
    """The hunk where it is after the edit, and whether the edit reached into it."""
    if hunk.renames:
        return hunk, False  # it stands nowhere in the text
    delta = edit.count - (edit.end - edit.start)
    stale = hunk.status is HunkStatus.STALE
    if stale and edit.start == edit.end and hunk.start <= edit.start <= hunk.end:
        # What is written at its edge may be the lines that it lost, by an undo.
        return evolve(hunk, end=hunk.end + edit.count), True
    if hunk.start == hunk.end and (hunk.old or stale) and edit.start <= hunk.start <= edit.end:
        # All its lines were deleted: the same.
        return evolve(hunk, start=edit.start, end=edit.start + edit.count), True
    if edit.start == edit.end == hunk.start == hunk.end and hunk.status is HunkStatus.PENDING:
        # At an insertion's very place: which of these lines it comes before, the lines themselves have to tell.
        return evolve(hunk, end=hunk.end + edit.count), False
    if hunk.start >= edit.end:
        return evolve(hunk, start=hunk.start + delta, end=hunk.end + delta) if delta else hunk, False
    if hunk.end <= edit.start:
        return hunk, False
    end = hunk.end + delta if hunk.end > edit.end else edit.start + edit.count
    return evolve(hunk, start=min(hunk.start, edit.start), end=end), True


def _judged(hunk: Hunk, reached: bool, doubtful: bool, lines: Sequence[str], merging: bool) -> Hunk:
    if hunk.status not in (HunkStatus.PENDING, HunkStatus.STALE) or hunk.renames:
        return hunk
    if hunk.end > len(lines):
        # The empty line that editors count after the last line end is none.
        hunk = evolve(hunk, start=min(hunk.start, len(lines)), end=len(lines))
    if not hunk.old:
        return _judged_insertion(hunk, reached, doubtful, lines)
    if not (reached or doubtful):
        return hunk
    if _stands_at(hunk.old, lines, hunk.start) == hunk.end:
        return evolve(hunk, status=HunkStatus.PENDING)
    for meant in (hunk, _as_meant(hunk)):
        places = _places(meant, lines)
        if len(places) == 1:
            start, end = places[0]
            return evolve(meant, start=start, end=end, status=HunkStatus.PENDING)
    merged = _merged(hunk, lines) if merging and reached else None
    return merged or evolve(hunk, status=HunkStatus.STALE)


def _as_meant(hunk: Hunk) -> Hunk:
    """The hunk as it was before anything of the user's was merged into it."""
    return evolve(hunk, old=hunk.meant[0], new=hunk.meant[1], meant=None) if hunk.meant else hunk


def _merged(hunk: Hunk, lines: Sequence[str]) -> Hunk | None:
    """The hunk with what stands in its lines merged in; `None` where that conflicts, or leaves nothing to be done."""
    meant = _as_meant(hunk)
    base, ours = split_lines(meant.old), lines[hunk.start : hunk.end]
    if len(ours) - len(base) > _SLACK or len(ours) < hunk.end - hunk.start:
        return None
    both = merged_lines(base, ours, split_lines(meant.new))
    if both is None or both == ours:
        return None
    kept = (meant.old, meant.new)
    return evolve(hunk, old="".join(ours), new="".join(both), meant=kept, status=HunkStatus.PENDING)


def _judged_insertion(hunk: Hunk, reached: bool, doubtful: bool, lines: Sequence[str]) -> Hunk:
    if hunk.status is HunkStatus.PENDING and not reached:
        at = _place_among(hunk, lines)
        if _begins_line(lines, at):
            return _anchored(hunk if hunk.start == hunk.end == at else evolve(hunk, start=at, end=at), lines)
    if (reached or doubtful) and hunk.end - hunk.start <= _SLACK:
        spots = range(hunk.start, min(hunk.end, len(lines)) + 1)
        for between in (hunk.between, hunk.meant):
            places = [at for at in spots if _around(lines, at) == between and _begins_line(lines, at)]
            if len(places) == 1:
                return _anchored(evolve(hunk, start=places[0], end=places[0], status=HunkStatus.PENDING), lines)
    return evolve(hunk, status=HunkStatus.STALE)


def _place_among(hunk: Hunk, lines: Sequence[str]) -> int:
    """Where the insertion goes among lines that were written at its place."""
    if hunk.meant and hunk.start < hunk.end:
        places = [at for at in range(hunk.start, hunk.end + 1) if _around(lines, at)[1] == hunk.meant[1]]
        if len(places) == 1:
            return places[0]
    return hunk.end


def _anchored(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    around = _around(lines, hunk.start)
    return hunk if around == hunk.between else evolve(hunk, between=around)


def _around(lines: Sequence[str], at: int) -> tuple[str, str]:
    """The lines before and after a place between two lines."""
    return (lines[at - 1] if 0 < at <= len(lines) else "", lines[at] if at < len(lines) else "")


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
