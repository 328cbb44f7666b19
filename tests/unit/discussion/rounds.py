"""Plays rounds through the real engine, as a driver would, and keeps what every architect was sent."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen, mutable

from moa_lsp.discussion.effects import (
    Ask,
    Effect,
    Input,
    ReplyEnded,
    ReplyFailed,
    ReplyWhole,
    RoundEnded,
    Settled,
    Stop,
    TextArrived,
    TurnEnded,
)
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.mixture import ROUND, Mixture
from moa_lsp.discussion.values import Architect, Discussion, Failure, Message, Round, Snapshot, Status, Turn, Usage

USED = Usage.of(100, 20, 30, 0.25)
"""What each reply in these tests uses."""


def three_architects() -> Discussion:
    names = ("alpha", "bravo", "charlie")
    return Discussion("d", "A matter", 0.0, tuple(Architect(name, f"test/{name}") for name in names))


def spent(_turn: int) -> tuple[Usage, float]:
    """What a stopped turn used: nobody knows, for three seconds."""
    return Usage(), 3.0


def system(architect: Architect) -> str:
    return f"You are {architect.name}."


@mutable
class Play:
    """One round that is being played. It keeps all effects, and asserts the engine's two rules at each of them.

    With `settles` a reply that is whole is settled at once, and nothing is said of it."""

    engine: RoundEngine
    settles: bool = True
    asks: list[Ask] = field(factory=list[Ask], init=False)
    running: dict[int, Ask] = field(factory=dict[int, Ask], init=False)
    effects: list[Effect] = field(factory=list[Effect], init=False)
    ended: dict[int, Turn] = field(factory=dict[int, Turn], init=False)
    result: Round | None = field(default=None, init=False)

    @classmethod
    def of(cls, discussion: Discussion, message: str, mixture: Mixture = ROUND, shown: Snapshot | None = None) -> Play:
        number = max((round.number for round in discussion.rounds), default=0) + 1
        return cls(RoundEngine(discussion, Round(number, message, shown or Snapshot()), mixture, system))

    def begin(self) -> list[Effect]:
        return self._note(self.engine.begin())

    def give(self, happened: Input) -> list[Effect]:
        effects = self.engine.receive(happened)
        if self.settles and effects and isinstance(whole := effects[-1], ReplyWhole):
            effects = self.engine.receive(Settled(whole.turn.number))
        return self._note(effects)

    def reply(self, turn: int, text: str) -> list[Effect]:
        """The turn's model writes this and is done."""
        return [*self.give(TextArrived(turn, text)), *self.give(ReplyEnded(turn, USED, 1.0))]

    def fail(self, turn: int, text: str = "") -> list[Effect]:
        """The turn's model writes this much and fails."""
        effects = self.give(TextArrived(turn, text)) if text else []
        return [*effects, *self.give(ReplyFailed(turn, Failure("overloaded", "Busy."), Usage(), 1.0))]

    def speaking(self) -> list[str]:
        return [ask.architect.name for ask in self.running.values()]

    def _note(self, effects: list[Effect]) -> list[Effect]:
        for effect in effects:
            assert self.result is None, "something happened after the round's end"
            match effect:
                case Ask(turn, architect):
                    assert turn.number == len(self.asks) + 1
                    assert turn.status is Status.RUNNING
                    assert architect.name not in self.speaking(), "an architect was asked while it was speaking"
                    self.asks.append(effect)
                    self.running[turn.number] = effect
                case Stop(number):
                    assert number in self.running
                case TurnEnded(turn):
                    assert turn.status is not Status.RUNNING
                    del self.running[turn.number]
                    self.ended[turn.number] = turn
                case RoundEnded(round):
                    assert not self.running, "the round ended before its last turn"
                    assert {turn.number: turn for turn in round.turns} == self.ended
                    self.result = round
                case _:
                    pass
        self.effects += effects
        return effects


@frozen
class Played:
    """A round that was played: the discussion with it, and what each architect was sent, system message left out."""

    discussion: Discussion
    sent: dict[str, tuple[Message, ...]]

    def last(self, architect: str) -> str:
        """The user message that the architect was sent in this round."""
        message = self.sent[architect][-1]
        assert message.role == "user"
        return message.text


def play(
    discussion: Discussion, message: str, replies: Mapping[str, str | None], shown: Snapshot | None = None
) -> Played:
    """A plain round in which each architect replies as given; `None` is a failure before the first word."""
    playing = Play.of(discussion, message, shown=shown)
    playing.begin()
    while playing.running:
        [number] = playing.running
        text = replies[playing.running[number].architect.name]
        playing.fail(number) if text is None else playing.reply(number, text)
    assert playing.result
    sent = {ask.architect.name: ask.messages[1:] for ask in playing.asks}
    return Played(discussion.with_round(evolve(playing.result, finished=True)), sent)


def dropping(discussion: Discussion, *names: str) -> Discussion:
    """The discussion with exactly these architects dropped."""
    architects = tuple(evolve(one, dropped=one.name in names) for one in discussion.architects)
    return evolve(discussion, architects=architects)
