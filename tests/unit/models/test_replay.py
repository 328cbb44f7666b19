"""Cassettes: which reply is chosen, at which pace it comes, and what is said of one that is over or broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from moa_lsp.discussion.values import Architect, Message, Usage
from moa_lsp.models.model import Call, Passing, ToolCalls
from moa_lsp.models.replay import Recorded, ReplayModel, asked_hash, is_replay, paced, read_cassette
from tests.unit.models.asking import call, outcome

FIRST = (Message("system", "Be brief."), Message("user", "One?"))
SECOND = (*FIRST, Message("assistant", "One."), Message("user", "Two?"))


def cassette(folder: Path, *rows: dict[str, Any] | str) -> str:
    path = folder / "talk.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"replay:{path}"


def reply(speaker: str, turn: int, text: str, **more: Any) -> dict[str, Any]:
    return {"speaker": speaker, "turn": turn, "text": text, "pace": [[0, len(text)]], **more}


async def test_the_reply_is_the_speakers_for_its_turn(tmp_path: Path) -> None:
    rows = [reply("alpha", 1, "A1"), reply("bravo", 1, "B1"), reply("alpha", 2, "A2"), reply("editor", 1, "E")]
    model = cassette(tmp_path, *rows)
    expected = [("alpha", FIRST, "A1"), ("bravo", FIRST, "B1"), ("Alpha", SECOND, "A2"), ("editor", FIRST, "E")]
    for name, messages, text in expected:
        came = await outcome(ReplayModel(), Call(Architect(name, model), messages))
        assert (came.text, came.done.finish, came.done.usage) == (text, "stop", Usage.nothing())


async def test_the_same_question_gets_its_own_answer_first(tmp_path: Path) -> None:
    model = cassette(tmp_path, reply("alpha", 1, "By turn"), reply("zulu", 9, "By hash", asked=asked_hash(FIRST)))
    assert (await outcome(ReplayModel(), call(model, None, *FIRST))).text == "By hash"
    assert (await outcome(ReplayModel(), call(model, None, Message("user", "Else?")))).text == "By turn"


async def test_a_repair_is_no_reply_and_a_reply_no_repair(tmp_path: Path) -> None:
    """Both answer to as many replies of the speaker's own as the other."""
    rows = [reply("alpha", 1, "A1"), reply("alpha", 1, "Mended", repairs=True), reply("alpha", 2, "A2")]
    architect = Architect("alpha", cassette(tmp_path, *rows))
    assert (await outcome(ReplayModel(), Call(architect, SECOND))).text == "A2"
    assert (await outcome(ReplayModel(), Call(architect, SECOND, repairs=True))).text == "Mended"
    architect = Architect("alpha", cassette(tmp_path, *rows[::2]))
    failed = (await outcome(ReplayModel(), Call(architect, SECOND, repairs=True))).failed
    assert (failed.kind, "its reply 1 is asked for once more" in failed.message) == ("replay_ended", True)


async def test_a_recording_that_is_over_says_so(tmp_path: Path) -> None:
    model = cassette(tmp_path, reply("alpha", 1, "A1"))
    failed = (await outcome(ReplayModel(), call(model, None, *SECOND))).failed
    assert failed.kind == "replay_ended"
    assert "its reply 2 is asked for" in failed.message
    assert failed.usage == Usage.nothing()


async def test_a_failure_without_a_word_is_replayed_to_its_own_question_only(tmp_path: Path) -> None:
    """It leaves no reply in the thread, so the next question has the same turn."""
    error = {"kind": "overloaded", "message": "Later."}
    model = cassette(tmp_path, reply("alpha", 1, "", error=error, asked=asked_hash(FIRST)), reply("alpha", 1, "A1"))
    assert (await outcome(ReplayModel(), call(model, None, *FIRST))).failed.message == "Later."
    assert (await outcome(ReplayModel(), call(model, None, Message("user", "Else?")))).text == "A1"


async def test_the_recorded_end_is_kept(tmp_path: Path) -> None:
    model = cassette(tmp_path, reply("alpha", 1, "Well", finish="length"))
    assert (await outcome(ReplayModel(), call(model))).done.finish == "length"
    model = cassette(tmp_path, reply("alpha", 1, "Well", finish=None))
    assert (await outcome(ReplayModel(), call(model))).done.finish is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: not an object"),
        ('{"speaker": "alpha", "turn": "1", "text": ""}', "line 2: turn is missing or of the wrong type"),
        ('{"speaker": "alpha", "turn": 1}', "line 2: text is missing or of the wrong type"),
        ('{"speaker": "alpha", "turn": 1, "text": "", "pace": [1]}', "line 2: pace is not a list of pairs of numbers"),
        ('{"speaker": "alpha", "turn": 1, "text": "", "finish": 3}', "line 2: finish is of the wrong type"),
        ('{"speaker": "alpha", "turn": 1, "text": "", "error": 3}', "line 2: error is no object"),
    ],
)
async def test_a_broken_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    model = cassette(tmp_path, reply("alpha", 1, "A1"), line)
    failed = (await outcome(ReplayModel(), call(model))).failed
    assert failed.kind == "bad_replay"
    assert says in failed.message
    assert "talk.jsonl" in failed.message


async def test_a_missing_cassette_is_named() -> None:
    failed = (await outcome(ReplayModel(), call("replay:no-such-name"))).failed
    assert (failed.kind, "no-such-name" in failed.message) == ("bad_replay", True)


def test_text_without_a_pace_comes_word_by_word_and_whole() -> None:
    text = "  One two,\n\n  three\t4 \n"
    pieces = list(paced(Recorded("alpha", 1, text)))
    assert "".join(piece for _, piece in pieces) == text
    assert len(pieces) == 5
    assert sum(seconds for seconds, _ in pieces) == pytest.approx(5 / 40)


def test_a_pace_is_kept_and_loses_nothing() -> None:
    recorded = Recorded("alpha", 1, "a👋bcdef", ((0.5, 2), (0.1, 0), (0.2, 3)))
    assert list(paced(recorded)) == [(0.5, "a👋"), (0.2, "bcd"), (0.0, "ef")]


def test_a_path_may_hold_blank_lines_and_only_replay_is_replay(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('\n{"speaker": "alpha", "turn": 1, "text": "x\\u2028y"}\n\n', encoding="utf-8")
    assert [one.text for one in read_cassette(str(path))] == ["x\u2028y"]
    assert is_replay("replay:demo")
    assert not is_replay("openai/replay:demo")


async def test_what_another_program_wants_passed_on_is_answered_in_words(tmp_path: Path) -> None:
    model = cassette(tmp_path, reply("alpha", 1, "Under the palm."))
    tools = [{"type": "function", "function": {"name": "look"}}]
    wanted = Passing(({"role": "user", "content": "Where is it?"},), {"tools": tools})
    asked = Call(Architect("alpha", model), (Message("user", "Where is it?"),), passing=wanted)
    came = await outcome(ReplayModel(), asked)
    assert came.text == "Under the palm."
    assert not any(isinstance(chunk, ToolCalls) for chunk in came.chunks)
