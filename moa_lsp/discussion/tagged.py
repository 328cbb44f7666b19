"""Finds the small tagged parts that stand beside a proposal in a whole reply: stances, questions.

Rules:
- A tag counts where it stands at its edge of a line, outside of code fences and edit blocks. Amid a sentence it is talk
  about tags. One that was escaped is a quotation.
- What stands outside of the proposals counts; what stands in one does where there is none outside.
- A part ends at its own tag, else where another part begins, else with the text around it.
- Where nothing is found so, a code fence that holds such a part and nothing else is looked past.

What a part means is said by `stances.py` and `questions.py`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import field, frozen, mutable

from moa_lsp.discussion.code_lines import CodeLines, ends_fence
from moa_lsp.discussion.reader import Kind, read_reply

_OTHERS = re.compile(r"^\s*<\s*(?:stances?|questions?|verdict|done)\b", re.IGNORECASE)


@frozen
class Tagged:
    """The inside of one tag. `attributes` is what stood in its opening beside its name; `closed` says that its end is
    known, and that it doesn't just reach to the end of the text."""

    lines: tuple[str, ...]
    attributes: str = ""
    closed: bool = True


@frozen
class Tag:
    """The patterns of a tag that goes by several names."""

    anywhere: re.Pattern[str]
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    closing_first: re.Pattern[str]

    @classmethod
    def of(cls, names: str) -> Tag:
        """`names` is a regular expression."""
        return cls(
            re.compile(rf"<[ \t]*(?:{names})\b", re.IGNORECASE),
            # Emphasis or a heading's mark may stand before it; a quotation's mark may not.
            re.compile(rf"^[ \t*_#]*<[ \t]*(?:{names})\b(?!-)([^<>]*)>(.*)$", re.IGNORECASE),
            re.compile(rf"^(.*)<[ \t]*/[ \t]*(?:{names})[ \t]*>[ \t*_]*$", re.IGNORECASE),
            re.compile(rf"^[ \t]*<[ \t]*/[ \t]*(?:{names})[ \t]*>", re.IGNORECASE),
        )


def tagged(reply: str, tag: Tag) -> tuple[Tagged, ...]:
    """The parts of a whole reply that stand in that tag, in their order."""
    # A reply without any such tag needs no second reading: one of 10 MB would take seconds (measured).
    if not tag.anywhere.search(reply):
        return ()
    segments = read_reply(reply).segments
    for kind in (Kind.PROSE, Kind.PROPOSAL):
        texts = [segment.text for segment in segments if segment.kind is kind and tag.anywhere.search(segment.text)]
        for fenced in (False, True):
            if found := tuple(part for text in texts for part in _Scan(tag, fenced).parts_of(text)):
                return found
    return ()


@mutable
class _Scan:
    """One pass over a text's lines. With `fenced` a fence that begins with the tag counts for nothing."""

    tag: Tag
    fenced: bool
    code: CodeLines = field(factory=CodeLines)
    lines: list[str] | None = None
    attributes: str = ""

    def parts_of(self, text: str) -> Iterator[Tagged]:
        lines = [line.rstrip("\r") for line in text.split("\n")]
        wrapped = False
        for number, line in enumerate(lines):
            if wrapped and ends_fence(line):
                wrapped = False
                yield from self._end(closed=True)
                continue
            outside = not self.code.fence
            if self.code.take(line):
                begins = outside and self.code.fence and self._begins(lines, number + 1)
                if self.fenced and self.lines is None and begins:
                    self.code = CodeLines()
                    wrapped = True
                elif self.lines is not None:
                    self.lines.append(line)
                continue
            if opening := self.tag.opening.match(line):
                yield from self._end(closed=True)
                self.attributes = opening[1].strip(" \t/")
                self.lines = []
                line = opening[2]
                if opening[1].rstrip().endswith("/"):
                    yield from self._end(closed=True)
                if not line.strip():
                    continue
            if self.lines is None:
                continue
            if closing := self.tag.closing.match(line):
                self.lines.append(closing[1])
                yield from self._end(closed=True)
            elif self.tag.closing_first.match(line) or _OTHERS.match(line):
                yield from self._end(closed=True)
            else:
                self.lines.append(line)
        yield from self._end(closed=False)

    def _begins(self, lines: list[str], at: int) -> bool:
        return at < len(lines) and self.tag.opening.match(lines[at]) is not None

    def _end(self, *, closed: bool) -> Iterator[Tagged]:
        if self.lines is not None and (self.attributes or any(map(str.strip, self.lines))):
            yield Tagged(tuple(self.lines), self.attributes, closed)
        self.lines = None
