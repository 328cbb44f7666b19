"""The settings in force: which layers there are, what they come to, and who the architects are.

The layers' rules are in `settings/layers.py`; this keeps their texts and what was good last. Settings are read anew
when something says they changed, and a round takes them as they are when it begins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from attrs import evolve, field, mutable

from moa_lsp.discussion.values import Architect
from moa_lsp.settings.layers import LayerText, Resolved, SettingsProblem, resolve
from moa_lsp.settings.settings import Settings


@mutable
class Configuration:
    """One workspace's settings. `user_text` and `project_text` read the two TOML layers as they are now (`None`: none);
    `defaults` finds architects where none are configured."""

    user_text: Callable[[], LayerText]
    project_text: Callable[[], LayerText]
    defaults: Callable[[], Awaitable[tuple[Architect, ...]]]
    trusted: bool = False
    editor: Mapping[str, object] | None = None
    _resolved: Resolved | None = field(default=None, init=False)
    _found: tuple[Architect, ...] = field(default=(), init=False)

    def read(self) -> Resolved:
        """Reads all layers again. A layer with an error keeps what it last said well."""
        self._resolved = resolve(
            self.user_text(),
            self.project_text(),
            self.editor,
            trusted=self.trusted,
            last_good=self._resolved.good_layers if self._resolved else None,
        )
        self._found = ()
        return self._resolved

    @property
    def settings(self) -> Settings:
        return (self._resolved or self.read()).settings

    @property
    def problems(self) -> tuple[SettingsProblem, ...]:
        return (self._resolved or self.read()).problems

    async def architects(self) -> tuple[Architect, ...]:
        """Who is configured, or else whom this machine offers; empty where that is nobody."""
        if configured := self.settings.mixture().architects:
            return configured
        if not self._found:  # nobody is not kept: an Ollama may have been started since
            self._found = await self.defaults()
        return self._found

    def editor_model(self, name: str, architects: tuple[Architect, ...]) -> Architect | None:
        """The model that writes the edits, under that name: the configured one, else the first architect's."""
        if editor := self.settings.mixture().editor:
            return evolve(editor, name=name)
        return evolve(architects[0], name=name, role=None) if architects else None
