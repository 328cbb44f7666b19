"""Reading files that no editor has open: bytes to text and back, with nothing lost on the way.

Rules: line ends, a byte order mark and the encoding stay as they are (a language server's usual reading makes `\\n` of
`\\r\\n` and fails on anything but UTF-8: measured). A text is UTF-8, or UTF-16 with its mark, or in the encoding that
it says it is in (`declared.py`), if it goes back into the same bytes. Anything else is refused with a reason, and never
guessed.

Whether a file may be sent at all is `ignore.py`'s to say.
"""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from attrs import frozen

from moa_lsp.context.declared import declared_encoding
from moa_lsp.edits.placing.refused_text import MOST_BYTES

READ_LIMIT = MOST_BYTES
"""Bytes. What may not be written isn't read either; reading stops here, so that a file of any size costs no more memory
than this."""

_UTF8 = "utf-8"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@frozen
class FileText:
    """A file's text without its byte order mark, with its line ends; and how it was written.

    `encoding` is Python's name for it. With a mark, or as UTF-8, every editor reads the file rightly by itself.
    """

    text: str
    encoding: str = _UTF8
    bom: bool = False

    @property
    def plain(self) -> bool:
        """Whether an editor that isn't told the encoding finds it out: UTF-8, or a byte order mark."""
        return self.encoding == _UTF8 or self.bom

    def encode(self, text: str) -> bytes:
        """Another text's bytes, written as this file is. Raises `UnicodeEncodeError` for what the encoding lacks."""
        mark = next((mark for mark, encoding in _MARKS if encoding == self.encoding), b"")
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
    return decode(data, path.name)


def decode(data: bytes, name: str) -> FileText | Unreadable:
    """The text of a file with that name and these bytes; see the rules above."""
    if len(data) > READ_LIMIT:
        return Unreadable(f"is larger than {READ_LIMIT // 1000:,} kB")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return Unreadable("is UTF-32, which is not supported")
    found = _decoded(data, name)
    # UTF-8 text may hold NULs by the letter, but what does is a binary file, or UTF-16 without a mark.
    if isinstance(found, FileText) and "\0" in found.text:
        return Unreadable("is a binary file")
    return found


def _decoded(data: bytes, name: str) -> FileText | Unreadable:
    marked = next((one for one in _MARKS if data.startswith(one[0])), None)
    mark, encoding = marked or (b"", _UTF8)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        if marked:
            return Unreadable(f"is not the {encoding[:6].upper().rstrip('-')} text it says it is")
        text = None
    # What has other characters than ASCII and is UTF-8 all the same, is UTF-8 whatever it says.
    if text is not None and (marked or not text.isascii()):
        return FileText(text, encoding, bool(mark))
    declared = declared_encoding(data, name)
    if declared is None:
        no_text = Unreadable("is not UTF-8 text, and doesn't say what it is")
        return no_text if text is None else FileText(text)
    try:
        text = data.decode(declared)
        whole = text.encode(declared) == data
    except UnicodeError:
        return Unreadable(f"is not the {declared} text it says it is")
    return FileText(text, declared) if whole else Unreadable(f"would come back otherwise than it is ({declared})")


def encoding_of_new(text: str, name: str) -> str:
    """The encoding for a file that doesn't exist yet: the one that its text says, else UTF-8."""
    return declared_encoding(text.encode(_UTF8, "surrogatepass"), name) or _UTF8
