"""The check of what a client sent as a command's argument: good ones pass, and a wrong key is named in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.lsp.commands import COMMANDS, Command, InvalidArgument, Key, offset, place, position, text, texts, words

POINT = {"line": 0, "character": 3}
RANGE = {"start": POINT, "end": POINT}
COMMAND = Command("try", (Key("must", text, required=True), Key("may", texts)), "Change")

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def refusal(argument: object, command: Command = COMMAND) -> str:
    with pytest.raises(InvalidArgument) as raised:
        command.check(argument)
    return str(raised.value)


def test_what_is_right_passes_without_its_nulls() -> None:
    assert COMMAND.check({"must": "x"}) == {"must": "x"}
    assert COMMAND.check({"must": "", "may": None}) == {"must": ""}
    assert COMMAND.check({"may": [], "must": "x"}) == {"may": [], "must": "x"}
    assert COMMANDS["code"].check(None) == {}


def test_what_is_wrong_is_named() -> None:
    assert refusal({}) == "moa.try needs the key 'must'."
    assert refusal({"must": None}) == "moa.try: 'must' must be a string."
    assert refusal({"must": 5}) == "moa.try: 'must' must be a string."
    assert refusal({"must": "x", "may": "y"}) == "moa.try: 'may' must be a list of strings."
    assert refusal({"must": "x", "more": 1}) == "moa.try knows no key 'more'; it takes must, may."
    assert refusal([]) == "moa.try takes one object."
    assert (
        refusal({"more": 1}, COMMANDS["new-discussion"]) == "moa.new-discussion knows no key 'more'; it takes folder."
    )


@given(st.sampled_from(list(COMMANDS.values())), json)
def test_whatever_is_sent_it_passes_or_is_refused_in_words(command: Command, argument: Any) -> None:
    passed: Mapping[str, object] | None = None
    said = ""
    try:
        passed = command.check(argument)
    except InvalidArgument as error:
        said = str(error)
    if passed is None:
        assert said.startswith(command.id)
    else:
        assert set(passed) <= {key.name for key in command.keys}
        assert all(key.name in passed for key in command.keys if key.required)
        assert None not in passed.values()


@given(json)
def test_the_checks_never_fail_themselves(value: object) -> None:
    for check in (text, words, texts, place, position, offset):
        said = check(value)
        assert said is None or said


@pytest.mark.parametrize(
    ("value", "good"),
    [
        (POINT, True),
        ({"line": 0}, False),
        ({"line": -1, "character": 0}, False),
        ({"line": True, "character": 0}, False),
        ({"line": 0, "character": 0.0}, False),
        ({**POINT, "more": 0}, False),
        ([0, 3], False),
    ],
)
def test_positions(value: object, good: bool) -> None:
    assert (position(value) is None) == good
    assert (offset(value) is None) == good
    assert (place({"uri": "file:///x", "range": {"start": POINT, "end": value}}) is None) == good


def test_places_and_words() -> None:
    assert place({"uri": "file:///x", "range": RANGE}) is None
    assert place({"uri": "file:///x", "range": RANGE, "more": 1}) == "has an unknown key 'more'"
    assert offset(7) is None
    assert offset(-1) is not None
    assert words(" \n\t") == "must not be empty"
    assert words(" x ") is None
