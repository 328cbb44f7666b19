"""Writes what real models reply into a cassette, so that the discussion can be replayed without them.

Rules: a reply is written once it ended, as one line, in the shape that `moa_lsp/models/replay.py` reads; one that
failed is written with its error, since what comes after it in the discussion answers to that, and one that the user
stopped isn't written, nor is one to another program, which belongs to no discussion. What can't be written is logged
and costs the discussion nothing. Keys and headers are not part of what is recorded.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from moa_lsp.models.model import Call, Chunk, Done, Model, ModelError, Words
from moa_lsp.models.replay import asked_hash, turn_of

_log = logging.getLogger(__name__)


class Record:
    """A model whose replies are added to a cassette (JSON lines), one for each discussion.

    `folder` says where a discussion's cassette is kept just now (`None`: it isn't recorded); it is asked at every call,
    since settings change. It is `ID.jsonl` in it, made if it isn't there.
    """

    def __init__(self, model: Model, folder: Callable[[str | None], Path | None]) -> None:
        self._model = model
        self._folder = folder

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`."""
        said: list[str] = []
        pace: list[tuple[float, int]] = []
        last = time.monotonic()
        try:
            async with aclosing(self._model.stream(call)) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Words):
                        now = time.monotonic()
                        said.append(chunk.text)
                        pace.append((round(now - last, 3), len(chunk.text)))
                        last = now
                    elif isinstance(chunk, Done):
                        await self._record(call, "".join(said), pace, {"finish": chunk.finish})
                    yield chunk
        except ModelError as failed:
            error = {"kind": failed.kind, "message": failed.message}
            await self._record(call, "".join(said), pace, {"finish": None, "error": error})
            raise

    async def _record(self, call: Call, text: str, pace: list[tuple[float, int]], end: dict[str, object]) -> None:
        if call.passing is None and (folder := self._folder(call.discussion)) is not None:
            await asyncio.to_thread(self._write, folder / f"{call.discussion or 'moa'}.jsonl", call, text, pace, end)

    def _write(self, path: Path, call: Call, text: str, pace: list[tuple[float, int]], end: dict[str, object]) -> None:
        reply = {
            "speaker": call.architect.name,
            "turn": turn_of(call),
            "text": text,
            "pace": pace,
            "asked": asked_hash(call.messages),
            "model": call.architect.model,
            **({"repairs": True} if call.repairs else {}),
            **end,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", newline="\n") as cassette:
                cassette.write(json.dumps(reply, ensure_ascii=False) + "\n")
        except OSError as error:
            _log.warning("a reply could not be recorded in %s: %s", path, error)
