"""The fixtures of the terminal client's tests; what they are made of is in `scripted_program.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

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
