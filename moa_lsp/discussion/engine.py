"""The state machine of one round: inputs in, effects out.

Two rules:
1. The engine never waits and never does anything. It is told what happened (`begin`, `TextArrived`, `ReplyEnded`,
   `Settled`, `ReplyFailed`, `Drop`, `Cancel`) and answers with what is to be done next (`Ask`, `Stop`, `TurnEnded`, …).
   Whoever drives it carries the effects out in the order given.
2. Every turn that was begun ends exactly once, as done, failed or cancelled, and the round ends exactly once, after its
   last turn.

Who speaks when is the mixture's data; the engine runs any list of stages and knows no kind of mixture. What a model is
sent is `thread.py`'s, what the reply of one who decides says is `verdict.py`'s, and how the held stages count and when
there is no more to hold is `progress.py`'s; clocks, models and the store are the driver's, who hands seconds and usage
in.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, field, mutable

from moa_lsp.discussion.effects import (
    Ask,
    Cancel,
    Drop,
    Effect,
    Input,
    Noted,
    ProposalClosed,
    ProposalGrew,
    ReplyEnded,
    ReplyFailed,
    ReplyWhole,
    RoundEnded,
    Settled,
    Spent,
    StageBegan,
    Stop,
    TextArrived,
    TurnEnded,
)
from moa_lsp.discussion.mixture import Floor, Mixture, Order, Stage, alias, speakers
from moa_lsp.discussion.progress import SameEdits, agreed, moved_on, never_the_same, spent_words
from moa_lsp.discussion.questions import read_questions
from moa_lsp.discussion.reader import ProposalReader
from moa_lsp.discussion.stances import read_stances
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
from moa_lsp.discussion.verdict import Verdict, gives_up_the_floor, only_gives_up_the_floor, read_verdict

GO_ON = "go-on"
"""The task of an architect that keeps the floor."""

CUT = Failure("cut", "The reply broke off before its end. What had arrived is kept; ask again to get it whole.")


@mutable
class _Speaking:
    """A turn that is running: what it said so far, and how it will end once its reply is whole."""

    turn: Turn
    whole: Turn | None = None
    reader: ProposalReader = field(factory=ProposalReader)
    text: list[str] = field(factory=list[str])


def _no_reason(_: Architect, __: Round) -> str | None:
    return None


@mutable
class RoundEngine:
    """One round. The one mutable thing of this room, and it is owned by the driver of the round.

    `system` gives an architect's system message; `discussion` is what came before, without this round. A `round` that
    has turns goes on after them. With `retrying`, a failed turn of it, whom the mixture names is asked in its place.

    `task` gives the words of a stage's task. `unconcerned` tells why an architect needn't hear a round as it stands
    (`None`: it does), as the end of a sentence. `same_edits` tells whether all of these turns propose the same edits.
    """

    discussion: Discussion
    round: Round
    mixture: Mixture
    system: Callable[[Architect], str]
    retrying: Turn | None = None
    task: Callable[[str], str] = str
    unconcerned: Callable[[Architect, Round], str | None] = _no_reason
    same_edits: SameEdits = never_the_same
    _stage: int = field(default=-1, init=False)
    _pass: int = field(default=1, init=False)
    _step: int = field(default=0, init=False)
    _waiting: list[Architect] = field(factory=list[Architect], init=False)
    _speaking: dict[int, _Speaking] = field(factory=dict[int, _Speaking], init=False)
    _handed_over: set[int] = field(factory=set[int], init=False)
    _going_on: str | None = field(default=None, init=False)
    """Who keeps the floor."""
    _passed_over: set[str] = field(factory=set[str], init=False)
    _ended: bool = field(default=False, init=False)

    def begin(self) -> list[Effect]:
        """Starts the round. A round that was begun or cancelled already isn't begun again."""
        if self._stage >= 0 or self._ended:
            return []
        self._step = max((turn.step for turn in self.round.turns), default=0)
        return self._next_stage()

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
        proposal = None if only_gives_up_the_floor(ended.text) else reading.proposal
        others = {self._called(one.name): one.name for one in self.discussion.architects}
        stances = read_stances(ended.text, self._called(ended.architect), tuple(others))
        speaking.whole = evolve(
            ended,
            proposal=proposal,
            notes=(*reading.notes, *stances.notes),
            stances=tuple(evolve(one, about=others[one.about]) for one in stances.stances),
            questions=read_questions(ended.text),
        )
        return [ReplyWhole(speaking.whole)]

    def _settled(self, number: int) -> list[Effect]:
        speaking = self._speaking.get(number)
        if speaking is None or speaking.whole is None:
            return []
        turn = speaking.whole
        ended = self._end(turn)
        self._keep_floor(turn)
        return ended + self._advance()

    def _keep_floor(self, turn: Turn) -> None:
        """Lets the architect of that turn speak again at once, where the floor is its own until it gives it up."""
        if not self._keeps_floor:
            return
        spoken = sum(one.step == turn.step and one.architect == turn.architect for one in self.round.turns)
        stays = self.discussion.architect(turn.architect)
        if spoken < self._current.passes and stays and not stays.dropped and not gives_up_the_floor(turn.text):
            self._waiting.insert(0, stays)
            self._going_on = stays.name

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
        """The stage that is held; a plain one once there is none any more."""
        return self.mixture.stages[self._stage] if self._stage < len(self.mixture.stages) else Stage()

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
            may_ask = self._speaking.keys() <= self._handed_over or self._is_parallel
            return self._ask() if may_ask else []
        return self._ask() or self._stage_over()

    @property
    def _is_parallel(self) -> bool:
        return self._current.order is Order.PARALLEL

    def _stage_over(self) -> list[Effect]:
        """What follows a stage that was held: itself once more, the one that it decides about, the next, or the end."""
        if self._stage >= len(self.mixture.stages):
            return self._next_stage()
        stage = self._current
        if stage.decides:
            return self._decided()
        held = self._turns_of(self._step)
        if self.mixture.stop_when_agreed and not stage.acts and agreed(held, self.same_edits) and self._more_to_come:
            return self._over(f"All {len(held)} proposals are the same edits: nobody else was asked.")
        if stage.acts and len(self.round.turns) > len(held) and all(one.status is not Status.DONE for one in held):
            return self._on("Nobody answered for all, so the others' proposals are the answer.")
        if not self._is_decided_about and self._may_repeat(stage) and self._progressed:
            return self._hold(self._stage, self._pass + 1)
        return self._next_stage()

    def _decided(self) -> list[Effect]:
        """Does what the verdict on the stage before says, as far as the bounds and its progress let it."""
        said = [turn for turn in self._turns_of(self._step) if turn.status is Status.DONE]
        verdict = read_verdict(said[-1].text) if said else None
        if said and verdict is None:
            return self._on("The verdict couldn't be read, so the discussion went on.", said[-1].architect)
        if verdict is Verdict.ENOUGH:
            return self._skip_to_answer()
        if verdict is not Verdict.AGAIN or self._stage == 0:
            return self._next_stage()
        about = self.mixture.stages[self._stage - 1]
        if self._floor_is_kept_in(about):
            # Held once more it would be more calls than were told: passes within passes.
            return self._on("Everybody had the floor for as long as they wanted, so the stage wasn't held again.")
        if self._pass >= about.passes:
            return self._on(_held_out(about, self._pass))
        if self._pass > 1 and not moved_on(self._held_before(), self._turns_of(self._step - 1), self.same_edits):
            return self._on("The last pass brought nothing new, so it wasn't held again.")
        return self._hold(self._stage - 1, self._pass + 1)

    def _held_before(self) -> tuple[Turn, ...]:
        """The turns of the pass before the last one, with the verdict on it in between."""
        return self._turns_of(self._step - 3)

    @property
    def _progressed(self) -> bool:
        """Whether the pass that was just held brought something that the one before, or the stage before, didn't."""
        return moved_on(self._turns_of(self._step - 1), self._turns_of(self._step), self.same_edits)

    @property
    def _is_decided_about(self) -> bool:
        after = self.mixture.stages[self._stage + 1 : self._stage + 2]
        return bool(after) and after[0].decides

    def _may_repeat(self, stage: Stage) -> bool:
        return self._pass < stage.passes and not self._keeps_floor

    @property
    def _keeps_floor(self) -> bool:
        """Whether whoever speaks in the current stage keeps the floor until it gives it up."""
        return self._floor_is_kept_in(self._current)

    def _floor_is_kept_in(self, stage: Stage) -> bool:
        return self.mixture.floor is Floor.UNTIL_DONE and stage.order is Order.SEQUENTIAL

    @property
    def _more_to_come(self) -> bool:
        return self._stage + 1 < len(self.mixture.stages) or self._may_repeat(self._current)

    def _turns_of(self, step: int) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.round.turns if turn.step == step)

    def _next_stage(self) -> list[Effect]:
        """Begins the next stage in which somebody has something to hear, or ends the round."""
        while True:
            self._stage += 1
            # A verdict is about the passes of the stage before it, whose count goes on.
            if self._stage < len(self.mixture.stages) and not self._current.decides:
                self._pass = 1
            if self._stage >= len(self.mixture.stages):
                self._ended = True
                return [RoundEnded(self.round)]
            if effects := self._begin_stage():
                return effects

    def _hold(self, stage: int, passed: int) -> list[Effect]:
        """Holds a stage once more."""
        self._stage, self._pass = stage, passed
        return self._begin_stage() or self._next_stage()

    def _skip_to_answer(self) -> list[Effect]:
        """Leaves out all that comes before somebody answers for all."""
        stages = self.mixture.stages
        following = range(self._stage + 1, len(stages))
        self._stage = next((number for number in following if stages[number].acts), len(stages)) - 1
        return self._next_stage()

    def _over(self, why: str) -> list[Effect]:
        """Ends the round once those who speak have ended, with a note that says why."""
        self._waiting.clear()
        self._stage = len(self.mixture.stages)
        return [self._note(why)] if self._speaking else self._on(why)

    def _on(self, why: str, architect: str | None = None) -> list[Effect]:
        """Goes on to the next stage, with a note that says why."""
        return [self._note(why, architect), *self._next_stage()]

    def _note(self, text: str, architect: str | None = None) -> Noted:
        self.round = evolve(self.round, notes=(*self.round.notes, text))
        return Noted(text, architect)

    def _begin_stage(self) -> list[Effect]:
        """Asks those who speak first in the current stage; nothing where nobody does."""
        turned = self.round.number - 1 + self._pass - 1
        self._waiting = list(speakers(self._current, self.discussion.architects, self.mixture, turned))
        self._going_on = None
        self._step += 1
        names = tuple(one.name for one in self._waiting)
        effects = self._ask()
        if self._ended or not any(isinstance(effect, Ask) for effect in effects):
            self._step -= 1
            return effects if self._ended else self._unasked(effects)
        if self.retrying or (len(self.mixture.stages) == 1 and not self._is_parallel and self._step == 1):
            return effects
        return [StageBegan(self._step, self._current.name, names, self._is_parallel), *effects]

    def _unasked(self, noted: list[Effect]) -> list[Effect]:
        """Goes on from a stage in which nobody was asked; what was noted about that isn't lost."""
        return [*noted, *self._next_stage()] if noted else []

    def _ask(self) -> list[Effect]:
        """Asks the next who waits; in a parallel stage, as many as may speak side by side."""
        effects = self._ask_next()
        while self._waiting and self._is_parallel and len(self._speaking) < self.mixture.concurrency:
            waiting = len(self._waiting)
            effects += self._ask_next()
            if len(self._waiting) == waiting:
                break
        return effects

    def _ask_next(self) -> list[Effect]:
        effects: list[Effect] = []
        while self._waiting:
            architect = self._waiting[0]
            if any(one.turn.architect == architect.name for one in self._speaking.values()):
                break  # its thread can't grow while it is writing to it
            if self._is_spent:
                return effects + self._over(spent_words(self.mixture.max_cost or 0.0, self.round))
            self._waiting.pop(0)
            if not self.retrying and (why := self.unconcerned(architect, self.round)):
                effects += self._pass_over(architect, why)
                continue
            discussion = self.discussion.with_round(self.round)
            asked = self._next_message(discussion, architect.name)
            if asked.text:
                return [*effects, self._begin_turn(discussion, architect, asked)]
            # It has heard everything already, and an empty message is an error at every provider.
        return effects

    @property
    def _is_spent(self) -> bool:
        most = self.mixture.max_cost
        return most is not None and self.round.usage.known_cost_usd >= most and not self.retrying

    def _pass_over(self, architect: Architect, why: str) -> list[Noted]:
        if architect.name in self._passed_over:
            return []
        self._passed_over.add(architect.name)
        return [self._note(f"{architect.name} wasn't asked: {why}", architect.name)]

    def _called(self, name: str) -> str:
        return alias(self.discussion.architects, name) if self.mixture.blind else name

    def _next_message(self, discussion: Discussion, architect: str) -> NextMessage:
        if self.retrying:
            return retry_message(discussion, self.round, self.retrying, self._called)
        stage, task = self._current, self._current.task
        if self._going_on == architect or (not task and self._keeps_floor):
            self._going_on, task = None, GO_ON
        words = self.task(task) if task else ""
        held = self.round
        if self._is_parallel:
            # Side by side nobody hears the others, not even who is asked later since no more may speak at once.
            held = evolve(held, turns=tuple(turn for turn in held.turns if turn.step < self._step))
        return next_message(discussion, held, architect, stage.sees, words, self._step, self._called)

    def _begin_turn(self, discussion: Discussion, architect: Architect, asked: NextMessage) -> Ask:
        number = max((turn.number for turn in self.round.turns), default=0) + 1
        name, model = architect.name, architect.model
        place = (self._step, self._current.name, self._is_parallel)
        if self.retrying:
            place = (self.retrying.step, self.retrying.stage, self.retrying.parallel)
        step, stage, parallel = place
        turn = Turn(
            number,
            name,
            model,
            asked=asked.text,
            saw=asked.saw,
            retries=asked.retries,
            step=step,
            stage=stage,
            parallel=parallel,
        )
        self._speaking[number] = _Speaking(turn)
        self.round = self.round.with_turn(turn)
        system = self.system(evolve(architect, name=self._called(name)))
        messages = (Message("system", system), *thread_of(discussion.with_round(self.round), name))
        return Ask(turn, architect, messages)


def _held_out(stage: Stage, passes: int) -> str:
    times = "once" if passes == 1 else f"{passes} times"
    return f"The stage {stage.name!r} was held {times}, which is as often as it may be, so the discussion went on."


def _ended(speaking: _Speaking, status: Status, usage: Usage, seconds: float, failure: Failure | None = None) -> Turn:
    """The turn as it ends, without a proposal."""
    text = "".join(speaking.text)
    return evolve(speaking.turn, status=status, text=text, usage=usage, seconds=seconds, error=failure)
