"""Reading the two settings files: what is there, what isn't, and what isn't followed or opened."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from moa_lsp.settings.files import read_project, read_user
from moa_lsp.settings.layers import LONGEST_TEXT, Unreadable

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs as POSIX has them")


def test_the_files_are_read_as_the_editor_shows_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes("\ufeffrole = 'ä'\r\n".encode())
    (tmp_path / "moa.toml").write_bytes(b"a = 1\r\n")
    assert read_user(tmp_path) == "role = 'ä'\r\n"
    assert read_project(tmp_path) == "a = 1\r\n"


def test_where_there_is_no_file_there_is_no_layer(tmp_path: Path) -> None:
    assert read_user(tmp_path / "nowhere") is None
    assert read_project(tmp_path) is None
    assert read_project(tmp_path / "nowhere") is None


def unreadable(found: object) -> str:
    assert isinstance(found, Unreadable)
    return found.reason


@posix
def test_a_link_that_leaves_the_workspace_is_not_followed(tmp_path: Path) -> None:
    folder, beside = tmp_path / "app", tmp_path / "app-evil"
    folder.mkdir()
    beside.mkdir()
    (beside / "x.toml").write_text("a = 1")
    (folder / "moa.toml").symlink_to(beside / "x.toml")
    assert "out of the workspace" in unreadable(read_project(folder))
    (folder / "moa.toml").unlink()
    (folder / "moa.toml").symlink_to("../app-evil/x.toml")
    assert "out of the workspace" in unreadable(read_project(folder))


@posix
def test_a_link_within_the_workspace_and_a_workspace_behind_a_link_are_fine(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "moa.toml").write_text("a = 1")
    (folder / "moa.toml").symlink_to("config/moa.toml")
    (tmp_path / "link").symlink_to(folder)
    assert read_project(folder) == "a = 1"
    assert read_project(tmp_path / "link") == "a = 1"


@posix
def test_circles_dangling_links_folders_and_fifos_are_said_and_not_hung_on(tmp_path: Path) -> None:
    file = tmp_path / "moa.toml"
    file.symlink_to("moa.toml")
    unreadable(read_project(tmp_path))
    file.unlink()
    file.symlink_to("nowhere")
    unreadable(read_project(tmp_path))
    file.unlink()
    file.mkdir()
    assert "no plain file" in unreadable(read_project(tmp_path))
    file.rmdir()
    os.mkfifo(file)
    assert "no plain file" in unreadable(read_project(tmp_path))
    (tmp_path / "config.toml").mkdir()
    assert "no plain file" in unreadable(read_user(tmp_path))


def test_other_encodings_and_long_files_are_said(tmp_path: Path) -> None:
    file = tmp_path / "moa.toml"
    file.write_bytes("a = 'ä'".encode("latin-1"))
    assert "UTF-8" in unreadable(read_project(tmp_path))
    file.write_bytes(b"#" * (4 * LONGEST_TEXT + 1))
    assert "too long" in unreadable(read_project(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors where Linux lists them")
def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    (tmp_path / "moa.toml").mkdir()
    (tmp_path / "config.toml").write_text("a = 1")
    before = len(list(descriptors.iterdir()))
    for _ in range(5):
        read_project(tmp_path)
        read_user(tmp_path)
    assert len(list(descriptors.iterdir())) == before
