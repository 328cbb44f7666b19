"""Applying and undoing: what the editor is asked to write, and what stands in the text afterwards.

What may be written where, and what needs a yes of its own, is decided here; who asks and who writes is in `lsp/`. Where
each hunk stands meanwhile is kept in `changes.py`, what stood before each write in `checkpoints.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, frozen

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.following.follow import follow_replacement, follow_written, put_back
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.paths import protected_reason
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
from moa_lsp.session.changes import Changes
from moa_lsp.session.checkpoints import Checkpoints
from moa_lsp.session.plan import FilePlan, Plan, first_difference, in_order, reads
from moa_lsp.session.twinning import TwinSettling
from moa_lsp.store.checkpoint import Checkpoint

Standing = Mapping[str, str | None]
"""Path to text as it is now, `None` where there is no file."""


class Refused(Exception):
    """A change can't be applied, rejected, undone or restored as asked; the message says why, for the user."""


@frozen
class Question:
    """A file that is not written in one yes for many. `reason` is a sentence for the user."""

    path: str
    reason: str


@frozen
class Writing:
    """The plans of one workspace's changes, made and settled."""

    changes: Changes
    checkpoints: Checkpoints

    # --- applying

    def questions(self, change: Change, hunks: Sequence[str] | None) -> list[Question]:
        """The files that a person has to say yes to, one by one, before these hunks (all pending ones for `None`) may
        be applied: protected files, and deletions. None where they are all of one file and named: that is a yes."""
        named = [file for file in change.files if hunks is not None and any(hunk.id in hunks for hunk in file.hunks)]
        if len(named) == 1:
            return []
        chosen = _chosen(change, hunks)
        return [Question(file.path, reason) for file, pending in chosen if (reason := self._delicate(file, pending))]

    def plan(self, change: Change, hunks: Sequence[str] | None, confirmed: Collection[str] = ()) -> Plan | None:
        """What applying these hunks (all pending ones for `None`) would do; `None` where all of them stand applied, or
        none is named. `confirmed` are the files that somebody said yes to; the others that need a yes are left out.

        Raises `Refused` for named hunks that are stale or rejected, and where there is nothing to apply.
        """
        if hunks is not None and not hunks:
            return None
        if hunks is not None and (refused := [why for file in change.files for why in _not_applicable(file, hunks)]):
            raise Refused("; ".join(refused) + ".")
        waiting = {one.path: one.reason for one in self.questions(change, hunks) if one.path not in confirmed}
        files = [self._file_plan(file, pending) for file, pending in _chosen(change, hunks) if file.path not in waiting]
        if files:
            left = tuple(Problem(f"Not applied: {reason}", path) for path, reason in waiting.items())
            return Plan(change.title, in_order(files), change, left=left)
        if waiting:
            raise Refused(
                " ".join(f"{reason} Apply its hunks by themselves to confirm." for reason in waiting.values())
            )
        if any(hunk.status is HunkStatus.APPLIED for file in change.files for hunk in file.hunks):
            return None
        stale = [_why_not(file, hunk) for file in change.files for hunk in file.hunks]
        raise Refused("; ".join(stale) + "." if stale else "This change holds no hunk that could be applied.")

    def _file_plan(self, file: FileChange, pending: tuple[Hunk, ...]) -> FilePlan:
        path = file.where
        before = self.changes.align(path)
        if file.kind is FileKind.DELETE:
            if before != pending[0].old:
                raise Refused(f"{path} isn't as it was when it was to be deleted.")
            return FilePlan(path, FileKind.DELETE, pending, before, None, file.path)
        renaming = file.kind is FileKind.RENAME and any(hunk.renames for hunk in pending)
        new_path = file.new_path if renaming else None
        if new_path and self.changes.texts.exists(new_path):
            raise Refused(f"{path} can't be renamed to {new_path}: there is such a file already.")
        kind = FileKind.RENAME if new_path else FileKind.CREATE if file.kind is FileKind.CREATE else FileKind.EDIT
        after = hunk_text_after(before or "", pending)
        return FilePlan(path, kind, pending, before, after, file.path, new_path)

    def _delicate(self, file: FileChange, pending: Sequence[Hunk]) -> str | None:
        """Why these hunks of a file need a yes of their own, as a sentence."""
        renaming = file.kind is FileKind.RENAME and any(hunk.renames for hunk in pending)
        for path in (file.where, *((file.new_path,) if renaming and file.new_path else ())):
            if reason := self._protected(path):
                return f"{path} is protected ({reason})."
        return f"{file.path} would be deleted." if file.kind is FileKind.DELETE else None

    def _protected(self, path: str) -> str | None:
        """Why the file is protected: by its name, or by that of what a link in it leads to."""
        is_open = self.changes.texts.is_open(path)
        return next(
            (reason for name in self.changes.texts.names(path) if (reason := protected_reason(name, is_open))), None
        )

    # --- undoing

    def plan_undo(self, change: Change) -> Plan:
        """What takes an applied change back. Raises `Refused` where what it wrote doesn't stand unchanged,
        naming where."""
        files: list[FilePlan] = []
        for file in change.files:
            if applied := tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.APPLIED):
                files.append(self._undoing(change, file, applied))
        if not files:
            raise Refused("Nothing of this change is applied, so there is nothing to undo.")
        return Plan(f"Undo: {change.title}", in_order(files), change, undo=True)

    def _undoing(self, change: Change, file: FileChange, applied: tuple[Hunk, ...]) -> FilePlan:
        path = file.where
        now = self.changes.align(path)
        inverse = tuple(evolve(hunk, old=hunk.new, new=hunk.old) for hunk in applied)
        if file.kind is FileKind.DELETE:
            if self.changes.texts.exists(path):
                raise Refused(f"There is a file {path} again: undo would lose what is in it.")
            kept = self.checkpoints.before(change, path)
            encoding, bom = (kept.encoding, kept.bom) if kept else ("utf-8", False)
            again = (evolve(inverse[0], start=0, end=0),)
            return FilePlan(path, FileKind.CREATE, again, None, inverse[0].new, file.path, encoding=encoding, bom=bom)
        if now is None:
            raise Refused(f"{path} isn't there any more, so there is nothing in it to undo.")
        if file.kind is FileKind.CREATE:
            if now != applied[0].new:
                line = first_difference(applied[0].new, now) + 1
                raise Refused(f"{path} was edited since it was created, at line {line}: undo would lose that.")
            return FilePlan(path, FileKind.DELETE, inverse, now, None, file.path)
        lines = split_lines(now)
        for hunk in applied:
            if "".join(lines[hunk.start : hunk.end]) != hunk.new:
                raise Refused(f"{path} was edited since, at line {hunk.start + 1}: undo would lose that.")
        old_path = file.path if path != file.path else None
        if old_path and self.changes.texts.exists(old_path):
            raise Refused(f"{path} can't be renamed back: there is a file {old_path} again.")
        kind = FileKind.RENAME if old_path else FileKind.EDIT
        return FilePlan(path, kind, inverse, now, hunk_text_after(now, inverse), file.path, old_path)

    # --- while the editor writes, and after

    def begin(self, plan: Plan) -> Checkpoint:
        """The editor is about to be asked to write this: keeps how its files are. `settle` follows in any case."""
        checkpoint = self.checkpoints.keep(plan)
        self.changes.in_writing.update(_moved_by(plan))
        self.changes.planned.update(_by_path(plan))
        return checkpoint

    def settle(self, plan: Plan, checkpoint: Checkpoint) -> Change | None:
        """Takes stock after the editor answered: what stands in the text decides, not what the editor said. Returns
        the change of the plan as it stands now."""
        # All files first: each may move hunks of a change, which is taken up as it stands after that.
        now = {path: self.changes.align(path) for path in checkpoint.files}
        self.checkpoints.settle(checkpoint)
        if plan.change is None:
            for part in plan.files:
                if part.new_path and _was_renamed(part, now):
                    self.changes.renamed(part.path, part.new_path)
        self.changes.in_writing.difference_update(_moved_by(plan))
        for path, part in _by_path(plan).items():
            if self.changes.planned.get(path) is part:
                del self.changes.planned[path]
        if plan.change is None:
            for change in plan.moves:
                self._follow_restore(plan, change, now)
            return None
        change = self.changes.now(plan.change.id)
        written = dict(change.written)
        settled: list[str] = []
        for part in plan.files:
            planned = next(one for one in plan.change.files if one.path == part.of)
            file = next(one for one in change.files if _ids(one) & _ids(planned))
            if file.path != part.of:
                # The user renamed it meanwhile.
                planned = evolve(file, hunks=tuple(_as_in(planned, hunk) for hunk in file.hunks))
                part = evolve(part, path=file.where, of=file.path)
                now = {**now, part.path: self.changes.align(part.path)}
            moved = _after(planned, file, part, now, plan.undo)
            if _all_read(part.texts_after, now):
                written[part.of] = (part.before, part.after)
            change = evolve(change, files=tuple(moved if one is file else one for one in change.files))
            settled.append(part.of)
        change = self.changes.put(evolve(change, written=written))
        TwinSettling(self.changes).settle(change.id, settled)
        return self.changes.now(change.id)

    def _follow_restore(self, plan: Plan, before: Change, now: Standing) -> None:
        """Has the applied hunks of a change follow what a restore left: pending again where their old text stands."""
        change = self.changes.now(before.id)
        moved_in: list[str] = []
        for part in plan.files:
            planned = next((one for one in before.files if one.where == part.path and _is_applied(one)), None)
            if planned and not _all_read(part.texts_before, now):
                moved = _restored(planned, part, now)
                change = evolve(change, files=tuple(moved if one.path == planned.path else one for one in change.files))
                moved_in.append(planned.path)
        if moved_in:
            self.changes.put(change)
            TwinSettling(self.changes).settle(change.id, moved_in)


_NOT_APPLICABLE = (HunkStatus.STALE, HunkStatus.REJECTED)


def _chosen(change: Change, hunks: Sequence[str] | None) -> list[tuple[FileChange, tuple[Hunk, ...]]]:
    """The files of which something is to be applied, each with those of its hunks."""
    found: list[tuple[FileChange, tuple[Hunk, ...]]] = []
    for file in change.files:
        meant = (hunk for hunk in file.hunks if hunks is None or hunk.id in hunks)
        if pending := tuple(hunk for hunk in meant if hunk.status is HunkStatus.PENDING):
            found.append((file, pending))
    return found


def _not_applicable(file: FileChange, hunks: Sequence[str]) -> list[str]:
    return [_why_not(file, hunk) for hunk in file.hunks if hunk.id in hunks and hunk.status in _NOT_APPLICABLE]


def _why_not(file: FileChange, hunk: Hunk) -> str:
    if hunk.status is HunkStatus.STALE:
        return f"a hunk in {file.where} near line {hunk.start + 1} is stale: its lines were changed since"
    return f"a hunk in {file.where} near line {hunk.start + 1} was {hunk.status.value}"


def _moved_by(plan: Plan) -> set[str]:
    return {change.id for change in (*plan.moves, *((plan.change,) if plan.change else ()))}


def _by_path(plan: Plan) -> dict[str, FilePlan]:
    return {path: part for part in plan.files for path in (part.path, part.lands)}


def _ids(file: FileChange) -> set[str]:
    return {hunk.id for hunk in file.hunks}


def _as_in(planned: FileChange, hunk: Hunk) -> Hunk:
    return next((one for one in planned.hunks if one.id == hunk.id), hunk)


def _is_applied(file: FileChange) -> bool:
    return any(hunk.status is HunkStatus.APPLIED for hunk in file.hunks)


def _all_read(wanted: Standing, now: Standing) -> bool:
    return all(reads(now[path], text) for path, text in wanted.items())


# --- what became of a file's hunks


def _after(planned: FileChange, followed: FileChange, part: FilePlan, now: Standing, undo: bool) -> FileChange:
    """The file's hunks once the editor was asked. `planned` is the file as it was then, `followed` with its hunks
    where the text's own moves took them."""
    if _all_read(part.texts_before, now):
        return planned
    if part.new_path:
        # A file that came under another name was followed by nobody.
        text = now[part.lands] if _was_renamed(part, now) else now[part.path]
        if part.before is not None and text is not None:
            followed = evolve(planned, hunks=_followed(planned.hunks, part, text))
    if _all_read(part.texts_after, now):
        moved = _after_writing(planned, followed, part, HunkStatus.PENDING if undo else HunkStatus.APPLIED)
    else:
        moved = _by_what_stands(followed, part, now, undo)
    text, asked = now.get(moved.where), {hunk.id for hunk in part.hunks}
    if text is None:
        return moved
    lines = split_lines(text)
    return evolve(moved, hunks=tuple(put_back(one, lines) if one.id in asked else one for one in moved.hunks))


def _followed(hunks: Sequence[Hunk], part: FilePlan, text: str) -> tuple[Hunk, ...]:
    """The hunks of a file's text from before the part was written, in the text that stands now."""
    if text == part.after:
        return follow_written(hunks, part.edits, split_lines(text), merging=False)
    return follow_replacement(hunks, part.before or "", text, merging=False)


def _was_renamed(part: FilePlan, now: Standing) -> bool:
    return now[part.path] is None and now[part.lands] is not None


def _after_writing(stood: FileChange, file: FileChange, part: FilePlan, status: HunkStatus) -> FileChange:
    """The file's hunks once `part` stands in the text: those of the part where their new lines are, the others
    moved."""
    lines = {hunk.id: len(split_lines(hunk.new)) for hunk in part.hunks}
    shifted: dict[str, Hunk] = {}
    delta = 0
    planned, before = {hunk.id: hunk for hunk in part.hunks}, {hunk.id: hunk for hunk in stood.hunks}
    for hunk in sorted(file.hunks, key=lambda one: (planned.get(one.id, one).start, planned.get(one.id, one).end)):
        if hunk.id in planned:
            at = planned[hunk.id]
            start = at.start + delta
            # What an insertion was put in between: followed with its own lines, it would stand below these.
            shifted[hunk.id] = evolve(
                hunk, start=start, end=start + lines[hunk.id], status=status, between=at.between, undone=False
            )
            delta += lines[hunk.id] - (at.end - at.start)
            continue
        was = before.get(hunk.id)
        if was and was.status is HunkStatus.APPLIED and was.start == was.end and was.old and hunk.start < hunk.end:
            # Lines put in where it took some away are the other hunk's: it takes in nothing that we wrote.
            shifted[hunk.id] = evolve(hunk, end=hunk.start)
    return evolve(file, hunks=tuple(shifted.get(hunk.id, hunk) for hunk in file.hunks))


def _by_what_stands(file: FileChange, part: FilePlan, now: Standing, undo: bool) -> FileChange:
    """Each hunk by what stands where it was followed to: written, untouched, or something else, which makes it
    stale."""
    planned = {hunk.id: hunk for hunk in part.hunks}
    written, untouched = (HunkStatus.PENDING, HunkStatus.APPLIED) if undo else (HunkStatus.APPLIED, HunkStatus.PENDING)
    renamed = bool(part.new_path) and _was_renamed(part, now)
    lines = split_lines((now[part.lands] if renamed else now[part.path]) or "")

    def judged(hunk: Hunk) -> Hunk:
        meant = planned.get(hunk.id)
        if meant is None:
            return hunk
        if part.new_path and meant.renames:
            there = now[part.lands] is not None
            return evolve(hunk, status=written if renamed else HunkStatus.STALE if there else untouched)
        count = len(split_lines(meant.new))
        if not meant.old and "".join(lines[hunk.start - count : hunk.start]) == meant.new:
            # What is written at an insertion's place lands above it.
            return evolve(hunk, start=hunk.start - count, status=written, between=meant.between)
        stands = "".join(lines[hunk.start : hunk.end])
        if stands == meant.new:
            return evolve(hunk, status=written)
        return evolve(hunk, status=untouched if stands == meant.old else HunkStatus.STALE)

    return evolve(file, hunks=tuple(map(judged, file.hunks)))


def _restored(file: FileChange, part: FilePlan, now: Standing) -> FileChange:
    """The hunks of a file that a restore wrote: an applied one whose new lines are gone is pending where its old lines
    stand, else stale."""
    back = part.new_path is not None and _was_renamed(part, now)
    text = now[part.lands] if back else now[part.path]
    hunks = file.hunks
    if part.before is not None and text is not None:
        hunks = _followed(hunks, part, text)
    lines = split_lines(text or "")

    def judged(was: Hunk, hunk: Hunk) -> Hunk:
        if hunk.status is not HunkStatus.APPLIED:
            return hunk
        if file.kind is FileKind.RENAME and hunk.renames:
            return evolve(hunk, status=HunkStatus.PENDING) if back and part.lands == file.path else hunk
        if file.kind is FileKind.CREATE:
            if text is None:
                return evolve(hunk, start=0, end=0, status=HunkStatus.PENDING)
            return hunk if text == hunk.new else evolve(hunk, status=HunkStatus.STALE)
        if file.kind is FileKind.DELETE:
            stands = text == hunk.old
            return evolve(hunk, start=0, end=len(lines), status=HunkStatus.PENDING if stands else HunkStatus.STALE)
        reached = any(edit.start <= was.end and was.start <= edit.end for edit in part.edits)
        stands = hunk.new and "".join(lines[hunk.start : hunk.end]) == hunk.new
        return _old_again(hunk, lines) if reached and not stands else hunk

    return evolve(file, hunks=tuple(map(judged, file.hunks, hunks)))


def _old_again(hunk: Hunk, lines: Sequence[str]) -> Hunk:
    """The hunk pending where its old lines stand within what it covers, or right above; else stale."""
    if "".join(lines[hunk.start : hunk.end]) == hunk.old:
        return evolve(hunk, status=HunkStatus.PENDING)
    count = len(split_lines(hunk.old))
    # Lines that come back where a hunk took some away land above its place.
    starts = range(max(hunk.start - count, 0), hunk.end - count + 1)
    places = [at for at in starts if "".join(lines[at : at + count]) == hunk.old]
    if len(places) != 1:
        return evolve(hunk, status=HunkStatus.STALE)
    return evolve(hunk, start=places[0], end=places[0] + count, status=HunkStatus.PENDING)
