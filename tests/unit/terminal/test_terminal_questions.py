"""What the architects ask the user: put on a terminal, told in a pipe, answered by a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.terminal.pseudo_terminal import Open, on_posix
from tests.unit.terminal.scripted_program import Program, events, round_of, turn

Json = dict[str, Any]


def asking(architect: str, number: int, *questions: Json) -> Json:
    return turn(architect, "I can't know.", number=number, questions=list(questions))


def question(number: int, text: str, *choices: str, answer: str | None = None) -> Json:
    return {"number": number, "text": text, "choices": list(choices), "answer": answer}


def asked() -> Json:
    """A round with three open questions and one that is answered."""
    return round_of(
        asking("alpha", 1, question(1, "Keep the old name?", "Yes, as an alias", "No")),
        asking(
            "bravo", 2, question(1, "Python 3.8?", answer="No"), question(2, "Which log?"), question(3, "Now?", "Yes")
        ),
    )


def discussion(*rounds: Json) -> Json:
    return {"id": "d1", "title": "T", "architects": [], "rounds": list(rounds)}


def told(round: Json) -> dict[str, Any]:
    return {
        "moa/discuss": [*events(round["turns"], 50), {"result": round}],
        "moa/answer-question": [{"result": discussion(round)}],
    }


@on_posix
@pytest.mark.timeout(60)
def test_questions_are_put_after_the_round(terminal: Open) -> None:
    shown = terminal(told(asked()), "discuss", "Why?")
    shown.until("Your answer (1-2, or your own words; Enter leaves it open): ")
    assert "1) Yes, as an alias" in shown.screen
    shown.type("2\n")
    shown.until("Which log?")
    shown.until("Your answer (your own words")
    shown.type("The usual One\n")
    shown.until("Your answer (1-1,")
    shown.type("\n")

    assert shown.end() == 0
    assert shown.params("moa/answer-question") == [
        {"discussion": "d1", "round": 1, "turn": 1, "question": 1, "answer": "No"},
        {"discussion": "d1", "round": 1, "turn": 2, "question": 2, "answer": "The usual One"},
    ]
    assert "Old Python?" not in shown.screen


@on_posix
@pytest.mark.timeout(60)
@pytest.mark.parametrize("keys", ["\x03", "\x04"])
def test_a_question_can_be_left_and_the_round_stands(terminal: Open, keys: str) -> None:
    shown = terminal(told(asked()), "discuss", "Why?")
    shown.until("Enter leaves it open): ")
    shown.type(keys)

    assert shown.end() == 0
    assert shown.params("moa/answer-question") == []


def test_in_a_pipe_a_line_says_that_there_are_questions(program: Program) -> None:
    ran = program.run(told(asked()), "discuss", "Why?")

    assert ran.code == 0
    assert "there are 3 questions to you: moa-lsp answer\n" in ran.stderr
    assert ran.all_params("moa/answer-question") == []


def test_open_questions_are_listed_in_a_pipe(program: Program) -> None:
    ran = program.run({"moa/show-discussion": [{"result": discussion(asked())}]}, "answer")

    assert ran.stdout.splitlines() == [
        "1. alpha asks: Keep the old name?",
        "  1) Yes, as an alias",
        "  2) No",
        "2. bravo asks: Which log?",
        "3. bravo asks: Now?",
        "  1) Yes",
    ]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (("1", "--question", "1"), (1, 1, "Yes, as an alias")),
        (("7", "--question", "1"), (1, 1, "7")),
        (("Yes, as an alias", "--question", "2"), (2, 2, "Yes, as an alias")),
        (("1", "--question", "3"), (2, 3, "Yes")),
    ],
)
def test_an_answer_is_a_choice_or_ones_own_words(
    program: Program, arguments: Sequence[str], sent: tuple[int, int, str]
) -> None:
    script = {**told(asked()), "moa/show-discussion": [{"result": discussion(asked())}]}

    ran = program.run(script, "answer", *arguments)

    number, which, answer = sent
    expected = {"discussion": "d1", "round": 1, "turn": number, "question": which, "answer": answer}
    assert (ran.code, ran.params("moa/answer-question")) == (0, expected)


@pytest.mark.parametrize(
    ("rounds", "arguments", "code", "said"),
    [
        ([asked()], ("No",), 2, "say which, with --question N"),
        ([asked()], ("No", "--question", "4"), 2, "There is no question 4"),
        ([], (), 3, "no open question"),
    ],
)
def test_what_is_not_asked_is_not_answered(
    program: Program, rounds: Sequence[Json], arguments: Sequence[str], code: int, said: str
) -> None:
    ran = program.run({"moa/show-discussion": [{"result": discussion(*rounds)}]}, "answer", *arguments)

    assert ran.code == code
    assert said in ran.stderr
