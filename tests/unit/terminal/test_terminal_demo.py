"""The demo's guard against writing into somebody's folder, and the sample that editors open; the demo as a whole is a
scenario of its own."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from moa_lsp.cli import main
from moa_lsp.demo import CODE_MESSAGE, FIRST_MESSAGE, SECOND_MESSAGE


@pytest.mark.parametrize("option", ["--folder", "--sample"])
def test_the_demo_writes_into_no_folder_that_holds_anything(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api.py").write_text("mine\n")

    code = main(["demo", option, str(tmp_path)])

    assert code == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["api.py"]
    assert (tmp_path / "api.py").read_text() == "mine\n"


def test_an_editor_gets_the_sample_and_what_to_say_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "tea-shop"

    code = main(["demo", "--sample", str(folder), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["folder"] == str(folder)
    assert told["messages"] == {"first": FIRST_MESSAGE, "second": SECOND_MESSAGE, "code": CODE_MESSAGE}
    assert all((folder / name).is_file() for name in told["files"])
    project = tomllib.loads((folder / "moa.toml").read_text())
    assert project["architects"] == told["settings"]["architects"]
    assert project["editor"] == told["settings"]["editor"]["model"]
    assert {one["model"] for one in project["architects"]} == {project["editor"]} == {"replay:demo"}


def test_a_person_is_told_what_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--sample", str(tmp_path / "shop")]) == 0

    told = capsys.readouterr().out
    assert str(tmp_path / "shop") in told
    assert f"  {FIRST_MESSAGE}\n  {SECOND_MESSAGE}\n  /code {CODE_MESSAGE}\n" in told
