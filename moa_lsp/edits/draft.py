"""A file's lines while a reply's blocks are put into them, one after the other.

Rules:
- A search is found as whole lines, by one index of the file's lines that is made once: 100 blocks go into 50,000 lines
  in hundredths of a second, where comparing window by window takes seconds (measured).
- What earlier blocks wrote is searched as well; where lines stand in the original text is known all along.
- Replacing keeps every line that the block doesn't change, with its own end and its own trailing blanks. A new line
  takes the end of the line it stands for, else of its neighbour. Whether the last line has an end stays as it is.

Which block goes where, and what is refused, is decided in `place.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from enum import Enum

from attrs import evolve, field, mutable

from moa_lsp.edits.lines import Span, changed_spans, dominant_line_end, line_end, split_lines, without_end

# More places than these aren't listed to anyone.
MOST_PLACES = 10


class Step(Enum):
    """How lines are compared: by all their characters, or without the blanks at their end. Line ends never count."""

    EXACT = "exactly"
    TRAILING_BLANKS = "but for trailing blanks"


def _trimmed(line: str) -> str:
    return line.rstrip(" \t\r\n")


_KEYS: dict[Step, Callable[[str], str]] = {Step.EXACT: without_end, Step.TRAILING_BLANKS: _trimmed}


@mutable
class Draft:
    """One file's text as the blocks leave it. `original` are the lines that the hunks are to be in."""

    original: list[str]
    lines: list[str] = field(init=False)
    changed: list[Span] = field(factory=list[Span], init=False)
    """What differs from the original, from the top; no two of them touch."""
    _indexes: dict[Step, dict[str, list[int]]] = field(factory=dict[Step, dict[str, list[int]]], init=False)
    _stripped: dict[str, list[int]] | None = field(default=None, init=False)
    _main_end: str | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.lines = list(self.original)

    def find(self, text: str, step: Step = Step.EXACT) -> list[int]:
        """The lines at which `text` stands, as whole lines, from the top; one more than `MOST_PLACES` at most."""
        key = _KEYS[step]
        search = [key(line) for line in split_lines(text)]
        if not search:
            return []
        index = self._index(step)
        rare = min(range(len(search)), key=lambda at: len(index.get(search[at], ())))
        places: list[int] = []
        for at in self._lines_like(search[rare], index, key):
            start = at - rare
            if start < 0 or start + len(search) > len(self.lines):
                continue
            if all(key(self.lines[start + offset]) == line for offset, line in enumerate(search)):
                places.append(start)
                if len(places) > MOST_PLACES:
                    break
        return sorted(places)

    def replace(self, start: int, end: int, search: Sequence[str], new: Sequence[str]) -> bool:
        """Lines `start` to `end`, written as `search` by the model, are to read `new`. False if that changes nothing.

        `search` and `new` are lines without their ends; `search` has as many as are replaced.
        """
        before = self.lines[start:end]
        after = self._rewritten(start, end, search, new)
        if after == before:
            return False
        self.lines[start:end] = after
        self._note(start, end, len(after))
        return True

    def origin(self, line: int) -> int:
        """The original line that this one is, or that stands where it was put."""
        at = bisect_right(self.changed, line, key=lambda span: span.new_start) - 1
        if at < 0:
            return line
        span = self.changed[at]
        if line < span.new_end:
            return min(span.start + line - span.new_start, max(span.end - 1, span.start))
        return line - span.new_end + span.end

    def lines_saying(self, text: str) -> Sequence[int]:
        """The original lines that hold that text and nothing else but blanks around it."""
        if self._stripped is None:
            self._stripped = {}
            for at, line in enumerate(self.original):
                self._stripped.setdefault(line.strip(), []).append(at)
        return self._stripped.get(text, ())

    def spans(self) -> list[Span]:
        """The lines that differ from the original, cut down to what really differs."""
        found: list[Span] = []
        for whole in self.changed:
            old, new = self.original[whole.start : whole.end], self.lines[whole.new_start : whole.new_end]
            found += [
                Span(
                    whole.start + span.start,
                    whole.start + span.end,
                    whole.new_start + span.new_start,
                    whole.new_start + span.new_end,
                )
                for span in changed_spans(old, new)
            ]
        return found

    def _index(self, step: Step) -> dict[str, list[int]]:
        if step not in self._indexes:
            index: dict[str, list[int]] = {}
            key = _KEYS[step]
            for at, line in enumerate(self.original):
                index.setdefault(key(line), []).append(at)
            self._indexes[step] = index
        return self._indexes[step]

    def _lines_like(self, wanted: str, index: dict[str, list[int]], key: Callable[[str], str]) -> list[int]:
        """Where lines with that key stand now: original ones that are still there, and those that blocks wrote."""
        found: list[int] = []
        for at in index.get(wanted, ()):
            before = bisect_right(self.changed, at, key=lambda span: span.start) - 1
            if before < 0:
                found.append(at)
            elif at >= self.changed[before].end:
                found.append(at - self.changed[before].end + self.changed[before].new_end)
        for span in self.changed:
            found += [at for at in range(span.new_start, span.new_end) if key(self.lines[at]) == wanted]
        return found

    def _rewritten(self, start: int, end: int, search: Sequence[str], new: Sequence[str]) -> list[str]:
        old = self.lines[start:end]
        neighbour = self._neighbours_end(start - 1, end)
        result: list[str] = []
        done = 0
        last_is_new = False
        for span in changed_spans(search, new):
            result += old[done : span.start]
            beside = line_end(result[-1]) if result else self._neighbours_end(start - 1, start + span.end)
            for offset, line in enumerate(new[span.new_start : span.new_end]):
                twin = old[min(span.start + offset, span.end - 1)] if span.start < span.end else ""
                result.append(line + (line_end(twin) or beside or neighbour))
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

    def _neighbours_end(self, before: int, after: int) -> str:
        for at in (before, after):
            if 0 <= at < len(self.lines) and (found := line_end(self.lines[at])):
                return found
        if self._main_end is None:
            self._main_end = dominant_line_end(self.original)
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
