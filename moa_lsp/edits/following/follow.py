"""Keeps hunks on their lines while the text under them moves.

Rules:
- Only whole lines count. An edit replaces the lines it touches; a hunk below them moves, one above stays, one that the
  edit reaches into takes in the lines that were written.
- A hunk that the edit reached is pending where its old lines stand, character for character, within what it now
  covers, once only. Else the user's edit and the hunk's are merged (`merge.py`), and the hunk is pending with what the
  user made of its lines as its old ones. Where these conflict it's stale, and pending again as soon as it fits.
- What a merged hunk was before is kept with it (`Hunk.meant`): every merge begins there, and an undo leads back there.
  A merged hunk isn't cut down to what still differs: it has to notice the undo of what the user wrote within it.
- A hunk that inserts stays before the same line (`follow_insertion.py`).
- A text that was replaced as a whole is compared, and which of several like lines came or went can then be told in two
  ways. A hunk that this would put in two places is stale until the lines around it read as before (`Hunk.unsure`).
  What we wrote ourselves isn't compared: `follow_written` knows the lines.
- A rejected hunk is followed as a stale one is, and stays rejected: nothing is merged into it.
- No two pending hunks of a file hold the same line: where an edit leaves one line for two that were alike, both are
  stale.
- Cost depends on the edit and the hunks, never on the text's length: a keystroke mustn't wait for 50,000 lines.

An edit has to tell all line ends that come and go: a lone `\\r` and a `\\n` that meet are for the caller to take in.
Which document an edit belongs to isn't known here, and what comes and goes as a whole is `follow_file.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from attrs import evolve

from moa_lsp.edits.following.follow_insertion import anchored_at, judged_insertion, moved_insertion
from moa_lsp.edits.following.line_edit import SLACK, LineEdit, Reach, TextEdit, line_edit, moved_lines, stands_at
from moa_lsp.edits.following.merge import merged_lines
from moa_lsp.edits.lines import Span, changed_spans, split_lines
from moa_lsp.edits.values import Hunk, HunkStatus

__all__ = [
    "TextEdit",
    "anchored",
    "apart",
    "follow",
    "follow_replacement",
    "follow_whole",
    "follow_written",
    "put_back",
    "taken_up",
]

_OPEN = (HunkStatus.PENDING, HunkStatus.STALE)


def follow(hunks: Sequence[Hunk], edit: TextEdit, lines_after: Sequence[str], merging: bool = True) -> tuple[Hunk, ...]:
    """The hunks after one edit; `lines_after` are the text's lines then, with their ends.

    Every hunk moves; only pending and stale ones change their status. Without `merging` an edit within a hunk's lines
    always makes it stale.
    """
    lines = line_edit(edit, lines_after)
    # Should such an edit join or part a `\r` and a `\n` untold, what it doesn't touch is compared as well.
    doubtful = edit.start_column == 0 or "\r" in edit.new_text

    def followed(hunk: Hunk, merges: bool) -> Hunk:
        return _judged(*_moved(hunk, [lines]), doubtful, lines_after, merges)

    return _each(hunks, followed, merging)


def follow_replacement(
    hunks: Sequence[Hunk], text_before: str, text_after: str, merging: bool = True
) -> tuple[Hunk, ...]:
    """The hunks after the whole text was replaced: each run of lines that differs is followed as an edit."""
    before, after = split_lines(text_before), split_lines(text_after)
    spans = changed_spans(before, after)
    mirrored = [_mirrored(span, before, after) for span in changed_spans(before[::-1], after[::-1])]

    def followed(hunk: Hunk, merges: bool) -> Hunk:
        (moved, reach), other = (_moved(hunk, _bottom_up(told)) for told in (spans, mirrored))
        if (moved, reach) != other and hunk.status in _OPEN:
            moved, reach = _unsure(hunk, [*spans, *mirrored], before, len(after) - len(before)), Reach.INTO
        judged = _judged(moved, reach, True, after, merges)
        if _may_be_elsewhere(hunk, judged):
            unsure = _unsure(hunk, [*spans, *mirrored], before, len(after) - len(before))
            judged = _judged(unsure, Reach.INTO, True, after, merges)
        return judged

    return _each(hunks, followed, merging)


def _may_be_elsewhere(before: Hunk, after: Hunk) -> bool:
    """Whether an insertion that nothing ties to its lines any more would come between others: that the line below it is
    still the same is only told by its text, and another may read like it."""
    if before.old or before.renames or not (before.status is after.status is HunkStatus.PENDING):
        return False
    if not (before.between and before.meant and after.between) or after.between in (before.between, before.meant):
        return False
    above, below = before.meant
    return before.between[1] != below and (before.between[0] != above or after.between[0] != above)


def follow_written(
    hunks: Sequence[Hunk], written: Iterable[Hunk], lines_after: Sequence[str], merging: bool = True
) -> tuple[Hunk, ...]:
    """The hunks after these others were put into their text, all at once and nothing else with them."""
    spans = sorted(written, key=lambda one: (one.start, one.end))
    edits = [LineEdit(one.start, one.end, len(split_lines(one.new)), keeps=True) for one in reversed(spans)]

    def followed(hunk: Hunk, merges: bool) -> Hunk:
        return _judged(*_moved(hunk, edits), True, lines_after, merges)

    return _each(hunks, followed, merging)


def taken_up(hunks: Sequence[Hunk], ids: Collection[str], lines: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks, with those of these ids, which were rejected, pending where they stand in the lines, else stale."""
    opened = (evolve(hunk, status=HunkStatus.STALE) if hunk.id in ids else hunk for hunk in hunks)
    return apart([_judged(one, Reach.INTO, True, lines, False) if one.id in ids else one for one in opened])


def _each(hunks: Sequence[Hunk], followed: Callable[[Hunk, bool], Hunk], merging: bool) -> tuple[Hunk, ...]:
    """All hunks followed, the rejected ones as if they were open."""
    return apart(
        [
            _as_rejected(followed(_as_open(hunk), False))
            if hunk.status is HunkStatus.REJECTED
            else followed(hunk, merging)
            for hunk in hunks
        ]
    )


def _as_open(hunk: Hunk) -> Hunk:
    """A rejected hunk with the status that it would have: what it covers, or lacks, tells whether it has its place."""
    own = len(split_lines(hunk.old)) == hunk.end - hunk.start
    has_place = own and not hunk.unsure and bool(hunk.old or hunk.renames or hunk.between)
    return evolve(hunk, status=HunkStatus.PENDING if has_place else HunkStatus.STALE)


def _as_rejected(hunk: Hunk) -> Hunk:
    """The same after it was followed. An insertion that lost its place lacks the lines around it from then on."""
    lost = hunk.status is HunkStatus.STALE and not hunk.old
    return evolve(hunk, status=HunkStatus.REJECTED, between=None if lost else hunk.between)


def anchored(hunks: Sequence[Hunk], lines: Sequence[str]) -> tuple[Hunk, ...]:
    """The hunks, with each insertion knowing the lines that it stands between."""
    return tuple(hunk if hunk.old or hunk.renames else anchored_at(hunk, lines) for hunk in hunks)


def put_back(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """The hunk, pending again at its place after it was applied: while it was, nobody saw to the lines around it."""
    if hunk.old or hunk.renames or hunk.status is not HunkStatus.PENDING:
        return hunk
    return evolve(anchored_at(hunk, lines), meant=hunk.meant)


def follow_whole(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """A hunk that holds a whole text, after any edit: pending where exactly that text stands, else stale."""
    if hunk.status not in _OPEN:
        return hunk
    stands = stands_at(hunk.old, lines, 0) == len(lines)
    return evolve(hunk, start=0, end=len(lines), status=HunkStatus.PENDING if stands else HunkStatus.STALE)


def _bottom_up(spans: Iterable[Span]) -> list[LineEdit]:
    """The spans as edits, so that the places of those still to come stay what they are in the text before."""
    ordered = sorted(spans, key=lambda one: one.start, reverse=True)
    return [LineEdit(span.start, span.end, span.new_end - span.new_start) for span in ordered]


def _mirrored(span: Span, before: Sequence[str], after: Sequence[str]) -> Span:
    """A span of two lists that are read from their ends, as one of the lists."""
    old, new = len(before), len(after)
    return Span(old - span.end, old - span.start, new - span.new_end, new - span.new_start)


def apart(hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """The hunks, with those pending ones stale that hold the same lines."""
    pending = sorted((hunk.start, hunk.end, at) for at, hunk in enumerate(hunks) if hunk.status is HunkStatus.PENDING)
    beyond, last = 0, -1
    parted = list(hunks)
    for start, end, at in pending:
        if start < beyond:
            for clashing in (at, last):
                parted[clashing] = evolve(parted[clashing], status=HunkStatus.STALE)
        if end >= beyond:
            beyond, last = end, at
    return tuple(parted)


def _moved(hunk: Hunk, edits: Iterable[LineEdit]) -> tuple[Hunk, Reach]:
    """The hunk where it is after the edits, which come from the bottom up, and how far they reached it."""
    reach = Reach.NOT
    for edit in edits:
        hunk, now = _moved_by(hunk, edit)
        reach = max(reach, now)
    return hunk, reach


def _moved_by(hunk: Hunk, edit: LineEdit) -> tuple[Hunk, Reach]:
    if hunk.renames:
        return hunk, Reach.NOT  # it stands nowhere in the text
    stale = hunk.status is HunkStatus.STALE
    if (not hunk.old and hunk.status in _OPEN) or (stale and hunk.unsure):
        return moved_insertion(hunk, edit)
    if stale and edit.start == edit.end and hunk.start <= edit.start <= hunk.end:
        # What is written at its edge may be the lines that it lost, by an undo.
        return evolve(hunk, end=hunk.end + edit.count), Reach.INTO
    # Where all its lines were deleted it's the same. Not for one that was applied and left none: what becomes of the
    # lines beside it doesn't reach it.
    bare = hunk.start == hunk.end and hunk.old and edit.start <= hunk.start <= edit.end
    if bare and (hunk.new or hunk.status in _OPEN or edit.start == edit.end):
        return evolve(hunk, start=edit.start, end=edit.start + edit.count), Reach.INTO
    return moved_lines(hunk, edit)


def _judged(hunk: Hunk, reach: Reach, doubtful: bool, lines: Sequence[str], merging: bool) -> Hunk:
    if hunk.status not in _OPEN or hunk.renames:
        return hunk
    if hunk.end > len(lines):
        # The empty line that editors count after the last line end is none.
        hunk = evolve(hunk, start=min(hunk.start, len(lines)), end=len(lines))
    if hunk.unsure:
        return _sure_again(hunk, lines)
    if not hunk.old:
        return judged_insertion(hunk, reach, doubtful, lines)
    if reach is Reach.NOT and not doubtful:
        return hunk
    if stands_at(hunk.old, lines, hunk.start) == hunk.end:
        return evolve(hunk, status=HunkStatus.PENDING)
    for meant in (hunk, _as_meant(hunk)):
        places = _places(hunk, meant.old, lines)
        if len(places) == 1:
            start, end = places[0]
            return evolve(meant, start=start, end=end, status=HunkStatus.PENDING)
    merged = _merged(hunk, lines) if merging and reach else None
    return merged or evolve(hunk, status=HunkStatus.STALE)


def _as_meant(hunk: Hunk) -> Hunk:
    """The hunk as it was before anything of the user's was merged into it."""
    return evolve(hunk, old=hunk.meant[0], new=hunk.meant[1], meant=None) if hunk.meant else hunk


def _merged(hunk: Hunk, lines: Sequence[str]) -> Hunk | None:
    """The hunk with what stands in its lines merged in; `None` where that conflicts, or leaves nothing to be done."""
    meant = _as_meant(hunk)
    base, ours = split_lines(meant.old), lines[hunk.start : hunk.end]
    if len(ours) - len(base) > SLACK or len(ours) < hunk.end - hunk.start:
        return None
    both = merged_lines(base, ours, split_lines(meant.new))
    if both is None or both == ours:
        return None
    kept = (meant.old, meant.new)
    return evolve(hunk, old="".join(ours), new="".join(both), meant=kept, status=HunkStatus.PENDING)


def _unsure(hunk: Hunk, spans: Sequence[Span], before: Sequence[str], delta: int) -> Hunk:
    """The hunk, stale, over all that may have come or gone; with what stood above and below it there.

    `spans` are how the texts differ, told in both ways, and `delta` is how many lines more there are now.
    """
    start = min(hunk.start, *(span.start for span in spans))
    end = max(hunk.end, *(span.end for span in spans))
    around = ("".join(before[start : hunk.start]), "".join(before[hunk.end : end]))
    unsure = around if hunk.status is HunkStatus.PENDING else hunk.unsure
    return evolve(hunk, start=start, end=end + delta, status=HunkStatus.STALE, unsure=unsure)


def _sure_again(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """The hunk pending where all that may have come or gone reads as it did; else as it is.

    All of it, and not a part: of two places that were alike one may have gone since, and be the one that was meant.
    """
    assert hunk.unsure
    above, below = hunk.unsure
    if stands_at(above + hunk.old + below, lines, hunk.start) != hunk.end:
        return hunk
    start = hunk.start + len(split_lines(above))
    end = start + len(split_lines(hunk.old))
    sure = evolve(hunk, start=start, end=end, status=HunkStatus.PENDING, unsure=None)
    return sure if hunk.old else judged_insertion(sure, Reach.NOT, True, lines)


def _places(hunk: Hunk, text: str, lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where that text stands within what the hunk covers; no more than two places are looked for."""
    length = len(split_lines(text))
    places: list[tuple[int, int]] = []
    if hunk.end - hunk.start - length > SLACK:
        return places
    for start in range(hunk.start, min(hunk.end, len(lines)) - length + 1):
        end = stands_at(text, lines, start)
        if end is not None and end <= hunk.end:
            places.append((start, end))
            if len(places) == 2:
                break
    return places
