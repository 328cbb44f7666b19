"""Neovim's RPC (msgpack over a Unix socket), as far as looking inside takes it: call a function, get its answer."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from pathlib import Path
from typing import Any, Self, cast

from attrs import field, mutable

# It comes without types.
_msgpack: Any = importlib.import_module("msgpack")

_REQUEST, _RESPONSE = 0, 1


class NeovimError(RuntimeError):
    """Neovim answered a call with an error."""


@mutable(eq=False)
class Rpc:
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _waiting: dict[int, asyncio.Future[Any]] = field(factory=dict[int, "asyncio.Future[Any]"])
    _next: int = 0
    _listening: asyncio.Task[None] = field(init=False)

    @classmethod
    async def connect(cls, socket: Path) -> Self:
        rpc = cls(*await asyncio.open_unix_connection(str(socket)))
        rpc._listening = asyncio.create_task(rpc._listen())
        return rpc

    async def call(self, function: str, *arguments: Any, seconds: float = 20.0) -> Any:
        """Calls an API function. Raises `NeovimError` where it fails, `TimeoutError` where Neovim waits for a key."""
        self._next += 1
        number = self._next
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(_pack([_REQUEST, number, function, list(arguments)]))
        try:
            async with asyncio.timeout(seconds):
                return await answer
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        self._listening.cancel()
        self._writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._listening
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        unpacker = _unpacker()
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(65536):
                unpacker.feed(data)
                for message in unpacker:
                    if message[0] == _RESPONSE and (waiting := self._waiting.get(message[1])):
                        self._settle(waiting, message[2], message[3])
        for waiting in self._waiting.values():
            self._settle(waiting, [0, "Neovim has gone"], None)

    @staticmethod
    def _settle(waiting: asyncio.Future[Any], error: Any, result: Any) -> None:
        if not waiting.done():
            if error is not None:
                waiting.set_exception(NeovimError(error[1]))
            else:
                waiting.set_result(result)


def _pack(message: list[Any]) -> bytes:
    return cast(bytes, _msgpack.packb(message))


def _unpacker() -> Any:
    return _msgpack.Unpacker(strict_map_key=False, unicode_errors="surrogateescape")
