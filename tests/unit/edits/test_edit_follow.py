"""Hunks stay on their lines while the text moves, turn stale with them, and come back with them."""

from __future__ import annotations

import time

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.follow import TextEdit, follow, follow_replacement
from moa_lsp.edits.lines import split_lines, without_end
from moa_lsp.edits.values import Hunk, HunkStatus

TEXT = "".join(f"{name}\n" for name in "abcdefgh")
REPLACING = Hunk("r", 3, 5, "d\ne\n", "D\n")
INSERTING = Hunk("i", 3, 3, "", "new\n")


def as_editors_split(text: str) -> list[str]:
    """Lines as LSP counts them: after a last line end there's one more, empty."""
    lines = split_lines(text)
    return lines if lines and lines[-1] == without_end(lines[-1]) else [*lines, ""]


def after(text: str, edit: TextEdit) -> str:
    lines = as_editors_split(text)
    before = "".join(lines[: edit.start_line]) + lines[edit.start_line][: edit.start_column]
    return before + edit.new_text + lines[edit.end_line][edit.end_column :] + "".join(lines[edit.end_line + 1 :])


def moved(hunk: Hunk, *edits: tuple[int, int, int, int, str], text: str = TEXT) -> tuple[int, int, str]:
    """Where the hunk is after these edits, and how it stands."""
    for one in edits:
        edit = TextEdit(*one)
        text = after(text, edit)
        (hunk,) = follow([hunk], edit, split_lines(text))
    return hunk.start, hunk.end, hunk.status.value


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        ((0, 0, 0, 0, "x\ny\n"), (5, 7, "pending")),
        ((0, 1, 0, 1, "\nx"), (4, 6, "pending")),
        ((0, 0, 2, 0, ""), (1, 3, "pending")),
        ((0, 1, 2, 1, ""), (1, 3, "pending")),
        ((2, 0, 2, 1, "typed"), (3, 5, "pending")),
        ((5, 0, 5, 0, "x\n"), (3, 5, "pending")),
        ((6, 0, 7, 0, ""), (3, 5, "pending")),
        ((3, 0, 3, 0, "x\n"), (4, 6, "pending")),
        ((3, 0, 3, 0, "x\r\n"), (4, 6, "pending")),
        ((4, 1, 4, 1, "\nx"), (3, 5, "pending")),
        ((2, 1, 2, 1, "\nx\ny"), (5, 7, "pending")),
        ((3, 1, 3, 1, "x"), (3, 5, "stale")),
        ((3, 1, 3, 1, "\nx"), (3, 6, "stale")),
        ((4, 0, 4, 0, "x\n"), (3, 6, "stale")),
        ((4, 0, 5, 0, ""), (3, 4, "stale")),
        ((3, 0, 5, 0, ""), (3, 3, "stale")),
        ((2, 0, 6, 0, "x\n"), (2, 3, "stale")),
        ((2, 0, 4, 0, ""), (2, 3, "stale")),
        ((2, 0, 6, 0, "x\nd\ne\ny\n"), (3, 5, "pending")),
        ((2, 0, 6, 0, "d\ne\nd\ne\n"), (2, 6, "stale")),
        ((2, 1, 3, 0, ""), (2, 4, "stale")),
        ((0, 0, 8, 0, ""), (0, 0, "stale")),
    ],
)
def test_a_replacing_hunk_follows_one_edit(edit: tuple[int, int, int, int, str], result: tuple[int, int, str]) -> None:
    assert moved(REPLACING, edit) == result


@pytest.mark.parametrize(
    ("edit", "undo"),
    [
        ((3, 1, 3, 1, "x"), (3, 1, 3, 2, "")),
        ((4, 0, 4, 0, "x\n"), (4, 0, 5, 0, "")),
        ((3, 0, 5, 0, ""), (3, 0, 3, 0, "d\ne\n")),
        ((2, 0, 6, 0, "x\n"), (2, 0, 3, 0, "c\nd\ne\nf\n")),
        ((2, 1, 3, 0, ""), (2, 1, 2, 1, "\n")),
        ((0, 0, 8, 0, "gone"), (0, 0, 0, 4, TEXT)),
        ((0, 0, 8, 0, ""), (0, 0, 0, 0, TEXT)),
        ((3, 0, 4, 1, ""), (3, 0, 3, 0, "d\ne")),
        ((2, 0, 5, 0, ""), (2, 0, 2, 0, "c\nd\ne\n")),
    ],
)
def test_an_undo_brings_it_back(edit: tuple[int, int, int, int, str], undo: tuple[int, int, int, int, str]) -> None:
    assert moved(REPLACING, edit)[2] == "stale"
    assert moved(REPLACING, edit, undo) == (3, 5, "pending")


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        ((0, 0, 0, 0, "x\n"), (4, 4, "pending")),
        ((3, 0, 3, 0, "x\n"), (4, 4, "pending")),
        ((2, 1, 2, 1, "\nx"), (4, 4, "pending")),
        ((2, 0, 2, 1, "typed"), (3, 3, "pending")),
        ((3, 0, 3, 1, "typed"), (3, 3, "pending")),
        ((3, 0, 5, 0, ""), (3, 3, "pending")),
        ((1, 0, 3, 0, ""), (1, 1, "pending")),
        ((2, 0, 4, 0, ""), (2, 2, "stale")),
        ((2, 1, 3, 0, ""), (2, 3, "stale")),
        ((0, 0, 8, 0, "x\n"), (0, 1, "stale")),
    ],
)
def test_an_inserting_hunk_follows_one_edit(edit: tuple[int, int, int, int, str], result: tuple[int, int, str]) -> None:
    assert moved(INSERTING, edit) == result


def test_an_insertion_whose_surroundings_went_stays_stale() -> None:
    assert moved(INSERTING, (2, 0, 4, 0, ""), (2, 0, 2, 0, "c\nd\n"))[2] == "stale"


def test_an_insertion_at_the_end_is_stale_when_the_last_line_loses_its_end() -> None:
    (hunk,) = follow_replacement([Hunk("i", 8, 8, "", "x\n")], TEXT, TEXT.removesuffix("\n"))
    assert hunk.status is HunkStatus.STALE
    assert moved(Hunk("i", 8, 8, "", "x\n"), (7, 1, 8, 0, ""))[2] == "stale"


@pytest.mark.parametrize("status", [HunkStatus.APPLIED, HunkStatus.REJECTED])
def test_other_hunks_move_and_keep_their_status(status: HunkStatus) -> None:
    hunk = evolve(REPLACING, status=status)
    assert moved(hunk, (0, 0, 0, 0, "x\n")) == (4, 6, status.value)
    assert moved(hunk, (3, 1, 3, 1, "x")) == (3, 5, status.value)
    assert follow_replacement([hunk], TEXT, f"x\n{TEXT}") == (evolve(hunk, start=4, end=6),)


@pytest.mark.parametrize(
    ("new", "result"),
    [
        (TEXT, (3, 5, "pending")),
        (f"x\n{TEXT}", (4, 6, "pending")),
        (TEXT.replace("b\n", "").replace("g\n", "G\n"), (2, 4, "pending")),
        (TEXT.replace("a\n", "x\ny\n").replace("c\n", "c\nz\n"), (5, 7, "pending")),
        (TEXT.replace("e\n", "E\n"), (3, 5, "stale")),
        (TEXT.replace("\n", "\r\n"), (0, 8, "stale")),
        ("", (0, 0, "stale")),
    ],
)
def test_a_whole_new_text_is_followed(new: str, result: tuple[int, int, str]) -> None:
    (hunk,) = follow_replacement([REPLACING], TEXT, new)
    assert (hunk.start, hunk.end, hunk.status.value) == result


def test_a_whole_text_and_back() -> None:
    for new in (TEXT.replace("e\n", "E\n"), TEXT.replace("\n", "\r\n"), TEXT.replace("e\n", "e\nx\n")):
        hunks = follow_replacement([REPLACING], TEXT, new)
        assert follow_replacement(hunks, new, TEXT) == (REPLACING,)


# --- any edits at all


_PIECES = st.text(st.sampled_from("ab\n\r\x0c\u2028𝄞"), max_size=6)


@st.composite
def _edits(draw: st.DrawFn, text: str) -> TextEdit:
    lines = as_editors_split(text)
    spots: list[tuple[int, int]] = []
    for _ in range(2):
        line = draw(st.integers(0, len(lines) - 1))
        spots.append((line, draw(st.integers(0, len(without_end(lines[line]))))))
    start, end = sorted(spots)
    return TextEdit(*start, *end, draw(_PIECES))


def _hunks_of(text: str, cuts: list[int]) -> list[Hunk]:
    """Hunks between every other pair of those lines; where both are one, an insertion."""
    lines = split_lines(text)
    bounds = sorted(min(cut, len(lines)) for cut in cuts)
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return [Hunk(str(at), start, end, "".join(lines[start:end]), f"<{at}>\n") for at, (start, end) in enumerate(pairs)]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_pending_hunk_always_stands_on_its_lines(data: st.DataObject) -> None:
    text = data.draw(
        st.lists(st.sampled_from(["a\n", "b\n", "\n", "ab\r\n", "a\r"]), min_size=1, max_size=12).map("".join)
    )
    hunks = tuple(_hunks_of(text, data.draw(st.lists(st.integers(0, 12), max_size=6))))
    for _ in range(data.draw(st.integers(1, 6))):
        edit = data.draw(_edits(text))
        before, text = text, after(text, edit)
        lines = split_lines(text)
        one_by_one = follow(hunks, edit, lines)
        whole = follow_replacement(hunks, before, text)
        for moved_hunks in (one_by_one, whole):
            for hunk in moved_hunks:
                assert 0 <= hunk.start <= hunk.end
                if hunk.status is HunkStatus.PENDING:
                    assert "".join(lines[hunk.start : hunk.end]) == hunk.old
        hunks = one_by_one


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_applying_what_is_pending_keeps_every_character_that_the_user_wrote(data: st.DataObject) -> None:
    text = "".join(f"line {n}\n" for n in range(data.draw(st.integers(1, 10))))
    hunks = tuple(_hunks_of(text, data.draw(st.lists(st.integers(0, 10), max_size=6, unique=True))))
    for number in range(data.draw(st.integers(1, 4))):
        lines = as_editors_split(text)
        line = data.draw(st.integers(0, len(lines) - 1))
        column = data.draw(st.integers(0, len(without_end(lines[line]))))
        written = data.draw(st.sampled_from(["{}", "\n{}", "{}\n", "\n{}\n\n"])).format(chr(0x100 + number))
        edit = TextEdit(line, column, line, column, written)
        text = after(text, edit)
        hunks = follow(hunks, edit, split_lines(text))
        pending = [hunk for hunk in hunks if hunk.status is HunkStatus.PENDING]
        result = hunk_text_after(text, pending)
        assert all(chr(0x100 + typed) in result for typed in range(number + 1))
        for hunk in pending:
            assert hunk.new in result


def test_a_keystroke_costs_nothing_in_a_large_text() -> None:
    lines = [f"line {n}\n" for n in range(200_000)]
    hunks = tuple(Hunk(str(at), at, at + 2, "".join(lines[at : at + 2]), "x\n") for at in range(0, 200_000, 2_000))
    lines[101_000] = "line 101000x\n"
    began = time.monotonic()
    for _ in range(100):
        assert follow(hunks, TextEdit(101_000, 11, 101_000, 11, "x"), lines) == hunks
    assert time.monotonic() - began < 5
