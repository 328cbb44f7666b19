"""The schema, the docs and the loader say the same, and what is generated is up to date."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import field, fields, frozen
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from moa_lsp.discussion.values import Architect
from moa_lsp.settings.docs import configuration_page
from moa_lsp.settings.layers import resolve
from moa_lsp.settings.reader import read_settings
from moa_lsp.settings.schema import docstrings, schema
from moa_lsp.settings.settings import ArchitectSettings, Preset, Settings, StageSettings
from moa_lsp.settings.shapes import Naming, Text, key, keys_of

ROOT = Path(__file__).resolve().parents[3]


VALIDATORS = {naming: cast("Any", Draft7Validator(schema(naming))) for naming in Naming}


def accepted(section: object, naming: Naming) -> bool:
    """Whether the schema of that naming takes the section."""
    return not list(VALIDATORS[naming].iter_errors(section))


@pytest.mark.parametrize("naming", list(Naming))
def test_it_is_a_draft_7_schema(naming: Naming) -> None:
    Draft7Validator.check_schema(schema(naming))
    json.dumps(schema(naming))


def test_each_naming_has_its_own_spelling_and_no_other() -> None:
    snake, camel = schema(Naming.SNAKE), schema(Naming.CAMEL)
    assert "api_key_env" in snake["definitions"]["architect"]["properties"]
    assert "apiKeyEnv" in camel["definitions"]["architect"]["properties"]
    assert "_" not in "".join(camel["properties"]) + "".join(camel["definitions"]["architect"]["properties"])
    assert "`apiKeyEnv`" in camel["definitions"]["architect"]["properties"]["headers"]["description"]
    assert "`api_key_env`" in snake["definitions"]["architect"]["properties"]["headers"]["description"]


def test_every_key_is_explained_in_schema_and_docs() -> None:
    page = configuration_page()
    for cls in (Settings, ArchitectSettings, Preset):
        assert set(docstrings(cls)) == set(keys_of(cls))
        for name, text in docstrings(cls).items():
            assert f"| `{name}`" in page
            assert text in page


@frozen
class Unexplained:
    explained: str = field(default="x", metadata=key(Text("x", "x")))
    """It is."""
    forgotten: str = field(default="y", metadata=key(Text("y", "y")))


def test_a_key_without_a_docstring_stops_the_generation() -> None:
    with pytest.raises(LookupError, match=r"Unexplained\.forgotten"):
        docstrings(Unexplained)


def test_an_architects_settings_are_the_architects() -> None:
    in_a_discussion = {"dropped", "added", "set_role", "seat"}
    assert set(keys_of(ArchitectSettings)) == {one.name for one in fields(Architect)} - in_a_discussion


# Good and bad values for each key, so that combinations of them meet both the schema and the loader.
# fmt: off
STRINGS = st.sampled_from([
    "", " ", "a", "ada", "Editor", "USER", "a<b", 'a"b', "a b", " a", "a\nb", "default", "info", "warning", "p", "~",
    "anthropic/claude-sonnet-5-5", "ollama/q:14b", "http://localhost:8000/v1", "https://x", "ftp://x", "http://u:p@x",
    "moa/panel", "Moa/x", "moa", "vscode:moa-lsp/solo",
    "~x", "https://x/?q", "OUR_KEY", "our_key", "A" * 20, "A" * 19, "_", "/tmp/x", "C:\\x", "~/x", "x" * 40, "x" * 41,
    "\x7f",
])
# fmt: on
NUMBERS = st.sampled_from([-1, 0, 0.0, 1, 1.0, 1.5, 2, 2.1, 3600, 3600.5, 1_000_000, 1_000_001])
EMPTY: list[Any] = [None, True, False, [], {}, [{}]]
ANYTHING: st.SearchStrategy[Any] = st.sampled_from(EMPTY) | NUMBERS | STRINGS


GOOD: dict[str, list[Any]] = {
    "model": ["a", "anthropic/claude-sonnet-5-5", "ollama/q:14b", "replay:/x y.jsonl"],
    "name": ["ada", "Bob", "x" * 40],
    "role": ["Look at security.", "a\nb"],
    "temperature": [0, 1.5, 2],
    "max_tokens": [1, 1.0, 1_000_000],
    "timeout": [0.1, 3600],
    "api_base": ["http://localhost:8000/v1", "https://[::1]:80/a%20b", "https://x"],
    "api_key_env": ["OUR_KEY", "_", "A" * 19],
    "headers": [{}, {"X-Team": "blue"}, {"X-Empty": ""}],
    "preset": ["default"],
    "confirm_edits": [True, False],
    "repair": [True, False],
    "record_to": ["/tmp/x", "C:\\x", "~/x", "~"],
    "log_level": ["warning", "info", "debug"],
    "paths": [["src/"], ["*.sql", "a b"]],
    "priority": [0, -100, 100],
    "kind": ["round", "panel", "layers", "revise", "arbiter", "samples", "solo"],
    "title": ["Quick", "a b"],
    "enabled": [True, False],
    "layers": [1, 5],
    "per_layer": [1, 12],
    "diversity": ["model", "temperature", "role"],
    "samples": [1, 12],
    "rotate": [True, False],
    "blind": [True, False],
    "max_rounds": [1, 10],
    "max_cost": [0.01, 1000],
    "stop_when": ["agreed"],
    "speaking": ["round-robin", "until-done", "priority"],
    "concurrency": [1, 16],
    "order": ["sequential", "parallel"],
    "sees": ["earlier", "before", "nothing"],
    "task": ["revise", "Find holes.\nAll of them."],
    "answers": [True, False],
}


def objects(cls: type, naming: Naming, bad: str, **nested: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Tables of a class with good values, but for the key `bad`, which may hold anything."""
    good = {name: nested[name] if name in nested else st.sampled_from(GOOD[name]) for name in keys_of(cls)}
    values = {naming.spell(name): ANYTHING if name == bad else one for name, one in good.items()}
    needed = {name: values.pop(name) for name in ("model",) if name in values and bad != "no model"}
    return st.fixed_dictionaries(needed, optional={**values, **({"unknown": ANYTHING} if bad == "unknown" else {})})


@st.composite
def sections(draw: st.DrawFn, naming: Naming) -> dict[str, Any]:
    bad = draw(
        st.sampled_from(
            ["nothing", "nothing", "unknown", "no model", "architects", "editor", "presets", "stages", *GOOD]
        )
    )
    architect = objects(ArchitectSettings, naming, bad) | st.sampled_from(GOOD["model"])
    entries = st.lists(architect, min_size=1, max_size=3)
    stage = objects(StageSettings, naming, bad, architects=st.sampled_from([["alpha"], ["bravo", "aggregator"]]))
    models = dict.fromkeys(("editor", "aggregator", "arbiter", "role_model"), architect)
    stages = st.lists(stage, min_size=1, max_size=2)
    preset = objects(Preset, naming, bad, architects=entries, stages=stages, **models)
    presets = st.dictionaries(STRINGS if bad == "presets" else st.sampled_from(["p", "q"]), preset, max_size=2)
    return draw(objects(Settings, naming, bad, architects=entries, editor=architect, presets=presets))


def strip_nulls(value: Any) -> Any:
    """The loader takes null as if the key weren't there; the schema, which editors use to show mistakes, doesn't know
    it.
    """
    if isinstance(value, dict):
        return {name: strip_nulls(one) for name, one in cast("dict[str, Any]", value).items() if one is not None}
    if isinstance(value, list):
        return [strip_nulls(one) for one in cast("list[Any]", value)]
    return value


@pytest.mark.parametrize("naming", list(Naming))
@given(data=st.data())
def test_the_schema_takes_what_the_loader_takes(naming: Naming, data: st.DataObject) -> None:
    section = strip_nulls(data.draw(sections(naming)))
    reading = read_settings(section, naming, trusted=True)
    errors = [one.message for one in reading.findings]
    # Only the loader knows that two architects bear one name.
    only_names = bool(errors) and all("already an architect" in message for message in errors)
    assert accepted(section, naming) == (not errors or only_names), errors


@pytest.mark.parametrize("name", sorted({name for cls in (Settings, ArchitectSettings) for name in keys_of(cls)}))
@given(value=ANYTHING)
def test_key_by_key_too(name: str, value: Any) -> None:
    if value is None:
        return
    section = {name: value} if name in keys_of(Settings) else {"editor": {"model": "m", name: value}}
    reading = read_settings(section, Naming.SNAKE, trusted=True)
    assert accepted(section, Naming.SNAKE) == reading.good, reading.findings


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", configuration_page(), re.DOTALL)


@pytest.mark.parametrize("example", examples("toml"))
def test_the_docs_toml_examples_are_good(example: str) -> None:
    assert accepted(tomllib.loads(example), Naming.SNAKE)
    resolved = resolve(None, example, None, trusted=True)
    assert resolved.problems == ()
    assert resolved.settings != Settings()


def test_the_docs_editor_example_is_good() -> None:
    (example,) = examples("json")
    section = {name.removeprefix("moa."): value for name, value in json.loads(example).items()}
    assert accepted(section, Naming.CAMEL)
    resolved = resolve(None, None, section, trusted=False)
    assert resolved.problems == ()
    assert [one.name for one in resolved.settings.lineup().architects] == ["ada", "alpha"]
    assert resolved.settings.confirm_edits is True


def test_what_is_generated_is_up_to_date() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stderr, run.stdout) == (0, "", "")
