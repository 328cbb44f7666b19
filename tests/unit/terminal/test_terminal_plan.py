"""The plan in the terminal: shown, edited in the user's own editor, read from a file or from stdin."""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.terminal.scripted_program import Outcome, Program

Json = dict[str, Any]
MARKDOWN = "# Errors\n\n1. Let get raise *(ALPHA)*\n2. Write a test *(BRAVO)*\n"


def step(text: str, *architects: str, stand: str = "open", **others: Any) -> Json:
    return {"id": text, "text": text, "architects": list(architects), "hunks": [], "stand": stand, **others}


def plan(*steps: Json, **others: Any) -> Json:
    return {"discussion": "d1", "steps": list(steps), "edited": False, "free": False, "markdown": MARKDOWN, **others}


def edited(program: Program, monkeypatch: pytest.MonkeyPatch, python: str, script: Json) -> Outcome:
    """The program with an editor that does this to the text `t` of the file it is given."""
    editor = program.folder.parent / "editor.py"
    editor.write_text(f"import sys\np = sys.argv[-1]\nt = open(p).read()\n{python}\nopen(p, 'w').write(t)\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(editor)]))
    return program.run(script, "plan", "--edit")


def test_each_step_says_whose_it_is_and_how_it_stands(program: Program) -> None:
    steps = [
        step("One error type", "alpha", "bravo", stand="settled"),
        step("Let get raise", "alpha", stand="contested"),
        step("Sort the names", "charlie"),
        step("Drop Python 2", "charlie", stand="struck"),
        step("Write a test", added=True),
        step("Say so in the README", "bravo", edited=True),
    ]

    ran = program.run({"moa/plan": [{"result": plan(*steps, edited=True)}]}, "plan")

    assert ran.stdout.splitlines() == [
        "◈ 1. One error type  alpha, bravo · settled",
        "◆ 2. Let get raise  alpha · contested",
        "  3. Sort the names  charlie",
        "✗ 4. Drop Python 2  charlie · struck",
        "  5. Write a test  added by you",
        "  6. Say so in the README  bravo · reworded by you",
    ]
    assert "moa-lsp plan --reset" in ran.stderr
    assert "moa-lsp disagreement --only-contested" in ran.stderr


def test_a_plan_that_takes_no_model_says_so(program: Program) -> None:
    ran = program.run({"moa/plan": [{"result": plan(step("A", stand="settled"), free=True)}]}, "plan")

    assert "moa-lsp code puts it together without a model" in ran.stderr


def test_what_the_editor_leaves_is_the_plan(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    script = {"moa/plan": [{"result": plan(step("A"))}], "moa/set-plan": [{"result": plan(step("B", added=True))}]}

    ran = edited(program, monkeypatch, "t = t.replace('raise', 'give a default')", script)

    assert ran.params("moa/set-plan") == {"markdown": MARKDOWN.replace("raise", "give a default")}
    assert ran.stdout == "  1. B  added by you\n"


def test_what_is_not_changed_is_not_set(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = edited(program, monkeypatch, "", {"moa/plan": [{"result": plan(step("A"))}]})

    assert ran.code == 0
    assert "nothing was changed" in ran.stderr
    assert ran.all_params("moa/set-plan") == []


def test_what_was_written_is_kept_where_it_is_refused(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    script = {"moa/plan": [{"result": plan(step("A"))}], "moa/set-plan": [{"error": [-32602, "No such step."]}]}

    ran = edited(program, monkeypatch, "t = 'all mine'", script)

    assert ran.code == 2
    kept = Path(ran.stderr.split("is kept in ")[1].split(";")[0])
    assert kept.read_text() == "all mine"
    kept.unlink()


@pytest.mark.parametrize(("editor", "said"), [(None, "set EDITOR"), ("/nowhere/at/all", "can't be started")])
def test_without_an_editor_a_line_says_what_helps(
    program: Program, monkeypatch: pytest.MonkeyPatch, editor: str | None, said: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    if editor is None:
        monkeypatch.delenv("EDITOR", raising=False)
    else:
        monkeypatch.setenv("EDITOR", editor)

    ran = program.run({"moa/plan": [{"result": plan(step("A"))}]}, "plan", "--edit")

    assert ran.code == 2
    assert said in ran.stderr


def test_an_editor_that_gives_up_changes_nothing(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = edited(program, monkeypatch, "sys.exit(1)", {"moa/plan": [{"result": plan(step("A"))}]})

    assert ran.code == 2
    assert "the plan is as it was" in ran.stderr
    Path(ran.stderr.strip().split(" is in ")[1].removesuffix(".")).unlink()


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("--set", "mine.md"), {"markdown": "1. Mine\n"}),
        (("--set", "-"), {"markdown": "1. From stdin\n"}),
        (("--reset",), {}),
    ],
)
def test_it_is_set_from_a_file_from_stdin_and_back(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], asked: Json
) -> None:
    (program.folder / "mine.md").write_text("1. Mine\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"1. From stdin\n")))
    result = plan(step("Mine", added=True))

    ran = program.run({"moa/set-plan": [{"result": result}]}, "plan", "--json", *arguments)

    assert ran.params("moa/set-plan") == asked
    assert json.loads(ran.stdout) == result
