"""Blocks into files: where they go, what is refused and in which words, and that nothing else moves by a byte."""

from __future__ import annotations

import time
from itertools import count

import pytest

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.values import Block, FileKind, Hunk, Placement, Replace, WholeFile


def placed(text: str | None, *blocks: Block, path: str = "a.py") -> Placement:
    numbers = count(1)
    return place(blocks, {path: text}, "alpha", lambda: f"h{next(numbers)}")


def edited(text: str, *blocks: Block) -> str:
    """The text after blocks that all can be placed."""
    placement = placed(text, *blocks)
    assert placement.problems == ()
    assert [file.kind for file in placement.files] == [FileKind.EDIT]
    return hunk_text_after(text, placement.files[0].hunks)


def refused(text: str | None, *blocks: Block) -> str:
    """Message and hint of the one problem; nothing was placed."""
    placement = placed(text, *blocks)
    assert placement.files == ()
    assert len(placement.problems) == 1
    assert placement.problems[0].file == "a.py"
    return f"{placement.problems[0].message} | {placement.problems[0].hint}"


def block(search: str, replace: str, *alternatives: tuple[str, str]) -> Replace:
    return Replace("a.py", search, replace, 0, alternatives)


# --- what goes in, and as which hunks


def test_hunks_hold_only_the_lines_that_change() -> None:
    text = "a\nb\nc\nd\ne\n"
    placement = placed(text, block("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nD\nE\n"))
    assert placement.files[0].hunks == (
        Hunk("h1", 1, 2, "b\n", "B\n", ("alpha",), blocks=(0,)),
        Hunk("h2", 4, 5, "e\n", "D\nE\n", ("alpha",), blocks=(0,)),
    )


def test_an_insertion_and_a_deletion() -> None:
    assert placed("a\nb\n", block("a\nb\n", "a\nx\nb\n")).files[0].hunks[0] == Hunk(
        "h1", 1, 1, "", "x\n", ("alpha",), blocks=(0,)
    )
    assert placed("a\nb\n", block("a\nb\n", "a\n")).files[0].hunks[0] == Hunk(
        "h1", 1, 2, "b\n", "", ("alpha",), blocks=(0,)
    )
    assert placed("a\nb\n", block("a\n", "")).files[0].hunks[0] == Hunk("h1", 0, 1, "a\n", "", ("alpha",), blocks=(0,))


def test_later_blocks_see_what_earlier_ones_wrote_and_hunks_stay_in_the_original_lines() -> None:
    text = "one\ntwo\nthree\nfour\n"
    blocks = (block("one\n", "one\nuno\ndos\n"), block("dos\ntwo\n", "dos\nTWO\n"), block("four\n", "FOUR\n"))
    placement = placed(text, *blocks)
    assert placement.problems == ()
    assert [(hunk.start, hunk.end) for hunk in placement.files[0].hunks] == [(1, 2), (3, 4)]
    assert hunk_text_after(text, placement.files[0].hunks) == "one\nuno\ndos\nTWO\nthree\nFOUR\n"


def test_blocks_in_any_order() -> None:
    text = "".join(f"line {n}\n" for n in range(50))
    blocks = [block(f"line {n}\n", f"LINE {n}\nmore\n" if n % 2 else "") for n in (40, 3, 22, 4, 49, 0, 21)]
    expected = text
    for one in blocks:
        expected = expected.replace(f"\n{one.search}", f"\n{one.replace}") if one.search != "line 0\n" else expected
    assert edited(text, *blocks) == expected.removeprefix("line 0\n")


def test_one_block_that_fails_costs_the_others_nothing() -> None:
    text = "a\nb\nc\n"
    placement = placed(text, block("a\n", "A\n"), block("nowhere to be found\n", "x\n"), block("c\n", "C\n"))
    assert hunk_text_after(text, placement.files[0].hunks) == "A\nb\nC\n"
    assert ["nowhere to be found" in problem.message for problem in placement.problems] == [True]


def test_files_come_in_the_order_they_are_named() -> None:
    blocks = [Replace("b", "x\n", "y\n"), WholeFile("c", "z\n"), Replace("a", "x\n", "y\n")]
    placement = place(blocks, {"a": "x\n", "b": "x\n", "c": None}, "bravo", lambda: "id")
    assert [(file.path, file.kind) for file in placement.files] == [
        ("b", FileKind.EDIT),
        ("c", FileKind.CREATE),
        ("a", FileKind.EDIT),
    ]
    assert all(hunk.sources == ("bravo",) for file in placement.files for hunk in file.hunks)


# --- line ends, BOM, trailing blanks


@pytest.mark.parametrize(
    ("text", "search", "replace", "after"),
    [
        ("a\r\nb\r\nc\r\n", "b\n", "B\nBB\n", "a\r\nB\r\nBB\r\nc\r\n"),
        ("a\nb\nc\n", "b\r\n", "B\r\nBB\r\n", "a\nB\nBB\nc\n"),
        ("a\rb\rc\r", "b\n", "B\nBB\n", "a\rB\rBB\rc\r"),
        ("a\nb\r\nc\n", "a\nb\nc\n", "A\nB\nC\n", "A\nB\r\nC\n"),
        ("a\nb\r\nc\n", "a\nb\nc\n", "a\nb\nx\nc\n", "a\nb\r\nx\r\nc\n"),
        ("a\r\nb\nc\n", "a\nb\n", "new\na\nb\n", "new\r\na\r\nb\nc\n"),
        ("a\nb", "b\n", "B\n", "a\nB"),
        ("a\nb", "b\n", "b\nc\nd\n", "a\nb\nc\nd"),
        ("a\r\nb", "b\n", "b\nc\n", "a\r\nb\r\nc"),
        ("a\nb", "a\nb\n", "a\n", "a\n"),
        ("a\nb", "a\nb\n", "x\nb\n", "x\nb"),
        ("a", "a\n", "b\nc\n", "b\nc"),
        ("a\r\n", "a\n", "b\nc\n", "b\r\nc\r\n"),
        ("\ufeffa\nb\n", "a\n", "A\n", "\ufeffA\nb\n"),
        ("\ufeffa\nb\n", "a\n", "x\na\n", "\ufeffx\na\nb\n"),
        ("\ufeffa\nb\n", "a\n", "", "\ufeffb\n"),
        ("\ufeffa\nb\n", "\ufeffa\nb\n", "\ufeffa\nB\n", "\ufeffa\nB\n"),
        ("\ufeffa", "a\n", "x\na\n", "\ufeffx\na"),
        ("a  \nb\t\nc\n", "a\nb\nc\n", "a\nb\nC\n", "a  \nb\t\nC\n"),
        ("a  \nb\nc\n", "a\nb\n", "a\nb\nx\n", "a  \nb\nx\nc\n"),
        ("a\nb\n", "a  \nb\t\n", "a  \nB\n", "a\nB\n"),
        ("a\n  \nb\n", "a\n\nb\n", "a\n\nB\n", "a\n  \nB\n"),
        ("x\x0cy\nb\u2028c\n", "b\u2028c\n", "B\u2028c\n", "x\x0cy\nB\u2028c\n"),
        ("x\x00y\nb\n", "b\n", "B\n", "x\x00y\nB\n"),
    ],
)
def test_nothing_but_the_edit_changes(text: str, search: str, replace: str, after: str) -> None:
    assert edited(text, block(search, replace)) == after


def test_an_exact_place_outdoes_one_with_other_trailing_blanks() -> None:
    assert edited("a \nx\na\n", block("a\n", "A\n")) == "a \nx\nA\n"


# --- what is refused


def test_a_search_that_stands_more_than_once_names_the_lines() -> None:
    message = refused("x\na\nb\na\nc\na\n", block("a\n", "A\n"))
    assert "stands 3 times in a.py, at lines 2, 4 and 6: 'a'" in message
    assert "more than 10 times" in refused("a\n" * 50, block("a\n", "A\n"))
    assert "stands 2 times" in refused("a \nb\na\t\n", block("a\n", "A\n"))


def test_lines_are_told_in_the_text_as_it_was() -> None:
    placement = placed("x\na\nb\na\n", block("x\n", "1\n2\n3\nx\n"), block("a\n", "A\n"))
    assert "at lines 2 and 4" in placement.problems[0].message


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("def get(self, key):\n    return self.a\n", "def get(self, keys):\n    return self.a\n"),
        ("    a = 1\n  b = 2\n", "a = 1\nb = 2\n"),
        ("A = 1\n", "a = 1\n"),
        ("x = 'a  b'\n", "x = 'a b'\n"),
        ("first\nsecond\nlast\n", "first\nother\nlast\n"),
        ("abc\n", "b\n"),
        ("a\n\nb\n", "a\nb\n"),
    ],
)
def test_a_near_twin_is_refused(text: str, search: str) -> None:
    assert "isn't in a.py" in refused(text, block(search, "x = 2\n"))


def test_hints_for_what_is_not_there() -> None:
    text = "".join(f"def method_{n}(self):\n    return self.value_{n}\n\n" for n in range(30))
    near = "def method_7(self):\n    return self.wert_7\n"
    assert (
        "The closest are lines 22 to 23; line 23 is the first that differs: it reads '    return self.value_7', "
        "not '    return self.wert_7'." in refused(text, block(near, "x"))
    )
    uneven = "  def method_7(self):\n    return self.value_7\n"
    assert "line 22 is the first that differs: it is indented otherwise: 'def method_7(self):', not" in refused(
        text, block(uneven, "x\n")
    )
    similar = "    retrun self.value_12\n"
    assert "The closest is line 38; it reads '    return self.value_12', not" in refused(text, block(similar, "x\n"))
    done = block("def method_X(self):\n", "def method_9(self):\n")
    assert "seems to be made already: its new text stands at line 28." in refused(text, done)
    left_out = block("def method_1(self):\n    # ... existing code ...\n", "x\n")
    assert "Lines left out need the same `...` in both halves" in refused(text, left_out)


def test_a_file_that_is_not_there() -> None:
    texts = {"src/utils.pyy": None, "src/utils.py": "a\n"}
    placement = place([Replace("src/utils.pyy", "a\n", "b\n")], texts, "alpha", lambda: "id")
    assert placement.files == ()
    assert placement.problems[0].message == "There is no file src/utils.pyy to edit."
    assert placement.problems[0].hint == "Perhaps src/utils.py is meant."
    assert "creates a file" in refused(None, block("a\n", "b\n"))


def test_a_file_that_was_not_read_is_not_touched() -> None:
    placement = place([WholeFile("b.py", "x\n")], {}, "alpha", lambda: "id")
    assert placement.files == ()
    assert "couldn't be read" in placement.problems[0].message


@pytest.mark.parametrize("search", ["", "\n", "  \n\n"])
def test_an_empty_search_only_creates(search: str) -> None:
    created = placed(None, block(search, "x\ny\n"))
    assert created.problems == ()
    assert created.files[0].kind is FileKind.CREATE
    assert created.files[0].hunks == (Hunk("h1", 0, 0, "", "x\ny\n", ("alpha",), blocks=(0,)),)
    assert edited("", block(search, "x\n")) == "x\n"
    assert edited("\ufeff", block(search, "x\n")) == "\ufeffx\n"
    assert "exists already: an empty SEARCH only creates" in refused("a\n", block(search, "x\n"))
    assert "exists already" in refused("\n", block(search, "x\n"))


def test_a_created_file_can_be_edited_by_the_same_reply() -> None:
    placement = placed(None, block("", "x\ny\n"), block("y\n", "Y\n"), block("", "z\n"))
    assert placement.files[0].hunks[0].new == "x\nY\n"
    assert ["exists already" in problem.message for problem in placement.problems] == [True]


def test_empty_files_can_be_created() -> None:
    for one in (block("", ""), WholeFile("a.py", "")):
        placement = placed(None, one)
        assert placement.problems == ()
        assert placement.files[0].hunks == (Hunk("h1", 0, 0, "", "", ("alpha",), blocks=(0,)),)
    assert placed(None, WholeFile("a.py", "x\r\ny\r\n")).files[0].hunks[0].new == "x\ny\n"


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("a\nb\n", block("a\n", "a\n")),
        ("a  \nb\n", block("a\n", "a\n")),
        ("a\r\nb\r\n", WholeFile("a.py", "a\nb\n")),
        ("a\nb", WholeFile("a.py", "a\nb\n")),
        ("", WholeFile("a.py", "")),
    ],
)
def test_what_changes_nothing_is_said_so(text: str, one: Block) -> None:
    assert "changes nothing" in refused(text, one)


def test_edits_that_cancel_each_other_out_are_said_so() -> None:
    assert "cancel each other out" in refused("a\nb\n", block("a\n", "x\n"), block("x\n", "a\n"))


@pytest.mark.parametrize(
    "one",
    [
        block("b\n", "B\n# ... rest unchanged\n"),
        WholeFile("a.py", "a\n# ... existing code ...\n"),
        WholeFile("a.py", "a\nb\n...\nc\n"),
    ],
)
def test_text_left_out_is_never_written(one: Block) -> None:
    assert "leaves lines out" in refused("a\nb\nc\n", one)
    if isinstance(one, WholeFile):
        assert "leaves lines out" in refused(None, one)


def test_a_line_like_that_which_the_file_holds_may_stay() -> None:
    text = "a\n# ... rest unchanged\nb\n"
    assert edited(text, block("a\n# ... rest unchanged\n", "A\n# ... rest unchanged\n")).startswith("A\n# ... rest")
    assert edited(text, WholeFile("a.py", text.replace("b", "B"))) == "a\n# ... rest unchanged\nB\n"


# --- separators inside the text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        # The heading is searched for with its underline, since the file goes on as the longer reading does.
        ("x\nA\n=======\nb\ny\n", "x\nB\ny\n"),
        # Only the shorter reading stands in the file.
        ("x\nA\ny\n", "x\nb\n=======\nB\ny\n"),
    ],
)
def test_the_file_decides_between_readings(text: str, after: str) -> None:
    assert edited(text, block("A\n=======\nb\n", "B\n", ("A\n", "b\n=======\nB\n"))) == after


def test_readings_that_all_fail_or_are_ambiguous_are_problems() -> None:
    both = block("A\n=======\nb\n", "B\n", ("A\n", "b\n=======\nB\n"))
    assert "isn't in a.py" in refused("x\n", both)
    assert "stands 2 times" in refused("A\n=======\nb\n" * 2, both)
    assert "stands 2 times" in refused("A\nA\n", both)


def test_a_created_file_may_hold_separators() -> None:
    both = block("", "T\n=======\nx\n", ("=======\nT\n", "x\n"))
    assert placed(None, both).files[0].hunks[0].new == "T\n=======\nx\n"


# --- whole files


def test_a_whole_file_becomes_hunks_and_keeps_the_files_ways() -> None:
    text = "\ufeffa\r\nb\r\nc\r\nd"
    placement = placed(text, WholeFile("a.py", "a\nB\nc\nd\ne\n"))
    assert [(hunk.start, hunk.end, hunk.new) for hunk in placement.files[0].hunks] == [
        (1, 2, "B\r\n"),
        (3, 4, "d\r\ne"),
    ]
    assert hunk_text_after(text, placement.files[0].hunks) == "\ufeffa\r\nB\r\nc\r\nd\r\ne"


def test_a_piece_of_a_file_is_not_taken_for_the_whole() -> None:
    text = "".join(f"line {n}\n" for n in range(40))
    assert "would delete 39 of the 40 lines" in refused(text, WholeFile("a.py", "line 7\nnew\n"))
    assert "would be emptied" in refused("a\nb\n", WholeFile("a.py", "\n"))
    assert edited("a\nb\nc\n", WholeFile("a.py", "x\n")) == "x\n"


def test_a_whole_text_of_blocks_for_the_file_itself_is_doubtful() -> None:
    text = "# first\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
    assert "holds SEARCH/REPLACE blocks" in refused("a\nc\n", WholeFile("a.py", text))
    assert "holds SEARCH/REPLACE blocks" in refused("x\nc\n", WholeFile("a.py", text))
    assert edited(text, WholeFile("a.py", f"{text}more\n")) == f"{text}more\n"
    assert placed(None, WholeFile("a.py", text)).files[0].hunks[0].new == text
    assert placed("a \n", WholeFile("a.md", text), path="a.md").files == ()
    assert placed("x\n", WholeFile("a.md", text), path="a.md").problems == ()


def test_two_different_whole_texts_of_a_file_are_refused() -> None:
    placement = placed("a\n", WholeFile("a.py", "b\n"), WholeFile("a.py", "c\n"))
    assert placement.files == ()
    assert len(placement.problems) == 2
    assert edited("a\n", WholeFile("a.py", "b\n"), WholeFile("a.py", "b\n")) == "b\n"


# --- time


def test_many_blocks_into_a_large_file_are_quick() -> None:
    text = "".join(f"    value_{n} = compute({n}, {n % 7})\n" if n % 5 else "\n" for n in range(50_000))
    blocks = [block(f"    value_{n} = compute({n}, {n % 7})\n", f"    value_{n} = 0\n") for n in range(1, 50_000, 501)]
    blocks = [one for one in blocks if f"{one.search}" in text]
    missing = [block(f"    valve_{n} = compute({n}, 9)\n", "x\n") for n in range(100)]
    began = time.monotonic()
    placement = placed(text, *blocks, *missing)
    assert time.monotonic() - began < 10
    assert len(placement.files[0].hunks) == len(blocks) >= 80
    assert len(placement.problems) == 100


def test_a_file_of_equal_lines_is_quick() -> None:
    began = time.monotonic()
    assert "more than 10 times" in refused("a\n" * 100_000, block("a\n" * 500, "b\n"))
    assert "isn't in" in refused("a\n" * 100_000, block("a\n" * 500 + "b\n", "b\n"))
    assert time.monotonic() - began < 10
