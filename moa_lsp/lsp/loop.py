"""Runs the server in an event loop of its own, and ends that in time: a server must not outlive its editor because
something in it doesn't let go.

`asyncio.run` waits for every task to end, for ever. Here those that won't are named in the log and left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)

LAST_TASKS = 1.0
"""Seconds that tasks get to end after they were cancelled."""


def run(serving: Coroutine[Any, Any, int]) -> int:
    """Runs that to its end and returns what it does; whatever runs beside it then is cancelled, and not waited for
    longer than a second."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        code = loop.run_until_complete(serving)
        loop.run_until_complete(_cancel_others())
        loop.run_until_complete(loop.shutdown_asyncgens())
        return code
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if not others:
        return
    _, left = await asyncio.wait(others, timeout=LAST_TASKS)
    for task in left:
        _log.warning("This didn't end with the server: %s, in %s", task.get_coro(), task.get_stack())
