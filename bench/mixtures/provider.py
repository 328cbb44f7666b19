"""A provider that takes its time: it streams OpenAI's chat completions over loopback at the pace of real models, and
keeps its own clock of every call. A process of its own, so that neither disturbs what is measured nor is disturbed.

    python -m bench.mixtures.provider SEED

prints its port and serves until its input ends. `GET /calls` tells and forgets the calls since the last time, in the
order in which they began. A call's pace comes from the seed, its model's name and how often that was asked, so a seed
means the same seconds on every machine. What it says is of no use, but is as long as it takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from random import Random
from typing import Any

from attrs import asdict, field, frozen, mutable

FIRST = (0.6, 1.8)
"""Seconds to the first word, least and most."""
WORDS = (150, 320)
PACE = (45, 90)
"""Words a second."""

_SENTENCE = "the store keeps what a caller puts and an error says which key nobody had put there"
_WORDS = tuple(f"{word} " for word in _SENTENCE.split())


@frozen
class Pace:
    """How one call goes: seconds until the first word, then so many words, so many a second."""

    first: float
    words: int
    each: float

    @property
    def seconds(self) -> float:
        return self.first + self.words * self.each


@frozen
class Call:
    """One call by the provider's clock, in seconds of the machine's monotonic one: when the request was there, and
    when the last byte of the answer was handed over."""

    model: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def pace_of(seed: int, model: str, time_asked: int) -> Pace:
    random = Random(f"{seed} {model} {time_asked}")
    return Pace(random.uniform(*FIRST), random.randint(*WORDS), 1 / random.uniform(*PACE))


@mutable
class Provider:
    """Answers requests, and remembers its calls."""

    seed: int
    calls: list[Call] = field(factory=list[Call])
    asked: Counter[str] = field(factory=Counter[str])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which carries one request."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next((int(line[15:]) for line in head.lower().split("\r\n") if line[:15] == "content-length:"), 0)
            body = await reader.readexactly(length)
            if head.startswith("GET /calls "):
                await self._tell(writer)
            else:
                await self._answer(json.loads(body)["model"], writer)
        writer.close()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        calls = json.dumps([asdict(call) for call in sorted(self.calls, key=lambda call: call.began)]).encode()
        self.calls.clear()
        writer.write(_head("application/json") + calls)
        await writer.drain()

    async def _answer(self, model: str, writer: asyncio.StreamWriter) -> None:
        began = time.monotonic()
        self.asked[model] += 1
        pace = pace_of(self.seed, model, self.asked[model])
        writer.write(_head("text/event-stream"))
        await writer.drain()
        opening, closing = "I looked at it.\n\n<proposal>\n1. ", "\n</proposal>\n"
        for number in range(pace.words):
            await asyncio.sleep(began + pace.first + number * pace.each - time.monotonic())
            word = _WORDS[number % len(_WORDS)]
            await _send(writer, model, {"content": opening + word if number == 0 else word})
        await asyncio.sleep(began + pace.seconds - time.monotonic())
        await _send(writer, model, {"content": closing})
        await _send(writer, model, {}, "stop")
        usage = {"prompt_tokens": 1000, "completion_tokens": pace.words, "total_tokens": 1000 + pace.words}
        await _event(writer, {**_envelope(model), "choices": [], "usage": usage})
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
        self.calls.append(Call(model, began, time.monotonic()))


def _head(kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()


def _envelope(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-paced", "object": "chat.completion.chunk", "created": 1, "model": model}


async def _send(writer: asyncio.StreamWriter, model: str, delta: dict[str, str], finish: str | None = None) -> None:
    await _event(writer, {**_envelope(model), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def _event(writer: asyncio.StreamWriter, event: dict[str, Any]) -> None:
    writer.write(f"data: {json.dumps(event)}\n\n".encode())
    await writer.drain()


async def _main(seed: int) -> None:
    provider = Provider(seed)
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
