"""Where proposals meet: the regions that pending hunks of several architects fall into, and how each stands.

Rules:
- Hunks that contradict each other are in one region, and so are those that contradict one of these, and so on. Any
  other edit is a region of its own.
- An architect that proposes something else for the same lines means the newer. So nobody is in a contest with itself.
- A region is contested only between architects: where two that contradict each other are each backed by another one,
  or where somebody objects to what is backed.
- Who proposed something and has since supported another way, or objects to its own, no longer backs it. It stays to be
  chosen.
- Names are told apart without regard to case.

What was said of which hunk, and whether it is still the newest, is the session's to find out, as is what the user's
decision does to the hunks that lost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from attrs import frozen

from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.differing.contradictions import contradicting, contradiction, edit_of, is_renaming
from moa_lsp.edits.differing.values import Alternative, Proposed, Region, Stand, View
from moa_lsp.edits.values import Settled


@frozen
class _Edit:
    """One edit, with all hunks that propose it, in the order of proposing."""

    hunks: tuple[Proposed, ...]

    @property
    def first(self) -> Proposed:
        return self.hunks[0]

    @property
    def ids(self) -> set[str]:
        return {one.hunk.id for one in self.hunks}

    @property
    def taken(self) -> bool:
        return any(one.hunk.settled is Settled.TAKEN for one in self.hunks)


@frozen
class _Weighed:
    """An alternative with the views on it, the newest of each architect, and those who are behind it and against it, in
    lower case."""

    alternative: Alternative
    views: tuple[View, ...]
    backers: frozenset[str]
    against: frozenset[str]


def regions(
    proposed: Sequence[Proposed],
    views: Mapping[str, Sequence[View]],
    withdrawn: Collection[tuple[str, str]] = (),
) -> tuple[Region, ...]:
    """The regions of the architects' pending hunks, by file and line; each hunk is in one of them.

    `proposed` are the hunks in the order of proposing. `views` has, by a hunk's id, the newest view of each architect
    on that edit. `withdrawn` are pairs of an architect and a hunk that it proposed and doesn't back any more, because
    it has supported another way since.
    """
    by_own = _proposed_anew(proposed)
    edits: dict[object, list[Proposed]] = {}
    for at, one in enumerate(proposed):
        if at not in by_own:
            edits.setdefault(edit_of(one), []).append(one)
    groups = _that_meet([_Edit(tuple(hunks)) for hunks in edits.values()])
    ids = {id: number for number, group in enumerate(groups) for edit in group for id in edit.ids}
    for at, one in enumerate(proposed):
        if at in by_own:
            ids[one.hunk.id] = ids[proposed[by_own[at]].hunk.id]
    inside: list[list[str]] = [[] for _ in groups]
    for one in proposed:
        inside[ids[one.hunk.id]].append(one.hunk.id)
    gone = {(name.lower(), id) for name, id in withdrawn}
    found = (_region(group, tuple(inside[number]), views, gone) for number, group in enumerate(groups))
    return tuple(sorted(found, key=lambda region: (region.path, region.start, region.end)))


def stands(regions: Sequence[Region]) -> Mapping[str, Stand]:
    """How each hunk stands, by its id. One that was given up isn't agreed on with what took its place."""
    return {
        id: Stand.ALONE if region.stand is Stand.AGREED and id in region.given_up else region.stand
        for region in regions
        for id in region.hunks
    }


def _proposed_anew(proposed: Sequence[Proposed]) -> dict[int, int]:
    """The hunks, by number, for which their own architect has proposed something else since; each with the hunk that
    counts in its place."""
    rivals: dict[int, list[int]] = {}
    for early, late, _ in contradicting(proposed):
        if proposed[early].source.lower() == proposed[late].source.lower():
            rivals.setdefault(early, []).append(late)
    by_own: dict[int, int] = {}
    for at in range(len(proposed) - 1, -1, -1):
        counting = [rival for rival in rivals.get(at, ()) if rival not in by_own]
        if counting:
            by_own[at] = counting[-1]
    return by_own


def _that_meet(edits: Sequence[_Edit]) -> list[list[_Edit]]:
    """The edits in groups: whatever contradicts is in one, and no group could be smaller."""
    group_of = {at: [at] for at in range(len(edits))}
    for one, other, _ in contradicting([edit.first for edit in edits]):
        ours, theirs = group_of[one], group_of[other]
        if ours is not theirs:
            ours += theirs
            group_of.update((at, ours) for at in theirs)
    groups = {id(group): group for group in group_of.values()}
    return [[edits[at] for at in sorted(group)] for group in groups.values()]


def _region(
    edits: Sequence[_Edit],
    ids: tuple[str, ...],
    views: Mapping[str, Sequence[View]],
    withdrawn: Collection[tuple[str, str]],
) -> Region:
    sets: dict[frozenset[int], dict[str, str]] = {}
    by_architect: dict[str, set[int]] = {}
    names: dict[str, str] = {}
    for at, edit in enumerate(edits):
        for one in edit.hunks:
            names.setdefault(one.source.lower(), one.source)
            by_architect.setdefault(one.source.lower(), set()).add(at)
    for key, proposing in by_architect.items():
        sets.setdefault(frozenset(proposing), {})[key] = names[key]
    weighed = [_weighed([edits[at] for at in sorted(own)], who, views, withdrawn) for own, who in sets.items()]
    backed = [own for own, way in zip(sets, weighed, strict=True) if way.backers]
    standing = {id for own in backed for at in own for id in edits[at].ids}
    path = edits[0].first.file.where
    spans = [(e.first.hunk.start, e.first.hunk.end) for e in edits if e.first.file.where == path]
    return Region(
        path,
        min(start for start, _ in spans),
        max(end for _, end in spans),
        _stand(edits, weighed),
        tuple(one.alternative for one in weighed),
        ids,
        tuple(
            (view, number)
            for number, one in enumerate(weighed)
            for view in one.views
            if view.kind is not Attitude.SUPPORT
        ),
        frozenset(ids) - standing,
    )


def _weighed(
    edits: Sequence[_Edit],
    architects: Mapping[str, str],
    views: Mapping[str, Sequence[View]],
    withdrawn: Collection[tuple[str, str]],
) -> _Weighed:
    """The alternative of these edits, proposed by these architects (their names by the same in lower case)."""
    said: list[dict[str, View]] = [_newest(edit, views) for edit in edits]
    # Who speaks of several of these edits at once has said it once.
    told: dict[View, None] = {}
    against: set[str] = set()
    for by_architect in said:
        for name, view in by_architect.items():
            told[view] = None
            if view.kind is Attitude.OBJECT:
                against.add(name)
    supporting = [
        (name, view.architect)
        for name, view in said[0].items()
        if name not in architects and all(name in one and one[name].kind is Attitude.SUPPORT for one in said)
    ]
    every = {id for edit in edits for id in edit.ids}
    left = {name for name in architects if any((name, id) in withdrawn for id in every)}
    backers = frozenset(set(architects) - left - against) | {name for name, _ in supporting}
    ordered = sorted((edit.first for edit in edits), key=_place)
    alternative = Alternative(tuple(architects.values()), tuple(shown for _, shown in supporting), tuple(ordered))
    in_order = sorted(told, key=lambda view: (view.round, view.turn))
    return _Weighed(alternative, tuple(in_order), backers, frozenset(against))


def _place(one: Proposed) -> tuple[str, bool, int, int]:
    return (one.file.where, not is_renaming(one), one.hunk.start, one.hunk.end)


def _newest(edit: _Edit, views: Mapping[str, Sequence[View]]) -> dict[str, View]:
    """The newest view of each architect on an edit, by its name in lower case, oldest first."""
    every = [view for one in edit.hunks for view in views.get(one.hunk.id, ())]
    newest: dict[str, View] = {}
    for view in sorted(every, key=lambda view: (view.round, view.turn)):
        newest.pop(view.architect.lower(), None)
        newest[view.architect.lower()] = view
    return newest


def _stand(edits: Sequence[_Edit], weighed: Sequence[_Weighed]) -> Stand:
    if len(edits) == 1 and edits[0].taken:
        return Stand.SETTLED
    if any(one.backers and one.against for one in weighed):
        return Stand.CONTESTED
    if any(_is_contest(one, other) for one, other in combinations(weighed, 2)):
        return Stand.CONTESTED
    return Stand.AGREED if any(len(one.backers) > 1 for one in weighed) else Stand.ALONE


def _is_contest(one: _Weighed, other: _Weighed) -> bool:
    """Whether two alternatives, each backed by another architect, can't both be."""
    apart = any(ours != theirs for ours in one.backers for theirs in other.backers)
    return apart and any(
        contradiction(ours, theirs) for ours in one.alternative.hunks for theirs in other.alternative.hunks
    )
