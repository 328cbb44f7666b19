"""What holds for any text and any edits: what is written in any form is read back, placed and applied as it was meant.

Texts have all kinds of line ends, twins of lines and lines that look like markers, fences and tags; edits are any lines
at any place, in several files. What must come out is worked out in `rendering.py` without the program. What is refused
here is refused for one of the reasons that a test names; nothing is ever placed elsewhere, or otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, combinations, count, pairwise

import pytest
from attrs import evolve
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.following.follow import TextEdit, anchored, follow, follow_written
from moa_lsp.edits.following.follow_file import file_edited, file_replaced
from moa_lsp.edits.following.taken_back import file_turned, turned
from moa_lsp.edits.lines import common_ends, line_end, split_lines, without_end
from moa_lsp.edits.paths import tidy_path
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.reading.stream import EditStream
from moa_lsp.edits.values import (
    FileChange,
    FileKind,
    Hunk,
    HunkStatus,
    Placement,
    Problem,
    RenameFile,
    Replace,
    WholeFile,
)
from tests.edits.judging import (
    as_editors_split,
    check_hunks,
    check_path,
    check_said,
    replacing,
    texts_of,
    typed,
    unaccounted,
)
from tests.edits.rendering import BOM, Cut, Form, Style, Wish, check_text, cut_into, tells_apart, window

# Lines that bring trouble: markers, separators, fences, paths, tags, blanks at the end, odd line breaks.
_TROUBLE = (
    "a",
    "b",
    "    c",
    "\td",
    "",
    "",
    "    ",
    "two blanks  ",
    "=======",
    "<<<<<<< SEARCH",
    ">>>>>>> REPLACE",
    ">>>>>>> theirs",
    "```",
    "```python",
    "~~~~",
    "src/b.py",
    "`src/b.py`",
    "**lib/c.ts**",
    "</proposal>",
    "<\\proposal>",
    "<file path='x'>",
    "*** Begin Patch",
    "*** End Patch",
    "*** Update File: x.py",
    "*** End of File",
    "--- a/x",
    "+++ b/x",
    "-- x",
    "++ y",
    "@@ -1 +1 @@",
    "@@",
    "diff --git a/x b/x",
    "\\ No newline at end of file",
    "+",
    "-",
    "form\x0cfeed",
    "next\u2028line",
    "\x85",
    "𝄞 é é",
    "x" + BOM + "y",
)
_LINES = st.sampled_from(_TROUBLE) | st.text(st.sampled_from("xyz (){}\t\\`'\"#"), max_size=8)
# Half a character may stand in a buffer, but none may be written.
_THERE = _LINES | st.just("half \udc80")
_PLAIN = st.sampled_from(["a", "b", "c", "d = 1", "    e", "    f()", "", "}", "\treturn x", "g,"])
_PATHS = ("src/a.py", "lib/deep/b.ts", "docs/read me.md", "Cargo.toml", "ünï/ç.rs")
_NAMINGS = ("`{}`", "**`{}`**", "### `{}`", "File: `{}`", "`{}`:")


@st.composite
def texts(draw: st.DrawFn, lines: st.SearchStrategy[str] = _THERE) -> str:
    """A file's text: one kind of line end, or some of another among them, with or without one at the end."""
    contents = draw(st.lists(lines, max_size=14))
    # Where `\r` and `\n` mix, two lines may read as one; no editor writes such texts.
    end, other = draw(st.sampled_from([("\n", "\r\n"), ("\r\n", "\n"), ("\r", "\r")]))
    mixed = draw(st.integers(0, 3)) == 3
    ends = [other if mixed and draw(st.booleans()) else end for _ in contents]
    if contents and contents[-1] and draw(st.booleans()):
        ends[-1] = ""
    text = "".join(line + end for line, end in zip(contents, ends, strict=True))
    return (BOM if draw(st.integers(0, 5)) == 5 else "") + text


@st.composite
def cuts(draw: st.DrawFn, size: int, lines: st.SearchStrategy[str] = _LINES, most: int = 4) -> tuple[Cut, ...]:
    """Whole lines to replace, put in and take out, at the top and the end too, with a line between any two cuts."""
    bounds = sorted(draw(st.lists(st.integers(0, size), max_size=2 * most)))
    found: list[Cut] = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        if not found or start > found[-1].end:
            found.append(Cut(start, end, tuple(draw(st.lists(lines, max_size=4)))))
    return tuple(found)


@st.composite
def wishes(draw: st.DrawFn, path: str, form: Form) -> Wish:
    """What is to become of one file, as far as the form can say it."""
    kind = draw(st.sampled_from(["edit", "edit", "edit", "create", "delete", "rename"]))
    if kind == "create":
        return Wish(path, None, (Cut(0, 0, tuple(draw(st.lists(_LINES, min_size=1, max_size=8)))),))
    text = draw(texts())
    wish = Wish(path, text)
    if kind == "delete" and form.moves_files and text.removeprefix(BOM):
        return evolve(wish, deleted=True)
    made: list[Cut] = []
    for cut in draw(cuts(len(wish.lines))):
        changes = list(cut.new) != wish.lines[cut.start : cut.end]
        if changes and (not wish.lines or window(wish, cut, made)):
            made.append(cut)
    if cut_into(wish.lines, made) == wish.lines:
        made = []
    new_path = f"new/{path}" if kind == "rename" and form.moves_files else None
    return evolve(wish, cuts=tuple(made), new_path=new_path)


@st.composite
def styles(draw: st.DrawFn) -> Style:
    scrambled = draw(st.sampled_from([0, 1, 7]))
    sizes = st.integers(-scrambled, scrambled)
    return Style(
        fenced=draw(st.booleans()),
        tildes=draw(st.booleans()),
        naming=draw(st.sampled_from(_NAMINGS)),
        numbers=draw(st.sampled_from([None, lambda number: number + draw(sizes)])),
        context=draw(st.integers(0, 4)),
    )


def placed(reply: str, texts: dict[str, str | None]) -> tuple[Placement, Sequence[Problem]]:
    """What came of a reply, and all problems with it."""
    reading = read_edits(reply)
    given: dict[str, str | None] = dict(texts)
    for block in reading.blocks:
        given.setdefault(block.path, None)
        if isinstance(block, RenameFile):
            given.setdefault(block.new_path, None)
    numbers = count(1)
    placement = place(reading.blocks, given, "alpha", lambda: f"h{next(numbers)}")
    problems = (*reading.problems, *placement.problems)
    check_said(problems)
    assert unaccounted(reading.blocks, placement) == []
    return placement, problems


# --- written, read, placed, applied


def _changes_something(wish: Wish) -> bool:
    return bool(wish.before is None or wish.cuts or wish.deleted or wish.new_path)


def _can_be_written(wish: Wish, form: Form) -> bool:
    """What a form can't say, or what is refused on purpose, is no case."""
    if form.moves_files and wish.before is not None and not wish.lines and wish.cuts:
        return False  # lines put into an empty file have none to stand beside
    if form is not Form.WHOLE_FILE:
        return True
    # Emptied files, and whole texts that look like edits or patches, are refused with a reason.
    if not any(line.strip() for line in wish.after):
        return False
    first = next(line for line in wish.after if line.strip())
    edits = ("*** ", "<<<<<<< SEARCH", "@@", "--- ", "+++ ", "diff --git ")
    looks = first.startswith(edits) or "<<<<<<< SEARCH" in wish.after or _has_signs(wish)
    return not looks and wish.after != wish.lines


def _has_signs(wish: Wish) -> bool:
    """Whether the text could be a diff's: but for a tenth, its lines begin with a sign, and both signs are there."""
    begins = [line[0] for line in wish.after if line.strip()]
    signed = sum(one in "+- " for one in begins)
    return not wish.path.endswith(".md") and {"+", "-"} <= set(begins) and signed * 10 >= len(begins) * 9


@pytest.mark.parametrize("form", Form)
@given(st.data())
@settings(max_examples=300)
def test_edits_come_out_as_they_went_in(form: Form, data: st.DataObject) -> None:
    paths = data.draw(st.lists(st.sampled_from(_PATHS), min_size=1, max_size=3, unique=True))
    drawn = [data.draw(wishes(path, form), label=path) for path in paths]
    wanted = [wish for wish in drawn if _changes_something(wish) and _can_be_written(wish, form)]
    assume(wanted)
    style = data.draw(styles())
    # Without a fence, only what follows tells that a diff wasn't cut off.
    reply = form.write(wanted, style) + "\nThat is all.\n"
    if not style.fenced and form.moves_files:
        # Outside a fence, the markers of blocks count wherever they stand; what they part is said.
        assume("<<<<<<< SEARCH" not in reply and ">>>>>>> REPLACE" not in reply)
    stream = EditStream()
    pieces = data.draw(st.lists(st.integers(0, len(reply)), max_size=6).map(sorted))
    handed_on = [block for a, b in pairwise([0, *pieces, len(reply)]) for block in stream.feed(reply[a:b])]
    blocks = read_edits(reply).blocks
    assert handed_on == list(blocks[: len(handed_on)])
    # The same block twice is one edit.
    edits = [(block.path, block.search, block.replace) for block in blocks if isinstance(block, Replace)]
    assume(len(set(edits)) == len(edits))
    placement, problems = placed(reply, {wish.path: wish.before for wish in wanted})
    if excuse := [problem for problem in problems if _is_excused(problem, wanted)]:
        event(f"refused: {excuse[0].message[:20]}")
        assert all(_is_excused(problem, wanted) for problem in problems)
    else:
        assert problems == ()
    refused = {problem.file for problem in problems}
    found = {file.path: file for file in placement.files}
    assert set(found) | refused == {wish.path for wish in wanted}
    for wish in wanted:
        if wish.path in found and wish.path not in refused:
            result = _check_outcome(wish, found[wish.path])
            if not wish.deleted and tells_apart(wish, form, style):
                check_text(wish, result)


def _is_excused(problem: Problem, wanted: Sequence[Wish]) -> bool:
    """Blocks whose changed lines can't be told from their neighbours may be said to meet in one place, and one hunk's
    to change nothing; a line with half a character is a new one where it changes places with another. What is added
    beside its like seems to be added already, and a text that is left with little of itself looks like a piece."""
    if "half a character" in problem.message:
        return any(wish.path == problem.file and "\udc80" in (wish.before or "") for wish in wanted)
    if "want different text" in problem.message or "changes nothing" in problem.message:
        return any(wish.path == problem.file and len(wish.cuts) > 1 for wish in wanted)
    if "seems to be made already: what it adds stands" in problem.message:
        return any(wish.path == problem.file and set(cut.new) & set(wish.lines) for wish in wanted for cut in wish.cuts)
    if "looks like a piece of it" in problem.message:
        return any(wish.path == problem.file and len(wish.after) * 2 < len(wish.lines) for wish in wanted)
    return False


def _check_outcome(wish: Wish, file: FileChange) -> str:
    """The text that came of the wish; what sort of change it is and its hunks are as they should be."""
    check_hunks(file, wish.before)
    assert file.new_path == wish.new_path
    result = hunk_text_after(wish.before or "", file.hunks)
    assert unified_diff([(file, wish.before)])
    if wish.deleted:
        assert file.kind is FileKind.DELETE
        assert result == ""
        return result
    renamed = FileKind.RENAME if wish.new_path else FileKind.EDIT
    assert file.kind is (FileKind.CREATE if wish.before is None else renamed)
    return result


@given(st.data())
@settings(max_examples=200)
def test_a_diffs_right_numbers_tell_equal_places_apart(data: st.DataObject) -> None:
    text = "".join(f"{line}\n" for line in data.draw(st.lists(st.sampled_from(["a", "b", "    a"]), min_size=1)))
    wish = Wish("src/a.py", text)
    size = len(wish.lines)
    start = data.draw(st.integers(0, size - 1))
    cut = Cut(start, data.draw(st.integers(start, min(size, start + 2))), ("new",))
    wish = evolve(wish, cuts=(cut,))
    shown = Style(numbers=lambda number: number, context=3)
    placement, problems = placed(Form.DIFF.write([wish], shown), {wish.path: text})
    assert problems == ()
    check_text(wish, hunk_text_after(text, placement.files[0].hunks))


# --- any hunks, in any order


def _hunks(data: st.DataObject, lines: st.SearchStrategy[str] = _LINES) -> tuple[str, tuple[Hunk, ...]]:
    """A text, and what was placed in it."""
    text = data.draw(texts(lines), label="text")
    wish = Wish("src/a.py", text)
    wish = evolve(wish, cuts=data.draw(cuts(len(wish.lines), lines), label="cuts"))
    assume(wish.after != wish.lines and any(line.strip() for line in wish.after))
    whole = WholeFile(wish.path, "".join(f"{line}\n" for line in wish.after))
    numbers = count(1)
    placement = place([whole], {wish.path: text}, "alpha", lambda: f"h{next(numbers)}")
    assume(placement.files)
    return text, anchored(placement.files[0].hunks, split_lines(text))


@given(st.data())
@settings(max_examples=300)
def test_any_hunks_in_any_order_come_to_the_same_text(data: st.DataObject) -> None:
    text, hunks = _hunks(data, _PLAIN | _LINES)
    chosen = [hunk for hunk in hunks if data.draw(st.booleans())]
    order = data.draw(st.permutations([hunk.id for hunk in chosen]))
    now, standing = text, hunks
    for id in order:
        hunk = next(one for one in standing if one.id == id)
        assert hunk.status is HunkStatus.PENDING
        edit = replacing(now, hunk)
        after = hunk_text_after(now, [hunk])
        assert typed(now, edit) == after
        rest = tuple(one for one in standing if one.id != id)
        now, standing = after, follow(rest, edit, split_lines(after))
        assert all(one.status is HunkStatus.PENDING for one in standing)
    assert now == hunk_text_after(text, chosen)
    assert hunk_text_after(now, standing) == hunk_text_after(text, hunks)


# --- the editor's own undo and redo


def _edited(
    files: list[FileChange], before: str, after: str, edits: Sequence[TextEdit] | None
) -> tuple[FileChange, ...]:
    """What one notification of an editor makes of the files: its edits followed, then looked at for an undo."""
    followed, text = files, before
    for edit in edits or ():
        text = typed(text, edit)
        followed = [file_edited(file, edit, split_lines(text)) for file in followed]
    if edits is None:
        followed = [file_replaced(file, before, after, True) for file in followed]
    else:
        assert text == after
    old, new = split_lines(before), split_lines(after)
    if what := turned(files, old, new, edits):
        return tuple(file_turned(was, file, what, new) for was, file in zip(files, followed, strict=True))
    return tuple(followed)


def _cut_down(before: str, edit: TextEdit) -> TextEdit:
    """The edit as editors tell it that compare texts: without the characters that both begin and end with."""
    after = typed(before, edit)
    head, _ = common_ends([*before], [*after])
    tail, _ = common_ends([*before[head:]][::-1], [*after[head:]][::-1])

    def place(at: int) -> tuple[int, int]:
        lines = split_lines(before[:at])
        ended = not lines or lines[-1].endswith(("\n", "\r"))
        return (len(lines), 0) if ended else (len(lines) - 1, len(lines[-1]))

    return TextEdit(*place(head), *place(len(before) - tail), after[head : len(after) - tail])


@given(st.data())
@settings(max_examples=300)
def test_what_the_editor_undoes_is_pending_again_and_applied_once_redone(data: st.DataObject) -> None:
    text, hunks = _hunks(data, _PLAIN)
    # A byte order mark that is text joins the lines around a first line that goes; no editor shows it as text.
    assume(not text.startswith(BOM))
    file, now = FileChange("src/a.py", hunks=hunks), text
    ever: set[str] = set()
    for _ in range(data.draw(st.integers(1, 8))):
        ids = [h.id for h in file.hunks if h.status is HunkStatus.APPLIED or h.id not in ever or h.undone]
        chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        own = [h for h in file.hunks if h.id in chosen and h.id not in ever]
        if own:
            # The first time it is ours to write.
            after = hunk_text_after(now, own)
            ever |= {h.id for h in own}
            delta, written = 0, dict[str, Hunk]()
            for h in sorted(own, key=lambda one: (one.start, one.end)):
                size = len(split_lines(h.new))
                start = h.start + delta
                written[h.id] = evolve(h, start=start, end=start + size, status=HunkStatus.APPLIED)
                delta += size - (h.end - h.start)
            others = [h for h in file.hunks if h.id not in written]
            rest = {h.id: h for h in follow_written(others, own, split_lines(after))}
            file = evolve(file, hunks=tuple(written.get(h.id) or rest[h.id] for h in file.hunks))
            now = after
            continue
        stood = {h.id: h.status for h in file.hunks}
        inverse = [
            evolve(h, old=h.new, new=h.old) if h.status is HunkStatus.APPLIED else h
            for h in file.hunks
            if h.id in chosen
        ]
        after = hunk_text_after(now, inverse)
        way = data.draw(st.sampled_from(["edits", "one edit", "whole"]))
        edits: list[TextEdit] | None = None
        if way == "edits":
            edits = [replacing(now, h) for h in sorted(inverse, key=lambda one: (one.start, one.end), reverse=True)]
        elif way == "one edit":
            first, beyond = min(h.start for h in inverse), max(h.end for h in inverse)
            lines = split_lines(now)
            new = "".join(split_lines(after)[first : beyond + len(split_lines(after)) - len(lines)])
            edits = [replacing(now, Hunk("all", first, beyond, "".join(lines[first:beyond]), new))]
            # No editor cuts through a line's end.
            edits = [_cut_down(now, edits[0])] if "\r" not in now and data.draw(st.booleans()) else edits
        (file,) = _edited([file], now, after, edits)
        now = after
        turns = {HunkStatus.APPLIED: HunkStatus.PENDING, HunkStatus.PENDING: HunkStatus.APPLIED}
        wanted = {id: turns[status] if id in chosen else status for id, status in stood.items()}
        found = {h.id: h.status for h in file.hunks}
        # What is pending and what is applied is exactly what stands there, whatever can be told.
        pending = [h for h in file.hunks if h.status is HunkStatus.PENDING]
        hunk_text_after(now, pending)
        event(f"{way}: {'as wanted' if found == wanted else 'otherwise'}")
        if found != wanted:
            other = {id for id in found if found[id] is not stood[id]}
            assert _could_be_others(text, hunks, now, wanted), (way, stood, wanted, found, other)
            return
        applied = [h for h in hunks if found[h.id] is HunkStatus.APPLIED]
        assert now == hunk_text_after(text, applied)
        assert hunk_text_after(now, pending) == hunk_text_after(text, hunks)
        lines = split_lines(now)
        assert all("".join(lines[h.start : h.end]) == h.new for h in file.hunks if h.status is HunkStatus.APPLIED)


@given(st.data())
@settings(max_examples=200)
def test_typing_leaves_what_is_applied_applied(data: st.DataObject) -> None:
    text, hunks = _hunks(data, _PLAIN)
    now, delta, applied = hunk_text_after(text, hunks), 0, list[Hunk]()
    for hunk in hunks:
        start, size = hunk.start + delta, len(split_lines(hunk.new))
        applied.append(evolve(hunk, start=start, end=start + size, status=HunkStatus.APPLIED))
        delta += size - (hunk.end - hunk.start)
    file, typing = FileChange("src/a.py", hunks=tuple(applied)), list[tuple[str, str]]()
    for number in range(data.draw(st.integers(1, 5))):
        written = data.draw(st.sampled_from(["{}", "\n{}", "{}\n"])).format(chr(0xE000 + number))
        edit = data.draw(keystroke(now, written))
        typing.append((now, typed(now, edit)))
        now = typing[-1][1]
        (file,) = _edited([file], *typing[-1], [edit])
        assert all(hunk.status is HunkStatus.APPLIED for hunk in file.hunks)
    for before, after in reversed(typing):
        whole = Hunk("all", 0, len(split_lines(after)), after, before)
        cut = "\r" not in after and data.draw(st.booleans())
        (file,) = _edited([file], after, before, [_cut_down(after, replacing(after, whole))] if cut else None)
        assert all(hunk.status is HunkStatus.APPLIED for hunk in file.hunks)


def _could_be_others(text: str, hunks: Sequence[Hunk], now: str, wanted: dict[str, HunkStatus]) -> bool:
    """Whether other hunks, put into the text, would have given the same."""
    applied = {id for id, status in wanted.items() if status is HunkStatus.APPLIED}
    subsets = chain.from_iterable(combinations(hunks, size) for size in range(len(hunks) + 1))
    return any({h.id for h in subset} != applied and hunk_text_after(text, subset) == now for subset in subsets)


# --- typing in between


@st.composite
def keystroke(draw: st.DrawFn, text: str, written: str) -> TextEdit:
    """Something typed at a place, or over what stands between two places close together."""
    lines = as_editors_split(text)
    line = draw(st.integers(0, len(lines) - 1))
    column = draw(st.integers(0, len(without_end(lines[line]))))
    if draw(st.integers(0, 3)):
        return TextEdit(line, column, line, column, written)
    end = draw(st.integers(line, min(line + 2, len(lines) - 1)))
    end_column = draw(st.integers(column if end == line else 0, len(without_end(lines[end]))))
    return TextEdit(line, column, end, end_column, written)


@given(st.data())
@settings(max_examples=300)
def test_typing_between_proposal_and_apply_loses_no_character(data: st.DataObject) -> None:
    text, hunks = _hunks(data, _PLAIN)
    marks: list[str] = []
    for number in range(data.draw(st.integers(1, 5))):
        mark = chr(0xE000 + number)
        marks.append(mark)
        edit = data.draw(keystroke(text, data.draw(st.sampled_from(["{}", "\n{}", "{}\n", "x{}\r\n"])).format(mark)))
        text = typed(text, edit)
        marks = [one for one in marks if one in text]
        hunks = follow(hunks, edit, split_lines(text))
        for chosen in (hunks, hunks[::2], hunks[1::2]):
            pending = [hunk for hunk in chosen if hunk.status is HunkStatus.PENDING]
            result = hunk_text_after(text, pending)
            assert [one for one in result if one in marks] == [one for one in text if one in marks]
            inside = [line for line in split_lines(text) if any(one in line for one in marks)]
            event(f"pending {len(pending)}, marked lines {len(inside)}")


# --- where the line ends come from, and paths


@given(texts(), st.data())
@settings(max_examples=200)
def test_line_ends_are_the_files_own(text: str, data: st.DataObject) -> None:
    lines = split_lines(text.removeprefix(BOM))
    assume(lines)
    at = data.draw(st.integers(0, len(lines) - 1))
    cut = Cut(at, at + 1, tuple(data.draw(st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=3))))
    wish = Wish("a.py", text, (cut,))
    assume(window(wish, cut))
    placement, problems = placed(Form.SEARCH_REPLACE.write([wish], Style()), {"a.py": text})
    assert problems == ()
    result = split_lines(hunk_text_after(text, placement.files[0].hunks).removeprefix(BOM))
    assert result[:at] == lines[:at]
    own = line_end(lines[at])
    if own:
        assert {line_end(line) for line in result[at : at + len(cut.new)]} <= {own, *map(line_end, lines[at - 1 : at])}


# What means another place on some system, or hides what it means; single characters that do are in `_ODD_CHARACTERS`.
_ODD_NAMES = (
    "..",
    "~root",
    "%2e",
    "%2F",
    "%00",
    "C:",
    "c:\\x",
    ".git",
    ".GIT",
    "git~1",
    "con",
    "nul.txt",
    "::$DATA",
    "file://",
    "b.py",
)
_ODD_CHARACTERS = (
    "./\\:~`*\"'é\u0131\u0130\u200d\u202e\u2024\u2044\u2215\ufeff\ufe0f\uff0e\uff0f\ud800\u2028\x85\x00\n\r\t \x1b"
)
_ODD = st.sampled_from([*_ODD_NAMES, *_ODD_CHARACTERS])


@given(st.lists(_ODD, max_size=8).map("".join) | st.text(max_size=20))
@settings(max_examples=1000)
def test_a_path_is_a_problem_or_stays_below_the_folder(written: str) -> None:
    path = tidy_path(written)
    if isinstance(path, Problem):
        assert path.message.strip()
        assert path.message.isprintable()
        return
    check_path(path)
    assert tidy_path(path) == path
    assert not re.match(r"^[a-z]+:", path, re.I)
    assert not any(unicodedata.category(one) in ("Cc", "Cf", "Cs") for one in path)


@given(st.lists(_LINES, max_size=30).map("\n".join))
@settings(max_examples=300)
def test_any_reply_can_be_read_and_placed(reply: str) -> None:
    reading = read_edits(reply)
    placement = place(reading.blocks, texts_of(reading.blocks, "a\nb\n"), "alpha", lambda: "id")
    if "<<<<<<< SEARCH" in reply.split("\n"):
        assert reading.blocks or reading.problems
    for file in placement.files:
        check_path(file.path)
