"""Opening the file: fresh, damaged, of another version, locked, where nothing can be written, and what may be in it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import moa_lsp
from moa_lsp.discussion.values import Architect, Failure, Snapshot, Status, Turn
from moa_lsp.store.locks import exclusively
from moa_lsp.store.migrations import STEPS, TooNew, migrate, version
from moa_lsp.store.store import Opened, open_store

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and limits as POSIX knows them")
CANARY = "sk-canary-1234567890abcdef"


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Opened]]:
    """Opens stores and closes them in the end."""
    all: list[Opened] = []

    def open_(folder: Path) -> Opened:
        all.append(open_store(folder))
        return all[-1]

    yield open_
    for one in all:
        one.store.close()


def filled(folder: Path) -> Path:
    """A closed file with one discussion, a few hundred pages long."""
    store = open_store(folder).store
    store.create_discussion("w", "old", "An old discussion", 1.0)
    for n in range(20):
        text = "".join(f"{n} {m * 7919 % 104729}\n" for m in range(3_000))
        store.start_round("old", f"message {n} " + "x" * 3000, Snapshot({"a.py": text}), 1.0)
    store.close()
    return folder / "moa.db"


def titles(opened: Opened) -> list[str]:
    return [discussion.title for discussion, _ in opened.store.list_discussions("w")]


def test_what_was_kept_is_there_again(tmp_path: Path, opened: Callable[[Path], Opened]) -> None:
    folder = tmp_path / "new" / "data"
    filled(folder)
    again = opened(folder)
    assert (titles(again), again.notice, again.store.kept) == (["An old discussion"], None, True)


@POSIX
def test_only_this_user_may_read_it(tmp_path: Path, opened: Callable[[Path], Opened]) -> None:
    opened(tmp_path / "data").store.create_discussion("w", "d", "t", 0.0)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert modes == {"moa.db": 0o600, "moa.db-wal": 0o600, "moa.db-shm": 0o600, "owners": 0o700, "opening.lock": 0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 17)


def overwrite(file: Path) -> None:
    file.write_bytes(b"\x00\x01 this is no database " * 1000)


def blot(file: Path) -> None:
    """Leaves the header, spoils the pages after it."""
    content = bytearray(file.read_bytes())
    content[4096 : 4096 * 40] = b"\xff" * (4096 * 39)
    file.write_bytes(content)


def blot_one_page(file: Path) -> None:
    """Spoils a page in the middle, which only shows when somebody looks for it."""
    content = bytearray(file.read_bytes())
    middle = len(content) // 8192 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(content)


def make_newer(file: Path) -> None:
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize("spoil", [truncate, overwrite, blot, blot_one_page, make_newer])
def test_what_cannot_be_used_is_set_aside_and_never_deleted(
    spoil: Callable[[Path], None], tmp_path: Path, opened: Callable[[Path], Opened]
) -> None:
    kept: list[bytes] = []
    for _ in range(2):  # within one second as a rule: two names all the same
        file = filled(tmp_path)
        spoil(file)
        kept.append(file.read_bytes())
        one = opened(tmp_path)
        aside = sorted(tmp_path.glob("moa.db.set-aside-*"))
        assert one.notice is not None
        assert any(path.name in one.notice for path in aside)
        assert sorted(path.read_bytes() for path in aside) == sorted(kept)
        one.store.create_discussion("w", "new", "A new one", 2.0)
        one.store.close()
        again = opened(tmp_path)
        assert (titles(again), again.notice) == (["A new one"], None)
        again.store.close()
        file.unlink()


def test_what_a_living_server_has_open_is_not_set_aside(tmp_path: Path, opened: Callable[[Path], Opened]) -> None:
    file = filled(tmp_path)
    living = opened(tmp_path)
    make_newer(file)
    other = opened(tmp_path)
    assert other.notice is not None
    assert not other.store.kept
    assert not list(tmp_path.glob("*set-aside*"))
    living.store.create_discussion("w", "b", "Goes on", 2.0)
    assert titles(living) == ["Goes on", "An old discussion"]


def test_what_is_merely_locked_is_left_alone(tmp_path: Path, opened: Callable[[Path], Opened]) -> None:
    file = filled(tmp_path)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    one = opened(tmp_path)
    holder.close()
    assert one.notice is not None
    assert "locked" in one.notice
    assert not list(tmp_path.glob("*set-aside*"))
    assert titles(one) == ["An old discussion"]
    one.store.create_discussion("w", "b", "Not kept", 2.0)
    assert titles(opened(tmp_path)) == ["An old discussion"]


def test_while_another_process_opens_the_file_nothing_is_done_to_it(
    tmp_path: Path, opened: Callable[[Path], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite(filled(tmp_path))
    monkeypatch.setattr("moa_lsp.store.database._OPENING_SECONDS", 0.0)
    with exclusively(tmp_path / "opening.lock", 0.0):
        one = opened(tmp_path)
    assert one.notice is not None
    assert "another process" in one.notice
    assert not one.store.kept
    assert not list(tmp_path.glob("*set-aside*"))


def test_a_folder_that_cannot_be_one(tmp_path: Path, opened: Callable[[Path], Opened]) -> None:
    (tmp_path / "file").write_text("mine")
    one = opened(tmp_path / "file" / "data")
    assert one.notice is not None
    one.store.create_discussion("w", "d", "t", 0.0)
    assert titles(one) == ["t"]
    assert one.store.recover() == []
    assert (tmp_path / "file").read_text() == "mine"


def run(program: str, *arguments: object) -> Any:
    """Runs a program in a process of its own and returns the JSON it writes."""
    found = os.pathsep.join([str(Path(moa_lsp.__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": found},
        capture_output=True,  # stderr too: where it is a file, a limit on files would hold for it
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


READ_ONLY = """
import json, os, sys, tempfile, urllib.parse  # the last two before the rights to read the library may be gone
from pathlib import Path
from moa_lsp.store.store import open_store
if os.getuid() == 0:  # whom permissions don't bind
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
opened = open_store(Path(sys.argv[1]))
opened.store.create_discussion("w", "new", "New", 2.0)
found = [one.title for one, _ in opened.store.list_discussions("w")]
print(json.dumps([opened.notice, opened.store.kept, found]))
"""


@POSIX
@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_shows_what_is_there_and_says_that_nothing_is_kept(exists: bool) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        if exists:
            filled(folder).chmod(0o444)
        folder.chmod(0o555)
        before = {path: path.read_bytes() for path in folder.glob("moa.db*")}
        notice, kept, found = run(READ_ONLY, folder)
        assert "can't be kept" in notice
        assert not kept
        assert found == (["New", "An old discussion"] if exists else ["New"])
        assert {path: path.read_bytes() for path in folder.glob("moa.db*")} == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


FULL = """
import json, resource, sys
from pathlib import Path
from moa_lsp.discussion.values import Snapshot, Turn
from moa_lsp.store.store import open_store
room, at_open = int(sys.argv[2]), sys.argv[3] == "True"
told = []
limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
if at_open:
    limit()
opened = open_store(Path(sys.argv[1]))
store = opened.store
store.warn_with(told.append)
if not at_open:
    limit()
store.create_discussion("w", "d", "Full", 2.0)
round = store.start_round("d", "m", Snapshot({"a.py": "text"}), 2.0)
store.start_turn("d", round, Turn(1, "alpha", "m"))
for n in range(200):
    store.append_text("d", round, 1, f"{n} " * 500)
said = store.discussion("d").rounds[0].turns[0].text
print(json.dumps([opened.notice, told, store.kept, said == "".join(f"{n} " * 500 for n in range(200))]))
"""


@POSIX
def test_a_disk_that_fills_up_ends_the_keeping_not_the_discussion(
    tmp_path: Path, opened: Callable[[Path], Opened]
) -> None:
    filled(tmp_path)
    notice, told, kept, whole = run(FULL, tmp_path, 400_000, False)
    assert notice is None
    assert len(told) == 1
    assert "can't be kept" in told[0]
    assert not kept
    assert whole
    again = opened(tmp_path)
    assert again.notice is None
    assert titles(again) == ["Full", "An old discussion"]
    found = again.store.discussion("d")
    assert found is not None
    assert found.rounds[0].turns[0].status is Status.CANCELLED
    assert found.rounds[0].turns[0].text.startswith("0 0 0")


@POSIX
def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    notice, _, kept, whole = run(FULL, tmp_path, 0, True)
    assert "can't be kept" in notice
    assert not kept
    assert whole


# --- versions


def second(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE discussions ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'")


def failing(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE half (way)")
    db.execute("INSERT INTO nowhere VALUES (1)")


@pytest.fixture
def first(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A file as version 1 of the program made it."""
    db = sqlite3.connect(tmp_path / "moa.db", isolation_level=None)
    migrate(db, STEPS[:1])
    db.execute("INSERT INTO discussions (id, workspace, title, created) VALUES ('d', 'w', 'From version 1', 1.5)")
    db.execute("INSERT INTO workspaces (workspace, current) VALUES ('w', 'd')")
    db.execute("INSERT INTO architects VALUES ('d', 0, 'alpha', 'm', NULL, 1)")
    db.execute("INSERT INTO rounds VALUES ('d', 1, 'Why?', 2.0, NULL, 3.0, 1, 'gone')")
    db.execute("INSERT INTO texts VALUES (x'00', ?)", [zlib.compress(b"aa")])
    db.execute("INSERT INTO shown VALUES ('d', 1, 0, 'a.py', x'00')")
    db.execute(
        "INSERT INTO turns VALUES ('d', 1, 1, 'alpha', 'm', 'running', x'00', '[[1, 1]]', 'Be', NULL,"
        " NULL, NULL, NULL, NULL, 0.0, 0.0, NULL, NULL, '[]', NULL, 'gone')"
    )
    db.execute("INSERT INTO turn_chunks (discussion, round, turn, text) VALUES ('d', 1, 1, 'cause')")
    yield db
    db.close()


def test_a_file_of_version_1_reads_as_it_was(
    first: sqlite3.Connection, tmp_path: Path, opened: Callable[[Path], Opened]
) -> None:
    first.close()
    one = opened(tmp_path)
    assert one.notice is None
    assert one.store.current("w") == "d"
    found = one.store.discussion("d")
    assert found is not None
    assert found.title == "From version 1"
    assert found.architects == (Architect("alpha", "m", dropped=True),)
    assert found.rounds[0].shown == Snapshot({"a.py": "aa"})
    turn = found.rounds[0].turns[0]
    assert (turn.asked, turn.text, turn.status) == ("aa", "Because", Status.CANCELLED)


def test_a_later_step_keeps_what_is_there_and_is_done_once(first: sqlite3.Connection) -> None:
    for _ in range(2):
        migrate(first, (*STEPS[:1], second))
        assert version(first) == 2
        assert first.execute("SELECT title, colour FROM discussions").fetchall() == [("From version 1", "grey")]


def test_a_step_that_fails_leaves_the_file_as_it_was(first: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrate(first, (*STEPS[:1], second, failing))
    assert version(first) == 1
    tables = {name for (name,) in first.execute("SELECT name FROM sqlite_master")}
    assert "half" not in tables
    assert len(first.execute("SELECT * FROM discussions").fetchone()) == 4


def test_a_newer_file_is_not_touched(first: sqlite3.Connection) -> None:
    migrate(first, (*STEPS[:1], second))
    with pytest.raises(TooNew):
        migrate(first, STEPS[:1])
    assert version(first) == 2


# --- what may be in it


def test_how_a_model_is_called_is_in_none_of_the_files(
    tmp_path: Path, opened: Callable[[Path], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "plain-canary")
    store = opened(tmp_path).store
    store.create_discussion("w", "d", "t", 0.0)
    architect = Architect(
        "alpha",
        "visible-model",
        api_base="https://canary.invalid",
        api_key_env="CANARY_VARIABLE",
        headers=(("X-Canary", CANARY),),
    )
    store.set_architects("d", (architect,))
    round = store.start_round("d", "m", Snapshot(), 0.0)
    error = Failure("key", f"Incorrect API key provided: {CANARY}, not plain-canary")
    store.finish_turn("d", round, Turn(1, "alpha", "m", Status.FAILED, error=error))
    found = store.discussion("d")
    assert found is not None
    assert found.architects == (Architect("alpha", "visible-model"),)
    while_open = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    store.close()
    for content in (while_open, (tmp_path / "moa.db").read_bytes()):
        assert b"visible-model" in content
        assert b"Incorrect API key" in content
        assert b"canary" not in content.lower()
