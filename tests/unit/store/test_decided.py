"""What the store keeps of a disagreement: decisions, the plan, who said what of whose edits, and the counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from moa_lsp.discussion.values import (
    Attitude,
    Decision,
    DecisionKind,
    GivenUp,
    PlanEdits,
    PlanEntry,
    Question,
    Said,
    Snapshot,
    Stance,
    Status,
    Turn,
)
from moa_lsp.store.decided import Conformity, Spoken
from moa_lsp.store.store import Store, open_store

STANCE = Stance(Attitude.OBJECT, "alpha", "2", "it hides \udc80 errors", Said(1, 1), "c1", ("h1", "h2"))
TAKEN = Decision(1, 1, DecisionKind.TAKEN, "api.py, line 5", ("bravo",), ("alpha",), "    x\n", ("h1", "h3"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    assert opened.notice is None
    opened.store.create_discussion("ws", "d", "", 1.0)
    opened.store.start_round("d", "Well?", Snapshot(), 1.0)
    yield opened.store
    opened.store.close()


def test_turns_come_back_with_what_they_say_ask_and_gave_up(store: Store) -> None:
    questions = (Question(1, "Which?", ("a", "b"), "b"), Question(2, "Why?"))
    turn = Turn(
        1, "bravo", "m", Status.DONE, stances=(STANCE,), questions=questions, gave_up=(GivenUp("x", "c", ("h",)),)
    )
    store.finish_turn("d", 1, turn)
    found = store.discussion("d")
    assert found
    assert found.rounds[0].turns == (turn,)


def test_only_turns_that_are_done_and_edit_or_judge_are_spoken_of(store: Store) -> None:
    store.finish_turn("d", 1, Turn(1, "alpha", "m", Status.DONE, change="c1", proposal="1. x"))
    store.finish_turn("d", 1, Turn(2, "bravo", "m", Status.DONE, stances=(STANCE,)))
    store.finish_turn("d", 1, Turn(3, "charlie", "m", Status.DONE))
    store.finish_turn("d", 1, Turn(4, "delta", "m", Status.CANCELLED, change="c4"))
    assert store.spoken("d") == (Spoken(1, 1, "alpha", "c1", ()), Spoken(1, 2, "bravo", None, (STANCE,)))
    assert store.proposal_of("c1") == "1. x"
    assert store.proposal_of("no such change") is None


def test_decisions_and_the_plan_are_kept_and_go_with_their_discussion(store: Store, tmp_path: Path) -> None:
    later = Decision(2, 1, DecisionKind.REOPENED, "api.py, line 5", hunks=("h1",))
    plan = PlanEdits((PlanEntry("1\u2028", "k"), PlanEntry("own", None, struck=True)), ("k", "l"))
    store.keep_decision("d", later)
    store.keep_decision("d", TAKEN)
    store.set_plan("d", plan)
    again = open_store(tmp_path).store
    found = again.discussion("d")
    assert found
    assert (found.decisions, found.plan) == ((TAKEN, later), plan)
    assert again.last_round("d") == 1
    again.set_plan("d", None)
    again.delete_discussion("d")
    again.close()
    assert store.decisions("d") == ()


def test_what_architects_stood_by_is_counted_by_model(store: Store) -> None:
    for turn, of in enumerate([("m", True, 1, 2), ("m", True, 3, 0), ("m", False, 0, 1), ("n", False, 1, 0)], 1):
        store.count_conformity("d", 1, turn, Conformity(*of))
    store.count_conformity("d", 1, 1, Conformity("m", True, 1, 1))  # the same turn, weighed anew
    expected = (Conformity("m", False, 0, 1), Conformity("m", True, 4, 1), Conformity("n", False, 1, 0))
    assert store.conformity() == expected
    store.delete_discussion("d")
    assert store.conformity() == ()
