"""A reply as the readers see it: its lines, its code fences, where one reader stands, and what it found.

Rules:
- A reply is read from the top, once. At each line every reader is asked whether an edit of its kind begins there; what
  it takes belongs to that edit whole, so code inside an edit is never read as another edit.
- A fence closes with the same character, at least as many of them, and nothing behind (CommonMark, "Fenced code
  blocks").

The readers are one file each, `read_*.py`; `read.py` asks them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from moa_lsp.edits.values import Block, Problem

# Blanks are stripped elsewhere: tried at each of 20,000 of them in a row, a pattern takes seconds (measured).
_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\r\n]*)[\r\n]*$")


@frozen
class Fence:
    """A line that opens or closes code: its indentation, character, how many of it, and what follows them."""

    indent: str
    character: str
    length: int
    info: str

    def closes(self, opening: Fence) -> bool:
        return not self.info and self.character == opening.character and self.length >= opening.length


@frozen
class Stand:
    """Where in a reply a reader stands.

    `floor` is the first line that no earlier edit has taken. `path` is the file that was named last, by an edit or
    between edits. `fence` is the fence that is open here and isn't part of an edit.
    """

    lines: Sequence[str]
    at: int
    floor: int = 0
    path: str | None = None
    fence: Fence | None = None


@frozen
class Found:
    """What a reader took: the reply's lines from where it stood to `end` (excluded), and what they came to."""

    end: int
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    path: str | None = None


def fence_of(line: str) -> Fence | None:
    """The fence that the line is; `None` for any other line."""
    if line.lstrip(" \t")[:3] not in ("```", "~~~"):
        return None
    match = _FENCE.match(line)
    if match is None or (match[2][0] == "`" and "`" in match[3]):
        return None
    return Fence(match[1], match[2][0], len(match[2]), match[3].strip(" \t"))


def next_filled(lines: Sequence[str], at: int) -> int:
    """The first line from `at` on that isn't blank; the number of lines where there is none."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def closing_line(lines: Sequence[str], at: int, opening: Fence) -> int | None:
    """The line that closes the fence whose first inner line is `at`; `None` where none does."""
    for line in range(at, len(lines)):
        fence = fence_of(lines[line])
        if fence is not None and fence.closes(opening):
            return line
    return None
