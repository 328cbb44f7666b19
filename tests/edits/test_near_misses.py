"""What models get wrong on the way: shifted lines, blanks at the ends of lines, blank lines around a search, tabs,
a character here or there. It is placed exactly as it was meant, or it is refused; never a third thing.

What may be placed is found here by comparing a search with every place in the file, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.lines import split_lines, without_end
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.values import Replace
from tests.edits.rendering import Cut, Wish, bare, cut_into, places

_CODE = st.lists(
    st.sampled_from(
        ["def f():", "    x = 1", "    return x", "", "class A:", "    def f(self):", "        x = 1", "y = x", "}"]
    ),
    min_size=1,
    max_size=12,
)


def _stands(lines: Sequence[str], search: Sequence[str]) -> tuple[str, list[int]]:
    """By which step a search stands in lines, and where, by comparing it with every place: the oracle."""
    spots = range(len(lines) - len(search) + 1)
    there = {at: lines[at : at + len(search)] for at in spots}
    if exact := [at for at in spots if list(there[at]) == list(search)]:
        return "exact", exact
    if trailing := [at for at in spots if [a.rstrip() for a in there[at]] == [b.rstrip() for b in search]]:
        return "trailing", trailing
    return "shifted", [at for at in spots if _shift(search, there[at]) is not None]


def _shift(search: Sequence[str], there: Sequence[str]) -> int | None:
    """By how many blanks all filled lines of the search are too far left (or right, if negative)."""
    if [a.strip() for a in search] != [b.strip() for b in there]:
        return None
    shifts = {len(b) - len(b.lstrip(" ")) - (len(a) - len(a.lstrip(" "))) for a, b in zip(search, there) if a.strip()}  # noqa: B905  (as long as each other)
    return shifts.pop() if len(shifts) == 1 else None


def _held_against_all_places(lines: Sequence[str], search: Sequence[str], new: Sequence[str]) -> None:
    """Places one block, and holds what came of it against the oracle."""
    text = "".join(f"{line}\n" for line in lines)
    block = Replace("a.py", "".join(f"{line}\n" for line in search), "".join(f"{line}\n" for line in new))
    placement = place([block], {"a.py": text}, "alpha", lambda: "id")
    step, spots = _stands(lines, search)
    event(f"{step} {len(spots)} {'placed' if placement.files else 'refused'}")
    if not placement.files:
        assert placement.problems
        unchanged = len(spots) == 1 and list(search) == list(new)
        assert step == "shifted" or len(spots) != 1 or unchanged or "changes nothing" in placement.problems[0].message
        return
    assert placement.problems == ()
    assert len(spots) == 1
    start = spots[0]
    there = list(lines[start : start + len(search)])
    shift = _shift(search, there) or 0 if step == "shifted" else 0
    result = split_lines(hunk_text_after(text, placement.files[0].hunks))
    got = [without_end(line) for line in result]
    inside = got[start : len(got) - (len(lines) - start - len(search))]
    assert got[:start] == list(lines[:start])
    assert got[len(got) - (len(lines) - start - len(search)) :] == list(lines[start + len(search) :])
    # Blank lines, and blanks at the ends of lines, may stay as the file has them.
    assert [line.rstrip() for line in inside] == [_shifted(line, shift).rstrip() for line in new]
    kept = {line.rstrip() for line in search}
    for line, wrote in zip(inside, new, strict=True):
        assert line == _shifted(wrote, shift) or wrote.rstrip() in kept


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line
    assert by >= 0 or line.startswith(" " * -by), "a line came further left than there are blanks"
    return " " * by + line if by >= 0 else line[-by:]


@given(st.data())
@settings(max_examples=600)
def test_what_is_shifted_or_has_other_blanks_is_placed_as_meant_or_refused(data: st.DataObject) -> None:
    lines = data.draw(_CODE)
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    search, new = lines[start:end], data.draw(st.lists(st.sampled_from([*lines, "    new()", "new()"]), max_size=4))
    assume(any(line.strip() for line in search))
    match data.draw(st.sampled_from(["shift", "trail", "both"])):
        case "shift":
            by = data.draw(st.integers(-8, 8))
            assume(all(not line or by >= 0 or line.startswith(" " * -by) for line in [*search, *new]))
            search, new = [[_shifted(line, by) for line in half] for half in (search, new)]
        case "trail":
            search = [line + data.draw(st.sampled_from(["", " ", "\t"])) for line in search]
        case _:
            search = [f"  {line} " if line else line for line in search]
            new = [f"  {line}" if line else line for line in new]
    _held_against_all_places(lines, search, new)


@given(st.data())
@settings(max_examples=300)
def test_blank_lines_around_a_search_place_it_as_meant_or_not_at_all(data: st.DataObject) -> None:
    lines = data.draw(_CODE)
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    old = lines[start:end]
    assume(old[0].strip() and old[-1].strip() and len(places(bare(lines), bare(old))) == 1)
    new = data.draw(st.lists(st.sampled_from(["new()", "    other()"]), min_size=1, max_size=3))
    above, below = [""] * data.draw(st.integers(0, 2)), [""] * data.draw(st.integers(0, 2))
    search, replace = [*above, *old, *below], [*above, *new, *below]
    text = "".join(f"{line}\n" for line in lines)
    block = Replace("a.py", "".join(f"{line}\n" for line in search), "".join(f"{line}\n" for line in replace))
    placement = place([block], {"a.py": text}, "alpha", lambda: "id")
    if not placement.files:
        assert placement.problems
        return
    wish = Wish("a.py", text, (Cut(start, end, tuple(new)),))
    assert hunk_text_after(text, placement.files[0].hunks) == "".join(f"{line}\n" for line in wish.after)


@given(st.data())
@settings(max_examples=300)
def test_blanks_for_tabs_are_tabs_again_or_refused(data: st.DataObject) -> None:
    lines = [line.replace("    ", "\t") for line in data.draw(_CODE)]
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, len(lines)))
    new = data.draw(st.lists(st.sampled_from(["\tnew()", "\t\tnew()", "new()", "\treturn x", "\t\tx = 1"]), max_size=4))
    assume(len(places(bare(lines), bare(lines[start:end]))) == 1 and any(bare(lines[start:end])))
    assume(new != lines[start:end])
    width = data.draw(st.sampled_from([2, 4, 8]))
    search, replace = ["".join(f"{line.expandtabs(width)}\n" for line in half) for half in (lines[start:end], new)]
    text = "".join(f"{line}\n" for line in lines)
    placement = place([Replace("a.py", search, replace)], {"a.py": text}, "alpha", lambda: "id")
    if not placement.files:
        assert placement.problems
        return
    result = hunk_text_after(text, placement.files[0].hunks)
    if any("\t" in line for line in lines[start:end]):
        assert result == "".join(f"{line}\n" for line in cut_into(lines, [Cut(start, end, tuple(new))]))


@given(st.data())
@settings(max_examples=600)
def test_a_near_miss_among_twins_is_never_placed_elsewhere(data: st.DataObject) -> None:
    lines = data.draw(_CODE)
    twin = [line.replace("x", data.draw(st.sampled_from("xyz"))) for line in lines]
    lines = [*lines, *twin, *data.draw(_CODE)]
    start = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(start + 1, min(start + 5, len(lines))))
    search = lines[start:end]
    at = data.draw(st.integers(0, len(search) - 1))
    column = data.draw(st.integers(0, len(search[at])))
    character = data.draw(st.sampled_from(["", "x", "y", "z", "q", "(", " "]))
    search[at] = search[at][:column] + character + search[at][column + 1 :]
    assume(search[0].strip() and search[-1].strip())
    _held_against_all_places(lines, search, [*search[:-1], "new()"])
