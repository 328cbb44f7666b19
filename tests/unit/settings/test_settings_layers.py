"""The layers: who has the last word, what a mistake does, what trust gates, and on which line it is all told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from moa_lsp.settings.layers import LONGEST_TEXT, GoodLayers, LayerText, Resolved, Unreadable, resolve
from moa_lsp.settings.lines import Span
from moa_lsp.settings.settings import Settings

KEY = "sk-canary-0123456789abcdef"


def project(text: LayerText, *, trusted: bool = True, last: GoodLayers | None = None) -> Resolved:
    return resolve(None, text, None, trusted=trusted, last_good=last)


def models(resolved: Resolved) -> list[str]:
    return [one.model for one in resolved.settings.lineup().architects]


def test_without_layers_the_defaults_hold() -> None:
    assert resolve(None, None, None, trusted=False) == Resolved(Settings())
    assert Settings().lineup().architects == ()
    assert Settings().lineup().editor is None


def test_a_later_layer_replaces_an_earlier_one_key_by_key() -> None:
    resolved = resolve(
        'architects = ["user"]\neditor = "user-editor"\nlog_level = "info"\n[presets.mine]\narchitects = ["m"]',
        'architects = ["project"]\nlog_level = "debug"\n[presets.ours]\narchitects = ["o"]',
        {"architects": [{"model": "editor", "maxTokens": 5}], "preset": "default", "editor": None},
        trusted=False,
    )
    assert resolved.problems == ()
    assert models(resolved) == ["editor"]
    assert resolved.settings.architects[0].max_tokens == 5
    editor = resolved.settings.lineup().editor
    assert editor is not None
    assert (editor.name, editor.model) == ("editor", "user-editor")
    assert resolved.settings.log_level == "debug"
    assert set(resolved.settings.presets) == {"mine", "ours"}


def test_a_later_preset_of_the_same_name_replaces_the_earlier_one_whole() -> None:
    resolved = resolve(
        '[presets.p]\narchitects = ["a"]\neditor = "e"',
        'preset = "p"\n[presets.p]\narchitects = ["b"]',
        None,
        trusted=False,
    )
    assert models(resolved) == ["b"]
    assert resolved.settings.lineup().editor is None


def test_what_a_preset_leaves_out_is_the_top_levels() -> None:
    text = 'architects = ["a"]\neditor = "e"\npreset = "p"\n[presets.p]\n'
    assert models(project(text)) == ["a"]
    editor = project(text + 'architects = ["b"]').settings.lineup().editor
    assert editor is not None
    assert editor.model == "e"


def test_a_full_architect_arrives_whole() -> None:
    resolved = project(
        """
        [[architects]]
        model = "openai/ours"
        name = "Ada"
        role = "Look at security."
        temperature = 0
        max_tokens = 100
        timeout = 1.5
        api_base = "http://localhost:8000/v1"
        api_key_env = "OUR_KEY"
        headers = { X-Team = "blue" }

        [[architects]]
        model = "b"
        """
    )
    assert resolved.problems == ()
    ada, other = resolved.settings.lineup().architects
    assert (ada.name, ada.model, ada.role, ada.temperature) == ("Ada", "openai/ours", "Look at security.", 0)
    assert (ada.max_tokens, ada.timeout, ada.api_base) == (100, 1.5, "http://localhost:8000/v1")
    assert (ada.api_key_env, ada.headers) == ("OUR_KEY", (("X-Team", "blue"),))
    assert other.name == "alpha"


BAD = [
    # text, first line, first column, last line, last column, a word of the message
    ("architects = [\n  'a',\n", 1, 2, 1, 6, "TOML"),
    ("a = 1\n\narch", 2, 0, 2, 4, "TOML"),
    ("architects = 3", 0, 13, 0, 14, "list"),
    ("architects = 'a'", 0, 13, 0, 16, "list"),
    ("\narchitects = []", 1, 13, 1, 15, "at least one"),
    ("architects = ['a', 5]", 0, 19, 0, 20, "architects[1]"),
    ("architects = [\n 'a',\n {},\n]", 2, 1, 2, 3, "names no `model`"),
    ("[[architects]]\nname = 'x'\n", 0, 0, 0, 14, "names no `model`"),
    ("architects = ['']", 0, 14, 0, 16, "model's name"),
    ("architects = [' a']", 0, 14, 0, 18, "model's name"),
    ("[[architects]]\nmodel = 3", 1, 8, 1, 9, "model's name"),
    ("[[architects]]\nmodel = 'a'\nname = 'a<b'", 2, 7, 2, 12, "can't hold <"),
    ('[[architects]]\nmodel = "a"\nname = "a\\nb"', 2, 7, 2, 13, "line breaks"),
    ("[[architects]]\nmodel = 'a'\nname = 'Editor'", 2, 7, 2, 15, "editor"),
    ("[[architects]]\nmodel = 'a'\nname = 'x'\n[[architects]]\nmodel = 'a'\nname = 'X'", 5, 7, 5, 10, "already"),
    ("[[architects]]\nmodel = 'a'\ntimeout = 0", 2, 10, 2, 11, "seconds"),
    ("[[architects]]\nmodel = 'a'\ntimeout = true", 2, 10, 2, 14, "seconds"),
    ("[[architects]]\nmodel = 'a'\ntimeout = nan", 2, 10, 2, 13, "seconds"),
    ("[[architects]]\nmodel = 'a'\ntimeout = inf", 2, 10, 2, 13, "seconds"),
    ("[[architects]]\nmodel = 'a'\nmax_tokens = 1.5", 2, 13, 2, 16, "whole"),
    (f"[[architects]]\nmodel = 'a'\nmax_tokens = {'9' * 400}", 2, 13, 2, 413, "whole"),
    ("[[architects]]\nmodel = 'a'\ntemperature = '1'", 2, 14, 2, 17, "number"),
    ("[[architects]]\nmodel = 'a'\ntempreature = 1", 2, 0, 2, 11, "did you mean `temperature`"),
    ("[[architects]]\nmodel = 'a'\napiBase = 'http://x'", 2, 0, 2, 7, "did you mean `api_base`"),
    ("[[architects]]\nmodel = 'a'\napi_base = 'ftp://x'", 2, 11, 2, 20, "URL"),
    ("[[architects]]\nmodel = 'a'\napi_base = 'http://me:pass@x/'", 2, 11, 2, 30, "URL"),
    ("[[architects]]\nmodel = 'a'\nheaders = 'x'", 2, 10, 2, 13, "header"),
    ('[[architects]]\nmodel = "a"\nheaders = {X = "a\\r\\nY: b"}', 2, 15, 2, 26, "header"),
    ("[[architects]]\nmodel = 'a'\nrole = ''", 2, 7, 2, 9, "empty"),
    ("editr = 'x'", 0, 0, 0, 5, "did you mean `editor`"),
    ("zzz = 1", 0, 0, 0, 3, "no such setting"),
    ("[server]\nport = 1", 0, 1, 0, 7, "no such setting"),
    ("editor = ['a']", 0, 9, 0, 14, "model's name or a table"),
    ("editor.name = 'x'", 0, 0, 0, 6, "names no `model`"),
    ("confirm_edits = 'yes'", 0, 16, 0, 21, "true or false"),
    ("log_level = 'loud'", 0, 12, 0, 18, "warning, info, debug"),
    ("log_level = ['info']", 0, 12, 0, 20, "warning, info, debug"),
    ("record_to = 'here'", 0, 12, 0, 18, "full path"),
    ("preset = ''", 0, 9, 0, 11, "preset"),
    ("preset = 'nope'", 0, 9, 0, 15, "there is `default`"),
    ("presets = 1", 0, 10, 0, 11, "table"),
    ("[presets.default]\neditor = 'a'", 0, 9, 0, 16, "another name"),
    ("[presets]\np = 1", 1, 4, 1, 5, "table"),
    ("[presets.'a<b']\n", 0, 9, 0, 14, "preset's name"),
    ("[presets.p]\narchitects = [1]", 1, 14, 1, 15, "presets.p.architects[0]"),
    ("[presets.p]\nrecord_to = '/x'", 1, 0, 1, 9, "no such setting"),
    ("checks = ['make']", 0, 0, 0, 6, "no such setting"),
]


@pytest.mark.parametrize(("text", "line", "column", "last_line", "last_column", "word"), BAD)
def test_a_mistake_is_told_where_it_stands(
    text: str, line: int, column: int, last_line: int, last_column: int, word: str
) -> None:
    (problem,) = project(text).problems
    assert (problem.layer, problem.severity) == ("project", "error")
    assert problem.span == Span(line, column, last_line, last_column)
    assert word in problem.message


@pytest.mark.parametrize("text", [case[0] for case in BAD])
def test_while_there_is_a_mistake_the_last_good_settings_stay(text: str) -> None:
    good = project('architects = ["good"]\nconfirm_edits = true')
    bad = project(text, last=good.good_layers)
    assert models(bad) == ["good"]
    assert bad.settings.confirm_edits is True
    assert any(problem.severity == "error" for problem in bad.problems)
    worse = project("[[", last=bad.good_layers)
    assert models(worse) == ["good"]
    mended = project('architects = ["new"]', last=worse.good_layers)
    assert models(mended) == ["new"]
    assert mended.settings.confirm_edits is False
    assert mended.problems == ()


def test_what_was_never_good_counts_as_far_as_it_can_be_understood() -> None:
    resolved = project('architects = ["a", {model = "b", timeout = "x"}]\neditr = "e"\nconfirm_edits = true')
    assert models(resolved) == ["a"]
    assert resolved.settings.confirm_edits is True
    assert resolved.good_layers == GoodLayers()


def test_an_architect_with_a_mistake_is_never_asked_elsewhere() -> None:
    resolved = project("[[architects]]\nmodel = 'openai/ours'\napi_base = 'http//ours'")
    assert models(resolved) == []


def test_the_layers_fall_back_each_on_its_own() -> None:
    first = resolve('architects = ["u"]', 'editor = "p"', {"logLevel": "info"}, trusted=False)
    then = resolve('architects = ["u2"]', "editor =", {"logLevel": "debug"}, trusted=False, last_good=first.good_layers)
    assert models(then) == ["u2"]
    editor = then.settings.lineup().editor
    assert editor is not None
    assert editor.model == "p"
    assert then.settings.log_level == "debug"


def test_a_file_that_is_gone_takes_its_settings_along_and_one_that_cannot_be_read_does_not() -> None:
    good = project('architects = ["a"]')
    assert models(project(None, last=good.good_layers)) == []
    unreadable = project(Unreadable("moa.toml can't be read: Permission denied."), last=good.good_layers)
    assert models(unreadable) == ["a"]
    assert [problem.span for problem in unreadable.problems] == [Span(0, 0, 0, 0)]


def test_an_unknown_preset_falls_back_like_any_mistake() -> None:
    text = 'preset = "{}"\narchitects = ["top"]\n[presets.cheap]\narchitects = ["cheap"]'
    good = project(text.format("cheap"))
    half_typed = project(text.format("che"), last=good.good_layers)
    assert models(good) == models(half_typed) == ["cheap"]
    (problem,) = half_typed.problems
    assert problem.span == Span(0, 9, 0, 14)
    assert "`cheap`" in problem.message
    # The user's preset is gone, so neither the project's text nor what it last said well names a preset that exists.
    with_user = resolve('[presets.mine]\narchitects = ["m"]', 'preset = "mine"', None, trusted=False)
    assert models(with_user) == ["m"]
    without = resolve('architects = ["u"]', 'preset = "mine"', None, trusted=False, last_good=with_user.good_layers)
    assert models(without) == ["u"]
    assert len(without.problems) == 1


def test_the_editors_section_may_hold_the_editors_own_keys() -> None:
    resolved = resolve(None, None, {"serverPath": "/x", "architects": ["a"], "api_base": "x"}, trusted=False)
    assert models(resolved) == ["a"]
    assert [(one.layer, one.severity, one.span) for one in resolved.problems] == [("editor", "warning", None)] * 2
    assert resolved.good_layers.editor is not None


@pytest.mark.parametrize("section", [[], "x", 3, {"architects": []}, {"architects": [None]}, {1: 2}])
def test_a_wrong_section_keeps_the_last_good_one(section: object) -> None:
    good = resolve(None, None, {"architects": ["a"]}, trusted=False)
    resolved = resolve(None, None, section, trusted=False, last_good=good.good_layers)
    assert models(resolved) == ["a"]
    assert [(one.layer, one.severity) for one in resolved.problems] == [("editor", "error")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "nested"),
        ("a = " + "9" * 5000, "number"),
        ("#" * (LONGEST_TEXT + 1), "too long"),
    ],
)
def test_hostile_texts_are_refused_and_not_raised(text: str, reason: str) -> None:
    (problem,) = project(text).problems
    assert reason in problem.message
    assert problem.span is not None


# --- trust

GATED = [
    ('[[architects]]\nmodel = "a"\napi_base = "http://evil.example/v1"', "architects[0].api_base", Span(2, 0, 2, 8)),
    ('[[architects]]\nmodel = "a"\napi_key_env = "AWS_SECRET"', "architects[0].api_key_env", Span(2, 0, 2, 11)),
    ('[[architects]]\nmodel = "a"\nheaders = {X = "1"}', "architects[0].headers", Span(2, 0, 2, 7)),
    ('architects = ["a"]\n[editor]\nmodel = "e"\napi_base = "http://e"', "editor.api_base", Span(3, 0, 3, 8)),
    (
        'architects = ["a"]\n[[presets.p.architects]]\nmodel = "e"\napi_base = "http://e"',
        "presets.p.architects[0].api_base",
        Span(3, 0, 3, 8),
    ),
    ('architects = ["a"]\npresets.p.editor = {model="e", headers={}}', "presets.p.editor.headers", Span(1, 31, 1, 38)),
    ('architects = ["a"]\nrecord_to = "/tmp/x"', "record_to", Span(1, 0, 1, 9)),
    ('architects = ["a"]\nconfirm_edits = false', "confirm_edits", Span(1, 0, 1, 13)),
]


@pytest.mark.parametrize(("text", "key", "span"), GATED)
def test_an_untrusted_project_cannot_send_anything_elsewhere(text: str, key: str, span: Span) -> None:
    untrusted, trusted = project(text, trusted=False), project(text, trusted=True)
    (problem,) = untrusted.problems
    assert (problem.layer, problem.severity, problem.span) == ("project", "warning", span)
    assert f"`{key}`" in problem.message
    assert "Trust it" in problem.message
    assert models(untrusted) == models(trusted) == ["a"]
    assert trusted.problems == ()
    settings = untrusted.settings
    presets = settings.presets.values()
    everyone = [
        *settings.architects,
        settings.editor,
        *(one for preset in presets for one in (*preset.architects, preset.editor)),
    ]
    for one in everyone:
        assert one is None or (one.api_base, one.api_key_env, one.headers) == (None, None, {})
    assert settings.record_to is None


@pytest.mark.parametrize("key", ["command", "checks", "middleware"])
def test_keys_that_would_run_something_are_ignored_too(key: str) -> None:
    resolved = project(f'architects = ["a"]\n{key} = ["rm"]', trusted=False)
    assert [(one.severity, one.span) for one in resolved.problems] == [("warning", Span(1, 0, 1, len(key)))]
    assert models(resolved) == ["a"]


def test_an_untrusted_project_may_ask_for_more_confirmation_but_not_for_less() -> None:
    assert project("confirm_edits = true", trusted=False).settings.confirm_edits is True
    kept = resolve("confirm_edits = true", "confirm_edits = false", None, trusted=False)
    assert kept.settings.confirm_edits is True


@pytest.mark.parametrize(
    "model",
    [
        "replay:/etc/passwd",
        "replay:../x",
        "replay:a.json",
        "replay:a\\\\b",
        "Replay:a/b",
        "replay:",
        "huggingface/https://evil.example/v1",
        "oobabooga/http://evil.example",
        "HuggingFace/HTTPS://evil.example",
        "huggingface/https:/evil.example",
        "oobabooga/http:evil.example",
        "bedrock/arn:aws:bedrock:us-east-1:1:provisioned-model/x",
        "replicate/evil/model",
        "meta/llama:" + "a1" * 32,
        "openai/gpt 5",
        "//evil",
    ],
)
def test_an_untrusted_project_cannot_lead_elsewhere_by_a_models_name(model: str) -> None:
    text = f'architects = ["a", "{model}"]\neditor = "{model}"\n'
    untrusted = project(text, trusted=False)
    assert models(untrusted) == ["a"]
    assert untrusted.settings.editor is None
    assert [(one.severity, one.span.first_line if one.span else None) for one in untrusted.problems] == [
        ("warning", 0),
        ("warning", 1),
    ]
    assert len(models(project(text, trusted=True))) == 2
    assert len(models(resolve(text, None, None, trusted=False))) == 2


@pytest.mark.parametrize(
    "model",
    [
        "replay:demo",
        "anthropic/claude-sonnet-5-5",
        "ollama/qwen2.5-coder:14b",
        "bedrock/anthropic.claude-v2:0",
        "vscode:copilot/gpt-5.4",
        "gpt-5",
    ],
)
def test_usual_models_need_no_trust(model: str) -> None:
    resolved = project(f'architects = ["{model}"]', trusted=False)
    assert models(resolved) == [model]
    assert resolved.problems == ()


def test_trust_now_does_not_reach_back_to_what_was_read_without_it() -> None:
    text = '[[architects]]\nmodel = "a"\napi_base = "http://x"'
    unseen = project(text, trusted=False)
    later = project("broken", trusted=True, last=unseen.good_layers)
    assert later.settings.architects[0].api_base is None
    trusted = project(text, trusted=True)
    taken_away = project("broken", trusted=False, last=trusted.good_layers)
    assert taken_away.settings.architects[0].api_base is None
    assert project("broken", trusted=True, last=trusted.good_layers).settings.architects[0].api_base == "http://x"


# --- keys

KEYS_WRITTEN_DOWN = [
    f'[[architects]]\nmodel = "a"\napi_key = "{KEY}"',
    f'[[architects]]\nmodel = "a"\ntoken = "{KEY}"',
    f'[[architects]]\nmodel = "a"\napi_key_env = "{KEY}"',
    '[[architects]]\nmodel = "a"\napi_key_env = "gsk_0123456789abcdef0123"',
    '[[architects]]\nmodel = "a"\napi_key_env = "ABCDEF0123456789ABCDEF0123456789"',
    f'[[architects]]\nmodel = "a"\nheaders = {{Authorization = "{KEY}"}}',
    f'[[architects]]\nmodel = "a"\nheaders = {{x-api-key = "{KEY}"}}',
    f'[[architects]]\nmodel = "a"\nheaders = {{X-Other = "Bearer {KEY}"}}',
    f'[[architects]]\nmodel = "{KEY}"',
    f'[[architects]]\nmodel = "a"\nname = "{KEY}"',
    f'[[architects]]\nmodel = "a"\napi_base = "https://{KEY}@host/v1"',
    f'[[architects]]\nmodel = "a"\napi_base = "https://host/v1?key={KEY}"',
    f'api_key = "{KEY}"',
    f'architects = ["{KEY}"]',
    f'editor = "{KEY}"',
    f'preset = "{KEY}"',
    f'{KEY} = "x"',
    f"[presets.{KEY}]",
    f'log_level = "{KEY}"',
]


@pytest.mark.parametrize("text", KEYS_WRITTEN_DOWN)
def test_a_key_written_down_is_refused_and_never_repeated(text: str) -> None:
    resolved = project(text, trusted=True)
    assert [problem.severity for problem in resolved.problems] == ["error"]
    shown = repr(resolved)
    assert "canary" not in shown
    assert "0123456789" not in shown


def test_the_message_says_where_a_key_belongs_in_the_layers_own_spelling() -> None:
    editor: Mapping[str, object] = {"architects": [{"model": "a", "apiKey": KEY}]}
    (problem,) = resolve(None, None, editor, trusted=True).problems
    assert "`architects[0].apiKey`" in problem.message
    assert "`apiKeyEnv`" in problem.message
    (problem,) = project(f'api_key = "{KEY}"', trusted=False).problems
    assert "`api_key_env`" in problem.message
    assert problem.span == Span(0, 0, 0, 7)


def test_headers_and_last_good_texts_stay_out_of_every_repr() -> None:
    resolved = project('[[architects]]\nmodel = "a"\nheaders = {X-Team = "quiet-word"}')
    assert resolved.settings.architects[0].headers == {"X-Team": "quiet-word"}
    assert "quiet-word" not in repr(resolved)
