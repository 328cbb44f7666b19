"""The JSON Schema of the settings, made from the settings' own classes: their shapes, defaults and docstrings.

Draft 7, which is what VS Code and the TOML editors take. `scripts/generate` writes it into the files beside this one,
which the package ships; the server itself never makes it. What a schema can't say (two architects of one name, a
preset that isn't there, what holds a key) only the loader refuses. Never here: anything that the classes don't say.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

from attrs import NOTHING

from moa_lsp.settings.settings import DEFAULT_PRESET, Preset, Settings, StageSettings
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
    default_of,
    keys_of,
)

TOML_SCHEMA = Path(__file__).with_name("settings.schema.json")
"""The schema of `moa.toml` and `config.toml`."""

EDITOR_SCHEMA = Path(__file__).with_name("settings.editor.schema.json")
"""The schema of the `moa` section in an editor's settings."""

_DRAFT = "http://json-schema.org/draft-07/schema#"
_ENTRY = "architect"


def schema(naming: Naming) -> dict[str, Any]:
    """The schema of the settings, their keys spelt that way."""
    title = "moa.toml" if naming is Naming.SNAKE else "moa"
    return {
        "$schema": _DRAFT,
        "title": title,
        "description": "The settings of moa-lsp.",
        **_table(Settings, naming),
        "definitions": {_ENTRY: _table(_entry_class(), naming)},
    }


def docstrings(cls: type) -> dict[str, str]:
    """The docstring under each field of a settings class, as one line of text.

    Raises `LookupError` where a field has none: a setting that isn't explained isn't finished.
    """
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for statement, below in zip(definition.body, definition.body[1:], strict=False):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
            case _:
                pass
    for name in keys_of(cls):
        if name not in found:
            raise LookupError(f"{cls.__name__}.{name} has no docstring")
    return found


def _entry_class() -> type:
    """The class of one architect's settings, which several keys have in common."""
    (found,) = {one.shape.of for one in keys_of(Settings).values() if isinstance(one.shape, Entries)}
    return found


def _table(cls: type, naming: Naming) -> dict[str, Any]:
    texts = docstrings(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, one in keys_of(cls).items():
        default = default_of(cls, name)
        written = {"description": _spelt(texts[name], naming), **_shape(one.shape, naming)}
        if isinstance(default, str | bool):
            written["default"] = default
        if default is NOTHING:
            required.append(naming.spell(name))
        properties[naming.spell(name)] = written
    table = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**table, "required": required} if required else table


def _shape(shape: Shape, naming: Naming) -> dict[str, Any]:
    match shape:
        case Text():
            return _text(shape)
        case Choice():
            return {"enum": list(shape.words)}
        case Flag():
            return {"type": "boolean"}
        case Number():
            least = "exclusiveMinimum" if shape.open else "minimum"
            return {"type": "integer" if shape.whole else "number", least: shape.least, "maximum": shape.most}
        case Pairs():
            return {
                "type": "object",
                "propertyNames": {"pattern": _whole(shape.name)},
                "additionalProperties": {"type": "string", "pattern": _whole(shape.text)},
            }
        case Entry():
            model = keys_of(shape.of)["model"].shape
            return {"anyOf": [_shape(model, naming), {"$ref": f"#/definitions/{_ENTRY}"}]}
        case Entries():
            return {"type": "array", "minItems": 1, "items": _shape(Entry(shape.of), naming)}
        case Texts():
            return {"type": "array", "minItems": 1, "items": _text(shape.each)}
        case Tables():
            return {"type": "array", "minItems": 1, "items": _table(shape.of, naming)}
        case Named():
            return {
                "type": "object",
                "propertyNames": {"pattern": _whole(shape.name.pattern), "not": {"const": DEFAULT_PRESET}},
                "additionalProperties": _table(shape.of, naming),
            }


def _text(shape: Text) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string", "pattern": _whole(shape.pattern)}
    if shape.never:
        text["not"] = {"pattern": _whole("|".join(_any_case(word) for word in shape.never))}
    return text


def _whole(pattern: str) -> str:
    """A schema's pattern may match anywhere; ours are for the whole text."""
    return f"^(?:{pattern})$"


def _any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word)


def _spelt(text: str, naming: Naming) -> str:
    """A docstring with the keys it names spelt as in the file the schema is for."""
    names = {name for cls in (Settings, _entry_class(), Preset, StageSettings) for name in keys_of(cls)}
    for name in names:
        text = text.replace(f"`{name}`", f"`{naming.spell(name)}`")
    return text
