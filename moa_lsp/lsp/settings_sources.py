"""Where an editor's settings come from: the `moa` section it sends or is asked for, and the two TOML files.

Which layer wins is `settings/layers.py`'s; what is in force is `session/configuration.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from attrs import mutable
from lsprotocol import types

from moa_lsp.edits.lines import split_lines
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.traits import Traits
from moa_lsp.settings.files import PROJECT_FILE, USER_FILE, read_project, read_user
from moa_lsp.settings.layers import LayerText

_log = logging.getLogger(__name__)

SECTION = "moa"
_ANSWER_WITHIN = 5.0
"""Seconds a client gets to answer what it is asked; some never answer (measured)."""


class SettingsClient(Protocol):
    """The part of the server that the editor's layer needs."""

    async def workspace_configuration_async(self, params: types.ConfigurationParams) -> Any: ...

    async def client_register_capability_async(self, params: types.RegistrationParams) -> None: ...


@mutable
class SettingsSources:
    """The settings' texts. `config` is the folder of the user's `config.toml`."""

    config: Path
    buffers: Buffers

    def user(self) -> LayerText:
        return read_user(self.config)

    def project(self) -> LayerText:
        """The first folder's `moa.toml`, as it stands in the editor where it is open there."""
        if not self.buffers.folders.roots:
            return None
        if self.buffers.is_open(PROJECT_FILE):
            return self.buffers.current(PROJECT_FILE)
        return read_project(self.buffers.folders.roots[0])

    def is_settings(self, path: str) -> bool:
        return path == PROJECT_FILE

    def concerns(self, uris: Iterable[str]) -> bool:
        """Whether a file with one of these URIs may hold settings. One too many costs a look at the files."""
        return any(uri.endswith(f"/{PROJECT_FILE}") for uri in uris)

    def uri_of(self, layer: str) -> str | None:
        """The document that holds a layer; the editor's own settings are no document."""
        if layer == "project":
            return self.buffers.uri(PROJECT_FILE)
        return (self.config / USER_FILE).absolute().as_uri() if layer == "user" else None

    def lines(self, layer: str) -> list[str]:
        text = self.project() if layer == "project" else self.user() if layer == "user" else None
        return split_lines(text if isinstance(text, str) else "")

    def pushed(self, settings: object) -> Mapping[str, object]:
        """The `moa` section of what a client pushed with `workspace/didChangeConfiguration`."""
        if not isinstance(settings, dict):
            return {}
        section = cast("dict[str, object]", settings).get(SECTION, {})
        return cast("dict[str, object]", section) if isinstance(section, dict) else {}

    async def ask(self, client: SettingsClient, traits: Traits) -> Mapping[str, object] | None:
        """Asks the client for its `moa` section; `None` where it can't be asked, or doesn't answer."""
        if not traits.configuration:
            return None
        params = types.ConfigurationParams(items=[types.ConfigurationItem(section=SECTION)])
        try:
            answer = await asyncio.wait_for(client.workspace_configuration_async(params), _ANSWER_WITHIN)
        except Exception as error:  # whatever the client does wrong, the other layers still hold
            _log.warning("The editor's settings couldn't be had: %s", error)
            return None
        first = cast("list[object]", answer)[0] if answer else None
        return cast("dict[str, object]", first) if isinstance(first, dict) else {}

    async def subscribe(self, client: SettingsClient, traits: Traits) -> None:
        """Asks to be told when settings and files change, where the client takes such a wish."""
        wishes: list[types.Registration] = []
        if traits.watch_files:
            # All files, not only settings: what has pending changes is followed on the disk too.
            watchers = [types.FileSystemWatcher(glob_pattern="**/*")]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
            wishes.append(types.Registration("moa-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
        if traits.configuration_changes:
            section = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            wishes.append(types.Registration("moa-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
        if not wishes:
            return
        try:
            params = types.RegistrationParams(registrations=wishes)
            await asyncio.wait_for(client.client_register_capability_async(params), _ANSWER_WITHIN)
        except Exception as error:  # without it, changes are seen when something else happens
            _log.warning("The editor took no registration: %s", error)
