"""Where the traces lie: private files, bounded in size and number, shared by processes, read past what is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from moa_lsp.discussion.values import Failure, Usage
from moa_lsp.middleware.trace import Again, CallTrace, Referred
from moa_lsp.store import traces
from moa_lsp.store.traces import TraceFiles, read_traces

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def trace(number: int = 1, begun: datetime = NOON, **more: Any) -> CallTrace:
    """A call of which everything is known; `number` tells it from others."""
    known: dict[str, Any] = {
        "messages": (Referred("user", 12, "0123456789abcdef"),),
        "first_word": 0.5,
        "seconds": 2.25,
        "usage": Usage.of(100, 50, 20, 0.001),
        "finish": "stop",
        "tries": (Again("rate_limit", 1.0),),
        "stage": "proposals",
        "round": number,
    }
    return CallTrace(begun, "d1", "alpha", "openai/gpt-4o", **{**known, **more})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "moa").iterdir())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = [
        trace(1),
        trace(2, finish=None, error=Failure("cut", "The connection to x was lost."), first_word=None, usage=Usage()),
        trace(3, cancelled=True, round=None, stage="", messages=(), tries=(), repairs=True),
    ]
    for one in written:
        TraceFiles(tmp_path).write(one)
    assert read_traces(tmp_path).traces == tuple(written)
    assert read_traces(tmp_path).broken == 0


def test_there_is_nothing_to_read_where_nothing_was_written(tmp_path: Path) -> None:
    assert read_traces(tmp_path / "nowhere").traces == ()


def test_a_day_has_its_own_file_by_utc(tmp_path: Path) -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    for one in (trace(1), trace(2), trace(3, late)):
        TraceFiles(tmp_path).write(one)
    assert files(tmp_path) == ["2026-11-21.jsonl", "2026-11-22.jsonl"]
    assert [one.round for one in read_traces(tmp_path).traces] == [1, 2, 3]


def test_a_large_file_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "LARGEST_FILE", 1000)
    for number in range(1, 8):
        TraceFiles(tmp_path).write(trace(number))
    assert files(tmp_path)[:3] == ["2026-11-21.002.jsonl", "2026-11-21.003.jsonl", "2026-11-21.jsonl"]
    assert [one.round for one in read_traces(tmp_path).traces] == [1, 2, 3, 4, 5, 6, 7]


def test_the_oldest_files_go(tmp_path: Path) -> None:
    (tmp_path / "moa").mkdir()
    (tmp_path / "moa" / "mine.txt").write_text("kept")
    for day in range(traces.MOST_FILES + 5):
        TraceFiles(tmp_path).write(trace(day, NOON + timedelta(days=day)))
    assert len(files(tmp_path)) == traces.MOST_FILES + 1
    assert [one.round for one in read_traces(tmp_path).traces] == list(range(5, traces.MOST_FILES + 5))
    assert "mine.txt" in files(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="permissions are other ones there")
def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    before = os.umask(0)
    try:
        TraceFiles(folder).write(trace())
    finally:
        os.umask(before)
    paths = (folder, folder / "moa", folder / "moa" / "2026-11-21.jsonl")
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize(
    "broken",
    [
        b"not json",
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{" * 5000,
        b'{"begun": "2026-11-21T12:00:00.000Z", "discussion": "d1"}',
    ],
    ids=lambda broken: repr(broken[:12]),
)
def test_a_broken_line_is_passed_over_and_counted(tmp_path: Path, broken: bytes) -> None:
    TraceFiles(tmp_path).write(trace(1))
    with (tmp_path / "moa" / "2026-11-21.jsonl").open("ab") as file:
        file.write(broken + b"\n")
    TraceFiles(tmp_path).write(trace(2))
    read = read_traces(tmp_path)
    assert ([one.round for one in read.traces], read.broken) == ([1, 2], 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("begun", "2026-11-21T12:00:00"),
        ("begun", 5),
        ("discussion", None),
        ("round", "x"),
        ("seconds", None),
        ("messages", [1]),
        ("usage", None),
        ("error", "boom"),
        ("tries", {"kind": 1}),
    ],
)
def test_a_line_of_another_shape_is_a_broken_one(tmp_path: Path, key: str, value: object) -> None:
    TraceFiles(tmp_path).write(trace())
    path = tmp_path / "moa" / "2026-11-21.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}) + "\n")
    assert (read_traces(tmp_path).traces, read_traces(tmp_path).broken) == ((), 1)


def test_a_line_that_was_cut_off_takes_none_with_it(tmp_path: Path) -> None:
    TraceFiles(tmp_path).write(trace(1))
    path = tmp_path / "moa" / "2026-11-21.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    TraceFiles(tmp_path).write(trace(2))
    read = read_traces(tmp_path)
    assert ([one.round for one in read.traces], read.broken) == ([2], 1)


def test_one_discussion_and_the_last_ones(tmp_path: Path) -> None:
    for number in range(6):
        begun = NOON + timedelta(days=number // 2)
        TraceFiles(tmp_path).write(evolve(trace(number, begun), discussion=f"d{number % 2}"))

    def rounds(**wanted: Any) -> list[int | None]:
        return [one.round for one in read_traces(tmp_path, **wanted).traces]

    assert rounds(last=3) == [3, 4, 5]
    assert rounds(discussion="d1") == [1, 3, 5]
    assert rounds(discussion="d1", last=2) == [3, 5]
    assert rounds(last=100) == [0, 1, 2, 3, 4, 5]
    assert rounds(discussion="d7") == []


def test_no_more_is_read_than_is_needed(tmp_path: Path) -> None:
    for number in range(2):
        TraceFiles(tmp_path).write(trace(number, NOON + timedelta(days=number)))
    older = tmp_path / "moa" / "2026-11-21.jsonl"
    older.unlink()
    older.mkdir()
    assert [one.round for one in read_traces(tmp_path, last=1).traces] == [1]
    with pytest.raises(OSError, match="2026-11-21"):
        read_traces(tmp_path, last=2)


def test_an_errors_words_are_redacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_PASSWORD", "zebra.crossing.4711")
    said = "The proxy said: Authorization: Basic dXNlcjpwYXNz, user:zebra.crossing.4711, key sk-canary-0123456789."
    TraceFiles(tmp_path).write(trace(error=Failure("unknown", said)))
    text = (tmp_path / "moa" / "2026-11-21.jsonl").read_text()
    assert "The proxy said" in text
    for secret in ("dXNlcjpwYXNz", "zebra", "canary"):
        assert secret not in text


def test_what_cant_be_written_is_said_once_and_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "moa").write_text("a file where the folder would be")
    there = TraceFiles(tmp_path)
    there.write(trace(1))
    there.write(trace(2))
    (said,) = caplog.messages
    assert "can't be traced" in said


def test_several_processes_share_a_file(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from tests.unit.store.test_trace_files import trace, TraceFiles
files = TraceFiles(Path(sys.argv[1]))
for number in range(200):
    files.write(trace(int(sys.argv[2]) * 1000 + number))
"""
    root = Path(__file__).parents[3]
    writing = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(number)], cwd=root) for number in range(3)
    ]
    assert [one.wait(60) for one in writing] == [0, 0, 0]
    read = read_traces(tmp_path)
    assert read.broken == 0
    for number in range(3):
        own = [one.round for one in read.traces if (one.round or 0) // 1000 == number]
        assert own == [number * 1000 + count for count in range(200)]
