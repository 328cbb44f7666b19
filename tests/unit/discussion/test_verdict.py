"""What a reply says about how to go on, in the ways in which models write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.concern import unconcerned
from moa_lsp.discussion.values import Architect
from moa_lsp.discussion.verdict import Verdict, gives_up_the_floor, read_verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("<verdict>on</verdict>", Verdict.ON),
        ("So.\n\n<proposal>\n1. a\n</proposal>\n\n<verdict> **Again.** </verdict>", Verdict.AGAIN),
        ("<VERDICT>ENOUGH</VERDICT>", Verdict.ENOUGH),
        ("<verdict>`on`</verdict> or rather <verdict>enough</verdict>", Verdict.ENOUGH),
        ("<proposal>\n<verdict>again</verdict>\n</proposal>\n\nGo on: <verdict>on</verdict>", Verdict.ON),
        ("<proposal>\nAll.\n<verdict>on</verdict>\n</proposal>", Verdict.ON),
        ("Prose.\n<proposal>\n<verdict>again</verdict>\n</proposal>", None),
        ("again", None),
        ("<verdict>once again</verdict>", None),
        ("<verdict></verdict>", None),
        ("", None),
    ],
)
def test_a_verdict(reply: str, verdict: Verdict | None) -> None:
    assert read_verdict(reply) == verdict


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        ("<proposal>\n1. a\n</proposal>\n<done/>", True),
        ("<done />", True),
        ("  **<done/>**  ", True),
        ("<done></done>", True),
        ("I write <done/> when I am", False),
        ("Prose.\n<proposal>\n<done/>\n</proposal>", False),
        ("done", False),
    ],
)
def test_giving_up_the_floor(reply: str, done: bool) -> None:
    assert gives_up_the_floor(reply) is done


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert read_verdict(text) in {None, *Verdict}
    gives_up_the_floor(text)


@pytest.mark.parametrize(
    ("paths", "touched", "concerned"),
    [
        ((), ["a.py"], True),
        ((), [], True),
        (("src/db/",), ["src/db/x/y.sql"], True),
        (("*.sql",), ["deep/in/x.sql", "a.py"], True),
        (("src/**", "!src/gen/**"), ["src/gen/a.py"], False),
        (("/api.py",), ["sub/api.py"], False),
        (("*.sql",), [], False),
    ],
)
def test_who_cares_about_which_paths(paths: tuple[str, ...], touched: list[str], concerned: bool) -> None:
    why = unconcerned(Architect("dba", "test/dba", paths=paths), touched)
    assert (why is None) is concerned
    assert why is None or paths[0] in why
