"""How replies are drawn: nothing lost, nothing twice, whatever the pieces; and how numbers read."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.terminal.review import show_diff
from moa_lsp.terminal.screen import Screen, figures, harmless, money, tokens
from moa_lsp.terminal.speech import Speech

ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Paper(io.StringIO):
    """A terminal of 40 columns, or a pipe."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def drawn(pieces: list[str], *, folded: bool = False) -> str:
    paper = Paper(tty=False)
    speech = Speech(Screen(stdout=paper, stderr=paper), "cyan", folded)
    for piece in pieces:
        speech.feed(piece)
    speech.end()
    return paper.getvalue()


def on_terminal(text: str, monkeypatch: pytest.MonkeyPatch, columns: int = 40) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    paper = Paper(tty=True)
    speech = Speech(Screen(stdout=paper, stderr=paper), "cyan")
    for character in text:
        speech.feed(character)
    speech.end()
    return ANSI.sub("", paper.getvalue()).splitlines()


REPLY = """\
Prose with `code` and <b>tags</b> and a < b.

```python
<proposal>
# not a tag: it is in a code block
```
  <Proposal kind="x">  One line at once.
Body with </proposal> amid a sentence.

a.py
```
<<<<<<< SEARCH
</proposal>
=======
x
>>>>>>> REPLACE
```
The end.</proposal>
After.
<proposal>short</proposal>
<proposal
no tag"""

DRAWN = """\
  Prose with `code` and <b>tags</b> and a < b.

  ```python
  <proposal>
  # not a tag: it is in a code block
  ```
  ╭─ proposal
  │ One line at once.
  │ Body with </proposal> amid a sentence.
  │
  │ a.py
  │ ```
  │ <<<<<<< SEARCH
  │ </proposal>
  │ =======
  │ x
  │ >>>>>>> REPLACE
  │ ```
  │ The end.
  ╰─
  After.
  ╭─ proposal
  │ short
  ╰─
  <proposal
  no tag
"""


def test_a_reply_is_drawn_with_its_proposals_in_boxes() -> None:
    assert drawn([REPLY]) == DRAWN


@given(st.lists(st.integers(0, len(REPLY)), max_size=30))
def test_the_drawing_does_not_depend_on_the_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(REPLY)]
    pieces = [REPLY[start:end] for start, end in pairwise(edges)]

    assert drawn(pieces) == DRAWN


@given(st.text(alphabet="ab <>/`~\n\tproposal=SEARCH|", max_size=80), st.integers(1, 7))
def test_no_word_is_lost_and_none_is_doubled(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    tags = re.compile(r"<\s*/?\s*proposals?(\s[^<>]*)?\s*>", re.IGNORECASE)

    def words(text: str) -> str:
        return "".join(tags.sub("", text).split())

    shown = drawn(pieces).replace("╭─ proposal", "").replace("╰─", "").replace("│ ", "")

    assert words(shown) == words(text)
    assert drawn(pieces) == drawn([text])


def test_words_appear_as_they_arrive() -> None:
    paper = Paper(tty=False)
    speech = Speech(Screen(stdout=paper, stderr=paper), "cyan")

    speech.feed("Two words and a ha")
    assert paper.getvalue() == "  Two words and a "
    speech.feed("lf\n<prop")
    assert paper.getvalue() == "  Two words and a half\n"
    speech.feed("osal>\n| a < b,")
    speech.feed(" and no tag follows here")
    assert paper.getvalue().endswith("  ╭─ proposal\n  │ | a < b, and no tag follows ")


def test_lines_are_broken_between_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "These words are longer than one line of a narrow terminal.\n<proposal>\n" + "x" * 70 + "\n</proposal>"

    lines = on_terminal(text, monkeypatch)

    assert lines == [
        "  These words are longer than one line ",
        "  of a narrow terminal.",
        "  ╭─ proposal",
        "  │ " + "x" * 36,
        "  │ " + "x" * 34,
        "  ╰─",
    ]


def test_a_broken_item_of_a_list_stays_under_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- An item that is longer than the line has room.\n<proposal>\n12. And one more that needs two lines.\n"

    assert [line.rstrip() for line in on_terminal(text, monkeypatch)] == [
        "  - An item that is longer than the line",
        "    has room.",
        "  ╭─ proposal",
        "  │ 12. And one more that needs two",
        "  │     lines.",
        "  ╰─",
    ]


def test_no_blank_line_ends_a_box_or_a_reply() -> None:
    assert drawn(["One\n\n\ntwo\n\n<proposal>\n\nx\n\ny\n\n</proposal>\n\nz\n\n\n"]) == (
        "  One\n\n\n  two\n\n  ╭─ proposal\n  │ x\n  │\n  │ y\n  ╰─\n  z\n"
    )


def test_edits_in_a_reply_have_a_diffs_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    paper = Paper(tty=True)
    speech = Speech(Screen(stdout=paper, stderr=paper), "cyan")
    speech.feed(
        "```\n<<<<<<< SEARCH\n- old\n=======\n=======\n>>>>>>> REPLACE\n- same\n```\n```diff\n+new\n```\n- prose\n"
    )
    speech.end()

    lines = paper.getvalue().splitlines()
    shown = [(re.findall(r"\x1b\[([0-9;]+)m", line)[:1], ANSI.sub("", line).strip()) for line in lines]
    assert shown == [
        (["2"], "```"),
        (["2"], "<<<<<<< SEARCH"),
        (["31"], "- old"),
        (["2"], "======="),
        (["32"], "======="),
        (["2"], ">>>>>>> REPLACE"),
        ([], "- same"),
        (["2"], "```"),
        (["2"], "```diff"),
        (["32"], "+new"),
        (["2"], "```"),
        ([], "- prose"),
    ]


def test_sentences_are_broken_between_words_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    monkeypatch.setenv("TERM", "xterm-256color")
    sentence = "  ✗ failed: this is more than one line"
    terminal, pipe = Paper(tty=True), Paper(tty=False)
    for paper in (terminal, pipe):
        Screen(stdout=paper, stderr=paper).say((sentence, "red"))

    assert ANSI.sub("", terminal.getvalue()) == "  ✗ failed: this is more\n    than one line\n"
    assert pipe.getvalue() == sentence + "\n"


@given(st.text(alphabet="ab漢😀 \n", max_size=120))
def test_no_line_is_wider_than_the_terminal(text: str) -> None:
    from rich.cells import cell_len

    with pytest.MonkeyPatch.context() as patch:
        assert all(cell_len(line.rstrip()) <= 24 for line in on_terminal(text, patch, columns=24))


def test_edits_are_folded_where_a_diff_follows() -> None:
    reply = (
        "Here, in a.py:\n\na.py\n```\ncode\n```\n\n`b.py`\n\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n\n"
        "Done with\nc.py\nand\nd.py"
    )

    assert drawn([reply], folded=True) == "  Here, in a.py:\n\n  Done with\n  c.py\n  and\n  d.py\n"
    assert drawn(list(reply), folded=True) == drawn([reply], folded=True)


def test_an_envelope_is_an_edit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = "Here:\n\n*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n*** End Patch\n\n* an item\n*** so\n"

    assert drawn([reply], folded=True) == "  Here:\n\n  * an item\n  *** so\n"
    assert drawn(list(reply), folded=True) == drawn([reply], folded=True)
    shown = on_terminal(reply, monkeypatch, columns=40)
    assert [line.strip() for line in shown][4:7] == ["@@", "-old", "+new"]


@given(st.text())
def test_nothing_invisible_or_commanding_is_left(text: str) -> None:
    shown = harmless(text)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert harmless(shown) == shown
    shown.encode()


def test_visible_text_stays_as_it_is() -> None:
    assert harmless("naïve 漢字 😀 ✔️\n\tשלום") == "naïve 漢字 😀 ✔️\n\tשלום"


def test_a_diff_has_gits_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    paper = Paper(tty=True)
    diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n--- gone\n+++ come\n\\ No newline at end of file\n"

    show_diff(Screen(stdout=paper, stderr=paper), diff)

    lines = paper.getvalue().splitlines()
    assert [line.split("m")[0].removeprefix("\x1b[") for line in lines] == ["1", "1", "36", " sa", "31", "32", "2"]


@pytest.mark.parametrize(
    ("usage", "shown"),
    [
        ({"costUsd": None}, "price –"),
        ({"costUsd": None, "knownCostUsd": 0.0}, "price –"),
        ({"costUsd": None, "knownCostUsd": 0.012}, "at least 1.2 ¢"),
        ({"costUsd": 0.0, "knownCostUsd": 0.0}, "0 ¢"),
        ({"costUsd": 0.00001}, "0.001 ¢"),
        ({"costUsd": 0.0093}, "0.9 ¢"),
        ({"costUsd": 1.5}, "$1.50"),
    ],
)
def test_what_is_unknown_is_a_dash_and_never_0(usage: dict[str, float | None], shown: str) -> None:
    assert money(usage) == shown


def test_figures_are_short() -> None:
    assert [tokens(count) for count in (None, 0, 812, 1900, 9960, 23456)] == ["–", "0", "812", "1.9k", "10k", "23k"]
    unknown = {"inputTokens": None, "cachedTokens": None, "outputTokens": None, "costUsd": None}
    assert figures(unknown, 2.04) == "2.0 s · – in, – out · price –"
    nothing = {"inputTokens": 0, "cachedTokens": 0, "outputTokens": 0, "costUsd": 0.0, "knownCostUsd": 0.0}
    assert figures(nothing, 2.04, replay=True) == "2.0 s · replay · 0 ¢"


# --- what it says of others, and asks

ASIDE = """\
<proposal>
One.
</proposal>
<stances>
- support ALPHA: smallest that works
- object BRAVO 2: it hides KeyError
- Amend ALPHA api.py:12: keep the name
* objects to BRAVO
- I like it
</stances>

<question>
Should the old name stay?
- Yes, as an alias
</question>
The end.
"""


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_stances_and_questions_have_their_signs(size: int) -> None:
    pieces = [ASIDE[at : at + size] for at in range(0, len(ASIDE), size)]

    assert drawn(pieces).splitlines()[3:] == [
        "  + supports ALPHA: smallest that works",
        "  ! objects to BRAVO 2: it hides KeyError",
        "  ~ amends ALPHA api.py:12: keep the name",
        "  ! objects to BRAVO",
        "  - I like it",
        "",
        "  ? Should the old name stay?",
        "  - Yes, as an alias",
        "  The end.",
    ]


def test_stances_that_never_end_cost_no_text() -> None:
    lines = drawn(["<stances>\n- support ALPHA\nAnd then\n<proposal>\nTwo.\n</proposal>\nMore."]).splitlines()

    assert [line.strip(" │") for line in lines if "─" not in line] == ["+ supports ALPHA", "And then", "Two.", "More."]


def test_stances_within_code_are_code() -> None:
    assert "<stances>" in drawn(["```\n<stances>\n- support ALPHA\n</stances>\n```\n"])
