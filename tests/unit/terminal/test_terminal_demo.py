"""The demo's guard against writing into somebody's folder; the demo as a whole is a scenario of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from moa_lsp.cli import main


def test_the_demo_writes_into_no_folder_that_holds_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "api.py").write_text("mine\n")

    code = main(["demo", "--folder", str(tmp_path)])

    assert code == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["api.py"]
    assert (tmp_path / "api.py").read_text() == "mine\n"
