"""The state machine of one round: inputs in, effects out.

Two rules:
1. The engine never waits and never does anything. It is told what happened (`begin`, `TextArrived`, `ReplyEnded`,
   `Settled`, `ReplyFailed`, `Drop`, `Cancel`) and answers with what is to be done next (`Ask`, `Stop`, `TurnEnded`, …).
   Whoever drives it carries the effects out in the order given.
2. Every turn that was begun ends exactly once, as done, failed or cancelled, and the round ends exactly once, after its
   last turn.

Who speaks when is the mixture's data; the engine runs any list of stages and knows no kind of mixture. What a model is
sent is `thread.py`'s; clocks, models and the store are the driver's, who hands seconds and usage in.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, field, frozen, mutable

from moa_lsp.discussion.mixture import Mixture, Order, Stage, speakers
from moa_lsp.discussion.reader import ProposalReader
from moa_lsp.discussion.thread import NextMessage, next_message, retry_message, thread_of
from moa_lsp.discussion.values import (
    Architect,
    Discussion,
    Failure,
    Message,
    Round,
    Said,
    Status,
    Turn,
    Usage,
)

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


Effect = Ask | Stop | ProposalGrew | ProposalClosed | ReplyWhole | TurnEnded | RoundEnded

CUT = Failure("cut", "The reply broke off before its end. What had arrived is kept; ask again to get it whole.")


@mutable
class _Speaking:
    """A turn that is running: what it said so far, and how it will end once its reply is whole."""

    turn: Turn
    whole: Turn | None = None
    reader: ProposalReader = field(factory=ProposalReader)
    text: list[str] = field(factory=list[str])


@mutable
class RoundEngine:
    """One round. The one mutable thing of this room, and it is owned by the driver of the round.

    `system` gives an architect's system message; `discussion` is what came before, without this round. A `round` that
    has turns goes on after them. With `retrying`, a failed turn of it, whom the mixture names is asked in its place.
    """

    discussion: Discussion
    round: Round
    mixture: Mixture
    system: Callable[[Architect], str]
    retrying: Turn | None = None
    _stage: int = field(default=-1, init=False)
    _waiting: list[Architect] = field(factory=list[Architect], init=False)
    _speaking: dict[int, _Speaking] = field(factory=dict[int, _Speaking], init=False)
    _handed_over: set[int] = field(factory=set[int], init=False)
    _ended: bool = field(default=False, init=False)

    def begin(self) -> list[Effect]:
        """Starts the round. A round that was begun or cancelled already isn't begun again."""
        return [] if self._stage >= 0 or self._ended else self._next_stage()

    def receive(self, happened: Input) -> list[Effect]:
        """Takes one input. What arrives for a turn that is over, or after the round's end, changes nothing."""
        if self._ended:
            return []
        match happened:
            case TextArrived(turn, text):
                return self._text(turn, text)
            case ReplyEnded(turn, usage, seconds, whole, failure):
                return self._reply(turn, usage, seconds, whole, failure)
            case Settled(turn):
                return self._settled(turn)
            case ReplyFailed(turn, failure, usage, seconds):
                return self._failed(turn, failure, usage, seconds)
            case Drop(architect, spent):
                return self._drop(architect, spent)
            case Cancel(spent):
                return self._cancel(spent)

    def text_of(self, turn: int) -> str:
        """What a running turn has said so far; nothing for a turn that isn't running."""
        speaking = self._speaking.get(turn)
        return "".join(speaking.text) if speaking else ""

    # --- inputs, one by one

    def _text(self, number: int, text: str) -> list[Effect]:
        speaking = self._replying(number)
        if speaking is None:
            return []
        speaking.text.append(text)
        effects: list[Effect] = []
        read = speaking.reader.feed(text)
        if inside := "".join(speaking.reader.inside):
            speaking.reader.inside.clear()
            effects.append(ProposalGrew(number, inside))
        for closed in read:
            effects.append(ProposalClosed(Said(self.round.number, number), speaking.turn.architect, closed.text))
            effects += self._hand_over(speaking, closed.text)
        return effects

    def _hand_over(self, speaking: _Speaking, proposal: str) -> list[Effect]:
        """Lets the next of an overlapping stage begin; it sees this proposal already."""
        if not self._current.overlap or speaking.turn.number in self._handed_over:
            return []
        self._handed_over.add(speaking.turn.number)
        self.round = self.round.with_turn(evolve(speaking.turn, proposal=proposal))
        return self._ask_next()

    def _reply(self, number: int, usage: Usage, seconds: float, whole: bool, failure: Failure | None) -> list[Effect]:
        speaking = self._replying(number)
        if speaking is None:
            return []
        reading = speaking.reader.finish()
        if failure is None and not whole and not reading.closed:
            failure = CUT
        if failure is not None:
            return self._failed(number, failure, usage, seconds)
        ended = _ended(speaking, Status.DONE, usage, seconds)
        speaking.whole = evolve(ended, proposal=reading.proposal, notes=reading.notes)
        return [ReplyWhole(speaking.whole)]

    def _settled(self, number: int) -> list[Effect]:
        speaking = self._speaking.get(number)
        if speaking is None or speaking.whole is None:
            return []
        return self._end(speaking.whole) + self._advance()

    def _failed(self, number: int, failure: Failure, usage: Usage, seconds: float) -> list[Effect]:
        speaking = self._replying(number)
        if speaking is None:
            return []
        return self._end(_ended(speaking, Status.FAILED, usage, seconds, failure)) + self._advance()

    def _drop(self, name: str, spent: Spent) -> list[Effect]:
        self._waiting = [one for one in self._waiting if one.name.lower() != name.lower()]
        architects = tuple(
            evolve(one, dropped=True) if one.name.lower() == name.lower() else one for one in self.discussion.architects
        )
        self.discussion = evolve(self.discussion, architects=architects)
        effects: list[Effect] = []
        for number, speaking in list(self._speaking.items()):
            if speaking.turn.architect.lower() == name.lower():
                effects += self._stop(number, spent)
        return effects + self._advance()

    def _cancel(self, spent: Spent) -> list[Effect]:
        self._waiting.clear()
        self._stage = len(self.mixture.stages)
        effects: list[Effect] = []
        for number in list(self._speaking):
            effects += self._stop(number, spent)
        return effects + self._advance()

    def _stop(self, number: int, spent: Spent) -> list[Effect]:
        speaking = self._speaking[number]
        # A whole reply was heard to its end: only what was still to be done about it is left undone.
        return [Stop(number), *self._end(speaking.whole or _ended(speaking, Status.CANCELLED, *spent(number)))]

    # --- what follows from them

    @property
    def _current(self) -> Stage:
        return self.mixture.stages[self._stage]

    def _replying(self, number: int) -> _Speaking | None:
        """The turn of that number while its reply isn't whole yet."""
        speaking = self._speaking.get(number)
        return speaking if speaking and speaking.whole is None else None

    def _end(self, turn: Turn) -> list[Effect]:
        del self._speaking[turn.number]
        self.round = self.round.with_turn(turn)
        return [TurnEnded(turn)]

    def _advance(self) -> list[Effect]:
        """Asks whoever may speak now; where nobody speaks or waits, goes to the next stage or ends the round."""
        if self._stage < 0:
            return []
        if self._speaking:
            return self._ask() if self._speaking.keys() <= self._handed_over else []
        return self._ask() or self._next_stage()

    def _next_stage(self) -> list[Effect]:
        """Begins the next stage in which somebody has something to hear, or ends the round."""
        while True:
            self._stage += 1
            if self._stage >= len(self.mixture.stages):
                self._ended = True
                return [RoundEnded(self.round)]
            self._waiting = list(speakers(self._current, self.discussion.architects))
            if effects := self._ask():
                return effects

    def _ask(self) -> list[Effect]:
        """Asks the next who waits; in a parallel stage, all of them."""
        effects = self._ask_next()
        while self._waiting and self._current.order is Order.PARALLEL and (more := self._ask_next()):
            effects += more
        return effects

    def _ask_next(self) -> list[Effect]:
        while self._waiting:
            architect = self._waiting[0]
            if any(one.turn.architect == architect.name for one in self._speaking.values()):
                return []  # its thread can't grow while it is writing to it
            self._waiting.pop(0)
            discussion = self.discussion.with_round(self.round)
            asked = self._next_message(discussion, architect.name)
            if asked.text:
                return [self._begin_turn(discussion, architect, asked)]
            # It has heard everything already, and an empty message is an error at every provider.
        return []

    def _next_message(self, discussion: Discussion, architect: str) -> NextMessage:
        if self.retrying:
            return retry_message(discussion, self.round, self.retrying)
        return next_message(discussion, self.round, architect, self._current.sees)

    def _begin_turn(self, discussion: Discussion, architect: Architect, asked: NextMessage) -> Ask:
        number = max((turn.number for turn in self.round.turns), default=0) + 1
        name, model = architect.name, architect.model
        turn = Turn(number, name, model, asked=asked.text, saw=asked.saw, retries=asked.retries)
        self._speaking[number] = _Speaking(turn)
        self.round = self.round.with_turn(turn)
        messages = (Message("system", self.system(architect)), *thread_of(discussion.with_round(self.round), name))
        return Ask(turn, architect, messages)


def _ended(speaking: _Speaking, status: Status, usage: Usage, seconds: float, failure: Failure | None = None) -> Turn:
    """The turn as it ends, without a proposal."""
    text = "".join(speaking.text)
    return evolve(speaking.turn, status=status, text=text, usage=usage, seconds=seconds, error=failure)
