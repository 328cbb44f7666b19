"""A reply's edits made into a pending change: read, placed in the files as they are now, and mended once.

What a change's hunks do from then on is `changes.py`'s; how blocks are read and placed is `moa_lsp/edits/`'s, and which
model is asked again, and when, `repair.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from attrs import evolve, frozen

from moa_lsp.discussion.names import COMPOSED
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.compose import Composed, compose
from moa_lsp.edits.differing.contradictions import contradiction
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.following.follow_file import file_proposed
from moa_lsp.edits.following.twins import likeness
from moa_lsp.edits.placing.left_out_folders import with_folders
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.placing.repair import NOTHING_CAME, after_repair, below
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.unseen import pointed_out
from moa_lsp.edits.values import Block, FileChange, Hunk, HunkStatus, Placement, Problem, RenameFile
from moa_lsp.session.changes import Changes, statuses_of


@frozen
class Proposing:
    """Makes changes of replies, and hands them to the workspace's others.

    `taken` are edits that the user settled on: they are part of every change that is made, as they stand, whatever the
    reply says about their lines.
    """

    changes: Changes
    taken: Sequence[Proposed] = ()

    def propose(self, discussion: str, source: str, title: str, reply: str, known: Sequence[str] = ()) -> Change | None:
        """The change that a reply's edits make, pending and stored; `None` where the reply holds no edit at all.

        `known` are the paths of the files that the model was shown: it may have left out a folder.
        """
        reading = read_edits(reply)
        if not reading.blocks and not reading.problems and not self.taken:
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
        return self.changes.take_in(change)

    def _placed(
        self, blocks: Sequence[Block], source: str, known: Sequence[str]
    ) -> tuple[Placement, dict[str, str | None]]:
        """What comes of blocks in the files as they are now, and the changed files' texts; those of files that may
        not be edited are problems."""
        blocks, problems = with_folders(blocks, known, self.changes.texts.exists)
        texts: dict[str, str | None] = {}
        blocks = self._without_refused_renamings(blocks, problems)
        for path in dict.fromkeys(path for block in blocks for path in _paths_of(block)):
            if reason := self.changes.texts.refusal(path):
                problems.append(Problem(f"{path} can't be edited: it {reason}.", path))
                blocks = [block for block in blocks if path not in _paths_of(block)]
            else:
                texts[path] = self.changes.align(path)
        placement = place(blocks, texts, source, _new_id)
        files = tuple(self.changes.with_renaming(file_proposed(file, texts[file.path])) for file in placement.files)
        if self.taken:
            files = self._with_taken(files, source, problems)
        base = {file.path: self.changes.align(file.where) for file in files}
        return evolve(placement, files=files, problems=(*problems, *placement.problems)), base

    def _with_taken(self, files: Sequence[FileChange], source: str, problems: list[Problem]) -> tuple[FileChange, ...]:
        """The files with what the user took in them. What contradicts that is a problem instead, and so is what else
        can't stand beside what comes before it: what was taken may have come together as the text moved."""
        own = [Proposed("", source, file, hunk) for file in files for hunk in file.hunks]
        fitting: list[Proposed] = []
        for one in (*self.taken, *own):
            clash = next(((other, why) for other in fitting if (why := contradiction(one, other))), None)
            if clash is None:
                fitting.append(one)
                continue
            is_own, (other, why) = one in own, clash
            line = one.hunk.blocks[0] if is_own and one.hunk.blocks else None
            cause = (
                "it goes against what you took" if is_own and other in self.taken else "it can't stand beside another"
            )
            problems.append(Problem(f"Left out, since {cause}: {why}", one.file.where, line=line, final=True))
        made = compose(fitting)
        assert isinstance(made, Composed), "what contradicts something was left out"
        blocks = {likeness(one.file, one.hunk): one.hunk.blocks for one in own}

        def as_own(file: FileChange) -> FileChange:
            own = (evolve(hunk, id=_new_id(), blocks=blocks.get(likeness(file, hunk), ())) for hunk in file.hunks)
            return self.changes.with_renaming(evolve(file, hunks=tuple(own)))

        return tuple(map(as_own, made.files))

    def compose(self, discussion: str, title: str, parts: Sequence[Proposed]) -> Change:
        """One change of these hunks, which stand together, pending and stored."""
        placed = evolve(self, taken=tuple(parts))
        change = placed.propose(discussion, COMPOSED, title, "")
        assert change is not None
        return change

    def _without_refused_renamings(self, blocks: Sequence[Block], problems: list[Problem]) -> list[Block]:
        """The blocks without those that give a file a name which it may not have, and the problems with these added.
        What is written under such a name goes to the file as it is called."""
        kept: list[Block] = []
        stays: dict[str, str] = {}
        for block in blocks:
            if isinstance(block, RenameFile) and (reason := self.changes.texts.refusal(block.new_path)):
                said = f"{block.path} isn't renamed to {block.new_path}, which {reason}."
                problems.append(Problem(said, block.path, line=block.line, final=True))
                stays[block.new_path] = block.path
            else:
                kept.append(evolve(block, path=stays.get(block.path, block.path)))
        return kept

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
        change = self.changes.fresh(change)
        answer = below(reply, again)
        placed_before = {line for file in change.files for hunk in file.hunks for line in hunk.blocks}
        kept = [block for block in read_edits(reply).blocks if block.line in placed_before]
        placement, base = self._placed([*kept, *answer.blocks], change.source, known)
        placed = {line for file in placement.files for hunk in file.hunks for line in hunk.blocks}
        if not placed_before <= placed or any(status is not HunkStatus.PENDING for status in statuses_of(change)):
            return self.noted(change, NOTHING_CAME), 0, len(asked)
        ids = {_what(file, hunk): hunk.id for file in change.files for hunk in file.hunks}
        files = tuple(
            evolve(file, hunks=tuple(evolve(hunk, id=ids.get(_what(file, hunk), hunk.id)) for hunk in file.hunks))
            for file in placement.files
        )
        found = (*placement.problems, *pointed_out(files))
        mended = after_repair(reply, change.problems, asked, answer, found, placed)
        change = self.changes.take_in(evolve(change, files=files, problems=mended.problems, base=base))
        return change, mended.placed, mended.left

    def noted(self, change: Change, notice: str) -> Change:
        """The change with one more notice, before anybody is told of it."""
        return self.changes.take_in(evolve(change, problems=(*change.problems, Problem(notice, notice=True))))


def _paths_of(block: Block) -> tuple[str, ...]:
    return (block.path, block.new_path) if isinstance(block, RenameFile) else (block.path,)


def _what(file: FileChange, hunk: Hunk) -> tuple[str, int, int, str, str]:
    """By what a hunk is known for the same, made anew."""
    return file.path, hunk.start, hunk.end, hunk.old, hunk.new


def _new_id() -> str:
    return uuid4().hex[:12]
