"""The markers of SEARCH/REPLACE blocks in a reply, and which of them belong together.

Rules:
- An opening marker and its closing one have the same number of characters, where there are such; so a model can write
  code that holds markers by making its own longer. What is left over is paired regardless of its number.
- Pairs nest: a block inside another block's text is that text.
- A block that nothing closes stays unpaired; it was cut off, or its end was forgotten.

Finding the path, and cutting the text at the separators, is done in `read_search_replace.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import field, frozen

_OPENING = re.compile(r"^[ \t]*(<{5,})[ \t]*SEARCH[ \t]*(?::[ \t]*)?[\r\n]*$", re.IGNORECASE)
_SEPARATOR = re.compile(r"^[ \t]*(={5,})[ \t]*[\r\n]*$")
_CLOSING = re.compile(r"^[ \t]*(>{5,})[ \t]*REPLACE[ \t]*[\r\n]*$", re.IGNORECASE)
_LIKE_OPENING = re.compile(r"^[ \t>]*<{4,}[ \t]*SEARCH\b", re.IGNORECASE)


@frozen
class _Marker:
    line: int
    length: int
    opens: bool


@frozen
class Markers:
    """A reply's markers by line.

    `pairs` goes from a block's opening line to its closing line, for blocks inside blocks too. `openings` are all
    opening lines, `lengths` their number of characters, and `stray` the closing lines that close nothing.
    `separators` are the lines that may part a block, with their length. `unreadable` are lines that look like an
    opening marker and aren't one.
    """

    pairs: dict[int, int] = field(factory=dict[int, int])
    openings: tuple[int, ...] = ()
    lengths: dict[int, int] = field(factory=dict[int, int])
    stray: tuple[int, ...] = ()
    separators: tuple[tuple[int, int], ...] = ()
    unreadable: frozenset[int] = frozenset()


def find_markers(lines: Sequence[str]) -> Markers:
    """All markers of a reply. Takes time proportional to the reply's length."""
    markers: list[_Marker] = []
    separators: list[tuple[int, int]] = []
    unreadable: set[int] = set()
    for at, line in enumerate(lines):
        first = line.lstrip()[:1]
        if first == "<" and (match := _OPENING.match(line)):
            markers.append(_Marker(at, len(match[1]), True))
        elif first == ">" and (match := _CLOSING.match(line)):
            markers.append(_Marker(at, len(match[1]), False))
        elif first == "=" and (match := _SEPARATOR.match(line)):
            separators.append((at, len(match[1])))
        elif first in ("<", ">") and _LIKE_OPENING.match(line):
            unreadable.add(at)
    pairs = _paired(markers, same_length=True)
    rest = list(_outside(markers, pairs))
    pairs |= _paired(rest, same_length=False)
    closed = set(pairs.values())
    return Markers(
        pairs=pairs,
        openings=tuple(marker.line for marker in markers if marker.opens),
        lengths={marker.line: marker.length for marker in markers if marker.opens},
        stray=tuple(one.line for one in _outside(markers, pairs) if not one.opens and one.line not in closed),
        separators=tuple(separators),
        unreadable=frozenset(unreadable),
    )


def _paired(markers: Iterable[_Marker], same_length: bool) -> dict[int, int]:
    pairs: dict[int, int] = {}
    waiting: list[_Marker] = []
    lengths: Counter[int] = Counter()
    for marker in markers:
        if marker.opens:
            waiting.append(marker)
            lengths[marker.length] += 1
        elif waiting and (lengths[marker.length] or not same_length):
            # What waits above the one that matches was opened inside of it and never closed: it's the block's text.
            while True:
                opening = waiting.pop()
                lengths[opening.length] -= 1
                if not same_length or opening.length == marker.length:
                    pairs[opening.line] = marker.line
                    break
    return pairs


def _outside(markers: Iterable[_Marker], pairs: dict[int, int]) -> Iterable[_Marker]:
    """The markers that are neither paired nor inside a pair."""
    covered = -1
    for marker in markers:
        if marker.line <= covered:
            continue
        if marker.line in pairs:
            covered = pairs[marker.line]
        else:
            yield marker
