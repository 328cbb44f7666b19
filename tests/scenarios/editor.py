"""An editor for the scenarios: pytest-lsp's client with what a real editor does besides.

It keeps open documents, applies `workspace/applyEdit` to them and to files (or does what `on_apply` says
instead), answers what pytest-lsp's own client doesn't (measured: applyEdit, showMessageRequest,
registerCapability), and records the server's events. How edits are applied is written here independently of the
server's own code, from LSP 3.17's text.
"""

# What pygls and pytest-lsp leave untyped.
# pyright: reportUntypedFunctionDecorator=false, reportUnknownMemberType=false

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, cast

from attrs import field, frozen
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

Json = dict[str, Any]
OnApply = Literal["apply", "claim", "refuse", "silent", "null", "half", "unnamed", "late"]


NO_ANSWER: Any = object()


@frozen
class Spoken:
    """What one of the editor's own models does with one call.

    `pieces` are what it says, one notification each, the last one once `go_on` is set. Then it ends: with `answer`
    (`NO_ANSWER`: never), or by `refuses`, an error of that kind with these words. `late` comes after the answer.
    """

    pieces: Sequence[str] = ()
    answer: Any = field(factory=lambda: {"finish": "stop"})
    refuses: tuple[str | None, str] | None = None
    late: Sequence[str] = ()
    go_on: asyncio.Event | None = None


class ModelRefused(JsonRpcException):
    """The editor's error for a call of a model of its own."""


class Editor(LanguageClient):
    """One editor with one server. `events` holds each `moa/event`, `applied` each edit it was asked to apply."""

    def __init__(self) -> None:
        super().__init__(converter_factory=_converter)
        self.documents: dict[str, tuple[int, str]] = {}
        self.events: list[Json] = []
        self.applied: list[types.ApplyWorkspaceEditParams] = []
        self.registered: list[types.Registration] = []
        self.on_apply: OnApply = "apply"
        self.chosen = asyncio.Event()
        """With "late" the user looks at an edit until this is set."""
        self.asked: list[types.ShowMessageRequestParams] = []
        self.on_question: Callable[[str], str | None] = lambda _message: None
        """Which button is pressed at a question; none by default."""
        self.made_up = asyncio.Event()
        """While this isn't set, the user hasn't made up their mind about a question, and presses nothing."""
        self.made_up.set()
        self.models: dict[str, list[Spoken]] = {}
        """Its own models by `VENDOR/FAMILY`, each with what it does: one a call, and the last one from then on."""
        self.model_calls: list[Json] = []
        self.cancelled_calls: list[str] = []
        self.refreshed = 0
        self.encoding = "utf-16"
        self.offers: types.ServerCapabilities
        """What the server said at `initialize` that it can do."""
        self.root: Path
        self._news = asyncio.Condition()
        register_lsp_features(self)
        self._answer_requests()

    # --- documents

    def open(self, path: Path, text: str | None = None, language: str = "python") -> str:
        """Opens a file as it is on disk, or with other (unsaved) text. Returns its URI."""
        uri = path.as_uri()
        text = path.read_bytes().decode() if text is None else text
        self.documents[uri] = (1, text)
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def text(self, path: Path) -> str:
        """What a user sees: the buffer's text, or the file's where it isn't open."""
        uri = path.as_uri()
        return self.documents[uri][1] if uri in self.documents else path.read_bytes().decode()

    def type(self, path: Path, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Types over a range of an open document; positions are lines and units in the negotiated encoding."""
        span = types.Range(types.Position(*start), types.Position(*end))
        self._change(path.as_uri(), [types.TextEdit(range=span, new_text=text)])

    def save(self, path: Path) -> None:
        """Writes an open document to its file."""
        path.write_bytes(self.text(path).encode())
        identifier = types.TextDocumentIdentifier(uri=path.as_uri())
        self.text_document_did_save(types.DidSaveTextDocumentParams(text_document=identifier))

    def close(self, path: Path) -> None:
        uri = path.as_uri()
        del self.documents[uri]
        identifier = types.TextDocumentIdentifier(uri=uri)
        self.text_document_did_close(types.DidCloseTextDocumentParams(text_document=identifier))

    def _change(self, uri: str, edits: Sequence[types.TextEdit]) -> None:
        version, text = self.documents[uri]
        changes: list[types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument] = []
        for edit in from_the_end(edits):
            text = replaced(text, edit.range, edit.new_text, self.encoding)
            changes.append(types.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text))
        self.documents[uri] = (version + 1, text)
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=version + 1)
        params = types.DidChangeTextDocumentParams(text_document=identifier, content_changes=changes)
        self.text_document_did_change(params)

    # --- asking

    async def ask(self, name: str, argument: Mapping[str, Any] | None = None) -> Any:
        """One of the project's commands, through the custom request."""
        return await self.protocol.send_request_async(f"moa/{name}", dict(argument or {}))

    async def run(self, name: str, argument: Mapping[str, Any] | None = None) -> Any:
        """The same command through `workspace/executeCommand`."""
        params = types.ExecuteCommandParams(command=f"moa.{name}", arguments=[dict(argument or {})])
        return await self.workspace_execute_command_async(params)

    def start(self, name: str, argument: Mapping[str, Any], id: str) -> asyncio.Future[Any]:
        """Sends a command under a given request id, and doesn't wait."""
        return asyncio.ensure_future(self.protocol.send_request_async(f"moa/{name}", dict(argument), msg_id=id))

    def start_command(
        self, name: str, argument: Mapping[str, Any], id: str, token: str | None = None
    ) -> asyncio.Future[Any]:
        """The same through `workspace/executeCommand`, with a progress token."""
        params = types.ExecuteCommandParams(f"moa.{name}", [dict(argument)], work_done_token=token)
        return asyncio.ensure_future(self.protocol.send_request_async("workspace/executeCommand", params, msg_id=id))

    def cancel(self, id: str) -> None:
        """`$/cancelRequest` for a request that was started under that id."""
        self.cancel_request(types.CancelParams(id=id))

    def kinds(self, *passed_over: str) -> list[str]:
        """The kinds of the events so far, in order, neighbours of one kind as one, without those named. Where the
        architects differ is told a moment after whatever moved it, so that has no place in an order."""
        without = {*passed_over, "disagreementUpdated"}
        kinds = [event["kind"] for event in self.events if event["kind"] not in without]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]

    def reported(self, token: str) -> list[tuple[str, str]]:
        """The progress so far under a token: kind and message, and for the beginning the title."""
        values = cast("Sequence[Any]", self.progress_reports[token])  # what pytest-lsp keeps is the values
        return [(value.kind, value.title if value.kind == "begin" else value.message) for value in values]

    def awaits_progress(self, token: str) -> str:
        """Makes a token known that a request is going to report under, and returns it."""
        self.progress_reports[token] = []
        return token

    def never_creates_progress(self) -> None:
        """Leaves `window/workDoneProgress/create` without an answer, as some clients do (measured)."""
        cast("dict[str, object]", self.protocol.fm.features).pop(types.WINDOW_WORK_DONE_PROGRESS_CREATE)

        @self.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        async def _(_: types.WorkDoneProgressCreateParams) -> None:
            await asyncio.Event().wait()

    # --- the server's process

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._server
        return self._server

    async def gone(self, seconds: float = 4.0) -> int:
        """Waits until the server's process has ended by itself, and returns its exit code. Raises `TimeoutError`."""
        code = await asyncio.wait_for(self.process.wait(), seconds)
        self.capabilities = None  # there is nobody left to shut down
        return code

    async def actions(self, path: Path, line: int, last: int | None = None, **context: Any) -> list[types.CodeAction]:
        """The code actions on some lines, as an editor asks for them: with the diagnostics that stand there."""
        span = types.Range(types.Position(line, 0), types.Position(line if last is None else last, 0))
        here = [d for d in self.shown(path) if d.range.start.line <= span.end.line and line <= d.range.end.line]
        params = types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(path.as_uri()),
            range=span,
            context=types.CodeActionContext(diagnostics=here, **context),
        )
        return cast("list[types.CodeAction]", await self.text_document_code_action_async(params))

    async def choose(self, action: types.CodeAction) -> Any:
        """Carries out a code action as an editor does: resolves it, then runs its command."""
        resolved = await self.code_action_resolve_async(action)
        assert resolved.disabled is None, resolved.disabled
        assert resolved.command
        arguments = resolved.command.arguments
        return await self.workspace_execute_command_async(
            types.ExecuteCommandParams(command=resolved.command.command, arguments=arguments)
        )

    def shown(self, path: Path) -> Sequence[types.Diagnostic]:
        """The diagnostics that stand on a file now."""
        return self.diagnostics.get(path.as_uri(), [])

    async def until(self, holds: Callable[[], bool], seconds: float = 15.0) -> None:
        """Waits until something the server said makes this true. Raises `TimeoutError`."""

        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(holds)

        await asyncio.wait_for(wait(), seconds)

    async def event(self, kind: str, count: int = 1) -> Json:
        """The count-th event of a kind, awaited."""
        await self.until(lambda: sum(e["kind"] == kind for e in self.events) >= count)
        return [e for e in self.events if e["kind"] == kind][count - 1]

    # --- what the server asks of its editor

    def _answer_requests(self) -> None:
        @self.feature("moa/event")
        async def _(params: Json) -> None:
            self.events.append(params)
            await self._told()

        @self.feature(types.WORKSPACE_APPLY_EDIT)
        async def _(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult | None:
            self.applied.append(params)
            await self._told()
            answer = await self._apply(params)
            await self._told()
            return answer

        @self.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        async def _(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
            self.asked.append(params)
            await self._told()
            await self.made_up.wait()
            chosen = self.on_question(params.message)
            return next((one for one in params.actions or () if one.title == chosen), None)

        @self.feature("moa/askModel")
        async def _(params: Json) -> Any:
            self.model_calls.append(params)
            await self._told()
            return await self._speak(params)

        @self.feature("moa/listModels")
        async def _(_: Json) -> list[Json]:
            return [{"model": name, "name": name.title(), "maxInputTokens": 64_000} for name in self.models]

        @self.feature(types.WORKSPACE_CODE_LENS_REFRESH)
        async def _(_: None) -> None:
            self.refreshed += 1
            await self._told()

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        async def _(params: types.RegistrationParams) -> None:
            self.registered += params.registrations
            await self._told()

        self.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def _(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = params.diagnostics
            await self._told()

    async def _speak(self, params: Json) -> Any:
        """Has one of its models answer a call."""
        replies, call = self.models[params["model"]], params["call"]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        try:
            for number, piece in enumerate(reply.pieces, 1):
                if reply.go_on and number == len(reply.pieces):
                    await reply.go_on.wait()
                self.protocol.notify("moa/modelText", {"call": call, "text": piece})
            if reply.answer is NO_ANSWER:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled_calls.append(call)
            await self._told()
            raise
        for piece in reply.late:
            asyncio.get_running_loop().call_later(
                0.05, self.protocol.notify, "moa/modelText", {"call": call, "text": piece}
            )
        if reply.refuses:
            kind, words = reply.refuses
            raise ModelRefused(words, code=-32803, data={"kind": kind} if kind else None)
        return reply.answer

    def report_server_error(self, error: Exception, source: Any) -> None:
        if not isinstance(error, ModelRefused):  # which is no fault of the server's
            super().report_server_error(error, source)

    async def _told(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult | None:
        match self.on_apply:
            case "apply":
                self._carry_out(params.edit)
                return types.ApplyWorkspaceEditResult(applied=True)
            case "late":
                await self.chosen.wait()
                self._carry_out(params.edit)
                return types.ApplyWorkspaceEditResult(applied=True)
            case "half":
                assert params.edit.document_changes
                self._carry_out(types.WorkspaceEdit(document_changes=params.edit.document_changes[:1]))
                return types.ApplyWorkspaceEditResult(applied=True)
            case "unnamed":
                assert params.edit.document_changes
                done = [one for one in params.edit.document_changes if not isinstance(one, types.RenameFile)]
                self._carry_out(types.WorkspaceEdit(document_changes=done))
                return types.ApplyWorkspaceEditResult(applied=True)
            case "claim":
                return types.ApplyWorkspaceEditResult(applied=True)
            case "refuse":
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason="a newer buffer")
            case "null":
                return None
            case "silent":
                await asyncio.Event().wait()
        return None

    def _carry_out(self, edit: types.WorkspaceEdit) -> None:
        for operation in edit.document_changes or []:
            match operation:
                case types.CreateFile(uri=uri):
                    path = path_of(uri)
                    if not path.exists():
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(b"")
                case types.DeleteFile(uri=uri):
                    path_of(uri).unlink()
                    if uri in self.documents:
                        self.close(path_of(uri))
                case types.RenameFile(old_uri=old, new_uri=new):
                    self._rename(old, new)
                case types.TextDocumentEdit(text_document=document, edits=edits):
                    self._edit(document.uri, cast("Sequence[types.TextEdit]", edits))
                case _:
                    raise AssertionError(f"an operation this editor doesn't know: {operation}")
        for uri, edits in (edit.changes or {}).items():
            self._edit(uri, edits)

    def _rename(self, old: str, new: str) -> None:
        """An open document goes along, and is saved, as Neovim does it; a file that is there stays."""
        path, target = path_of(old), path_of(new)
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        if old in self.documents:
            text = self.documents[old][1]
            self.close(path)
            target.write_bytes(text.encode())
            self.open(target, text)

    def _edit(self, uri: str, edits: Sequence[types.TextEdit]) -> None:
        if uri in self.documents:
            self._change(uri, edits)
            return
        path = path_of(uri)
        text = path.read_bytes().decode() if path.exists() else ""
        # A byte order mark belongs to the file, not to the text that positions are counted in.
        mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
        for edit in from_the_end(edits):
            text = replaced(text, edit.range, edit.new_text, self.encoding)
        path.write_bytes((mark + text).encode())


def _converter() -> Any:
    """lsprotocol's converter, which takes a code action that holds a command for a command (measured), put right."""
    converter = converters.get_converter()

    def structure(value: Any, _: object) -> types.Command | types.CodeAction:
        return converter.structure(value, types.Command if isinstance(value.get("command"), str) else types.CodeAction)

    for kind in (Union[types.Command, types.CodeAction], Union[types.CodeAction, types.Command]):  # noqa: UP007
        converter.register_structure_hook(kind, structure)
    return converter


def from_the_end(edits: Sequence[types.TextEdit]) -> list[types.TextEdit]:
    """The edits in an order in which none moves another: of those that begin at one place the last one given first."""
    return sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character))[::-1]


def path_of(uri: str) -> Path:
    from urllib.parse import unquote, urlparse

    return Path(unquote(urlparse(uri).path))


def replaced(text: str, span: types.Range, new: str, encoding: str) -> str:
    """The text with a range replaced, as LSP 3.17 reads positions."""
    start, end = offset(text, span.start, encoding), offset(text, span.end, encoding)
    return text[:start] + new + text[end:]


def offset(text: str, position: types.Position, encoding: str) -> int:
    """A position in a text, in code points from its beginning."""
    at = line = 0
    while line < position.line and at < len(text):
        if text[at] == "\r" and text[at + 1 : at + 2] == "\n":
            at += 1
        if text[at] in "\r\n":
            line += 1
        at += 1
    width: dict[str, Callable[[str], int]] = {
        "utf-8": lambda c: len(c.encode()),
        "utf-16": lambda c: len(c.encode("utf-16-le")) // 2,
        "utf-32": len,
    }
    units = 0
    while units < position.character and at < len(text) and text[at] not in "\r\n":
        units += width[encoding](text[at])
        at += 1
    return at


def capabilities(*, encodings: Sequence[str] = (), plain: bool = False) -> types.ClientCapabilities:
    """An able editor's capabilities, or (`plain`) those of one that can only apply simple edits."""
    if plain:
        return types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(apply_edit=True))
    literals = types.ClientCodeActionLiteralOptions(
        code_action_kind=types.ClientCodeActionKindOptions(value_set=[types.CodeActionKind.QuickFix])
    )
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=list(encodings)) if encodings else None,
        window=types.WindowClientCapabilities(work_done_progress=True),
        workspace=types.WorkspaceClientCapabilities(
            apply_edit=True,
            configuration=False,
            workspace_edit=types.WorkspaceEditClientCapabilities(
                document_changes=True,
                resource_operations=[
                    types.ResourceOperationKind.Create,
                    types.ResourceOperationKind.Delete,
                    types.ResourceOperationKind.Rename,
                ],
                change_annotation_support=types.ChangeAnnotationsSupportOptions(),
            ),
            code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        ),
        text_document=types.TextDocumentClientCapabilities(
            code_action=types.CodeActionClientCapabilities(code_action_literal_support=literals),
        ),
    )


async def begin(
    root: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    trusted: bool = False,
    env: Mapping[str, str] | None = None,
    client: types.ClientCapabilities | None = None,
    client_name: str = "scenario",
    events: bool = True,
    configuration: Mapping[str, Any] | None = None,
    folders: Sequence[Path] = (),
    models: Mapping[str, Sequence[Spoken]] | None = None,
    scheme: object = "vscode",
    own_commands: bool = False,
) -> Editor:
    """An editor with its own server process, initialized on a workspace folder.

    `settings` go along with `initialize`; `configuration` is the `moa` section for a server that asks for it;
    `folders` are the workspace's besides `root`. With
    `models` the editor has these of its own, and serves them under the `scheme`; `own_commands` says that it has
    commands of its own for what can be done anywhere.
    """
    editor = Editor()
    editor.models = {name: list(replies) for name, replies in (models or {}).items()}
    editor.set_configuration({"moa": dict(configuration or {})})
    editor.root = root
    variables = {**os.environ, **(env or {})}
    await editor.start_io(sys.executable, "-m", "moa_lsp", env=variables, cwd=root)
    options: Json = {"trusted": trusted, "ownCommands": own_commands}
    if settings is not None:
        options["settings"] = dict(settings)
    if not events:
        options["events"] = False
    if models is not None:
        options["editorModels"] = scheme
    result = await editor.initialize_session(
        types.InitializeParams(
            capabilities=client or capabilities(),
            client_info=types.ClientInfo(name=client_name),
            workspace_folders=[types.WorkspaceFolder(uri=one.as_uri(), name=one.name) for one in (root, *folders)],
            initialization_options=options,
        )
    )
    encoding = result.capabilities.position_encoding or "utf-16"
    editor.offers = result.capabilities
    editor.encoding = str(getattr(encoding, "value", encoding))
    return editor


async def end(editor: Editor) -> None:
    """Shuts the server down as an editor does, and waits for it."""
    await editor.shutdown_session()
    await editor.stop()
