"""The settings in the extension's manifest: all of them, in shapes VS Code takes, none with a default of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from moa_lsp import __version__
from moa_lsp.settings import vscode
from moa_lsp.settings.settings import Settings
from moa_lsp.settings.shapes import Naming, keys_of

EXTENSION = Path(__file__).resolve().parents[3] / "editors" / "vscode"
OWN: dict[str, Any] = {"moa.server.path": {"type": "string", "default": "", "scope": "machine"}}


def properties() -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", vscode.configuration(OWN)[0]["properties"])


def test_every_setting_is_there_with_what_vscode_needs() -> None:
    assert list(properties()) == [f"moa.{Naming.CAMEL.spell(name)}" for name in keys_of(Settings)]
    for name, one in properties().items():
        assert one["markdownDescription"], name
        assert one["scope"] in ("resource", "window"), name
        assert "type" in one, name


def test_no_default_would_have_the_last_word_over_a_moa_toml() -> None:
    assert {name: one["default"] for name, one in properties().items() if one["default"]} == {}


def test_nothing_refers_to_elsewhere() -> None:
    assert '"$ref"' not in json.dumps(properties())
    architect = properties()["moa.architects"]["items"]["anyOf"][1]
    assert {"model", "name", "role", "apiKeyEnv"} <= set(architect["properties"])


def test_what_could_send_code_elsewhere_is_not_taken_from_an_untrusted_workspace() -> None:
    restricted = vscode.restricted(OWN, ["moa.server.path"])
    assert {"moa.architects", "moa.editor", "moa.presets", "moa.recordTo", "moa.server.path"} <= set(restricted)
    assert "moa.preset" not in restricted
    with pytest.raises(LookupError):
        vscode.restricted(OWN, ["moa.unheard.of"])


def test_the_extension_has_the_packages_version() -> None:
    for name in ("package.json", "package-lock.json"):
        assert json.loads((EXTENSION / name).read_text("utf-8"))["version"] == __version__, name
