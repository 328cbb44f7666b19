"""Gathering the files a round shows: whole, or left out with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from moa_lsp.context.files import READ_LIMIT
from moa_lsp.context.snapshot import Candidate, LeftOut, gather
from moa_lsp.context.workspace import Folders
from moa_lsp.discussion.values import Selection


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders((tmp_path,))


def write(folders: Folders, name: str, data: bytes | str) -> None:
    path = folders.roots[0] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def test_files_come_in_order_with_plain_line_ends_and_no_mark(folders: Folders) -> None:
    write(folders, "b.py", b"\xef\xbb\xbfa\r\nb\rc\n\x0cd")
    write(folders, "sub/a.py", "\ufeffé\r\n".encode("utf-16-le"))
    write(folders, "empty.py", b"")
    gathered = gather(folders, [Candidate("b.py"), Candidate("sub/a.py"), Candidate("empty.py")])
    assert list(gathered.snapshot.files.items()) == [("b.py", "a\nb\nc\n\x0cd"), ("sub/a.py", "é\n"), ("empty.py", "")]
    assert gathered.left_out == ()


def test_the_buffers_text_comes_before_the_disks(folders: Folders) -> None:
    write(folders, "a.py", "disk")
    gathered = gather(folders, [Candidate("a.py", "\ufeffbuffer\r\n"), Candidate("new.py", "not saved yet")])
    assert gathered.snapshot.files == {"a.py": "buffer\n", "new.py": "not saved yet"}


def test_what_cannot_be_shown_is_left_out_with_a_reason(folders: Folders) -> None:
    write(folders, "image.png", b"\x00\x01")
    write(folders, "latin.txt", b"caf\xe9")
    write(folders, "huge.txt", b"x" * (READ_LIMIT + 1))
    write(folders, "fine.py", "fine")
    names = ["image.png", "latin.txt", "huge.txt", "gone.py", "../up.py", "fine.py"]
    gathered = gather(folders, [Candidate(name, named=True) for name in names])
    assert gathered.snapshot.files == {"fine.py": "fine"}
    assert gathered.left_out == (
        LeftOut("image.png", "is a binary file"),
        LeftOut("latin.txt", "is not UTF-8 text, and doesn't say what it is"),
        LeftOut("huge.txt", "is larger than 1,000 kB"),
        LeftOut("gone.py", "does not exist"),
        LeftOut("../up.py", "leads upwards"),
    )


def test_buffers_that_are_no_text(folders: Folders) -> None:
    gathered = gather(folders, [Candidate("a.bin", "a\0b"), Candidate("b.txt", "x" * (READ_LIMIT + 1))])
    assert gathered.snapshot.files == {}
    assert [left.path for left in gathered.left_out] == ["a.bin", "b.txt"]


@pytest.mark.parametrize("text", [None, "KEY=canary"])
@pytest.mark.parametrize("name", [".env", "private/a.py", "secrets.json"])
def test_no_buffer_and_no_mention_sends_a_secret(folders: Folders, name: str, text: str | None) -> None:
    write(folders, ".moaignore", "private/\n")
    write(folders, name, "KEY=canary")
    selection = Selection(name, 1, 1, "KEY=canary")
    gathered = gather(folders, [Candidate(name, text, named=True)], selection=selection)
    assert gathered.snapshot.files == {}
    assert gathered.snapshot.selection is None
    assert [left.path for left in gathered.left_out] == [name]
    assert "canary" not in str(gathered)


def test_ignored_files_come_only_when_named_or_open(folders: Folders) -> None:
    write(folders, ".gitignore", "*.log\n")
    for name in ("unasked.log", "named.log", "open.log"):
        write(folders, name, name)
    gathered = gather(
        folders, [Candidate("unasked.log"), Candidate("named.log", named=True), Candidate("open.log", "open.log")]
    )
    assert list(gathered.snapshot.files) == ["named.log", "open.log"]
    assert gathered.left_out == (LeftOut("unasked.log", "is ignored by git"),)


def test_a_selection_goes_with_its_file(folders: Folders) -> None:
    write(folders, "a.py", "one\r\ntwo\r\n")
    gathered = gather(folders, [Candidate("a.py")], selection=Selection("a.py", 1, 2, "one\r\ntwo"))
    assert gathered.snapshot.selection == Selection("a.py", 1, 2, "one\ntwo")


def test_beyond_the_budget_only_named_files_are_shown(folders: Folders) -> None:
    for name, size in [("a.py", 40), ("b.py", 40), ("c.py", 10), ("named.py", 30)]:
        write(folders, name, "x" * size)
    candidates = [Candidate("a.py"), Candidate("b.py"), Candidate("c.py"), Candidate("named.py", named=True)]
    gathered = gather(folders, candidates, budget=80)
    assert list(gathered.snapshot.files) == ["a.py", "c.py", "named.py"]
    assert all(set(text) == {"x"} for text in gathered.snapshot.files.values())
    assert [left.path for left in gathered.left_out] == ["b.py"]
    assert "80 characters" in gathered.left_out[0].reason
    assert list(gather(folders, candidates, budget=10).snapshot.files) == ["named.py"]
    assert list(gather(folders, candidates, budget=120).snapshot.files) == ["a.py", "b.py", "c.py", "named.py"]


def test_a_name_that_comes_twice_is_one_file(folders: Folders) -> None:
    write(folders, "a.py", "disk")
    gathered = gather(
        folders, [Candidate("a.py"), Candidate("a.py", "buffer"), Candidate("a.py", named=True)], budget=0
    )
    assert gathered.snapshot.files == {"a.py": "buffer"}


def test_files_of_several_folders(tmp_path: Path) -> None:
    folders = Folders((tmp_path / "app", tmp_path / "lib"))
    for root in folders.roots:
        root.mkdir()
        (root / "a.py").write_text(root.name)
    gathered = gather(folders, [Candidate("a.py"), Candidate("lib/a.py")])
    assert gathered.snapshot.files == {"a.py": "app", "lib/a.py": "lib"}
