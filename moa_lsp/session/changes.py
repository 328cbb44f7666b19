"""The pending changes of a workspace: kept in step with the text, turned down and stored.

The one owner of where each hunk stands now. An open document's edits are followed one by one; the text of a
file that isn't open is compared whenever a change is looked at, and whenever the editor says that the disk changed.
Files that the user renames or deletes are followed too. Hunks of one discussion that propose the same are twins, and
settled together (`twinning.py`). How changes are made of replies is `proposing.py`'s; what is written, and what stands
afterwards, `writing.py`'s. How a text is followed is `moa_lsp/edits/`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.change import Change
from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.following.follow_file import (
    file_carried,
    file_edited,
    file_overwritten,
    file_replaced,
    file_taken_up,
    is_to_create,
    renaming_judged,
)
from moa_lsp.edits.following.taken_back import file_turned, may_turn, turned
from moa_lsp.edits.following.twins import hunks_of, with_sources
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import (
    FileChange,
    FileKind,
    Hunk,
    HunkStatus,
    Settled,
)
from moa_lsp.session.change_diff import change_diff
from moa_lsp.session.events import ChangeUpdated, Event
from moa_lsp.session.plan import FilePlan
from moa_lsp.session.texts import Texts
from moa_lsp.session.twinning import Twins
from moa_lsp.store.store import Store


@frozen
class _Seen:
    """A file that isn't open, as it was when it was last looked at: the last text it had, in whose lines all hunks
    stand; the text now, `None` where there's none; and whether there is anything of that name."""

    last: str | None
    now: str | None
    there: bool


@frozen
class Stood:
    """A file before it was edited: its lines, and what all changes were to do there, by the first hunk of each."""

    lines: list[str]
    files: Mapping[str, FileChange]


@mutable
class Changes:
    """All open changes of one workspace."""

    workspace: str
    store: Store
    texts: Texts
    tell: Callable[[Event], None]
    _changes: dict[str, Change] = field(factory=dict[str, Change], init=False)
    _seen: dict[str, _Seen] = field(factory=dict[str, _Seen], init=False)
    """Per file that isn't open, how it was last looked at; an open file's hunks follow its edits."""
    in_writing: set[str] = field(factory=set[str], init=False)
    """The changes that the editor is being asked to write; `writing.py` tells how that ended."""
    planned: dict[str, FilePlan] = field(factory=dict[str, FilePlan], init=False)
    """Per path, what the editor is being asked to write there."""
    twins: Twins = field(factory=Twins, init=False)
    """Who is whose twin. Found when a change is made or taken up."""
    _stored: dict[str, Change] = field(factory=dict[str, Change], init=False)
    """Each change as it was last read from the store or written to it: another server may have moved it since."""

    def restore(self) -> None:
        """Takes up the open changes of earlier runs, each brought from the text it was kept with to today's."""
        for change in self.store.open_changes(self.workspace):
            self._take_up(change)

    def _take_up(self, change: Change) -> Change:
        self._stored[change.id] = change
        files = tuple(self._brought_forward(one, change.base.get(one.path)) for one in change.files)
        change = evolve(change, files=files)
        self._changes[change.id] = change
        if any(len(hunk.sources) > 1 and hunk.status is HunkStatus.APPLIED for hunk in hunks_of(change)):
            self._take_up_with(change.discussion)
        self._pair(change)
        return change

    def _take_up_with(self, discussion: str) -> None:
        """Takes up the discussion's other changes too: what settles one that was applied settles its twins, and these
        may have been closed with it."""
        found = self.store.discussion(discussion)
        runs = [*(turn for round in found.rounds for turn in round.turns), *found.codings] if found else []
        for id in (run.change for run in runs):
            if id and id not in self._changes and (stored := self.store.change(id)):
                self._take_up(stored)

    def _brought_forward(self, file: FileChange, base: str | None) -> FileChange:
        """The file of a change that comes from the store, from the text it was kept with to today's."""
        now = self.align(file.where)
        if now is None:
            # It is gone for now: all that wait for it stand in the last text that is known.
            seen = self._seen[file.where]
            last = base if seen.last is None else seen.last
            self._seen[file.where] = evolve(seen, last=last)
            if base is not None and last is not None:
                file, base = file_replaced(file, base, last, True), last
        moved = file_replaced(file, base, now, self.texts.exists(file.where))
        if base is not None and now is not None:
            before, after = split_lines(base), split_lines(now)
            what = turned([file], before, after)
            moved = file_turned(file, moved, what, after) if what else moved
        return self.with_renaming(moved)

    # --- taking in and finding

    def take_in(self, change: Change) -> Change:
        """The change, new or made anew, from now on one of these and stored, before anybody is told of it."""
        self._changes[change.id] = change
        self._pair(change)
        # Nobody is told of the twins' new names either: the new change's own tell of them, when it is told.
        self._name_sources(change)
        change = self._changes[change.id]
        self._save(change)
        return change

    def get(self, id: str) -> Change | None:
        """The change of that id as it stands now, also one that was closed long ago."""
        stored = self.store.change(id)
        if stored is None:
            self._forget(id)  # another server may have deleted its discussion
            return None
        if stored != self._stored.get(id):
            self._take_up(stored)
        return self.fresh(self._changes[id])

    def fresh(self, change: Change) -> Change:
        """The change with its hunks where they stand now, in every one of its files; the rest of it as it is given."""
        for file in change.files:
            self.refresh(file.where)
        now = self._changes.get(change.id)
        return evolve(change, files=now.files) if now else change

    def is_writing(self, discussion: str) -> bool:
        """Whether the editor is being asked to write a change of that discussion."""
        return any(id in self._changes and self._changes[id].discussion == discussion for id in self.in_writing)

    def forget(self, discussion: str) -> None:
        """The discussion is deleted, with all that was proposed in it."""
        for change in list(self._changes.values()):
            if change.discussion == discussion:
                self._forget(change.id)

    def _forget(self, id: str) -> None:
        self._stored.pop(id, None)
        if change := self._changes.pop(id, None):
            self.twins.part(hunk.id for hunk in hunks_of(change))

    def now(self, id: str) -> Change:
        """The open change of that id, as far as it was followed; raises `KeyError` where there is none."""
        return self._changes[id]

    def knows(self, id: str) -> bool:
        """Whether the change of that id is followed here."""
        return id in self._changes

    def of(self, discussion: str) -> list[Change]:
        """The changes of a discussion that are followed here, however they stand."""
        return [change for change in self._changes.values() if change.discussion == discussion]

    def holding(self, hunks: Collection[str]) -> list[Change]:
        """The changes that are followed here and hold one of these hunks."""
        return [one for one in self._changes.values() if any(hunk.id in hunks for hunk in hunks_of(one))]

    def standing(self, discussion: str | None) -> list[Change]:
        """The changes of a discussion that hold a pending hunk, oldest first."""
        return [c for c in self._changes.values() if c.discussion == discussion and _has(c, HunkStatus.PENDING)]

    def paths(self) -> set[str]:
        """Every path that a change is about: where its texts are, and what renamed files were and are to be called."""
        files = [file for change in self._changes.values() for file in change.files]
        return {path for file in files for path in (file.path, file.new_path) if path}

    def diff(self, change: Change) -> str:
        """What a fresh change would do, or did, as a unified diff (`change_diff.py`)."""
        return change_diff(change, self.texts, self.align)

    # --- keeping in step

    def edited(self, path: str, edit: TextEdit, lines_after: Sequence[str]) -> None:
        """Follows one edit of an open document; `lines_after` are the document's lines after it."""

        def moved(file: FileChange, merging: bool) -> FileChange:
            if is_to_create(file):
                return file_replaced(file, None, None, self.texts.exists(path))
            return file_edited(file, edit, lines_after, merging)

        self._follow(path, moved)

    def replaced(self, path: str, before: str, after: str) -> None:
        """Follows a whole new text of an open document."""
        if before != after:
            there, written = self.texts.exists(path), self._as_planned(path, before, after)
            self._follow(path, lambda file, merging: file_replaced(file, before, after, there, merging, written))

    def before_edits(self, path: str, lines: Sequence[str]) -> Stood | None:
        """What `after_edits` has to know of an open document that is about to be edited; `None` where nothing in it can
        be undone or redone, or the editor may be writing for us."""
        if path in self.planned or not any(map(may_turn, self._at(path).values())):
            return None
        return Stood([*lines], self._at(path))

    def after_edits(self, path: str, stood: Stood, lines: Sequence[str], edits: Sequence[TextEdit] | None) -> None:
        """An open document was edited by one notification, and each edit followed: sees whether all of it undid applied
        hunks, or redid them. `edits` are the edits, `None` where a whole new text was among them."""
        self._turn(path, stood, lines, edits)

    def _at(self, path: str) -> dict[str, FileChange]:
        """What all changes do to the file there, by the first hunk of each."""
        files = [file for change in self._changes.values() for file in change.files if file.where == path]
        return {file.hunks[0].id: file for file in files if file.hunks}

    def _turn(self, path: str, stood: Stood, after: Sequence[str], edits: Sequence[TextEdit] | None = None) -> None:
        what = turned(stood.files.values(), stood.lines, after, edits)
        if what is None:
            return

        def moved(file: FileChange) -> FileChange:
            was = stood.files.get(file.hunks[0].id) if file.hunks else None
            return file_turned(was, file, what, after) if was else file

        self.move(path, moved)

    def opened(self, path: str) -> None:
        """The file's text is the buffer's from now on."""
        if seen := self._seen.pop(path, None):
            self._see(path, seen, self._look(path, seen.last))
        self._judge_renamings(path)

    def closed(self, path: str, last: str) -> None:
        """The file's text is the disk's from now on."""
        if path in self.paths():
            self._seen[path] = _Seen(last, last, True)
            self.refresh(path)

    def refresh(self, path: str) -> None:
        """Compares a file that isn't open with what its hunks stand in; for one that is open, nothing needs doing."""
        if path in self._seen and not self.texts.is_open(path):
            before = self._seen[path]
            self._seen[path] = self._look(path, before.last)
            self._see(path, before, self._seen[path])
        self._judge_renamings(path)

    def looked_at_again(self, paths: Iterable[str] | None = None) -> None:
        """Compares the files with these paths, and all files below them, with the disk; all files for `None`."""
        places = None if paths is None else tuple(paths)
        for path in sorted(self.paths()):
            if places is None or any(path == place or path.startswith(f"{place}/") for place in places):
                self.refresh(path)

    def align(self, path: str) -> str | None:
        """The file's text now, with every open hunk of the file in its lines."""
        self.refresh(path)
        if self.texts.is_open(path):
            return self.texts.current(path)
        if path not in self._seen:
            self._seen[path] = self._look(path, None)
        return self._seen[path].now

    def renamed(self, old: str, new: str) -> None:
        """Follows what was renamed from `old` to `new`: a file, or a folder and all that is below it.

        May be told more than once, and in any order with the closing and opening of its documents.
        """
        moved = {path: new + path[len(old) :] for path in self.paths() if path == old or path.startswith(f"{old}/")}
        stood = {path: self._standing_in(path) for path in moved}
        for path in moved.values():
            self.refresh(path)  # what stood there was overwritten
        told: list[Change] = []
        for change in list(self._changes.values()):
            files = tuple(self._carried(file, old, new, stood) for file in change.files)
            if [(f.path, f.where) for f in files] == [(f.path, f.where) for f in change.files]:
                continue
            files = _one_for_each_place(change.files, files)
            base, written = (
                {moved.get(path, path): text for path, text in texts.items()} for texts in (change.base, change.written)
            )
            self._changes[change.id] = evolve(change, files=files, base=base, written=written)
            if change.id not in self.in_writing:
                told.append(self._changes[change.id])
        for path, target in moved.items():
            if (seen := self._seen.get(target)) and seen.last is None:
                self._seen[target] = evolve(seen, last=stood[path])
            if not self.texts.is_open(path) and all(f.where != path for c in self._changes.values() for f in c.files):
                self._seen.pop(path, None)
        self.looked_at_again([old, new])
        for change in told:
            self._keep(change)
            self.tell(ChangeUpdated(change.discussion, self._changes[change.id]))

    def _carried(self, file: FileChange, old: str, new: str, stood: Mapping[str, str | None]) -> FileChange:
        """The file under its names after a renaming, with its hunks in the text that stands under the new one."""
        carried = file_carried(file, old, new)
        if carried.where == file.where:
            return carried
        before, after = stood[file.where], self.align(carried.where)
        written = self._as_planned(carried.where, before, after)
        return file_replaced(carried, before, after, self.texts.exists(carried.where), True, written)

    def _look(self, path: str, last: str | None) -> _Seen:
        now = self.texts.current(path)
        return _Seen(last if now is None else now, now, now is not None or self.texts.exists(path))

    def _see(self, path: str, before: _Seen, now: _Seen) -> None:
        if now == before:
            return
        last, text, there = before.last, now.now, now.there
        written = self._as_planned(path, last, text)
        stood = None if last is None or path in self.planned else Stood(split_lines(last), self._at(path))
        self._follow(path, lambda file, merging: file_replaced(file, last, text, there, merging, written))
        if stood and text is not None:
            self._turn(path, stood, split_lines(text))

    def _as_planned(self, path: str, before: str | None, after: str | None) -> Sequence[Hunk] | None:
        """The hunks that the editor was asked to write there, should just that have happened to the text: where these
        lines went needs no comparing, which can't tell like lines apart."""
        part = self.planned.get(path)
        return part.edits if part and (part.before, part.after) == (before, after) and after is not None else None

    def _judge_renamings(self, path: str) -> None:
        """What is renamed from this path, or to it, may go now, or no longer."""
        for change in list(self._changes.values()):
            for file in change.files:
                if file.kind is FileKind.RENAME and path in (file.path, file.new_path):
                    self._follow(file.where, lambda one, _: self.with_renaming(one))

    def with_renaming(self, file: FileChange) -> FileChange:
        if file.kind is not FileKind.RENAME or file.where != file.path or not file.new_path:
            return file
        return renaming_judged(file, self.texts.exists(file.path), self.texts.exists(file.new_path))

    def move(self, path: str, move: Callable[[FileChange], FileChange], but: str | None = None) -> None:
        """Moves the hunks of every change in a file (of all `but` one), and tells whose status moved."""
        self._follow(path, lambda file, _: move(file), but)

    def _follow(self, path: str, follow: Callable[[FileChange, bool], FileChange], but: str | None = None) -> None:
        """The same; `follow` is told whether the user's edits may be merged into hunks. What the editor writes of a
        change that is being applied is none of the user's."""
        told: list[Change] = []
        for change in list(self._changes.values()):
            if change.id == but or all(file.where != path for file in change.files):
                continue
            written = change.id in self.in_writing
            files = tuple(follow(file, not written) if file.where == path else file for file in change.files)
            moved = evolve(change, files=files)
            self._changes[change.id] = moved
            # A change that is being written passes through states of no interest; `settle` tells how it ended. So do
            # the twins of its hunks.
            if not written and statuses_of(moved) != statuses_of(change) and not self._awaits_twin(moved):
                told.append(moved)
        # Only when all stand where the text is: whoever is told looks at the other files, which may move more hunks.
        for moved in told:
            self.tell(ChangeUpdated(moved.discussion, moved))

    # --- twins

    def _pair(self, change: Change) -> None:
        """Finds the twins of the change's hunks."""
        self.twins.pair(change, [one for one in self.of(change.discussion) if one.id != change.id])

    def _name_sources(self, change: Change) -> list[Change]:
        """Has the change's hunks and their twins name everyone whose proposal still stands. Returns the other changes
        whose names moved, kept."""
        related = {hunk.id for hunk in hunks_of(change)}
        related |= {twin for id in related for twin in self.twins.of(id)}
        mates = [one for one in self._changes.values() if one.discussion == change.discussion]
        moved: list[Change] = []
        for one in mates:
            named = with_sources(one, mates, self.twins.among(related))
            if named != one:
                self._changes[one.id] = named
                if one.id != change.id:
                    self._keep(named)
                    moved.append(named)
        return moved

    def _awaits_twin(self, change: Change) -> bool:
        written = {hunk.id for id in self.in_writing if id in self._changes for hunk in hunks_of(self._changes[id])}
        return any(twin in written for hunk in hunks_of(change) for twin in self.twins.of(hunk.id))

    # --- turning down and keeping

    def reject(
        self, change: Change, hunks: Sequence[str] | None, reason: str | None, settled: Settled | None = None
    ) -> Change:
        """Turns pending (and stale) hunks down, all or those named, and keeps why; what is applied stays as it is.
        `settled` is what was decided about them by that.

        The twin of such a hunk stays pending, as somebody else's proposal: it no longer names this change's source.
        """
        named = set(hunks) if hunks is not None else None

        def turned_down(hunk: Hunk) -> Hunk:
            meant = named is None or hunk.id in named
            open_ = hunk.status in (HunkStatus.PENDING, HunkStatus.STALE)
            return evolve(hunk, status=HunkStatus.REJECTED, settled=settled) if meant and open_ else hunk

        files = tuple(evolve(file, hunks=tuple(map(turned_down, file.hunks))) for file in change.files)
        reasons = (*change.reasons, reason) if reason else change.reasons
        return self._put_with_names(evolve(change, files=files, reasons=reasons))

    def mark(self, hunks: Collection[str], settled: Settled | None) -> None:
        """Keeps what was decided about these hunks, in whatever changes they are, and tells of it."""
        for change in list(self._changes.values()):
            if any(hunk.id in hunks and hunk.settled is not settled for hunk in hunks_of(change)):
                files = tuple(
                    evolve(
                        file,
                        hunks=tuple(evolve(h, settled=settled) if h.id in hunks else h for h in file.hunks),
                    )
                    for file in change.files
                )
                self.put(evolve(self._changes[change.id], files=files))

    def unreject(self, change: Change, hunks: Sequence[str] | None) -> Change:
        """Takes up rejected hunks again, all or those named: pending where their lines stand, else stale. They are
        twins of what stands there then, whatever they were of before."""
        rejected = {hunk.id for hunk in hunks_of(change) if hunk.status is HunkStatus.REJECTED}
        taken_up = rejected if hunks is None else rejected & set(hunks)
        if not taken_up:
            return change
        files: list[FileChange] = []
        for file in change.files:
            text = self.align(file.where)
            again = tuple(evolve(hunk, settled=None) if hunk.id in taken_up else hunk for hunk in file.hunks)
            file = file_taken_up(evolve(file, hunks=again), taken_up, text, self.texts.exists(file.where))
            files.append(self.with_renaming(file))
        change = evolve(change, files=tuple(files))
        self._changes[change.id] = change
        self.twins.part(taken_up)
        self._pair(change)
        return self._put_with_names(change)

    def _put_with_names(self, change: Change) -> Change:
        """Keeps and tells of a change whose proposals of some hunks came or went, and of the others whose hunks name
        somebody else now."""
        self._changes[change.id] = change
        renamed = self._name_sources(change)
        put = self.put(self._changes[change.id])
        for other in renamed:
            self.tell(ChangeUpdated(other.discussion, other))
        return put

    def keep(self) -> None:
        """Stores the changes that moved since they were stored, with the text their hunks stand in now.

        One that another server moved meanwhile is left as that server has it.
        """
        for change in self._changes.values():
            self._keep(change)

    def _keep(self, change: Change) -> None:
        kept = self._with_base(change)
        before = self._stored[change.id]
        if kept != before and self.store.change(change.id) == before:
            self._save(kept)

    def put(self, change: Change) -> Change:
        change = self._with_base(change)
        self._changes[change.id] = change
        self._save(change)
        self.tell(ChangeUpdated(change.discussion, change))
        return change

    def _save(self, change: Change) -> None:
        self.store.save_change(change, self.workspace)
        self._stored[change.id] = change

    def _with_base(self, change: Change) -> Change:
        """The change with the texts its hunks stand in. Not a new look at the disk: what changed there since is
        followed when the change is looked at next, or taken up again."""
        return evolve(change, base={file.path: self._standing_in(file.where) for file in change.files})

    def _standing_in(self, path: str) -> str | None:
        if self.texts.is_open(path):
            return self.texts.current(path)
        if path not in self._seen:
            self._seen[path] = self._look(path, None)
        return self._seen[path].last


def _one_for_each_place(before: Sequence[FileChange], after: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """A change's files after a renaming, with two that are in one place now as one."""
    found: dict[str, FileChange] = {}
    for was, file in zip(before, after, strict=True):
        if other := found.get(file.where):
            came = file.where != was.where
            file = file_overwritten(other, file) if came else file_overwritten(file, other)
        found[file.where] = file
    return tuple(found.values())


def _has(change: Change, status: HunkStatus) -> bool:
    return any(hunk.status is status for file in change.files for hunk in file.hunks)


def statuses_of(change: Change) -> list[HunkStatus]:
    return [hunk.status for file in change.files for hunk in file.hunks]
