"""A notebook's text, read and written: what a person typed is a prompt, and nothing that we wrote ever is."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.values import Coding, Failure, Round, Status, Turn, Usage
from moa_lsp.edits.change import Change
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus, Problem
from moa_lsp.session import notebook

TEXT = """One
and more.

> ## alpha · `m` · 1.0 s · 0 ¢
>
> > /code
  > indented

/drop it
> right below

    > four blanks are code, and typed

"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (0, (0, 2)),
        (1, (0, 2)),
        (2, (0, 2)),
        (3, None),
        (5, None),
        (6, None),
        (7, None),
        (8, (8, 9)),
        (9, None),
        (10, None),
        (11, (11, 12)),
        (12, (11, 12)),
        (13, None),
        (99, None),
    ],
)
def test_the_prompt_under_the_cursor(line: int, found: tuple[int, int] | None) -> None:
    prompt = notebook.prompt_at(split_lines(TEXT), line)
    assert (prompt and (prompt.first, prompt.last)) == found


def test_a_prompts_lines_are_joined_as_they_were_typed() -> None:
    prompt = notebook.prompt_at(["One  \r\n", " two\r\n", "\r\n", "three"], 1)
    assert prompt == notebook.Paragraph(0, 2, "One  \n two")
    assert notebook.prompt_at([], 0) is None


def test_the_block_under_the_cursor() -> None:
    lines = split_lines(TEXT)
    assert notebook.block_at(lines, 0) == notebook.Paragraph(0, 2, "One\nand more.")
    assert (notebook.block_at(lines, 5).first, notebook.block_at(lines, 5).last) == (3, 7)
    assert notebook.block_at(lines, 7) == notebook.Paragraph(7, 7, "")
    assert notebook.block_at(lines, 99) == notebook.Paragraph(13, 13, "")


USAGE = Usage.of(100, None, 20, 0.009)
HUNK = Hunk("aaaaaaaaaaaa", 11, 13, "old\nold\n", "new\n", ("alpha",))
CHANGE = Change("cccccccccccc", "d", "alpha", "alpha's proposal", (FileChange("my_api.py", hunks=(HUNK,)),))


def turn(text: str, status: Status = Status.DONE, error: Failure | None = None) -> Turn:
    return Turn(1, "alpha", "openai/x_1", status, text=text, usage=USAGE, seconds=4.06, error=error)


@given(st.text(alphabet=st.sampled_from("> #`-/@\\\r\n\f\u2028x*·~<"), max_size=60), st.sampled_from(list(Status)))
def test_nothing_of_a_reply_is_a_prompt_or_reads_like_ours(text: str, status: Status) -> None:
    reply = f"{text}\n## alpha · x\n\n- `a` `cccccccccccc/aaaaaaaaaaaa`\n> ## alpha · x\n"
    shown = notebook.in_quote(notebook.turn_lines(turn(reply, status), CHANGE))
    lines = split_lines("".join(f"{line}\n" for line in shown))
    assert len(lines) == len(shown)
    assert all(notebook.prompt_at(lines, at) is None for at in range(len(lines)))
    assert [at for at, line in enumerate(shown) if notebook.is_heading_of(line, "alpha")] == [0]
    named = [names for line in shown if (names := notebook.names_hunk(line))]
    assert named == [("cccccccccccc", "aaaaaaaaaaaa")]


def test_a_turn_as_it_stands_in_the_document() -> None:
    problem = Problem("b.py isn't there.", "b.py", "Name it.")
    lines = notebook.turn_lines(
        turn("Hm.\n\n<proposal>\nSo.\n\n- [ ] x\n</proposal>\n"), evolve(CHANGE, problems=(problem,))
    )
    assert "\n".join(notebook.in_quote(lines)) == (
        "> ## alpha · `openai/x_1` · 4.1 s · 0.9 ¢\n>\n> > Hm.\n>\n> **Proposal**\n>\n> > So.\n> >\n> > - [ ] x\n>\n"
        "> - `my_api.py:12` replace 2 lines by 1 line `cccccccccccc/aaaaaaaaaaaa`\n>\n"
        "> - b.py isn't there. Name it."
    )


def test_how_a_reply_ended_is_said_with_the_next_step() -> None:
    failed = notebook.turn_lines(turn("", Status.FAILED, Failure("no_key", "No key: set *X*.")), None)
    assert failed[2:] == [
        "**Failed:** No key: set \\*X\\*.",
        "",
        "“Ask alpha once more” on the heading asks it again.",
    ]
    cancelled = notebook.turn_lines(turn("So far", Status.CANCELLED), None)
    assert cancelled[2:5] == ["> So far", "", "**Cancelled.** What had arrived is kept."]
    coding = Coding(1, 1, "", "m", Status.FAILED, error=Failure("x", "Why."), usage=USAGE, seconds=1.0)
    assert notebook.coding_lines(coding, None) == [
        "## editor · `m` · 1.0 s · 0.9 ¢",
        "",
        "**Failed:** Why.",
        "",
        "Send the paragraph again to try once more.",
    ]


@pytest.mark.parametrize(
    ("file", "hunk", "line"),
    [
        (FileChange("a.py", FileKind.CREATE), Hunk("i", 0, 0, "", "x\n"), "- create a.py with 1 line `c/i`"),
        (FileChange("a.py", FileKind.DELETE), Hunk("i", 0, 1, "x\n", ""), "- delete a.py `c/i`"),
        (FileChange("a.py", FileKind.RENAME, "b.py"), Hunk("i", 0, 0, "", ""), "- rename a.py to b.py `c/i`"),
        (FileChange("a.py", FileKind.RENAME, "b.py"), Hunk("i", 4, 4, "", "x\n"), "- `a.py:5` insert 1 line `c/i`"),
        (
            FileChange("a.py"),
            Hunk("i", 0, 1, "x\n", "", status=HunkStatus.STALE),
            "- `a.py:1` remove 1 line (stale) `c/i`",
        ),
    ],
)
def test_every_kind_of_hunk(file: FileChange, hunk: Hunk, line: str) -> None:
    change = Change("c", "d", "alpha", "t", (evolve(file, hunks=(hunk,)),))
    assert notebook.turn_lines(turn("x"), change)[-1] == line


@pytest.mark.parametrize(
    ("usage", "shown"),
    [
        (Usage.of(1, 1, 1, 0.0), "0 ¢"),
        (Usage.of(1, 1, 1, 0.00002), "0.002 ¢"),
        (Usage.of(1, 1, 1, 1.5), "$1.50"),
        (Usage(), "price –"),
        (Usage() + Usage.of(1, 1, 1, 0.02), "at least 2.0 ¢"),
    ],
)
def test_what_is_not_known_is_never_nothing(usage: Usage, shown: str) -> None:
    assert notebook.price(usage) == shown
    round = Round(3, "m", turns=(evolve(turn("x"), usage=usage),), seconds=2.0)
    assert notebook.totals(round, Usage()) == [f"*Round 3 · 2.0 s · {shown} this round · price – this discussion*"]
