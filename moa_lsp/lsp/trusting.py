"""Asks the user about what a folder's `moa.toml` came to want after the folder was trusted, once for each new content.

What is withheld, and what a yes means, is `session/configuration.py`'s; here is only when it is asked. A file that is
being typed asks nothing until it is saved: every key pressed in an address would be another one. Nobody waits for an
answer for ever, but a yes that comes late holds: the editor still shows the question, which says what it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import field, mutable

from moa_lsp.lsp.asking import Asking, in_time
from moa_lsp.session.configuration import NOT_NOW, TRUST, Configuration, Configurations
from moa_lsp.session.session import Run, Stopped


@mutable
class Trusting:
    """One connection's questions about settings. `is_saved` says whether a folder's file is on the disk what it is in
    the editor; `changed` is told of a yes, after which other settings are in force."""

    configurations: Configurations
    asking: Asking
    is_saved: Callable[[Path], bool]
    changed: Callable[[], None]
    _put: dict[Path, frozenset[str]] = field(factory=dict[Path, frozenset[str]], init=False)
    """By folder what the user was asked about last, and what hasn't changed since."""
    _open: dict[Path, asyncio.Task[None]] = field(factory=dict[Path, "asyncio.Task[None]"], init=False)
    """By folder the question whose answer is waited for."""
    _answers: set[asyncio.Task[bool]] = field(factory=set["asyncio.Task[bool]"], init=False)
    """Every question that stands open."""

    def look(self) -> None:
        """Asks where something is withheld that wasn't asked about; one question at a time in a folder."""
        for configuration in self.configurations:
            root = configuration.root
            if root is None or root in self._open:
                continue
            wanted = frozenset(grant.id for grant in configuration.withheld)
            if not wanted:
                self._put.pop(root, None)
            elif not wanted <= self._put.get(root, frozenset()) and self.is_saved(root):
                self._put[root] = wanted
                self._open[root] = asyncio.create_task(self._ask(configuration, root))

    async def _ask(self, configuration: Configuration, root: Path) -> None:
        grants = configuration.withheld

        def answered(answer: asyncio.Task[bool]) -> None:
            self._answers.discard(answer)
            if not answer.cancelled() and answer.result():
                configuration.agree(grants)
                self.changed()

        question = configuration.question(grants)
        answer = asyncio.create_task(self.asking.agrees(question, TRUST, NOT_NOW, at_any_time=True))
        self._answers.add(answer)
        answer.add_done_callback(answered)
        try:
            await in_time(answer)
        finally:
            del self._open[root]
        self.look()  # it may have changed again while the question stood

    async def answered(self, run: Run, report: Callable[[str], None]) -> None:
        """Waits until the user answered what is being asked, or didn't in time: a message that they send meanwhile is
        to go where they mean it to. Raises `Stopped`."""
        if not self._open:
            return
        report("Waiting for your answer about moa.toml")
        waiting = asyncio.create_task(asyncio.wait(self._open.values()))
        run.stops_by(lambda: _stop(waiting))
        try:
            await waiting
        except asyncio.CancelledError:
            if run.cancelled:
                raise Stopped from None
            raise

    def close(self) -> None:
        """An answer that comes from now on changes nothing."""
        for task in (*self._open.values(), *self._answers):
            task.cancel()


def _stop(waiting: asyncio.Task[Any]) -> None:
    waiting.cancel()
