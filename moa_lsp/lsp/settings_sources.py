"""Where an editor's settings come from: the `moa` section it sends or is asked for, and the TOML files, the user's and
one in each workspace folder; and the roles that are kept beside them.

Which layer wins is `settings/layers.py`'s; what is in force is `session/configuration.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from attrs import field, mutable
from lsprotocol import types

from moa_lsp.context.roles import Library, RoleProblem, read_library
from moa_lsp.edits.lines import split_lines
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.documents import path_of, uri_of
from moa_lsp.lsp.traits import Traits
from moa_lsp.prompts import role_texts
from moa_lsp.session.configuration import folder_key
from moa_lsp.settings.files import PROJECT_FILE, USER_FILE, read_project, read_user
from moa_lsp.settings.layers import LayerText

_log = logging.getLogger(__name__)

SECTION = "moa"
_ANSWER_WITHIN = 5.0
"""Seconds a client gets to answer what it is asked; some never answer (measured)."""

Section = Mapping[str, object]


class SettingsClient(Protocol):
    """The part of the server that the editor's layer needs."""

    async def workspace_configuration_async(self, params: types.ConfigurationParams) -> Any: ...

    async def client_register_capability_async(self, params: types.RegistrationParams) -> None: ...


@mutable
class SettingsSources:
    """The settings' texts. `config` is the folder of the user's `config.toml`; a `root` is a workspace folder, and
    `None` where there is none."""

    config: Path
    buffers: Buffers
    _told: set[RoleProblem] = field(factory=set[RoleProblem], init=False)

    # --- folders

    @property
    def roots(self) -> tuple[Path | None, ...]:
        return self.buffers.folders.roots or (None,)

    def folder_of(self, uri: str) -> str | None:
        """What the workspace folder with that URI is called inside; `None` where it is none of the workspace's."""
        path = path_of(uri)
        key = folder_key(path) if path else None
        return key if any(folder_key(root) == key for root in self.buffers.folders.roots) else None

    def folder_uri(self, folder: str) -> str:
        """The URI of a folder that is called so inside, as the editor spelt it where it is one of the workspace's."""
        known = (root for root in self.buffers.folders.roots if folder_key(root) == folder)
        return uri_of(next(known, Path(folder)))

    # --- files

    def user(self) -> LayerText:
        return read_user(self.config)

    def project(self, root: Path | None) -> LayerText:
        """A folder's `moa.toml`, as it stands in the editor where it is open there."""
        if root is None:
            return None
        name = self._name(root)
        if name is not None and self.buffers.is_open(name):
            return self.buffers.current(name)
        return read_project(root)

    def is_saved(self, root: Path) -> bool:
        """Whether the folder's `moa.toml` is on the disk what it is in the editor, however its lines end."""
        return _with_plain_ends(self.project(root)) == _with_plain_ends(read_project(root))

    def is_settings(self, path: str) -> bool:
        """Whether the file of that name holds settings."""
        if path.rsplit("/", 1)[-1] != PROJECT_FILE:  # asked at every keystroke, and names take looks at the disk
            return False
        return path in map(self._name, self.buffers.folders.roots)

    def concerns(self, uris: Iterable[str]) -> bool:
        """Whether a file with one of these URIs may hold settings. One too many costs a look at the files."""
        return any(uri.endswith(f"/{PROJECT_FILE}") for uri in uris)

    def uri_of(self, layer: str, root: Path | None) -> str | None:
        """The document that holds a layer of a folder's settings; the editor's own settings are no document."""
        if layer == "project" and root is not None:
            name = self._name(root)
            return uri_of(root / PROJECT_FILE) if name is None else self.buffers.uri(name)
        return (self.config / USER_FILE).absolute().as_uri() if layer == "user" else None

    def lines(self, layer: str, root: Path | None) -> list[str]:
        text = self.project(root) if layer == "project" else self.user() if layer == "user" else None
        return split_lines(text if isinstance(text, str) else "")

    def _name(self, root: Path) -> str | None:
        return self.buffers.folders.name(root / PROJECT_FILE)

    def library(self, root: Path | None, warn: Callable[[str], None], *, trusted: bool) -> Library:
        """The roles that hold in a workspace folder; what is wrong with one is said once."""
        library = read_library(role_texts(), self.config, root, trusted=trusted)
        for problem in library.problems:
            if problem not in self._told:
                self._told.add(problem)
                warn(problem.message)
        return library

    # --- the editor's section

    def pushed(self, settings: object) -> Section:
        """The `moa` section of what a client pushed with `workspace/didChangeConfiguration`."""
        if not isinstance(settings, dict):
            return {}
        section = cast("dict[str, object]", settings).get(SECTION, {})
        return cast("dict[str, object]", section) if isinstance(section, dict) else {}

    async def ask(self, client: SettingsClient, traits: Traits) -> Mapping[Path | None, Section] | None:
        """Asks the client for its `moa` section in each folder; `None` where it can't be asked, or doesn't answer."""
        if not traits.configuration:
            return None
        roots = self.roots
        items = [types.ConfigurationItem(scope_uri=uri_of(root) if root else None, section=SECTION) for root in roots]
        params = types.ConfigurationParams(items=items)
        try:
            answer = await asyncio.wait_for(client.workspace_configuration_async(params), _ANSWER_WITHIN)
        except Exception as error:  # whatever the client does wrong, the other layers still hold
            _log.warning("The editor's settings couldn't be had: %s", error)
            return None
        sections = cast("list[object]", answer) if isinstance(answer, list | tuple) else []
        padded = [*sections, *([None] * len(roots))]
        return {
            root: cast("dict[str, object]", section) if isinstance(section, dict) else {}
            for root, section in zip(roots, padded, strict=False)
        }

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


def _with_plain_ends(text: LayerText) -> LayerText:
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text
