"""Where the architects of a discussion differ, as it is now: their pending hunks joined with what they said of them.

A view, made anew whenever a hunk or a stance moved: nothing of it is stored. How hunks fall into regions is
`moa_lsp/edits/differing/`'s, what the user decides about them `settling.py`'s. Changes of the editor model, and those
that were put together of hunks, are nobody's opinion and don't count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import field, frozen, mutable

from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.contradictions import contradiction, same_edit
from moa_lsp.edits.differing.regions import regions, stands
from moa_lsp.edits.differing.values import Disagreement, Proposed, View
from moa_lsp.edits.values import FileChange, Hunk, HunkStatus, Settled
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
        spoken = self.store.spoken(discussion)
        for one in spoken:
            for id in {one.change, *(stance.change for stance in one.stances)}:
                if id is not None and not self.changes.knows(id):
                    self.changes.get(id)
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
        by_id = {change.id: change for change in self.changes.of(discussion)}
        return list(_proposed(self.store.spoken(discussion), by_id))


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
    found: dict[str, dict[str, View]] = {}
    for said in spoken:
        for stance in said.stances:
            view = View(said.architect, stance.kind, stance.reason, said.round, said.turn)
            for id in stance.hunks:
                for one in _now(by_id[id], pending) if id in by_id else ():
                    found.setdefault(one.hunk.id, {})[said.architect.lower()] = view
    for one in pending:  # who proposes something has said what it thinks of it
        mine = {other.source.lower() for other in pending if other is one or same_edit(one, other)}
        if one.hunk.id in found:
            found[one.hunk.id] = {name: view for name, view in found[one.hunk.id].items() if name not in mine}
    return {id: tuple(views.values()) for id, views in found.items() if views}


def _now(about: Proposed, pending: Sequence[Proposed]) -> list[Proposed]:
    """The pending hunks that propose what a stance was about. One that isn't pending any more, as its architect wrote
    its proposal anew, is known by what it does, since its lines are no longer followed for sure."""
    if about.hunk.status is HunkStatus.PENDING:
        return [one for one in pending if one.hunk.id == about.hunk.id or same_edit(one, about)]
    return [one for one in pending if does_the_same(one.file, one.hunk, about.file, about.hunk)]


def does_the_same(file: FileChange, hunk: Hunk, other_file: FileChange, other: Hunk) -> bool:
    """Whether two hunks write the same in the place of the same, wherever in the file that is."""
    one = (file.where, file.kind, file.new_path, hunk.old, hunk.new)
    return one == (other_file.where, other_file.kind, other_file.new_path, other.old, other.new)


def _withdrawn(
    spoken: Sequence[Spoken], pending: Sequence[Proposed], views: Mapping[str, Sequence[View]]
) -> Collection[tuple[str, str]]:
    """Whose own pending hunks it no longer stands behind, since it supported later what contradicts them."""
    when = {one.change: (one.round, one.turn) for one in spoken if one.change}
    gone: set[tuple[str, str]] = set()
    for favoured in pending:
        for view in views.get(favoured.hunk.id, ()):
            if view.kind is Attitude.SUPPORT:
                gone |= {
                    (own.source, own.hunk.id)
                    for own in pending
                    if own.source.lower() == view.architect.lower()
                    and when[own.change] < (view.round, view.turn)
                    and contradiction(own, favoured) is not None
                }
    return gone


def is_taken(hunk: Hunk) -> bool:
    return hunk.settled is Settled.TAKEN
