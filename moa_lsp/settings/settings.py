"""The settings: which there are, what they mean and what they are worth when nobody says anything.

The docstring under a field is what the docs and the schema say of it, in no other words. A key is spelt as the field
here in TOML and in camelCase in an editor's settings. A value of `Settings` is good: reading and refusing is
`reader.py`, and which layer has the last word is `layers.py`. Never here: files, trust, the
environment, and which models are asked by default (`models/catalogue.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import evolve, field, frozen

from moa_lsp.discussion.kinds import Diversity, Options, Way, mixture, seated
from moa_lsp.discussion.mixture import CONCURRENCY, Floor, Mixture, Order, Sees, Stage
from moa_lsp.discussion.names import AGGREGATOR, EDITOR, LONGEST, RESERVED, fill_names, valid_name
from moa_lsp.discussion.values import Architect
from moa_lsp.settings.shapes import (
    Choice,
    Entries,
    Entry,
    Flag,
    Named,
    Number,
    Pairs,
    Tables,
    Text,
    Texts,
    Trust,
    key,
)

DEFAULT_PRESET = "default"

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


def _not_a_preset(model: str) -> str | None:
    """A mixture can't contain a mixture: nobody could say what it asks, or what it costs."""
    # Also behind a provider's name, as `moa-lsp endpoint` is asked: `openai/moa/NAME`.
    names = (model.lower(), model.lower().partition("/")[2])
    if not names[0].startswith("vscode:moa-lsp/") and not any(one.startswith("moa/") for one in names):
        return None
    named = "" if looks_like_key(model) or len(model) > LONGEST else f" `{model}`"
    return f"a mixture can't contain a mixture: the preset{named} can't be one's model"


_NOT_CONTROL = "\\u0000-\\u001f\\u007f"
_SHORT_NAME = f"[^\\s<>\"'`{_NOT_CONTROL}]{{1,{LONGEST}}}"
_MODEL = Text(
    "a model's name, such as anthropic/claude-sonnet-5-5",
    r"(?![Mm][Oo][Aa]/)(?![Vv][Ss][Cc][Oo][Dd][Ee]:[Mm][Oo][Aa]-[Ll][Ss][Pp]/)"
    f"[^\\s{_NOT_CONTROL}](?:[^{_NOT_CONTROL}]*[^\\s{_NOT_CONTROL}])?",
    reason=_not_a_preset,
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
_GLOB = Text("a path with * and ? in it, such as src/**/*.sql", f"[^{_NOT_CONTROL}]{{1,200}}")
_WORDS = Text("a text on one line", f"[^{_NOT_CONTROL}]*[^\\s{_NOT_CONTROL}][^{_NOT_CONTROL}]*")
# Of a stage's speakers, who answers for all and who judges may be named too.
_SPEAKER = Text("an architect's name", _SHORT_NAME)
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
    """What this architect is to look at: the name of a role in the library (`security`, `performance`, `api-design`,
    `tests`, `simplicity`, `accessibility`, `sceptic`, or one of yours), or your own words, such as "Keep it simple.".
    """

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

    paths: tuple[str, ...] = field(default=(), metadata=key(Texts(_GLOB, "a list of paths with * and ? in them")))
    """The files it cares about, as in a `.gitignore`: `["src/db/", "*.sql"]`. Where none of them is shown or about to
    be edited, it isn't asked, and the round says so.
    """

    priority: int = field(default=0, metadata=key(Number("a whole number from -100 to 100", -100, 100, whole=True)))
    """Where a preset's `speaking` is `priority`, those with the higher number speak first."""

    @classmethod
    def of(cls, architect: Architect) -> ArchitectSettings:
        """The settings by which that architect is called, with the role that it has."""
        return cls(
            model=architect.model,
            name=architect.name,
            role=architect.plays,
            temperature=architect.temperature,
            max_tokens=architect.max_tokens,
            timeout=architect.timeout,
            api_base=architect.api_base,
            api_key_env=architect.api_key_env,
            headers=dict(architect.headers),
            paths=architect.paths,
            priority=architect.priority,
        )

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
            paths=self.paths,
            priority=self.priority,
        )


@frozen
class StageSettings:
    """One stage of a preset that has stages of its own."""

    name: str = field(default="", metadata=key(_WORDS))
    """What people call it, such as "critique"."""

    architects: tuple[str, ...] | None = field(default=None, metadata=key(Texts(_SPEAKER, "a list of names")))
    """Who speaks in it, by name, in order; `aggregator` and `arbiter` may be among them. Left out, all architects do.
    """

    order: str = field(default="sequential", metadata=key(Choice(tuple(Order))))
    """Whether they speak one after the other or all at once."""

    sees: str = field(default="earlier", metadata=key(Choice(tuple(Sees))))
    """What they see of this round: all that was proposed earlier in it, what the stage before proposed, or nothing."""

    task: str | None = field(default=None, metadata=key(_ROLE))
    """What they are asked to do, in your words, or one of moa-lsp's own: `brainstorm`, `critique`, `optimise`,
    `revise`, `aggregate`.
    """

    answers: bool = field(default=False, metadata=key(Flag()))
    """Whether what is said in it is the answer for all, which the others' proposals lead up to."""

    def stage(self) -> Stage:
        return Stage(
            self.architects,
            Order(self.order),
            Sees(self.sees),
            name=self.name,
            task=self.task or "",
            acts=self.answers,
        )


@frozen
class Preset:
    """A named mixture. What it leaves out is taken from the top level."""

    kind: str | None = field(default=None, metadata=key(Choice(tuple(Way))))
    """How the architects are put together (see [mixtures](mixtures.md)). Left out, it is the kind that the preset is
    called after, else `round`.
    """

    title: str | None = field(default=None, metadata=key(_WORDS))
    """What it is, on one line, for whoever chooses it."""

    architects: tuple[ArchitectSettings, ...] = field(default=(), metadata=key(Entries(ArchitectSettings)))
    """The preset's architects, in speaking order."""

    editor: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """The preset's editor model. Left out, it is the aggregator's where there is one."""

    aggregator: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """Who answers for all in a `panel` and in `layers`. Left out, it is the editor model, else the first architect's.
    """

    arbiter: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """Who judges the stages of an `arbiter`. Left out, it is the editor model, else the first architect's."""

    role_model: ArchitectSettings | None = field(default=None, metadata=key(Entry(ArchitectSettings)))
    """Who writes the roles where `diversity` is `role`. Left out, it is the editor model, else the first architect's.
    """

    enabled: bool = field(default=True, metadata=key(Flag()))
    """With false, a `panel` is its aggregator alone."""

    layers: int | None = field(default=None, metadata=key(Number("a whole number from 1 to 5", 1, 5, whole=True)))
    """How many `layers` there are; 2 when left out."""

    per_layer: int | None = field(default=None, metadata=key(Number("a whole number from 1 to 12", 1, 12, whole=True)))
    """How many speak in each of the `layers`. Left out, as many as there are architects, and 3 where these are to
    differ by temperature or role.
    """

    diversity: str = field(default="model", metadata=key(Choice(tuple(Diversity))))
    """What sets those of one layer apart: their models, one model's temperatures, or roles that a model writes for each
    task and that you may edit.
    """

    samples: int | None = field(default=None, metadata=key(Number("a whole number from 1 to 12", 1, 12, whole=True)))
    """How many times the first architect's model is asked in `samples`; 3 when left out."""

    rotate: bool = field(default=False, metadata=key(Flag()))
    """Whether another architect begins in each round, so that none always anchors or always ends."""

    blind: bool = field(default=False, metadata=key(Flag()))
    """Whether the models don't see each other's names."""

    max_rounds: int | None = field(default=None, metadata=key(Number("a whole number from 1 to 10", 1, 10, whole=True)))
    """How often a stage is held at most for one message: a round's turns, a revision, each stage of an `arbiter` (3
    when left out), or how often one speaks in a row where `speaking` is `until-done` (3 when left out).
    """

    max_cost: float | None = field(
        default=None, metadata=key(Number("US dollars, above 0, at most 1000", 0, 1000, open=True))
    )
    """The US dollars that one message may cost. Once they are spent nobody is asked any more; calls that run by then
    end, so it may be exceeded by these. Calls whose price isn't known don't count.
    """

    stop_when: str | None = field(default=None, metadata=key(Choice(("agreed",))))
    """With `agreed`, a message ends once all proposals of a stage are the same edits."""

    speaking: str = field(default="round-robin", metadata=key(Choice(tuple(Floor))))
    """Who has the floor where they speak one after the other: each in turn, each until it says it is done, or by
    `priority`.
    """

    concurrency: int = field(
        default=CONCURRENCY, metadata=key(Number("a whole number from 1 to 16", 1, 16, whole=True))
    )
    """How many are asked at once."""

    stages: tuple[StageSettings, ...] = field(default=(), metadata=key(Tables(StageSettings)))
    """Stages of your own, in the place of the kind's."""

    def options(self, way: Way) -> Options:
        """What it says of its kind, which is `way` where it names none."""
        return Options(
            way=Way(self.kind) if self.kind else way,
            layers=self.layers,
            per_layer=self.per_layer,
            diversity=Diversity(self.diversity),
            samples=self.samples,
            enabled=self.enabled,
            rotate=self.rotate,
            blind=self.blind,
            max_rounds=self.max_rounds,
            max_cost=self.max_cost,
            stop_when_agreed=self.stop_when == "agreed",
            speaking=Floor(self.speaking),
            concurrency=self.concurrency,
            stages=tuple(one.stage() for one in self.stages),
        )


@frozen
class Lineup:
    """Who takes part by a preset, and how. `architects` are all named, each with its seat, and may be none at all:
    nobody chose any; `written` are those of them that stand in the settings. `editor` writes the edits: without one,
    the first architect's model does. `role_model` writes roles where the preset has them written.
    """

    preset: str
    architects: tuple[Architect, ...]
    editor: Architect | None
    options: Options
    mixture: Mixture
    role_model: Architect | None = None
    written: tuple[Architect, ...] = ()

    def editor_of(self, architects: tuple[Architect, ...]) -> Architect | None:
        """Who writes the edits where these take part; `None` where nobody does."""
        if self.editor:
            return self.editor
        return evolve(architects[0], name=EDITOR, role=None, set_role=None) if architects else None


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

    @property
    def known_presets(self) -> tuple[str, ...]:
        """The names of all presets there are: the settings' own, those that are always there, those that were made."""
        return tuple(dict.fromkeys((DEFAULT_PRESET, *Way, *self.presets)))

    def lineup(self, preset: str | None = None, found: tuple[Architect, ...] = ()) -> Lineup:
        """Who takes part by that preset (`None`: the one in use), with every architect named. `found` are those whom
        this machine offers, for where nobody is configured. An unknown preset counts as `default`.
        """
        name = preset or self.preset
        name = name if name in self.known_presets else DEFAULT_PRESET
        chosen = self.presets.get(name, Preset())
        options = chosen.options(Way(name) if name in tuple(Way) else Way.ROUND)
        written = chosen.architects or self.architects
        names = fill_names([one.name for one in written])
        named = tuple(one.architect(name) for one, name in zip(written, names, strict=True)) or found
        editor = chosen.editor or self.editor
        aggregator, arbiter, role_model = (
            one.architect(EDITOR) if one else None
            for one in (chosen.aggregator or editor, chosen.arbiter or editor, chosen.role_model or editor)
        )
        architects = seated(options, named, aggregator, arbiter)
        acting = next((evolve(one, name=EDITOR, role=None) for one in architects if one.name == AGGREGATOR), None)
        # Who answers for all is the acting model: it writes the edits too, unless the preset says otherwise.
        edits = chosen.editor.architect(EDITOR) if chosen.editor else acting
        edits = edits or (editor.architect(EDITOR) if editor else None)
        writes = (role_model or (named[0] if named else None)) if options.writes_roles else None
        return Lineup(name, architects, edits, options, mixture(name, options, architects), writes, named)
