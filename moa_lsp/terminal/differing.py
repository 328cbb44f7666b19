"""Draws where the architects differ: the contested regions after a round, and all of it as a matrix.

The glyphs and the words are the ones that the editors use too; no sign is made by colour alone. What is contested,
agreed or settled the server says. In a pipe nothing is shortened.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from attrs import frozen
from rich.cells import cell_len, set_cell_size

from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.edited_text import Refused
from moa_lsp.terminal.files import Folder
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Part, Screen, harmless
from moa_lsp.terminal.workspace_edit import path_of

STANDS = {"contested": "◆", "agreed": "≡", "alone": "◇", "settled": "◈"}
"""A region's or a hunk's glyph, by how it stands."""
SIGNS = {"support": "+", "amend": "~", "object": "!"}
VERBS = {"support": "supports", "amend": "amends", "object": "objects"}
_PROPOSES, _LOST = "●", "○"
_LEGEND = "● proposes · ○ decided against · + supports · ~ amends · ! objects; a number says which alternative"

_MOST_REGIONS = 8
"""So many contested regions are told after a round; what there is beyond them is counted."""
_MOST_LINES = 8
"""So many lines of an alternative's text are shown."""


def stand_mark(stand: str | None) -> list[Part]:
    """The glyph in front of a place, with the blank behind it; nothing where there is no stand."""
    return [(f"{STANDS[stand]} ", _style(stand))] if stand in STANDS else []


def _style(stand: str | None) -> str:
    return WARNING if stand == "contested" else QUIET


def view_line(view: Json, about: str = "", margin: int = 2) -> list[Part]:
    """`! BRAVO objects: REASON`, in a line below what it is about; `about` names that where it isn't clear."""
    kind = view["kind"]
    said = f"{VERBS[kind]}{' to' if about and kind == 'object' else ''}{about and f' {about}'}"
    reason = f": {view['reason']}" if view["reason"] else ""
    told = f"{' ' * margin}{SIGNS[kind]} {view['architect'].upper()} {said}{reason}"
    return [(told, QUIET if kind == "support" else WARNING)]


def counted(counts: Json) -> str:
    """`◆ 2 contested · ≡ 1 agreed`: how many regions stand how; those of which there are none are left out."""
    return " · ".join(f"{glyph} {counts[stand]} {stand}" for stand, glyph in STANDS.items() if counts.get(stand))


def name_of(folder: Folder, uri: str) -> str:
    """The file's path in the workspace folder, or else its URI."""
    try:
        return folder.inside(path_of(uri)).as_posix()
    except Refused:
        return uri


def whose(alternative: Json) -> str:
    """Who proposes it: names are in capitals here, as in all that is told of a hunk."""
    names: list[str] = alternative["architects"]
    return " and ".join(name.upper() for name in names)


@frozen
class Differing:
    """The disagreement of one discussion, on the screen; `folder` is what the files' names are told from."""

    screen: Screen
    folder: Folder
    disagreement: Json

    @property
    def regions(self) -> list[Json]:
        return self.disagreement["regions"]

    def name(self, uri: str) -> str:
        return name_of(self.folder, uri)

    def place(self, region: Json) -> str:
        """`api.py:12-14`, as it can be typed: lines from 1, the last one included."""
        first, last = lines_of(region["range"])
        return f"{self.name(region['uri'])}:{first}" + (f"-{last}" if last > first else "")

    def of_hunk(self, uri: str, hunk: Json) -> tuple[str | None, list[Json]]:
        """How a hunk stands, and what was said of it: its own, or, of a change that isn't an architect's, that of the
        very same edit of one."""
        if hunk.get("stand") or hunk.get("views"):
            return hunk.get("stand"), hunk.get("views") or []
        for region in self.regions:
            views: list[Json] = region["views"]
            here = region["uri"] == uri and _overlap(lines_of(region["range"]), lines_of(hunk["range"]))
            for at, one in enumerate(region["alternatives"]):
                if here and one["newText"] == hunk["newText"]:
                    backing = [{"architect": name, "kind": "support", "reason": ""} for name in one["supporters"]]
                    return region["stand"], [*backing, *(view for view in views if view["alternative"] == at)]
        return None, []

    # --- after a round

    def after_round(self, *, hints: bool = True) -> None:
        """The contested regions in a few lines, and how many others there are; nothing where all are alone."""
        counts: Json = self.disagreement["counts"]
        if not any(counts.get(stand) for stand in ("contested", "agreed", "settled")):
            return
        self.screen.show()
        contested = [region for region in self.regions if region["stand"] == "contested"]
        for region in contested[:_MOST_REGIONS]:
            self.in_short(region)
        if more := len(contested) - _MOST_REGIONS:
            self._more(more)
        self.screen.say((counted(counts), STRONG))
        if hints and contested:
            self.screen.hint(f"to settle one: {_take(self, contested)}")
            self.screen.hint("to see them with their text: moa-lsp disagreement")

    def _more(self, more: int) -> None:
        if more > 0:
            self.screen.show((f"  … and {more} more", QUIET))

    def in_short(self, region: Json) -> None:
        """A region in one line where that fits, else a line for each alternative; below it who is against what."""
        alternatives: list[Json] = region["alternatives"]
        head: list[Part] = [*stand_mark(region["stand"]), (self.place(region), STRONG)]
        told: list[list[Part]] = [
            [(f"{whose(one)}: ", self.screen.colour(one["architects"][0])), one["summary"]] for one in alternatives
        ]
        line: list[Part] = [*head, "  "]
        for at, parts in enumerate(told):
            line += [*([(" | ", QUIET)] if at else []), *parts]
        if self.screen.width is None or _width(line) <= self.screen.width:
            self.screen.show(*line)
        else:
            self.screen.show(*head)
            for parts in told:
                self.screen.show(*_fitting(["    ", *parts], self.screen.width))
        views: list[Json] = region["views"]
        for view in views:
            about = [whose(one) for at, one in enumerate(alternatives) if at == view["alternative"]]
            self.screen.say(*view_line(view, f"{about[0]}'s" if len(alternatives) > 1 else "", 4))

    # --- all of it

    def matrix(self, regions: Sequence[Json]) -> None:
        """Who stands where: a row for each region, a column for each architect; then what is contested, at length."""
        if not regions:
            return
        names: list[str] = self.disagreement["architects"]
        places = [self.place(region) for region in regions]
        room = self.screen.width
        wide = max(cell_len(place) for place in places)
        columns = [max(cell_len(name), 5) for name in names]
        if room is not None:
            columns = [min(column, max((room - 24) // len(names) - 2, 3)) for column in columns]
            wide = min(wide, max(room - sum(columns) - 2 * len(columns) - 2, 12))
        head: list[Part] = [" " * (wide + 2)]
        for name, column in zip(names, columns, strict=True):
            head.append(("  " + set_cell_size(name.upper(), column), f"{STRONG} {self.screen.colour(name)}"))
        self.screen.show(*_fitting(head, room))
        for region, place in zip(regions, places, strict=True):
            row: list[Part] = [*stand_mark(region["stand"]), set_cell_size(_end_of(place, wide), wide)]
            for name, column in zip(names, columns, strict=True):
                cell = self._cell(region, name)
                row.append(("  " + set_cell_size(cell, column), self.screen.colour(name)))
            row.append(("  " + told(region), QUIET))
            self.screen.show(*_fitting(row, room))
        self.screen.say((_LEGEND, QUIET))
        for region in regions:
            if region["stand"] == "contested":
                self.at_length(region)

    def _cell(self, region: Json, name: str) -> str:
        """What an architect has to do with a region: `●1 !2`."""
        alternatives: list[Json] = region["alternatives"]
        views: list[Json] = region["views"]

        def marked(sign: str, at: int) -> str:
            return f"{sign}{at + 1}" if len(alternatives) > 1 else sign

        marks = [
            marked(_LOST if one.get("settled") == "against" else _PROPOSES, at)
            for at, one in enumerate(alternatives)
            if name in one["architects"]
        ]
        marks += [marked(SIGNS["support"], at) for at, one in enumerate(alternatives) if name in one["supporters"]]
        marks += [marked(SIGNS[view["kind"]], view["alternative"]) for view in views if view["architect"] == name]
        return " ".join(marks) or "·"

    def at_length(self, region: Json) -> None:
        """A region with each alternative's text, its reason, and who is for or against it."""
        self.screen.show()
        self.screen.say(*stand_mark(region["stand"]), (self.place(region), STRONG))
        for at, one in enumerate(region["alternatives"], 1):
            colour = self.screen.colour(one["architects"][0])
            self.screen.say(f"  {at}. ", (whose(one), colour), f": {one['summary']}")
            if one["reason"]:
                self.screen.say((f"     {one['reason']}", QUIET))
            text: str = one["newText"]
            lines = text.removesuffix("\n").split("\n") if text else []
            for line in lines[:_MOST_LINES]:
                self.screen.show(("     │ " + line, "green"))
            if (more := len(lines) - _MOST_LINES) > 0:
                self.screen.show((f"     … and {more} more line{'' if more == 1 else 's'}", QUIET))
            for name in one["supporters"]:
                self.screen.say(*view_line({"kind": "support", "architect": name, "reason": ""}, margin=5))
            for view in region["views"]:
                if view["alternative"] == at - 1:
                    self.screen.say(*view_line(view, margin=5))

    def settling(self, regions: Sequence[Json]) -> None:
        """What can be typed to settle the first contested one of these."""
        contested = [region for region in regions if region["stand"] == "contested"]
        if contested:
            self.screen.show()
            self.screen.hint(f"to settle one: {_take(self, contested)}")
            self.screen.hint(f"to leave it as it is: moa-lsp leave {shlex.quote(self.place(contested[0]))}")


def lines_of(range: Json) -> tuple[int, int]:
    """A range's first and last line, from 1; an insertion is at the line that it would come before."""
    start, end = range["start"], range["end"]
    last = end["line"] + (end["character"] > 0)
    return start["line"] + 1, max(last, start["line"] + 1)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _take(differing: Differing, contested: Sequence[Json]) -> str:
    """How the first of these could be settled, as it can be typed."""
    name: str = contested[0]["alternatives"][0]["architects"][0]
    return f"moa-lsp take {name} {shlex.quote(differing.place(contested[0]))}"


def told(region: Json) -> str:
    """A region in a few words: the edit, or what was decided. What is contested is told at length elsewhere."""
    if region["stand"] == "contested":
        return "see below"
    taken = [f"{whose(one)}'s is taken: " for one in region["alternatives"] if one.get("settled") == "taken"]
    return "".join(taken[:1]) + region["alternatives"][0]["summary"]


def _end_of(place: str, wide: int) -> str:
    """A place that is too long keeps its end, where the name and the lines are."""
    while cell_len(place) > wide:
        place = "…" + place[2:]
    return place


def _width(parts: Sequence[Part]) -> int:
    return cell_len(harmless("".join(part if isinstance(part, str) else part[0] for part in parts)))


def _fitting(parts: Sequence[Part], room: int | None) -> list[Part]:
    """The parts as far as they fit into one line; `None` is any length."""
    if room is None or _width(parts) <= room:
        return list(parts)
    fitting: list[Part] = []
    left = room - 1
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        words = harmless(words)
        if cell_len(words) >= left:
            return [*fitting, (set_cell_size(words, left).rstrip() + "…", style)]
        fitting.append((words, style))
        left -= cell_len(words)
    return fitting
