"""What is to be done: the plan of a discussion, compiled from its architects' newest proposals and as the user left it.

Rules:
- The steps are those of each architect's newest proposal in the last round, and those of earlier ones of which the user
  took something. Where somebody answered for all, its proposal is the plan.
- A step that is said, or carried out, alike by several is one step of theirs. Whoever has no edits of its own and
  supports another's adds none.
- A step is settled once all its hunks are taken or applied. One in words alone stays open.

How the user's version and newly compiled steps come together, and the plan's Markdown: `moa_lsp/discussion/plan.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen

from moa_lsp.discussion.plan import CompiledStep, PlanStand, PlanStep, as_markdown, from_markdown, key_of, merged
from moa_lsp.discussion.values import Attitude, Discussion, PlanEdits, PlanEntry, Round, Seat, Status, Turn
from moa_lsp.edits.differing.contradictions import same_edit
from moa_lsp.edits.differing.values import Proposed, Stand
from moa_lsp.edits.values import HunkStatus, Settled
from moa_lsp.session.changes import Changes
from moa_lsp.session.disagreement import Disagreements, is_taken
from moa_lsp.session.weighing import steps_of
from moa_lsp.store.store import Store


@frozen
class Plan:
    """The plan of a discussion. `edited`: the user changed it. `free`: carrying it out takes no model."""

    discussion: str
    steps: tuple[PlanStep, ...]
    edited: bool
    free: bool
    markdown: str


@frozen
class Planning:
    """The plans of one workspace's discussions."""

    store: Store
    changes: Changes
    disagreements: Disagreements

    def plan(self, discussion: Discussion) -> Plan:
        """The discussion's plan as it is now."""
        steps = merged(self._compiled(discussion), discussion.plan)
        taken = self.taken(discussion.id)
        contested = bool(self.disagreements.of(discussion.id).contested)
        open_ = any(step.stand not in (PlanStand.SETTLED, PlanStand.STRUCK) for step in steps)
        text = as_markdown(discussion.title, steps)
        free = bool(taken) and not contested and not open_
        return Plan(discussion.id, steps, discussion.plan is not None, free, text)

    def taken(self, discussion: str) -> list[Proposed]:
        """What the user took and isn't applied yet, the same edit once."""
        found: list[Proposed] = []
        for one in self.disagreements.proposed(discussion):
            if is_taken(one.hunk) and not any(same_edit(one, other) for other in found):
                found.append(one)
        return found

    def set(self, discussion: Discussion, entries: Sequence[PlanEntry] | None) -> None:
        """Keeps the user's version, whole and in order; `None`: it is compiled anew."""
        if entries is None:
            self.store.set_plan(discussion.id, None)
            return
        compiled = self._compiled(discussion)
        known = {step.key: step for step in compiled}
        earlier = discussion.plan.seen if discussion.plan else ()
        seen = tuple(dict.fromkeys([*earlier, *known]))
        kept = [entry if entry.key in seen else evolve(entry, key=None) for entry in entries]
        self.store.set_plan(discussion.id, PlanEdits(tuple(kept), seen))

    def read(self, discussion: Discussion, markdown: str) -> tuple[PlanEntry, ...]:
        """The user's version, read from the plan's Markdown as it was edited."""
        return from_markdown(markdown, self.plan(discussion).steps)

    # --- compiling

    def _compiled(self, discussion: Discussion) -> tuple[CompiledStep, ...]:
        every = {one.hunk.id: one for one in self.disagreements.all_proposed(discussion.id)}
        stands = self.disagreements.of(discussion.id).stands
        found: list[CompiledStep] = []
        for turn in self._proposing(discussion):
            change = self.changes.get(turn.change) if turn.change else None
            for _, text, ids in steps_of(turn, change):
                problems = change is not None and any(not problem.notice for problem in change.problems)
                step = _step(text, turn.architect, [every[id] for id in ids if id in every], stands, problems)
                alike = next((n for n, one in enumerate(found) if _is_alike(one, step, every)), None)
                if alike is None:
                    found.append(step)
                else:
                    names = tuple(dict.fromkeys((*found[alike].architects, *step.architects)))
                    found[alike] = evolve(found[alike], architects=names)
        return tuple(found)

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
        hunks = [hunk for file in change.files for hunk in file.hunks] if change else []
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
        if seats.get(name) is not Seat.ARBITER
        and (turn.change or all(stance.kind is not Attitude.SUPPORT for stance in turn.stances))
    ]


def _step(
    text: str, architect: str, hunks: Sequence[Proposed], stands: Mapping[str, Stand], problems: bool
) -> CompiledStep:
    live = [one for one in hunks if one.hunk.status is not HunkStatus.REJECTED]
    done = [one for one in live if is_taken(one.hunk) or one.hunk.status is HunkStatus.APPLIED]
    against = [one for one in hunks if one.hunk.settled is Settled.AGAINST or one.hunk.status is HunkStatus.REJECTED]
    return CompiledStep(
        key=key_of(text),
        text=text,
        architects=(architect,),
        hunks=tuple(one.hunk.id for one in hunks),
        # An edit that couldn't be placed may be any step's.
        settled=bool(live) and len(done) == len(live) and not problems,
        contested=any(stands.get(one.hunk.id) is Stand.CONTESTED for one in live),
        dead=bool(hunks) and len(against) == len(hunks),
    )


def _is_alike(one: CompiledStep, other: CompiledStep, every: dict[str, Proposed]) -> bool:
    """Whether two steps say the same words, or are carried out by the very same edits."""
    if one.key == other.key:
        return True
    ours, theirs = ([every[id] for id in step.hunks if id in every] for step in (one, other))
    if not ours or len(ours) != len(theirs):
        return False
    return all(any(same_edit(mine, yours) for yours in theirs) for mine in ours)
