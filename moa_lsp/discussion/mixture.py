"""Who speaks when, and who sees whom: a mixture is data, a list of stages. The engine runs any such list.

Which mixtures there are is in `kinds.py`: a new kind is new data there and no change in `engine.py`. Here is what a
stage can be, and who speaks in one, in which order. Pure.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from moa_lsp.discussion.values import Architect, Seat

CONCURRENCY = 8
"""How many are asked side by side where nobody says another number."""


class Order(StrEnum):
    """How the architects of one stage speak."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


class Sees(StrEnum):
    """What an architect sees of the round it speaks in: all that was proposed before, what the stage before this one
    proposed, or nothing. Earlier rounds are always seen."""

    EARLIER = "earlier"
    BEFORE = "before"
    NOTHING = "nothing"


class Floor(StrEnum):
    """Who has the floor in a sequential stage: each once in turn, each until it says it is done, or each once by
    priority."""

    ROUND_ROBIN = "round-robin"
    UNTIL_DONE = "until-done"
    PRIORITY = "priority"


@frozen
class Stage:
    """One part of a round. `architects` are names in speaking order, or `None` for all whose seat is `seat`.

    `name` is what people call it, and `task` what its speakers are asked to do, in words (empty: what the user says).
    It is held at most `passes` times in a row, and no longer when a whole pass brought nothing new; where the floor is
    kept until done, `passes` is how often one speaks in a row. What its speaker says in a stage that `decides` is a
    verdict on the stage before, which may be held again. `acts` marks the stage whose speaker answers for all.

    `overlap` lets the next of a sequential stage begin the moment the one before has closed its proposal, while
    the prose behind it still streams. Without it the next waits for the reply's end, and the events of two
    architects never interleave, which is what the contract promises for the plain round.
    """

    architects: tuple[str, ...] | None = None
    order: Order = Order.SEQUENTIAL
    sees: Sees = Sees.EARLIER
    overlap: bool = False
    name: str = ""
    task: str = ""
    passes: int = 1
    decides: bool = False
    acts: bool = False
    seat: Seat = Seat.ARCHITECT


@frozen
class Mixture:
    """A named way of putting several models together.

    With `rotate` another architect begins in every round and pass; with `blind` the models don't see each other's
    names. `stop_when_agreed` ends the round once all proposals of a stage are the same edits. `max_cost` is in US
    dollars for one round: once that is spent nobody is asked any more. At most `concurrency` are asked side by side.
    """

    name: str
    stages: tuple[Stage, ...]
    rotate: bool = False
    blind: bool = False
    stop_when_agreed: bool = False
    max_cost: float | None = None
    floor: Floor = Floor.ROUND_ROBIN
    concurrency: int = CONCURRENCY


ROUND = Mixture("round", (Stage(),))
"""Each architect once, in order, each seeing the proposals made before its own."""


def only(architect: str) -> Mixture:
    """That architect once, and nobody else."""
    return Mixture("only", (Stage((architect,)),))


def speakers(
    stage: Stage, architects: tuple[Architect, ...], mixture: Mixture = ROUND, turned: int = 0
) -> tuple[Architect, ...]:
    """Who speaks in a stage, in order. A name that no architect bears, or that of a dropped one, is passed over.

    `turned` counts the rounds and passes before: where the mixture rotates, so many are moved from the front to the
    end. Side by side an architect speaks once, however often it is named: its thread can't grow while it is writing to
    it.
    """
    present = tuple(one for one in architects if not one.dropped)
    if stage.architects is None:
        named = [one for one in present if one.seat is stage.seat]
        if mixture.floor is Floor.PRIORITY:
            named.sort(key=lambda one: -one.priority)  # equals stay in their order
    else:
        by_name = {one.name.lower(): one for one in present}
        named = [by_name[name.lower()] for name in stage.architects if name.lower() in by_name]
    if mixture.rotate and named and not stage.decides and not stage.acts:
        first = turned % len(named)
        named = named[first:] + named[:first]
    return tuple(dict.fromkeys(named) if stage.order is Order.PARALLEL else named)


def alias(architects: tuple[Architect, ...], name: str) -> str:
    """What an architect is called where names are hidden: the same for everybody and in every round, as long as nobody
    before it goes."""
    names = [one.name.lower() for one in architects]
    return f"colleague-{names.index(name.lower()) + 1}" if name.lower() in names else "colleague"
