"""Every way in which a provider fails, through the real litellm: one turn is lost, and said to be; the others go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor

FAILED = -32803
CANARY, ODD_CANARY = "sk-canary-0123456789abcdef", "zebra.crossing.4711"
WHOLE = "I'd do this.\n<proposal>\n{0} says so\n</proposal>\n"


def an_error(message: str, code: str | None = None) -> Mapping[str, Any]:
    return {"error": {"message": message, "code": code, "type": "invalid_request_error"}}


@frozen
class Case:
    """One architect and how it fares: what its provider does, and what its turn says. No `kind`: it succeeds."""

    name: str
    replies: Sequence[Reply] = ()
    kind: str | None = None
    words: str = ""
    text: str = ""
    settings: Mapping[str, Any] = field(factory=dict[str, Any])
    waits: int = 0


CASES = (
    Case("alpha", [proposing("alpha says so")]),
    Case("keyless", kind="no_key", words="set OPENAI_API_KEY, or drop keyless", settings={"apiBase": None}),
    Case(
        "wrong",
        [Reply(status=401, body=an_error("Incorrect API key provided.", "invalid_api_key"))],
        "wrong_key",
        "check WRONG_ONE",
        settings={"apiKeyEnv": "WRONG_ONE"},
    ),
    Case("keyed", [Reply(status=401, body=an_error("A key, please."))], "key_not_named", "in the apiKeyEnv of keyed"),
    Case("unheard-of", kind="unknown_model", words="does not know the model openai/unheard-of"),
    Case("odd", kind="unknown_provider", words="provider/model", settings={"model": "nobody/odd", "apiBase": None}),
    Case("patient", [Reply(status=429, headers={"Retry-After": "0.1"}), proposing("patient says so")], waits=1),
    Case("busy", [Reply(status=429, headers={"Retry-After": "0.1"})], "rate_limit", "rate limit", waits=2),
    Case("troubled", [Reply(status=503, headers={"Retry-After": "0.1"})], "overloaded", "trouble", waits=2),
    Case(
        "long",
        [
            Reply(
                status=400, body=an_error("This model's maximum context length is 8 tokens.", "context_length_exceeded")
            )
        ],
        "context_too_long",
        "send fewer files",
    ),
    Case("prude", [Reply("Well, no", finish="content_filter")], "content_filter", "filtered", "Well, no"),
    Case(
        "censor",
        [Reply(status=400, body=an_error("Refused by our content management policy.", "content_filter"))],
        "content_filter",
        "filtered",
    ),
    Case("closed", kind="refused_connection", words="could not be reached", waits=2),
    Case("hung", [Reply("Never.", hang="before_headers")], "timeout", "longer timeout", settings={"timeout": 1}),
    Case("stalled", [Reply("Well, hm", hang="between_words")], "stalled", "stopped", "Well,", settings={"timeout": 1}),
    Case("torn", [Reply("Well, what if", cut_after=2)], "cut", "ask again", "Well, what"),
    Case(
        "unclosed",
        [Reply("<proposal>\nHalf of", finish=None, done=False)],
        "cut",
        "ask again",
        "<proposal>\nHalf of",
    ),
    Case("unconfirmed", [Reply(WHOLE.format("unconfirmed"), finish=None, done=False)]),
    Case("mute", [Reply("")], "empty", "empty"),
    Case("endless", [Reply("<proposal>And then", finish="length")], "length", "maxTokens", "<proposal>And then"),
    Case("zulu", [proposing("zulu says so")]),
)


async def test_each_costs_its_own_turn_and_no_other(provider: Provider, begin: Begin) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    entries: list[dict[str, Any]] = []
    for case in CASES:
        if case.replies:
            provider.script(case.name, *case.replies)
        base = f"http://127.0.0.1:{port}/v1" if case.name == "closed" else provider.url
        entry = {"name": case.name, "model": f"openai/{case.name}", "apiBase": base, **case.settings}
        entries.append({name: value for name, value in entry.items() if value is not None})
    editor = await begin(settings={"architects": entries}, env={"WRONG_ONE": "a key that is none"})
    round = await editor.ask("discuss", {"message": "What now?", "workDoneToken": editor.awaits_progress("round")})
    turns = {turn["architect"]: turn for turn in round["turns"]}
    assert list(turns) == [case.name for case in CASES]
    for case in CASES:
        turn = turns[case.name]
        waits = [e for e in editor.events if e["kind"] == "turnWaiting" and e["architect"] == case.name]
        assert len(waits) == case.waits, case.name
        assert all(wait["seconds"] > 0 and case.name in wait["reason"] for wait in waits)
        if case.kind is None:
            assert (turn["status"], turn["proposal"]) == ("done", f"{case.name} says so"), case.name
            assert "error" not in turn
            continue
        assert (turn["status"], turn["error"]["kind"], turn["text"]) == ("failed", case.kind, case.text), turn
        assert case.words in turn["error"]["message"], turn["error"]
        assert (turn["proposal"], turn["change"]) == (None, None)
    started = [e["architect"] for e in editor.events if e["kind"] == "turnStarted"]
    finished = [e["turn"]["architect"] for e in editor.events if e["kind"] == "turnFinished"]
    assert started == finished == list(turns)
    for name, tries in (("busy", 3), ("troubled", 3), ("patient", 2), ("wrong", 1), ("hung", 1), ("torn", 1)):
        assert len(asked_of(provider, name)) == tries, name
    # The others hear what was proposed, and nothing of an error or of half a reply.
    assert asked_of(provider, "zulu")[0][0]["content"] == "<user_message>\nWhat now?\n</user_message>" + "".join(
        f"\n\n<architect name='{name}'>\n<proposal>\n{name.lower()} says so\n</proposal>\n</architect>"
        for name in ("ALPHA", "PATIENT", "UNCONFIRMED")
    )
    assert (await editor.ask("show-discussion"))["rounds"][0]["turns"] == round["turns"]
    (begun, *between, over) = editor.reported("round")
    failed = sum(case.kind is not None for case in CASES)
    assert (begun, over) == (("begin", "Discussing"), ("end", f"{failed} of {len(CASES)} architects failed"))
    assert any("busy waits" in message for _, message in between)


async def test_code_that_fails_says_why_and_keeps_what_came(provider: Provider, begin: Begin, workspace: Path) -> None:
    good = edit("api.py", "    return store[key]\n", "    return store.get(key)\n")
    half = edit("api.py", "    del store[key]\n", "    store.pop(key)\n").partition(">>>>>>>")[0]
    rows: Sequence[tuple[Reply, str, str]] = (
        (Reply(status=401, body=an_error("Incorrect API key provided.")), "key_not_named", "wants a key"),
        (Reply(status=429, headers={"Retry-After": "3600"}), "rate_limit", "in 3600 s"),
        (Reply("Here is", cut_after=2), "cut", "ask again"),
        (Reply("Here is", hang="between_words"), "stalled", "stopped"),
        (Reply(half, finish=None, done=False), "cut", "ask again"),
        (Reply(good + half, finish=None, done=False), "cut", "ask again"),
        (Reply(good, finish="length"), "length", "maxTokens"),
        (Reply(""), "empty", "empty"),
        (Reply("I'd rather not."), "", "held no edits"),
    )
    settings = architects(provider, "alpha")
    settings["editor"]["timeout"] = 2
    editor = await begin(settings=settings)
    editor.open(workspace / "api.py")
    await editor.ask("new-discussion")
    for number, (reply, kind, words) in enumerate(rows, 1):
        provider.script("editor", reply)
        said = await refusal(editor.ask("code", {"message": f"Try {number}"}), FAILED)
        assert words in said, kind
        coding = (await editor.event("codeFinished", number))["coding"]
        kept = (await editor.ask("show-discussion"))["codings"][-1]
        assert (coding, coding["number"], coding["message"]) == (kept, number, f"Try {number}")
        assert coding["status"] == ("failed" if kind else "done")
        assert coding.get("error", {}).get("kind", "") == kind
        assert coding["change"] is None
        expected = "".join(reply.deltas[: reply.cut_after]) if reply.hang is None else reply.deltas[0]
        assert coding["text"] == expected
    assert editor.text(workspace / "api.py").count("store[key]") == 3
    assert not editor.applied
    busy = Reply(status=429, headers={"Retry-After": "0.1"})
    provider.script("editor", busy, Reply(good, finish=None, done=False))
    change = await editor.ask("code", {"message": "At last", "workDoneToken": editor.awaits_progress("last")})
    assert (change["status"], change["problems"]) == ("pending", [])
    assert (await editor.event("codeWaiting"))["seconds"] == 0.1
    begun, waited, over = editor.reported("last")
    assert (begun, over) == (("begin", "Coding"), ("end", "Done"))
    assert "rate limit" in waited[1]


def chunk(**delta: str) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "alpha", "choices": [choice]}
    return f"data: {json.dumps(whole)}\n\n"


async def test_thinking_unseen_is_no_silence_and_never_shown(provider: Provider, begin: Begin) -> None:
    stream = chunk(reasoning_content="Hm, secretly") + chunk(content="In short: yes.") + "data: [DONE]\n\n"
    provider.script("alpha", Reply(body=stream, headers={"Content-Type": "text/event-stream"}))
    editor = await begin(settings=architects(provider, "alpha"))
    round = await editor.ask("discuss", {"message": "What now?", "workDoneToken": editor.awaits_progress("round")})
    assert [turn["text"] for turn in round["turns"]] == ["In short: yes."]
    waiting = await editor.event("turnWaiting")
    assert (waiting["seconds"], waiting["reason"]) == (0, "openai/alpha is thinking.")
    between = [message for _, message in editor.reported("round")[1:-1]]
    assert between == ["alpha is thinking", "openai/alpha is thinking."]
    assert "secretly" not in str(await editor.ask("show-discussion"))


def children(pid: int) -> list[int]:
    """The processes whose parent is that one."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds the worker under /proc")
async def test_a_killed_worker_costs_one_turn(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", Reply("Well, let me think", hang="between_words"), proposing("alpha says so"))
    provider.script("bravo", proposing("bravo says so"))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    assert children(editor.process.pid) == []
    round = editor.start("discuss", {"message": "What now?"}, "round")
    await editor.event("turnDelta")
    (worker,) = children(editor.process.pid)
    os.kill(worker, signal.SIGKILL)
    alpha, bravo = (await round)["turns"]
    assert (alpha["status"], alpha["text"], alpha["error"]["kind"]) == ("failed", "Well,", "worker_died")
    assert alpha["usage"]["costUsd"] is None
    assert (bravo["status"], bravo["proposal"]) == ("done", "bravo says so")
    (another,) = children(editor.process.pid)
    assert another != worker
    again = await editor.ask("discuss", {"message": "And now?"})
    assert [turn["status"] for turn in again["turns"]] == ["done", "done"]


def recorded(stream: asyncio.StreamReader) -> bytearray:
    """Everything that arrives on a stream from now on, as bytes, whoever reads it."""
    heard = bytearray()
    feed = stream.feed_data

    def feed_data(data: bytes) -> None:
        heard.extend(data)
        feed(data)

    setattr(stream, "feed_data", feed_data)  # noqa: B010  (its parameter's type is wider than what is ever fed)
    return heard


async def test_a_key_is_in_nothing_that_is_written(
    provider: Provider, begin: Begin, workspace: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for name, key in (("alpha", CANARY), ("bravo", ODD_CANARY), ("editor", CANARY)):
        told = f"Incorrect API key provided: {key}. Header was Authorization: Bearer {key}"
        provider.script(name, Reply(status=401, body=an_error(told, "invalid_api_key")))
    provider.script("charlie", Reply(status=500, body=f"<html>Bearer {CANARY}</html>", headers={"Retry-After": "0"}))
    settings = architects(provider, apiKeyEnv="OPENAI_API_KEY")
    settings["editor"]["apiKeyEnv"] = "OPENAI_API_KEY"
    settings["architects"][1]["apiKeyEnv"] = "ODD_ONE"
    settings["architects"][2]["headers"] = {"X-Project": "moa"}
    environ = {"OPENAI_API_KEY": CANARY, "ODD_ONE": ODD_CANARY, "MOA_DATA_DIR": str(data)}
    editor: Editor = await begin(settings=settings, env=environ)
    stdout, stderr = editor.process.stdout, editor.process.stderr
    assert stdout
    assert stderr
    heard = [recorded(stdout), recorded(stderr)]
    round = await editor.ask("discuss", {"message": "What now?"})
    assert [turn["error"]["kind"] for turn in round["turns"]] == ["wrong_key", "wrong_key", "overloaded"]
    assert "OPENAI_API_KEY" in round["turns"][0]["error"]["message"]
    assert "ODD_ONE" in round["turns"][1]["error"]["message"]
    said = await refusal(editor.ask("code", {"message": "Go."}), FAILED)
    assert "OPENAI_API_KEY" in said
    await editor.ask("show-discussion")
    # The keys were really sent, and each only where it belongs.
    sent = {request.model: request.headers["authorization"] for request in provider.requests}
    assert sent == {
        **dict.fromkeys(("alpha", "charlie", "editor"), f"Bearer {CANARY}"),
        "bravo": f"Bearer {ODD_CANARY}",
    }
    await editor.shutdown_session()
    await editor.gone()
    assert len(heard[0]) > 1000
    files = [path for root in (data, workspace) for path in root.rglob("*") if path.is_file()]
    assert any(path.name == "moa.db" for path in files)
    written = {str(path): path.read_bytes() for path in files} | {"stdout": bytes(heard[0]), "stderr": bytes(heard[1])}
    for where, content in written.items():
        for key in (CANARY, ODD_CANARY):
            assert key.encode() not in content, where


async def test_who_failed_and_why_is_said_to_a_client_that_shows_no_rounds(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("bravo", Reply(status=401, body=an_error("Incorrect API key provided.", "invalid_api_key")))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    await editor.ask("discuss", {"message": "Well?"})
    assert not editor.messages, "the answer says it"
    await editor.run("discuss", {"message": "And now?"})
    (said,) = [one.message for one in editor.messages]
    assert said.startswith("moa: bravo: ")
    assert "key" in said
