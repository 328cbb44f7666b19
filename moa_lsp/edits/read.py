"""Reads every edit that a reply holds, in whatever form, by asking one reader after the other at each line.

Rules:
- All readers are tried on every reply, whichever form was asked for. The edit that begins first takes its lines.
- What isn't an edit is prose. What looks like an edit and can't be read is a problem; nothing is dropped in silence.
- Reading knows no file: paths come out tidy, texts unescaped, and whether they fit is for `place.py` to find out.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen

from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.path_line import named_file
from moa_lsp.edits.read_search_replace import search_replace_reader
from moa_lsp.edits.read_unplaced import read_unplaced
from moa_lsp.edits.read_whole_file import read_whole_file
from moa_lsp.edits.reply import Found, Stand, fence_of
from moa_lsp.edits.values import Block, Problem

LONGEST = 3_000_000
"""Code points. No model says as much in one reply (a tenth is the most that providers allow), and reading more would
hold up everything else for a second (measured: 1.3 s for 10 million)."""


@frozen
class Reading:
    """The edits of a reply, in its order, and what looked like one and couldn't be read."""

    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_edits(reply: str) -> Reading:
    """All edits in a reply, or in a proposal of one. The blocks' paths are tidy (`paths.tidy_path`)."""
    if len(reply) > LONGEST:
        problem = f"The reply was not read for edits: it is longer than {LONGEST:,} characters."
        return Reading(problems=(Problem(problem),))
    lines = split_lines(reply)
    readers: tuple[Callable[[Stand], Found | None], ...] = (
        search_replace_reader(lines),
        read_whole_file,
        read_unplaced,
    )
    blocks: list[Block] = []
    problems: list[Problem] = []
    stand = Stand(lines, 0)
    while stand.at < len(lines):
        found = next((found for reader in readers if (found := reader(stand)) is not None), None)
        if found is None:
            stand = _after_prose(stand)
            continue
        blocks += found.blocks
        problems += found.problems
        stand = evolve(stand, at=found.end, floor=found.end, path=found.path or stand.path)
    return Reading(tuple(blocks), tuple(problems))


def _after_prose(stand: Stand) -> Stand:
    """Past a line that no edit begins on. A file named on a line of its own is what follows is about."""
    line = stand.lines[stand.at]
    path, open_fence = stand.path, stand.fence
    fence = fence_of(line)
    if fence is not None:
        if open_fence is None:
            open_fence = fence
        elif fence.closes(open_fence):
            open_fence = None
    elif open_fence is None and (named := named_file(line)) is not None and named.sure and not named.listed:
        path = named.path
    return Stand(stand.lines, stand.at + 1, stand.floor, path, open_fence)
