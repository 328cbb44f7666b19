"""What applying a change would make of its files, as texts: for an editor's own view of differences.

Nothing is written, and nothing asked: who says yes to which file is `writing.py`'s, whose plans write the same texts.
Where each hunk stands is `changes.py`'s.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from attrs import frozen

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus


@frozen
class HunkPreview:
    """Where a pending hunk's new text would stand: lines of the text afterwards (0-based, `end` excluded); `start` and
    `end` are one line where it only takes lines away."""

    id: str
    start: int
    end: int


@frozen
class FilePreview:
    """One file of a change: its text now and its text with all its pending hunks applied, `None` where there is no such
    file. Where nothing of it is pending the two are one."""

    file: FileChange
    before: str | None
    after: str | None
    hunks: tuple[HunkPreview, ...]


def previews(change: Change, align: Callable[[str], str | None]) -> list[FilePreview]:
    """The files of a fresh change. `align` gives a file's text now, in whose lines the hunks stand."""
    return [_preview(file, align(file.where)) for file in change.files]


def _preview(file: FileChange, before: str | None) -> FilePreview:
    pending = tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.PENDING)
    if not pending:
        return FilePreview(file, before, before, ())
    if file.kind is FileKind.DELETE:
        return FilePreview(file, before, None, tuple(HunkPreview(hunk.id, 0, 0) for hunk in pending))
    after = hunk_text_after(before or "", pending)
    return FilePreview(file, before, after, tuple(_places(before or "", after, pending)))


def _places(before: str, after: str, hunks: Sequence[Hunk]) -> Iterable[HunkPreview]:
    """The hunks' places in the text after all of them. Counted in code points first: a hunk without an end of its last
    line, or one that meets half of a line end, makes other lines than it has by itself."""
    starts_before, starts = _starts(before), _starts(after)
    moved = 0
    for hunk in sorted(hunks, key=lambda one: (one.start, one.end)):
        at = starts_before[hunk.start] + moved
        moved += len(hunk.new) - len(hunk.old)
        first = _line(starts, at)
        yield HunkPreview(hunk.id, first, _line(starts, at + len(hunk.new) - 1) + 1 if hunk.new else first)


def _starts(text: str) -> list[int]:
    """Where each line begins, in code points, and last where the text ends."""
    return list(accumulate(map(len, split_lines(text)), initial=0))


def _line(starts: Sequence[int], at: int) -> int:
    """The line that holds a place; that past the last one for the text's end."""
    return bisect_right(starts, at) - 1
