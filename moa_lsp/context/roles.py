"""The library of roles: texts that tell an architect what to look at most, by name. The package's own, the user's
(`roles/NAME.md` in the configuration folder), and a project's (`.moa/roles/NAME.md` at a workspace folder's root).

Rules:
- A later one replaces an earlier one of its name; but a project that isn't trusted only adds. Its text is no more than
  what any `role` in its `moa.toml` is: whoever writes it into a prompt fences and escapes it.
- Links are the user's own business in their own folder. In a project none is followed, not that of a folder either: one
  could lead to a file that is never sent.
- What can't be taken is said and left out, and is never an error.

Who has which role is the settings' and the discussion's matter.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from moa_lsp.edits.unseen import unseen_in

USER_FOLDER = "roles"
PROJECT_FOLDER = ".moa/roles"
SUFFIX = ".md"
LONGEST = 16 * 1024
"""Bytes in the longest file of a role."""
MOST = 200
"""How many files of one folder are looked at, in the order of their names."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_HEADING = re.compile(r"#[ \t]+\S[^\n]*\n?")


class Source(StrEnum):
    """Where a role comes from."""

    BUILT_IN = "built-in"
    USER = "user"
    PROJECT = "project"


@frozen
class Role:
    """`text` is what the architect is told, without the heading that only names it."""

    name: str
    text: str
    source: Source


@frozen
class RoleProblem:
    """Why a file, or a folder of them, gives no role; `message` is a sentence for the user."""

    file: Path
    message: str


@frozen
class Library:
    """The roles that there are, by name, in alphabetical order, and what was left out."""

    roles: tuple[Role, ...] = ()
    problems: tuple[RoleProblem, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(role.name for role in self.roles)

    def text_of(self, role: str) -> str:
        """What a role means: the text of the library's role of that name, whatever the name's case, else the words
        themselves."""
        name = role.strip().lower()
        return next((one.text for one in self.roles if one.name == name), role)


def read_library(built_in: Mapping[str, str], config: Path | None, root: Path | None, *, trusted: bool) -> Library:
    """Reads the library as it is now. `built_in` are the package's own files' texts by name (`prompts.role_texts`),
    `config` is the user's configuration folder, and `root` a workspace folder, which the user may have `trusted`."""
    found = {name: Role(name, _without_heading(text), Source.BUILT_IN) for name, text in built_in.items()}
    problems: list[RoleProblem] = []

    def take(folder: Path, source: Source) -> None:
        for role in _read_folder(folder, source):
            if isinstance(role, RoleProblem):
                problems.append(role)
            elif source is Source.PROJECT and not trusted and role.name in found:
                message = (
                    f"The role {role.name} of this project is not in force, since there is one of that name and the"
                    " folder isn't trusted. Trust it, or call the role otherwise."
                )
                problems.append(RoleProblem(folder / f"{role.name}{SUFFIX}", message))
            else:
                found[role.name] = role

    if config is not None:
        take(config / USER_FOLDER, Source.USER)
    if root is not None:
        take(root / PROJECT_FOLDER, Source.PROJECT)
    return Library(tuple(found[name] for name in sorted(found)), tuple(problems))


def _read_folder(folder: Path, source: Source) -> Iterator[Role | RoleProblem]:
    try:
        if source is Source.PROJECT and _is_linked(folder):
            yield RoleProblem(folder, f"The roles in {PROJECT_FOLDER} are not read: the way there is a link.")
            return
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() == SUFFIX)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, RuntimeError) as error:
        yield RoleProblem(folder, f"The roles in {folder.name} can't be read: {_why(error)}.")
        return
    for file in files[:MOST]:
        text = _read_file(file, follow=source is Source.USER) if _NAME.fullmatch(file.stem) else _Refused(_MISNAMED)
        if not isinstance(text, _Refused):
            text = _checked(text, source)
        if isinstance(text, _Refused):
            yield RoleProblem(file, f"{_shown(file.name)} is not read as a role: {text.reason}.")
        else:
            yield Role(file.stem, text, source)
    if len(files) > MOST:
        yield RoleProblem(folder, f"Only the first {MOST} roles in {folder.name} are read, of {len(files)}.")


@frozen
class _Refused:
    """`reason` completes "it is not read: …"."""

    reason: str


_MISNAMED = "its name may hold small letters, digits and hyphens only"


def _is_linked(folder: Path) -> bool:
    """Whether the last two folders of a path, or one of them, are links. Those above are the user's own."""
    return folder.resolve(strict=True) != folder.parent.parent.resolve(strict=True) / folder.parent.name / folder.name


def _read_file(file: Path, *, follow: bool) -> str | _Refused:
    # The last two are missing on Windows, which has no FIFOs in folders and where making a link takes special rights.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        if not follow and file.is_symlink():
            return _Refused("it is a link")
        descriptor = os.open(file, flags)
        with os.fdopen(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _Refused("it is no plain file")
            data = opened.read(LONGEST + 1)
    except OSError as error:
        return _Refused(f"it can't be opened ({_why(error)})")
    if len(data) > LONGEST:
        return _Refused(f"it is longer than {LONGEST // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _Refused("it is not UTF-8 text")


def _checked(text: str, source: Source) -> str | _Refused:
    """The role's words, or why they aren't taken."""
    text = _without_heading(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text:
        return _Refused("it says nothing")
    if any(unicodedata.category(one) == "Cc" and one not in "\n\t" for one in text):
        return _Refused("it holds control characters")
    # The user sees what they wrote themselves, and may write in a script that needs joiners.
    if source is Source.PROJECT and (unseen := unseen_in(text)):
        return _Refused(f"it holds characters that can't be seen ({', '.join(unseen[:5])})")
    return text


def _without_heading(text: str) -> str:
    text = text.strip()
    return text[found.end() :].strip() if (found := _HEADING.match(text)) else text


def _shown(name: str) -> str:
    return "".join(one if one.isprintable() else "…" for one in name)[:80]


def _why(error: Exception) -> str:
    """The system's own words, without the path, which the reader of the message knows."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "its links lead in a circle"
