"""The bench of mixtures tells calls and stages apart, keeps its own clock, and writes what it found."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bench.mixtures import provider
from bench.mixtures.measure import Heard, Run, Stage, settings
from bench.mixtures.page import BEGIN, END, met, tables, write
from bench.mixtures.provider import Call, Provider, pace_of
from moa_lsp.discussion.reader import read_reply
from moa_lsp.settings.reader import read_settings
from moa_lsp.settings.shapes import Naming

PANEL = Run("panel", 10.4, (Stage("proposals", 6.2, (6.0, 3.0)), Stage("answer", 4.1, (4.0,))), 0.5, None)


def a_turn(step: int) -> dict[str, Any]:
    return {"kind": "turnFinished", "turn": {"step": step}}


def a_stage(step: int, name: str) -> dict[str, Any]:
    return {"kind": "stageStarted", "step": step, "stage": name}


def test_a_ratio_is_of_the_slowest_call_of_each_stage() -> None:
    assert PANEL.ratio == pytest.approx(1.04)
    assert PANEL.worst_stage == pytest.approx(6.2 / 6.0)
    assert PANEL.one_by_one == 13.0


def test_calls_belong_to_the_stages_in_the_order_they_began() -> None:
    heard = Heard(
        [
            (0.0, a_stage(1, "proposals")),
            (5.0, a_turn(1)),
            (6.5, a_turn(1)),
            (6.6, a_stage(2, "answer")),
            (9.0, a_turn(2)),
        ]
    )
    calls = [Call("alpha", 0.1, 6.1), Call("bravo", 0.2, 4.2), Call("best", 6.7, 8.7)]
    first, second = heard.stages(calls)
    assert (first.name, first.wall, first.calls) == ("proposals", 6.5, pytest.approx((6.0, 4.0)))
    assert (second.name, second.wall, second.calls) == ("answer", pytest.approx(2.4), pytest.approx((2.0,)))


def test_the_same_seed_gives_the_same_pace_and_another_another() -> None:
    assert pace_of(1, "alpha", 1) == pace_of(1, "alpha", 1)
    assert len({pace_of(seed, name, time) for seed in (1, 2) for name in ("a", "b") for time in (1, 2)}) == 8
    for name in "abcdefgh":
        assert 2.0 < pace_of(1, name, 1).seconds < 9.0


def test_the_settings_of_the_bench_are_good() -> None:
    assert read_settings(settings("http://127.0.0.1:1/v1"), Naming.CAMEL, trusted=True).findings == ()


async def test_the_provider_streams_a_whole_reply_and_keeps_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "FIRST", (0.0, 0.0))
    monkeypatch.setattr(provider, "PACE", (100_000, 100_000))
    serving = Provider(1)
    server = await asyncio.start_server(serving.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def ask(head: str, body: str = "") -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{head} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode()
        writer.close()
        return answer.partition("\r\n\r\n")[2]

    async with server:
        streamed = await ask("POST /v1/chat/completions", json.dumps({"model": "alpha"}))
        told = json.loads(await ask("GET /calls"))
        again = json.loads(await ask("GET /calls"))
    *events, last = [line.removeprefix("data: ") for line in streamed.split("\n\n") if line]
    assert last == "[DONE]"
    deltas = [choice["delta"].get("content", "") for event in events for choice in json.loads(event)["choices"]]
    reading = read_reply("".join(deltas))
    assert reading.closed
    assert reading.notes == ()
    ((call,), nothing) = told, again
    assert (call["model"], nothing) == ("alpha", [])
    assert call["ended"] >= call["began"]


def test_the_page_says_whether_each_bound_was_kept(tmp_path: Path) -> None:
    slow = Run("layers", 12.0, (Stage("layer 1", 6.6, (6.0, 3.0)), Stage("answer", 4.0, (4.0,))), None, 2.0)
    assert met([PANEL])
    assert not met([PANEL, slow])
    text = tables([PANEL, slow])
    assert "| panel: at most 1.05 times its slowest call, stage by stage | yes | 1.033 |" in text
    assert "| layers: at most 1.05 times its slowest call, stage by stage | **no** | 1.100 |" in text
    assert "| panel | 10.40 s | 10.00 s | 1.040 | 13.0 s | 0.50 s | not told |" in text
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write([PANEL], page)
    assert page.read_text() == f"before\n{BEGIN}\n\n{tables([PANEL])}\n{END}\nafter\n"
    page.write_text("no markers")
    with pytest.raises(ValueError, match="lacks"):
        write([PANEL], page)
