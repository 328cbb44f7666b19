"""The table of providers against litellm's own price map, and who is asked when nothing is configured."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from moa_lsp.discussion.values import Architect
from moa_lsp.models.catalogue import (
    PROVIDERS,
    default_architects,
    key_for,
    key_variable,
    needs_key,
    no_architects_message,
)
from tests.provider.server import Provider

NOBODY = "http://127.0.0.1:1"


def test_default_models_are_in_litellms_price_map_and_not_on_their_way_out() -> None:
    spec = find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).with_name("model_prices_and_context_window_backup.json")
    prices = json.loads(path.read_text(encoding="utf-8"))
    for row in PROVIDERS:
        # OpenRouter's router prices what it picks; no map knows that beforehand.
        if row.default is None or row.prefix == "openrouter":
            continue
        price = prices.get(row.default) or prices.get(row.default.partition("/")[2])
        assert price is not None, row.default
        assert price["input_cost_per_token"] > 0
        assert "deprecation_date" not in price, row.default


async def test_each_key_found_gives_one_architect_of_another_family() -> None:
    keys = ("MISTRAL_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY")
    environ = {**dict.fromkeys(keys, "k"), "OPENAI_API_KEY": ""}
    found = await default_architects(environ, ollama=NOBODY)
    assert [(one.name, one.model.partition("/")[0]) for one in found] == [
        ("alpha", "anthropic"),
        ("bravo", "gemini"),
        ("charlie", "mistral"),
    ]


async def test_without_keys_a_local_ollama_answers() -> None:
    async with Provider() as provider:
        names = ["qwen3:8b", "nomic-embed-text:latest", "gemma3:4b", "llama3.2:3b", "phi4:latest"]
        provider.pages["/api/tags"] = {"models": [{"name": name} for name in names]}
        found = await default_architects({}, ollama=provider.root)
    assert [(one.name, one.model) for one in found] == [
        ("alpha", "ollama_chat/qwen3:8b"),
        ("bravo", "ollama_chat/gemma3:4b"),
        ("charlie", "ollama_chat/llama3.2:3b"),
    ]


async def test_without_anything_there_is_nobody_and_three_ways_to_go_on() -> None:
    assert await default_architects({}, ollama=NOBODY) == ()
    async with Provider() as provider:
        provider.pages["/api/tags"] = {"models": None}
        assert await default_architects({}, ollama=provider.root) == ()
    message = no_architects_message()
    assert all(way in message for way in ("API_KEY", "Ollama", "replay:demo"))


def test_which_variable_a_key_is_read_from() -> None:
    assert key_variable("anthropic/claude-sonnet-5-5") == "ANTHROPIC_API_KEY"
    assert key_variable("gpt-4o") == "OPENAI_API_KEY"
    assert key_variable("claude-sonnet-5-5") == "ANTHROPIC_API_KEY"
    assert key_variable("ollama_chat/llama3") is None
    assert key_variable("bedrock/anthropic.claude") is None
    assert key_variable("novita/some-model") is None
    environ = {"GOOGLE_API_KEY": "g", "NOVITA_API_KEY": "n", "OWN": "o", "OPENAI_API_KEY": "s"}
    assert key_for(Architect("alpha", "gemini/x"), environ) == "g"
    assert key_for(Architect("alpha", "novita/x"), environ) == "n"
    assert key_for(Architect("alpha", "openai/x", api_key_env="OWN"), environ) == "o"
    assert key_for(Architect("alpha", "openai/x", api_key_env="UNSET"), environ) is None


@pytest.mark.parametrize(
    ("model", "base", "sent"),
    [
        ("openai/x", None, True),
        ("openai/x", "https://api.openai.com/v1", True),
        ("openai/x", "https://eu.api.openai.com/v1", True),
        ("openai/x", "https://API.OpenAI.com./v1", True),
        ("gpt-5", "https://api.openai.com/v1", True),
        ("openai/x", "http://api.openai.com/v1", False),
        ("openai/x", "https://api.openai.com.evil.example/v1", False),
        ("openai/x", "https://notapi.openai.com/v1", False),
        ("openai/x", "https://api.deepseek.com/v1", False),
        ("openai/x", "http://127.0.0.1:8080/v1", False),
        ("azure/x", "https://ours.openai.azure.com/", True),
        ("ollama/x", "http://localhost:11434", False),
        ("novita/x", "https://api.novita.ai/v1", False),
    ],
)
def test_a_providers_key_goes_to_the_provider_only(model: str, base: str | None, sent: bool) -> None:
    environ = {"OPENAI_API_KEY": "s", "AZURE_API_KEY": "s", "NOVITA_API_KEY": "s", "OWN": "o"}
    assert (key_for(Architect("alpha", model, api_base=base), environ) == "s") is sent
    assert key_for(Architect("alpha", model, api_base=base, api_key_env="OWN"), environ) == "o"


def test_who_needs_a_key() -> None:
    assert needs_key(Architect("alpha", "openai/x"))
    assert needs_key(Architect("alpha", "openai/x", api_base="https://api.openai.com/v1"))
    assert not needs_key(Architect("alpha", "openai/x", api_base="https://models.example.com/v1"))
    assert not needs_key(Architect("alpha", "openai/x", api_base="http://localhost:8080/v1"))
    assert needs_key(Architect("alpha", "openai/x", api_base="http://localhost:8080/v1", api_key_env="OWN"))
    assert not needs_key(Architect("alpha", "vscode:openai/x"))
    assert not needs_key(Architect("alpha", "ollama/x"))
    assert not needs_key(Architect("alpha", "novita/x"))
