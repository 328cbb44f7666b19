"""What happens in a session, as values that whoever shows them is told of. How they look on the wire is
`lsp/`'s business.

Every event bears the discussion's id. The order of a round's events is the contract's: the round starts, each
turn starts, streams and finishes, the round finishes.
"""

from __future__ import annotations

from attrs import frozen

from moa_lsp.discussion.values import Coding, Discussion, Repair, Round, Turn
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Disagreement
from moa_lsp.edits.values import Problem


@frozen
class RoundStarted:
    discussion: str
    number: int
    message: str
    preset: str


@frozen
class StageStarted:
    """A stage is held, where there are several or one is parallel: these architects speak next."""

    discussion: str
    step: int
    stage: str
    architects: tuple[str, ...]
    parallel: bool


@frozen
class RoundNoted:
    """Something to be known about the round that is held, or about an architect's part in it."""

    discussion: str
    text: str
    architect: str | None


@frozen
class TurnStarted:
    discussion: str
    architect: str
    model: str
    step: int
    stage: str


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
class EditRead:
    """An edit closed in the reply that is arriving, an architect's or (`None`) the editor model's. `kind` is a
    `FileKind`'s or `rewrite`; `fits` is whether it can be placed as the file is now, `None` where that wasn't tried,
    and `problem` why it can't."""

    discussion: str
    architect: str | None
    path: str
    kind: str
    fits: bool | None
    problem: Problem | None


@frozen
class RepairStarted:
    """The model that wrote edits which can't be placed is asked for these once more: an architect's, or, where
    `architect` is `None`, the editor model. Comes between a reply's last words and what ends its turn or `/code`."""

    discussion: str
    architect: str | None
    problems: tuple[Problem, ...]


@frozen
class RepairFinished:
    """That request is over: so many of its edits were placed, and so many problems are left of those it was about."""

    discussion: str
    architect: str | None
    placed: int
    left: int
    repair: Repair


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


@frozen
class DisagreementUpdated:
    """Where the discussion's architects differ moved."""

    discussion: str
    value: Disagreement


Event = (
    RoundStarted
    | StageStarted
    | RoundNoted
    | TurnStarted
    | TurnDelta
    | TurnWaiting
    | TurnFinished
    | RoundFinished
    | EditRead
    | RepairStarted
    | RepairFinished
    | CodeStarted
    | CodeDelta
    | CodeWaiting
    | CodeFinished
    | ChangeReady
    | ChangeUpdated
    | DiscussionUpdated
    | DisagreementUpdated
)
