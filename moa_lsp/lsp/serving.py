"""Serves one client: over which streams, in an event loop of its own, and until when.

A server must not outlive its editor because something in it doesn't let go. `asyncio.run` waits for every task to end,
for ever; here those that won't are named in the log and left. What a message means is `server.py`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any, BinaryIO

from moa_lsp.lsp.client_log import ClientLog
from moa_lsp.lsp.server import MoaServer
from moa_lsp.lsp.transport import FrameReader, FrameWriter
from moa_lsp.store import folders as own_folders
from moa_lsp.store.log import start_log

_log = logging.getLogger(__name__)

LAST_TASKS = 1.0
"""Seconds that tasks get to end after they were cancelled."""


def _run(serving: Coroutine[Any, Any, int]) -> int:
    """Runs that to its end and returns what it does; whatever runs beside it then is cancelled, and not waited for
    longer than a second."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        code = loop.run_until_complete(serving)
        loop.run_until_complete(_cancel_others())
        loop.run_until_complete(loop.shutdown_asyncgens())
        return code
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if not others:
        return
    _, left = await asyncio.wait(others, timeout=LAST_TASKS)
    for task in left:
        _log.warning("This didn't end with the server: %s, in %s", task.get_coro(), task.get_stack())


def serve_stdio(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serves one client over two byte streams until it ends or goes away. Returns the process's exit code."""
    log = start_log(own_folders.folders().log)
    try:
        return _run(_serve(stdin, stdout))
    finally:
        log.flush()


def serve_tcp(host: str, port: int) -> int:
    """Serves the first client that connects, for debugging; on loopback only. Returns the process's exit code."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        sys.stderr.write(f"moa-lsp listens on loopback only, not on {host}: whoever connects can read your files.\n")
        return 2
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        connection, _ = listening.accept()
    with connection, connection.makefile("rb") as reading, connection.makefile("wb") as writing:
        try:
            return serve_stdio(reading, writing)
        finally:
            # The thread that reads is in the middle of it, and the stream can't be closed before it is out (measured).
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


async def _serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    server = MoaServer()
    client_log = ClientLog(server.window_log_message)
    logging.getLogger("moa_lsp").addHandler(client_log)
    writer = FrameWriter(stdout)
    server.protocol.set_writer(writer)
    frames = FrameReader(stdin)
    frames.start()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(name, ended.set)
    stopping = asyncio.create_task(ended.wait())
    try:
        while server.protocol.exit_code is None:
            reading = asyncio.create_task(frames.next())
            await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() or (body := reading.result()) is None:
                reading.cancel()
                break
            server.protocol.take(body)
            await asyncio.sleep(0)  # what the message started gets its turn before the next one is taken
    finally:
        stopping.cancel()
        await server.end()
        logging.getLogger("moa_lsp").removeHandler(client_log)
        writer.close()
    return server.protocol.exit_code if server.protocol.exit_code is not None else 0
