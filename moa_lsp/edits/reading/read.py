"""Reads every edit that a reply holds, in whatever form, by asking one reader after the other at each line.

Rules:
- All readers are tried on every reply, whichever form was asked for. The edit that begins first takes its lines.
- What isn't an edit is prose. What looks like an edit and can't be read is a problem; nothing is dropped in silence.
- The same steps read a reply that is still arriving (`stream.py`).
- Reading knows no file: paths come out tidy, texts unescaped, and whether they fit is for `placing/place.py` to find
  out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.reading.markers import Markers, find_markers
from moa_lsp.edits.reading.path_line import named_file
from moa_lsp.edits.reading.read_diff import read_diff
from moa_lsp.edits.reading.read_patch import read_patch
from moa_lsp.edits.reading.read_search_replace import search_replace_reader
from moa_lsp.edits.reading.read_whole_file import read_whole_file
from moa_lsp.edits.reading.reply import Found, Reader, Stand, Waits, fence_of, next_filled
from moa_lsp.edits.values import Block, Problem

LONGEST = 600_000
"""Code points. Reading more would hold up everything else for more than a second: a million of the worst shape, whole
files of one letter each, takes 1.8 s, one of ordinary edits 0.2 s at most (measured)."""


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
    readers = readers_of(find_markers(lines))
    blocks: list[Block] = []
    problems: list[Problem] = []
    stand = Stand(lines, 0)
    while stand.at < len(lines):
        stand, found = step(stand, readers)
        if isinstance(found, Found):
            blocks += found.blocks
            problems += found.problems
    return Reading(tuple(blocks), tuple(_said_once(problems)))


def readers_of(markers: Markers) -> tuple[Reader, ...]:
    """All readers, for the reply that has those markers, in the order in which they are asked.

    A path comes before its fence, so whole files are told before diffs: a file that is called `.diff` may hold one.
    """
    return (search_replace_reader(markers), read_whole_file, read_diff, read_patch)


def step(stand: Stand, readers: Sequence[Reader]) -> tuple[Stand, Found | Waits | None]:
    """Past what begins at this line, an edit or prose; a reader that waits keeps its place."""
    found = next((found for reader in readers if (found := reader(stand)) is not None), None)
    if found is None:
        return _after_prose(stand), None
    if isinstance(found, Waits):
        return stand, found
    after = Stand(stand.lines, found.end, found.end, found.path or stand.path, stand.fence, stand.more)
    return after, found


def _said_once(problems: Iterable[Problem]) -> Iterable[Problem]:
    """The problems, with a notice about how a path was understood once a path."""
    noticed: set[tuple[str, str | None]] = set()
    for problem in problems:
        if problem.notice:
            if (problem.message, problem.file) in noticed:
                continue
            noticed.add((problem.message, problem.file))
        yield problem


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
    # Blank lines begin nothing. Written out, this takes a third of the time that `evolve` does (measured).
    after = next_filled(stand.lines, stand.at + 1)
    return Stand(stand.lines, after, stand.floor, path, open_fence, stand.more)
