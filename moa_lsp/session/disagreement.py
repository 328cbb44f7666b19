"""Where the architects of a discussion differ, as it is now: their pending hunks joined with what they said of them.

A view, made anew whenever a hunk or a stance moved: nothing of it is stored. How hunks fall into regions is
`moa_lsp/edits/differing/`'s, what the user decides about them `settling.py`'s. Changes of the editor model, and those
that were put together of hunks, are nobody's opinion and don't count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

from attrs import field, frozen, mutable

from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.contradictions import contradicting, edit_of
from moa_lsp.edits.differing.regions import regions, stands
from moa_lsp.edits.differing.values import Disagreement, Proposed, View
from moa_lsp.edits.values import Hunk, HunkStatus, Settled
from moa_lsp.session.changes import Changes
from moa_lsp.store.decided import Spoken
from moa_lsp.store.store import Store


@frozen
class _Known:
    """A disagreement, and what it was made of."""

    mates: tuple[Change, ...]
    spoken: tuple[Spoken, ...]
    value: Disagreement


@mutable
class Disagreements:
    """The disagreements of one workspace's discussions."""

    store: Store
    changes: Changes
    _known: dict[str, _Known] = field(factory=dict[str, _Known], init=False)

    def of(self, discussion: str) -> Disagreement:
        """The discussion's disagreement, with all hunks where they were last followed to."""
        spoken = self._spoken(discussion)
        mates = tuple(self.changes.of(discussion))
        known = self._known.get(discussion)
        same = known is not None and known.spoken == spoken and len(known.mates) == len(mates)
        if known is None or not same or any(one is not was for one, was in zip(mates, known.mates, strict=True)):
            names = [one.name for one in self.store.architects(discussion)]
            known = self._known[discussion] = _Known(mates, spoken, _disagreement(discussion, names, spoken, mates))
        return known.value

    def proposed(self, discussion: str) -> list[Proposed]:
        """The pending hunks of the discussion's architects, in the order of proposing."""
        return [one for one in self.all_proposed(discussion) if one.hunk.status is HunkStatus.PENDING]

    def all_proposed(self, discussion: str) -> list[Proposed]:
        """All hunks of the discussion's architects, however they stand."""
        spoken = self._spoken(discussion)
        return list(_proposed(spoken, {change.id: change for change in self.changes.of(discussion)}))

    def _spoken(self, discussion: str) -> tuple[Spoken, ...]:
        """The turns that matter, with all their changes followed from now on: also those that were closed in an earlier
        run may be opened again, and were talked about."""
        spoken = self.store.spoken(discussion)
        for one in spoken:
            for id in {one.change, *(stance.change for stance in one.stances)}:
                if id is not None and not self.changes.knows(id):
                    self.changes.get(id)
        return spoken


def _proposed(spoken: Sequence[Spoken], changes: Mapping[str, Change]) -> Iterator[Proposed]:
    for one in spoken:
        change = changes.get(one.change or "")
        if change is not None:
            yield from (Proposed(change.id, one.architect, file, hunk) for file in change.files for hunk in file.hunks)


def _disagreement(
    discussion: str, names: Sequence[str], spoken: Sequence[Spoken], mates: Sequence[Change]
) -> Disagreement:
    every = list(_proposed(spoken, {change.id: change for change in mates}))
    pending = [one for one in every if one.hunk.status is HunkStatus.PENDING]
    views = _views(spoken, every, pending)
    found = regions(pending, views, _withdrawn(spoken, pending, views))
    known = {name.lower() for name in names}
    architects = (*names, *dict.fromkeys(one.architect for one in spoken if one.architect.lower() not in known))
    return Disagreement(discussion, architects, found, stands(found), views)


def _views(
    spoken: Sequence[Spoken], every: Sequence[Proposed], pending: Sequence[Proposed]
) -> Mapping[str, tuple[View, ...]]:
    """What each architect last said of each pending edit, by the ids of all hunks that propose it."""
    by_id = {one.hunk.id: one for one in every}
    # Looked up, since a proposal may hold a thousand hunks and a stance be about all of them.
    alike = _by(pending, edit_of)
    doing_the_same = _by(pending, _what_it_does)
    found: dict[str, dict[str, View]] = {}
    for said in spoken:
        for stance in said.stances:
            view = View(said.architect, stance.kind, stance.reason, said.round, said.turn)
            for about in (by_id[id] for id in stance.hunks if id in by_id):
                if about.hunk.status is HunkStatus.PENDING:
                    now = alike[edit_of(about)]
                else:
                    # Its architect wrote its proposal anew, say. Its lines are no longer followed for sure, so it is
                    # known by what it does.
                    now = doing_the_same.get(_what_it_does(about), [])
                for one in now:
                    found.setdefault(one.hunk.id, {})[said.architect.lower()] = view
    for one in pending:  # who proposes something has said what it thinks of it
        if views := found.get(one.hunk.id):
            for other in alike[edit_of(one)]:
                views.pop(other.source.lower(), None)
    return {id: tuple(views.values()) for id, views in found.items() if views}


def _by(hunks: Sequence[Proposed], key: Callable[[Proposed], Hashable]) -> Mapping[Hashable, list[Proposed]]:
    found: dict[Hashable, list[Proposed]] = {}
    for one in hunks:
        found.setdefault(key(one), []).append(one)
    return found


def _what_it_does(one: Proposed) -> Hashable:
    return (one.file.where, one.file.kind, one.file.new_path, one.hunk.old, one.hunk.new)


def does_the_same(one: Proposed, other: Proposed) -> bool:
    """Whether two hunks write the same in the place of the same, wherever in the file that is."""
    return _what_it_does(one) == _what_it_does(other)


def _withdrawn(
    spoken: Sequence[Spoken], pending: Sequence[Proposed], views: Mapping[str, Sequence[View]]
) -> Collection[tuple[str, str]]:
    """Whose own pending hunks it no longer stands behind, since it supported later what contradicts them."""
    if not any(view.kind is Attitude.SUPPORT for said in views.values() for view in said):
        return ()
    when = {one.change: (one.round, one.turn) for one in spoken if one.change}
    gone: set[tuple[str, str]] = set()
    for early, late, _ in contradicting(pending):
        for own, favoured in ((pending[early], pending[late]), (pending[late], pending[early])):
            for view in views.get(favoured.hunk.id, ()):
                mine = view.architect.lower() == own.source.lower() and view.kind is Attitude.SUPPORT
                if mine and when[own.change] < (view.round, view.turn):
                    gone.add((own.source, own.hunk.id))
    return gone


def is_taken(hunk: Hunk) -> bool:
    return hunk.settled is Settled.TAKEN
