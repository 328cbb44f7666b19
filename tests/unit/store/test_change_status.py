"""What the statuses of a change's hunks add up to, against the table in the docstring of `Change.status`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.edits.change import Change, ChangeStatus
from moa_lsp.edits.values import FileChange, Hunk, HunkStatus

A, P, R, S = HunkStatus.APPLIED, HunkStatus.PENDING, HunkStatus.REJECTED, HunkStatus.STALE


def change(*files: list[HunkStatus]) -> Change:
    return Change(
        "c",
        "d",
        "alpha",
        "title",
        tuple(
            FileChange(
                f"{n}.py", hunks=tuple(Hunk(f"{n}-{m}", m, m, "", "x\n", status=one) for m, one in enumerate(file))
            )
            for n, file in enumerate(files)
        ),
    )


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([[P], [P]], ChangeStatus.PENDING),
        ([[P], [R]], ChangeStatus.PENDING),
        ([[P, S]], ChangeStatus.PENDING),
        ([[A], [A]], ChangeStatus.APPLIED),
        ([[A], [P]], ChangeStatus.PARTLY_APPLIED),
        ([[A, R]], ChangeStatus.PARTLY_APPLIED),
        ([[A, S]], ChangeStatus.PARTLY_APPLIED),
        ([[R], [R]], ChangeStatus.REJECTED),
        ([[S, R]], ChangeStatus.STALE),
        ([[S]], ChangeStatus.STALE),
    ],
)
def test_the_table(files: list[list[HunkStatus]], status: ChangeStatus) -> None:
    assert change(*files).status is status


@given(st.lists(st.lists(st.sampled_from(HunkStatus))))
def test_a_pending_or_stale_change_is_open_unless_it_holds_nothing(files: list[list[HunkStatus]]) -> None:
    made = change(*files)
    assert made.is_open is any(one in (P, S) for file in files for one in file)
    if made.status in (ChangeStatus.APPLIED, ChangeStatus.REJECTED):
        assert not made.is_open


def test_a_change_of_which_nothing_could_be_placed_is_stale() -> None:
    assert change().status is ChangeStatus.STALE
    assert change([]).status is ChangeStatus.STALE
