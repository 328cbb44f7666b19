"""Reads the two settings files. Bytes come in as the editors' own text would: without a byte order mark, line ends as
they are.

A project's `moa.toml` is read only where it really is: a link that leads out of the workspace folder isn't followed,
and what is no plain file isn't opened (a FIFO would never end). What can't be read is said, not raised. Never here:
what the text means.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from moa_lsp.settings.layers import LONGEST_TEXT, LayerText, Unreadable

USER_FILE = "config.toml"
PROJECT_FILE = "moa.toml"


def read_user(config_dir: Path) -> LayerText:
    """The user's own settings, in the folder that `folders.py` names. Links are the user's own business and are
    followed.
    """
    return _read(config_dir / USER_FILE)


def read_project(folder: Path) -> LayerText:
    """The settings at a workspace folder's root."""
    file = folder / PROJECT_FILE
    try:
        if not os.path.lexists(file):
            return None
        resolved, root = file.resolve(strict=True), folder.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        return Unreadable(f"{PROJECT_FILE} can't be read: {_why(error)}.")
    if not resolved.is_relative_to(root):
        return Unreadable(f"{PROJECT_FILE} is not read: it is a link that leads out of the workspace folder.")
    return _read(resolved, follow=False)


def _read(file: Path, *, follow: bool = True) -> LayerText:
    # Both flags are missing on Windows, which has no FIFOs in folders and where making a link takes special rights.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(file, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(f"{file.name} can't be read: {_why(error)}.")
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return Unreadable(f"{file.name} is not read: it is no plain file.")
        with open(descriptor, "rb", closefd=False) as opened:
            # A code point takes at most four bytes, so what is longer than this is too long for `resolve` as well.
            data = opened.read(4 * LONGEST_TEXT + 1)
    except OSError as error:
        return Unreadable(f"{file.name} can't be read: {_why(error)}.")
    finally:
        os.close(descriptor)
    if len(data) > 4 * LONGEST_TEXT:
        return Unreadable(f"{file.name} is not read: it is too long.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable(f"{file.name} is not read: it is not UTF-8 text.")


def _why(error: Exception) -> str:
    """The system's own words, without the path, which the reader of the message knows."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "its links lead in a circle"
