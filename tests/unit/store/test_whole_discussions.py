"""Discussions put in, read through and taken out as wholes, and what was added to what is kept of them."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given

from moa_lsp.discussion.values import Architect, Coding, Discussion, Round, Snapshot, Status, Turn
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, Hunk
from moa_lsp.store.checkpoint import Checkpoint, KeptFile
from moa_lsp.store.migrations import STEPS, migrate, version
from moa_lsp.store.store import Store, open_store
from tests.unit.store.test_store_values import DISCUSSION, EXAMPLES

TABLES = (
    *("discussions", "architects", "rounds", "shown", "turns", "turn_chunks", "codings", "coding_chunks"),
    *("changes", "change_texts", "workspaces"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened.store
    opened.store.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("shared"))
    yield opened.store
    opened.store.close()


def counts(folder: Path) -> dict[str, int]:
    db = sqlite3.connect(folder / "moa.db")
    try:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (*TABLES, "texts")}
    finally:
        db.close()


@EXAMPLES
@given(discussion=DISCUSSION)
def test_a_whole_discussion_comes_back_as_it_was_put_in_and_goes_for_good(
    shared: Store, discussion: Discussion
) -> None:
    discussion = evolve(discussion, id="whole")
    shared.add_discussion("w", discussion)
    assert shared.discussion("whole") == discussion
    assert shared.workspace_of("whole") == "w"
    assert not shared.is_running("whole")
    said = [one.text for one in shared.words("w")]
    turns = [turn.text for round in discussion.rounds for turn in round.turns]
    messages = [one.message for one in (*discussion.rounds, *discussion.codings)]
    assert sorted(said) == sorted([*turns, *messages, *(coding.text for coding in discussion.codings)])
    shared.delete_discussion("whole")
    assert shared.discussion("whole") is None
    assert shared.workspace_of("whole") is None


def filled(store: Store, id: str, created: float) -> None:
    """A discussion with something in every table."""
    store.create_discussion("w", id, f"About {id}", created)
    store.set_architects(id, (Architect("alpha", "m"),))
    number = store.start_round(id, f"message of {id}", Snapshot({"a.py": f"text of {id}", "b.py": "shared"}), 0.0)
    store.start_turn(id, number, Turn(1, "alpha", "m", asked=f"asked of {id}"))
    store.append_text(id, number, 1, "streamed")
    coding = store.start_coding(id, number, f"coding of {id}", "m")
    store.append_coding_text(id, coding, "streamed")
    files = (FileChange("a.py", hunks=(Hunk("h", 0, 0, "", "x"),)),)
    store.save_change(Change(f"c{id}", id, "alpha", "t", files, base={"a.py": f"base of {id}"}), "w")
    store.save_checkpoint(Checkpoint(f"p{id}", 0.0, "t", f"c{id}", id, {"a.py": KeptFile(f"kept of {id}")}), "w")
    store.set_current("w", id)


def test_what_is_taken_out_is_gone_with_its_texts_and_nothing_else_is(store: Store, tmp_path: Path) -> None:
    filled(store, "stays", 1.0)
    before = counts(tmp_path)
    kept = store.discussion("stays")
    filled(store, "goes", 2.0)
    assert all(now > before[table] for table, now in counts(tmp_path).items() if table != "workspaces")
    checkpoints = store.checkpoints("w")
    store.delete_discussion("goes")
    # The checkpoint's text is all that is left of it.
    assert counts(tmp_path) == {**before, "texts": before["texts"] + 1}
    assert store.discussion("stays") == kept
    assert store.checkpoints("w") == checkpoints
    assert store.change("cgoes") is None
    assert [change.id for change in store.open_changes("w")] == ["cstays"]


def test_the_newest_of_the_others_is_current_then(store: Store) -> None:
    for id, created in (("old", 1.0), ("new", 3.0), ("middle", 2.0)):
        store.create_discussion("w", id, id, created)
    store.create_discussion("elsewhere", "theirs", "t", 9.0)
    store.set_current("elsewhere", "theirs")
    store.set_current("w", "middle")
    store.delete_discussion("old")
    assert store.current("w") == "middle"
    store.delete_discussion("middle")
    assert store.current("w") == "new"
    store.delete_discussion("new")
    assert store.current("w") is None
    assert store.current("elsewhere") == "theirs"


def test_what_was_said_comes_in_the_order_of_saying_it(store: Store) -> None:
    rounds = tuple(
        Round(number, f"message {number}", turns=(Turn(1, "alpha", "m", Status.DONE, text=f"alpha {number}"),))
        for number in (1, 2)
    )
    codings = (Coding(1, 0, "first", "m", text="a"), Coding(2, 1, "second", "m", text="b"))
    store.add_discussion("w", Discussion("d", "t", 0.0, (), rounds, codings))
    assert [(one.round, one.architect, one.text) for one in store.words("w")] == [
        (0, None, "first"),
        (0, "editor", "a"),
        (1, None, "message 1"),
        (1, "alpha", "alpha 1"),
        (1, None, "second"),
        (1, "editor", "b"),
        (2, None, "message 2"),
        (2, "alpha", "alpha 2"),
    ]
    assert store.words("elsewhere") == []


def test_a_round_that_goes_on_runs(store: Store, tmp_path: Path) -> None:
    store.create_discussion("w", "d", "t", 0.0)
    number = store.start_round("d", "m", Snapshot(), 0.0)
    assert store.is_running("d")
    store.finish_turn("d", number, Turn(1, "alpha", "m", Status.FAILED))
    store.finish_round("d", number, 1.0)
    assert not store.is_running("d")
    store.reopen_round("d", number)
    store.start_turn("d", number, Turn(2, "alpha", "m", retries=1))
    assert store.is_running("d")
    store.close()
    again = open_store(tmp_path).store
    assert not again.is_running("d")
    found = again.discussion("d")
    assert found is not None
    assert found.rounds[0].finished
    assert [(turn.status, turn.retries) for turn in found.rounds[0].turns] == [
        (Status.FAILED, None),
        (Status.CANCELLED, 1),
    ]
    again.close()


def test_who_was_added_and_which_role_was_set_are_kept(store: Store) -> None:
    architects = (Architect("alpha", "m", "configured", set_role="set"), Architect("bravo", "n", added=True))
    store.create_discussion("w", "d", "t", 0.0)
    store.set_architects("d", architects)
    assert store.architects("d") == architects
    assert [one.plays for one in architects] == ["set", None]


def test_a_file_of_version_3_reads_as_it_was(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "moa.db", isolation_level=None)
    migrate(db, STEPS[:3])
    assert version(db) == 3
    db.execute("INSERT INTO discussions VALUES ('d', 'w', 'From version 3', 1.5)")
    db.execute("INSERT INTO architects VALUES ('d', 0, 'alpha', 'm', 'Doubt.', 1)")
    db.execute("INSERT INTO rounds VALUES ('d', 1, 'Why?', 2.0, NULL, 3.0, 1, 'gone')")
    db.execute("INSERT INTO texts VALUES (x'00', ?)", [zlib.compress(b"a")])
    db.execute(
        "INSERT INTO turns VALUES ('d', 1, 1, 'alpha', 'm', 'done', x'00', '[]', 'So.', NULL,"
        " 1, 0, 2, 0.5, 0.5, 1.0, NULL, NULL, '[]', NULL, 'gone', NULL)"
    )
    db.close()
    store = open_store(tmp_path).store
    found = store.discussion("d")
    store.close()
    assert found is not None
    assert found.architects == (Architect("alpha", "m", "Doubt.", dropped=True),)
    assert [(turn.text, turn.retries) for turn in found.rounds[0].turns] == [("So.", None)]
