"""Having the editor show a place, where it can: `window/showDocument`."""

from __future__ import annotations

import asyncio
from typing import Protocol

from attrs import frozen
from lsprotocol import types

from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.traits import Traits
from moa_lsp.session.run import NotPossible

_ANSWER_WITHIN = 10.0
"""Seconds; some clients never answer."""


class ShowingClient(Protocol):
    """The part of the server that this needs."""

    async def window_show_document_async(self, params: types.ShowDocumentParams) -> types.ShowDocumentResult: ...


@frozen
class Showing:
    """Shows places in one client."""

    client: ShowingClient
    traits: Traits
    buffers: Buffers

    async def __call__(self, path: str, first: int, last: int) -> bool:
        """Has lines of a file shown (0-based, the last one excluded), and tells whether they were. Raises `NotPossible`
        where the client can't be asked."""
        if not self.traits.show_document:
            raise NotPossible(
                f"This editor can't be asked to show a place (window/showDocument): it is {path}, line {first + 1}."
            )
        codec, lines = self.buffers.documents.codec, self.buffers.lines(path)
        selection = codec.range(lines, (first, 0), (max(first, last - 1), len(lines[last - 1]) if last else 0))
        params = types.ShowDocumentParams(uri=self.buffers.uri(path), take_focus=True, selection=selection)
        try:
            answer = await asyncio.wait_for(self.client.window_show_document_async(params), _ANSWER_WITHIN)
        except asyncio.CancelledError:
            raise
        except Exception:  # whatever the client does wrong, nothing was shown
            return False
        return bool(answer and answer.success)
