"""Carries out one `/code`: the editor model is sent the discussion, and its reply becomes a change.

The rules are the round's (`driver.py`): stored before told, cancelled at once, ended exactly once. What the reply's
edits become is `changes.py`'s business; what the editor model is sent is `discussion/thread.py`'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from attrs import evolve, field, mutable

from moa_lsp.discussion.engine import CUT
from moa_lsp.discussion.values import Coding, Failure, Status, Usage
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Chunk, Done, Waiting, Words
from moa_lsp.models.replay import is_replay
from moa_lsp.session.driver import STORE_EVERY, Arrived, Failed, Models, again_later, end_tasks, read_call
from moa_lsp.session.events import CodeDelta, CodeStarted, CodeWaiting, Event
from moa_lsp.store.store import Store


@mutable
class CodingDriver:
    """Drives one `/code`. `complete` tells of a reply's text whether the edits in it are whole, for a stream that
    ended without the provider saying so."""

    discussion: str
    coding: Coding
    call: Call
    models: Models
    store: Store
    tell: Callable[[Event], None]
    complete: Callable[[str], bool]
    clock: Callable[[], float] = time.monotonic
    _inbox: asyncio.Queue[Arrived | Failed | None] = field(factory=asyncio.Queue[Arrived | Failed | None], init=False)
    _text: list[str] = field(factory=list[str], init=False)
    _unstored: list[str] = field(factory=list[str], init=False)

    def cancel(self) -> None:
        """Stops it; `run` returns soon with what had arrived."""
        self._inbox.put_nowait(None)

    async def run(self) -> Coding:
        """Asks the editor model and returns the coding, ended, without its change. It isn't stored as ended yet."""
        began = self.clock()
        self.tell(CodeStarted(self.discussion, self.coding.message, self.coding.model))
        reading = asyncio.create_task(read_call(self.models, self.call, 0, self._inbox.put_nowait))
        storing = asyncio.create_task(self._store_text_now_and_then())
        ended: Coding | None = None
        try:
            while ended is None:
                ended = self._take(await self._inbox.get())
        finally:
            storing.cancel()
            await end_tasks([reading])
        return evolve(ended, text="".join(self._text), seconds=self.clock() - began)

    def _take(self, happening: Arrived | Failed | None) -> Coding | None:
        """The coding, ended, where this ends it."""
        match happening:
            case None:
                usage = Usage.nothing() if is_replay(self.coding.model) else Usage()
                return evolve(self.coding, status=Status.CANCELLED, usage=usage)
            case Failed(_, failure, usage):
                return self._failed(failure, usage)
            case Arrived(_, chunk):
                return self._chunk(chunk)

    def _chunk(self, chunk: Chunk) -> Coding | None:
        match chunk:
            case Waiting(seconds, reason):
                self.tell(CodeWaiting(self.discussion, seconds, reason))
            case Words(text):
                self._text.append(text)
                self._unstored.append(text)
                self.tell(CodeDelta(self.discussion, text))
            case Done(finish, usage):
                text = "".join(self._text)
                failure = shortfall(finish, text)
                if failure is None and finish is None and not self.complete(text):
                    failure = CUT
                if failure:
                    return self._failed(failure, usage)
                return evolve(self.coding, status=Status.DONE, usage=usage)
        return None

    def _failed(self, failure: Failure, usage: Usage) -> Coding:
        return evolve(self.coding, status=Status.FAILED, usage=usage, error=failure)

    async def _store_text_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STORE_EVERY)
            if self._unstored:
                with again_later():
                    self.store.append_coding_text(self.discussion, self.coding.number, "".join(self._unstored))
                    self._unstored.clear()
