"""Who speaks when, and who sees whom: a mixture is data, a list of stages. The engine runs any such list.

The sequential round is the first kind. A new kind is new data here and no change in `engine.py`.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from moa_lsp.discussion.values import Architect


class Order(StrEnum):
    """How the architects of one stage speak."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


class Sees(StrEnum):
    """What an architect sees of the round it speaks in. Earlier rounds are always seen."""

    EARLIER = "earlier"
    NOTHING = "nothing"


@frozen
class Stage:
    """One part of a round. `architects` are names in speaking order, or `None` for all who aren't dropped.

    `overlap` lets the next of a sequential stage begin the moment the one before has closed its proposal, while
    the prose behind it still streams. Without it the next waits for the reply's end, and the events of two
    architects never interleave, which is what the contract promises for the plain round.
    """

    architects: tuple[str, ...] | None = None
    order: Order = Order.SEQUENTIAL
    sees: Sees = Sees.EARLIER
    overlap: bool = False


@frozen
class Mixture:
    """A named way of putting several models together."""

    name: str
    stages: tuple[Stage, ...]


ROUND = Mixture("round", (Stage(),))
"""Each architect once, in order, each seeing the proposals made before its own."""


def only(architect: str) -> Mixture:
    """That architect once, and nobody else."""
    return Mixture("only", (Stage((architect,)),))


def speakers(stage: Stage, architects: tuple[Architect, ...]) -> tuple[Architect, ...]:
    """Who speaks in a stage, in order. A name that no architect bears, or that of a dropped one, is passed over.

    Side by side an architect speaks once, however often it is named: its thread can't grow while it is writing to it.
    """
    present = tuple(one for one in architects if not one.dropped)
    if stage.architects is None:
        return present
    by_name = {one.name.lower(): one for one in present}
    named = [by_name[name.lower()] for name in stage.architects if name.lower() in by_name]
    return tuple(dict.fromkeys(named) if stage.order is Order.PARALLEL else named)
