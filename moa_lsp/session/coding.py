"""Carries out one `/code`: the editor model is sent the discussion, and its reply becomes a change.

The rules are the round's (`driver.py`): stored before told, cancelled at once, ended exactly once. What the reply's
edits become is `changes.py`'s business; what the editor model is sent is `discussion/thread.py`'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection

from attrs import evolve, field, mutable

from moa_lsp.answering.calls import Arrived, Failed, Models, end_tasks, read_call
from moa_lsp.discussion.values import Coding, Failure, Repair, Status, Usage
from moa_lsp.edits.change import Change
from moa_lsp.models.model import Call, Chunk, Done, ToolCalls, Waiting, Words
from moa_lsp.models.replay import is_replay
from moa_lsp.session.arriving import ArrivingEdits
from moa_lsp.session.driver import STORE_EVERY, again_later
from moa_lsp.session.events import CodeDelta, CodeStarted, CodeWaiting, Event
from moa_lsp.session.repair import Mending, Repairing, shortfall_of_edits
from moa_lsp.store.store import Store


@mutable
class CodingDriver:
    """Drives one `/code`. `propose` makes a pending change of a whole reply, or returns `None` where it holds no edits;
    `mending` says whether the model is asked once more for those that can't be placed, and `shown` are the files that
    it was shown. `arriving` tells of its edits while they arrive."""

    discussion: str
    coding: Coding
    call: Call
    models: Models
    store: Store
    tell: Callable[[Event], None]
    propose: Callable[[Coding], Change | None]
    mending: Mending
    shown: Collection[str]
    arriving: ArrivingEdits
    clock: Callable[[], float] = time.monotonic
    _inbox: asyncio.Queue[Arrived | Failed | None] = field(factory=asyncio.Queue[Arrived | Failed | None], init=False)
    _text: list[str] = field(factory=list[str], init=False)
    _unstored: list[str] = field(factory=list[str], init=False)
    _whole: Coding | None = field(default=None, init=False)
    _repairing: Repairing | None = field(default=None, init=False)
    _calls: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]], init=False)

    def cancel(self) -> None:
        """Stops it; `run` returns soon with what had arrived."""
        self._inbox.put_nowait(None)

    async def run(self) -> Coding:
        """Asks the editor model and returns the coding, ended, with its change. It isn't stored as ended yet."""
        began = self.clock()
        self.tell(CodeStarted(self.discussion, self.coding.message, self.coding.model))
        self._call(0, self.call)
        storing = asyncio.create_task(self._store_text_now_and_then())
        ended: Coding | None = None
        try:
            while ended is None:
                ended = self._take(await self._inbox.get())
        finally:
            storing.cancel()
            await end_tasks(self._calls)
        return evolve(ended, text="".join(self._text), seconds=self.clock() - began)

    def _call(self, number: int, call: Call) -> None:
        reading = read_call(self.models, call, number, self._inbox.put_nowait)
        self._calls.append(asyncio.create_task(reading))

    def _take(self, happening: Arrived | Failed | None) -> Coding | None:
        """The coding, ended, where this ends it."""
        if self._repairing:
            return self._take_repair(self._repairing, happening)
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
                self.arriving.feed(text)
            case Done(finish, usage):
                text = "".join(self._text)
                failure = shortfall_of_edits(finish, text)
                if failure:
                    return self._failed(failure, usage)
                return self._reply_whole(evolve(self.coding, status=Status.DONE, text=text, usage=usage))
            case ToolCalls():
                pass  # no tools are offered
        return None

    def _reply_whole(self, coding: Coding) -> Coding | None:
        """Makes a change of the reply's edits, and has those mended that can be, before the `/code` ends."""
        self._unstored.clear()
        change = self.propose(coding)
        coding = evolve(coding, change=change.id if change else None)
        wanted = self.mending.wanted(change, coding.text, self.shown)
        if wanted is None:
            return coding
        # Killed from here on, the process loses the repair only.
        self.store.finish_coding(self.discussion, coding)
        self._whole = coding
        reply, of, tell = coding.text, self.discussion, self.tell
        self._repairing = Repairing(self.mending, wanted, self.call, reply, of, None, tell, self.clock)
        self._call(1, self._repairing.begin())
        return None

    def _take_repair(self, repairing: Repairing, happening: Arrived | Failed | None) -> Coding | None:
        match happening:
            case None:
                repair = repairing.stopped()
            case Failed(_, failure, usage):
                repair = repairing.failed(failure, usage)
            case Arrived(_, chunk):
                repair = repairing.take(chunk)
        return self._mended(repair) if repair else None

    def _mended(self, repair: Repair) -> Coding:
        assert self._whole
        return evolve(self._whole, repair=repair, usage=self._whole.usage + repair.usage)

    def _failed(self, failure: Failure, usage: Usage) -> Coding:
        return evolve(self.coding, status=Status.FAILED, usage=usage, error=failure)

    async def _store_text_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STORE_EVERY)
            if self._unstored:
                with again_later():
                    self.store.append_coding_text(self.discussion, self.coding.number, "".join(self._unstored))
                    self._unstored.clear()
