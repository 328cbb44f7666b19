"""The settings as VS Code takes them: what `scripts/generate` writes into the extension's `package.json`.

The keys, their shapes and their texts are those of the settings' own schema. What differs is what VS Code makes
necessary: it knows no references, and it hands an extension the default of what nobody set, which would then have the
last word over `moa.toml`. So here every default is nothing (`null`, an empty text, an empty list), and the extension
leaves nothing out of what it sends but those. Never here: the extension's own settings, which it keeps beside its
manifest; the server never needs this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from moa_lsp.settings.schema import schema
from moa_lsp.settings.settings import Settings
from moa_lsp.settings.shapes import Entries, Entry, Flag, Key, Named, Naming, Text, Trust, keys_of

PREFIX = "moa."
_OF_THE_WINDOW = {"log_level"}
"""What is one for all folders of a workspace: there is one server and it has one log."""


def configuration(own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`contributes.configuration`: the server's settings, then the extension's own as they stand."""
    return [
        {"title": "Architects", "properties": dict(_properties())},
        {"title": "VS Code", "properties": dict(own)},
    ]


def restricted(own: Mapping[str, Any], own_restricted: list[str]) -> list[str]:
    """The settings that VS Code is not to take from a workspace that isn't trusted: those which `moa.toml` can't set
    there either, and those of the extension's own that it names. Raises `LookupError` where it names one that isn't.
    """
    for name in own_restricted:
        if name not in own:
            raise LookupError(f"{name} is no setting of the extension's own")
    gated = [PREFIX + Naming.CAMEL.spell(name) for name, one in keys_of(Settings).items() if _gated(one)]
    return sorted([*gated, *own_restricted])


def _properties() -> Iterator[tuple[str, dict[str, Any]]]:
    whole = schema(Naming.CAMEL)
    definitions = cast("dict[str, Any]", whole["definitions"])
    for name, one in keys_of(Settings).items():
        spelt = Naming.CAMEL.spell(name)
        written = cast("dict[str, Any]", _for_vscode(whole["properties"][spelt], definitions))
        scope = "window" if name in _OF_THE_WINDOW else "resource"
        yield PREFIX + spelt, {**_without_default(one, written), "scope": scope}


def _without_default(key: Key, written: dict[str, Any]) -> dict[str, Any]:
    """A property whose default is nothing; what the server takes then is said in words."""
    default = written.pop("default", None)
    match key.shape:
        case Flag():
            said = f"As moa.toml says, else {'yes' if default else 'no'}"
            return {**written, **_choice([True, False], ["Yes", "No"], said), "type": ["boolean", "null"]}
        case Text():
            pattern = written["pattern"].removeprefix("^(?:").removesuffix(")$")
            return {**written, "pattern": f"^(?:|{pattern})$", "default": ""}
        case Entries():
            written.pop("minItems")
            return {**written, "default": []}
        case Named():
            return {**written, "default": {}}
        case Entry():
            return {
                **written,
                "type": ["string", "object", "null"],
                "anyOf": [*written["anyOf"], {"type": "null"}],
                "default": None,
            }
        case _:
            words = cast("list[str]", written["enum"])
            said = f"As moa.toml says, else {default}"
            return {**written, **_choice(words, words, said), "type": ["string", "null"]}


def _choice(values: list[Any], labels: list[str], nothing: str) -> dict[str, Any]:
    return {"enum": [None, *values], "enumItemLabels": [nothing, *labels], "default": None}


def _for_vscode(written: Any, definitions: Mapping[str, Any]) -> Any:
    """The same schema without references, its texts as Markdown."""
    if isinstance(written, list):
        return [_for_vscode(one, definitions) for one in cast("list[Any]", written)]
    if not isinstance(written, dict):
        return written
    table = cast("dict[str, Any]", written)
    if "$ref" in table:
        return _for_vscode(definitions[table["$ref"].rpartition("/")[2]], definitions)
    renamed = {"markdownDescription" if _is_text(key, one) else key: one for key, one in table.items()}
    return {key: _for_vscode(one, definitions) for key, one in renamed.items()}


def _is_text(key: str, value: object) -> bool:
    """Whether this is a schema's description, and not a setting that is called so."""
    return key == "description" and isinstance(value, str)


def _gated(key: Key) -> bool:
    """Whether a project that isn't trusted may not say this, or anything within it."""
    if key.trust is not Trust.ANY:
        return True
    within = key.shape.of if isinstance(key.shape, Entry | Entries | Named) else None
    return within is not None and any(_gated(one) for one in keys_of(within).values())
