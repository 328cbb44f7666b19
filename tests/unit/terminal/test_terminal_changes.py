"""Coding, applying, rejecting and undoing, from the arguments to the file, against a scripted server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.terminal.scripted_program import Program, change_of, file_of, hunk, round_of, text_edit, turn


def narrow(folder: Path) -> tuple[Path, dict[str, object]]:
    """A file with two lines, and a change of both by two hunks."""
    path = folder / "a.py"
    path.write_text("one\ntwo\n")
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-one\n-two\n+1\n+2\n"
    return path, change_of(file_of(path, hunk("h1", 0, "1\n"), hunk("h2", 1, "2\n")), diff=diff)


def applying(path: Path, *hunks: dict[str, object]) -> list[dict[str, object]]:
    """The steps of an apply that has those hunks written."""
    document = {"textDocument": {"uri": path.as_uri(), "version": None}, "edits": [text_edit(one) for one in hunks]}
    return [{"ask": ["workspace/applyEdit", {"edit": {"documentChanges": [document]}}]}]


def test_code_shows_the_diff_and_writes_nothing_where_nobody_can_say_yes(program: Program) -> None:
    path, change = narrow(program.folder)

    ran = program.run({"moa/code": [{"result": change}]}, "code", "Go ahead.")

    assert ran.code == 0
    assert "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-one\n-two\n+1\n+2\n" in ran.stdout
    assert "moa-lsp apply c1" in ran.stderr
    assert path.read_text() == "one\ntwo\n"
    assert ran.all_params("moa/apply") == []
    assert ran.params("moa/code") == {"message": "Go ahead."}


def test_a_piped_diff_can_still_be_applied(program: Program) -> None:
    diff = "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n \tkept  \n-\tgone\n\\ No newline at end of file\n"

    ran = program.run({"moa/code": [{"result": change_of(diff=diff)}]}, "code")

    assert diff in ran.stdout


def test_code_with_yes_applies(program: Program) -> None:
    path, change = narrow(program.folder)
    one, two = hunk("h1", 0, "1\n", status="applied"), hunk("h2", 1, "2\n", status="applied")
    applied = change_of(file_of(path, one, two), status="applied")
    script = {"moa/code": [{"result": change}], "moa/apply": [*applying(path, one, two), {"result": applied}]}

    ran = program.run(script, "code", "--yes")

    assert ran.code == 0
    assert path.read_text() == "1\n2\n"
    assert ran.params("moa/apply") == {"change": "c1", "hunks": ["h1", "h2"]}
    assert ran.answers() == [{"applied": True}]
    assert "applied 2 of 2 hunks  to take it back: moa-lsp undo c1" in ran.stdout


def test_a_protected_file_is_not_part_of_a_yes_for_all(program: Program) -> None:
    path, _ = narrow(program.folder)
    guarded = program.folder / ".github" / "workflows" / "ci.yml"
    one = hunk("h1", 0, "1\n")
    change = change_of(file_of(guarded, hunk("h9", 0, "evil\n")), file_of(path, one))
    applied = change_of(file_of(guarded, hunk("h9", 0, "evil\n")), file_of(path, {**one, "status": "applied"}))
    script = {"moa/code": [{"result": change}], "moa/apply": [*applying(path, one), {"result": applied}]}

    ran = program.run(script, "code", "--yes")

    assert ran.code == 1
    assert ran.all_params("moa/apply") == [{"change": "c1", "hunks": ["h1"]}]
    assert ".github/workflows/ci.yml is protected" in ran.stdout
    assert "moa-lsp apply --hunk h9 c1" in ran.stderr


def test_a_change_without_hunks_says_what_could_not_be_placed(program: Program) -> None:
    problem = {"message": "This text is nowhere in the file.", "file": "a.py", "hint": "Near line 7."}

    ran = program.run({"moa/code": [{"result": change_of(problems=[problem])}]}, "code", "--yes")

    assert ran.code == 3
    assert "! a.py: This text is nowhere in the file.\n  Near line 7.\n" in ran.stdout


def test_an_edit_that_could_not_be_written_is_told(program: Program) -> None:
    path, change = narrow(program.folder)
    failed = {**change, "problems": [{"message": "a range lies outside the text; a.py doesn't read as it should."}]}
    script = {
        "moa/code": [{"result": change}],
        "moa/apply": [*applying(path, hunk("h1", 7, "1\n")), {"result": failed}],
    }

    ran = program.run(script, "code", "--yes")

    assert ran.code == 3
    assert ran.answers() == [{"applied": False, "failureReason": "a.py: a range lies outside the text"}]
    assert "! a range lies outside the text; a.py doesn't read as it should." in ran.stdout
    assert path.read_text() == "one\ntwo\n"


def test_an_edit_that_nobody_asked_for_is_refused(program: Program) -> None:
    path, change = narrow(program.folder)
    script = {"moa/code": [*applying(path, hunk("h1", 0, "evil\n")), {"result": change}]}

    ran = program.run(script, "code")

    assert ran.answers() == [{"applied": False, "failureReason": "no edit was asked for here"}]
    assert path.read_text() == "one\ntwo\n"


def test_apply_finds_the_newest_pending_change(program: Program) -> None:
    path, change = narrow(program.folder)
    old = {**change, "id": "c0", "status": "rejected"}
    shown = {
        "rounds": [round_of(turn("alpha", change={**change, "id": "p1"}))],
        "codings": [{"change": change}, {"change": old}],
    }
    one, two = hunk("h1", 0, "1\n", status="applied"), hunk("h2", 1, "2\n", status="applied")
    script = {
        "moa/show-discussion": [{"result": shown}],
        "moa/apply": [*applying(path, one, two), {"result": change_of(file_of(path, one, two), status="applied")}],
    }

    ran = program.run(script, "apply")

    assert ran.code == 0
    assert ran.params("moa/apply") == {"change": "c1", "hunks": ["h1", "h2"]}
    assert path.read_text() == "1\n2\n"


def test_apply_takes_single_hunks(program: Program) -> None:
    path, _ = narrow(program.folder)
    two = hunk("h2", 1, "2\n", status="applied")
    after = change_of(file_of(path, hunk("h1", 0, "1\n"), two), status="partly-applied")
    script = {"moa/apply": [*applying(path, two), {"result": after}]}

    ran = program.run(script, "apply", "--hunk", "h2", "c1")

    assert ran.code == 0
    assert ran.params("moa/apply") == {"change": "c1", "hunks": ["h2"]}
    assert path.read_text() == "one\n2\n"


@pytest.mark.parametrize("command", ["apply", "reject", "undo"])
def test_without_a_change_there_is_nothing_to_do(program: Program, command: str) -> None:
    ran = program.run({"moa/show-discussion": [{"result": {"rounds": []}}]}, command)

    assert ran.code == 3
    assert "No change in this discussion" in ran.stderr


def test_undo_says_whether_it_worked(program: Program) -> None:
    path, _ = narrow(program.folder)
    left = change_of(file_of(path, hunk("h1", 0, "1\n", status="applied")), status="applied")
    gone = change_of(file_of(path, hunk("h1", 0, "1\n")))

    worked = program.run({"moa/undo": [*applying(path, hunk("h1", 0, "0\n")), {"result": gone}]}, "undo", "c1")
    assert (worked.code, path.read_text()) == (0, "0\ntwo\n")
    assert program.run({"moa/undo": [{"result": left}]}, "undo", "c1").code == 3


def test_json_of_code_is_the_change_as_it_then_stands(program: Program) -> None:
    path, change = narrow(program.folder)
    one, two = hunk("h1", 0, "1\n", status="applied"), hunk("h2", 1, "2\n", status="applied")
    applied = change_of(file_of(path, one, two), status="applied")
    script = {"moa/code": [{"result": change}], "moa/apply": [*applying(path, one, two), {"result": applied}]}

    assert json.loads(program.run(script, "code", "--json").stdout) == change
    assert json.loads(program.run(script, "code", "--json", "--yes").stdout) == applied
