"""What is put into the store comes back the same, read through another store on the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moa_lsp.discussion.values import (
    Architect,
    Coding,
    Discussion,
    Failure,
    Repair,
    Round,
    Said,
    Seat,
    Selection,
    Snapshot,
    Status,
    Turn,
    Usage,
)
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
from moa_lsp.store.checkpoint import Checkpoint, KeptFile
from moa_lsp.store.log import redacted
from moa_lsp.store.store import Store, open_store

TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)  # lone surrogates included
COUNT = st.integers(0, 2**40)
SECONDS = st.floats(0, 1e6)
MAYBE_TEXT = st.none() | TEXT
USAGE = st.builds(Usage, *[st.none() | COUNT] * 3, st.none() | SECONDS, SECONDS)
FAILURE = st.none() | st.builds(Failure, TEXT, TEXT.map(redacted))
ENDED = st.sampled_from([Status.DONE, Status.FAILED, Status.CANCELLED])
REPAIR = st.none() | st.builds(Repair, TEXT, ENDED, TEXT, USAGE, SECONDS, FAILURE)
TURN = st.builds(
    Turn,
    number=st.just(0),
    architect=TEXT,
    model=TEXT,
    status=ENDED,
    asked=TEXT,
    saw=st.frozensets(st.builds(Said, COUNT, COUNT), max_size=3),
    text=TEXT,
    proposal=MAYBE_TEXT,
    usage=USAGE,
    seconds=SECONDS,
    error=FAILURE,
    notes=st.lists(TEXT, max_size=2).map(tuple),
    change=MAYBE_TEXT,
    repair=REPAIR,
    step=COUNT,
    stage=TEXT,
    parallel=st.booleans(),
)
SNAPSHOT = st.builds(
    Snapshot,
    st.dictionaries(TEXT, TEXT, max_size=3),
    st.none() | st.builds(Selection, TEXT, COUNT, COUNT, TEXT),
)
ROUND = st.builds(
    Round,
    number=st.just(0),
    message=TEXT,
    shown=SNAPSHOT,
    turns=st.lists(TURN, max_size=3).map(lambda turns: tuple(evolve(t, number=n) for n, t in enumerate(turns, 1))),
    seconds=SECONDS,
    finished=st.just(True),
    preset=TEXT,
    notes=st.lists(TEXT, max_size=2).map(tuple),
)
CODING = st.builds(
    Coding,
    number=st.just(0),
    after_round=COUNT,
    message=TEXT,
    model=TEXT,
    status=ENDED,
    text=TEXT,
    usage=USAGE,
    seconds=SECONDS,
    error=FAILURE,
    change=MAYBE_TEXT,
    repair=REPAIR,
)
ARCHITECT = st.builds(Architect, TEXT, TEXT, MAYBE_TEXT, dropped=st.booleans(), seat=st.sampled_from(Seat))
DISCUSSION = st.builds(
    Discussion,
    id=st.just(""),
    title=TEXT,
    created=SECONDS,
    architects=st.lists(ARCHITECT, max_size=3).map(tuple),
    rounds=st.lists(ROUND, max_size=3).map(lambda rounds: tuple(evolve(r, number=n) for n, r in enumerate(rounds, 1))),
    codings=st.lists(CODING, max_size=2).map(lambda all: tuple(evolve(c, number=n) for n, c in enumerate(all, 1))),
    preset=MAYBE_TEXT,
    aside=USAGE,
)
HUNK = st.builds(
    Hunk, TEXT, COUNT, COUNT, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple), st.sampled_from(HunkStatus)
)
CHANGE = st.builds(
    Change,
    id=st.just(""),
    discussion=st.just("changed"),
    source=TEXT,
    title=TEXT,
    files=st.lists(
        st.builds(FileChange, TEXT, st.sampled_from(FileKind), MAYBE_TEXT, st.lists(HUNK, max_size=3).map(tuple)),
        max_size=2,
    ).map(tuple),
    problems=st.lists(st.builds(Problem, TEXT, MAYBE_TEXT, MAYBE_TEXT), max_size=2).map(tuple),
    reasons=st.lists(TEXT, max_size=2).map(tuple),
    base=st.dictionaries(TEXT, MAYBE_TEXT, max_size=2),
    written=st.dictionaries(TEXT, st.tuples(MAYBE_TEXT, MAYBE_TEXT), max_size=2),
)

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NUMBERS = count()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two stores on one file: what one has written, the other can only have from the file."""
    folder = tmp_path_factory.mktemp("both")
    one, other = open_store(folder).store, open_store(folder).store
    one.create_discussion("w", "changed", "holds the changes", 0.0)
    yield one, other
    one.close()
    other.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    assert opened.notice is None
    assert opened.store.kept
    yield opened.store
    opened.store.close()


def put(store: Store, workspace: str, discussion: Discussion) -> None:
    store.create_discussion(workspace, discussion.id, "at first", discussion.created)
    store.set_title(discussion.id, discussion.title)
    store.set_architects(discussion.id, discussion.architects)
    store.set_preset(discussion.id, discussion.preset)
    store.add_aside(discussion.id, discussion.aside)
    for round in discussion.rounds:
        number = store.start_round(discussion.id, round.message, round.shown, 0.0, round.preset)
        assert number == round.number
        store.note_round(discussion.id, number, round.notes)
        for turn in round.turns:
            running = Turn(turn.number, turn.architect, turn.model, asked=turn.asked, saw=turn.saw)
            store.start_turn(discussion.id, round.number, running)
            store.append_text(discussion.id, round.number, turn.number, turn.text)
            store.finish_turn(discussion.id, round.number, turn)
        store.finish_round(discussion.id, round.number, round.seconds)
    for coding in discussion.codings:
        number = store.start_coding(discussion.id, coding.after_round, coding.message, coding.model)
        assert number == coding.number
        store.append_coding_text(discussion.id, number, "first words")
        store.finish_coding(discussion.id, coding)


@EXAMPLES
@given(discussion=DISCUSSION, workspace=TEXT)
def test_a_discussion_comes_back_as_it_was(both: tuple[Store, Store], discussion: Discussion, workspace: str) -> None:
    one, other = both
    discussion = evolve(discussion, id=f"d{next(NUMBERS)}")
    put(one, workspace, discussion)
    one.set_current(workspace, discussion.id)
    assert other.discussion(discussion.id) == discussion
    assert other.current(workspace) == discussion.id
    listed = [pair for pair in other.list_discussions(workspace) if pair[0].id == discussion.id]
    assert listed == [(evolve(discussion, rounds=(), codings=()), discussion.usage)]


@EXAMPLES
@given(before=CHANGE, after=CHANGE)
def test_a_change_comes_back_as_it_stands_now(both: tuple[Store, Store], before: Change, after: Change) -> None:
    one, other = both
    id, workspace = f"c{next(NUMBERS)}", f"w{next(NUMBERS)}"
    for change in (evolve(before, id=id), evolve(after, id=id)):
        one.save_change(change, workspace)
        assert other.change(id) == change
        assert other.open_changes(workspace) == ([change] if change.is_open else [])


def test_the_files_are_shown_in_their_order(store: Store) -> None:
    store.create_discussion("w", "d", "t", 0.0)
    files = {path: f"text of {path}" for path in ("z.py", "a.py", "m.py")}
    store.start_round("d", "m", Snapshot(files), 0.0)
    found = store.discussion("d")
    assert found is not None
    assert list(found.rounds[0].shown.files) == ["z.py", "a.py", "m.py"]


def test_what_runs_is_seen_with_what_it_said_so_far(both: tuple[Store, Store]) -> None:
    one, other = both
    one.create_discussion("w", "running", "t", 0.0)
    round = one.start_round("running", "m", Snapshot(), 0.0)
    one.start_turn("running", round, Turn(1, "alpha", "m"))
    one.start_turn("running", round, Turn(2, "bravo", "m"))
    for number, text in ((1, "One "), (2, "Two "), (1, "and more."), (2, "\ud83d"), (2, "\ude00")):
        one.append_text("running", round, number, text)
    coding = one.start_coding("running", round, "do it", "m")
    one.append_coding_text("running", coding, "So ")
    one.append_coding_text("running", coding, "be it.")
    found = other.discussion("running")
    assert found is not None
    assert [turn.text for turn in found.rounds[0].turns] == ["One and more.", "Two \ud83d\ude00"]
    assert {turn.status for turn in found.rounds[0].turns} == {Status.RUNNING}
    assert not found.rounds[0].finished
    assert found.codings == (Coding(1, round, "do it", "m", text="So be it."),)


def test_discussions_are_listed_newest_first_and_by_workspace(store: Store) -> None:
    for id, workspace, created in (
        ("a", "w", 2.0),
        ("b", "w", 3.0),
        ("c", "w", 1.0),
        ("x", "other", 9.0),
        ("d", "w", 3.0),
    ):
        store.create_discussion(workspace, id, id, created)
    assert [discussion.id for discussion, _ in store.list_discussions("w")] == ["d", "b", "a", "c"]
    assert store.list_discussions("nowhere") == []


def test_what_does_not_exist(store: Store) -> None:
    assert store.discussion("nobody \ud800") is None
    assert store.current("nowhere") is None
    assert store.change("none") is None
    with pytest.raises(sqlite3.IntegrityError):
        store.start_round("nobody", "m", Snapshot(), 0.0)
    with pytest.raises(sqlite3.IntegrityError):
        store.set_current("w", "nobody")


def test_a_file_that_stays_the_same_is_kept_once(store: Store, tmp_path: Path) -> None:
    store.create_discussion("w", "d", "t", 0.0)
    same = "".join(f"line {n * 7919 % 104729}\n" for n in range(20_000))
    for n in range(10):
        store.start_round("d", "m", Snapshot({"same.py": same, "other.py": f"version {n}"}), 0.0)
    found = store.discussion("d")
    assert found is not None
    assert all(round.shown.files["same.py"] == same for round in found.rounds)
    store.close()
    assert (tmp_path / "moa.db").stat().st_size < 2 * len(same)


def test_texts_that_no_change_is_counted_in_any_more_make_room(store: Store, tmp_path: Path) -> None:
    store.create_discussion("w", "d", "t", 0.0)
    store.start_round("d", "m", Snapshot({"a.py": "shown"}), 0.0)
    hunks = (Hunk("h", 0, 0, "", "x"),)
    change = Change("c", "d", "alpha", "t", (FileChange("a.py", hunks=hunks),))
    for base in ("shown", "once", "now"):
        store.save_change(evolve(change, base={"a.py": base}), "w")
    open_store(tmp_path).store.close()
    assert store.open_changes("w") == [evolve(change, base={"a.py": "now"})]
    found = store.discussion("d")
    assert found is not None
    assert found.rounds[0].shown.files == {"a.py": "shown"}
    with sqlite3.connect(tmp_path / "moa.db") as db:
        assert db.execute("SELECT count(*) FROM texts").fetchone() == (2,)
    db.close()


def test_checkpoints_come_back_and_keep_their_texts(store: Store, tmp_path: Path) -> None:
    files = {
        "a.py": KeptFile("before \ud800", "iso8859-1", renamed_to="b.py"),
        "b.py": KeptFile(None),
        "c.py": KeptFile("kept", "utf-8", True),
    }
    first = Checkpoint("one", 1.5, "First", "c", "d", files)
    second = Checkpoint("two", 1.0, "Restore: First", None, None, {"a.py": KeptFile("after")})
    store.save_checkpoint(first, "w")
    store.save_checkpoint(second, "w")
    store.save_checkpoint(evolve(second, id="else"), "elsewhere")
    assert store.checkpoints("w") == [first, second]
    store.settle_checkpoint("one", {"a.py": None, "b.py": "left"})
    settled = {**files, "a.py": evolve(files["a.py"], settled=True), "b.py": KeptFile(None, left="left", settled=True)}
    again = open_store(tmp_path).store
    assert again.checkpoints("w") == [evolve(first, files=settled), second]
    assert again.checkpoints("w", "two") == [second]
    assert again.checkpoints("w", "else") == again.checkpoints("w", "none") == []
    again.close()
    with pytest.raises(sqlite3.IntegrityError):
        store.save_checkpoint(first, "w")


def test_open_changes_come_oldest_first_and_keep_their_place(store: Store) -> None:
    store.create_discussion("w", "d", "t", 0.0)
    changes = [Change(id, "d", "alpha", id, (FileChange("a", hunks=(Hunk("h", 0, 0, "", "x"),)),)) for id in "zay"]
    for change in (*changes, evolve(changes[0], title="again")):
        store.save_change(change, "w")
    store.save_change(Change("other", "d", "alpha", "t", changes[0].files), "elsewhere")
    assert [change.title for change in store.open_changes("w")] == ["again", "a", "y"]
