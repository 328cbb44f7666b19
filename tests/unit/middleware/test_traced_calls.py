"""What is noted of each call: through the whole door, with the real litellm at a scripted provider."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve

from moa_lsp.discussion.values import Message, Usage
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.middleware.trace import Again, CallTrace, Trace, unquoted
from moa_lsp.models.model import Call, Chunk, Done, ModelError, Passing, Waiting, Words
from moa_lsp.store.traces import TraceFiles, read_traces, row_of
from tests.provider.server import Provider, Reply
from tests.unit.models.asking import call, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "zebra.crossing.4711"
PROMPT = "The vault behind the painting opens with three turns to the left."
FILE = "def open_vault(turns):\n    return turns == [3, 'left']\n"


class Bench:
    """A door that tells of its calls, here and in files, and the provider behind it."""

    def __init__(self, provider: Provider, folder: Path, environ: Mapping[str, str]) -> None:
        self.provider = provider
        self.log = folder / "log"
        self.traces: list[CallTrace] = []
        files = TraceFiles(self.log)

        def tell(trace: CallTrace) -> None:
            self.traces.append(trace)
            files.write(trace)

        self.door = ModelDoor(environ=environ, folder=folder / "worker", trace_to=tell)

    @property
    def trace(self) -> CallTrace:
        """The one call there was."""
        (trace,) = self.traces
        return trace

    def written(self) -> str:
        return "".join(path.read_text() for path in sorted(self.log.rglob("*.jsonl")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bench, None]:
    async with Provider() as provider:
        environ = {"ODD_KEY": SECRET, "OPENAI_API_KEY": "sk-canary-0123456789"}
        bench = Bench(provider, tmp_path_factory.mktemp("traced"), environ)
        await bench.door.warm()
        yield bench
        await bench.door.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared: Bench) -> Bench:
    shared.provider.forget()
    shared.traces.clear()
    for path in shared.log.rglob("*.jsonl"):
        path.unlink()
    return shared


def prompt(bench: Bench, model: str, *messages: Message, **more: Any) -> Call:
    asked = call(model, bench.provider.url, *messages, key="ODD_KEY")
    return evolve(asked, discussion="d1", round=2, stage="proposals", **more)


async def test_a_call_is_noted_with_what_it_took_and_without_its_words(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Three turns, then.", usage={"prompt_tokens": 1000, "completion_tokens": 50}))
    before = datetime.now(UTC)
    messages = (Message("system", "You look at vaults."), Message("user", PROMPT + FILE))
    came = await outcome(bench.door, prompt(bench, "openai/gpt-4o", *messages))
    assert came.text == "Three turns, then."
    trace = bench.trace
    assert before <= trace.begun <= datetime.now(UTC)
    assert (trace.discussion, trace.round, trace.stage) == ("d1", 2, "proposals")
    assert (trace.architect, trace.model) == ("alpha", "openai/gpt-4o")
    assert trace.usage == came.done.usage
    assert trace.usage.cost_usd == pytest.approx(1000 * 2.5e-6 + 50 * 1e-5)
    assert trace.first_word is not None
    assert 0 < trace.first_word <= trace.seconds
    assert (trace.finish, trace.error, trace.cancelled, trace.repairs, trace.tries) == ("stop", None, False, False, ())
    assert [(one.role, one.characters) for one in trace.messages] == [("system", 19), ("user", len(PROMPT + FILE))]
    assert hashlib.sha256((PROMPT + FILE).encode()).hexdigest().startswith(trace.messages[1].sha256)
    (line,) = bench.written().splitlines()
    assert json.loads(line) == row_of(trace)
    for text in ("vault", "turns", "painting", SECRET):
        assert text not in line


async def test_every_try_is_part_of_the_one_call(bench: Bench) -> None:
    limited, down = Reply(status=429, headers={"Retry-After": "0.05"}), Reply(status=503, headers={"Retry-After": "0"})
    bench.provider.script("busy", limited, down, Reply("At last"))
    await outcome(bench.door, prompt(bench, "openai/busy"))
    assert bench.trace.tries == (Again("rate_limit", 0.05), Again("overloaded", 0.0))
    assert bench.trace.error is None
    assert bench.trace.seconds > 0.05


async def test_a_failed_call_is_noted_with_its_error_and_no_secret(bench: Bench) -> None:
    quoted = f"Bad message: {PROMPT} Your key {SECRET} and sk-canary-0123456789 are fine, Bearer abc.def-123 too."
    bench.provider.script("picky", Reply(status=400, body={"error": {"message": quoted}}))
    came = await outcome(bench.door, prompt(bench, "openai/picky", Message("user", f"Well? {PROMPT} {FILE}")))
    trace = bench.trace
    assert trace.error is not None
    assert trace.error.kind == came.failed.kind == "bad_request"
    # People are told what the provider said; the trace keeps what of it isn't the user's own.
    assert "The vault behind" in came.failed.message
    assert trace.error.message.startswith("openai did not accept the request to openai/picky")
    assert "Bad message: […]" in trace.error.message
    assert trace.first_word is None
    written = bench.written()
    for text in ("vault", "painting", "open_vault", SECRET, "canary", "abc.def"):
        assert text not in written


async def test_a_call_that_never_got_out_is_noted(bench: Bench) -> None:
    await outcome(bench.door, evolve(prompt(bench, "gemini/gemini-pro"), architect=call("gemini/gemini-pro").architect))
    assert bench.trace.error is not None
    assert bench.trace.error.kind == "no_key"
    assert bench.trace.usage == Usage.nothing()


async def test_a_call_that_is_given_up_is_noted(bench: Bench) -> None:
    bench.provider.script("long", Reply("One two", hang="between_words"))
    async with aclosing(bench.door.stream(prompt(bench, "openai/long"))) as chunks:
        assert await anext(chunks) == Words("One")
    assert bench.trace.cancelled
    assert bench.trace.first_word is not None
    assert bench.trace.usage == Usage()
    assert (bench.trace.finish, bench.trace.error) == (None, None)
    await bench.provider.closed(1)


async def test_a_task_that_is_cancelled_leaves_a_note(bench: Bench) -> None:
    bench.provider.script("mute", Reply(hang="before_headers"))
    task = asyncio.create_task(outcome(bench.door, prompt(bench, "openai/mute")))
    await bench.provider.asked(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.trace.cancelled
    assert bench.trace.first_word is None


async def test_a_replay_is_noted_and_used_nothing(bench: Bench) -> None:
    await outcome(bench.door, evolve(call("replay:demo"), discussion="d2", round=1))
    assert (bench.trace.model, bench.trace.usage, bench.trace.finish) == ("replay:demo", Usage.nothing(), "stop")
    assert bench.trace.first_word is not None


async def test_messages_of_another_program_are_noted_by_reference_too(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Done."))
    picture = [{"type": "text", "text": PROMPT}]
    calls = [{"id": "c1", "type": "function", "function": {"name": "open", "arguments": "{}"}}]
    passing = Passing(
        (
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": picture},
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "c1", "content": FILE},
            {"role": "user", "content": "Go on."},
        )
    )
    await outcome(bench.door, prompt(bench, "openai/gpt-4o", passing=passing))
    roles = [one.role for one in bench.trace.messages]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    assert [one.characters for one in bench.trace.messages][::3] == [len("Be short."), len(FILE)]
    assert len({one.sha256 for one in bench.trace.messages}) == 5
    for text in ("vault", "short", "c1"):
        assert text not in bench.written()


# --- the wrapper alone


def told_of(*chunks: Chunk | BaseException) -> tuple[Trace, list[CallTrace]]:
    """A trace around a model that yields these chunks, or raises what is none."""
    traces: list[CallTrace] = []

    async def ask(_: Call) -> AsyncGenerator[Chunk, None]:
        for chunk in chunks:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    return Trace(ask, traces.append), traces


async def test_who_leaves_after_the_last_word_gives_nothing_up() -> None:
    model, traces = told_of(Words("Hello"), Done("stop", Usage.of(1, 0, 1, 0.0)))
    async with aclosing(model.stream(call("openai/x"))) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Done):
                break
    (trace,) = traces
    assert not trace.cancelled
    assert trace.usage == Usage.of(1, 0, 1, 0.0)


async def test_thinking_is_no_try_and_no_word() -> None:
    model, traces = told_of(Waiting(0.0, "x is thinking."), Done("stop", Usage()))
    await outcome(model, call("openai/x"))
    assert traces[0].tries == ()
    assert traces[0].first_word is None


async def test_a_fault_of_ours_is_noted_by_its_name() -> None:
    model, traces = told_of(Words("x"), RuntimeError(f"went wrong with {PROMPT}"))
    with pytest.raises(RuntimeError):
        await outcome(model, call("openai/x"))
    assert traces[0].error is not None
    assert (traces[0].error.kind, traces[0].error.message) == ("internal", "RuntimeError")


async def test_what_goes_wrong_in_noting_costs_the_call_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_: CallTrace) -> None:
        raise ValueError("no")

    async def ask(_: Call) -> AsyncGenerator[Chunk, None]:
        yield Words("Hello")
        raise ModelError("cut", "The connection was lost.")

    came = await outcome(Trace(ask, refuse), call("openai/x"))
    assert (came.text, came.failed.kind) == ("Hello", "cut")
    assert "could not be traced" in caplog.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Nothing in common.", "Nothing in common."),
        (f"It said: {PROMPT}", "It said: […]."),
        (f"It said: {json.dumps(FILE)} and more", 'It said: "[…]\']\\n" and more'),
        (f"It said: {' '.join(FILE.split())!r} and more", 'It said: "[…]\']" and more'),
        ("Too short: the vault", "Too short: the vault"),
        (f"{PROMPT[:29]} and{PROMPT[29:]}", "[…] and […]."),
    ],
)
async def test_no_quotation_of_a_message_stays(said: str, kept: str) -> None:
    assert unquoted(said, [PROMPT, FILE]) == kept


async def test_the_files_are_read_back_as_they_were_told(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Yes.", usage={"prompt_tokens": 10, "completion_tokens": 5}))
    bench.provider.script("busy", Reply(status=429, headers={"Retry-After": "0"}))
    for model in ("openai/gpt-4o", "openai/busy", "openai/unheard-of"):
        await outcome(bench.door, prompt(bench, model))
    read = read_traces(bench.log)
    assert [row_of(one) for one in read.traces] == [row_of(one) for one in bench.traces]
    assert abs(read.traces[0].begun - bench.traces[0].begun) < timedelta(milliseconds=1)
