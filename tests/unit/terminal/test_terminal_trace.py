"""`moa-lsp trace`: the table, the timeline, what is put together, and what is said of what can't be read."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moa_lsp.cli import main
from moa_lsp.discussion.values import Failure, Usage
from moa_lsp.middleware.trace import Again, CallTrace
from moa_lsp.store.traces import TraceFiles
from moa_lsp.terminal.trace import parts_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def called(architect: str, at: float, first_word: float | None, seconds: float, **more: Any) -> CallTrace:
    """A call that began that many seconds after noon."""
    known: dict[str, Any] = {"round": 2, "usage": Usage.of(1200, 300, 240, 0.002), "finish": "stop", **more}
    model = known.pop("model", "openai/gpt-4o")
    discussion = known.pop("discussion", "d1")
    begun = NOON + timedelta(seconds=at)
    return CallTrace(begun, discussion, architect, model, first_word=first_word, seconds=seconds, **known)


def log_folder() -> Path:
    return Path(os.environ["MOA_DATA_DIR"]) / "log"


def write(*calls: CallTrace) -> None:
    files = TraceFiles(log_folder())
    for call in sorted(calls, key=lambda one: one.seconds):  # as they end, not as they begin
        files.write(call)


PANEL = (
    called("alpha", 0.0, 2.0, 5.0, stage="proposals"),
    called("bravo", 0.001, 1.0, 10.0, stage="proposals", tries=(Again("rate_limit", 1.0), Again("rate_limit", 4.0))),
    called("charlie", 0.002, None, 2.5, stage="proposals", finish=None, error=Failure("no_key", "No key for gemini.")),
    called("aggregator", 10.0, 2.5, 10.0, stage="answer", finish="length", model="anthropic/claude"),
)


def test_a_round_is_shown_by_stage_with_what_ran_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    write(*PANEL)
    assert main(["trace"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("round 2 of d1  2026-11-2")
    assert lines[2:] == [
        "  proposals",
        "  alpha       openai/gpt-4o          2.0 s   5.0 s  1.2k     300  240  0.2 ¢",
        "  bravo       openai/gpt-4o          1.0 s  10.0 s  1.2k     300  240  0.2 ¢  try 3 (rate_limit)",
        "  charlie     openai/gpt-4o              –   2.5 s  1.2k     300  240  0.2 ¢  ✗ no_key",
        "    No key for gemini.",
        "  answer",
        "  aggregator  anthropic/claude       2.5 s  10.0 s  1.2k     300  240  0.2 ¢  length",
        "  alpha       ░░░░██████······························",
        "  bravo       ░░██████████████████····················",
        "  charlie     ░░░░░···································",
        "  aggregator  ····················░░░░░███████████████",
        "  4 calls · 20.0 s · 4.8k in, 960 out · 25 % cached · 0.8 ¢ · 1 failed",
        "",
        "4 calls · 4.8k in, 960 out · 25 % cached · 0.8 ¢ · 1 failed",
    ]


def test_a_call_that_was_stopped_hides_not_what_the_others_took(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1.0, 2.0), called("bravo", 2, None, 1.0, finish=None, cancelled=True, usage=Usage()))
    assert main(["trace"]) == 0
    said = capsys.readouterr().out
    assert "–    –      –  stopped\n" in said
    assert "2 calls · 1.2k in, 240 out · 25 % cached · at least 0.2 ¢\n" in said


def test_one_call_has_no_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1.0, 2.0, round=None, discussion=""))
    assert main(["trace"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("asked  2026-11-2")
    assert "█" not in said
    assert "1 call · " in said


def test_what_was_asked_for_in_one_go_is_put_together() -> None:
    retried = called("alpha", 600.0, 1.0, 2.0, stage="proposals")
    coded = called("editor", 25.0, 1.0, 2.0, round=None)
    other = called("alpha", 1.0, 1.0, 2.0, discussion="d2")
    parts = parts_of([retried, coded, other, *reversed(PANEL)])
    assert [{call.architect for call in part.calls} for part in parts] == [
        {"alpha", "bravo", "charlie", "aggregator"},
        {"alpha"},
        {"editor"},
        {"alpha"},
    ]
    assert parts[1].calls == [other]
    assert parts[3].calls == [retried]


def test_only_one_discussion_or_only_the_last_calls(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1, 2), called("bravo", 0, 1, 3, discussion="d2"), called("charlie", 0, 1, 4))

    def names(*arguments: str) -> list[str]:
        assert main(["trace", "--json", *arguments]) == 0
        return [one["architect"] for one in json.loads(capsys.readouterr().out)["calls"]]

    assert names() == ["alpha", "bravo", "charlie"]
    assert names("--discussion", "d1") == ["alpha", "charlie"]
    assert names("--last", "2") == ["bravo", "charlie"]
    assert names("--discussion", "d1", "--last", "1") == ["charlie"]
    assert main(["trace", "--last", "1"]) == 0
    assert "only the last 1 calls" in capsys.readouterr().err


def test_a_discussion_that_nobody_was_asked_in(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1, 2))
    assert main(["trace", "--discussion", "d7"]) == 2
    assert "No call of the discussion d7" in capsys.readouterr().err
    assert main(["trace", "--discussion", "d7", "--json"]) == 2
    assert "d7" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no call was made yet" in captured.err
    assert main(["trace", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {"folder": str(log_folder() / "moa"), "calls": [], "broken": 0}


def test_broken_lines_are_passed_over_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1, 2))
    with (log_folder() / "moa" / "2026-11-21.jsonl").open("a") as file:
        file.write("{broken\n{}\n")
    assert main(["trace"]) == 0
    said = capsys.readouterr().out
    assert "  alpha  openai/gpt-4o" in said
    assert "2 lines are passed over" in said


def test_no_text_of_a_provider_rules_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write(called("alpha", 0, 1, 2, error=Failure("unknown", "Oh\x1b[2J no"), finish="\x1b[31mred"))
    assert main(["trace"]) == 0
    said = capsys.readouterr().out
    assert "Oh[2J no" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("last", ["0", "-1", "x", "1.5"])
def test_a_wrong_number_is_wrong_usage(last: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["trace", f"--last={last}"])
    assert ended.value.code == 2
    assert "whole number" in capsys.readouterr().err
