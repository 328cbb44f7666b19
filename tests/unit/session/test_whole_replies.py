"""Whether a reply that ended without saying so is whole, by the edits that stand in it."""

from __future__ import annotations

import pytest

from moa_lsp.edits.reading.read import read_edits
from moa_lsp.session.repair import is_whole
from tests.unit.session.room import edit, patch

GOOD = edit("src/a.py", "one\n", "two\n")
NOTICED = patch("*** Update File: src\\a.py", "@@", "-one", "+two")


@pytest.mark.parametrize(
    ("reply", "whole"),
    [
        (GOOD, True),
        (NOTICED, True),
        ("Only words.", False),
        (GOOD[: GOOD.index(">>>>>>>")], False),
        (GOOD + GOOD[: GOOD.index(">>>>>>>")], False),
    ],
)
def test_what_breaks_off_isnt_whole(reply: str, whole: bool) -> None:
    assert is_whole(reply) is whole


def test_what_is_only_pointed_out_leaves_it_whole() -> None:
    reading = read_edits(NOTICED)
    assert reading.problems
    assert all(problem.notice for problem in reading.problems)
