"""What is to be done: the plan of a discussion, compiled from its architects' newest proposals and as the user left it.

Rules:
- The steps are those of each architect's newest proposal in the last round, and those of earlier ones of which the user
  took something. Where somebody answered for all, its proposal is the plan.
- A step that is said, or carried out, alike by several is one step of theirs. Whoever has no edits of its own and
  supports another's adds none.
- A step is settled once all its hunks are taken or applied. One in words alone stays open.
- No model is needed once the user has settled something, nothing is contested, and every step that isn't struck is
  settled, or carried out by edits that several agree on and nobody objects to.

How the user's version and newly compiled steps come together, and the plan's Markdown: `moa_lsp/discussion/plan.py`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from moa_lsp.discussion.plan import CompiledStep, PlanStand, PlanStep, as_markdown, from_markdown, key_of, merged
from moa_lsp.discussion.values import Attitude, Discussion, PlanEdits, PlanEntry, Round, Seat, Status, Turn
from moa_lsp.edits.differing.compose import Composed, compose
from moa_lsp.edits.differing.contradictions import edit_of, same_edit
from moa_lsp.edits.differing.values import Proposed, Stand
from moa_lsp.edits.following.twins import hunks_of
from moa_lsp.edits.values import HunkStatus
from moa_lsp.session.changes import Changes
from moa_lsp.session.disagreement import Disagreements, is_taken
from moa_lsp.session.weighing import steps_of
from moa_lsp.store.store import Store


@frozen
class Plan:
    """The plan of a discussion. `edited`: the user changed it. `settled` are the hunks that carry it out as they stand:
    what was taken and waits and, where that is `free`, takes no model, what is agreed."""

    discussion: str
    steps: tuple[PlanStep, ...]
    edited: bool
    free: bool
    markdown: str
    settled: tuple[Proposed, ...] = ()


@frozen
class Planning:
    """The plans of one workspace's discussions."""

    store: Store
    changes: Changes
    disagreements: Disagreements

    def plan(self, discussion: Discussion) -> Plan:
        """The discussion's plan as it is now."""
        compiled = self._compiled(discussion)
        steps = merged([one.step for one in compiled], discussion.plan)
        pending = self.disagreements.proposed(discussion.id)
        taken = _once([one for one in pending if is_taken(one.hunk)])
        agreed = {one.step.key for one in compiled if one.agreed}
        settled = all(
            step.stand in (PlanStand.SETTLED, PlanStand.STRUCK) or (step.id in agreed and not step.edited)
            for step in steps
        )
        free = bool(taken) and settled and not self.disagreements.of(discussion.id).contested
        if free:
            wanted = {id for step in steps if step.stand is PlanStand.OPEN for id in step.hunks}
            both = _once([*taken, *(one for one in pending if one.hunk.id in wanted)])
            # What was agreed on may contradict what was taken without anybody's having seen both.
            free = isinstance(compose(both), Composed)
            taken = both if free else taken
        text = as_markdown(discussion.title, steps)
        return Plan(discussion.id, steps, discussion.plan is not None, free, text, tuple(taken))

    def set(self, discussion: Discussion, entries: Sequence[PlanEntry] | None) -> None:
        """Keeps the user's version, whole and in order; `None`: it is compiled anew."""
        if entries is None:
            self.store.set_plan(discussion.id, None)
            return
        compiled = self._compiled(discussion)
        earlier = discussion.plan.seen if discussion.plan else ()
        seen = tuple(dict.fromkeys([*earlier, *(one.step.key for one in compiled)]))
        kept = [entry if entry.key in seen else evolve(entry, key=None) for entry in entries]
        # What lost by a decision is struck by that, for as long as the decision holds: the user struck nothing.
        lost = {one.step.key for one in compiled if one.step.dead}
        kept = [evolve(entry, struck=False) if entry.key in lost else entry for entry in kept]
        self.store.set_plan(discussion.id, PlanEdits(tuple(kept), seen))

    def read(self, discussion: Discussion, markdown: str) -> tuple[PlanEntry, ...]:
        """The user's version, read from the plan's Markdown as it was edited."""
        return from_markdown(markdown, self.plan(discussion).steps)

    # --- compiling

    def _compiled(self, discussion: Discussion) -> list[_Compiled]:
        every = {one.hunk.id: one for one in self.disagreements.all_proposed(discussion.id)}
        found: list[_Said] = []
        for turn in self._proposing(discussion):
            change = self.changes.get(turn.change) if turn.change else None
            # An edit that couldn't be placed may be any step's.
            unplaced = change is not None and any(not problem.notice for problem in change.problems)
            for _, text, ids in steps_of(turn, change):
                hunks = tuple(every[id] for id in ids if id in every)
                said = _Said(key_of(text), text, (turn.architect,), hunks, unplaced)
                at = next((number for number, one in enumerate(found) if _is_alike(one, said)), None)
                if at is None:
                    found.append(said)
                else:
                    found[at] = found[at].with_(said)
        stands = self.disagreements.of(discussion.id).stands
        return [_compiled(one, stands) for one in found]

    def _proposing(self, discussion: Discussion) -> Iterator[Turn]:
        """The turns whose proposals make the plan."""
        last = next((r for r in reversed(discussion.rounds) if any(_proposes(turn) for turn in r.turns)), None)
        if last is None:
            return
        for round in discussion.rounds:
            for turn in round.turns if round is not last else ():
                if self._took_of(turn):
                    yield turn
        yield from _newest(last, discussion)

    def _took_of(self, turn: Turn) -> bool:
        change = self.changes.get(turn.change) if turn.change else None
        hunks = hunks_of(change) if change else []
        return any(is_taken(hunk) and hunk.status is HunkStatus.PENDING for hunk in hunks)


def _proposes(turn: Turn) -> bool:
    return turn.status is Status.DONE and turn.proposal is not None


def _newest(round: Round, discussion: Discussion) -> list[Turn]:
    """Of each architect the newest proposal of a round; that of who answered for all stands for everyone's."""
    dropped = {one.name.lower() for one in discussion.architects if one.dropped}
    seats = {one.name.lower(): one.seat for one in discussion.architects}
    newest: dict[str, Turn] = {}
    for turn in round.turns:
        if _proposes(turn) and turn.architect.lower() not in dropped:
            newest[turn.architect.lower()] = turn
    if answer := [turn for name, turn in newest.items() if seats.get(name) is Seat.AGGREGATOR]:
        return answer
    return [
        turn
        for name, turn in newest.items()
        if seats.get(name) is not Seat.ARBITER and (turn.change or not _only_judges(turn))
    ]


def _only_judges(turn: Turn) -> bool:
    """Whether a turn without edits says what it thinks of others', and proposes nothing of its own."""
    if any(stance.kind is Attitude.SUPPORT for stance in turn.stances):
        return True
    whole = turn.proposal is not None and turn.proposal.strip() == turn.text.strip()  # it had no tags
    return bool(turn.stances) and whole


@frozen
class _Said:
    """A step as one architect or several say it, with all hunks that carry it out. `unplaced`: an edit of theirs
    couldn't be placed."""

    key: str
    text: str
    architects: tuple[str, ...]
    hunks: tuple[Proposed, ...]
    unplaced: bool

    def with_(self, other: _Said) -> _Said:
        """The two as one step, in the words of the first."""
        names = tuple(dict.fromkeys((*self.architects, *other.architects)))
        hunks = (*self.hunks, *(one for one in other.hunks if one not in self.hunks))
        return evolve(self, architects=names, hunks=hunks, unplaced=self.unplaced or other.unplaced)


@frozen
class _Compiled:
    """A step of the plan, and whether its edits are agreed on."""

    step: CompiledStep
    agreed: bool


def _compiled(said: _Said, stands: Mapping[str, Stand]) -> _Compiled:
    live = [one for one in said.hunks if one.hunk.status is not HunkStatus.REJECTED]
    done = [is_taken(one.hunk) or one.hunk.status is HunkStatus.APPLIED for one in live]
    agreed = [stands.get(one.hunk.id) is Stand.AGREED for one in live]
    placed = bool(live) and not said.unplaced
    step = CompiledStep(
        key=said.key,
        text=said.text,
        architects=said.architects,
        hunks=tuple(one.hunk.id for one in said.hunks),
        settled=placed and all(done),
        contested=any(stands.get(one.hunk.id) is Stand.CONTESTED for one in live),
        dead=bool(said.hunks) and not live,
    )
    return _Compiled(step, placed and all(taken or both for taken, both in zip(done, agreed, strict=True)))


def _once(hunks: Sequence[Proposed]) -> list[Proposed]:
    """The same edit once."""
    found: dict[Hashable, Proposed] = {}
    for one in hunks:
        found.setdefault(edit_of(one), one)
    return [*found.values()]


def _is_alike(one: _Said, other: _Said) -> bool:
    """Whether two steps say the same words, or are carried out by the very same edits."""
    if one.key == other.key:
        return True
    if not one.hunks or len(one.hunks) != len(other.hunks):
        return False
    return all(any(same_edit(mine, yours) for yours in other.hunks) for mine in one.hunks)
