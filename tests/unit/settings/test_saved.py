"""Presets in files of their own: what is saved is read again, and one that is spoilt costs nobody the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.settings.saved import LONGEST_FILE, file_of, read_saved, save, to_toml, wrong_name
from moa_lsp.settings.settings import ArchitectSettings, Preset, StageSettings

FULL = Preset(
    kind="panel",
    title="Two and a judge",
    architects=(
        ArchitectSettings("openai/a"),
        ArchitectSettings(
            "openai/b", name="ada", role='Say "no".\nTwice.', headers={"X-Team": "blue"}, paths=("src/",), priority=3
        ),
    ),
    aggregator=ArchitectSettings("anthropic/c", temperature=0.5),
    max_cost=0.5,
    rotate=True,
    stages=(StageSettings("first", ("alpha",), "parallel"), StageSettings(answers=True)),
)


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    file = save(tmp_path, "mine", FULL)
    assert file == file_of(tmp_path, "mine") == tmp_path / "presets" / "mine.toml"
    found = read_saved(tmp_path)
    assert found.presets == {"mine": FULL}
    assert not found.problems
    assert [one.name for one in file.parent.iterdir()] == ["mine.toml"]


_ROLES = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1).filter(lambda text: text.strip())


@given(role=_ROLES)
def test_any_role_survives(role: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("config")
    preset = Preset(architects=(ArchitectSettings("openai/a", role=role),))
    save(folder, "mine", preset)
    assert read_saved(folder).presets == {"mine": preset}


def test_what_is_left_to_its_default_is_not_written() -> None:
    assert to_toml(Preset(kind="solo", architects=(ArchitectSettings("openai/a"),))) == (
        'kind = "solo"\narchitects = [\n    "openai/a",\n]\n'
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"kind =", "TOML"),
        (b"\xff\xfe", "TOML"),
        (b'kind = "pannel"', "must be one of"),
        (b'architects = ["moa/panel"]', "can't contain a mixture"),
        (b'architects = ["openai/moa/panel"]', "can't contain a mixture"),
        (b"#" * (LONGEST_FILE + 1), "longer"),
        (b'api_key = "sk-abcdefghijkl"', "never written in settings"),
    ],
)
def test_a_spoilt_file_costs_the_others_nothing(text: bytes, why: str, tmp_path: Path) -> None:
    save(tmp_path, "good", FULL)
    file_of(tmp_path, "bad").write_bytes(text)
    found = read_saved(tmp_path)
    assert list(found.presets) == ["good"]
    assert list(found.problems) == ["bad"]
    assert why in found.problems["bad"]
    assert "sk-abc" not in found.problems["bad"]


def test_no_folder_is_nothing_saved(tmp_path: Path) -> None:
    assert not read_saved(tmp_path / "none").presets


@pytest.mark.parametrize("name", ["", "default", "a/b", "..", "a b", "x" * 41, "-a", "ä", "a.toml"])
def test_names_that_no_file_can_have(name: str) -> None:
    assert wrong_name(name)


def test_names_that_a_file_can_have() -> None:
    assert all(wrong_name(name) is None for name in ("a", "My-panel_2", "x" * 40))
