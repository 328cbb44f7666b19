"""Waiting for something to be so. Its rule: a test never sleeps for a guessed time, it waits for what is to be seen."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")

_STEP = 0.03
"""Seconds between two looks: short beside what an editor takes to draw, long beside what a look costs."""


class NeverSo(AssertionError):
    """What was waited for didn't come about."""


async def until(what: str, so: Callable[[], T | Awaitable[T]], seconds: float = 30.0) -> T:
    """Asks `so` until it answers with something true, and returns that. Raises `NeverSo` after that many seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        answer = so()
        now = cast(T, await answer if inspect.isawaitable(answer) else answer)
        if now:
            return now
        if loop.time() > end:
            raise NeverSo(f"waited {seconds:g} s for {what}; the last answer was {now!r}")
        await asyncio.sleep(_STEP)
