"""A change as a unified diff that `git apply` takes at the workspace folder's root.

The diff's form is `moa_lsp/edits/diff.py`'s; where the hunks stand is `changes.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus
from moa_lsp.session.texts import Texts


def change_diff(change: Change, texts: Texts, align: Callable[[str], str | None]) -> str:
    """What the pending hunks of a fresh change would do to the text as it is; of one without any, what was
    written. Files are called as they are in their workspace folder, where all of them lie in one. `align` gives a
    file's text now, in whose lines the hunks stand."""
    parts: list[tuple[FileChange, str | None]] = []
    for file in change.files:
        pending = tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.PENDING)
        if pending:
            before = align(file.where)
            after = None if file.kind is FileKind.DELETE else hunk_text_after(before or "", pending)
            renames = any(hunk.renames for hunk in pending)
            parts.append(_from_to(texts, file.where, file.new_path if renames else None, before, after))
    if not parts:
        written = ((file, change.written.get(file.path)) for file in change.files)
        renamed = {file.path: file.new_path for file in change.files if file.where != file.path}
        parts = [_from_to(texts, file.path, renamed.get(file.path), *both) for file, both in written if both]
    inside = [_inside(texts, file.path) for file, _ in parts]
    folders = {file.path.removesuffix(name) for (file, _), name in zip(parts, inside, strict=True)}
    if len(folders) == 1:
        (folder,) = folders
        parts = [
            (evolve(file, path=name, new_path=file.new_path and file.new_path.removeprefix(folder)), before)
            for (file, before), name in zip(parts, inside, strict=True)
        ]
    return unified_diff(parts)


def _inside(texts: Texts, path: str) -> str:
    return (*texts.names(path), path)[1]


def _from_to(
    texts: Texts, path: str, new_path: str | None, before: str | None, after: str | None
) -> tuple[FileChange, str | None]:
    """A change of one file from one text to the other, as one hunk, for the diff: with the file's byte order mark,
    which git takes for text."""
    mark = texts.mark(path)
    before, after = (text if text is None else mark + text for text in (before, after))
    old, new = before or "", after or ""
    whole = Hunk("whole", 0, len(split_lines(old)), old, new)
    kind = FileKind.CREATE if before is None else FileKind.DELETE if after is None else FileKind.EDIT
    return FileChange(path, kind, new_path, (whole,)), before
