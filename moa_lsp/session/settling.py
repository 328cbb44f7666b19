"""What the user decides where architects differ: taking one's edits, leaving the lines as they are, opening it again.

Rules:
- Deciding writes nothing and asks no model. What is taken stays pending until it is applied; what can't stand beside it
  is rejected, can be seen, and comes back when the decision is opened again.
- What is settled stays settled: a later proposal that contradicts what was taken, or says again what was decided
  against, is set aside likewise, unless the user pointed at those lines when asking for it.
- Each decision is kept as data, for the architects and the editor model to be told of.

Where they differ is `disagreement.py`'s; what is written is `writing.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from moa_lsp.discussion.decisions import standing
from moa_lsp.discussion.values import Attitude, Decision, DecisionKind, Selection
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.compose import Contradicting, compose
from moa_lsp.edits.differing.contradictions import contradicting, contradiction, edit_of, same_edit
from moa_lsp.edits.differing.values import Proposed, Stand, proposed_in
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileKind, HunkStatus, Settled
from moa_lsp.session.changes import Changes
from moa_lsp.session.disagreement import Disagreements, is_taken
from moa_lsp.session.run import Unknown
from moa_lsp.session.writing import Refused
from moa_lsp.store.store import Store


@frozen
class Ruling:
    """What it comes to that hunks are taken: all that propose the same, those that can't stand beside them, and who
    objects to which of the taken ones, by their ids."""

    discussion: str
    taken: tuple[Proposed, ...]
    losers: tuple[Proposed, ...]
    objecting: Mapping[str, tuple[str, ...]]


@frozen
class Settling:
    """The decisions of one workspace's discussions."""

    store: Store
    changes: Changes
    disagreements: Disagreements

    def pending(self, discussion: str, hunks: Sequence[str]) -> list[Proposed]:
        """These hunks of the discussion's architects. Raises `Unknown` for an id that none of them has, and `Refused`
        for what isn't pending."""
        named = self._named(discussion, hunks)
        for one in named:
            if one.hunk.status is not HunkStatus.PENDING:
                raise Refused(f"{one.source}'s hunk in {where([one])} is {one.hunk.status.value}, not pending.")
        return named

    def _named(self, discussion: str, hunks: Sequence[str]) -> list[Proposed]:
        known = {one.hunk.id: one for one in self.disagreements.all_proposed(discussion)}
        if missing := [id for id in hunks if id not in known]:
            raise Unknown(f"There is no hunk {missing[0]!r} of an architect in this discussion.")
        return [known[id] for id in dict.fromkeys(hunks)]

    # --- deciding

    def take(self, discussion: str, hunks: Sequence[str]) -> None:
        """Settles that these hunks are taken. Raises `Unknown`, and `Refused` where two of them contradict each
        other."""
        named = self.pending(discussion, hunks)
        composed = compose(named)
        if isinstance(composed, Contradicting):
            raise Refused(" ".join(pair.reason for pair in composed.pairs))
        self.taken(discussion, named)

    def taken(self, discussion: str, named: Sequence[Proposed]) -> None:
        """Keeps that these pending hunks, which stand together, are taken."""
        self.carry_out(self.ruling(discussion, named))

    def ruling(self, discussion: str, named: Sequence[Proposed]) -> Ruling:
        """What it comes to, as things stand, that these pending hunks are taken."""
        proposed = self.disagreements.proposed(discussion)
        wanted = {edit_of(one) for one in named}
        alike = [one for one in proposed if edit_of(one) in wanted]
        losing = {
            loser
            for early, late, _ in contradicting(proposed)
            for loser, taken in ((early, late), (late, early))
            if edit_of(proposed[taken]) in wanted and edit_of(proposed[loser]) not in wanted
        }
        views = self.disagreements.of(discussion).views
        objecting = {
            one.hunk.id: tuple(view.architect for view in views.get(one.hunk.id, ()) if view.kind is Attitude.OBJECT)
            for one in alike
        }
        return Ruling(discussion, tuple(alike), tuple(proposed[loser] for loser in sorted(losing)), objecting)

    def carry_out(self, ruling: Ruling) -> None:
        """Keeps the decisions, one for each place, marks what is taken, and rejects what can't stand beside it."""
        winning = {one.hunk.id for one in ruling.taken}
        for cluster in _clusters([*ruling.taken, *ruling.losers]):
            group = [one for one in cluster if one.hunk.id in winning]
            if all(is_taken(one.hunk) for one in group):
                continue
            winners = _names(one.source for one in group)
            objecting = [name for one in group for name in ruling.objecting.get(one.hunk.id, ())]
            against = [one.source for one in cluster if one.hunk.id not in winning]
            losing = tuple(name for name in _names([*against, *objecting]) if name not in winners)
            ids = {one.hunk.id for one in cluster}
            self._keep(ruling.discussion, DecisionKind.TAKEN, where(group), winners, losing, _text(group), ids)
        self.changes.mark(winning, Settled.TAKEN)
        whose = _possessive(_names(one.source for one in ruling.taken))
        self._reject(ruling.losers, f"{whose} was taken for these lines.")

    def applying(self, change: Change, hunks: Sequence[str] | None) -> Callable[[], None]:
        """To be asked before these hunks (all pending ones for `None`) are applied: what keeps, once they were, that
        the contested ones among them are decided by that."""
        stands = self.disagreements.of(change.discussion).stands
        named = [
            one
            for one in self.disagreements.proposed(change.discussion)
            if one.change == change.id
            and (hunks is None or one.hunk.id in hunks)
            and stands.get(one.hunk.id) is Stand.CONTESTED
        ]
        ruling = self.ruling(change.discussion, named)

        def settle() -> None:
            now = {one.hunk.id: one.hunk.status for one in proposed_in(self.changes.now(change.id))}
            applied = [one for one in named if now.get(one.hunk.id) is HunkStatus.APPLIED]
            if applied:
                taken = tuple(one for one in ruling.taken if any(same_edit(one, done) for done in applied))
                losers = tuple(one for one in ruling.losers if _contradicts(one, applied))
                self.carry_out(evolve(ruling, taken=taken, losers=losers))

        return settle if named else lambda: None

    def leave(self, discussion: str, hunks: Sequence[str], reason: str | None = None) -> None:
        """Settles that the lines stay as they are, without these hunks. Raises `Unknown`, `Refused`."""
        self.left(discussion, self.pending(discussion, hunks), reason)

    def left(self, discussion: str, named: Sequence[Proposed], reason: str | None = None) -> None:
        """Rejects these hunks, and those that propose the same, as decided against."""
        alike = [o for o in self.disagreements.proposed(discussion) if any(same_edit(o, one) for one in named)]
        self._keep_left(discussion, alike, reason)
        self._reject(alike, reason)

    def _keep_left(self, discussion: str, hunks: Sequence[Proposed], reason: str | None) -> None:
        for same in _clusters(hunks):
            ids = {one.hunk.id for one in same}
            losers = _names(one.source for one in same)
            self._keep(discussion, DecisionKind.LEFT, where(same), (), losers, reason or "", ids)

    def reject(self, change: Change, hunks: Sequence[str] | None, reason: str | None) -> Change:
        """Rejects hunks of one change, all or those named. Those that are contested, or had been taken, are decided
        against by that; of the others nothing is settled."""
        stands = self.disagreements.of(change.discussion).stands
        against = [
            one
            for one in self.disagreements.proposed(change.discussion)
            if one.change == change.id
            and (hunks is None or one.hunk.id in hunks)
            and (is_taken(one.hunk) or stands.get(one.hunk.id) is Stand.CONTESTED)
        ]
        self._keep_left(change.discussion, against, reason)
        rejected = self.changes.reject(change, hunks, reason)
        self.changes.mark({one.hunk.id for one in against}, Settled.AGAINST)
        return self.changes.now(rejected.id)

    def unreject(self, change: Change, hunks: Sequence[str] | None) -> Change:
        """Takes up rejected hunks again, all or those named. What had been decided about them is open again."""
        named = [one for one in proposed_in(change) if hunks is None or one.hunk.id in hunks]
        against = {one.hunk.id for one in named if one.hunk.settled is Settled.AGAINST}
        if any(against & set(one.hunks) for one in standing(self.store.decisions(change.discussion))):
            self.reopen(change.discussion, list(against))
        return self.changes.unreject(self.changes.fresh(change), hunks)

    def reopen(self, discussion: str, hunks: Sequence[str]) -> None:
        """Takes back the decisions about these hunks. Raises `Unknown`, or `Refused` where none was made."""
        self._named(discussion, hunks)
        known = {one.hunk.id: one for one in self.disagreements.all_proposed(discussion)}
        named = set(hunks)
        made = [one for one in standing(self.store.decisions(discussion)) if named & set(one.hunks)]
        if not made:
            raise Refused("Nothing was decided about this, so there is nothing to open again.")
        ids = {id for one in made for id in one.hunks if id in known}
        back = [known[id] for id in ids if known[id].hunk.settled is Settled.AGAINST]
        for one in made:
            self._keep(discussion, DecisionKind.REOPENED, one.where, one.winners, one.losers, "", set(one.hunks))
        self.changes.mark(ids, None)
        for id in dict.fromkeys(one.change for one in back):
            change = self.changes.get(id)
            if change:
                self.changes.unreject(change, [one.hunk.id for one in back if one.change == id])

    # --- what follows a decision

    def hold_to(self, change: Change, pointed: Selection | None) -> None:
        """Sets aside what of a new change goes against what is settled, but for lines that the user pointed at; marks
        as taken what proposes the same as was taken."""
        discussion = change.discussion
        mine = [one for one in proposed_in(change) if one.hunk.status is HunkStatus.PENDING]
        mine = [one for one in mine if not _is_pointed_at(one, pointed)]
        others = [one for one in self.disagreements.all_proposed(discussion) if one.change != change.id]
        taken = [one for one in others if is_taken(one.hunk) and one.hunk.status is HunkStatus.PENDING]
        against = [one for one in others if one.hunk.settled is Settled.AGAINST]
        written = [one for one in others if is_taken(one.hunk) and one.hunk.status is HunkStatus.APPLIED]
        agreeing = {one.hunk.id for one in mine if any(same_edit(one, other) for other in taken)}
        if agreeing:
            self.changes.mark(agreeing, Settled.TAKEN)
        for one in mine:
            if one.hunk.id in agreeing:
                continue
            winners = [other for other in taken if contradiction(one, other) is not None]
            again = [other for other in (*against, *written) if _says_again(one, other, written)]
            if winners:
                reason = f"Settled: {_possessive(_names(o.source for o in winners))} was taken for these lines."
            elif again:
                done = any(other in written for other in again)
                reason = f"Settled: this {'is done already' if done else 'was decided against'}."
            else:
                continue
            self._reject([one], reason)
            self._add_to_decision(discussion, {o.hunk.id for o in (*winners, *again)}, one)

    def _add_to_decision(self, discussion: str, settled: set[str], one: Proposed) -> None:
        """Has the decision that set a hunk aside be about that hunk too, so that it comes back with it."""
        for decision in standing(self.store.decisions(discussion)):
            if settled & set(decision.hunks):
                kept = evolve(decision, hunks=(*decision.hunks, one.hunk.id))
                self.store.keep_decision(discussion, kept)
                return

    def _reject(self, hunks: Sequence[Proposed], reason: str | None) -> None:
        for id in dict.fromkeys(one.change for one in hunks):
            ids = [one.hunk.id for one in hunks if one.change == id]
            self.changes.reject(self.changes.now(id), ids, reason, Settled.AGAINST)

    def _keep(
        self,
        discussion: str,
        kind: DecisionKind,
        at: str,
        winners: tuple[str, ...],
        losers: tuple[str, ...],
        text: str,
        hunks: set[str],
    ) -> None:
        made = self.store.decisions(discussion)
        after = self.store.last_round(discussion)
        ids = tuple(sorted(hunks))
        decision = Decision(len(made) + 1, after, kind, at, winners, losers, text, ids)
        self.store.keep_decision(discussion, decision)


def where(group: Sequence[Proposed]) -> str:
    """The place of hunks of one file, in words: the file, and its lines, 1-based."""
    first = group[0]
    if first.file.kind in (FileKind.CREATE, FileKind.DELETE) or all(one.hunk.renames for one in group):
        return first.file.where
    spans = [one.hunk for one in group if not one.hunk.renames]
    start, end = min(hunk.start for hunk in spans), max(hunk.end for hunk in spans)
    if end <= start:
        return f"{first.file.where}, below line {start}" if start else f"{first.file.where}, at the beginning"
    return f"{first.file.where}, " + (f"line {end}" if end == start + 1 else f"lines {start + 1}-{end}")


def _contradicts(one: Proposed, others: Iterable[Proposed]) -> bool:
    return any(contradiction(one, other) is not None for other in others)


def _clusters(hunks: Sequence[Proposed]) -> list[list[Proposed]]:
    """Hunks by the place they are about: those that propose the same, those that contradict one of these, and so on."""
    group_of: dict[Hashable, list[Proposed]] = {}
    for one in hunks:
        group_of.setdefault(edit_of(one), []).append(one)
    for early, late, _ in contradicting(hunks):
        ours, theirs = group_of[edit_of(hunks[early])], group_of[edit_of(hunks[late])]
        if ours is not theirs:
            ours += theirs
            group_of.update((edit_of(one), ours) for one in theirs)
    return [*{id(group): group for group in group_of.values()}.values()]


def _text(group: Sequence[Proposed]) -> str:
    """What hunks of one file write, the same once, with a mark where there are lines between them."""
    edits = {edit_of(one): one.hunk for one in group}
    parts: list[str] = []
    end: int | None = None
    for hunk in sorted(edits.values(), key=lambda one: (one.start, one.end)):
        parts += ["…\n"] if end is not None and hunk.start > end else []
        parts.append(hunk.new)
        end = hunk.end
    return "".join(parts)


def _says_again(one: Proposed, other: Proposed, written: Sequence[Proposed]) -> bool:
    """Whether a hunk says again what was settled, at its place or within what was written there meanwhile: there it may
    be indented otherwise."""
    if (one.file.where, one.file.kind, _words(one.hunk.new)) != (
        other.file.where,
        other.file.kind,
        _words(other.hunk.new),
    ):
        return False
    if not one.hunk.new and _words(one.hunk.old) != _words(other.hunk.old):
        return False
    spans = [(other.hunk.start, other.hunk.start + len(split_lines(other.hunk.old)))]
    spans += [(done.hunk.start, done.hunk.end) for done in written if done.file.where == one.file.where]
    return any(one.hunk.start <= end and start <= one.hunk.end for start, end in spans)


def _words(text: str) -> list[str]:
    return [line.strip() for line in split_lines(text)]


def _is_pointed_at(one: Proposed, pointed: Selection | None) -> bool:
    if pointed is None or pointed.path != one.file.where:
        return False
    return one.hunk.start < pointed.last and pointed.first - 1 < max(one.hunk.end, one.hunk.start + 1)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _possessive(names: Sequence[str]) -> str:
    return " and ".join(f"{name}'s" for name in names)
