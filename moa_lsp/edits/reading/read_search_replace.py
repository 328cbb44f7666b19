"""Reads SEARCH/REPLACE blocks: a path, `<<<<<<< SEARCH`, `=======`, `>>>>>>> REPLACE`.

Rules:
- The path stands above the block or its fence, first in the fence, also in a comment, behind the fence's language or
  behind the marker; a block without one is about the file that was named last.
- Markers inside the text: blocks inside a block belong to its text (`markers.py`). With several separators every way to
  part the block is kept, and the file's text decides (`placing/place.py`). What stays unclear is a problem.
- A block that isn't closed is never an edit: the reply may have been cut off inside it. Neither is one in which its
  own fence ends, or that stands under two files' names.
- In a list, text and markers are indented with the item: what the marker is indented by is taken off a new file's
  text, and off other text for a second reading of the block.

Whether the path may be edited and where the text stands is not known here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from attrs import evolve

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.paths import taken_for, tidy_path
from moa_lsp.edits.reading.markers import Markers, begins_badly, closes_block, opens_block
from moa_lsp.edits.reading.path_line import Above, as_called, path_above, same_path
from moa_lsp.edits.reading.reply import (
    Fence,
    Found,
    Reader,
    Stand,
    Waits,
    fence_of,
    indent_of,
    is_fence,
    next_filled,
    outdented,
)
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
            why, path = "begins with a marker that can't be read", path_above(stand).path
            return _refused(stand.at, stand, why, "Write `<<<<<<< SEARCH` alone.", path)
        if len(stray) != len(markers.stray):
            stray.update(markers.stray)
        if stand.at in stray:
            return _refused(stand.at, stand, "is the end of an edit that never began", None)
        return None

    return read


def begins_block(lines: Sequence[str], at: int) -> bool:
    """Whether a block's opening marker stands on that line."""
    return at < len(lines) and opens_block(lines[at])


def is_blocks_own(lines: Sequence[str], at: int) -> bool:
    """Whether the line is this reader's: a block's opening marker, or one that can't be read."""
    return at < len(lines) and (opens_block(lines[at]) or begins_badly(lines[at]))


def _block(stand: Stand, markers: Markers) -> Found | Waits:
    named = _named(stand, markers.behind.get(stand.at))
    closing = markers.pairs.get(stand.at)
    if closing is None:
        if stand.more:
            return Waits(closes_block)
        # Blocks further down are still read: a forgotten end must not cost the edits after it.
        message = "The reply ended inside this edit, or its `>>>>>>> REPLACE` is missing"
        first = stand.lines[stand.at + 1].strip() if stand.at + 1 < len(stand.lines) else ""
        problem = Problem(f"{message} (line {stand.at + 1} of the reply: {first[:80]!r}).", named.path, line=stand.at)
        return Found(_behind_inner(stand.at, markers), problems=(problem,), path=named.path)
    if stand.more and not _is_sure(stand, closing, markers):
        return Waits(_tells)
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
    if named.other is not None:
        why = f"stands under two files' names, {named.path} and {named.other}"
        return _refused(closing, stand, why, "Name the file once, on the line above the edit.")
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
    if (inside := _fence_inside(stand, cuts[-1], closing)) is not None:
        why = f"has the end of its fence inside of it (line {inside + 1})"
        found = _refused(closing, stand, why, "Close the fence behind `>>>>>>> REPLACE`.", path)
        return Found(found.end, problems=found.problems, path=path)
    # A longer search that stands in the file outdoes a shorter one: the file itself goes on as the reply does.
    readings = [_reading(stand, cut, closing, "") for cut in reversed(cuts)]
    if indent := indent_of(stand.lines[stand.at]):
        others = [_reading(stand, cut, closing, indent) for cut in reversed(cuts)]
        # Nothing tells how deep a new file's text is to stand but the marker.
        readings = [other if not one[0].strip() else one for one, other in zip(readings, others, strict=True)]
        readings += [other for other in others if other not in readings]
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


def _named(stand: Stand, behind: str | None) -> Above:
    """The file that the block is about; `behind` is what stands behind its marker."""
    above = path_above(stand)
    if behind is None:
        return above
    path = as_called(behind.strip("`\"'"))
    if above.path is None or not above.own:
        return Above(path)
    if same_path(above.path, path):
        return Above(max(above.path, path, key=len))
    return Above(path, other=above.path)


def _behind_inner(opening: int, markers: Markers) -> int:
    """The first line behind a block that nothing closes, and behind what is its text: blocks with shorter markers."""
    end = opening + 1
    for at in range(bisect_right(markers.openings, opening), len(markers.openings)):
        inner = markers.openings[at]
        if markers.lengths[inner] >= markers.lengths[opening]:
            break
        end = max(end, inner + 1, markers.pairs.get(inner, inner) + 1)
    return end


def _is_sure(stand: Stand, closing: int, markers: Markers) -> bool:
    """Whether nothing that may follow belongs to the block: in a fence, once that is closed or another block opens."""
    if stand.fence is None:
        return True
    after = bisect_left(markers.openings, closing)
    limit = markers.openings[after] if after < len(markers.openings) else len(stand.lines)
    for line in range(closing + 1, limit):
        if closes_block(stand.lines[line]):
            # A second end: what it makes of the block is known when the reply has ended.
            return False
        fence = fence_of(stand.lines[line])
        if fence is not None and fence.closes(stand.fence):
            return True
    return limit < len(stand.lines)


def _tells(line: str) -> bool:
    return is_fence(line) or opens_block(line)


def _fence_inside(stand: Stand, cut: int, closing: int) -> int | None:
    """The last line of the replacement, where it closes the block's own fence instead of one in the text."""
    if stand.fence is None:
        return None
    last = closing - 1
    while last > cut and not stand.lines[last].strip():
        last -= 1
    fence = fence_of(stand.lines[last])
    if last == cut or fence is None or not fence.closes(stand.fence):
        return None
    below = next_filled(stand.lines, closing + 1)
    after = fence_of(stand.lines[below]) if below < len(stand.lines) else None
    if after is not None and after.closes(stand.fence):
        return None
    open_before = _open_fence(stand.lines[stand.at + 1 : cut]) is not None
    return last if not open_before and _open_fence(stand.lines[cut + 1 : closing]) == fence else None


def _open_fence(lines: Sequence[str]) -> Fence | None:
    """The fence among these lines that none of them closes."""
    opening: Fence | None = None
    for fence in map(fence_of, lines):
        if fence is not None and opening is None:
            opening = fence
        elif fence is not None and opening is not None and fence.closes(opening):
            opening = None
    return opening


def _reading(stand: Stand, cut: int, closing: int, indent: str) -> tuple[str, str]:
    """What is searched and what replaces it, where the block is parted at `cut`, without that indentation."""
    search = outdented(stand.lines[stand.at + 1 : cut], indent)
    replace = outdented(stand.lines[cut + 1 : closing], indent)
    return unescape("".join(search)), unescape("".join(replace))


def _refused(last: int, stand: Stand, why: str, hint: str | None, path: str | None = None) -> Found:
    message = f"The edit at line {stand.at + 1} of the reply {why}."
    return Found(last + 1, problems=(Problem(message, path, hint, line=stand.at),), path=stand.path)
