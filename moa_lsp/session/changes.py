"""The pending changes of a workspace: made of replies, kept in step with the text, turned down and kept.

The one owner of where each hunk stands now. An open document's edits are followed one by one; the text of a
file that isn't open is compared whenever a change is looked at, and whenever the editor says that the disk changed.
Files that the user renames or deletes are followed too. Hunks of one discussion that propose the same are twins, and
settled together. What is written, and what stands afterwards, is `writing.py`'s. How blocks are read, placed and
followed is `moa_lsp/edits/`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from uuid import uuid4

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.follow import TextEdit
from moa_lsp.edits.follow_file import file_carried, file_edited, file_proposed, file_replaced, renaming_judged
from moa_lsp.edits.left_out_folders import with_folders
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.place import place
from moa_lsp.edits.read import read_edits
from moa_lsp.edits.repair import NOTHING_CAME, after_repair, below
from moa_lsp.edits.twins import as_if_written, as_its_twin, hunks_of, twins_among, with_sources
from moa_lsp.edits.unseen import pointed_out
from moa_lsp.edits.values import (
    Block,
    FileChange,
    FileKind,
    Hunk,
    HunkStatus,
    Placement,
    Problem,
    RenameFile,
)
from moa_lsp.session.events import ChangeUpdated, Event
from moa_lsp.store.store import Store


class Texts(Protocol):
    """The text of the workspace's files as it stands: of the open buffer, else of the file."""

    def current(self, path: str) -> str | None:
        """The text now, or `None` where there is no such file."""
        ...

    def refusal(self, path: str) -> str | None:
        """Why this path may not be edited: it leads outside, is no text, is too large. `None` where it may."""
        ...

    def names(self, path: str) -> Sequence[str]:
        """What the file is called in its own workspace folder: as it is written, and with every link resolved."""
        ...

    def is_open(self, path: str) -> bool: ...

    def exists(self, path: str) -> bool:
        """Whether anything bears that name: an open document, a file of whatever kind, a folder."""
        ...

    def mark(self, path: str) -> str:
        """The byte order mark that the file begins with on disk and its text here doesn't; mostly none."""
        ...


@frozen
class _Seen:
    """A file that isn't open, as it was when it was last looked at: the last text it had, in whose lines all hunks
    stand; the text now, `None` where there's none; and whether there is anything of that name."""

    last: str | None
    now: str | None
    there: bool


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
    _twins: dict[str, set[str]] = field(factory=dict[str, set[str]], init=False)
    """Per hunk's id, the ids of its twins. Derived: found when a change is made or taken up."""
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
        return self._with_renaming(file_replaced(file, base, now, self.texts.exists(file.where)))

    # --- making and finding

    def propose(self, discussion: str, source: str, title: str, reply: str, known: Sequence[str] = ()) -> Change | None:
        """The change that a reply's edits make, pending and stored; `None` where the reply holds no edit at all.

        `known` are the paths of the files that the model was shown: it may have left out a folder.
        """
        reading = read_edits(reply)
        if not reading.blocks and not reading.problems:
            return None
        placement, base = self._placed(reading.blocks, source, known)
        change = Change(
            id=_new_id(),
            discussion=discussion,
            source=source,
            title=title,
            files=placement.files,
            problems=(*reading.problems, *placement.problems, *pointed_out(placement.files)),
            base=base,
        )
        return self._kept_quietly(change)

    def _placed(
        self, blocks: Sequence[Block], source: str, known: Sequence[str]
    ) -> tuple[Placement, dict[str, str | None]]:
        """What comes of blocks in the files as they are now, and the changed files' texts; those of files that may
        not be edited are problems."""
        blocks, problems = with_folders(blocks, known, self.texts.exists)
        texts: dict[str, str | None] = {}
        for path in dict.fromkeys(path for block in blocks for path in _paths_of(block)):
            if reason := self.texts.refusal(path):
                problems.append(Problem(f"{path} can't be edited: it {reason}.", path))
                blocks = [block for block in blocks if path not in _paths_of(block)]
            else:
                texts[path] = self.align(path)
        placement = place(blocks, texts, source, _new_id)
        files = tuple(self._with_renaming(file_proposed(file, texts[file.path])) for file in placement.files)
        base = {file.path: texts[file.path] for file in files}
        return evolve(placement, files=files, problems=(*problems, *placement.problems)), base

    def unfit(self, blocks: Sequence[Block], known: Sequence[str]) -> Problem | None:
        """Why the last of these blocks can't be placed in its file as it is now, together with the others; `None`
        where it can. Nothing is kept of it."""
        placement, _ = self._placed(blocks, "", known)
        problems = (one for one in placement.problems if not one.notice and one.line in (blocks[-1].line, None))
        return next(problems, None)

    def repaired(
        self, change: Change, reply: str, again: str, asked: Sequence[Problem], known: Sequence[str] = ()
    ) -> tuple[Change, int, int]:
        """The change with what its model wrote anew for the problems it was asked about, before anybody is told of
        it; how many of these edits were placed, and how many edits still aren't.

        What placed stays: the edits written anew are placed together with those of the `reply` that were, and where
        that can't be, or somebody has moved on with the change meanwhile, none of them is.
        """
        change = self.fresh(change)
        answer = below(reply, again)
        placed_before = {line for file in change.files for hunk in file.hunks for line in hunk.blocks}
        kept = [block for block in read_edits(reply).blocks if block.line in placed_before]
        placement, base = self._placed([*kept, *answer.blocks], change.source, known)
        placed = {line for file in placement.files for hunk in file.hunks for line in hunk.blocks}
        if not placed_before <= placed or any(status is not HunkStatus.PENDING for status in _statuses(change)):
            return self.noted(change, NOTHING_CAME), 0, len(asked)
        ids = {_what(file, hunk): hunk.id for file in change.files for hunk in file.hunks}
        files = tuple(
            evolve(file, hunks=tuple(evolve(hunk, id=ids.get(_what(file, hunk), hunk.id)) for hunk in file.hunks))
            for file in placement.files
        )
        found = (*placement.problems, *pointed_out(files))
        mended = after_repair(reply, change.problems, asked, answer, found, placed)
        change = self._kept_quietly(evolve(change, files=files, problems=mended.problems, base=base))
        return change, mended.placed, mended.left

    def noted(self, change: Change, notice: str) -> Change:
        """The change with one more notice, before anybody is told of it."""
        return self._kept_quietly(evolve(change, problems=(*change.problems, Problem(notice, notice=True))))

    def _kept_quietly(self, change: Change) -> Change:
        self._changes[change.id] = change
        self._pair(change)
        # Nobody is told of the twins' new names either: the new change's own tell of them, when it is told.
        self._name_sources(change)
        change = self._changes[change.id]
        self._save(change)
        return change

    def get(self, id: str) -> Change | None:
        """The change of that id as it stands now, also one that was closed long ago."""
        change = self._changes.get(id)
        stored = self.store.change(id)
        if stored is None and change is None:
            return None
        if stored is not None and stored != self._stored.get(id):
            change = self._take_up(stored)
        assert change
        return self.fresh(change)

    def fresh(self, change: Change) -> Change:
        """The change with its hunks where they stand now, in every one of its files; the rest of it as it is given."""
        for file in change.files:
            self.refresh(file.where)
        now = self._changes.get(change.id)
        return evolve(change, files=now.files) if now else change

    def now(self, id: str) -> Change:
        """The open change of that id, as far as it was followed; raises `KeyError` where there is none."""
        return self._changes[id]

    def standing(self, discussion: str | None) -> list[Change]:
        """The changes of a discussion that hold a pending hunk, oldest first."""
        return [c for c in self._changes.values() if c.discussion == discussion and _has(c, HunkStatus.PENDING)]

    def paths(self) -> set[str]:
        """Every path that a change is about: where its texts are, and what renamed files were and are to be called."""
        files = [file for change in self._changes.values() for file in change.files]
        return {path for file in files for path in (file.path, file.new_path) if path}

    def diff(self, change: Change) -> str:
        """What the pending hunks of a fresh change would do to the text as it is; of one without any, what was
        written. Files are called as they are in their workspace folder, where all of them lie in one."""
        parts: list[tuple[FileChange, str | None]] = []
        for file in change.files:
            pending = tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.PENDING)
            if pending:
                before = self.align(file.where)
                after = None if file.kind is FileKind.DELETE else hunk_text_after(before or "", pending)
                renames = any(hunk.renames for hunk in pending)
                parts.append(self._from_to(file.where, file.new_path if renames else None, before, after))
        if not parts:
            written = ((file, change.written.get(file.path)) for file in change.files)
            renamed = {file.path: file.new_path for file in change.files if file.where != file.path}
            parts = [self._from_to(file.path, renamed.get(file.path), *texts) for file, texts in written if texts]
        inside = [self._inside(file.path) for file, _ in parts]
        folders = {file.path.removesuffix(name) for (file, _), name in zip(parts, inside, strict=True)}
        if len(folders) == 1:
            (folder,) = folders
            parts = [
                (evolve(file, path=name, new_path=file.new_path and file.new_path.removeprefix(folder)), before)
                for (file, before), name in zip(parts, inside, strict=True)
            ]
        return unified_diff(parts)

    def _inside(self, path: str) -> str:
        return (*self.texts.names(path), path)[1]

    def _from_to(
        self, path: str, new_path: str | None, before: str | None, after: str | None
    ) -> tuple[FileChange, str | None]:
        """A change of one file from one text to the other, as one hunk, for the diff: with the file's byte order mark,
        which git takes for text."""
        mark = self.texts.mark(path)
        before, after = (text if text is None else mark + text for text in (before, after))
        old, new = before or "", after or ""
        whole = Hunk("whole", 0, len(split_lines(old)), old, new)
        kind = FileKind.CREATE if before is None else FileKind.DELETE if after is None else FileKind.EDIT
        return FileChange(path, kind, new_path, (whole,)), before

    # --- keeping in step

    def edited(self, path: str, edit: TextEdit, lines_after: Sequence[str]) -> None:
        """Follows one edit of an open document; `lines_after` are the document's lines after it."""
        self._follow(path, lambda file, merging: file_edited(file, edit, lines_after, merging))

    def replaced(self, path: str, before: str, after: str) -> None:
        """Follows a whole new text of an open document."""
        if before != after:
            self._follow(path, lambda file, merging: file_replaced(file, before, after, True, merging))

    def opened(self, path: str, text: str) -> None:
        """The file's text is the buffer's from now on."""
        if seen := self._seen.pop(path, None):
            self._see(path, seen, _Seen(text, text, True))
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
        return file_replaced(
            carried, stood[file.where], self.align(carried.where), self.texts.exists(carried.where), True
        )

    def _look(self, path: str, last: str | None) -> _Seen:
        now = self.texts.current(path)
        return _Seen(last if now is None else now, now, now is not None or self.texts.exists(path))

    def _see(self, path: str, before: _Seen, now: _Seen) -> None:
        if now != before:
            self._follow(path, lambda file, merging: file_replaced(file, before.last, now.now, now.there, merging))

    def _judge_renamings(self, path: str) -> None:
        """What is renamed from this path, or to it, may go now, or no longer."""
        for change in list(self._changes.values()):
            for file in change.files:
                if file.kind is FileKind.RENAME and path in (file.path, file.new_path):
                    self._follow(file.where, lambda one, _: self._with_renaming(one))

    def _with_renaming(self, file: FileChange) -> FileChange:
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
            if not written and _statuses(moved) != _statuses(change) and not self._awaits_twin(moved):
                told.append(moved)
        # Only when all stand where the text is: whoever is told looks at the other files, which may move more hunks.
        for moved in told:
            self.tell(ChangeUpdated(moved.discussion, moved))

    # --- twins

    def _pair(self, change: Change) -> None:
        """Finds the twins of the change's hunks."""
        others = [one for one in self._changes.values() if one.discussion == change.discussion and one.id != change.id]
        for one, other in twins_among(change, others):
            self._twins.setdefault(one, set()).add(other)
            self._twins.setdefault(other, set()).add(one)

    def _name_sources(self, change: Change) -> list[Change]:
        """Has the change's hunks and their twins name everyone whose proposal still stands. Returns the other changes
        whose names moved, kept."""
        related = {hunk.id for hunk in hunks_of(change)}
        related |= {twin for id in related for twin in self._twins.get(id, ())}
        mates = [one for one in self._changes.values() if one.discussion == change.discussion]
        moved: list[Change] = []
        for one in mates:
            named = with_sources(one, mates, {id: self._twins[id] for id in related if id in self._twins})
            if named != one:
                self._changes[one.id] = named
                if one.id != change.id:
                    self._keep(named)
                    moved.append(named)
        return moved

    def _awaits_twin(self, change: Change) -> bool:
        written = {hunk.id for id in self.in_writing if id in self._changes for hunk in hunks_of(self._changes[id])}
        return any(twin in written for hunk in hunks_of(change) for twin in self._twins.get(hunk.id, ()))

    def settle_twins(self, id: str, paths: Iterable[str]) -> None:
        """Makes the other changes stand as the change of that id left its files (`paths` are these `FileChange`s'),
        after it was applied or undone, and tells whose do.

        A twin is applied, or pending again, with its own. A renamed file is followed by all. An insertion from
        elsewhere that stands in the text already is stale. A rejected hunk stays rejected.
        """
        change = self._changes[id]
        for file in [file for file in change.files if file.path in set(paths)]:
            if file.kind is FileKind.RENAME and file.new_path:
                here, there = file.where, file.path if file.where != file.path else file.new_path
                if self.texts.exists(here) and not self.texts.exists(there):
                    self.renamed(there, here)
            settled = {hunk.id: hunk for hunk in file.hunks}
            for other in list(self._changes.values()):
                if other.id != id and any(self._twins.get(h.id, set()) & settled.keys() for h in hunks_of(other)):
                    self._settle_twin(other, settled)
            self._retire_insertions(file.where, id)

    def _settle_twin(self, change: Change, settled: Mapping[str, Hunk]) -> None:
        files: list[FileChange] = []
        written = dict(change.written)
        for file in change.files:
            pairs = [
                (h, next((settled[t] for t in self._twins.get(h.id, ()) if t in settled), None)) for h in file.hunks
            ]
            hunks = tuple(as_its_twin(hunk, twin) if twin else hunk for hunk, twin in pairs)
            done = [h for h, was in zip(hunks, file.hunks, strict=True) if h.status is not was.status]
            files.append(evolve(file, hunks=hunks))
            if any(hunk.status is HunkStatus.APPLIED for hunk in done):
                written[file.path] = as_if_written(file, done, self.align(files[-1].where))
        self.put(evolve(change, files=tuple(files), written=written))

    def _retire_insertions(self, path: str, written: str) -> None:
        lines = split_lines(self.align(path) or "")

        def retired(hunk: Hunk) -> Hunk:
            count = len(split_lines(hunk.new))
            around = (lines[hunk.start : hunk.start + count], lines[max(hunk.start - count, 0) : hunk.start])
            inserts = hunk.status is HunkStatus.PENDING and hunk.start == hunk.end and not hunk.renames
            if not inserts or hunk.new not in map("".join, around):
                return hunk
            # Its neighbours are no sign that it fits: it stands between them.
            return evolve(hunk, status=HunkStatus.STALE, between=None, meant=None)

        self.move(path, lambda file: evolve(file, hunks=tuple(map(retired, file.hunks))), but=written)

    # --- turning down and keeping

    def reject(self, change: Change, hunks: Sequence[str] | None, reason: str | None) -> Change:
        """Turns pending (and stale) hunks down, all or those named, and keeps why; what is applied stays as it is.

        The twin of such a hunk stays pending, as somebody else's proposal: it no longer names this change's source.
        """
        named = set(hunks) if hunks is not None else None

        def turned_down(hunk: Hunk) -> Hunk:
            meant = named is None or hunk.id in named
            open_ = hunk.status in (HunkStatus.PENDING, HunkStatus.STALE)
            return evolve(hunk, status=HunkStatus.REJECTED) if meant and open_ else hunk

        files = tuple(evolve(file, hunks=tuple(map(turned_down, file.hunks))) for file in change.files)
        reasons = (*change.reasons, reason) if reason else change.reasons
        rejected = evolve(change, files=files, reasons=reasons)
        self._changes[change.id] = rejected
        renamed = self._name_sources(rejected)
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


def _paths_of(block: Block) -> tuple[str, ...]:
    return (block.path, block.new_path) if isinstance(block, RenameFile) else (block.path,)


def _what(file: FileChange, hunk: Hunk) -> tuple[str, int, int, str, str]:
    """By what a hunk is known for the same, made anew."""
    return file.path, hunk.start, hunk.end, hunk.old, hunk.new


def _has(change: Change, status: HunkStatus) -> bool:
    return any(hunk.status is status for file in change.files for hunk in file.hunks)


def _statuses(change: Change) -> list[HunkStatus]:
    return [hunk.status for file in change.files for hunk in file.hunks]


def _new_id() -> str:
    return uuid4().hex[:12]
