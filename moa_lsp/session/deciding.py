"""What a user does about where the architects differ: each of the contract's commands for it, whatever door it came
through, and what `/code` makes of the decisions.

Nothing here asks a model. What is open is `disagreement.py`'s, what a decision moves `settling.py`'s, and the plan is
`planning.py`'s. How arguments and results look on the wire is `lsp/`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from attrs import Factory, evolve, field, frozen

from moa_lsp.discussion.names import COMPOSED
from moa_lsp.discussion.steps import read_steps
from moa_lsp.discussion.values import Coding, Decision, DecisionKind, Discussion, PlanEntry, Status, Turn, Usage
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.compose import Contradicting, Pair, compose
from moa_lsp.edits.differing.contradictions import same_edit
from moa_lsp.edits.differing.values import Disagreement, Proposed, proposed_in
from moa_lsp.edits.values import Hunk, HunkStatus
from moa_lsp.session.changes import Changes
from moa_lsp.session.disagreement import Disagreements
from moa_lsp.session.discussions import Discussions
from moa_lsp.session.events import ChangeReady, CodeFinished, CodeStarted, DiscussionUpdated, Event
from moa_lsp.session.planning import Plan, Planning
from moa_lsp.session.proposing import Proposing
from moa_lsp.session.run import NotPossible, Unknown
from moa_lsp.session.settling import Settling, where
from moa_lsp.session.writing import Refused
from moa_lsp.store.store import Store


class Conflicting(Refused):
    """Hunks that were to be put together contradict each other; `pairs` are all that do."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        super().__init__(" ".join(pair.reason for pair in pairs))
        self.pairs = tuple(pairs)


def _disagreements(self: Deciding) -> Disagreements:
    return Disagreements(self.store, self.changes)


def _settling(self: Deciding) -> Settling:
    return Settling(self.store, self.changes, self.disagreements)


def _planning(self: Deciding) -> Planning:
    return Planning(self.store, self.changes, self.disagreements)


@frozen
class Deciding:
    """The decisions of one workspace. `running` are the ids of the discussions in which something runs."""

    store: Store
    changes: Changes
    discussions: Discussions
    running: Container[str]
    tell: Callable[[Event], None]
    disagreements: Disagreements = field(default=Factory(_disagreements, takes_self=True), init=False)
    settling: Settling = field(default=Factory(_settling, takes_self=True), init=False)
    planning: Planning = field(default=Factory(_planning, takes_self=True), init=False)

    def disagreement(self, id: str | None) -> Disagreement:
        """Where the architects of a discussion, or of the current one, differ. Raises `Unknown`."""
        discussion = self.discussions.get(id).id
        self._look(discussion)
        return self.disagreements.of(discussion)

    def take(self, hunks: Sequence[str], id: str | None) -> Disagreement:
        """Settles that these are taken. Raises `Unknown`, `Refused`."""
        discussion = self._of(id, hunks)
        self.settling.take(discussion, hunks)
        return self.disagreements.of(discussion)

    def leave(self, hunks: Sequence[str], reason: str | None, id: str | None) -> Disagreement:
        """Settles that the lines stay as they are. Raises `Unknown`, `Refused`."""
        discussion = self._of(id, hunks)
        self.settling.leave(discussion, hunks, reason)
        return self.disagreements.of(discussion)

    def reopen(self, hunks: Sequence[str], id: str | None) -> Disagreement:
        """Takes decisions back. Raises `Unknown`, `Refused`."""
        discussion = self._of(id, hunks)
        self.settling.reopen(discussion, hunks)
        return self.disagreements.of(discussion)

    def compose(self, hunks: Sequence[str], title: str | None, id: str | None) -> Change:
        """One change of these hunks, which are taken by that. Raises `Unknown`, `Refused`, and `Conflicting` with every
        pair that can't stand together."""
        discussion = self._of(id, hunks)
        if discussion in self.running:
            raise NotPossible("A round is running in this discussion: wait for it, or cancel it first.")
        named = self.settling.pending(discussion, hunks)
        made = compose(named)
        if isinstance(made, Contradicting):
            raise Conflicting(made.pairs)
        return self._put_together(discussion, named, title, self.tell)

    def carry_out(self, plan: Plan, tell: Callable[[Event], None]) -> Change:
        """The change of a plan that takes no model. What was agreed counts as taken by that."""
        return self._put_together(plan.discussion, plan.settled, None, tell)

    def _put_together(
        self, discussion: str, named: Sequence[Proposed], title: str | None, tell: Callable[[Event], None]
    ) -> Change:
        """A change of hunks that stand together and are taken by that, kept as a `/code` that asked nobody; the one
        that waits already, where it is of the same hunks."""
        self.settling.taken(discussion, named)
        chosen = {one.hunk.id for one in named}
        parts = [one for one in self.disagreements.proposed(discussion) if one.hunk.id in chosen]
        if waiting := self._waiting(discussion, parts):
            return waiting
        names = list(dict.fromkeys(name for one in parts for name in one.hunk.sources or (one.source,)))
        number = self.store.start_coding(discussion, self.store.last_round(discussion), "", "", composed=True)
        tell(CodeStarted(discussion, "", ""))
        title = title or f"Put together of {', '.join(names)}"
        change = Proposing(self.changes).compose(discussion, title, parts)
        coding = Coding(
            number,
            self.store.last_round(discussion),
            "",
            "",
            Status.DONE,
            _said(parts),
            Usage.nothing(),
            change=change.id,
            composed=True,
        )
        self.store.finish_coding(discussion, coding)
        tell(ChangeReady(discussion, change))
        tell(CodeFinished(discussion, coding))
        return change

    def _waiting(self, discussion: str, parts: Sequence[Proposed]) -> Change | None:
        for change in self.changes.standing(discussion):
            own = proposed_in(change)
            if change.source == COMPOSED and len(own) == len(parts):
                pending = all(one.hunk.status is HunkStatus.PENDING for one in own)
                if pending and all(any(same_edit(one, part) for part in parts) for one in own):
                    return change
        return None

    def reason(self, change: str, hunk: Hunk) -> str:
        """The words of the step that a change's hunk carries out; empty where there are none."""
        proposal = self.store.proposal_of(change) or ""
        steps = (step for step in read_steps(proposal) if any(step.first <= at < step.last for at in hunk.blocks))
        return next((step.text for step in steps), "")

    # --- the plan

    def plan(self, id: str | None) -> Plan:
        """The plan of a discussion. Raises `Unknown`."""
        discussion = self.discussions.get(id)
        self._look(discussion.id)
        return self.planning.plan(discussion)

    def set_plan(self, entries: Sequence[PlanEntry] | None, markdown: str | None, id: str | None) -> Plan:
        """Keeps the user's version of the plan. Raises `Unknown`."""
        discussion = self.discussions.get(id)
        self._look(discussion.id)
        if markdown is not None:
            entries = self.planning.read(discussion, markdown)
        self.planning.set(discussion, entries)
        return self.plan(discussion.id)

    # --- questions

    def answer(self, round: int, turn: int, question: int, answer: str, id: str | None) -> Discussion:
        """Keeps the user's answer to an architect's question; all hear it with the next message. Raises `Unknown`."""
        discussion = self.discussions.get(id)
        asked = _asked(discussion, round, turn)
        found = next((one for one in asked.questions if one.number == question), None) if asked else None
        if asked is None or found is None:
            raise Unknown(f"There is no question {question} in turn {turn} of round {round}.")
        questions = tuple(evolve(one, answer=answer) if one is found else one for one in asked.questions)
        self.store.finish_turn(discussion.id, round, evolve(asked, questions=questions))
        number = len(self.store.decisions(discussion.id)) + 1
        after = self.store.last_round(discussion.id)
        whose = (asked.architect,)
        decision = Decision(number, after, DecisionKind.ANSWERED, found.text, whose, text=answer)
        self.store.keep_decision(discussion.id, decision)
        answered = self.discussions.get(discussion.id)
        self.tell(DiscussionUpdated(discussion.id, answered))
        return answered

    # --- what all of them need

    def _of(self, id: str | None, hunks: Sequence[str]) -> str:
        """The discussion that hunks are of: the one named, else the one that the first is of, else the current one."""
        if id is None:
            id = next((change.discussion for change in self.changes.holding(hunks[:1])), None)
        discussion = self.discussions.get(id).id
        self._look(discussion)
        return discussion

    def _look(self, discussion: str) -> None:
        """Follows what happened to the files since they were last looked at."""
        for change in self.changes.of(discussion):
            self.changes.fresh(change)


def _asked(discussion: Discussion, round: int, turn: int) -> Turn | None:
    held = next((one for one in discussion.rounds if one.number == round), None)
    return next((one for one in held.turns if one.number == turn), None) if held else None


def _said(parts: Sequence[Proposed]) -> str:
    """What a change was put together of, as Markdown."""
    lines = [f"- {', '.join(one.hunk.sources or (one.source,))}: {where([one])}" for one in parts]
    return "\n".join(["Put together of what you took, without asking a model: it cost nothing.", "", *lines])
