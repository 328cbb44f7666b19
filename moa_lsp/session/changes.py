"""The pending changes of a workspace: made of replies, kept in step with the text, turned down and kept.

The one owner of where each hunk stands now. An open document's edits are followed one by one; the text of a
file that isn't open is compared whenever a change is looked at. What is written, and what stands afterwards, is
`writing.py`'s. How blocks are read, placed and followed is `moa_lsp/edits/`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import uuid4

from attrs import evolve, field, mutable

from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.follow import TextEdit, follow, follow_replacement
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.place import place
from moa_lsp.edits.read import read_edits
from moa_lsp.edits.unseen import pointed_out
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
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

    def mark(self, path: str) -> str:
        """The byte order mark that the file begins with on disk and its text here doesn't; mostly none."""
        ...


@mutable
class Changes:
    """All open changes of one workspace."""

    workspace: str
    store: Store
    texts: Texts
    tell: Callable[[Event], None]
    _changes: dict[str, Change] = field(factory=dict[str, Change], init=False)
    _aligned: dict[str, str | None] = field(factory=dict[str, str | None], init=False)
    """Per file that isn't open, the text that all hunks' lines stand in; an open file's hunks follow its edits."""
    in_writing: set[str] = field(factory=set[str], init=False)
    """The changes that the editor is being asked to write; `writing.py` tells how that ended."""
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
        return change

    def _brought_forward(self, file: FileChange, base: str | None) -> FileChange:
        now = self.align(file.path)
        return self._moved(file, base, now)

    # --- making and finding

    def propose(self, discussion: str, source: str, title: str, reply: str) -> Change | None:
        """The change that a reply's edits make, pending and stored; `None` where the reply holds no edit at all."""
        reading = read_edits(reply)
        if not reading.blocks and not reading.problems:
            return None
        texts: dict[str, str | None] = {}
        problems: list[Problem] = list(reading.problems)
        blocks = list(reading.blocks)
        for path in dict.fromkeys(block.path for block in blocks):
            if reason := self.texts.refusal(path):
                problems.append(Problem(f"{path} can't be edited: it {reason}.", path))
                blocks = [block for block in blocks if block.path != path]
            else:
                texts[path] = self.align(path)
        placement = place(blocks, texts, source, _new_id)
        change = Change(
            id=_new_id(),
            discussion=discussion,
            source=source,
            title=title,
            files=placement.files,
            problems=(*problems, *placement.problems, *pointed_out(placement.files)),
            base={file.path: texts[file.path] for file in placement.files},
        )
        self._changes[change.id] = change
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
            self.refresh(file.path)
        now = self._changes.get(change.id)
        return evolve(change, files=now.files) if now else change

    def now(self, id: str) -> Change:
        """The open change of that id, as far as it was followed; raises `KeyError` where there is none."""
        return self._changes[id]

    def standing(self, discussion: str | None) -> list[Change]:
        """The changes of a discussion that hold a pending hunk, oldest first."""
        return [c for c in self._changes.values() if c.discussion == discussion and _has(c, HunkStatus.PENDING)]

    def paths(self) -> set[str]:
        return {file.path for change in self._changes.values() for file in change.files}

    def diff(self, change: Change) -> str:
        """What the pending hunks of a fresh change would do to the text as it is; of one without any, what was
        written. Files are called as they are in their workspace folder, where all of them lie in one."""
        parts: list[tuple[FileChange, str | None]] = []
        for file in change.files:
            pending = tuple(hunk for hunk in file.hunks if hunk.status is HunkStatus.PENDING)
            if pending:
                before = self.align(file.path)
                after = None if file.kind is FileKind.DELETE else hunk_text_after(before or "", pending)
                parts.append(self._from_to(file, before, after))
        if not parts:
            written = ((file, change.written.get(file.path)) for file in change.files)
            parts = [self._from_to(file, *texts) for file, texts in written if texts]
        inside = [(*self.texts.names(file.path), file.path)[1] for file, _ in parts]
        folders = {file.path.removesuffix(name) for (file, _), name in zip(parts, inside, strict=True)}
        if len(folders) == 1:
            parts = [(evolve(file, path=name), before) for (file, before), name in zip(parts, inside, strict=True)]
        return unified_diff(parts)

    def _from_to(self, file: FileChange, before: str | None, after: str | None) -> tuple[FileChange, str | None]:
        """A change of one file from one text to the other, as one hunk, for the diff: with the file's byte order mark,
        which git takes for text."""
        mark = self.texts.mark(file.path)
        before, after = (text if text is None else mark + text for text in (before, after))
        old, new = before or "", after or ""
        whole = Hunk("whole", 0, len(split_lines(old)), old, new)
        kind = FileKind.CREATE if before is None else FileKind.DELETE if after is None else FileKind.EDIT
        return FileChange(file.path, kind, None, (whole,)), before

    # --- keeping in step

    def edited(self, path: str, edit: TextEdit, lines_after: Sequence[str]) -> None:
        """Follows one edit of an open document; `lines_after` are the document's lines after it."""

        def move(file: FileChange) -> FileChange:
            if _is_to_create(file):
                return evolve(file, hunks=tuple(_fitted(hunk, file.kind, "") for hunk in file.hunks))
            return evolve(file, hunks=follow(file.hunks, edit, lines_after))

        self.move(path, move)

    def replaced(self, path: str, before: str | None, after: str | None) -> None:
        """Follows a whole new text: a full sync, a file opened with other text than on disk, a change on disk."""
        if before != after:
            self.move(path, lambda file: self._moved(file, before, after))

    def opened(self, path: str, text: str) -> None:
        """The file's text is the buffer's from now on."""
        if path in self._aligned:
            self.replaced(path, self._aligned.pop(path), text)

    def closed(self, path: str, last: str) -> None:
        """The file's text is the disk's from now on."""
        if path in self.paths():
            self._aligned[path] = last
            self.refresh(path)

    def refresh(self, path: str) -> None:
        """Compares a file that isn't open with what its hunks stand in; for one that is open, nothing needs doing."""
        if path in self._aligned and not self.texts.is_open(path):
            before = self._aligned[path]
            now = self.texts.current(path)
            self._aligned[path] = now
            self.replaced(path, before, now)

    def align(self, path: str) -> str | None:
        """The file's text now, with every open hunk of the file in its lines."""
        self.refresh(path)
        now = self.texts.current(path)
        if not self.texts.is_open(path):
            self._aligned[path] = now
        return now

    def _moved(self, file: FileChange, before: str | None, after: str | None) -> FileChange:
        if before == after:
            return file
        if before is not None and after is not None and not _is_to_create(file):
            return evolve(file, hunks=follow_replacement(file.hunks, before, after))
        return evolve(file, hunks=tuple(_fitted(hunk, file.kind, after) for hunk in file.hunks))

    def move(self, path: str, move: Callable[[FileChange], FileChange], but: str | None = None) -> None:
        """Moves the hunks of every change in a file (of all `but` one), and tells whose status moved."""
        told: list[Change] = []
        for change in list(self._changes.values()):
            if change.id == but or all(file.path != path for file in change.files):
                continue
            moved = evolve(change, files=tuple(move(f) if f.path == path else f for f in change.files))
            self._changes[change.id] = moved
            # A change that is being written passes through states of no interest; `settle` tells how it ended.
            if change.id not in self.in_writing and _statuses(moved) != _statuses(change):
                told.append(moved)
        # Only when all stand where the text is: whoever is told looks at the other files, which may move more hunks.
        for moved in told:
            self.tell(ChangeUpdated(moved.discussion, moved))

    # --- turning down and keeping

    def reject(self, change: Change, hunks: Sequence[str] | None, reason: str | None) -> Change:
        """Turns pending (and stale) hunks down, all or those named, and keeps why; what is applied stays as it is."""
        named = set(hunks) if hunks is not None else None

        def turned_down(hunk: Hunk) -> Hunk:
            meant = named is None or hunk.id in named
            open_ = hunk.status in (HunkStatus.PENDING, HunkStatus.STALE)
            return evolve(hunk, status=HunkStatus.REJECTED) if meant and open_ else hunk

        files = tuple(evolve(file, hunks=tuple(map(turned_down, file.hunks))) for file in change.files)
        reasons = (*change.reasons, reason) if reason else change.reasons
        return self.put(evolve(change, files=files, reasons=reasons))

    def keep(self) -> None:
        """Stores the changes that moved since they were stored, with the text their hunks stand in now.

        One that another server moved meanwhile is left as that server has it.
        """
        for change in self._changes.values():
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
        return evolve(change, base={file.path: self._standing_in(file.path) for file in change.files})

    def _standing_in(self, path: str) -> str | None:
        return self.texts.current(path) if self.texts.is_open(path) else self._aligned.get(path)


def _is_to_create(file: FileChange) -> bool:
    """Whether the file is one that is still to be created: as soon as there is a file, it no longer fits."""
    return file.kind is FileKind.CREATE and all(hunk.status is not HunkStatus.APPLIED for hunk in file.hunks)


def _fitted(hunk: Hunk, kind: FileKind, now: str | None) -> Hunk:
    """A hunk of a file that came or went: pending where it fits what is there now, else stale."""
    if hunk.status not in (HunkStatus.PENDING, HunkStatus.STALE):
        return hunk
    if kind is FileKind.CREATE:
        hunk, fits = evolve(hunk, start=0, end=0), now is None
    else:
        fits = now is not None and "".join(split_lines(now)[hunk.start : hunk.end]) == hunk.old
    return evolve(hunk, status=HunkStatus.PENDING if fits else HunkStatus.STALE)


def _has(change: Change, status: HunkStatus) -> bool:
    return any(hunk.status is status for file in change.files for hunk in file.hunks)


def _statuses(change: Change) -> list[HunkStatus]:
    return [hunk.status for file in change.files for hunk in file.hunks]


def _new_id() -> str:
    return uuid4().hex[:12]
