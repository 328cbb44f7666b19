"""Unified diffs as models write them: wrong numbers, lost prefixes, half a header, no fence."""

from __future__ import annotations

import pytest

from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import Block, DeleteFile, Form, Near, Problem, RenameFile, Replace

HEAD = "--- a/a.py\n+++ b/a.py\n"
BODY = " x\n-old\n+new\n"


def fenced(diff: str, info: str = "diff") -> str:
    return f"```{info}\n{diff}```\n"


def only(reply: str) -> Replace:
    """The one edit of a reply that holds nothing else."""
    reading = read_edits(reply)
    assert reading.problems == ()
    (block,) = reading.blocks
    assert isinstance(block, Replace)
    assert block.form is Form.DIFF
    return block


def blocks(reply: str) -> tuple[Block, ...]:
    reading = read_edits(reply)
    assert reading.problems == ()
    return reading.blocks


def refused(reply: str) -> Problem:
    """The one problem of a reply that holds no edit."""
    reading = read_edits(reply)
    assert reading.blocks == ()
    (problem,) = reading.problems
    return problem


def halves(block: Replace) -> tuple[str, str]:
    return block.search, block.replace


# --- where a hunk says it stands


@pytest.mark.parametrize(
    ("header", "near"),
    [
        ("@@ -4,2 +4,2 @@", Near(3)),
        ("@@ -4 +4 @@", Near(3)),
        ("@@ -4,90 +5,1 @@", Near(3)),
        ("@@ -0,2 +1,2 @@", Near()),
        ("@@ -4,2 +4,2 @@ def f():", Near(3, ("def f():",))),
        ("@@ -4,2 +4,2 @@     def f(self):", Near(3, ("    def f(self):",))),
        ("@@ -4,2 +4,2", Near(3)),
        ("@@ -4,2 +4,2 def f():", Near(3, ("def f():",))),
        ("@@ -4,2 @@", Near(3)),
        ("@@ line 4 @@", Near(3)),
        ("@@ 4 @@", Near(3)),
        ("@@", Near()),
        ("@@ @@", Near()),
        ("@@ -99999999999,2 +1,2 @@", Near()),
        ("@@ ... @@", Near()),
        ("@@ … @@", Near()),
        ("@@ -X,Y +X,Y @@", Near()),
        ("@@ -?,? +?,? @@", Near()),
        ("@@ def f(): @@", Near(under=("def f():",))),
        ("@@ def f():", Near(under=("def f():",))),
        ("@@ class A @@     def f(self):", Near(under=("class A", "    def f(self):"))),
        ("@@ -4,2 +4,2 @@\r", Near(3)),
    ],
)
def test_what_a_header_says_is_a_hint(header: str, near: Near) -> None:
    block = only(fenced(f"{HEAD}{header}\n{BODY}"))
    assert block == Replace("a.py", "x\nold\n", "x\nnew\n", 3, near=near, form=Form.DIFF)


@pytest.mark.parametrize("counts", ["-1,1 +1,1", "-1,99 +1,99", "-1,0 +1,0"])
def test_counts_never_drop_a_line(counts: str) -> None:
    body = "".join(f" {n}\n" for n in range(5)) + "-a\n-b\n+c\n" + "".join(f" {n}\n" for n in range(5, 9))
    block = only(fenced(f"{HEAD}@@ {counts} @@\n{body}"))
    assert halves(block) == ("0\n1\n2\n3\n4\na\nb\n5\n6\n7\n8\n", "0\n1\n2\n3\n4\nc\n5\n6\n7\n8\n")


# --- which file


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("--- a/src/a.py\n+++ b/src/a.py\n", "src/a.py"),
        ("--- src/a.py\n+++ src/a.py\n", "src/a.py"),
        ("--- a/src/a.py\n+++ src/a.py\n", "src/a.py"),
        ("--- src/a.py\n+++ b/src/a.py\n", "src/a.py"),
        ("--- a/a.py\n+++ a/a.py\n", "a/a.py"),
        ("--- a/src/a.py\n", "src/a.py"),
        ("+++ b/src/a.py\n", "src/a.py"),
        ("--- a/src/a.py\t2024-01-01 10:00:00.000000000 +0000\n+++ b/src/a.py\t(working copy)\n", "src/a.py"),
        ("--- src/a.py 2024-01-01 10:00:00 +0100\n+++ src/a.py 2024-01-02\n", "src/a.py"),
        ("--- src/a.py (original)\n+++ src/a.py (modified)\n", "src/a.py"),
        ("--- old/src/a.py\n+++ new/src/a.py\n", "src/a.py"),
        ("--- i/src/a.py\n+++ w/src/a.py\n", "src/a.py"),
        ("--- src/a.py.orig\n+++ src/a.py\n", "src/a.py"),
        ("--- a/my notes/a b.txt\n+++ b/my notes/a b.txt\n", "my notes/a b.txt"),
        ('--- "a/with \\"quotes\\".py"\n+++ "b/with \\"quotes\\".py"\n', 'with "quotes".py'),
        ('--- "a/gr\\303\\266\\303\\237e.py"\n+++ "b/gr\\303\\266\\303\\237e.py"\n', "größe.py"),
        ('--- "a/it\'s a.py"\n+++ "b/it\'s a.py"\n', "it's a.py"),
        ("--- a/größe.py\n+++ b/größe.py\n", "größe.py"),
        ("--- ./src/a.py\n+++ ./src/a.py\n", "src/a.py"),
        ("--- `src/a.py`\n+++ `src/a.py`\n", "src/a.py"),
        ("diff --git a/src/a.py b/src/a.py\nindex 12ab..34cd 100644\n--- a/src/a.py\n+++ b/src/a.py\n", "src/a.py"),
        ("diff --git a/src/a.py b/src/a.py\n", "src/a.py"),
        ("diff --git a/my a.py b/my a.py\n", "my a.py"),
        ("Index: src/a.py\n=========\n--- src/a.py\n+++ src/a.py\n", "src/a.py"),
        ("src/a.py\n", "src/a.py"),
        ("# src/a.py\n", "src/a.py"),
    ],
)
def test_the_file_that_a_diff_names(head: str, path: str) -> None:
    block = only(fenced(f"{head}@@ -1,2 +1,2 @@\n{BODY}"))
    assert (block.path, halves(block)) == (path, ("x\nold\n", "x\nnew\n"))


@pytest.mark.parametrize(
    "reply",
    [
        f"src/a.py\n{fenced(BODY)}",
        f"src/a.py\n\n{fenced('@@' + chr(10) + BODY)}",
        f"**`src/a.py`**:\n{fenced(BODY)}",
        f"In `src/a.py`:\n\n{fenced(BODY)}",
        fenced(BODY, "diff src/a.py"),
        fenced(BODY, "diff:src/a.py"),
        f"src/a.py\n{fenced('--- Original' + chr(10) + '+++ Modified' + chr(10) + '@@' + chr(10) + BODY)}",
        f"src/a.py\n```\n@@ -1,2 +1,2 @@\n{BODY}```\n",
        f"src/a.py\n@@ -1,2 +1,2 @@\n{BODY}\nDone.\n",
    ],
)
def test_a_diff_without_a_name_is_about_the_file_above_it(reply: str) -> None:
    assert (only(reply).path, halves(only(reply))) == ("src/a.py", ("x\nold\n", "x\nnew\n"))


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (fenced(f"@@ -1,2 +1,2 @@\n{BODY}"), "names no file"),
        (fenced(f"--- a/old.py\n+++ b/new.py\n@@\n{BODY}"), "names two files, old.py and new.py"),
        (fenced(f"--- /dev/null\n+++ /dev/null\n@@\n{BODY}"), "names no file but /dev/null"),
        (fenced(f"--- a/../x.py\n+++ b/../x.py\n@@\n{BODY}"), "upwards"),
        (fenced(f"--- /etc/passwd\n+++ /etc/passwd\n@@\n{BODY}"), "absolute"),
        (fenced(f"--- a/.git/config\n+++ b/.git/config\n@@\n{BODY}"), "git's own data"),
        (fenced(f"--- a/a.py\n+++ b/~/x\nrename from a.py\nrename to ~/x\n@@\n{BODY}"), "home folder"),
        (fenced('--- "a/\\377.py"\n+++ "b/\\377.py"\n@@\n' + BODY), "control character"),
        (fenced(HEAD), "holds no line to add or to remove"),
        (fenced(" only\n context\n"), "holds no line to add or to remove"),
        (fenced(f"{HEAD}@@ -3,0 +4,1 @@\n+new\n"), "adds lines and names none"),
        (fenced(f"{HEAD}@@ -1,1 +1,1 @@\n"), "holds no lines"),
        (fenced("diff --git a/x.png b/x.png\nindex 1..2\nBinary files a/x.png and b/x.png differ\n"), "binary patch"),
        (fenced("diff --git a/x b/x\nGIT binary patch\nliteral 5\nMcmZQz\n"), "binary patch"),
        (fenced("diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"), "only changes the file's mode"),
        (fenced("diff --git a/a.py b/b.py\nsimilarity index 90%\ncopy from a.py\ncopy to b.py\n"), "copies a file"),
        (
            fenced("diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n@@@ -1,2 -1,2 +1,3 @@@\n  x\n++y\n"),
            "combined diff",
        ),
        (fenced("--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+x\n kept\n"), "lines that it keeps or removes"),
        (fenced("--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+x\n@@ -0,0 +9 @@\n+y\n"), "several hunks"),
        (fenced("--- a/n.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n kept\n"), "lines that it keeps or adds"),
    ],
)
def test_what_cannot_be_done_is_a_problem(reply: str, message: str) -> None:
    problem = refused(reply)
    assert message in problem.message
    assert problem.line is not None


# --- a hunk's lines


def test_blank_lines_need_no_blank() -> None:
    assert halves(only(fenced(f"{HEAD}@@\n x\n\n-old\n\n+new\n y\n\n\n"))) == ("x\n\nold\n\ny\n", "x\n\n\nnew\ny\n")


def test_the_mark_of_a_missing_line_end_is_no_line() -> None:
    body = " x\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n"
    assert halves(only(fenced(f"{HEAD}@@\n{body}"))) == ("x\nold\n", "x\nnew\n")


def test_lines_that_look_like_a_header_stay_in_their_hunk() -> None:
    body = " x\n--- select 1\n--- select 2\n+++ i\n+++ j\n y\n"
    assert halves(only(fenced(f"{HEAD}@@\n{body}"))) == (
        "x\n-- select 1\n-- select 2\ny\n",
        "x\n++ i\n++ j\ny\n",
    )


def test_context_without_its_blank_is_read_both_ways() -> None:
    block = only(fenced(f"{HEAD}@@\ndef f():\n    a\n-    old\n+    new\n    b\n"))
    assert halves(block) == ("def f():\n   a\n    old\n   b\n", "def f():\n   a\n    new\n   b\n")
    assert block.alternatives == (("def f():\n    a\n    old\n    b\n", "def f():\n    a\n    new\n    b\n"),)


def test_context_that_is_indented_evenly_may_have_lost_its_blank() -> None:
    block = only(fenced(f"{HEAD}@@\n    a\n-    old\n+    new\n"))
    assert halves(block) == ("   a\n    old\n", "   a\n    new\n")
    assert block.alternatives == (("    a\n    old\n", "    a\n    new\n"),)


def test_a_proper_hunk_has_one_reading() -> None:
    assert only(fenced(f"{HEAD}@@\n def f():\n     a\n-    old\n+    new\n\n")).alternatives == ()


def test_what_was_escaped_is_unescaped() -> None:
    assert halves(only(fenced(f"{HEAD}@@\n <\\proposal>\n-</\\file>\n-<\\file>\n+<\\\\role>\n"))) == (
        "<proposal>\n</\\file>\n<file>\n",
        "<proposal>\n<\\role>\n",
    )


def test_line_ends_are_the_replys() -> None:
    block = only(fenced(f"{HEAD}@@ -1,2 +1,2 @@\n{BODY}").replace("\n", "\r\n"))
    assert (block.path, halves(block)) == ("a.py", ("x\r\nold\r\n", "x\r\nnew\r\n"))


def test_a_removal_of_all_lines_is_no_deletion() -> None:
    assert halves(only(fenced(f"{HEAD}@@ -1,2 +0,0 @@\n-x\n-y\n"))) == ("x\ny\n", "")


# --- several hunks, several files


def test_each_hunk_is_an_edit() -> None:
    reading = blocks(fenced(f"{HEAD}@@ -1 +1 @@\n{BODY}@@ -9 +9 @@\n-b\n+c\n--- a/b.py\n+++ b/b.py\n@@\n-d\n"))
    assert reading == (
        Replace("a.py", "x\nold\n", "x\nnew\n", 3, near=Near(0), form=Form.DIFF),
        Replace("a.py", "b\n", "c\n", 7, near=Near(8), form=Form.DIFF),
        Replace("b.py", "d\n", "", 12, form=Form.DIFF),
    )


def test_a_file_that_cannot_be_edited_costs_only_its_own_hunks() -> None:
    reading = read_edits(fenced(f"--- a/../x\n+++ b/../x\n@@\n{BODY}{HEAD}@@\n{BODY}"))
    assert [block.path for block in reading.blocks] == ["a.py"]
    assert len(reading.problems) == 1


def test_files_without_any_hunk_header() -> None:
    reading = blocks(fenced(f"{HEAD}{BODY}--- a/b.py\n+++ b/b.py\n-d\n+e\n"))
    assert [(block.path, block.search) for block in reading if isinstance(block, Replace)] == [
        ("a.py", "x\nold\n"),
        ("b.py", "d\n"),
    ]


def test_a_letter_above_a_diff_and_the_signature_below_are_neither() -> None:
    letter = "From 12ab\nSubject: [PATCH] better\n\nIt is.\n---\n a.py | 2 +-\n 1 file changed\n\n"
    block = only(fenced(f"{letter}diff --git a/a.py b/a.py\n{HEAD}@@ -1,2 +1,2 @@\n{BODY}-- \n2.40.1\n\n"))
    assert halves(block) == ("x\nold\n", "x\nnew\n")


# --- created, deleted, renamed


@pytest.mark.parametrize(
    "head",
    [
        "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,3 @@\n",
        "--- /dev/null\n+++ n.py\n@@\n",
        "--- dev/null\n+++ b/n.py\n",
        "diff --git a/n.py b/n.py\nnew file mode 100644\nindex 000..12a\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,3 @@\n",
        "--- a/n.py\n+++ b/n.py\n@@ -0,0 +1,3 @@\n",
        "--- n.py\n+++ n.py\n@@ -0,0 +1,7 @@\n",
    ],
)
def test_a_created_file(head: str) -> None:
    block = only(fenced(f"{head}+a\n\n+b\n"))
    assert (block.path, halves(block)) == ("n.py", ("", "a\n\nb\n"))


def test_a_created_file_may_end_without_a_line_end_or_be_empty() -> None:
    block = only(fenced("--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"))
    assert halves(block) == ("", "a")
    assert halves(only(fenced("diff --git a/n.py b/n.py\nnew file mode 100644\nindex 0..e\n"))) == ("", "")


@pytest.mark.parametrize(
    ("diff", "text"),
    [
        ("--- a/n.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", "a\nb\n"),
        ("--- a/n.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n@@ -9 +0,0 @@\n-b\n", "a\nb\n"),
        ("diff --git a/n.py b/n.py\ndeleted file mode 100644\n--- a/n.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "a\n"),
        ("diff --git a/n.py b/n.py\ndeleted file mode 100644\nindex 1..0\n", None),
        ("--- n.py\n+++ /dev/null\n", None),
        ("--- n.py\n+++ /dev/null\n@@ -0,0 +0,0 @@\n", None),
    ],
)
def test_a_deleted_file_and_what_it_is_believed_to_hold(diff: str, text: str | None) -> None:
    assert blocks(fenced(diff)) == (DeleteFile("n.py", 1, text),)


@pytest.mark.parametrize("old", ["a/x.md", "/dev/null"])
@pytest.mark.parametrize("fence", ["```diff\n", ""])
def test_another_file_directly_below_a_renaming(fence: str, old: str) -> None:
    head = "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n\n"
    reading = read_edits(f"{fence}{head}--- {old}\n+++ b/x.md\n@@ -0,0 +1,1 @@\n+new\n{fence and '```'}\n\nSo.\n")
    assert reading.problems == ()
    begins = 8 + bool(fence) - 1
    assert reading.blocks == (
        RenameFile("a.py", "b.py", int(bool(fence))),
        Replace("x.md", "", "new\n", begins, form=Form.DIFF),
    )


def test_another_file_directly_below_an_empty_new_one() -> None:
    head = "diff --git a/n.py b/n.py\nnew file mode 100644\nindex 0..e\n"
    reading = blocks(fenced(f"{head}{HEAD}@@\n{BODY}"))
    assert [block.path for block in reading] == ["n.py", "a.py"]


def test_a_renaming_is_not_lost_where_the_numbers_say_that_the_file_is_new() -> None:
    head = "diff --git a/a.py b/b.py\nsimilarity index 90%\nrename from a.py\nrename to b.py\n--- a/a.py\n+++ b/b.py\n"
    reading = read_edits(fenced(f"{head}@@ -0,0 +1 @@\n+new\n"))
    assert reading.blocks == (RenameFile("a.py", "b.py", 1),)
    assert "adds lines and names none" in reading.problems[0].message


def test_lines_in_front_of_the_first_one() -> None:
    block = only(fenced(f"{HEAD}@@ -0,0 +1,2 @@\n+new\n old\n"))
    assert halves(block) == ("old\n", "new\nold\n")


def test_two_files_named_beside_a_diff_that_names_none() -> None:
    problem = refused("src/a.py\n```diff src/b.py\n@@\n-x\n+y\n```\n")
    assert "names no file" in problem.message


def test_a_renamed_file_and_the_hunks_under_its_old_name() -> None:
    head = "diff --git a/a.py b/src/b.py\nsimilarity index 90%\nrename from a.py\nrename to src/b.py\n"
    assert blocks(fenced(head)) == (RenameFile("a.py", "src/b.py", 1),)
    reading = blocks(fenced(f"{head}--- a/a.py\n+++ b/src/b.py\n@@ -1,2 +1,2 @@\n{BODY}"))
    assert reading == (
        RenameFile("a.py", "src/b.py", 1),
        Replace("a.py", "x\nold\n", "x\nnew\n", 7, near=Near(0), form=Form.DIFF),
    )
    assert blocks(fenced("similarity index 100%\n--- a/a.py\n+++ b/b.py\n")) == (RenameFile("a.py", "b.py", 1),)


def test_a_change_of_mode_beside_others_is_pointed_out() -> None:
    reading = read_edits(fenced(f"diff --git a/a.py b/a.py\nold mode 1\nnew mode 2\n{HEAD}@@\n{BODY}"))
    assert len(reading.blocks) == 1
    assert [(problem.notice, problem.file) for problem in reading.problems] == [(True, "a.py")]


# --- fences, and none


@pytest.mark.parametrize(
    "reply",
    [
        f"````diff\n{HEAD}@@\n{BODY}````\n",
        f"~~~~ udiff\n{HEAD}@@\n{BODY}~~~~~\n",
        f"```patch\n{HEAD}@@\n{BODY}```",
        f"```Diff\n{HEAD}@@\n{BODY}```",
        f"```\n{HEAD}@@\n{BODY}```\n",
        f"```text\ndiff --git a/a.py b/a.py\n{HEAD}@@\n{BODY}```\n",
        f"````markdown\nSo:\n```diff\n{HEAD}@@\n{BODY}```\n````\n",
        "1. So:\n   ```diff\n   --- a/a.py\n   +++ b/a.py\n   @@\n    x\n   -old\n   +new\n   ```\n",
        f"```bash\ngit apply <<'EOF'\n{HEAD}@@ -1,2 +1,2 @@\n{BODY}EOF\n```\n",
        f"git apply <<EOF\n{HEAD}@@\n{BODY}EOF\n",
        f"So:\n\n{HEAD}@@\n{BODY}\nDone.\n",
        f"{HEAD}@@\n{BODY}Done.\n",
        f"{HEAD}@@ -1,2 +1,2 @@\n{BODY}\n- That's the change.\n- It's small.\n",
        f"{HEAD}@@ -1,2 +1,2 @@\n{BODY}",
        f"{HEAD}@@ -1,2 +1,2 @@\n{BODY}\n\n",
        f"{HEAD}@@ -1,4 +1,4 @@\n{BODY}\n\n",
        f"{HEAD}@@ -1,2 +1,2 @@\n{BODY}"[:-1],
        f"<proposal>\n{HEAD}@@\n{BODY}</proposal>\n",
    ],
)
def test_where_a_diff_may_stand(reply: str) -> None:
    assert (only(reply).path, halves(only(reply))) == ("a.py", ("x\nold\n", "x\nnew\n"))


def test_a_fence_in_the_text_of_a_diff_does_not_end_it() -> None:
    diff = "--- a/R.md\n+++ b/R.md\n@@\n ```sh\n-a\n+b\n ```\n \n+```\n"
    assert halves(only(fenced(diff))) == ("```sh\na\n```\n\n", "```sh\nb\n```\n\n```\n")


def test_a_diff_in_no_fence_goes_on_over_a_gap_only_if_it_goes_on() -> None:
    reading = blocks(
        f"{HEAD}@@ -1 +1 @@\n-a\n+b\n\n@@ -9 +9 @@\n-c\n+d\n\n\n--- a/b.py\n+++ b/b.py\n@@\n-e\n\n f\n\nBye.\n"
    )
    assert [halves(block) for block in reading if isinstance(block, Replace)] == [
        ("a\n", "b\n"),
        ("c\n", "d\n"),
        ("e\n\nf\n", "\nf\n"),
    ]


def test_a_reply_that_ends_in_a_fence_loses_its_last_hunk() -> None:
    reading = read_edits(f"```diff\n{HEAD}@@ -1,2 +1,2 @@\n{BODY}@@ -9 +9 @@\n-a\n+b\n")
    assert [block.line for block in reading.blocks] == [3]
    assert ["ended inside this edit" in problem.message for problem in reading.problems] == [True]
    assert (reading.problems[0].file, reading.problems[0].line) == ("a.py", 7)


@pytest.mark.parametrize(
    "reply",
    [
        f"```diff\n{HEAD}@@ -1,2 +1,2 @@\n{BODY}",
        "```diff\n",
        f"```diff\n{HEAD}",
        "```diff\n--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+a\n",
        "```diff\n--- a/n.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        "```diff\ndiff --git a/a b/b\nrename from a\nrename to b",
        f"{HEAD}@@ -1,3 +1,3 @@\n{BODY}",
        f"{HEAD}@@\n{BODY}",
        f"{HEAD}@@\n{BODY}\n\n",
        "--- a/n.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n",
    ],
)
def test_what_may_have_been_cut_off_is_no_edit(reply: str) -> None:
    assert "ended inside this edit" in refused(reply).message


def test_prose_that_looks_like_a_diff_is_prose() -> None:
    for prose in ("--- a\n+++ b\n", "@@ is Ruby's\n", "- a\n+ b\n", "--- \n\ntitle: x\n---\n", "@@ -1 +1 is odd\n"):
        reading = read_edits(f"Well.\n\n{prose}\nSo.\n")
        assert (reading.blocks, reading.problems) == ((), ())
