"""The contract's commands on the wire: both doors lead here, to the same method, with the same object in and out.

Each method turns URIs and positions into paths and lines, calls the session, and turns what comes back into the wire's
objects. What a command does is decided in `session/`; what it takes is checked by `commands.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, cast

from attrs import evolve, field, mutable
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcRequestCancelled

from moa_lsp.context.files import encoding_of_new
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileKind
from moa_lsp.lsp.apply import EditorWriter, Written
from moa_lsp.lsp.asking import Asking
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.commands import COMMANDS, Command, InvalidArgument
from moa_lsp.lsp.decision_commands import DecisionCommands
from moa_lsp.lsp.differing_values import conflicts
from moa_lsp.lsp.discussion_commands import DiscussionCommands
from moa_lsp.lsp.long_runs import Asked, LongRuns
from moa_lsp.lsp.notebooks import Notebooks
from moa_lsp.lsp.preset_commands import PresetCommands
from moa_lsp.lsp.progress import Progress, ProgressClient, Token
from moa_lsp.lsp.questioning import Questioning
from moa_lsp.lsp.runs import Runs
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.checkpoints import Restore
from moa_lsp.session.completion import Droppable, Offered, complete, mentions_file, names_preset
from moa_lsp.session.deciding import Conflicting
from moa_lsp.session.plan import FilePlan, Plan, reads
from moa_lsp.session.preview import previews
from moa_lsp.session.session import NotPossible, PointedAt, Session, Stopped, Unknown
from moa_lsp.session.writing import Refused

_log = logging.getLogger(__name__)

Arguments = Mapping[str, Any]
_WRITING = ("apply", "undo", "restore", "restore-earlier")
"""The short commands that have the editor write."""
_MOST_CHOICES = 8
"""Checkpoints to choose from: what a message can show as buttons."""
_TOKENS = ("workDoneToken", "partialResultToken")


@mutable
class Handlers:
    """One connection's commands."""

    session: Session
    buffers: Buffers
    wire: Wire
    writer: EditorWriter
    client: ProgressClient
    asking: Asking
    long: LongRuns
    notebooks: Notebooks
    questioning: Questioning
    folder_of: Callable[[str], str | None]
    show: Callable[[str, int, int], Awaitable[bool]]
    """Has the editor show lines of a file (the last one excluded), and tells whether it did."""
    runs: Runs = field(factory=Runs)
    _writing: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _asked: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    """Held from a question until what was said yes to is written: a double click asks once."""
    _on_their_way: set[asyncio.Task[None]] = field(factory=set[asyncio.Task[None]], init=False)
    """The commands that run on although they are answered."""
    _warming: asyncio.Task[None] | None = field(default=None, init=False)

    async def request(self, msg_id: str | int, method: str, params: Mapping[str, object]) -> Any:
        """Carries out a request of either door. Raises JSON-RPC errors with the contract's codes."""
        command, argument, token = _opened(method, params)
        try:
            arguments = command.check(argument)
            waits = self.writer.traits.waits_for_commands and method == types.WORKSPACE_EXECUTE_COMMAND
            if arguments.get("wait") is False or (waits and (command.long or command.name in _WRITING)):
                return self._begun(msg_id, command, arguments)
            if command.long:
                result = await self._long(msg_id, command, arguments, token)
                if method == types.WORKSPACE_EXECUTE_COMMAND:
                    self._tell_failures(command, result)
                return result
            return await self._short[command.name](arguments)
        except (InvalidArgument, Unknown) as error:
            raise JsonRpcInvalidParams(str(error)) from None
        except (NotPossible, Refused) as error:
            data = conflicts(error) if isinstance(error, Conflicting) else None
            raise JsonRpcException(str(error), code=types.LSPErrorCodes.RequestFailed.value, data=data) from None
        except Stopped:
            raise JsonRpcRequestCancelled("The run was cancelled; what had arrived is kept.") from None

    def _begun(self, msg_id: str | int, command: Command, arguments: Arguments) -> Any:
        """Answers at once: some clients let nobody type while they wait for a command's answer (eglot, for 10 s). How
        it goes on stands in the notebook, or is told as a message."""
        if command.name == "send":
            self.notebooks.check(arguments)
        # The request's id and its token mean nothing any more once it is answered (LSP 3.17 §workDoneProgress).
        task = asyncio.create_task(self._on_its_way(f"begun-{msg_id}", command, arguments))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)
        return {"kind": "begun"} if command.name == "send" else None

    async def _on_its_way(self, id: str, command: Command, arguments: Arguments) -> None:
        try:
            if command.long:
                self._tell_failures(command, await self._long(id, command, arguments, None))
            else:
                await self._short[command.name](arguments)
        except Stopped:
            pass
        except (InvalidArgument, Unknown, NotPossible, Refused) as error:
            if command.name != "send":
                self.notebooks.tell(str(error))
        except Exception:
            _log.exception("A command that was answered already failed inside")

    def _tell_failures(self, command: Command, result: Any) -> None:
        """A client that knows nothing of us shows no round: that somebody failed, and why, is said."""
        if command.name in ("discuss", "retry") and not self.writer.traits.own_commands:
            turns = result["turns"] if command.name == "discuss" else result["turns"][-1:]
            for turn in turns:
                if turn["status"] == "failed":
                    self.notebooks.tell(f"{turn['architect']}: {turn['error']['message']}")

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
            try:
                return await self._long_ones[command.name](asked, arguments)
            except Stopped:
                progress.end("Cancelled")
                raise
            except Exception:
                progress.end("Failed")
                raise
        finally:
            self.runs.end(msg_id)

    @property
    def _long_ones(self) -> Mapping[str, Callable[[Asked, Arguments], Awaitable[Any]]]:
        return {
            "discuss": self._discuss,
            "code": self._code,
            "retry": self._retry,
            "write-roles": self._write_roles,
            "send": self.notebooks.send,
        }

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
            "checkpoints": self._checkpoints,
            "restore": self._restore_checkpoint,
            "restore-earlier": self._restore_earlier,
            "show-hunk": self._show_hunk,
            "write-discussion": self.notebooks.write,
            "cancel": self._cancel,
            "estimate": self._estimate,
            "models": self._models,
            "preview": self._preview,
            "complete": self.complete,
            "unreject": self._unreject,
            **DiscussionCommands(self.session, self.wire).all,
            **PresetCommands(self.session, self.wire).all,
            **DecisionCommands(self.session, self.wire).all,
        }

    # --- rounds and code

    async def _discuss(self, asked: Asked, given: Arguments) -> Any:
        files, selection = self._files(given), self._selection(given.get("selection"))
        folder = self._folder(given)
        message, discussion, preset = given["message"], given.get("discussion"), given.get("preset")
        held = await self.long.discuss(asked, message, discussion, files, selection, folder, preset)
        if not self.writer.traits.own_commands:
            self.questioning.ask(held)
        return self.wire.round(held.discussion, held.round, held.left_out)

    async def _code(self, asked: Asked, given: Arguments) -> Any:
        change = await self.long.code(asked, given.get("message"), given.get("discussion"), self._files(given))
        return self.wire.change_object(change)

    async def _retry(self, asked: Asked, given: Arguments) -> Any:
        held = await self.long.retry(asked, given["architect"], given.get("discussion"))
        return self.wire.round(held.discussion, held.round)

    async def _write_roles(self, asked: Asked, given: Arguments) -> Any:
        files = self._files(given)
        written = await self.long.write_roles(asked, given["message"], given.get("discussion"), files)
        return self.wire.discussion(written)

    async def _cancel(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.cancel(given.get("discussion")))

    # --- discussions

    async def _drop(self, given: Arguments) -> Any:
        return self.wire.discussion(await self.session.set_dropped(given["name"], True, given.get("discussion")))

    async def _restore(self, given: Arguments) -> Any:
        return self.wire.discussion(await self.session.set_dropped(given["name"], False, given.get("discussion")))

    async def _new(self, given: Arguments) -> Any:
        return self.wire.discussion(await self.session.discussions.new(self._folder(given)))

    async def _show(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.discussion(given.get("discussion")), rounds=True)

    async def _list(self, _: Arguments) -> Any:
        return [self.wire.discussion(discussion, usage) for discussion, usage in self.session.discussions.list()]

    async def _estimate(self, given: Arguments) -> Any:
        files, coding = self._files(given), given.get("for") == "code"
        discussion, preset = given.get("discussion"), given.get("preset")
        estimates = await self.session.estimate(given["message"], files, discussion, code=coding, preset=preset)
        return [self.wire.estimate(estimate) for estimate in estimates]

    async def _models(self, _: Arguments) -> Any:
        return [self.wire.model(one) for one in await self.session.models_to_pick()]

    async def complete(self, given: Arguments) -> list[dict[str, str]]:
        """What a prompt can be completed to, as `moa.complete` answers it."""
        if self._warming is None:
            self._warming = asyncio.create_task(self.session.expect_a_call())
        text: str = given["text"]
        at = self._prompt_offset(text, given["position"])
        architects = [Droppable(one.name, one.model) for one in await self.session.droppable()]
        files = await asyncio.to_thread(self.buffers.mentionable) if mentions_file(text, at) else []
        found = complete(text, at, architects, files, await self._presets(text))
        return [{"label": one.label, "detail": one.detail, "insertText": one.insert_text} for one in found]

    async def _presets(self, text: str) -> list[Offered]:
        """The presets to choose from, where the text is about to name one."""
        if not names_preset(text):
            return []
        return [Offered(name, title) for name, title in (await self.session.presets.titles(None)).items()]

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
        writing = self.writer.writing
        change = self._change(given["change"])
        named = self._hunks(change, given)
        async with AsyncExitStack() as held:
            confirmed: set[str] = set()
            if writing.questions(change, named):
                await held.enter_async_context(self._asked)
                # Those that were answered for another click meanwhile are applied by now.
                for one in writing.questions(self._change(change.id), named):
                    if await self.asking.agrees(f"{one.reason} Apply it all the same?", "Apply", "Leave it"):
                        confirmed.add(one.path)
            await held.enter_async_context(self._writing)
            change = self._change(change.id)
            plan = writing.plan(change, named, confirmed)
            if plan is None:
                return self.wire.change_object(change)
            settle = self.session.deciding.settling.applying(change, named)
            written = await self._write(plan)
            settle()
            return self._answer(written)

    async def _undo(self, given: Arguments) -> Any:
        async with self._writing:
            plan = self.writer.writing.plan_undo(self._change(given["change"]))
            return self._answer(await self._write(plan))

    def _answer(self, written: Written) -> Any:
        assert written.change
        change = self.session.changes.now(written.change.id)
        return self.wire.change_object(evolve(change, problems=(*change.problems, *written.problems)))

    async def _write(self, plan: Plan) -> Written:
        if reason := self.writer.unable(plan):
            raise NotPossible(reason)
        for part in plan.files:
            # Asked again here: since the change was proposed, a folder may have become a link that leads outside.
            for path in part.texts_before:
                if reason := self.buffers.refusal(path) or self._encoding_refusal(part):
                    raise Refused(f"{path} can't be edited: it {reason}.")
        confirm = (
            plan.change is not None and not plan.undo and self.session.settings_of(plan.change.discussion).confirm_edits
        )
        return await self.writer.carry_out(plan, confirm)

    def _encoding_refusal(self, part: FilePlan) -> str | None:
        """Why the client might write the file in another encoding than its own, completing "it …"."""
        keeps = self.writer.traits.keeps_encodings
        if part.kind is FileKind.CREATE:
            as_it_was = part.encoding == encoding_of_new(part.after or "", part.path) if keeps else False
            return None if part.encoding == "utf-8" or as_it_was else f"was {part.encoding}, and would become UTF-8"
        written = self.buffers.written(part.path)
        if keeps or written is None or written.plain or not part.edits or part.after is None:
            return None
        if not self.buffers.is_open(part.path):
            return f"is {written.encoding}: open it in the editor first, so that its encoding is kept"
        return f"is {written.encoding}, and the editor reads it as another one" if "\ufffd" in part.after else None

    async def _preview(self, given: Arguments) -> Any:
        change = self._change(given["change"])
        return self.wire.preview(change.id, previews(change, self.session.changes.align))

    async def _checkpoints(self, given: Arguments) -> Any:
        discussion = given.get("discussion")
        if discussion is not None:
            self.session.discussion(discussion)  # raises where there is none
        return [self.wire.checkpoint(one) for one in self.writer.writing.checkpoints.all(discussion)]

    async def _restore_checkpoint(self, given: Arguments) -> Any:
        only = self._files(given)
        async with self._asked:
            restore = self._restore_of(given["checkpoint"], only)
            agreed = {one.path for one in restore.edited}
            listed = ", ".join(f"{one.path} (line {one.line})" for one in restore.edited)
            question = f"Edited since, which restoring takes away: {listed}. It stays in a checkpoint of its own."
            if agreed and not await self.asking.agrees(question, "Restore", "Keep"):
                raise Refused(f"Nothing was restored, as nobody said yes to losing what was edited since: {listed}.")
            async with self._writing:
                restore = self._restore_of(given["checkpoint"], only)
                if late := [one.path for one in restore.edited if one.path not in agreed]:
                    raise Refused(f"Nothing was restored: {', '.join(late)} was edited just now.")
                if not restore.plan.files:
                    return {"checkpoint": None, "files": [], "problems": []}
                written = await self._write(restore.plan)
        after = restore.plan.texts_after
        restored = [path for path, text in after.items() if reads(self.buffers.current(path), text)]
        return self.wire.restored(written.checkpoint, restored, written.problems)

    async def _restore_earlier(self, _: Arguments) -> Any:
        """Has the user choose among the newest checkpoints, for clients that can't pass one."""
        newest = self.writer.writing.checkpoints.newest(_MOST_CHOICES)
        if not newest:
            raise NotPossible("No earlier state is kept yet: one is before each apply, undo and restore.")
        by_title: dict[str, str] = {}
        for one in newest:
            made = datetime.fromtimestamp(one.created).astimezone()
            by_title.setdefault(f"{made:%Y-%m-%d %H:%M:%S}, before: {one.title}", one.id)
        chosen = await self.asking.choose("Which state of the files is to be brought back?", tuple(by_title))
        if chosen is None:
            return {"checkpoint": None, "files": [], "problems": []}
        return await self._restore_checkpoint({"checkpoint": by_title[chosen]})

    async def _show_hunk(self, given: Arguments) -> Any:
        change = self.session.changes.fresh(self._change(given["change"]))
        found = ((file, hunk) for file in change.files for hunk in file.hunks if hunk.id == given["hunk"])
        file, hunk = next(found, (None, None))
        if file is None or hunk is None:
            raise Unknown(f"The change {change.id!r} has no hunk {given['hunk']!r}.")
        return {"shown": await self.show(file.where, hunk.start, hunk.end)}

    def _restore_of(self, id: str, only: list[str] | None) -> Restore:
        restore = self.writer.writing.checkpoints.restore(id, only)
        if restore is None:
            raise Unknown(f"There is no checkpoint {id!r}.")
        if restore.unknown:
            raise Unknown(f"No checkpoint from {id!r} on holds {', '.join(restore.unknown)}.")
        return restore

    async def _reject(self, given: Arguments) -> Any:
        change = self._change(given["change"])
        settling = self.session.deciding.settling
        return self.wire.change_object(settling.reject(change, self._hunks(change, given), given.get("reason")))

    async def _unreject(self, given: Arguments) -> Any:
        change = self._change(given["change"])
        return self.wire.change_object(self.session.deciding.settling.unreject(change, self._hunks(change, given)))

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

    def _folder(self, given: Arguments) -> str | None:
        uri: str | None = given.get("folder")
        folder = self.folder_of(uri) if uri is not None else None
        if uri is not None and folder is None:
            raise Unknown(f"{uri} is not a folder of this workspace.")
        return folder

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
