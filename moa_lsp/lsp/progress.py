"""Work-done progress of one long command (LSP 3.17 §Work Done Progress): under the request's own token, or one that
the server creates where the client can. Its cancel reaches the run through `runs.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

from attrs import field, mutable
from lsprotocol import types

Token = int | str

_CREATE_DEADLINE = 5.0
"""Seconds a client gets to answer `window/workDoneProgress/create`; without an answer there is no progress (measured:
some never answer)."""


class ProgressClient(Protocol):
    """The part of the server that progress needs."""

    def progress(self, params: types.ProgressParams) -> None: ...

    async def window_work_done_progress_create_async(self, params: types.WorkDoneProgressCreateParams) -> None: ...


@mutable
class Progress:
    """One command's progress: begun once, reported, ended once. Without a token it says nothing.

    A token that the server has to create may come late or never (measured: some clients don't answer); the command
    doesn't wait for it, and what was said last is said as soon as it is there.
    """

    client: ProgressClient
    token: Token | None = None
    _begun: types.WorkDoneProgressBegin | None = field(default=None, init=False)
    _reported: types.WorkDoneProgressReport | None = field(default=None, init=False)
    _ended: bool = field(default=False, init=False)
    _creating: asyncio.Task[None] | None = field(default=None, init=False)

    def create(self, created: Callable[[Token], None]) -> None:
        """Asks the client for a token; `created` is told of it when the client agrees."""
        self._creating = asyncio.create_task(self._create(created))

    async def _create(self, created: Callable[[Token], None]) -> None:
        token = f"moa-{uuid4().hex[:8]}"
        try:
            params = types.WorkDoneProgressCreateParams(token=token)
            await asyncio.wait_for(self.client.window_work_done_progress_create_async(params), _CREATE_DEADLINE)
        except Exception:  # a client that refuses, or doesn't answer, gets no progress; the command goes on
            return
        if self._ended:
            return
        self.token = token
        created(token)
        for said in (self._begun, self._reported):
            if said is not None:
                self._send(said)

    def begin(self, title: str, message: str) -> None:
        self._begun = types.WorkDoneProgressBegin(title=title, message=message, cancellable=True)
        self._send(self._begun)

    def report(self, message: str) -> None:
        self._reported = types.WorkDoneProgressReport(message=message, cancellable=True)
        self._send(self._reported)

    def end(self, message: str) -> None:
        if self._begun is not None and not self._ended:
            self._send(types.WorkDoneProgressEnd(message=message))
        self._ended = True
        if self._creating:
            self._creating.cancel()

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self.token is not None:
            self.client.progress(types.ProgressParams(token=self.token, value=value))
