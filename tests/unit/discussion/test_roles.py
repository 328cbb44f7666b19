"""Roles that a model wrote: the form it was asked for, and the forms that models write instead."""

from __future__ import annotations

import json

import pytest

from moa_lsp.discussion.roles import LONGEST, roles_in

CALLER = "You call `get()` from another team's code. Object to what you would have to guess."
NIGHT = "It is three in the morning and the log is all you have: look at what it says."
DOUBT = "Doubt that this needs a new error type at all."
THREE = (CALLER, NIGHT, DOUBT)
COUNTED = tuple(enumerate(THREE, 1))

ASKED_FOR = f"<role>\n{CALLER}\n</role>\n\n<role>\n{NIGHT}\n</role>\n\n<role>\n{DOUBT}\n</role>\n"

SHAPES = {
    "talk around it": f"Here are three viewpoints:\n\n{ASKED_FOR}\nI hope that these help! 1. really 2. truly",
    "in a code block": f"```xml\n{ASKED_FOR}```",
    "on one line each": "\n".join(f"<role>{role}</role>" for role in THREE),
    "never closed": "\n".join(f"<role>\n{role}" for role in THREE),
    "upper case and attributes": "".join(f'<ROLE name="x" id=1>\n{role}\n</Role >\n' for role in THREE),
    "escaped as our fences are": ASKED_FOR.replace("<", "<\\"),
    "escaped as HTML": ASKED_FOR.replace("<", "&lt;").replace(">", "&gt;"),
    "within one more tag": f"<roles>\n{ASKED_FOR}</roles>",
    "a JSON list in a code block": f"```json\n{json.dumps(THREE)}\n```",
    "JSON objects under a key": json.dumps({"roles": [{"name": "x", "Role": role} for role in THREE]}),
    "JSON by number": json.dumps(dict(enumerate(THREE))),
    "a numbered list": "Sure:\n\n" + "\n".join(f"{n}. {role}" for n, role in COUNTED),
    "a numbered list and a last word": "\n\n".join(f"{n}) {role}" for n, role in COUNTED) + "\n\nGood luck!",
    "headings": "\n\n".join(f"## Role {n}\n\n{role}" for n, role in COUNTED) + "\n\nTell me if you want more.",
    "bold headings with letters": "\n".join(f"**Viewpoint {n}:** {role}" for n, role in zip("ABC", THREE, strict=True)),
    "bullets": "My viewpoints:\n" + "\n".join(f"- {role}" for role in THREE),
    "bullets below headings": "\n".join(
        f"Role {n}:\n- " + role.replace(". ", ".\n- ") for n, role in enumerate(THREE, 1)
    ),
    "quoted and bold": "\n".join(f'1. **"{role}"**' for role in THREE),
    "wrapped lines": ASKED_FOR.replace(" you ", "\nyou ").replace(" from ", "\n  from "),
    "paragraphs": "# Viewpoints\n\nAs you asked:\n\n" + "\n\n".join(THREE),
}


def test_the_form_that_was_asked_for() -> None:
    assert roles_in(ASKED_FOR, 3) == THREE


@pytest.mark.parametrize("shape", SHAPES)
def test_another_form(shape: str) -> None:
    assert roles_in(SHAPES[shape], 3) == THREE


def test_never_more_than_were_asked_for() -> None:
    assert roles_in(ASKED_FOR, 2) == THREE[:2]
    assert roles_in(ASKED_FOR, 0) == ()


def test_fewer_are_taken_as_they_are() -> None:
    assert roles_in(ASKED_FOR, 5) == THREE


def test_the_same_role_twice_is_one() -> None:
    assert roles_in(f"<role>{CALLER}</role><role>{CALLER}</role><role>{NIGHT}</role>", 3) == (CALLER, NIGHT)


@pytest.mark.parametrize(
    "reply", ["", " \n", "<role></role>", "I can't help with that.", "[1, 2]", "[", "{}", "1. Sorry."]
)
def test_what_holds_no_role_gives_none(reply: str) -> None:
    assert roles_in(reply, 3) == ()


def test_one_role_may_stand_by_itself() -> None:
    assert roles_in(f"The viewpoint:\n\n{CALLER}", 1) == (CALLER,)


def test_a_role_keeps_what_looks_like_a_mark_and_is_none() -> None:
    assert roles_in("<role>Look at **kwargs and __init__ - and 3 * 4.</role>", 1) == (
        "Look at **kwargs and __init__ - and 3 * 4.",
    )


def test_a_list_within_a_role_stays_within_it() -> None:
    assert roles_in("<role>Look at\n1. this\n2. that\n</role>", 2) == ("Look at 1. this 2. that",)


def test_a_role_without_end_is_cut_at_a_word() -> None:
    (role,) = roles_in("<role>" + "word " * 1_000, 3)
    assert LONGEST - 5 <= len(role) <= LONGEST
    assert role.endswith("word")


@pytest.mark.parametrize("text", ["<role>" * 100_000, "[" * 300_000, "1. " * 100_000, "\n- " * 100_000, "> " * 150_000])
def test_a_long_reply_is_read_in_its_length(text: str) -> None:
    roles_in(text, 8)
