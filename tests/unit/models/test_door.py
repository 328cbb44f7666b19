"""The whole door: retries that are seen, deadlines around the real worker, recording, estimates, and its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import evolve

from moa_lsp.discussion.values import Message, Usage
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.middleware.retry import Retry
from moa_lsp.models import worker
from moa_lsp.models.litellm_model import LitellmModel
from moa_lsp.models.model import Passing, Waiting, Words
from moa_lsp.models.worker_client import WorkerClient
from tests.provider.server import Provider, Reply
from tests.unit.models.asking import call, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Bench:
    """A door that records, and the provider behind it."""

    def __init__(self, provider: Provider, door: ModelDoor, cassette: Path) -> None:
        self.provider = provider
        self.door = door
        self.cassette = cassette


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bench, None]:
    folder = tmp_path_factory.mktemp("door")
    async with Provider() as provider:
        cassette = folder / "recorded" / "moa.jsonl"
        door = ModelDoor(environ=os.environ, folder=folder / "worker", record_to=lambda _: cassette.parent)
        await door.warm()
        yield Bench(provider, door, cassette)
        await door.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared: Bench) -> Bench:
    shared.provider.forget()
    shared.cassette.unlink(missing_ok=True)
    return shared


async def test_a_rate_limit_is_waited_out_in_sight(bench: Bench) -> None:
    limited = Reply(status=429, headers={"Retry-After": "0.05"})
    bench.provider.script("busy", limited, limited, Reply("At last"))
    came = await outcome(bench.door, call("openai/busy", bench.provider.url))
    assert came.text == "At last"
    assert [wait.seconds for wait in came.waits] == [0.05, 0.05]
    assert came.waits[0].reason == "openai/busy is at its rate limit: asking again (try 2 of 3)."
    assert len(bench.provider.requests) == 3


async def test_three_tries_are_all(bench: Bench) -> None:
    bench.provider.script("down", Reply(status=503, headers={"Retry-After": "0"}))
    came = await outcome(bench.door, call("openai/down", bench.provider.url))
    assert came.failed.kind == "overloaded"
    assert came.failed.usage == Usage.nothing()
    assert len(bench.provider.requests) == 3


async def test_a_long_retry_after_is_said_and_not_waited_for(bench: Bench) -> None:
    bench.provider.script("closed", Reply(status=429, headers={"Retry-After": "3600"}))
    came = await outcome(bench.door, call("openai/closed", bench.provider.url))
    assert not came.waits
    assert came.failed.retry_after == 3600
    assert "ask again in 3600 s" in came.failed.message
    assert len(bench.provider.requests) == 1


async def test_nothing_is_asked_again_after_the_first_word(bench: Bench) -> None:
    bench.provider.script("cut", Reply("One two", cut_after=1))
    came = await outcome(bench.door, call("openai/cut", bench.provider.url))
    assert (came.text, came.failed.kind) == ("One", "cut")
    assert len(bench.provider.requests) == 1


async def test_a_wait_ends_when_the_call_is_given_up(bench: Bench) -> None:
    bench.provider.script("busy", Reply(status=429, headers={"Retry-After": "50"}))

    async def read() -> None:
        async with aclosing(bench.door.stream(call("openai/busy", bench.provider.url))) as chunks:
            async for chunk in chunks:
                assert isinstance(chunk, Waiting)
                waits.set()

    waits = asyncio.Event()
    task = asyncio.create_task(read())
    await waits.wait()
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_server_that_refuses_the_connection_is_asked_again(tmp_path: Path) -> None:
    async with Provider() as gone:
        url = gone.url
    client = WorkerClient(tmp_path, os.environ)
    came = await outcome(Retry(LitellmModel(client, {}), delays=(0.01, 0.01)), call("openai/x", url))
    await client.aclose()
    assert came.failed.kind == "refused_connection"
    assert len(came.waits) == 2


async def test_the_first_words_deadline_does_not_count_the_workers_start(tmp_path: Path) -> None:
    async with Provider() as provider:
        provider.script("quick", Reply("Hello"))
        door = ModelDoor(environ=os.environ, folder=tmp_path)
        # Importing litellm takes longer than that (measured: 1.7 s at the least).
        came = await outcome(door, call("openai/quick", provider.url, timeout=1.2))
        await door.aclose()
    assert came.text == "Hello"


async def test_what_was_said_can_be_replayed(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hëllo, you 👋 there", usage={"prompt_tokens": 5, "completion_tokens": 4}))
    asked = call("openai/gpt-4o", bench.provider.url, Message("user", "One?"))
    spoken = await outcome(bench.door, asked)
    (line,) = bench.cassette.read_text(encoding="utf-8").splitlines()
    row = json.loads(line)
    assert (row["speaker"], row["turn"], row["text"]) == ("alpha", 1, "Hëllo, you 👋 there")
    assert (row["finish"], row["model"]) == ("stop", "openai/gpt-4o")
    assert sum(length for _, length in row["pace"]) == len(row["text"])
    requests = len(bench.provider.requests)
    replayed = await outcome(bench.door, call(f"replay:{bench.cassette}", None, Message("user", "One?")))
    assert replayed.text == spoken.text
    assert replayed.done.usage == Usage.nothing()
    assert len(bench.provider.requests) == requests


async def test_a_failed_call_fails_in_the_replay_too(bench: Bench) -> None:
    bench.provider.script("cut", Reply("One two", cut_after=1))
    spoken = await outcome(bench.door, call("openai/cut", bench.provider.url, Message("user", "One?")))
    replayed = await outcome(bench.door, call(f"replay:{bench.cassette}", None, Message("user", "One?")))
    assert (replayed.text, replayed.failed.kind, replayed.failed.message) == (
        spoken.text,
        spoken.failed.kind,
        spoken.failed.message,
    )
    assert replayed.failed.usage == Usage.nothing()


async def test_estimates(bench: Bench) -> None:
    asked = call("openai/gpt-4o", bench.provider.url, Message("user", "word " * 100))
    tokens, usd = await bench.door.estimate(asked)
    assert tokens is not None
    assert usd == pytest.approx(tokens * 2.5e-6)
    assert await bench.door.estimate(call("replay:demo")) == (0, 0.0)
    assert not bench.provider.requests


async def test_no_key_is_said_before_anything_is_started(tmp_path: Path) -> None:
    folder = tmp_path / "worker"
    door = ModelDoor(environ={}, folder=folder)
    came = await outcome(door, call("gemini/gemini-pro-latest"))
    assert came.failed.message == "No key for gemini: set GEMINI_API_KEY, or drop alpha."
    assert not folder.exists()
    await door.aclose()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can't be stopped here")
async def test_closing_ends_even_a_worker_that_hangs(tmp_path: Path) -> None:
    async with Provider() as provider:
        provider.script("long", Reply("One two", hang="between_words"))
        client = WorkerClient(tmp_path, os.environ)
        model = LitellmModel(client, {})
        async with aclosing(model.stream(call("openai/long", provider.url))) as chunks:
            assert await anext(chunks) == Words("One")
            pid = client.pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            begun = time.monotonic()
            await client.aclose()
            assert time.monotonic() - begun < 5
            came = await asyncio.gather(anext(chunks), return_exceptions=True)
            assert getattr(came[0], "kind", None) == "worker_died"
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_what_is_printed_does_not_reach_the_protocol() -> None:
    """The worker's program, with a thread beside it that prints all the time on both roads to stdout."""
    noisy = f"""
import importlib.util, os, threading, time
spec = importlib.util.spec_from_file_location("worker", {worker.__file__!r})
worker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worker)
serve = worker.serve
def noise():
    while True:
        os.write(1, b"raw noise\\n")
        print("noise", flush=True)
        time.sleep(0.01)
async def noisily(orders, answers):
    threading.Thread(target=noise, daemon=True).start()
    await serve(orders, answers)
worker.serve = noisily
worker.main()
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        noisy,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"do": "warm", "id": 1}\n')
    first = await process.stdout.readline()
    process.stdin.close()
    rest, errors = await process.communicate()
    assert json.loads(first) == {"id": 1, "kind": "warm"}
    assert rest == b""
    assert b"raw noise" in errors
    assert process.returncode == 0


async def test_an_answer_to_another_program_is_not_recorded(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    asked = evolve(call("openai/gpt-4o", bench.provider.url), passing=Passing(({"role": "user", "content": "Hi"},)))
    assert (await outcome(bench.door, asked)).text == "Hello"
    assert not bench.cassette.exists()
