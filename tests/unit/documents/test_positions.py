"""Columns in the three position encodings, against the definition: count the units of every character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from moa_lsp.lsp.positions import ENCODINGS, PositionCodec, end_of_text

CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}

bodies = st.text(st.sampled_from("ab \té\u0301\u0085\u2028\x0cß漢𝄞👩\u200d\ufffd"), max_size=12)
ends = st.sampled_from(["", "\n", "\r\n", "\r"])


def size(text: str, encoding: str) -> int:
    return len(text.encode(CODECS[encoding])) // SIZES[encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(body=bodies, end=ends)
def test_every_unit_of_a_line_belongs_to_the_character_it_is_part_of(encoding: str, body: str, end: str) -> None:
    codec = PositionCodec(encoding)
    line = body + end
    owner = [column for column, character in enumerate(body) for _ in range(size(character, encoding))]
    assert [codec.column(line, unit) for unit in range(len(owner))] == owner
    for behind in range(len(owner), len(owner) + 4):
        assert codec.column(line, behind) == len(body)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(body=bodies, end=ends)
def test_units_are_the_size_of_what_stands_before(encoding: str, body: str, end: str) -> None:
    codec = PositionCodec(encoding)
    line = body + end
    for column in range(len(line) + 3):
        assert codec.units(line, column) == size(body[:column], encoding)


def test_the_middle_of_a_surrogate_pair_is_its_beginning() -> None:
    codec = PositionCodec("utf-16")
    assert [codec.column("a𝄞b", units) for units in range(6)] == [0, 1, 1, 2, 3, 3]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_lone_surrogate_counts_and_does_not_raise(encoding: str) -> None:
    codec = PositionCodec(encoding)
    line = "\ud83dx"
    assert codec.column(line, codec.units(line, 1)) == 1
    assert codec.column(line, codec.units(line, 2)) == 2


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_negative_columns_are_the_beginning(encoding: str) -> None:
    codec = PositionCodec(encoding)
    for line in ("abc", "é𝄞"):
        assert codec.column(line, -3) == 0
        assert codec.units(line, -3) == 0


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="encoding"):
        PositionCodec("latin-1")


def test_ranges_there_and_back() -> None:
    codec = PositionCodec("utf-16")
    text = ["é𝄞x\r\n", "last"]
    range = types.Range(types.Position(0, 3), types.Position(1, 2))
    assert codec.span(text, range) == ((0, 2), (1, 2))
    assert codec.range(text, (0, 2), (1, 2)) == range


@pytest.mark.parametrize(
    ("text", "end"),
    [([], (0, 0)), (["a"], (0, 1)), (["a\n"], (1, 0)), (["a\n", "b𝄞"], (1, 2)), (["a\r"], (1, 0))],
)
def test_lines_behind_the_last_are_the_end(text: list[str], end: tuple[int, int]) -> None:
    codec = PositionCodec("utf-16")
    assert end_of_text(text) == end
    assert codec.place(text, types.Position(9, 9)) == end
    there = codec.position(text, *end)
    assert codec.place(text, there) == end
    assert codec.position(text, 9, 9) == there


def test_the_range_of_a_whole_text() -> None:
    codec = PositionCodec("utf-16")
    assert codec.range_of_text("a\n𝄞") == types.Range(types.Position(0, 0), types.Position(1, 2))
    assert codec.range_of_text("a\n") == types.Range(types.Position(0, 0), types.Position(1, 0))
