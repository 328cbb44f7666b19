"""`moa-lsp ask` and `moa-lsp trace` as they are used: one process a command, litellm at a scripted provider."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, proposing

WITHIN = 60.0
"""Seconds for a command to end by itself."""

CANARY = "zebra.crossing.4711"


@frozen
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


@frozen
class Shell:
    """A shell in the workspace folder, without a tty."""

    folder: Path

    async def start(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "moa_lsp", *arguments),
            cwd=self.folder,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str, given: str = "", code: int = 0, **environment: str) -> Ended:
        """Runs a command to its end, which is to be this exit code; `given` is its stdin."""
        ended = await end(await self.start(*arguments, **environment), given)
        assert ended.code == code, f"{arguments}: {ended.code}\n{ended.out}\n{ended.err}"
        return ended

    async def traces(self, *arguments: str) -> list[dict[str, Any]]:
        """What `trace --json` tells."""
        return json.loads((await self.run("trace", "--json", *arguments)).out)["calls"]


async def end(process: asyncio.subprocess.Process, given: str = "") -> Ended:
    try:
        out, err = await asyncio.wait_for(process.communicate(given.encode()), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def shell(workspace: Path, provider: Provider) -> Shell:
    """A shell whose user has a panel of alpha and bravo, for whom the model `chief` answers."""
    for name in ("alpha", "bravo", "chief"):
        provider.script(name, Reply(f"{name} says so.", usage=USAGE))

    def model(name: str) -> str:
        return f'{{ model = "openai/{name}", api_base = "{provider.url}", api_key_env = "ODD_KEY" }}'

    folder = Path(os.environ["MOA_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(
        f"architects = [{model('alpha')}, {model('bravo')}]\n"
        f'preset = "duo"\n[presets.duo]\nkind = "panel"\naggregator = {model("chief")}\n'
    )
    return Shell(workspace)


@pytest.fixture(autouse=True)
def _odd_key(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  (pytest uses it)
    monkeypatch.setenv("ODD_KEY", CANARY)


def found_in_what_is_kept(*texts: str) -> list[tuple[str, str]]:
    """Which of these texts stand in which file of ours."""
    files = [path for path in Path(os.environ["MOA_DATA_DIR"]).rglob("*") if path.is_file()]
    assert files
    return [(text, path.name) for path in files for text in texts if text.encode() in path.read_bytes()]


def asked(provider: Provider) -> list[str]:
    return [request.model for request in provider.requests]


async def test_the_answer_is_on_stdout_and_who_was_asked_on_stderr(shell: Shell, provider: Provider) -> None:
    ended = await shell.run("ask", "Where does the yellow submarine dive?", "api.py")
    assert ended.out == "chief says so.\n"
    lines = ended.err.splitlines()
    assert set(lines[:2]) == {"alpha is asked (proposals).", "bravo is asked (proposals)."}
    assert lines[-2] == "aggregator answers."
    assert re.fullmatch(r"3 calls · \d+\.\d s · 300 in, 60 out · price –", lines[-1])
    assert "\x1b" not in ended.out + ended.err
    assert sorted(asked(provider)[:2]) == ["alpha", "bravo"]
    assert asked(provider)[2:] == ["chief"]
    assert all("<file path='api.py'>" in request.messages[-1]["content"] for request in provider.requests)
    assert {request.headers["authorization"] for request in provider.requests} == {f"Bearer {CANARY}"}

    calls = await shell.traces()
    assert [(one["architect"], one["stage"]) for one in calls][2:] == [("aggregator", "answer")]
    assert [one["usage"]["inputTokens"] for one in calls] == [100, 100, 100]
    shown = await shell.run("trace", "--discussion", calls[0]["discussion"])
    assert "  proposals\n" in shown.out
    assert "\n  alpha       openai/alpha" in shown.out  # beside bravo: who was asked first, no one can tell
    assert re.search(r"^  aggregator  ·+[░█]+$", shown.out, re.MULTILINE)
    assert found_in_what_is_kept("submarine", "store[key]", "says so", CANARY) == []


async def test_a_question_from_stdin_and_the_answer_as_json(shell: Shell, provider: Provider) -> None:
    provider.script("bravo", Reply(status=400, body={"error": {"message": f"Bad key {CANARY} in: What is\nup?"}}))
    ended = await shell.run("ask", "-", "--json", "--preset", "duo", given="What is\r\nup?")
    assert ended.err == ""
    answer = json.loads(ended.out)
    assert answer.keys() == {"text", "finish", "preset", "turns", "usage"}
    assert (answer["text"], answer["finish"], answer["preset"]) == ("chief says so.", "stop", "duo")
    turns = {turn["architect"]: turn for turn in answer["turns"]}
    assert turns["alpha"]["text"] == "alpha says so."
    assert turns["bravo"]["error"]["kind"] == "bad_request"
    assert CANARY not in ended.out
    alpha = next(request for request in provider.requests if request.model == "alpha")
    assert "<user_message>\nWhat is\nup?\n</user_message>" in alpha.messages[-1]["content"]


async def test_what_is_typed_goes_before_the_preset(shell: Shell, provider: Provider) -> None:
    (shell.folder / "moa.toml").write_text(f'[[architects]]\nmodel = "openai/bravo"\napi_base = "{provider.url}"\n')
    typed = ("--trust", "--layers", "2", "--per-layer", "2", "--diversity", "temperature", "--max-tokens", "77")
    ended = await shell.run("ask", "Well?", *typed, "--aggregator", "replay:demo", "api.py", "--json")
    answer = json.loads(ended.out)
    assert [turn["stage"] for turn in answer["turns"]] == ["layer 1"] * 2 + ["layer 2"] * 2 + ["answer"]
    assert asked(provider) == ["bravo"] * 4
    assert {request.body["max_tokens"] for request in provider.requests} == {77}
    assert sorted({request.body["temperature"] for request in provider.requests}) == [0.2, 1.0]
    # The recording has nothing to say for an aggregator: then what the last layer said is the answer.
    assert answer["text"].count("bravo says so.") == 2
    assert answer["turns"][-1]["error"]["kind"] == "replay_ended"


async def test_where_there_is_no_answer_the_reason_is_said(shell: Shell, provider: Provider) -> None:
    for name in ("alpha", "bravo", "chief"):
        provider.script(name, Reply(status=401, body={"error": {"message": "Incorrect API key"}}))
    ended = await shell.run("ask", "Well?", code=1)
    assert ended.out == ""
    assert "refused the key for openai/chief: check ODD_KEY" in ended.err
    as_json = json.loads((await shell.run("ask", "Well?", "--json", code=1)).out)
    assert as_json["error"]["kind"] == "wrong_key"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("Well?", ".env"), ".env: it looks like environment variables"),
        (("Well?", "gone.py"), "gone.py: it does not exist"),
        (("Well?", "--preset", "choir"), "There is no such preset; there is `default`"),
        (("Well?", "--layers", "9"), "`layers`: must be a whole number from 1 to 5"),
        (("Well?", "--diversity", "mood"), "`diversity`: must be one of model, temperature, role"),
        (("-",), "There is no question"),
        (("Well?", "--model", "x"), "unrecognized arguments: --model x"),
    ],
)
async def test_what_cant_be_asked_is_said_and_nobody_is(
    shell: Shell, provider: Provider, typed: tuple[str, ...], said: str
) -> None:
    (shell.folder / ".env").write_text("KEY=1\n")
    ended = await shell.run("ask", *typed, code=2)
    assert said in ended.err
    assert ended.out == ""
    assert asked(provider) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")
async def test_ctrl_c_stops_every_call(shell: Shell, provider: Provider) -> None:
    for name in ("alpha", "bravo"):
        provider.script(name, Reply("One two", hang="between_words"))
    process = await shell.start("ask", "Well?")
    await provider.asked(2)
    process.send_signal(signal.SIGINT)
    ended = await end(process)
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.endswith("Cancelled.\n")
    await provider.closed(1)
    await provider.closed(2)
    assert [one["cancelled"] for one in await shell.traces()] == [True, True]


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")
async def test_ctrl_c_ends_also_the_wait_for_a_question(shell: Shell) -> None:
    process = await shell.start("ask", "-")
    assert process.stdin is not None
    process.stdin.write(b"To be or " * 100_000)
    await process.stdin.drain()  # more than a pipe holds: by now it is being read
    process.send_signal(signal.SIGINT)
    try:
        assert await asyncio.wait_for(process.wait(), WITHIN) == 130
    finally:
        process.stdin.close()
        if process.returncode is None:
            process.kill()


SDK = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

exporter = ConsoleSpanExporter(out=open({out!r}, "a"), formatter=lambda span: span.to_json(indent=None) + chr(10))
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""


async def test_the_servers_calls_are_spans_below_their_round(shell: Shell, provider: Provider, tmp_path: Path) -> None:
    # Set up from outside, as `opentelemetry-instrument` does it.
    site, out = tmp_path / "site", tmp_path / "spans.jsonl"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SDK.format(out=str(out)))
    provider.script("alpha", proposing("One"))
    provider.script("bravo", Reply(status=401, body={"error": {"message": "Incorrect API key"}}))
    await shell.run("discuss", "Where does the yellow submarine dive?", "api.py", PYTHONPATH=str(site))
    spans = [json.loads(line) for line in out.read_text().splitlines()]
    (round,) = [span for span in spans if span["name"] == "moa round"]
    calls = {span["attributes"]["gen_ai.agent.name"]: span for span in spans if span["name"] != "moa round"}
    assert {name: calls[name]["name"] for name in ("alpha", "bravo")} == {"alpha": "chat alpha", "bravo": "chat bravo"}
    assert {call["parent_id"] for call in calls.values()} == {round["context"]["span_id"]}
    assert {call["attributes"]["gen_ai.conversation.id"] for call in calls.values()} == {
        round["attributes"]["gen_ai.conversation.id"]
    }
    assert (round["attributes"]["moa.round"], round["attributes"]["moa.preset"]) == (1, "duo")
    assert calls["alpha"]["attributes"]["gen_ai.usage.input_tokens"] == 100
    assert calls["bravo"]["attributes"]["error.type"] == "wrong_key"
    for text in ("submarine", "store[key]", "One", CANARY):
        assert text not in out.read_text()


async def test_a_discussion_of_the_server_is_traced(shell: Shell, provider: Provider) -> None:
    for name in ("alpha", "bravo"):
        provider.script(name, proposing(f"{name} says one"))
    discussed = json.loads((await shell.run("discuss", "Is it safe?", "api.py", "--json")).out)
    calls = await shell.traces("--discussion", discussed["discussion"])
    assert {(one["architect"], one["round"]) for one in calls} >= {("alpha", 1), ("bravo", 1)}
    assert all(one["messages"][0]["role"] == "system" for one in calls)
    assert all(one["seconds"] >= one["firstWord"] > 0 for one in calls)
