"""Writing through the editor: one `workspace/applyEdit` for a plan, and a look at the text afterwards.

What the client answers is not believed, only the text is: Neovim says `applied: true` when it refused, and some clients
don't answer at all (measured). What is written is decided in `session/writing.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from attrs import evolve, frozen
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, Problem
from moa_lsp.lsp.review import describe
from moa_lsp.lsp.traits import Traits
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.writing import FilePlan, Plan, Writing

CONFIRM_WITHIN = 10.0
"""Seconds until an edit that nothing shows in the text counts as not confirmed."""

_LOOK_EVERY = 0.02
_LOOK_EVERY_AT_MOST = 0.25

Send = Callable[[types.ApplyWorkspaceEditParams], "asyncio.Future[types.ApplyWorkspaceEditResult]"]


@frozen
class EditorWriter:
    """Has plans written by the editor. `current` gives a file's text now, `None` where there is none."""

    traits: Traits
    wire: Wire
    writing: Writing
    current: Callable[[str], str | None]
    send: Send

    async def carry_out(self, plan: Plan, confirm: bool) -> Change:
        """Asks the editor and returns the change as it then stands. Where not all was written, a problem says so.

        `confirm` asks the client to let the user confirm each hunk, where it can.
        """
        self.writing.begin(plan)
        said = "The editor didn't answer"
        try:
            said = await self._ask(plan, confirm)
        finally:
            standing = {part.path: self.current(part.path) for part in plan.files}
            change = self.writing.settle(plan)
        problems = [*change.problems, *plan.left]
        if missing := [part.path for part in plan.files if standing[part.path] != part.after]:
            problems.append(Problem(f"{said}; {', '.join(missing)} doesn't read as it should after this edit."))
        return evolve(change, problems=tuple(problems))

    async def _ask(self, plan: Plan, confirm: bool) -> str:
        """Sends the edit and waits until the text shows it, or won't. Returns what the editor said to it, for
        people."""
        loop = asyncio.get_running_loop()
        answer = self.send(types.ApplyWorkspaceEditParams(edit=self.edit(plan, confirm), label=f"moa: {plan.title}"))
        deadline = loop.time() + CONFIRM_WITHIN
        pause = _LOOK_EVERY
        while not self._stands(plan):
            if answer.done() and (refusal := _refusal(answer)) and self._untouched(plan):
                return refusal
            if loop.time() > deadline:
                return "The editor didn't confirm the edit"
            if answer.done():
                await asyncio.sleep(pause)
            else:
                await asyncio.wait({answer}, timeout=pause)
            pause = min(pause * 1.5, _LOOK_EVERY_AT_MOST)
        return "The editor applied the edit"

    def _stands(self, plan: Plan) -> bool:
        return all(self.current(part.path) == part.after for part in plan.files)

    def _untouched(self, plan: Plan) -> bool:
        return all(self.current(part.path) == part.before for part in plan.files)

    # --- the edit

    def edit(self, plan: Plan, confirm: bool) -> types.WorkspaceEdit:
        """The plan as one workspace edit: one entry a file, created files first, each hunk with an annotation."""
        if not self.traits.document_changes:
            return types.WorkspaceEdit(
                changes={self.wire.uri(part.path): self._text_edits(part) for part in plan.files}
            )
        operations: list[types.CreateFile | types.DeleteFile | types.TextDocumentEdit | types.RenameFile] = []
        for part in plan.files:
            uri = self.wire.uri(part.path)
            if part.kind is FileKind.DELETE and self.traits.delete_files:
                operations.append(types.DeleteFile(uri=uri, options=types.DeleteFileOptions(ignore_if_not_exists=True)))
                continue
            if part.kind is FileKind.CREATE and self.traits.create_files:
                # Without ignoreIfExists Neovim truncates a file that is there (measured).
                options = types.CreateFileOptions(overwrite=False, ignore_if_exists=True)
                operations.append(types.CreateFile(uri=uri, options=options))
            document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=self.wire.version(part.path))
            edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = list(self._text_edits(part))
            operations.append(types.TextDocumentEdit(text_document=document, edits=edits))
        if not self.traits.annotations:
            return types.WorkspaceEdit(document_changes=operations)
        # Neovim takes an annotation's id that isn't explained for an error (measured): all of them are listed.
        notes = {
            hunk.id: types.ChangeAnnotation(
                label=_label(part, hunk), description=plan.title, needs_confirmation=True if confirm else None
            )
            for part in plan.files
            for hunk in part.hunks
        }
        return types.WorkspaceEdit(document_changes=operations, change_annotations=notes)

    def _text_edits(self, part: FilePlan) -> Sequence[types.TextEdit]:
        """The hunks as edits of the text as it is. An annotated edit is a text edit with one key more (LSP 3.16)."""
        lines = split_lines(part.before or "")
        return [cast("types.TextEdit", self._text_edit(part, hunk, lines)) for hunk in part.hunks]

    def _text_edit(self, part: FilePlan, hunk: Hunk, lines: list[str]) -> types.TextEdit | types.AnnotatedTextEdit:
        ends = self.wire.range(hunk, lines)
        start = types.Position(ends["start"]["line"], ends["start"]["character"])
        end = types.Position(ends["end"]["line"], ends["end"]["character"])
        if part.kind is FileKind.CREATE and self.traits.neovim and hunk.new.endswith("\n"):
            # In Neovim an empty new buffer has one line, which is left over behind an insertion (measured).
            end = types.Position(1, 0)
        span = types.Range(start, end)
        if self.traits.annotations:
            return types.AnnotatedTextEdit(annotation_id=hunk.id, range=span, new_text=hunk.new)
        return types.TextEdit(range=span, new_text=hunk.new)


def _label(part: FilePlan, hunk: Hunk) -> str:
    return describe(FileChange(part.path, part.kind), hunk)


def _refusal(answer: asyncio.Future[types.ApplyWorkspaceEditResult]) -> str | None:
    """What the editor said against the edit; `None` where it claims to have applied it."""
    if answer.cancelled():
        return "The editor didn't answer"
    if error := answer.exception():
        return f"The editor refused the edit ({error})"
    result = cast("types.ApplyWorkspaceEditResult | None", answer.result())
    if result is None or result.applied:
        return None
    return f"The editor refused the edit ({result.failure_reason or 'it gave no reason'})"
