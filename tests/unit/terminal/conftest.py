"""The fixtures of the terminal client's tests; what they are made of is in `scripted_program.py` and
`pseudo_terminal.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.terminal.pseudo_terminal import Open, Terminal
from tests.unit.terminal.scripted_program import Program


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    folder, work = tmp_path / "workspace", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    return Program(folder, work, capsys, monkeypatch)


@pytest.fixture
def terminal(program: Program) -> Iterator[Open]:
    """Opens the program on pseudo terminals, and ends them after the test."""
    opened: list[Terminal] = []

    def open_(script: dict[str, Any], *arguments: str) -> Terminal:
        opened.append(Terminal(program, script, *arguments))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
