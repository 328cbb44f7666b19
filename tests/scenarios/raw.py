"""A client that speaks bytes: what no well-behaved editor sends, and a look at every byte that comes back.

It believes nothing: a byte on the server's stdout that belongs to no frame, a frame that isn't JSON-RPC and an error
that carries a traceback are kept in `faults`, and `end` raises for them. It reads on a thread of its own, so tests with
an event loop call it through `asyncio.to_thread`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self, cast

Json = dict[str, Any]

WAIT = 20.0
"""Seconds until what should come counts as missing."""

_HEADERS = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]+\r\n)?\r\n")


class Outgoing(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Incoming(Protocol):
    """What bytes come from: anything with a descriptor."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class RawClient:
    """One connection over two byte streams. `heard` is every message that came, in order."""

    def __init__(self, to_server: Outgoing, from_server: Incoming) -> None:
        self.heard: list[Json] = []
        self.faults: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._to, self._from = to_server, from_server
        self._news = threading.Condition()
        self._closed = False
        self._last_id = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, folder: Path, env: Mapping[str, str] | None = None) -> Self:
        """A client with a server process of its own, not initialized yet."""
        process = subprocess.Popen(
            [sys.executable, "-m", "moa_lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **(env or {})},
        )
        assert process.stdin
        assert process.stdout
        client = cls(process.stdin, process.stdout)
        client.process = process
        return client

    # --- sending

    def send_bytes(self, *pieces: bytes) -> None:
        """Writes each piece by itself."""
        for piece in pieces:
            self._to.write(piece)
            self._to.flush()

    def send(self, message: Any) -> None:
        self.send_bytes(framed(message))

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any = None, *, bare: bool = False) -> Json:
        """Asks and waits: the whole answer, with its `result` or `error`. `bare` leaves `params` out."""
        return self.answer(self.start_request(method, params, bare=bare))

    def start_request(self, method: str, params: Any = None, *, bare: bool = False) -> int:
        self._last_id += 1
        message: Json = {"jsonrpc": "2.0", "id": self._last_id, "method": method}
        if not bare:
            message["params"] = params
        self.send(message)
        return self._last_id

    def initialize(self, folder: Path, *, capabilities: Json | None = None, options: Json | None = None) -> Json:
        params: Json = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "capabilities": capabilities or {},
            "initializationOptions": options or {},
        }
        answer = self.request("initialize", params)
        self.notify("initialized", {})
        return answer

    # --- hearing

    def answer(self, id: object) -> Json:
        """The answer to a request, awaited; the first that was not taken yet."""
        return self.take(lambda message: "method" not in message and "id" in message and message["id"] == id)

    def take(self, wanted: Callable[[Json], bool]) -> Json:
        """The first message like this, awaited, and taken out of `heard`."""
        with self._news:
            if not self._news.wait_for(lambda: any(map(wanted, self.heard)) or self._closed, WAIT):
                raise TimeoutError(f"no such message; heard {self.heard[-3:]}, faults {self.faults}")
            found = next((message for message in self.heard if wanted(message)), None)
            assert found is not None, f"the server ended; faults {self.faults}"
            self.heard.remove(found)
            return found

    # --- the end

    def end(self) -> int:
        """Shuts down in order; returns the exit code. Raises for whatever was wrong with what came."""
        assert self.request("shutdown", bare=True).get("result", "none") is None
        self.send({"jsonrpc": "2.0", "method": "exit"})
        return self.wait()

    def leave(self) -> None:
        """Is gone, as far as the server can see; what it still says is read."""
        self._to.close()

    def wait(self) -> int:
        """Waits for the server's end, without asking for it."""
        assert self.process
        code = self.process.wait(WAIT)
        self.close()
        assert not self.faults, self.faults
        return code

    def close(self) -> None:
        """Lets go of the streams, and of the process where it still runs."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(WAIT)
        self._to.close()
        self._from.close()

    # --- reading

    def _read(self) -> None:
        held = b""
        while piece := os.read(self._from.fileno(), 1 << 16):
            held += piece
            while (cut := self._cut(held)) is not None:
                held = cut
        with self._news:
            if held:
                self.faults.append(f"bytes outside of a frame: {held[:200]!r}")
            self._closed = True
            self._news.notify_all()

    def _cut(self, held: bytes) -> bytes | None:
        """What is left behind the first frame; `None` where none is complete."""
        head = _HEADERS.match(held)
        if head is None:
            return None
        end = head.end() + int(head[1])
        if len(held) < end:
            return None
        with self._news:
            try:
                message = json.loads(held[head.end() : end])
            except ValueError:
                self.faults.append(f"a frame that is no JSON: {held[:200]!r}")
            else:
                self.heard.append(message)
                self.faults += faults_of(message)
            self._news.notify_all()
        return held[end:]


def framed(message: Any) -> bytes:
    """A message as a client sends it."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def faults_of(message: object) -> Iterable[str]:
    """What makes a message of the server no good JSON-RPC, or tells the client what it shouldn't."""
    if not isinstance(message, dict):
        return [f"no JSON-RPC: {message!r}"]
    found = cast("Json", message)
    asks = "method" in found and isinstance(found["method"], str)
    answers = "id" in found and ("result" in found) != ("error" in found)
    if found.get("jsonrpc") != "2.0" or asks == answers:
        return [f"no JSON-RPC: {found!r}"]
    error = found.get("error")
    if error is not None and ("Traceback" in json.dumps(error) or 'File "' in json.dumps(error)):
        return [f"a traceback in an error: {error!r}"]
    return []


@contextlib.contextmanager
def serving_tcp(folder: Path) -> Generator[tuple[subprocess.Popen[bytes], int]]:
    """A server that is about to listen on a free port of loopback, and that port; it is ended at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "moa_lsp", "--tcp", f"127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    ) as process:
        try:
            yield process, port
        finally:
            process.kill()


@contextlib.contextmanager
def connected(port: int) -> Generator[socket.socket]:
    """A connection to a server that is about to listen. One attempt counts: it serves the first that connects."""
    deadline = time.monotonic() + WAIT
    while True:
        connection = socket.socket()
        if connection.connect_ex(("127.0.0.1", port)) == 0:
            break
        connection.close()
        assert time.monotonic() < deadline, "the server never listened"
        time.sleep(0.05)
    with connection:
        yield connection
