"""The three-way merge of a hunk with what the user made of its lines, held against libgit2's own merge."""

from __future__ import annotations

import pygit2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygit2.enums import FileMode

from moa_lsp.edits.following.merge import merged_lines
from moa_lsp.edits.lines import changed_spans, split_lines


def merged(base: str, ours: str, theirs: str) -> str | None:
    lines = merged_lines(split_lines(base), split_lines(ours), split_lines(theirs))
    return None if lines is None else "".join(lines)


def lined(letters: str) -> str:
    return "".join(f"{letter}\n" for letter in letters)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> pygit2.Repository:
    return pygit2.init_repository(str(tmp_path_factory.mktemp("merging")), bare=True)


def merged_by_git(repository: pygit2.Repository, base: str, ours: str, theirs: str) -> str | None:
    """What libgit2 makes of it; `None` for a conflict."""
    entries = [
        pygit2.IndexEntry("text", repository.create_blob(text.encode()), FileMode.BLOB) for text in (base, ours, theirs)
    ]
    result = repository.merge_file_from_index(*entries, use_deprecated=False)
    assert not isinstance(result, str)
    return result.contents if result.automergeable else None


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ("abcde", "abXde", "AbcdE", "AbXdE"),
        ("abcde", "abcde", "AbcdE", "AbcdE"),
        ("abcde", "abXde", "abcde", "abXde"),
        ("abcde", "abde", "AbcdE", "AbdE"),
        ("abcde", "abcXYde", "AbcdE", "AbcXYdE"),
        ("abcde", "abcdE", "AbcdE", None),
        ("abcde", "Xbcde", "AbcdE", None),
        ("abcde", "aXcde", "AbcdE", None),
        ("abcde", "aXbcde", "AbcdE", None),
        ("abcde", "Xabcde", "AbcdE", None),
        ("abcde", "abcdeX", "AbcdE", None),
        ("abcde", "", "AbcdE", None),
        ("abcde", "aXbcde", "aYbcde", None),
        ("abcde", "aXbcde", "aXbcde", None),
        ("abc", "XYZ", "ABC", None),
        ("caabc", "aabc", "ac", None),
        ("", "X", "Y", None),
        ("", "X", "X", None),
    ],
)
def test_a_merge(base: str, ours: str, theirs: str, result: str | None) -> None:
    wanted = None if result is None else lined(result)
    assert merged(lined(base), lined(ours), lined(theirs)) == wanted
    assert merged(lined(base), lined(theirs), lined(ours)) == wanted, "it doesn't matter whose side is whose"


def test_line_ends_belong_to_the_lines() -> None:
    assert merged("a\r\nb\nc\r\nd\ne", "a\r\nb\nX\r\nd\ne", "A\r\nb\nc\r\nd\nE") == "A\r\nb\nX\r\nd\nE"
    assert merged("a\nb\nc\nd\ne", "a\nb\nc\r\nd\ne", "A\nb\nc\nd\nE\n") == "A\nb\nc\r\nd\nE\n"


_LINES = st.lists(st.sampled_from("abcd"), max_size=9).map("".join)


@st.composite
def _changed(draw: st.DrawFn, base: str) -> str:
    """The letters with a few of them replaced, taken out, doubled, or with new ones put in."""
    letters = list(base)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(letters)))
        end = min(len(letters), start + draw(st.integers(0, 2)))
        letters[start:end] = draw(st.lists(st.sampled_from("abcdXY"), max_size=3))
    return "".join(letters)


@given(st.data())
@settings(max_examples=1500, deadline=None)
def test_what_is_merged_is_what_git_merges(repository: pygit2.Repository, data: st.DataObject) -> None:
    base = data.draw(_LINES | st.lists(st.sampled_from("abcdefgh"), min_size=5, max_size=9, unique=True).map("".join))
    ours, theirs = data.draw(_changed(base)), data.draw(_changed(base))
    result = merged(lined(base), lined(ours), lined(theirs))
    if result:  # of an empty result pygit2 makes an error (measured)
        assert result == merged_by_git(repository, lined(base), lined(ours), lined(theirs))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_merge_holds_what_both_sides_wrote(data: st.DataObject) -> None:
    base = data.draw(st.lists(st.sampled_from("abcdefgh"), min_size=5, max_size=8, unique=True))
    sides: list[list[str]] = []
    for letter in "XY":
        side = list(base)
        for number in range(data.draw(st.integers(1, 2))):
            at = data.draw(st.integers(0, len(side) - 1))
            side[at : at + data.draw(st.integers(0, 1))] = [f"{letter}{number}"]
        sides.append(side)
    result = merged_lines(*([f"{line}\n" for line in lines] for lines in (base, *sides)))
    if result is None:
        return
    kept = {line.strip() for line in result}
    for side in sides:
        assert {line for line in side if line not in base} <= kept
        assert not {line for line in base if line not in side} & kept
    assert sum(span.new_end - span.new_start for span in changed_spans([f"{b}\n" for b in base], result)) <= 4
