"""The process that talks to models: the only one that imports litellm. Run by `worker_client.py` as a file of its own.

Why a process: litellm prints to stdout, takes seconds and much memory to import, stalls a loop in a burst, and reads
`.env` files of where it is (all measured). Here none of that reaches the protocol, the loop or the workspace.

Rules: it imports the standard library and litellm, nothing else, so that it needs no `sys.path` of ours; one JSON
object a line on the stdin and stdout it was born with, which are moved away before anything can print; it makes no
request of its own (price map, headers, tokenizers are litellm's bundled ones); a key comes with its call and is written
nowhere; when its stdin ends, it ends at once.

In: `{do: warm|start|cancel|estimate|models, id, …}`. Out: `{id, kind, …}` with `warm`, `chunk {text}`, `thinking`,
`tools {calls}`, `done {finish, usage}`, `error {name, code, status, message, headers, spoke}`, `cancelled`,
`estimate {tokens, usd}`, `models {models}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

SETTINGS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
}
"""Set before the import: without them it fetches maps over the network and reads `.env` files (measured, source)."""

_FLUSH_SECONDS = 0.015
"""Chunks that follow each other faster than this are sent as one (2,000 chunks in a burst are a few lines)."""

_THINKING_SECONDS = 5.0
"""How often a model that reasons unseen is said to be at work."""

_READ_SECONDS = 3600.0
"""litellm's own timeout, out of the way: the deadlines are the caller's, who cancels."""

_AGAIN = ("retry-after", "retry-after-ms")

Json = dict[str, Any]


class Worker:
    """Answers the orders that come in by line; `send` writes one answer."""

    def __init__(self, send: Callable[[Json], None]) -> None:
        self._send = send
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._litellm: asyncio.Task[Any] | None = None

    def take(self, order: Json) -> None:
        """Carries out one order, on the loop's thread."""
        number = int(order["id"])
        if order["do"] == "cancel":
            call = self._calls.get(number)
            if call is None:
                self._send({"id": number, "kind": "cancelled"})
            else:
                call.cancel()
            return
        orders = {"warm": self._warm, "start": self._start, "estimate": self._estimate, "models": self._models}
        doing = orders[order["do"]]
        task = asyncio.get_running_loop().create_task(self._answered(number, doing(number, order)))
        self._calls[number] = task
        task.add_done_callback(lambda _: self._calls.pop(number, None))

    async def _answered(self, number: int, doing: Any) -> None:
        """Sees to it that an order is answered, whatever becomes of it."""
        try:
            await doing
        except asyncio.CancelledError:
            self._send({"id": number, "kind": "cancelled"})
        except Exception as error:
            traceback.print_exc()
            self._send({"id": number, "kind": "error", **error_data(error, spoke=False)})

    async def _loaded(self) -> Any:
        """litellm, imported on a thread: the loop goes on, so that a cancel is answered meanwhile."""
        if self._litellm is None:
            self._litellm = asyncio.create_task(prepared())
        return await asyncio.shield(self._litellm)

    async def _warm(self, number: int, _: Json) -> None:
        await self._loaded()
        self._send({"id": number, "kind": "warm"})

    async def _estimate(self, number: int, order: Json) -> None:
        litellm = await self._loaded()
        tokens = await asyncio.to_thread(count, litellm, order["model"], order["messages"])
        usd = price(litellm, order["model"], prompt_tokens=tokens)
        self._send({"id": number, "kind": "estimate", "tokens": tokens, "usd": usd})

    async def _models(self, number: int, order: Json) -> None:
        litellm = await self._loaded()
        found = {provider: chat_models(litellm, provider, time.strftime("%Y-%m-%d")) for provider in order["providers"]}
        self._send({"id": number, "kind": "models", "models": found})

    async def _start(self, number: int, order: Json) -> None:
        litellm = await self._loaded()
        words = _Words(lambda part: self._send({"id": number, **part}))
        stream: Any = None
        try:
            stream = await litellm.acompletion(**arguments(order))
            finish = await self._read(number, stream, words)
            words.flush()
            # What no provider's chunk said, litellm makes up: "stop" for a finish, an own count for the usage.
            said = stream.received_finish_reason or stream.intermittent_finish_reason
            usage = usage_of(litellm, order["model"], stream)
            self._send({"id": number, "kind": "done", "finish": finish if said else None, "usage": usage})
        except asyncio.CancelledError:
            words.flush()
            raise
        except Exception as error:
            words.flush()
            self._send({"id": number, "kind": "error", **error_data(error, spoke=words.spoke)})
        finally:
            words.close()
            if stream is not None:
                with contextlib.suppress(Exception):
                    await stream.aclose()

    async def _read(self, number: int, stream: Any, words: _Words) -> str | None:
        """Passes a stream's words and tool calls on; returns the last finish reason in it."""
        finish: str | None = None
        told = 0.0
        async for chunk in stream:
            choice = chunk.choices[0] if chunk.choices else None
            if choice is None:
                continue
            finish = choice.finish_reason or finish
            tools: list[Any] = getattr(choice.delta, "tool_calls", None) or []
            if choice.delta.content or tools:
                words.add(choice.delta.content, [tool_call(one) for one in tools])
                # A buffered burst never gives way by itself; a cancel must be seen in it.
                await asyncio.sleep(0)
            elif getattr(choice.delta, "reasoning_content", None) and time.monotonic() - told > _THINKING_SECONDS:
                told = time.monotonic()
                self._send({"id": number, "kind": "thinking"})
        return finish


class _Words:
    """A call's words and tool calls on their way out, in their order: the first at once, then at most what came in
    `_FLUSH_SECONDS` together."""

    def __init__(self, send: Callable[[Json], None]) -> None:
        self.spoke = False
        self._send = send
        self._held: list[Json] = []
        self._sent_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str | None, calls: list[Json]) -> None:
        self.spoke = True
        if text:
            self._text(text)
        if calls:
            self._calls(calls)
        wait = self._sent_at + _FLUSH_SECONDS - time.monotonic()
        if wait <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait, self.flush)

    def flush(self) -> None:
        self.close()
        for part in self._held:
            self._send(part)
            self._sent_at = time.monotonic()
        self._held.clear()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _text(self, text: str) -> None:
        if self._held and self._held[-1]["kind"] == "chunk":
            self._held[-1]["text"] += text
        else:
            self._held.append({"kind": "chunk", "text": text})

    def _calls(self, calls: list[Json]) -> None:
        if not self._held or self._held[-1]["kind"] != "tools":
            self._held.append({"kind": "tools", "calls": []})
        held: list[Json] = self._held[-1]["calls"]
        for call in calls:
            # A call's arguments come in hundreds of pieces: more of the one that came last is put to it.
            if held and held[-1]["index"] == call["index"] and call.keys() == {"index", "function"}:
                function, more = held[-1].setdefault("function", {}), call["function"]
                if more.keys() == {"arguments"}:
                    function["arguments"] = function.get("arguments", "") + more["arguments"]
                    continue
            held.append(call)


async def prepared() -> Any:
    """litellm with what it would only import in its first call (measured: 0.4 s of that call's time to the first word),
    brought in by a call that it answers itself, without a request."""
    litellm = await asyncio.to_thread(load)
    with contextlib.suppress(Exception):
        await asyncio.to_thread(importlib.import_module, "openai.resources")
        dry = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "-"}], "key": "-"}
        async for _ in await litellm.acompletion(**arguments(dry), mock_response="-"):
            pass
    return litellm


def load() -> Any:
    """Imports litellm and takes away whatever would print, count, cache or ask again by itself."""
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.num_retries = 0
    litellm.REPEATED_STREAMING_CHUNK_LIMIT = sys.maxsize
    litellm.disable_token_counter = True
    litellm.disable_hf_tokenizer_download = True
    litellm.disable_streaming_logging = True
    # Threads are only ever appended to, so a mark on the last message makes the next round cheap.
    litellm.enable_anthropic_prompt_caching = True
    return litellm


def arguments(order: Json) -> Json:
    """What `acompletion` is called with. What is `None` isn't passed, except the key and the address: given as `None`,
    the provider's own address is meant, and the environment holds no other."""
    given = {
        "temperature": order.get("temperature"),
        "max_tokens": order.get("max_tokens"),
        "extra_headers": order.get("headers") or None,
    }
    passed: Json = order.get("passed_on") or {}
    if "max_completion_tokens" in passed:
        del given["max_tokens"]  # two names of one limit
    return {
        **{name: value for name, value in given.items() if value is not None},
        **passed,
        "model": order["model"],
        "messages": order["messages"],
        "api_key": order.get("key"),
        "api_base": order.get("base"),
        "stream": True,
        "stream_options": {"include_usage": True},
        # Given with the call, not set for all: set for all, a 422 comes back as no answer at all (measured).
        "drop_params": True,
        "timeout": _READ_SECONDS,
        "num_retries": 0,
        "max_retries": 0,
        # Else litellm looks for tools of servers of its own, and with any tool imports a package that isn't there
        # (measured).
        "_skip_mcp_handler": True,
    }


def tool_call(delta: Any) -> Json:
    """A part of a tool call as plain data, without what it doesn't say."""
    function = delta.function
    named = {"name": function.name, "arguments": function.arguments} if function is not None else {}
    told = {name: value for name, value in named.items() if value is not None}
    kind = getattr(delta, "type", None) if delta.id else None
    given = {"index": delta.index, "id": delta.id, "type": kind, "function": told or None}
    return {name: value for name, value in given.items() if value is not None}


def usage_of(litellm: Any, model: str, stream: Any) -> Json | None:
    """What the provider itself reported, and its price; `None` where it reported nothing. Read from the provider's own
    chunks: at the end of a stream without usage litellm puts one of its own making (measured)."""
    reported = [usage for usage in (getattr(chunk, "usage", None) for chunk in stream.chunks) if usage is not None]
    if not reported:
        return None
    input_tokens = max((usage.prompt_tokens or 0 for usage in reported), default=0) or None
    output_tokens = max(usage.completion_tokens or 0 for usage in reported)
    details = [getattr(usage, "prompt_tokens_details", None) for usage in reported]
    cached = [tokens for tokens in (getattr(one, "cached_tokens", None) for one in details) if tokens is not None]
    written = [getattr(usage, "cache_creation_input_tokens", None) or 0 for usage in reported]
    usd = None
    if input_tokens is not None:
        read = max(cached, default=0)
        usd = price(
            litellm,
            model,
            prompt_tokens=input_tokens,
            completion_tokens=output_tokens,
            usage_object=litellm.Usage(
                prompt_tokens=input_tokens,
                completion_tokens=output_tokens,
                total_tokens=input_tokens + output_tokens,
                prompt_tokens_details={"cached_tokens": read, "cache_creation_tokens": max(written)},
                cache_read_input_tokens=read,
                cache_creation_input_tokens=max(written),
            ),
        )
    return {"input": input_tokens, "cached": max(cached, default=None), "output": output_tokens, "usd": usd}


def price(litellm: Any, model: str, **used: Any) -> float | None:
    """What that costs in US dollars by litellm's bundled price map; `None` for a model it doesn't price. litellm itself
    says 0.0 for some that it doesn't know (measured: all of OpenRouter's, any Ollama name, after asking the server)."""
    try:
        bare, provider = litellm.get_llm_provider(model)[:2]
        names = (model, f"{provider}/{bare}", bare)
        row: Mapping[str, Any] | None = next((litellm.model_cost[n] for n in names if n in litellm.model_cost), None)
        if row is None or row.get("input_cost_per_token") is None or row.get("output_cost_per_token") is None:
            return None
        if not row["input_cost_per_token"] and not row["output_cost_per_token"]:
            return 0.0
        asked, replied = litellm.cost_per_token(model=bare, custom_llm_provider=provider, **used)
        return float(asked + replied)
    except Exception:
        # litellm raises a bare Exception for a model without a price; an unknown price is no failure.
        return None


def count(litellm: Any, model: str, messages: list[Json]) -> int:
    """The messages' tokens, by the tokenizer that litellm bundles: near enough for an estimate, and no request."""
    return sum(len(litellm.encode(model=model, text=message["content"])) + 4 for message in messages)


def chat_models(litellm: Any, provider: str, today: str) -> list[str]:
    """The names, with the provider's prefix, of its models in litellm's bundled map that talk, know functions (which
    those that write code do, and those for guarding or singing don't) and aren't switched off by `today`
    (YYYY-MM-DD)."""
    found: set[str] = set()
    for name in litellm.models_by_provider.get(provider, ()):
        row: Mapping[str, Any] = litellm.model_cost.get(name) or {}
        talks = row.get("mode") == "chat" and row.get("supports_function_calling")
        if talks and str(row.get("deprecation_date") or "9") > today:
            found.add(name if name.startswith(f"{provider}/") else f"{provider}/{name}")
    return sorted(found)


def error_data(error: BaseException, *, spoke: bool) -> Json:
    """An exception as plain data. litellm wraps what breaks in a stream in an error of its own: the inner counts."""
    inner = getattr(error, "original_exception", None)
    while isinstance(inner, Exception):
        error, inner = inner, getattr(inner, "original_exception", None)
    headers: Mapping[str, Any] = getattr(error, "litellm_response_headers", None) or {}
    found = {name: str(headers[name]) for name in _AGAIN if name in headers}
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None)
    return {
        "name": type(error).__name__,
        "code": code if isinstance(code, str) else "",
        "status": status if isinstance(status, int) else None,
        "message": str(error)[:4000],
        "headers": found,
        "spoke": spoke,
    }


async def serve(orders: int, answers: int) -> None:
    """Reads orders from one file descriptor and answers on the other, until the orders end."""
    loop = asyncio.get_running_loop()

    def send(answer: Json) -> None:
        raw = json.dumps(answer).encode() + b"\n"
        try:
            while raw:
                raw = raw[os.write(answers, raw) :]
        except OSError:
            os._exit(0)

    worker = Worker(send)

    def read() -> None:
        # A thread: a loop can't read pipes everywhere, and this one must see the end whatever the loop is doing.
        with os.fdopen(orders, "rb") as lines:
            for line in lines:
                loop.call_soon_threadsafe(worker.take, json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    await asyncio.Event().wait()


def main() -> None:
    """Moves stdin and stdout out of anything's reach, then serves."""
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    # Ctrl-C in a terminal reaches the whole group; this process ends when its parent does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(SETTINGS)
    asyncio.run(serve(orders, answers))


if __name__ == "__main__":
    main()
