"""A workspace for the session's tests: real files, real documents, a real store, and nobody who writes by itself."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from moa_lsp.edits.change import Change
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.positions import PositionCodec
from moa_lsp.session.changes import Changes
from moa_lsp.session.checkpoints import Checkpoints
from moa_lsp.session.events import Event
from moa_lsp.session.plan import Plan
from moa_lsp.session.proposing import Proposing
from moa_lsp.session.writing import Writing
from moa_lsp.store.store import Store

TEXT = "one = 1\ntwo = 2\nthree = 3\n"
DISCUSSION = "discussion"


def edit(path: str, search: str, replace: str) -> str:
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"


def patch(*lines: str) -> str:
    return "\n".join(["*** Begin Patch", *lines, "*** End Patch", ""])


@frozen
class Room:
    """A workspace with one file, and its changes."""

    root: Path
    store: Store
    buffers: Buffers
    changes: Changes
    told: list[Event]

    @property
    def proposing(self) -> Proposing:
        return Proposing(self.changes)

    @property
    def writing(self) -> Writing:
        return Writing(self.changes, Checkpoints(self.changes, self.buffers.written))

    def propose(self, reply: str, source: str = "alpha", *known: str) -> Change:
        change = self.proposing.propose(DISCUSSION, source, f"{source}'s", reply, known)
        assert change
        return change

    def status(self, change: Change) -> list[str]:
        now = self.changes.get(change.id)
        assert now
        return [hunk.status.value for file in now.files for hunk in file.hunks]

    def sources(self, change: Change) -> list[tuple[str, ...]]:
        return [hunk.sources for file in self.changes.now(change.id).files for hunk in file.hunks]

    def again(self) -> Room:
        """What the next server on this workspace has, after this one ended."""
        self.changes.keep()
        room = begun(self.root, self.store)
        room.changes.restore()
        return room

    def apply(self, change: Change, *hunks: str) -> Change:
        """Applies a change, or these hunks of it, as an editor does that writes every file to the disk."""
        now = self.changes.get(change.id)
        assert now
        plan = self.writing.plan(now, hunks or None, [file.path for file in now.files])
        assert plan
        return self.carry_out(plan)

    def undo(self, change: Change) -> Change:
        now = self.changes.get(change.id)
        assert now
        return self.carry_out(self.writing.plan_undo(now))

    def carry_out(self, plan: Plan) -> Change:
        checkpoint = self.writing.begin(plan)
        self.write(plan)
        change = self.writing.settle(plan, checkpoint)
        assert change
        return change

    def write(self, plan: Plan) -> None:
        for path, text in plan.texts_after.items():
            if text is None:
                (self.root / path).unlink()
        for path, text in plan.texts_after.items():
            if text is not None:
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_bytes(text.encode())


def begun(root: Path, store: Store) -> Room:
    buffers = Buffers.of([root], PositionCodec("utf-16"))
    told: list[Event] = []
    return Room(root, store, buffers, Changes(str(root), store, buffers, told.append), told)
