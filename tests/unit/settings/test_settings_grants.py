"""Trust is of content: what of a trusted project's settings holds, and what waits for a yes."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from moa_lsp.settings.grants import in_words
from moa_lsp.settings.layers import GoodLayers, Resolved, resolve
from moa_lsp.settings.lines import Span

ALPHA = """[[architects]]
name = "alpha"
model = "openai/a"
api_base = "http://one.example/v1"
api_key_env = "OUR_KEY"
headers = { X-Team = "quiet-word" }
"""
BRAVO = '[[architects]]\nname = "bravo"\nmodel = "openai/b"\napi_base = "http://two.example/v1"\n'


def project(text: str, agreed: Collection[str] | None, last: GoodLayers | None = None) -> Resolved:
    return resolve(None, text, None, trusted=True, agreed=agreed, last_good=last)


def ids(text: str) -> set[str]:
    """What somebody agreed to who trusted a folder with that text."""
    return {grant.id for grant in project(text, None).grants}


def addresses(resolved: Resolved) -> list[tuple[str, str | None, str | None, int]]:
    return [(a.model, a.api_base, a.api_key_env, len(a.headers)) for a in resolved.settings.lineup().architects]


WHOLE = ("openai/a", "http://one.example/v1", "OUR_KEY", 1)


def test_what_was_agreed_to_holds_and_nothing_is_said() -> None:
    resolved = project(ALPHA, ids(ALPHA))
    assert addresses(resolved) == [WHOLE]
    assert resolved.problems == resolved.withheld == ()


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("one.example", "evil.example", [3, 4, 5]),
        ("OUR_KEY", "AWS_SECRET", [3, 4, 5]),
        ("quiet-word", "other-word", [3, 4, 5]),
        ("openai/a", "anthropic/a", [3, 4, 5]),
        ('api_key_env = "OUR_KEY"\n', "", [3, 4]),
    ],
)
def test_an_entry_is_agreed_to_as_a_whole(old: str, new: str, lines: list[int]) -> None:
    text = ALPHA.replace(old, new)
    resolved = project(text, ids(ALPHA))
    (seen,) = resolved.settings.lineup().architects
    assert (seen.api_base, seen.api_key_env, seen.headers) == (None, None, ())
    assert len(resolved.withheld) == 1
    assert [problem.span.first_line for problem in resolved.problems if problem.span] == lines
    assert {problem.severity for problem in resolved.problems} == {"warning"}
    assert all("waits for your yes" in problem.message for problem in resolved.problems)
    assert project(text, ids(ALPHA) | ids(text)).withheld == ()


def test_what_is_new_waits_and_the_rest_holds() -> None:
    resolved = project(ALPHA + BRAVO, ids(ALPHA))
    assert addresses(resolved) == [WHOLE, ("openai/b", None, None, 0)]
    (problem,) = resolved.problems
    assert problem.span == Span(9, 0, 9, 8)
    assert "`architects[1].api_base`" in problem.message


def test_place_name_role_and_spelling_are_no_new_content() -> None:
    agreed = ids(ALPHA + BRAVO)
    moved = BRAVO.replace('"bravo"', '"carl"\nrole = "security"\ntimeout = 5') + "# moved\n" + ALPHA
    assert project(moved, agreed).withheld == ()
    assert project(BRAVO, agreed).withheld == ()
    asked_of_the_editor = ALPHA.replace("[[architects]]", "[editor]").replace('name = "alpha"\n', "")
    assert project(asked_of_the_editor, agreed).withheld == ()
    in_a_preset = ALPHA.replace("[[architects]]", "[[presets.p.architects]]")
    assert project(in_a_preset, agreed).withheld == ()


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (ALPHA, "requests of alpha (openai/a) to go to http://one.example/v1, with the key in OUR_KEY, with the ", 3),
        ('[editor]\nmodel = "e"\napi_key_env = "K_K"\n', "requests of e to go out, with the key in K_K", 2),
        ('record_to = "/tmp/x"\n', "replies to be recorded in /tmp/x", 0),
        ("confirm_edits = false\n", "edits not to be confirmed", 0),
        ('editor = "huggingface/https://evil.example"\n', "to the place that the model's name leads to", 0),
        ('presets.p.architects = ["replay:/etc/x"]\n', "requests of replay:/etc/x", 0),
    ],
)
def test_every_gated_key_waits_and_is_said_in_words(text: str, words: str, line: int) -> None:
    waiting = project(text, ())
    assert words in in_words(waiting.withheld)
    assert waiting.problems[0].span
    assert waiting.problems[0].span.first_line == line
    assert waiting.settings.record_to is None
    assert waiting.settings.editor is None or waiting.settings.editor.api_key_env is None
    assert all(not preset.architects for preset in waiting.settings.presets.values())
    assert project(text, ids(text)).withheld == ()


def test_a_question_repeats_no_header_and_is_one_short_line() -> None:
    many = "".join(BRAVO.replace("bravo", f"b{n}").replace("two", f"two{n}") for n in range(30))
    said = in_words(project(ALPHA + many, ()).withheld)
    assert "X-Team" in said
    assert "quiet-word" not in said
    assert said.endswith("and 27 more of the kind")
    assert "quiet-word" not in repr(project(ALPHA, ()).withheld)
    linked = project('record_to = "/tmp/[Trust](command:x)\\u202e"\n', ()).withheld
    assert "](" not in in_words(linked)
    assert "\u202e" not in in_words(linked)


def test_a_fault_is_told_as_one_and_not_asked_about() -> None:
    text = ALPHA.replace("http://one.example/v1", "ftp://one.example")
    resolved = project(text, ())
    assert [problem.severity for problem in resolved.problems] == ["error"]
    assert resolved.withheld == ()


def test_what_was_said_well_last_holds_as_far_as_it_is_agreed_to() -> None:
    good = project(ALPHA, ids(ALPHA))
    broken = project("broken", ids(ALPHA), good.good_layers)
    assert addresses(broken) == [WHOLE]
    waiting = project(ALPHA, ())
    still = project("broken", (), waiting.good_layers)
    assert addresses(still) == [("openai/a", None, None, 0)]
    assert still.withheld == waiting.withheld


def test_the_users_and_the_editors_layers_are_never_asked_about() -> None:
    editor = {"architects": [{"model": "openai/a", "apiBase": "http://x.example"}], "recordTo": "/tmp/x"}
    resolved = resolve(BRAVO + 'record_to = "/x"', None, editor, trusted=True, agreed=())
    assert resolved.withheld == ()
    assert resolved.problems[0].severity == "error"  # record_to stands in the architect's table
    assert addresses(resolved) == [("openai/a", "http://x.example", None, 0)]
    assert addresses(resolve(BRAVO, None, None, trusted=True, agreed=()))[0][1] == "http://two.example/v1"
    assert resolve(None, ALPHA, None, trusted=False, agreed=()).grants == ()
