"""The doctor: what it finds, what it never tells, and when it says that something is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from moa_lsp.cli import main
from moa_lsp.models import catalogue
from moa_lsp.store.store import open_store

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for row in catalogue.PROVIDERS for name in row.variables]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MOA_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    monkeypatch.chdir(workspace)
    return workspace


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["doctor", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("folder")
def test_keys_are_named_and_never_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"https://user:{CANARY}@example.invalid/{CANARY}")

    code, found = report(capsys)
    assert main(["doctor"]) == 0
    plain = capsys.readouterr()

    assert code == 0
    assert found["keys"] == ["ANTHROPIC_API_KEY"]
    assert "OPENAI_BASE_URL" in found["notFollowed"]
    (architect,) = found["architects"]
    assert architect["keyPresent"] is True
    assert architect["from"] == "found here"
    assert "canary" not in json.dumps(found) + plain.out + plain.err
    assert "ANTHROPIC_API_KEY is set" in plain.out
    assert "OPENAI_BASE_URL is set and not followed" in plain.out


def test_settings_are_told_with_their_layer(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config" / "config.toml").write_text('editor = "openai/x"\narchitects = ["openai/x"]\n')
    (folder / "moa.toml").write_text('architects = ["mistral/y"]\nnonsense = 1\n')

    code, found = report(capsys)

    assert code == 1
    settings = found["settings"]
    assert [one["state"] for one in settings["files"]] == ["read", "read"]
    assert settings["setBy"] == {"architects": "project", "editor": "user"}
    assert [(one["layer"], one["line"]) for one in settings["problems"]] == [("project", 2)]
    assert [(one["name"], one["model"], one["keyPresent"]) for one in found["architects"]] == [
        ("alpha", "mistral/y", False)
    ]


def test_looking_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, found = report(capsys)

    assert found["store"]["state"] == "none yet"
    assert not (tmp_path / "data").exists()
    assert list(folder.iterdir()) == []


def test_the_store_is_looked_into(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store = open_store(tmp_path / "data").store
    store.create_discussion(str(folder), "d1", "Errors", 1.0)
    store.close()

    assert report(capsys)[1]["store"]["discussions"] == 1

    (tmp_path / "data" / "moa.db").write_bytes(b"this is no database at all" * 100)
    code, found = report(capsys)
    assert (code, found["store"]["state"]) == (1, "broken")


@pytest.mark.timeout(60)
def test_ask_tells_who_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [{"name": "alpha", "model": "replay:demo"}, {"name": "zulu", "model": "replay:demo"}]
    rows = ", ".join(f'{{ name = "{one["name"]}", model = "{one["model"]}" }}' for one in names)
    (folder / "moa.toml").write_text(f"architects = [{rows}]\n")

    code, found = report(capsys, "--ask")

    assert code == 1
    assert [(one["architect"], one["answered"]) for one in found["asked"]] == [("alpha", True), ("zulu", False)]
    assert found["asked"][1]["error"]
    assert main(["doctor", "--ask"]) == 1
    assert "answered after" in capsys.readouterr().out
