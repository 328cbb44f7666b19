"""Checkpoints: how files were before each write, and the way back to any of them.

Rules:
- Before the editor is asked to write anything, the text of every file that this touches is stored; afterwards, how it
  was left. So nothing that a write took away is lost, and what was edited since can be told.
- Restoring brings back the files of a checkpoint and those that later ones touched, each to the earliest text kept of
  it from then on. It is a write like any other, with a checkpoint of its own, and can itself be taken back.
- What somebody edited since is never restored over in silence: `Restore.edited` names it, and a person has to say yes.

What becomes of the changes whose hunks no longer stand is `writing.py`'s; who asks and who writes is in `lsp/`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from attrs import frozen

from moa_lsp.context.files import FileText
from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import changed_spans, split_lines
from moa_lsp.edits.values import FileKind, Hunk
from moa_lsp.session.changes import Changes
from moa_lsp.session.plan import FilePlan, Plan, first_difference, in_order, reads
from moa_lsp.store.checkpoint import Checkpoint, KeptFile


@frozen
class Edited:
    """A file that was edited since we wrote it; `line` is the first that differs, counted from 1."""

    path: str
    line: int


@frozen
class Restore:
    """What a restore would do, and the edits of others that it would take away."""

    plan: Plan
    edited: tuple[Edited, ...]
    unknown: tuple[str, ...] = ()
    """The files that were asked for and that no checkpoint from there on has."""


@frozen
class Checkpoints:
    """One workspace's checkpoints. `on_disk` tells how a file is written on the disk, `None` where it can't be read or
    doesn't exist; `clock` gives seconds since the epoch."""

    changes: Changes
    on_disk: Callable[[str], FileText | None]
    clock: Callable[[], float] = time.time

    def keep(self, plan: Plan) -> Checkpoint:
        """Stores how the files of the plan are now, before it is carried out."""
        renamed = {part.path: part.new_path for part in plan.files if part.new_path}
        files = {path: self._kept(path, text, renamed.get(path)) for path, text in plan.texts_before.items()}
        change, discussion = (plan.change.id, plan.change.discussion) if plan.change else (None, None)
        checkpoint = Checkpoint(uuid4().hex[:12], self.clock(), plan.title, change, discussion, files)
        self.changes.store.save_checkpoint(checkpoint, self.changes.workspace)
        return checkpoint

    def _kept(self, path: str, text: str | None, renamed_to: str | None) -> KeptFile:
        written = self.on_disk(path)
        if written is None:
            return KeptFile(text, renamed_to=renamed_to)
        return KeptFile(text, written.encoding, written.bom, renamed_to)

    def settle(self, checkpoint: Checkpoint) -> None:
        """Stores how the write that the checkpoint was made for left its files."""
        left = {path: self.changes.texts.current(path) for path in checkpoint.files}
        self.changes.store.settle_checkpoint(checkpoint.id, left)

    def all(self, discussion: str | None = None) -> list[Checkpoint]:
        """The workspace's checkpoints, newest first; of one discussion, where it is named."""
        found = self.changes.store.checkpoints(self.changes.workspace)
        return [one for one in reversed(found) if discussion is None or one.discussion == discussion]

    def newest(self, most: int) -> list[Checkpoint]:
        """The workspace's newest checkpoints, newest first, without their files: cheap enough to be asked often."""
        return self.changes.store.newest_checkpoints(self.changes.workspace, most)

    def before(self, change: Change, path: str) -> KeptFile | None:
        """The file as it was when that change was last about to be applied to it."""
        kept = (one.files[path] for one in self.all(change.discussion) if one.change == change.id and path in one.files)
        return next((file for file in kept if file.before is not None), None)

    # --- restoring

    def restore(self, id: str, only: Sequence[str] | None) -> Restore | None:
        """What brings the workspace, or `only` these files, back to that checkpoint; `None` where there is none."""
        since = self.changes.store.checkpoints(self.changes.workspace, id)
        if not since:
            return None
        # Taken up first, so that their hunks are followed from here on.
        moves = [self.changes.get(id) for id in dict.fromkeys(one.change for one in since if one.change)]
        wanted: dict[str, KeptFile] = {}
        for one in since:
            for path, file in one.files.items():
                if only is None or path in only:
                    wanted.setdefault(path, file)
        unknown = tuple(path for path in only or () if path not in wanted)
        now = {path: self.changes.align(path) for path in wanted}
        wanted = {path: file for path, file in wanted.items() if not reads(now[path], file.before)}
        edited = [one for path in wanted if (one := self._edited(path, since, now[path]))]
        title = f"Restore: {since[0].title}"
        files = _parts(wanted, now, _origins(since))
        plan = Plan(title, in_order(files), moves=tuple(change for change in moves if change))
        return Restore(plan, tuple(edited), unknown)

    def _edited(self, path: str, since: Sequence[Checkpoint], now: str | None) -> Edited | None:
        """Where somebody else edited the file since the first of these checkpoints, also between two of them."""
        kept = [one.files[path] for one in since if path in one.files]
        # How a write that never ended left its file isn't known: all that differs counts as somebody's.
        left = [file.left if file.settled else file.before for file in kept]
        found = [*(file.before for file in kept[1:]), now]
        for ours, theirs in zip(left, found, strict=True):
            if not reads(theirs, ours):
                return Edited(path, first_difference(ours or "", theirs or "") + 1)
        return None


def _origins(since: Sequence[Checkpoint]) -> Mapping[str, str]:
    """Where each file that was renamed since comes from."""
    origins: dict[str, str] = {}
    for one in since:
        for path, file in one.files.items():
            if file.renamed_to:
                origins[file.renamed_to] = origins.pop(path, path)
    return origins


def _parts(wanted: Mapping[str, KeptFile], now: Mapping[str, str | None], origins: Mapping[str, str]) -> list[FilePlan]:
    """The files' parts: those that are elsewhere now renamed back, the others edited, created or deleted."""
    parts: list[FilePlan] = []
    left = dict(wanted)
    for path, origin in origins.items():
        there, here = left.get(origin), left.get(path)
        text = now.get(path)
        if there and here and text is not None and now[origin] is None and here.before is None and there.before:
            hunks = (Hunk("renaming", 0, 0, "", ""), *_hunks(path, text, there.before))
            parts.append(FilePlan(path, FileKind.RENAME, hunks, text, there.before, path, origin))
            del left[origin], left[path]
    for path, file in left.items():
        text = now[path]
        kind = FileKind.CREATE if text is None else FileKind.DELETE if file.before is None else FileKind.EDIT
        hunks = _hunks(path, text or "", file.before or "")
        parts.append(FilePlan(path, kind, hunks, text, file.before, path, encoding=file.encoding, bom=file.bom))
    return parts


def _hunks(path: str, text: str, wanted: str) -> tuple[Hunk, ...]:
    old, new = split_lines(text), split_lines(wanted)
    return tuple(
        Hunk(
            f"{path}:{span.start}",
            span.start,
            span.end,
            "".join(old[span.start : span.end]),
            "".join(new[span.new_start : span.new_end]),
        )
        for span in changed_spans(old, new)
    )
