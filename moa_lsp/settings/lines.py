"""Where in a TOML text each key and each value stands, which `tomllib` doesn't tell.

`places` walks a text that `tomllib` has taken, so it checks nothing: it only needs to know where things end. Its paths
are those into `tomllib`'s result: `("architects", 0, "model")`. Lines and columns count from 0, columns in code points,
and lines break as in LSP, at LF, CR LF and CR. The tests hold every path and every slice against `tomllib` itself.
Never here: what keys mean.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from attrs import field, frozen, mutable

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')[ \t]*""")
_STRING = re.compile(
    # Up to two quotes may stand right before the three that close a multi-line string.
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d[ ]\d\d:\d\d[^\s,\]}#]*|[^\s,\]}#]+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SYNTAX_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@frozen
class Span:
    """A piece of a text: from 0-based line and column (code points) to line and column, the end excluded."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int


@frozen
class Place:
    """Where a key stands and where its value does. A table's value is its header; a list item's key is the item
    itself.
    """

    key: Span
    value: Span


@mutable
class Lines:
    """The lines of a text, to turn offsets (code points) into spans."""

    text: str
    _starts: list[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    def span(self, start: int, end: int) -> Span:
        return Span(*self._at(start), *self._at(end))

    def line(self, offset: int) -> Span:
        """The line an offset is on, without the blanks around its text."""
        number, _ = self._at(offset)
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        text = self.text[self._starts[number] : end]
        indent = len(text) - len(text.lstrip())
        return Span(number, min(indent, len(text.rstrip())), number, len(text.rstrip()))

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]


def syntax_place(text: str, error: Exception) -> tuple[str, Span]:
    """What `tomllib` says is wrong, and the line it says it of.

    It counts lines at LF alone and names the place only in its message (Python 3.11 to 3.13); an error at the end of
    the document is put on the last line that holds text.
    """
    message = str(error)
    found = _SYNTAX_PLACE.search(message)
    lines = Lines(text)
    if found is None or found[1] is None:
        return _SYNTAX_PLACE.sub("", message), lines.line(len(text.rstrip()))
    before = text.split("\n")[: int(found[1]) - 1]
    offset = sum(len(line) + 1 for line in before) + int(found[2]) - 1
    return message[: found.start()], lines.line(min(offset, len(text)))


def places(text: str) -> Mapping[Path, Place]:
    """Where every key, table and list item of a good TOML text stands.

    Raises `RecursionError` where lists are nested deeper than Python's stack; `tomllib` does so too.
    """
    return _Walk(text, Lines(text)).document()


@mutable
class _Walk:
    text: str
    lines: Lines
    _at: int = field(default=0, init=False)
    _found: dict[Path, Place] = field(factory=dict[Path, Place], init=False)
    _items: dict[Path, int] = field(factory=dict[Path, int], init=False)

    def document(self) -> Mapping[Path, Place]:
        table: Path = ()
        while self._skip_blank() < len(self.text):
            if self.text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _skip_blank(self) -> int:
        """Past white space, comments and commas, to where the next thing begins."""
        self._at = self._match(_BLANK).end()
        return self._at

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self._at)
        if found is None:
            raise ValueError(f"not the TOML that tomllib reads, at {self.lines.span(self._at, self._at)}")
        return found

    def _header(self) -> Path:
        start = self._at
        is_item = self.text.startswith("[[", start)
        self._at += 2 if is_item else 1
        keys = list(self._keys())
        self._at += 2 if is_item else 1
        whole = self.lines.span(start, self._at)
        path: Path = ()
        for number, (name, span) in enumerate(keys):
            path = (*path, name)
            self._found.setdefault(path, Place(span, whole))
            if is_item and number == len(keys) - 1:
                path = (*path, self._items.get(path, 0))
                self._items[path[:-1]] = self._items.get(path[:-1], 0) + 1
                self._found[path] = Place(whole, whole)
            elif path in self._items:
                path = (*path, self._items[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        keys = list(self._keys())
        self._at += 1
        path = table
        for name, span in keys:
            path = (*path, name)
            self._found.setdefault(path, Place(span, span))
        self._found[path] = Place(keys[-1][1], self._value(path))

    def _keys(self) -> Iterator[tuple[str, Span]]:
        """The parts of a dotted key, up to the `=` or `]` after it."""
        while True:
            part = self._match(_KEY_PART)
            self._at = part.end()
            yield _plain(part[1]), self.lines.span(part.start(1), part.end(1))
            if self.text[self._at] != ".":
                return
            self._at += 1

    def _value(self, path: Path) -> Span:
        while self.text[self._at] in " \t":
            self._at += 1
        start = self._at
        first = self.text[start]
        if first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._at = self._match(_STRING if first in "\"'" else _SCALAR).end()
        return self.lines.span(start, self._at)

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self.text[self._skip_blank()] != "]":
            item = (*path, number)
            span = self._value(item)
            self._found[item] = Place(span, span)
            number += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self.text[self._skip_blank()] != "}":
            self._pair(path)
        self._at += 1


def _plain(part: str) -> str:
    """A key's part without its quotes and escapes, which TOML's own reader knows best."""
    return next(iter(tomllib.loads(f"{part}=0")))
