"""What goes over the wire: a request as it is read, and answers, chunks and errors as OpenAI's clients expect them.

Rules: what asks for another kind of answer than a mixture can give is refused by its name; what is only a hint to the
provider is passed over; every number of tokens is a number, since clients add them up: what isn't known counts as none.

Pure. Never here: HTTP itself (`server.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from moa_lsp.answering.answer import Answered
from moa_lsp.answering.chat import BadChat, Chat
from moa_lsp.models.errors import Kind
from moa_lsp.models.model import ModelError

PREFIX = "moa/"
"""What stands before a preset's name in the name of its model."""

Json = dict[str, Any]

_REFUSED: Mapping[str, str] = {
    "functions": "give tools instead",
    "function_call": "give tool_choice instead",
    "audio": "it answers in text",
    "web_search_options": "it searches nothing",
    "logprobs": "several models have none in common",
    "top_logprobs": "several models have none in common",
}
"""Parameters that ask for what a mixture can't give, and why or what to do."""


@frozen
class Wanted:
    """A request for an answer: the preset's name, the chat, whether it is to be streamed, and with its usage."""

    preset: str
    chat: Chat
    streamed: bool
    with_usage: bool


@frozen
class Refusal:
    """An answer that says what went wrong: its HTTP status, and what stands in it."""

    status: int
    message: str
    code: str | None = None
    parameter: str | None = None

    @property
    def body(self) -> Json:
        kind = "server_error" if self.status >= 500 else _TYPES.get(self.status, "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.parameter, "code": self.code}}


_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}

_STATUS: Mapping[str, int] = {
    Kind.RATE_LIMIT.value: 429,
    Kind.NO_CREDIT.value: 402,
    Kind.OVERLOADED.value: 503,
    Kind.REFUSED_CONNECTION.value: 502,
    Kind.TIMEOUT.value: 504,
    Kind.STALLED.value: 504,
    Kind.CUT.value: 502,
    Kind.EMPTY.value: 502,
    Kind.WORKER_DIED.value: 503,
    Kind.UNKNOWN.value: 502,
    "internal": 500,
}
"""What the failure of an answer is in HTTP. The rest are the settings' or the request's: asked again, they would fail
again, and cost the others' calls once more."""

_CODES = {Kind.CONTEXT_TOO_LONG.value: "context_length_exceeded", Kind.NO_CREDIT.value: "insufficient_quota"}
"""Kinds that OpenAI has a word of its own for, by which clients know what to do."""


def read_request(body: object, presets: Sequence[str]) -> Wanted:
    """Reads the body of a request for an answer. Raises `BadChat`; one about `model` says that there is no such
    preset."""
    if not isinstance(body, dict):
        raise BadChat("The request's body is to be a JSON object.", "body")
    given = cast("dict[str, object]", body)
    model = given.get("model")
    if not isinstance(model, str):
        raise BadChat(f"model is to be one of {_named(presets)}.", "model")
    preset = model.removeprefix(PREFIX)
    if not model.startswith(PREFIX) or preset not in presets:
        raise BadChat(f"There is no preset for the model {model[:100]!r}: choose one of {_named(presets)}.", "model")
    for name, why in _REFUSED.items():
        if given.get(name):
            raise BadChat(f"{name} can't be asked of a mixture: {why}.", name)
    if given.get("n") not in (None, 1):
        raise BadChat("n can only be 1: a mixture gives one answer.", "n")
    if any(one != "text" for one in _listed(given.get("modalities"))):
        raise BadChat("modalities can only be ['text']: a mixture answers in text.", "modalities")
    options = given.get("stream_options")
    with_usage = isinstance(options, dict) and bool(cast("Json", options).get("include_usage"))
    return Wanted(preset, Chat.read(given.get("messages"), given), bool(given.get("stream")), with_usage)


def refusal_of(failed: ModelError) -> Refusal:
    """What a failed answer is in HTTP."""
    return Refusal(_STATUS.get(failed.kind, 400), failed.message, _CODES.get(failed.kind, failed.kind))


def models(presets: Iterable[str], titles: Mapping[str, str]) -> Json:
    """The list of models, one for each preset."""
    return {"object": "list", "data": [model(preset, titles.get(preset)) for preset in presets]}


def model(preset: str, title: str | None) -> Json:
    """One preset as a model."""
    described = {"description": title} if title else {}
    return {"id": f"{PREFIX}{preset}", "object": "model", "created": 0, "owned_by": "moa-lsp", **described}


def usage(answered: Answered) -> Json:
    """What all calls of an answer used together. `cost` is in US dollars, and at least that."""
    parts = [turn.usage for turn in answered.turns]
    asked = sum(part.input_tokens or 0 for part in parts)
    said = sum(part.output_tokens or 0 for part in parts)
    cached = sum(part.cached_tokens or 0 for part in parts)
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": cached},
        "cost": round(answered.usage.known_cost_usd, 9),
    }


@frozen
class Envelope:
    """What stands around every part of one answer. `created` is in seconds since the epoch."""

    id: str
    created: int
    model: str

    def chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> Json:
        """One part of a streamed answer."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        return {**self._around("chat.completion.chunk"), "choices": [choice]}

    def last(self, used: Json) -> Json:
        """The chunk behind the last one, with the usage."""
        return {**self._around("chat.completion.chunk"), "choices": [], "usage": used}

    def whole(self, text: str, calls: Sequence[Mapping[str, Any]], answered: Answered) -> Json:
        """An answer that isn't streamed. `calls` are the parts of tool calls as they came."""
        together = whole_calls(calls)
        message: Json = {"role": "assistant", "content": text or None, "refusal": None}
        if together:
            message["tool_calls"] = together
        finish = finish_of(answered, called=bool(together))
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        return {**self._around("chat.completion"), "choices": [choice], "usage": usage(answered)}

    def _around(self, kind: str) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def finish_of(answered: Answered, *, called: bool) -> str:
    """Why the answer ended, in OpenAI's words. Clients go by it to see whether there are tools to call."""
    if called and answered.finish in (None, "stop"):
        return "tool_calls"
    return answered.finish or "stop"


def whole_calls(parts: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The tool calls that these parts make, in the order of their indices."""
    calls: dict[int, Json] = {}
    for part in parts:
        call = calls.setdefault(
            part["index"], {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        )
        call["id"] = part.get("id") or call["id"]
        function: Mapping[str, Any] = part.get("function") or {}
        for name in ("name", "arguments"):
            call["function"][name] += function.get(name) or ""
    return [calls[index] for index in sorted(calls)]


def event(data: Mapping[str, Any] | str) -> bytes:
    """One event of a stream."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=True)
    return f"data: {text}\n\n".encode()


def comment(text: str) -> bytes:
    """A line that clients pass over: it says that something goes on."""
    return f": {' '.join(text.split())}\n\n".encode("utf-8", "backslashreplace")


def _named(presets: Sequence[str]) -> str:
    return ", ".join(f"{PREFIX}{one}" for one in presets)


def _listed(value: object) -> Sequence[object]:
    return cast("list[object]", value) if isinstance(value, list) else ()
