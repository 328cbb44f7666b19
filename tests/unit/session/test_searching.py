"""Which discussions a query finds, and what shows it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.session.search import LONGEST, MOST, Excerpt, excerpts

TEXTS = [
    (1, None, "How do threads\n\n  meet?"),
    (1, "alpha", "By a lock."),
    (2, None, "Which LOCK?"),
    (2, "bravo", "A lock that threads share."),
    (2, "alpha", "Locks everywhere."),
]


def places(query: str, title: str = "") -> list[tuple[int, str | None]] | None:
    found = excerpts(query, title, TEXTS)
    return None if found is None else [(one.round, one.architect) for one in found]


def test_all_words_have_to_be_there_somewhere() -> None:
    assert places("nowhere") is None
    assert places("lock nowhere") is None
    assert places("lock title", "The Title") == [(1, "alpha"), (2, None), (2, "bravo")]
    assert places("title", "The Title") == []
    assert places("  ", "x") is None


def test_the_texts_with_most_of_the_words_are_shown_in_their_order() -> None:
    assert places("threads lock") == [(1, None), (1, "alpha"), (2, "bravo")]
    assert places("share threads lock") == [(1, None), (1, "alpha"), (2, "bravo")]
    assert len(places("lock") or ()) == MOST


def test_an_excerpt_is_one_line() -> None:
    assert excerpts("meet", "", TEXTS) == (Excerpt(1, None, "How do threads meet?"),)


def test_signs_that_mean_something_elsewhere_are_searched_as_they_are() -> None:
    assert excerpts("a.b(", "", [(1, None, "a.b(c)"), (1, "x", "aXb(")]) == (Excerpt(1, None, "a.b(c)"),)


@given(st.text("ab \n", max_size=400), st.text("ab \n", max_size=400))
def test_an_excerpt_is_short_and_holds_a_word(before: str, after: str) -> None:
    shown = excerpts("needle", "", [(1, None, f"{before}needle{after}")])
    assert shown is not None
    (found,) = shown
    assert len(found.text) <= LONGEST
    assert "needle" in found.text
    assert "\n" not in found.text
