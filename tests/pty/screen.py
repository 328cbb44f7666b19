"""A terminal's screen: what a program wrote to it, as a grid of characters with their colours.

`pyte` does the emulation. What it would take for text (terminals' newer questions and modes) is taken out before, and
the few questions that programs wait for are answered as a plain terminal answers them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyte
from attrs import field, frozen, mutable

DEFAULT_FOREGROUND = "e0e2ea"
DEFAULT_BACKGROUND = "14161b"

_SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b]*\x1b\\"
    r"|[ -/]*[0-OQ-WYZ`-~]"
    r")"
)
_LEFT_OUT = re.compile(r"\x1b(?:\[[<=>].*|\[[^m]*[ -/].|\[\?.*[^hl]|\[[0-9;]*t|[PX^_][\s\S]*|\][\s\S]*)")
_NAMED = {
    "black": "000000",
    "red": "cd3131",
    "green": "0dbc79",
    "brown": "e5e510",
    "blue": "2472c8",
    "magenta": "bc3fbc",
    "cyan": "11a8cd",
    "white": "e5e5e5",
    "brightblack": "666666",
    "brightred": "f14c4c",
    "brightgreen": "23d18b",
    "brightbrown": "f5f543",
    "brightblue": "3b8eea",
    "bfightmagenta": "d670d6",  # as pyte spells it
    "brightcyan": "29b8db",
    "brightwhite": "ffffff",
}


@frozen
class Cell:
    """One place of the grid; colours are `rrggbb`. The second half of a wide character is an empty text."""

    text: str
    foreground: str
    background: str
    bold: bool
    italic: bool
    underlined: bool
    struck: bool


class _Emulated(pyte.Screen):
    """Answers go to the program instead of nowhere."""

    def __init__(self, columns: int, rows: int, reply: Callable[[str], None]) -> None:
        super().__init__(columns, rows)
        self._reply = reply

    def write_process_input(self, data: str) -> None:
        self._reply(data)

    def report_device_attributes(self, mode: int = 0, **_: Any) -> None:
        if mode == 0:
            self.write_process_input("\x1b[?6c")


@mutable(eq=False)
class Screen:
    """The grid; `feed` is given what the program wrote. `reply` is called with what the terminal answers by itself."""

    columns: int = 110
    rows: int = 32
    reply: Callable[[str], None] | None = None
    raw: list[str] = field(factory=list[str])
    """All that was written, for tests that look for what must never be: a picture shows only how it ended."""
    _screen: _Emulated = field(init=False)
    _stream: pyte.Stream = field(init=False)
    _decoder: Any = field(init=False, factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    _rest: str = ""

    def __attrs_post_init__(self) -> None:
        self._screen = _Emulated(self.columns, self.rows, lambda answer: self.reply(answer) if self.reply else None)
        self._stream = pyte.Stream(self._screen)

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decoder.decode(data)
        self.raw.append(text[len(self._rest) :])
        # A sequence that has only half arrived waits for its end.
        begun = text.rfind("\x1b")
        if begun >= 0 and text[begun - 1 : begun + 1] != "\x1b\x1b" and not _SEQUENCE.match(text, begun):
            string = max(text.rfind(opening, 0, begun) for opening in ("\x1bP", "\x1b]", "\x1b_", "\x1b^", "\x1bX"))
            if string >= 0 and not _SEQUENCE.match(text, string):
                begun = string
            if not text.startswith("\x1b\\", begun):
                self._rest, text = text[begun:], text[:begun]
            else:
                self._rest = ""
        else:
            self._rest = ""
        self._stream.feed(_SEQUENCE.sub(_understood, text))

    @property
    def lines(self) -> Sequence[str]:
        """The rows as text, without the blanks at their ends."""
        return [line.replace("\xa0", " ").rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 0."""
        return self._screen.cursor.y, self._screen.cursor.x

    def cells(self) -> Sequence[Sequence[Cell]]:
        buffer = self._screen.buffer
        return [[_cell(buffer[row][column]) for column in range(self.columns)] for row in range(self.rows)]

    def find(self, text: str) -> tuple[int, int]:
        """Row and column of the first place where that stands. Raises `AssertionError` where it doesn't."""
        for row, line in enumerate(self._screen.display):
            if (column := line.find(text)) >= 0:
                return row, column
        raise AssertionError(f"{text!r} isn't on the screen:\n{self.text}")


def _understood(found: re.Match[str]) -> str:
    sequence = found.group()
    if sequence.endswith("m") and ":" in sequence:
        # Underlines of other shapes are underlines, their colours are left out; colours lose an empty colour space.
        sequence = re.sub(r"58:[0-9:]+;?", "", sequence)
        sequence = re.sub(r"4:(\d)", lambda shape: "24" if shape.group(1) == "0" else "4", sequence)
        return sequence.replace("::", ";").replace(":", ";")
    return "" if _LEFT_OUT.fullmatch(sequence) else sequence


def _cell(char: Any) -> Cell:
    front, back = _colour(char.fg, DEFAULT_FOREGROUND), _colour(char.bg, DEFAULT_BACKGROUND)
    if char.reverse:
        front, back = back, front
    return Cell(char.data, front, back, char.bold, char.italics, char.underscore, char.strikethrough)


def _colour(name: str, default: str) -> str:
    return default if name == "default" else _NAMED.get(name, name)
