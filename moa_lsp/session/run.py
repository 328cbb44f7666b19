"""A command on its way, and the ways in which it ends without a result.

Which commands there are is `session.py`'s and `discussions.py`'s; how an ending is answered is `lsp/`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import field, mutable

from moa_lsp.session.events import Event


class Unknown(Exception):
    """A name or an id that doesn't exist, a file that can't be meant, or a value that nothing can be; the message names
    it."""


class NotPossible(Exception):
    """The command makes sense but can't be carried out now; the message says why and how to go on."""


class Stopped(Exception):
    """The run was stopped by the user. What had arrived is stored, marked cancelled."""


@mutable
class Run:
    """A command that takes long, from the moment it arrives: whoever holds it can cancel it at any time."""

    report: Callable[[str], None] = lambda _: None
    heard: Callable[[Event], None] = lambda _: None
    """Told of every event of this run, whatever else happens in the session."""
    cancelled: bool = False
    over: asyncio.Event = field(factory=asyncio.Event)
    _stop: Callable[[], None] | None = field(default=None, init=False)
    _then: list[Callable[[], None]] = field(factory=list[Callable[[], None]], init=False)

    def cancel(self) -> None:
        self.cancelled = True
        if self._stop:
            self._stop()

    def stops_by(self, stop: Callable[[], None]) -> None:
        """How the run is stopped from now on; a cancel that came before is carried out."""
        self._stop = stop
        if self.cancelled:
            stop()

    def over_with(self, then: Callable[[], None]) -> None:
        """Something to be done once the run is over and its discussion is nobody's any more."""
        self._then.append(then)

    def end(self) -> None:
        """The run is over."""
        self.over.set()
        for then in self._then:
            then()

    def check(self) -> None:
        """Raises `Stopped` where the run was cancelled before there was anything to stop."""
        if self.cancelled:
            raise Stopped
