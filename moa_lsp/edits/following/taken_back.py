"""Tells the editor's own undo of applied hunks, and its redo, from other edits.

Rules:
- Undone is what an edit did that did nothing else: the text after it is the text before it with some applied hunks' old
  lines in the place of their new ones, and no other line differs. So nothing is looked for, and many hunks may be
  undone at once. Where the same text comes of other hunks too, nobody can tell which, and all stay as they are.
- An insertion is undone only where the lines that it was put in between meet again (`Hunk.between`).
- Redone is the same the other way round, and only for a hunk that is pending since such an undo (`Hunk.undone`).
- Any other edit leaves an applied hunk applied, whatever it makes of its lines: that some read as the old ones did
  isn't enough to know them by.

Created and deleted files aren't told of here, nor are renamings. What the editor was asked to write is no undo: which
that is, the caller knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from moa_lsp.edits.following.follow import apart, follow_written, put_back
from moa_lsp.edits.following.follow_insertion import stands_between
from moa_lsp.edits.following.line_edit import TextEdit, line_edit, stands_at
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

_KINDS = (FileKind.EDIT, FileKind.RENAME)
_Place = tuple[int, int, str, str, HunkStatus]
_Found = tuple[Hunk, int]


@frozen
class Turned:
    """Hunks that an edit undid or redid. `written` are what it put into the text before it, `now` maps each hunk's
    place there to the line at which it stands after it."""

    written: tuple[Hunk, ...]
    now: Mapping[_Place, int]


def may_turn(file: FileChange) -> bool:
    """Whether the editor could undo or redo any of the file's hunks."""
    return any(map(_may_turn, _hunks(file)))


def turned(
    files: Iterable[FileChange], before: list[str], after: Sequence[str], edits: Sequence[TextEdit] | None = None
) -> Turned | None:
    """The hunks of these, all in one text, that were undone or redone when its lines `before` became those `after`;
    `None` where that was something else, or can't be told. `edits` are those that did it, where they are known."""
    known: dict[_Place, Hunk] = {}
    # A keystroke mustn't be compared with a long text where it's nowhere near a hunk.
    edit = line_edit(edits[0], after) if edits and len(edits) == 1 else None
    for hunk in (one for file in files for one in _hunks(file) if _may_turn(one)):
        stood = hunk.new if hunk.status is HunkStatus.APPLIED else hunk.old
        touched = edit is None or (hunk.start <= edit.end and edit.start <= hunk.end)
        if touched and stands_at(stood, before, hunk.start) == hunk.end:
            known.setdefault(_place(hunk), hunk)
    if not known:
        return None
    found = _explained(sorted(known.values(), key=lambda one: (one.start, one.end)), before, [*after])
    if not found:
        return None
    written = (evolve(h, old=h.new, new=h.old) if h.status is HunkStatus.APPLIED else h for h, _ in found)
    return Turned(tuple(written), {_place(hunk): start for hunk, start in found})


def file_turned(was: FileChange, file: FileChange, what: Turned, after: Sequence[str]) -> FileChange:
    """The file after that was undone or redone; `was` is how it stood in the text before, `file` as it was followed."""
    if file.kind not in _KINDS:
        return file
    others = [hunk for hunk in was.hunks if _place(hunk) not in what.now]
    followed = {hunk.id: hunk for hunk in follow_written(others, what.written, after, merging=False)}
    hunks = [followed.get(hunk.id) or _turned(hunk, what.now[_place(hunk)], after) for hunk in was.hunks]
    return evolve(file, hunks=apart(hunks))


def _hunks(file: FileChange) -> Collection[Hunk]:
    return [hunk for hunk in file.hunks if not hunk.renames] if file.kind in _KINDS else ()


def _may_turn(hunk: Hunk) -> bool:
    return hunk.status is HunkStatus.APPLIED or (hunk.undone and hunk.status is HunkStatus.PENDING)


def _place(hunk: Hunk) -> _Place:
    return hunk.start, hunk.end, hunk.old, hunk.new, hunk.status


def _explained(hunks: Sequence[Hunk], before: list[str], after: list[str]) -> Sequence[_Found]:
    """Those of the hunks, from the top, that make the one text the other, each with its first line then; none where
    there's more than one answer."""
    # By how many lines were gone through and by how many the text has grown: the hunks turned until then, `None` where
    # there are several ways to get there.
    ways: dict[tuple[int, int], tuple[_Found, ...] | None] = {(0, 0): ()}
    for hunk in hunks:
        lines = split_lines(_other(hunk))
        on: list[tuple[tuple[int, int], tuple[_Found, ...] | None]] = []
        for (at, delta), found in ways.items():
            start = hunk.start + delta
            if at > hunk.start:
                on.append(((at, delta), found))
            elif before[at : hunk.start] == after[at + delta : start]:
                on.append(((hunk.start, delta), found))
                if after[start : start + len(lines)] == lines and _fits(hunk, start, after):
                    beyond = (hunk.end, start + len(lines) - hunk.end)
                    on.append((beyond, found if found is None else (*found, (hunk, start))))
        keys = Counter(key for key, _ in on)
        ways = {key: found if keys[key] == 1 else None for key, found in on}
    size = len(after) - len(before)
    ends = [found for (at, delta), found in ways.items() if delta == size and before[at:] == after[at + delta :]]
    return (ends[0] or ()) if len(ends) == 1 else ()


def _other(hunk: Hunk) -> str:
    """What stands at the hunk's place once it is turned."""
    return hunk.old if hunk.status is HunkStatus.APPLIED else hunk.new


def _fits(hunk: Hunk, start: int, after: Sequence[str]) -> bool:
    return bool(hunk.old) or hunk.status is HunkStatus.PENDING or stands_between(hunk, start, after)


def _turned(hunk: Hunk, start: int, after: Sequence[str]) -> Hunk:
    """The hunk on the other side, beginning at that line."""
    end = start + len(split_lines(_other(hunk)))
    if hunk.status is HunkStatus.PENDING:
        return evolve(hunk, start=start, end=end, status=HunkStatus.APPLIED, undone=False)
    return put_back(evolve(hunk, start=start, end=end, status=HunkStatus.PENDING, undone=True), after)
