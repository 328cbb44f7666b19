"""The commands about presets and roles, on the wire.

Thin like `discussion_commands.py`: what a command does is decided in `session/presets.py` and `session/roles.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.session import Session

Arguments = Mapping[str, Any]


@frozen
class PresetCommands:
    """One connection's commands about presets and roles."""

    session: Session
    wire: Wire

    @property
    def all(self) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
        return {
            "presets": self._presets,
            "select-preset": self._select,
            "save-preset": self._save,
            "rename-preset": self._rename,
            "delete-preset": self._delete,
            "roles": self._roles,
        }

    async def _presets(self, given: Arguments) -> Any:
        return [self.wire.preset(row) for row in await self.session.presets.all(given.get("discussion"))]

    async def _select(self, given: Arguments) -> Any:
        selected = await self.session.presets.select(given["preset"], given.get("discussion"))
        return self.wire.discussion(selected)

    async def _save(self, given: Arguments) -> Any:
        replace: bool = given.get("replace", False)
        return self.wire.preset(
            await self.session.presets.save(given["name"], given.get("discussion"), replace=replace)
        )

    async def _rename(self, given: Arguments) -> Any:
        renamed = await self.session.presets.rename(given["name"], given["to"], given.get("discussion"))
        return self.wire.preset(renamed)

    async def _delete(self, given: Arguments) -> Any:
        left = await self.session.presets.delete(given["name"], given.get("discussion"))
        return [self.wire.preset(row) for row in left]

    async def _roles(self, given: Arguments) -> Any:
        roles = self.session.roles_of(given.get("discussion"))
        return [{"name": one.name, "text": one.text, "from": one.source.value} for one in roles]
