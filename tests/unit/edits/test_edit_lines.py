"""Lines as LSP means them, and which of them differ."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.edits.lines import changed_spans, dominant_line_end, line_end, split_lines, without_end

_TEXTS = st.text(st.sampled_from("ab \r\n\x0b\x0c\x1c\x85\u2028\ufeff\x00"), max_size=40)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a\n"]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("\n\r\n\r", ["\n", "\r\n", "\r"]),
        ("a\x0cb\x0bc\x1cd\x85e\u2028f\u2029g\n", ["a\x0cb\x0bc\x1cd\x85e\u2028f\u2029g\n"]),
    ],
)
def test_lines_break_where_lsp_says(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@given(_TEXTS)
def test_lines_join_to_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line for line in lines)
    assert all(without_end(line) + line_end(line) == line for line in lines)
    assert all(line_end(line) for line in lines[:-1])
    assert not any(end in without_end(line) for line in lines for end in "\r\n")


@pytest.mark.parametrize(
    ("text", "end"),
    [("", "\n"), ("a", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\nb\r\n", "\n"), ("a\rb\rc\n", "\r")],
)
def test_dominant_line_end(text: str, end: str) -> None:
    assert dominant_line_end(split_lines(text)) == end


@given(st.lists(st.sampled_from("abc\x00"), max_size=12), st.lists(st.sampled_from("abc\x00"), max_size=12))
def test_changed_spans_turn_one_list_into_the_other(old: list[str], new: list[str]) -> None:
    spans = changed_spans(old, new)
    built: list[str] = []
    done = 0
    for span in spans:
        assert span.start > done or not built
        built += old[done : span.start] + new[span.new_start : span.new_end]
        assert len(built) == span.new_end
        assert span.end > span.start or span.new_end > span.new_start
        done = span.end
    assert built + old[done:] == new
    for one, other in pairwise(spans):
        assert other.start > one.end
        assert other.new_start > one.new_end
