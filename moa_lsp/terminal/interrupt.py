"""Ctrl-C: the first asks the server to stop what it runs, the second ends everything.

The handler itself only wakes the event loop; what was pressed is thought about there. At a question Ctrl-C is
`review.py`'s, since nothing runs then.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from attrs import define, field

from moa_lsp.terminal.client import Client
from moa_lsp.terminal.screen import Screen


@define
class Interrupt:
    """What Ctrl-C does: the first stops what `client` is running, the second, or one when nothing runs, ends all."""

    screen: Screen
    client: Client | None = None
    pressed: bool = False
    _task: asyncio.Task[int] | None = field(default=None, init=False)

    def press(self) -> None:
        if not self.pressed and self.client is not None and self.client.cancel():
            self.pressed = True
            self.screen.hint("stopping … (Ctrl-C again to end at once)")
            return
        self.pressed = True
        if self.client is not None:
            self.client.kill()
        if self._task is not None:
            self._task.cancel()

    @contextmanager
    def listening(self) -> Generator[None]:
        """Ctrl-C is handled here as long as the block runs."""
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

        def pressed(_signal: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.press)

        before = signal.signal(signal.SIGINT, pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
