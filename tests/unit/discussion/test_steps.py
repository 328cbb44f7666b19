"""The steps of a proposal: their words, and the lines they stand on, so that edits are known to be theirs."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.steps import LONGEST_TEXT, read_steps
from tests.unit.discussion.texts import replies, tag_soup

EDIT = """\
api.py
```python
<<<<<<< SEARCH
1. x
=======
2. y
>>>>>>> REPLACE
```
"""


def words(proposal: str) -> list[tuple[int, str]]:
    return [(step.number, step.text) for step in read_steps(proposal)]


@pytest.mark.parametrize(
    "form",
    [
        "{}. {}",
        "{}) {}",
        "- {}. {}",
        "Step {}: {}",
        "**{}.** {}",
        "### {}. {}",
        "## Step {}: {}",
        "**Step {}** – {}",
        "{}\\. {}",
    ],
)
def test_the_forms_of_numbers(form: str) -> None:
    proposal = "\n".join(form.format(number, text) for number, text in ((1, "Add errors.py."), (2, "Wrap `get()`.")))
    assert words(proposal) == [(1, "Add errors.py."), (2, "Wrap `get()`.")]


@pytest.mark.parametrize(
    ("proposal", "found"),
    [
        ("1. One\n   goes on\nand on.\n2. Two", [(1, "One goes on and on."), (2, "Two")]),
        ("1. One\n   - a\n     b\n   1. c\n2. Two", [(1, "One\n- a b\n1. c"), (2, "Two")]),
        ("1. One\n   - a\n      - b\n   - c", [(1, "One\n- a\n  - b\n- c")]),
        ("1. One\n\n   More.\n\nAnd more.\n\n2. Two", [(1, "One\nMore.\nAnd more."), (2, "Two")]),
        ("1. One\n2. Two\n\nI object to ALPHA's 2.", [(1, "One"), (2, "Two")]),
        ("I agree with ALPHA's 1.\n\n2. Two\n3. Three", [(2, "Two"), (3, "Three")]),
        ("1. One\n1. Two\n1. Three", [(1, "One"), (2, "Two"), (3, "Three")]),
        ("### 1. One\n\nWhy.\n1. a\n2. b\n\n### 2. Two", [(1, "One\nWhy.\n1. a\n2. b"), (2, "Two")]),
        ("**1. One**\nWhy.\n**2. Two**", [(1, "**One** Why."), (2, "Two")]),
        ("**Step 1**\nOne.\n\n**Step 2**\nTwo.", [(1, "One."), (2, "Two.")]),
        ("1. **One**: so\n2. Two", [(1, "**One**: so"), (2, "Two")]),
        ("1.\n   One\n2.", [(1, "One")]),
        ("1. One\n---\n2. Two", [(1, "One"), (2, "Two")]),
        ("Just do it.\n\nAll of it.", [(1, "Just do it.\nAll of it.")]),
        ("In 2024. it was so\n12: no\n3", [(1, "In 2024. it was so 12: no 3")]),
        (f"1. In `api.py`:\n{EDIT}2. Two", [(1, "In `api.py`:"), (2, "Two")]),
        (f"1. One\n\n{EDIT}\n   More.\n2. Two\n\n{EDIT}", [(1, "One\nMore."), (2, "Two")]),
        (EDIT, [(1, "Edit api.py.")]),
        ("1.\n**`src/api.py`**:\n```\nx\n```\n", [(1, "Edit src/api.py.")]),
        ("*** Begin Patch\n*** Delete File: api.py\n*** End Patch", [(1, "The edits as proposed.")]),
        ("1. One\n*** Begin Patch\n*** Update File: a.py\n@@\n 1. x\n*** End Patch\n2. Two", [(1, "One"), (2, "Two")]),
        ("1. One\n<stances>\n1. support ALPHA\n</stances>\n2. Two\n<question>\nA?\n1. yes", [(1, "One"), (2, "Two")]),
        ("1. One\r\n2. Two\r3. Three", [(1, "One"), (2, "Two"), (3, "Three")]),
        ("<stances>\n- support ALPHA\n</stances>\n", []),
        (" \n", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_words_of_steps(proposal: str, found: list[tuple[int, str]]) -> None:
    assert words(proposal) == found


def test_the_lines_of_steps_hold_their_edits() -> None:
    proposal = f"As before.\n{EDIT}1. One\n{EDIT}2. Two\n\n{EDIT}\nThat is all.\n{EDIT}"
    begins = [at for at, line in enumerate(proposal.split("\n")) if line == "<<<<<<< SEARCH"]
    one, two = read_steps(proposal)
    assert [sum(step.first <= at < step.last for at in begins) for step in (one, two)] == [2, 2]


def test_a_long_step_is_cut_at_a_word() -> None:
    (step,) = read_steps("1. " + "word\n" * 5_000)
    assert step.text.endswith("word…")
    assert len(step.text) <= LONGEST_TEXT + 1


_LINES = st.sampled_from(
    ["1. a", "2) b", "   1. c", "### 3. d", "**4.** e", "Step 5: f", "```", "<<<<<<< SEARCH", ">>>>>>> REPLACE",
     "api.py", "words", "", "- x", "*** Begin Patch", "*** End Patch", "<stances>", "</stances>", "7", "---"]
)  # fmt: skip


@given(st.text() | tag_soup | replies | st.lists(_LINES | st.text(max_size=4), max_size=25).map("\n".join))
def test_every_line_belongs_to_one_step_and_numbers_rise(proposal: str) -> None:
    steps = read_steps(proposal)
    if not re.search("stance|question", proposal, re.IGNORECASE):
        assert bool(steps) == bool(proposal.strip())
    assert all(step.text.strip() for step in steps)
    assert [step.number for step in steps] == sorted({step.number for step in steps})
    edges = [0, *(step.last for step in steps)]
    assert [step.first for step in steps] == edges[:-1]
    lines = proposal.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert not steps or edges[-1] == lines


@pytest.mark.parametrize("unit", [" ", "1. ", "1. a\n", "a\n", "a/", "a.", "\n", "**", "- - ", "#", "- 1. a\n\n"])
def test_a_long_run_takes_no_longer_than_other_text(unit: str) -> None:
    proposal = f"1. a\n{unit * (200_000 // len(unit))}!\n```\nx\n```"
    began = time.perf_counter()
    read_steps(proposal)
    assert time.perf_counter() - began < 5
