"""The questions before anything is written, on a real pseudo terminal and by their answers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from moa_lsp.terminal.files import Folder
from moa_lsp.terminal.review import Chosen, Review
from moa_lsp.terminal.screen import Screen
from tests.unit.terminal.pseudo_terminal import Open, on_posix
from tests.unit.terminal.scripted_program import Program, change_of, events, file_of, hunk, round_of, text_edit, turn

Json = dict[str, Any]


def reviewed(
    folder: Path, change: Json, answers: Sequence[str | None], *, yes: bool = False
) -> tuple[Chosen, list[str], str]:
    """What was chosen with these answers, the questions that were asked, and what was shown."""
    paper = io.StringIO()
    left = iter(answers)
    asked: list[str] = []

    def ask(question: str) -> str | None:
        asked.append(question)
        return next(left)

    chosen = Review(Screen(stdout=paper, stderr=paper), Folder(folder), change, ask).choose(yes=yes)
    assert next(left, "none left") == "none left"
    return chosen, asked, paper.getvalue()


@pytest.fixture
def change(tmp_path: Path) -> Json:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\nthree")
    last = hunk("h3", 2, "3\n")
    last["range"]["end"] = {"line": 2, "character": 5}
    gone = hunk("h0", 0, "", status="rejected")
    return change_of(
        file_of(tmp_path / "a.py", gone, hunk("h1", 0, "1\n"), last),
        file_of(tmp_path / "new.py", hunk("h4", 0, "x\ny\n", lines=0), kind="create"),
    )


@pytest.mark.parametrize("answer", ["n", "no", "", "maybe", None])
def test_only_a_yes_is_a_yes(tmp_path: Path, change: Json, answer: str | None) -> None:
    chosen, asked, _ = reviewed(tmp_path, change, [answer])

    assert chosen.batches == ()
    assert asked == ["\nApply these 3 hunks? [y]es, [n]o, [c]hoose: "]


def test_a_yes_is_for_all_pending_hunks(tmp_path: Path, change: Json) -> None:
    assert reviewed(tmp_path, change, ["y"])[0].batches == (("h1", "h3", "h4"),)
    assert reviewed(tmp_path, change, [], yes=True)[0].batches == (("h1", "h3", "h4"),)


def test_hunks_are_chosen_one_by_one(tmp_path: Path, change: Json) -> None:
    chosen, asked, shown = reviewed(tmp_path, change, ["c", "y", "n", "yes"])

    assert chosen.batches == (("h1", "h4"),)
    assert len(asked) == 4
    assert shown == (
        "\na.py:1  edit  by alpha\n-one\n+1\n"
        "\na.py:3  edit  by alpha\n-three\n+3\n"
        "\nnew.py:1  create  by alpha\n+x\n+y\n"
    )


@pytest.mark.parametrize("answers", [["c", "y", "q"], ["c", "y", None]])
def test_quitting_keeps_what_was_chosen(tmp_path: Path, change: Json, answers: list[str | None]) -> None:
    assert reviewed(tmp_path, change, answers)[0].batches == (("h1",),)


@pytest.mark.parametrize(
    ("yes", "answers", "batches"),
    [
        (False, ["y", "y"], (("h1",), ("h8", "h9"))),
        (False, ["y", "n"], (("h1",),)),
        (False, ["n", "y"], (("h8", "h9"),)),
        (True, ["y"], (("h1",), ("h8", "h9"))),
        (True, [None], (("h1",),)),
    ],
)
def test_a_protected_file_asks_for_itself(
    tmp_path: Path, yes: bool, answers: list[str | None], batches: tuple[tuple[str, ...], ...]
) -> None:
    (tmp_path / "a.py").write_text("one\n")
    guarded = file_of(tmp_path / ".git" / "hooks" / "pre-commit", hunk("h8", 0, "a\n"), hunk("h9", 1, "b\n"))
    change = change_of(guarded, file_of(tmp_path / "a.py", hunk("h1", 0, "1\n")))

    assert reviewed(tmp_path, change, answers, yes=yes)[0].batches == batches


@pytest.mark.parametrize(
    ("kind", "name", "asks"), [("delete", None, 1), ("rename", ".envrc", 1), ("rename", "b.py", 0)]
)
def test_a_deletion_and_a_delicate_new_name_ask_for_themselves(
    tmp_path: Path, kind: str, name: str | None, asks: int
) -> None:
    (tmp_path / "a.py").write_text("one\n")
    file = file_of(tmp_path / "a.py", hunk("h1", 0, "", lines=1 if kind == "delete" else 0), kind=kind)
    if name:
        file["newUri"] = (tmp_path / name).as_uri()

    chosen, asked, shown = reviewed(tmp_path, change_of(file), ["n"] * asks, yes=True)

    assert (len(asked), chosen.batches) == (asks, () if asks else (("h1",),))
    assert ("deleted" in shown, ".envrc is protected" in shown) == (kind == "delete", name == ".envrc")


def test_a_renaming_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    file = {
        **file_of(tmp_path / "a.py", hunk("h1", 0, "", lines=0), kind="rename"),
        "newUri": (tmp_path / "b.py").as_uri(),
    }

    chosen, _, shown = reviewed(tmp_path, change_of(file), ["c", "y"])

    assert chosen.together == ("h1",)
    assert "rename to b.py" in shown


def test_a_file_outside_is_shown_without_being_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret\n")
    folder = tmp_path / "workspace"
    folder.mkdir()
    change = change_of(file_of(tmp_path / "secret.txt", hunk("h1", 0, "x\n")))

    _, _, shown = reviewed(folder, change, ["c", "n"])

    assert "secret\n" not in shown.replace("secret.txt", "")


# --- on a pseudo terminal


def applying(path: Path, applied: Json) -> dict[str, Any]:
    change = change_of(file_of(path, hunk("h1", 0, "1\n")), diff="@@ -1 +1 @@\n-one\n+1\n")
    document = {"textDocument": {"uri": path.as_uri(), "version": None}, "edits": [text_edit(hunk("h1", 0, "1\n"))]}
    edit = {"ask": ["workspace/applyEdit", {"edit": {"documentChanges": [document]}}]}
    return {"moa/code": [{"result": change}], "moa/apply": [edit, {"result": applied}]}


@on_posix
@pytest.mark.timeout(60)
def test_yes_on_a_terminal_writes(program: Program, terminal: Open) -> None:
    path = program.folder / "a.py"
    path.write_text("one\n")
    applied = change_of(file_of(path, hunk("h1", 0, "1\n", status="applied")), status="applied")

    shown = terminal(applying(path, applied), "code")
    shown.until("Apply this hunk? [y]es, [n]o, [c]hoose: ")
    assert "\x1b[31m-one\x1b[0m" in shown.screen
    assert path.read_text() == "one\n"
    shown.type("y\n")

    assert shown.end() == 0
    assert path.read_text() == "1\n"


@on_posix
@pytest.mark.timeout(60)
@pytest.mark.parametrize(("keys", "code"), [("n\n", 0), ("\x04", 0), ("\x03", 130)])
def test_no_the_end_and_ctrl_c_write_nothing(program: Program, terminal: Open, keys: str, code: int) -> None:
    path = program.folder / "a.py"
    path.write_text("one\n")

    shown = terminal(applying(path, {}), "code")
    shown.until("hoose: ")
    shown.type(keys)

    assert shown.end() == code
    assert path.read_text() == "one\n"


def restoring() -> dict[str, Any]:
    """A restore at which the server asks, and goes on only once it was answered."""
    actions = [{"title": "Restore"}, {"title": "Keep"}]
    question = {"type": 2, "message": "moa: a.py was edited since\x1b[2J.", "actions": actions}
    result: Json = {"checkpoint": None, "files": [], "problems": []}
    return {"moa/restore": [{"ask": ["window/showMessageRequest", question]}, {"result": result}]}


@pytest.mark.parametrize(("arguments", "answer"), [((), None), (("--yes",), {"title": "Restore"})])
def test_where_nobody_can_answer_only_yes_is_one(
    program: Program, arguments: Sequence[str], answer: Json | None
) -> None:
    ran = program.run(restoring(), "restore-checkpoint", *arguments, "k1")

    assert ran.answers() == [answer]
    assert ran.params("moa/restore") == {"checkpoint": "k1"}


@on_posix
@pytest.mark.timeout(60)
@pytest.mark.parametrize(("keys", "title"), [("y\n", "Restore"), ("\n", "Keep"), ("\x04", None), ("\x03", None)])
def test_a_question_of_the_servers_is_put(terminal: Open, keys: str, title: str | None) -> None:
    shown = terminal(restoring(), "restore-checkpoint", "k1")
    shown.until("Restore? [y]es, [n]o: ")
    assert "a.py was edited since" in shown.screen
    assert "\x1b[2J" not in shown.screen
    shown.type(keys)

    assert shown.end() == 0
    assert shown.answers() == [None if title is None else {"title": title}]


@on_posix
@pytest.mark.timeout(60)
def test_ctrl_c_on_a_terminal_reaches_the_server_as_a_cancel(terminal: Open) -> None:
    cut = turn("alpha", "Half a thought", status="cancelled")
    said = events([cut], 50)
    script = {
        "moa/discuss": [
            *said[:-1],
            {"until": "$/cancelRequest"},
            said[-1],
            {"event": {"kind": "roundFinished", "discussion": "d1", "round": round_of(cut)}},
            {"error": [-32800, "The run was cancelled."]},
        ]
    }

    shown = terminal(script, "discuss", "Why?")
    shown.until("Half a ")
    shown.type("\x03")

    assert shown.end() == 130
    assert "■ cancelled" in shown.screen
    assert "thought" in shown.screen


@on_posix
@pytest.mark.timeout(60)
def test_no_color_is_heeded(program: Program, terminal: Open) -> None:
    path = program.folder / "a.py"
    path.write_text("one\n")

    shown = terminal(applying(path, {}), "code", "--no-color")
    shown.until("hoose: ")
    shown.type("n\n")

    assert shown.end() == 0
    assert not re.search(r"\x1b\[[0-9;]*m", shown.screen)
