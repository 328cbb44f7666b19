"""Carries out what the round's engine asks for: asks models, stores, tells whoever listens, and hands back what came.

Rules: what ended is stored before it is told; streamed text is stored within a second; a cancel is carried out
at once and closes the provider's stream; a model's failure is its turn's, never the round's. Decisions are the
engine's (`moa_lsp/discussion/engine.py`); which change a proposal becomes is `proposing.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from attrs import Factory, evolve, field, frozen, mutable

from moa_lsp.answering.calls import Arrived, Failed, Models, end_tasks, read_call
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
    StageBegan,
    Stop,
    TextArrived,
    TurnEnded,
)
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.values import Repair, Round, Status, Turn, Usage
from moa_lsp.edits.change import Change
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Chunk, Done, ToolCalls, Waiting, Words
from moa_lsp.models.replay import is_replay
from moa_lsp.session.arriving import ArrivingEdits
from moa_lsp.session.events import (
    Event,
    RoundFinished,
    RoundNoted,
    RoundStarted,
    StageStarted,
    TurnDelta,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
)
from moa_lsp.session.repair import Mending, Repairing
from moa_lsp.store.store import Store

_log = logging.getLogger(__name__)

STORE_EVERY = 0.5
"""Seconds between two stores of streamed text: a killed process loses less than a second of it."""


@frozen
class _Request:
    """Something the user wants of the running round."""

    make: Callable[[Callable[[int], tuple[Usage, float]]], Input]


Happening = Arrived | Failed | _Request


def _turns_before(driver: RoundDriver) -> list[Turn]:
    return list(driver.engine.round.turns)


@mutable
class RoundDriver:
    """Drives one round, or a retry in one. Owned by the session, which keeps one per discussion at the most.

    `propose` makes a pending change of a whole reply's proposal, or returns `None` where it holds no edits; `mending`
    says whether its model is asked once more for those that can't be placed. `arriving` tells of an architect's edits
    while they arrive. `weigh` finds out of a turn that is done what it says of others' edits.
    """

    engine: RoundEngine
    models: Models
    store: Store
    tell: Callable[[Event], None]
    propose: Callable[[Turn], Change | None]
    mending: Mending
    arriving: Callable[[str], ArrivingEdits]
    weigh: Callable[[Turn], Turn]
    clock: Callable[[], float] = time.monotonic
    _inbox: asyncio.Queue[Happening] = field(factory=asyncio.Queue[Happening], init=False)
    _calls: dict[int, asyncio.Task[None]] = field(factory=dict[int, asyncio.Task[None]], init=False)
    _asked: dict[int, Turn] = field(factory=dict[int, Turn], init=False)
    _arriving: dict[int, ArrivingEdits] = field(factory=dict[int, ArrivingEdits], init=False)
    _sent: dict[int, Call] = field(factory=dict[int, Call], init=False)
    _whole: dict[int, Turn] = field(factory=dict[int, Turn], init=False)
    """The turns whose replies are whole, with their changes, until they end."""
    _repairs: dict[int, Repairing] = field(factory=dict[int, Repairing], init=False)
    """The repairs under way. Their calls go by the turn's number with a minus before it."""
    _began_at: dict[int, float] = field(factory=dict[int, float], init=False)
    _unstored: dict[int, list[str]] = field(factory=dict[int, list[str]], init=False)
    _finished: list[Turn] = field(init=False, default=Factory(_turns_before, takes_self=True))
    _result: Round | None = field(default=None, init=False)

    @property
    def _discussion(self) -> str:
        return self.engine.discussion.id

    def change_of(self, turn: Turn) -> str | None:
        """The id of the change that a turn of this round came to, as soon as its reply is whole."""
        ended = {one.number: one for one in (*self._finished, *self._whole.values())}
        return ended[turn.number].change if turn.number in ended else None

    @property
    def finished(self) -> tuple[Turn, ...]:
        """The turns of this round that are over, in the order in which they began."""
        return tuple(self._finished)

    def cancel(self) -> None:
        """Stops the round; `run` returns soon with what had arrived."""
        self._inbox.put_nowait(_Request(Cancel))

    def drop(self, architect: str) -> None:
        """Stops the architect if it speaks, and keeps it from being asked in what is left of this round."""
        self._inbox.put_nowait(_Request(lambda spent: Drop(architect, spent)))

    async def run(self) -> Round:
        """Runs the round to its end and returns it."""
        began = self.clock()
        round = self.engine.round
        if self.engine.retrying is None:
            self.tell(RoundStarted(self._discussion, round.number, round.message, round.preset))
        storing = asyncio.create_task(self._store_text_now_and_then())
        try:
            self._carry_out(self.engine.begin())
            while self._result is None:
                for happening in self._merged(await self._inbox.get()):
                    self._take(happening)
        finally:
            storing.cancel()
            await self._end_calls()
        seconds = round.seconds + self.clock() - began
        ended = evolve(self._result, turns=tuple(self._finished), seconds=seconds, finished=True)
        self.store.finish_round(self._discussion, ended.number, ended.seconds)
        self.tell(RoundFinished(self._discussion, ended))
        return ended

    def _merged(self, first: Happening) -> list[Happening]:
        """Everything that waits in the inbox, with one turn's neighbouring words joined: a burst is one event."""
        happenings = [first]
        while not self._inbox.empty():
            happenings.append(self._inbox.get_nowait())
        merged: list[Happening] = []
        for now in happenings:
            match merged[-1] if merged else None, now:
                case Arrived(turn, Words(before)), Arrived(same, Words(text)) if turn == same:
                    merged[-1] = Arrived(turn, Words(before + text))
                case _:
                    merged.append(now)
        return merged

    def _take(self, happening: Happening) -> None:
        match happening:
            case Arrived(turn, chunk) if turn < 0:
                if repairing := self._repairs.get(-turn):
                    self._repaired(-turn, repairing.take(chunk))
            case Failed(turn, failure, usage) if turn < 0:
                if repairing := self._repairs.get(-turn):
                    self._repaired(-turn, repairing.failed(failure, usage))
            case Arrived(turn, chunk):
                self._chunk(turn, chunk)
            case Failed(turn, failure, usage):
                self._carry_out(self.engine.receive(ReplyFailed(turn, failure, usage, self._age(turn))))
            case _Request(make):
                self._carry_out(self.engine.receive(make(self._spent)))

    def _chunk(self, turn: int, chunk: Chunk) -> None:
        match chunk:
            case Words(text):
                self._text(turn, text)
            case Waiting(seconds, reason):
                if turn in self._unstored:  # else it was stopped meanwhile
                    self.tell(TurnWaiting(self._discussion, self._asked[turn].architect, seconds, reason))
            case Done(finish, usage):
                failure = shortfall(finish, self.engine.text_of(turn))
                ended = ReplyEnded(turn, usage, self._age(turn), whole=finish is not None, failure=failure)
                self._carry_out(self.engine.receive(ended))
            case ToolCalls():
                pass  # no tools are offered

    def _text(self, turn: int, text: str) -> None:
        effects = self.engine.receive(TextArrived(turn, text))
        if turn in self._unstored:
            self._unstored[turn].append(text)
            self.tell(TurnDelta(self._discussion, self._asked[turn].architect, text))
        self._carry_out(effects)

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Ask(turn, architect, messages):
                    self._asked[turn.number] = turn
                    self._began_at[turn.number] = self.clock()
                    self._unstored[turn.number] = []
                    self.store.start_turn(self._discussion, self.engine.round.number, turn)
                    self.tell(TurnStarted(self._discussion, turn.architect, turn.model, turn.step, turn.stage))
                    of = self.engine.round.number
                    self._sent[turn.number] = Call(architect, messages, self._discussion, stage=turn.stage, round=of)
                    self._arriving[turn.number] = self.arriving(turn.architect)
                    self._call(turn.number, self._sent[turn.number])
                case StageBegan(step, name, architects, parallel):
                    self.tell(StageStarted(self._discussion, step, name, architects, parallel))
                case Noted(text, architect):
                    self.store.note_round(self._discussion, self.engine.round.number, self.engine.round.notes)
                    self.tell(RoundNoted(self._discussion, text, architect))
                case Stop(turn):
                    for number in {turn, -turn} & self._calls.keys():
                        self._calls[number].cancel()
                case ProposalGrew(turn, text):
                    self._arriving[turn].feed(text)
                case ProposalClosed():
                    pass
                case ReplyWhole(turn):
                    self._reply_whole(turn)
                case TurnEnded(turn):
                    self._turn_ended(turn)
                case RoundEnded(round):
                    self._result = round

    def _call(self, number: int, call: Call) -> None:
        reading = read_call(self.models, call, number, self._inbox.put_nowait)
        self._calls[number] = asyncio.create_task(reading)

    def _reply_whole(self, turn: Turn) -> None:
        """Makes a change of the proposal's edits, and has those mended that can be, before the turn ends."""
        self._unstored.pop(turn.number, None)
        change = self.propose(turn)
        turn = self._whole[turn.number] = evolve(turn, change=change.id if change else None)
        wanted = self.mending.wanted(change, turn.proposal or "", self.engine.round.shown.files)
        if wanted is None:
            self._carry_out(self.engine.receive(Settled(turn.number)))
            return
        # Killed from here on, the process loses the repair only.
        self.store.finish_turn(self._discussion, self.engine.round.number, turn)
        sent, name = self._sent[turn.number], turn.architect
        repairing = Repairing(self.mending, wanted, sent, turn.text, self._discussion, name, self.tell, self.clock)
        self._repairs[turn.number] = repairing
        self._call(-turn.number, repairing.begin())

    def _repaired(self, turn: int, repair: Repair | None) -> None:
        if repair is not None:
            del self._repairs[turn]
            self._whole[turn] = evolve(self._whole[turn], repair=repair)
            self._carry_out(self.engine.receive(Settled(turn)))

    def _turn_ended(self, turn: Turn) -> None:
        turn = self._whole.pop(turn.number, turn)
        if stopped := self._repairs.pop(turn.number, None):
            turn = evolve(turn, repair=stopped.stopped())
        if repair := turn.repair:
            turn = evolve(turn, usage=turn.usage + repair.usage, seconds=turn.seconds + repair.seconds)
        if turn.status is Status.DONE:
            turn = self.weigh(turn)
        self._unstored.pop(turn.number, None)
        self.store.finish_turn(self._discussion, self.engine.round.number, turn)
        self._finished.append(turn)
        self._finished.sort(key=lambda one: one.number)
        self.tell(TurnFinished(self._discussion, turn))

    def _spent(self, turn: int) -> tuple[Usage, float]:
        """What a stopped turn has used. A provider tells only at a reply's end, so it is unknown; a replay uses
        nothing."""
        replay = is_replay(self._asked[turn].model)
        return (Usage.nothing() if replay else Usage()), self._age(turn)

    def _age(self, turn: int) -> float:
        return self.clock() - self._began_at[turn]

    async def _store_text_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STORE_EVERY)
            for turn, pieces in self._unstored.items():
                if pieces:
                    with again_later():
                        self.store.append_text(self._discussion, self.engine.round.number, turn, "".join(pieces))
                        pieces.clear()

    async def _end_calls(self) -> None:
        await end_tasks(list(self._calls.values()))


@contextmanager
def again_later() -> Generator[None]:
    """For a write that is made again soon anyway: another process may hold the file for longer than is waited for."""
    try:
        yield
    except sqlite3.OperationalError as error:
        _log.warning("Streamed text couldn't be stored just now: %s", error)
