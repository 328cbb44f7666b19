"""Architects' names: what is refused, and who gets which NATO name."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.names import LONGEST, NATO, fill_names, valid_name
from moa_lsp.discussion.values import Architect, Discussion


def test_a_nameless_one_takes_the_next_free_name() -> None:
    assert fill_names([None, None, None]) == ("alpha", "bravo", "charlie")
    assert fill_names(["ada", None, "grace", None]) == ("ada", "alpha", "grace", "bravo")


def test_a_given_name_is_not_handed_out_again_wherever_it_stands() -> None:
    assert fill_names([None, "Alpha", None]) == ("bravo", "Alpha", "charlie")


def test_after_zulu_the_names_begin_anew_with_a_number() -> None:
    names = fill_names([None] * 54)
    assert len(NATO) == 26
    assert (names[25], names[26], names[51], names[52]) == ("zulu", "alpha-2", "zulu-2", "alpha-3")
    assert fill_names([*NATO, "ALPHA-2", None])[-1] == "bravo-2"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "empty"),
        ("a<b", "<"),
        ("a>b", ">"),
        ("it's", "quotes"),
        ('a"b', "quotes"),
        ("a`b", "quotes"),
        ("a\nb", "line breaks"),
        ("a\u2028b", "line breaks"),
        ("two words", "spaces"),
        ("a\x00b", "control"),
        ("a\x1bb", "control"),
        ("a\u202eb", "can't be seen"),
        ("a\u200bb", "can't be seen"),
        ("a\ud800b", "can't be seen"),
        ("x" * (LONGEST + 1), "longer than 40"),
        ("editor", "editor"),
        ("User", "user"),
    ],
)
def test_bad_names_are_refused_with_the_reason(name: str, word: str) -> None:
    reason = valid_name(name)
    assert reason is not None
    assert word in reason


@pytest.mark.parametrize("name", ["ada", "x-ray", "Änne", "検査", "a" * LONGEST, "users"])
def test_good_names(name: str) -> None:
    assert valid_name(name) is None


TAKEN = st.sampled_from(["alpha", "Bravo", "ada", "zulu", "alpha-2"])


@given(st.lists(st.none(), max_size=60), st.lists(TAKEN, unique=True), st.randoms())
def test_names_are_always_told_apart_and_found_again(nameless: list[None], named: list[str], random: Random) -> None:
    given_names: list[str | None] = [*nameless, *named]
    random.shuffle(given_names)
    names = fill_names(given_names)
    assert len({name.lower() for name in names}) == len(names) == len(given_names)
    assert all(name == wanted for name, wanted in zip(names, given_names, strict=True) if wanted is not None)
    assert all(valid_name(name) is None for name in names)
    discussion = Discussion("d", "t", 0, tuple(Architect(name, "m") for name in names))
    assert [discussion.architect(name.upper()) for name in names] == list(discussion.architects)
