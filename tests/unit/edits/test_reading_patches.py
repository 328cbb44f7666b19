"""`*** Begin Patch` envelopes as models write them."""

from __future__ import annotations

import pytest

from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import Block, DeleteFile, Form, Near, Problem, RenameFile, Replace

CHUNK = "@@\n x\n-old\n+new\n"
UPDATE = f"*** Update File: a.py\n{CHUNK}"


def envelope(inside: str) -> str:
    return f"*** Begin Patch\n{inside}*** End Patch\n"


def blocks(reply: str) -> tuple[Block, ...]:
    reading = read_edits(reply)
    assert reading.problems == ()
    return reading.blocks


def only(reply: str) -> Replace:
    """The one edit of a reply that holds nothing else."""
    (block,) = blocks(reply)
    assert isinstance(block, Replace)
    assert block.form is Form.PATCH
    return block


def refused(reply: str) -> Problem:
    """The one problem of a reply that holds no edit."""
    reading = read_edits(reply)
    assert reading.blocks == ()
    (problem,) = reading.problems
    return problem


@pytest.mark.parametrize(
    "reply",
    [
        envelope(UPDATE),
        envelope(UPDATE)[:-1],
        f"```\n{envelope(UPDATE)}```\n",
        f"~~~~patch\n{envelope(UPDATE)}~~~~\n",
        f"```diff\n{envelope(UPDATE)}```\n",
        f"a.py\n```\n{envelope(UPDATE)}```\n",
        f"```bash\napply_patch <<'EOF'\n{envelope(UPDATE)}EOF\n```\n",
        f"apply_patch <<'EOF'\n{envelope(UPDATE)}EOF\n",
        f"So:\n\n{envelope(UPDATE)}\nDone.\n",
        f"```\n*** Begin Patch\n{UPDATE}```\n\nDone.\n",
        f"```\n{UPDATE}*** End Patch\n```\n",
        envelope(f"\n{UPDATE}\n\n"),
        envelope(UPDATE).replace("*** Begin Patch", "*** Begin Patch  ").replace("*** End Patch", "*** End Patch\t"),
        envelope(UPDATE.replace("a.py", "`a.py`")),
        envelope(UPDATE.replace("a.py", "./a.py")),
        envelope(UPDATE.replace("@@\n", "")),
        envelope(UPDATE.replace("File: ", "File:")),
    ],
)
def test_where_an_envelope_may_stand(reply: str) -> None:
    block = only(reply)
    assert (block.path, block.search, block.replace) == ("a.py", "x\nold\n", "x\nnew\n")
    assert block.near == Near()


@pytest.mark.parametrize(
    ("headers", "near"),
    [
        ("@@ def f():\n", Near(under=("def f():",))),
        ("@@ class A\n@@     def f(self):\n", Near(under=("class A", "    def f(self):"))),
        ("@@ class A @@\n", Near(under=("class A",))),
        ("@@ -4,2 +4,2 @@ def f():\n", Near(3, ("def f():",))),
        ("@@ ... @@\n", Near()),
    ],
)
def test_anchors(headers: str, near: Near) -> None:
    assert only(envelope(UPDATE.replace("@@\n", headers))).near == near


def test_the_end_of_the_file() -> None:
    assert only(envelope(f"{UPDATE}*** End of File\n")).near == Near(at_end=True)
    added = only(envelope("*** Update File: a.py\n@@\n+x\n+y\n*** End of File\n"))
    assert added == Replace("a.py", "", "x\ny\n", 2, near=Near(at_end=True), form=Form.PATCH)


def test_chunks_and_files() -> None:
    reading = blocks(
        envelope(
            f"*** Add File: src/n.py\n+a\n+\n\n+b\n\n*** Delete File: old.py\n{UPDATE}@@ def g():\n-c\n\n d\n"
            f"*** Update File: b.py\n*** Move to: src/b.py\n{CHUNK}"
        )
    )
    assert reading == (
        Replace("src/n.py", "", "a\n\n\nb\n", 1, form=Form.PATCH),
        DeleteFile("old.py", 7),
        Replace("a.py", "x\nold\n", "x\nnew\n", 9, form=Form.PATCH),
        Replace("a.py", "c\n\nd\n", "\nd\n", 13, near=Near(under=("def g():",)), form=Form.PATCH),
        RenameFile("b.py", "src/b.py", 17),
        Replace("b.py", "x\nold\n", "x\nnew\n", 19, form=Form.PATCH),
    )


def test_a_move_alone_and_an_empty_file() -> None:
    assert blocks(envelope("*** Update File: a.py\n*** Move to: b.py\n")) == (RenameFile("a.py", "b.py", 1),)
    assert only(envelope("*** Add File: src/__init__.py\n")) == Replace("src/__init__.py", "", "", 1, form=Form.PATCH)


def test_lines_of_the_text_that_look_like_the_envelope() -> None:
    block = only(envelope("*** Update File: a.md\n@@\n *** End Patch\n-*** Begin Patch\n+*** Add File: x\n @@ y\n"))
    assert block.search == "*** End Patch\n*** Begin Patch\n@@ y\n"
    assert block.replace == "*** End Patch\n*** Add File: x\n@@ y\n"


def test_context_without_its_blank_is_read_both_ways() -> None:
    block = only(envelope("*** Update File: a.py\n@@\ndef f():\n    a\n-    old\n"))
    assert (block.search, block.replace) == ("def f():\n   a\n    old\n", "def f():\n   a\n")
    assert block.alternatives == (("def f():\n    a\n    old\n", "def f():\n    a\n"),)


def test_what_was_escaped_is_unescaped_and_line_ends_are_the_replys() -> None:
    block = only(envelope("*** Update File: it&apos;s.py\n@@\n-<\\proposal>\n+<\\\\file>\n").replace("\n", "\r\n"))
    assert (block.path, block.search, block.replace) == ("it's.py", "<proposal>\r\n", "<\\file>\r\n")


def test_windows_separators_are_understood_and_said() -> None:
    reading = read_edits(envelope("*** Update File: src\\a.py\n@@\n-x\n@@\n-y\n"))
    assert [block.path for block in reading.blocks] == ["src/a.py", "src/a.py"]
    assert [(said.message, said.notice) for said in reading.problems] == [
        ("`src\\a.py` was taken for src/a.py.", True),
    ]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (envelope("*** Update File: a.py\n@@ def f():\n+x\n"), "adds lines and names none"),
        (envelope("*** Update File: a.py\n@@\n"), "holds no lines"),
        (envelope("*** Update File: a.py\n"), "holds no line to add or to remove"),
        (envelope("*** Add File: a.py\nx = 1\n+y\n"), "lines that it keeps or removes"),
        (envelope("*** Add File: a.py\n@@\n+y\n"), "lines that it keeps or removes"),
        (envelope("*** Delete File: a.py\n+y\n"), "lines that it keeps or adds"),
        (envelope("*** Update File: ../a.py\n@@\n-x\n"), "upwards"),
        (envelope("*** Add File: /etc/passwd\n+x\n"), "absolute"),
        (envelope("*** Delete File: .git/config\n"), "git's own data"),
        (envelope("*** Update File: a.py\n*** Move to: C:\\b.py\n@@\n-x\n"), "drive"),
        (envelope(""), "names no file"),
        ("*** Begin Patch\n", "names no file"),
    ],
)
def test_what_cannot_be_read_is_a_problem(reply: str, message: str) -> None:
    problem = refused(reply)
    assert message in problem.message
    assert problem.line is not None


@pytest.mark.parametrize(
    ("reply", "handed_on", "line"),
    [
        (f"*** Begin Patch\n{UPDATE}", 0, 2),
        (f"*** Begin Patch\n{UPDATE}{CHUNK}", 1, 6),
        (f"*** Begin Patch\n{UPDATE}*** Add File: n.py\n+x\n", 1, 6),
        (f"*** Begin Patch\n{UPDATE}*** Delete File: n.py", 1, 6),
        (f"*** Begin Patch\n{UPDATE}*** Update File: n.py\n*** Move to: src", 1, 6),
        (f"*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n{CHUNK}", 1, 3),
        (f"```\n*** Begin Patch\n{UPDATE}", 0, 3),
        (f"*** Begin Patch\n{UPDATE}\n*** End Pat", 0, 2),
    ],
)
def test_an_envelope_cut_off_loses_its_last_piece(reply: str, handed_on: int, line: int) -> None:
    reading = read_edits(reply)
    assert len(reading.blocks) == handed_on
    (problem,) = reading.problems
    assert "ended inside this edit" in problem.message
    assert problem.line == line


def test_an_envelope_without_an_end_does_not_hide_what_follows() -> None:
    reading = read_edits(
        f"*** Begin Patch\n{UPDATE}\nb.py\n\n```\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n"
    )
    assert [block.path for block in reading.blocks] == ["b.py"]
    assert [problem.line for problem in reading.problems] == [2]
    reading = read_edits(f"*** Begin Patch\n{UPDATE}*** Begin Patch\n{UPDATE}*** End Patch\n")
    assert [block.line for block in reading.blocks] == [8]
    assert [problem.line for problem in reading.problems] == [2]
