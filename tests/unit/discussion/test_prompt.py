"""The prompt's grammar: three commands, and everything else discusses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.prompt import Choose, Code, Discuss, Drop, Prompt, Wrong, mentions, read_prompt, readings


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Why?", Discuss("Why?")),
        ("  two\n\nlines \n", Discuss("two\n\nlines")),
        ("/discuss\n  Why?\n  So.", Discuss("Why?\n  So.")),
        ("/code", Code("")),
        ("/code keep 1,\nnot 2", Code("keep 1,\nnot 2")),
        ("/drop Alpha-2", Drop("Alpha-2")),
        ("/preset panel", Choose("panel")),
        ("/once solo Why?\n  So.", Discuss("Why?\n  So.", "solo")),
        ("/once solo\n  Why?", Discuss("Why?", "solo")),
        ("/usr/lib is full", Discuss("/usr/lib is full")),
        ("say /code", Discuss("say /code")),
        ("/ code", Discuss("/ code")),
        ("//code", Discuss("//code")),
    ],
)
def test_what_is_meant(text: str, meant: Prompt) -> None:
    assert read_prompt(text) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n", "Type a message"),
        ("/discuss ", "/discuss TEXT"),
        ("/drop", "/drop NAME"),
        ("/drop alpha bravo", "/drop NAME"),
        ("/drop alpha\nand go on", "/drop NAME"),
        ("/Code it", "There is no command /Code."),
        ("/refactor", "There is no command /refactor. There are /discuss, /code, /drop, /preset and /once."),
        ("/preset", "/preset NAME"),
        ("/preset my panel", "/preset NAME"),
        ("/once", "/once NAME TEXT"),
        ("/once panel", "/once NAME TEXT"),
    ],
)
def test_what_can_not_be_meant(text: str, said: str) -> None:
    meant = read_prompt(text)
    assert isinstance(meant, Wrong)
    assert said in meant.words


@given(st.text())
def test_a_message_is_sent_as_it_was_typed(text: str) -> None:
    match read_prompt(text):
        case Discuss(message) | Code(message):
            assert text.strip().endswith(message)
        case Drop(name):
            assert text.split() == ["/drop", name]
        case Choose(preset):
            assert text.split() == ["/preset", preset]
        case Wrong(words):
            assert words


def test_files_that_are_mentioned() -> None:
    text = "See @api.py, (@deep/er/api.py) and @api.py, not me@home nor @ alone. @ä.py?"
    assert mentions(text) == ("api.py,", "ä.py?")
    assert readings("api.py,") == ("api.py,", "api.py")
    assert readings("api.py") == ("api.py",)
    assert readings("...") == ("...",)
