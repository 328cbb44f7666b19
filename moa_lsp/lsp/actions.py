"""The code actions of every document. Many clients have no other way to say what is wanted: they can't pass arguments.

In files these are the ones on pending hunks and on lines to discuss (`review.py`), and behind them the few that make
sense anywhere; in notebooks those on the prompt, the architect's heading or the hunk under the cursor. Nothing is
offered that would be refused as things stand; what an action does is a command's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from lsprotocol import types

from moa_lsp.discussion.prompt import Choose, Code, Drop, read_prompt
from moa_lsp.discussion.values import Architect, Discussion
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus
from moa_lsp.lsp import review
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.documents import Document
from moa_lsp.lsp.publishing import Publishing
from moa_lsp.lsp.traits import Traits
from moa_lsp.session import notebook
from moa_lsp.session.retrying import to_retry
from moa_lsp.session.run import NotPossible
from moa_lsp.session.session import Session
from moa_lsp.session.writing import Refused, Writing

WRITE_HERE = "Write the discussion here"
_HOW_FAR_BACK = 20
"""Checkpoints looked through for the last applied change."""

_FIX, _REWRITE, _SOURCE = (
    types.CodeActionKind.QuickFix,
    types.CodeActionKind.RefactorRewrite,
    types.CodeActionKind.Source,
)
Actions = Iterator[types.CodeAction]


@frozen
class CodeActions:
    """One connection's code actions."""

    session: Session
    buffers: Buffers
    publishing: Publishing
    writing: Writing
    traits: Traits

    def on(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done on a range of a document, of the kinds that the client asks for."""
        uri, line = params.text_document.uri, params.range.start.line
        document = self.buffers.documents.get(uri)
        if document is not None and self.buffers.is_notebook(uri):
            actions = [*self._in_notebook(document, line)]
        else:
            actions = self.publishing.actions(params)
            if self.buffers.path(uri) is None:
                return actions
        # An editor that asks at every move of the cursor, for its light bulb, isn't to show one everywhere.
        if params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic and not self.traits.own_commands:
            actions += self._anywhere()
        return [action for action in actions if review.wanted(action, params.context.only)]

    def _current(self) -> Discussion | None:
        current = self.session.current()
        return self.session.discussion(current) if current is not None else None

    # --- anywhere

    def _anywhere(self) -> Actions:
        if running := self._running():
            yield _action("Stop the architects", _SOURCE, "cancel", {"discussion": running})
        if change := self._last_applied():
            yield _action(f"Undo the last applied change ({change.title})", _SOURCE, "undo", {"change": change.id})
        if self.writing.checkpoints.newest(1):
            yield _action("Bring back an earlier state…", _SOURCE, "restore-earlier", {})

    def _running(self) -> str | None:
        """A discussion in which something runs here, the current one before others."""
        running, current = self.session.running, self.session.current()
        return current if current in running else next(iter(running), None)

    def _last_applied(self) -> Change | None:
        """The change that was applied last, where it can still be undone."""
        for checkpoint in self.writing.checkpoints.newest(_HOW_FAR_BACK):
            change = self.session.changes.get(checkpoint.change) if checkpoint.change else None
            if change and any(hunk.status is HunkStatus.APPLIED for file in change.files for hunk in file.hunks):
                return change if self._can_be_undone(change) else None
        return None

    def _can_be_undone(self, change: Change) -> bool:
        try:
            self.writing.plan_undo(change)
        except Refused:
            return False
        return True

    # --- in notebooks

    def _in_notebook(self, document: Document, line: int) -> Actions:
        here: dict[str, Any] = {"document": document.uri, "position": {"line": line, "character": 0}}
        begin = {**here, "wait": False}
        text = document.lines[line].rstrip("\r\n") if line < len(document.lines) else ""
        current = self._current()
        if prompt := notebook.prompt_at(document.lines, line):
            yield from self._on_prompt(prompt.text, begin, current)
        elif names := notebook.names_hunk(text):
            yield from self._on_hunk(*names)
        elif current:
            for architect in current.architects:
                if notebook.is_heading_of(text, architect.name):
                    yield from self._on_architect(architect, current, begin)
        if current and (current.rounds or current.codings):
            yield _action(WRITE_HERE, _SOURCE, "write-discussion", here)

    def _on_prompt(self, text: str, here: dict[str, Any], current: Discussion | None) -> Actions:
        if current and current.id in self.session.running:
            return
        match read_prompt(text):
            case Code():
                yield _action("Have it implemented", _REWRITE, "send", here)
            case Drop(name):
                architect = current.architect(name) if current else None
                name = architect.name if architect else name
                dropped = architect is not None and architect.dropped
                yield self._restore(name, here) if dropped else _action(f"Drop {name}", _REWRITE, "send", here)
            case Choose(preset):
                yield _action(f"Hold the discussion by the preset {preset}", _REWRITE, "send", here)
            case _:
                yield _action("Send this to the architects", _REWRITE, "send", here)

    def _on_architect(self, architect: Architect, current: Discussion, here: dict[str, Any]) -> Actions:
        name = architect.name
        if current.id not in self.session.running and _can_be_retried(current, architect):
            yield _action(f"Ask {name} once more", _REWRITE, "send", {**here, "retry": name})
        if architect.dropped:
            yield self._restore(name, here)
        else:
            yield _action(f"Drop {name}", _REWRITE, "send", {**here, "drop": name})

    def _restore(self, name: str, here: dict[str, Any]) -> types.CodeAction:
        return _action(f"Restore {name}", _REWRITE, "send", {**here, "restore": name})

    def _on_hunk(self, change_id: str, hunk_id: str) -> Actions:
        change = self.session.changes.get(change_id)
        found = ((file, hunk) for file in change.files for hunk in file.hunks if hunk.id == hunk_id) if change else ()
        for file, hunk in found:
            assert change
            yield from self._on_found(change, file, hunk)

    def _on_found(self, change: Change, file: FileChange, hunk: Hunk) -> Actions:
        who = " and ".join(hunk.sources) or "moa"
        named: dict[str, Any] = {"change": change.id, "hunks": [hunk.id]}
        if hunk.status is HunkStatus.PENDING:
            yield _action(f"Apply this hunk ({who})", _FIX, "apply", named)
            yield _action(f"Reject this hunk ({who})", _FIX, "reject", named)
        if hunk.status is HunkStatus.REJECTED:
            yield _action(f"Take this hunk up again ({who})", _FIX, "unreject", named)
        pending = [one for each in change.files for one in each.hunks if one.status is HunkStatus.PENDING]
        if pending:
            yield _action(review.whole_title(change, len(pending)), _FIX, "apply", {"change": change.id})
        if self._can_be_undone(change):
            yield _action(f"Undo the change ({change.title})", _FIX, "undo", {"change": change.id})
        stands = hunk.status is not HunkStatus.PENDING or file.kind is not FileKind.CREATE
        if self.traits.show_document and stands and self.buffers.exists(file.where):
            yield _action("Show in the file", _FIX, "show-hunk", {"change": change.id, "hunk": hunk.id})


def _can_be_retried(discussion: Discussion, architect: Architect) -> bool:
    try:
        to_retry(discussion, architect)
    except NotPossible:
        return False
    return True


def _action(title: str, kind: types.CodeActionKind, command: str, argument: dict[str, Any]) -> types.CodeAction:
    carried = types.Command(title=title, command=f"moa.{command}", arguments=[argument])
    return types.CodeAction(title=title, kind=kind, command=carried)
