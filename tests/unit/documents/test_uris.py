"""URIs and paths: spellings that mean the same file, and the way there and back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from moa_lsp.lsp.documents import Documents, key_of, path_of, uri_of
from moa_lsp.lsp.positions import PositionCodec


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("file:///a%20b/c.py", "file:///a b/c.py"),
        ("file:///C%3A/x.py", "file:///c:/x.py"),
        ("file:///C:/x.py", "file:///c%3a/x.py"),
        ("FILE:///w/%C3%A9.py", "file:///w/é.py"),
        ("file://localhost/w/a.py", "file:///w/a.py"),
        ("file:/w/a.py", "file:///w/a.py"),
        ("file://SERVER/share/a.py", "file://server/share/a.py"),
        ("untitled:Untitled%2D1", "untitled:Untitled-1"),
        ("file:///w/a%2Bb.py", "file:///w/a+b.py"),
    ],
)
def test_spellings_of_one_file(one: str, other: str) -> None:
    documents = Documents(PositionCodec())
    document = documents.open(one, "python", 1, "")
    assert documents.get(other) is document
    assert document.uri == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("file:///w/A.py", "file:///w/a.py"),
        ("file:///w/a%2520b", "file:///w/a%20b"),
        ("file:///w/a%FF", "file:///w/a%FE"),
        ("file:///w/a#1", "file:///w/a"),
        ("untitled:a", "file:///a"),
    ],
)
def test_different_files(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.skipif(os.name == "nt", reason="names that Windows can't have")
@pytest.mark.parametrize(
    "name", ["a b.py", "é漢𝄞.py", "100%.py", "a#b?c.py", "a%20b", "it's+[x].py", os.fsdecode(b"\xff.py")]
)
def test_paths_there_and_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("x")
    assert path_of(uri_of(path)) == path
    documents = Documents(PositionCodec())
    document = documents.open(uri_of(path), "python", 1, "")
    assert documents.at(path) is document


@pytest.mark.skipif(os.name == "nt", reason="paths as other systems write them")
def test_an_unescaped_sign_is_part_of_the_path() -> None:
    assert path_of("file:///w/a#b?c.py") == Path("/w/a#b?c.py")


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/w/a.py", "https://a.example/w", "file:///w/a%00b", "", "a.py"]
)
def test_what_names_no_path(uri: str) -> None:
    assert path_of(uri) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows knows other hosts' files")
def test_another_hosts_file_is_no_path_here() -> None:
    assert path_of("file://server/share/a.py") is None


def test_relative_paths_have_no_uri() -> None:
    with pytest.raises(ValueError, match="relative"):
        uri_of(Path("a.py"))
