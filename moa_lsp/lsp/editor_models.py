"""The editor's own models, asked over the wire: `moa/askModel`, its text as `moa/modelText`, and `moa/listModels`.

Rules: what the client sends is taken in the order in which it came, and belongs to the call that it names; text of a
call that is over is nobody's, and passed over; a call that is given up is cancelled at the client, and its answer isn't
waited for; what makes no sense is a failed call, never a failed server.

What the client's words for its errors mean is `models/editor_model.py`'s; deadlines are `middleware/`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, cast
from uuid import uuid4

from attrs import field, mutable
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from moa_lsp.discussion.values import Message, Usage
from moa_lsp.models.editor_model import EditorFailed, EditorOffer
from moa_lsp.models.model import Done, Words

_log = logging.getLogger(__name__)

ASK = "moa/askModel"
TEXT = "moa/modelText"
LIST = "moa/listModels"

_ANSWER_WITHIN = 5.0
"""Seconds a client gets to name its models."""


class Client(Protocol):
    """The part of the protocol that asking needs."""

    def send_request(
        self, method: str, params: Any = None, callback: Callable[[Any], None] | None = None, msg_id: Any = None
    ) -> Future[Any]: ...

    def give_up(self, msg_id: str | int) -> None: ...


@mutable
class EditorModels:
    """One client's models, under the scheme that it goes by."""

    scheme: str
    client: Client
    _calls: dict[str, asyncio.Queue[str | Future[Any]]] = field(
        factory=dict[str, "asyncio.Queue[str | Future[Any]]"], init=False
    )
    """Per call that runs, what came of it and wasn't taken yet: pieces of text, and last the answer."""

    async def ask(
        self, model: str, messages: Sequence[Message], max_tokens: int | None, temperature: float | None
    ) -> AsyncGenerator[Words | Done, None]:
        """See `Asker.ask`."""
        id = f"moa-call-{uuid4().hex[:12]}"
        params: dict[str, object] = {
            "call": id,
            "model": model,
            "messages": [{"role": message.role, "text": message.text} for message in messages],
            **({"maxTokens": max_tokens} if max_tokens is not None else {}),
            **({"temperature": temperature} if temperature is not None else {}),
        }
        came = self._calls[id] = asyncio.Queue()
        answer = self.client.send_request(ASK, params, msg_id=id)
        # Called where the answer is taken, not a turn of the loop later: so it stays behind the text before it.
        answer.add_done_callback(came.put_nowait)
        try:
            while True:
                text: list[str] = []
                piece = await came.get()
                while isinstance(piece, str):
                    text.append(piece)
                    if came.empty():
                        break
                    piece = came.get_nowait()
                if text:
                    yield Words("".join(text))
                if not isinstance(piece, str):
                    yield _done(piece)
                    return
        finally:
            del self._calls[id]
            if not answer.done():
                self.client.give_up(id)

    def text_arrived(self, params: object) -> None:
        """Takes a `moa/modelText`."""
        given = _object(params)
        call, text = given.get("call"), given.get("text")
        came = self._calls.get(call) if isinstance(call, str) else None
        if came is None or not isinstance(text, str):
            # Not what it says: that may be a model's answer.
            _log.info("%s came for no call that runs, or without a text, and was passed over", TEXT)
        elif text:
            came.put_nowait(text)

    async def offered(self) -> Sequence[EditorOffer]:
        """See `Asker.offered`."""
        id = f"moa-list-{uuid4().hex[:12]}"
        asked = self.client.send_request(LIST, {}, msg_id=id)
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                answer: object = await asyncio.wrap_future(asked)
        except TimeoutError:
            self.client.give_up(id)
            _log.warning("The editor didn't name its models within %g s", _ANSWER_WITHIN)
            return []
        except JsonRpcException as error:
            _log.warning("The editor couldn't name its models: %s", error.message)
            return []
        rows = cast("list[object]", answer) if isinstance(answer, list) else []
        names = (_object(row).get("model") for row in rows)
        return [EditorOffer(name) for name in names if isinstance(name, str) and name]


def _done(answer: Future[Any]) -> Done:
    """What the client's answer to a call says. Raises `EditorFailed`."""
    try:
        result: object = answer.result()
    except JsonRpcException as error:
        unknown = error.code == types.ErrorCodes.MethodNotFound.value
        kind = "not-found" if unknown else _object(error.data).get("kind")
        raise EditorFailed(kind if isinstance(kind, str) else "other", error.message) from None
    if not isinstance(result, dict):
        raise EditorFailed("other", "the editor's answer made no sense")
    given = _object(cast("object", result))
    finish, usage = given.get("finish"), _object(given.get("usage"))
    used = Usage.of(_count(usage.get("inputTokens")), None, _count(usage.get("outputTokens")), None)
    return Done(finish if isinstance(finish, str) else None, used)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _object(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
