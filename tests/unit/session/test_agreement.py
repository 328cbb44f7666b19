"""When several changes are the same edits."""

from __future__ import annotations

from attrs import evolve

from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
from moa_lsp.session.agreement import same_edits


def change(*hunks: Hunk, path: str = "a.py", problems: tuple[Problem, ...] = ()) -> Change:
    return Change("c", "d", "alpha", "A title", (FileChange(path, FileKind.EDIT, hunks=hunks),), problems)


ONE = Hunk("1", 3, 4, "old\n", "new\n", ("alpha",), blocks=(2,))
TWO = Hunk("2", 9, 9, "", "more\n", ("alpha",))


def test_the_same_edits_by_others_in_another_order_agree() -> None:
    theirs = (evolve(TWO, id="8", sources=("bravo",)), evolve(ONE, id="9", sources=("bravo",), blocks=(7,)))
    assert same_edits([change(ONE, TWO), change(*theirs), change(ONE, TWO)])


def test_other_text_another_place_another_file_or_one_edit_more_do_not() -> None:
    for other in (
        change(evolve(ONE, new="else\n")),
        change(evolve(ONE, start=4, end=5)),
        change(ONE, path="b.py"),
        change(ONE, TWO),
        None,
    ):
        assert not same_edits([change(ONE), other])


def test_no_edits_are_no_agreement() -> None:
    assert not same_edits([])
    assert not same_edits([None, None])
    assert not same_edits([change(), change()])


def test_what_could_not_be_placed_or_was_decided_about_agrees_with_nothing() -> None:
    unplaced = change(ONE, problems=(Problem("It stands nowhere.", "a.py"),))
    assert not same_edits([unplaced, unplaced])
    applied = change(evolve(ONE, status=HunkStatus.APPLIED))
    assert not same_edits([applied, applied])
