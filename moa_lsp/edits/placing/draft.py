"""A file's lines while a reply's blocks are put into them, one after the other.

Rules:
- A search is found as whole lines, by one index of the file's lines that is made once: 100 blocks go into 50,000 lines
  in hundredths of a second, where comparing window by window takes seconds (measured).
- What earlier blocks wrote is searched as well; where lines stand in the original text is known all along, and which
  block wrote what.
- Replacing keeps every line that the block doesn't change, with its own end and its own blanks. A new line takes the
  end of the line it stands for, else of its neighbour. Whether the last line has an end stays as it is.

How alike a search and a place have to be is `ladder.py`'s; which block goes where, and what is refused, `place.py`'s.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.lines import (
    BLANKS,
    Span,
    bare_lines,
    changed_spans,
    common_ends,
    dominant_line_end,
    line_end,
    split_lines,
    without_end,
)

# Unchanged lines between two changes of one block that are shown with them: a closing bracket or a blank line alone
# parts nothing that anybody would want to decide by itself.
_JOINED_OVER = 3


@frozen
class Mark:
    """Lines `start` to `end` of the draft as it is were written by the block of that number."""

    block: int
    start: int
    end: int


@frozen
class Shelf:
    """A file's lines as they were, with their ends, and where those of them stand that may be looked for.

    `bare` are the lines without the blanks around them; `index` goes from such a line to where it stands, from the top.
    """

    lines: Sequence[str]
    bare: Sequence[str]
    index: Mapping[str, Sequence[int]]


def shelved(text: str, wanted: Container[str]) -> Shelf:
    """A file's lines, ready to be searched for lines that are in `wanted`, bare of the blanks around them."""
    lines = split_lines(text)
    bare = bare_lines(lines, text)
    index: dict[str, list[int]] = {}
    for at, one in enumerate(bare):
        if one in wanted:
            index.setdefault(one, []).append(at)
    return Shelf(lines, bare, index)


@mutable
class Draft:
    """One file's text as the blocks leave it. The hunks are to be in the lines of `shelf`."""

    shelf: Shelf
    lines: list[str] = field(init=False)
    bare: list[str] = field(init=False)
    """The lines without the blanks around them, in step with `lines`."""
    changed: list[Span] = field(factory=list[Span], init=False)
    """What differs from the original, from the top; no two of them touch."""
    marks: list[Mark] = field(factory=list[Mark], init=False)
    _main_end: str | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.lines = list(self.shelf.lines)
        self.bare = list(self.shelf.bare)

    # --- where lines stand

    def standing(self, bare: Sequence[str]) -> list[int]:
        """Where lines stand that read so but for the blanks around them, from the top. All of them were wanted."""
        if not bare:
            return []
        rare = min(range(len(bare)), key=lambda at: len(self.shelf.index.get(bare[at], ())))
        starts = (at - rare for at in self._lines_saying(bare[rare]))
        return sorted(at for at in starts if at >= 0 and self.bare[at : at + len(bare)] == bare)

    def origin(self, line: int) -> int:
        """The original line that this one is, or that stands where it was put."""
        at = bisect_right(self.changed, line, key=lambda span: span.new_start) - 1
        if at < 0:
            return line
        span = self.changed[at]
        if line < span.new_end:
            return min(span.start + line - span.new_start, max(span.end - 1, span.start))
        return line - span.new_end + span.end

    def is_written(self, start: int, end: int) -> bool:
        """Whether a block wrote any of these lines."""
        return any(span.new_start < end and start < span.new_end for span in self.changed)

    def now(self, line: int) -> int:
        """Where that original line stands now; it isn't inside a changed span."""
        at = bisect_right(self.changed, line, key=lambda span: span.end) - 1
        return line if at < 0 else line - self.changed[at].end + self.changed[at].new_end

    def blocks_at(self, start: int, end: int) -> tuple[int, ...]:
        """The blocks that wrote lines `start` to `end` as they are now, or beside them where it's none; in order."""
        return tuple(sorted({mark.block for mark in self.marks if mark.start <= end and start <= mark.end}))

    # --- writing

    def replace(
        self, start: int, end: int, search: Sequence[str], new: Sequence[str], written: Sequence[str], block: int
    ) -> bool:
        """Lines `start` to `end`, written as `search` by the model, are to read `new`. False if that changes nothing.

        `written` are the lines of `new` as they are to stand in the file; all are lines without their ends, and
        `search` has as many as are replaced. `block` is the block's number.
        """
        before = self.lines[start:end]
        after = self.rewritten(start, end, search, new, written)
        spans = changed_spans(before, after)
        # From the bottom up, so that the places of those still to come stay what they are.
        for span in reversed(spans):
            self.put(start + span.start, start + span.end, after[span.new_start : span.new_end], block)
        return bool(spans)

    def put(self, start: int, end: int, lines: Sequence[str], block: int) -> None:
        """Puts `lines`, with their ends, in the place of lines `start` to `end`, all of which they change."""
        self.lines[start:end] = lines
        self.bare[start:end] = [line.strip(BLANKS) for line in lines]
        self._note(start, end, len(lines))
        self._mark(start, end, len(lines), block)

    def rewritten(
        self, start: int, end: int, search: Sequence[str], new: Sequence[str], written: Sequence[str]
    ) -> list[str]:
        """What `replace` would make of the lines, with their ends."""
        old = self.lines[start:end]
        neighbour = self._neighbours_end(start - 1, end)
        result: list[str] = []
        done = 0
        last_is_new = False
        for span in changed_spans(search, new):
            result += old[done : span.start]
            beside = line_end(result[-1]) if result else self._neighbours_end(start - 1, start + span.end)
            for offset, line in enumerate(written[span.new_start : span.new_end]):
                twin = old[min(span.start + offset, span.end - 1)] if span.start < span.end else ""
                its_end = line_end(twin) or beside or neighbour
                # Behind a lone `\r` a `\n` alone would be a part of that line's end.
                lone = not line and its_end == "\n" and bool(result) and result[-1].endswith("\r")
                result.append(line + ("\r" if lone else its_end))
            last_is_new = span.new_start < span.new_end and span.end == len(old)
            done = span.end
        result += old[done:]
        bare = end == len(self.lines) and bool(old) and not line_end(old[-1])
        for at, line in enumerate(result):
            last = at == len(result) - 1
            if not last and not line_end(line):
                result[at] = line + (line_end(result[at - 1]) if at else neighbour)
            elif last and bare and last_is_new:
                result[at] = without_end(line)
        return result

    def credit(self, block: int, other: int) -> None:
        """What that block wrote, the other one wrote as well."""
        self.marks += [evolve(mark, block=other) for mark in self.marks if mark.block == block]

    def credit_all(self, block: int) -> None:
        """All that differs, that block wrote as well."""
        self.marks += [Mark(block, span.new_start, span.new_end) for span in self.changed]

    def credit_at(self, start: int, end: int, block: int) -> None:
        """What became of original lines `start` to `end`, that block wrote as well."""
        for span in self.changed:
            if span.start <= start and end <= span.end:
                self.marks.append(Mark(block, span.new_start, span.new_end))

    # --- what came of it

    def spans(self) -> list[Span]:
        """The lines that differ from the original, cut down to what really differs, as a reviewer would part them."""
        found: list[Span] = []
        for whole in self.changed:
            old, new = self.shelf.lines[whole.start : whole.end], self.lines[whole.new_start : whole.new_end]
            for inner in changed_spans(old, new):
                span = Span(
                    whole.start + inner.start,
                    whole.start + inner.end,
                    whole.new_start + inner.new_start,
                    whole.new_start + inner.new_end,
                )
                if found and self._belong_together(found[-1], span):
                    span = Span(found[-1].start, span.end, found.pop().new_start, span.new_end)
                found.append(span)
        return [self._trimmed(span) for span in found]

    def _trimmed(self, span: Span) -> Span:
        """The span without lines at its ends that are the same on both sides, which joining two may leave."""
        old, new = self.shelf.lines[span.start : span.end], self.lines[span.new_start : span.new_end]
        head, tail = common_ends(old, new)
        return Span(span.start + head, span.end - tail, span.new_start + head, span.new_end - tail)

    def _belong_together(self, above: Span, below: Span) -> bool:
        """Whether two changes of one block have nothing but brackets and blank lines between them."""
        between = self.bare[above.new_end : below.new_start]
        return (
            len(between) <= _JOINED_OVER
            and not any(character.isalnum() for line in between for character in line)
            and self.blocks_at(above.new_start, above.new_end) == self.blocks_at(below.new_start, below.new_end)
        )

    # --- keeping books

    def _lines_saying(self, bare: str) -> Iterable[int]:
        """Where lines that read so stand now: original ones that are still there, and those that blocks wrote."""
        for at in self.shelf.index.get(bare, ()):
            before = bisect_right(self.changed, at, key=lambda span: span.start) - 1
            if before < 0:
                yield at
            elif at >= self.changed[before].end:
                yield at - self.changed[before].end + self.changed[before].new_end
        for span in self.changed:
            for at in range(span.new_start, span.new_end):
                if self.bare[at] == bare:
                    yield at

    def _neighbours_end(self, before: int, after: int) -> str:
        for at in (before, after):
            if 0 <= at < len(self.lines) and (found := line_end(self.lines[at])):
                return found
        if self._main_end is None:
            self._main_end = dominant_line_end(self.shelf.lines)
        return self._main_end

    def _note(self, start: int, end: int, length: int) -> None:
        """Lines `start` to `end` became `length` lines: keeps `changed`, joining what touches."""
        first = next((at for at, span in enumerate(self.changed) if span.new_end >= start), len(self.changed))
        beyond = first
        while beyond < len(self.changed) and self.changed[beyond].new_start <= end:
            beyond += 1
        delta = length - (end - start)
        if first == beyond:
            shift = self.changed[first - 1].end - self.changed[first - 1].new_end if first else 0
            joined = Span(start + shift, end + shift, start, start + length)
        else:
            top, bottom = self.changed[first], self.changed[beyond - 1]
            joined = Span(
                top.start - max(0, top.new_start - start),
                bottom.end + max(0, end - bottom.new_end),
                min(start, top.new_start),
                max(end, bottom.new_end) + delta,
            )
        moved = [
            evolve(span, new_start=span.new_start + delta, new_end=span.new_end + delta)
            for span in self.changed[beyond:]
        ]
        self.changed[first:] = [joined, *moved]

    def _mark(self, start: int, end: int, length: int, block: int) -> None:
        """Lines `start` to `end` became `length` lines of that block: keeps `marks`."""
        delta = length - (end - start)
        moved: list[Mark] = []
        for mark in self.marks:
            if mark.start >= end:
                moved.append(Mark(mark.block, mark.start + delta, mark.end + delta))
            elif mark.end <= start:
                moved.append(mark)
            else:
                moved.append(Mark(mark.block, min(mark.start, start), max(mark.end, end) + delta))
        self.marks = [*moved, Mark(block, start, start + length)]
