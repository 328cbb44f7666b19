"""Reads SEARCH/REPLACE blocks: a path, `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`.

Rules:
- The path stands above the block or its fence, first in the fence, also in a comment, behind the fence's language or
  behind the marker; a block without one is about the file that was named last.
- Markers inside the text: blocks inside a block belong to its text (`markers.py`). With several separators every way to
  part the block is kept, and the file's text decides (`place.py`). What stays unclear is a problem.
- A block that isn't closed is never an edit: the reply may have been cut off inside it.

Whether the path may be edited and where the text stands is not known here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from attrs import evolve

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.markers import Markers, closes_block, opens_block
from moa_lsp.edits.path_line import Above, as_called, path_above
from moa_lsp.edits.paths import taken_for, tidy_path
from moa_lsp.edits.reply import Found, Reader, Stand, Waits, fence_of
from moa_lsp.edits.values import Problem, Replace

# More ways to part one block than these are not tried: it could be parted nearly anywhere.
_MOST_ALTERNATIVES = 16
_MOST_CHARACTERS = 2_000_000

_LONGER = "Write the markers of this edit with more characters than those in its text (9 instead of 7, say)."


def search_replace_reader(markers: Markers) -> Reader:
    """A reader for the reply whose markers those are."""
    stray: set[int] = set()

    def read(stand: Stand) -> Found | Waits | None:
        if stand.at in markers.lengths:
            return _block(stand, markers)
        if stand.at in markers.unreadable:
            return _refused(stand.at, stand, "begins with a marker that can't be read", "Write `<<<<<<< SEARCH` alone.")
        if len(stray) != len(markers.stray):
            stray.update(markers.stray)
        if stand.at in stray:
            return _refused(stand.at, stand, "is the end of an edit that never began", None)
        return None

    return read


def begins_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block's opening marker stands on that line."""
    return at < len(lines) and opens_block(lines[at])


def _block(stand: Stand, markers: Markers) -> Found | Waits:
    behind = markers.behind.get(stand.at)
    named = path_above(stand) if behind is None else Above(as_called(behind.strip("`\"'")))
    closing = markers.pairs.get(stand.at)
    if closing is None:
        if stand.more:
            return Waits(closes_block)
        # Blocks further down are still read: a forgotten end must not cost the edits after it.
        message = "The reply ended inside this edit, or its `>>>>>>> REPLACE` is missing"
        first = stand.lines[stand.at + 1].strip() if stand.at + 1 < len(stand.lines) else ""
        problem = Problem(f"{message} (line {stand.at + 1} of the reply: {first[:80]!r}).", named.path, line=stand.at)
        return Found(stand.at + 1, problems=(problem,), path=named.path)
    strays = _strays_of(stand, closing, markers)
    if strays:
        if not _one_fence(stand, closing, strays[-1]):
            numbers = ", ".join(str(line + 1) for line in (closing, *strays))
            message = f"The edit at line {stand.at + 1} of the reply has several ends (lines {numbers})."
            problem = Problem(message, named.path, _LONGER, line=stand.at)
            return Found(strays[-1] + 1, problems=(problem,), path=named.path)
        closing = strays[-1]
    if named.path is None:
        return _refused(closing, stand, "names no file", "Write the file's path on the line above the edit.")
    return _parted(stand, closing, markers, named.path, named.sure)


def _parted(stand: Stand, closing: int, markers: Markers, written: str, sure: bool) -> Found:
    path = tidy_path(written)
    if isinstance(path, Problem):
        return Found(closing + 1, problems=(evolve(path, line=stand.at),), path=written)
    cuts = _cuts(stand.at, closing, markers)
    if not cuts:
        found = _refused(closing, stand, "has no `=======` between what is searched and what replaces it", None, path)
        return Found(found.end, problems=found.problems, path=path)
    size = sum(map(len, stand.lines[stand.at : closing]))
    if len(cuts) > _MOST_ALTERNATIVES or (len(cuts) > 1 and size * len(cuts) > _MOST_CHARACTERS):
        found = _refused(closing, stand, f"has {len(cuts)} lines that could be its `=======`", _LONGER, path)
        return Found(found.end, problems=found.problems, path=path)
    # A longer search that stands in the file outdoes a shorter one: the file itself goes on as the reply does.
    readings = [(_text(stand.lines, stand.at + 1, cut), _text(stand.lines, cut + 1, closing)) for cut in reversed(cuts)]
    search, replace = readings[0]
    if not sure and not all(search.strip() for search, _ in readings):
        found = _refused(closing, stand, "names its file unclearly", "Write the path alone, in backticks.", path)
        return Found(found.end, problems=found.problems, path=path)
    block = Replace(path, search, replace, stand.at, tuple(readings[1:]))
    return Found(closing + 1, blocks=(block,), problems=taken_for(written, path, stand.at), path=path)


def _cuts(opening: int, closing: int, markers: Markers) -> list[int]:
    """The lines that may part the block: as long as its markers if any is, and not inside a block in its text."""
    first, beyond = bisect_left(markers.separators, (opening, 0)), bisect_left(markers.separators, (closing, 0))
    separators = markers.separators[first:beyond]
    first, beyond = bisect_left(markers.openings, opening + 1), bisect_left(markers.openings, closing)
    inner = [
        (line, end) for line in markers.openings[first:beyond] if (end := markers.pairs.get(line, closing)) < closing
    ]
    length = markers.lengths[opening]
    alike = _outside([pair for pair in inner if markers.lengths[pair[0]] == length], separators)
    usual = [line for line, its_length in alike if its_length == length]
    return usual or [line for line, _ in _outside(inner, separators)]


def _outside(spans: Sequence[tuple[int, int]], separators: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The separators in none of the spans, each of which is a first and a last line; both from the top."""
    outside: list[tuple[int, int]] = []
    covered, at = -1, 0
    for separator in separators:
        while at < len(spans) and spans[at][0] < separator[0]:
            covered = max(covered, spans[at][1])
            at += 1
        if separator[0] > covered:
            outside.append(separator)
    return outside


def _strays_of(stand: Stand, closing: int, markers: Markers) -> list[int]:
    """Closing markers after the block's own with no other block between: one of them may be its real end."""
    after = bisect_left(markers.openings, closing)
    limit = markers.openings[after] if after < len(markers.openings) else len(stand.lines)
    first = bisect_left(markers.stray, closing)
    return list(markers.stray[first : bisect_left(markers.stray, limit)])


def _one_fence(stand: Stand, closing: int, last: int) -> bool:
    """Whether the block's fence reaches to the last of its ends, with text between them: then all is the block's."""
    if stand.fence is None or last == closing + 1:
        return False
    fences = (fence_of(stand.lines[line]) for line in range(closing, last))
    return not any(fence is not None and fence.closes(stand.fence) for fence in fences)


def _text(lines: Sequence[str], start: int, end: int) -> str:
    return unescape("".join(lines[start:end]))


def _refused(last: int, stand: Stand, why: str, hint: str | None, path: str | None = None) -> Found:
    message = f"The edit at line {stand.at + 1} of the reply {why}."
    return Found(last + 1, problems=(Problem(message, path, hint, line=stand.at),), path=stand.path)
