"""Where pending hunks stand and how they look as diagnostics and code actions, without a server."""

from __future__ import annotations

import pytest
from attrs import evolve
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus
from moa_lsp.lsp.positions import PositionCodec
from moa_lsp.lsp.review import diagnostic, diagnostics, hunk_actions, lenses, places, resolved, wanted
from moa_lsp.session.deeds import describe

LINES = split_lines("one\r\ntwo 😀\r\nthree\r\nfour")


def change(*hunks: Hunk, kind: FileKind = FileKind.EDIT, id: str = "c") -> Change:
    return Change(id, "d", "alpha", "A title", (FileChange("a.py", kind, None, hunks),))


def hunk(
    start: int,
    end: int,
    new: str = "new\n",
    status: HunkStatus = HunkStatus.PENDING,
    sources: tuple[str, ...] = ("alpha",),
) -> Hunk:
    old = "".join(LINES[start:end])
    return Hunk(id=f"h{start}-{end}", start=start, end=end, old=old, new=new, status=status, sources=sources)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [(0, 1, 0, 0), (1, 3, 1, 2), (3, 4, 3, 3), (2, 2, 1, 1), (4, 4, 3, 3), (0, 0, 0, 0)],
)
def test_a_hunk_stands_on_what_it_replaces_and_an_insertion_on_the_line_before(
    start: int, end: int, first: int, last: int
) -> None:
    (found,) = places([change(hunk(start, end))])
    assert (found.first, found.last) == (first, last)


def test_only_pending_hunks_stand_anywhere() -> None:
    settled = [hunk(at, at + 1, status=status) for at, status in enumerate(HunkStatus) if status != "pending"]
    assert places([change(*settled)]) == []


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 8), ("utf-16", 6), ("utf-32", 5)])
def test_a_diagnostic_ends_at_its_last_lines_end(encoding: str, end: int) -> None:
    (found,) = places([change(hunk(0, 2))])
    shown = diagnostic(found, LINES, PositionCodec(encoding))
    assert shown.range == types.Range(types.Position(0, 0), types.Position(1, end))
    assert (shown.source, shown.code, shown.severity) == ("moa", "c", types.DiagnosticSeverity.Information)


def test_a_line_ends_in_a_diagnostic_where_the_editor_ends_it() -> None:
    """A form feed, U+2028 and the blanks before a line's end are parts of the line."""
    lines = ["a\f\u2028b \t\r\n"]
    (found,) = places([change(Hunk("h", 0, 1, lines[0], "", sources=("alpha",)))])
    assert diagnostic(found, lines, PositionCodec("utf-16")).range.end == types.Position(0, 6)


def test_a_place_behind_the_text_is_still_one() -> None:
    (found,) = places([change(hunk(4, 4))])
    assert diagnostic(found, [], PositionCodec("utf-16")).range == types.Range(
        types.Position(3, 0), types.Position(3, 0)
    )


def test_diagnostics_are_gathered_by_file() -> None:
    fetched: list[str] = []

    def lines_of(path: str) -> list[str]:
        fetched.append(path)
        return LINES

    shown = diagnostics(places([change(hunk(0, 1)), change(hunk(1, 2), id="e")]), lines_of, PositionCodec())
    assert [one.code for one in shown["a.py"]] == ["c", "e"]
    assert fetched == ["a.py"]


def test_messages_say_who_proposes_what() -> None:
    file = FileChange("a.py")
    assert describe(file, hunk(0, 1)) == "alpha proposes to replace 1 line by 1 line: new"
    assert describe(file, hunk(0, 2, "\n  x\ny\n")) == "alpha proposes to replace 2 lines by 3 lines: x"
    assert describe(file, hunk(2, 2)) == "alpha proposes to insert 1 line: new"
    assert describe(file, hunk(0, 1, "", sources=("alpha", "bravo"))) == "alpha and bravo propose to remove 1 line"
    assert describe(FileChange("a.py", FileKind.CREATE), hunk(0, 0)) == "alpha proposes to create a.py with 1 line"
    assert describe(FileChange("a.py", FileKind.DELETE), hunk(0, 1, "")) == "alpha proposes to delete a.py"
    assert len(describe(file, hunk(0, 1, "x" * 500))) < 120
    assert describe(file, hunk(2, 2, "\n")).endswith("(blank)")


def test_a_line_with_several_changes_offers_each_of_them() -> None:
    here = places([change(hunk(0, 1), hunk(0, 0)), change(hunk(0, 1, "other\n"), id="e")])
    actions = hunk_actions(here, lambda place: diagnostic(place, LINES, PositionCodec()))
    commands = [(one.command.command, one.command.arguments) for one in actions if one.command]
    assert len(commands) == 8
    assert ("moa.apply", [{"change": "c"}]) in commands
    assert ("moa.apply", [{"change": "e"}]) in commands
    assert all(action.kind is types.CodeActionKind.QuickFix for action in actions)


def test_what_two_changes_propose_alike_is_shown_once_and_names_both() -> None:
    twin = change(hunk(0, 1, sources=("bravo",)), hunk(2, 3), id="e")
    here = places([change(hunk(0, 1)), twin])
    assert [(place.hunk.sources, place.first) for place in here] == [(("alpha", "bravo"), 0), (("alpha",), 2)]
    shown = diagnostics(here, lambda _: LINES, PositionCodec())
    assert [one.message.split(" to ")[0] for one in shown["a.py"]] == ["alpha and bravo propose", "alpha proposes"]
    actions = hunk_actions(here[:1], lambda place: diagnostic(place, LINES, PositionCodec()))
    commands = [one.command.arguments for one in actions if one.command]
    hunks = {"change": "c", "hunks": ["h0-1"]}
    assert commands == [[hunks], [hunks], [{"change": "c"}], [{"change": "e"}]]


def test_lenses_stand_above_each_hunk_and_offer_all_of_a_change_once() -> None:
    found = lenses(places([change(hunk(2, 3), hunk(0, 1)), change(hunk(3, 4, sources=("bravo",)), id="e")]))
    shown = [(lens.range.start.line, lens.command.title, lens.command.command) for lens in found if lens.command]
    assert shown == [
        (0, "Apply (alpha)", "moa.apply"),
        (0, "Reject", "moa.reject"),
        (0, "Apply all 2", "moa.apply"),
        (2, "Apply (alpha)", "moa.apply"),
        (2, "Reject", "moa.reject"),
        (3, "Apply (bravo)", "moa.apply"),
        (3, "Reject", "moa.reject"),
    ]
    assert found[2].command
    assert found[2].command.arguments == [{"change": "c", "hunks": ["h2-3", "h0-1"]}]


def test_a_renamed_files_hunks_stand_where_it_is_now() -> None:
    rename = Hunk("r", 0, 0, "", "", ("alpha",))
    file = FileChange("a.py", FileKind.RENAME, "b.py", (rename, hunk(0, 1)))
    assert [(place.path, place.first) for place in places([Change("c", "d", "alpha", "t", (file,))])] == [
        ("a.py", 0),
        ("a.py", 0),
    ]
    assert describe(file, rename) == "alpha proposes to rename a.py to b.py"
    done = evolve(file, hunks=(evolve(rename, status=HunkStatus.APPLIED), hunk(0, 1)))
    assert [place.path for place in places([Change("c", "d", "alpha", "t", (done,))])] == ["b.py"]


def test_an_action_is_switched_off_once_nothing_is_left_of_it() -> None:
    now: dict[str, Change] = {"c": change(hunk(0, 1), hunk(1, 2, status=HunkStatus.STALE))}

    def action(**argument: object) -> types.CodeAction:
        return resolved(types.CodeAction("x", data={"change": "c", **argument}), now.get)

    assert action().disabled is None
    assert action(hunks=["h0-1"]).disabled is None
    assert action(hunks=["h1-2"]).disabled
    assert action(change="gone").disabled
    now["c"] = change(hunk(0, 1, status=HunkStatus.APPLIED))
    assert action().disabled
    assert resolved(types.CodeAction("x"), now.get).disabled is None


def test_which_kinds_are_wanted() -> None:
    fix = types.CodeAction("x", kind=types.CodeActionKind.QuickFix)
    rewrite = types.CodeAction("x", kind=types.CodeActionKind.RefactorRewrite)
    assert wanted(fix, None)
    assert wanted(fix, [])
    assert wanted(rewrite, [types.CodeActionKind.Refactor])
    assert not wanted(rewrite, ["refactor.rewrite.this", "ref"])
    assert not wanted(fix, [types.CodeActionKind.Refactor])
    assert wanted(fix, [types.CodeActionKind.Empty])
