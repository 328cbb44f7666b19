"""One workspace folder's settings, presets and roles, for those who answer without an editor.

Rules: what is in force is what an editor's server would find there without settings of the editor's own; files are
looked at before each answer, and read anew where they changed; trust is of content, as everywhere, so what a folder's
`moa.toml` came to want later isn't in force before a yes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from attrs import field, mutable

from moa_lsp.context.roles import read_library
from moa_lsp.discussion.values import Architect
from moa_lsp.models.catalogue import default_architects
from moa_lsp.prompts import role_texts
from moa_lsp.session.configuration import Configuration
from moa_lsp.settings.files import read_project, read_user
from moa_lsp.settings.layers import LayerText
from moa_lsp.settings.saved import FOLDER, read_saved
from moa_lsp.settings.settings import Lineup, Settings
from moa_lsp.store.folders import Folders
from moa_lsp.store.store import Store

_Seen = tuple[LayerText, LayerText, tuple[tuple[str, int, int], ...]]


@mutable
class OneFolder:
    """The settings of the folder at `root`, with links resolved or not. Made by `of`."""

    root: Path
    config: Path
    configuration: Configuration
    _seen: _Seen | None = field(default=None, init=False)

    @classmethod
    def of(cls, root: Path, places: Folders, store: Store, *, trusted: bool) -> OneFolder:
        """`places` are moa-lsp's own folders; `trusted` says that the user trusts this folder."""

        async def defaults() -> tuple[Architect, ...]:
            return await default_architects(os.environ)

        configuration = Configuration(
            root,
            lambda: read_user(places.config),
            lambda: read_project(root),
            defaults,
            store,
            trusted=trusted,
            saved=lambda: read_saved(places.config),
        )
        return cls(root, places.config, configuration)

    def look(self) -> bool:
        """Reads the settings anew where their files changed; tells whether they did."""
        seen = (read_user(self.config), read_project(self.root), _files(self.config / FOLDER))
        if seen == self._seen:
            return False
        self._seen = seen
        self.configuration.read()
        return True

    @property
    def settings(self) -> Settings:
        self.look()
        return self.configuration.settings

    async def lineup(self, preset: str | None = None) -> Lineup:
        """Who takes part by that preset (`None`: the one in use), as things are now."""
        self.look()
        return await self.configuration.lineup(preset)

    def role_text(self) -> Callable[[str], str]:
        """What turns a role into its words, by the library as it is now."""
        trusted = self.configuration.trusted
        return read_library(role_texts(), self.config, self.root, trusted=trusted).text_of


def _files(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of each file in a folder, in the order of the names; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            stats = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))
