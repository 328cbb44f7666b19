"""Which text is never written into a file, because it can be no source text: binary, or too large to look through.

By the text alone. Where it may be written is `edits/paths.py`'s.
"""

from __future__ import annotations

import re

MOST_BYTES = 1_000_000
"""Bytes in UTF-8. Larger files are data or generated, and alone would be a quarter of a million tokens, more than most
models take; nobody can review one either."""

# Tabs, line ends, form and line feeds and the escape character do stand in sources; the rest of C0 and DEL in binaries.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def text_refusal(text: str) -> str | None:
    """Why this text isn't written into a file, completing "it …"; `None` where it may be."""
    # A character takes four bytes at most, so most texts needn't be encoded to be measured.
    if len(text) * 4 > MOST_BYTES and len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return f"is larger than {MOST_BYTES // 1000:,} kB"
    if found := _CONTROL.search(text):
        return f"holds the control character U+{ord(found[0]):04X} in line {_line(text, found)}, as binary files do"
    if found := _SURROGATE.search(text):
        return f"holds half a character in line {_line(text, found)}, which no file can hold"
    return None


def _line(text: str, found: re.Match[str]) -> int:
    before = text[: found.start()]
    return before.count("\n") + before.count("\r") - before.count("\r\n") + 1
