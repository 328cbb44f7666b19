"""A preset as a model of the editor's: `moa/answer`, its text as `moa/answerText`, its tool calls as `moa/answerTools`,
and who is being asked as `moa/answerNote`.

Rules: the settings of the workspace's first folder hold; what an answer brings is sent in the order in which it came,
and before the request is answered; `$/cancelRequest` stops every call that was made for it; of what was asked and
answered nothing is kept.

Who is asked and what the answer is, is `answering/`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, cast

from attrs import field, mutable
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from moa_lsp.answering.answer import Answered, answer
from moa_lsp.answering.calls import Models
from moa_lsp.answering.chat import BadChat, Chat
from moa_lsp.answering.memory import Memory
from moa_lsp.answering.references import Note
from moa_lsp.discussion.values import Usage
from moa_lsp.lsp.trusting import Trusting
from moa_lsp.models.model import ModelError, ToolCalls, Words
from moa_lsp.session.configuration import Configurations
from moa_lsp.session.run import Run

ASK = "moa/answer"
TEXT = "moa/answerText"
NOTE = "moa/answerNote"
TOOLS = "moa/answerTools"

_KEYS = {"call", "preset", "messages", "parameters"}

Json = dict[str, Any]


@mutable
class Answers:
    """One connection's answers. `role_text` gives what turns a role into its words, `notify` sends a notification, and
    `usage` is how that looks on the wire."""

    models: Models
    configurations: Configurations
    trusting: Trusting
    role_text: Callable[[], Callable[[str], str]]
    notify: Callable[[str, Json], None]
    usage: Callable[[Usage], Json]
    _memory: Memory = field(factory=Memory, init=False)
    _running: set[asyncio.Task[Any]] = field(factory=set[asyncio.Task[Any]], init=False)

    async def request(self, params: Mapping[str, object]) -> Json:
        """Carries out a `moa/answer`. Raises JSON-RPC errors with the contract's codes."""
        call, preset, chat = self._read(params)
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self.trusting.answered(Run(), lambda text: self.notify(NOTE, {"call": call, "text": text}))
            return await self._answered(call, preset, chat)
        except ModelError as failed:
            raise JsonRpcException(failed.message, code=types.LSPErrorCodes.RequestFailed.value) from None
        finally:
            self._running.discard(task)

    async def end(self) -> None:
        """Stops all answers."""
        for task in (running := list(self._running)):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _read(self, params: Mapping[str, object]) -> tuple[str | int, str, Chat]:
        if unknown := sorted(params.keys() - _KEYS):
            raise JsonRpcInvalidParams(f"{ASK} takes no {unknown[0]!r}.")
        call, preset, parameters = params.get("call"), params.get("preset"), params.get("parameters")
        if not isinstance(call, str | int) or isinstance(call, bool):
            raise JsonRpcInvalidParams(f"{ASK} takes a 'call' that is a string or a number.")
        known = self.configurations.first.settings.known_presets
        if not isinstance(preset, str) or preset not in known:
            raise JsonRpcInvalidParams(f"There is no preset {preset!r}: the presets are {', '.join(known)}.")
        if parameters is not None and not isinstance(parameters, dict):
            raise JsonRpcInvalidParams(f"{ASK} takes 'parameters' that are an object.")
        try:
            return call, preset, Chat.read(params.get("messages"), cast("Json", parameters or {}))
        except BadChat as bad:
            raise JsonRpcInvalidParams(str(bad)) from None

    async def _answered(self, call: str | int, preset: str, chat: Chat) -> Json:
        lineup = await self.configurations.first.lineup(preset)
        answering = answer(chat, lineup, self.models, role_text=self.role_text(), memory=self._memory)
        async with aclosing(answering) as events:
            async for event in events:
                match event:
                    case Words(text):
                        self.notify(TEXT, {"call": call, "text": text})
                    case Note(text):
                        self.notify(NOTE, {"call": call, "text": text})
                    case ToolCalls(calls):
                        self.notify(TOOLS, {"call": call, "calls": [dict(one) for one in calls]})
                    case Answered(finish, usage):
                        return {"finish": finish, "usage": self.usage(usage)}
        raise RuntimeError("the answer had no end")
