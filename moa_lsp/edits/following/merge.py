"""Brings what the user made of a hunk's lines and what the hunk makes of them together: a three-way merge of lines.

Rules:
- All of both sides' changes are in the result, and nothing else differs from what they started from.
- Changes of the two sides that overlap or touch are a conflict, as they are for git: only a person knows which of the
  lines comes first. So is the very same change on both sides: what is left of a hunk then, a person should see anew.
- A change that may as well stand elsewhere (one of two equal lines went) reaches over all these places, and where the
  lines can be told apart in two ways that make a difference, that is a conflict. So it is where a line beside one
  side's change may be one of several equal lines of the other side.
- What this merges, libgit2 merges to the same text (tests hold it to that). libgit2's own merge wants a repository to
  work in, which this room may not have; the diffs on both sides are libgit2's (`edits/lines.py`).

When a hunk is merged, and what becomes of it, is `follow.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from moa_lsp.edits.lines import Span, changed_spans

_CELLS = 250_000
"""Lines of one text times lines of the other, up to which every way of telling them apart is looked at: 0.1 s."""


def merged_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The lines of `base` with the changes that lead to `ours` and those that lead to `theirs`; `None` where these
    conflict. All lines are with their ends."""
    merged = _merged(base, ours, theirs)
    # Which of several like lines is the one that stayed can be told in two ways: read from the end, the other is told.
    mirrored = None if merged is None else _merged(base[::-1], ours[::-1], theirs[::-1])
    if merged is None or mirrored is None or mirrored[::-1] != merged:
        return None
    known = _beside_known(base, theirs, changed_spans(base, ours)) and _beside_known(
        base, ours, changed_spans(base, theirs)
    )
    return merged if known else None


def _merged(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    our_changes = [(span, _reach(base, ours, span)) for span in changed_spans(base, ours)]
    changes = [(span, ours) for span, _ in our_changes]
    for their in changed_spans(base, theirs):
        reach = _reach(base, theirs, their)
        if any(_touch(our_reach, reach) for _, our_reach in our_changes):
            return None
        changes.append((their, theirs))
    result: list[str] = []
    done = 0
    for span, side in sorted(changes, key=lambda change: change[0].start):
        result += base[done : span.start]
        result += side[span.new_start : span.new_end]
        done = span.end
    return [*result, *base[done:]]


def _beside_known(base: Sequence[str], other: Sequence[str], changes: Sequence[Span]) -> bool:
    """Whether the lines of `base` beside these changes are each one certain line of the other side: in all of the
    shortest ways to tell what that side changed."""
    beside = {at for span in changes for at in (span.start - 1, span.end) if 0 <= at < len(base)}
    lines, doubles = Counter(base), Counter(other)
    if all(lines[base[at]] == doubles[base[at]] == 1 for at in beside) or len(base) * len(other) > _CELLS:
        return True
    before, behind = _alike(base, other), [row[::-1] for row in _alike(base[::-1], other[::-1])[::-1]]
    most = before[-1][-1]
    for at in beside:
        here = base[at]
        kept = sum(line == here and before[at][j] + 1 + behind[at + 1][j + 1] == most for j, line in enumerate(other))
        gone = any(before[at][j] + behind[at + 1][j] == most for j in range(len(other) + 1))
        if kept != 1 or gone:
            return False
    return True


def _alike(base: Sequence[str], other: Sequence[str]) -> list[list[int]]:
    """How many lines the first `i` of one and the first `j` of the other have in common, in order: `[i][j]`."""
    rows = [[0] * (len(other) + 1)]
    for line in base:
        above, row = rows[-1], [0]
        for j, one in enumerate(other):
            row.append(above[j] + 1 if one == line else max(above[j + 1], row[j]))
        rows.append(row)
    return rows


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _reach(base: Sequence[str], side: Sequence[str], span: Span) -> Span:
    """The span with all lines over which it could be shifted to the same effect."""
    first, beyond = span.start, span.end
    for lines, start, end in ((base, span.start, span.end), (side, span.new_start, span.new_end)):
        if start == end:
            continue
        up = down = 0
        while up < min(span.start, end) and base[span.start - 1 - up] == lines[end - 1 - up]:
            up += 1
        while (
            span.end + down < len(base) and start + down < len(lines) and base[span.end + down] == lines[start + down]
        ):
            down += 1
        first, beyond = min(first, span.start - up), max(beyond, span.end + down)
    return Span(first, beyond, span.new_start, span.new_end)
