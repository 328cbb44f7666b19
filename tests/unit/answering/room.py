"""A door to the real worker with a scripted provider behind it, the line-ups that ask there, and all that came of an
answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from attrs import frozen

from moa_lsp.answering.answer import Answered, Event, answer
from moa_lsp.answering.chat import Chat
from moa_lsp.answering.memory import Memory
from moa_lsp.answering.references import Note
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models.model import ModelError, ToolCalls, Words
from moa_lsp.settings.settings import ArchitectSettings, Lineup, Preset, Settings
from tests.provider.server import Asked, Provider

LOOK: dict[str, Any] = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}


@frozen
class Outcome:
    """What an answer came to: its events, and the error it ended with, if any."""

    events: tuple[Event, ...]
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Words))

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Note)]

    @property
    def calls(self) -> list[Any]:
        return [call for event in self.events if isinstance(event, ToolCalls) for call in event.calls]

    @property
    def answered(self) -> Answered:
        assert self.error is None, f"no answer: {self.error.message}"
        last = self.events[-1]
        assert isinstance(last, Answered)
        return last

    @property
    def failed(self) -> ModelError:
        assert self.error is not None, "there was an answer"
        return self.error


@frozen
class Room:
    """`ask` answers by a preset of these architects' models: `alpha`, `bravo` and `charlie`, and `boss` where somebody
    answers for all."""

    provider: Provider
    door: ModelDoor

    def model(self, name: str, **more: Any) -> ArchitectSettings:
        return ArchitectSettings(f"openai/{name}", api_base=self.provider.url, **more)

    def settings(self, *names: str, editor: str | None = None, **preset: Any) -> Settings:
        """Settings with a preset `it`."""
        return Settings(
            tuple(self.model(name) for name in names or ("alpha", "bravo", "charlie")),
            editor=self.model(editor) if editor else None,
            presets={"it": Preset(**preset)},
        )

    def lineup(self, *names: str, editor: str | None = None, **preset: Any) -> Lineup:
        return self.settings(*names, editor=editor, **preset).lineup("it")

    def panel(self, **preset: Any) -> Lineup:
        return self.lineup(kind="panel", aggregator=self.model("boss"), **preset)

    async def ask(self, chat: Chat, lineup: Lineup, memory: Memory | None = None) -> Outcome:
        return await outcome(answer(chat, lineup, self.door, memory=memory))

    def asked(self, model: str) -> list[Asked]:
        """What was sent to that model, in order."""
        return [request for request in self.provider.requests if request.model == model]


async def outcome(answering: AsyncGenerator[Event, None]) -> Outcome:
    """Reads an answer to its end."""
    events: list[Event] = []
    try:
        async with aclosing(answering) as stream:
            async for event in stream:
                events.append(event)
    except ModelError as error:
        return Outcome(tuple(events), error)
    return Outcome(tuple(events))


def texts(asked: Asked) -> list[tuple[str, str]]:
    """Role and text of each message that was sent."""
    return [(message["role"], message["content"]) for message in asked.messages]
