"""The ladder, step by step: what each lets differ, what it writes, and what it refuses."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.placing import ladder
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import LONGEST
from moa_lsp.edits.values import Block, DeleteFile, FileKind, Near, Placement, RenameFile, Replace, WholeFile


def placed(text: str | None, *blocks: Block, others: dict[str, str | None] | None = None) -> Placement:
    numbers = count(1)
    return place(blocks, {"a.py": text, **(others or {})}, "alpha", lambda: f"h{next(numbers)}")


def edited(text: str, *blocks: Block) -> str:
    placement = placed(text, *blocks)
    assert placement.problems == ()
    return hunk_text_after(text, placement.files[0].hunks)


def refused(text: str | None, *blocks: Block, others: dict[str, str | None] | None = None) -> str:
    placement = placed(text, *blocks, others=others)
    assert placement.files == ()
    assert len(placement.problems) == 1
    return f"{placement.problems[0].message} | {placement.problems[0].hint}"


def block(search: str, replace: str, line: int = 0, near: Near | None = None) -> Replace:
    return Replace("a.py", search, replace, line, near=near or Near())


SHOP = """class Shop:
    def price(self, item):
        if item is None:
            return 0

        return self.prices[item]
"""


def test_the_page_on_edits_shows_the_ladder_as_it_is() -> None:
    page = Path(__file__).parents[3] / "docs" / "edits.md"
    shown = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert shown == [line for line in (ladder.__doc__ or "").splitlines() if line.startswith("| ")]
    assert f"{LONGEST:,} characters" in page.read_text(encoding="utf-8")


# --- indentation


@pytest.mark.parametrize("edge", ["", "  ", "            "])
def test_a_block_written_from_another_edge_is_written_back_from_the_files(edge: str) -> None:
    search = f"{edge}if item is None:\n{edge}    return 0\n\n"
    new = f"{edge}if item is None:\n{edge}    log(item)\n{edge}    return 0\n\n"
    assert edited(SHOP, block(search, new)) == SHOP.replace(
        "            return 0\n", "            log(item)\n            return 0\n"
    )


def test_blanks_for_tabs_become_tabs() -> None:
    text = "func f() {\n\tif x {\n\t\ty()\n\t}\n}\n"
    search, new = "    if x {\n        y()\n    }\n", "    if x {\n        y()\n        z()\n    }\n"
    assert edited(text, block(search, new)) == "func f() {\n\tif x {\n\t\ty()\n\t\tz()\n\t}\n}\n"


def test_tabs_for_blanks_become_blanks() -> None:
    text = "f:\n  if x:\n    y\n"
    assert edited(text, block("\tif x:\n\t\ty\n", "\tif x:\n\t\ty\n\t\tz\n")) == "f:\n  if x:\n    y\n    z\n"


def test_deeper_new_lines_need_a_tabs_width_that_is_known() -> None:
    text = "\tx()\n"
    assert "isn't clear" in refused(text, block("x()\n", "if y:\n    x()\n"))
    # One depth of four blanks for one tab tells it.
    assert edited(text, block("    x()\n", "    if y:\n        x()\n")) == "\tif y:\n\t\tx()\n"
    # Four blanks for two tabs may be a shift as well as a width.
    assert "isn't clear" in refused("\t\tx()\n", block("    x()\n", "    if y:\n      x()\n"))


def test_halves_written_from_different_edges_are_refused() -> None:
    search = "if item is None:\n    return 0\n"
    assert "isn't clear" in refused(SHOP, block(search, "        if item is None:\n            return 1\n"))


def test_an_uneven_shift_is_none() -> None:
    assert "isn't in a.py" in refused(SHOP, block("if item is None:\n  return 0\n", "x\n"))
    assert "isn't in a.py" in refused(SHOP, block("def price(self, item):\n        if item is None:\n", "x\n"))


def test_a_shifted_block_that_stands_twice_is_refused_and_an_exact_one_outdoes_it() -> None:
    text = "def a():\n    x = 1\n\ndef b():\n        x = 1\n"
    assert "stands 2 times in a.py, at lines 2 and 5" in refused(text, block("x = 1\n", "x = 2\n"))
    assert edited(text, block("    x = 1\n", "    x = 2\n")) == text.replace("    x = 1\n", "    x = 2\n", 1)


def test_lines_that_stay_keep_the_files_own_blanks() -> None:
    text = "if a:\n    b  \n    c\n"
    assert (
        edited(text, block("  if a:\n      b\n      c\n", "  if a:\n      b\n      d\n")) == "if a:\n    b  \n    d\n"
    )


# --- blank lines at the ends


@pytest.mark.parametrize(
    ("search", "new", "after"),
    [
        ("\nb\n", "\nB\n", "a\nB\nc\n"),
        ("b\n\n", "B\n\n", "a\nB\nc\n"),
        ("\n\nb\n\n", "B\n", "a\nB\nc\n"),
        ("\nb\n", "\n\nB\n", "a\n\nB\nc\n"),
        ("b\n\n", "\n", "a\nc\n"),
    ],
)
def test_blank_lines_around_a_search_may_be_missing_in_the_file(search: str, new: str, after: str) -> None:
    assert edited("a\nb\nc\n", block(search, new)) == after


def test_blank_lines_that_are_there_count() -> None:
    assert edited("b\n\nb\n", block("\nb\n", "\nB\n")) == "b\n\nB\n"
    assert "stands 2 times" in refused("b\nx\nb\n", block("\nb\n", "\nB\n"))


# --- lines left out


def test_the_pieces_around_lines_left_out_are_edited() -> None:
    text = "def f():\n    a = 1\n    b = 2\n    c = 3\n    d = 4\n    return a\n"
    search, new = "def f():\n# ...\n    d = 4\n", "def f(x):\n# ...\n    d = 5\n"
    assert edited(text, block(search, new)) == text.replace("f()", "f(x)").replace("d = 4", "d = 5")


def test_lines_left_out_need_their_counterpart_and_pieces_that_stand_once_in_order() -> None:
    text = "def f():\n    a = 1\n    b = 2\n    return a\n\ndef g():\n    return a\n"
    for search, new in [
        ("def f():\n# ...\n    b = 2\n", "def f():\n    b = 3\n"),
        ("def f():\n# ...\n    return a\n", "def f():\n# ...\n    return b\n"),
        ("    b = 2\n# ...\n    a = 1\n", "    b = 3\n# ...\n    a = 2\n"),
        ("# ...\n    b = 2\n", "x\n# ...\n    b = 2\n"),
    ]:
        assert "isn't in a.py" in refused(text, block(search, new))


def test_three_dots_that_the_file_holds_are_code() -> None:
    assert edited("def f():\n    ...\n", block("def f():\n    ...\n", "def f(x):\n    ...\n")) == "def f(x):\n    ...\n"


# --- hints


TWINS = "class A:\n    def x(self):\n        return 1\n\n\nclass B:\n    def x(self):\n        return 1\n"


def test_a_heading_chooses_between_equals() -> None:
    new = "        return 2\n"
    in_b = edited(TWINS, block("        return 1\n", new, near=Near(under=("class B:", "def x(self):"))))
    assert in_b == TWINS[:-17] + new
    in_a = edited(TWINS, block("        return 1\n", new, near=Near(under=("class A:",))))
    assert in_a == TWINS.replace("        return 1\n", new, 1)
    assert "stands 2 times" in refused(TWINS, block("        return 1\n", new, near=Near(under=("def x(self):",))))
    assert "stands 2 times" in refused(TWINS, block("        return 1\n", new, near=Near(under=("class C:",))))


def test_a_line_number_chooses_only_where_it_is_right() -> None:
    new = "        return 2\n"
    assert edited(TWINS, block("        return 1\n", new, near=Near(line=7))) == TWINS[:-17] + new
    assert "stands 2 times" in refused(TWINS, block("        return 1\n", new, near=Near(line=6)))


def test_the_end_of_the_file_chooses_the_last() -> None:
    new = "        return 2\n"
    assert edited(TWINS, block("        return 1\n", new, near=Near(at_end=True))) == TWINS[:-17] + new
    assert edited("a", block("", "b\n", near=Near(at_end=True))) == "a\nb"
    assert edited("a\n", block("", "b\n", near=Near(at_end=True))) == "a\nb\n"


def test_a_hint_never_places_what_stands_nowhere() -> None:
    assert "isn't in a.py" in refused(TWINS, block("        return 7\n", "x\n", near=Near(line=2)))


# --- several blocks


def test_blocks_written_against_the_same_text_may_share_unchanged_lines() -> None:
    text = "a\nb\nc\nd\n"
    assert edited(text, block("a\nb\n", "A\nb\n"), block("a\nb\nc\n", "a\nb\nC\n")) == "A\nb\nC\nd\n"


def test_equal_edits_are_one_and_remember_both_blocks() -> None:
    for second in (block("a\n", "a\nx\n", 9), block("a\nb\n", "a\nx\nb\n", 9)):
        placement = placed("a\nb\n", block("a\n", "a\nx\n", 3), second)
        assert placement.problems == ()
        assert [(hunk.new, hunk.blocks) for hunk in placement.files[0].hunks] == [("x\n", (3, 9))]


def test_edits_that_want_different_text_are_refused_by_name() -> None:
    said = refused("a\nb\nc\n", block("a\nb\n", "a\nB\n", 3), block("b\nc\n", "X\nc\n", 9))
    assert "The edits at lines 4 and 10 of the reply want different text for line 2 of a.py, so neither" in said


def test_what_contradicts_costs_the_others_nothing() -> None:
    placement = placed("a\nb\nc\n", block("a\n", "1\n"), block("a\nb\n", "2\nb\n", 5), block("c\n", "C\n", 7))
    assert hunk_text_after("a\nb\nc\n", placement.files[0].hunks) == "a\nb\nC\n"
    assert len(placement.problems) == 1


def test_a_place_that_an_earlier_edit_made_unique_was_not_unique_when_it_was_shown() -> None:
    text = "x\na\nx\n"
    placement = placed(text, block("x\na\n", "y\na\n"), block("x\n", "z\n"))
    assert "stands 2 times" in placement.problems[0].message
    assert hunk_text_after(text, placement.files[0].hunks) == "y\na\nx\n"


def test_what_another_block_wrote_is_meant_only_where_it_is_more_alike() -> None:
    text = "def f():\n        x = 1\n"
    blocks = (block("def f():\n", "def g():\n    x = 1\n\ndef f():\n"), block("    x = 1\n", "    x = 2\n"))
    assert edited(text, *blocks) == "def g():\n    x = 2\n\ndef f():\n        x = 1\n"


def test_an_edit_that_was_made_already_is_told_from_one_that_does_not_fit() -> None:
    assert "seems to be made already: its new text stands at line 2" in refused(
        "a\nB = 2\n", block("b = 1\n", "B = 2\n")
    )
    assert "isn't in a.py" in refused("a\n}\n", block("b = 1\n}\n", "}\n"))


@pytest.mark.parametrize(
    ("search", "new"),
    [("b = 2\n", "b = 2\nc = 3\n"), ("c = 3\n", "b = 2\nc = 3\n"), ("  b = 2\n", "  b = 2\n  c = 3\n")],
)
def test_what_is_to_be_added_and_stands_there_is_not_added_twice(search: str, new: str) -> None:
    assert "seems to be made already: what it adds stands at line" in refused(
        "a = 1\nb = 2\nc = 3\n", block(search, new)
    )


def test_two_depths_that_stand_at_one_are_no_shift() -> None:
    assert "isn't in a.py" in refused("a = 1\nb = 2\n", block("a = 1\n\tb = 2\n", "if a == 1:\n\tb = 2\n"))


def test_lines_left_out_do_not_reach_into_the_next_method() -> None:
    text = "  def a(self):\n    x = 1\n    return y\n  def b(self):\n    z = 1\n    return x\n"
    search, new = (
        "  def a(self):\n    x = 1\n    ...\n    return x\n",
        "  def a(self):\n    x = 2\n    ...\n    return X\n",
    )
    assert "within one block of code" in refused(text, block(search, new))
    across = (
        "  def a(self):\n    x = 1\n# ...\n  def b(self):\n",
        "  def a(self, y):\n    x = 1\n# ...\n  def b(self, y):\n",
    )
    assert edited(text, block(*across)) == text.replace("(self)", "(self, y)")


def test_what_stands_between_two_changes_of_one_block_and_says_nothing_parts_nothing() -> None:
    text = "f() {\n  a\n}\n\ng() {\n  b\n}\n"
    rewritten = "f() {\n  A\n}\n\nG() {\n  b\n}\n"
    assert len(placed(text, WholeFile("a.py", rewritten)).files[0].hunks) == 1
    apart = placed(text, block("  a\n", "  A\n"), block("g() {\n", "G() {\n"))
    assert len(apart.files[0].hunks) == 2


# --- files that go or move


def test_a_deletion_holds_the_whole_text_and_stands_alone() -> None:
    placement = placed("a\r\nb", DeleteFile("a.py", 2))
    assert placement.files[0].kind is FileKind.DELETE
    assert [(hunk.start, hunk.end, hunk.old, hunk.new) for hunk in placement.files[0].hunks] == [(0, 2, "a\r\nb", "")]
    assert "no file a.py to delete" in refused(None, DeleteFile("a.py"))
    assert "deletes a.py and edits it too" in refused("a\n", block("a\n", "b\n"), DeleteFile("a.py", 4))


def test_a_renaming_is_a_hunk_of_its_own_before_those_of_the_text() -> None:
    free: dict[str, str | None] = {"b.py": None}
    placement = placed("a\nb\n", RenameFile("a.py", "b.py", 1), Replace("b.py", "b\n", "B\n", 3), others=free)
    assert placement.problems == ()
    assert (placement.files[0].kind, placement.files[0].new_path) == (FileKind.RENAME, "b.py")
    assert [(hunk.renames, hunk.new) for hunk in placement.files[0].hunks] == [(True, ""), (False, "B\n")]
    assert "there is a file of that name" in refused("a\n", RenameFile("a.py", "b.py"), others={"b.py": "b\n"})
    assert "no file a.py to rename" in refused(None, RenameFile("a.py", "b.py"), others=free)


def test_an_edit_under_a_name_that_a_file_cannot_get_is_of_neither_file() -> None:
    blocks = (RenameFile("a.py", "b.py", 1), Replace("b.py", "x\n", "y\n", 3))
    placement = placed("x\n", *blocks, others={"b.py": "x\n"})
    assert placement.files == ()
    assert "there is a file of that name" in placement.problems[0].message
    assert "which of the two files this edit is about isn't clear" in placement.problems[1].message


# --- what no source holds


def test_a_binary_text_is_never_written() -> None:
    assert "a.py isn't written: its new text holds the control character U+0000" in refused(None, block("", "a\0b\n"))
    assert "isn't written" in refused("a\nb\n", block("a\n", "\x01\n"))
    assert edited("\x01 a\n", block("\x01 a\n", "\x01 b\n")) == "\x01 b\n"
