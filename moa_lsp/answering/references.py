"""Asks those who only advise: runs the round's engine over a chat, with a discussion that is made of nothing.

Rules: who speaks when and who sees whom is the engine's and the mixture's, as everywhere; whatever one of them fails at
is noted and costs nobody else anything; whoever stops listening stops every call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

from attrs import evolve, field, frozen, mutable

from moa_lsp.answering.calls import Arrived, Failed, Models, end_tasks, read_call
from moa_lsp.answering.chat import Chat
from moa_lsp.answering.role_writing import asked_for_roles, with_roles
from moa_lsp.discussion.effects import (
    Ask,
    Effect,
    Noted,
    ReplyEnded,
    ReplyFailed,
    ReplyWhole,
    RoundEnded,
    Settled,
    TextArrived,
    TurnEnded,
)
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.mixture import Mixture
from moa_lsp.discussion.thread import file_parts
from moa_lsp.discussion.values import Architect, Discussion, Failure, Message, Round, Seat, Snapshot, Status, Turn
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Done, Waiting, Words
from moa_lsp.prompts import arbiter_prompt, reference_prompt, task_text
from moa_lsp.settings.settings import Lineup


@frozen
class Note:
    """Something about the answer that is on its way: who is asked, who has answered, what went wrong. One sentence;
    `architect` is whom it is about, `None` where it is about all."""

    text: str
    architect: str | None = None


@mutable
class References:
    """One chat put before all who advise. Owned by whoever answers it; `run` is to be read to its end, and then `round`
    holds what they said."""

    id: str
    chat: Chat
    mixture: Mixture
    lineup: Lineup
    models: Models
    role_text: Callable[[str], str] = str
    clock: Callable[[], float] = time.monotonic
    shown: Snapshot = field(factory=Snapshot)
    round: Round = field(init=False)
    _engine: RoundEngine = field(init=False)
    _inbox: asyncio.Queue[Arrived | Failed] = field(factory=asyncio.Queue[Arrived | Failed], init=False)
    _calls: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]], init=False)
    _began_at: dict[int, float] = field(factory=dict[int, float], init=False)
    _asked: dict[int, str] = field(factory=dict[int, str], init=False)
    _over: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.round = Round(1, self.chat.question or "", shown=self.shown, preset=self.mixture.name)
        self._engine = self._made(self.lineup.architects)

    def _made(self, architects: tuple[Architect, ...]) -> RoundEngine:
        discussion = Discussion(self.id, "", 0.0, architects=architects)
        return RoundEngine(discussion, self.round, self.mixture, self._system, task=task_text)

    async def run(self) -> AsyncGenerator[Note, None]:
        """Asks everybody, as the mixture says; tells of it as it happens."""
        try:
            if (writer := self.lineup.role_model) is not None:
                # Under a name that no architect can bear: what it says is no part of anybody's thread.
                async with aclosing(self._write_roles(evolve(writer, name="role writer"))) as notes:
                    async for note in notes:
                        yield note
            for note in self._carry_out(self._engine.begin()):
                yield note
            while not self._over:
                for note in self._take(await self._inbox.get()):
                    yield note
        finally:
            await end_tasks(self._calls)

    async def _write_roles(self, writer: Architect) -> AsyncGenerator[Note, None]:
        """Has the roles written that set the architects apart. Without them they are asked all the same."""
        turn = Turn(1, writer.name, writer.model, stage="roles")
        shown = "\n\n".join(file_parts(None, self.shown))
        messages = asked_for_roles(self.lineup.architects, self.chat.question or "", shown)
        self._begin(turn, writer, messages)
        yield Note(f"{writer.model} writes the roles.", writer.name)
        said: list[str] = []
        while True:
            match await self._inbox.get():
                case Arrived(_, Words(text)):
                    said.append(text)
                case Arrived(_, Waiting(_, reason)):
                    yield Note(reason, writer.name)
                case Arrived(_, Done(finish, usage)):
                    failure = shortfall(finish, "".join(said))
                    break
                case Failed(_, failure, usage):
                    break
                case _:
                    pass
        architects = with_roles(self.lineup.architects, "".join(said)) if failure is None else self.lineup.architects
        if failure is None and architects == self.lineup.architects:
            failure = Failure("no_roles", "its reply held none.")
        if failure is not None:
            yield Note(f"No roles were written: {failure.message} The architects are asked without.", writer.name)
        for one in architects:
            if one.set_role is not None:
                yield Note(f"{one.name} is to look at it so: {one.set_role}", one.name)
        status = Status.FAILED if failure else Status.DONE
        ended = evolve(turn, status=status, text="".join(said), usage=usage, seconds=self._age(1), error=failure)
        self.round = self.round.with_turn(ended)
        self._engine = self._made(architects)

    def _take(self, happened: Arrived | Failed) -> Iterator[Note]:
        number = happened.turn
        match happened:
            case Failed(_, failure, usage):
                yield from self._carry_out(self._engine.receive(ReplyFailed(number, failure, usage, self._age(number))))
            case Arrived(_, Words(text)):
                yield from self._carry_out(self._engine.receive(TextArrived(number, text)))
            case Arrived(_, Waiting(_, reason)):
                yield Note(reason, self._asked[number])
            case Arrived(_, Done(finish, usage)):
                # Some servers never say why a reply ended, and here no fence could show whether it is whole.
                failure = shortfall(finish, self._engine.text_of(number))
                ended = ReplyEnded(number, usage, self._age(number), failure=failure)
                yield from self._carry_out(self._engine.receive(ended))
            case _:
                pass

    def _carry_out(self, effects: list[Effect]) -> Iterator[Note]:
        for effect in effects:
            match effect:
                case Ask(turn, architect, messages):
                    self._begin(turn, architect, (messages[0], *self.chat.before, *messages[1:]))
                    yield Note(f"{turn.architect} is asked{_where(turn)}.", turn.architect)
                case Noted(text, architect):
                    yield Note(text, architect)
                case ReplyWhole(turn):
                    yield from self._carry_out(self._engine.receive(Settled(turn.number)))
                case TurnEnded(turn):
                    yield Note(_outcome(turn), turn.architect)
                case RoundEnded(round):
                    self.round, self._over = round, True
                case _:
                    pass

    def _begin(self, turn: Turn, architect: Architect, messages: tuple[Message, ...]) -> None:
        self._began_at[turn.number] = self.clock()
        self._asked[turn.number] = turn.architect
        call = Call(architect, messages, self.id, stage=turn.stage, round=self.round.number)
        self._calls.append(asyncio.create_task(read_call(self.models, call, turn.number, self._inbox.put_nowait)))

    def _age(self, turn: int) -> float:
        return self.clock() - self._began_at[turn]

    def _system(self, architect: Architect) -> str:
        prompt = arbiter_prompt if architect.seat is Seat.ARBITER else reference_prompt
        return prompt(architect.name, self.role_text(architect.plays) if architect.plays else None)


def _where(turn: Turn) -> str:
    return f" ({turn.stage})" if turn.stage else ""


def _outcome(turn: Turn) -> str:
    if turn.status is Status.DONE:
        return f"{turn.architect} answered after {turn.seconds:.1f} s."
    return f"{turn.architect} gave no answer: {turn.error.message if turn.error else 'it was stopped.'}"
