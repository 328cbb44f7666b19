"""The plan that `/code` is held to: the steps that were compiled from proposals, as the user left them.

Rules:
- Where the user changed nothing, the plan is what was compiled. Where they did, their steps stand in their order, and
  below them what was compiled since then and wasn't there to be left out.
- A step is known by its words: one that comes again in the same words is the same one, struck if it was struck.
- A step all of whose edits the user decided against is struck, unless its words are the user's.
- As Markdown a plan is a numbered list to be edited by hand: what is struck is `~~so~~`, and whose a step is stands
  behind it, in italics. Nothing that the user writes into it is lost.

Which steps there are, and how their edits stand, is handed in. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from itertools import islice

from attrs import evolve, field, frozen, mutable

from moa_lsp.discussion.values import PlanEdits, PlanEntry

_ITEM = re.compile(r"^( {0,2}(?:\d{1,4}[.)]|[-*+])[ \t]+)(\S.*)$")
_WORD = re.compile(r"\w+")
_MARKER = re.compile(r"[ \t]*\*\(([^()]*)\)\*[ \t]*$")
_STRUCK_LINE = re.compile(r"^(\s*(?:[-*+]\s+)?)~~(.*)~~$")
_SEEMS_STRUCK = re.compile(r"^\\*~~")
_ALIKE = 0.5
_NOT_IN_A_MARKER = str.maketrans("", "", "*()\\")


class PlanStand(StrEnum):
    """How a step of the plan stands. The names are the wire's."""

    OPEN = "open"
    SETTLED = "settled"
    CONTESTED = "contested"
    STRUCK = "struck"


@frozen
class CompiledStep:
    """A step of proposals. `key` is `key_of` its words, `architects` propose it, `hunks` are the ids of its edits.

    It is `settled` where the user took all of them, `contested` where one is and waits for a decision, and `dead` where
    the user decided against all of them.
    """

    key: str
    text: str
    architects: tuple[str, ...] = ()
    hunks: tuple[str, ...] = ()
    settled: bool = False
    contested: bool = False
    dead: bool = False


@frozen
class PlanStep:
    """A step of the plan. `id` is the key of the compiled step that it is or was, or one of its own; `added` says that
    the user wrote it, and `edited` that it was reworded: then its proposers' edits aren't known to be what it says."""

    id: str
    text: str
    architects: tuple[str, ...] = ()
    hunks: tuple[str, ...] = ()
    stand: PlanStand = PlanStand.OPEN
    added: bool = False
    edited: bool = False


def key_of(text: str) -> str:
    """What a step is known by: the same for the same words, whatever their case, marks and blanks."""
    words = "".join(character for character in text.lower() if character not in "*_`~.:;,")
    return hashlib.blake2b(" ".join(words.split()).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def merged(compiled: Sequence[CompiledStep], edits: PlanEdits | None) -> tuple[PlanStep, ...]:
    """The plan as it stands. `compiled` are the steps as they are proposed now, each of another key."""
    if edits is None:
        return tuple(_as_compiled(step) for step in compiled)
    left = {step.key: step for step in compiled}
    steps: list[PlanStep] = []
    for entry in edits.entries:
        steps.append(_as_left(entry, left.pop(entry.key, None) if entry.key else None, steps))
    seen = set(edits.seen)
    return (*steps, *(_as_compiled(step) for step in compiled if step.key in left and step.key not in seen))


def plan_text(steps: Iterable[PlanStep]) -> str:
    """What the editor model reads: what is to be done, numbered and in order; empty where nothing is. A step that is
    settled is marked so."""
    open = [step for step in steps if step.stand is not PlanStand.STRUCK]
    lines: list[str] = []
    for number, step in enumerate(open, 1):
        settled = " (settled)" if step.stand is PlanStand.SETTLED else ""
        lines += _item(f"{number}. ", _cleaned(step.text).split("\n"), settled)
    return "\n".join(lines)


def as_markdown(title: str, steps: Iterable[PlanStep]) -> str:
    """The plan as a page to edit: `from_markdown` reads the same steps from it."""
    lines = [f"# {' '.join(title.split()) or 'Plan'}", ""]
    for number, step in enumerate(steps, 1):
        first, *more = _cleaned(step.text).split("\n")
        if step.stand is PlanStand.STRUCK:
            first, more = f"~~{first}~~", [_struck(line) for line in more]
        elif _SEEMS_STRUCK.match(first):
            first = f"\\{first}"
        lines += _item(f"{number}. ", [first, *more], _marker(step))
    return "\n".join([*lines, ""])


def from_markdown(text: str, steps: Sequence[PlanStep]) -> tuple[PlanEntry, ...]:
    """The plan as the user left it on that page; `steps` are those that were written there. A step that is gone is
    struck, at its place; one of the user's own that is gone is gone."""
    items = _items(text, {_marker(step) for step in steps})
    matched = _matched(items, steps)
    entries = [
        PlanEntry(item.text, steps[at].id if at is not None and not steps[at].added else None, item.struck)
        for item, at in zip(items, matched, strict=True)
    ]
    places = list(matched)
    for at, step in enumerate(steps):
        if at not in places and not step.added:
            after = max((place for place, known in enumerate(places) if known is not None and known < at), default=-1)
            entries.insert(after + 1, PlanEntry(_cleaned(step.text), step.id, struck=True))
            places.insert(after + 1, at)
    return tuple(entries)


def _as_compiled(step: CompiledStep) -> PlanStep:
    if step.dead:
        stand = PlanStand.STRUCK
    elif step.contested:
        stand = PlanStand.CONTESTED
    else:
        stand = PlanStand.SETTLED if step.settled else PlanStand.OPEN
    return PlanStep(step.key, step.text, step.architects, step.hunks, stand)


def _as_left(entry: PlanEntry, step: CompiledStep | None, before: Sequence[PlanStep]) -> PlanStep:
    """The entry of the user's as a step; `before` are those above it, for no two may have the same id."""
    if entry.key and step and key_of(entry.text) == step.key:
        found = evolve(_as_compiled(step), text=entry.text)
    elif entry.key and all(one.id != entry.key for one in before):
        found = PlanStep(entry.key, entry.text, step.architects if step else (), edited=key_of(entry.text) != entry.key)
    else:
        own = f"own-{key_of(entry.text)}"
        same = sum(1 for one in before if one.id == own or one.id.startswith(f"{own}-"))
        found = PlanStep(f"{own}-{same + 1}" if same else own, entry.text, added=True)
    return evolve(found, stand=PlanStand.STRUCK) if entry.struck else found


def _cleaned(text: str) -> str:
    """Words as lines that a list can hold, with nothing at their ends."""
    return "\n".join(line.rstrip() for line in re.split(r"\r\n|\n|\r", text)).strip() or "…"


def _marker(step: PlanStep) -> str:
    """Whose the step is, as it stands behind it."""
    names = ", ".join(name.translate(_NOT_IN_A_MARKER).upper() for name in step.architects)
    return f" *({names or ('you' if step.added else 'earlier')})*"


def _item(marker: str, lines: Sequence[str], behind: str) -> list[str]:
    indent = " " * len(marker)
    written = [f"{marker}{lines[0]}", *(f"{indent}{line}" if line else "" for line in lines[1:])]
    return [*written[:-1], written[-1] + behind]


def _struck(line: str) -> str:
    lead = re.match(r"\s*(?:[-*+]\s+)?", line)
    at = lead.end() if lead else 0
    return f"{line[:at]}~~{line[at:]}~~" if line[at:] else line


@mutable
class _Item:
    """One item of the page while its lines are read. `indent` is where its text stands, in blanks, and `marker` says
    whose it is."""

    indent: int
    lines: list[str] = field(factory=list[str])
    struck: bool = False
    marker: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    def close(self, markers: Collection[str]) -> None:
        """Whose it is isn't part of its words, nor is that it is struck. `markers` are those that were written."""
        while not self.lines[-1].strip():
            self.lines.pop()
        if marker := _MARKER.search(self.lines[-1]):
            self.marker = marker[0].rstrip()
            self.lines[-1] = self.lines[-1][: marker.start()].rstrip()
        else:
            # The user wrote on behind it.
            found = ((at, one) for at, line in enumerate(self.lines) for one in markers if one in line)
            for at, one in islice(found, 1):
                self.marker = one
                self.lines[at] = self.lines[at].replace(one, "", 1)
        first = self.lines[0]
        if len(first) > 4 and first.startswith("~~") and first.endswith("~~"):
            self.struck = True
            self.lines = [first[2:-2].strip(), *(_STRUCK_LINE.sub(r"\1\2", line) for line in self.lines[1:])]
        elif _SEEMS_STRUCK.match(first) and first.startswith("\\"):
            self.lines[0] = first[1:]


def _items(text: str, markers: Collection[str]) -> list[_Item]:
    lines = [line.rstrip() for line in re.split(r"\r\n|\n|\r", text)]
    at = next((number for number, line in enumerate(lines) if line), 0)
    if lines[at].startswith("# "):
        lines = lines[at + 1 :]
    item: _Item | None = None
    items: list[_Item] = []
    for line in lines:
        if match := _ITEM.match(line):
            item = _Item(len(match[1]), [match[2]])
            items.append(item)
        elif item is not None:
            # Lines further in are the item's by Markdown's rules, all others because they have no other place.
            indent = min(item.indent, len(line) - len(line.lstrip(" ")))
            item.lines.append(line[indent:])
        elif line.strip():
            item = _Item(0, [line.strip()])
            items.append(item)
    for item in items:
        item.close(markers)
    return [item for item in items if item.text]


def _matched(items: Sequence[_Item], steps: Sequence[PlanStep]) -> list[int | None]:
    """Which of the steps each item is: of the same words, else one that is gone otherwise and was reworded to this."""
    known: dict[str, list[int]] = {}
    for at, step in enumerate(steps):
        known.setdefault(key_of(_cleaned(step.text)), []).append(at)
    found = [same.pop(0) if (same := known.get(key_of(item.text))) else None for item in items]
    left = [at for at in range(len(steps)) if at not in found and not steps[at].added]
    for place, item in enumerate(items):
        if found[place] is None and left:
            likeness, at = max((_likeness(item, steps[at]), -at) for at in left)
            if likeness >= _ALIKE:
                found[place] = -at
                left.remove(-at)
    return found


def _likeness(item: _Item, step: PlanStep) -> float:
    """How much of a step's words an item holds, from 0 to 1; whose it is counts for a step that was written anew."""
    words = set(_WORD.findall(step.text.lower()))
    shared = len(words.intersection(_WORD.findall(item.text.lower()))) / max(len(words), 1)
    return max(shared, _ALIKE) if item.marker == _marker(step) else shared
