"""The bench of edits judges rightly, and its cases are what they say; on this project's own code, without aider."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import moa_lsp.edits
from bench.edits import ours
from bench.edits.corpus import BLOCKS, corpus
from bench.edits.judge import Tally, judge, tally
from bench.edits.page import BEGIN, END, Results, Row, aims, write
from bench.edits.sources import Source
from bench.edits.speed import EXACT, NOWHERE, Timed
from bench.edits.values import Case, Duty, Form, Outcome, Spoilt, Verdict
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import Replace

SOURCES = [
    Source(path.name, tuple(path.read_text(encoding="utf-8")[:-1].split("\n")))
    for path in sorted(Path(moa_lsp.edits.__file__).parent.rglob("*.py"))
    if path.stat().st_size > 3_000
]
CASES = list(corpus(SOURCES, 12, 4))


def lines_of(case: Case) -> Source:
    return Source(case.path, tuple(case.spoilt.text[:-1].split("\n")))


def of_kind(kind: str) -> list[Case]:
    return [case for case in CASES if case.kind == kind and case.form is Form.BLOCKS]


def a_case(duty: Duty, expected: str = "", meant: tuple[str, ...] = ()) -> Case:
    spoilt = Spoilt("a\n", ("a",), ("b",), duty, expected, meant)
    return Case("exact", Form.BLOCKS, "a.py", spoilt, "", "```")


def test_the_same_seed_gives_the_same_cases_and_another_seed_others() -> None:
    assert list(corpus(SOURCES, 12, 4)) == CASES
    assert list(corpus(SOURCES, 12, 4, seed=1)) != CASES
    assert Counter(case.kind for case in CASES if case.form is Form.BLOCKS) == dict.fromkeys(BLOCKS, 12)


def test_the_reply_holds_the_edit_as_it_was_spoilt() -> None:
    for case in CASES:
        if case.form is Form.BLOCKS:
            (block,) = read_edits(case.reply).blocks
            assert isinstance(block, Replace)
            halves = (block.search.split("\n")[:-1], block.replace.split("\n")[:-1])
            assert halves == (list(case.spoilt.search), list(case.spoilt.replace))
            assert block.path == case.path


def test_an_exact_search_stands_once_and_its_edit_is_what_is_expected() -> None:
    for case in of_kind("exact"):
        before, after = ("".join(f"{line}\n" for line in half) for half in (case.spoilt.search, case.spoilt.replace))
        assert case.spoilt.text.count(before) == 1
        assert case.spoilt.text.replace(before, after) == case.spoilt.expected


def test_a_shifted_search_stands_once_but_for_its_indentation() -> None:
    for case in of_kind("shifted indentation"):
        (place,) = lines_of(case).places(case.spoilt.search)
        there = lines_of(case).lines[place : place + len(case.spoilt.search)]
        assert there != case.spoilt.search


def test_an_ambiguous_search_stands_more_than_once() -> None:
    for case in of_kind("ambiguous"):
        pieces = " ".join(case.spoilt.search).split("...") if "..." in case.spoilt.search else []
        search = case.spoilt.search if not pieces else case.spoilt.search[: case.spoilt.search.index("...")]
        assert len(lines_of(case).places(search)) > 1


def test_what_is_near_stands_nowhere() -> None:
    for case in [*of_kind("near twin"), *of_kind("near miss")]:
        if case.spoilt.how != "one line at another depth":
            assert not lines_of(case).places(case.spoilt.search)


@pytest.mark.parametrize(
    ("duty", "text", "verdict"),
    [
        (Duty.PLACE, "b\n", Verdict.RIGHT),
        (Duty.PLACE, None, Verdict.REFUSED),
        (Duty.PLACE, "a\n", Verdict.REFUSED),
        (Duty.PLACE, "c\n", Verdict.OTHER),
        (Duty.REFUSE, None, Verdict.RIGHT),
        (Duty.REFUSE, "a\n", Verdict.RIGHT),
        (Duty.REFUSE, "m\n", Verdict.MEANT),
        (Duty.REFUSE, "b\n", Verdict.OTHER),
        (Duty.LEAVE, None, Verdict.RIGHT),
        (Duty.LEAVE, "a\n", Verdict.RIGHT),
        (Duty.LEAVE, "b\n", Verdict.OTHER),
    ],
)
def test_only_the_text_is_judged(duty: Duty, text: str | None, verdict: Verdict) -> None:
    assert judge(a_case(duty, "b\n", ("m\n",)), Outcome(text, (0.0,))) is verdict


@pytest.mark.parametrize(
    "kind",
    BLOCKS,
)
def test_ours_places_nothing_wrong(kind: str) -> None:
    judged = {case.reply: judge(case, ours.run(case.path, case.spoilt.text, case.reply)) for case in of_kind(kind)}
    assert [reply for reply, verdict in judged.items() if verdict in (Verdict.OTHER, Verdict.MEANT)] == []


def row(kind: str, duty: Duty, ours: Verdict, aider: Verdict) -> Row:
    one = Outcome(None, (0.0,))
    return Row(Form.BLOCKS, kind, duty, 1, tally([(ours, one)]), tally([(aider, one)]))


def test_placing_as_meant_what_should_be_refused_counts_as_wrong_for_ours() -> None:
    results = Results([row("near miss", Duty.REFUSE, Verdict.MEANT, Verdict.RIGHT)], [], None, "", {})
    assert results.wrong == 1
    assert not aims(results)[0].met


def test_speed_counts_only_where_the_text_is_right() -> None:
    rows = [row("exact", Duty.PLACE, Verdict.RIGHT, Verdict.REFUSED)]
    fast = Timed(EXACT, 50_000, 100, 0.01, 1.0, 1, (False, True), (0, 0))
    slow = Timed(NOWHERE, 50_000, 100, 0.01, 0.4, 1, (True, True), (1, 1))
    met = [aim.met for aim in aims(Results(rows, [fast, slow], None, "", {}))]
    assert met == [True, True, False, False]


def test_the_page_keeps_what_stands_around_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    results = Results([Row(Form.BLOCKS, "exact", Duty.PLACE, 3, Tally(), Tally())], [], None, "0123", {"Python": "3"})
    for _ in range(2):
        write(results, page)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text
    assert text.count("corpus `0123`") == 1
    page.write_text("no markers")
    with pytest.raises(ValueError, match="lacks"):
        write(results, page)
