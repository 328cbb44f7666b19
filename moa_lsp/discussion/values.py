"""The values a discussion is made of: who speaks, what was said, and what it cost.

Everything here is frozen and knows nothing of editors, providers, files or clocks: times are handed
in by whoever holds a clock. A discussion is data and is only ever added to; the messages sent to a
model are views of it (see `thread.py`). How values look on the wire is `moa_lsp/lsp/wire_values.py`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal, TypeVar

from attrs import evolve, field, frozen

_Number = TypeVar("_Number", int, float)


@frozen
class Usage:
    """What one call, or several added up, used. `None` is unknown, never nothing.

    Tokens are as the provider counts them; `cached_tokens` is the part of `input_tokens` that the
    provider read from its cache. `cost_usd` is in US dollars. `known_cost_usd` adds up the parts
    that are known, so that one cancelled call doesn't hide what the others cost.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    known_cost_usd: float = 0.0

    @classmethod
    def nothing(cls) -> Usage:
        """No provider was asked, so nothing was used: the neutral element of `+`."""
        return cls(0, 0, 0, 0.0, 0.0)

    @classmethod
    def of(
        cls,
        input_tokens: int | None,
        cached_tokens: int | None,
        output_tokens: int | None,
        cost_usd: float | None,
    ) -> Usage:
        """One call's figures, as the provider reported them."""
        return cls(input_tokens, cached_tokens, output_tokens, cost_usd, cost_usd or 0.0)

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            _sum(self.input_tokens, other.input_tokens),
            _sum(self.cached_tokens, other.cached_tokens),
            _sum(self.output_tokens, other.output_tokens),
            _sum(self.cost_usd, other.cost_usd),
            self.known_cost_usd + other.known_cost_usd,
        )

    @staticmethod
    def total(parts: Iterable[Usage]) -> Usage:
        """All parts together; a figure that one part doesn't know, the total doesn't know."""
        return sum(parts, Usage.nothing())


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else one + other


@frozen
class Message:
    """One message as a model gets it. `text` is complete: fences written, foreign text escaped."""

    role: Literal["system", "user", "assistant"]
    text: str


class Seat(StrEnum):
    """What somebody is there for: to propose, to answer for all, or to judge how far the others got."""

    ARCHITECT = "architect"
    AGGREGATOR = "aggregator"
    ARBITER = "arbiter"


@frozen
class Architect:
    """One voice: a name for people, a model that speaks, and how that model is to be called.

    `timeout` is in seconds to the first word (`None`: the default); `api_key_env` names an environment
    variable, never a key. `api_base` is a URL the user allowed; the settings layers see to that. `added` says that it
    takes part in this one discussion, beside those that are configured; `set_role` is a role that was set for it there
    and wins over `role`. `paths` are globs of the files it cares about (none: all), and with a higher `priority` it
    speaks earlier where a mixture goes by that.
    """

    name: str
    model: str
    role: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    api_base: str | None = None
    api_key_env: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    dropped: bool = False
    added: bool = False
    set_role: str | None = None
    seat: Seat = Seat.ARCHITECT
    priority: int = 0
    paths: tuple[str, ...] = ()

    @property
    def plays(self) -> str | None:
        """The role that it has."""
        return self.set_role or self.role


class Status(StrEnum):
    """How a turn stands. A turn ends exactly once, as one of the last three."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@frozen
class Failure:
    """Why a turn failed: a `kind` from the table in `moa_lsp/models/errors.py`, and a sentence for people."""

    kind: str
    message: str


@frozen
class Repair:
    """The one more request that a whole reply may lead to: for the edits in it that couldn't be placed.

    `asked` is the user message that its model was sent below its reply, and `text` what it answered. Neither is part
    of any thread: nobody sees them later. It ends as turns do; a failed one costs its turn nothing.
    """

    asked: str
    status: Status = Status.RUNNING
    text: str = ""
    usage: Usage = field(factory=Usage)
    seconds: float = 0.0
    error: Failure | None = None


@frozen
class Said:
    """Names one turn of a discussion: the round's number, and the turn's number within that round."""

    round: int
    turn: int


class Attitude(StrEnum):
    """What an architect thinks of somebody else's proposal. The names are the wire's."""

    SUPPORT = "support"
    AMEND = "amend"
    OBJECT = "object"


@frozen
class Stance:
    """What an architect said of another's proposal, or of a part of it.

    `about` is that architect's name, `target` the part as it was named: empty for all of it, a step's number ("2"), an
    edit block's ("edit 1"), a path, or a path and a line ("api.py:12"). `said` is the turn that it is about, `change`
    and `hunks` are the ids of that turn's change and of its hunks that are meant: none where it is about words alone.
    """

    kind: Attitude
    about: str
    target: str = ""
    reason: str = ""
    said: Said | None = None
    change: str | None = None
    hunks: tuple[str, ...] = ()


@frozen
class Question:
    """What an architect asks the user. `number` counts a turn's questions from 1, `choices` are the answers that it
    offers (others may be given), and `answer` is the user's (`None`: none yet)."""

    number: int
    text: str
    choices: tuple[str, ...] = ()
    answer: str | None = None


@frozen
class GivenUp:
    """Edits of an architect's own, by their change and hunks, that were placed and that it gave up for those of `to`,
    after it had seen these."""

    to: str
    change: str
    hunks: tuple[str, ...]


@frozen
class Turn:
    """One architect's word in one round. `number` counts the round's turns from 1 in the order they began;
    with it a mixture may let the same architect speak twice in a round.

    `asked` is the user message the architect was sent, byte for byte, and `saw` the proposals in it:
    both are kept so that its thread only ever grows. `text` is all that arrived, also of a turn that
    failed. `proposal` is what the others get to see; a turn that isn't done has none. `change` is the id of the
    pending change that the proposal's edits became. `notes` say how a malformed reply was read. `usage` and
    `seconds` count the `repair` in. `retries` is the number of the failed or cancelled turn of this round whose place
    it takes in its architect's thread. `step` counts the stages that the round held from 1, and `stage` is what people
    call this one; the turns of one step were asked side by side where it is `parallel`. `stances` are what it says of
    others' proposals, `questions` what it asks the user, and `gave_up` which of its own edits it no longer stands by.
    """

    number: int
    architect: str
    model: str
    status: Status = Status.RUNNING
    asked: str = ""
    saw: frozenset[Said] = frozenset()
    text: str = ""
    proposal: str | None = None
    usage: Usage = field(factory=Usage)
    seconds: float = 0.0
    error: Failure | None = None
    notes: tuple[str, ...] = ()
    change: str | None = None
    repair: Repair | None = None
    retries: int | None = None
    step: int = 1
    stage: str = ""
    parallel: bool = False
    stances: tuple[Stance, ...] = ()
    questions: tuple[Question, ...] = ()
    gave_up: tuple[GivenUp, ...] = ()


@frozen
class Selection:
    """Lines of a file that the user pointed at: 1-based, both ends included."""

    path: str
    first: int
    last: int
    text: str


@frozen
class Snapshot:
    """The files a round shows to the architects: path (relative, with `/`) to text with LF line ends."""

    files: Mapping[str, str] = field(factory=dict[str, str])
    selection: Selection | None = None


@frozen
class Round:
    """One message of the user's and the turns it led to, in the order the architects began to speak.

    `preset` names the mixture it was held by. `notes` are sentences: who wasn't asked and why, and why it ended before
    its time.
    """

    number: int
    message: str
    shown: Snapshot = field(factory=Snapshot)
    turns: tuple[Turn, ...] = ()
    seconds: float = 0.0
    finished: bool = False
    preset: str = ""
    notes: tuple[str, ...] = ()

    @property
    def usage(self) -> Usage:
        return Usage.total(turn.usage for turn in self.turns)

    def since(self, step: int) -> Round:
        """This round with the turns of that step and of those after it alone."""
        return evolve(self, turns=tuple(turn for turn in self.turns if turn.step >= step))

    def with_turn(self, turn: Turn) -> Round:
        """This round with that turn put in the place of its earlier state, or added."""
        if all(t.number != turn.number for t in self.turns):
            return evolve(self, turns=(*self.turns, turn))
        return evolve(self, turns=tuple(turn if t.number == turn.number else t for t in self.turns))


@frozen
class Coding:
    """One `/code`: what the editor model was told last, all that it replied, and the change that came of it.

    `after_round` is the number of the last round it was shown, so the order of things is kept. `usage` and `seconds`
    count the `repair` in. One that is `composed` was put together of hunks without any model, and `text` says of which.
    """

    number: int
    after_round: int
    message: str
    model: str
    status: Status = Status.RUNNING
    text: str = ""
    usage: Usage = field(factory=Usage)
    seconds: float = 0.0
    error: Failure | None = None
    change: str | None = None
    repair: Repair | None = None
    composed: bool = False


class DecisionKind(StrEnum):
    """What the user decided. The names are the wire's."""

    TAKEN = "taken"
    LEFT = "left"
    REOPENED = "reopened"
    ANSWERED = "answered"


@frozen
class Decision:
    """Something that the user settled. `after_round` is the number of the last round before it (0: none).

    Of edits: `where` names file and lines for people and models ("api.py, lines 12-14"), `winners` and `losers` whose
    was taken and whose was not, `text` the lines that were taken, or why they were left. Of an answer: `winners` is who
    asked, `where` the question and `text` the answer. `hunks` are the ids of what it is about.
    """

    number: int
    after_round: int
    kind: DecisionKind
    where: str
    winners: tuple[str, ...] = ()
    losers: tuple[str, ...] = ()
    text: str = ""
    hunks: tuple[str, ...] = ()


@frozen
class PlanEntry:
    """A step of the plan as the user left it. `key` is that of the compiled step that it is or was (`None`: the
    user's own); a `struck` one isn't to be done."""

    text: str
    key: str | None = None
    struck: bool = False


@frozen
class PlanEdits:
    """The plan as the user left it: the steps in order, and the keys of all that were compiled then, so that steps of
    later proposals are told from those that the user took out."""

    entries: tuple[PlanEntry, ...] = ()
    seen: tuple[str, ...] = ()


@frozen
class Discussion:
    """Everything said about one matter. `created` is in seconds since the epoch; `folder` is the workspace folder whose
    settings hold for it, with links resolved (`None`: the first one). `preset` was chosen for it (`None`: the settings'
    own). `aside` is what was used for it beside rounds and codings. `decisions` are in the order they were made; `plan`
    is the user's version of it (`None`: as it is compiled)."""

    id: str
    title: str
    created: float
    architects: tuple[Architect, ...] = ()
    rounds: tuple[Round, ...] = ()
    codings: tuple[Coding, ...] = ()
    folder: str | None = None
    preset: str | None = None
    aside: Usage = field(factory=Usage.nothing)
    decisions: tuple[Decision, ...] = ()
    plan: PlanEdits | None = None

    @property
    def usage(self) -> Usage:
        parts = [self.aside, *(round.usage for round in self.rounds)]
        return Usage.total([*parts, *(coding.usage for coding in self.codings)])

    @property
    def speaking(self) -> tuple[Architect, ...]:
        """Who is asked in the next round, in speaking order."""
        return tuple(one for one in self.architects if not one.dropped)

    def architect(self, name: str) -> Architect | None:
        """The architect of that name; names are told apart without regard to case."""
        return next((a for a in self.architects if a.name.lower() == name.lower()), None)

    def with_round(self, round: Round) -> Discussion:
        """This discussion with that round put in the place of its earlier state, or added."""
        if all(r.number != round.number for r in self.rounds):
            return evolve(self, rounds=(*self.rounds, round))
        return evolve(self, rounds=tuple(round if r.number == round.number else r for r in self.rounds))

    def with_coding(self, coding: Coding) -> Discussion:
        """This discussion with that `/code` put in the place of its earlier state, or added."""
        if all(c.number != coding.number for c in self.codings):
            return evolve(self, codings=(*self.codings, coding))
        return evolve(self, codings=tuple(coding if c.number == coding.number else c for c in self.codings))
