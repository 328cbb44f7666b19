"""The settings in force in each workspace folder: which layers there are, what they come to, who the architects are.

The layers' rules are in `settings/layers.py`; this keeps their texts and what was good last. Settings are read anew
when something says they changed, and a round takes them as they are when it begins.

Trust is of content: what a folder's `moa.toml` asks for that needs trust is agreed to with the first look at the folder
in a trusted workspace, and kept. What comes later is withheld until the user agrees to it. Who asks them, and when, is
`lsp/trusting.py`'s.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import field, mutable

from moa_lsp.discussion.values import Architect
from moa_lsp.settings.grants import Grant, in_words
from moa_lsp.settings.layers import LayerText, Resolved, SettingsProblem, resolve
from moa_lsp.settings.saved import Saved
from moa_lsp.settings.settings import Lineup, Settings
from moa_lsp.store.store import Store

_log = logging.getLogger(__name__)

TRUST, NOT_NOW = "Trust it", "Not now"
"""The answers to a folder's `question`."""


def folder_key(root: Path) -> str:
    """What a workspace folder is called where it is kept: the same however an editor spells it."""
    try:
        return str(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return str(root)


@mutable
class Configuration:
    """One workspace folder's settings; `root` is `None` where there is no folder. `user_text` and `project_text` read
    the two TOML layers as they are now (`None`: none); `defaults` finds architects where none are configured; `store`
    keeps what was agreed to."""

    root: Path | None
    user_text: Callable[[], LayerText]
    project_text: Callable[[], LayerText]
    defaults: Callable[[], Awaitable[tuple[Architect, ...]]]
    store: Store
    trusted: bool = False
    editor: Mapping[str, object] | None = None
    saved: Callable[[], Saved] = Saved
    """Reads the presets that the user saved."""
    folder: str | None = field(init=False)
    _resolved: Resolved | None = field(default=None, init=False)
    _found: tuple[Architect, ...] = field(default=(), init=False)
    _saved: Saved = field(factory=Saved, init=False)

    def __attrs_post_init__(self) -> None:
        self.folder = folder_key(self.root) if self.root else None

    def read(self) -> Resolved:
        """Reads all layers again. A layer with an error keeps what it last said well."""
        is_new, agreed = self._agreed()
        self._saved = self.saved()
        self._resolved = resolve(
            self.user_text(),
            self.project_text(),
            self.editor,
            trusted=self.trusted,
            agreed=agreed,
            last_good=self._resolved.good_layers if self._resolved else None,
            saved=self._saved.presets,
        )
        if is_new:
            self._keep(self._resolved.grants)
        self._found = ()
        return self._resolved

    def _agreed(self) -> tuple[bool, frozenset[str] | None]:
        """Whether the folder is trusted for the first time, and what holds of its settings (`None`: all)."""
        if not self.trusted or self.folder is None:
            return False, None
        try:
            agreed = self.store.agreed(self.folder)
        except sqlite3.Error as error:
            _log.warning("What was agreed to in %s can't be read", self.folder, exc_info=error)
            return False, frozenset()
        return agreed is None, agreed

    def agree(self, grants: Sequence[Grant]) -> None:
        """The user agreed to these: they hold from now on, here and after a restart."""
        self._keep(grants)
        self.read()

    def _keep(self, grants: Sequence[Grant]) -> None:
        assert self.folder is not None
        try:
            self.store.agree(self.folder, [grant.id for grant in grants])
        except sqlite3.Error as error:  # then it is asked for again
            _log.warning("What was agreed to in %s can't be kept", self.folder, exc_info=error)

    @property
    def settings(self) -> Settings:
        return (self._resolved or self.read()).settings

    @property
    def problems(self) -> tuple[SettingsProblem, ...]:
        return (self._resolved or self.read()).problems

    @property
    def withheld(self) -> tuple[Grant, ...]:
        """What the folder's settings ask for and the user hasn't agreed to."""
        return (self._resolved or self.read()).withheld

    def question(self, grants: Sequence[Grant]) -> str:
        """What the user is to be asked about what is withheld."""
        name = self.root.name if self.root else ""
        return (
            f"moa.toml in {name} now wants {in_words(grants)}. That is new since you trusted this folder, and isn't in"
            " force unless you trust it too."
        )

    @property
    def saved_presets(self) -> Saved:
        """The presets that the user saved, and what is wrong with those that can't be used."""
        if self._resolved is None:
            self.read()
        return self._saved

    async def architects(self) -> tuple[Architect, ...]:
        """Who takes part by the preset in use; empty where nobody is configured and this machine offers nobody."""
        return (await self.lineup()).architects

    async def lineup(self, preset: str | None = None) -> Lineup:
        """Who takes part by that preset (`None`: the one in use), of those configured, or else of whom this machine
        offers."""
        configured = self.settings.lineup(preset)
        if configured.architects:
            return configured
        if not self._found:  # nobody is not kept: an Ollama may have been started since
            self._found = await self.defaults()
        return self.settings.lineup(preset, self._found)


@mutable
class Configurations:
    """The settings of all folders of a workspace, the main folder's first. `make` makes those of one folder, or of no
    folder where there is none."""

    make: Callable[[Path | None], Configuration]
    _all: dict[str | None, Configuration] = field(factory=dict[str | None, Configuration], init=False)

    def follow(self, roots: Sequence[Path]) -> None:
        """These are the workspace's folders now. What was last said well in a folder that stays is kept."""
        before = {configuration.root: configuration for configuration in self}
        now = [before.get(root) or self.make(root) for root in roots or (None,)]
        self._all = {}
        for configuration in now:  # two names of one folder are one
            self._all.setdefault(configuration.folder, configuration)

    def __iter__(self) -> Iterator[Configuration]:
        return iter(tuple(self._all.values()))

    @property
    def first(self) -> Configuration:
        return next(iter(self))

    def of(self, folder: str | None) -> Configuration:
        """The settings of the folder that is called so; the first one's where there is no such folder (any more)."""
        return self._all.get(folder) or self.first

    def read(self) -> None:
        """Reads all folders' settings again."""
        for configuration in self:
            configuration.read()
