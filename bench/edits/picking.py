"""Chooses the lines that an edit is about, and shifts lines about.

What is chosen stands once in its file, blanks aside, so that only the spoiling decides whether it can be placed; and
it holds no line that would mean something to a reader of replies, since how replies are read isn't measured here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from bench.edits.alterations import indent_of
from bench.edits.sources import Source

_SPECIAL = re.compile(r"^\s*(?:={5,}|<{5,}|>{5,}|\.\.\.|…|```|~~~|@@|---|\+\+\+|-- )")


@frozen
class Chunk:
    """Lines `start` to `end` (end excluded) of a source."""

    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.lines)


def pick(
    source: Source,
    random: Random,
    shortest: int = 3,
    longest: int = 15,
    fits: Callable[[Chunk], bool] | None = None,
) -> Chunk | None:
    """Some lines of the source that do, or `None` where none were found in a few dozen tries."""
    for _ in range(60):
        length = random.randint(shortest, longest)
        if length > len(source.lines):
            return None
        start = random.randrange(len(source.lines) - length + 1)
        chunk = Chunk(start, source.lines[start : start + length])
        if is_usable(chunk.lines) and len(source.places(chunk.lines)) == 1 and (fits is None or fits(chunk)):
            return chunk
    return None


def is_usable(lines: Sequence[str]) -> bool:
    filled = [line for line in lines if line.strip()]
    return (
        bool(lines[0].strip() and lines[-1].strip())
        and len(filled) >= 2
        and sum(map(len, map(str.strip, filled))) >= 30
        and not any(_SPECIAL.match(line) for line in lines)
    )


def least_indent(lines: Sequence[str]) -> str | None:
    """The indentation that all lines with text share, `None` where some have blanks of both kinds."""
    indents = [indent_of(line) for line in lines if line.strip()]
    if any(indent.strip(" ") and indent.strip("\t") for indent in indents):
        return None
    least = min(indents, key=len)
    return least if all(indent.startswith(least) for indent in indents) else None


def shifted(lines: Sequence[str], indent: str) -> list[str]:
    """The lines further in; those without text stay empty."""
    return [indent + line if line.strip() else line for line in lines]


def outdented(lines: Sequence[str], count: int) -> list[str]:
    return [line[count:] if line.strip() else line for line in lines]


def put(lines: Sequence[str], chunk: Chunk, new: Sequence[str]) -> list[str]:
    """The lines with others in the chunk's place."""
    return [*lines[: chunk.start], *new, *lines[chunk.end :]]
