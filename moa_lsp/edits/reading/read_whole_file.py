"""Reads whole files: a code fence directly under a line that names the file, and nothing else.

Rules:
- A fence without a path above it illustrates something and stays prose. So does one whose caption is no path, and one
  whose path stands in a comment on its first line: that's how parts of files are shown as well.
- The text may hold fences: shorter ones, and ones that say their language and are closed again. Where two closings are
  possible, the fence is refused rather than the file cut short.
- In a list the fence is indented with its item, and so is the file's text, which then isn't.
- Lines that nearly all begin with a diff's signs, and those with the markers of a merge, are an edit written wrongly:
  a problem, never the file. So is a fence that names another file than the line above it.
- A fence that doesn't close is never a file, and nothing behind it is read: it may all be the file's text.
- A fence that begins with a SEARCH/REPLACE block, a diff or a patch envelope is for those readers; only a file that is
  called `.diff` or `.patch` may hold a diff, unless that diff is of the file itself.

Text left out ("... rest unchanged ...") is found when the file's present text is at hand, in `placing/place.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from attrs import evolve

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.paths import taken_for, tidy_path
from moa_lsp.edits.reading.diff_lines import DIFF_NAMES, begins_diff, header_path, says_diff
from moa_lsp.edits.reading.markers import opens_block
from moa_lsp.edits.reading.path_line import Named, heads_block, named_file, path_in_info, same_path
from moa_lsp.edits.reading.read_patch import begins_patch
from moa_lsp.edits.reading.read_search_replace import begins_block, is_blocks_own
from moa_lsp.edits.reading.reply import (
    Fence,
    Found,
    Stand,
    Waits,
    any_line,
    closing_line,
    fence_of,
    is_fence,
    next_filled,
    outdented,
)
from moa_lsp.edits.values import Problem, WholeFile

_MARKDOWN = re.compile(r"\.(?:md|mdx|markdown|rst|txt|qmd|rmd)$", re.IGNORECASE)
_LINK = re.compile(r"^https?://", re.IGNORECASE)

_LONGER = "Put the file in a fence that is longer than any fence in its text."


def read_whole_file(stand: Stand) -> Found | Waits | None:
    """The whole file whose path stands on this line, if one does."""
    lines = stand.lines
    # A fence names no file, and most lines have none below them.
    if is_fence(lines[stand.at]):
        return None
    opens = stand.at + 1
    if opens < len(lines) and not lines[opens].strip():
        opens += 1
    opening = fence_of(lines[opens]) if opens < len(lines) else None
    waits = stand.more and opens >= len(lines)
    if not waits and (opening is None or (stand.fence is not None and opening.closes(stand.fence))):
        return None
    named = named_file(lines[stand.at])
    if named is None or _LINK.match(named.path) or (not named.sure and " " in named.path):
        return None
    if opening is None:
        return Waits(any_line)
    first = next_filled(lines, opens + 1)
    second = next_filled(lines, first + 1)
    if stand.more and second + 1 >= len(lines) and _closing(lines, opens + 1, opening) is None:
        return Waits(any_line)
    if _other_readers(lines, (first, second), opening, named.path):
        return None
    return _file(stand, opens, opening, named)


def _other_readers(lines: Sequence[str], filled: tuple[int, int], opening: Fence, path: str) -> bool:
    """Whether the fence under that path is another reader's; `filled` are its first two filled lines."""
    first, second = filled
    if begins_patch(lines, first):
        return True
    if is_blocks_own(lines, first) or (is_blocks_own(lines, second) and heads_block(lines[first])):
        return True
    if path.lower().endswith(DIFF_NAMES):
        headed = header_path(lines, first)
        return headed is not None and tidy_path(headed) == tidy_path(path)
    return says_diff(opening) or begins_diff(lines, first)


def _file(stand: Stand, opens: int, opening: Fence, named: Named) -> Found | Waits:
    lines = stand.lines
    where = f"at line {stand.at + 1} of the reply"
    closing = _closing(lines, opens + 1, opening)
    if closing is None:
        if stand.more:
            return Waits(is_fence)
        message = f"The reply ended inside the file {where}: its fence isn't closed, and nothing after it was read."
        return Found(len(lines), problems=(Problem(message, named.path, line=stand.at),), path=named.path)
    if not named.sure:
        message = f"The code {where} may be the whole file {named.path}, or an example."
        hint = f"If it's the file, write its path as `./{named.path.removeprefix('./')}`."
        return Found(closing + 1, problems=(Problem(message, named.path, hint, line=stand.at),))
    path = tidy_path(named.path)
    if isinstance(path, Problem):
        return Found(closing + 1, problems=(evolve(path, line=stand.at),))
    if stand.more and closing + 1 >= len(lines):
        return Waits(any_line)
    other = _other_closing(stand, closing, opening, path)
    if isinstance(other, Waits):
        return other
    if other is not None:
        message = f"The file {where} may end at line {closing + 1} or go on past the fence at line {other + 1}."
        problem = Problem(message, path, _LONGER, line=stand.at)
        return Found(_last_fence(lines, other, opening) + 1, problems=(problem,), path=path)
    inside = outdented(lines[opens + 1 : closing], opening.indent)
    if (reason := _no_file(inside, opening, path)) is not None:
        message, hint = reason
        problem = Problem(f"The file {where} {message}.", path, hint, line=stand.at)
        return Found(closing + 1, problems=(problem,), path=path)
    block = WholeFile(path, unescape("".join(inside)), stand.at)
    return Found(closing + 1, blocks=(block,), problems=taken_for(named.path, path, stand.at), path=path)


def _no_file(lines: Sequence[str], opening: Fence, path: str) -> tuple[str, str] | None:
    """Why the text in a fence under that path isn't the file's, and what to write instead; `None` where it is."""
    other = path_in_info(opening.info)
    if other is not None and not same_path(other, path):
        return f"is called {path} above its fence and {other} on it", "Name the file once, on the line above the fence."
    if _has_conflict(lines):
        return "holds the markers of a merge without their words", "Write `<<<<<<< SEARCH` and `>>>>>>> REPLACE`."
    if not _MARKDOWN.search(path) and _has_signs(lines):
        return (
            "has a diff's signs before its lines",
            "Put a diff into a ```diff fence; write a whole file without signs.",
        )
    return None


def _has_conflict(lines: Sequence[str]) -> bool:
    """Whether the three markers of a merge conflict stand there in their order, without the words behind them."""
    wanted = "<=>"
    for line in lines:
        if wanted and line[:5] == wanted[0] * 5 and not line.strip().strip(wanted[0]):
            wanted = wanted[1:]
    return not wanted


def _has_signs(lines: Sequence[str]) -> bool:
    """Whether nearly all lines begin as a diff's do, some of them with `+` and some with `-`."""
    signs = Counter(line[0] for line in lines if line.strip())
    return bool(signs["+"] and signs["-"]) and signs.total() <= (signs["+"] + signs["-"] + signs[" "]) * 10 / 9


def _closing(lines: Sequence[str], at: int, opening: Fence) -> int | None:
    """The line that closes the file's fence. Fences in the text that say their language are closed first."""
    depth = 1
    for line in range(at, len(lines)):
        fence = fence_of(lines[line])
        if fence is None or fence.character != opening.character or fence.length < opening.length:
            continue
        if fence.info:
            depth += 1
        elif depth > 1 or len(fence.indent) <= len(opening.indent):
            depth -= 1
        if depth == 0:
            return line
    return None


def _other_closing(stand: Stand, closing: int, opening: Fence, path: str) -> int | Waits | None:
    """The next bare fence, where the one at `closing` may have been a fence of the file's own text.

    In prose about code a bare fence is usual; in other files, it's telling that text goes on right behind it.
    """
    lines = stand.lines
    goes_on = closing + 1 < len(lines) and bool(lines[closing + 1].strip())
    if not goes_on and not _MARKDOWN.search(path):
        return None
    for line in range(closing + 1, len(lines)):
        fence = fence_of(lines[line])
        if begins_block(lines, line) or (fence is not None and fence.info):
            return None
        if fence is not None and stand.fence is not None and fence.closes(stand.fence):
            return None
        if fence is not None and fence.closes(opening):
            above = line - 1 if lines[line - 1].strip() else line - 2
            return None if above > closing and named_file(lines[above]) else line
    return Waits(_tells_end) if stand.more else None


def _tells_end(line: str) -> bool:
    return is_fence(line) or opens_block(line)


def _last_fence(lines: Sequence[str], other: int, opening: Fence) -> int:
    """Where the doubtful file ends at the latest: the last bare fence before anything that is surely something else."""
    last = other
    while (after := closing_line(lines, last + 1, opening)) is not None:
        between = range(last + 1, after)
        if any(begins_block(lines, line) or ((f := fence_of(lines[line])) and f.info) for line in between):
            break
        above = after - 1 if lines[after - 1].strip() else after - 2
        if named_file(lines[above]):
            break
        last = after
    return last
