"""Which two hunks can't be parts of one change, and what people are told."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, settings

from moa_lsp.edits.differing.contradictions import contradicting, contradiction, same_edit
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.values import FileChange, FileKind, HunkStatus
from tests.unit.edits.differing.proposals import ANY_HUNKS, any_hunk, created, deleted, inserted, renamed, replaced

TOGETHER = [
    pytest.param(replaced("a", 1, 2, "x\n"), replaced("b", 1, 2, "x\n"), id="the same edit"),
    pytest.param(replaced("a", 1, 2, "x\n"), replaced("b", 2, 3, "x\n"), id="lines next to each other"),
    pytest.param(replaced("a", 1, 2, "x\n"), replaced("b", 1, 2, "x\n", path="b"), id="other files"),
    pytest.param(inserted("a", 2, "x\n"), inserted("b", 2, "x\n"), id="the same lines put in"),
    pytest.param(inserted("a", 2, "x\n"), inserted("b", 3, "x\n"), id="lines put in around a line"),
    pytest.param(inserted("a", 1, "x\n"), replaced("b", 1, 3, "y\n"), id="put in above a replacement"),
    pytest.param(inserted("a", 3, "x\n"), replaced("b", 1, 3, "y\n"), id="put in below a replacement"),
    pytest.param(inserted("a", 1, "x\n"), replaced("b", 1, 3, ""), id="put in above lines that go"),
    pytest.param(inserted("a", 4, "x\n"), replaced("b", 4, 5, "y"), id="put in above the end that goes"),
    pytest.param(inserted("a", 5, "x\n"), replaced("b", 4, 5, ""), id="put in below the last line, which goes"),
    pytest.param(created("a", "n", "x\n"), created("b", "n", "x\n"), id="the same file created"),
    pytest.param(created("a", "n", "x\n"), created("b", "m", "y\n"), id="two files created"),
    pytest.param(created("a", "n/x", "x\n"), created("b", "n/y", "y\n"), id="two files in a new folder"),
    pytest.param(created("a", "nn/x", "x\n"), created("b", "n", "y\n"), id="a folder's name that begins alike"),
    pytest.param(deleted("a"), deleted("b"), id="the same file deleted"),
    pytest.param(deleted("a"), replaced("b", 1, 2, "x\n", path="b"), id="another file deleted"),
    pytest.param(renamed("a", "a", "n"), renamed("b", "a", "n"), id="the same new name"),
    pytest.param(renamed("a", "a", "n"), replaced("b", 0, 1, "x\n"), id="an edit of a renamed file"),
    pytest.param(renamed("a", "a", "n"), inserted("b", 0, "x\n"), id="lines at the top of a renamed file"),
    pytest.param(renamed("a", "a", "n/a"), renamed("b", "b", "n/b"), id="two files into one folder"),
]

APART = [
    (
        replaced("a", 1, 2, "x\n"),
        replaced("b", 1, 2, "y\n"),
        "Both replace line 2 of a, and want different text there.",
    ),
    (
        replaced("a", 1, 3, "x\n"),
        replaced("b", 2, 5, "x\n"),
        "One replaces lines 2 to 3 of a, the other replaces lines 3 to 5.",
    ),
    (replaced("a", 1, 3, ""), replaced("b", 1, 2, ""), "One replaces lines 2 to 3 of a, the other replaces line 2."),
    (
        inserted("a", 2, "x\n"),
        inserted("b", 2, "y\n"),
        "Both add lines below line 2 of a, and which come first is open.",
    ),
    (inserted("a", 0, "x\n"), inserted("b", 0, "y\n"), "Both add lines at the top of a, and which come first is open."),
    (
        replaced("a", 1, 3, "x\n"),
        inserted("b", 2, "y\n"),
        "One replaces lines 2 to 3 of a, the other adds lines below line 2.",
    ),
    (
        replaced("a", 4, 5, "x"),
        inserted("b", 5, "y\n"),
        "One replaces line 5 of a and leaves no line end, the other adds lines below line 5, right below.",
    ),
    (created("a", "n", "x\n"), created("b", "n", "y\n"), "Both create n, and want different text there."),
    (deleted("a"), replaced("b", 1, 2, "x\n"), "One deletes a, the other replaces line 2 of a."),
    (deleted("a"), renamed("b", "a", "n"), "One deletes a, the other renames a to n."),
    (deleted("a"), created("b", "a", "x\n"), "One deletes a, the other creates a."),
    (created("a", "a", ""), replaced("b", 1, 2, "x\n"), "One creates a, the other replaces line 2 of a."),
    (renamed("a", "a", "n"), renamed("b", "a", "m"), "One renames a to n, the other renames a to m."),
    (renamed("a", "a", "n"), renamed("b", "b", "n"), "One renames a to n, the other renames b to n."),
    (renamed("a", "a", "n"), created("b", "n", "x\n"), "One renames a to n, the other creates n."),
    (renamed("a", "a", "n"), created("b", "a", "x\n"), "One renames a to n, the other creates a."),
    (renamed("a", "a", "n"), renamed("b", "b", "a"), "One renames a to n, the other renames b to a."),
    (
        created("a", "n", ""),
        created("b", "n/m/o", ""),
        "One creates n, the other creates n/m/o: n can't be a file and a folder.",
    ),
    (
        deleted("a", "b", ""),
        created("b", "b/c", ""),
        "One deletes b, the other creates b/c: b can't be a file and a folder.",
    ),
    (
        renamed("a", "a", "d/n"),
        replaced("b", 1, 2, "x\n", path="d"),
        "One renames a to d/n, the other replaces line 2 of d: d can't be a file and a folder.",
    ),
]


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_these_stand_together(one: Proposed, other: Proposed) -> None:
    assert contradiction(one, other) is None
    assert contradiction(other, one) is None


@pytest.mark.parametrize(("one", "other", "said"), APART, ids=[said for *_, said in APART])
def test_these_contradict(one: Proposed, other: Proposed, said: str) -> None:
    assert contradiction(one, other) == said
    assert contradiction(other, one) is not None


def test_the_same_edit_is_the_same_whatever_became_of_it() -> None:
    one = replaced("a", 1, 2, "x\n")
    rejected = evolve(one, source="b", hunk=evolve(one.hunk, id="other", status=HunkStatus.REJECTED))
    assert same_edit(one, rejected)
    assert not same_edit(one, replaced("b", 1, 2, "y\n"))
    # To empty a file is not to delete it, and to create an empty one not to rename one.
    assert not same_edit(deleted("a"), replaced("b", 0, 5, ""))
    assert contradiction(deleted("a"), replaced("b", 0, 5, "")) is not None
    assert not same_edit(created("a", "n", ""), renamed("b", "n", "m"))


def test_an_edit_in_the_file_of_who_renames_it_is_anybodys() -> None:
    one = replaced("a", 1, 2, "x\n")
    inside = evolve(one, file=FileChange("a", FileKind.RENAME, "n", (one.hunk,)))
    assert same_edit(inside, replaced("b", 1, 2, "x\n"))
    assert contradiction(inside, replaced("b", 1, 2, "y\n")) is not None
    assert contradiction(inside, renamed("b", "a", "other")) is None


@given(any_hunk(), any_hunk())
@settings(max_examples=300, deadline=None)
def test_whether_two_contradict_is_no_question_of_who_comes_first(one: Proposed, other: Proposed) -> None:
    assert (contradiction(one, other) is None) == (contradiction(other, one) is None)


@given(ANY_HUNKS)
@settings(max_examples=200, deadline=None)
def test_all_pairs_are_those_that_two_by_two_would_find(hunks: list[Proposed]) -> None:
    wanted = [
        (at, by, reason)
        for at, one in enumerate(hunks)
        for by, other in enumerate(hunks)
        if at < by and (reason := contradiction(one, other))
    ]
    assert contradicting(hunks) == wanted
