"""What LSP text edits make of a file: bytes to text and back, positions to places, edits to a new text.

Strict on purpose: a range that doesn't lie in the text, or two that overlap, mean that the edit was made for another
text, and are refused rather than bent into place. Pure: reading and writing are in `files.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from moa_lsp.context.files import FileText, Unreadable, decode, encoding_of_new
from moa_lsp.terminal.connection import Json

# LSP 3.17, "Text Documents": these three end a line, and nothing else does (a form feed doesn't).
_LINE_END = re.compile(r"\r\n|\n|\r")


class Refused(Exception):
    """An edit that is not carried out; the message is a sentence that says why."""


@frozen
class Decoded:
    """A file's text, with what it takes to turn it into the same bytes again. The byte order mark is not in `text`.
    `name` is the file's, whose extension tells where a text says what encoding it is in."""

    text: str
    name: str = ""
    encoding: str = "utf-8"
    bom: bool = False

    @classmethod
    def of(cls, raw: bytes, name: str) -> Decoded:
        """Reads it as the server does (`context/files.py`). Raises `Refused` for what is no text that it can read."""
        found = decode(raw, name)
        if isinstance(found, Unreadable):
            raise Refused(f"it {found.reason}")
        return cls(found.text, name, found.encoding, found.bom)

    def edited(self, edits: Sequence[Json], position_encoding: str) -> Decoded:
        """This file with the LSP `TextEdit`s done. All ranges mean the text as it is now; columns count UTF-16 units
        where `position_encoding` is `utf-16`, code points where it is `utf-32`. Raises `Refused`."""
        lines = _Lines(self.text, position_encoding)
        crlf_only = "\r\n" in self.text and not re.search(r"(?<!\r)\n|\r(?!\n)", self.text)
        placed = [(*lines.span(edit["range"]), _text_of(edit, crlf_only, self.bom)) for edit in edits]
        # An insertion goes before a replacement that begins at the same place; among equals the order given counts.
        placed.sort(key=lambda one: one[:2])
        parts: list[str] = []
        done = 0
        for start, end, text in placed:
            if start < done:
                raise Refused("two edits overlap")
            parts += (self.text[done:start], text)
            done = end
        text = "".join([*parts, self.text[done:]])
        # A new file, and one whose own word about its encoding was changed, are written as they say.
        said = encoding_of_new(text, self.name)
        changed = not self.bom and said != encoding_of_new(self.text, self.name)
        return evolve(self, text=text, encoding=said if changed else self.encoding)

    def raw(self) -> bytes:
        """The bytes as they go into the file. Raises `Refused` where the encoding has no room for the text."""
        try:
            return FileText("", self.encoding, self.bom).encode(self.text)
        except UnicodeEncodeError as error:
            character = self.text[error.start]
            if "\ud800" <= character <= "\udfff":
                raise Refused("the new text holds half a character, which no file can hold") from None
            raise Refused(f"the file is {self.encoding}, which has no {character} (U+{ord(character):04X})") from None


def _text_of(edit: Json, crlf_only: bool, bom: bool) -> str:
    text: Any = edit.get("newText")
    if not isinstance(text, str):
        raise Refused("an edit has no text")
    if crlf_only:
        text = re.sub(r"\r?\n", "\r\n", text)  # as every editor does: the file's one line end is kept
    return text.removeprefix("\ufeff") if bom else text


class _Lines:
    """Where the lines of a text begin, to turn positions into offsets."""

    def __init__(self, text: str, position_encoding: str) -> None:
        self._text = text
        self._utf16 = position_encoding == "utf-16"
        ends = list(_LINE_END.finditer(text))
        self._starts = [0, *(end.end() for end in ends)]
        self._ends = [*(end.start() for end in ends), len(text)]

    def span(self, range: Json) -> tuple[int, int]:
        start, end = self._offset(range["start"]), self._offset(range["end"])
        if start > end:
            raise Refused("a range ends before it begins")
        return start, end

    def _offset(self, position: Json) -> int:
        line, column = int(position["line"]), int(position["character"])
        if line == len(self._starts) and column == 0:
            return len(self._text)  # how servers write "to the end" of a text without a last line end
        if not 0 <= line < len(self._starts) or column < 0:
            raise Refused("a range lies outside the text")
        content = self._text[self._starts[line] : self._ends[line]]
        if self._utf16:
            raw = content.encode("utf-16-le", "surrogatepass")
            if 2 * column > len(raw):
                raise Refused("a range lies outside the text")
            try:
                column = len(raw[: 2 * column].decode("utf-16-le"))
            except UnicodeDecodeError:
                raise Refused("a range begins or ends inside a character") from None
        if column > len(content):
            raise Refused("a range lies outside the text")
        return self._starts[line] + column
