"""The program on a real pseudo terminal, against the scripted server: what a person would see and type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import moa_lsp
from tests.unit.terminal.scripted_program import Program

ROOT = Path(moa_lsp.__file__).parents[1]

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo terminals")

# The pseudo terminal becomes the one whose Ctrl-C the program hears.
_CLIENT = """
import fcntl, json, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from moa_lsp.terminal import client
client.SERVER = json.loads(sys.argv[1])
from moa_lsp.cli import main
sys.exit(main(sys.argv[2:]))
"""


class Terminal:
    """The program on a pseudo terminal of 80 columns."""

    def __init__(self, program: Program, script: dict[str, Any], *arguments: str) -> None:
        import pty  # Windows has none

        command, self._log = program.command(script)
        self.screen = ""
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CLIENT, json.dumps(command), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=program.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "TERM": "xterm-256color",
                "COLUMNS": "80",
            },
            start_new_session=True,
        )
        os.close(slave)

    def until(self, text: str) -> None:
        """Reads until the text stands on the screen."""
        while text not in self.screen:
            self.screen += os.read(self._master, 65536).decode()

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Reads to the end; returns the exit code."""
        try:
            while data := os.read(self._master, 65536):
                self.screen += data.decode()
        except OSError:
            pass  # Linux ends a pseudo terminal with an error
        return self._process.wait(30)

    def answers(self) -> list[Any]:
        """What the client answered to the server's requests."""
        received = (json.loads(line) for line in self._log.read_text().splitlines())
        return [message.get("result", message.get("error")) for message in received if "method" not in message]

    def params(self, method: str) -> list[Any]:
        """What the client asked by that method, in order."""
        received = (json.loads(line) for line in self._log.read_text().splitlines())
        return [message["params"] for message in received if message.get("method") == method]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)


Open = Callable[..., Terminal]
