"""Reads the edits of a reply while it arrives: each is handed on as soon as its own end is there.

Rules:
- What is handed on is closed: no text that follows can add to it or take from it. So a SEARCH/REPLACE block in a
  fence, whose text may hold an end marker, waits until the fence closes or another block opens. An edit whose end
  only the reply's end can tell (a Markdown file after whose fence nothing decisive came, a diff in no fence at the
  end) isn't handed on.
- The reading of the whole text at the end is what counts. It can differ from what was handed on where a reply is
  malformed further down: a second end of a block makes that block a problem.
- Reading takes time proportional to the reply's length, however small its pieces. Lines that were understood aren't
  looked at again; an edit that hasn't ended is read again only when a line has come that may end it, and no more often
  than a fixed multiple of the text's length allows. A reply that would need more gets its edits a little later.
"""

from __future__ import annotations

from attrs import field, mutable

from moa_lsp.edits.lines import line_end, split_lines
from moa_lsp.edits.reading.markers import Markers
from moa_lsp.edits.reading.read import LONGEST, Reading, read_edits, readers_of, step
from moa_lsp.edits.reading.reply import Reader, Stand, Waits
from moa_lsp.edits.values import Block

_READ_AGAIN = 4
_READ_AGAIN_ALWAYS = 200_000
"""Code points that are read again at most: so many for each that has come, and so many in any case."""


@mutable
class EditStream:
    """A reply that is arriving. `feed` it, then `end` it, once."""

    _pieces: list[str] = field(factory=list[str], init=False)
    _tail: list[str] = field(factory=list[str], init=False)
    _lines: list[str] = field(factory=list[str], init=False)
    _begins: list[int] = field(factory=list[int], init=False)
    _size: int = field(default=0, init=False)
    _markers: Markers = field(factory=Markers, init=False)
    _readers: tuple[Reader, ...] = field(default=(), init=False)
    _stand: Stand = field(init=False)
    _waits: Waits | None = field(default=None, init=False)
    _is_due: bool = field(default=False, init=False)
    _given: int = field(default=0, init=False)
    _read_again: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._readers = readers_of(self._markers)
        self._stand = Stand(self._lines, 0, more=True)

    def feed(self, text: str) -> tuple[Block, ...]:
        """Takes the reply's next piece, of any length; the edits that closed with it, in the reply's order."""
        if not text:
            return ()
        self._pieces.append(text)
        lines = self._complete(text)
        if not lines or self._size > LONGEST:
            return ()
        for line in lines:
            self._begins.append(self._size)
            self._size += len(line)
            self._lines.append(line)
            self._markers.add(line)
            if self._waits is not None and not self._is_due:
                self._is_due = self._waits.closer(line)
        return self._read_on()

    def end(self) -> Reading:
        """The reading of the whole reply, the same as `read_edits` of it: it counts, whatever was handed on."""
        return read_edits("".join(self._pieces))

    def _complete(self, text: str) -> list[str]:
        """The lines that this piece ends. A `\\r` at its end may be the first half of a line end."""
        waited = bool(self._tail) and self._tail[-1].endswith("\r")
        self._tail.append(text)
        if not waited and "\n" not in text and "\r" not in text:
            return []
        lines = split_lines("".join(self._tail))
        self._tail = [lines.pop()] if line_end(lines[-1]) in ("", "\r") else []
        return lines

    def _read_on(self) -> tuple[Block, ...]:
        blocks: list[Block] = []
        if self._waits is not None:
            again = self._size - self._begins[self._stand.at]
            if not self._is_due or self._read_again + again > _READ_AGAIN_ALWAYS + _READ_AGAIN * self._size:
                return ()
            self._read_again += again
            self._waits = None
        while self._stand.at < len(self._lines) and self._waits is None:
            self._stand, found = step(self._stand, self._readers)
            if isinstance(found, Waits):
                self._waits, self._is_due = found, False
            if found is not None:
                blocks += found.blocks[self._given :]
                self._given = len(found.blocks) if isinstance(found, Waits) else 0
        return tuple(blocks)
