"""The layers of the settings and which of them has the last word. Pure: texts in, settings and problems out.

Defaults, the user's `config.toml`, the project's `moa.toml`, the editor's settings: a later one replaces an earlier
one key by key, and `presets` name by name. A layer with an error in it is replaced whole by what it last said well,
so that a half-typed file changes nothing; one that never was good gives what can be understood of it. What a project
says counts only as far as the workspace is trusted, now and then: what was read well while it wasn't trusted doesn't
gain by a later trust. And trust is of content: what needs it (`grants.py`) and isn't among what the user agreed to is
withheld, and told. Never here: reading files, and what was agreed to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from typing import Any, Literal

from attrs import evolve, field, frozen, mutable

from moa_lsp.discussion.kinds import Way
from moa_lsp.settings.grants import Grant
from moa_lsp.settings.lines import Lines, Path, Place, Span, places, syntax_place
from moa_lsp.settings.reader import Finding, Reading, read_settings
from moa_lsp.settings.settings import DEFAULT_PRESET, Preset, Settings
from moa_lsp.settings.shapes import Naming

LayerName = Literal["user", "project", "editor"]

LONGEST_TEXT = 256 * 1024
"""Code points in the longest settings file that is read. A settings file is some hundred; the limit keeps a keystroke
cheap.
"""


@frozen
class Unreadable:
    """A settings file that is there and can't be read, and why, for people."""

    reason: str


LayerText = str | Unreadable | None
"""A settings file's text; `None` where there is no such file."""


@frozen
class SettingsProblem:
    """What is wrong in a layer, or ignored there (a warning). `span` is its place in the file's text, `None` in the
    editor's.
    """

    layer: LayerName
    message: str
    span: Span | None
    severity: Literal["error", "warning"]


@frozen
class GoodLayer:
    """What a layer said when it was last without errors, as its parser gave it, and whether it was trusted then."""

    raw: object = field(repr=False)
    trusted: bool


@frozen
class GoodLayers:
    """What each layer last said well, to be handed to the next `resolve`."""

    user: GoodLayer | None = None
    project: GoodLayer | None = None
    editor: GoodLayer | None = None


@frozen
class Resolved:
    """The settings in force, what is wrong with the layers, and what to hand to the next `resolve`.

    `grants` are what a trusted project's settings ask for that needs trust, and `withheld` those among them that aren't
    in force, as the user hasn't agreed to them.
    """

    settings: Settings
    problems: tuple[SettingsProblem, ...] = ()
    good_layers: GoodLayers = field(factory=GoodLayers)
    grants: tuple[Grant, ...] = ()
    withheld: tuple[Grant, ...] = ()


def resolve(
    user_toml: LayerText,
    project_toml: LayerText,
    editor: object,
    *,
    trusted: bool,
    agreed: Collection[str] | None = None,
    last_good: GoodLayers | None = None,
    saved: Mapping[str, Preset] | None = None,
) -> Resolved:
    """The settings that these layers come to.

    `editor` is the `moa` section as JSON (`None`: there is none). `trusted` says whether the user trusts the
    workspace; then `agreed` are the ids of the grants of its `moa.toml` that hold, and `None` stands for all.
    `last_good` is the `good_layers` of the last time. `saved` are presets that the user saved: a layer's preset of the
    same name goes before one of these.
    """
    last = last_good or GoodLayers()
    layers = (
        _from_toml("user", user_toml, last.user, trusted=True),
        _from_toml("project", project_toml, last.project, trusted=trusted, agreed=agreed),
        _Layer("editor", Naming.CAMEL, last.editor) if editor is None else _from_editor(editor, last.editor),
    )
    kept = saved or {}
    _settle_preset(layers, kept)
    user, project, editors = layers
    return Resolved(
        evolve(Settings(), **_merged(layers, kept)),
        tuple(problem for layer in layers for problem in layer.problems),
        GoodLayers(user.good, project.good, editors.good),
        tuple(dict.fromkeys(project.grants)),
        tuple(dict.fromkeys(project.withheld)),
    )


@mutable
class _Layer:
    """One layer while it is settled: its values now, and what it leaves for the next time."""

    name: LayerName
    naming: Naming
    last: GoodLayer | None
    trusted: bool = True
    agreed: Collection[str] | None = None
    values: Mapping[str, Any] = field(factory=dict[str, Any])
    grants: tuple[Grant, ...] = ()
    withheld: tuple[Grant, ...] = ()
    good: GoodLayer | None = None
    problems: list[SettingsProblem] = field(factory=list[SettingsProblem])
    places: Mapping[Path, Place] = field(factory=dict[Path, Place])

    def take(self, raw: object) -> None:
        reading = self._read(raw, self.trusted)
        self.problems.extend(self._problem(one) for one in reading.findings)
        self._put(reading)
        if reading.good:
            self.good = GoodLayer(raw, self.trusted)
        else:
            self.fall_back()

    def fail(self, message: str, span: Span) -> None:
        """The text can't be read at all."""
        self.problems.append(SettingsProblem(self.name, message, span, "error"))
        self.fall_back()

    def add(self, finding: Finding) -> None:
        """One more thing that is wrong, found beside the other layers."""
        problem = self._problem(finding)
        if problem not in self.problems:
            self.problems.append(problem)
        self.fall_back()

    def fall_back(self) -> None:
        """Puts what the layer last said well in the place of what it says now, if it ever said anything well."""
        self.good = self.last
        if self.last is not None:
            self._put(self._read(self.last.raw, self.trusted and self.last.trusted))

    def _put(self, reading: Reading) -> None:
        self.values, self.grants, self.withheld = reading.values, reading.grants, reading.withheld

    def _read(self, raw: object, trusted: bool) -> Reading:
        return read_settings(raw, self.naming, trusted=trusted, agreed=self.agreed, lenient=self.name == "editor")

    def _problem(self, finding: Finding) -> SettingsProblem:
        return SettingsProblem(
            self.name, finding.message, self._span(finding), "warning" if finding.warning else "error"
        )

    def _span(self, finding: Finding) -> Span | None:
        """Where the key or value stands, or the nearest thing around it that does."""
        for length in range(len(finding.path), 0, -1):
            if place := self.places.get(finding.path[:length]):
                return place.key if finding.on_key and length == len(finding.path) else place.value
        return None if self.name == "editor" else Span(0, 0, 0, 0)


def _from_toml(
    name: Literal["user", "project"],
    text: LayerText,
    last: GoodLayer | None,
    *,
    trusted: bool,
    agreed: Collection[str] | None = None,
) -> _Layer:
    layer = _Layer(name, Naming.SNAKE, last, trusted, agreed)
    if text is None:
        return layer
    if isinstance(text, Unreadable):
        layer.fail(text.reason, Span(0, 0, 0, 0))
        return layer
    if len(text) > LONGEST_TEXT:
        layer.fail(f"Not read: settings of more than {LONGEST_TEXT:,} characters are too long.", Span(0, 0, 0, 0))
        return layer
    try:
        raw = tomllib.loads(text)
        layer.places = places(text)
    except tomllib.TOMLDecodeError as error:
        message, span = syntax_place(text, error)
        layer.fail(f"Not good TOML: {message}", span)
    except RecursionError:
        layer.fail("Not read: lists are nested too deep.", Lines(text).line(0))
    except ValueError:
        # Python refuses to read integers of more than 4300 digits, and tomllib passes that on.
        layer.fail("Not read: a number is too long.", Lines(text).line(0))
    else:
        layer.take(raw)
    return layer


def _from_editor(raw: object, last: GoodLayer | None) -> _Layer:
    layer = _Layer("editor", Naming.CAMEL, last)
    layer.take(raw)
    return layer


def _merged(layers: tuple[_Layer, ...], saved: Mapping[str, Preset]) -> dict[str, Any]:
    merged: dict[str, Any] = {"presets": saved}
    for layer in layers:
        presets = {**merged["presets"], **layer.values.get("presets", {})}
        merged.update(layer.values)
        merged["presets"] = presets
    return merged


def _settle_preset(layers: tuple[_Layer, ...], saved: Mapping[str, Preset]) -> None:
    """A layer that names a preset that no layer has is at fault like one with a wrong type; it falls back, or loses
    the key.
    """
    while True:
        merged = _merged(layers, saved)
        preset = merged.get("preset", DEFAULT_PRESET)
        names = tuple(dict.fromkeys((DEFAULT_PRESET, *merged["presets"], *Way)))
        if preset in names:
            return
        layer = next(layer for layer in reversed(layers) if "preset" in layer.values)
        known = ", ".join(f"`{one}`" for one in names)
        layer.add(Finding(("preset",), f"`preset`: there is no such preset; there is {known}"))
        if layer.values.get("preset") == preset:
            layer.values = {name: value for name, value in layer.values.items() if name != "preset"}
