"""A program in a terminal of its own: started in a pseudo-terminal, its screen kept up to date, keys typed into it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from attrs import field, mutable

from tests.pty.screen import Screen
from tests.pty.until import NeverSo, until

_KEYS = {
    "CR": "\r",
    "Esc": "\x1b",
    "Tab": "\t",
    "BS": "\x7f",
    "Up": "\x1b[A",
    "Down": "\x1b[B",
    "Right": "\x1b[C",
    "Left": "\x1b[D",
    "lt": "<",
    "Space": " ",
    "F12": "\x1b[24~",
}


@mutable(eq=False)
class Program:
    """A running program. `end` has to be called; use it through a fixture."""

    process: subprocess.Popen[bytes]
    screen: Screen
    _terminal: int
    _open: bool = field(default=True, init=False)

    @classmethod
    def start(cls, command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str], screen: Screen) -> Self:
        """Starts it with just this environment. Needs a running event loop, which reads what it writes."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", screen.rows, screen.columns, 0, 0))
        try:
            # In a session of its own, whose terminal this becomes.
            process = subprocess.Popen(
                ["setsid", "--ctty", *command],
                cwd=cwd,
                env=environment,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
            )
        finally:
            os.close(theirs)
        os.set_blocking(ours, False)
        program = cls(process, screen, ours)
        screen.reply = program._send
        asyncio.get_running_loop().add_reader(ours, program._read)
        return program

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 65536)
        except BlockingIOError:
            return
        except OSError:  # what Linux says once the other side is closed
            data = b""
        if data:
            self.screen.feed(data)
        else:
            self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            asyncio.get_running_loop().remove_reader(self._terminal)
            os.close(self._terminal)

    def _send(self, text: str) -> None:
        if self._open:
            os.write(self._terminal, text.encode())

    def type(self, keys: str) -> None:
        """Types: characters as they are, and `<CR>`, `<Esc>`, `<C-x>`, `<M-x>`, `<Up>` and the like; `<lt>` is `<`."""
        self._send(re.sub(r"<(C-[a-zA-Z@\]\\_]|M-.|[A-Z][a-z]+|CR|BS|F12|lt)>", _key, keys))

    async def shows(self, text: str | re.Pattern[str], seconds: float = 30.0) -> str:
        """Waits until the screen shows that (a pattern is searched in all of it), and returns the screen as text."""

        def so() -> bool:
            seen = self.screen.text
            return bool(text.search(seen)) if isinstance(text, re.Pattern) else text in seen

        try:
            await until(f"the screen to show {text!r}", so, seconds)
        except NeverSo as never:
            raise NeverSo(f"{never}\n{self.screen.text}") from None
        return self.screen.text

    async def hides(self, text: str, seconds: float = 30.0) -> None:
        """Waits until the screen doesn't show that."""
        try:
            await until(f"the screen to hide {text!r}", lambda: text not in self.screen.text, seconds)
        except NeverSo as never:
            raise NeverSo(f"{never}\n{self.screen.text}") from None

    async def still(self, seconds: float = 0.4) -> str:
        """Waits until the screen has been the same for that long, and returns it as text."""
        seen, count = self.screen.text, len(self.screen.raw)
        for _ in range(200):
            await asyncio.sleep(seconds)
            if len(self.screen.raw) == count:
                return self.screen.text
            count, seen = len(self.screen.raw), self.screen.text
        raise NeverSo(f"the screen never came to rest:\n{seen}")

    async def ended(self, seconds: float = 20.0) -> int:
        """Waits until it has ended by itself; its exit code."""
        await until("the program to end", lambda: self.process.poll() is not None, seconds)
        return self.process.wait()

    async def end(self) -> None:
        """Ends it and all that it started, whatever state it is in."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(NeverSo):
                await self.ended(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._close()


def _key(found: re.Match[str]) -> str:
    name = found.group(1)
    if name.startswith("C-"):
        return chr(ord(name[2].upper()) & 0x1F)
    if name.startswith("M-"):
        return "\x1b" + name[2]
    return _KEYS[name]
