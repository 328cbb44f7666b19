"""JSON-RPC 2.0 in the LSP base protocol's framing, from the client's side, over a pair of asyncio streams.

Rules: every request of ours ends exactly once, with a result, a `RequestFailed` or a `ConnectionLost`; every request of
the server's is answered, the unknown ones with `MethodNotFound`; notifications are handed on in the order they came,
before whatever answer came after them. What the messages mean is `client.py`'s.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

Json = dict[str, Any]

METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32601, -32602, -32603
REQUEST_CANCELLED, REQUEST_FAILED = -32800, -32803


class RequestFailed(Exception):
    """The server answered a request with an error: `code`, `message` and `data` as JSON-RPC has them."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class ConnectionLost(Exception):
    """The other side is gone, or speaks no protocol."""


@define(eq=False)
class Connection:
    """One connection. `run` reads until the other side closes it; the other methods may be called while it does.

    `on_notification` gets a method and its params; `on_request` the same, and returns the result or raises
    `RequestFailed`. Params that are no object are handed on as an empty one.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    on_notification: Callable[[str, Json], None]
    on_request: Callable[[str, Json], Awaitable[Any]]
    _pending: dict[int, asyncio.Future[Any]] = field(factory=dict[int, "asyncio.Future[Any]"], init=False)
    _answering: set[asyncio.Task[None]] = field(factory=set["asyncio.Task[None]"], init=False)
    _last_id: int = field(default=0, init=False)
    _lost: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Reads and hands on what comes, until the other side closes the connection or breaks the protocol."""
        try:
            while (message := await self._read()) is not None:
                self._take(message)
        except (ValueError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._lost = True
            for future in self._pending.values():
                if not future.done():
                    future.set_exception(ConnectionLost())
            for task in self._answering:
                task.cancel()

    def request(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        """Sends a request; returns its id, for `cancel`, and what becomes its result."""
        self._last_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[self._last_id] = future
        future.add_done_callback(lambda done, id=self._last_id: self._ended(id, done))
        if self._lost:
            future.set_exception(ConnectionLost())
        else:
            self._send({"id": self._last_id, "method": method, "params": params})
        return self._last_id, future

    def _ended(self, id: int, future: asyncio.Future[Any]) -> None:
        self._pending.pop(id, None)
        if not future.cancelled():
            future.exception()  # seen: asyncio complains about failures that nobody came to fetch

    def notify(self, method: str, params: Any = None) -> None:
        """Sends a notification; without a connection it goes nowhere, as notifications may."""
        if not self._lost:
            self._send({"method": method} if params is None else {"method": method, "params": params})

    def cancel(self, id: int) -> None:
        """Asks the server to stop that request. Its future still ends as the server says."""
        self.notify("$/cancelRequest", {"id": id})

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> Json | None:
        """The next message; `None` at the end of the stream. Raises `ValueError` where it is none."""
        length: int | None = None
        while (line := await self.reader.readline()) not in (b"\r\n", b"\n"):
            if not line:
                return None
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        if length is None:
            raise ValueError("a message without a Content-Length")
        message = json.loads(await self.reader.readexactly(length))
        if not isinstance(message, dict):
            raise ValueError("a message that is no object")
        return message  # pyright: ignore[reportUnknownVariableType]

    def _take(self, message: Json) -> None:
        method = message.get("method")
        raw: Any = message.get("params")
        params: Json = raw if isinstance(raw, dict) else {}  # pyright: ignore[reportUnknownVariableType]
        if method is None:
            self._answered(message)
        elif "id" in message:
            task = asyncio.create_task(self._answer(message["id"], str(method), params))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        else:
            self.on_notification(str(method), params)

    def _answered(self, message: Json) -> None:
        future = self._pending.get(message.get("id", 0))
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
        else:
            code, why = int(error.get("code", INTERNAL_ERROR)), str(error.get("message", ""))
            future.set_exception(RequestFailed(code, why, error.get("data")))

    async def _answer(self, id: Any, method: str, params: Json) -> None:
        try:
            answer: Json = {"result": await self.on_request(method, params)}
        except RequestFailed as error:
            answer = {"error": {"code": error.code, "message": error.message}}
        except Exception as error:
            # The server waits for an answer, whatever went wrong here.
            answer = {"error": {"code": INTERNAL_ERROR, "message": f"{type(error).__name__} in the client"}}
        if not self._lost:
            self._send({"id": id, **answer})
