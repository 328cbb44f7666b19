"""Models that the editor has: `vscode:VENDOR/FAMILY` is asked through the editor, on the account that it has there.

How the editor is asked is an `Asker`'s, which the LSP side hands in (`lsp/editor_models.py`); here its answers become
chunks, and its kinds of errors ours.

Rules: such a model is never a default one, since its use is the user's to allow; no key of ours and no worker is
needed; nothing is tried again, since what an editor refuses it refuses a second later too; what it costs isn't known;
it takes words only, so what another program wants passed on is put in words, and that no tools went with it is said.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

from attrs import frozen

from moa_lsp.discussion.values import Message
from moa_lsp.models.errors import Kind, error, redact
from moa_lsp.models.litellm_model import joined
from moa_lsp.models.model import Call, Chunk, Done, Waiting, Words
from moa_lsp.models.replay import SCHEME as RECORDINGS

SCHEMES = ("vscode",)
"""What editors' models are known by, also where the editor of the moment has none: then that is what is said."""


class EditorFailed(Exception):
    """The editor couldn't carry out a call. `kind` is one of the protocol's words, `message` the editor's own."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@frozen
class EditorOffer:
    """A model that the editor offers, as it calls it: `VENDOR/FAMILY`."""

    model: str


class Asker(Protocol):
    """An editor that has models. `scheme` is what stands before the colon in their names here."""

    @property
    def scheme(self) -> str: ...

    def ask(
        self, model: str, messages: Sequence[Message], max_tokens: int | None, temperature: float | None
    ) -> AsyncGenerator[Words | Done, None]:
        """Asks `VENDOR/FAMILY`. Yields `Words` and, last, `Done`; raises `EditorFailed`. Closing it cancels the
        call."""
        ...

    async def offered(self) -> Sequence[EditorOffer]:
        """The models that the editor offers just now, none where it doesn't answer."""
        ...


_KINDS: Mapping[str, Kind] = {
    "no-permission": Kind.NO_PERMISSION,
    "not-found": Kind.NO_EDITOR_MODEL,
    "blocked": Kind.BLOCKED,
    "quota": Kind.NO_CREDIT,
}
"""The protocol's words for what went wrong at the editor; any other is a failure like any other."""


class EditorModel:
    """Asks the editor, where it is one that has models."""

    def __init__(self, asker: Asker | None) -> None:
        self._asker = asker

    def serves(self, model: str) -> bool:
        """Whether this editor has models of that name's scheme."""
        return self._asker is not None and model.startswith(f"{self._asker.scheme}:")

    def knows(self, model: str) -> bool:
        """Whether a name means a model of an editor, of this one or of another."""
        return self.serves(model) or model.partition(":")[0] in SCHEMES

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`."""
        architect = call.architect
        if self._asker is None or not self.serves(architect.model):
            raise error(Kind.NO_EDITOR_MODEL, architect)
        if call.passing is not None and call.passing.parameters.get("tools"):
            yield Waiting(0.0, f"{architect.model} is asked through the editor, without tools: it answers in words.")
        name = architect.model.partition(":")[2]
        asked = self._asker.ask(name, joined(call.messages), architect.max_tokens, architect.temperature)
        spoke = False
        try:
            async with aclosing(asked) as chunks:
                async for chunk in chunks:
                    spoke = spoke or isinstance(chunk, Words)
                    yield chunk
        except EditorFailed as failed:
            kind = _KINDS.get(failed.kind, Kind.UNKNOWN)
            raise error(kind, architect, detail=redact(" ".join(failed.message.split())), spoke=spoke) from None

    async def offered(self) -> list[str]:
        """The names, as settings spell them, of the models that this editor offers."""
        if self._asker is None:
            return []
        return [f"{self._asker.scheme}:{one.model}" for one in await self._asker.offered()]


def scheme_of(given: object) -> str | None:
    """What an editor says that its models go by, where they may: some letters, and not what recordings go by."""
    if not isinstance(given, str) or not re.fullmatch("[A-Za-z]{1,40}", given) or f"{given}:" == RECORDINGS:
        return None
    return given
