"""The proposal reader: the same whatever the chunks, the best reading of what models get wrong, and nothing lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st

from moa_lsp.discussion.reader import Closed, Kind, ProposalReader, Reading, read_reply
from tests.unit.discussion.texts import replies, tag_soup

TWICE = "A <proposal> was opened twice; it was read as one."
BLOCK_OPEN = "A code block in the proposal wasn't closed; its end was taken from its tag."
IN_BLOCK = "The proposal stood inside a code block; it was taken out."
MISMATCHED = "The proposal's code blocks don't match up; its end was taken from its tag."
ESCAPED = "The proposal's tags were escaped; they were read as tags."
NO_END = "The last <proposal> has no end; all that follows it was taken as the proposal."
EMPTY = "The proposal is empty: the others see nothing of this reply."
TWO = "The reply held 2 proposals; they are shown as one."

INSIDE = "all that stands between the first line and the last"


def read_in(pieces: Sequence[str]) -> tuple[list[Closed], Reading]:
    reader = ProposalReader()
    closed = [event for piece in pieces for event in reader.feed(piece)]
    return closed, reader.finish()


def cut(text: str, at: Sequence[int]) -> list[str]:
    edges = [0, *sorted(position % (len(text) + 1) for position in at), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


# --- chunks ---------------------------------------------------------------------------------------------------------


@given(replies | tag_soup, st.lists(st.integers(0, 10_000), max_size=12))
@example("<proposal>\r\na\r\n</proposal>\r\n", [21, 12, 11])
def test_the_chunks_make_no_difference(text: str, at: list[int]) -> None:
    assert read_in(cut(text, at)) == read_in([text])


@given(replies | tag_soup)
def test_one_character_at_a_time_makes_no_difference(text: str) -> None:
    assert read_in(list(text)) == read_in([text])


@given(replies)
def test_what_was_announced_stands_in_a_reading_without_leniency(text: str) -> None:
    closed, reading = read_in([text if text.endswith("\n") else f"{text}\n"])
    if reading.closed and set(reading.notes) <= {TWO, EMPTY}:
        proposals = [segment.text for segment in reading.segments if segment.kind is Kind.PROPOSAL]
        assert [event.text for event in closed] == proposals


def test_a_proposal_is_announced_with_the_line_end_behind_its_tag() -> None:
    reader = ProposalReader()
    assert reader.feed("Hm.\n<proposal>\na\n</proposal>") == []
    assert reader.feed("\nmore") == [Closed("a")]
    assert reader.feed(" prose\n") == []


# --- nothing is lost ------------------------------------------------------------------------------------------------

_LINE = re.compile(r"\r?\n")
_TAGS_AT_EDGES = re.compile(
    r"^[ \t]*(<\\*|&lt;)\s*proposals?(\s[^<>]*)?(>|&gt;)|(<\\*|&lt;)\s*/\s*proposals?\s*(>|&gt;)[ \t]*$", re.IGNORECASE
)


def words_of(text: str) -> list[str]:
    """The lines that aren't blank, without the tags at their edges."""
    lines = [_TAGS_AT_EDGES.sub("", line).strip() for line in _LINE.split(text)]
    return [line for line in lines if line]


@given(replies)
@example("<proposal>\na\n<proposal> b\n</proposal>\n")
@example("<proposal>\na\n<proposal>b</proposal>\nc\n")
def test_every_line_is_in_some_segment_and_in_its_order(text: str) -> None:
    reading = read_reply(text)
    assert words_of("\n".join(segment.text for segment in reading.segments)) == words_of(text)


@given(replies | st.text())
def test_the_proposal_is_what_its_segments_hold(text: str) -> None:
    reading = read_reply(text)
    proposals = [segment.text for segment in reading.segments if segment.kind is Kind.PROPOSAL]
    assert reading.proposal == ("\n\n".join(proposals) if proposals else None)
    assert all(segment.text.strip() for segment in reading.segments)


@given(st.text())
def test_a_reply_without_a_tag_is_a_proposal_whole(text: str) -> None:
    reading = read_reply(text.replace("<", "").replace("&lt;", ""))
    assert not reading.closed
    assert all(segment.kind is Kind.PROPOSAL for segment in reading.segments)


# --- the table ------------------------------------------------------------------------------------------------------


@frozen
class Case:
    """A reply, what the others see of it, whether it is known to be whole, and the notes on how it was read."""

    text: str
    proposal: str | None
    closed: bool = True
    notes: tuple[str, ...] = ()


CASES: dict[str, Case] = {
    "plain": Case("<proposal>\na\nb\n</proposal>\n", "a\nb"),
    "without a last line end": Case("<proposal>\na\n</proposal>", "a"),
    "prose around": Case("I think.\n\n<proposal>\na\n</proposal>\n\nWhy: because.\n", "a"),
    "missing": Case("Do this.\n\nAnd that.", "Do this.\n\nAnd that.", closed=False),
    "blanks": Case(" \n\t\n  ", None, closed=False),
    "nothing": Case("", None, closed=False),
    "empty": Case("I agree with both.\n<proposal>\n\n</proposal>\n", None, notes=(EMPTY,)),
    "empty, on one line": Case("<proposal></proposal>", None, notes=(EMPTY,)),
    "one empty, one not": Case("<proposal>\n</proposal>\n<proposal>\na\n</proposal>\n", "a"),
    "on one line": Case("<proposal>rename it</proposal>", "rename it"),
    "text beside the tags": Case("<proposal> first\nlast. </proposal>\n", "first\nlast."),
    "indented tags": Case("  <proposal>\n  a\n  </proposal>\n", "  a"),
    "blank lines at the edges": Case("<proposal>\n\n\n  a\n\nb\n\n</proposal>\n", "  a\n\nb"),
    "CRLF": Case("Hm.\r\n<proposal>\r\na\r\nb\r\n</proposal>\r\nBye.\r\n", "a\r\nb"),
    "upper case": Case("<PROPOSAL>\na\n</Proposal>\n", "a"),
    "attributes": Case("<proposal title='My plan' id=\"1\">\na\n</proposal>\n", "a"),
    "blanks within": Case("< proposal >\na\n< / proposal >\n", "a"),
    "misspelt": Case("<proposals>\na\n</proposals>\n", "a"),
    "misspelt at one end": Case("<proposals>\na\n</proposal>\n", "a"),
    "another tag altogether": Case("<proposal-x>\na\n</proposal-x>", "<proposal-x>\na\n</proposal-x>", closed=False),
    "several": Case("<proposal>\na\n</proposal>\nor\n<proposal>\nb\n</proposal>\n", "a\n\nb", notes=(TWO,)),
    "nested": Case("<proposal>\na\n<proposal>\nb\n</proposal>\nc\n</proposal>\n", "a\n<proposal>\nb\n</proposal>\nc"),
    "nested on one line": Case(
        "<proposal>\na\n<proposal>b</proposal>\nc\n</proposal>\n", "a\n<proposal>b</proposal>\nc"
    ),
    "doubled": Case("<proposal>\n<proposal>\na\n</proposal>\n", "a", notes=(TWICE,)),
    "doubled, with text beside": Case("<proposal>\na\n<proposal> b\n</proposal>\n", "a\nb", notes=(TWICE,)),
    "doubled, prose behind": Case("<proposal>\n<proposal>\na\n</proposal>\nor so\n", "a", False, (TWICE,)),
    "an end too many": Case("<proposal>\na\n</proposal>\n</proposal>\n", "a"),
    "an end alone": Case("a\n</proposal>\n", "a\n</proposal>", closed=False),
    "unclosed": Case("Hm.\n<proposal>\na\nb", "a\nb", False, (NO_END,)),
    "unclosed, and nothing in it": Case("Hm.\n<proposal>\n", None, False, (NO_END, EMPTY)),
    "the second unclosed": Case("<proposal>\na\n</proposal>\n<proposal>\nb", "a\n\nb", False, (NO_END, TWO)),
    "cut amid the end tag": Case("<proposal>\na\n</propo", "a\n</propo", False, (NO_END,)),
    "cut amid the first tag": Case("Hm.\n<propo", "Hm.\n<propo", closed=False),
    "wrapped in a code block": Case("```\n<proposal>\na\n</proposal>\n```\n", "a", notes=(IN_BLOCK,)),
    "wrapped, with code blocks": Case(
        "```markdown\n<proposal>\n```python\nx\n```\n</proposal>\n```\n", "```python\nx\n```", notes=(IN_BLOCK,)
    ),
    "wrapped, its blocks unclosed": Case(
        "```\n<proposal>\n```python\nx\n</proposal>\n```\n", "```python\nx", notes=(MISMATCHED,)
    ),
    "an example in a code block, and a proposal": Case(
        "As in\n```\n<proposal>\nno\n</proposal>\n```\n<proposal>\nyes\n</proposal>\n", "yes"
    ),
    "HTML escapes": Case("&lt;proposal&gt;\na\n&lt;/proposal&gt;\n", "a", notes=(ESCAPED,)),
    "our escapes": Case("<\\proposal>\na < b\n<\\/proposal>\n", "a < b", notes=(ESCAPED,)),
    "escapes behind the backslash": Case("<\\proposal>\na\n</proposal>\n", "a", notes=(ESCAPED,)),
    "tags amid a sentence": Case(
        "Put it in <proposal> and </proposal>.", "Put it in <proposal> and </proposal>.", closed=False
    ),
    "tags amid a sentence of a proposal": Case(
        "<proposal>\nread `</proposal>` and <proposal> here\n</proposal>\n", "read `</proposal>` and <proposal> here"
    ),
    "quoted tags at a line's edges": Case("<proposal>\n`<proposal>` to `</proposal>`\n</proposal>\n", INSIDE),
    "an end in a code fence": Case("<proposal>\n```xml\n</proposal>\n```\nb\n</proposal>\n", INSIDE),
    "both in a code fence": Case("<proposal>\n~~~\n<proposal>\n</proposal>\n~~~\nb\n</proposal>\n", INSIDE),
    "a longer fence within": Case("<proposal>\n````md\n```\n</proposal>\n```\n````\nb\n</proposal>\n", INSIDE),
    "another kind of fence within": Case("<proposal>\n```\n~~~\n</proposal>\n```\nb\n</proposal>\n", INSIDE),
    "a fence closed by a longer one": Case("<proposal>\n```\n</proposal>\n`````\nb\n</proposal>\n", INSIDE),
    "an info string closes no fence": Case("<proposal>\n```\n```py\n</proposal>\n```\nb\n</proposal>\n", INSIDE),
    "an indented fence": Case("<proposal>\n1. so\n   ```\n   </proposal>\n   ```\nb\n</proposal>\n", INSIDE),
    "a fence beside a bullet": Case("<proposal>\n- ```\n  </proposal>\n  ```\nb\n</proposal>\n", INSIDE),
    "a fence in a quotation": Case("<proposal>\n> ```\n</proposal>\n> ```\nb\n</proposal>\n", INSIDE),
    "a bullet closes no fence": Case("<proposal>\n```diff\n- ```\n</proposal>\n```\nb\n</proposal>\n", INSIDE),
    "inline code is no fence": Case("<proposal>\n```x``` is code\n</proposal>\nprose\n", "```x``` is code"),
    "an end in an edit block": Case(
        "<proposal>\na.md\n<<<<<<< SEARCH\n</proposal>\n=======\n<proposal>\n>>>>>>> REPLACE\n</proposal>\n", INSIDE
    ),
    "a fence's end in an edit block": Case(
        "<proposal>\n```\n<<<<<<< SEARCH\n```\n</proposal>\n=======\n>>>>>>> REPLACE\n```\nb\n</proposal>\n", INSIDE
    ),
    "an unclosed code block": Case("<proposal>\n```\na\n</proposal>\n", "```\na", notes=(BLOCK_OPEN,)),
    "an unclosed code block, prose behind": Case(
        "<proposal>\n```\na\n</proposal>\nHm.", "```\na", False, (BLOCK_OPEN,)
    ),
    "an unclosed edit block": Case(
        "<proposal>\n<<<<<<< SEARCH\na\n</proposal>\n", "<<<<<<< SEARCH\na", notes=(BLOCK_OPEN,)
    ),
    "talk of an edit block before": Case(
        "<<<<<<< SEARCH is how it begins.\n<proposal>\na\n</proposal>\n", "a", notes=(IN_BLOCK,)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_replies_are_read_so(name: str) -> None:
    case = CASES[name]
    reading = read_reply(case.text)
    inside = case.text.removeprefix("<proposal>\n").removesuffix("\n</proposal>\n")
    assert reading.proposal == (inside if case.proposal == INSIDE else case.proposal)
    assert reading.closed is case.closed
    assert reading.notes == case.notes


def test_prose_and_proposals_are_told_apart() -> None:
    reading = read_reply("Why.\n\n<proposal>\na\n</proposal>\n\nBut then.\n<proposal>b</proposal>\nBye.")
    assert [(segment.kind.value, segment.text) for segment in reading.segments] == [
        ("prose", "Why."),
        ("proposal", "a"),
        ("prose", "But then."),
        ("proposal", "b"),
        ("prose", "Bye."),
    ]


def test_a_reply_cut_in_its_own_code_is_not_taken_for_whole() -> None:
    """The code that a proposal shows may hold the end tag: the cut reply must not count as closed by it."""
    reply = "<proposal>\nIn the parser's test:\n```xml\n<x>\n</proposal>\n<y>\n```\nDone.\n</proposal>\n"
    assert read_reply(reply).closed
    for line in range(1, reply.count("\n")):
        cut_reply = "".join(reply.splitlines(keepends=True)[:line])
        if not cut_reply.endswith("</proposal>\n"):
            assert not read_reply(cut_reply).closed, cut_reply


# --- size -----------------------------------------------------------------------------------------------------------

LARGE: dict[str, Callable[[], str]] = {
    "a megabyte of proposal": lambda: "Hm.\n<proposal>\n" + "some words in a line\n" * 50_000 + "</proposal>\n",
    "a megabyte without a tag": lambda: "some words in a line\n" * 50_000,
    "a megabyte in one line": lambda: "<proposal>\n" + "x" * 1_000_000 + "\n</proposal>\n",
    "fences": lambda: "```\n" * 200_000,
    "fences in a proposal": lambda: "<proposal>\n" + "```\n" * 200_001 + "</proposal>\n",
    "openings": lambda: "<proposal>\n" * 100_000,
    "openings and ends": lambda: "<proposal>\n" * 50_000 + "</proposal>\n" * 50_000,
    "proposals": lambda: "<proposal>\na\n</proposal>\n" * 30_000,
    "edit blocks": lambda: "<proposal>\n" + "<<<<<<< SEARCH\n" * 60_000,
    "blank lines": lambda: "\n" * 500_000 + "<proposal>\n" + "\n" * 500_000,
    "blanks behind a bracket": lambda: "<" + " " * 500_000 + "\n&lt;" + " " * 500_000,
    "brackets": lambda: "<proposal>\n" + "</ " * 300_000,
    "bullets": lambda: "- " * 500_000,
    "backticks": lambda: "`" * 500_000 + "x`\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_time_grows_with_the_length_alone(name: str) -> None:
    text = LARGE[name]()
    began = time.perf_counter()
    closed, reading = read_in(cut(text, range(0, len(text), 5_000)))
    # A second look costs a pass of its own, of which there are five; anything quadratic takes minutes.
    assert time.perf_counter() - began < 10
    assert reading.proposal is None or reading.segments
    assert all(event.text for event in closed)


def test_a_megabyte_that_is_well_formed_is_read_at_once() -> None:
    text = LARGE["a megabyte of proposal"]()
    began = time.perf_counter()
    assert read_reply(text).closed
    assert time.perf_counter() - began < 2
