"""The values of a disagreement: hunks with who proposed them, what others think of them, and the regions they meet in.

Which hunks contradict each other is in `contradictions.py`, how they fall into regions in `regions.py`, and how one
change is made of several's hunks in `compose.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, Hunk


class Stand(StrEnum):
    """How a hunk, or a region, stands among the architects. The names are the wire's."""

    CONTESTED = "contested"
    AGREED = "agreed"
    ALONE = "alone"
    SETTLED = "settled"


@frozen
class Proposed:
    """One hunk as it stands now: in which change (its id) and file, and the architect that proposed it."""

    change: str
    source: str
    file: FileChange
    hunk: Hunk


def proposed_in(change: Change) -> list[Proposed]:
    """All hunks of a change, with who proposed them."""
    return [Proposed(change.id, change.source, file, hunk) for file in change.files for hunk in file.hunks]


@frozen
class View:
    """What an architect thinks of a hunk, and in which turn it said so."""

    architect: str
    kind: Attitude
    reason: str
    round: int
    turn: int


@frozen
class Alternative:
    """One way in which a region could read: the hunks that together make it, twins once, in the order of the text.

    `architects` propose all of them, in the order of proposing; `supporters` said that they are for it.
    """

    architects: tuple[str, ...]
    supporters: tuple[str, ...]
    hunks: tuple[Proposed, ...]


@frozen
class Region:
    """Lines of a file that proposals are about: 0-based, `end` excluded, equal to `start` for an insertion.

    `hunks` are the ids of all hunks that meet there, in the order of proposing: each of several that are the very same
    edit, and those for which their architect has since proposed something else. `views` are those that amend or
    object, each with the place of the alternative that it is about. `given_up` are those of the hunks that nobody
    stands by any more. Where files get in each other's way, `path` and the lines are those of the file that was
    proposed first.
    """

    path: str
    start: int
    end: int
    stand: Stand
    alternatives: tuple[Alternative, ...]
    hunks: tuple[str, ...]
    views: tuple[tuple[View, int], ...] = ()
    given_up: frozenset[str] = frozenset()


@frozen
class Disagreement:
    """What is open, agreed and settled among a discussion's architects. `stands` and `views` are by hunk id; a hunk
    that is in no region has neither."""

    discussion: str
    architects: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    stands: Mapping[str, Stand] = field(factory=dict[str, Stand])
    views: Mapping[str, tuple[View, ...]] = field(factory=dict[str, tuple[View, ...]])

    def stand_of(self, hunk: Hunk) -> Stand | None:
        """How a hunk stands; `None` where nothing can be said."""
        return self.stands.get(hunk.id, Stand.SETTLED if hunk.settled else None)

    def region_of(self, hunk: str) -> Region | None:
        """The region that a pending hunk is in."""
        return next((one for one in self.regions if hunk in one.hunks), None)

    @property
    def contested(self) -> tuple[Region, ...]:
        return tuple(one for one in self.regions if one.stand is Stand.CONTESTED)
