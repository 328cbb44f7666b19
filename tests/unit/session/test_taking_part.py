"""Who takes part in a discussion: those configured, and those who were added to it."""

from __future__ import annotations

from attrs import evolve

from moa_lsp.discussion.values import Architect
from moa_lsp.session.discussions import taking_part, title_of

ALPHA, BRAVO = Architect("alpha", "m/a", "Doubt."), Architect("bravo", "m/b")
DELTA = Architect("delta", "m/d", "Hurry.", added=True)


def test_who_is_added_comes_last_and_stays() -> None:
    assert taking_part((ALPHA, BRAVO), (ALPHA, DELTA)) == (ALPHA, BRAVO, DELTA)
    assert taking_part((BRAVO,), (ALPHA, DELTA)) == (BRAVO, DELTA)


def test_where_nobody_is_configured_those_stay_who_were_there() -> None:
    assert taking_part((), (ALPHA, DELTA)) == (ALPHA, DELTA)
    assert taking_part((), (DELTA,)) == (DELTA,)


def test_what_was_done_to_them_in_the_discussion_holds() -> None:
    kept = (evolve(ALPHA, name="ALPHA", role="old", dropped=True, set_role="Think."), evolve(DELTA, dropped=True))
    assert taking_part((ALPHA, BRAVO), kept) == (evolve(ALPHA, dropped=True, set_role="Think."), BRAVO, kept[1])


def test_a_name_stays_with_who_was_added_under_it() -> None:
    configured = evolve(DELTA, name="Delta", model="m/else", added=False)
    assert taking_part((ALPHA, configured), (ALPHA, DELTA)) == (ALPHA, DELTA)


def test_a_title_is_the_first_line() -> None:
    assert title_of("\n\n  Why?  \nMore.") == "Why?"
    assert title_of(" \n") == "Untitled"
    assert len(title_of("x" * 100)) == 60
