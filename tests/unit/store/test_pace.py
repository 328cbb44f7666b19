"""What a model's turns took and cost, as it is read from what is kept of them."""

from __future__ import annotations

from pathlib import Path

from moa_lsp.discussion.values import Snapshot, Status, Turn, Usage
from moa_lsp.store.pace import LAST_TURNS, Pace
from moa_lsp.store.store import open_store


def test_the_middle_of_the_newest_that_were_done_counts(tmp_path: Path) -> None:
    store = open_store(tmp_path).store
    store.create_discussion("w", "d", "A title", 0.0)
    number = store.start_round("d", "Why?", Snapshot(), 0.0)
    old = [Turn(at, "alpha", "m", Status.DONE, usage=Usage.of(1, 0, 1, 9.0), seconds=99.0) for at in range(1, 40)]
    new = [
        Turn(at, "alpha", "m", Status.DONE, usage=Usage.of(1, 0, 1, 0.1 * (at % 3)), seconds=float(at % 3))
        for at in range(40, 40 + LAST_TURNS)
    ]
    failed = Turn(90, "alpha", "m", Status.FAILED, seconds=500.0)
    priceless = Turn(91, "bravo", "n", Status.DONE, seconds=2.0)
    for turn in (*old, *new, failed, priceless):
        store.start_turn("d", number, turn)
    assert store.paces(["m", "n", "never"]) == {"m": Pace(20, 1.0, 0.1), "n": Pace(1, 2.0, None)}
    store.close()


def test_what_was_used_aside_adds_up_in_the_discussion_and_in_the_list(tmp_path: Path) -> None:
    store = open_store(tmp_path).store
    store.create_discussion("w", "d", "A title", 0.0)
    store.add_aside("d", Usage.of(10, 0, 5, 0.5))
    store.add_aside("d", Usage())
    found = store.discussion("d")
    assert found
    assert found.usage == Usage(None, None, None, None, 0.5)
    assert [usage for _, usage in store.list_discussions("w")] == [found.usage]
    store.close()
