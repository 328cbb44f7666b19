"""The plan: what was compiled, as the user left it, and the page on which it is edited by hand."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.plan import (
    CompiledStep,
    PlanStand,
    PlanStep,
    as_markdown,
    from_markdown,
    key_of,
    merged,
    plan_text,
)
from moa_lsp.discussion.values import PlanEdits, PlanEntry


def compiled(text: str, *architects: str, hunks: tuple[str, ...] = ()) -> CompiledStep:
    return CompiledStep(key_of(text), text, architects, hunks)


ONE = compiled("Add errors.py.", "alpha", hunks=("h1",))
TWO = compiled("Wrap get().\n- also put()", "alpha", "bravo", hunks=("h2", "h3"))
THREE = compiled("Test both.", "bravo")
STEPS = (ONE, TWO, THREE)


def edits(*entries: PlanEntry, seen: tuple[CompiledStep, ...] = STEPS) -> PlanEdits:
    return PlanEdits(entries, tuple(step.key for step in seen))


def entry(step: CompiledStep, *, struck: bool = False) -> PlanEntry:
    return PlanEntry(step.text, step.key, struck)


# --- what stands in it ----------------------------------------------------------------------------------------------


def test_unless_the_user_changed_it_the_plan_is_what_was_compiled() -> None:
    plan = merged(STEPS, None)
    assert [(step.id, step.text, step.architects, step.hunks) for step in plan] == [
        (step.key, step.text, step.architects, step.hunks) for step in STEPS
    ]
    assert {step.stand for step in plan} == {PlanStand.OPEN}
    assert not any(step.added or step.edited for step in plan)


def test_the_users_order_and_strikes_and_own_steps_stand() -> None:
    plan = merged(STEPS, edits(entry(THREE), PlanEntry("Bump the version."), entry(ONE, struck=True), entry(TWO)))
    assert [step.text for step in plan] == ["Test both.", "Bump the version.", "Add errors.py.", TWO.text]
    assert [step.stand.value for step in plan] == ["open", "open", "struck", "open"]
    assert [step.added for step in plan] == [False, True, False, False]
    assert plan[2].id == ONE.key
    assert plan[2].hunks == ("h1",)


def test_what_was_taken_out_stays_out_and_what_came_later_is_added_below() -> None:
    later = compiled("Say it in the manual.", "charlie")
    plan = merged((*STEPS, later), edits(entry(TWO)))
    assert [step.text for step in plan] == [TWO.text, later.text]


def test_a_struck_step_that_is_proposed_again_in_its_words_stays_struck() -> None:
    again = evolve(ONE, text="add `errors.py`", architects=("bravo",))
    plan = merged((again,), edits(entry(ONE, struck=True)))
    assert [(step.stand, step.architects) for step in plan] == [(PlanStand.STRUCK, ("bravo",))]


def test_a_step_that_is_not_proposed_any_more_stays_where_the_user_left_it() -> None:
    (step,) = merged((), edits(entry(ONE)))
    assert (step.id, step.text, step.hunks, step.stand) == (ONE.key, ONE.text, (), PlanStand.OPEN)
    assert not step.added
    assert not step.edited


def test_a_reworded_step_keeps_whose_it_is_and_loses_their_edits() -> None:
    settled = evolve(ONE, settled=True)
    (step,) = merged((settled,), edits(PlanEntry("Add errors.py, without tests.", ONE.key)))
    assert step.edited
    assert (step.id, step.architects, step.hunks, step.stand) == (ONE.key, ("alpha",), (), PlanStand.OPEN)


@pytest.mark.parametrize(
    ("state", "stand"),
    [
        ({"settled": True}, PlanStand.SETTLED),
        ({"contested": True}, PlanStand.CONTESTED),
        ({"contested": True, "settled": True}, PlanStand.CONTESTED),
        ({"dead": True}, PlanStand.STRUCK),
    ],
)
def test_how_a_step_stands(state: dict[str, bool], stand: PlanStand) -> None:
    step = evolve(ONE, **state)
    assert merged((step,), None)[0].stand is stand
    assert merged((step,), edits(entry(ONE)))[0].stand is stand
    assert merged((step,), edits(entry(ONE, struck=True)))[0].stand is PlanStand.STRUCK


def test_a_step_that_was_decided_against_lives_on_in_the_users_own_words_only() -> None:
    dead = evolve(ONE, dead=True)
    assert merged((dead,), edits(PlanEntry("Add errors.py by hand.", ONE.key)))[0].stand is PlanStand.OPEN


@given(st.lists(st.sampled_from([PlanEntry("a"), PlanEntry("A."), PlanEntry("b", "k"), PlanEntry("b", "k", True)])))
def test_no_two_steps_have_the_same_id(entries: list[PlanEntry]) -> None:
    ids = [step.id for step in merged(STEPS, PlanEdits(tuple(entries)))]
    assert len(set(ids)) == len(ids)


def test_a_step_is_known_by_its_words() -> None:
    assert key_of("Wrap `get()` in  api.py.") == key_of("**wrap** get() in api.py")
    assert key_of("Wrap get()") != key_of("Wrap put()")


# --- what the editor model reads ------------------------------------------------------------------------------------


def test_the_editor_model_reads_what_is_to_be_done_in_order() -> None:
    plan = merged((evolve(ONE, settled=True), TWO, evolve(THREE, dead=True)), None)
    assert plan_text(plan) == "1. Add errors.py. (settled)\n2. Wrap get().\n   - also put()"
    assert plan_text(merged((evolve(ONE, dead=True),), None)) == ""


# --- the page -------------------------------------------------------------------------------------------------------


PLAN = merged(STEPS, edits(entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), entry(THREE)))
PAGE = """\
# Errors

1. ~~Add errors.py.~~ *(ALPHA)*
2. Wrap get().
   - also put() *(ALPHA, BRAVO)*
3. Mine. *(you)*
4. Test both. *(BRAVO)*
"""


def test_the_page() -> None:
    assert as_markdown("Errors", PLAN) == PAGE
    assert from_markdown(PAGE, PLAN) == (entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), entry(THREE))


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ("1. ~~Add errors.py.~~", "1. Add errors.py.", (entry(ONE), entry(TWO), PlanEntry("Mine."), entry(THREE))),
        (
            "4. Test both. *(BRAVO)*",
            "4. ~~Test both.~~",
            (entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), entry(THREE, struck=True)),
        ),
        (
            "4. Test both. *(BRAVO)*\n",
            "",
            (entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), entry(THREE, struck=True)),
        ),
        ("3. Mine. *(you)*\n", "", (entry(ONE, struck=True), entry(TWO), entry(THREE))),
        (
            "1. ~~Add errors.py.~~ *(ALPHA)*\n",
            "",
            (entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), entry(THREE)),
        ),
        (
            "Test both. *(BRAVO)*",
            "Test get() only. *(BRAVO)*",
            (
                entry(ONE, struck=True),
                entry(TWO),
                PlanEntry("Mine."),
                PlanEntry("Test get() only.", THREE.key),
            ),
        ),
        (
            "4. Test both. *(BRAVO)*",
            "4. Test both. *(BRAVO)* Twice.",
            (entry(ONE, struck=True), entry(TWO), PlanEntry("Mine."), PlanEntry("Test both. Twice.", THREE.key)),
        ),
        (
            "3. Mine.",
            "- A new one\n\n3. Mine.",
            (entry(ONE, struck=True), entry(TWO), PlanEntry("A new one"), PlanEntry("Mine."), entry(THREE)),
        ),
        (
            "# Errors\n",
            "# Errors\n\nFirst of all, look.\nTwice.\n",
            (
                PlanEntry("First of all, look.\nTwice."),
                entry(ONE, struck=True),
                entry(TWO),
                PlanEntry("Mine."),
                entry(THREE),
            ),
        ),
        (
            "4. Test both. *(BRAVO)*\n",
            "4. Test both. *(BRAVO)*\n\nAnd that is\n\nall.\n",
            (
                entry(ONE, struck=True),
                entry(TWO),
                PlanEntry("Mine."),
                PlanEntry("Test both.\n\nAnd that is\n\nall.", THREE.key),
            ),
        ),
    ],
)
def test_what_the_user_writes_on_the_page(before: str, after: str, read: tuple[PlanEntry, ...]) -> None:
    assert PAGE.count(before) == 1
    assert from_markdown(PAGE.replace(before, after), PLAN) == read


def test_a_reworded_step_is_known_beside_new_ones_and_ones_that_are_gone() -> None:
    page = "1. Test both, twice. *(BRAVO)*\n2. Something else.\n3. Wrap get() only.\n"
    plan = merged(STEPS, None)
    assert [(one.text, one.key, one.struck) for one in from_markdown(page, plan)] == [
        (ONE.text, ONE.key, True),
        ("Test both, twice.", THREE.key, False),
        ("Something else.", None, False),
        ("Wrap get() only.", TWO.key, False),
    ]
    # One that was written anew whole is known by whose it is.
    (*_, last) = from_markdown("1. Add errors.py.\n2. Look again. *(BRAVO)*\n", plan)
    assert (last.text, last.key) == ("Look again.", THREE.key)


def test_reordering_keeps_which_is_which() -> None:
    page = "1. Test both.\n1. wrap get()\n   - also put()\n"
    read = from_markdown(page, PLAN)
    assert [(one.key, one.struck) for one in read] == [(ONE.key, True), (THREE.key, False), (TWO.key, False)]


def test_an_empty_page_strikes_everything() -> None:
    assert from_markdown("", PLAN) == tuple(entry(step, struck=True) for step in STEPS)


_WORDS = st.lists(
    st.sampled_from(
        [
            "~~", "\\", "\\~~", "- ", "* ", "  ", "1. ", "12) ", "# ", "*(ALPHA)*", " *(you)*", "```", "> ",
            "word", "é😀", "\n", "\n\n", "\t", "\u2028", "x", "~~x~~",
        ]
    )
    | st.text(max_size=4),
    min_size=1,
    max_size=8,
).map("".join)  # fmt: skip
_NAMES = st.lists(st.sampled_from(["alpha", "bravo-2", "a(b)*c", "é"]), max_size=3, unique=True).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> tuple[PlanStep, ...]:
    made: list[PlanStep] = []
    for number, text in enumerate(draw(st.lists(_WORDS.filter(lambda words: bool(words.strip())), max_size=12))):
        added = draw(st.booleans())
        stand = draw(st.sampled_from(PlanStand))
        made.append(PlanStep(f"k{number}", text, () if added else draw(_NAMES), (), stand, added))
    return tuple(made)


@given(st.text(), plans())
def test_what_was_written_is_read_again(title: str, steps: tuple[PlanStep, ...]) -> None:
    read = from_markdown(as_markdown(title, steps), steps)
    assert [one.struck for one in read] == [step.stand is PlanStand.STRUCK for step in steps]
    # Of steps in the same words it makes no difference which is which.
    assert [key_of(one.text) for one in read] == [key_of(step.text) for step in steps]
    page = as_markdown(title, steps)
    cleaned = tuple(evolve(step, text=one.text) for step, one in zip(steps, read, strict=True))
    assert as_markdown(title, cleaned) == page


@given(st.text() | _WORDS, plans())
def test_any_page_can_be_read_and_none_of_its_words_is_lost(page: str, steps: tuple[PlanStep, ...]) -> None:
    read = from_markdown(page, steps)
    said = "".join(one.text for one in read)
    words = [word for word in page.split() if word.isalpha() and not page.lstrip().startswith("# ")]
    assert all(word in said for word in words)
    assert all(one.text.strip() for one in read)
