"""The log's way to the editor: what is logged goes to the client as `window/logMessage` too.

The same lines as in the file, redacted in the same way (`store/log.py`). Never here: what is worth logging.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from lsprotocol import types

from moa_lsp.store.log import redacted

_KINDS = (
    (logging.ERROR, types.MessageType.Error),
    (logging.WARNING, types.MessageType.Warning),
    (logging.INFO, types.MessageType.Info),
)


class ClientLog(logging.Handler):
    """Sends records to the client. `send` writes to the connection, and so runs in its event loop only."""

    def __init__(self, send: Callable[[types.LogMessageParams], None]) -> None:
        super().__init__()
        self._send = send
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one record; a traceback stays in the file, where there is room for it."""
        kind = next((kind for level, kind in _KINDS if record.levelno >= level), types.MessageType.Log)
        params = types.LogMessageParams(type=kind, message=redacted(record.getMessage()))
        try:
            self._loop.call_soon_threadsafe(self._send, params)
        except RuntimeError:  # the loop is closed: nobody listens any more
            return
