"""What the editor is about to be asked to write, as values: how each file reads before it, and is to read after it.

Made by `writing.py` (apply and undo) and `checkpoints.py` (restore), carried out by `lsp/apply.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import common_ends, split_lines
from moa_lsp.edits.values import FileKind, Hunk, Problem

BYTE_ORDER_MARK = "\ufeff"


@frozen
class FilePlan:
    """One file's part. `hunks` are in the lines of `before`; the renaming itself may be among them.

    `path` is where the text is now, `new_path` where a renamed file is to be. `after` is `None` where the file is
    deleted. `of` is the path of the `FileChange` that this carries out. `encoding` and `bom` say how a file was written
    that is created again.
    """

    path: str
    kind: FileKind
    hunks: tuple[Hunk, ...]
    before: str | None
    after: str | None
    of: str
    new_path: str | None = None
    encoding: str = "utf-8"
    bom: bool = False

    @property
    def edits(self) -> tuple[Hunk, ...]:
        """The hunks that replace text."""
        return tuple(hunk for hunk in self.hunks if not hunk.renames)

    @property
    def lands(self) -> str:
        """Where the file is afterwards."""
        return self.new_path or self.path

    @property
    def texts_before(self) -> Mapping[str, str | None]:
        """Path to text, of each path that is touched."""
        return {**({self.new_path: None} if self.new_path else {}), self.path: self.before}

    @property
    def texts_after(self) -> Mapping[str, str | None]:
        return {**({self.path: None} if self.new_path else {}), self.lands: self.after}


@frozen
class Plan:
    """One `workspace/applyEdit` to be. `change` is the change that is applied, or with `undo` taken back; `None` for a
    restore, which may move hunks of all the changes in `moves`. `left` says what is left out of it, and why."""

    title: str
    files: tuple[FilePlan, ...]
    change: Change | None = None
    undo: bool = False
    left: tuple[Problem, ...] = ()
    moves: tuple[Change, ...] = ()

    @property
    def texts_before(self) -> Mapping[str, str | None]:
        return {path: text for part in self.files for path, text in part.texts_before.items()}

    @property
    def texts_after(self) -> Mapping[str, str | None]:
        return {path: text for part in self.files for path, text in part.texts_after.items()}


def in_order(files: list[FilePlan]) -> tuple[FilePlan, ...]:
    """The order in which editors take them: created files first."""
    return tuple(sorted(files, key=lambda one: one.kind is not FileKind.CREATE))


def reads(now: str | None, wanted: str | None) -> bool:
    """Whether that text is the one wanted. Where a byte order mark is text, and where it is the file's own, depends on
    who opened it."""
    if now is None or wanted is None:
        return now is wanted
    return now == wanted or now.removeprefix(BYTE_ORDER_MARK) == wanted.removeprefix(BYTE_ORDER_MARK)


def first_difference(ours: str, theirs: str) -> int:
    """The first line in which two texts differ, 0-based."""
    return common_ends(split_lines(ours), split_lines(theirs))[0]
