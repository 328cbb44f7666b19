"""Edits in items of a list, whose text is indented with the item, and edits that are written half in another form."""

from __future__ import annotations

import pytest

from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import Block, Replace, WholeFile

BLOCK = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"


def only(reply: str) -> Block:
    """The one block of a reply that holds nothing else."""
    reading = read_edits(reply)
    assert reading.problems == ()
    (block,) = reading.blocks
    return block


def refused(reply: str) -> str:
    """The one problem of a reply that holds no block, and the file that it's about."""
    reading = read_edits(reply)
    assert reading.blocks == ()
    (problem,) = reading.problems
    return f"{problem.file}: {problem.message}"


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


# --- what is indented with its item


@pytest.mark.parametrize("by", ["  ", "   ", "    ", "\t"])
def test_a_file_in_a_list(by: str) -> None:
    text = "def f():\n    x\n\n\ty\n"
    file = indented(f"`a.py`\n```python\n{text}```\n", by)
    block = only(f"1. New:\n\n{file}\nSo.\n")
    assert isinstance(block, WholeFile)
    assert block.text == text


def test_blank_lines_of_a_file_in_a_list_may_be_indented_less_or_more() -> None:
    block = only("- New:\n\n   `a.py`\n   ```\n   a\n \n     \n   b\n   ```\n\nSo.\n")
    assert isinstance(block, WholeFile)
    assert block.text == "a\n\n  \nb\n"


def test_a_file_at_the_margin_under_an_indented_fence_stays_as_it_is() -> None:
    block = only("- New:\n\n   `a.py`\n   ```\ndef f():\n    x\n   ```\n\nSo.\n")
    assert isinstance(block, WholeFile)
    assert block.text == "def f():\n    x\n"


def test_a_new_file_s_text_under_an_indented_marker() -> None:
    text = "def f():\n    x\n"
    for written in (indented(text, "   "), text):
        block = only(f"- New:\n\n   a.py\n   <<<<<<< SEARCH\n   =======\n{written}   >>>>>>> REPLACE\n")
        assert block == Replace("a.py", "", text, 3)


def test_a_block_under_an_indented_marker_has_a_second_reading() -> None:
    item = indented(f"a.go\n{BLOCK}", "  ")
    block = only(f"- So:\n\n{item}")
    assert block == Replace("a.go", "  old\n", "  new\n", 3, (("old\n", "new\n"),))
    block = only("a.go\n  <<<<<<< SEARCH\nold\n  =======\nnew\n  >>>>>>> REPLACE\n")
    assert block == Replace("a.go", "old\n", "new\n", 1)


@pytest.mark.parametrize("fence", ["```\n", ""])
@pytest.mark.parametrize("by", ["", "  ", "    "])
def test_an_envelope_in_a_list(fence: str, by: str) -> None:
    text = "*** Begin Patch\n*** Update File: a.py\n@@ def f():\n   x\n-  y\n+  z\n\n u\n*** Add File: b.py\n+n\n"
    item = indented(f"{fence}{text}*** End Patch\n{fence}", by)
    reading = read_edits(f"- So:\n\n{item}\nDone.\n")
    assert reading.problems == ()
    update, addition = reading.blocks
    assert isinstance(update, Replace)
    assert isinstance(addition, Replace)
    assert (update.search, update.replace, update.near.under) == ("  x\n  y\n\nu\n", "  x\n  z\n\nu\n", ("def f():",))
    assert (addition.path, addition.replace) == ("b.py", "n\n")


def test_lines_that_an_envelope_keeps_are_its_own_whatever_they_look_like() -> None:
    kept = " <<<<<<< SEARCH\n *** End Patch\n *** Update File: b.py\n =======\n"
    block = only(f"*** Begin Patch\n*** Update File: a.py\n@@\n{kept}-x\n+y\n*** End Patch\n")
    assert isinstance(block, Replace)
    assert block.search == "<<<<<<< SEARCH\n*** End Patch\n*** Update File: b.py\n=======\nx\n"


# --- half in another form


@pytest.mark.parametrize(
    "reply",
    [
        "a.py\n```python\n<<<<<<<\nold\n=======\nnew\n>>>>>>>\n```\n",
        "a.py\n```python\n<<<<<\nold\n=====\nnew\n>>>>>\n```\n",
        "```python\na.py\n<<<<<<<\nold\n=======\nnew\n>>>>>>>\n```\n",
        "a.py\n<<<<<<<\nold\n=======\nnew\n>>>>>>>\n",
        "a.py\n```python\nimport x\n<<<<<<<\nold\n=======\nnew\n>>>>>>>\n```\n\nSo.\n",
    ],
)
def test_markers_without_their_words_are_a_problem(reply: str) -> None:
    assert refused(reply).startswith("a.py: ")


def test_a_file_about_merges_may_show_their_markers() -> None:
    text = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"
    block = only(f"a.txt\n````\n{text}````\n\nSo.\n")
    assert isinstance(block, WholeFile)
    assert block.text == text
    assert isinstance(only("a.py\n```\nTitle\n=====\n>>>>>\n<<<<<\n```\n\nSo.\n"), WholeFile)


@pytest.mark.parametrize(
    ("text", "is_file"),
    [
        (" a\n-b\n+c\n", False),
        ("-b\n+c\n", False),
        (" a\n" * 9 + "lost its blank\n-b\n+c\n", False),
        ("- a\n- b\n", True),
        ("+ a\n", True),
        ("def f():\n    x\n-b\n+c\n", True),
        ("", True),
    ],
)
def test_a_diffs_signs_are_no_file(text: str, is_file: bool) -> None:
    reply = f"a.py\n```python\n{text}```\n\nSo.\n"
    if is_file:
        assert only(reply) == WholeFile("a.py", text)
    else:
        assert "a diff's signs" in refused(reply)
    assert isinstance(only(reply.replace("a.py", "CHANGES.md")), WholeFile)


@pytest.mark.parametrize(
    ("above", "on", "named"),
    [
        ("src/a.py", "src/b.py", None),
        ("src/a.py", "a/src/b.py", None),
        ("src/a.py", "src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py", "src/a.py"),
        ("src/lib/a.py", "lib/a.py", "src/lib/a.py"),
    ],
)
def test_a_name_above_the_fence_and_one_on_it(above: str, on: str, named: str | None) -> None:
    for text in ("x = 1\n", BLOCK):
        reply = f"{above}\n```python {on}\n{text}```\n\nSo.\n"
        if named is None:
            assert above in refused(reply)
            assert on in refused(reply)
        else:
            assert only(reply).path in (named, on)


def test_a_name_behind_the_marker_and_another_above() -> None:
    reply = f"a.py\n{BLOCK.replace('SEARCH', 'SEARCH b.py')}"
    assert "two files' names, b.py and a.py" in refused(reply)
    # A sentence only mentions the other file, and the edit before is about what it was about.
    assert only(f"Unlike `a.py`:\n{BLOCK.replace('SEARCH', 'SEARCH b.py')}").path == "b.py"
    reading = read_edits(f"a.py\n{BLOCK}\n{BLOCK.replace('SEARCH', 'SEARCH b.py')}")
    assert [block.path for block in reading.blocks] == ["a.py", "b.py"]


# --- ends


def test_a_fence_that_closes_inside_its_block() -> None:
    early = "a.md\n```\n<<<<<<< SEARCH\nold\n=======\nnew\n```\n>>>>>>> REPLACE\n"
    assert "the end of its fence inside of it (line 7)" in refused(early)
    assert "the end of its fence inside of it" in refused(f"{early}\nSo.\n")
    # Where the fence is closed behind the block as well, or the text had a fence there before, it's the text's.
    block = only(f"{early}```\n")
    assert isinstance(block, Replace)
    assert block.replace == "new\n```\n"
    block = only(early.replace("old\n", "old\n```\n"))
    assert isinstance(block, Replace)
    assert block.replace == "new\n```\n"
    block = only(early.replace("new\n", "```sh\nnew\n"))
    assert isinstance(block, Replace)
    assert block.replace == "```sh\nnew\n```\n"


def test_what_a_longer_block_holds_is_its_text_though_it_never_ends() -> None:
    longer = f"a.md\n<<<<<<<<< SEARCH\n{BLOCK}=========\n{BLOCK}"
    assert "ended inside this edit" in refused(longer)
    # What is as long again is an edit of its own.
    reading = read_edits(f"{longer}\nb.md\n<<<<<<<<< SEARCH\nx\n=========\ny\n>>>>>>>>> REPLACE\n")
    assert [block.path for block in reading.blocks] == ["b.md"]
    assert len(reading.problems) == 1
