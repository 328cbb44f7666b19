"""The providers that are known by name: which variable holds a key, which model stands for the provider, and who is
asked when nothing is configured.

Rules: a default model is one that litellm's own price map names (a test holds the table against it); default architects
are of different families, since a mixture of one family gains nothing; looking for them sends nothing beyond this
machine. Never here: keys, prices, litellm itself.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

from attrs import frozen

from moa_lsp.discussion.names import fill_names
from moa_lsp.discussion.values import Architect
from moa_lsp.models.errors import provider_of

OLLAMA = "http://localhost:11434"
"""Where a local Ollama listens unless told otherwise."""

_OLLAMA_SECONDS = 0.5
_MOST_LOCAL_MODELS = 3


@frozen
class ProviderRow:
    """One provider of litellm's: its prefix, the variables a key may stand in (the first is the one people are told to
    set), the model that is asked by default (`None`: never by default), and the hosts that are the provider's own, with
    all below them. No variables: it needs no key of ours."""

    prefix: str
    variables: tuple[str, ...]
    default: str | None = None
    hosts: tuple[str, ...] = ()


PROVIDERS: tuple[ProviderRow, ...] = (
    ProviderRow("anthropic", ("ANTHROPIC_API_KEY",), "anthropic/claude-sonnet-5-5", hosts=("api.anthropic.com",)),
    ProviderRow("openai", ("OPENAI_API_KEY",), "openai/gpt-6-sol", hosts=("api.openai.com",)),
    ProviderRow(
        "gemini",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "gemini/gemini-pro-latest",
        hosts=("generativelanguage.googleapis.com",),
    ),
    ProviderRow("mistral", ("MISTRAL_API_KEY",), "mistral/mistral-large-latest", hosts=("api.mistral.ai",)),
    ProviderRow("deepseek", ("DEEPSEEK_API_KEY",), "deepseek/deepseek-v4-pro", hosts=("api.deepseek.com",)),
    ProviderRow("xai", ("XAI_API_KEY",), "xai/grok-4.7", hosts=("api.x.ai",)),
    ProviderRow("groq", ("GROQ_API_KEY",), "groq/openai/gpt-oss-120b", hosts=("api.groq.com",)),
    ProviderRow("cohere", ("COHERE_API_KEY", "CO_API_KEY"), "cohere/command-a-03-2025", hosts=("api.cohere.com",)),
    # OpenRouter's names are in no price map here; its own router picks a model under this one.
    ProviderRow("openrouter", ("OPENROUTER_API_KEY",), "openrouter/openrouter/auto", hosts=("openrouter.ai",)),
    ProviderRow("cohere_chat", ("COHERE_API_KEY", "CO_API_KEY"), hosts=("api.cohere.com",)),
    ProviderRow("azure", ("AZURE_API_KEY",), hosts=("openai.azure.com", "cognitiveservices.azure.com")),
    ProviderRow("azure_ai", ("AZURE_AI_API_KEY",), hosts=("services.ai.azure.com", "models.ai.azure.com")),
    ProviderRow(
        "together_ai",
        ("TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_API_KEY"),
        hosts=("api.together.ai", "api.together.xyz"),
    ),
    ProviderRow("fireworks_ai", ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"), hosts=("api.fireworks.ai",)),
    ProviderRow("perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"), hosts=("api.perplexity.ai",)),
    ProviderRow("huggingface", ("HF_TOKEN", "HUGGINGFACE_API_KEY")),
    ProviderRow("replicate", ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN")),
    ProviderRow("dashscope", ("DASHSCOPE_API_KEY",), hosts=("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com")),
    ProviderRow("moonshot", ("MOONSHOT_API_KEY",), hosts=("api.moonshot.ai", "api.moonshot.cn")),
    ProviderRow("zai", ("ZAI_API_KEY",), hosts=("api.z.ai",)),
    ProviderRow("cerebras", ("CEREBRAS_API_KEY",), hosts=("api.cerebras.ai",)),
    ProviderRow("sambanova", ("SAMBANOVA_API_KEY",), hosts=("api.sambanova.ai",)),
    ProviderRow("nvidia_nim", ("NVIDIA_NIM_API_KEY",), hosts=("integrate.api.nvidia.com",)),
    ProviderRow("deepinfra", ("DEEPINFRA_API_KEY",), hosts=("api.deepinfra.com",)),
    ProviderRow("codestral", ("CODESTRAL_API_KEY",), hosts=("codestral.mistral.ai",)),
    ProviderRow("ollama", ()),
    ProviderRow("ollama_chat", ()),
    ProviderRow("lm_studio", ()),
    ProviderRow("llamafile", ()),
    ProviderRow("hosted_vllm", ()),
    ProviderRow("vllm", ()),
    ProviderRow("xinference", ()),
    ProviderRow("docker_model_runner", ()),
    ProviderRow("bedrock", ()),
    ProviderRow("sagemaker", ()),
    ProviderRow("vertex_ai", ()),
)
"""In the order the defaults are taken: the first ones found speak. The last rows run on this machine, or sign in by a
cloud's own credentials."""

_MOST_DEFAULTS = 3

_BARE_NAMES: tuple[tuple[str, str], ...] = (
    ("claude-", "anthropic"),
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("gemini-", "vertex_ai"),
    ("deepseek-", "deepseek"),
    ("command-", "cohere"),
)
"""How litellm reads names without a provider's prefix (measured with `get_llm_provider`)."""


def provider_row(model: str) -> ProviderRow | None:
    """The table's row for a model, or `None` where the provider isn't in it."""
    prefix = provider_of(model)
    if "/" not in model:
        prefix = next((provider for stem, provider in _BARE_NAMES if model.startswith(stem)), prefix)
    return next((row for row in PROVIDERS if row.prefix == prefix), None)


def key_variable(model: str) -> str | None:
    """The environment variable that holds the key for that model; `None` where it needs none or nothing is known."""
    row = provider_row(model)
    return row.variables[0] if row is not None and row.variables else None


def key_for(architect: Architect, environ: Mapping[str, str]) -> str | None:
    """The key to send for that architect: from the variable it names, else, where it is the provider itself that is
    asked, from the provider's own. A provider that isn't in the table is looked up by litellm's custom,
    `PREFIX_API_KEY`."""
    if architect.api_key_env is not None:
        return environ.get(architect.api_key_env) or None
    if asks_elsewhere(architect):
        return None
    row = provider_row(architect.model)
    if row is None:
        variables: tuple[str, ...] = (f"{provider_of(architect.model).upper()}_API_KEY",)
    else:
        variables = row.variables
    return next((environ[name] for name in variables if environ.get(name)), None)


def needs_key(architect: Architect) -> bool:
    """Whether asking without a key makes no sense: a variable is named for it, or it is a provider itself that is
    asked, and wants one. Any other server may well want none."""
    if architect.api_key_env is not None:
        return True
    return not asks_elsewhere(architect) and key_variable(architect.model) is not None


def asks_elsewhere(architect: Architect) -> bool:
    """Whether its requests go to another server than the provider's own: that one gets no key which isn't named for it.
    A key for one's account at a provider is nobody else's business, whoever speaks its protocol."""
    if architect.api_base is None:
        return False
    asked = urlsplit(architect.api_base)
    host = (asked.hostname or "").lower().rstrip(".")
    row = provider_row(architect.model)
    own = row.hosts if row is not None else ()
    return asked.scheme != "https" or not any(host == one or host.endswith(f".{one}") for one in own)


async def default_architects(environ: Mapping[str, str], *, ollama: str = OLLAMA) -> tuple[Architect, ...]:
    """Who is asked when nothing is configured: one model for each provider that has a key (at most three, in the
    table's order), else up to three models of a local Ollama, else nobody. Waits at most half a second or so."""
    found = [row.default for row in PROVIDERS if row.default and any(environ.get(name) for name in row.variables)]
    models = found[:_MOST_DEFAULTS] or (await installed(ollama))[:_MOST_LOCAL_MODELS]
    names = fill_names([None] * len(models))
    return tuple(Architect(name, model) for name, model in zip(names, models, strict=True))


def no_architects_message() -> str:
    """What people are told when there is nobody to ask: the three ways to go on."""
    return (
        "There is no architect to ask yet. Three ways to go on: set a key (such as ANTHROPIC_API_KEY, "
        "OPENAI_API_KEY or GEMINI_API_KEY) and restart the server; start Ollama with a model; or run the demo, "
        'which needs neither: set architects to ["replay:demo"].'
    )


async def installed(ollama: str = OLLAMA) -> list[str]:
    """The models of a local Ollama in its own order (the last changed first), or none if it doesn't answer."""
    with suppress(OSError, ValueError, TimeoutError):
        answer = await asyncio.wait_for(asyncio.to_thread(_tags, ollama), _OLLAMA_SECONDS + 0.1)
        rows = cast("list[dict[str, Any]]", answer.get("models") or [])
        names = [str(row.get("name") or "") for row in rows]
        # An embedding model answers no question; Ollama's list doesn't say what a model is for.
        return [f"ollama_chat/{name}" for name in names if name and "embed" not in name]
    return []


def _tags(ollama: str) -> dict[str, Any]:
    # No proxy: the question is for this machine and is to stay on it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{ollama}/api/tags", timeout=_OLLAMA_SECONDS) as answer:
        parsed: object = json.loads(answer.read())
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
