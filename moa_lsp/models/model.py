"""What a model is to the rest of the program: something that streams chunks, or raises a `ModelError`.

Every kind of model (litellm's, a cassette's, a test's) is one class with the `Model` protocol, and every wrapper around
a call (`moa_lsp/middleware/`) is such a class too. Nothing here knows how a chunk comes about.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from attrs import frozen

from moa_lsp.discussion.values import Architect, Message, Usage


@frozen
class Call:
    """One question to one model: whom to ask (how it is to be called) and the whole conversation so far.

    `discussion` is the id of the discussion it belongs to, for what is kept of it; models never see it. `repairs` says
    that the last message asks for edits of the reply above it once more, so that what comes is no reply of its own.
    """

    architect: Architect
    messages: tuple[Message, ...]
    discussion: str = ""
    repairs: bool = False


@frozen
class Words:
    """Text that arrived, never empty."""

    text: str


@frozen
class Waiting:
    """The call is put off for that many seconds, and why, in words for the user."""

    seconds: float
    reason: str


@frozen
class Done:
    """The last chunk of a call that ended without an error.

    `finish` is the provider's own word (`stop`, `length`, `content_filter`, `tool_calls`, …), or `None` where the
    stream ended without one (measured: litellm then says `stop`; the worker tells the two apart).
    """

    finish: str | None
    usage: Usage


Chunk = Words | Waiting | Done


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

    `stream` yields `Words` (and `Waiting`) and, last, exactly one `Done`; or raises `ModelError`.
    Closing the generator (`aclose`, or cancelling the task that reads it) ends the call at once and closes the
    connection under it. Read it inside `contextlib.aclosing` (measured: `break` alone leaves a stream open).
    """

    def stream(self, call: Call) -> AsyncGenerator[Chunk, None]: ...
