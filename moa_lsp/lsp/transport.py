"""Frames in and out: LSP's base protocol (3.17, "Base Protocol") over two byte streams.

Reading is done by a thread of its own: pygls reads on the pool that its handlers use, and six busy handlers
make a server deaf (measured). A header that makes no sense is passed over, so one bad client message doesn't
end the connection. What a frame's body means is `protocol.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import re
import threading
from typing import BinaryIO

_log = logging.getLogger(__name__)

# Not only at a line's beginning: a body whose length couldn't be read runs into the next message's first header.
_LENGTH_HEADER = re.compile(rb"(?:^|[^A-Za-z0-9-])content-length[ \t]*:", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,18})$", re.IGNORECASE)

_HTTP = re.compile(rb"[A-Z]+ \S+ HTTP/[0-9]")

LARGEST_BODY = 256 * 1024 * 1024
"""Bytes. A larger message is read past and not kept: no editor sends one, and it would fill the memory."""


LAST_WRITES = 0.3
"""Seconds that what was sent last gets to be written when the server ends."""


def read_body(stream: BinaryIO) -> bytes | None:
    """The next frame's body, or `None` at the stream's end. Headers without a usable length are passed over."""
    length: int | None = None
    while True:
        line = stream.readline()
        if not line:
            return None
        header = line.strip()
        if _HTTP.match(header):
            # A web page that found our debugging port: a browser sends what it likes, and headers that it may choose.
            _log.error("Not a language client but a web browser is on the line; the connection is ended")
            return None
        if not header:
            if length is None:
                continue
            if length <= LARGEST_BODY:
                body = stream.read(length)
                return body if len(body) == length else None
            _log.error("A message of %d bytes is over the limit and was passed over", length)
            _skip(stream, length)
            length = None
            continue
        if _LENGTH_HEADER.search(header):
            digits = _LENGTH.search(header)
            length = int(digits[1]) if digits else None


def _skip(stream: BinaryIO, length: int) -> None:
    while length > 0 and (piece := stream.read(min(length, 1 << 20))):
        length -= len(piece)


class FrameReader:
    """Reads frames on a daemon thread and hands their bodies to the event loop, in order; `None` is the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._bodies: asyncio.Queue[bytes | None] = asyncio.Queue()

    def start(self) -> None:
        """Begins to read. To be called in the event loop that is to get the bodies."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="frames", daemon=True).start()

    async def next(self) -> bytes | None:
        return await self._bodies.get()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        body: bytes | None = b""
        while body is not None:
            try:
                body = read_body(self._stream)
            except (OSError, ValueError):  # the stream was closed under us
                body = None
            try:
                loop.call_soon_threadsafe(self._bodies.put_nowait, body)
            except RuntimeError:  # the loop is gone, and with it whoever would read this
                return


class FrameWriter:
    """Writes what the protocol sends, on a daemon thread: a client that reads slowly, or not at all, holds up nothing
    but itself. A client that is gone is no reason to fail."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._frames.put(data)

    def close(self) -> None:
        """Waits until what was sent is written, but not for ever. The stream belongs to whoever opened it."""
        self._frames.put(None)
        self._thread.join(LAST_WRITES)

    def _write(self) -> None:
        while (data := self._frames.get()) is not None:
            try:
                self._stream.write(data)
                self._stream.flush()
            except (OSError, ValueError):
                _log.info("The client is gone; a message for it was dropped")
                return
