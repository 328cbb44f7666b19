"""Replies as models write them, one data file each: what they come to, or what is said of them.

Each case is read, placed and applied as a reply is. Beside the text that it expects, every case shows that any choice
of its hunks comes to the same text in every order, that hunks hold nothing that doesn't change, and that the same comes
out, but for the files' own ways, where files or reply have Windows line ends or a BOM.

`pytest tests/edits --update` writes what came out into the data files: read the difference then as you would read a
change of the program. How a data file is written is said in `case.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, combinations, count, permutations, zip_longest
from pathlib import Path

import pytest
from attrs import evolve, frozen

from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.unseen import pointed_out
from moa_lsp.edits.values import FileChange, FileKind, Hunk, Problem, RenameFile
from tests.edits.case import Case, Wanted, fits, problem_text, read_case, write_case

_CASES = Path(__file__).parent / "cases"
_PATHS = sorted(_CASES.rglob("*.txt"))

# Their text holds an edit or a fence itself: cut off behind that, it can't be told from a forgotten end.
_HOLD_EDITS = frozenset(
    {
        "a_file_that_may_end_at_either_fence",
        "a_replacement_with_a_diff_in_it",
        "blocks_as_text_in_documentation",
        "longer_markers",
    }
)

# All choices of so many hunks in all their orders; of more, only some.
_MOST_HUNKS = 4


@frozen
class _Outcome:
    files: tuple[FileChange, ...]
    problems: tuple[Problem, ...]


_every_case = pytest.mark.parametrize(
    "path", _PATHS, ids=[path.relative_to(_CASES).with_suffix("").as_posix() for path in _PATHS]
)


@_every_case
def test_case(path: Path, update: bool) -> None:
    case = _read(path)
    outcome = _run(case)
    for file in outcome.files:
        _check_hunks(file, case.files.get(file.path))
    found, said = _wanted(case, outcome), _said(outcome)
    # What an update may not do: drop a pattern that a person wrote and that doesn't fit.
    unmet = [one for one in case.problems if one.startswith("~ ") and not any(fits(one, other) for other in said)]
    if update and not unmet:
        path.write_bytes(write_case(evolve(case, wanted=found, problems=tuple(said))).encode("utf-8"))
        return
    expected = [
        other if fits(one, other) else one for one, other in zip_longest(case.problems, said, fillvalue="(nothing)")
    ]
    assert [*said, *["(nothing)"] * (len(expected) - len(said))] == expected
    assert found == case.wanted


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _bom(text: str) -> str:
    return f"\ufeff{text}"


@_every_case
@pytest.mark.parametrize("other", [_crlf, _bom])
def test_files_keep_their_own_ways(path: Path, other: Callable[[str], str]) -> None:
    """The same case with Windows line ends in its files, or a BOM before them: both stay, and nothing else differs."""
    case = _read(path)
    if any("\r" in text or text.startswith("\ufeff") or not text for text in case.files.values()):
        pytest.skip("has its own line ends or BOM already, or a file without text")
    plain = _run(case)
    expected = {
        path: one if one.text is None or (one.old_path or path) not in case.files else evolve(one, text=other(one.text))
        for path, one in _wanted(case, plain).items()
    }
    case = evolve(case, files={path: other(text) for path, text in case.files.items()})
    outcome = _run(case)
    for file in outcome.files:
        _check_hunks(file, case.files.get(file.path))
    assert _said(outcome) == _said(plain)
    assert _wanted(case, outcome) == expected


@_every_case
def test_line_ends_of_the_reply_do_not_matter(path: Path) -> None:
    case = _read(path)
    plain = _run(evolve(case, reply=case.reply.replace("\r\n", "\n")))
    outcome = _run(evolve(case, reply=case.reply.replace("\r\n", "\n").replace("\n", "\r\n")))
    assert _said(outcome) == _said(plain)
    assert _wanted(case, outcome) == _wanted(case, plain)


@_every_case
def test_a_reply_cut_off_holds_no_edit_that_the_whole_one_has_not(path: Path) -> None:
    """Wherever the stream ends, what was read so far is what is read in the end: half an edit is none."""
    if path.stem in _HOLD_EDITS:
        pytest.skip("holds edits in its text")
    reply = _read(path).reply
    blocks = read_edits(reply).blocks
    lines = split_lines(reply)
    for end in range(len(lines)):
        before = read_edits("".join(lines[:end])).blocks
        assert before == blocks[: len(before)], f"cut after line {end}"


def test_an_update_writes_what_came_out_and_no_pattern_away(tmp_path: Path) -> None:
    """The cases' own machinery: without it a wrong expectation could look right."""
    path = tmp_path / "case.txt"
    reply = "a.py\n<<<<<<< SEARCH\nA = 1\n=======\nA = 2\n>>>>>>> REPLACE\n"
    given = f"What it shows.\n-- file a.py --\nA = 1\n-- file b.py --\n-- reply --\n{reply}"
    path.write_text(f"{given}-- want a.py --\nA = 3\n", newline="")
    with pytest.raises(AssertionError):
        test_case(path, update=False)
    test_case(path, update=True)
    assert path.read_text() == f"{given}-- want a.py --\nA = 2\n"
    test_case(path, update=False)
    path.write_text(f"{given}-- problems --\n~ A = 1 & is nowhere\n", newline="")
    with pytest.raises(AssertionError):
        test_case(path, update=True)
    missing = given.replace("-- file a.py --\nA = 1", "-- file a.py --\nB = 1")
    path.write_text(f"{missing}-- problems --\n~ isn't in a.py & A = 1\n", newline="")
    test_case(path, update=False)
    test_case(path, update=True)
    assert "~" not in path.read_text()
    test_case(path, update=False)


def test_there_are_enough_cases() -> None:
    assert len(_PATHS) >= 150


@_every_case
def test_a_case_can_be_written_as_it_was_read(path: Path) -> None:
    case = _read(path)
    assert read_case(write_case(case)) == case


def _read(path: Path) -> Case:
    return read_case(path.read_bytes().decode("utf-8"))


def _run(case: Case) -> _Outcome:
    reading = read_edits(case.reply)
    texts: dict[str, str | None] = dict(case.files)
    for block in reading.blocks:
        texts.setdefault(block.path, None)
        if isinstance(block, RenameFile):
            texts.setdefault(block.new_path, None)
    numbers = count(1)
    placement = place(reading.blocks, texts, "alpha", lambda: f"h{next(numbers)}")
    problems = (*reading.problems, *placement.problems, *pointed_out(placement.files))
    return _Outcome(placement.files, problems)


def _said(outcome: _Outcome) -> list[str]:
    return [problem_text(problem) for problem in outcome.problems]


def _wanted(case: Case, outcome: _Outcome) -> Mapping[str, Wanted]:
    found: dict[str, Wanted] = {}
    for file in outcome.files:
        before = case.files.get(file.path)
        assert (before is None) == (file.kind is FileKind.CREATE)
        text = hunk_text_after(before or "", file.hunks)
        if file.kind is FileKind.DELETE:
            assert text == ""
            found[file.path] = Wanted(None)
        elif file.kind is FileKind.RENAME:
            assert file.new_path is not None
            found[file.new_path] = Wanted(text, file.path)
        else:
            found[file.path] = Wanted(text)
    assert len(found) == len(outcome.files), "a file comes twice"
    return found


def _check_hunks(file: FileChange, before: str | None) -> None:
    text = before or ""
    lines = split_lines(text)
    hunks = [hunk for hunk in file.hunks if not hunk.renames]
    renaming = [hunk for hunk in file.hunks if hunk.renames]
    assert len({hunk.id for hunk in file.hunks}) == len(file.hunks)
    assert len(renaming) == (file.kind is FileKind.RENAME) or file.kind is FileKind.CREATE
    assert file.hunks, "a file without a change"
    for hunk in hunks:
        assert "".join(lines[hunk.start : hunk.end]) == hunk.old
        assert hunk.old != hunk.new
        assert hunk.sources == ("alpha",)
        old, new = split_lines(hunk.old), split_lines(hunk.new)
        if old and new and not text.startswith("\ufeff"):
            assert old[0] != new[0], "a hunk begins with a line that it doesn't change"
            assert old[-1] != new[-1], "a hunk ends with a line that it doesn't change"
    for chosen in _choices(hunks):
        at_once = hunk_text_after(text, chosen)
        for order in _orders(chosen):
            assert _one_by_one(text, order) == at_once
    unified_diff([(file, before)])


def _choices(hunks: Sequence[Hunk]) -> list[Sequence[Hunk]]:
    if len(hunks) <= _MOST_HUNKS:
        return list(chain.from_iterable(combinations(hunks, size) for size in range(1, len(hunks) + 1)))
    return [hunks, hunks[::2], hunks[1::2], *((hunk,) for hunk in hunks)]


def _orders(chosen: Sequence[Hunk]) -> list[Sequence[Hunk]]:
    if len(chosen) <= _MOST_HUNKS:
        return list(permutations(chosen))
    return [chosen, chosen[::-1]]


def _one_by_one(text: str, order: Sequence[Hunk]) -> str:
    """The text after each hunk was put in by itself, those behind it moved along."""
    places = {hunk.id: (hunk.start, hunk.end) for hunk in order}
    for hunk in order:
        start, end = places[hunk.id]
        lines = split_lines(text)
        assert "".join(lines[start:end]) == hunk.old
        text = "".join([*lines[:start], hunk.new, *lines[end:]])
        moved = len(split_lines(text)) - len(lines)
        places = {
            name: (at + moved, to + moved) if (at, to) > (start, end) and name != hunk.id else (at, to)
            for name, (at, to) in places.items()
        }
    return text
