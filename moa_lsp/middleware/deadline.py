"""Deadlines of a model call: to its first word, and between words. A provider that hangs is given up, not waited for.

Rules: a `Waiting` extends the deadline by what it announces; the call under it is closed before the error is raised, so
that the connection is gone by then. litellm's own timeouts are not relied on (measured: they hold per read, and are
followed by retries that are paid for).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from moa_lsp.models.errors import Kind, error
from moa_lsp.models.model import Call, Chunk, Done, Model, ToolCalls, Waiting, Words

FIRST_WORD_SECONDS = 120.0
BETWEEN_WORDS_SECONDS = 60.0


class Deadline:
    """A model whose calls fail with `timeout` or `stalled` when nothing comes for too long."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`. The architect's `timeout` is for the first word, half of it for the pauses after."""
        given = call.architect.timeout
        first = FIRST_WORD_SECONDS if given is None else given
        between = BETWEEN_WORDS_SECONDS if given is None else given / 2
        spoke = False
        announced = 0.0
        async with aclosing(self._model.stream(call)) as chunks:
            while True:
                seconds = between if spoke else first
                try:
                    async with asyncio.timeout(seconds + announced):
                        chunk = await anext(chunks)
                except TimeoutError:
                    kind = Kind.STALLED if spoke else Kind.TIMEOUT
                    raise error(kind, call.architect, seconds=seconds, spoke=spoke) from None
                announced = chunk.seconds if isinstance(chunk, Waiting) else 0.0
                spoke = spoke or isinstance(chunk, Words | ToolCalls)
                yield chunk
                if isinstance(chunk, Done):
                    return
