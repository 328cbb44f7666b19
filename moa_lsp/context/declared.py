"""The encoding that a text file says it is in, where that is said in a way that its own language defines.

Python's coding line (PEP 263), XML's declaration, CSS's `@charset`, HTML's `<meta charset>`, and the mode lines of Vim
and Emacs. What isn't said is never guessed: a wrong guess would come back as a file rewritten in another encoding.
Reading the bytes by what is found here, and comparing, is `files.py`'s.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from pathlib import PurePosixPath

_PYTHON = frozenset({".py", ".pyi", ".pyw"})
_HTML = frozenset({".html", ".htm", ".xhtml"})

_XML = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_CSS = re.compile(rb'@charset "([\w.:-]+)";')
_META = re.compile(rb"""<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# HTML asks for its own charset in the first 1024 bytes.
_META_WITHIN = 1024
_VIM = re.compile(rb"(?:^|\s)(?:vi|vim|ex):\s*.*?\b(?:fileencoding|fenc)=([\w.-]+)")
_EMACS = re.compile(rb"-\*-.*?\bcoding:\s*([\w.-]+).*?-\*-")
_EMACS_VARIABLE = re.compile(rb"^\W*coding:\s*([\w.-]+)")
# Both editors look at a few lines only, Emacs for its list of variables in the last page. In bytes.
_MODE_LINES = 5
_LAST_PAGE = 3000
_LOCAL_VARIABLES = b"Local Variables:"

_EMACS_ENDS = re.compile(r"-(?:unix|dos|mac)$")
# Browsers read these names as windows-1252 (WHATWG, "Encoding").
_ON_THE_WEB = {"ascii": "cp1252", "iso8859-1": "cp1252"}
# With what Python's codecs for escapes would read as another character.
_ASCII = "".join(map(chr, range(0x20, 0x7F))).replace("\\", "") + "\t\r\n\\u0041"


def declared_encoding(data: bytes, name: str) -> str | None:
    """The encoding that a file's bytes declare, by Python's own name for it; `None` where they declare none that
    Python knows and that keeps ASCII as it is. `name` is the file's, for its extension."""
    suffix = PurePosixPath(name).suffix.lower()
    said: bytes | str | None = None
    if suffix in _PYTHON:
        said = _python(data)
    elif found := _XML.match(data):
        said = found[1]
    elif suffix == ".css":
        said = _group(_CSS.match(data))
    elif suffix in _HTML:
        said = _group(_META.search(data[:_META_WITHIN]))
    said = said or _mode_line(data)
    if said is None:
        return None
    known = _known(said if isinstance(said, str) else said.decode("ascii", "replace"))
    return _ON_THE_WEB.get(known, known) if known and suffix in _HTML else known


def _group(found: re.Match[bytes] | None) -> bytes | None:
    return found[1] if found else None


def _python(data: bytes) -> str | None:
    first = b"".join(io.BytesIO(data).readlines(2048)[:2])
    if b"coding" not in first:
        return None
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        return None


def _mode_line(data: bytes) -> bytes | None:
    head, page = data[:_LAST_PAGE].split(b"\n"), data[-_LAST_PAGE:]
    for line in head[:2]:
        if found := _EMACS.search(line):
            return found[1]
    for line in (*head[:_MODE_LINES], *page.split(b"\n")[-_MODE_LINES - 1 :]):
        if found := _VIM.search(line):
            return found[1]
    if (at := page.rfind(_LOCAL_VARIABLES)) >= 0:
        for line in page[at:].split(b"\n")[1:]:
            if found := _EMACS_VARIABLE.search(line):
                return found[1]
    return None


def _known(said: str) -> str | None:
    try:
        # Emacs writes a line end's name behind it, and `latin-2` where Python knows `latin2` only.
        name = codecs.lookup(_EMACS_ENDS.sub("", said.lower()).replace("latin-", "latin")).name
        # Also what is no encoding of text (`hex`), or escapes within ASCII, falls through here.
        return name if _ASCII.encode("ascii").decode(name) == _ASCII else None
    except (LookupError, UnicodeError, ValueError):
        return None
