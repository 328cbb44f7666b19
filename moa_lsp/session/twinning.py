"""Hunks of several changes that propose the very same edit: who is whose twin, and what becomes of the others when one
was written or taken back.

What makes twins, and whom each names, is `moa_lsp/edits/following/twins.py`'s; where all hunks stand, `changes.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.change import Change
from moa_lsp.edits.following.twins import as_if_written, as_its_twin, hunks_of, twins_among
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

if TYPE_CHECKING:
    from moa_lsp.session.changes import Changes


@mutable
class Twins:
    """Per hunk's id, the ids of its twins. Derived from the changes, and never stored."""

    _of: dict[str, set[str]] = field(factory=dict[str, set[str]], init=False)

    def of(self, id: str) -> AbstractSet[str]:
        """The ids of a hunk's twins."""
        return self._of.get(id, frozenset())

    def among(self, hunks: Iterable[str]) -> Mapping[str, set[str]]:
        """The twins of those of these hunks that have, or had, some."""
        return {id: self._of[id] for id in hunks if id in self._of}

    def pair(self, change: Change, others: Iterable[Change]) -> None:
        """Finds the twins of a change's hunks among the others'."""
        for one, other in twins_among(change, others):
            self._of.setdefault(one, set()).add(other)
            self._of.setdefault(other, set()).add(one)

    def part(self, hunks: Iterable[str]) -> None:
        """These hunks are nobody's twins any more."""
        for id in hunks:
            for twin in self._of.pop(id, ()):
                self._of[twin].discard(id)


@frozen
class TwinSettling:
    """Settles the twins of what was written, in one workspace's changes."""

    changes: Changes

    def settle(self, id: str, paths: Iterable[str]) -> None:
        """Makes the other changes stand as the change of that id left its files (`paths` are these `FileChange`s'),
        after it was applied or undone, and tells whose do.

        A twin is applied, or pending again, with its own. A renamed file is followed by all. An insertion from
        elsewhere of which this change wrote the very lines is stale. A rejected hunk stays rejected.
        """
        change = self.changes.now(id)
        for file in [file for file in change.files if file.path in set(paths)]:
            if file.kind is FileKind.RENAME and file.new_path:
                here, there = file.where, file.path if file.where != file.path else file.new_path
                if self.changes.texts.exists(here) and not self.changes.texts.exists(there):
                    self.changes.renamed(there, here)
            settled = {hunk.id: hunk for hunk in file.hunks}
            for other in self.changes.of(change.discussion):
                if other.id != id and any(self.changes.twins.of(h.id) & settled.keys() for h in hunks_of(other)):
                    self._settle_twin(other, settled)
            self._retire_insertions(file.where, self.changes.now(id))

    def _settle_twin(self, change: Change, settled: Mapping[str, Hunk]) -> None:
        files: list[FileChange] = []
        written = dict(change.written)
        for file in change.files:
            pairs = [
                (h, next((settled[t] for t in self.changes.twins.of(h.id) if t in settled), None)) for h in file.hunks
            ]
            hunks = tuple(as_its_twin(hunk, twin) if twin else hunk for hunk, twin in pairs)
            done = [h for h, was in zip(hunks, file.hunks, strict=True) if h.status is not was.status]
            files.append(evolve(file, hunks=hunks))
            if any(hunk.status is HunkStatus.APPLIED for hunk in done):
                written[file.path] = as_if_written(file, done, self.changes.align(files[-1].where))
        self.changes.put(evolve(change, files=tuple(files), written=written))

    def _retire_insertions(self, path: str, change: Change) -> None:
        lines = split_lines(self.changes.align(path) or "")
        written = [
            (hunk.start, hunk.end)
            for file in change.files
            for hunk in file.hunks
            if file.where == path and hunk.status is HunkStatus.APPLIED
        ]

        def retired(hunk: Hunk) -> Hunk:
            count = len(split_lines(hunk.new))
            beside = ((hunk.start, hunk.start + count), (hunk.start - count, hunk.start))
            stands = (
                "".join(lines[start:end]) == hunk.new and any(first <= start and end <= last for first, last in written)
                for start, end in beside
            )
            inserts = hunk.status is HunkStatus.PENDING and hunk.start == hunk.end and not hunk.renames
            if not inserts or not any(stands):
                return hunk
            # Its neighbours are no sign that it fits: it stands between them.
            return evolve(hunk, status=HunkStatus.STALE, between=None, meant=None)

        self.changes.move(path, lambda file: evolve(file, hunks=tuple(map(retired, file.hunks))), but=change.id)
