"""A reply that arrives in pieces hands on its edits one by one, and comes to what the whole reply holds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.edits.reading.read import LONGEST, read_edits
from moa_lsp.edits.reading.stream import EditStream
from moa_lsp.edits.values import Block

BLOCK = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"
DIFF = "--- a/d.py\n+++ b/d.py\n@@ -1,2 +1,2 @@\n-x\n+y\n z\n"
HUNK = "@@ -9,2 +9,2 @@\n-v\n+w\n u\n"
PATCH = (
    "*** Begin Patch\n*** Update File: p.py\n@@\n-x\n+y\n*** Add File: n.py\n+z\n*** Delete File: g.py\n*** End Patch\n"
)


def fed(pieces: Sequence[str]) -> tuple[EditStream, list[Block]]:
    stream = EditStream()
    return stream, [block for piece in pieces for block in stream.feed(piece)]


@pytest.mark.parametrize(
    ("before", "after", "handed_on"),
    [
        (f"a.py\n{BLOCK}"[:-1], "\n", 1),
        ("a.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>>", " REPLACE\n", 1),
        ("a.py\n```\nx\n```\n", "\n", 1),
        ("a.py\n```\nx\n```\n", "Done.\n", 0),
        ("a.md\n```\nx\n```\n\nSo.\n", "b.py\n```python\n", 1),
        (f"a.py\n```\n{BLOCK}", "```\n", 1),
        (f"```\na.py\n{BLOCK}\nb.py\n", "<<<<<<< SEARCH\n", 1),
        (f"```diff\n{DIFF}", "@@\n", 1),
        (f"```diff\n{DIFF}{HUNK}", "```\n", 1),
        (f"{DIFF}\n", "Done.\n", 1),
        ("```diff\n--- a/g.py\n+++ /dev/null\n@@\n-x\n", "```\n", 1),
        ("*** Begin Patch\n*** Update File: p.py\n@@\n-x\n+y\n", "*** Delete File: g.py\n", 1),
        ("*** Begin Patch\n*** Delete File: g.py\n", "*** End Patch\n", 1),
    ],
)
def test_an_edit_is_handed_on_with_the_line_that_closes_it(before: str, after: str, handed_on: int) -> None:
    stream, early = fed([*before])
    now = stream.feed(after)
    assert len(now) == handed_on
    expected = read_edits(f"{before}{after}\n\nx\n```\n").blocks
    assert (*early, *now) == expected[: len(early) + len(now)]


def test_blocks_come_one_by_one_and_once() -> None:
    counts: list[int] = []
    stream = EditStream()
    reply = f"a.py\n{BLOCK}\n{BLOCK}Then:\n\n```diff\n{DIFF}{HUNK}```\n\n{PATCH}\nb.py\n```\nx\n```\n\nDone.\n"
    blocks: list[Block] = []
    for line in reply.splitlines(keepends=True):
        blocks += (now := stream.feed(line))
        counts.append(len(now))
    assert tuple(blocks) == stream.end().blocks == read_edits(reply).blocks
    assert (len(blocks), max(counts)) == (8, 1)


@pytest.mark.parametrize(
    "reply",
    [
        f"docs.md\n<<<<<<< SEARCH\nx\n=======\na.py\n{BLOCK}",
        "a.py\n<<<<<<<<< SEARCH\nx\n=========\n>>>>>>> REPLACE\n",
        "a.py\n<<<<<<< SEARCH\nx\n=======\ny\n",
        f"a.py\n```\n{BLOCK}",
        f"a.py\n```\n{BLOCK}'\n>>>>>>> REPLACE\n```\n",
        "README.md\n```\n# T\n```\n\nmake\n",
        "a.py\n```\nx\n",
        f"```diff\n{DIFF}",
        DIFF,
        "*** Begin Patch\n*** Add File: n.py\n+z\n",
    ],
)
def test_what_may_go_on_is_not_handed_on(reply: str) -> None:
    assert fed([*reply])[1] == []


def test_line_ends_may_come_in_two_pieces() -> None:
    reply = f"a.py\n{BLOCK}\nb.py\n{BLOCK}".replace("\n", "\r\n")
    stream, blocks = fed([*reply])
    assert tuple(blocks) == stream.end().blocks
    assert len(blocks) == 2
    stream, blocks = fed([*reply.replace("\r\n", "\r"), "So.\r", "x"])
    assert tuple(blocks) == stream.end().blocks
    assert len(blocks) == 2


def test_an_end_that_the_reply_takes_back_counts() -> None:
    stream, blocks = fed([f"a.py\n{BLOCK}", "more\n>>>>>>> REPLACE\n"])
    assert len(blocks) == 1
    assert stream.end().blocks == ()


def test_a_reply_beyond_all_measure_is_read_no_further() -> None:
    stream, blocks = fed([f"a.py\n{BLOCK}", "x" * LONGEST, "\n", f"b.py\n{BLOCK}"])
    assert [block.path for block in blocks] == ["a.py"]
    assert "was not read" in stream.end().problems[0].message


# --- any reply in any pieces

_PROSE = st.sampled_from(
    ["", "So I'd do this.\n", "Title\n=====\n", "See `z.py`, it's fine.\n", "\n\nThen:\n", "- a\n- b\n"]
)
_PATHS = st.sampled_from(["a.py", "src/b.py", "**c/d.ts**", "`x y/e.cfg`", "### `f.rs`", "File: g.go"])
_TEXT = st.lists(
    st.sampled_from(
        ["x = 1", "    y", "", "# c", "=====", "- i", "+ j", "@@", "--- k", "```sh", "~~~", "`z.py`", "<<<<"]
    ),
    max_size=5,
).map(lambda lines: "".join(f"{line}\n" for line in lines))
_FENCES = st.sampled_from(["````", "`````", "~~~~~"])


@st.composite
def _edits(draw: st.DrawFn) -> str:
    """An edit that closes by itself, in any of the forms, its text full of what other forms are made of."""
    path, old, new = draw(_PATHS), draw(_TEXT), draw(_TEXT)
    block = f"<<<<<<< SEARCH\nold\n{old}\n=======\n{new}>>>>>>> REPLACE\n"
    fence = draw(_FENCES)
    signed = "".join(f"{draw(st.sampled_from(' +-'))}{line}\n" for line in f"{old}{new}".splitlines())
    hunk = f"@@ -{draw(st.integers(0, 9))},3 +1,3 @@\n-a\n{signed}+b\n"
    section = f"--- a/h.py\n+++ b/h.py\n{hunk}{draw(st.sampled_from(['', hunk]))}"
    return draw(
        st.sampled_from(
            [
                f"{path}\n{block}",
                f"{path}\n{fence}python\n{block}{fence}\n",
                f"{fence}\n// {path.strip('*`# ')}\n{block}{fence}\n" if " " not in path else f"{path}\n{block}{block}",
                f"{path}\n{fence}\n\n{old.replace('~~~', '')}{fence}\n\n",
                f"{fence}diff\n{section}{section}{fence}\n",
                f"{section} c\n\nWell,\n",
                f"{fence}diff\ndiff --git a/o b/n\nrename from o\nrename to n\n{fence}\n",
                f"*** Begin Patch\n*** Update File: i.py\n{hunk}{hunk}*** Add File: j.py\n+{new[:1]}\n*** End Patch\n",
                f"{fence}\n*** Begin Patch\n*** Delete File: k.py\n{fence}\n",
            ]
        )
    )


@st.composite
def _pieces(draw: st.DrawFn, reply: str) -> list[str]:
    if draw(st.booleans()):
        return [*reply]
    cuts = sorted(draw(st.lists(st.integers(0, len(reply)), max_size=12)))
    return [reply[start:end] for start, end in zip([0, *cuts], [*cuts, len(reply)], strict=True)]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_what_was_handed_on_is_what_the_reply_holds(data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.tuples(_PROSE, _edits()), max_size=6))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    reply = "".join(f"{prose}\n{edit}" for prose, edit in parts) + "\nThat's all.\n"
    reply = reply.replace("\n", end)
    stream, blocks = fed(data.draw(_pieces(reply)))
    assert tuple(blocks) == read_edits(reply).blocks
    assert stream.end() == read_edits(reply)


_GARBAGE = st.lists(
    st.sampled_from(
        [
            *f"a.py\n{BLOCK}{DIFF}{HUNK}{PATCH}".splitlines(),
            "```",
            "```diff",
            "````python",
            "  ```",
            "~~~",
            ">>>>>>>> REPLACE",
            "<<<<<<<< SEARCH",
            "------- SEARCH",
            "+++++++ REPLACE",
            "diff --git a/x b/y",
            "rename from x",
            "--- /dev/null",
            "*** Move to: q.py",
            "*** End of File",
            "-- ",
            "2.40",
            "README.md",
            "",
            "",
            "x",
            "\\ No newline at end of file",
        ]
    ),
    max_size=40,
)


@given(_GARBAGE, st.sampled_from(["\n", "\r\n", "\r"]), st.data())
@settings(max_examples=600, deadline=None)
def test_any_lines_come_to_what_the_whole_holds(lines: list[str], end: str, data: st.DataObject) -> None:
    reply = end.join(lines)
    stream, _ = fed(data.draw(_pieces(reply)))
    assert stream.end() == read_edits(reply)


@given(st.text(max_size=200), st.data())
@settings(max_examples=200, deadline=None)
def test_any_text_comes_to_what_the_whole_holds(reply: str, data: st.DataObject) -> None:
    stream, _ = fed(data.draw(_pieces(reply)))
    assert stream.end() == read_edits(reply)
