"""The models that a user can pick from: those that can be asked now, and what it would take for the others.

Rules: ready ones come first, and of these the configured; no provider is asked for its list; the worker, a local Ollama
and the editor are each asked for what they know, side by side, and nothing fails because one of them can't say. An
address of its own or a key of another name is a setting: such a model stands here as it is configured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from moa_lsp.discussion.values import Architect
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models.catalogue import PROVIDERS, ProviderRow, asks_elsewhere, installed, key_for, key_variable, needs_key
from moa_lsp.models.errors import provider_of
from moa_lsp.models.newest import newest
from moa_lsp.models.replay import SCHEME, is_replay
from moa_lsp.session.configuration import Configuration

_MOST_OF_A_PROVIDER = 12
_MOST_LOCAL = 20
_DEMO = f"{SCHEME}demo"

_NOT_LISTED = frozenset({"azure", "azure_ai", "cohere_chat"})
"""Providers whose list says nothing: deployments have names of the user's own, and Cohere's models stand once."""


@frozen
class ModelToPick:
    """One model. `provider` is for people: whose it is. `key_variable` is where its key is looked for, where it wants
    one; `reason` says, for one that isn't ready, what to do."""

    model: str
    provider: str
    ready: bool
    key_variable: str | None = None
    reason: str | None = None


async def models_to_pick(configuration: Configuration, door: ModelDoor) -> list[ModelToPick]:
    """All of them, each once."""
    with_key = [row for row in PROVIDERS if any(door.environ.get(name) for name in row.variables)]
    listed = [row for row in with_key if row.prefix not in _NOT_LISTED]
    configured, known, local, editors = await asyncio.gather(
        _configured(configuration),
        _known(door, listed),
        installed(),
        door.of_the_editor(),
    )
    rows: dict[str, ModelToPick] = {}
    for architect in configured:
        rows.setdefault(architect.model, _row(architect, door, editors))
    others = [*_named(listed, known), *local[:_MOST_LOCAL], *editors, _DEMO]
    others += [row.default for row in PROVIDERS if row.default and row not in with_key]
    for model in others:
        rows.setdefault(model, _row(Architect("", model), door, editors))
    return sorted(rows.values(), key=lambda row: not row.ready)


async def _configured(configuration: Configuration) -> list[Architect]:
    """Whoever stands in the settings: who takes part first, then what the presets hold, and who edits."""
    settings = configuration.settings
    lineups = [settings, *settings.presets.values()]
    written = [one for lineup in lineups for one in (*lineup.architects, *((lineup.editor,) if lineup.editor else ()))]
    return [*await configuration.architects(), *(one.architect(one.name or "") for one in written)]


async def _known(door: ModelDoor, rows: Sequence[ProviderRow]) -> Mapping[str, Sequence[str]]:
    # Without a key there is nothing to list, and the worker isn't started for it.
    return await door.of_providers([row.prefix for row in rows]) if rows else {}


def _named(rows: Sequence[ProviderRow], known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield from newest(known.get(row.prefix, ()), row.default, _MOST_OF_A_PROVIDER)


def _row(architect: Architect, door: ModelDoor, editors: Sequence[str]) -> ModelToPick:
    model = architect.model
    if is_replay(model):
        return ModelToPick(model, model.removeprefix(SCHEME), ready=True)
    if door.is_of_an_editor(model):
        ready = model in editors
        reason = None if ready else "Open this workspace in an editor that has this model, and allow its use there."
        return ModelToPick(model, provider_of(model).rpartition(":")[2], ready, reason=reason)
    if asks_elsewhere(architect) and architect.api_key_env is None:
        variable = None
    else:
        variable = architect.api_key_env or key_variable(model)
    ready = key_for(architect, door.environ) is not None or not needs_key(architect)
    reason = None if ready else f"Set {variable} in the editor's environment, and restart the server."
    return ModelToPick(model, provider_of(model), ready, variable, reason)
