"""`docs/protocol.md` says what the code does: its tables and names are held against the code's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import moa_lsp
from moa_lsp.lsp.commands import COMMANDS, Command
from moa_lsp.settings.settings import ArchitectSettings, Settings
from moa_lsp.settings.shapes import Naming, Trust, keys_of

ROOT = Path(moa_lsp.__file__).parents[1]
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
WIRE_VALUES = (ROOT / "moa_lsp" / "lsp" / "wire_values.py").read_text(encoding="utf-8")


def rows(heading: str, level: int = 2) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    sign = f"\n{'#' * level} "
    section = re.split(r"\n#{2,3} ", PAGE.split(f"{sign}{heading}", 1)[1], maxsplit=1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def keys(argument: str) -> dict[str, bool]:
    """The keys of an argument as the page writes it, each with whether it is required."""
    inside = argument.strip("`").removeprefix("{").removesuffix("}")
    flat = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", inside)
    names = [part.split(":")[0].strip() for part in flat.split(",") if part.strip()]
    return {name.removesuffix("?"): not name.endswith("?") for name in names}


FIRST_ROWS, ADDED_ROWS = ({row[0].strip("`"): row for row in rows("Commands", level)} for level in (2, 3))
COMMAND_ROWS = {**FIRST_ROWS, **ADDED_ROWS}
"""Each command's row, where one that was added to says what holds now."""


def test_the_page_and_the_table_name_the_same_commands() -> None:
    assert sorted(COMMAND_ROWS) == sorted(command.id for command in COMMANDS.values())


def test_what_was_added_to_a_command_takes_nothing_from_it() -> None:
    for name in FIRST_ROWS.keys() & ADDED_ROWS.keys():
        before, now = keys(FIRST_ROWS[name][1]), keys(ADDED_ROWS[name][1])
        assert before.items() <= now.items()
        assert not any(required for key, required in now.items() if key not in before)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.id)
def test_a_commands_keys_and_result_are_those_on_the_page(command: Command) -> None:
    _, argument, result = COMMAND_ROWS[command.id]
    assert keys(argument) == {key.name: key.required for key in command.keys}
    named = re.match(r"`([^`]+)`", result)
    assert named
    # Two results have no name on the page, where their keys stand instead.
    unnamed = {"[{architect": "[Estimate]", "[{label": "[Completion]"}
    assert command.result == unnamed.get(named[1].split(",")[0], named[1])


def test_exactly_the_commands_that_call_models_are_long() -> None:
    long = {command.name for command in COMMANDS.values() if command.long}
    assert long == {"discuss", "code", "retry", "write-roles", "send"}
    assert "`moa.write-roles` is long as `discuss` is" in PAGE
    assert "`discuss` and `code` report work-done progress" in PAGE
    assert "`moa.retry` is long as `discuss` is" in PAGE
    assert "`moa.send` is long as `discuss` is" in PAGE


def test_the_settings_tables_keys_exist_and_default_as_it_says() -> None:
    table = {row[0].strip("`"): row for row in rows("Settings: the `moa` section")}
    known = {Naming.CAMEL.spell(name) for name in keys_of(Settings)}
    assert set(table) <= known
    assert table["preset"][2] == f"`{Settings().preset}`"
    assert table["presets"][2] == f"`{dict(Settings().presets)}`"
    entry = re.search(r"\{([^}]*)\}", table["architects"][1])
    assert entry
    named = [name.strip() for name in entry[1].split(",")]
    assert set(named) <= {Naming.CAMEL.spell(name) for name in keys_of(ArchitectSettings)}


def test_the_settings_that_need_trust_are_those_on_the_page() -> None:
    sentence = PAGE.split("A key that can send code", 1)[1].split("is taken from", 1)[0]
    on_page = set(re.findall(r"`([a-zA-Z]+)`", sentence))
    trusted = {
        Naming.CAMEL.spell(name) for name, key in keys_of(ArchitectSettings).items() if key.trust is Trust.TRUSTED
    }
    assert trusted
    assert trusted <= on_page


def test_every_event_kind_is_on_the_page_and_every_one_there_is_sent() -> None:
    sent = set(re.findall(r'"kind": "([A-Za-z]+)"', WIRE_VALUES))
    first = PAGE.split("\n## Events", 1)[1].split("\n## ", 1)[0]
    added = PAGE.split("\n### Events", 1)[1].split("\n### ", 1)[0]
    quoted = re.findall(r"`([a-z]+[A-Z][A-Za-z]*)(?:\s*\{[^`]*\})?`", first + added)
    named = {name for name in quoted if not name.startswith("initialization")}
    assert sent == named


def test_the_page_tells_both_spellings_of_every_door() -> None:
    assert all(
        (command.method, command.id) == (f"moa/{command.name}", f"moa.{command.name}") for command in COMMANDS.values()
    )
    assert "`moa/NAME`" in PAGE
    assert "`moa.NAME`" in PAGE
