"""What a prompt can be completed to: the commands, architects to drop, presets to choose, files to mention. Pure.

A prompt typed by a person is `/discuss TEXT`, `/code [TEXT]`, `/drop NAME`, `/preset NAME`, `/once NAME TEXT`, or plain
text, which discusses; `@file` anywhere names a file. Positions are in code points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

_MOST_FILES = 50

_COMMANDS = (
    ("/discuss", "discuss a change with the architects", "/discuss "),
    ("/code", "have the discussion implemented", "/code "),
    ("/drop", "ask an architect no more", "/drop "),
    ("/preset", "hold the discussion by another preset", "/preset "),
    ("/once", "ask by another preset this once", "/once "),
)


@frozen
class Completion:
    """One proposal: `insert_text` replaces the word that ends at the cursor."""

    label: str
    detail: str
    insert_text: str


@frozen
class Droppable:
    name: str
    model: str


@frozen
class Offered:
    """A preset that can be chosen, and what it is."""

    name: str
    title: str


_MENTION = re.compile(r"(?:^|\s)@(\S*)\Z")
_PRESET = re.compile(r"\s*/(preset|once)\s+(\S*)")


def names_preset(text: str) -> bool:
    """Whether a prompt names a preset, so that somebody has to look which there are."""
    return _PRESET.match(text) is not None


def mentions_file(text: str, position: int) -> bool:
    """Whether the word that ends at `position` is to be a file's name, so that somebody has to look which there are."""
    return _MENTION.search(text[:position]) is not None


def complete(
    text: str, position: int, architects: Sequence[Droppable], files: Sequence[str], presets: Sequence[Offered] = ()
) -> list[Completion]:
    """The completions at `position` in a prompt. `architects` are those who aren't dropped, `files` relative paths."""
    before = text[:position]
    if re.fullmatch(r"\s*/\w*", before):
        typed = before.strip()
        return [Completion(label, detail, insert) for label, detail, insert in _COMMANDS if label.startswith(typed)]
    if match := re.fullmatch(r"\s*/drop\s+(\S*)", before):
        typed = match[1].lower()
        return [Completion(a.name, a.model, a.name) for a in architects if a.name.lower().startswith(typed)]
    if match := _PRESET.fullmatch(before):
        typed, after = match[2].lower(), " " if match[1] == "once" else ""
        return [Completion(p.name, p.title, f"{p.name}{after}") for p in presets if p.name.lower().startswith(typed)]
    if match := _MENTION.search(before):
        typed = match[1].lower()
        named = sorted((path for path in files if typed in path.lower()), key=lambda path: _rank(path, typed))
        return [Completion(f"@{path}", "file", f"@{path}") for path in named[:_MOST_FILES]]
    return []


def _rank(path: str, typed: str) -> tuple[int, int, str]:
    """Names that begin with what was typed first, then short paths."""
    name = path.rsplit("/", 1)[-1].lower()
    return (0 if name.startswith(typed) or path.lower().startswith(typed) else 1, len(path), path)
