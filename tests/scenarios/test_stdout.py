"""stdout carries frames and nothing else while litellm fails in every way it can.

litellm prints help and feedback to stdout when calls fail (measured), and one stray byte there ends an editor's
connection for good. The client here looks at every byte.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.raw import Json, RawClient, framed

SSE = {"Content-Type": "text/event-stream"}
HTML = "<html><body><h1>500 Internal Server Error</h1>\nContent-Length: 3\r\n\r\n{}</body></html>"


def chunk(**choice: Any) -> str:
    envelope = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**envelope, 'choices': [{'index': 0, **choice}]})}\n\n"


# What the provider does, by the model's name: failures that end a turn, and those after which it is asked again.
SCRIPTS: dict[str, Reply] = {
    "unauthorized": Reply(status=401, body={"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}),
    "forbidden-html": Reply(status=403, body=HTML, headers={"Content-Type": "text/html"}),
    "too-long": Reply(status=400, body={"error": {"message": "Too many tokens", "code": "context_length_exceeded"}}),
    "teapot": Reply(status=418, body="short and stout"),
    "wrong-type": Reply(body=HTML, headers={"Content-Type": "text/html"}),
    "cut-json": Reply(body='data: {"id": "x", "choices": [{"delta"', headers=SSE),
    "garbage": Reply(body="\x00\x01\x02 Content-Length: 5\r\n\r\n\n\n", headers=SSE),
    "odd-choices": Reply(body='data: {"choices": [{"delta": {"content": {"a": 1}}}]}\n\ndata: [DONE]\n\n', headers=SSE),
    "empty": Reply(body="", headers=SSE),
    "filtered": Reply(body=chunk(delta={"content": "no"}, finish_reason="content_filter"), headers=SSE),
    "cut-off": Reply(body=chunk(delta={"content": "and th"}, finish_reason="length"), headers=SSE),
    "tool": Reply(body=chunk(delta={"tool_calls": [{"index": 0}]}, finish_reason="tool_calls"), headers=SSE),
    "json-whole": Reply(body={"choices": []}),
    "broken": Reply("one two three", cut_after=1),
}
TRIED_AGAIN: dict[str, Reply] = {
    "server-error": Reply(status=500, body=HTML, headers={"Content-Type": "text/html"}),
    "bad-json": Reply(body="data: {not json\n\ndata: [DONE]\n\n", headers=SSE),
    "no-choices": Reply(body='data: {"id": "x"}\n\ndata: 5\n\ndata: null\n\ndata: []\n\ndata: [DONE]\n\n', headers=SSE),
    "error-event": Reply(body='data: {"error": {"message": "overloaded", "type": "x"}}\n\n', headers=SSE),
}


async def test_nothing_unframed_while_litellm_fails_in_every_way(provider: Provider, tmp_path: Path) -> None:
    for model, reply in {**SCRIPTS, **TRIED_AGAIN}.items():
        provider.script(model, reply)
    with socket.create_server(("127.0.0.1", 0)) as free:
        refused = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    entries: list[Json] = [{"name": name, "model": f"openai/{name}", "apiBase": provider.url} for name in SCRIPTS]
    entries += [
        {"name": "unknown-model", "model": "openai/unknown-model", "apiBase": provider.url},
        {"name": "unknown-provider", "model": "nobody/knows", "apiBase": provider.url},
        {"name": "no-provider", "model": "just-a-name", "apiBase": provider.url},
        {"name": "missing-key", "model": "anthropic/claude-sonnet-5-5"},
        {"name": "named-key", "model": "openai/gpt", "apiKeyEnv": "MOA_TEST_NO_SUCH_KEY", "apiBase": provider.url},
    ]
    (tmp_path / "api.py").write_text("a = 1\n")
    editor = {"model": "openai/unauthorized", "apiBase": provider.url}
    settings = {"architects": entries, "editor": editor}
    client = RawClient.start(tmp_path)
    try:
        await asyncio.to_thread(client.initialize, tmp_path, options={"settings": settings})
        answered = await asyncio.to_thread(client.request, "moa/discuss", {"message": "Well?"})
        assert "result" in answered, answered
        turns = {turn["architect"]: turn for turn in answered["result"]["turns"]}
        assert turns.keys() == {entry["name"] for entry in entries}
        assert {turn["status"] for turn in turns.values()} == {"failed"}
        assert all(turn["error"]["kind"] and turn["error"]["message"] for turn in turns.values())
        said = [turn["error"]["message"] for turn in turns.values()]
        assert not [message for message in said if "Traceback" in message or "litellm." in message]
        refusal = await asyncio.to_thread(client.request, "moa/code", {})
        assert refusal["error"]["code"] == -32803

        # A server that fails or isn't there is asked again, visibly, so these are stopped while they wait.
        stuck = {**dict.fromkeys(TRIED_AGAIN, provider.url), "refused": refused}
        for name, base in stuck.items():
            entry = {"name": name, "model": f"openai/{name}", "apiBase": base}
            pushed = {"settings": {"moa": {"architects": [entry]}}}
            await asyncio.to_thread(client.notify, "workspace/didChangeConfiguration", pushed)
            asked = client.start_request("moa/discuss", {"message": "And now?"})
            await asyncio.to_thread(client.take, is_waiting_for(name))
            await asyncio.to_thread(client.notify, "$/cancelRequest", {"id": asked})
            stopped = await asyncio.to_thread(client.answer, asked)
            assert stopped["error"]["code"] == -32800
        assert await asyncio.to_thread(client.end) == 0
    finally:
        await asyncio.to_thread(client.close)
    assert client.faults == []


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\n",
        b"\n",
        framed({"jsonrpc": "2.0", "method": "x"}) + b"{}",
        framed(b"hello"),
        framed({"id": 1, "result": None}),
        framed({"jsonrpc": "2.0", "id": 1}),
        framed({"jsonrpc": "2.0", "id": 1, "error": {"message": "x", "data": "Traceback (most recent call last)"}}),
        framed([]),
    ],
    ids=repr,
)
def test_the_client_here_notices_every_such_fault(sent: bytes) -> None:
    read, write = os.pipe()
    with os.fdopen(write, "wb") as writing:
        client = RawClient(writing, os.fdopen(read, "rb", buffering=0))
        writing.write(sent)
    client.close()
    assert len(client.faults) == 1


def is_waiting_for(architect: str) -> Callable[[Json], bool]:
    def wanted(message: Json) -> bool:
        params: Json = message.get("params") or {}
        return params.get("kind") == "turnWaiting" and params["architect"] == architect

    return wanted
