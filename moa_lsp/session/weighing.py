"""What a turn that is over says of others' edits, and whether its architect stood by its own.

A stance names a step, an edit or a line as a model sees them; here it is found out which hunks these are. And an
architect that gives up edits of its own, which placed and parse, for others' that it had seen is marked so: a quiet
note for people, and a count for later. Reading stances out of a reply is `moa_lsp/discussion/stances.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from moa_lsp.discussion.steps import read_steps
from moa_lsp.discussion.values import Attitude, GivenUp, Said, Stance, Status, Turn
from moa_lsp.edits.change import Change
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.differing.contradictions import contradiction, same_edit
from moa_lsp.edits.differing.values import Proposed, proposed_in
from moa_lsp.edits.following.twins import hunks_of
from moa_lsp.edits.parsing import parses
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus

_EDIT = re.compile(r"edit (\d+)")
_LINE = re.compile(r"(.+):(\d+)")
_NEAR = 10
"""Lines that a model may be off in naming one: they count badly."""


@frozen
class Earlier:
    """A turn that ended before, and the number of its round."""

    round: int
    turn: Turn


@frozen
class Weighed:
    """A turn with what it came to; of its architect's own edits in lines for which it had seen others', how many it
    stood by, and how many it gave up."""

    turn: Turn
    kept: int = 0
    given_up: int = 0


def weighed(turn: Turn, earlier: Sequence[Earlier], find: Callable[[str], Change | None]) -> Weighed:
    """The turn, over and with its change, with its stances' hunks and what it gave up. `earlier` are the discussion's
    turns before it, in order; `find` gives a change by its id."""
    seen = turn.saw.union(*(one.turn.saw for one in earlier if _is_by(one.turn, turn.architect)))
    heard = [one for one in earlier if Said(one.round, one.turn.number) in seen and one.turn.proposal is not None]
    turn = evolve(turn, stances=tuple(_resolved(stance, heard, find) for stance in turn.stances))
    return _conforming(turn, earlier, heard, find)


def steps_of(turn: Turn, change: Change | None) -> list[tuple[int, str, tuple[str, ...]]]:
    """The steps of a turn's proposal: their numbers, words and the ids of the hunks that carry them out."""
    if turn.proposal is None:
        return []
    hunks = hunks_of(change) if change else []
    return [
        (step.number, step.text, tuple(h.id for h in hunks if any(step.first <= at < step.last for at in h.blocks)))
        for step in read_steps(turn.proposal)
    ]


def _is_by(turn: Turn, architect: str) -> bool:
    return turn.architect.lower() == architect.lower()


def _resolved(stance: Stance, heard: Sequence[Earlier], find: Callable[[str], Change | None]) -> Stance:
    theirs = [one for one in reversed(heard) if _is_by(one.turn, stance.about)]
    if not theirs:
        return stance
    about = theirs[0]
    if not stance.target.isdecimal():
        # Whose last word holds no edits is meant with those that it proposed before. A step is one of the last word's.
        about = next((one for one in theirs if one.turn.change), about)
    change = find(about.turn.change) if about.turn.change else None
    hunks = tuple(hunk.id for hunk in _meant(stance.target, about.turn, change)) if change else ()
    said = Said(about.round, about.turn.number)
    return evolve(stance, said=said, change=change.id if change else None, hunks=hunks)


def _meant(target: str, turn: Turn, change: Change) -> list[Hunk]:
    """The hunks of a turn's change that a stance is about."""
    hunks = hunks_of(change)
    if not target:
        return hunks
    if target.isdecimal():
        ids = next((ids for number, _, ids in steps_of(turn, change) if number == int(target)), ())
        return [hunk for hunk in hunks if hunk.id in ids]
    if match := _EDIT.fullmatch(target):
        lines = sorted({block.line for block in read_edits(turn.proposal or "").blocks})
        at = lines[int(match[1]) - 1] if 0 < int(match[1]) <= len(lines) else None
        return [hunk for hunk in hunks if at in hunk.blocks]
    path, line = (match[1], int(match[2])) if (match := _LINE.fullmatch(target)) else (target, None)
    named = [file for file in change.files if path in (file.path, file.where, file.new_path)]
    named = named or [file for file in change.files if file.path.endswith(f"/{path}")]
    hunks = [hunk for file in named for hunk in file.hunks]
    if line is None or len(hunks) < 2:
        return hunks
    nearest = min(_distance(hunk, line - 1) for hunk in hunks)
    return [hunk for hunk in hunks if _distance(hunk, line - 1) == nearest] if nearest <= _NEAR else []


def _distance(hunk: Hunk, line: int) -> int:
    return max(hunk.start - line, line - max(hunk.end - 1, hunk.start), 0)


# --- conformity


def _conforming(
    turn: Turn, earlier: Sequence[Earlier], heard: Sequence[Earlier], find: Callable[[str], Change | None]
) -> Weighed:
    own = next((one for one in reversed(earlier) if _is_by(one.turn, turn.architect) and _proposed_edits(one)), None)
    before = find(own.turn.change) if own and own.turn.change else None
    if before is None or any(not problem.notice for problem in before.problems):
        return Weighed(turn)
    now = _found(turn, find)
    others = [one for said in heard if not _is_by(said.turn, turn.architect) for one in _found(said.turn, find)]
    favoured = {id for stance in turn.stances if stance.kind is Attitude.SUPPORT for id in stance.hunks}
    kept, given = 0, dict[str, list[str]]()
    for mine in proposed_in(before):
        rivals = [other for other in others if contradiction(mine, other) is not None]
        if not rivals or mine.hunk.status is HunkStatus.APPLIED or not _parses(before, mine.file):
            continue
        if any(same_edit(mine, one) for one in now):
            kept += 1
            continue
        adopted = [r for r in rivals if r.hunk.id in favoured or any(same_edit(r, one) for one in now)]
        if adopted:
            given.setdefault(adopted[-1].source, []).append(mine.hunk.id)
    gave_up = tuple(GivenUp(to, before.id, tuple(hunks)) for to, hunks in given.items())
    return Weighed(evolve(turn, gave_up=gave_up), kept, sum(len(one.hunks) for one in gave_up))


def _found(turn: Turn, find: Callable[[str], Change | None]) -> list[Proposed]:
    change = find(turn.change) if turn.change else None
    return proposed_in(change) if change else []


def _proposed_edits(one: Earlier) -> bool:
    return one.turn.status is Status.DONE and one.turn.change is not None


def _parses(change: Change, file: FileChange) -> bool:
    """Whether the file would still parse with what the change does to it, as far as that can be told."""
    base = change.base.get(file.path)
    if file.kind is FileKind.DELETE:
        return True
    hunks = [hunk for hunk in file.hunks if not hunk.renames and hunk.status is not HunkStatus.APPLIED]
    try:
        text = hunk_text_after(base or "", hunks)
    except ValueError:
        return True
    return parses(file.path, text) is not False
