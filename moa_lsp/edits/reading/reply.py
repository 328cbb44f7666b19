"""A reply as the readers see it: its lines, its code fences, where one reader stands, and what it found.

Rules:
- A reply is read from the top, once. At each line every reader is asked whether an edit of its kind begins there; what
  it takes belongs to that edit whole, so code inside an edit is never read as another edit.
- A fence closes with the same character, at least as many of them, and nothing behind (CommonMark, "Fenced code
  blocks").
- While a reply is still arriving, a reader that can't tell yet says what it waits for and is asked again.

The readers are one file each, `read_*.py`; `read.py` asks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from attrs import frozen

from moa_lsp.edits.values import Block, Problem

# Blanks are stripped elsewhere: tried at each of 20,000 of them in a row, a pattern takes seconds (measured).
_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\r\n]*)[\r\n]*$")

_FENCE_BEGINS = frozenset("`~ \t")


@frozen
class Fence:
    """A line that opens or closes code: its indentation, character, how many of it, and what follows them."""

    indent: str
    character: str
    length: int
    info: str

    def closes(self, opening: Fence) -> bool:
        return not self.info and self.character == opening.character and self.length >= opening.length

    def closes_outright(self, opening: Fence) -> bool:
        """`closes`, where the fence's lines begin with a blank of their own, as a diff's do."""
        return self.closes(opening) and len(self.indent) <= len(opening.indent)


# What closes nearly every fence.
_CLOSINGS = frozenset({"```\n", "```\r\n"})
_CLOSING = Fence("", "`", 3, "")


@frozen
class Stand:
    """Where in a reply a reader stands.

    `floor` is the first line that no earlier edit has taken. `path` is the file that was named last, by an edit or
    between edits. `fence` is the fence that is open here and isn't part of an edit. With `more`, lines may follow that
    haven't arrived yet.
    """

    lines: Sequence[str]
    at: int
    floor: int = 0
    path: str | None = None
    fence: Fence | None = None
    more: bool = False

    def closed_by(self, line: str) -> bool:
        """Whether the line closes the fence that is open here. One that is indented deeper is text in it."""
        fence = fence_of(line) if self.fence is not None else None
        return fence is not None and self.fence is not None and fence.closes_outright(self.fence)


@frozen
class Found:
    """What a reader took: the reply's lines from where it stood to `end` (excluded), and what they came to."""

    end: int
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    path: str | None = None


@frozen
class Waits:
    """What a reader says of an edit that begins where it stands and whose end hasn't arrived.

    A line for which `closer` is true may end it, or bring it further. `blocks` are those of its edits that are closed
    already, from its beginning on.
    """

    closer: Callable[[str], bool]
    blocks: tuple[Block, ...] = ()


Reader = Callable[[Stand], Found | Waits | None]
"""Told where it stands, what of its kind begins there; `None` where nothing does. `Waits` only where there may be
`more`."""


def fence_of(line: str) -> Fence | None:
    """The fence that the line is; `None` for any other line."""
    if line in _CLOSINGS:
        return _CLOSING
    # Most lines are told by their first character, without a copy.
    if line[:1] not in _FENCE_BEGINS or line.lstrip(" \t")[:3] not in ("```", "~~~"):
        return None
    match = _FENCE.match(line)
    if match is None or (match[2][0] == "`" and "`" in match[3]):
        return None
    return Fence(match[1], match[2][0], len(match[2]), match[3].strip(" \t"))


def is_fence(line: str) -> bool:
    """Whether the line opens or closes code."""
    return fence_of(line) is not None


def any_line(_line: str) -> bool:
    """What is waited for where the next line tells."""
    return True


def outdented(lines: Sequence[str], indent: str) -> Sequence[str]:
    """The lines without the indentation of the fence or marker that they stand under, as in an item of a list.

    It's taken off each line that has it (CommonMark, "Fenced code blocks"); where the first filled one hasn't, only
    the fence was indented, and the lines stay as they are.
    """
    if not indent or not next((line for line in lines if line.strip()), "").startswith(indent):
        return lines
    return [without_indent(line, indent) for line in lines]


def without_indent(line: str, indent: str) -> str:
    """The line without that indentation, if it has it; a blank line may have less of it."""
    if line.startswith(indent):
        return line[len(indent) :]
    return line if line.strip() else line.lstrip(" \t")


def indent_of(line: str) -> str:
    """The blanks and tabs that the line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


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
