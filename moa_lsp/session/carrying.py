"""Has a copy of a discussion stand where the original does: what was said and decided of the original's hunks, said and
decided of its own.

The copy's proposals were placed anew, so its hunks are others. One is known for the original's by what it does, and
where there are several such by their order. Copying itself is `discussions.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve, frozen

from moa_lsp.discussion.values import Discussion, Turn
from moa_lsp.edits.differing.values import proposed_in
from moa_lsp.edits.values import HunkStatus, Settled
from moa_lsp.session.changes import Changes
from moa_lsp.session.disagreement import does_the_same
from moa_lsp.store.store import Store


@frozen
class Carrying:
    """Carries over within one workspace."""

    store: Store
    changes: Changes

    def carry_over(self, original: Discussion, copy: Discussion) -> None:
        """Has the copy, which holds the original's first rounds, refer to its own changes, and settled as it was."""
        changes, hunks = self._mapped(original, copy)
        for round in copy.rounds:
            for turn in round.turns:
                moved = _referring(turn, changes, hunks)
                if moved != turn:
                    self.store.finish_turn(copy.id, round.number, moved)
        for decision in copy.decisions:
            own = tuple(hunks[id] for id in decision.hunks if id in hunks)
            self.store.keep_decision(copy.id, evolve(decision, hunks=own))
        self._settle(changes, hunks)

    def _mapped(self, original: Discussion, copy: Discussion) -> tuple[dict[str, str], dict[str, str]]:
        """The copy's changes and hunks by those of the original that they stand for."""
        changes: dict[str, str] = {}
        hunks: dict[str, str] = {}
        for theirs, own in _pairs(original, copy):
            before = self.changes.get(theirs.change) if theirs.change else None
            now = self.changes.get(own.change) if own.change else None
            if before and now:
                changes[before.id] = now.id
                left = proposed_in(now)
                for one in proposed_in(before):
                    same = next((o for o in left if does_the_same(o, one)), None)
                    if same:
                        hunks[one.hunk.id] = same.hunk.id
                        left.remove(same)
        return changes, hunks

    def _settle(self, changes: Mapping[str, str], hunks: Mapping[str, str]) -> None:
        for theirs, own in changes.items():
            before = self.changes.get(theirs)
            had = proposed_in(before) if before else []
            settled = {hunks[one.hunk.id]: one.hunk for one in had if one.hunk.id in hunks}
            taken = {id for id, hunk in settled.items() if hunk.settled is Settled.TAKEN}
            against = [
                id
                for id, hunk in settled.items()
                if hunk.settled is Settled.AGAINST and hunk.status is HunkStatus.REJECTED
            ]
            self.changes.mark(taken, Settled.TAKEN)
            if against:
                self.changes.reject(self.changes.now(own), against, None, Settled.AGAINST)


def _pairs(original: Discussion, copy: Discussion) -> Iterator[tuple[Turn, Turn]]:
    by_number = {(round.number, turn.number): turn for round in original.rounds for turn in round.turns}
    for round in copy.rounds:
        yield from ((by_number[round.number, turn.number], turn) for turn in round.turns)


def _referring(turn: Turn, changes: Mapping[str, str], hunks: Mapping[str, str]) -> Turn:
    """The turn with what it says of changes and hunks said of the copy's."""

    def own(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(hunks[id] for id in ids if id in hunks)

    stances = tuple(evolve(one, change=changes.get(one.change or ""), hunks=own(one.hunks)) for one in turn.stances)
    gave_up = tuple(
        evolve(one, change=changes[one.change], hunks=own(one.hunks)) for one in turn.gave_up if one.change in changes
    )
    return evolve(turn, stances=stances, gave_up=gave_up)
