"""Columns: between the units a client counts in and code points, which everything else here counts in.

Rules (LSP 3.17 §Position, §PositionEncodingKind):
- A client counts bytes of UTF-8, units of UTF-16 or code points, as negotiated once at `initialize`.
- A place behind a line's end is the line's end, before the characters that end it. A place inside a character
  (half of a surrogate pair, the middle of a multi-byte sequence) is the character's beginning.
- A line number behind the last line is the end of the text.

A line is given with or without the characters that end it; both read alike. Lines of a `Document` hold no lone
surrogates; elsewhere one counts as any character of its size. How lines change is `documents.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen, validators
from lsprotocol import types

from moa_lsp.edits.lines import split_lines

ENCODINGS = ("utf-8", "utf-16", "utf-32")

_CONTINUING = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that no character begins with."""


def end_of(line: str) -> int:
    """The code points of a line without the characters that end it."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - 1 if line.endswith(("\n", "\r")) else len(line)


@frozen
class PositionCodec:
    """Conversions in one position encoding: `utf-8`, `utf-16` or `utf-32`. Raises `ValueError` for any other."""

    encoding: str = field(default="utf-16", validator=validators.in_(ENCODINGS))

    def column(self, line: str, units: int) -> int:
        """The code point that the unit belongs to, at most the line's end. Measured in the whole line's prefix only."""
        end = end_of(line)
        if units >= end and (self.encoding == "utf-32" or line.isascii()):
            return end
        if units <= 0 or self.encoding == "utf-32" or line.isascii():
            return max(units, 0)
        # No code point is less than one unit, so the place lies within the first `units` code points.
        prefix = line[: min(units, end)]
        if self.encoding == "utf-8":
            return _whole_utf8(prefix.encode("utf-8", "surrogatepass"), units)
        return _whole_utf16(prefix.encode("utf-16-le", "surrogatepass"), units)

    def units(self, line: str, column: int) -> int:
        """The units before a code point; a column behind the line's end counts as the end."""
        column = max(0, min(column, end_of(line)))
        if self.encoding == "utf-32" or line.isascii():
            return column
        if self.encoding == "utf-8":
            return len(line[:column].encode("utf-8", "surrogatepass"))
        return len(line[:column].encode("utf-16-le", "surrogatepass")) // 2

    def place(self, lines: Sequence[str], position: types.Position) -> tuple[int, int]:
        """The line and the column (code points) of a client's position. `lines` are as `split_lines` gives them."""
        if position.line < len(lines):
            return position.line, self.column(lines[position.line], position.character)
        return end_of_text(lines)

    def position(self, lines: Sequence[str], line: int, column: int) -> types.Position:
        """A client's position for a line and a column (code points); the counterpart of `place`."""
        if line >= len(lines):
            line, column = end_of_text(lines)
        return types.Position(line, self.units(lines[line], column) if line < len(lines) else 0)

    def span(self, lines: Sequence[str], range: types.Range) -> tuple[tuple[int, int], tuple[int, int]]:
        """The first place of a client's range and the one after its last, as line and column (code points)."""
        return self.place(lines, range.start), self.place(lines, range.end)

    def range(self, lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]) -> types.Range:
        """A client's range for two places; the counterpart of `span`."""
        return types.Range(self.position(lines, *start), self.position(lines, *end))

    def range_of_text(self, text: str) -> types.Range:
        """The client's range from the beginning of a text to its end."""
        lines = split_lines(text)
        return self.range(lines, (0, 0), end_of_text(lines))


def end_of_text(lines: Sequence[str]) -> tuple[int, int]:
    """The last place of a text. After a last line that is ended, an editor shows one more, empty line."""
    if not lines or lines[-1].endswith(("\n", "\r")):
        return len(lines), 0
    return len(lines) - 1, len(lines[-1])


def _whole_utf8(data: bytes, units: int) -> int:
    """The characters that lie whole within the first `units` bytes: every one that begins there, but for one
    cut off."""
    started = len(data[:units].translate(None, _CONTINUING))
    cut = units < len(data) and data[units] & 0xC0 == 0x80
    return started - cut


def _whole_utf16(data: bytes, units: int) -> int:
    """The characters that lie whole within the first `units` units."""
    kept = data[: 2 * units]
    # "replace" counts a lone surrogate as one; a pair that was cut leaves one that must not count.
    whole = len(kept.decode("utf-16-le", "replace"))
    cut = len(kept) < len(data) and 0xD8 <= kept[-1] <= 0xDB and 0xDC <= data[len(kept) + 1] <= 0xDF
    return whole - cut


def range_object(span: types.Range) -> dict[str, Any]:
    """A range as an object of the wire."""
    return {
        "start": {"line": span.start.line, "character": span.start.character},
        "end": {"line": span.end.line, "character": span.end.character},
    }
