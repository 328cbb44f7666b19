"""The place of an answer in a notebook while somebody types: it stays below its prompt, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.lines import split_lines
from moa_lsp.session.notebook_place import Place


class Paper:
    """A document that is written in, with a place in it."""

    def __init__(self, text: str, first: int, last: int) -> None:
        self.lines = split_lines(text)
        self.place = Place.under((first, last))

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def type(self, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        text, at, to = self.text, self._offset(start), self._offset(end)
        self.lines = split_lines(text[:at] + new + text[to:])
        self.place.edited(TextEdit(*start, *end, new), self.lines)

    def _offset(self, at: tuple[int, int]) -> int:
        return sum(map(len, self.lines[: at[0]])) + at[1]

    def write(self, new: Sequence[str], waiting: Sequence[str] = (), *, whole: bool = False) -> None:
        """Writes as an editor does that was asked to, in one edit or (`whole`) as a whole new text."""
        told = self.place.insertion(self.lines, new)
        behind = told.ends_line or told.last >= len(self.lines)
        end = self._end if behind else (told.last, 0)
        start = self._end if told.ends_line else (told.first, 0)
        if whole:
            before, at, to = self.text, self._offset(start), self._offset(end)
            self.lines = split_lines(before[:at] + told.text + before[to:])
            self.place.replaced(before, self.text)
        else:
            self.type(start, end, told.text)
        assert self.place.take_in(self.lines, new, waiting)

    @property
    def _end(self) -> tuple[int, int]:
        if self.lines and not self.lines[-1].endswith("\n"):
            return len(self.lines) - 1, len(self.lines[-1])
        return len(self.lines), 0


WAITING = ["> *alpha…*"]


def test_piece_by_piece() -> None:
    paper = Paper("Ask.\n\nAfter.\n", 0, 1)
    paper.write(WAITING, WAITING)
    assert paper.text == "Ask.\n\n> *alpha…*\n\nAfter.\n"
    paper.write(["> A", "", "> *bravo…*"], ["> *bravo…*"])
    paper.write(["> B"])
    assert paper.text == "Ask.\n\n> A\n\n> B\n\nAfter.\n"
    paper.write(["> C"])
    assert paper.text == "Ask.\n\n> A\n\n> B\n\n> C\n\nAfter.\n"


def test_a_last_line_without_an_end_and_other_line_ends() -> None:
    paper = Paper("One.\r\n\r\nAsk.", 2, 3)
    paper.write(WAITING, WAITING)
    assert paper.text == "One.\r\n\r\nAsk.\r\n\r\n> *alpha…*\r\n\r\n"
    paper.write(["> A"])
    assert paper.text == "One.\r\n\r\nAsk.\r\n\r\n> A\r\n\r\n"
    empty = Paper("", 0, 0)
    empty.write(["> A"])
    assert empty.text == "> A\n\n"


def test_an_older_answer_stays_below() -> None:
    paper = Paper("Ask.\n> older\n", 0, 1)
    paper.write(["> new"])
    assert paper.text == "Ask.\n\n> new\n\n> older\n"


def test_the_line_of_who_is_asked_is_only_replaced_as_we_wrote_it() -> None:
    paper = Paper("Ask.\n", 0, 1)
    paper.write(WAITING, WAITING)
    paper.type((2, 2), (2, 2), "MINE ")
    paper.write(["> A"])
    assert paper.text == "Ask.\n\n> MINE *alpha…*\n\n> A\n\n"


def test_undoing_our_edit_keeps_the_place() -> None:
    paper = Paper("Ask.\n\nAfter.\n", 0, 1)
    paper.write(WAITING, WAITING)
    paper.type((1, 0), (3, 0), "")
    assert paper.text == "Ask.\n\nAfter.\n"
    paper.write(["> A"])
    assert paper.text == "Ask.\n\n> A\n\nAfter.\n"


def test_where_all_of_it_is_gone_the_end_is_the_place() -> None:
    paper = Paper("Ask.\n\nAfter.\n", 0, 1)
    paper.write(WAITING, WAITING)
    paper.type((0, 0), (1, 0), "")
    assert not paper.place.is_gone(paper.lines)
    paper.type((0, 0), (3, 0), "")
    assert paper.place.is_gone(paper.lines)
    paper.write(["> A"])
    assert paper.text == "After.\n\n> A\n\n"
    paper.write(["> B"])
    assert paper.text == "After.\n\n> A\n\n> B\n\n"


def test_a_closed_document_is_known_again_by_its_words() -> None:
    paper = Paper("Ask.\n\nAfter.\n", 0, 1)
    paper.write(WAITING, WAITING)
    paper.place.close()
    paper.lines = ["Another.\n", "\n", *paper.lines]
    assert not paper.place.is_gone(paper.lines)
    paper.write(["> A"])
    assert paper.text == "Another.\n\nAsk.\n\n> A\n\nAfter.\n"
    paper.place.close()
    assert paper.place.is_gone(paper.lines)


TYPED = st.text(alphabet=st.sampled_from("ab> \n"), max_size=8)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 30), TYPED), max_size=6), st.booleans())
def test_whatever_is_typed_around_it_an_answer_stays_together(
    edits: list[tuple[bool, int, int, str]], whole: bool
) -> None:
    """Above the prompt's line and below what was written somebody types at will."""
    paper = Paper("Above.\n\nASK\n\nBelow.\n", 2, 3)
    paper.write(["> one", "", "> *waits*"], ["> *waits*"], whole=whole)
    for above, one, other, new in edits:
        ask = paper.lines.index("ASK\n")
        lines = paper.lines[: ask - 1] if above else paper.lines[paper.lines.index("> *waits*\n") + 2 :]
        offset = 0 if above else len(paper.lines) - len(lines)
        part = "".join(lines)
        start, end = sorted((min(one, len(part)), min(other, len(part))))
        paper.type(_place(lines, start, offset), _place(lines, end, offset), new)
    paper.write(["> two"], whole=whole)
    assert "\nASK\n\n> one\n\n> two\n" in paper.text
    assert "waits" not in paper.text


def _place(lines: Sequence[str], at: int, offset: int) -> tuple[int, int]:
    for number, line in enumerate(lines):
        if at < len(line):
            return number + offset, at
        at -= len(line)
    return len(lines) + offset, 0
