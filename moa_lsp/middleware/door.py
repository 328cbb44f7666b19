"""The one door to models: picks the kind of model by its name and puts the wrappers around it.

A recording (`replay:…`) is played as it is. Everything else is litellm's, in its worker: each try has its own
deadlines, tries that may succeed later are made again, and what came of it all is recorded where that was asked for.

Never here: prompts, which architect is asked when, LSP.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path

from moa_lsp.middleware.deadline import Deadline
from moa_lsp.middleware.record import Record
from moa_lsp.middleware.retry import Retry
from moa_lsp.models.litellm_model import LitellmModel, joined
from moa_lsp.models.model import Call, Chunk, Model, ModelError
from moa_lsp.models.replay import ReplayModel, is_replay
from moa_lsp.models.worker_client import CallFailed, WorkerClient

__all__ = ["ModelDoor", "is_replay"]


class ModelDoor:
    """Asks any model that an architect can name. Starts nothing before it is first asked."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        folder: Path,
        record_to: Callable[[], Path | None] = lambda: None,
    ) -> None:
        """`environ` is the user's environment, where keys are looked for. `folder` is where the worker process runs: a
        folder of ours, no workspace. `record_to` gives the folder that cassettes are kept in, if they are."""
        self._worker = WorkerClient(folder, environ)
        self._litellm = LitellmModel(self._worker, environ)
        self._asked = Record(Retry(Deadline(self._litellm)), record_to)
        self._replay = ReplayModel()

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`. The time the worker needs to start doesn't count against the call's deadline."""
        model: Model = self._replay
        if not is_replay(call.architect.model):
            await self._litellm.ready(call)
            model = self._asked
        async with aclosing(model.stream(call)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def estimate(self, call: Call) -> tuple[int | None, float | None]:
        """The tokens the call would send and what sending them costs in US dollars, each `None` where it isn't known.
        Nothing is sent to anyone for it."""
        if is_replay(call.architect.model):
            return 0, 0.0
        with suppress(CallFailed):
            return await self._worker.estimate(call.architect.model, joined(call.messages))
        return None, None

    async def warm(self) -> None:
        """Gets the worker ready, so that the first call doesn't wait for it. A failure shows when a call is made."""
        with suppress(CallFailed, ModelError):
            await self._worker.warm()

    async def aclose(self) -> None:
        """Ends the worker, within a second or so; calls that run fail."""
        await self._worker.aclose()
