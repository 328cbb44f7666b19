"""The contract's commands on the wire: both doors lead here, to the same method, with the same object in and out.

Each method turns URIs and positions into paths and lines, calls the session, and turns what comes back into the wire's
objects. What a command does is decided in `session/`; what it takes is checked by `commands.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from attrs import field, frozen, mutable
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcRequestCancelled

from moa_lsp.discussion.values import Status
from moa_lsp.edits.change import Change
from moa_lsp.lsp.apply import EditorWriter
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.commands import COMMANDS, Command, InvalidArgument
from moa_lsp.lsp.progress import Progress, ProgressClient, Token
from moa_lsp.lsp.runs import Runs
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.completion import Droppable, complete, mentions_file
from moa_lsp.session.session import NotPossible, PointedAt, Run, Session, Stopped, Unknown
from moa_lsp.session.writing import Plan, Refused

Arguments = Mapping[str, Any]
_TOKENS = ("workDoneToken", "partialResultToken")


@frozen
class Asked:
    """One long command on its way: its run, and its progress."""

    run: Run
    progress: Progress


@mutable
class Handlers:
    """One connection's commands."""

    session: Session
    buffers: Buffers
    wire: Wire
    writer: EditorWriter
    client: ProgressClient
    runs: Runs = field(factory=Runs)
    _writing: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _warming: asyncio.Task[None] | None = field(default=None, init=False)

    async def request(self, msg_id: str | int, method: str, params: Mapping[str, object]) -> Any:
        """Carries out a request of either door. Raises JSON-RPC errors with the contract's codes."""
        command, argument, token = _opened(method, params)
        try:
            arguments = command.check(argument)
            if command.long:
                return await self._long(msg_id, command, arguments, token)
            return await self._short[command.name](arguments)
        except (InvalidArgument, Unknown) as error:
            raise JsonRpcInvalidParams(str(error)) from None
        except (NotPossible, Refused) as error:
            raise JsonRpcException(str(error), code=types.LSPErrorCodes.RequestFailed.value) from None
        except Stopped:
            raise JsonRpcRequestCancelled("The run was cancelled; what had arrived is kept.") from None

    async def _long(self, msg_id: str | int, command: Command, arguments: Arguments, token: Token | None) -> Any:
        run = self.runs.begin(msg_id)
        try:
            progress = Progress(self.client, token)
            if token is not None:
                self.runs.reports_under(run, token)
            elif self.writer.traits.progress:
                progress.create(lambda created: self.runs.reports_under(run, created))
            run.report = progress.report
            asked = Asked(run, progress)
            handler = self._discuss if command.name == "discuss" else self._code
            try:
                return await handler(asked, arguments)
            except Stopped:
                progress.end("Cancelled")
                raise
            except Exception:
                progress.end("Failed")
                raise
        finally:
            self.runs.end(msg_id)

    @property
    def _short(self) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
        return {
            "drop-architect": self._drop,
            "restore-architect": self._restore,
            "new-discussion": self._new,
            "show-discussion": self._show,
            "list-discussions": self._list,
            "apply": self._apply,
            "reject": self._reject,
            "undo": self._undo,
            "cancel": self._cancel,
            "estimate": self._estimate,
            "complete": self._complete,
        }

    # --- rounds and code

    async def _discuss(self, asked: Asked, given: Arguments) -> Any:
        files, selection = self._files(given), self._selection(given.get("selection"))
        asked.progress.begin("Discussing", "Asking the architects")
        held = await self.session.discuss(asked.run, given["message"], given.get("discussion"), files, selection)
        turns = held.round.turns
        failed = sum(turn.status is Status.FAILED for turn in turns)
        asked.progress.end(f"{failed} of {len(turns)} architects failed" if failed else "Done")
        return self.wire.round(held.discussion, held.round, held.left_out)

    async def _code(self, asked: Asked, given: Arguments) -> Any:
        files = self._files(given)
        asked.progress.begin("Coding", "Asking the editor model")
        change = await self.session.code(asked.run, given.get("message"), given.get("discussion"), files)
        asked.progress.end("Done")
        return self.wire.change_object(change)

    async def _cancel(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.cancel(given.get("discussion")))

    # --- discussions

    async def _drop(self, given: Arguments) -> Any:
        return self.wire.discussion(await self.session.set_dropped(given["name"], True, given.get("discussion")))

    async def _restore(self, given: Arguments) -> Any:
        return self.wire.discussion(await self.session.set_dropped(given["name"], False, given.get("discussion")))

    async def _new(self, _: Arguments) -> Any:
        return self.wire.discussion(await self.session.new())

    async def _show(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.discussion(given.get("discussion")), rounds=True)

    async def _list(self, _: Arguments) -> Any:
        return [self.wire.discussion(discussion, usage) for discussion, usage in self.session.list()]

    async def _estimate(self, given: Arguments) -> Any:
        estimates = await self.session.estimate(given["message"], self._files(given))
        return [self.wire.estimate(estimate) for estimate in estimates]

    async def _complete(self, given: Arguments) -> Any:
        if self._warming is None:
            self._warming = asyncio.create_task(self.session.expect_a_call())
        text: str = given["text"]
        at = self._prompt_offset(text, given["position"])
        architects = [Droppable(one.name, one.model) for one in await self.session.droppable()]
        files = await asyncio.to_thread(self.buffers.mentionable) if mentions_file(text, at) else []
        found = complete(text, at, architects, files)
        return [{"label": one.label, "detail": one.detail, "insertText": one.insert_text} for one in found]

    def _prompt_offset(self, text: str, position: object) -> int:
        """A place in a prompt, as a count of units from its beginning or as an LSP position, in code points."""
        if isinstance(position, int):
            # One character more: a prompt's last line break is part of it, while a line ends before its own.
            return min(self.wire.codec.column(f"{text} ", position), len(text))
        at = cast("dict[str, int]", position)
        lines = text.split("\n")
        line = min(at["line"], len(lines) - 1)
        return sum(len(one) + 1 for one in lines[:line]) + self.wire.codec.column(lines[line], at["character"])

    # --- changes

    async def _apply(self, given: Arguments) -> Any:
        async with self._writing:
            change = self._change(given["change"])
            plan = self.writer.writing.plan(change, self._hunks(change, given))
            return self.wire.change_object(change if plan is None else await self._write(plan))

    async def _undo(self, given: Arguments) -> Any:
        async with self._writing:
            plan = self.writer.writing.plan_undo(self._change(given["change"]))
            return self.wire.change_object(await self._write(plan))

    async def _write(self, plan: Plan) -> Change:
        if not self.writer.traits.apply_edit:
            raise NotPossible("This editor can't apply edits (workspace/applyEdit). `moa-lsp apply` in a terminal can.")
        for part in plan.files:
            # Asked again here: since the change was proposed, a folder may have become a link that leads outside.
            if reason := self.buffers.refusal(part.path):
                raise Refused(f"{part.path} can't be edited: it {reason}.")
        return await self.writer.carry_out(plan, self.session.configuration.settings.confirm_edits and not plan.undo)

    async def _reject(self, given: Arguments) -> Any:
        change = self._change(given["change"])
        rejected = self.session.changes.reject(change, self._hunks(change, given), given.get("reason"))
        return self.wire.change_object(rejected)

    def _change(self, id: str) -> Change:
        change = self.session.changes.get(id)
        if change is None:
            raise Unknown(f"There is no change {id!r}.")
        return change

    def _hunks(self, change: Change, given: Arguments) -> list[str] | None:
        named: list[str] | None = given.get("hunks")
        known = {hunk.id for file in change.files for hunk in file.hunks}
        for id in named or ():
            if id not in known:
                raise Unknown(f"The change {change.id!r} has no hunk {id!r}.")
        return named

    # --- what clients point at

    def _files(self, given: Arguments) -> list[str] | None:
        uris: list[str] | None = given.get("files")
        return None if uris is None else [self._path(uri) for uri in uris]

    def _path(self, uri: str) -> str:
        path = self.buffers.path(uri)
        if path is None:
            raise Unknown(f"{uri} is not a file in this workspace.")
        return path

    def _selection(self, given: Mapping[str, Any] | None) -> PointedAt | None:
        if given is None:
            return None
        start, end = given["range"]["start"], given["range"]["end"]
        last = end["line"] if end["character"] > 0 or end["line"] == start["line"] else end["line"] - 1
        return PointedAt(self._path(given["uri"]), start["line"] + 1, last + 1)


def _opened(method: str, params: Mapping[str, object]) -> tuple[Command, object, Token | None]:
    """The command that a request of either door means, its argument, and the token to report progress under."""
    token = params.get("workDoneToken")
    usable = token if isinstance(token, str | int) and not isinstance(token, bool) else None
    if method != types.WORKSPACE_EXECUTE_COMMAND:
        argument = {name: value for name, value in params.items() if name not in _TOKENS}
        return _command(method.removeprefix("moa/"), method), argument, usable
    id = params.get("command")
    if not isinstance(id, str):
        raise JsonRpcInvalidParams("workspace/executeCommand needs a command.")
    command = _command(id.removeprefix("moa.") if id.startswith("moa.") else "", id)
    arguments = params.get("arguments")
    if not isinstance(arguments, list) or len(cast("list[object]", arguments)) != 1:
        raise JsonRpcInvalidParams(f"{id} takes exactly one argument, an object.")
    return command, cast("list[object]", arguments)[0], usable


def _command(name: str, called: str) -> Command:
    command = COMMANDS.get(name)
    if command is None:
        raise JsonRpcInvalidParams(f"There is no command {called!r}.")
    return command
