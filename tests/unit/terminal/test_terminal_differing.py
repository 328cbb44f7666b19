"""Where the architects differ, as the terminal shows it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from moa_lsp.terminal.differing import Differing, view_line
from moa_lsp.terminal.files import Folder
from moa_lsp.terminal.review import Review
from moa_lsp.terminal.screen import Screen
from tests.unit.terminal.regions import all_stands, contested, disagreement, region, view, way
from tests.unit.terminal.scripted_program import (
    Program,
    change_of,
    events,
    file_of,
    hunk,
    round_of,
    turn,
    usage,
)

Json = dict[str, Any]


class Paper(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def on_terminal(folder: Path, value: Json, columns: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Differing, Paper]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    paper = Paper(tty=True)
    return Differing(Screen(stdout=paper, stderr=paper, color=False), Folder(folder), value), paper


# --- shown


def test_a_round_ends_with_what_is_contested(program: Program) -> None:
    round = round_of(turn("alpha", "One."))
    found = all_stands(program.folder)
    script = {"moa/discuss": [*events(round["turns"]), {"result": round}], "moa/disagreement": [{"result": found}]}

    ran = program.run(script, "discuss", "Why?")

    assert ran.stdout.partition("round 1")[2].splitlines()[2:] == [
        "◆ api.py:12-14  ALPHA: replace 3 lines by 1 line: return None | BRAVO: replace 3 lines by 2 lines: try:",
        "    ! BRAVO objects to ALPHA's: it hides KeyError",
        "    ~ ALPHA amends BRAVO's: keep the name",
        "◆ 1 contested · ≡ 1 agreed · ◇ 1 alone · ◈ 1 settled",
    ]
    assert "to settle one: moa-lsp take alpha api.py:12-14\n" in ran.stderr
    assert ran.params("moa/disagreement") == {"discussion": "d1"}


def test_where_nobody_differs_a_round_ends_as_it_did(program: Program) -> None:
    round = round_of(turn("alpha", "One."))
    found = disagreement(region(program.folder / "api.py", (1, 2), "alone", way(["alpha"], ["h1"])))
    script = {"moa/discuss": [*events(round["turns"]), {"result": round}], "moa/disagreement": [{"result": found}]}

    ran = program.run(script, "discuss", "Why?")

    assert ran.stdout.splitlines()[-1].startswith("round 1")


def test_the_result_of_a_round_is_all_that_json_gives(program: Program) -> None:
    round = round_of(turn("alpha", "One."))

    ran = program.run({"moa/discuss": [{"result": round}]}, "discuss", "Why?", "--json")

    assert json.loads(ran.stdout) == round
    assert ran.all_params("moa/disagreement") == []


def test_the_matrix_says_who_stands_where(program: Program) -> None:
    ran = program.run({"moa/disagreement": [{"result": all_stands(program.folder)}]}, "disagreement")

    head, *lines = ran.stdout.splitlines()
    assert head.split() == ["ALPHA", "BRAVO", "CHARLIE"]
    rows = {line.split("  ")[0]: line for line in lines[:4]}
    assert list(rows) == ["≡ a/errors.py:1", "◆ api.py:12-14", "◇ api.py:30", "◈ api.py:40"]
    at = [head.index(name) for name in ("ALPHA", "BRAVO", "CHARLIE")]
    cells = {key: [line[one : one + 7].strip() for one in at] for key, line in rows.items()}
    assert cells == {
        "≡ a/errors.py:1": ["●", "●", "·"],
        "◆ api.py:12-14": ["●1 ~2", "●2 !1", "+2"],
        "◇ api.py:30": ["·", "·", "●"],
        "◈ api.py:40": ["●", "·", "·"],
    }
    assert rows["◈ api.py:40"].endswith("  ALPHA's is taken: insert 1 line: x")
    assert ran.stdout.split("\n\n")[1].splitlines()[:-1] == [
        "◆ api.py:12-14",
        "  1. ALPHA: replace 3 lines by 1 line: return None",
        "     │ return None",
        "     ! BRAVO objects: it hides KeyError",
        "  2. BRAVO: replace 3 lines by 2 lines: try:",
        "     callers know",
        "     + CHARLIE supports",
        "     ~ ALPHA amends: keep the name",
    ]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), ["h4", "h1", "h5", "h6"]),
        (("--only-contested",), ["h1"]),
        (("--architect", "CHARLIE"), ["h1", "h5"]),
        (("--architect", "bravo", "--only-contested"), ["h1"]),
    ],
)
def test_filters_hold_for_json_too(program: Program, arguments: Sequence[str], ids: list[str]) -> None:
    value = all_stands(program.folder)

    ran = program.run({"moa/disagreement": [{"result": value}]}, "disagreement", "--json", *arguments)

    shown = json.loads(ran.stdout)
    assert [one["id"] for one in shown["regions"]] == ids
    assert shown["counts"] == value["counts"]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_row_is_broken_by_the_terminal(folder: Path, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    differing, paper = on_terminal(folder, all_stands(folder), columns, monkeypatch)

    differing.matrix([one for one in differing.regions if one["stand"] != "contested"])

    lines = paper.getvalue().splitlines()
    assert all(cell_len(line) <= columns for line in lines)
    assert "errors.py:1" in lines[1]


def test_what_does_not_fit_in_a_line_gets_one_for_each_alternative(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    differing, paper = on_terminal(folder, disagreement(contested(folder)), 60, monkeypatch)

    differing.after_round(hints=False)

    assert paper.getvalue().splitlines()[1:4] == [
        "◆ api.py:12-14",
        "    ALPHA: replace 3 lines by 1 line: return None",
        "    BRAVO: replace 3 lines by 2 lines: try:",
    ]


def test_what_models_wrote_gives_no_orders_to_the_terminal(program: Program) -> None:
    said = view("bravo", "object", 0, "\x1b[2Jno \u202e evil")
    value = disagreement(region(program.folder / "a.py", (0, 1), "contested", way(["alpha"], ["h1"]), views=[said]))

    ran = program.run({"moa/disagreement": [{"result": value}]}, "disagreement")

    assert "\x1b" not in ran.stdout
    assert "\u202e" not in ran.stdout
    assert "[2Jno <U+202E> evil" in ran.stdout


@pytest.mark.parametrize(
    ("kind", "about", "told"),
    [
        ("support", "", "  + BRAVO supports: why not"),
        ("amend", "ALPHA's", "  ~ BRAVO amends ALPHA's: why not"),
        ("object", "ALPHA's", "  ! BRAVO objects to ALPHA's: why not"),
    ],
)
def test_a_view_is_a_sign_and_a_verb(kind: str, about: str, told: str) -> None:
    assert view_line(view("bravo", kind, reason="why not"), about)[0][0] == told


# --- beside a reply


def with_stand(*hunks: Mapping[str, Any]) -> list[Json]:
    return [{**one, "stand": stand} for one, stand in zip(hunks, ("contested", "alone"), strict=True)]


def test_a_turn_says_how_its_edits_stand_and_what_it_gave_up(program: Program) -> None:
    path = program.folder / "api.py"
    first = change_of(file_of(path, *with_stand(hunk("h1", 11, "x\n"), hunk("h2", 40, "y\n"))))
    gave = {"to": "bravo", "change": "c1", "hunks": ["h1"]}
    rounds = [
        round_of(turn("alpha", "One.", change=first)),
        round_of(turn("alpha", "As bravo says.", gaveUp=[gave]), number=2),
    ]
    decisions = [
        {"number": 1, "afterRound": 1, "kind": "taken", "text": "alpha's is taken."},
        {"number": 2, "afterRound": 2, "kind": "reopened", "text": "Open again."},
    ]
    shown: Json = {"id": "d1", "title": "T", "architects": [], "usage": usage(), "rounds": rounds}

    ran = program.run({"moa/show-discussion": [{"result": {**shown, "decisions": decisions}}]}, "show")

    lines = ran.stdout.splitlines()
    assert "  edits to api.py: pending · ◆ 1 contested · ◇ 1 alone  c1" in lines
    assert "  note: gave up its edit of api.py:12 for BRAVO's" in lines
    assert lines.index("◈ alpha's is taken.") < lines.index("  As bravo says.") < lines.index("  Open again.")


def test_applying_what_is_contested_says_that_it_decides(program: Program) -> None:
    path = program.folder / "api.py"
    pending = change_of(file_of(path, *with_stand(hunk("h1", 11, "x\n"), hunk("h2", 40, "y\n"))))
    shown: Json = {"id": "d1", "rounds": [round_of(turn("alpha", change=pending))]}
    script = {
        "moa/show-discussion": [{"result": shown}],
        "moa/apply": [{"result": change_of(file_of(path, hunk("h2", 40, "y\n", status="applied")))}],
    }

    assert "decided by this: api.py:12\n" in program.run(script, "apply").stderr
    assert "decided" not in program.run(script, "apply", "--hunk", "h2").stderr


@pytest.mark.parametrize("of_its_own", [True, False])
def test_whoever_chooses_sees_how_each_hunk_stands(folder: Path, of_its_own: bool) -> None:
    """A hunk of a proposal knows it itself; one of the editor model's is looked up by what it does."""
    path = folder / "api.py"
    path.write_text("one\ntwo\n")
    said = view("bravo", "object", 0, "why")
    mine, other = hunk("h1", 0, "1\n"), hunk("h2", 1, "2\n")
    found = disagreement()
    if of_its_own:
        mine |= {"stand": "contested", "views": [said]}
    else:
        one = way(["alpha"], ["h7"], newText="1\n", supporters=["charlie"])
        found = disagreement(region(path, (0, 1), "contested", one, views=[said]))
    paper = io.StringIO()
    screen = Screen(stdout=paper, stderr=paper)
    answers = iter(["c", "y", "n"])
    differing = Differing(screen, Folder(folder), found)

    review = Review(screen, Folder(folder), change_of(file_of(path, mine, other)), lambda _: next(answers), differing)

    assert review.choose(yes=False).together == ("h1",)
    supports = [] if of_its_own else ["  + CHARLIE supports"]
    assert paper.getvalue().splitlines() == [
        "",
        "◆ api.py:1  edit  by alpha",
        *supports,
        "  ! BRAVO objects: why",
        "-one",
        "+1",
        "",
        "api.py:2  edit  by alpha",
        "-two",
        "+2",
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
