"""Where the program's own files lie, by the platform and by the two variables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import astuple
from platformdirs import user_config_path, user_data_path, user_log_path

from moa_lsp.store.folders import Folders, folders, make_private


def test_the_platform_decides() -> None:
    found = folders({})
    assert found.data == user_data_path("moa-lsp", appauthor=False)
    assert found.config == user_config_path("moa-lsp", appauthor=False)
    assert found.log == user_log_path("moa-lsp", appauthor=False)
    assert folders({"MOA_DATA_DIR": "", "MOA_CONFIG_DIR": "  "}) == found


def test_the_variables_replace_the_platforms_folders(tmp_path: Path) -> None:
    data, config = tmp_path / "data", tmp_path / "config"
    found = folders({"MOA_DATA_DIR": str(data), "MOA_CONFIG_DIR": str(config)})
    assert found == Folders(data, config, data / "log", data / "cache")
    assert not data.exists()


def test_each_variable_stands_for_itself(tmp_path: Path) -> None:
    usual = folders({})
    assert folders({"MOA_CONFIG_DIR": str(tmp_path)}) == Folders(usual.data, tmp_path, usual.log, usual.cache)
    assert folders({"MOA_DATA_DIR": str(tmp_path)}).config == usual.config


def test_the_environment_is_read_and_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOA_DATA_DIR", "here")
    monkeypatch.setenv("MOA_CONFIG_DIR", "~/there")
    found = folders()
    assert found.data == tmp_path / "here"
    assert found.config == Path.home() / "there"
    assert all(path.is_absolute() for path in astuple(found))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as POSIX knows them")
def test_a_new_folder_is_private_and_an_old_one_keeps_its_permissions(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    (tmp_path / "a" / "b").chmod(0o755)
    make_private(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o755
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_private(tmp_path / "file")
