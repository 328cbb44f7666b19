"""Finds the proposals in a reply while its text still streams.

Rules:
- A tag counts where it stands at its edge of a line: `<proposal>` begins one, `</proposal>` ends one. A tag amid a
  sentence is talk about tags.
- Tags inside a Markdown code fence or a SEARCH/REPLACE block belong to the code. Nested proposals are counted.
- Text is taken line by line, so what is found can't depend on how a provider happened to cut its chunks.
- While text streams, only what is certain is announced (`Closed`). What stays unclear until the end is read once
  more then, each time a little more leniently, and every such reading leaves a note.

What a proposal's edits mean is `moa_lsp/edits/`'s business; who gets to see a proposal is `thread.py`'s.
"""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import field, frozen, mutable

from moa_lsp.discussion.code_lines import CodeLines, ends_fence

_NAME = r"proposals?"
_OPENING = re.compile(rf"^[ \t]*<\s*{_NAME}(?:\s[^<>]*)?>(.*)$", re.IGNORECASE | re.DOTALL)
_TAG_NAME = re.compile(_NAME, re.IGNORECASE)
_CLOSING = re.compile(rf"^(.*)<\s*/\s*{_NAME}\s*>[ \t]*$", re.IGNORECASE | re.DOTALL)
# What models make of a tag that they saw escaped, or that they escape as if they wrote HTML.
_ESCAPED = re.compile(rf"(?:<\\+|&lt;)(\s*(?:/\s*)?{_NAME})\s*(?:>|&gt;)", re.IGNORECASE)


class Kind(StrEnum):
    """What a part of a reply is."""

    PROSE = "prose"
    PROPOSAL = "proposal"


@frozen
class Segment:
    """A part of a reply: prose, or the inside of a proposal without its tags and the blank lines at its edges."""

    kind: Kind
    text: str


@frozen
class Closed:
    """A proposal was closed; `text` is its inside."""

    text: str


@frozen
class Reading:
    """A whole reply, read.

    `proposal` is what the other architects get to see: the proposals' texts, or the reply whole where it has none, or
    `None` where there is nothing but blanks. `closed` says that each proposal had its own end, which is how a reply
    is known to be whole when the provider doesn't say so (measured). `notes` say what was read leniently.
    """

    segments: tuple[Segment, ...]
    proposal: str | None
    closed: bool
    notes: tuple[str, ...] = ()


@frozen
class _Leniency:
    """What a reading looks past: code fences around a proposal, those within one, nested openings, escaped tags."""

    outer_fences: bool = False
    inner_blocks: bool = False
    nesting: bool = False
    escapes: bool = False


# From the most likely slip to the least: the first reading that closes is taken.
_SECOND_LOOKS: tuple[tuple[_Leniency, str], ...] = (
    (_Leniency(nesting=True), "A <proposal> was opened twice; it was read as one."),
    (
        _Leniency(inner_blocks=True),
        "A code block in the proposal wasn't closed; its end was taken from its tag.",
    ),
    (_Leniency(outer_fences=True), "The proposal stood inside a code block; it was taken out."),
    (
        _Leniency(outer_fences=True, inner_blocks=True, nesting=True),
        "The proposal's code blocks don't match up; its end was taken from its tag.",
    ),
    (_Leniency(escapes=True), "The proposal's tags were escaped; they were read as tags."),
)


@mutable
class _Scan:
    """One pass over the lines of a reply: the state between two lines, and what was found so far."""

    leniency: _Leniency = field(factory=_Leniency)
    segments: list[Segment] = field(factory=list[Segment])
    lines: list[str] = field(factory=list[str])
    depth: int = 0
    ends: int = 0
    code: CodeLines = field(factory=CodeLines)

    def take(self, line: str) -> Closed | None:
        """Reads one line, its line end included, and tells whether it closed a proposal."""
        content = line.rstrip("\r\n")
        if self.leniency.escapes:
            content = _ESCAPED.sub(r"<\1>", content)
        if self._is_code(content):
            self.lines.append(line)
            return None
        if opening := _OPENING.match(content):
            return self._open(line, opening[1])
        if self.depth and (closing := _CLOSING.match(content)):
            return self._close(line, closing[1])
        self.lines.append(line)
        return None

    def _open(self, line: str, rest: str) -> Closed | None:
        if self.depth:
            paired = _CLOSING.match(rest) is not None
            if self.leniency.nesting and not paired:
                if rest.strip():
                    self.lines.append(rest.lstrip() + "\n")
                return None
            self.lines.append(line)
            self.depth += 0 if paired else 1
            return None
        self._end_segment(Kind.PROSE)
        self.depth = 1
        if closing := _CLOSING.match(rest):
            return self._close(line, closing[1])
        if rest.strip():
            self.lines.append(rest.lstrip() + "\n")
        return None

    def _close(self, line: str, before: str) -> Closed | None:
        self.depth -= 1
        if self.depth:
            self.lines.append(line)
            return None
        if before.strip():
            self.lines.append(before.rstrip() + "\n")
        self.ends += 1
        text = self._end_segment(Kind.PROPOSAL)
        return Closed(text) if text else None

    def _end_segment(self, kind: Kind) -> str:
        text = _without_blank_edges("".join(self.lines))
        self.lines.clear()
        if text:
            self.segments.append(Segment(kind, text))
        return text

    def end(self) -> tuple[Segment, ...]:
        """What was found, the rest of the text included."""
        rest = _without_blank_edges("".join(self.lines))
        if not rest:
            return tuple(self.segments)
        return (*self.segments, Segment(Kind.PROPOSAL if self.depth else Kind.PROSE, rest))

    def _is_code(self, content: str) -> bool:
        """Whether this line belongs to a code fence or an edit block, of which it may be the first or the last."""
        if self.leniency.inner_blocks if self.depth else self.leniency.outer_fences:
            return False
        return self.code.take(content)


class ProposalReader:
    """Reads one reply. Feed it text as it arrives, in pieces of any size; `finish` it once.

    `inside` collects the lines of proposals as they arrive, for whoever takes them out.
    """

    def __init__(self) -> None:
        self.inside: list[str] = []
        self._scan = _Scan()
        self._lines: list[str] = []
        self._partial: list[str] = []

    def feed(self, text: str) -> list[Closed]:
        """Takes the next piece and returns the proposals that it closed."""
        *whole, rest = text.split("\n")
        closed: list[Closed] = []
        for part in whole:
            line = "".join([*self._partial, part, "\n"])
            self._partial.clear()
            self._lines.append(line)
            known = len(self._scan.lines) if self._scan.depth else 0
            if event := self._scan.take(line):
                closed.append(event)
            elif self._scan.depth:
                self.inside += self._scan.lines[known:]
        if rest:
            self._partial.append(rest)
        return closed

    def finish(self) -> Reading:
        """Reads the reply as a whole; no more text comes."""
        if self._partial:
            line = "".join(self._partial)
            self._partial.clear()
            self._lines.append(line)
            self._scan.take(line)
        segments = self._scan.end()
        found = _proposals(segments)
        if self._scan.ends and not self._scan.depth:
            return Reading(segments, "\n\n".join(found) or None, closed=True, notes=_count_note(found))
        # A reply without any such tag needs no second look: one of 10 MB would take seconds (measured).
        looks = _SECOND_LOOKS if any(map(_TAG_NAME.search, self._lines)) else ()
        for leniency, note in looks:
            scan = _Scan(leniency)
            for line in self._lines:
                scan.take(line)
            seen = scan.end()
            if (again := _proposals(seen)) and not scan.depth:
                notes = (note, *_count_note(again))
                return Reading(seen, "\n\n".join(again), closed=_nothing_follows(seen), notes=notes)
        if self._scan.depth:
            note = "The last <proposal> has no end; all that follows it was taken as the proposal."
            notes = (note, *_count_note(found))
            return Reading(segments, "\n\n".join(found) or None, closed=False, notes=notes)
        whole = _without_blank_edges("".join(self._lines))
        if not whole.strip():
            return Reading((), None, closed=False)
        return Reading((Segment(Kind.PROPOSAL, whole),), whole, closed=False)


def read_reply(text: str) -> Reading:
    """A reply that is there as a whole, read."""
    reader = ProposalReader()
    reader.feed(text)
    return reader.finish()


def _proposals(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in segments if segment.kind is Kind.PROPOSAL]


def _count_note(proposals: list[str]) -> tuple[str, ...]:
    if not proposals:
        return ("The proposal is empty: the others see nothing of this reply.",)
    return (f"The reply held {len(proposals)} proposals; they are shown as one.",) if len(proposals) > 1 else ()


def _nothing_follows(segments: tuple[Segment, ...]) -> bool:
    """Whether the reply ends with its proposal, but for the end of a code block around it.

    A lenient reading may have found its end in the proposal's own code, where the real end was cut off: what stands
    behind it tells, and a reply that may be cut counts as cut.
    """
    last = segments[-1]
    return last.kind is Kind.PROPOSAL or all(ends_fence(line) for line in last.text.splitlines() if line.strip())


def _without_blank_edges(text: str) -> str:
    """The text without blank lines at its beginning and end; the first line keeps its indentation."""
    lines = text.split("\n")
    held = [number for number, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[held[0] : held[-1] + 1]).removesuffix("\r") if held else ""
