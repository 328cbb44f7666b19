"""Asking again, a few times, where the provider itself is likely to answer a moment later.

Rules: only for a rate limit, a provider in trouble and a refused connection; never after the first word, since the
words are shown already; a provider that names a time is believed up to a minute, and past that the call fails saying
so; every wait is announced by a `Waiting` before it begins, and ends at once when the call is closed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import count

from moa_lsp.models.errors import Kind
from moa_lsp.models.model import Call, Chunk, Model, ModelError, ToolCalls, Waiting, Words

_REASONS = {
    Kind.RATE_LIMIT.value: "{model} is at its rate limit",
    Kind.OVERLOADED.value: "The provider of {model} has trouble answering",
    Kind.REFUSED_CONNECTION.value: "The provider of {model} could not be reached",
}

LONGEST_WAIT_SECONDS = 60.0


class Retry:
    """A model that is asked again after failures that pass."""

    def __init__(self, model: Model, delays: Sequence[float] = (1.0, 4.0), jitter: float = 0.25) -> None:
        """`delays` are the seconds before the second, third, … try; each is lengthened by up to `jitter` of itself, so
        that several architects of one provider don't ask again at the same moment."""
        self._model = model
        self._delays = tuple(delays)
        self._jitter = jitter

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`."""
        for tried in count():
            spoke = False
            try:
                async with aclosing(self._model.stream(call)) as chunks:
                    async for chunk in chunks:
                        spoke = spoke or isinstance(chunk, Words | ToolCalls)
                        yield chunk
                return
            except ModelError as failed:
                wait = self._wait(failed, tried)
                if spoke or wait is None:
                    raise
                again = f"asking again (try {tried + 2} of {len(self._delays) + 1})"
                reason, kind = _REASONS[failed.kind].format(model=call.architect.model), failed.kind
            yield Waiting(wait, f"{reason}: {again}.", kind)
            await asyncio.sleep(wait)

    def _wait(self, failed: ModelError, tried: int) -> float | None:
        """Seconds until the next try, or `None` where there is none."""
        if failed.kind not in _REASONS or tried >= len(self._delays):
            return None
        if failed.retry_after is not None:
            return failed.retry_after if failed.retry_after <= LONGEST_WAIT_SECONDS else None
        return self._delays[tried] * (1 + random.random() * self._jitter)
