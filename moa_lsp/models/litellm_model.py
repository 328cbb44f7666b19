"""A model that litellm knows: what an architect's settings and key become, and what its errors become.

Rules: the key is looked for before anything is sent, in the variable the architect names or its provider's own, and
the provider's own goes to no server but the provider's; the address is the one the user allowed or the provider's own,
never one from the environment; neighbouring messages of one role are joined, since strict providers want them to
alternate. What another program asks for is passed on as it is, in the order it gave; its arguments go before the
architect's own.

Never here: the process (`worker_client.py`), deadlines and retries (`moa_lsp/middleware/`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from moa_lsp.discussion.values import Architect, Message
from moa_lsp.models.catalogue import asks_elsewhere, key_for, key_variable, needs_key
from moa_lsp.models.errors import Kind, classify, error, secrets_in
from moa_lsp.models.model import Call, Chunk
from moa_lsp.models.worker_client import CallFailed, Order, WorkerClient

_NO_KEY = "no-key"
"""Sent where no key is wanted: some of the clients under litellm refuse to ask without one."""


class LitellmModel:
    """Asks the worker, with the key that stands in the user's environment."""

    def __init__(self, worker: WorkerClient, environ: Mapping[str, str]) -> None:
        self._worker = worker
        self._environ = environ

    async def ready(self, call: Call) -> None:
        """Makes sure that the call can be made: raises `ModelError` (`no_key`, at once and before anything is started),
        then waits until the worker has litellm imported (some seconds the first time)."""
        architect = call.architect
        self._key(architect)
        try:
            await self._worker.warm()
        except CallFailed as failed:
            raise classify(failed.data, architect, variable=None) from failed

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`."""
        architect = call.architect
        key = self._key(architect)
        order = Order(
            model=architect.model,
            messages=joined(call.messages),
            key=key,
            base=architect.api_base,
            temperature=architect.temperature,
            max_tokens=architect.max_tokens,
            headers=dict(architect.headers),
            passing=call.passing,
        )
        try:
            async with aclosing(self._worker.stream(order)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except CallFailed as failed:
            keys = (*secrets_in(self._environ), *((key,) if key else ()), *(value for _, value in architect.headers))
            unnamed = architect.api_key_env is None and asks_elsewhere(architect)
            raise classify(failed.data, architect, variable=_variable(architect), keyless=unnamed, keys=keys) from None

    def _key(self, architect: Architect) -> str | None:
        """The key to send; raises `ModelError` where one is needed and none is there."""
        key = key_for(architect, self._environ)
        if key is None and needs_key(architect):
            raise error(Kind.NO_KEY, architect, variable=_variable(architect))
        if key is None and architect.api_base is not None:
            return _NO_KEY
        return key


def joined(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with neighbours of one role made one, a blank line between them."""
    together: list[Message] = []
    for message in messages:
        if together and together[-1].role == message.role:
            together[-1] = Message(message.role, f"{together[-1].text}\n\n{message.text}")
        else:
            together.append(message)
    return tuple(together)


def _variable(architect: Architect) -> str | None:
    return architect.api_key_env or key_variable(architect.model)
