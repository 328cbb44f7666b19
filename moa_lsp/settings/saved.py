"""Presets that the user saved: `presets/NAME.toml` in the configuration folder, one file each, with a preset's keys at
its top. Such a file can be put into that folder on any machine.

Rules: only these files are ever written, never `config.toml` or a project's; what is there goes only where the user
said so; a file that can't be read costs nobody the others. What a preset's keys mean is `settings.py`'s.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w
from attrs import field, frozen

from moa_lsp.settings.reader import read_settings
from moa_lsp.settings.settings import DEFAULT_PRESET, ArchitectSettings, Preset, StageSettings
from moa_lsp.settings.shapes import Naming, default_of, keys_of

FOLDER = "presets"
LONGEST_FILE = 64 * 1024
"""Bytes in the longest file that is read."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@frozen
class Saved:
    """The presets by name, and why the file of a name can't be used, as a sentence."""

    presets: Mapping[str, Preset] = field(factory=dict[str, Preset])
    problems: Mapping[str, str] = field(factory=dict[str, str])


def wrong_name(name: str) -> str | None:
    """Why a preset can't be saved under that name, as a sentence; `None` where it can."""
    if name == DEFAULT_PRESET:
        return f"`{DEFAULT_PRESET}` stands for the settings' own architects: choose another name."
    if _NAME.fullmatch(name) is None:
        return "A preset's name is letters, digits, `-` and `_`, at most 40: choose such a name."
    return None


def file_of(config: Path, name: str) -> Path:
    """Where the preset of that name is saved in a configuration folder."""
    return config / FOLDER / f"{name}.toml"


def read_saved(config: Path) -> Saved:
    """Reads all that is saved."""
    presets: dict[str, Preset] = {}
    problems: dict[str, str] = {}
    try:
        files = sorted((config / FOLDER).glob("*.toml"))
    except OSError:
        return Saved()
    for file in files:
        found = _read(file)
        if isinstance(found, Preset):
            presets[file.stem] = found
        elif wrong_name(file.stem) is None:
            problems[file.stem] = found
    return Saved(presets, problems)


def _read(file: Path) -> Preset | str:
    name = file.stem
    if wrong := wrong_name(name):
        return wrong
    try:
        with file.open("rb") as opened:
            data = opened.read(LONGEST_FILE + 1)
        if len(data) > LONGEST_FILE:
            return f"{file.name} isn't read: it is longer than {LONGEST_FILE // 1024} KiB."
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        return f"{file.name} can't be read: {error.strerror or error}."
    except (ValueError, RecursionError):  # neither UTF-8 nor TOML
        return f"{file.name} isn't good TOML."
    reading = read_settings({"presets": {name: raw}}, Naming.SNAKE, trusted=True)
    preset: Preset | None = reading.values.get("presets", {}).get(name)
    return preset if preset is not None and reading.good else reading.findings[0].message


def save(config: Path, name: str, preset: Preset) -> Path:
    """Writes a preset's file, in the place of the one that is there. Raises `OSError`."""
    file = file_of(config, name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole or not at all: a half-written file would be a preset lost.
    fresh = file.with_suffix(f".{os.getpid()}.new")
    try:
        fresh.write_text(to_toml(preset), encoding="utf-8", newline="\n")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return file


def to_toml(preset: Preset) -> str:
    """A preset as its file holds it; what is left to its default isn't there."""
    return tomli_w.dumps(_table(preset), multiline_strings=True)


def _table(value: Preset | ArchitectSettings | StageSettings) -> dict[str, Any]:
    held = {name: getattr(value, name) for name in keys_of(type(value))}
    return {name: _plain(one) for name, one in held.items() if one != default_of(type(value), name)}


def _plain(value: Any) -> Any:
    match value:
        case ArchitectSettings() | StageSettings():
            table = _table(value)
            return table["model"] if list(table) == ["model"] else table
        case tuple():
            each: list[Any] = [_plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
            # TOML's arrays may mix names and tables, but who edits the file shouldn't have to read that.
            tables = any(isinstance(one, dict) for one in each)
            return [{"model": one} if tables and isinstance(one, str) else one for one in each]
        case Mapping():
            return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return value
