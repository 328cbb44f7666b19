"""Work-done progress of one long command (LSP 3.17 §Work Done Progress): under the request's own token, or one that
the server creates where the client can. Its cancel reaches the run through `runs.py`.
"""

from __future__ import annotations

import asyncio
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
    """One command's progress: begun once, reported, ended once. Without a token it says nothing."""

    client: ProgressClient
    token: Token | None
    _begun: bool = field(default=False, init=False)

    @classmethod
    async def of(cls, client: ProgressClient, token: Token | None, can_create: bool) -> Progress:
        """Progress under `token`, else under one that is created here, else none."""
        if token is None and can_create:
            token = f"moa-{uuid4().hex[:8]}"
            try:
                params = types.WorkDoneProgressCreateParams(token=token)
                await asyncio.wait_for(client.window_work_done_progress_create_async(params), _CREATE_DEADLINE)
            except Exception:  # a client that refuses, or doesn't answer, gets no progress; the command goes on
                token = None
        return cls(client, token)

    def begin(self, title: str, message: str) -> None:
        self._begun = True
        self._send(types.WorkDoneProgressBegin(title=title, message=message, cancellable=True))

    def report(self, message: str) -> None:
        self._send(types.WorkDoneProgressReport(message=message, cancellable=True))

    def end(self, message: str) -> None:
        if self._begun:
            self._send(types.WorkDoneProgressEnd(message=message))

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self.token is not None:
            self.client.progress(types.ProgressParams(token=self.token, value=value))
