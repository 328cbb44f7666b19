"""The settings: which there are, what they mean and what they are worth when nobody says anything.

The docstring under a field is what the docs and the schema say of it, in no other words. A key is spelt as the field
here in TOML and in camelCase in an editor's settings. A value of `Settings` is good: reading and refusing is
`reader.py`, and which layer has the last word is `layers.py`. Never here: files, trust, the
environment, and which models are asked by default (`models/catalogue.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from moa_lsp.discussion.names import LONGEST, RESERVED, fill_names, valid_name
from moa_lsp.discussion.values import Architect
from moa_lsp.settings.shapes import Choice, Entries, Entry, Flag, Named, Number, Pairs, Text, Trust, key

DEFAULT_PRESET = "default"
EDITOR_NAME = "editor"

# Headers in which providers take a key. A key is named, never written down, so none of these is a setting.
_KEY_HEADERS = {"authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie"}
# How well known providers' keys begin, and eight characters more, so that no honest name is taken for one.
_KEY_START = (
    r"(?:sk[-_]|pk-|gsk_|xai-|hf_|r8_|pplx-|nvapi-|gh[pousr]_|github_pat_|AIza)[A-Za-z0-9_-]{8,}|A[KS]IA[A-Z0-9]{16}"
)
_KEY = re.compile(_KEY_START)
_KEY_WITHIN = re.compile(rf"(?i:bearer|basic)\s|(?:^|[^A-Za-z0-9])(?:{_KEY_START})")


def looks_like_key(text: str) -> bool:
    """Whether a text seems to be a provider's key. Such a text is refused and never repeated."""
    return _KEY.match(text) is not None


def _header_holds_key(name: str, value: str) -> bool:
    return name.lower() in _KEY_HEADERS or _KEY_WITHIN.search(value) is not None


_NOT_CONTROL = "\\u0000-\\u001f\\u007f"
_SHORT_NAME = f"[^\\s<>\"'`{_NOT_CONTROL}]{{1,{LONGEST}}}"
_MODEL = Text(
    "a model's name, such as anthropic/claude-sonnet-5-5",
    f"[^\\s{_NOT_CONTROL}](?:[^{_NOT_CONTROL}]*[^\\s{_NOT_CONTROL}])?",
)
_NAME = Text("a short word", _SHORT_NAME, never=RESERVED, reason=valid_name)
_ROLE = Text("a text that isn't empty", r"[\s\S]*\S[\s\S]*")
# Without user:password@ and without a query: both could hold a key.
_URL = Text(
    "a URL such as http://localhost:8000/v1, without a password and without a query",
    r"https?://[A-Za-z0-9.:_\[\]-]+(?:/[A-Za-z0-9._~!$&'()*+,;=:%/-]*)?",
)
# Capitals only, and no long run of them: that is what tells the name of a variable from a key pasted in its place.
_ENVIRONMENT_NAME = Text(
    "the name of an environment variable (capital letters, digits and _), never the key itself",
    r"(?![A-Z0-9]{20,}$)[A-Z_][A-Z0-9_]{0,99}",
)
_FOLDER = Text("the full path of a folder (~ is your home)", f"~|(?:~?[/\\\\]|[A-Za-z]:[/\\\\])[^{_NOT_CONTROL}]*")
_HEADERS = Pairs(
    "a table with a text for each header's name", r"[A-Za-z0-9!#$%&'*+.^_|~-]+", r"[ -~]*", _header_holds_key
)
_PRESET_NAME = Text("the name of a preset", _SHORT_NAME)


@frozen
class ArchitectSettings:
    """One model and how it is called. Where only the model's name matters, that name alone does."""

    model: str = field(metadata=key(_MODEL))
    """The model's name as litellm spells it (`anthropic/…`, `openai/…`, `gemini/…`, `ollama/…`), `replay:NAME` for a
    recording, or `vscode:VENDOR/FAMILY` for a model that VS Code has.
    """

    name: str | None = field(default=None, metadata=key(_NAME))
    """What the architect is called. Without it, it takes the next free name of `alpha`, `bravo`, `charlie`, … The
    editor model is always called `editor`.
    """

    role: str | None = field(default=None, metadata=key(_ROLE))
    """What this architect is to look at, in your words, such as "security" or "keep it simple"."""

    temperature: float | None = field(default=None, metadata=key(Number("a number from 0 to 2", 0, 2)))
    """How freely the model words its answer, from 0 to 2. Left out, it is the provider's own default; some models take
    no other.
    """

    max_tokens: int | None = field(
        default=None, metadata=key(Number("a whole number from 1 to 1000000", 1, 1_000_000, whole=True))
    )
    """The most tokens of one answer. An answer cut off by it counts as failed."""

    timeout: float | None = field(
        default=None, metadata=key(Number("a number of seconds, above 0, at most 3600", 0, 3600, open=True))
    )
    """How many seconds to wait for the first word (120 when left out). The longest pause between words is half."""

    api_base: str | None = field(default=None, metadata=key(_URL, Trust.TRUSTED))
    """The URL of the server that is asked, in place of the provider's own: for OpenAI-compatible servers, proxies and
    gateways. It is sent no key, unless `api_key_env` names one.
    """

    api_key_env: str | None = field(default=None, metadata=key(_ENVIRONMENT_NAME, Trust.TRUSTED))
    """The name of the environment variable that holds the key, in place of the provider's usual one. Never the key
    itself. With an `api_base` it is needed wherever that server wants a key.
    """

    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False, metadata=key(_HEADERS, Trust.TRUSTED))
    """More HTTP headers to send, such as a gateway's project name. Headers that carry keys are refused: use
    `api_key_env`.
    """

    def architect(self, name: str) -> Architect:
        """The architect of that name that is called as these settings say."""
        return Architect(
            name=name,
            model=self.model,
            role=self.role,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            timeout=self.timeout,
            api_base=self.api_base,
            api_key_env=self.api_key_env,
            headers=tuple(self.headers.items()),
        )


@frozen
class Preset:
    """A named mixture. What it leaves out is taken from the top level."""

    architects: tuple[ArchitectSettings, ...] = field(default=(), metadata=key(Entries(ArchitectSettings)))
    """The preset's architects, in speaking order."""

    editor: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """The preset's editor model."""


@frozen
class Lineup:
    """Who takes part. `architects` are all named and may be none at all: nobody chose any. Without an `editor`, the
    first architect's model edits.
    """

    architects: tuple[Architect, ...]
    editor: Architect | None


@frozen
class Settings:
    """All settings, after every layer has had its say."""

    architects: tuple[ArchitectSettings, ...] = field(default=(), metadata=key(Entries(ArchitectSettings)))
    """The architects in speaking order: models' names, or tables with the keys of an architect. Left out, one model is
    asked of each provider whose key is in the environment (at most three), else of a local Ollama's.
    """

    editor: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """The model that turns a discussion into edits: a model's name, or a table with the keys of an architect. Left out,
    it is the first architect's.
    """

    preset: str = field(default=DEFAULT_PRESET, metadata=key(_PRESET_NAME))
    """The preset in use. `default` stands for the top level's own `architects` and `editor`."""

    presets: Mapping[str, Preset] = field(factory=dict[str, Preset], metadata=key(Named(Preset, _PRESET_NAME)))
    """Named mixtures to switch between, each with its own `architects` and `editor`."""

    confirm_edits: bool = field(default=False, metadata=key(Flag(), Trust.ONLY_ON))
    """Whether edits are marked so that the editor asks before each of them, where it can. A project that isn't trusted
    can turn this on, but not off.
    """

    repair: bool = field(default=True, metadata=key(Flag()))
    """Whether a model is asked once more where edits in its reply can't be placed: with what failed and the lines as
    they are. It is one more call that costs what it costs, and never more than one for a reply.
    """

    record_to: str | None = field(default=None, metadata=key(_FOLDER, Trust.TRUSTED))
    """A folder into which models' replies are recorded, one file for each discussion, to be played back as
    `replay:PATH`. Nothing is recorded when left out.
    """

    log_level: str = field(default="warning", metadata=key(Choice(("warning", "info", "debug"))))
    """How much the server's log says. No level logs what is sent to a model, or what it answers."""

    def mixture(self) -> Lineup:
        """Who takes part, by the preset in use, with every architect named. An unknown preset counts as `default`."""
        preset = self.presets.get(self.preset, Preset())
        chosen = preset.architects or self.architects
        editor = preset.editor or self.editor
        names = fill_names([one.name for one in chosen])
        return Lineup(
            tuple(one.architect(name) for one, name in zip(chosen, names, strict=True)),
            editor.architect(EDITOR_NAME) if editor else None,
        )
