"""A scripted provider that speaks OpenAI's chat completions over loopback HTTP, streamed and whole, and enough of
Anthropic's messages (streamed, well-behaved) to see how another format arrives.

    async with Provider() as provider:
        provider.script("gpt-4o", Reply("Hello, you."), Reply(status=429, headers={"Retry-After": "1"}))
        ...  # ask `openai/gpt-4o` with api_base=provider.url
        await provider.asked(1)

One reply is consumed a request, and the last one repeats; a model without a script is answered as a provider answers
an unknown model: 404. A reply can be late, hang, pause, break off or lack its end, as real ones do. `requests` holds
what was asked. Requests are counted from 1.

Raw sockets on purpose: a test must be able to drop a connection at a given chunk, and to know when the client drops it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Literal, Self

from attrs import field, frozen

Json = Mapping[str, Any]


@frozen
class Reply:
    """What the provider does with one request.

    `chunks` are the deltas a stream sends (`None`: `text` word by word), and `calls` the parts of tool calls that it
    sends after them. `finish` is the finish reason (`None`: none is
    sent). `usage` is sent only to those who ask for it, as most providers do, or with `unasked` to all; `None` never.
    `body` replaces the whole answer (an error's JSON, or raw text). `delay` is in seconds before the headers.
    `pause_after` is a number of chunks and what to wait for then: an event, or seconds. `hang` never goes on: until
    the client gives up. `cut_after` drops the TCP connection after that many chunks. `done=False` leaves out the
    closing `[DONE]`.
    """

    text: str = ""
    chunks: Sequence[str] | None = None
    calls: Sequence[Json] = ()
    finish: str | None = "stop"
    usage: Json | None = None
    unasked: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: Json | str | None = None
    delay: float = 0.0
    pause_after: tuple[int, asyncio.Event | float] | None = None
    hang: Literal["before_headers", "before_words", "between_words"] | None = None
    cut_after: int | None = None
    done: bool = True

    @property
    def deltas(self) -> Sequence[str]:
        return self.chunks if self.chunks is not None else re.findall(r"\s*\S+|\s+$", self.text)


@frozen
class Asked:
    """A request as it arrived. Header names are in lower case."""

    model: str
    messages: tuple[Json, ...]
    body: Json
    headers: Mapping[str, str]


_Stream = Callable[[asyncio.StreamWriter, Reply, Json], Coroutine[Any, Any, None]]


class _Cut(Exception):
    """The reply says to drop the connection here."""


class Provider:
    """The server. Use it as an async context manager; it listens on a free port of 127.0.0.1.

    `pages` answers GET requests: path to JSON (an Ollama's `/api/tags`, for one). As a proxy it opens no tunnel, and
    `tunnels` says which were asked for (`HOST:PORT`): so a test sees where a request would have gone.
    """

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.pages: dict[str, Json] = {}
        self.tunnels: list[str] = []
        self._scripts: dict[str, list[Reply]] = {}
        self._closed: set[int] = set()
        self._news = asyncio.Condition()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def root(self) -> str:
        """The server's address without a path: `http://127.0.0.1:PORT`."""
        assert self._server is not None, "enter the provider first"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def url(self) -> str:
        """The `api_base`: `http://127.0.0.1:PORT/v1`."""
        return f"{self.root}/v1"

    def script(self, model: str, *replies: Reply) -> None:
        """Sets the replies for that model, named as the provider sees it (without litellm's prefix)."""
        assert replies, "a script needs a reply"
        self._scripts[model] = list(replies)

    def forget(self) -> None:
        """Forgets what was asked and closed, so that counting begins anew at 1; scripts stay. For a provider that
        several tests share."""
        self.requests.clear()
        self.tunnels.clear()
        self._closed.clear()

    async def asked(self, number: int, seconds: float = 20.0) -> Asked:
        """Waits until that request (from 1) has arrived, and returns it."""
        await self._until(lambda: len(self.requests) >= number, seconds)
        return self.requests[number - 1]

    async def closed(self, number: int, seconds: float = 20.0) -> None:
        """Waits until the client has closed the connection of that request (from 1) before its reply ended."""
        await self._until(lambda: number in self._closed, seconds)

    async def _until(self, so: Any, seconds: float) -> None:
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(so)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError, _Cut):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if method == "GET" and path in self.pages:
            return await _whole(writer, 200, {}, self.pages[path])
        if method == "CONNECT":
            self.tunnels.append(path)
            return await _whole(writer, 403, {}, "no tunnel here")
        if method != "POST" or not path.endswith(("/chat/completions", "/v1/messages")):
            return await _whole(writer, 404, {}, {"error": {"message": f"no such page: {path}"}})
        body: dict[str, Any] = json.loads(raw)
        reply = self._next(body["model"])
        async with self._news:
            self.requests.append(Asked(body["model"], tuple(body["messages"]), body, headers))
            number = len(self.requests)
            self._news.notify_all()
        stream = _anthropic if path.endswith("/v1/messages") else _streamed
        await self._answer(number, _reply(writer, reply, body, stream), reader)

    async def _answer(self, number: int, reply: Coroutine[Any, Any, None], reader: asyncio.StreamReader) -> None:
        """Replies, and meanwhile watches whether the client hangs up."""
        answer = asyncio.create_task(reply)
        gone = asyncio.create_task(_gone(reader))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() or isinstance(answer.exception(), ConnectionError):
                async with self._news:
                    self._closed.add(number)
                    self._news.notify_all()
            elif error := answer.exception():
                raise error
        finally:
            answer.cancel()
            gone.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)

    def _next(self, model: str) -> Reply:
        replies = self._scripts.get(model)
        if replies is None:
            message = f"The model `{model}` does not exist or you do not have access to it."
            return Reply(status=404, body={"error": {"message": message, "code": "model_not_found"}})
        return replies.pop(0) if len(replies) > 1 else replies[0]


async def _gone(reader: asyncio.StreamReader) -> None:
    """Returns when the client has hung up. One connection carries one request, so nothing else can arrive."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(1024):
            pass


async def _reply(writer: asyncio.StreamWriter, reply: Reply, body: Json, stream: _Stream) -> None:
    await asyncio.sleep(reply.delay)
    if reply.hang == "before_headers":
        await asyncio.Event().wait()
    if reply.body is not None or reply.status != HTTPStatus.OK:
        said = reply.body if reply.body is not None else {"error": {"message": HTTPStatus(reply.status).phrase}}
        return await _whole(writer, reply.status, reply.headers, said)
    if body.get("stream"):
        return await stream(writer, reply, body)
    message = {"role": "assistant", "content": "".join(reply.deltas)}
    answer = {
        **_envelope(body, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": reply.usage,
    }
    await _whole(writer, 200, reply.headers, answer)


async def _streamed(writer: asyncio.StreamWriter, reply: Reply, body: Json) -> None:
    sent = {**reply.headers, "Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}
    writer.write(_head(200, sent))
    await writer.drain()

    async def send(event: Json | str) -> None:
        data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()

    def delta(values: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": values, "finish_reason": finish}
        return {**_envelope(body, "chat.completion.chunk"), "choices": [choice]}

    await send(delta({"role": "assistant", "content": ""}))
    if reply.hang == "before_words":
        await asyncio.Event().wait()
    for number, text in enumerate(reply.deltas):
        if reply.cut_after == number:
            raise _Cut
        if reply.hang == "between_words" and number == 1:
            await asyncio.Event().wait()
        if reply.pause_after is not None and reply.pause_after[0] == number:
            await _pause(reply.pause_after[1])
        await send(delta({"content": text}))
    for call in reply.calls:
        await send(delta({"tool_calls": [call]}))
    if reply.cut_after is not None:
        raise _Cut
    if reply.hang == "between_words":
        await asyncio.Event().wait()
    if reply.finish is not None:
        await send(delta({}, reply.finish))
    options: Json = body.get("stream_options") or {}
    if reply.usage is not None and (reply.unasked or options.get("include_usage")):
        await send({**_envelope(body, "chat.completion.chunk"), "choices": [], "usage": reply.usage})
    if reply.done:
        await send("[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _anthropic(writer: asyncio.StreamWriter, reply: Reply, body: Json) -> None:
    """A whole stream in Anthropic's events. `usage` is theirs: input at the start, output at the end."""
    usage = dict(reply.usage or {})
    output = usage.pop("output_tokens", 0)
    start: Json = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": body["model"]}
    text = {"type": "text", "text": ""}
    events: list[Json] = [
        {"type": "message_start", "message": {**start, "usage": {**usage, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": text},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": delta}}
            for delta in reply.deltas
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reply.finish}, "usage": {"output_tokens": output}},
        {"type": "message_stop"},
    ]
    raw = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()
    writer.write(_head(200, {"Content-Type": "text/event-stream", "Content-Length": str(len(raw))}) + raw)
    await writer.drain()


async def _pause(until: asyncio.Event | float) -> None:
    await (until.wait() if isinstance(until, asyncio.Event) else asyncio.sleep(until))


async def _whole(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str], body: Json | str) -> None:
    raw = (body if isinstance(body, str) else json.dumps(body)).encode()
    sent = {"Content-Type": "application/json", **headers, "Content-Length": str(len(raw))}
    writer.write(_head(status, sent) + raw)
    await writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("latin-1")


def _envelope(body: Json, kind: str) -> Json:
    return {"id": "chatcmpl-scripted", "object": kind, "created": 1, "model": body["model"]}
