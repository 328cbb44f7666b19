"""Which paths an edit may name, and which of them ask for an explicit yes.

Rules:
- A path is relative to a workspace folder and written with `/`. Whatever could mean another place, on any system, is
  refused with a reason; nothing is silently repaired into a path that the model didn't mean.
- Protected paths are told by name alone, compared as the most careless file system would: casefolded, NFC, without
  invisible characters, trailing dots, blanks and NTFS stream names. `.git` can't be edited at all.

Whether a path leads outside through a link needs the file system and is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from moa_lsp.edits.unseen import unseen_in
from moa_lsp.edits.values import Problem

_SCHEME = re.compile(r"^[a-z][a-z0-9+-]+:", re.IGNORECASE)
_DRIVE = re.compile(r"^[a-z]:", re.IGNORECASE)
_ENCODED = re.compile(r"%(?:2e|2f|5c|00)", re.IGNORECASE)
_STREAM = re.compile(r"::?\$data$", re.IGNORECASE)
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$", re.IGNORECASE)
_EDGES = {"`": "`", '"': '"', "'": "'", "*": "*"}
# NTFS may keep .git under this short name as well.
_GIT = frozenset({".git", "git~1"})

_PROTECTED_FOLDERS = frozenset(
    {".vscode", ".idea", ".zed", ".cursor", ".claude", ".roo", ".devcontainer", ".husky"},
)
_PROTECTED_FILES = frozenset(
    {
        ".envrc",
        ".exrc",
        ".nvim.lua",
        ".nvimrc",
        ".vimrc",
        "moa.toml",
        ".moaignore",
        "agents.md",
        "claude.md",
    }
)


def tidy_path(written: str) -> str | Problem:
    """The path that was written, relative and with `/`; a problem that says why, where it can't be edited.

    Quotes, backticks, asterisks and blanks around it, `./`, doubled slashes and `\\` are tidied up.
    """
    path = _undecorated(written)
    if reason := _refusal(path):
        return Problem(f"{_shown(written)} can't be edited: {reason}", _shown(written))
    segments = [segment for segment in path.replace("\\", "/").split("/") if segment not in ("", ".")]
    return "/".join(segments)


def taken_for(written: str, path: str, line: int) -> tuple[Problem, ...]:
    """The notice that a path was written in a way that another system has, if it was; `path` is the tidy one.

    `line` is where in the reply the edit begins (0-based).
    """
    if "\\" not in written:
        return ()
    message = f"`{_undecorated(written)}` was taken for {path}."
    return (Problem(message, path, notice=True, line=line),)


def full_path(written: str, known: Iterable[str]) -> str | None:
    """The one known path that a tidy path is, or is the end of: a file's name without its folder, say.

    `None` where no known path ends so, or several do. Case counts, and names are compared whole.
    """
    ending = f"/{written}"
    found: set[str] = set()
    for path in known:
        if path == written:
            return path
        if path.endswith(ending):
            found.add(path)
    return found.pop() if len(found) == 1 and written else None


def protected_reason(path: str, open_in_editor: bool = False) -> str | None:
    """Why a tidy path needs a yes of its own before it is written, or `None` where it needs none.

    `open_in_editor` says that the user has the file open; then a dotfile at the root that isn't known to run code
    or to widen rights needs none.
    """
    segments = [_compared(segment) for segment in path.replace("\\", "/").split("/")]
    if is_gits_own(path):
        return "git's own data"
    for segment in segments[:-1]:
        if segment in _PROTECTED_FOLDERS:
            return f"{segment}/ can change what your tools run"
    if any(pair == (".github", "workflows") for pair in pairwise(segments)):
        return ".github/workflows/ runs on your build machines"
    name = segments[-1]
    if name in _PROTECTED_FILES or name in _PROTECTED_FOLDERS or name.endswith(".code-workspace"):
        return f"{name} can change what your tools run or are told"
    if segments[0].startswith(".") and not open_in_editor:
        return f"{segments[0]} is a dotfile at the workspace's root" + (" folder" if len(segments) > 1 else "")
    return None


def is_gits_own(path: str) -> bool:
    """Whether a path, tidy or with its links resolved, lies in a `.git`, however that is written."""
    return any(_compared(segment) in _GIT for segment in path.replace("\\", "/").split("/"))


def _undecorated(written: str) -> str:
    path = written.strip(" \t\r\n")
    while len(path) > 1 and path[0] in _EDGES and path[-1] == _EDGES[path[0]]:
        path = path[1:-1].strip(" \t\r\n")
    return path


def _refusal(path: str) -> str | None:
    """Why this can't be a path to edit. The order matters: the most telling reason first."""
    if not path:
        return "the path is empty."
    if not path.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in path):
        return "the path holds a control character."
    if _DRIVE.match(path):
        return "the path begins with a drive letter; paths are relative to the workspace folder."
    if _SCHEME.match(path):
        return "this is an address, not a path relative to the workspace folder."
    if path.startswith(("\\\\", "//")):
        return "this is a network path; paths are relative to the workspace folder."
    if path.startswith(("/", "\\")):
        return "the path is absolute; paths are relative to the workspace folder."
    if path.startswith("~"):
        return "the path begins with ~, a home folder; paths are relative to the workspace folder."
    if _ENCODED.search(path):
        return "the path holds an encoded dot, slash or NUL."
    segments = path.replace("\\", "/").split("/")
    if ".." in segments:
        return "the path leads upwards with `..`."
    if segments[-1] in ("", "."):
        return "the path names a folder, not a file."
    for segment in segments:
        if reason := _segment_refusal(segment):
            return reason
    if unseen := unseen_in(path):
        return f"the path holds characters that can't be seen ({', '.join(unseen)})."
    return None


def _segment_refusal(segment: str) -> str | None:
    if segment in ("", "."):
        return None
    if _STREAM.search(segment) or ":" in segment:
        return "the path holds a colon, which names a stream or a line, not a file."
    if segment != segment.rstrip(". "):
        return "a name in the path ends in a dot or a blank."
    if _DEVICE.match(segment.split(".", 1)[0].rstrip(" ")):
        return f"{_shown(segment)} names a device on Windows."
    if _compared(segment) in _GIT:
        return "git's own data is never edited."
    return None


def _compared(segment: str) -> str:
    """A name as the most careless file system would compare it."""
    if segment.isascii():
        folded = segment.casefold()
    else:
        visible = "".join(c for c in segment if unicodedata.category(c) != "Cf")
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold())
    return _STREAM.sub("", folded).rstrip(". ")


def _shown(written: str) -> str:
    """The path as a message can hold it: on one line, without control characters, not without end."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in written.strip())
    if not shown:
        return "A file without a name"
    return shown if len(shown) <= 200 else f"{shown[:200]}…"
