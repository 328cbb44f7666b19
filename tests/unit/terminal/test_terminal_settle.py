"""Settling what architects differ about from the terminal: which hunks are meant by what is typed, and what is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.terminal.regions import all_stands, contested, disagreement, region, way
from tests.unit.terminal.scripted_program import Program, change_of, file_of, hunk, round_of, turn, usage

Json = dict[str, Any]


PLAN: Json = {"discussion": "d1", "steps": [], "edited": False, "free": True, "markdown": ""}


@pytest.mark.parametrize(
    ("arguments", "hunks"),
    [
        (("take", "alpha"), ["h1"]),
        (("take", "BRAVO"), ["h2", "h3"]),
        (("take", "charlie"), ["h2", "h3"]),
        (("take", "alpha", "api.py"), ["h1"]),
        (("take", "alpha", "api.py:13"), ["h1"]),
        (("take", "alpha", "api.py:14-20"), ["h1"]),
        (("take", "bravo", "a/errors.py:1"), ["h4"]),
        (("take", "charlie", "api.py:30"), ["h5"]),
        (("take", "--hunk", "h5", "--hunk", "h4"), ["h5", "h4"]),
        (("leave", "api.py:12"), ["h1", "h2", "h3"]),
        (("leave", "api.py"), ["h1", "h2", "h3"]),
        (("leave", "api.py:30"), ["h5"]),
    ],
)
def test_a_name_and_a_place_mean_hunks(program: Program, arguments: Sequence[str], hunks: list[str]) -> None:
    command = f"moa/{arguments[0]}"
    after = disagreement()
    script = {
        "moa/disagreement": [{"result": all_stands(program.folder)}],
        command: [{"result": after}],
        "moa/plan": [{"result": PLAN}],
    }

    ran = program.run(script, *arguments)

    assert (ran.code, ran.params(command)) == (0, {"hunks": hunks})


def test_a_place_is_found_from_another_folder(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    (program.folder / "a").mkdir()
    monkeypatch.chdir(program.folder / "a")
    script = {
        "moa/disagreement": [{"result": all_stands(program.folder)}],
        "moa/take": [{"result": disagreement()}],
        "moa/plan": [{"result": PLAN}],
    }

    ran = program.run(script, "take", "alpha", "errors.py", "--folder", str(program.folder))

    assert ran.params("moa/take") == {"hunks": ["h4"]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("take",), 2, "Say whose edit is to be taken"),
        (("take", "alpha", "--hunk", "h1"), 2, "not both"),
        (("take", "zulu"), 2, "There are: alpha, bravo, charlie."),
        (("take", "alpha", "api.py:1"), 3, "At api.py:1 there is nothing that alpha proposes or supports."),
        (("leave",), 2, "Say where"),
        (("leave", "b.py"), 3, "There is: a/errors.py:1 (agreed), api.py:12-14 (contested)"),
        (("reopen", "api.py", "--hunk", "h1"), 2, "Say where"),
        (("compose", "zulu"), 2, "zulu is no architect here"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_settled(
    program: Program, arguments: Sequence[str], code: int, said: str
) -> None:
    ran = program.run({"moa/disagreement": [{"result": all_stands(program.folder)}]}, *arguments)

    assert ran.code == code
    assert said in ran.stderr
    assert {message.get("method") for message in ran.received} <= {
        "initialize",
        "initialized",
        "moa/disagreement",
        "shutdown",
        "exit",
    }


def test_what_became_of_it_is_shown(program: Program) -> None:
    taken = region(program.folder / "api.py", (11, 14), "settled", way(["alpha"], ["h1"], settled="taken"))
    script = {
        "moa/disagreement": [{"result": disagreement(contested(program.folder))}],
        "moa/take": [{"result": disagreement(taken)}],
        "moa/plan": [{"result": PLAN}],
    }

    ran = program.run(script, "take", "alpha")

    assert ran.stdout == "◈ api.py:12-14  ALPHA's is taken: delete 1 line\n◈ 1 settled\n"
    assert "without a model" in ran.stderr


def test_leaving_tells_the_reason_and_says_so(program: Program) -> None:
    script = {
        "moa/disagreement": [{"result": disagreement(contested(program.folder))}],
        "moa/leave": [{"result": disagreement()}],
        "moa/plan": [{"result": {**PLAN, "free": False}}],
    }

    ran = program.run(script, "leave", "api.py:12", "--reason", "not now")

    assert ran.params("moa/leave") == {"hunks": ["h1", "h2", "h3"], "reason": "not now"}
    assert ran.stdout.splitlines()[0] == "◈ api.py:12-14  left as it is"


def test_what_was_decided_against_is_found_with_what_was_said(program: Program) -> None:
    lost = {**hunk("h2", 11, "x\n", status="rejected"), "settled": "against"}
    change = change_of(file_of(program.folder / "api.py", lost, hunk("h9", 12, "y\n")))
    discussion = {"id": "d1", "rounds": [round_of(turn("bravo", change=change))], "codings": []}
    script = {
        "moa/disagreement": [{"result": disagreement()}],
        "moa/show-discussion": [{"result": discussion}],
        "moa/reopen": [{"result": disagreement(contested(program.folder))}],
    }

    ran = program.run(script, "reopen", "api.py:12")

    assert ran.params("moa/reopen") == {"hunks": ["h2"]}
    assert ran.stdout.startswith("◆ api.py:12-14  ALPHA: ")
    assert program.run(script, "reopen", "api.py:13").code == 3


# --- composed


@pytest.mark.parametrize(
    ("arguments", "hunks"),
    [
        ((), ["h6"]),
        (("bravo",), ["h4", "h2", "h3"]),
        (("c5", "alpha"), ["h5", "h4", "h1", "h6"]),
        (("--hunk", "h5"), ["h6", "h5"]),
    ],
)
def test_a_change_is_composed_of_names_changes_and_hunks(
    program: Program, arguments: Sequence[str], hunks: list[str]
) -> None:
    made = change_of(file_of(program.folder / "api.py", hunk("h8", 0, "x\n")), diff="@@ -1 +1 @@\n-one\n+x\n")
    script = {"moa/disagreement": [{"result": all_stands(program.folder)}], "moa/compose": [{"result": made}]}

    ran = program.run(script, "compose", "--title", "Mine", *arguments)

    assert ran.params("moa/compose") == {"hunks": hunks, "title": "Mine"}
    assert "+x\n" in ran.stdout
    assert "nothing was written; to apply it: moa-lsp apply c1" in ran.stderr


def test_every_pair_that_cannot_stand_together_is_named(program: Program) -> None:
    data = {"conflicts": [{"hunks": ["h1", "h2"], "reason": "Both change line 12."}]}
    script = {
        "moa/disagreement": [{"result": all_stands(program.folder)}],
        "moa/compose": [{"error": [-32803, "These contradict each other.", data]}],
    }

    ran = program.run(script, "compose", "alpha", "bravo")
    assert ran.code == 3
    told = "! ALPHA's of api.py:12-14 (h1) and BRAVO's of api.py:12-14 (h2): Both change line 12."
    assert ran.stderr.splitlines()[1:] == [told]

    as_json = program.run(script, "compose", "alpha", "bravo", "--json")
    assert json.loads(as_json.stdout)["error"]["data"] == data


def test_a_code_that_asked_nobody_says_so(program: Program) -> None:
    coding = {**turn("editor", "- alpha: api.py, line 12"), "model": "", "usage": usage(0.0), "composed": True}
    made = change_of(file_of(program.folder / "api.py", hunk("h8", 0, "x\n")), diff="")
    told = [
        {"event": {"kind": "codeStarted", "discussion": "d1", "message": "", "model": ""}},
        {"event": {"kind": "codeFinished", "discussion": "d1", "coding": coding}},
    ]

    ran = program.run({"moa/code": [*told, {"result": made}]}, "code")

    assert ran.stdout.splitlines()[1:4] == [
        "● composed",
        "  - alpha: api.py, line 12",
        "  put together without a model · 0 ¢",
    ]
