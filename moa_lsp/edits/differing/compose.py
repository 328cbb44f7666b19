"""One change put together of hunks of any proposals, without a model: what all of them ask for, or why that can't be.

Rules:
- The very same edit, proposed by several, is done once and names all of them.
- Either every pair stands together, and then the change holds all that was asked for; or each pair that doesn't is
  named, with the reason, and there is no change. There is no third outcome.
- Hunks keep their lines and their text. What was said or decided of them where they come from stays there.

All hunks of a file must stand in the same text. Which hunks may be put together, and what the new change is called, is
the session's.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from moa_lsp.edits.differing.contradictions import contradicting, edit_of, is_renaming
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus


@frozen
class Pair:
    """Two hunks, by their ids, that can't be parts of one change; `reason` is a sentence for people."""

    one: str
    other: str
    reason: str


@frozen
class Composed:
    """The files of one change. A hunk that several proposed has the id of the first of them."""

    files: tuple[FileChange, ...]


@frozen
class Contradicting:
    """Every pair that contradicts each other, in the order in which the hunks were given."""

    pairs: tuple[Pair, ...]


def compose(parts: Sequence[Proposed]) -> Composed | Contradicting:
    """One change of all these hunks, pending, or every pair of them that contradicts.

    The files come in the order in which they are first given, the hunks in that of their text, a renaming first.
    """
    if pairs := contradicting(parts):
        return Contradicting(tuple(Pair(parts[at].hunk.id, parts[by].hunk.id, why) for at, by, why in pairs))
    files: dict[str, dict[object, list[Proposed]]] = {}
    for part in parts:
        edits = files.setdefault(part.file.where, {})
        edits.setdefault(edit_of(part), []).append(part)
    return Composed(tuple(_file(path, list(edits.values())) for path, edits in files.items()))


def _file(path: str, edits: Sequence[Sequence[Proposed]]) -> FileChange:
    """One file with these edits, each given by those who propose it."""
    ordered = sorted(edits, key=lambda same: (not is_renaming(same[0]), same[0].hunk.start, same[0].hunk.end))
    hunks = tuple(map(_together, ordered))
    first = ordered[0][0]
    if is_renaming(first):
        return FileChange(path, FileKind.RENAME, first.file.new_path, hunks)
    whole = first.file.kind if first.file.kind in (FileKind.CREATE, FileKind.DELETE) else FileKind.EDIT
    return FileChange(path, whole, hunks=hunks)


def _together(same: Sequence[Proposed]) -> Hunk:
    names: dict[str, str] = {}
    for part in same:
        for name in part.hunk.sources or (part.source,):
            names.setdefault(name.lower(), name)
    hunk = same[0].hunk
    return evolve(hunk, sources=tuple(names.values()), status=HunkStatus.PENDING, blocks=(), undone=False, settled=None)
