"""The shapes a setting's value can have. The loader, the JSON Schema and the docs all read them from here, so they
can't disagree.

A shape is data: `settings.py` puts one on each field, `reader.py` checks values against it and
`schema.py` writes it as JSON Schema. Patterns are for the whole text and hold in Python's and in ECMAScript's
regular expressions alike. `expects` ends the sentence "must be …". Never here: which keys there are, reading, files.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from attrs import Attribute, Factory, fields, frozen

_METADATA = "moa_lsp.key"


class Naming(StrEnum):
    """How a key is spelt: `camel` in JSON and in editors, `snake` in TOML."""

    CAMEL = "camel"
    SNAKE = "snake"

    def spell(self, name: str) -> str:
        """A field's name as it is written in this naming."""
        if self is Naming.SNAKE:
            return name
        first, *others = name.split("_")
        return first + "".join(word.capitalize() for word in others)


class Trust(StrEnum):
    """When a key is taken from a project's `moa.toml`: always, only in a trusted workspace, or untrusted only as
    `true`.
    """

    ANY = "any"
    TRUSTED = "trusted"
    ONLY_ON = "only-on"


@frozen
class Text:
    """A string. `reason` says what else is wrong with one (`None`: nothing); `never` are words refused whatever their
    case.
    """

    expects: str
    pattern: str
    never: tuple[str, ...] = ()
    reason: Callable[[str], str | None] | None = None


@frozen
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expects(self) -> str:
        return f"one of {', '.join(self.words)}"


@frozen
class Number:
    """A number from `least` (left out where `open`) to `most`; where `whole`, without a fraction."""

    expects: str
    least: float
    most: float
    whole: bool = False
    open: bool = False


@frozen
class Flag:
    """True or false."""

    expects: str = "true or false"


@frozen
class Pairs:
    """A table of strings, such as HTTP headers. `holds_key` tells of a pair of name and text whether it holds a key."""

    expects: str
    name: str
    text: str
    holds_key: Callable[[str, str], bool]


@frozen
class Entry:
    """A model's name, or a table with the keys of a class that has a `model`."""

    of: type
    expects: str = "a model's name or a table with its `model`"


@frozen
class Entries:
    """A list of entries, of at least one."""

    of: type
    expects: str = "a list of models' names or tables"


@frozen
class Texts:
    """A list of texts, of at least one."""

    each: Text
    expects: str


@frozen
class Tables:
    """A list of tables, of at least one, each with the keys of a class."""

    of: type
    expects: str = "a list of tables"


@frozen
class Named:
    """Tables by name, each with the keys of a class."""

    of: type
    name: Text
    expects: str = "a table of tables, one for each name"


Shape = Text | Texts | Choice | Number | Flag | Pairs | Entry | Entries | Tables | Named


@frozen
class Key:
    """What the settings know of one key, beside its name, default and docstring."""

    shape: Shape
    trust: Trust = Trust.ANY


def key(shape: Shape, trust: Trust = Trust.ANY) -> dict[str, Key]:
    """An attrs field's metadata for a key of that shape."""
    return {_METADATA: Key(shape, trust)}


def keys_of(cls: type) -> dict[str, Key]:
    """The keys of a settings class, by field name, in their order."""
    found: tuple[Attribute[object], ...] = fields(cls)
    return {one.name: one.metadata[_METADATA] for one in found}


def default_of(cls: type, name: str) -> Any:
    """What a field is worth when nobody sets it; `NOTHING` where it must be set."""
    default: Any = getattr(fields(cls), name).default
    return default.factory() if isinstance(default, Factory) else default  # pyright: ignore[reportArgumentType]
