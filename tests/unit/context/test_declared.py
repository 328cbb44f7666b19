"""Files in other encodings than UTF-8: read by what they say they are, and never by a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from moa_lsp.context.declared import declared_encoding
from moa_lsp.context.files import FileText, Unreadable, encoding_of_new, read_file


@pytest.mark.parametrize(
    ("name", "head", "encoding"),
    [
        ("a.py", "# -*- coding: latin-1 -*-\n", "iso8859-1"),
        ("a.py", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
        ("a.xml", "<?xml version='1.0' encoding='ISO-8859-15'?>\n<a/>\n", "iso8859-15"),
        ("a.svg", '<?xml version="1.0" encoding="windows-1251"?>\n', "cp1251"),
        ("a.css", '@charset "koi8-r";\n', "koi8-r"),
        ("a.html", "<html><head><meta charset=shift_jis></head>\n", "shift_jis"),
        ("a.html", '<meta http-equiv="Content-Type" content="text/html; charset=gbk">\n', "gbk"),
        ("a.html", "<meta charset='iso-8859-1'>\n", "cp1252"),
        ("a.tex", "% -*- mode: latex; coding: latin-1-unix -*-\n", "iso8859-1"),
        ("a.c", "/* vim: sw=4 fenc=euc-jp */\n", "euc_jp"),
        ("a.txt", "words\n" * 400 + "Local Variables:\ncoding: latin-2\nEnd:\n", "iso8859-2"),
        ("a.txt", "words\n" * 400 + "vim: fileencoding=latin9\n", "iso8859-15"),
    ],
)
def test_what_a_file_says_it_is_in(tmp_path: Path, name: str, head: str, encoding: str) -> None:
    own = {"cp1251": "ж", "koi8-r": "ж", "shift_jis": "漢", "gbk": "漢", "euc_jp": "漢", "iso8859-2": "ł"}
    text = f"{head}{own.get(encoding, 'é')}\r\n{head if 'Local' in head or 'words' in head else ''}"
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    assert read_file(path) == FileText(text, encoding)
    assert FileText(text, encoding).encode(text) == text.encode(encoding)
    assert encoding_of_new(text, name) == encoding
    assert not FileText(text, encoding).plain


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.py", "# -*- coding: hex -*-\n"),
        ("a.py", "# -*- coding: no-such-thing -*-\n"),
        ("a.py", "# coding: utf-7\n"),
        ("a.py", "# coding: unicode_escape\n"),
        ("a.py", "x = 1\ny = 2\n# coding: latin-1\n"),
        ("a.txt", "<meta charset='latin-1'>\n"),
        ("a.css", ' @charset "latin-1";\n'),
        ("a.txt", "words\n" * 50 + "vim: fileencoding=latin1\n" + "words\n" * 50),
        ("a.xml", "<?xml version='1.0' encoding='utf-16'?>\n"),
    ],
)
def test_what_says_nothing_that_holds(tmp_path: Path, name: str, head: str) -> None:
    data = head.encode() + b"\xe9\n"
    assert declared_encoding(data, name) is None
    (tmp_path / name).write_bytes(data)
    assert read_file(tmp_path / name) == Unreadable("is not UTF-8 text, and doesn't say what it is")


def test_what_is_utf8_is_that_whatever_it_says_and_ascii_goes_on_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\né\n".encode())
    assert read_file(path) == FileText("# coding: latin-1\né\n")
    path.write_bytes(b"# coding: latin-1\n")
    assert read_file(path) == FileText("# coding: latin-1\n", "iso8859-1")


def test_bytes_that_the_encoding_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"# coding: ascii\n\xe9\n")
    assert read_file(path) == Unreadable("is not the ascii text it says it is")
    # Not every escape sequence that can be read is the one that would be written.
    path.write_bytes(b"# coding: iso2022_jp\n\x1b(B\x1b$B4A\x1b(B\n")
    found = read_file(path)
    assert isinstance(found, Unreadable)
    assert "otherwise" in found.reason
