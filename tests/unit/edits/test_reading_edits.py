"""A reply's text to blocks: every way that models write paths, fences and markers."""

from __future__ import annotations

import time

import pytest

from moa_lsp.discussion.fences import escape
from moa_lsp.edits.reading.read import LONGEST, read_edits
from moa_lsp.edits.values import Block, Replace, WholeFile

BLOCK = "<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n"


def only(reply: str) -> Block:
    """The one block of a reply that holds nothing else."""
    reading = read_edits(reply)
    assert reading.problems == ()
    assert len(reading.blocks) == 1
    return reading.blocks[0]


def refusals(reply: str) -> list[str]:
    """The problems of a reply that holds no block that could be placed."""
    reading = read_edits(reply)
    assert reading.blocks == ()
    return [problem.message for problem in reading.problems]


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        (f"a.py\n{BLOCK}", "a.py"),
        (f"src/a.py\n```python\n{BLOCK}```\n", "src/a.py"),
        (f"```python\nsrc/a.py\n{BLOCK}```\n", "src/a.py"),
        (f"```python src/a.py\n{BLOCK}```\n", "src/a.py"),
        (f"```python:src/a.py\n{BLOCK}```\n", "src/a.py"),
        (f'```python title="src/a.py"\n{BLOCK}```\n', "src/a.py"),
        (f"**src/a.py**\n\n~~~~python\n{BLOCK}~~~~\n", "src/a.py"),
        (f"### `src/a.py`:\n{BLOCK}", "src/a.py"),
        (f"**`src/a.py`**:\n{BLOCK}", "src/a.py"),
        (f"**File: `src/a.py`**\n{BLOCK}", "src/a.py"),
        (f"File: src/a.py\n{BLOCK}", "src/a.py"),
        (f"**File:** src/a.py\n{BLOCK}", "src/a.py"),
        (f"1. `src/a.py`\n{BLOCK}", "src/a.py"),
        (f"src/a.py:\n{BLOCK}", "src/a.py"),
        (f"src/a.py (modified)\n{BLOCK}", "src/a.py"),
        (f"./src/a.py\n{BLOCK}", "src/a.py"),
        (f"[src/a.py](src/a.py)\n{BLOCK}", "src/a.py"),
        (f"[`a.py`](./src/a.py):\n{BLOCK}", "a.py"),
        (f"[a guide](docs/guide.md)\n{BLOCK}", None),
        (f"```python\n# src/a.py\n{BLOCK}```\n", "src/a.py"),
        (f"```ts\n// src/a.ts\n{BLOCK}```\n", "src/a.ts"),
        (f"```html\n<!-- src/a.html -->\n{BLOCK}```\n", "src/a.html"),
        (f"```css\n/* src/a.css */\n{BLOCK}```\n", "src/a.css"),
        (f"```sql\n-- file: src/a.sql\n{BLOCK}```\n", "src/a.sql"),
        (f"```python\n# the handler\n{BLOCK}```\n", None),
        (f"// src/a.ts moves\n{BLOCK}", None),
        (f"{BLOCK.replace('SEARCH', 'SEARCH src/a.py')}", "src/a.py"),
        (f"{BLOCK.replace('SEARCH', 'SEARCH `src/a.py`')}", "src/a.py"),
        (f"{BLOCK.replace('SEARCH', 'SEARCH: src/a.py')}", "src/a.py"),
        (f"See `b.py`:\n```\n{BLOCK.replace('SEARCH', 'SEARCH src/a.py')}```\n", "src/a.py"),
        (f"a.py\n```\n{BLOCK.replace('SEARCH', 'SEARCH src/a.py')}```\n", "src/a.py"),
        (f"src/a.py\n```\n{BLOCK.replace('SEARCH', 'SEARCH a.py')}```\n", "src/a.py"),
        (f"### 2) src/a.py\n{BLOCK}", "src/a.py"),
        (f"### 2: `src/a.py`\n\nWords.\n\n```python\n{BLOCK}```\n", "src/a.py"),
        (f"c.py\n\nAs `text/html`, in `src/a.py`:\n{BLOCK}", "src/a.py"),
        (f"c.py\n\nAs in `b.py`, in `src/a.py`:\n{BLOCK}", None),
        (f"src/a.py\n\nIt answers `text/html` and `text/plain`:\n{BLOCK}", "src/a.py"),
        (f"~~~~~~\nsrc/a.py\n{BLOCK}~~~~~~\n", "src/a.py"),
        (f"Makefile:\n{BLOCK}src/a.py\n", None),
        (f"`Makefile`\n{BLOCK}", "Makefile"),
        (f"my notes/a b.txt\n{BLOCK}", "my notes/a b.txt"),
        (f"`my notes/a b.txt`\n{BLOCK}", "my notes/a b.txt"),
        (f"a&amp;b/it&apos;s.py\n{BLOCK}", "a&b/it's.py"),
        (f"größe/文.py\n{BLOCK}", "größe/文.py"),
        (f"### src/a.py\n\nThe name is misleading, so it goes.\n\n```python\n{BLOCK}```\n", "src/a.py"),
        (f"Then the caller in `src/a.py`:\n\n```python\n{BLOCK}```\n", "src/a.py"),
        (f"app/(group)/[id]/page.tsx\n{BLOCK}", "app/(group)/[id]/page.tsx"),
        (f"src/a.py\n{BLOCK}".replace("\n", "\r\n"), "src/a.py"),
    ],
)
def test_where_a_path_may_stand(reply: str, path: str | None) -> None:
    if path is None:
        assert "names no file" in refusals(reply)[0]
        return
    block = only(reply)
    assert isinstance(block, Replace)
    assert (block.path, block.search.strip(), block.replace.strip()) == (path, "old", "new")
    assert block.alternatives == ()


@pytest.mark.parametrize(
    "markers",
    [
        ("<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"),
        ("<<<<< SEARCH", "=====", ">>>>> REPLACE"),
        ("<<<<<<<<< SEARCH  ", "=========\t", ">>>>>>>>> REPLACE "),
        ("<<<<<<< SEARCH", "========", ">>>>>>>> REPLACE"),
        ("<<<<<<< search", "=======", ">>>>>>> replace"),
        (" <<<<<<< SEARCH", " =======", " >>>>>>> REPLACE"),
        ("------- SEARCH", "=======", "+++++++ REPLACE"),
        ("<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"),
    ],
)
def test_markers(markers: tuple[str, str, str]) -> None:
    block = only(f"a.py\n{markers[0]}\nold\n{markers[1]}\nnew\n{markers[2]}\n")
    assert block == Replace("a.py", "old\n", "new\n", 1)


def test_a_block_without_a_path_is_about_the_file_before() -> None:
    reading = read_edits(f"a.py\n```\n{BLOCK}\n{BLOCK}```\nand then\n{BLOCK}\n`b.py`\n{BLOCK}{BLOCK}")
    assert reading.problems == ()
    assert [block.path for block in reading.blocks] == ["a.py", "a.py", "a.py", "b.py", "b.py"]


def test_a_path_in_the_prose_between_counts_for_the_blocks_that_follow() -> None:
    reading = read_edits(f"a.py\n{BLOCK}\n## `b.py`\n\nThe same there:\n\n{BLOCK}")
    assert [block.path for block in reading.blocks] == ["a.py", "b.py"]


def test_a_listing_of_paths_is_no_heading() -> None:
    reading = read_edits(f"a.py\n{BLOCK}\nStill to do:\n\n- `b.py`\n- `c.py`\n\nNow:\n\n{BLOCK}")
    assert [block.path for block in reading.blocks] == ["a.py", "a.py"]


def test_a_block_that_names_no_file_is_a_problem() -> None:
    assert "names no file" in refusals(f"Here it is:\n\n{BLOCK}")[0]


@pytest.mark.parametrize("path", ["../a.py", "/etc/passwd", "~/x.py", "C:\\a.py", "file:///a.py", ".git/config"])
def test_a_path_that_leads_elsewhere_is_a_problem(path: str) -> None:
    assert "can't be edited" in refusals(f"{path}\n{BLOCK}")[0]
    assert "can't be edited" in refusals(f"{path}\n```\nx\n```\n")[0]


def test_escaped_text_is_unescaped() -> None:
    code = "print('</proposal>', '<file>', '<\\\\user_message>')\n"
    block = only(f"a.py\n<<<<<<< SEARCH\n{escape(code)}=======\n{escape('<role>')}\n>>>>>>> REPLACE\n")
    assert block == Replace("a.py", code, "<role>\n", 1)
    assert only(f"a.py\n```\n{escape(code)}```\n") == WholeFile("a.py", code, 0)


# --- markers inside the code


def test_every_separator_is_kept_as_a_reading() -> None:
    block = only("a.rst\n<<<<<<< SEARCH\nA\n=======\nb\n=======\nB\n>>>>>>> REPLACE\n")
    assert block == Replace("a.rst", "A\n=======\nb\n", "B\n", 1, (("A\n", "b\n=======\nB\n"),))


def test_a_separator_as_long_as_the_markers_is_the_one() -> None:
    block = only("a.rst\n<<<<<<< SEARCH\nA long one\n==========\n=======\nB\n=====\n>>>>>>> REPLACE\n")
    assert block == Replace("a.rst", "A long one\n==========\n", "B\n=====\n", 1)


def test_a_block_inside_the_replacement_is_its_text() -> None:
    block = only(f"docs.md\n<<<<<<< SEARCH\nExample\n=======\na.py\n{BLOCK}\n{BLOCK}end\n>>>>>>> REPLACE\n")
    assert block == Replace("docs.md", "Example\n", f"a.py\n{BLOCK}\n{BLOCK}end\n", 1)


def test_blocks_inside_both_halves_are_their_text() -> None:
    block = only(f"docs.md\n<<<<<<< SEARCH\n{BLOCK}=======\n{BLOCK}{BLOCK}>>>>>>> REPLACE\n")
    assert block == Replace("docs.md", BLOCK, BLOCK + BLOCK, 1)


def test_longer_markers_carry_any_marker() -> None:
    inner = ">>>>>>> REPLACE\n=======\n<<<<<<< SEARCH\n=======\n"
    block = only(f"a.py\n<<<<<<<<< SEARCH\n{inner}=========\nx\n{inner}>>>>>>>>> REPLACE\n")
    assert block == Replace("a.py", inner, f"x\n{inner}", 1)


def test_an_end_inside_the_replacement_is_its_text_where_the_fence_says_so() -> None:
    reading = read_edits(
        f"a.py\n```\n<<<<<<< SEARCH\nold\n=======\nEND = '''\n>>>>>>> REPLACE\n'''\n>>>>>>> REPLACE\n```\n\n{BLOCK}"
    )
    assert reading.problems == ()
    assert reading.blocks[0] == Replace("a.py", "old\n", "END = '''\n>>>>>>> REPLACE\n'''\n", 2)
    assert len(reading.blocks) == 2


def test_several_possible_ends_without_a_fence_are_a_problem() -> None:
    reading = read_edits(f"a.py\n{BLOCK}more\n>>>>>>> REPLACE\n\nb.py\n{BLOCK}")
    assert "several ends (lines 6, 8)" in reading.problems[0].message
    assert [block.path for block in reading.blocks] == ["b.py"]


def test_code_fences_inside_a_block_are_its_text() -> None:
    block = only("README.md\n<<<<<<< SEARCH\n```\n=======\na.py\n```python\nx\n```\n>>>>>>> REPLACE\n")
    assert block == Replace("README.md", "```\n", "a.py\n```python\nx\n```\n", 1)


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_block_cut_off_is_a_problem(cut: int) -> None:
    lines = BLOCK.splitlines(keepends=True)
    assert "ended inside this edit" in refusals("a.py\n" + "".join(lines[:cut]))[0]


def test_a_block_cut_inside_its_last_marker_is_a_problem() -> None:
    for cut in range(1, len(">>>>>>> REPLACE\n")):
        reading = read_edits(f"a.py\n{BLOCK}"[:-cut])
        assert len(reading.blocks) + len(reading.problems) == 1
        assert bool(reading.blocks) == (cut == 1)


def test_a_forgotten_end_costs_only_its_own_block() -> None:
    reading = read_edits(f"a.py\n<<<<<<< SEARCH\nx\n=======\ny\n\nb.py\n{BLOCK}")
    assert "ended inside this edit" in reading.problems[0].message
    assert [block.path for block in reading.blocks] == ["b.py"]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("a.py\n<<<<<<< SEARCH\nold\n>>>>>>> REPLACE\n", "has no `=======`"),
        ("a.py\n<<<<<<< SEARCH for it\nold\n=======\nnew\n>>>>>>> REPLACE\n", "marker that can't be read"),
        ("a.py\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> UPDATED\n", "ended inside this edit"),
        ("a.py\n------- SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n", "ended inside this edit"),
        ("> a.py\n> <<<<<<< SEARCH\n> old\n> =======\n> new\n> >>>>>>> REPLACE\n", "marker that can't be read"),
        ("a.py\nold\n=======\nnew\n>>>>>>> REPLACE\n", "the end of an edit that never began"),
        ("a.py\n<<<<<<< SEARCH\n" + "x\n=======\n" * 40 + ">>>>>>> REPLACE\n", "40 lines that could be its `=======`"),
        ("Create the file src/new.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n", "unclearly"),
    ],
)
def test_malformed_blocks_are_problems(reply: str, message: str) -> None:
    assert message in refusals(reply)[0]


# --- whole files


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        ("src/a.py\n```python\nx\n```\n", "src/a.py"),
        ("**src/a.py**\n\n```\nx\n```", "src/a.py"),
        ("#### `src/a.py` (new file)\n~~~\nx\n~~~\n", "src/a.py"),
        ("File: `src/a.py`\n`````py\nx\n`````\n", "src/a.py"),
        ("`Makefile`\n```\nx\n```\n", "Makefile"),
        ("**Dockerfile**\n```\nx\n```\n", "Dockerfile"),
        ("`bin/run`\n```\nx\n```\n", "bin/run"),
        (".gitignore\n```\nx\n```\n", ".gitignore"),
        ("a.py\n```python\nx\n```\n", "a.py"),
        ("`my notes/a b.txt`\n```\nx\n```\n", "my notes/a b.txt"),
        ("change.diff\n```diff\nx\n```\n", "change.diff"),
    ],
)
def test_whole_files(reply: str, path: str) -> None:
    block = only(reply)
    assert isinstance(block, WholeFile)
    assert (block.path, block.text) == (path, "x\n")


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "For example:",
        "Before/After:",
        "Node.js",
        "### Vue.js",
        "v1.2.0",
        "Makefile",
        "`Session`",
        "In `src/a.py` this would be:",
        "See src/a.py",
        "### Step 1: change app.py",
        "**Then run app.py**",
        "https://example.com/a.py",
        "e.g.",
        "src/a.py, src/b.py",
    ],
)
def test_code_that_illustrates_is_prose(caption: str) -> None:
    reading = read_edits(f"Think of it so.\n{caption}\n```python\nx\n```\nDone.\n")
    assert reading.blocks == ()
    assert all("may be the whole file" in problem.message for problem in reading.problems)
    assert len(reading.problems) == (caption == "Before/After:")


def test_what_may_be_a_member_or_a_file_is_asked_about() -> None:
    reading = read_edits("`os.path`\n```python\nx\n```\n")
    assert reading.blocks == ()
    assert reading.problems[0].hint == "If it's the file, write its path as `./os.path`."
    assert only("`./os.path`\n```python\nx\n```\n") == WholeFile("os.path", "x\n", 0)


def test_a_listing_in_a_fence_is_no_file() -> None:
    assert read_edits("The tree:\n```\nsrc/\nsrc/a.py\n```\nand so on\n```\nx\n```\n").blocks == ()


def test_a_whole_file_keeps_the_fences_in_it() -> None:
    text = "# Title\n\n```sh\nmake\n```\n\n~~~\nx\n~~~\n"
    assert only(f"README.md\n````markdown\n{text}````\n") == WholeFile("README.md", text, 0)
    assert only(f"README.md\n```markdown\n{text}```\n") == WholeFile("README.md", text, 0)


def test_a_file_that_could_end_at_either_fence_is_refused() -> None:
    reading = read_edits("README.md\n```markdown\n# T\n\n```\nmake\n```\n\nmore\n```\n\na.py\n```\nx\n```\n")
    assert "may end at line 5 or go on past the fence at line 7" in reading.problems[0].message
    assert reading.blocks == (WholeFile("a.py", "x\n", 11),)


def test_a_file_of_code_before_a_plain_example_is_read() -> None:
    assert only("a.py\n```python\nx\n```\n\nRun it:\n\n```\npython a.py\n```\n") == WholeFile("a.py", "x\n", 0)


def test_a_whole_file_cut_off_is_a_problem_and_nothing_behind_it_is_read() -> None:
    assert "ended inside the file" in refusals("README.md\n````\n# T\n\nconfig.toml\n```toml\nx = 1\n```\n")[0]


def test_blocks_in_a_whole_file_are_its_text() -> None:
    text = f"# How\n\na.py\n{BLOCK}"
    assert only(f"docs.md\n````\n{text}````\n") == WholeFile("docs.md", text, 0)


def test_files_in_a_fence_around_the_whole_reply_are_read() -> None:
    assert only("````markdown\nsrc/a.py\n```python\nx\n```\n````\n") == WholeFile("src/a.py", "x\n", 1)


# --- all forms in one reply

DIFF = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n-x\n+y\n z\n"
PATCH = "*** Begin Patch\n*** Update File: src/a.py\n@@\n-x\n+y\n*** Add File: d.py\n+z\n*** End Patch\n"


def test_every_form_is_read_whichever_was_asked_for() -> None:
    reading = read_edits(f"```diff\n{DIFF}```\n\nb.py\n{BLOCK}\n{PATCH}\nc.py\n```\nx\n```\n\n{DIFF}\nDone.\n")
    assert reading.problems == ()
    assert [(type(block).__name__, block.path, block.line) for block in reading.blocks] == [
        ("Replace", "src/a.py", 3),
        ("Replace", "b.py", 10),
        ("Replace", "src/a.py", 18),
        ("Replace", "d.py", 21),
        ("WholeFile", "c.py", 25),
        ("Replace", "src/a.py", 32),
    ]


def test_a_file_that_is_called_a_diff_may_hold_one() -> None:
    assert only(f"fix.diff\n```diff\n{DIFF}```\n") == WholeFile("fix.diff", DIFF, 0)
    own = "--- a/fix.diff\n+++ b/fix.diff\n@@ -1 +1 @@\n-x\n+y\n"
    assert isinstance(only(f"fix.diff\n```diff\n{own}```\n"), Replace)


@pytest.mark.parametrize("language", ["", "text", "python"])
def test_a_diff_under_a_path_is_never_taken_for_the_file(language: str) -> None:
    for diff in (DIFF, DIFF.split("\n", 2)[2], f"diff --git a/src/a.py b/src/a.py\n{DIFF}", PATCH):
        reading = read_edits(f"src/a.py\n```{language}\n{diff}```\n")
        assert reading.problems == ()
        assert all(isinstance(block, Replace) for block in reading.blocks)
        assert reading.blocks[0].path == "src/a.py"


def test_what_a_path_was_taken_for_is_said_once() -> None:
    reading = read_edits(f"src\\a.py\n{BLOCK}\n{BLOCK}\nsrc\\a.py\n```\nx\n```\n")
    assert [block.path for block in reading.blocks] == ["src/a.py"] * 3
    (said,) = reading.problems
    assert (said.message, said.notice, said.file, said.line) == (
        "`src\\a.py` was taken for src/a.py.",
        True,
        "src/a.py",
        1,
    )


def test_a_path_in_a_comment_on_the_first_line_makes_no_whole_file() -> None:
    reading = read_edits("Like so:\n\n```python\n# src/a.py\ndef f():\n    return 2\n```\n")
    assert (reading.blocks, reading.problems) == ((), ())


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        ("\na.py\n<<<<<<< SEARCH\n", 2),
        (f"\n\n../a.py\n{BLOCK}", 3),
        (f"{BLOCK}", 0),
        ("\na.py\n```\nx\n", 1),
        ("\n`os.path`\n```\nx\n```\n", 1),
        ("README.md\n```\n# T\n```\nmake\n```\n", 0),
        ("\n>>>>>>> REPLACE\n", 1),
        ("\n```diff\n-x\n+y\n```\n", 2),
        ("\n*** Begin Patch\n*** Update File: a.py\n@@\n-x\n", 3),
    ],
)
def test_problems_say_where_they_stand_in_the_reply(reply: str, line: int) -> None:
    assert [problem.line for problem in read_edits(reply).problems] == [line]


def test_prose_alone_is_neither() -> None:
    reading = read_edits("I'd keep it.\n\n---\n\n| a | b |\n--- | ---\n\nTitle\n=======\n\n`src/a.py` is fine.\n")
    assert (reading.blocks, reading.problems) == ((), ())
    assert read_edits("") == read_edits("\n\n")


@pytest.mark.parametrize(
    "reply",
    [
        "<<<<<<< SEARCH\n" * 35_000,
        "a.md\n" + "<<<<<<<< SEARCH\n" * 10 + "<<<<<<< SEARCH\n" * 35_000,
        "a.py\n<<<<<<< SEARCH\n" + "=======\n" * 70_000 + ">>>>>>> REPLACE\n",
        ">>>>>>> REPLACE\n" * 35_000,
        "a.py\n```\n" + "x = 1\n" * 90_000,
        f"a.py\n{BLOCK}" * 10_000,
        "`" * 590_000,
        "a/" * 290_000 + "\n```\n",
        "# " + "a" * 590_000 + "\n",
        "\n" * 590_000,
        "--- a/a.py\n+++ b/a.py\n@@\n-a\n" + "\n" * 590_000,
        "```diff\n" + ("--- a/a.py\n+++ b/a" + " " * 60_000 + "b.py\n@@\n-a\n") * 9,
        ("```\n// a" + " " * 1000 + "b.py\n<<<<<<< SEARCH\n") * 570,
    ],
)
def test_large_replies_take_no_more_than_time_proportional_to_their_length(reply: str) -> None:
    assert len(reply) <= LONGEST
    began = time.process_time()
    read_edits(reply)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "line",
    [
        "```a" + " " * 20_000 + "x",
        "~~~a" + "\t" * 20_000 + "x",
        "<<<<<<< SEARCH" + " " * 20_000 + "!",
        "<<<<<<< SEARCH:" + " " * 20_000 + "!",
    ],
)
def test_blanks_in_a_row_cost_no_time(line: str) -> None:
    """Each of these took nine seconds once: a pattern that tries every one of the blanks."""
    began = time.process_time()
    read_edits(f"a.py\n{line}\n{BLOCK}")
    assert time.process_time() - began < 1


def test_a_reply_beyond_all_measure_is_not_read_and_says_so() -> None:
    (said,) = refusals(f"a.py\n{BLOCK}" + "x" * LONGEST)
    assert f"{LONGEST:,}" in said
