"""A discussion as a Markdown document: what is in it, and that nothing in what others wrote gets out of its place."""

from __future__ import annotations

import re

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.values import (
    Architect,
    Coding,
    Discussion,
    Failure,
    Repair,
    Round,
    Snapshot,
    Status,
    Turn,
    Usage,
)
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, Hunk, HunkStatus, Problem
from moa_lsp.session.export import export
from moa_lsp.session.markdown import fenced, quoted, words
from tests.unit.discussion.texts import replies, tag_soup

USED = Usage.of(1200, 900, 34, 0.0123)
CHANGE = Change("c", "d", "alpha", "t", (FileChange("a.py", hunks=(Hunk("h", 0, 1, "a\n", "b\n"),)),))
DIFF = "diff --git a/a.md b/a.md\n--- a/a.md\n+++ b/a.md\n@@ -1,2 +1,2 @@\n-````\n+```\n x\n"


def discussion(*turns: Turn, **more: object) -> Discussion:
    numbered = tuple(evolve(turn, number=number) for number, turn in enumerate(turns, 1))
    rounds = (Round(1, "Why?", Snapshot({"a.py": "a\n"}), numbered, 4.0, True),)
    whole = Discussion("d", "Errors in `api.py`", 1_700_000_000.0, (Architect("alpha", "m/x"),), rounds)
    return evolve(whole, **more)


def done(text: str, **more: object) -> Turn:
    return evolve(Turn(0, "alpha", "m/x", Status.DONE, text=text, usage=USED, seconds=4.06), **more)


def test_what_is_told() -> None:
    turns = (
        done("Well.\n\n<proposal>\nDo it.\n</proposal>", change="c", repair=Repair("again", Status.DONE)),
        Turn(0, "bravo", "m/y", Status.FAILED, text="I was", error=Failure("key", "No key: set *IT*.")),
        Turn(0, "bravo", "m/y", Status.CANCELLED, usage=evolve(USED, cost_usd=None), retries=2),
    )
    roles = (Architect("alpha", "m/x", "Doubt\neverything."), Architect("bravo", "m/y", dropped=True, set_role="Hm"))
    coding = Coding(1, 1, "Go.", "m/e", Status.DONE, "Edits.", USED, 1.0, change="c")
    text = export(discussion(*turns, architects=roles, codings=(coding,)), {"c": (CHANGE, DIFF)})
    assert (
        text
        == """# Errors in \\`api.py\\`

Begun on 2023-11-14 at 22:13 UTC.

- **alpha**, `m/x`: Doubt everything.
- **bravo**, `m/y`: Hm (dropped)

## Round 1

> Why?

Shown: `a.py`

### alpha · `m/x`

*4.1 s · 1,200 tokens in (900 cached), 34 out · $0.0123*

> Well.

**Proposal**

> Do it.

Asked once more for edits that couldn't be placed.

**Edits**, pending

`````diff
diff --git a/a.md b/a.md
--- a/a.md
+++ b/a.md
@@ -1,2 +1,2 @@
-````
+```
 x
`````

### bravo · `m/y`

*0.0 s · – tokens in, – out · –*

> I was

**Failed**: No key: set \\*IT\\*.

bravo was asked again, see below.

### bravo · `m/y`, asked again

*0.0 s · 1,200 tokens in (900 cached), 34 out · at least $0.0123*

**Cancelled**.

## Implementation 1

> Go.

### editor · `m/e`

*1.0 s · 1,200 tokens in (900 cached), 34 out · $0.0123*

> Edits.

**Edits**, pending

`````diff
diff --git a/a.md b/a.md
--- a/a.md
+++ b/a.md
@@ -1,2 +1,2 @@
-````
+```
 x
`````

---

In all: 1 round, 3 replies, 1 implementation.

*5.0 s · – tokens in, – out · at least $0.0369*
"""
    )


def test_an_implementation_stands_where_it_happened() -> None:
    before = Coding(1, 0, "First.", "m/e", Status.CANCELLED)
    text = export(discussion(done("Yes."), codings=(before,)), {})
    assert text.index("## Implementation 1") < text.index("## Round 1")
    assert "**Cancelled**." in text


def test_what_became_of_edits_is_told() -> None:
    hunks = (evolve(CHANGE.files[0].hunks[0], status=HunkStatus.REJECTED),)
    files = (evolve(CHANGE.files[0], hunks=hunks),)
    change = evolve(CHANGE, files=files, reasons=("not <b>now</b>",), problems=(Problem("Line 3 isn't there."),))
    text = export(discussion(done("x", change="c")), {"c": (change, "")})
    assert "**Edits**, rejected\n\n- Rejected: not \\<b\\>now\\</b\\>\n\n- Line 3 isn't there." in text
    assert "```" not in text
    assert "Edits" not in export(discussion(done("x", change="gone")), {})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Heading\n\ntext", ["> # Heading", ">", "> text"]),
        ("<b>bold</b> <!-- --> a < b", ["> \\<b>bold\\</b> \\<!-- --> a < b"]),
        ("as `<b>` says", ["> as `<b>` says"]),
        ("a ` alone <b>", ["> a \\` alone \\<b>"]),
        ("one `\n<i>` two", ["> one \\`", "> \\<i>\\` two"]),
        ("`` a ` b `` <b>", ["> `` a ` b `` \\<b>"]),
        ("\\<b> \\` <b>", ["> \\<b> \\` \\<b>"]),
        ("[docs]: http://example.invalid", ["> [docs]\\: http://example.invalid"]),
        ("![seen](http://example.invalid/x.png)", ["> !\\[seen](http://example.invalid/x.png)"]),
        ("```html\n<b>\n```\nafter", ["> ```html", "> <b>", "> ```", "> after"]),
        ("````md\n```\n<b>\n```\n````", ["> ````md", "> ```", "> <b>", "> ```", "> ````"]),
        ("~~~\n<b>\n~~~", ["> ```", "> <b>", "> ```"]),
        ("```\nnever closed\n# x", ["> ```", "> never closed", "> # x", "> ```"]),
        (
            "1. do\n    ```py\n    x\n      y\n    ```\nend",
            ["> 1. do", "> ```py", "> x", ">   y", "> ```", "> end"],
        ),
        ("```py <b>\nx\n```", ["> ```py", "> x", "> ```"]),
    ],
)
def test_what_was_written_stays_in_its_quote(written: str, shown: list[str]) -> None:
    assert quoted(written) == shown


@given(replies | tag_soup)
def test_nothing_gets_out_of_a_quote(text: str) -> None:
    lines = quoted(text)
    assert all(line == ">" or line.startswith("> ") for line in lines)
    open_: str | None = None
    for line in (line[2:] for line in lines):
        fence = re.match(r"(`{3,})([A-Za-z0-9_+#.-]*)$", line)
        if open_ is None and fence:
            open_ = fence[1]
        elif open_ is not None:
            open_ = None if line == open_ else open_
            assert open_ is None or not re.match(rf" {{0,3}}`{{{len(open_)},}}\s*$", line)
        else:
            bare = re.sub(r"\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", " ", line)
            assert not re.search(r"<[A-Za-z/!?]|!\[|\]:|`", bare), line
    assert open_ is None


@given(st.text("`\\<b>/ x", max_size=12))
def test_words_can_be_made_harmless_twice(line: str) -> None:
    assert words(words(line)) == words(line)


@given(st.text("`\n~ x", max_size=30))
def test_a_fence_is_longer_than_any_in_it(text: str) -> None:
    first, *inside, last = fenced(text, "diff")
    assert first == f"{last}diff"
    assert "\n".join(inside) == text.removesuffix("\n")
    assert last not in text
