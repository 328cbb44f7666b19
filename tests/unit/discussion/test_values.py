"""The values: sums that know what they don't know, and a discussion that keeps its order."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.values import Architect, Coding, Discussion, Round, Status, Turn, Usage

_tokens = st.none() | st.integers(0, 1_000_000)
# Eighths of a dollar add up exactly, in whatever order.
_costs = st.none() | st.integers(0, 1_000).map(lambda eighths: eighths / 8)
_usages = st.builds(Usage.of, _tokens, _tokens, _tokens, _costs)


def total(values: list[int | None] | list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


@given(st.lists(_usages, max_size=8))
def test_a_figure_that_one_part_does_not_know_the_total_does_not_know(parts: list[Usage]) -> None:
    added = Usage.total(parts)
    assert added.input_tokens == total([part.input_tokens for part in parts])
    assert added.cached_tokens == total([part.cached_tokens for part in parts])
    assert added.output_tokens == total([part.output_tokens for part in parts])
    assert added.cost_usd == total([part.cost_usd for part in parts])
    assert added.known_cost_usd == sum(part.cost_usd or 0 for part in parts)


@given(_usages, _usages, _usages)
def test_adding_up_has_no_order_and_a_neutral_element(one: Usage, two: Usage, three: Usage) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Usage.nothing() == one == Usage.nothing() + one


def test_what_is_not_known_is_none_and_what_was_not_used_is_zero() -> None:
    unknown, nothing = Usage(), Usage.nothing()
    assert (unknown.input_tokens, unknown.cached_tokens, unknown.output_tokens, unknown.cost_usd) == (None,) * 4
    assert (nothing.input_tokens, nothing.cached_tokens, nothing.output_tokens, nothing.cost_usd) == (0, 0, 0, 0.0)
    assert (unknown.known_cost_usd, nothing.known_cost_usd) == (0.0, 0.0)
    assert Usage.total([]) == nothing
    assert (unknown + nothing).cost_usd is None


def test_one_cancelled_call_does_not_hide_what_the_others_cost() -> None:
    added = Usage.of(10, 0, 5, 0.25) + Usage() + Usage.of(10, 0, 5, 0.5)
    assert added == Usage(None, None, None, None, known_cost_usd=0.75)


def discussion() -> Discussion:
    rounds = tuple(Round(number, f"Question {number}") for number in (1, 2, 3))
    codings = tuple(Coding(number, number, f"Code {number}", "m") for number in (1, 2, 3))
    return Discussion("d", "A matter", 0.0, rounds=rounds, codings=codings)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_round_that_is_put_again_keeps_its_place(number: int) -> None:
    again = discussion().with_round(Round(number, "Changed", finished=True))
    assert [round.number for round in again.rounds] == [1, 2, 3]
    assert [round.message == "Changed" for round in again.rounds] == [n == number for n in (1, 2, 3)]
    assert again.codings == discussion().codings


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_coding_that_is_put_again_keeps_its_place(number: int) -> None:
    again = discussion().with_coding(Coding(number, number, "Changed", "m", Status.DONE))
    assert [coding.number for coding in again.codings] == [1, 2, 3]
    assert [coding.message == "Changed" for coding in again.codings] == [n == number for n in (1, 2, 3)]
    assert again.rounds == discussion().rounds


def test_what_is_new_is_added_at_the_end() -> None:
    added = discussion().with_round(Round(4, "Question 4")).with_coding(Coding(4, 4, "Code 4", "m"))
    assert [round.number for round in added.rounds] == [1, 2, 3, 4]
    assert [coding.number for coding in added.codings] == [1, 2, 3, 4]


def test_a_turn_is_found_by_its_number_and_not_by_its_architect() -> None:
    round = Round(1, "Well?").with_turn(Turn(1, "alpha", "m")).with_turn(Turn(2, "alpha", "m"))
    ended = round.with_turn(Turn(1, "alpha", "m", Status.DONE, text="first"))
    assert [(turn.number, turn.text) for turn in ended.turns] == [(1, "first"), (2, "")]
    assert round.turns[0].text == ""


def test_usage_is_that_of_all_turns_and_codings() -> None:
    turn = Turn(1, "alpha", "m", usage=Usage.of(10, 4, 2, 0.5))
    one = Discussion("d", "A matter", 0.0).with_round(Round(1, "Well?", turns=(turn, evolve(turn, number=2))))
    assert one.rounds[0].usage == Usage.of(20, 8, 4, 1.0)
    both = one.with_coding(Coding(1, 1, "Go.", "m", usage=Usage.of(1, 0, 1, 0.25)))
    assert both.usage == Usage.of(21, 8, 5, 1.25)
    running = both.with_coding(Coding(2, 1, "Again.", "m"))
    assert (running.usage.cost_usd, running.usage.known_cost_usd) == (None, 1.25)


def test_names_are_told_apart_without_regard_to_case() -> None:
    alpha, bravo = Architect("alpha", "m"), Architect("Bravo", "m", dropped=True)
    both = Discussion("d", "A matter", 0.0, (alpha, bravo))
    assert both.architect("ALPHA") == alpha
    assert both.architect("bravo") == bravo
    assert both.architect("charlie") is None
    assert both.speaking == (alpha,)
