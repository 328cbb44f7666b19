"""Writing through the editor: one `workspace/applyEdit` for a plan, and a look at the text afterwards.

What the client answers is not believed, only the text is: Neovim says `applied: true` when it refused, and some clients
don't answer at all (measured). What is written is decided in `session/writing.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from attrs import frozen
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, Problem
from moa_lsp.lsp.traits import Traits
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.deeds import deed, describe
from moa_lsp.session.plan import BYTE_ORDER_MARK, FilePlan, Plan, reads
from moa_lsp.session.writing import Writing
from moa_lsp.store.checkpoint import Checkpoint

CONFIRM_WITHIN = 10.0
"""Seconds until an edit that nothing shows in the text counts as not confirmed."""
CONFIRM_BY_HAND_WITHIN = 600.0
"""Seconds a person has for the editor's own question, where it is to ask for each hunk: VS Code shows a list of them,
and answers when something was chosen there (measured)."""

_LOOK_EVERY = 0.02
_LOOK_EVERY_AT_MOST = 0.25

Send = Callable[[types.ApplyWorkspaceEditParams], "asyncio.Future[types.ApplyWorkspaceEditResult]"]
Operation = types.CreateFile | types.DeleteFile | types.TextDocumentEdit | types.RenameFile


@frozen
class Written:
    """What came of a plan: its change as it stands now (`None` for a restore), the checkpoint from before, and what
    was left out or isn't as it should be."""

    change: Change | None
    checkpoint: Checkpoint
    problems: tuple[Problem, ...]


@frozen
class EditorWriter:
    """Has plans written by the editor. `current` gives a file's text now, `None` where there is none."""

    traits: Traits
    wire: Wire
    writing: Writing
    current: Callable[[str], str | None]
    send: Send

    def unable(self, plan: Plan) -> str | None:
        """Why this client can't carry out the plan, as a sentence; `None` where it can."""
        if not self.traits.apply_edit:
            return "This editor can't apply edits (workspace/applyEdit). `moa-lsp apply` in a terminal can."
        for kind, can, what in (
            (FileKind.DELETE, self.traits.delete_files, "delete"),
            (FileKind.RENAME, self.traits.rename_files, "rename"),
        ):
            if not can and (path := next((part.path for part in plan.files if part.kind is kind), None)):
                return (
                    f"This editor can't {what} files as part of an edit (resourceOperations: {what}), as {path} needs."
                )
        return None

    async def carry_out(self, plan: Plan, confirm: bool) -> Written:
        """Asks the editor, and tells what then stands. Where not all was written, a problem says so, file by file.

        `confirm` asks the client to let the user confirm each hunk, where it can.
        """
        checkpoint = self.writing.begin(plan)
        said = "The editor didn't answer"
        try:
            said = await self._ask(plan, confirm)
        finally:
            standing = {path: self.current(path) for path in plan.texts_before}
            change = self.writing.settle(plan, checkpoint)
        missing = [_shortfall(part, standing) for part in plan.files if not _stands(part, standing)]
        problems = [*plan.left, *(Problem(f"{said}; {short}", part) for part, short in missing)]
        return Written(change, checkpoint, tuple(problems))

    async def _ask(self, plan: Plan, confirm: bool) -> str:
        """Sends the edit and waits until the text shows it, or won't. Returns what the editor said to it, for
        people."""
        loop = asyncio.get_running_loop()
        answer = self.send(types.ApplyWorkspaceEditParams(edit=self.edit(plan, confirm), label=f"moa: {plan.title}"))
        deadline = loop.time() + (CONFIRM_BY_HAND_WITHIN if confirm and self.traits.annotations else CONFIRM_WITHIN)
        pause = _LOOK_EVERY
        answered = False
        while not self._stands(plan):
            if answer.done() and not answered:
                answered, deadline = True, min(deadline, loop.time() + CONFIRM_WITHIN)
            if answer.done() and (refusal := refusal_of(answer)) and self._untouched(plan):
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
        return all(reads(self.current(path), text) for path, text in plan.texts_after.items())

    def _untouched(self, plan: Plan) -> bool:
        return all(reads(self.current(path), text) for path, text in plan.texts_before.items())

    # --- the edit

    def edit(self, plan: Plan, confirm: bool) -> types.WorkspaceEdit:
        """The plan as one workspace edit: one entry a file, created files first, each hunk with an annotation."""
        if not self.traits.document_changes:
            return types.WorkspaceEdit(
                changes={self.wire.uri(part.path): self._text_edits(part) for part in plan.files}
            )
        operations = [operation for part in plan.files for operation in self._operations(part)]
        if not self.traits.annotations:
            return types.WorkspaceEdit(document_changes=operations)
        # Neovim takes an annotation's id that isn't explained for an error (measured): all of them are listed.
        notes = {
            hunk.id: types.ChangeAnnotation(
                label=_label(plan, part, hunk), description=plan.title, needs_confirmation=True if confirm else None
            )
            for part in plan.files
            for hunk in part.hunks
        }
        return types.WorkspaceEdit(document_changes=operations, change_annotations=notes)

    def _operations(self, part: FilePlan) -> list[Operation]:
        """One file's part. A renamed file's text is edited under its old name: only that one has a version that can be
        checked, and Neovim writes the edited buffer to the new one (measured: the other way round it stays unsaved)."""
        uri = self.wire.uri(part.path)
        operations: list[Operation] = []
        if part.kind is FileKind.DELETE:
            # Neovim 0.10 leaves a buffer that was never saved as it is (measured): at least it is emptied.
            if self.traits.neovim and part.edits and self.writing.checkpoints.on_disk(part.path) is None:
                operations.append(self._edits(uri, part))
            operations.append(self._delete(uri, part))
            return operations
        if part.kind is FileKind.CREATE and self.traits.create_files:
            # Without ignoreIfExists Neovim truncates a file that is there (measured).
            options = types.CreateFileOptions(overwrite=False, ignore_if_exists=True)
            note = self._annotation(next(iter(part.hunks), None))
            operations.append(types.CreateFile(uri=uri, options=options, annotation_id=note))
        if part.edits:
            operations.append(self._edits(uri, part))
        if part.new_path:
            new_uri, options = self.wire.uri(part.new_path), types.RenameFileOptions(False, False)
            note = self._annotation(next((hunk for hunk in part.hunks if hunk.renames), None))
            operations.append(types.RenameFile(old_uri=uri, new_uri=new_uri, options=options, annotation_id=note))
        return operations

    def _edits(self, uri: str, part: FilePlan) -> types.TextDocumentEdit:
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=self.wire.version(part.path))
        return types.TextDocumentEdit(text_document=document, edits=[*self._text_edits(part)])

    def _delete(self, uri: str, part: FilePlan) -> types.DeleteFile:
        options = types.DeleteFileOptions(ignore_if_not_exists=True)
        return types.DeleteFile(uri=uri, options=options, annotation_id=self._annotation(next(iter(part.hunks), None)))

    def _annotation(self, hunk: Hunk | None) -> str | None:
        return hunk.id if hunk and self.traits.annotations else None

    def _text_edits(self, part: FilePlan) -> Sequence[types.TextEdit]:
        """The hunks as edits of the text as it is. An annotated edit is a text edit with one key more (LSP 3.16)."""
        lines = split_lines(part.before or "")
        # Of two that begin at one place clients take the first for what comes first (LSP 3.17, "TextEdit[]").
        in_order = sorted(part.edits, key=lambda hunk: (hunk.start, hunk.end))
        return [cast("types.TextEdit", self._text_edit(part, hunk, lines)) for hunk in in_order]

    def _text_edit(self, part: FilePlan, hunk: Hunk, lines: list[str]) -> types.TextEdit | types.AnnotatedTextEdit:
        ends = self.wire.range(hunk, lines)
        start = types.Position(ends["start"]["line"], ends["start"]["character"])
        end = types.Position(ends["end"]["line"], ends["end"]["character"])
        if part.kind is FileKind.CREATE and self.traits.neovim and hunk.new.endswith("\n"):
            # In Neovim an empty new buffer has one line, which is left over behind an insertion (measured).
            end = types.Position(1, 0)
        span = types.Range(start, end)
        new = BYTE_ORDER_MARK + hunk.new if part.kind is FileKind.CREATE and part.bom else hunk.new
        if self.traits.annotations:
            return types.AnnotatedTextEdit(annotation_id=hunk.id, range=span, new_text=new)
        return types.TextEdit(range=span, new_text=new)


def _label(plan: Plan, part: FilePlan, hunk: Hunk) -> str:
    """What a hunk is to people. What is taken back or restored, nobody proposed."""
    says = describe if plan.change and not plan.undo else deed
    return says(FileChange(part.path, part.kind, part.new_path), hunk)


def _stands(part: FilePlan, now: Mapping[str, str | None]) -> bool:
    return all(reads(now[path], text) for path, text in part.texts_after.items())


def _shortfall(part: FilePlan, now: Mapping[str, str | None]) -> tuple[str, str]:
    """The file whose state isn't as it should be, and what is wrong with it, by what stands."""
    old, new = now[part.path], now[part.lands]
    if part.after is None:
        return part.path, f"{part.path} is still there."
    if not part.new_path:
        return part.path, f"{part.path} doesn't read as it should after this edit."
    if new is None:
        edited = "" if reads(old, part.before) else "; its text was edited"
        return part.path, f"{part.path} wasn't renamed to {part.new_path}{edited}."
    if old is not None:
        return part.path, f"there is both {part.path} and {part.new_path}."
    return part.new_path, f"{part.path} was renamed to {part.new_path}, which doesn't read as it should."


def refusal_of(answer: asyncio.Future[types.ApplyWorkspaceEditResult]) -> str | None:
    """What the editor said against the edit; `None` where it claims to have applied it."""
    if answer.cancelled():
        return "The editor didn't answer"
    if error := answer.exception():
        return f"The editor refused the edit ({error})"
    result = cast("types.ApplyWorkspaceEditResult | None", answer.result())
    if result is None or result.applied:
        return None
    return f"The editor refused the edit ({result.failure_reason or 'it gave no reason'})"
