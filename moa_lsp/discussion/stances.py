"""Reads what an architect says of the others' proposals, and writes it down for others to read.

```
<stances>
- support ALPHA: smallest that works
- object BRAVO 2: it hides KeyError from every caller
- amend ALPHA edit 1: keep the old name as an alias
</stances>
```

Rules:
- Where the tag counts is `tagged.py`'s business. A line in it says whether it supports, amends or objects, whose
  proposal it is about, which part of it, and why. Small models write all of that in other words and another order, so
  much is understood.
- A line that can't be read stays prose, and leaves a note. Nothing raises, nothing is taken out of the reply.
- So many lines count and no more: a reply may be of any length.

Which hunks a stance is about is not known here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from attrs import field, frozen, mutable

from moa_lsp.discussion.stance_words import Named, bare, kind_at, targets_at
from moa_lsp.discussion.tagged import Tag, Tagged, tagged
from moa_lsp.discussion.values import Attitude, Stance

MOST_LINES = 200
"""Lines of stances that are read in one reply."""

LONGEST_REASON = 600
"""Code points in the longest reason; a longer one is cut at a word."""

_MOST_ON_A_LINE = 8
_MOST_NOTES = 4
_LONGEST_LINE = 2_000
_LONGEST_QUOTE = 60
_TAG = Tag.of("stances?")
_GOES_ON = re.compile(r"\s*[;,]\s*(?:(?:but|and)\s+)?", re.IGNORECASE)
_TO = re.compile(r"^[\W_]*(?:to|with|of)\b", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*+•~!]\s|\d{1,2}[.)]\s)")


@frozen
class StanceReading:
    """What a reply says of the others' proposals, in its order; `notes` say what couldn't be read."""

    stances: tuple[Stance, ...] = ()
    notes: tuple[str, ...] = ()


def read_stances(reply: str, itself: str, others: Collection[str]) -> StanceReading:
    """The stances in a whole reply of the architect `itself`. They are about those of `others` (it may be among them),
    are spelled as there, and name no turn and no hunks yet."""
    parts = tagged(reply, _TAG)
    if not parts:
        return StanceReading()
    reading = _Reading(Named.of(itself, others))
    for part in parts:
        reading.take(part)
    return reading.done()


def stances_text(stances: Iterable[Stance], called: Callable[[str], str] = str) -> str:
    """The stances as others are to read them, a line each, without their fence; empty where there are none. `called`
    gives the name under which an architect appears."""
    return "\n".join(_line(stance, called) for stance in stances)


def _line(stance: Stance, called: Callable[[str], str]) -> str:
    about = " ".join(filter(None, (stance.kind.value, called(stance.about).upper(), stance.target)))
    return f"- {about}: {stance.reason}" if stance.reason else f"- {about}"


@mutable
class _Reading:
    """The state between two lines: the last stances, which a next line may go on with, and what a heading said."""

    named: Named
    stances: list[Stance] = field(factory=list[Stance])
    notes: list[str] = field(factory=list[str])
    lines: int = 0
    open: int = 0
    depth: int = 0
    about: str = ""
    kind: Attitude | None = None
    on_a_line: int = 0

    def take(self, part: Tagged) -> None:
        self.open, self.about, self.kind = 0, "", None
        first = f"<stance {part.attributes}>" if part.attributes else ""
        for number, line in enumerate(part.lines or ("",)):
            self.lines += 1
            if self.lines > MOST_LINES:
                return
            line = line[:_LONGEST_LINE] if number else (first + line)[:_LONGEST_LINE]
            if bare(line):
                self._take_line(line, part.closed)
            elif not line.strip():
                self.open = 0

    def _take_line(self, line: str, closed: bool) -> None:
        text = bare(line)
        found, why = self._stances_of(line)
        if found:
            self.stances += found
            self.open, self.depth = len(found), _indent(line)
            return
        goes_on = _indent(line) > self.depth or not _ITEM.match(line)
        if not why:
            self.open = 0
        elif self.open and goes_on and kind_at(text) is None:
            # The reason goes on.
            for at in range(len(self.stances) - self.open, len(self.stances)):
                old = self.stances[at]
                self.stances[at] = _with_reason(old, f"{old.reason} {text}".strip())
        elif closed or _ITEM.match(line):
            self.open = 0
            self.notes.append(f'No stance was read from "{_quoted(text)}": {why}.')

    def _stances_of(self, line: str) -> tuple[list[Stance], str]:
        """The stances that a line holds, or why it holds none (empty where it is a heading that others stand under)."""
        text = bare(line)
        kind, rest = kind_at(text) or (None, text)
        about = self.named.at(rest)
        if kind is not None and not about:
            # "object to step 2 of ALPHA"
            targets, behind = targets_at(_TO.sub("", rest))
            if targets != [""] and (about := self.named.at(behind)):
                return self._made(kind, [(about[0], target) for target in targets], about[1])
        if kind is None and about:
            targets, behind = targets_at(about[1])
            if said := kind_at(behind, behind_name=True):
                targets, reason = targets_at(said[1]) if targets == [""] else (targets, said[1])
                return self._made(said[0], [(about[0], target) for target in targets], reason)
            if self.kind is None and not bare(behind, ends=True):
                self.about, self.kind = about[0], None
                return [], ""
            kind = self.kind or (Attitude.SUPPORT if line.lstrip("-* ").startswith("+") else None)
        if kind is None:
            return [], "it says neither support, amend nor object"
        if not about:
            if self.about:
                targets, reason = targets_at(_TO.sub("", rest))
                return self._made(kind, [(self.about, target) for target in targets], reason)
            if not bare(rest, ends=True):
                self.kind, self.about = kind, ""
                return [], ""
            return [], _UNKNOWN
        pairs: list[tuple[str, str]] = []
        reason = rest
        while about:
            targets, reason = targets_at(about[1])
            pairs += [(about[0], target) for target in targets]
            about = self.named.listed(reason)
        return self._made(kind, pairs, reason)

    def _made(self, kind: Attitude, pairs: list[tuple[str, str]], reason: str) -> tuple[list[Stance], str]:
        others = [(about, target) for about, target in pairs if not self.named.is_itself(about)]
        more = self._more(reason, pairs[-1][0])
        stance = _with_reason(Stance(kind, ""), "" if more else bare(reason, ends=True))
        made = [Stance(kind, about, target, stance.reason) for about, target in dict.fromkeys(others)]
        return [*made, *more], "" if made or more else "it is about its own writer"

    def _more(self, reason: str, about: str) -> list[Stance]:
        """The stances of a line that goes on with another one: "support ALPHA 1; object to 2"."""
        if self.on_a_line > _MOST_ON_A_LINE or not (parted := _GOES_ON.match(reason)):
            return []
        if not (said := kind_at(reason[parted.end() :])):
            return []
        if not self.named.at(said[1]) and targets_at(_TO.sub("", said[1]))[0] == [""]:
            return []
        before, self.about = self.about, about
        self.on_a_line += 1
        found, _ = self._stances_of(reason[parted.end() :])
        self.on_a_line -= 1
        self.about = before
        return found

    def done(self) -> StanceReading:
        notes = self.notes[:_MOST_NOTES]
        if rest := len(self.notes) - len(notes):
            notes.append(f"{rest} more {'line' if rest == 1 else 'lines'} of its stances couldn't be read.")
        if self.lines > MOST_LINES:
            notes.append(f"Of its stances the first {MOST_LINES} lines were read, and the other lines were not.")
        return StanceReading(tuple(dict.fromkeys(self.stances)), tuple(notes))


_UNKNOWN = "it names no other architect"


def _with_reason(stance: Stance, reason: str) -> Stance:
    if len(reason) > LONGEST_REASON:
        reason = reason[:LONGEST_REASON].rsplit(" ", 1)[0] + "…"
    return Stance(stance.kind, stance.about, stance.target, reason)


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
