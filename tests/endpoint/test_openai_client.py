"""OpenAI's own client for Python gets answers from a preset: streamed and not, with tools, usage and errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import openai
import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk

from tests.endpoint.serving import TOKEN, USED, Serving
from tests.provider.server import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOK: Any = {
    "type": "function",
    "function": {"name": "look", "strict": True, "parameters": {"type": "object", "properties": {}}},
}
PARTS: list[dict[str, Any]] = [
    {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}},
    {"index": 0, "function": {"arguments": '{"at": '}},
    {"index": 0, "function": {"arguments": '"it"}'}},
]
ASKED: Any = [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": "Where is it?"}]


@pytest_asyncio.fixture(loop_scope="module")
async def client(here: Serving) -> AsyncGenerator[AsyncOpenAI, None]:
    async with AsyncOpenAI(base_url=here.url, api_key=TOKEN) as client:
        yield client


async def chunks(stream: Any) -> list[ChatCompletionChunk]:
    return [chunk async for chunk in stream]


async def test_the_presets_are_its_models(client: AsyncOpenAI) -> None:
    found = [model.id async for model in client.models.list()]
    assert {"moa/default", "moa/round", "moa/panel", "moa/solo", "moa/board", "moa/one"} <= set(found)
    assert (await client.models.retrieve("moa/board")).id == "moa/board"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("moa/nobody")


async def test_an_answer_at_once(client: AsyncOpenAI, here: Serving) -> None:
    answer = await client.chat.completions.create(model="moa/board", messages=ASKED)
    assert answer.model == "moa/board"
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "boss says so")
    assert choice.finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (30, 6, 36)
    assert [request.model for request in here.provider.requests][-1] == "boss"


async def test_an_answer_as_it_is_written(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="moa/board", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    came = await chunks(stream)
    assert came[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in came if chunk.choices) == "boss says so"
    assert len({chunk.id for chunk in came}) == 1
    *_, last, used = came
    assert last.choices[0].finish_reason == "stop"
    assert used.choices == []
    assert used.usage is not None
    assert used.usage.total_tokens == 36


async def test_usage_is_told_to_those_who_ask_for_it(client: AsyncOpenAI) -> None:
    came = await chunks(await client.chat.completions.create(model="moa/one", messages=ASKED, stream=True))
    assert all(chunk.usage is None for chunk in came)
    assert came[-1].choices[0].finish_reason == "stop"


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_tool_call_there_and_back(client: AsyncOpenAI, here: Serving, streamed: bool) -> None:
    here.provider.script(
        "boss",
        Reply("Aye.", calls=PARTS, finish="tool_calls", usage=USED),
        Reply("Under the palm.", usage=USED),
    )
    if streamed:
        async with client.chat.completions.stream(model="moa/board", messages=ASKED, tools=[LOOK]) as stream:
            first = await stream.get_final_completion()
    else:
        first = await client.chat.completions.create(model="moa/board", messages=ASKED, tools=[LOOK])
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert message.content == "Aye."
    assert message.tool_calls is not None
    (call,) = message.tool_calls
    assert call.type == "function"
    assert (call.id, call.function.name, call.function.arguments) == ("c1", "look", '{"at": "it"}')
    function = {"name": call.function.name, "arguments": call.function.arguments}
    said: Any = {
        "role": "assistant",
        "content": message.content,
        "tool_calls": [{"id": call.id, "type": "function", "function": function}],
    }
    result: Any = {"role": "tool", "tool_call_id": call.id, "content": "a palm"}
    second = await client.chat.completions.create(model="moa/board", messages=[*ASKED, said, result], tools=[LOOK])
    assert second.choices[0].message.content == "Under the palm."
    assert [request.model for request in here.provider.requests].count("alpha") == 1
    boss = here.asked("boss")[1]
    assert [dict(one) for one in boss.messages[-2:]] == [said, result]


async def test_what_the_client_wants_goes_to_who_answers_only(client: AsyncOpenAI, here: Serving) -> None:
    await client.chat.completions.create(
        model="moa/board",
        messages=ASKED,
        temperature=0.1,
        top_p=0.9,
        stop=["END"],
        max_completion_tokens=50,
        response_format={"type": "json_object"},
        seed=7,
        user="somebody",
        extra_body={"api_base": "http://127.0.0.1:1", "api_key": "sk-elsewhere"},
    )
    boss = here.asked("boss")[0].body
    assert (boss["temperature"], boss["top_p"], boss["stop"], boss["seed"]) == (0.1, 0.9, ["END"], 7)
    assert boss["max_completion_tokens"] == 50
    assert boss["response_format"] == {"type": "json_object"}
    assert "user" not in boss
    assert here.asked("alpha")[0].body.keys() <= {"model", "messages", "stream", "stream_options"}


async def test_an_unknown_model_and_a_wrong_key(client: AsyncOpenAI, here: Serving) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="moa/nobody", messages=ASKED)
    assert unknown.value.code == "model_not_found"
    assert "moa/board" in unknown.value.message
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="another").chat.completions.create(model="moa/one", messages=ASKED)
    assert not here.provider.requests


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(("preset", "calls"), [("one", 1), ("board", 3)])
async def test_a_failure_is_an_error_and_nobody_is_asked_again(
    client: AsyncOpenAI, here: Serving, streamed: bool, preset: str, calls: int
) -> None:
    for name in ("alpha", "bravo", "boss"):
        here.provider.script(name, Reply(status=400, body={"error": {"message": "Not like this."}}))
    with pytest.raises(openai.BadRequestError, match=r"Not like this\."):
        await client.chat.completions.create(model=f"moa/{preset}", messages=ASKED, stream=streamed)
    # What a client's own retries would ask for a second time: all calls of a mixture.
    for name in ("alpha", "bravo", "boss"):
        here.provider.script(name, Reply("", finish="stop"))
    with pytest.raises(openai.InternalServerError):
        await client.chat.completions.create(model=f"moa/{preset}", messages=ASKED, stream=streamed)
    assert len(here.provider.requests) == 2 * calls


async def test_what_does_not_fit_is_told_by_openais_own_word(client: AsyncOpenAI, here: Serving) -> None:
    too_long = "This model's maximum context length is 8192 tokens."
    body = {"error": {"message": too_long, "code": "context_length_exceeded"}}
    here.provider.script("boss", Reply(status=400, body=body))
    with pytest.raises(openai.BadRequestError) as failed:
        await client.chat.completions.create(model="moa/one", messages=ASKED)
    assert failed.value.code == "context_length_exceeded"


async def test_an_answer_that_breaks_off_is_an_error_in_the_stream(client: AsyncOpenAI, here: Serving) -> None:
    here.provider.script("boss", Reply("One two three", cut_after=1))
    stream = await client.chat.completions.create(model="moa/board", messages=ASKED, stream=True)
    text: list[str] = []

    async def read() -> None:
        async for chunk in stream:
            text.extend(choice.delta.content or "" for choice in chunk.choices)

    with pytest.raises(openai.APIError, match="was lost"):
        await read()
    assert "".join(text) == "One"


async def test_who_stops_reading_stops_all_calls(client: AsyncOpenAI, here: Serving) -> None:
    here.provider.script("boss", Reply("One two", hang="between_words"))
    stream = await client.chat.completions.create(model="moa/board", messages=ASKED, stream=True)
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    await stream.close()
    await here.provider.closed(3)
