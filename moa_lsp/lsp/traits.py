"""What this client can do, negotiated once at `initialize`, so that nobody else has to dig in capabilities.

Never here: anything done about it.
"""

from __future__ import annotations

from typing import cast

from attrs import frozen
from lsprotocol import types

from moa_lsp.models.editor_model import scheme_of

TERMINAL = "moa-lsp terminal"
"""What our own terminal client calls itself. It writes files itself, each in the encoding that the file has or says."""


@frozen
class Traits:
    """One client's abilities. `encoding` is the negotiated position encoding (`utf-8`, `utf-16`, `utf-32`).

    `keeps_encodings` says that it writes a file that nobody has open in that file's own encoding. `editor_models` is
    the scheme under which it serves models of its own; `None` where it has none. `own_commands` says that it has a
    command of its own for what can be done anywhere (undo, stop, earlier states).
    """

    encoding: str = "utf-16"
    apply_edit: bool = False
    document_changes: bool = False
    create_files: bool = False
    delete_files: bool = False
    rename_files: bool = False
    annotations: bool = False
    progress: bool = False
    configuration: bool = False
    events: bool = True
    trusted: bool = False
    watch_files: bool = False
    code_action_literals: bool = False
    configuration_changes: bool = False
    code_lens_refresh: bool = False
    neovim: bool = False
    keeps_encodings: bool = False
    editor_models: str | None = None
    completion_registration: bool = False
    show_document: bool = False
    own_commands: bool = False
    related_information: bool = False
    waits_for_commands: bool = False
    """It does nothing else while a command isn't answered, not even tell of the edits that the command asked for."""


def negotiate(params: types.InitializeParams) -> Traits:
    """The traits of the client that sent these parameters. What a client leaves out, it can't do (LSP 3.17
    §initialize)."""
    client = params.capabilities
    workspace = client.workspace or types.WorkspaceClientCapabilities()
    edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
    operations = edit.resource_operations or []
    options = _object(params.initialization_options)
    # Neovim handles documentChanges without saying so, and says that it handles resource operations (measured).
    document_changes = bool(edit.document_changes) or bool(operations)
    action = client.text_document.code_action if client.text_document else None
    completion = client.text_document.completion if client.text_document else None
    published = client.text_document.publish_diagnostics if client.text_document else None
    window = client.window or types.WindowClientCapabilities()
    watched = workspace.did_change_watched_files
    changed = workspace.did_change_configuration
    name = params.client_info.name if params.client_info else ""
    return Traits(
        encoding=choose_encoding(client.general.position_encodings if client.general else None),
        apply_edit=bool(workspace.apply_edit),
        document_changes=document_changes,
        create_files=types.ResourceOperationKind.Create in operations,
        delete_files=types.ResourceOperationKind.Delete in operations,
        rename_files=types.ResourceOperationKind.Rename in operations,
        annotations=edit.change_annotation_support is not None and document_changes,
        progress=bool(window.work_done_progress),
        configuration=bool(workspace.configuration),
        events=options.get("events") is not False,
        trusted=options.get("trusted") is True,
        watch_files=bool(watched and watched.dynamic_registration),
        code_action_literals=bool(action and action.code_action_literal_support),
        configuration_changes=bool(changed and changed.dynamic_registration),
        code_lens_refresh=bool(workspace.code_lens and workspace.code_lens.refresh_support),
        neovim=name.lower() == "neovim",
        keeps_encodings=name == TERMINAL,
        editor_models=scheme_of(options.get("editorModels")),
        completion_registration=bool(completion and completion.dynamic_registration),
        show_document=bool(window.show_document and window.show_document.support),
        waits_for_commands=name.lower() == "eglot",  # for 10 s (measured)
        own_commands=options.get("ownCommands") is True,
        related_information=bool(published and published.related_information),
    )


def choose_encoding(offered: object) -> str:
    """The first of the client's encodings that is known here, in its order of preference; utf-16 where it names
    none."""
    for one in cast("list[object]", offered) if isinstance(offered, list | tuple) else []:
        name = str(cast("types.PositionEncodingKind | str", getattr(one, "value", one)))
        if name in ("utf-8", "utf-16", "utf-32"):
            return name
    return "utf-16"


def initial_settings(params: types.InitializeParams) -> dict[str, object]:
    """The `moa` section that a client may send along."""
    return _object(_object(params.initialization_options).get("settings"))


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
