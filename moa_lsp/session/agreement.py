"""Whether several proposals come to the same edits: what was placed is compared, not how it was written. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileKind, HunkStatus

Edit = tuple[str, FileKind, str | None, int, int, str, str]


def same_edits(changes: Sequence[Change | None]) -> bool:
    """Whether all of these changes hold the same edits, and some. One of which something couldn't be placed is like no
    other, and so is one that the user has begun to decide about."""
    edits = [_edits(change) if change else None for change in changes]
    return bool(edits) and bool(edits[0]) and all(one == edits[0] for one in edits[1:])


def _edits(change: Change) -> frozenset[Edit] | None:
    hunks = [hunk for file in change.files for hunk in file.hunks]
    unplaced = any(not problem.notice for problem in change.problems)
    if unplaced or any(hunk.status is not HunkStatus.PENDING for hunk in hunks):
        return None
    return frozenset(
        (file.path, file.kind, file.new_path, hunk.start, hunk.end, hunk.old, hunk.new)
        for file in change.files
        for hunk in file.hunks
    )
