"""Reads one layer's settings: what of it is good, and what is wrong, each with its path. Pure.

What can't be understood is told and left out; nothing is guessed and no value is ever repeated in a message, since it
might be a key. A table with a fault in it is left out whole: an architect whose `api_base` is misspelt must not be
asked elsewhere. Which layer wins is `layers.py`, where a path stands in a file `lines.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard, cast

from attrs import field, frozen, mutable
from rapidfuzz import fuzz, process

from moa_lsp.settings.grants import Grant, asks_trust, entry_grant, gated, key_grant, may_be_asked
from moa_lsp.settings.lines import Path
from moa_lsp.settings.settings import DEFAULT_PRESET, ArchitectSettings, Settings, looks_like_key
from moa_lsp.settings.shapes import (
    Choice,
    Entries,
    Entry,
    Flag,
    Named,
    Naming,
    Number,
    Pairs,
    Shape,
    Tables,
    Text,
    Texts,
    keys_of,
)

UNTRUSTED = "this workspace isn't trusted. Trust it in your editor to use this, or put it into your own settings."
WITHHELD = (
    "it came after you trusted this workspace, and waits for your yes. You are asked once it is saved; you can also put"
    " it into your own settings."
)

# Names that people give to a setting that holds a key itself, without case and punctuation.
_LITERAL_KEYS = {"apikey", "key", "token", "apitoken", "accesstoken", "bearertoken", "secret", "password"}
# Keys that would run a program or load code, which this version doesn't have. An untrusted project's are ignored
# like the others that need trust, rather than called a mistake.
_RUNS_CODE = {"command", "checks", "middleware"}
_SIMILAR = 70
_LONGEST_SHOWN = 60


@frozen
class Finding:
    """Something wrong, or ignored. `on_key` tells whether the key is at fault or its value; a warning doesn't spoil the
    layer.
    """

    path: Path
    message: str
    on_key: bool = False
    warning: bool = False


@frozen
class Reading:
    """A layer's good values, by the field names of `Settings`, and what was found wrong with it.

    `grants` are what it asks for that needs trust; those that are `withheld` are not in the values.
    """

    values: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    findings: tuple[Finding, ...] = ()
    grants: tuple[Grant, ...] = ()
    withheld: tuple[Grant, ...] = ()

    @property
    def good(self) -> bool:
        return all(one.warning for one in self.findings)


def read_settings(
    raw: object, naming: Naming, *, trusted: bool, agreed: Collection[str] | None = None, lenient: bool = False
) -> Reading:
    """Reads a layer as its parser gave it. Null is as if the key weren't there.

    `trusted` is false only for the `moa.toml` of a workspace that isn't. `agreed` are the ids of the grants that the
    user agreed to; `None` stands for all. `lenient` makes an unknown key a warning, for editors, whose section also
    holds the editor's own keys.
    """
    reader = _Reader(naming, trusted, agreed, lenient)
    if not _is_table(raw):
        reader.error((), "must be a table of settings")
        return Reading({}, tuple(reader.findings))
    values = reader.settings(raw)
    return Reading(values, tuple(reader.findings), tuple(reader.grants), tuple(reader.withheld))


def wrong_with(name: str, value: object) -> str | None:
    """What is wrong with a value that a user gives for that field of an architect, as a sentence; `None` where it is
    good."""
    reader = _Reader(Naming.CAMEL, trusted=True, agreed=None, lenient=False)
    return None if reader.value_of(ArchitectSettings, name, value) is not None else reader.findings[0].message


@mutable
class _Reader:
    naming: Naming
    trusted: bool
    agreed: Collection[str] | None
    lenient: bool
    findings: list[Finding] = field(factory=list[Finding], init=False)
    grants: list[Grant] = field(factory=list[Grant], init=False)
    withheld: list[Grant] = field(factory=list[Grant], init=False)

    def error(self, path: Path, message: str, *, on_key: bool = False) -> None:
        self.findings.append(Finding(path, _sentence(path, message), on_key))

    def warn(self, path: Path, message: str, *, on_key: bool = False) -> None:
        self.findings.append(Finding(path, _sentence(path, message), on_key, warning=True))

    def settings(self, raw: Mapping[str, object]) -> dict[str, Any]:
        """The good values of the whole layer."""
        values = self.table(Settings, raw, ())
        for name in gated(Settings, values):
            if not self._holds(key_grant(name, values[name])):
                del values[name]
                self._withhold((self.naming.spell(name),))
        return values

    def _holds(self, grant: Grant) -> bool:
        self.grants.append(grant)
        if self.agreed is None or grant.id in self.agreed:
            return True
        self.withheld.append(grant)
        return False

    def _withhold(self, path: Path) -> None:
        self.warn(path, f"not in force, because {WITHHELD}", on_key=True)

    def table(self, cls: type, raw: Mapping[str, object], path: Path) -> dict[str, Any]:
        """The good values among a table's keys."""
        known = {self.naming.spell(name): (name, one) for name, one in keys_of(cls).items()}
        values: dict[str, Any] = {}
        for written, value in raw.items():
            at = (*path, written)
            if value is None:
                continue
            if written not in known:
                self._unknown(written, list(known), at)
                continue
            name, one = known[written]
            if not self.trusted and asks_trust(one, value):
                self.warn(at, f"ignored, because {UNTRUSTED}", on_key=True)
            elif (read := self._value(one.shape, value, at)) is not None:
                values[name] = read
        return values

    def value_of(self, cls: type, name: str, raw: object) -> Any:
        """The value of one field of a class, as `_value` gives it."""
        return self._value(keys_of(cls)[name].shape, raw, (self.naming.spell(name),))

    def _unknown(self, written: str, known: list[str], at: Path) -> None:
        if re.sub(r"[^a-z]", "", written.lower()) in _LITERAL_KEYS:
            return self._literal_key(at, on_key=True)
        if not self.trusted and written in _RUNS_CODE:
            return self.warn(at, f"ignored, because {UNTRUSTED}", on_key=True)
        near = process.extractOne(
            written.lower(), {one: one.lower() for one in known}, scorer=fuzz.ratio, score_cutoff=_SIMILAR
        )
        message = "there is no such setting" + (f"; did you mean `{near[2]}`?" if near else "")
        (self.warn if self.lenient else self.error)(at, message, on_key=True)

    def _literal_key(self, path: Path, *, on_key: bool = False) -> None:
        variable = self.naming.spell("api_key_env")
        message = f"a key is never written in settings: put it in an environment variable and name that in `{variable}`"
        self.error(path, message, on_key=on_key)

    def _value(self, shape: Shape, raw: object, path: Path) -> Any:
        """The value of that shape, or `None` where there is none; then why not has been told."""
        match shape:
            case Text():
                return self._text(shape, raw, path)
            case Choice():
                return raw if raw in shape.words else self._refuse(shape, path)
            case Flag():
                return raw if isinstance(raw, bool) else self._refuse(shape, path)
            case Number():
                return self._number(shape, raw, path)
            case Pairs():
                return self._pairs(shape, raw, path)
            case Entry():
                return self._entry(shape.of, raw, path)
            case Entries():
                return self._entries(shape, raw, path)
            case Texts():
                return self._texts(shape, raw, path)
            case Tables():
                return self._tables(shape, raw, path)
            case Named():
                return self._named(shape, raw, path)

    def _refuse(self, shape: Shape, path: Path) -> None:
        self.error(path, f"must be {shape.expects}")

    def _text(self, shape: Text, raw: object, path: Path) -> str | None:
        if not isinstance(raw, str):
            return self._refuse(shape, path)
        if shape.reason is not None and (reason := shape.reason(raw)):
            return self.error(path, reason)
        if looks_like_key(raw):
            return self._literal_key(path)
        if re.fullmatch(shape.pattern, raw) is None or not _can_be_written(raw):
            return self._refuse(shape, path)
        return raw

    def _number(self, shape: Number, raw: object, path: Path) -> float | int | None:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            return self._refuse(shape, path)
        # Written so that "not a number", for which no comparison holds, is refused too.
        is_within = shape.least <= raw <= shape.most and not (shape.open and raw == shape.least)
        if not is_within or (shape.whole and raw != int(raw)):
            return self._refuse(shape, path)
        return int(raw) if shape.whole else raw

    def _pairs(self, shape: Pairs, raw: object, path: Path) -> dict[str, str] | None:
        if not _is_table(raw):
            return self._refuse(shape, path)
        pairs: dict[str, str] = {}
        for name, value in raw.items():
            at = (*path, name)
            if not isinstance(value, str) or not re.fullmatch(shape.name, name) or not re.fullmatch(shape.text, value):
                self.error(at, f"`{label(path)}` must be {shape.expects}, in plain ASCII")
            elif shape.holds_key(name, value):
                self._literal_key(at)
            else:
                pairs[name] = value
        return pairs

    def _entry(self, cls: type, raw: object, path: Path) -> Any:
        model = self.naming.spell("model")
        is_short = isinstance(raw, str)
        if is_short:
            raw = {model: raw}
        if not _is_table(raw):
            return self.error(path, f"must be {Entry(cls).expects}")
        errors = self._errors()
        # A model given by its name alone stands at the entry's own place, so that is where its faults are told.
        values = self._short(cls, raw[model], path) if is_short else self.table(cls, raw, path)
        if self._errors() > errors:
            return None
        if "model" not in values:
            return self.error(path, f"names no `{model}`")
        at = path if is_short else (*path, model)
        leads_elsewhere = not may_be_asked(values["model"])
        if not self.trusted and leads_elsewhere:
            return self.warn(at, f"ignored: the name leads to a place of its own and {UNTRUSTED}")
        grant = entry_grant(cls, values)
        if grant is not None and not self._holds(grant):
            for name in gated(cls, values):
                del values[name]
                self._withhold((*path, self.naming.spell(name)))
            if leads_elsewhere:
                return self.warn(at, f"not in force: the name leads to a place of its own; {WITHHELD}")
        return cls(**values)

    def _short(self, cls: type, model: object, path: Path) -> dict[str, Any]:
        read = self._value(keys_of(cls)["model"].shape, model, path)
        return {} if read is None else {"model": read}

    def _entries(self, shape: Entries, raw: object, path: Path) -> tuple[Any, ...] | None:
        if not isinstance(raw, list | tuple):
            return self._refuse(shape, path)
        if not raw:
            return self.error(path, "names nobody: there must be at least one, or no such key")
        items = cast("list[object]", raw)
        read = [self._entry(shape.of, item, (*path, number)) for number, item in enumerate(items)]
        seen: set[str] = set()
        for number, one in enumerate(read):
            name = None if one is None else one.name
            if name is not None and name.lower() in seen:
                read[number] = None
                self.error(
                    (*path, number, self.naming.spell("name")), f"there is already an architect named `{_shown(name)}`"
                )
            elif name is not None:
                seen.add(name.lower())
        return tuple(one for one in read if one is not None) or None

    def _texts(self, shape: Texts, raw: object, path: Path) -> tuple[str, ...] | None:
        if not isinstance(raw, list | tuple) or not raw:
            return self._refuse(shape, path)
        items = cast("list[object]", raw)
        read = [self._text(shape.each, item, (*path, number)) for number, item in enumerate(items)]
        good = tuple(one for one in read if one is not None)
        return good if len(good) == len(read) else None

    def _tables(self, shape: Tables, raw: object, path: Path) -> tuple[Any, ...] | None:
        if not isinstance(raw, list | tuple) or not raw:
            return self._refuse(shape, path)
        read: list[Any] = []
        for number, item in enumerate(cast("list[object]", raw)):
            if not _is_table(item):
                return self._refuse(shape, path)
            errors = self._errors()
            values = self.table(shape.of, item, (*path, number))
            if self._errors() > errors:
                return None
            read.append(shape.of(**values))
        return tuple(read)

    def _named(self, shape: Named, raw: object, path: Path) -> dict[str, Any] | None:
        if not _is_table(raw):
            return self._refuse(shape, path)
        named: dict[str, Any] = {}
        for name, value in raw.items():
            at = (*path, name)
            if name == DEFAULT_PRESET:
                self.error(
                    at, "stands for the top level's own `architects` and `editor`: choose another name", on_key=True
                )
            elif looks_like_key(name) or re.fullmatch(shape.name.pattern, name) is None or not _can_be_written(name):
                self.error(
                    at, "can't be a preset's name: it must be one short word without <, > and quotes", on_key=True
                )
            elif value is None:
                continue
            elif not _is_table(value):
                self.error(at, "must be a table with the keys of a preset")
            else:
                errors = self._errors()
                values = self.table(shape.of, value, at)
                if self._errors() == errors:
                    named[name] = shape.of(**values)
        return named

    def _errors(self) -> int:
        return sum(not one.warning for one in self.findings)


def label(path: Path) -> str:
    """A path as people write it: `architects[0].timeout`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else ("." if text else "") + _shown(part)
    return text


def _sentence(path: Path, message: str) -> str:
    return f"`{label(path)}`: {message}" if path else f"The settings {message}"


def _shown(name: str) -> str:
    """A name that may be repeated in a message; one that might be a key isn't."""
    if looks_like_key(name) or len(name) > _LONGEST_SHOWN or not name.isprintable():
        return "…"
    return name


def _is_table(raw: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(raw, Mapping) and all(isinstance(name, str) for name in cast("Mapping[object, object]", raw))


def _can_be_written(text: str) -> bool:
    """Whether a text has no lone surrogates, which JSON can carry and UTF-8 can't."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
