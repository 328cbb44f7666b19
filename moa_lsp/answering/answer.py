"""One chat, one answer: those who advise are asked as the mixture says, then one model answers for all.

Who answers is the mixture's aggregator; where it has none, the editor model, else the first architect. Where there is
but one model in it, that one answers and nobody advises. Only who answers gets the program's system prompt, tools,
pictures and parameters, with what the others said below what the user said last.

Rules: the others' failures are noted and change nothing else; where who answers fails before its first word, what the
others said is the answer, and where they said nothing, it is the error; what one answer may cost holds for all calls of
it together; whoever stops listening closes every stream.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from uuid import uuid4

from attrs import evolve, frozen

from moa_lsp.answering.calls import Models, inside
from moa_lsp.answering.chat import Chat
from moa_lsp.answering.memory import Memory
from moa_lsp.answering.references import Note, References
from moa_lsp.discussion import fences
from moa_lsp.discussion.mixture import Mixture, Sees, Stage, alias, speakers
from moa_lsp.discussion.progress import spent_words
from moa_lsp.discussion.thread import file_parts
from moa_lsp.discussion.values import Architect, Failure, Message, Round, Snapshot, Status, Turn, Usage
from moa_lsp.models.catalogue import no_architects_message
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Done, ModelError, ToolCalls, Waiting, Words
from moa_lsp.prompts import advice_text
from moa_lsp.settings.settings import Lineup

__all__ = ["Answered", "Event", "Note", "ToolCalls", "Words", "answer"]


@frozen
class Answered:
    """The end of an answer. `finish` is the provider's own word for it (`stop`, `length`, `tool_calls`, …), `None`
    where it said none. `usage` adds up all calls, and `turns` are these calls in the order they began, the last of them
    of who answered."""

    finish: str | None
    usage: Usage
    turns: tuple[Turn, ...]


Event = Note | Words | ToolCalls | Answered


async def answer(
    chat: Chat,
    lineup: Lineup,
    models: Models,
    *,
    shown: Snapshot | None = None,
    role_text: Callable[[str], str] = str,
    memory: Memory | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[Event, None]:
    """Answers a chat by a line-up (`Settings.lineup`). Yields `Note`s about what is going on, the answer as `Words` and
    `ToolCalls`, and, last, one `Answered`; raises `ModelError`, whose usage is that of all calls.

    What is `shown` goes to everybody with what the user said last. `role_text` gives the words of a role
    (`Library.text_of`). With a `memory` nobody is asked a second time for advice about what the user said before tools
    were called. Read it inside `contextlib.aclosing`: closing it, or cancelling the task that reads it, stops all
    calls.
    """
    acting = _acting(lineup)
    if acting is None:
        raise ModelError("no_architects", no_architects_message(), usage=Usage.nothing())
    id = f"answer-{uuid4().hex[:12]}"
    advised = Round(1, chat.question or "")
    mixture = _advising(lineup, acting)
    told = memory.recall(lineup, chat) if memory and chat.goes_on else None
    if told is not None:
        if told:
            yield Note("What the others said about this stands: nobody is asked for it again.")
    elif chat.question is not None and mixture.stages:
        references = References(id, chat, mixture, lineup, models, role_text, clock, shown or Snapshot())
        async with aclosing(references.run()) as notes:
            async for note in notes:
                yield note
        advised = references.round
        told = _told(lineup, advised)
        if memory:
            # Also that nobody could say anything: what doesn't answer would be waited for at every call of a tool.
            memory.keep(lineup, chat, told)
    told = "\n\n".join([*file_parts(None, shown or Snapshot()), *([told] if told else [])])
    answering = _Answering(id, acting, _stage(lineup), chat, told, advised, lineup.mixture, models, clock)
    async with aclosing(answering.run()) as events:
        async for event in events:
            yield event


# --- who


def _stage(lineup: Lineup) -> Stage | None:
    return next((stage for stage in reversed(lineup.mixture.stages) if stage.acts), None)


def _acting(lineup: Lineup) -> Architect | None:
    """Who answers."""
    if (stage := _stage(lineup)) and (named := speakers(stage, lineup.architects, lineup.mixture)):
        return named[-1]
    advising = _speakers(lineup.mixture, lineup.architects)
    if len(advising) == 1 or lineup.editor is None:
        return next(iter(advising), None)
    return lineup.editor


def _advising(lineup: Lineup, acting: Architect) -> Mixture:
    """The mixture without whoever answers; without any stage where that is the only one in it."""
    stages = tuple(stage for stage in lineup.mixture.stages if not stage.acts)
    mixture = evolve(lineup.mixture, stages=stages)
    alone = _speakers(mixture, lineup.architects) == [acting]
    return evolve(mixture, stages=()) if alone else mixture


def _speakers(mixture: Mixture, architects: tuple[Architect, ...]) -> list[Architect]:
    """All who speak in a mixture, each once."""
    stages = (speakers(stage, architects, mixture) for stage in mixture.stages if not stage.acts)
    return list(dict.fromkeys(one for stage in stages for one in stage))


# --- what it is told


def _told(lineup: Lineup, advised: Round) -> str:
    """What stands below the user's words for who answers; nothing where nobody said anything."""
    said = _last_words(advised, lineup)
    called = {name: alias(lineup.architects, name) if lineup.mixture.blind else name for name in said}
    parts = [fences.proposal(called[name], text) for name, text in said.items()]
    return "\n\n".join([advice_text(), *parts]) if parts else ""


def _last_words(advised: Round, lineup: Lineup) -> dict[str, str]:
    """What each said last, by name; of a mixture whose answer goes by the stage before it, what was said there."""
    said = [turn for turn in advised.turns if turn.status is Status.DONE and turn.proposal]
    stage = _stage(lineup)
    if said and stage and stage.sees is Sees.BEFORE:
        said = [turn for turn in said if turn.step == said[-1].step]
    return {turn.architect: turn.proposal or "" for turn in said}


# --- the answer itself


@frozen
class _Answering:
    """The call of who answers, with what was asked before it. `told` stands below the user's words in what it is
    sent."""

    id: str
    acting: Architect
    stage: Stage | None
    chat: Chat
    told: str
    advised: Round
    mixture: Mixture
    models: Models
    clock: Callable[[], float]

    async def run(self) -> AsyncGenerator[Event, None]:
        """See `answer`."""
        most = self.mixture.max_cost
        if most is not None and self.advised.usage.known_cost_usd >= most and self.advised.turns:
            spent = Failure("spent", spent_words(most, self.advised))
            async for event in self._without(spent, ()):
                yield event
            return
        yield Note(f"{self.acting.name} answers.", self.acting.name)
        began, text, called = self.clock(), list[str](), False
        failure: Failure | None = None
        finish, usage = None, Usage()
        call = self._call()
        try:
            async with aclosing(self.models.stream(call)) as chunks:
                async for chunk in chunks:
                    match chunk:
                        case Words(words):
                            text.append(words)
                            yield chunk
                        case ToolCalls():
                            called = True
                            yield chunk
                        case Waiting(_, reason):
                            yield Note(reason, self.acting.name)
                        case Done(finish, usage):
                            pass
        except ModelError as failed:
            failure, usage = Failure(failed.kind, failed.message), failed.usage
        except Exception as error:
            failure = inside(call, error)
        if failure is None and not text and not called:
            # With words, one that was cut by its length is an answer, which the program is told of by its finish.
            failure = shortfall(finish, "")
        turn = evolve(
            self._turn(),
            status=Status.FAILED if failure else Status.DONE,
            text="".join(text),
            usage=usage,
            seconds=self.clock() - began,
            error=failure,
        )
        if failure is None:
            yield self._answered(finish, (turn,))
        elif text or called:
            raise ModelError(failure.kind, failure.message, usage=self._usage((turn,)))
        else:
            async for event in self._without(failure, (turn,)):
                yield event

    async def _without(self, failure: Failure, turns: tuple[Turn, ...]) -> AsyncGenerator[Event, None]:
        """What the others said, in the place of an answer that failed."""
        said = {
            turn.architect: turn.proposal for turn in self.advised.turns if turn.status is Status.DONE and turn.proposal
        }
        if not said:
            raise ModelError(failure.kind, failure.message, usage=self._usage(turns))
        yield Note(f"What the others said is the answer. {failure.message}", self.acting.name)
        names = len(said) > 1
        yield Words("\n\n".join(f"**{name}**\n\n{text}" if names else text for name, text in said.items()))
        yield self._answered("stop", turns)

    def _call(self) -> Call:
        chat = self.chat.told(self.told)
        words: tuple[Message, ...] = chat.in_words()
        return Call(self.acting, words, self.id, stage=self._turn().stage, round=1, passing=chat.passing)

    def _turn(self) -> Turn:
        turns = self.advised.turns
        number = max((turn.number for turn in turns), default=0) + 1
        step = max((turn.step for turn in turns), default=0) + 1
        stage = self.stage.name if self.stage else "answer"
        return Turn(number, self.acting.name, self.acting.model, step=step, stage=stage)

    def _answered(self, finish: str | None, turns: tuple[Turn, ...]) -> Answered:
        return Answered(finish, self._usage(turns), (*self.advised.turns, *turns))

    def _usage(self, turns: tuple[Turn, ...]) -> Usage:
        return Usage.total(turn.usage for turn in (*self.advised.turns, *turns))
