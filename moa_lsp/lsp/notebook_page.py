"""One answer being written into a notebook: piece by piece, as edits that the editor makes.

Rules:
- One edit for each turn that is over, with the line that says who is asked next; never one for each word: every edit is
  a step of undo, and moves what the user looks at.
- Each edit is of one version of the document. Where the user typed meanwhile and the editor says no, it is made anew
  for the text as it is then.
- What counts as written is what stands in the document, not what the client says (`apply.py` says why). What wasn't
  written is tried again with the next piece, and at the end once more.

What is written is `session/notebook.py`'s, and where `session/notebook_place.py`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import field, mutable
from lsprotocol import types

from moa_lsp.lsp.apply import CONFIRM_WITHIN, Send, refusal_of
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.documents import Document
from moa_lsp.lsp.traits import Traits
from moa_lsp.session import notebook
from moa_lsp.session.notebook_place import Place

_SOON = 0.05
"""Seconds in which what belongs together, the end of a turn and the beginning of the next, becomes one edit."""
_SHOWN_WITHIN = 3.0
"""Seconds after the client's yes in which the text has to show the edit: eglot tells of its edits after 0.5 s."""
_LOOK_EVERY = 0.02
_LOOK_EVERY_AT_MOST = 0.25

CLOSED = "it was closed"


@mutable
class Page:
    """What is written below one prompt. `message` is the prompt's, for when its paragraph is gone."""

    uri: str
    place: Place
    message: str
    buffers: Buffers
    traits: Traits
    send: Send
    begun: bool = field(default=False, init=False)
    """Whether anything was said that is to stay."""
    told: str = field(default="", init=False)
    """The sentence about what failed that stands in what was said already."""
    asked: list[str] = field(factory=list[str], init=False)
    """Who is being asked just now."""
    _pieces: list[notebook.Lines] = field(factory=list[notebook.Lines], init=False)
    _waiting: notebook.Lines = field(factory=list[str], init=False)
    _task: asyncio.Task[str | None] | None = field(default=None, init=False)

    def say(self, *pieces: notebook.Lines) -> None:
        """These stay. Who was being asked, no longer is."""
        self._pieces += [piece for piece in pieces if piece]
        self._waiting, self.begun = [], True
        self._soon()

    def wait(self, lines: notebook.Lines) -> None:
        """These stand at the end until something is said."""
        self._waiting = lines
        self._soon()

    async def finish(self) -> str | None:
        """Writes what is left. Returns why it couldn't be, for people, without a period; `None` where all stands."""
        self._waiting = []
        if self._task:
            await self._task
        return await self._write_all()

    def _soon(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._write_all(_SOON))

    async def _write_all(self, pause: float = 0.0) -> str | None:
        while True:
            await asyncio.sleep(pause)
            waiting = notebook.in_quote(self._waiting)
            if not self._pieces and (not waiting or waiting == list(self.place.waiting)):
                return None
            if refusal := await self._write(len(self._pieces), waiting):
                return refusal

    async def _write(self, count: int, waiting: notebook.Lines) -> str | None:
        """Has that many pieces written, and the waiting lines; tells why it couldn't be done."""
        if not self.traits.apply_edit:
            return "the editor can't apply edits"
        deadline = asyncio.get_running_loop().time() + CONFIRM_WITHIN
        while True:
            document = self.buffers.documents.get(self.uri)
            if document is None:
                return CLOSED
            if document.doubted:
                return "it is out of step with the editor: close it and open it again"
            version = document.version
            refusal = await self._try(document, self._new(document, count, waiting), waiting)
            if refusal is None:
                del self._pieces[:count]
                return None
            now = self.buffers.documents.get(self.uri)
            if now is None or now.version == version or asyncio.get_running_loop().time() > deadline:
                return CLOSED if now is None else refusal
            await asyncio.sleep(_LOOK_EVERY_AT_MOST)  # somebody types

    def _new(self, document: Document, count: int, waiting: notebook.Lines) -> notebook.Lines:
        """The lines to be written, without their ends."""
        pieces = self._pieces[:count]
        if self.message and self.place.is_gone(document.lines):
            pieces = [notebook.asked(self.message), *pieces]
        parts = [*map(notebook.in_quote, pieces), *([waiting] if waiting else [])]
        return [line for number, part in enumerate(parts) for line in ([""] if number else []) + part]

    async def _try(self, document: Document, new: notebook.Lines, waiting: notebook.Lines) -> str | None:
        """Sends one edit and waits until the document shows it, or won't."""
        loop = asyncio.get_running_loop()
        version = document.version
        answer = self.send(types.ApplyWorkspaceEditParams(edit=self._edit(document, new), label="moa: the answer"))
        deadline, answered, pause = loop.time() + CONFIRM_WITHIN, False, _LOOK_EVERY
        while True:
            now = self.buffers.documents.get(self.uri)
            if now is None:
                return CLOSED
            if now.version != version and self.place.take_in(now.lines, new, waiting):
                return None
            if answer.done() and (refusal := refusal_of(answer)):
                return refusal
            if answer.done() and not answered:
                answered, deadline = True, loop.time() + _SHOWN_WITHIN
            if loop.time() > deadline:
                return "The editor didn't confirm the edit"
            await (asyncio.sleep(pause) if answer.done() else asyncio.wait({answer}, timeout=pause))
            pause = min(pause * 1.5, _LOOK_EVERY_AT_MOST)

    def _edit(self, document: Document, new: Sequence[str]) -> types.WorkspaceEdit:
        codec, lines = self.buffers.documents.codec, document.lines
        insertion = self.place.insertion(lines, new)
        span = types.Range(codec.position(lines, insertion.first, 0), codec.position(lines, insertion.last, 0))
        edit = types.TextEdit(range=span, new_text=insertion.text)
        if not self.traits.document_changes:
            return types.WorkspaceEdit(changes={document.uri: [edit]})
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, [edit])])
