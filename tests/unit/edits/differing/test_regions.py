"""Where proposals meet, who is behind which way, and how each region stands."""

from __future__ import annotations

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.differing.contradictions import contradiction, same_edit
from moa_lsp.edits.differing.regions import regions, stands
from moa_lsp.edits.differing.values import Proposed, Region, Stand, View
from moa_lsp.edits.values import Settled
from tests.unit.edits.differing.proposals import ANY_HUNKS, created, deleted, inserted, renamed, replaced

Views = dict[str, list[View]]


def the_one(*proposed: Proposed, views: Views | None = None, withdrawn: tuple[tuple[str, str], ...] = ()) -> Region:
    (region,) = regions(proposed, views or {}, withdrawn)
    return region


def view(architect: str, kind: Attitude, reason: str = "", round: int = 1) -> View:
    return View(architect, kind, reason, round, 1)


def texts(region: Region) -> list[list[str]]:
    return [[one.hunk.new for one in alternative.hunks] for alternative in region.alternatives]


def behind(region: Region) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(one.architects, one.supporters) for one in region.alternatives]


ALPHAS = replaced("alpha", 1, 3, "x\n")
BRAVOS = replaced("bravo", 2, 4, "y\n")
SAME = replaced("bravo", 1, 3, "x\n")


# --- what is in a region


def test_hunks_that_differ_are_one_region_and_any_other_is_one_of_its_own() -> None:
    found = regions([BRAVOS, inserted("charlie", 5, "end\n"), ALPHAS, inserted("charlie", 0, "top\n")], {})
    assert [(region.start, region.end, region.stand) for region in found] == [
        (0, 0, Stand.ALONE),
        (1, 4, Stand.CONTESTED),
        (5, 5, Stand.ALONE),
    ]
    assert texts(found[1]) == [["y\n"], ["x\n"]], "in the order of proposing"
    assert behind(found[1]) == [(("bravo",), ()), (("alpha",), ())]
    assert found[1].hunks == (BRAVOS.hunk.id, ALPHAS.hunk.id)


def test_what_is_linked_by_another_is_one_region() -> None:
    below = replaced("alpha", 3, 4, "z\n")
    region = the_one(below, BRAVOS, ALPHAS)
    assert texts(region) == [["x\n", "z\n"], ["y\n"]], "an architect's hunks in the order of the text"


def test_the_same_hunks_are_one_alternative_of_all_who_propose_them() -> None:
    region = the_one(ALPHAS, SAME, replaced("charlie", 2, 3, "y\n"))
    assert behind(region) == [(("alpha", "bravo"), ()), (("charlie",), ())]
    assert [one.hunk.id for one in region.alternatives[0].hunks] == [ALPHAS.hunk.id]
    assert len(region.hunks) == 3


def test_who_shares_a_hunk_and_wants_another_too_has_another_alternative() -> None:
    one, twin = replaced("alpha", 0, 1, "1\n"), replaced("bravo", 0, 1, "1\n")
    more = replaced("bravo", 1, 2, "2\n")
    all_of_it = replaced("charlie", 0, 2, "")
    region = the_one(one, twin, more, all_of_it)
    assert texts(region) == [["1\n"], ["1\n", "2\n"], [""]]
    assert the_one(one, twin).stand is Stand.AGREED
    assert [region.stand for region in regions([one, twin, more], {})] == [Stand.AGREED, Stand.ALONE]


def test_files_differ_as_a_whole() -> None:
    gone = the_one(replaced("alpha", 0, 1, "1\n"), deleted("bravo"), replaced("alpha", 3, 4, "4\n"))
    assert (gone.path, gone.start, gone.end, gone.stand) == ("a", 0, 5, Stand.CONTESTED)
    assert texts(gone) == [["1\n", "4\n"], [""]]
    twice = the_one(created("alpha", "n", "x\n"), created("bravo", "n", "y\n"))
    assert (twice.path, twice.start, twice.end, twice.stand) == ("n", 0, 0, Stand.CONTESTED)
    names = the_one(renamed("alpha", "a", "n"), created("bravo", "n", "y\n"))
    assert (names.path, names.stand, len(names.alternatives)) == ("a", Stand.CONTESTED, 2)
    assert the_one(created("alpha", "n", "x\n"), created("bravo", "n", "x\n")).stand is Stand.AGREED
    apart = regions([renamed("alpha", "a", "n"), inserted("bravo", 0, "top\n")], {})
    assert [region.stand for region in apart] == [Stand.ALONE, Stand.ALONE]


# --- who is behind what


def test_an_objection_alone_contests() -> None:
    against = view("bravo", Attitude.OBJECT, "It hides errors.")
    region = the_one(ALPHAS, views={ALPHAS.hunk.id: [against]})
    assert (region.stand, region.views) == (Stand.CONTESTED, ((against, 0),))
    # Said of the hunk of another who proposes the very same.
    assert the_one(ALPHAS, SAME, views={SAME.hunk.id: [view("c", Attitude.OBJECT)]}).stand is Stand.CONTESTED


def test_who_supports_agrees_and_who_amends_does_neither() -> None:
    for_it, amended = view("BRAVO", Attitude.SUPPORT), view("charlie", Attitude.AMEND, "Keep the name.")
    region = the_one(ALPHAS, views={ALPHAS.hunk.id: [for_it, amended]})
    assert (region.stand, region.views) == (Stand.AGREED, ((amended, 0),))
    assert behind(region) == [(("alpha",), ("BRAVO",))]
    assert the_one(ALPHAS, views={ALPHAS.hunk.id: [amended]}).stand is Stand.ALONE


def test_nobody_agrees_with_itself() -> None:
    itself = {ALPHAS.hunk.id: [view("Alpha", Attitude.SUPPORT)]}
    region = the_one(ALPHAS, views=itself)
    assert (region.stand, behind(region)) == (Stand.ALONE, [(("alpha",), ())])
    assert the_one(ALPHAS, evolve(SAME, source="ALPHA")).stand is Stand.ALONE


def test_the_newest_view_counts_whichever_of_the_same_hunks_it_is_about() -> None:
    views = {ALPHAS.hunk.id: [view("charlie", Attitude.OBJECT, round=1)], SAME.hunk.id: []}
    assert the_one(ALPHAS, SAME, views=views).stand is Stand.CONTESTED
    views[SAME.hunk.id] = [view("CHARLIE", Attitude.SUPPORT, round=2)]
    region = the_one(ALPHAS, SAME, views=views)
    assert (region.stand, region.views) == (Stand.AGREED, ())


def test_support_of_a_part_is_not_support_of_the_whole() -> None:
    below = replaced("alpha", 3, 4, "z\n")
    views = {ALPHAS.hunk.id: [view("charlie", Attitude.SUPPORT)]}
    assert behind(the_one(ALPHAS, below, BRAVOS, views=views))[0] == (("alpha",), ())
    views[below.hunk.id] = [view("charlie", Attitude.SUPPORT)]
    assert behind(the_one(ALPHAS, below, BRAVOS, views=views))[0] == (("alpha",), ("charlie",))


def test_who_goes_over_to_the_other_way_ends_the_contest() -> None:
    views = {ALPHAS.hunk.id: [view("bravo", Attitude.SUPPORT, round=2)]}
    region = the_one(ALPHAS, BRAVOS, views=views, withdrawn=(("Bravo", BRAVOS.hunk.id),))
    assert region.stand is Stand.AGREED
    assert behind(region) == [(("alpha",), ("bravo",)), (("bravo",), ())], "it stays to be chosen"
    assert stands([region]) == {ALPHAS.hunk.id: Stand.AGREED, BRAVOS.hunk.id: Stand.ALONE}
    third = replaced("charlie", 2, 4, "y\n")
    both = the_one(ALPHAS, BRAVOS, third, views=views, withdrawn=(("bravo", BRAVOS.hunk.id),))
    assert both.stand is Stand.CONTESTED, "somebody else is still for it"
    assert the_one(ALPHAS, BRAVOS, withdrawn=(("bravo", BRAVOS.hunk.id),)).stand is Stand.ALONE


def test_who_objects_to_its_own_no_longer_backs_it() -> None:
    own = {ALPHAS.hunk.id: [view("alpha", Attitude.OBJECT, round=2)]}
    assert the_one(ALPHAS, views=own).stand is Stand.ALONE
    assert the_one(ALPHAS, SAME, views=own).stand is Stand.CONTESTED


def test_what_nobody_backs_cannot_be_objected_to() -> None:
    views = {
        ALPHAS.hunk.id: [view("bravo", Attitude.SUPPORT)],
        BRAVOS.hunk.id: [view("alpha", Attitude.OBJECT)],
    }
    assert the_one(ALPHAS, BRAVOS, views=views, withdrawn=(("bravo", BRAVOS.hunk.id),)).stand is Stand.AGREED


def test_two_ways_that_go_together_are_no_contest_once_what_was_between_them_is_given_up() -> None:
    below = replaced("charlie", 3, 4, "z\n")
    region = the_one(ALPHAS, BRAVOS, below, withdrawn=(("bravo", BRAVOS.hunk.id),))
    assert region.stand is Stand.ALONE


def test_somebodys_own_newer_proposal_counts() -> None:
    newer = replaced("Alpha", 2, 3, "newer\n")
    region = the_one(ALPHAS, newer)
    assert (region.stand, texts(region)) == (Stand.ALONE, [["newer\n"]])
    assert region.hunks == (ALPHAS.hunk.id, newer.hunk.id)
    # What only the older one met with is a region of its own.
    first = replaced("bravo", 1, 2, "first\n")
    found = regions([ALPHAS, first, newer], {})
    assert [region.stand for region in found] == [Stand.ALONE, Stand.ALONE]
    assert stands(found)[ALPHAS.hunk.id] is Stand.ALONE


def test_somebody_that_comes_back_to_its_first_proposal_means_that() -> None:
    again = replaced("alpha", 1, 3, "x\n")
    region = the_one(ALPHAS, replaced("alpha", 1, 3, "else\n"), again)
    assert texts(region) == [["x\n"]]


# --- what the user decided


def test_what_the_user_took_is_settled_until_somebody_proposes_against_it() -> None:
    taken = replaced("alpha", 1, 3, "x\n", settled=Settled.TAKEN)
    against = {taken.hunk.id: [view("bravo", Attitude.OBJECT)]}
    assert the_one(taken, views=against).stand is Stand.SETTLED
    assert the_one(SAME, taken).stand is Stand.SETTLED, "whoever of those that propose it was taken"
    assert the_one(taken, BRAVOS).stand is Stand.CONTESTED


# --- any hunks at all


NAMES = st.sampled_from(["alpha", "Bravo", "CHARLIE", "delta"])
VIEWS = st.lists(st.builds(view, NAMES, st.sampled_from(Attitude), st.just(""), st.integers(1, 3)), max_size=3)


@given(ANY_HUNKS, st.data())
@settings(max_examples=300, deadline=None)
def test_every_hunk_is_in_one_region(hunks: list[Proposed], data: st.DataObject) -> None:
    views = {one.hunk.id: data.draw(VIEWS) for one in hunks}
    withdrawn = [(one.source, one.hunk.id) for one in hunks if data.draw(st.booleans())]
    found = regions(hunks, views, withdrawn)
    assert sorted(id for region in found for id in region.hunks) == sorted(one.hunk.id for one in hunks)
    assert set(stands(found)) == {one.hunk.id for one in hunks}
    for region in found:
        ids = {one.hunk.id for way in region.alternatives for one in way.hunks}
        assert ids <= set(region.hunks)
        assert region.alternatives
        assert len({way.hunks for way in region.alternatives}) == len(region.alternatives)
        for way in region.alternatives:
            assert not any(contradiction(one, other) for one in way.hunks for other in way.hunks)
            names = [name.lower() for name in (*way.architects, *way.supporters)]
            assert len(set(names)) == len(names)
        if region.stand is Stand.CONTESTED:
            assert len(region.alternatives) > 1 or any(said.kind is Attitude.OBJECT for said, _ in region.views)
        if region.stand is Stand.AGREED:
            assert any(len((*way.architects, *way.supporters)) > 1 for way in region.alternatives)
        assert all(said.kind is not Attitude.SUPPORT for said, _ in region.views)


@given(ANY_HUNKS)
@settings(max_examples=300, deadline=None)
def test_regions_are_as_small_as_can_be(hunks: list[Proposed]) -> None:
    hunks = [evolve(one, source=f"architect {number}") for number, one in enumerate(hunks)]
    by_id = {one.hunk.id: one for one in hunks}
    for region in regions(hunks, {}):
        inside = [by_id[id] for id in region.hunks]
        outside = [one for one in hunks if one not in inside]
        assert not any(contradiction(one, other) or same_edit(one, other) for one in inside for other in outside)
        reached = [inside.pop()]
        for one in reached:
            linked = [other for other in inside if contradiction(one, other) or same_edit(one, other)]
            inside = [other for other in inside if other not in linked]
            reached += linked
        assert inside == []
        assert (region.stand is Stand.CONTESTED) == (len(region.alternatives) > 1)
