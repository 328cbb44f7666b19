"""Reading files that no editor has open: what comes back is what was there, or a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from moa_lsp.context.files import READ_LIMIT, FileText, Unreadable, read_file


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom"),
    [
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8", False),
        (b"", "", "utf-8", False),
        ("é漢𝄞 no end".encode(), "é漢𝄞 no end", "utf-8", False),
        (b"\xef\xbb\xbfa\r\n", "a\r\n", "utf-8", True),
        ("\ufeffa\r\n𝄞".encode("utf-16-le"), "a\r\n𝄞", "utf-16-le", True),
        ("\ufeffa\r\n𝄞".encode("utf-16-be"), "a\r\n𝄞", "utf-16-be", True),
        (b"\xef\xbb\xbf", "", "utf-8", True),
        ("\ufeff\ufefftwice".encode(), "\ufefftwice", "utf-8", True),
    ],
)
def test_text_encoding_mark_and_line_ends_are_kept(
    tmp_path: Path, data: bytes, text: str, encoding: str, bom: bool
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    found = read_file(path)
    assert isinstance(found, FileText)
    assert (found.text, found.encoding, found.bom) == (text, encoding, bom)
    assert found.encode(found.text) == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8 text, and doesn't say what it is"),
        (b"plain\x00text", "is a binary file"),
        ("caf\xe9".encode("latin-1"), "is not UTF-8 text, and doesn't say what it is"),
        ("no mark".encode("utf-16-le"), "is a binary file"),
        ("\ufeffa".encode("utf-32-le"), "is UTF-32, which is not supported"),
        ("\ufeffa".encode("utf-32-be"), "is UTF-32, which is not supported"),
        (b"\xff\xfea\x00b", "is not the UTF-16 text it says it is"),
        (b"\xed\xa0\x80", "is not UTF-8 text, and doesn't say what it is"),
        (b"x" * (READ_LIMIT + 1), "is larger than 1,000 kB"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    assert read_file(path) == Unreadable(reason)


def test_a_file_as_large_as_may_be(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * READ_LIMIT)
    assert read_file(path) == FileText("x" * READ_LIMIT)


def test_no_such_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert read_file(tmp_path / "nothing") is None
    assert read_file(tmp_path / "file" / "below") is None


def test_folders_and_impossible_names(tmp_path: Path) -> None:
    assert read_file(tmp_path) == Unreadable("is a folder")
    assert read_file(tmp_path / "a\0b") == Unreadable("has a name that can be no file's")
    assert isinstance(read_file(tmp_path / ("n" * 5000)), Unreadable)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "pipe") == Unreadable("is no ordinary file")


def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert isinstance(read_file(tmp_path / "loop"), Unreadable)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable to root")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    found = read_file(path)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("can't be read (")
