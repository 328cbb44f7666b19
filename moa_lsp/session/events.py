"""What happens in a session, as values that whoever shows them is told of. How they look on the wire is
`lsp/`'s business.

Every event bears the discussion's id. The order of a round's events is the contract's: the round starts, each
turn starts, streams and finishes, the round finishes.
"""

from __future__ import annotations

from attrs import frozen

from moa_lsp.discussion.values import Coding, Discussion, Round, Turn
from moa_lsp.edits.change import Change


@frozen
class RoundStarted:
    discussion: str
    number: int
    message: str


@frozen
class TurnStarted:
    discussion: str
    architect: str


@frozen
class TurnDelta:
    """Text of the architect's reply, as it arrives."""

    discussion: str
    architect: str
    text: str


@frozen
class TurnWaiting:
    """The architect's model can't be asked just now: it is tried again in that many seconds."""

    discussion: str
    architect: str
    seconds: float
    reason: str


@frozen
class TurnFinished:
    discussion: str
    turn: Turn


@frozen
class RoundFinished:
    discussion: str
    round: Round


@frozen
class CodeStarted:
    discussion: str
    message: str
    model: str


@frozen
class CodeDelta:
    discussion: str
    text: str


@frozen
class CodeWaiting:
    discussion: str
    seconds: float
    reason: str


@frozen
class CodeFinished:
    """A `/code` is over; where it was done its change has been announced before."""

    discussion: str
    coding: Coding


@frozen
class ChangeReady:
    discussion: str
    change: Change


@frozen
class ChangeUpdated:
    discussion: str
    change: Change


@frozen
class DiscussionUpdated:
    """The architects, the title or what is known of them moved."""

    discussion: str
    value: Discussion


Event = (
    RoundStarted
    | TurnStarted
    | TurnDelta
    | TurnWaiting
    | TurnFinished
    | RoundFinished
    | CodeStarted
    | CodeDelta
    | CodeWaiting
    | CodeFinished
    | ChangeReady
    | ChangeUpdated
    | DiscussionUpdated
)
