"""Completion of prompts while they are typed in a notebook: offered there, and nowhere else.

A client that takes a registration is told for which documents; to any other completion can only be offered everywhere,
and outside of notebooks it is answered with nothing. What is offered is `notebooks.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from attrs import frozen
from lsprotocol import types

from moa_lsp.context.ignore import NOTEBOOK_SUFFIX
from moa_lsp.lsp.notebooks import Complete, Notebooks
from moa_lsp.lsp.traits import Traits
from moa_lsp.session.notebook import LANGUAGE

_log = logging.getLogger(__name__)

_TRIGGERS = ("/", "@")
_ANSWER_WITHIN = 5.0
"""Seconds a client gets to answer; some never do (measured)."""


class CompletingClient(Protocol):
    """The part of the server that this needs."""

    def feature(self, feature_name: str, options: Any = None) -> Callable[[Any], Any]: ...

    async def client_register_capability_async(self, params: types.RegistrationParams) -> None: ...


@frozen
class Completing:
    """One connection's completion. `complete` is what `moa.complete` does."""

    client: CompletingClient
    notebooks: Notebooks
    complete: Complete
    traits: Traits

    def offer(self) -> None:
        """Called while `initialize` is answered: what is registered then, with options, is told in the answer."""
        if not self.traits.completion_registration:
            options = types.CompletionOptions(trigger_characters=list(_TRIGGERS))
            self._take(options)

    async def register(self) -> None:
        """Called when the client is ready: tells it for which documents there is completion."""
        if not self.traits.completion_registration:
            return
        self._take(None)
        documents = [
            types.TextDocumentFilterLanguage(language=LANGUAGE),
            types.TextDocumentFilterPattern(pattern=f"**/*{NOTEBOOK_SUFFIX}"),
        ]
        options = types.CompletionRegistrationOptions(document_selector=documents, trigger_characters=list(_TRIGGERS))
        wish = types.Registration("moa-completion", types.TEXT_DOCUMENT_COMPLETION, options)
        try:
            asked = self.client.client_register_capability_async(types.RegistrationParams([wish]))
            await asyncio.wait_for(asked, _ANSWER_WITHIN)
        except Exception as error:  # without it prompts are typed without completion
            _log.warning("The editor took no completion: %s", error)

    def _take(self, options: types.CompletionOptions | None) -> None:
        @self.client.feature(types.TEXT_DOCUMENT_COMPLETION, options)
        async def _(params: types.CompletionParams) -> types.CompletionList | None:
            return await self.notebooks.complete(params, self.complete)
