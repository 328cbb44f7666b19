"""What a model is to the rest of the program: something that streams chunks, or raises a `ModelError`.

Every kind of model (litellm's, a cassette's, a test's) is one class with the `Model` protocol, and every wrapper around
a call (`moa_lsp/middleware/`) is such a class too. Nothing here knows how a chunk comes about.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

from attrs import field, frozen

from moa_lsp.discussion.values import Architect, Message, Usage

PASSED_ON = frozenset(
    {
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "stop",
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "presence_penalty",
        "frequency_penalty",
        "seed",
        "reasoning_effort",
        "verbosity",
    }
)
"""The arguments of a call that another program may choose, as OpenAI names them. None of them says who is asked, where
or with which key."""


def _passed_on(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in parameters.items() if name in PASSED_ON and value is not None}


@frozen
class Passing:
    """What another program asks for, to be passed on: its messages, OpenAI-shaped, and its arguments of the call. Of
    those only what is in `PASSED_ON` is kept."""

    messages: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any] = field(factory=dict[str, Any], converter=_passed_on)


@frozen
class Call:
    """One question to one model: whom to ask (how it is to be called) and the whole conversation so far.

    `discussion` is the id of the discussion it belongs to, `round` and `stage` say where in it, for what is kept of it;
    models never see them. `repairs` says that the last message asks for edits of the reply above it once more, so that
    what comes is no reply of its own. With `passing` that is sent as it is, in place of `messages`, by models that can
    be sent it; `messages` then say the same in words alone, for those that take only words.
    """

    architect: Architect
    messages: tuple[Message, ...]
    discussion: str = ""
    repairs: bool = False
    stage: str = ""
    round: int | None = None
    passing: Passing | None = None


@frozen
class Words:
    """Text that arrived, never empty."""

    text: str


@frozen
class ToolCalls:
    """Parts of tool calls as they arrived, OpenAI-shaped: `index`, and where they are known `id`, `type` and
    `function {name, arguments}`. The parts of one index, put together, are one call. Only a call that passes tools on
    is answered so."""

    calls: tuple[Mapping[str, Any], ...]


@frozen
class Waiting:
    """The call is put off for that many seconds, and why, in words for the user. Where it is asked again then, `after`
    is the kind of the failure before."""

    seconds: float
    reason: str
    after: str | None = None


@frozen
class Done:
    """The last chunk of a call that ended without an error.

    `finish` is the provider's own word (`stop`, `length`, `content_filter`, `tool_calls`, …), or `None` where the
    stream ended without one (measured: litellm then says `stop`; the worker tells the two apart).
    """

    finish: str | None
    usage: Usage


Chunk = Words | ToolCalls | Waiting | Done


class ModelError(Exception):
    """A call that failed. `kind` is from the table in `errors.py`; `message` tells the user what to do next.

    `retry_after` is in seconds where the provider named it. `usage` is what the failed call is known to have used:
    `Usage.nothing()` where no request was sent or the provider refused it, unknown otherwise.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        retry_after: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after
        self.usage = usage if usage is not None else Usage()


class Model(Protocol):
    """Something that can be asked.

    `stream` yields `Words`, `ToolCalls` and `Waiting`, in the order in which they came, and, last, exactly one `Done`;
    or raises `ModelError`.
    Closing the generator (`aclose`, or cancelling the task that reads it) ends the call at once and closes the
    connection under it. Read it inside `contextlib.aclosing` (measured: `break` alone leaves a stream open).
    """

    def stream(self, call: Call) -> AsyncGenerator[Chunk, None]: ...
