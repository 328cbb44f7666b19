"""The page about mixtures says what the program does: its table is computed anew, its examples are read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from moa_lsp.context.roles import LONGEST, PROJECT_FOLDER, USER_FOLDER
from moa_lsp.discussion.kinds import KEEPS_FLOOR, PASSES, SAMPLES, Options, Way, mixture, seated
from moa_lsp.discussion.mixture import CONCURRENCY, Floor, Mixture
from moa_lsp.discussion.outlook import calls, drawing, expected
from moa_lsp.discussion.values import Architect, Seat
from moa_lsp.prompts import TASKS, role_texts
from moa_lsp.settings.layers import resolve
from moa_lsp.settings.reader import read_settings
from moa_lsp.settings.settings import Preset, Settings
from moa_lsp.settings.shapes import Naming, keys_of

PAGE = (Path(__file__).parents[2] / "docs/mixtures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
ROWS = {
    row[0]: row[1:]
    for row in (re.findall(r"`([^`]+)`", line) for line in PAGE.splitlines() if re.match(r"\| `\w+` \| `", line))
    if len(row) == 5
}


def named(count: int) -> tuple[Architect, ...]:
    names = ("alpha", "bravo", "charlie", "delta", "echo")
    return tuple(Architect(name, f"openai/{name}") for name in names[:count])


def held(options: Options, count: int) -> tuple[Mixture, tuple[Architect, ...]]:
    """The mixture, and who sits in it, where so many are named."""
    architects = seated(options, named(count), None, None)
    return mixture("x", options, architects), architects


def evaluated(formula: str, **values: Any) -> float:
    assert re.fullmatch(r"(?:sum|max|[nmlpktav0-9 +*()\[\]])+", formula)
    return eval(formula, {"__builtins__": {}}, {"sum": sum, "max": max, **values})


def test_every_kind_has_its_row_and_its_section() -> None:
    assert list(ROWS) == list(Way)
    assert re.findall(r"^### (\w+)$", PAGE, re.MULTILINE) == list(Way)


@pytest.mark.parametrize("way", list(Way))
def test_the_drawing_is_the_one_that_people_see(way: Way) -> None:
    assert drawing(*held(Options(way), 3)) == ROWS[way][0]


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("m", [None, 1, 2, 4])
def test_the_calls_are_those_that_are_made(way: Way, n: int, m: int | None) -> None:
    layers, per_layer, samples = n + 1, n + 2, n + 3
    options = Options(way, layers=layers, per_layer=per_layer, samples=samples, max_rounds=m)
    values = {"n": n, "m": m or PASSES.get(way, 1), "l": layers, "p": per_layer, "k": samples}
    least, most = (evaluated(formula, **values) for formula in ROWS[way][1:3])
    assert calls(*held(options, n)) == (least, most)


@pytest.mark.parametrize("way", list(Way))
def test_the_wait_is_the_one_that_is_expected(way: Way) -> None:
    options = Options(way, layers=3, per_layer=3, samples=3)
    took = {"alpha": 3.0, "bravo": 5.0, "charlie": 4.0}
    others = {Seat.AGGREGATOR: 2.0, Seat.ARBITER: 1.0}
    said = evaluated(ROWS[way][3], t=list(took.values()), l=3, a=2.0, v=1.0)

    def seconds(architect: Architect) -> float:
        return others.get(architect.seat) or took[architect.name]

    assert expected(*held(options, 3), seconds) == said


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_read_without_a_word(example: str) -> None:
    raw = tomllib.loads(example)
    reading = read_settings(raw, Naming.SNAKE, trusted=True)
    assert reading.findings == ()
    resolved = resolve(None, example, None, trusted=True)
    assert resolved.problems == ()
    assert resolved.settings != Settings()
    for name in raw.get("presets", {}):
        lineup = resolved.settings.lineup(name, named(3))
        assert lineup.preset == name
        assert lineup.mixture.stages
        for stage in lineup.mixture.stages:
            speaking = {one.name for one in lineup.architects}
            assert stage.architects is None or set(stage.architects) <= speaking


def test_examples_name_tasks_and_roles_that_there_are() -> None:
    tasks = re.findall(r'^task = "([a-z-]+)"$', PAGE, re.MULTILINE)
    assert tasks
    assert set(tasks) <= set(TASKS)
    roles = re.findall(r'^role = "([a-z-]+)"$', PAGE, re.MULTILINE)
    assert roles
    assert set(roles) <= set(role_texts())


def test_every_option_is_named() -> None:
    for name in keys_of(Preset):
        assert f"`{name}" in PAGE or re.search(rf"^{name} = ", PAGE, re.MULTILINE), name
    for floor in Floor:
        assert f'`speaking = "{floor}"`' in PAGE


def test_the_numbers_are_those_of_the_program() -> None:
    assert f"`concurrency` ({CONCURRENCY})" in PAGE
    assert f"`samples` times ({SAMPLES})" in PAGE
    assert f"`max_rounds` times ({PASSES[Way.ARBITER]})" in PAGE
    assert f"`max_rounds` times in a row ({KEEPS_FLOOR})" in PAGE
    assert f"at most {LONGEST // 1024} KiB" in PAGE


def test_the_library_is_listed() -> None:
    listed = PAGE[PAGE.index("The library has ") :].split(".")[0]
    assert re.findall(r"`([a-z-]+)`", listed) == sorted(role_texts())
    assert f"`{USER_FOLDER}/NAME.md`" in PAGE
    assert f"`{PROJECT_FOLDER}/NAME.md`" in PAGE
