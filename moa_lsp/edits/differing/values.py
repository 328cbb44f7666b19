"""The values of a disagreement: hunks with who proposed them, what others think of them, and the regions they meet in.

Which hunks contradict each other is in `contradictions.py`, how they fall into regions in `regions.py`, and how one
change is made of several's hunks in `compose.py`.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from moa_lsp.discussion.values import Attitude
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

    `views` are those that amend or object, each with the place of the alternative that it is about.
    """

    path: str
    start: int
    end: int
    stand: Stand
    alternatives: tuple[Alternative, ...]
    views: tuple[tuple[View, int], ...] = ()
