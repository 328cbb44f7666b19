"""Hunks stay on their lines while the text moves, are merged or turn stale with them, and come back with them."""

from __future__ import annotations

import time
from itertools import islice

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.following.follow import TextEdit, anchored, follow, follow_replacement, follow_whole, follow_written
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
        ((4, 0, 5, 0, ""), (4, 0, 4, 0, "e\n")),
        ((3, 0, 4, 0, ""), (3, 0, 3, 0, "d\n")),
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


@pytest.mark.parametrize(
    ("edit", "undo"),
    [
        ((2, 0, 4, 0, ""), [(2, 0, 2, 0, "c\nd\n")]),
        ((2, 1, 3, 0, ""), [(2, 1, 2, 1, "\n")]),
        ((0, 0, 8, 0, "x\n"), [(0, 0, 1, 0, TEXT)]),
        ((0, 0, 8, 0, ""), [(0, 0, 0, 0, TEXT)]),
        ((0, 0, 8, 0, ""), [(0, 0, 0, 0, "a\nb\nd\n"), (2, 0, 2, 0, "c\n")]),
        ((2, 0, 4, 0, "c\nx\nd\n"), [(3, 0, 4, 0, "")]),
    ],
)
def test_an_insertion_is_back_where_its_neighbours_meet_again(
    edit: tuple[int, int, int, int, str], undo: list[tuple[int, int, int, int, str]]
) -> None:
    (hunk,) = anchored([INSERTING], split_lines(TEXT))
    assert moved(hunk, edit)[2] == "stale"
    assert moved(hunk, edit, *undo) == (3, 3, "pending")


def test_an_insertion_isnt_back_where_its_neighbours_meet_twice() -> None:
    (hunk,) = anchored([INSERTING], split_lines(TEXT))
    assert moved(hunk, (0, 0, 8, 0, ""), (0, 0, 0, 0, TEXT + TEXT))[2] == "stale"


def test_an_insertion_knows_its_neighbours_as_they_are_now() -> None:
    (hunk,) = anchored([INSERTING], split_lines(TEXT))
    assert moved(hunk, (2, 0, 2, 1, "C"), (2, 0, 4, 0, ""), (2, 0, 2, 0, "C\nd\n")) == (3, 3, "pending")
    assert moved(hunk, (2, 0, 2, 1, "C"), (2, 0, 4, 0, ""), (2, 0, 2, 0, "x\nd\n"))[2] == "stale"


def test_a_line_that_was_changed_and_deleted_comes_back_below_the_insertion() -> None:
    (hunk,) = anchored([INSERTING], split_lines(TEXT))
    gone = [(3, 0, 3, 1, "x"), (3, 0, 4, 0, "")]
    assert moved(hunk, *gone, (3, 0, 3, 0, "x\n")) == (3, 3, "pending")
    assert moved(hunk, *gone, (3, 0, 3, 0, "another\nx\n")) == (4, 4, "pending")
    assert moved(hunk, *gone, (2, 0, 3, 0, ""))[2] == "stale", "nothing says any more where it belongs"


def test_which_of_two_like_lines_went_isnt_guessed() -> None:
    text = "a\na\nz\n"
    both = (Hunk("1", 0, 1, "a\n", "1\n"), Hunk("2", 1, 2, "a\n", "2\n"))
    for hunk in both:
        (unsure,) = follow_replacement([hunk], text, "a\nz\n")
        assert unsure.status is HunkStatus.STALE
        (still,) = follow([unsure], TextEdit(1, 0, 1, 1, "y"), split_lines("a\ny\n"))
        assert still.status is HunkStatus.STALE
        assert follow_replacement([unsure], "a\nz\n", text) == (hunk,)
        assert follow([unsure], TextEdit(0, 0, 0, 0, "a\n"), split_lines(text)) == (hunk,)
    assert follow_written([both[1]], [Hunk("1", 0, 1, "a\n", "")], ["a\n", "z\n"])[0].start == 0


# --- merging

WIDE = Hunk("w", 1, 6, "b\nc\nd\ne\nf\n", "B\nc\nd\ne\nF\n")
"""A hunk that leaves what is between its first and its last line as it is."""


def steps(hunk: Hunk, *edits: tuple[int, int, int, int, str], text: str = TEXT) -> tuple[Hunk, str]:
    """The hunk after these edits, and the text."""
    for one in edits:
        edit = TextEdit(*one)
        text = after(text, edit)
        (hunk,) = follow([hunk], edit, split_lines(text))
    return hunk, text


@pytest.mark.parametrize(
    ("edits", "applied"),
    [
        ([(3, 0, 3, 1, "typed")], "a B c typed e F g h"),
        ([(3, 0, 3, 0, "x\n")], "a B c x d e F g h"),
        ([(3, 0, 4, 0, "")], "a B c e F g h"),
        ([(3, 0, 3, 1, "x"), (3, 1, 3, 1, "y"), (3, 2, 3, 2, "\nz")], "a B c xy z e F g h"),
        ([(0, 0, 0, 0, "top\n"), (4, 0, 4, 1, "typed")], "top a B c typed e F g h"),
        ([(3, 0, 3, 1, "typed"), (0, 0, 0, 0, "top\n")], "top a B c typed e F g h"),
    ],
)
def test_what_the_user_writes_within_a_hunk_is_merged(
    edits: list[tuple[int, int, int, int, str]], applied: str
) -> None:
    hunk, text = steps(WIDE, *edits)
    assert hunk.status is HunkStatus.PENDING
    assert (hunk.id, hunk.meant) == (WIDE.id, (WIDE.old, WIDE.new))
    assert hunk_text_after(text, [hunk]).split() == applied.split()


@pytest.mark.parametrize(
    "edit",
    [
        (1, 0, 1, 1, "x"),
        (2, 0, 2, 1, "x"),
        (2, 0, 2, 0, "x\n"),
        (4, 0, 4, 1, "x"),
        (5, 0, 5, 1, "x"),
        (5, 0, 5, 1, "F"),
        (5, 0, 5, 0, "x\n"),
        (1, 0, 6, 0, ""),
        (0, 0, 8, 0, ""),
        (0, 1, 1, 0, ""),
        (1, 0, 6, 0, "B\nc\nd\ne\nF\n"),
    ],
)
def test_what_touches_a_hunks_own_changes_makes_it_stale(edit: tuple[int, int, int, int, str]) -> None:
    hunk, _ = steps(WIDE, edit)
    assert (hunk.status, hunk.old, hunk.new) == (HunkStatus.STALE, WIDE.old, WIDE.new)


def test_an_undo_leads_back_to_what_was_meant() -> None:
    typing = [(3, 0, 3, 1, "x"), (3, 1, 3, 1, "y")]
    undos = ([(3, 0, 3, 2, "d")], [(3, 1, 3, 2, ""), (3, 0, 3, 1, "d")], [(0, 0, 8, 0, TEXT)])
    for undo in undos:
        assert steps(WIDE, *typing, *undo)[0] == WIDE
    conflicting = [(3, 0, 3, 1, "x"), (5, 0, 5, 1, "y")]
    hunk, text = steps(WIDE, *conflicting)
    assert hunk.status is HunkStatus.STALE
    back, _ = steps(hunk, (5, 0, 5, 1, "f"), text=text)
    assert (back.status, back.new) == (HunkStatus.PENDING, "B\nc\nx\ne\nF\n")
    assert steps(hunk, (5, 0, 5, 1, "f"), (3, 0, 3, 1, "d"), text=text)[0] == WIDE
    (whole,) = follow_replacement([hunk], text, TEXT)
    assert whole == WIDE


def test_a_whole_new_text_is_merged_too() -> None:
    text = f"top\n{TEXT.replace('d', 'typed')}"
    (hunk,) = follow_replacement([WIDE], TEXT, text)
    assert hunk_text_after(text, [hunk]) == text.replace("b", "B").replace("f", "F")
    assert follow_replacement([hunk], text, TEXT) == (WIDE,)


def test_two_hunks_never_hold_the_same_line() -> None:
    text = "a\na\nz\n"
    both = (Hunk("1", 0, 1, "a\n", "1\n"), Hunk("2", 1, 2, "a\n", "2\n"))
    (one, other) = follow(both, TextEdit(0, 0, 2, 0, "a\n"), split_lines("a\nz\n"))
    assert (one.status, other.status) == (HunkStatus.STALE, HunkStatus.STALE)
    assert follow([one, other], TextEdit(0, 0, 0, 1, "a\na"), split_lines(text))[0].status is HunkStatus.STALE
    assert follow(both, TextEdit(2, 0, 2, 1, "y"), split_lines("a\na\ny\n")) == both


def test_nothing_is_merged_while_the_editor_writes() -> None:
    text = TEXT.replace("d", "typed")
    (hunk,) = follow([WIDE], TextEdit(3, 0, 3, 1, "typed"), split_lines(text), merging=False)
    assert (hunk.status, hunk.old, hunk.meant) == (HunkStatus.STALE, WIDE.old, None)


@pytest.mark.parametrize("edit", [(0, 0, 0, 0, "x\n"), (8, 0, 8, 0, "x\n"), (3, 0, 3, 1, "x"), (2, 0, 3, 0, "")])
def test_any_edit_makes_a_hunk_of_a_whole_text_stale(edit: tuple[int, int, int, int, str]) -> None:
    whole = Hunk("d", 0, 8, TEXT, "")
    text = after(TEXT, TextEdit(*edit))
    hunk = follow_whole(whole, split_lines(text))
    assert (hunk.start, hunk.end, hunk.status) == (0, len(split_lines(text)), HunkStatus.STALE)
    assert follow_whole(hunk, split_lines(TEXT)) == whole
    rejected = evolve(whole, status=HunkStatus.REJECTED)
    assert follow_whole(rejected, split_lines(text)) == rejected


def test_an_insertion_at_the_end_is_stale_when_the_last_line_loses_its_end() -> None:
    (hunk,) = follow_replacement([Hunk("i", 8, 8, "", "x\n")], TEXT, TEXT.removesuffix("\n"))
    assert hunk.status is HunkStatus.STALE
    assert moved(Hunk("i", 8, 8, "", "x\n"), (7, 1, 8, 0, ""))[2] == "stale"


@pytest.mark.parametrize(("text", "place"), [("\ufeffa\n", 1), ("\ufeffa\nb\n", 1), ("\ufeffa\nb\n", 2)])
def test_what_is_put_in_at_the_top_of_a_text_with_a_byte_order_mark_leaves_other_insertions(
    text: str, place: int
) -> None:
    top = Hunk("t", 0, 1, "\ufeffa\n", "\ufeffnew\na\n")
    hunk, other = anchored([top, Hunk("i", place, place, "", "more\n")], split_lines(text))
    applied = hunk_text_after(text, [hunk])
    ways = (
        follow([other], TextEdit(0, 0, 1, 0, top.new), split_lines(applied)),
        follow_written([other], [hunk], split_lines(applied)),
        follow_replacement([other], text, applied),
    )
    for (now,) in ways:
        assert (now.start, now.end, now.status) == (place + 1, place + 1, HunkStatus.PENDING)
        assert hunk_text_after(applied, [now]) == hunk_text_after(text, [hunk, other])
        assert follow_replacement([now], applied, text) == (other,)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        pytest.param((7, 1, 7, 1, "x"), 8, id="the last line changes"),
        pytest.param((7, 1, 7, 1, "\nx"), 9, id="a line is opened under it"),
        pytest.param((8, 0, 8, 0, "x\n"), 9, id="a line is added"),
        pytest.param((0, 0, 1, 0, ""), 7, id="another line goes"),
        pytest.param((7, 0, 8, 0, "x\n"), None, id="the last line is written anew"),
        pytest.param((0, 0, 8, 0, "x\ny\n"), None, id="the whole text is"),
        pytest.param((7, 0, 8, 0, ""), None, id="the last line goes"),
    ],
)
def test_an_insertion_at_the_end_stays_there_unless_the_line_before_it_is_another(
    edit: tuple[int, int, int, int, str], place: int | None
) -> None:
    (hunk,) = anchored([Hunk("i", 8, 8, "", "more\n")], split_lines(TEXT))
    start, end, status = moved(hunk, edit)
    assert (status == "stale") is (place is None)
    assert place in (None, start)
    assert place in (None, end)


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


_USERS = [chr(0xE000 + number) for number in range(40)]
"""What only the user writes: characters that no file and no hunk holds."""


@st.composite
def _proposals(draw: st.DrawFn, text: str) -> tuple[Hunk, ...]:
    """Hunks in a text; some leave lines between those that they change, as a reviewer would have it."""
    hunks: list[Hunk] = []
    for hunk in _hunks_of(text, draw(st.lists(st.integers(0, 12), max_size=6))):
        old = split_lines(hunk.old)
        kept = draw(st.lists(st.booleans(), min_size=len(old), max_size=len(old)))
        kept[:1] = kept[-1:] = [False] * min(len(old), 1)
        new = [line if keep else f"<{hunk.id}.{at}>\n" for at, (line, keep) in enumerate(zip(old, kept, strict=True))]
        new = new or [f"<{hunk.id}>\n"]
        hunks.append(evolve(hunk, new="".join(new)))
    return anchored(hunks, split_lines(text))


def _tokens(hunk: Hunk) -> set[str]:
    return {line for line in split_lines(hunk.new) if line.startswith("<")}


@given(st.data())
@settings(max_examples=1000, deadline=None)
def test_whatever_is_typed_nothing_of_it_is_lost_and_nothing_else_changes(data: st.DataObject) -> None:
    line = st.sampled_from(["a\n", "b\n", "c\n", "d\n", "\n", "e\r\n", "f\r"])
    text = data.draw(st.lists(line, min_size=1, max_size=12).map("".join)) + data.draw(st.sampled_from(["", "end"]))
    proposed = data.draw(_proposals(text))
    tokens = {hunk.id: _tokens(hunk) for hunk in proposed}
    stepwise = at_once = proposed
    users = iter(_USERS)
    for _ in range(data.draw(st.integers(1, 5))):
        edit = data.draw(_edits(text))
        written = data.draw(st.sampled_from(["{}", "{}\n", "\n{}", "\r\n{}", "{}\r", ""])).format(next(users))
        edit = evolve(edit, new_text=data.draw(st.sampled_from([written, edit.new_text])))
        before, text = text, after(text, edit)
        lines = split_lines(text)
        at_once = follow_replacement(at_once, before, text)
        stepwise = follow(stepwise, edit, lines)
        for hunks in (stepwise, at_once):
            pending = [hunk for hunk in hunks if hunk.status is HunkStatus.PENDING]
            for hunk in pending:
                assert "".join(lines[hunk.start : hunk.end]) == hunk.old
                assert _tokens(hunk) == tokens[hunk.id]
            result = hunk_text_after(text, pending)
            assert [one for one in result if one in _USERS] == [one for one in text if one in _USERS]
            for piece in _outside(lines, pending):
                at = result.index(piece)
                result = result[at + len(piece) :]


def _outside(lines: list[str], hunks: list[Hunk]) -> list[str]:
    """The pieces of a text between hunks, from the top."""
    pieces: list[str] = []
    done = 0
    for hunk in sorted(hunks, key=lambda one: (one.start, one.end)):
        pieces.append("".join(lines[done : hunk.start]))
        done = hunk.end
    return [*pieces, "".join(lines[done:])]


def test_an_insertion_stays_before_a_line_that_is_parted_where_another_reads_as_it_did() -> None:
    (first,) = anchored([Hunk("i", 0, 0, "", "new\n")], ["a\n", "b\n"])
    edits = [(0, 0, 0, 1, "b"), (0, 1, 0, 1, "a\n"), (0, 1, 1, 0, ""), (0, 0, 0, 1, "a")]
    assert moved(first, *edits[:2], text="a\nb\n") == (0, 0, "pending")
    assert moved(first, *edits, text="a\nb\n") == (0, 0, "pending")


def test_an_insertion_whose_line_reads_like_the_next_is_not_put_before_that_one() -> None:
    hunks: tuple[Hunk, ...] = anchored([Hunk("i", 0, 0, "", "new\n")], ["a\n", "b\n"])
    text = "a\nb\n"
    for edit in (TextEdit(0, 1, 1, 0, ""), TextEdit(0, 0, 0, 1, "")):
        text = after(text, edit)
        hunks = follow(hunks, edit, split_lines(text))
    assert text == "b\n"
    (hunk,) = follow_replacement(hunks, text, "a\nb\n")
    assert hunk.start == 0 or hunk.status is HunkStatus.STALE


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_undone_edit_by_edit_everything_is_pending_as_it_was(data: st.DataObject) -> None:
    beginning = text = data.draw(
        st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=12, unique=True).map(
            lambda letters: "".join(f"{letter}\n" for letter in letters)
        )
    )
    proposed = hunks = data.draw(_proposals(text))
    undos: list[TextEdit] = []
    for _ in range(data.draw(st.integers(1, 4))):
        edit = data.draw(_edits(text))
        edit = evolve(edit, new_text=edit.new_text.replace("\r", ""))  # `_undo` knows no line ends that meet
        undos.append(_undo(text, edit))
        text = after(text, edit)
        hunks = follow(hunks, edit, split_lines(text))
    for hunk, was in zip(follow_replacement(hunks, text, beginning), proposed, strict=True):
        assert hunk.status is HunkStatus.STALE or hunk == was
    for edit in reversed(undos):
        text = after(text, edit)
        hunks = follow(hunks, edit, split_lines(text))
    assert text == beginning
    assert hunks == proposed


def _undo(text: str, edit: TextEdit) -> TextEdit:
    """What takes the edit back."""
    lines = as_editors_split(text)
    if edit.start_line == edit.end_line:
        old = lines[edit.start_line][edit.start_column : edit.end_column]
    else:
        middle = "".join(lines[edit.start_line + 1 : edit.end_line])
        old = lines[edit.start_line][edit.start_column :] + middle + lines[edit.end_line][: edit.end_column]
    written = as_editors_split(edit.new_text)
    last = len(without_end(written[-1]))
    line = edit.start_line + len(written) - 1
    return TextEdit(
        edit.start_line, edit.start_column, line, last + (edit.start_column if len(written) == 1 else 0), old
    )


@given(st.data())
@settings(max_examples=1000, deadline=None)
def test_however_the_text_comes_back_nothing_is_pending_elsewhere(data: st.DataObject) -> None:
    """Lines go and come back whole, in any order and among others: what is pending then is where it was proposed."""
    lines = wanted = [f"{letter}\n" for letter in "abcdefgh"[: data.draw(st.integers(1, 8))]]
    hunks = proposed = data.draw(_proposals("".join(wanted)))
    others = (f"other {number}\n" for number in range(100))

    def some() -> list[str]:
        return list(islice(others, data.draw(st.sampled_from([0, 0, 1, 2]))))

    for _ in range(data.draw(st.integers(1, 10))):
        start = data.draw(st.integers(0, len(lines)))
        end = data.draw(st.integers(start, min(start + 3, len(lines))))
        # Of the lines that are missing, only those that belong there come back.
        above = max((wanted.index(line) for line in lines[:start] if line in wanted), default=-1)
        below = min((wanted.index(line) for line in lines[end:] if line in wanted), default=len(wanted))
        back = data.draw(st.sets(st.integers(above + 1, below - 1), max_size=3)) if above + 1 < below else set[int]()
        new = [line for at in sorted(back) for line in (wanted[at], *some())]
        if not new:
            new = some()
        edit = TextEdit(start, 0, end, 0, "".join(new))
        lines = [*lines[:start], *new, *lines[end:]]
        hunks = follow(hunks, edit, lines)
    while lines != wanted:
        steps: list[tuple[int, int, list[str]]] = [
            (at, at + 1, []) for at, line in enumerate(lines) if line not in wanted
        ]
        for line in wanted:
            if line not in lines:
                above = max((at + 1 for at, one in enumerate(lines) if one in wanted and one < line), default=0)
                below = min((at for at, one in enumerate(lines) if one in wanted and one > line), default=len(lines))
                steps += [(at, at, [line]) for at in range(above, below + 1)]
        start, end, new = data.draw(st.sampled_from(steps))
        lines = [*lines[:start], *new, *lines[end:]]
        hunks = follow(hunks, TextEdit(start, 0, end, 0, "".join(new)), lines)
    for hunk, was in zip(hunks, proposed, strict=True):
        assert hunk.status is HunkStatus.STALE or hunk == was


_LIKE = st.lists(st.sampled_from(["a\n", "b\n", "\n"]), max_size=3).map("".join)


@st.composite
def _among_like_lines(draw: st.DrawFn, text: str) -> tuple[Hunk, ...]:
    """Hunks of every shape, between each two of which a line stands."""
    lines = split_lines(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=8)))
    hunks: list[Hunk] = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        old, new = "".join(lines[start:end]), draw(_LIKE)
        if new != old and (not hunks or hunks[-1].end < start):
            hunks.append(Hunk(str(len(hunks)), start, end, old, new))
    return anchored(hunks, lines)


@pytest.mark.parametrize("exactly", [True, False])
@given(data=st.data())
@settings(max_examples=1000, deadline=None)
def test_hunks_written_one_by_one_come_to_the_same_text(exactly: bool, data: st.DataObject) -> None:
    """Among like lines, in any order: the text of all of them at once, or those that aren't sure of it are stale."""
    beginning = text = data.draw(st.lists(st.sampled_from(["a\n", "b\n", "\n"]), max_size=10).map("".join))
    hunks = proposed = data.draw(_among_like_lines(text))
    written: list[str] = []
    for id in data.draw(st.permutations([hunk.id for hunk in proposed])):
        (hunk,) = (one for one in hunks if one.id == id)
        if hunk.status is not HunkStatus.PENDING:
            assert not exactly
            continue
        before, text = text, hunk_text_after(text, [hunk])
        others = [one for one in hunks if one.id != id]
        if exactly:
            hunks = follow_written(others, [hunk], split_lines(text))
        else:
            hunks = follow_replacement(others, before, text)
        written.append(id)
        assert text == hunk_text_after(beginning, [one for one in proposed if one.id in written])


def test_a_keystroke_costs_nothing_in_a_large_text() -> None:
    lines = [f"line {n}\n" for n in range(200_000)]
    hunks = tuple(Hunk(str(at), at, at + 2, "".join(lines[at : at + 2]), "x\n") for at in range(0, 200_000, 2_000))
    lines[101_000] = "line 101000x\n"
    began = time.monotonic()
    for _ in range(100):
        assert follow(hunks, TextEdit(101_000, 11, 101_000, 11, "x"), lines) == hunks
    assert time.monotonic() - began < 5
