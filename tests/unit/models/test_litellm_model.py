"""The real worker with the real litellm against a scripted provider: words, figures, errors, cancelling, isolation."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve

from moa_lsp.discussion.values import Architect, Message, Usage
from moa_lsp.middleware.deadline import Deadline
from moa_lsp.models.litellm_model import LitellmModel
from moa_lsp.models.model import Call, Done, Passing, ToolCalls, Words
from moa_lsp.models.worker_client import WorkerClient
from tests.provider.server import Provider, Reply
from tests.unit.models.asking import call, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "sk-canary-0123456789"
ODD_KEY = "zebra.crossing.4711"


class Bench:
    """A worker that is ready, a provider that it can ask, and a second one that nobody may ask."""

    def __init__(self, provider: Provider, forbidden: Provider, worker: WorkerClient, folder: Path) -> None:
        self.provider = provider
        self.forbidden = forbidden
        self.worker = worker
        self.folder = folder
        self.environ = {
            **os.environ,
            "OPENAI_API_KEY": CANARY,
            "ODD_KEY": ODD_KEY,
            "ANTHROPIC_API_KEY": "sk-ant-canary-0123456789",
            "MISTRAL_API_KEY": "",
        }
        self.model = LitellmModel(worker, self.environ)

    @property
    def url(self) -> str:
        return self.provider.url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bench, None]:
    folder = tmp_path_factory.mktemp("worker")
    async with Provider() as provider, Provider() as forbidden:
        # Both ways in which an address could slip in: a file where the worker runs, and the user's environment.
        lines = [f"OPENAI_BASE_URL={forbidden.url}", f"OPENAI_API_BASE={forbidden.url}", "LITELLM_LOG=DEBUG"]
        (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
        (folder / "litellm.py").write_text("raise SystemExit('imported from the folder')", encoding="utf-8")
        environ = {
            **os.environ,
            "OPENAI_API_KEY": CANARY,
            "OPENAI_BASE_URL": forbidden.url,
            "OPENAI_API_BASE": forbidden.url,
            "PYTHONPATH": str(folder),
            "HTTPS_PROXY": provider.root,
            "NO_PROXY": "127.0.0.1",
        }
        worker = WorkerClient(folder, environ)
        await worker.warm()
        assert not provider.tunnels, "getting ready asked someone over the network"
        yield Bench(provider, forbidden, worker, folder)
        await worker.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared: Bench) -> AsyncGenerator[Bench, None]:
    """The shared bench with nothing asked yet."""
    shared.provider.forget()
    yield shared
    assert not shared.forbidden.requests
    assert not shared.forbidden.tunnels


async def test_words_arrive_and_figures_are_the_providers(bench: Bench) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 3, "total_tokens": 1003}
    bench.provider.script(
        "gpt-4o", Reply("Hello, you there", usage={**usage, "prompt_tokens_details": {"cached_tokens": 400}})
    )
    came = await outcome(bench.model, call("openai/gpt-4o", bench.url, key="OPENAI_API_KEY"))
    assert came.text == "Hello, you there"
    # 600 at $2.50, 400 cached at $1.25 and 3 at $10.00 a million.
    used = came.done.usage
    assert (used.input_tokens, used.cached_tokens, used.output_tokens) == (1000, 400, 3)
    assert used.cost_usd == pytest.approx(0.00203)
    assert came.done.finish == "stop"
    (asked,) = bench.provider.requests
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert [dict(message) for message in asked.messages] == [{"role": "user", "content": "Hello?"}]


async def test_words_arrive_while_the_provider_still_speaks(bench: Bench) -> None:
    go_on = asyncio.Event()
    bench.provider.script("slow", Reply("One two", pause_after=(1, go_on)))
    async with aclosing(bench.model.stream(call("openai/slow", bench.url))) as chunks:
        assert await anext(chunks) == Words("One")
        go_on.set()
        assert await anext(chunks) == Words(" two")
        assert isinstance(await anext(chunks), Done)


async def test_usage_that_was_not_reported_is_unknown(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    came = await outcome(bench.model, call("openai/gpt-4o", bench.url))
    assert came.done.usage == Usage()


async def test_a_model_without_a_price_has_figures_and_no_cost(bench: Bench) -> None:
    bench.provider.script(
        "own-model", Reply("Hi", usage={"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8})
    )
    came = await outcome(bench.model, call("openai/own-model", bench.url))
    assert came.done.usage == Usage.of(7, None, 1, None)


async def test_anthropic_reports_cached_tokens_and_its_thread_is_marked_for_the_cache(bench: Bench) -> None:
    usage = {
        "input_tokens": 100,
        "cache_read_input_tokens": 900,
        "cache_creation_input_tokens": 200,
        "output_tokens": 50,
    }
    bench.provider.script("claude-sonnet-4-6", Reply("Hello, you", finish="end_turn", usage=usage))
    asked = call(
        "anthropic/claude-sonnet-4-6", bench.provider.root, Message("system", "Be brief."), Message("user", "Hm?")
    )
    came = await outcome(bench.model, asked)
    assert came.text == "Hello, you"
    # 100 at $3.00, 900 read at $0.30, 200 written at $3.75 and 50 at $15.00 a million.
    used = came.done.usage
    assert (used.input_tokens, used.cached_tokens, used.output_tokens) == (1200, 900, 50)
    assert used.cost_usd == pytest.approx(0.00207)
    assert came.done.finish == "stop"
    body = bench.provider.requests[0].body
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert body["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls"])
async def test_the_providers_word_for_the_end_is_kept(bench: Bench, finish: str) -> None:
    bench.provider.script("ends", Reply("Well, I", finish=finish))
    assert (await outcome(bench.model, call("openai/ends", bench.url))).done.finish == finish


@pytest.mark.parametrize("done", [True, False])
async def test_an_end_that_the_provider_never_said_is_none(bench: Bench, done: bool) -> None:
    bench.provider.script("ends", Reply("Well, I", finish=None, done=done))
    came = await outcome(bench.model, call("openai/ends", bench.url))
    assert came.text == "Well, I"
    assert came.done.finish is None


async def test_what_is_not_a_stream_at_all_is_an_empty_reply_without_an_end(bench: Bench) -> None:
    bench.provider.script("portal", Reply(body="<html>Please sign in to this network</html>"))
    came = await outcome(bench.model, call("openai/portal", bench.url))
    assert (came.text, came.done.finish) == ("", None)


def refusal(status: int, message: str, code: str | None = None, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body={"error": {"message": message, "code": code}}, headers=sent)


PAGE = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>Sorry</body></html>"
TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
FILTERED = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (refusal(401, "Incorrect API key provided: sk-ab**yz."), "wrong_key", "check OPENAI_API_KEY, or drop alpha"),
        (refusal(401, f"Who is {CANARY}?"), "wrong_key", "[key]"),
        (refusal(403, "You may not."), "wrong_key", "You may not."),
        (refusal(402, "Insufficient Balance"), "no_credit", "top it up"),
        (refusal(429, "You exceeded your current quota."), "no_credit", "top it up"),
        (refusal(429, "Slow down", retry_after="7"), "rate_limit", "ask again in 7 s"),
        (refusal(429, "Please try again in 1m2.5s."), "rate_limit", "ask again in 63 s"),
        (refusal(400, TOO_LONG, "context_length_exceeded"), "context_too_long", "send fewer files"),
        (refusal(400, "That is more than fits.", "context_length_exceeded"), "context_too_long", "send fewer files"),
        (refusal(413, "too large"), "context_too_long", "send fewer files"),
        (refusal(400, FILTERED, "content_filter"), "content_filter", "rephrase"),
        (refusal(400, "Unsupported value: top_p"), "bad_request", "(Unsupported value: top_p)"),
        (refusal(422, "Not like this"), "bad_request", "(Not like this)"),
        (refusal(500, "Oops"), "overloaded", "ask again later"),
        (Reply(status=502, body=PAGE), "overloaded", "a web page: Bad gateway"),
        (refusal(503, "Overloaded", retry_after="2"), "overloaded", "ask again in 2 s"),
        (refusal(504, "Gateway Timeout"), "overloaded", "(Gateway Timeout)"),
    ],
)
async def test_a_refusal_is_told_by_its_kind_and_uses_nothing(bench: Bench, reply: Reply, kind: str, says: str) -> None:
    bench.provider.script("refuses", reply)
    failed = (await outcome(bench.model, call("openai/refuses", bench.url, key="OPENAI_API_KEY"))).failed
    assert failed.kind == kind
    assert says in failed.message
    assert "openai/refuses" in failed.message
    assert CANARY not in failed.message
    assert "litellm" not in failed.message
    assert failed.usage == Usage.nothing()
    assert len(bench.provider.requests) == 1, "litellm asked again by itself"


async def test_an_unknown_model_and_an_unknown_provider(bench: Bench) -> None:
    unknown = (await outcome(bench.model, call("openai/nobody", bench.url))).failed
    assert unknown.kind == "unknown_model"
    assert (await outcome(bench.model, call("nobody/nothing"))).failed.kind == "unknown_provider"
    assert (await outcome(bench.model, call("just-a-name"))).failed.kind == "unknown_provider"


async def test_a_refused_connection_names_the_address(bench: Bench) -> None:
    async with Provider() as gone:
        url = gone.url
    failed = (await outcome(bench.model, call("openai/x", url))).failed
    assert failed.kind == "refused_connection"
    assert url in failed.message


@pytest.mark.parametrize("words", [0, 2])
async def test_a_lost_connection_keeps_the_words_and_the_cost_unknown(bench: Bench, words: int) -> None:
    bench.provider.script("cut", Reply("One two three", cut_after=words))
    came = await outcome(bench.model, call("openai/cut", bench.url))
    assert came.text == " ".join(["One", "two"][:words])
    assert came.failed.kind == "cut"
    assert came.failed.usage == Usage()


@pytest.mark.parametrize(
    ("hang", "kind"), [("before_headers", "timeout"), ("before_words", "timeout"), ("between_words", "stalled")]
)
async def test_a_hang_runs_into_its_deadline_and_the_connection_is_closed(bench: Bench, hang: str, kind: str) -> None:
    reply = {h: Reply("One two", hang=h) for h in ("before_headers", "before_words", "between_words")}[hang]
    bench.provider.script("hangs", reply)
    came = await outcome(Deadline(bench.model), call("openai/hangs", bench.url, timeout=0.5))
    assert came.failed.kind == kind
    assert came.failed.usage == Usage()
    assert came.text == ("One" if kind == "stalled" else "")
    assert ("0.25 s" if kind == "stalled" else "0.5 s") in came.failed.message
    await bench.provider.closed(1)


async def test_closing_a_stream_closes_the_providers_connection(bench: Bench) -> None:
    bench.provider.script("long", Reply("One two three", hang="between_words"))
    pid = bench.worker.pid
    async with aclosing(bench.model.stream(call("openai/long", bench.url))) as chunks:
        assert await anext(chunks) == Words("One")
    await bench.provider.closed(1)
    assert bench.worker.pid == pid, "a call that ends when it is told costs nobody the process"


async def test_a_call_can_be_cancelled_before_the_provider_answers(bench: Bench) -> None:
    bench.provider.script("mute", Reply(hang="before_headers"))
    task = asyncio.create_task(outcome(bench.model, call("openai/mute", bench.url)))
    await bench.provider.asked(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.provider.closed(1)


async def test_calls_run_side_by_side(bench: Bench) -> None:
    release = asyncio.Event()
    bench.provider.script("waits", Reply("late", pause_after=(0, release)))
    bench.provider.script("quick", Reply("early"))
    late = asyncio.create_task(outcome(bench.model, call("openai/waits", bench.url)))
    await bench.provider.asked(1)
    assert (await outcome(bench.model, call("openai/quick", bench.url))).text == "early"
    assert not late.done()
    release.set()
    assert (await late).text == "late"


async def test_a_killed_worker_costs_its_call_and_the_next_gets_a_new_one(bench: Bench) -> None:
    bench.provider.script("long", Reply("One two", hang="between_words"))
    pid = bench.worker.pid
    assert pid is not None
    async with aclosing(bench.model.stream(call("openai/long", bench.url))) as chunks:
        assert await anext(chunks) == Words("One")
        os.kill(pid, signal.SIGKILL)
        came = await asyncio.gather(anext(chunks), return_exceptions=True)
        assert getattr(came[0], "kind", None) == "worker_died"
    bench.provider.script("quick", Reply("Back again"))
    assert (await outcome(bench.model, call("openai/quick", bench.url))).text == "Back again"
    assert bench.worker.pid not in (None, pid)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can't be stopped here")
async def test_a_worker_that_does_not_confirm_a_cancel_is_killed(bench: Bench) -> None:
    bench.provider.script("long", Reply("One two", hang="between_words"))
    pid = bench.worker.pid
    assert pid is not None
    async with aclosing(bench.model.stream(call("openai/long", bench.url))) as chunks:
        assert await anext(chunks) == Words("One")
        os.kill(pid, signal.SIGSTOP)
    await bench.provider.closed(1)
    bench.provider.script("quick", Reply("Back again"))
    assert (await outcome(bench.model, call("openai/quick", bench.url))).text == "Back again"
    assert bench.worker.pid not in (None, pid)


async def test_a_burst_of_2000_chunks_is_whole_and_few(bench: Bench) -> None:
    chunks = [f"word{number} " for number in range(2000)]
    bench.provider.script("burst", Reply(chunks=chunks))
    came = await outcome(bench.model, call("openai/burst", bench.url))
    assert came.text == "".join(chunks)
    assert len(came.chunks) < 1000


async def test_the_same_chunk_200_times_is_no_error(bench: Bench) -> None:
    bench.provider.script("again", Reply(chunks=["again "] * 200))
    came = await outcome(bench.model, call("openai/again", bench.url))
    assert came.done.finish == "stop"
    assert came.text == "again " * 200


async def test_a_reply_of_10_megabytes_arrives_whole(bench: Bench) -> None:
    bench.provider.script("big", Reply(chunks=["é" * 1_000_000] * 5))
    came = await outcome(bench.model, call("openai/big", bench.url))
    assert len(came.text.encode()) == 10_000_000


async def test_without_an_address_the_providers_own_is_asked(bench: Bench) -> None:
    """Neither the environment's OPENAI_BASE_URL nor a `.env` where the worker runs is followed: the proxy, which opens
    no tunnel, is asked for the real address."""
    await outcome(bench.model, call("openai/gpt-4o"))
    assert bench.provider.tunnels == ["api.openai.com:443"]
    assert not bench.provider.requests


async def test_the_key_is_the_named_variables_and_no_key_stops_before_any_request(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    odd = Architect("alpha", "openai/gpt-4o", api_base=bench.url, api_key_env="ODD_KEY")
    hello = (Message("user", "Hello?"),)
    await outcome(bench.model, Call(odd, hello))
    assert bench.provider.requests[0].headers["authorization"] == f"Bearer {ODD_KEY}"
    unset = Architect("bravo", "openai/gpt-4o", api_base=bench.url, api_key_env="NOT_SET_KEY")
    failed = (await outcome(bench.model, Call(unset, hello))).failed
    assert (failed.kind, failed.message) == ("no_key", "No key for openai: set NOT_SET_KEY, or drop bravo.")
    failed = (await outcome(bench.model, Call(Architect("charlie", "mistral/mistral-small"), hello))).failed
    assert (failed.kind, failed.message) == ("no_key", "No key for mistral: set MISTRAL_API_KEY, or drop charlie.")
    assert len(bench.provider.requests) == 1
    assert not bench.provider.tunnels


async def test_another_server_gets_no_key_that_is_not_named_for_it(bench: Bench) -> None:
    bench.provider.script("mine", Reply("Hello"), refusal(401, "Incorrect API key provided."))
    bench.provider.script("claude-sonnet-4-6", Reply("Hello", finish="end_turn"))
    assert (await outcome(bench.model, call("openai/mine", bench.url))).text == "Hello"
    assert (await outcome(bench.model, call("anthropic/claude-sonnet-4-6", bench.provider.root))).text == "Hello"
    for request in bench.provider.requests:
        assert "canary" not in str(request.headers)
    failed = (await outcome(bench.model, call("openai/mine", bench.url))).failed
    assert failed.kind == "key_not_named"
    assert bench.url in failed.message
    assert "name the variable that holds it in the apiKeyEnv of alpha, or drop alpha" in failed.message
    assert failed.usage == Usage.nothing()


async def test_a_key_of_any_form_is_kept_out_of_messages_and_logs(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.provider.script("tells", refusal(400, f"Bad: {ODD_KEY}"))
    odd = Architect("alpha", "openai/tells", api_base=bench.url, api_key_env="ODD_KEY")
    failed = (await outcome(bench.model, Call(odd, (Message("user", "Hello?"),)))).failed
    assert failed.kind == "bad_request"
    assert ODD_KEY not in failed.message
    assert ODD_KEY not in caplog.text
    assert ODD_KEY not in repr(failed)


async def test_settings_reach_the_provider_and_what_it_does_not_take_is_dropped(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    bench.provider.script("gpt-5", Reply("Hello"))
    hello = (Message("user", "Hello?"),)
    for model in ("openai/gpt-4o", "openai/gpt-5"):
        headers = (("X-Team", "blue"),)
        asked = Architect("alpha", model, api_base=bench.url, temperature=0.3, max_tokens=77, headers=headers)
        await outcome(bench.model, Call(asked, hello))
    first, second = bench.provider.requests
    assert (first.body["temperature"], first.body["max_tokens"]) == (0.3, 77)
    assert first.headers["x-team"] == "blue"
    assert "temperature" not in second.body
    assert second.body["max_completion_tokens"] == 77


async def test_an_estimate_sends_nothing(bench: Bench) -> None:
    thousand = (Message("user", "word " * 1000),)
    tokens, usd = await bench.worker.estimate("openai/gpt-4o", thousand)
    assert 900 < tokens < 1200
    assert usd == pytest.approx(tokens * 2.5e-6)
    assert (await bench.worker.estimate("openrouter/some/model", thousand))[1] is None
    assert (await bench.worker.estimate("ollama_chat/unheard-of", thousand))[1] is None
    assert (await bench.worker.estimate("ollama/llama3", thousand))[1] == 0.0
    await bench.worker.estimate("openai/gpt-4o", (Message("user", "a <|endoftext|> in the text"),))
    assert not bench.provider.tunnels
    assert not bench.provider.requests


WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
ASKED_FOR_WEATHER = (
    {"role": "system", "content": "Use the tools."},
    {"role": "user", "content": "Is it"},
    {"role": "user", "content": [{"type": "text", "text": "raining?"}]},
    {
        "role": "assistant",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "Which city?"},
)


def passing(bench: Bench, asked: str, said: Sequence[Mapping[str, Any]], **parameters: Any) -> Call:
    """A call that another program wants passed on, to an architect with settings of its own."""
    architect = Architect("alpha", asked, api_base=bench.url, temperature=0.3, max_tokens=77)
    return Call(architect, (Message("user", "in words"),), passing=Passing(tuple(said), parameters))


async def test_what_another_program_asks_for_is_passed_on_as_it_is(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    await outcome(
        bench.model,
        passing(
            bench,
            "openai/gpt-4o",
            ASKED_FOR_WEATHER,
            tools=[WEATHER],
            tool_choice="auto",
            parallel_tool_calls=False,
            stop=["END"],
            top_p=0.5,
            temperature=0.9,
            max_completion_tokens=5,
        ),
    )
    (asked,) = bench.provider.requests
    assert asked.messages == ASKED_FOR_WEATHER
    assert asked.body["tools"] == [WEATHER]
    assert (asked.body["tool_choice"], asked.body["parallel_tool_calls"]) == ("auto", False)
    assert (asked.body["stop"], asked.body["top_p"], asked.body["temperature"]) == (["END"], 0.5, 0.9)
    assert asked.body["max_completion_tokens"] == 5
    assert "max_tokens" not in asked.body


async def test_no_parameter_says_who_is_asked_where_and_with_which_key(bench: Bench) -> None:
    bench.provider.script("gpt-4o", Reply("Hello"))
    asked = passing(
        bench,
        "openai/gpt-4o",
        ({"role": "user", "content": "Hello?"},),
        model="openai/other",
        messages=[],
        api_key="sk-elsewhere",
        api_base=bench.forbidden.url,
        base_url=bench.forbidden.url,
        extra_headers={"X-Team": "red"},
        mock_response="made up",
        custom_llm_provider="anthropic",
        stream=False,
        metadata={"a": "b"},
    )
    assert (await outcome(bench.model, asked)).text == "Hello"
    (request,) = bench.provider.requests
    assert request.model == "gpt-4o"
    assert "elsewhere" not in str(request.headers)
    assert "x-team" not in request.headers
    assert request.body.keys() <= {"model", "messages", "stream", "stream_options", "temperature", "max_tokens"}
    # The architect's own settings hold where the program says nothing.
    assert (request.body["temperature"], request.body["max_tokens"]) == (0.3, 77)


async def test_tool_calls_arrive_in_their_parts(bench: Bench) -> None:
    parts: list[Mapping[str, Any]] = [
        {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"city": '}},
        {"index": 0, "function": {"arguments": '"Oslo"}'}},
        {"index": 1, "id": "c2", "type": "function", "function": {"name": "weather", "arguments": "{}"}},
    ]
    usage = {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8}
    bench.provider.script("calls", Reply("Let me look.", calls=parts, finish="tool_calls", usage=usage))
    came = await outcome(
        bench.model, passing(bench, "openai/calls", ({"role": "user", "content": "Rain?"},), tools=[WEATHER])
    )
    assert came.text == "Let me look."
    first_call = next(place for place, chunk in enumerate(came.chunks) if isinstance(chunk, ToolCalls))
    assert not any(isinstance(chunk, Words) for chunk in came.chunks[first_call:]), "the order is lost"
    whole: dict[int, dict[str, str]] = {}
    for part in (part for chunk in came.chunks if isinstance(chunk, ToolCalls) for part in chunk.calls):
        one = whole.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
        one["id"] += part.get("id", "")
        one["name"] += part["function"].get("name", "")
        one["arguments"] += part["function"].get("arguments", "")
    assert whole == {
        0: {"id": "c1", "name": "weather", "arguments": '{"city": "Oslo"}'},
        1: {"id": "c2", "name": "weather", "arguments": "{}"},
    }
    assert came.done == Done("tool_calls", Usage.of(7, None, 1, None))


async def test_a_tool_call_counts_as_a_word_for_the_deadlines(bench: Bench) -> None:
    part = {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    bench.provider.script("hangs", Reply(chunks=(), calls=[part], hang="between_words"))
    asked = passing(bench, "openai/hangs", ({"role": "user", "content": "Rain?"},), tools=[WEATHER])
    asked = evolve(asked, architect=evolve(asked.architect, timeout=0.8))
    came = await outcome(Deadline(bench.model), asked)
    assert any(isinstance(chunk, ToolCalls) for chunk in came.chunks)
    assert came.failed.kind == "stalled"


async def test_what_is_passed_on_alternates_where_a_provider_wants_that(bench: Bench) -> None:
    bench.provider.script("claude-sonnet-4-6", Reply("Hello", finish="end_turn"))
    asked = passing(bench, "anthropic/claude-sonnet-4-6", ASKED_FOR_WEATHER, tools=[WEATHER])
    asked = evolve(asked, architect=evolve(asked.architect, api_base=bench.provider.root))
    assert (await outcome(bench.model, asked)).text == "Hello"
    body = bench.provider.requests[0].body
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"][0]["type"] == "tool_use"
    assert body["messages"][2]["content"][0]["tool_use_id"] == "c1"
