"""Twins: hunks of different changes that propose the very same edit of the same lines.

Rules:
- Twins are alike in everything that reaches the text: the file, the lines, what they hold and what they are to hold.
  Near-identical ones are no twins. Nothing that follows the text can part them.
- Each names everyone whose proposal of it still stands, in the order of proposing. A rejected one names its own
  architect only, and the others no longer name that one.

Which hunks are compared with which, and what happens to a twin when the other is written, is `session/changes.py`'s.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

_COMPARED = (HunkStatus.PENDING, HunkStatus.APPLIED)
_STANDING = (HunkStatus.PENDING, HunkStatus.APPLIED, HunkStatus.STALE)


def twins_among(change: Change, others: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """The ids of each hunk of the change and of a twin of it in another one, as both stand now.

    All hunks of a file must stand in the same text.
    """
    known: dict[object, list[str]] = {}
    for other in others:
        for file in other.files:
            for hunk in file.hunks:
                known.setdefault((hunk.status, likeness(file, hunk)), []).append(hunk.id)
    for file in change.files:
        for hunk in file.hunks:
            if hunk.status in _COMPARED:
                yield from ((hunk.id, twin) for twin in known.get((hunk.status, likeness(file, hunk)), ()))


def likeness(file: FileChange, hunk: Hunk) -> Hashable:
    """What is equal of two hunks that ask for the very same edit, whatever became of either."""
    # What creates or deletes a file is no twin of what only writes or empties it.
    kind = file.kind if file.kind in (FileKind.CREATE, FileKind.DELETE) else None
    name = file.new_path if hunk.renames else None
    return (file.where, kind, name, hunk.start, hunk.end, hunk.old, hunk.new)


def as_its_twin(hunk: Hunk, settled: Hunk) -> Hunk:
    """The hunk after its twin was written or taken back, and stands as `settled`: it stands there too.

    One that was rejected stays so, and a twin that is neither applied nor pending says nothing about this one.
    """
    if hunk.status is HunkStatus.REJECTED or settled.status not in _COMPARED:
        return hunk
    return evolve(settled, id=hunk.id, sources=hunk.sources, blocks=hunk.blocks, settled=hunk.settled)


def as_if_written(file: FileChange, done: Sequence[Hunk], now: str | None) -> tuple[str | None, str | None]:
    """The texts before and after these hunks of a file were written with their twins, as if they alone had been.

    The applied ones count; they stand in the text as it is now.
    """
    applied = [hunk for hunk in done if hunk.status is HunkStatus.APPLIED]
    if file.kind is FileKind.DELETE:
        return "".join(hunk.old for hunk in applied), None
    if file.kind is FileKind.CREATE:
        return None, now
    return hunk_text_after(now or "", [evolve(hunk, old=hunk.new, new=hunk.old) for hunk in applied]), now


def with_sources(change: Change, mates: Sequence[Change], twins: Mapping[str, set[str]]) -> Change:
    """The change with each hunk that has twins naming everyone whose proposal of it still stands.

    `mates` are the discussion's changes in the order of proposing, this one among them; `twins` are those of each hunk
    whose names are to be settled, by the hunks' ids.
    """
    standing = {h.id: (mate.source, h.sources) for mate in mates for h in hunks_of(mate) if h.status in _STANDING}

    def named(hunk: Hunk) -> Hunk:
        if hunk.id not in twins:
            return hunk
        if hunk.id not in standing:
            return evolve(hunk, sources=(change.source,))
        group = [found for id, found in standing.items() if id == hunk.id or id in twins[hunk.id]]
        proposers = {source for source, _ in group}
        # Who was named together before keeps that order: changes may be taken up in another than they were made in.
        order = [name for _, names in sorted(group, key=lambda one: -len(one[1])) for name in names]
        names = tuple(dict.fromkeys(name for name in order if name in proposers))
        # What was put together of hunks goes on naming them, also where nobody stands by them any more.
        return evolve(hunk, sources=names or hunk.sources)

    return evolve(change, files=tuple(evolve(f, hunks=tuple(map(named, f.hunks))) for f in change.files))


def hunks_of(change: Change) -> list[Hunk]:
    return [hunk for file in change.files for hunk in file.hunks]
