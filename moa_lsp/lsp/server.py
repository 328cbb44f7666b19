"""The server: registers everything, owns one client's connection, and ends it in order. The streams and the event loop
are `serving.py`'s.

Handlers here only pass on: documents to `documents.py`, commands to `handlers.py`, what is pending to `review.py`. What
any of it means is decided in `session/`. stdout belongs to the protocol: `cli.py` hands in the streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import converters, types
from pygls.lsp.server import LanguageServer

from moa_lsp import __version__
from moa_lsp.context.roles import Library
from moa_lsp.lsp import review
from moa_lsp.lsp.actions import CodeActions
from moa_lsp.lsp.answers import ASK, Answers
from moa_lsp.lsp.apply import EditorWriter
from moa_lsp.lsp.asking import Asking
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.commands import COMMANDS
from moa_lsp.lsp.completing import Completing
from moa_lsp.lsp.documents import path_of
from moa_lsp.lsp.editor_models import TEXT, EditorModels
from moa_lsp.lsp.handlers import Handlers
from moa_lsp.lsp.long_runs import LongRuns
from moa_lsp.lsp.notebooks import Notebooks
from moa_lsp.lsp.positions import PositionCodec
from moa_lsp.lsp.protocol import MoaProtocol
from moa_lsp.lsp.publishing import Publishing
from moa_lsp.lsp.questioning import Questioning
from moa_lsp.lsp.settings_sources import Section, SettingsSources
from moa_lsp.lsp.showing import Showing
from moa_lsp.lsp.traits import Traits, initial_settings, negotiate
from moa_lsp.lsp.trusting import Trusting
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models.catalogue import default_architects
from moa_lsp.session.changes import Changes
from moa_lsp.session.checkpoints import Checkpoints
from moa_lsp.session.configuration import Configuration, Configurations
from moa_lsp.session.events import Event
from moa_lsp.session.session import Session
from moa_lsp.session.writing import Writing
from moa_lsp.settings.saved import read_saved
from moa_lsp.store import folders as own_folders
from moa_lsp.store.store import Store, open_store
from moa_lsp.store.traces import TraceFiles

_log = logging.getLogger(__name__)

_EVERY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern(glob="**/*"), scheme="file")]
)

WIND_DOWN = 1.5
"""Seconds that running commands get to end and be stored when the connection ends; the process is gone within two."""


class MoaServer(LanguageServer):
    """One connection to one editor. What belongs to the workspace is made at `initialize`."""

    protocol: MoaProtocol  # pyright: ignore[reportIncompatibleVariableOverride]  # what protocol_cls makes it

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # pygls leaves its parameters untyped
            name="moa-lsp",
            version=__version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=MoaProtocol,
            converter_factory=converters.get_converter,
        )
        self.traits = Traits()
        self.buffers: Buffers
        self.session: Session
        self.handlers: Handlers
        self.publishing: Publishing
        self.actions: CodeActions
        self.completing: Completing
        self.models: ModelDoor | None = None
        self.sources: SettingsSources
        self.trusting: Trusting
        self.answers: Answers
        self._initial_settings: Section = {}
        self._section: Section = {}
        """What holds of the editor's settings in a folder that it wasn't asked about."""
        self._told_problems: list[str] = []
        self._ending: asyncio.Task[None] | None = None
        _register(self)

    # --- the workspace

    def open_workspace(self, params: types.InitializeParams) -> None:
        """Makes everything that belongs to this client's workspace. Called once, at `initialize`."""
        self.traits = negotiate(params)
        roots = _roots(params)
        places = own_folders.folders()
        codec = PositionCodec(self.traits.encoding)
        self.buffers = Buffers.of(roots, codec)
        opened = open_store(places.data)
        if opened.notice:
            self._warn(opened.notice)
        opened.store.warn_with(self._warn)
        self.sources = SettingsSources(places.config, self.buffers)
        self._initial_settings = self._section = initial_settings(params)
        configurations = Configurations(lambda root: self._configuration(root, opened.store))
        configurations.follow(roots)
        self._tell_editor_problems(configurations)
        _set_level(configurations.first)
        editors = EditorModels(scheme, self.protocol) if (scheme := self.traits.editor_models) else None
        if editors is not None:
            self.protocol.raw_notifications = {TEXT: editors.text_arrived}
        self.models = ModelDoor(
            environ=os.environ,
            folder=places.cache,
            record_to=self._record_to,
            trace_to=TraceFiles(places.log).write,
            editor=editors,
        )
        workspace = str(roots[0].resolve()) if roots else ""
        changes = Changes(workspace, opened.store, self.buffers, self._tell)
        self.session = Session(
            workspace,
            opened.store,
            self.models,
            configurations,
            changes,
            self.buffers.gather,
            self.buffers.open_paths,
            self._tell,
            self._warn,
            self._library,
            self._choose,
            places.config,
        )
        wire = Wire(
            codec,
            self.buffers.lines,
            self.buffers.uri,
            self.buffers.version,
            changes.fresh,
            changes.diff,
            changes.get,
            self.sources.folder_uri,
            self.session.discussions.is_current,
            self.session.discussions.is_running,
            self.session.presets.arrangement,
            self.session.deciding.disagreements.of,
            self.session.deciding.reason,
        )
        writing = Writing(changes, Checkpoints(changes, self.buffers.written))
        writer = EditorWriter(self.traits, wire, writing, self.buffers.current, self.workspace_apply_edit_soon)
        asking = Asking(self.window_show_message_request_async, self._warn)
        self.trusting = Trusting(configurations, asking, self.sources.is_saved, self.settings_changed)
        long, show = LongRuns(self.session, self.trusting), Showing(self, self.traits, self.buffers)
        notebooks = Notebooks(
            self.session, self.buffers, wire, long, self.traits, self.workspace_apply_edit_soon, self._warn
        )
        self.handlers = Handlers(
            self.session,
            self.buffers,
            wire,
            writer,
            self,
            asking,
            long,
            notebooks,
            Questioning(self.session, asking, self._warn),
            self.sources.folder_of,
            show,
        )
        refresh = self._refresh_lenses if self.traits.code_lens_refresh else None
        self.publishing = Publishing(
            self.session,
            self.buffers,
            self.sources,
            codec,
            self._publish,
            refresh,
            self._tell,
            self.traits.related_information,
        )
        self.actions = CodeActions(self.session, self.buffers, self.publishing, writing, self.traits)
        self.completing = Completing(self, notebooks, self.handlers.complete, self.traits)
        self.completing.offer()
        self.answers = Answers(
            self.models,
            configurations,
            self.trusting,
            lambda: self._library(configurations.first.folder).text_of,
            self.protocol.notify,
            wire.usage,
        )
        self.protocol.raw_request = self._request
        self.protocol.cancel_run = self.handlers.runs.cancel_request
        self.protocol.cancel_progress = self.handlers.runs.cancel_token
        changes.restore()

    async def _request(self, msg_id: str | int, method: str, params: Mapping[str, object]) -> Any:
        if method == ASK:
            return await self.answers.request(params)
        return await self.handlers.request(msg_id, method, params)

    def _configuration(self, root: Path | None, store: Store) -> Configuration:
        return Configuration(
            root,
            self.sources.user,
            lambda: self.sources.project(root),
            self._default_architects,
            store,
            trusted=self.traits.trusted,
            editor=self._section,
            saved=lambda: read_saved(self.sources.config),
        )

    def _library(self, folder: str | None) -> Library:
        configuration = self.session.configurations.of(folder)
        return self.sources.library(configuration.root, self._warn, trusted=configuration.trusted)

    async def _choose(self, question: str, choices: Sequence[str]) -> str | None:
        return await self.handlers.asking.choose(question, choices)

    def _record_to(self, discussion: str | None) -> Path | None:
        folder = self.session.settings_of(discussion).record_to
        return Path(folder).expanduser() if folder else None

    async def _default_architects(self) -> Any:
        return await default_architects(os.environ)

    def workspace_apply_edit_soon(
        self, params: types.ApplyWorkspaceEditParams
    ) -> asyncio.Future[types.ApplyWorkspaceEditResult]:
        """Sends the edit at once; the future is the client's answer, which may never come."""
        return asyncio.ensure_future(self.workspace_apply_edit_async(params))

    def text_moved(self, path: str | None) -> None:
        """A document of the workspace was opened, changed or closed."""
        if path is None:
            return
        if self.sources.is_settings(path):
            self.settings_changed()
        else:
            self.publishing.soon()

    def disk_changed(self, uris: Sequence[str]) -> None:
        """Files or folders with these URIs were written, made, deleted or renamed, by whomever."""
        if self.buffers.on_disk_changed(uris, self.session.changes):
            self.publishing.soon()
        if self.sources.concerns(uris):
            self.settings_changed()

    def settings_changed(self) -> None:
        """Reads the settings anew; they hold from the next round on."""
        configurations = self.session.configurations
        configurations.read()
        self._tell_editor_problems(configurations)
        _set_level(configurations.first)
        self.trusting.look()
        self.publishing.soon()

    def settings_pushed(self, section: Section) -> None:
        """These are the editor's settings now, in every folder.

        What came with `initialize` holds where they don't say otherwise: Neovim, for one, answers
        `workspace/configuration` with nothing when its settings were sent there.
        """
        self._section = {**self._initial_settings, **section}
        for configuration in self.session.configurations:
            configuration.editor = self._section
        self.settings_changed()

    async def ask_for_settings(self) -> bool:
        """Asks the editor for its settings in each folder, and tells whether it said any."""
        sections = await self.sources.ask(self, self.traits)
        if sections is None:
            return False
        for configuration in self.session.configurations:
            if configuration.root in sections:
                configuration.editor = {**self._initial_settings, **sections[configuration.root]}
        self.settings_changed()
        return True

    def _tell_editor_problems(self, configurations: Configurations) -> None:
        """Mistakes in the editor's own settings have no document to stand in, so each is said once."""
        problems = (problem for configuration in configurations for problem in configuration.problems)
        wrong = list(dict.fromkeys(problem.message for problem in problems if problem.layer == "editor"))
        for message in wrong:
            if message not in self._told_problems:
                self._warn(f"in the editor's settings: {message}")
        self._told_problems = wrong

    # --- telling

    def _tell(self, event: Event) -> None:
        if self.traits.events:
            self.protocol.notify("moa/event", self.handlers.wire.event(event))
        self.publishing.heard(event)

    def _warn(self, message: str) -> None:
        _log.warning("%s", message)
        self.window_show_message(types.ShowMessageParams(type=types.MessageType.Warning, message=f"moa: {message}"))

    def _publish(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=version)
        self.text_document_publish_diagnostics(params)

    def _refresh_lenses(self) -> None:
        self.workspace_code_lens_refresh(None)

    # --- the end

    async def end(self) -> None:
        """Ends what runs, stores what there is, and closes every stream. Safe to be called twice: both wait for it.

        A task of its own, since a client may ask for it and be gone before it is done, and its request with it.
        """
        if self.models is None:
            return
        self._ending = self._ending or asyncio.create_task(self._end(self.models))
        await asyncio.shield(self._ending)

    async def _end(self, models: ModelDoor) -> None:
        self.trusting.close()
        self.handlers.questioning.end()
        self.session.cancel_all()
        # Whatever won't end in time is left: the worker ends with its pipes, and a server must not outlive its editor.
        for end in (self.answers.end, self.session.idle, models.aclose):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(end(), WIND_DOWN)
        self.session.changes.keep()
        self.session.store.close()


def _register(server: MoaServer) -> None:
    """Every LSP message that this server takes, besides the project's own (`handlers.py`)."""

    @server.feature(types.INITIALIZE)
    def _(params: types.InitializeParams) -> None:
        server.open_workspace(params)

    @server.feature(types.INITIALIZED)
    async def _(_: types.InitializedParams) -> None:
        server.trusting.look()  # first of all: a message that comes next waits for the answer
        await server.sources.subscribe(server, server.traits)
        await server.completing.register()
        await server.ask_for_settings()
        server.publishing.soon()

    @server.feature(types.SHUTDOWN)
    async def _(_: None) -> None:
        await server.end()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        path = server.buffers.opened(params.text_document, server.session.changes)
        server.text_moved(path)
        if path is not None:
            server.publishing.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        server.text_moved(server.buffers.changed(params, server.session.changes))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        server.text_moved(server.buffers.closed(params.text_document.uri, server.session.changes))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def _(params: types.DidChangeConfigurationParams) -> None:
        if not await server.ask_for_settings():
            server.settings_pushed(server.sources.pushed(params.settings))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(params: types.DidSaveTextDocumentParams) -> None:
        path = server.buffers.path(params.text_document.uri)
        if path is not None and server.sources.is_settings(path):
            server.settings_changed()
        # A client that can't watch files tells of nothing else that could have changed others.
        if not server.traits.watch_files:
            server.session.changes.looked_at_again()
            server.publishing.soon()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(params: types.DidChangeWatchedFilesParams) -> None:
        server.disk_changed([event.uri for event in params.changes])

    @server.feature(types.WORKSPACE_DID_CREATE_FILES, _EVERY_FILE)
    def _(params: types.CreateFilesParams) -> None:
        server.disk_changed([file.uri for file in params.files])

    @server.feature(types.WORKSPACE_DID_DELETE_FILES, _EVERY_FILE)
    def _(params: types.DeleteFilesParams) -> None:
        server.disk_changed([file.uri for file in params.files])

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, _EVERY_FILE)
    def _(params: types.RenameFilesParams) -> None:
        server.buffers.renamed(params.files, server.session.changes)
        server.disk_changed([uri for file in params.files for uri in (file.old_uri, file.new_uri)])
        server.publishing.soon()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def _(params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.buffers.change_roots(_paths(params.event.added), _paths(params.event.removed))
        server.session.configurations.follow(server.buffers.folders.roots)
        server.settings_changed()
        await server.ask_for_settings()

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[
                types.CodeActionKind.QuickFix,
                types.CodeActionKind.RefactorRewrite,
                types.CodeActionKind.Source,
            ],
            resolve_provider=True,
        ),
    )
    def _(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        actions = server.actions.on(params)
        if server.traits.code_action_literals:
            return list(actions)
        return [action.command for action in actions if action.command]

    @server.feature(types.CODE_ACTION_RESOLVE)
    def _(action: types.CodeAction) -> types.CodeAction:
        return review.resolved(action, server.session.changes.get)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    def _(params: types.CodeLensParams) -> list[types.CodeLens]:
        return server.publishing.lenses(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _(params: types.HoverParams) -> types.Hover | None:
        return server.publishing.hover(params)

    for command in COMMANDS.values():
        # The ids are announced so; what carries them out is the protocol's raw road to `handlers.py`.
        @server.command(command.id)
        def _(*_: object) -> None: ...


def _set_level(configuration: Configuration) -> None:
    logging.getLogger("moa_lsp").setLevel(configuration.settings.log_level.upper())


def _roots(params: types.InitializeParams) -> list[Path]:
    """The workspace's folders; older clients send one root instead (LSP 3.17 §initialize)."""
    if folders := _paths(params.workspace_folders or []):
        return folders
    if params.root_uri and (root := path_of(params.root_uri)):
        return [root]
    return [Path(params.root_path)] if params.root_path else []


def _paths(folders: Sequence[types.WorkspaceFolder]) -> list[Path]:
    return [path for folder in folders if (path := path_of(folder.uri))]
