"""Reading files that no editor has open: bytes to text and back, with nothing lost on the way.

Rules: line ends, a byte order mark and the encoding stay as they are (a language server's usual reading makes `\\n` of
`\\r\\n` and fails on anything but UTF-8: measured). What is no text, or text in an encoding that the bytes don't tell,
is refused with a reason and never guessed: a wrong guess would come back as a file rewritten in another encoding.

Whether a file may be sent at all is `ignore.py`'s to say.
"""

from __future__ import annotations

import codecs
import stat
from pathlib import Path
from typing import Literal

from attrs import frozen

READ_LIMIT = 1_000_000
"""Bytes. Larger files are data or generated, and alone would be a quarter of a million tokens, more than most models
take; reading stops here, so that a file of any size costs no more memory than this."""

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be"]

_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@frozen
class FileText:
    """A file's text without its byte order mark, with its line ends; and how it was written."""

    text: str
    encoding: Encoding = "utf-8"
    bom: bool = False

    def encode(self, text: str) -> bytes:
        """Another text's bytes, written as this file is. Raises `UnicodeEncodeError` for a lone surrogate."""
        mark = next(mark for mark, encoding in _MARKS if encoding == self.encoding)
        return (mark if self.bom else b"") + text.encode(self.encoding)


@frozen
class Unreadable:
    """A file that exists but whose text can't be had. `reason` completes "it …", for the user."""

    reason: str


def read_file(path: Path) -> FileText | Unreadable | None:
    """The text of a file on disk; `None` where there is no such file. Links are followed: whether the way leads outside
    the workspace is for the caller to check first."""
    try:
        # Opening a pipe would wait for its other end, and a device may do anything.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Unreadable("is a folder")
        if not stat.S_ISREG(mode):
            return Unreadable("is no ordinary file")
        with path.open("rb") as file:
            data = file.read(READ_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        return Unreadable("has a name that can be no file's")
    except OSError as error:
        return Unreadable(f"can't be read ({error.strerror or type(error).__name__})")
    return decode(data)


def decode(data: bytes) -> FileText | Unreadable:
    """A file's bytes as text; see the rules above."""
    if len(data) > READ_LIMIT:
        return Unreadable(f"is larger than {READ_LIMIT // 1000:,} kB")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Unreadable("is UTF-32, which is not supported")
    unmarked: tuple[bytes, Encoding] = (b"", "utf-8")
    mark, encoding = next((marked for marked in _MARKS if data.startswith(marked[0])), unmarked)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return Unreadable("is not UTF-8 text" if encoding == "utf-8" else "is not the UTF-16 text it says it is")
    # UTF-8 text may hold NULs by the letter, but what does is a binary file, or UTF-16 without a mark.
    if "\0" in text:
        return Unreadable("is a binary file")
    return FileText(text, encoding, bool(mark))
