"""Questions to the user: what is asked, and what may be answered, however it is written down."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.questions import LONGEST_CHOICE, MOST_CHOICES, MOST_QUESTIONS, read_questions
from moa_lsp.discussion.values import Question
from tests.unit.discussion.texts import replies, tag_soup


def read(reply: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.choices) for one in read_questions(reply)]


def test_a_question_as_it_is_asked_for() -> None:
    asked = "<question>\nShould the old name stay?\n- Yes, as an alias\n- No\n</question>"
    reply = f"Why so.\n\n<proposal>\n1. x\n</proposal>\n\n{asked}\n"
    assert read_questions(reply) == (Question(1, "Should the old name stay?", ("Yes, as an alias", "No")),)


@pytest.mark.parametrize(
    ("inside", "asked", "choices"),
    [
        ("Should it stay?", "Should it stay?", ()),
        ("Should it stay?\n\n1. Yes\n2) No", "Should it stay?", ("Yes", "No")),
        ("Should it stay?\n(a) Yes\n(b) No", "Should it stay?", ("Yes", "No")),
        ("Should it stay?\nA. Yes\nB. No", "Should it stay?", ("Yes", "No")),
        ("Should it stay?\n- [ ] Yes\n- [x] No", "Should it stay?", ("Yes", "No")),
        ("Should it stay?\n- Option A: Yes\n- **Option B:** No", "Should it stay?", ("Yes", "No")),
        ("Should it stay?\n\n**Options:**\n* **Yes**, as ever\n* No", "Should it stay?", ("Yes, as ever", "No")),
        ("Should it stay?\n<choice>Yes</choice>\n<choice>No</choice>", "Should it stay?", ("Yes", "No")),
        ("Stay?\n<choices>\n<choice>Yes</choice>\n<choice>No</choice>\n</choices>", "Stay?", ("Yes", "No")),
        ("**Question:** Should it stay?\n- Yes, as\n  ever\n- No", "Should it stay?", ("Yes, as ever", "No")),
        ("- Should it stay?\n- Yes\n- No", "Should it stay?", ("Yes", "No")),
        ("Two callers use it:\n- a\n- b\n\nShould it stay?", "Two callers use it:\n- a\n- b\n\nShould it stay?", ()),
        ("Callers:\n- a\n- b\nShould it stay?\n- Yes\n- No", "Callers:\n- a\n- b\nShould it stay?", ("Yes", "No")),
        ("Should this stay?\n```\n- x\n```\n- Yes\n- No", "Should this stay?\n```\n- x\n```", ("Yes", "No")),
        ("Should it stay?\n- Yes\n- Yes\n-  \n- No", "Should it stay?", ("Yes", "No")),
    ],
)  # fmt: skip
def test_how_a_question_and_its_choices_are_written(inside: str, asked: str, choices: tuple[str, ...]) -> None:
    assert read(f"<question>\n{inside}\n</question>") == [(asked, choices)]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("<question>Should it stay?</question>", [("Should it stay?", ())]),
        ("<QUESTION id='1'>\nShould it stay?\n</ Question>", [("Should it stay?", ())]),
        ("<question>\nA?\n</question>\n<question>\nB?\n</question>", [("A?", ()), ("B?", ())]),
        ("<questions>\n<question>A?</question>\n<question>B?</question>\n</questions>", [("A?", ()), ("B?", ())]),
        ("<questions>\n1. A?\n   - yes\n   - no\n2. B?\n</questions>", [("A?", ("yes", "no")), ("B?", ())]),
        ("<question>\nA?\n</question>\n<question>\nA?\n</question>", [("A?", ())]),
        ("<question>\nA?\n- yes\n- no\n\nI would go on with yes.", [("A?", ("yes", "no"))]),
        ("<question>\nA?\n\n- yes\n- no\n<proposal>\n1. x\n</proposal>", [("A?", ("yes", "no"))]),
        ("<question>\nA?\n<stances>\n- support ALPHA\n</stances>", [("A?", ())]),
        ("```\n<question>\nA?\n- yes\n</question>\n```", [("A?", ("yes",))]),
        ("<proposal>\n1. x\n<question>\nA?\n</question>\n</proposal>", [("A?", ())]),
        ("<proposal>\n<question>\nA?\n</question>\n</proposal>\n<question>\nB?\n</question>", [("B?", ())]),
        ("Then <question> I ask", []),
        ("> <question>\n> A?\n> </question>", []),
        ("```\nx\n<question>\nA?\n</question>\n```", []),
        ("<\\question>\nA?\n<\\/question>", []),
        ("<question>\n\n</question>", []),
        ("Question: A?\n- yes\n- no", []),
    ],
)
def test_where_questions_count(reply: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert read(reply) == found


def test_so_many_count_and_no_more() -> None:
    block = "\n".join(f"<question>\nQuestion {number}?\n</question>" for number in range(20))
    assert [one.number for one in read_questions(block)] == list(range(1, MOST_QUESTIONS + 1))
    (question,) = read_questions("<question>\nA?\n" + "".join(f"- {number} {'w ' * 300}\n" for number in range(20)))
    assert len(question.choices) == MOST_CHOICES
    assert all(len(choice) <= LONGEST_CHOICE + 1 for choice in question.choices)


@given(st.text() | tag_soup | replies)
def test_without_its_tag_no_text_holds_any(text: str) -> None:
    if "question" not in text.lower():
        assert read_questions(text) == ()


_PIECES = st.sampled_from(
    ["<question>", "</question>", "<questions>", "\n", "\n- ", "\n  - ", "\n1. ", "A?", "yes", "**", "```\n"]
)


@given(st.lists(_PIECES | st.text(max_size=3), max_size=25).map("".join))
def test_nothing_raises_and_every_question_asks_something(text: str) -> None:
    questions = read_questions(f"<question>{text}")
    assert [one.number for one in questions] == list(range(1, len(questions) + 1))
    assert all(one.text.strip() and one.answer is None for one in questions)
    assert all(choice.strip() and "\n" not in choice for one in questions for choice in one.choices)


@pytest.mark.parametrize("unit", [" ", "- ", "\n- ", "\n  - ", "**", "choices ", "option a", "<choice>", "\n", "`"])
def test_a_long_run_takes_no_longer_than_other_text(unit: str) -> None:
    reply = f"<question>\nA?\n{unit * (200_000 // len(unit))}!\n</question>"
    began = time.perf_counter()
    read_questions(reply)
    assert time.perf_counter() - began < 5
