"""The one door to models: picks the kind of model by its name and puts the wrappers around it.

A recording (`replay:…`) is played as it is. A model that the editor has (`vscode:…`) is asked there, with deadlines,
and once. Everything else is litellm's, in its worker: each try has its own deadlines, and tries that may succeed later
are made again. What came of it all is recorded where that was asked for, and traced, whoever was asked.

Never here: prompts, which architect is asked when, LSP.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from moa_lsp.middleware.deadline import Deadline
from moa_lsp.middleware.record import Record
from moa_lsp.middleware.retry import Retry
from moa_lsp.middleware.spans import tell_span
from moa_lsp.middleware.trace import CallTrace, Trace
from moa_lsp.models.editor_model import Asker, EditorModel
from moa_lsp.models.errors import secrets_in
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
        record_to: Callable[[str | None], Path | None] = lambda _: None,
        trace_to: Callable[[CallTrace], None] = lambda _: None,
        editor: Asker | None = None,
    ) -> None:
        """`environ` is the user's environment, where keys are looked for. `folder` is where the worker process runs: a
        folder of ours, no workspace. `record_to` gives the folder that a discussion's cassette is kept in, if it is; it
        takes the discussion's id. `trace_to` is told of each call once it is over. `editor` is the editor's own way to
        models, where it has some."""
        self.environ = environ
        self._worker = WorkerClient(folder, environ)
        self._litellm = LitellmModel(self._worker, environ)
        self._asked = Record(Retry(Deadline(self._litellm)), record_to)
        self._replay = ReplayModel()
        self._editor = EditorModel(editor)
        self._asked_there = Record(Deadline(self._editor), record_to)

        def tell(trace: CallTrace) -> None:
            trace_to(trace)
            tell_span(trace)

        self._trace = Trace(self._ask, tell, secrets_in(environ))

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`. The time the worker needs to start doesn't count against the call's deadline."""
        async with aclosing(self._trace.stream(call)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _ask(self, call: Call) -> AsyncGenerator[Chunk, None]:
        model: Model = self._replay
        if self._editor.knows(call.architect.model):
            model = self._asked_there
        elif not is_replay(call.architect.model):
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
        if not self.needs_worker(call.architect.model):
            return None, None
        with suppress(CallFailed):
            return await self._worker.estimate(call.architect.model, joined(call.messages))
        return None, None

    def needs_worker(self, model: str) -> bool:
        """Whether a model of that name is litellm's, which takes the worker."""
        return not is_replay(model) and not self._editor.knows(model)

    def is_of_an_editor(self, model: str) -> bool:
        """Whether a model of that name is one of an editor's own, of this or another one."""
        return self._editor.knows(model)

    async def of_the_editor(self) -> Sequence[str]:
        """The names of the editor's own models; none where it has none, or doesn't answer."""
        return await self._editor.offered()

    async def of_providers(self, prefixes: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The chat models that litellm knows of these providers, in no order; nothing where that can't be had. Nobody
        is asked for it but the worker."""
        with suppress(CallFailed):
            return await self._worker.models(prefixes)
        return {}

    async def warm(self) -> None:
        """Gets the worker ready, so that the first call doesn't wait for it. A failure shows when a call is made."""
        with suppress(CallFailed, ModelError):
            await self._worker.warm()

    async def aclose(self) -> None:
        """Ends the worker, within a second or so; calls that run fail."""
        await self._worker.aclose()
