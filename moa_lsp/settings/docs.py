"""Writes `docs/configuration.md`, the users' page about settings: prose from here, tables from the settings' classes.

The examples are part of the page and of the tests, which read every one of them. `scripts/generate` writes the page;
the server never does. Never here: what a setting means, which is its docstring's to say.
"""

from __future__ import annotations

from attrs import NOTHING

from moa_lsp.settings.schema import docstrings
from moa_lsp.settings.settings import ArchitectSettings, Preset, Settings, StageSettings
from moa_lsp.settings.shapes import Naming, Shape, Trust, default_of, keys_of

_INTRODUCTION = """\
<!-- Written by scripts/generate: change moa_lsp/settings/settings.py or docs.py, not this page. -->

# Configuration

Nothing has to be configured. With providers' keys in the environment (`ANTHROPIC_API_KEY`, `OPENAI_API_KEY`,
`GEMINI_API_KEY`, …), moa-lsp asks a model of each such provider, at most three. Without any key it asks up to three
models of an Ollama on your machine.

To choose for yourself, write a `moa.toml`:

```toml
architects = ["anthropic/claude-sonnet-5-5", "openai/gpt-6-sol", "gemini/gemini-pro-latest"]
editor = "anthropic/claude-sonnet-5-5"
```

The architects speak in this order and are called `alpha`, `bravo` and `charlie`. Models have the names that litellm
gives them. Different families of models help each other more than several of one family.

## Where settings come from

| layer | where | for |
| --- | --- | --- |
| the user's | `config.toml` in the configuration folder | what you want everywhere |
| the project's | `moa.toml` at the root of a workspace folder | what the project's people share |
| the editor's | the `moa` section of the editor's settings | this editor, or this folder |

In a workspace of several folders each has settings of its own, and a discussion goes by those of the folder that it was
begun in. The log's level is the first folder's.

A later layer replaces an earlier one key by key; `presets` are joined, name by name. A preset that you saved stands in
a file of its own, `presets/NAME.toml` in the configuration folder, and holds wherever no layer has one of that name. A
change counts from the next round on.

A mistake never stops the server: it is shown on its line, and the file's last good state stays in force until it is
mended. In a file that was never good, what can be understood counts.

In TOML, keys are written `like_this`; in an editor's settings, `likeThis`.
"""

_EXAMPLES = """\
## Examples

Architects with names and roles, and a cheaper mixture to switch to:

```toml
preset = "default"

[[architects]]
name = "ada"
model = "anthropic/claude-sonnet-5-5"
role = "Look at security first."

[[architects]]
model = "openai/gpt-6-sol"
timeout = 240

[presets.cheap]
architects = ["openai/gpt-5.4-mini", "gemini/gemini-3.5-flash-lite"]
editor = "openai/gpt-5.4-mini"
```

A panel whose answer comes from one model, an architect that is asked about SQL only, and a limit
([mixtures](mixtures.md) has more):

```toml
[presets.careful]
kind = "panel"
aggregator = "anthropic/claude-sonnet-5-5"
max_cost = 0.5

[[presets.careful.architects]]
model = "openai/gpt-6-sol"
role = "security"

[[presets.careful.architects]]
model = "gemini/gemini-pro-latest"
role = "performance"
paths = ["*.sql", "src/db/"]
```

The same kind of thing in VS Code's `settings.json`:

```json
{
  "moa.architects": [
    { "name": "ada", "model": "anthropic/claude-sonnet-5-5", "role": "Look at security first." },
    { "model": "openai/gpt-6-sol", "maxTokens": 8000 }
  ],
  "moa.editor": "anthropic/claude-sonnet-5-5",
  "moa.confirmEdits": true
}
```

Models on your own machine, by Ollama; no key is needed:

```toml
architects = ["ollama/qwen2.5-coder:14b", "ollama/llama3.1:8b"]
```

A model that VS Code has, from a Copilot subscription for one; VS Code asks you before it is first used. No key is
needed, and what it costs isn't known here. Other editors don't have such models and say so:

```toml
architects = ["vscode:copilot/gpt-5.4", "anthropic/claude-sonnet-5-5"]
```

An OpenAI-compatible server, such as llama.cpp's, vLLM's or a company's gateway:

```toml
[[architects]]
model = "openai/our-model"
api_base = "https://models.example.com/v1"
api_key_env = "OUR_GATEWAY_KEY"
headers = { "X-Project" = "api" }
```

## Keys

A key is never written in settings: settings are shared, copied and logged. Put it into an environment variable that the
editor's process sees. Each provider has a usual one (`OPENAI_API_KEY`, …); `api_key_env` names another. A key that
does stand in settings is refused, and never repeated in a message.

A provider's usual key goes to that provider only. A server that `api_base` names is sent the key that `api_key_env`
names for it, else none: most servers on your own machine want none.

A `.env` file in a workspace is not read.

## Trust

A `moa.toml` may come from a stranger. Until you trust the workspace (VS Code asks; other editors say so with
`"trusted": true` in their `initializationOptions`), its keys marked "trusted" above are ignored, and so are a model's
name that leads to a server of its own, and a recording that isn't one of moa-lsp's own. A warning on the line says so.
Your own `config.toml` and your editor's settings are always trusted.

Trust is in what the file says when you first open the folder as a trusted one. If it later says something else that
needs trust, after a pull for one, that isn't in force until you say yes: moa-lsp asks you, naming what is new, and a
warning stands on the lines. What you agreed to once is never asked again, also when it comes back. In the terminal,
`--trust` says that you trust the folder; what is new is asked about there too.

## Replay and recording

`replay:NAME` plays back one of the recordings that come with moa-lsp; `replay:` and a path plays one of yours. No
network and no key is needed:

```toml
architects = ["replay:demo"]
```

With `record_to`, every discussion is recorded into that folder as it happens:

```toml
record_to = "~/moa-recordings"
```

A recording holds what the models replied, which may quote your code. It never holds a key.

## Folders

| what | where | in place of it |
| --- | --- | --- |
| `config.toml`, `presets/`, `roles/` | the platform's settings (Linux: `~/.config/moa-lsp`) | `MOA_CONFIG_DIR` |
| discussions | the platform's folder for data (Linux: `~/.local/share/moa-lsp`) | `MOA_DATA_DIR` |

## Completion while you write

The package ships a JSON Schema for TOML editors such as Even Better TOML. Its path is printed by

```sh
python -c "from moa_lsp.settings.schema import TOML_SCHEMA; print(TOML_SCHEMA.as_uri())"
```

and a first line `#:schema URI` in `moa.toml` names it to the editor.
"""


def configuration_page() -> str:
    """The whole page, as Markdown that ends in a newline."""
    tables = (
        ("## Keys of the settings", Settings),
        ("### Keys of an architect", ArchitectSettings),
        ("### Keys of a preset", Preset),
        ("### Keys of a preset's stage", StageSettings),
    )
    reference = "\n\n".join(f"{title}\n\n{_table(cls)}" for title, cls in tables)
    return f"{_INTRODUCTION}\n{reference}\n\n{_EXAMPLES}"


def _table(cls: type) -> str:
    texts = docstrings(cls)
    rows = ["| key | meaning | value | default | from `moa.toml` |", "| --- | --- | --- | --- | --- |"]
    for name, one in keys_of(cls).items():
        camel = Naming.CAMEL.spell(name)
        spelt = f"`{name}`" if camel == name else f"`{name}`, `{camel}`"
        cells = (spelt, texts[name], _value(one.shape), _default(default_of(cls, name)), _trust(one.trust))
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _value(shape: Shape) -> str:
    return shape.expects


def _default(default: object) -> str:
    if default is NOTHING:
        return "must be set"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default else "none"


def _trust(trust: Trust) -> str:
    return {Trust.ANY: "yes", Trust.TRUSTED: "trusted", Trust.ONLY_ON: "trusted, or if `true`"}[trust]
