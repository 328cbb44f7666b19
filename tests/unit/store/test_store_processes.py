"""Several processes on one store: none hinders another, and one that is killed loses nothing that it had announced."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import moa_lsp
from moa_lsp.discussion.values import Discussion, Snapshot, Status, Turn
from moa_lsp.store.recovery import INTERRUPTED
from moa_lsp.store.store import Store, open_store

Process = subprocess.Popen[str]

HEAD = """
import json, sys, time
from pathlib import Path
from moa_lsp.discussion.values import *
from moa_lsp.store.store import open_store
opened = open_store(Path(sys.argv[1]))
store = opened.store
def announce(*what):
    print(json.dumps(what), flush=True)
"""

SPEAKING = (
    HEAD
    + """
store.create_discussion("w", "d", "Killed", 1.0)
round = store.start_round("d", "Why?", Snapshot({"a.py": "text"}), 1.0)
store.start_turn("d", round, Turn(1, "alpha", "m", asked="asked"))
store.finish_turn("d", round, Turn(1, "alpha", "m", Status.DONE, asked="asked", text="Done.", proposal="Do."))
store.start_turn("d", round, Turn(2, "bravo", "m", asked="asked too", saw=frozenset({Said(1, 1)})))
coding = store.start_coding("d", 0, "do it", "m")
n = 0
while True:
    n += 1
    store.append_text("d", round, 2, f"word {n} ")
    announce("turn", f"word {n} ")
    store.append_coding_text("d", coding, f"code {n} ")
    announce("coding", f"code {n} ")
"""
)

WAITING = (
    HEAD
    + """
round = store.start_round("d", "Still there?", Snapshot(), 1.0)
store.start_turn("d", round, Turn(1, "alpha", "m"))
store.append_text("d", round, 1, "Yes, ")
announce(round)
sys.stdin.readline()
store.finish_turn("d", round, Turn(1, "alpha", "m", Status.DONE, text="Yes, I am."))
store.finish_round("d", round, 2.5)
store.close()
announce("closed")
sys.stdin.readline()
"""
)

WRITING = (
    HEAD
    + """
name, rounds = sys.argv[2], int(sys.argv[3])
announce(opened.notice)
sys.stdin.readline()
for n in range(rounds):
    round = store.start_round("d", f"{name} {n}", Snapshot({"a.py": f"shared {n}", "b.py": f"of {name} {n}"}), 1.0)
    store.start_turn("d", round, Turn(1, name, "m"))
    for piece in range(3):
        store.append_text("d", round, 1, f"{name}{piece} ")
    said = store.discussion("d").rounds[round - 1].turns[0].text if n % 10 == 0 else f"{name}0 {name}1 {name}2 "
    store.finish_turn("d", round, Turn(1, name, "m", Status.DONE, text=said))
    store.finish_round("d", round, 1.0)
    # A server's writes have pauses between them. Without any, whoever waits for SQLite's lock may never find it free.
    time.sleep(0.005)
store.close()
"""
)


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Starts programs, and ends those that still run when the test does."""
    processes: list[Process] = []

    def start_(program: str, *arguments: object) -> Process:
        root = str(Path(moa_lsp.__file__).parent.parent)
        process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start_
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    opened.store.create_discussion("w", "d", "Shared", 1.0)
    yield opened.store
    opened.store.close()


def announced(process: Process) -> object:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def go(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def found(store: Store) -> Discussion:
    discussion = store.discussion("d")
    assert discussion is not None
    return discussion


def test_what_a_killed_process_had_announced_is_there(tmp_path: Path, start: Callable[..., Process]) -> None:
    process = start(SPEAKING, tmp_path)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(300)]
    process.kill()
    lines += process.stdout.readlines()  # what it had still announced
    said: dict[str, str] = {"turn": "", "coding": ""}
    for line in lines:
        if line.endswith("\n"):
            who, text = json.loads(line)
            said[who] += text
    opened = open_store(tmp_path)
    assert opened.notice is None
    discussion = found(opened.store)
    (round,) = discussion.rounds
    assert round.finished
    assert round.shown == Snapshot({"a.py": "text"})
    done, cut = round.turns
    assert (done.status, done.text, done.proposal, done.error) == (Status.DONE, "Done.", "Do.", None)
    assert (cut.status, cut.asked, cut.error) == (Status.CANCELLED, "asked too", INTERRUPTED)
    assert cut.text.startswith(said["turn"])
    assert len(cut.text) - len(said["turn"]) < 20  # at most the one that was written but not announced
    (coding,) = discussion.codings
    assert (coding.status, coding.error) == (Status.CANCELLED, INTERRUPTED)
    assert coding.text.startswith(said["coding"])
    assert len(coding.text) - len(said["coding"]) < 20
    assert opened.store.start_round("d", "And now?", Snapshot(), 2.0) == 2
    opened.store.close()


def test_what_a_living_process_runs_is_left_alone(store: Store, tmp_path: Path, start: Callable[..., Process]) -> None:
    process = start(WAITING, tmp_path)
    assert announced(process) == [1]
    assert store.recover() == []
    open_store(tmp_path).store.close()
    assert found(store).rounds[0].turns == (Turn(1, "alpha", "m", text="Yes, "),)
    go(process)
    assert announced(process) == ["closed"]
    (round,) = found(store).rounds
    assert (round.turns[0].text, round.seconds, round.finished) == ("Yes, I am.", 2.5, True)


def test_a_living_process_marks_what_another_left_when_it_was_killed(
    store: Store, tmp_path: Path, start: Callable[..., Process]
) -> None:
    mine = store.start_round("d", "Mine", Snapshot(), 1.0)
    store.start_turn("d", mine, Turn(1, "alpha", "m"))
    process = start(WAITING, tmp_path)
    assert announced(process) == [2]
    process.kill()
    process.wait()
    assert store.recover() == ["d"]
    assert store.recover() == []
    first, second = found(store).rounds
    assert (first.finished, first.turns[0].status) == (False, Status.RUNNING)
    assert (second.finished, second.turns[0].status, second.turns[0].text) == (True, Status.CANCELLED, "Yes, ")
    assert len(list((tmp_path / "owners").iterdir())) == 1


def test_a_store_that_was_closed_amid_a_round_owns_it_no_more(store: Store, tmp_path: Path) -> None:
    other = open_store(tmp_path).store
    other.start_turn("d", other.start_round("d", "m", Snapshot(), 1.0), Turn(1, "alpha", "m"))
    assert store.recover() == []
    other.close()
    other.close()
    assert store.recover() == ["d"]


def test_several_processes_write_at_once(tmp_path: Path, start: Callable[..., Process]) -> None:
    names, rounds = ("alpha", "bravo", "charlie"), 40
    processes = [start(WRITING, tmp_path, name, rounds) for name in names]  # they also make the file at once
    assert [announced(process) for process in processes] == [[None]] * 3
    store = open_store(tmp_path).store
    store.create_discussion("w", "d", "Shared", 1.0)
    for process in processes:
        go(process)
    assert [process.wait() for process in processes] == [0, 0, 0]
    discussion = found(store)
    assert [round.number for round in discussion.rounds] == list(range(1, 3 * rounds + 1))
    for name in names:
        own = [round for round in discussion.rounds if round.message.startswith(name)]
        assert [round.message for round in own] == [f"{name} {n}" for n in range(rounds)]
        assert {round.turns[0].text for round in own} == {f"{name}0 {name}1 {name}2 "}
        assert [round.shown.files["b.py"] for round in own] == [f"of {name} {n}" for n in range(rounds)]
    store.close()
    db = sqlite3.connect(tmp_path / "moa.db")
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("SELECT count(*) FROM texts").fetchone() == (rounds + 3 * rounds + 1,)
    db.close()


def test_only_one_of_several_processes_sets_a_damaged_file_aside(tmp_path: Path, start: Callable[..., Process]) -> None:
    damaged = b"this is no database " * 50_000
    (tmp_path / "moa.db").write_bytes(damaged)
    processes = [start(WRITING, tmp_path, name, 1) for name in ("alpha", "bravo", "charlie")]
    notices = [announced(process) for process in processes]
    assert notices.count([None]) == 2
    assert [file.read_bytes() for file in tmp_path.glob("moa.db.set-aside-*")] == [damaged]
    store = open_store(tmp_path).store
    store.create_discussion("w", "d", "Shared", 1.0)
    for process in processes:
        go(process)
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(found(store).rounds) == 3
    store.close()
