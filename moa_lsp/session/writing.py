"""Applying and undoing: what the editor is asked to write, and what stands in the text afterwards.

What may be written where is decided here; who writes is the editor, which is asked in `lsp/apply.py`. Where each hunk
stands meanwhile is kept in `changes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.paths import protected_reason
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
from moa_lsp.session.changes import Changes


class Refused(Exception):
    """A change can't be applied, rejected or undone as asked; the message says why, for the user."""


@frozen
class FilePlan:
    """What one file's part of an apply or an undo is to do, and how its text is to read before and after.

    `hunks` are in the lines of `before`. `after` is `None` where the file is deleted.
    """

    path: str
    kind: FileKind
    hunks: tuple[Hunk, ...]
    before: str | None
    after: str | None


@frozen
class Plan:
    """One `workspace/applyEdit` to be: created files first. `undo` tells that it takes an applied change back;
    `left` says what of the change is left out of it, and why."""

    change: Change
    files: tuple[FilePlan, ...]
    undo: bool = False
    left: tuple[Problem, ...] = ()

    @property
    def title(self) -> str:
        return f"Undo: {self.change.title}" if self.undo else self.change.title


@frozen
class Writing:
    """The plans of one workspace's changes, made and settled."""

    changes: Changes

    def plan(self, change: Change, hunks: Sequence[str] | None) -> Plan | None:
        """What applying these hunks (all pending ones for `None`) would do; `None` where all of them stand applied, or
        none is named.

        Raises `Refused` for hunks that are stale or rejected, and where there is nothing to apply. A protected
        file's hunks are taken only where they are named and no other file's are: one explicit yes per file.
        """
        named = set(hunks) if hunks is not None else None
        if named is not None and not named:
            return None
        files: list[FilePlan] = []
        refused: list[str] = []
        for file in change.files:
            chosen = tuple(hunk for hunk in file.hunks if named is None or hunk.id in named)
            pending = tuple(hunk for hunk in chosen if hunk.status is HunkStatus.PENDING)
            if named is not None:
                refused += [_why_not(file, hunk) for hunk in chosen if hunk.status in _NOT_APPLICABLE]
            if not pending:
                continue
            alone = named is not None and all(h.id not in named for f in change.files if f is not file for h in f.hunks)
            if (reason := self._protected(file.path)) and not alone:
                refused.append(f"{file.path} is protected ({reason}): apply its hunks by themselves to confirm")
                if named is None:
                    continue
            before = self.changes.align(file.path)
            after = hunk_text_after(before or "", pending)
            files.append(FilePlan(file.path, file.kind, pending, before, after))
        if refused and (named is not None or not files):
            raise Refused("; ".join(refused) + ".")
        if files:
            left = tuple(Problem(f"Not applied: {reason}.") for reason in refused)
            return Plan(change, tuple(sorted(files, key=lambda one: one.kind is not FileKind.CREATE)), left=left)
        if any(hunk.status is HunkStatus.APPLIED for file in change.files for hunk in file.hunks):
            return None
        stale = [_why_not(file, hunk) for file in change.files for hunk in file.hunks]
        raise Refused("; ".join(stale) + "." if stale else "This change holds no hunk that could be applied.")

    def _protected(self, path: str) -> str | None:
        """Why the file needs a yes of its own: by its name, or by that of what a link in it leads to."""
        is_open = self.changes.texts.is_open(path)
        return next(
            (reason for name in self.changes.texts.names(path) if (reason := protected_reason(name, is_open))), None
        )

    def plan_undo(self, change: Change) -> Plan:
        """What takes an applied change back. Raises `Refused` where what it wrote doesn't stand unchanged,
        naming where."""
        files: list[FilePlan] = []
        for file in change.files:
            applied = tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.APPLIED)
            if not applied:
                continue
            now = self.changes.align(file.path)
            lines = split_lines(now or "")
            for hunk in applied:
                if now is None or "".join(lines[hunk.start : hunk.end]) != hunk.new:
                    raise Refused(f"{file.path} was edited since, at line {hunk.start + 1}: undo would lose that.")
            inverse = tuple(evolve(hunk, old=hunk.new, new=hunk.old) for hunk in applied)
            if file.kind is FileKind.CREATE:
                if now != applied[0].new:
                    raise Refused(f"{file.path} was edited since it was created: undo would lose that.")
                files.append(FilePlan(file.path, FileKind.DELETE, inverse, now, None))
            else:
                files.append(FilePlan(file.path, FileKind.EDIT, inverse, now, hunk_text_after(now or "", inverse)))
        if not files:
            raise Refused("Nothing of this change is applied, so there is nothing to undo.")
        return Plan(change, tuple(files), undo=True)

    def begin(self, plan: Plan) -> None:
        """The editor is about to be asked to write this; `settle` follows in any case."""
        self.changes.in_writing.add(plan.change.id)

    def settle(self, plan: Plan) -> Change:
        """Takes stock after the editor answered: what stands in the text decides, not what the editor said."""
        # All files first: each may move hunks of this change, which is taken up as it stands after that.
        texts = {part.path: self.changes.align(part.path) for part in plan.files}
        self.changes.in_writing.discard(plan.change.id)
        change = self.changes.now(plan.change.id)
        done, undone = HunkStatus.APPLIED, HunkStatus.PENDING
        written = dict(change.written)
        for part in plan.files:
            now = texts[part.path]
            file = next(one for one in change.files if one.path == part.path)
            if now == part.after:
                moved = _after_writing(file, part, undone if plan.undo else done)
                written[part.path] = (part.before, part.after)
            elif now == part.before:
                moved = next(one for one in plan.change.files if one.path == part.path)
            else:
                moved = _by_what_stands(file, part, split_lines(now or ""), plan.undo)
            change = evolve(change, files=tuple(moved if one.path == part.path else one for one in change.files))
        change = self.changes.put(evolve(change, written=written))
        for part in plan.files:
            self._retire_twins(part.path, change.id)
        return change

    def _retire_twins(self, path: str, written: str) -> None:
        """Makes the other changes' insertions stale that stand in the text already: two architects may have proposed
        the same one. (A replacement goes stale by itself: its old lines are gone.)"""
        lines = split_lines(self.changes.align(path) or "")

        def retired(hunk: Hunk) -> Hunk:
            count = len(split_lines(hunk.new))
            around = (lines[hunk.start : hunk.start + count], lines[max(hunk.start - count, 0) : hunk.start])
            twin = hunk.status is HunkStatus.PENDING and hunk.start == hunk.end
            return evolve(hunk, status=HunkStatus.STALE) if twin and hunk.new in map("".join, around) else hunk

        self.changes.move(
            path,
            lambda file: evolve(file, hunks=tuple(map(retired, file.hunks))),
            but=written,
        )


_NOT_APPLICABLE = (HunkStatus.STALE, HunkStatus.REJECTED)


def _why_not(file: FileChange, hunk: Hunk) -> str:
    if hunk.status is HunkStatus.STALE:
        return f"a hunk in {file.path} near line {hunk.start + 1} is stale: its lines were changed since"
    return f"a hunk in {file.path} near line {hunk.start + 1} was {hunk.status.value}"


def _after_writing(file: FileChange, part: FilePlan, status: HunkStatus) -> FileChange:
    """The file's hunks once `part` stands in the text: those of the part where their new lines are, the others
    moved."""
    lines = {hunk.id: len(split_lines(hunk.new)) for hunk in part.hunks}
    shifted: dict[str, Hunk] = {}
    delta = 0
    planned = {hunk.id: hunk for hunk in part.hunks}
    for hunk in sorted(file.hunks, key=lambda one: (planned.get(one.id, one).start, planned.get(one.id, one).end)):
        if hunk.id in planned:
            at = planned[hunk.id]
            start = at.start + delta
            shifted[hunk.id] = evolve(hunk, start=start, end=start + lines[hunk.id], status=status)
            delta += lines[hunk.id] - (at.end - at.start)
    return evolve(file, hunks=tuple(shifted.get(hunk.id, hunk) for hunk in file.hunks))


def _by_what_stands(file: FileChange, part: FilePlan, lines: Sequence[str], undo: bool) -> FileChange:
    """Each hunk by what stands where it was followed to: written, untouched, or something else, which makes it
    stale."""
    planned = {hunk.id: hunk for hunk in part.hunks}
    written, untouched = (HunkStatus.PENDING, HunkStatus.APPLIED) if undo else (HunkStatus.APPLIED, HunkStatus.PENDING)

    def judged(hunk: Hunk) -> Hunk:
        if hunk.id not in planned:
            return hunk
        stands = "".join(lines[hunk.start : hunk.end])
        if stands == planned[hunk.id].new:
            return evolve(hunk, status=written)
        return evolve(hunk, status=untouched if stands == planned[hunk.id].old else HunkStatus.STALE)

    return evolve(file, hunks=tuple(map(judged, file.hunks)))
