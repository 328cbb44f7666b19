"""The values that edits are made of: a block as a model wrote it, a hunk as it stands in a file, a change.

Lines are 0-based and a hunk always covers whole lines, so a hunk's place needs no columns. Text inside the
program has the file's own line ends. Paths are relative to a workspace folder, with `/`.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen


class HunkStatus(StrEnum):
    """How a hunk stands. The names are the wire's."""

    PENDING = "pending"
    APPLIED = "applied"
    REJECTED = "rejected"
    STALE = "stale"


class FileKind(StrEnum):
    """What happens to a file. The names are the wire's."""

    EDIT = "edit"
    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"


@frozen
class Problem:
    """An edit that a reply held and that could not be placed, in words that help a person.

    With `notice` the edit was placed, and this points out what should be looked at before it is applied.
    """

    message: str
    file: str | None = None
    hint: str | None = None
    notice: bool = False


@frozen
class SearchReplace:
    """One SEARCH/REPLACE block as the model wrote it, unescaped. `line` is where in the reply it begins (0-based).

    `alternatives` are the other ways to part the block, should it hold several lines that look like the separator:
    pairs of search and replace, each search longer than the one before. Only the file's text can tell them apart.
    """

    path: str
    search: str
    replace: str
    line: int = 0
    alternatives: tuple[tuple[str, str], ...] = ()


@frozen
class WholeFile:
    """A whole file's new text as the model wrote it, unescaped. `line` is where in the reply it begins (0-based)."""

    path: str
    text: str
    line: int = 0


Block = SearchReplace | WholeFile


@frozen
class Hunk:
    """Lines `start` to `end` (end excluded) hold `old` and are to hold `new`; an insertion has `start == end`.

    `sources` are the names of the architects that proposed it.
    """

    id: str
    start: int
    end: int
    old: str
    new: str
    sources: tuple[str, ...] = ()
    status: HunkStatus = HunkStatus.PENDING


@frozen
class FileChange:
    """What a change does to one file. A created file has one hunk that inserts its text at line 0."""

    path: str
    kind: FileKind = FileKind.EDIT
    new_path: str | None = None
    hunks: tuple[Hunk, ...] = ()


@frozen
class Placement:
    """What came of a reply's blocks: the files they change, and what could not be placed."""

    files: tuple[FileChange, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
