"""The markers of SEARCH/REPLACE blocks in a reply, and which of them belong together.

Rules:
- An opening marker and its closing one are written alike: `<<<<<<< SEARCH` with `>>>>>>> REPLACE`, `------- SEARCH`
  with `+++++++ REPLACE`, `<<<<<<< ORIGINAL` with `>>>>>>> UPDATED`. All three are parted by `=======`.
- They have the same number of characters, where there are such; so a model can write code that holds markers by making
  its own longer. What is left over is paired regardless of its number, once the whole reply is known.
- Pairs nest: a block inside another block's text is that text.
- A block that nothing closes stays unpaired; it was cut off, or its end was forgotten.

Finding the path, and cutting the text at the separators, is done in `read_search_replace.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from attrs import field, frozen, mutable

_OPENING = re.compile(
    r"^[ \t]*(?:(<{5,})[ \t]*(SEARCH|(?-i:ORIGINAL))|(-{5,})[ \t]*(?-i:SEARCH))(?![^\s:])"
    r"[ \t]*:?[ \t]*([^\r\n]*)[\r\n]*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"^[ \t]*(={5,})[ \t]*[\r\n]*$")
_CLOSING = re.compile(
    r"^[ \t]*(?:(>{5,})[ \t]*(REPLACE|(?-i:UPDATED))|(\+{5,})[ \t]*(?-i:REPLACE))[ \t]*[\r\n]*$", re.IGNORECASE
)
# The word is misspelt in its surroundings, or left out as in a merge conflict.
_LIKE_OPENING = re.compile(r"^[ \t>]*<{4,}[ \t]*SEARCH\b|^[ \t]*<{5,}[ \t]*[\r\n]*$", re.IGNORECASE)
# A path behind the marker has an ending or a folder; anything else there makes the marker unreadable.
_PATH_BEHIND = re.compile(r"^[`\"']?[^\s`\"'<>|*?]*[./\\][^\s`\"'<>|*?]*[A-Za-z0-9_][`\"']?$")

_LONGEST_PATH = 300


@frozen
class _Marker:
    line: int
    length: int
    opens: bool
    kind: str


@mutable
class Markers:
    """A reply's markers by line, as far as it has been told.

    `pairs` goes from a block's opening line to its closing line, for blocks inside blocks too. `openings` are all
    opening lines, `lengths` their number of characters, and `stray` the closing lines that close nothing (known only
    at the end). `separators` are the lines that may part a block, with their length. `unreadable` are lines that look
    like an opening marker and aren't one. `behind` holds the paths written behind opening markers.
    """

    pairs: dict[int, int] = field(factory=dict[int, int])
    openings: list[int] = field(factory=list[int])
    lengths: dict[int, int] = field(factory=dict[int, int])
    stray: list[int] = field(factory=list[int])
    separators: list[tuple[int, int]] = field(factory=list[tuple[int, int]])
    unreadable: set[int] = field(factory=set[int])
    behind: dict[int, str] = field(factory=dict[int, str])
    _told: int = 0
    _all: list[_Marker] = field(factory=list[_Marker])
    _pairing: _Pairing = field(factory=lambda: _Pairing())

    def add(self, line: str) -> None:
        """The reply's next line. What is paired afterwards stays so, whatever follows."""
        at = self._told
        self._told += 1
        first = line.lstrip()[:1]
        marker: _Marker | None = None
        if first in ("<", "-") and (match := _OPENING.match(line)):
            marker = self._opening(at, match)
        elif first in (">", "+") and (match := _CLOSING.match(line)):
            marker = _Marker(at, len(match[1] or match[3]), False, _kind(match[2]))
        elif first == "=" and (match := _SEPARATOR.match(line)):
            self.separators.append((at, len(match[1])))
        elif first in ("<", ">") and _LIKE_OPENING.match(line):
            self.unreadable.add(at)
        if marker is not None:
            self._all.append(marker)
            if marker.opens:
                self.openings.append(at)
                self.lengths[at] = marker.length
            if (opening := self._pairing.meets(marker, marker.length)) is not None:
                self.pairs[opening] = at

    def _opening(self, at: int, match: re.Match[str]) -> _Marker | None:
        readable = _is_readable(match)
        if not readable:
            if readable is not None:
                self.unreadable.add(at)
            return None
        if behind := match[4].rstrip():
            self.behind[at] = behind
        return _Marker(at, len(match[1] or match[3]), True, _kind(match[2]))

    def finish(self) -> None:
        """The reply has ended: what is left is paired regardless of its number, and what closes nothing is known."""
        rest, pairing = list(self._outside()), _Pairing()
        for marker in rest:
            if (opening := pairing.meets(marker, 0)) is not None:
                self.pairs[opening] = marker.line
        closed = set(self.pairs.values())
        self.stray += [one.line for one in self._outside() if not one.opens and one.line not in closed]

    def _outside(self) -> Iterable[_Marker]:
        """The markers that are neither paired nor inside a pair."""
        covered = -1
        for marker in self._all:
            if marker.line <= covered:
                continue
            if marker.line in self.pairs:
                covered = self.pairs[marker.line]
            else:
                yield marker


@mutable
class _Pairing:
    """Opening markers that wait for their end."""

    _waiting: list[tuple[int, tuple[str, int]]] = field(factory=list[tuple[int, tuple[str, int]]])
    _counts: Counter[tuple[str, int]] = field(factory=Counter[tuple[str, int]])

    def meets(self, marker: _Marker, length: int) -> int | None:
        """The line of the opening that the marker closes, counted as one of that length."""
        key = (marker.kind, length)
        if marker.opens:
            self._waiting.append((marker.line, key))
            self._counts[key] += 1
            return None
        if not self._counts[key]:
            return None
        # What waits above the one that matches was opened inside of it and never closed: it's the block's text.
        while True:
            opening, its_key = self._waiting.pop()
            self._counts[its_key] -= 1
            if its_key == key:
                return opening


def find_markers(lines: Iterable[str]) -> Markers:
    """All markers of a whole reply. Takes time proportional to the reply's length."""
    markers = Markers()
    for line in lines:
        markers.add(line)
    markers.finish()
    return markers


def closes_block(line: str) -> bool:
    """Whether the line is a closing marker."""
    return line.lstrip()[:1] in (">", "+") and _CLOSING.match(line) is not None


def opens_block(line: str) -> bool:
    """Whether the line is an opening marker that can be read."""
    match = _OPENING.match(line) if line.lstrip()[:1] in ("<", "-") else None
    return match is not None and bool(_is_readable(match))


def begins_badly(line: str) -> bool:
    """Whether the line looks like an opening marker and can't be read as one."""
    if line.lstrip()[:1] not in ("<", ">"):
        return False
    match = _OPENING.match(line)
    return _LIKE_OPENING.match(line) is not None if match is None else _is_readable(match) is False


def _is_readable(match: re.Match[str]) -> bool | None:
    """Whether nothing but a path stands behind an opening marker; `None` where the line isn't meant as one."""
    behind = match[4].rstrip()
    if not behind:
        return True
    if _kind(match[2]) != "<":
        return None
    return len(behind) <= _LONGEST_PATH and _PATH_BEHIND.match(behind) is not None


def _kind(word: str | None) -> str:
    """Which of the three ways of writing a marker is one of. `word` is what stands behind the angles, if there are."""
    if word is None:
        return "-"
    return "<" if word.upper() in ("SEARCH", "REPLACE") else "o"
