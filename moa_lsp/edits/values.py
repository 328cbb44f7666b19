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


class Settled(StrEnum):
    """What the user decided about a hunk where architects differed. The names are the wire's."""

    TAKEN = "taken"
    AGAINST = "against"


class FileKind(StrEnum):
    """What happens to a file. The names are the wire's."""

    EDIT = "edit"
    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"


class Form(StrEnum):
    """The forms in which models write that lines are to be replaced, in the words that name what is searched."""

    SEARCH_REPLACE = "the SEARCH text"
    DIFF = "the old text of this hunk"
    PATCH = "the old text of this chunk"


@frozen
class Problem:
    """An edit that a reply held and that could not be placed, in words that help a person.

    `line` is where in the reply it begins, `near` the lines of the file that come closest (both 0-based, the last
    one excluded). With `notice` the edit was placed, and this points out what should be looked at before it is applied.
    With `final` nothing that could be written in its place would be: it is made already, or nothing may be.
    """

    message: str
    file: str | None = None
    hint: str | None = None
    notice: bool = False
    line: int | None = None
    near: tuple[int, int] | None = None
    final: bool = False


@frozen
class Near:
    """Where a model says that its lines stand. Models count badly, so this only ever chooses between equal places.

    `line` is a 0-based line of the file as it was. `under` are lines within whose block the text stands, outermost
    first, as in `@@ class Shop` and `@@     def price(self):`. `at_end` says that the text ends the file.
    """

    line: int | None = None
    under: tuple[str, ...] = ()
    at_end: bool = False


@frozen
class Replace:
    """Lines to be found in a file and what they become, as the model wrote them, unescaped.

    An empty `search` creates the file; with `near.at_end` it adds to its end. `line` is where in the reply the block
    begins (0-based). `alternatives` are the other readings of the block, pairs of search and replace, in the order in
    which they are tried after the first; only the file's text can tell which is meant. `form` says in what form it
    was written, for people.
    """

    path: str
    search: str
    replace: str
    line: int = 0
    alternatives: tuple[tuple[str, str], ...] = ()
    near: Near = Near()
    form: Form = Form.SEARCH_REPLACE


@frozen
class WholeFile:
    """A whole file's new text as the model wrote it, unescaped. `line` is where in the reply it begins (0-based)."""

    path: str
    text: str
    line: int = 0


@frozen
class DeleteFile:
    """The file is to go. `line` is where in the reply that is said (0-based).

    `text` is what the file is believed to hold, where the form says it (a diff does); it goes only if it holds that.
    """

    path: str
    line: int = 0
    text: str | None = None


@frozen
class RenameFile:
    """The file is to be called `new_path`. `line` is where in the reply that is said (0-based)."""

    path: str
    new_path: str
    line: int = 0


Block = Replace | WholeFile | DeleteFile | RenameFile


@frozen
class Hunk:
    """Lines `start` to `end` (end excluded) hold `old` and are to hold `new`; an insertion has `start == end`.

    `sources` are the names of the architects that proposed it, `blocks` the lines of the reply at which the blocks
    begin that it came from (0-based).

    `meant` is what `old` and `new` were before the user's own edits within these lines were merged into them; `None`
    where nothing was merged. `between` are the lines that an insertion stands between, with their ends but without a
    byte order mark, an empty one at either end of the text, and its `meant` those it was proposed between; `None` where
    nobody has looked. `lost` is the line that an insertion is to come before, while that line is gone.

    `unsure` is set on a stale hunk that may stand in either of several like places: what stood above and below it
    where this can't be told, while it could.

    `undone` says that it was applied, until the editor's own undo took it back: then a redo applies it again.

    `settled` is what the user decided about it where architects differ (`None`: nothing). One that was decided against
    is rejected, whoever was decided for.
    """

    id: str
    start: int
    end: int
    old: str
    new: str
    sources: tuple[str, ...] = ()
    status: HunkStatus = HunkStatus.PENDING
    blocks: tuple[int, ...] = ()
    meant: tuple[str, str] | None = None
    between: tuple[str, str] | None = None
    lost: str | None = None
    unsure: tuple[str, str] | None = None
    undone: bool = False
    settled: Settled | None = None

    @property
    def renames(self) -> bool:
        """Whether this stands for the renaming of its file: then it neither takes nor adds text."""
        return not self.old and not self.new


@frozen
class FileChange:
    """What a change does to one file.

    A created file has one hunk that inserts its text at line 0, a deleted one a hunk that holds all its lines. A
    renamed file's first hunk is the renaming itself (`Hunk.renames`); the others are in the lines of its text.
    """

    path: str
    kind: FileKind = FileKind.EDIT
    new_path: str | None = None
    hunks: tuple[Hunk, ...] = ()

    @property
    def where(self) -> str:
        """The path under which the text that its hunks stand in is to be found now."""
        if self.new_path is None:  # of many hunks this is asked for each
            return self.path
        renamed = any(hunk.renames and hunk.status is HunkStatus.APPLIED for hunk in self.hunks)
        return self.new_path if renamed else self.path


@frozen
class Placement:
    """What came of a reply's blocks: the files they change, and what could not be placed."""

    files: tuple[FileChange, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
