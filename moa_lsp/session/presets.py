"""The presets of a discussion: which there are and what one message by them takes, chosen, saved, renamed and deleted.

Rules: a saved preset is a file of the user's own (`settings/saved.py`), written when they say so and never in a
project; what is expected of a preset is read from earlier turns on this machine, and what isn't known is said to be
unknown. What a preset is, is the settings' (`settings/settings.py`) and its kind's (`discussion/kinds.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from moa_lsp.discussion.kinds import IN_WORDS, Way
from moa_lsp.discussion.outlook import Held, calls, drawing, expected, held, price
from moa_lsp.discussion.values import Architect, Discussion
from moa_lsp.models.catalogue import no_architects_message
from moa_lsp.session.configuration import Configuration
from moa_lsp.session.discussions import Discussions, taking_part
from moa_lsp.session.run import NotPossible, Unknown
from moa_lsp.settings.saved import file_of, save, wrong_name
from moa_lsp.settings.settings import DEFAULT_PRESET, ArchitectSettings, Lineup, Preset
from moa_lsp.store.pace import Pace

BUILT_IN, SETTINGS, SAVED = "built-in", "settings", "saved"
"""Where a preset comes from."""


@frozen
class PresetRow:
    """One preset as it may be chosen. `calls` are the fewest and the most that one message takes; `cost_usd` and
    `seconds` what it is expected to, `None` where that isn't known, and `basis` says from what. `problem` is why it
    can't be used; `writes_roles` says that its architects' roles are written for each task."""

    name: str
    kind: str
    title: str
    source: str
    current: bool
    architects: tuple[Architect, ...] = ()
    stages: tuple[Held, ...] = ()
    shape: str = ""
    calls: tuple[int, int] = (0, 0)
    cost_usd: float | None = None
    seconds: float | None = None
    basis: str = ""
    file: Path | None = None
    problem: str | None = None
    writes_roles: bool = False


@frozen
class Presets:
    """The presets of one workspace's discussions. `config` is the user's configuration folder."""

    discussions: Discussions
    config: Path

    # --- which there are

    async def all(self, id: str | None) -> list[PresetRow]:
        """Every preset, as it would be for that discussion, or for the current one. Raises `Unknown`."""
        discussion = self._discussion(id)
        configuration = self._configuration(discussion)
        lineups = [await configuration.lineup(name) for name in configuration.settings.known_presets]
        models = [one.model for lineup in lineups for one in lineup.architects]
        paces = self.discussions.store.paces(models)
        current = configuration.settings.lineup(discussion.preset).preset
        rows = [self._row(lineup, configuration, discussion, paces, current) for lineup in lineups]
        return [*rows, *self._broken(configuration)]

    async def one(self, name: str, id: str | None) -> PresetRow:
        """That preset. Raises `Unknown`."""
        self.check(name, self._discussion(id))
        return next(row for row in await self.all(id) if row.name == name)

    def check(self, name: str | None, discussion: Discussion) -> None:
        """Raises `Unknown` where there is no preset of that name; `None` names none."""
        known = self._configuration(discussion).settings.known_presets
        if name is not None and name not in known:
            raise Unknown(f"There is no preset {name!r}. The presets are: {', '.join(known)}.")

    def arrangement(self, discussion: Discussion) -> tuple[str, str]:
        """The name of the preset in force in a discussion, and its drawing with those who take part."""
        lineup = self._configuration(discussion).settings.lineup(discussion.preset)
        return lineup.preset, drawing(lineup.mixture, discussion.architects)

    async def titles(self, id: str | None) -> dict[str, str]:
        """The names of those that can be used in that discussion, or in the current one, and what each is: what
        somebody who types is offered at every key, so nothing is looked up in the store for it."""
        discussion = self._discussion(id)
        configuration = self._configuration(discussion)
        current = configuration.settings.lineup(discussion.preset).preset
        lineups = [await configuration.lineup(name) for name in configuration.settings.known_presets]
        usable = (one for one in lineups if _architects(one, discussion, current))
        return {one.preset: _title(one, configuration) for one in usable}

    def _discussion(self, id: str | None) -> Discussion:
        there_is = id is not None or self.discussions.current() is not None
        return self.discussions.get(id) if there_is else Discussion("", "", 0.0)

    def _configuration(self, discussion: Discussion) -> Configuration:
        return self.discussions.configurations.of(discussion.folder)

    def _row(
        self,
        lineup: Lineup,
        configuration: Configuration,
        discussion: Discussion,
        paces: Mapping[str, Pace],
        current: str,
    ) -> PresetRow:
        settings, saved = configuration.settings, configuration.saved_presets
        name, way = lineup.preset, lineup.options.way
        made = settings.presets.get(name)
        architects = _architects(lineup, discussion, current)
        source = BUILT_IN if made is None else SAVED if saved.presets.get(name) is made else SETTINGS
        return PresetRow(
            name,
            way.value,
            _title(lineup, configuration),
            source,
            name == current,
            architects,
            held(lineup.mixture, architects),
            drawing(lineup.mixture, architects),
            calls(lineup.mixture, architects),
            price(lineup.mixture, architects, lambda one: _cost(paces.get(one.model))),
            expected(lineup.mixture, architects, lambda one: _seconds(paces.get(one.model))),
            _basis(architects, paces),
            file_of(self.config, name) if source == SAVED else None,
            None if architects else no_architects_message(),
            lineup.role_model is not None,
        )

    def _broken(self, configuration: Configuration) -> list[PresetRow]:
        """The saved files that give no preset, so that the user sees why."""
        known = configuration.settings.known_presets
        return [
            PresetRow(name, "", "", SAVED, False, file=file_of(self.config, name), problem=problem)
            for name, problem in configuration.saved_presets.problems.items()
            if name not in known
        ]

    # --- choosing

    async def select(self, name: str, id: str | None) -> Discussion:
        """Has a discussion held by that preset from its next round on; begins one where there is none. Raises
        `Unknown`."""
        discussion = self._discussion(id)
        self.check(name, discussion)
        if not discussion.id:
            discussion = self.discussions.begin()
        had = await self.discussions.lineup(discussion)
        if had.preset == name and discussion.preset == name:
            return await self.discussions.with_architects(discussion)
        if had.role_model is not None and had.preset != name:
            # Roles that were written for one preset's architects say nothing to another's of the same name.
            without = tuple(evolve(one, set_role=None) for one in discussion.architects)
            self.discussions.store.set_architects(discussion.id, without)
        self.discussions.store.set_preset(discussion.id, name)
        chosen = evolve(self.discussions.get(discussion.id), preset=name)
        return self.discussions.lined_up(await self.discussions.with_architects(chosen))

    # --- keeping

    async def save(self, name: str, id: str | None, *, replace: bool) -> PresetRow:
        """Saves how a discussion is set up, without those who are dropped, under that name. Raises `Unknown` for what
        can't be a name, and `NotPossible`."""
        discussion = await self.discussions.with_architects(self._discussion(id))
        configuration = self._configuration(discussion)
        lineup = await configuration.lineup(discussion.preset)
        self._free(name, configuration, replace=replace)
        if not (written := _written(lineup, discussion.architects)):
            raise NotPossible("Nobody takes part, so there is nothing to save: add or restore an architect first.")
        settings = configuration.settings
        made = settings.presets.get(lineup.preset, Preset())
        kind = None if made.stages else lineup.options.way.value
        self._write(name, evolve(made, kind=kind, architects=written, editor=made.editor or settings.editor))
        return await self.one(name, id)

    async def rename(self, name: str, to: str, id: str | None) -> PresetRow:
        """Gives a saved preset another name; discussions that go by it follow. Raises `Unknown` and `NotPossible`."""
        preset = self._saved(name)
        if to != name:
            self._free(to, self.discussions.configurations.first, replace=False)
            self._write(to, preset)
            file_of(self.config, name).unlink(missing_ok=True)
            await self._reread_as(name, to)
        return await self.one(to, id)

    async def delete(self, name: str, id: str | None) -> list[PresetRow]:
        """Deletes a saved preset, also one that can't be read; returns those that are left. A discussion that goes by
        it goes by the settings' own from then on. Raises `Unknown`."""
        self._saved(name, broken=True)
        try:
            file_of(self.config, name).unlink(missing_ok=True)
        except OSError as error:
            raise NotPossible(f"The preset can't be deleted: {error.strerror or error}.") from None
        await self._reread_as(name, None)
        return await self.all(id)

    def _saved(self, name: str, *, broken: bool = False) -> Preset:
        """A saved preset. Raises `Unknown` for one that isn't, or that the settings made."""
        saved = self.discussions.configurations.first.saved_presets
        if name in saved.presets or (broken and name in saved.problems):
            return saved.presets.get(name, Preset())
        known = ", ".join(saved.presets) or "none"
        raise Unknown(f"There is no saved preset {name!r}. Saved are: {known}. Others are kept where they are written.")

    def _free(self, name: str, configuration: Configuration, *, replace: bool) -> None:
        """Raises where a preset can't be saved under that name."""
        if wrong := wrong_name(name):
            raise Unknown(wrong)
        saved, settings = configuration.saved_presets, configuration.settings
        is_saved = name in saved.presets and settings.presets.get(name) is saved.presets[name]
        if name in (DEFAULT_PRESET, *Way) or (name in settings.presets and not is_saved):
            raise NotPossible(
                f"There is a preset {name!r} already, and it isn't one that you saved: choose another name."
            )
        if (is_saved or name in saved.problems) and not replace:
            raise NotPossible(f"There is a saved preset {name!r} already: choose another name, or replace it.")

    def _write(self, name: str, preset: Preset) -> None:
        try:
            save(self.config, name, preset)
        except OSError as error:
            raise NotPossible(f"The preset can't be saved: {error.strerror or error}.") from None
        self._reread()

    def _reread(self) -> None:
        self.discussions.configurations.read()

    async def _reread_as(self, name: str, to: str | None) -> None:
        """Reads the settings again after a saved preset went, with its discussions going by another from now on
        (`None`: the settings' own); whoever shows the current one is told."""
        current = self.discussions.current()
        concerned = current is not None and self.discussions.get(current).preset == name
        self.discussions.store.move_preset(name, to)
        self._reread()
        if current is not None and concerned:
            self.discussions.lined_up(await self.discussions.with_architects(self.discussions.get(current)))


def _written(lineup: Lineup, architects: Sequence[Architect]) -> tuple[ArchitectSettings, ...]:
    """Those who stand in the settings and take part, with the roles they have here, and those who were added."""
    here = {one.name.lower(): one for one in architects}
    named = [(one, here.get(one.name.lower(), one)) for one in lineup.written]
    roles = lineup.role_model is None  # else they were written for one task
    kept = [
        ArchitectSettings.of(evolve(one, role=(now.plays if roles else one.role)))
        for one, now in named
        if not now.dropped
    ]
    return (*kept, *(ArchitectSettings.of(one) for one in architects if one.added and not one.dropped))


def _architects(lineup: Lineup, discussion: Discussion, current: str) -> tuple[Architect, ...]:
    """Who would take part by a preset in that discussion; in its `current` one, as they are there."""
    kept = discussion.architects if lineup.preset == current else ()
    return taking_part(lineup.architects, kept) if lineup.architects else kept


def _title(lineup: Lineup, configuration: Configuration) -> str:
    """What a preset is, on one line."""
    made = configuration.settings.presets.get(lineup.preset)
    return (made.title if made else None) or (
        "Stages of its own" if lineup.options.stages else IN_WORDS[lineup.options.way]
    )


def _seconds(pace: Pace | None) -> float | None:
    return pace.seconds if pace else None


def _cost(pace: Pace | None) -> float | None:
    return pace.cost_usd if pace else None


def _basis(architects: Sequence[Architect], paces: Mapping[str, Pace]) -> str:
    """From what is expected what is, in words."""
    models = list(dict.fromkeys(one.model for one in architects if not one.dropped))
    unknown = [model for model in models if model not in paces]
    if unknown:
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        return f"Not known yet: {unknown[0]}{more} was never asked here."
    turns = sum(paces[model].turns for model in models)
    priceless = [model for model in models if paces[model].cost_usd is None]
    price = f" What {priceless[0]} costs isn't known." if priceless else ""
    return f"From {turns} earlier turn{'' if turns == 1 else 's'} of these models here.{price}"
