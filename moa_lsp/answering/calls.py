"""Calls that run side by side, each in a task of its own, and what arrives of them in one line.

Rules: a call's failure is what it came to and nobody else's; whoever stops listening stops all calls, and has them gone
before going on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Protocol

from attrs import frozen

from moa_lsp.discussion.values import Failure, Usage
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Chunk, Done, ModelError, Words

_log = logging.getLogger(__name__)

_LAST_WORD = 2.0
"""Seconds that the calls which were stopped get to end; the worker is killed within one (measured)."""


class Models(Protocol):
    """The door to models (`moa_lsp/middleware/door.py`), or whatever stands in its place."""

    def stream(self, call: Call) -> AsyncGenerator[Chunk, None]: ...


@frozen
class Arrived:
    """A chunk of a reply, or its end, on the way from a call to whoever drives it."""

    turn: int
    chunk: Chunk


@frozen
class Failed:
    """A call's failure, on the way from a call to whoever drives it."""

    turn: int
    failure: Failure
    usage: Usage


async def read_call(models: Models, call: Call, turn: int, tell: Callable[[Arrived | Failed], None]) -> None:
    """Reads one call to its end and tells of each chunk, or of its failure. Cancelling it closes the stream."""
    try:
        async with aclosing(models.stream(call)) as chunks:
            async for chunk in chunks:
                tell(Arrived(turn, chunk))
    except ModelError as error:
        tell(Failed(turn, Failure(error.kind, error.message), error.usage))
    except Exception as error:
        # Whatever went wrong in our own code costs this turn, and is told; the others go on.
        tell(Failed(turn, inside(call, error), Usage()))


def inside(call: Call, error: Exception) -> Failure:
    """What is told of an error of our own, which goes to the log."""
    _log.error("A call to %s failed unexpectedly", call.architect.model, exc_info=error)
    sentence = f"Something went wrong inside moa-lsp ({type(error).__name__}). The log has the details."
    return Failure("internal", sentence)


async def heard_whole(models: Models, call: Call) -> tuple[str, Usage, Failure | None]:
    """Reads one call to its end: what it said, what it used, and why it failed, where it did."""
    heard: list[Arrived | Failed] = []
    await read_call(models, call, 0, heard.append)
    text = "".join(one.chunk.text for one in heard if isinstance(one, Arrived) and isinstance(one.chunk, Words))
    match heard[-1:]:
        case [Arrived(_, Done(finish, usage))]:
            return text, usage, shortfall(finish, text)
        case [Failed(_, failure, usage)]:
            return text, usage, failure
        case _:
            raise AssertionError("a call ends with what it used")


async def end_tasks(tasks: list[asyncio.Task[None]]) -> None:
    """Cancels the tasks that still run and waits for them, but not for ever."""
    for task in tasks:
        task.cancel()
    if tasks:
        with suppress(TimeoutError):
            await asyncio.wait(tasks, timeout=_LAST_WORD)
