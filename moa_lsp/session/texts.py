"""What the session needs to know of the workspace's files: their text as it stands. `lsp/buffers.py` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Texts(Protocol):
    """The text of the workspace's files as it stands: of the open buffer, else of the file."""

    def current(self, path: str) -> str | None:
        """The text now, or `None` where there is no such file."""
        ...

    def refusal(self, path: str) -> str | None:
        """Why this path may not be edited: it leads outside, is no text, is too large. `None` where it may."""
        ...

    def names(self, path: str) -> Sequence[str]:
        """What the file is called in its own workspace folder: as it is written, and with every link resolved."""
        ...

    def is_open(self, path: str) -> bool: ...

    def exists(self, path: str) -> bool:
        """Whether anything bears that name: an open document, a file of whatever kind, a folder. An empty document
        that was never saved is nothing yet, and has no text."""
        ...

    def mark(self, path: str) -> str:
        """The byte order mark that the file begins with on disk and its text here doesn't; mostly none."""
        ...
