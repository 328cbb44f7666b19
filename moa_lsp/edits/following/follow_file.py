"""What becomes of a file's part of a change when its text moves, or the file itself comes, goes or gets another name.

Rules:
- What creates a file is pending while nothing is there, and stale as soon as anything is.
- What deletes a file is pending while its text is what it was when that was proposed: any edit by the user makes it
  stale, and nothing is merged.
- What renames a file is pending while the file is there and nothing bears the new name.
- All other hunks follow the text (`follow.py`). Where there's no text they are stale and keep their places, for when
  it comes back.
- A file of a change that the user renames over another of its files is one with that.
- The file of a change goes along when the user renames it, or a folder above it. A file that is to be created does so
  with its folder only, as does the name that a file is to get.

Only pending and stale hunks change their status. A rejected one is followed too, so that it can be taken up again where
its lines stand. What is on the disk is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from moa_lsp.edits.following.follow import (
    TextEdit,
    anchored,
    apart,
    follow,
    follow_replacement,
    follow_whole,
    follow_written,
    taken_up,
)
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

_OPEN = (HunkStatus.PENDING, HunkStatus.STALE)


def is_to_create(file: FileChange) -> bool:
    """Whether the file is one that is still to be created: as soon as there is a file, it no longer fits."""
    return file.kind is FileKind.CREATE and all(hunk.status is not HunkStatus.APPLIED for hunk in file.hunks)


def file_proposed(file: FileChange, text: str | None) -> FileChange:
    """A file's new hunks, with what following them takes; `text` is what they were placed in."""
    return evolve(file, hunks=anchored(file.hunks, split_lines(text or "")))


def file_edited(file: FileChange, edit: TextEdit, lines_after: Sequence[str], merging: bool = True) -> FileChange:
    """The file after one edit of its open document, as in `follow`. What creates a file is `file_replaced`'s: an edit
    doesn't tell whether there is one now."""
    if file.kind is FileKind.DELETE:
        return evolve(file, hunks=tuple(follow_whole(hunk, lines_after) for hunk in file.hunks))
    return evolve(file, hunks=follow(file.hunks, edit, lines_after, merging))


def file_replaced(
    file: FileChange,
    before: str | None,
    after: str | None,
    there: bool,
    merging: bool = True,
    written: Sequence[Hunk] | None = None,
) -> FileChange:
    """The file after its whole text became another one, came or went.

    `before` is the last text there was, which the hunks stand in; `after` the text now, `None` where there's none that
    can be read; `there` whether there is anything of that name. `written` are the hunks that made the one text the
    other, where that is known.
    """
    if is_to_create(file):
        return _fits(file, not there)
    if after is None:
        return evolve(file, hunks=tuple(hunk if hunk.renames else _standing(hunk, False) for hunk in file.hunks))
    lines = split_lines(after)
    if file.kind is FileKind.DELETE:
        return evolve(file, hunks=tuple(follow_whole(hunk, lines) for hunk in file.hunks))
    if before is None:
        return evolve(file, hunks=tuple(_standing(hunk, _stands(hunk, lines)) for hunk in file.hunks))
    if written is not None:
        return evolve(file, hunks=follow_written(file.hunks, written, lines, merging))
    return evolve(file, hunks=follow_replacement(file.hunks, before, after, merging))


def renaming_judged(file: FileChange, there: bool, taken: bool) -> FileChange:
    """The file with its renaming pending or stale: by whether the file is there, and whether its new name is taken."""
    if file.kind is not FileKind.RENAME:
        return file
    hunks = tuple(_standing(hunk, there and not taken) if hunk.renames else hunk for hunk in file.hunks)
    return evolve(file, hunks=hunks)


def file_taken_up(file: FileChange, hunks: Collection[str], text: str | None, there: bool) -> FileChange:
    """The file with these rejected hunks open again: pending where their lines stand in the text (`None`: there is
    none), else stale. `there` is whether there is anything of that name; renamings are `renaming_judged`'s."""
    opened = (evolve(h, status=HunkStatus.STALE) if h.id in hunks else h for h in file.hunks)
    file = evolve(file, hunks=tuple(opened))
    if is_to_create(file):
        return _fits(file, not there)
    if text is None:
        return file
    lines = split_lines(text)
    if file.kind is FileKind.DELETE:
        return evolve(file, hunks=tuple(follow_whole(hunk, lines) for hunk in file.hunks))
    return evolve(file, hunks=taken_up(file.hunks, hunks, lines))


def file_carried(file: FileChange, old: str, new: str) -> FileChange:
    """The file under its names after the user renamed `old`, which may be it or a folder above it, to `new`.

    Who renames a file as its renaming would have has applied that, and who renames it back has undone it.
    """
    applied = file.where != file.path
    waiting = any(hunk.renames and hunk.status in _OPEN for hunk in file.hunks)
    if file.kind is FileKind.RENAME and (old, new) == (file.path, file.new_path) and waiting:
        return _renaming(file, _OPEN, HunkStatus.APPLIED)
    if file.kind is FileKind.RENAME and (old, new) == (file.new_path, file.path) and applied:
        return _renaming(file, (HunkStatus.APPLIED,), HunkStatus.PENDING)

    def renamed(path: str, itself: bool) -> str:
        return new + path[len(old) :] if path.startswith(f"{old}/") or (itself and path == old) else path

    path = renamed(file.path, not applied and not is_to_create(file))
    new_path = renamed(file.new_path, applied) if file.new_path else file.new_path
    return evolve(file, path=path, new_path=new_path)


def file_overwritten(file: FileChange, by: FileChange) -> FileChange:
    """Both files of a change as one, after the user renamed the one so that it took the other's place.

    What was only to be written there still may be, where it fits the text that is there now. What was to be created,
    deleted or renamed isn't there any more.
    """
    if file.kind is FileKind.EDIT and by.kind is not FileKind.DELETE:
        return evolve(by, hunks=apart((*by.hunks, *file.hunks)))
    gone = (evolve(h, start=0, end=0, status=HunkStatus.REJECTED) if h.status in _OPEN else h for h in file.hunks)
    return evolve(by, hunks=(*by.hunks, *gone))


def _renaming(file: FileChange, those: Sequence[HunkStatus], status: HunkStatus) -> FileChange:
    hunks = (evolve(h, status=status) if h.renames and h.status in those else h for h in file.hunks)
    return evolve(file, hunks=tuple(hunks))


def _fits(file: FileChange, fits: bool) -> FileChange:
    return evolve(file, hunks=tuple(_standing(evolve(hunk, start=0, end=0), fits) for hunk in file.hunks))


def _standing(hunk: Hunk, fits: bool) -> Hunk:
    if hunk.status not in _OPEN:
        return hunk
    return evolve(hunk, status=HunkStatus.PENDING if fits else HunkStatus.STALE)


def _stands(hunk: Hunk, lines: Sequence[str]) -> bool:
    return bool(hunk.old) and "".join(lines[hunk.start : hunk.end]) == hunk.old
