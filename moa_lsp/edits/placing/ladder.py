"""The ladder: how alike a search and the lines of a file have to be, step by step, and what each step writes.

A step is tried where all before it found nothing. Each must match once and only once: what stands twice is refused,
whatever a further step would make of it. Nothing is ever placed by likeness.

| step | what may differ | why |
| --- | --- | --- |
| exact | line ends | a reply has its own, and a file keeps its own |
| trailing blanks | blanks at the ends of lines | models drop them, and they mean something in Markdown only |
| indentation | one shift of all lines (`indentation.py`) | models write from an edge of their own, or blanks for tabs |
| blank ends | blank lines above and below the search | they come and go with a fence; the new text goes without too |
| elision | `...` for lines left out, in both halves | each piece between stands once and in order; the rest stays |

A line number or an `@@` line never places anything: it chooses between places that are equal in the same step. The
number only where one of them begins on just that line, for models count badly; an `@@` line where one of them alone
lies in the block of code that begins with it; the end of the file where one of them ends it.

What is refused, and in which words, is `place.py`'s; the look-up of lines is `draft.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import IntEnum

from attrs import frozen

from moa_lsp.edits.lines import BLANKS, bare, split_lines, without_end
from moa_lsp.edits.placing.draft import Draft
from moa_lsp.edits.placing.elision import is_elision
from moa_lsp.edits.placing.indentation import indent_of, is_of_one_piece, shift_between
from moa_lsp.edits.values import Near

MOST_PLACES = 10
"""More places than these aren't listed to anyone."""

# Among so many places, and so far up, the line is looked for that says which of them is meant: a file of a hundred
# thousand equal lines would hold up everything else for seconds (measured).
_MOST_COMPARED = 50
_LONGEST_BLOCK = 2_000

# git cuts the line that it names behind a hunk's numbers after 80 characters, and models sooner.
_CUT_AT = 40
_GOES_ON = re.compile(r"}?\s*(?:else|elif|elsif|except|rescue|finally|ensure|catch|case|when|default)\b")
_DOTS = re.compile(r"^[ \t]*(?:\.{3}|…)[ \t]*$")


class Step(IntEnum):
    """How a search was found to stand in a file. The first three are tried again without the blank ends."""

    EXACT = 0
    TRAILING_BLANKS = 1
    INDENTATION = 2
    BLANK_ENDS = 3
    ELISION = 6


_LINE_BY_LINE = (Step.EXACT, Step.TRAILING_BLANKS, Step.INDENTATION)


@frozen
class Piece:
    """Lines from `start` on, which a model wrote as `search`, are to read `new`; `written` is how the file has `new`.

    All are lines without their ends; `start` is a line of the draft.
    """

    start: int
    search: tuple[str, ...]
    new: tuple[str, ...]
    written: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.search)


@frozen
class Fit:
    """The search stands in the file: in one piece, or in several with lines left out between them, from the top.

    `rung` is how far up the ladder that was found: the lower, the more alike.
    """

    pieces: tuple[Piece, ...]
    rung: int


@frozen
class Several:
    """The search stands at each of these lines of the draft, and nothing tells which is meant."""

    search: str
    starts: tuple[int, ...]
    rung: int


@frozen
class Unclear:
    """The search stands at this line of the draft, indented otherwise, and how to indent the new text isn't clear."""

    search: str
    start: int
    rung: int


Outcome = Fit | Several | Unclear | None
Reading = tuple[str, str]


def keys(text: str) -> tuple[str, ...]:
    """A text's lines without their ends."""
    return tuple(without_end(line) for line in split_lines(text))


def climb(draft: Draft, readings: Sequence[Reading], near: Near, path: str) -> Outcome:
    """Where the first of the readings stands that stands anywhere; `None` where none does.

    A reading is what is searched, which isn't blank, and what it becomes.
    """
    whole = [(keys(search), keys(new)) for search, new in readings]
    outcome = _plain(draft, whole, near)
    if outcome is None:
        trimmed = [_without_blank_ends(search, new) for search, new in whole]
        ended = [one for one, before in zip(trimmed, whole, strict=True) if one != before]
        outcome = _plain(draft, ended, near, Step.BLANK_ENDS)
    if outcome is None:
        outcome = next((found for one in whole if (found := _elided(draft, *one, path)) is not None), None)
    return outcome


def where(draft: Draft, text: str) -> list[int]:
    """The lines at which a text stands by the first step that finds it, from the top."""
    lines = keys(text)
    if not any(bare(line) for line in lines):
        return []
    places = draft.standing(_bare(lines))
    for step in _LINE_BY_LINE:
        if found := [at for at in places if _stands(draft, at, lines) is step]:
            return found
    return []


# --- the steps


def _plain(
    draft: Draft, readings: Sequence[tuple[tuple[str, ...], tuple[str, ...]]], near: Near, above: int = 0
) -> Outcome:
    """The steps that compare line by line; `above` is the rung that they begin at."""
    found = [_reached(draft, search, near) for search, _ in readings]
    for step in _LINE_BY_LINE:
        for (search, new), places in zip(readings, found, strict=True):
            equal = [at for at, reached in places.items() if reached is step]
            if not equal:
                continue
            chosen = equal if len(equal) == 1 else _chosen(draft, equal, len(search), near)
            if len(chosen) != 1:
                return Several("\n".join(search), tuple(equal), above + step)
            return _piece(draft, chosen[0], search, new, step, above + step)
    return None


def _reached(draft: Draft, search: Sequence[str], near: Near) -> dict[int, Step]:
    """The lines at which the search stands, and by which step. Where many are equal and nothing could choose between
    them, a few are enough to say so."""
    reached: dict[int, Step] = {}
    exact = 0
    for at in draft.standing(_bare(search)):
        if (step := _stands(draft, at, search)) is not None:
            reached[at] = step
            exact += step is Step.EXACT
            if exact > MOST_PLACES and near == Near():
                break
    return reached


def _stands(draft: Draft, at: int, search: Sequence[str]) -> Step | None:
    """By which step the search stands there, where its lines do but for the blanks around them."""
    there = [without_end(line) for line in draft.lines[at : at + len(search)]]
    if all(a == b for a, b in zip(search, there, strict=True)):
        return Step.EXACT
    if all(a.rstrip(BLANKS) == b.rstrip(BLANKS) for a, b in zip(search, there, strict=True)):
        return Step.TRAILING_BLANKS
    return Step.INDENTATION if shift_between(search, there) else None


def _piece(
    draft: Draft, at: int, search: tuple[str, ...], new: tuple[str, ...], step: Step, rung: int
) -> Fit | Unclear:
    if step is not Step.INDENTATION:
        return Fit((Piece(at, search, new, new),), rung)
    shift = shift_between(search, [without_end(line) for line in draft.lines[at : at + len(search)]])
    shifted = [shift.line(line) for line in new] if shift and is_of_one_piece(search, new) else [None]
    written = tuple(line for line in shifted if line is not None)
    if len(written) != len(shifted):
        return Unclear("\n".join(search), at, rung)
    return Fit((Piece(at, search, new, written),), rung)


def _without_blank_ends(search: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The search without the blank lines it begins and ends with, and the new text without as many of its own."""
    above, below = _blank(search), _blank(search[::-1])
    new_above = min(above, _blank(new))
    new_below = min(below, _blank(new[::-1]), len(new) - new_above)
    return search[above : len(search) - below], new[new_above : len(new) - new_below]


def _blank(lines: Sequence[str]) -> int:
    """How many blank lines come first."""
    return next((at for at, line in enumerate(lines) if bare(line)), len(lines))


def _elided(draft: Draft, search: tuple[str, ...], new: tuple[str, ...], path: str) -> Outcome:
    """The step for lines left out in both halves; `None` where its pieces don't stand once each and in order."""

    def left_out(line: str) -> bool:
        return _DOTS.match(line) is not None or is_elision(line, path)

    old_pieces, new_pieces = _parts(search, left_out), _parts(new, left_out)
    if len(old_pieces) < 2 or len(old_pieces) != len(new_pieces):
        return None
    pieces: list[Piece] = []
    for old, becomes in zip(old_pieces, new_pieces, strict=True):
        trimmed, written = _without_blank_ends(old, becomes)
        if not trimmed:
            if any(bare(line) for line in becomes):
                return None  # new text beside lines left out has no place of its own
            continue
        if not any(bare(line) for line in becomes):
            return None  # whether the lines are to go, or to be left out as well, isn't said
        found = _plain(draft, [(trimmed, written)], Near())
        if not isinstance(found, Fit) or (pieces and not _is_further_down(draft, pieces[-1], found.pieces[0])):
            return None
        pieces += found.pieces
    return Fit(tuple(pieces), Step.ELISION) if pieces else None


def _is_further_down(draft: Draft, above: Piece, below: Piece) -> bool:
    """Whether the lines between two pieces may be what was left out: where the lower one stands in a block of code
    that begins in the upper one, this block mustn't have ended between."""
    if below.start < above.end:
        return False
    depth = _depth(draft, below.start)
    head, deeper = None, 0
    for line in range(min(above.end, len(draft.lines) - 1), above.start - 1, -1):
        if draft.bare[line]:
            here = _depth(draft, line)
            if line < above.end and here < min(depth, deeper):
                head = here
                break
            deeper = here
    if head is None:
        return True
    between = (line for line in range(above.end, below.start) if any(map(str.isalnum, draft.bare[line])))
    return all(_depth(draft, line) > head or _goes_on(draft, line, head) for line in between)


def _goes_on(draft: Draft, line: int, depth: int) -> bool:
    """Whether a line as deep as a block's head is another part of the same statement, as `else` is."""
    return _depth(draft, line) == depth and _GOES_ON.match(draft.bare[line]) is not None


def why_not_elided(draft: Draft, search: str, path: str) -> str | None:
    """A sentence on why lines left out in a search don't help it, `None` where none are left out."""
    pieces = _parts(keys(search), lambda line: _DOTS.match(line) is not None or is_elision(line, path))
    if len(pieces) < 2:
        return None
    for piece in pieces:
        if not any(bare(line) for line in piece):
            continue
        first = next(bare(line) for line in piece if bare(line))
        places = where(draft, "\n".join(piece))
        if not places:
            return f"Of the pieces around the lines left out, the one that begins {first!r} isn't there."
        if len(places) > 1:
            return f"Of the pieces around the lines left out, the one that begins {first!r} stands {len(places)} times."
    return (
        "Lines left out need the same `...` in both halves, and pieces in the file's order, within one block of code."
    )


def _parts(lines: tuple[str, ...], parts: Callable[[str], bool]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    begins = 0
    for at, line in enumerate(lines):
        if parts(line):
            found.append(lines[begins:at])
            begins = at + 1
    return [*found, lines[begins:]]


# --- choosing between equals


def _chosen(draft: Draft, places: Sequence[int], length: int, near: Near) -> Sequence[int]:
    """The places that the hints leave over, most telling hint first; all of them where no hint tells one."""
    if near.at_end and (ending := [at for at in places if _ends_the_file(draft, at + length)]):
        return ending
    few = len(places) <= _MOST_COMPARED
    if few and near.under and len(under := [at for at in places if _lies_under(draft, at, near.under)]) == 1:
        return under
    if near.line is not None:
        there = [at for at in places if draft.origin(at) == near.line and not draft.is_written(at, at + length)]
        return there or places
    return places


def _ends_the_file(draft: Draft, end: int) -> bool:
    return not any(draft.bare[end:])


def _lies_under(draft: Draft, at: int, headings: Sequence[str]) -> bool:
    """Whether the line lies in the blocks of code that begin with these lines, outermost first: above it stands each
    of them, with nothing but deeper lines between."""
    # Upwards from the place: a line shallower than all since is the head of a block that the place lies in.
    wanted = [heading.strip() for heading in headings]
    depth = _depth(draft, at) + 1
    for line in range(at, max(at - _LONGEST_BLOCK, -1), -1):
        if not wanted:
            break
        # An opening brace on a line of its own is as deep as the head above it, which it must not hide.
        if draft.bare[line] in ("", "{") or _depth(draft, line) >= depth:
            continue
        depth = _depth(draft, line)
        if _says(draft.bare[line], wanted[-1]):
            wanted.pop()
    return not wanted


def _depth(draft: Draft, line: int) -> int:
    return len(indent_of(draft.lines[line]).expandtabs())


def _says(line: str, heading: str) -> bool:
    """Whether a line is the one named, which may be cut short as git does after 80 characters."""
    return line == heading or (len(heading) >= _CUT_AT and line.startswith(heading))


def _bare(lines: Sequence[str]) -> list[str]:
    return [line.strip(BLANKS) for line in lines]
