"""What a round's engine is told, and what it answers is to be done: the values on both sides of `engine.py`.

Whoever drives an engine makes the inputs and carries out the effects, in the order given.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from moa_lsp.discussion.values import Architect, Failure, Message, Round, Said, Turn, Usage

Spent = Callable[[int], tuple[Usage, float]]
"""What a turn that is stopped has used so far, as far as it is known, and its age in seconds."""

# --- inputs -----------------------------------------------------------------------------------------------------


@frozen
class TextArrived:
    """The turn's model wrote more."""

    turn: int
    text: str


@frozen
class ReplyEnded:
    """The turn's model is done. `failure` is set where the reply, though it ended, is none: empty, cut, filtered.

    `whole` is false where the stream ended without the provider saying so; then only closed fences make it whole.
    """

    turn: int
    usage: Usage
    seconds: float
    whole: bool = True
    failure: Failure | None = None


@frozen
class Settled:
    """All that was still to be done about a turn whose reply is whole (`ReplyWhole`) has been done."""

    turn: int


@frozen
class ReplyFailed:
    """The turn's model failed, before or amid its reply."""

    turn: int
    failure: Failure
    usage: Usage
    seconds: float


@frozen
class Drop:
    """The user dropped an architect amid the round: it is stopped if it speaks, and not asked if it hasn't yet."""

    architect: str
    spent: Spent


@frozen
class Cancel:
    """The user stopped the round."""

    spent: Spent


Input = TextArrived | ReplyEnded | Settled | ReplyFailed | Drop | Cancel

# --- effects ----------------------------------------------------------------------------------------------------


@frozen
class Ask:
    """Begin this turn: ask the architect. `messages` is its whole thread, the system message included."""

    turn: Turn
    architect: Architect
    messages: tuple[Message, ...]


@frozen
class StageBegan:
    """A stage is held: the turns of these architects follow, side by side or one after the other."""

    step: int
    name: str
    architects: tuple[str, ...]
    parallel: bool


@frozen
class Noted:
    """Something about the round that its reader should know, about an architect or all of it."""

    text: str
    architect: str | None = None


@frozen
class Stop:
    """End this turn's call; nothing that it still brings counts."""

    turn: int


@frozen
class ProposalGrew:
    """Whole lines of a proposal arrived; `text` is them, without the proposal's tags."""

    turn: int
    text: str


@frozen
class ProposalClosed:
    """A proposal was closed while its turn still streams."""

    said: Said
    architect: str
    text: str


@frozen
class ReplyWhole:
    """This turn's reply is there, and the turn as it will end. It ends, and the others go on, once it is `Settled`."""

    turn: Turn


@frozen
class TurnEnded:
    """This turn is over, with everything known about it."""

    turn: Turn


@frozen
class RoundEnded:
    """The round is over, with all its turns."""

    round: Round


Effect = Ask | StageBegan | Noted | Stop | ProposalGrew | ProposalClosed | ReplyWhole | TurnEnded | RoundEnded
