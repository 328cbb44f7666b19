"""Edits of files, written in each form as a model would write them, and what has to come of them.

A `Wish` says what is to become of one file, in plain numbers of lines. `Form.write` makes a reply of wishes, with
fences and markers that their text can't end and with enough context to be found once. `check_text` says what the text
must be afterwards: worked out from the wish alone, with nothing of the program but its lines (`edits/lines.py`).

Texts and wishes are drawn in `test_properties.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import pairwise

from attrs import frozen

from moa_lsp.discussion.fences import escape
from moa_lsp.edits.lines import line_end, split_lines, without_end

BOM = "\ufeff"


@frozen
class Cut:
    """Lines `start` to `end` (excluded, 0-based) are to read `new`, lines without their ends."""

    start: int
    end: int
    new: tuple[str, ...]


@frozen
class Wish:
    """What is to become of the file at `path`, whose text is `before`, or that isn't there (`None`).

    Cuts come from the top with a line between any two of them. A file that isn't there has one cut, its text.
    """

    path: str
    before: str | None
    cuts: tuple[Cut, ...] = ()
    deleted: bool = False
    new_path: str | None = None

    @property
    def lines(self) -> list[str]:
        """The text's lines without their ends and without a byte order mark, as a model is shown them."""
        return [without_end(line) for line in split_lines((self.before or "").removeprefix(BOM))]

    @property
    def after(self) -> list[str]:
        return cut_into(self.lines, self.cuts)


def cut_into(lines: Sequence[str], cuts: Iterable[Cut]) -> list[str]:
    """The lines with those cuts made, which come from the top."""
    result: list[str] = []
    done = 0
    for cut in cuts:
        result += [*lines[done : cut.start], *cut.new]
        done = cut.end
    return [*result, *lines[done:]]


# --- where a cut is shown with its context


def window(wish: Wish, cut: Cut, earlier: Sequence[Cut] = ()) -> tuple[int, int] | None:
    """The lines to show with a cut so that they stand in the file once, whatever blanks are around them, also after
    earlier cuts were made; `None` where no lines do."""
    lines = bare(wish.lines)
    drafts = [bare(cut_into(wish.lines, sorted(earlier[:size], key=_by_start))) for size in range(len(earlier) + 1)]
    start, end = cut.start, cut.end
    upwards = True
    while True:
        wanted = lines[start:end]
        if any(wanted) and all(len(places(draft, wanted)) <= 1 for draft in drafts):
            return start, end
        if (start, end) == (0, len(lines)):
            return None
        if (upwards and start > 0) or end == len(lines):
            start -= 1
        else:
            end += 1
        upwards = not upwards


def places(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted lines stand, by trying every place."""
    size = len(wanted)
    return [at for at in range(len(lines) - size + 1) if list(lines[at : at + size]) == list(wanted)]


def bare(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines]


def _by_start(cut: Cut) -> int:
    return cut.start


@frozen
class _Part:
    """Lines `start` to `end` of the file as they are shown in one hunk, with the cuts among them."""

    start: int
    end: int
    cuts: tuple[Cut, ...]


def _parts(wish: Wish, context: int) -> list[_Part]:
    """The file's cuts as hunks of a diff, with so many lines of context at least; what would overlap is one hunk."""
    size = len(wish.lines)
    parts: list[_Part] = []
    for at, cut in enumerate(wish.cuts):
        shown = window(wish, cut, wish.cuts[:at]) or (0, size)
        start, end = max(0, min(shown[0], cut.start - context)), min(size, max(shown[1], cut.end + context))
        if parts and start <= parts[-1].end:
            last = parts.pop()
            parts.append(_Part(min(last.start, start), max(last.end, end), (*last.cuts, cut)))
        else:
            parts.append(_Part(start, end, (cut,)))
    return parts


def _marked_lines(wish: Wish, part: _Part) -> list[str]:
    """A hunk's lines, each behind a blank, a minus or a plus."""
    old = split_lines(escape("".join(f"{line}\n" for line in wish.lines)))
    marked: list[str] = []
    done = part.start
    for cut in part.cuts:
        new = split_lines(escape("".join(f"{line}\n" for line in cut.new)))
        marked += [f" {line}" for line in old[done : cut.start]]
        marked += [f"-{line}" for line in old[cut.start : cut.end]]
        marked += [f"+{line}" for line in new]
        done = cut.end
    return [*marked, *(f" {line}" for line in old[done : part.end])]


# --- the forms


@frozen
class Style:
    """How a model writes, where a form leaves it the choice."""

    fenced: bool = True
    tildes: bool = False
    naming: str = "{}"
    numbers: Callable[[int], int] | None = None
    """What becomes of a diff's numbers; `None` writes bare `@@`."""
    context: int = 3
    backwards: bool = False
    """Whether the blocks of a file come from its end to its top."""


def write_search_replace(wishes: Sequence[Wish], style: Style) -> str:
    """A block for each cut; a new file's has an empty SEARCH."""
    parts: list[str] = []
    for wish in wishes:
        cuts = wish.cuts[::-1] if style.backwards else wish.cuts
        for at, cut in enumerate(cuts):
            start, end = window(wish, cut, cuts[:at]) or (0, len(wish.lines))
            search = wish.lines[start:end]
            replace = [*wish.lines[start : cut.start], *cut.new, *wish.lines[cut.end : end]]
            size = 2 + max([7, *_runs("<>=", [*search, *replace])])
            body = f"{'<' * size} SEARCH\n{_escaped(search)}{'=' * size}\n{_escaped(replace)}{'>' * size} REPLACE\n"
            parts.append(f"{style.naming.format(escape(wish.path))}\n{_fenced(body, style)}\n")
    return "".join(parts)


def write_whole_files(wishes: Sequence[Wish], style: Style) -> str:
    parts = [
        f"{style.naming.format(escape(wish.path))}\n{_fenced(_escaped(wish.after), style, always=True)}\n"
        for wish in wishes
    ]
    return "".join(parts)


def write_diff(wishes: Sequence[Wish], style: Style) -> str:
    return "".join(f"{_fenced(_diff_of(wish, style), style, 'diff')}\n" for wish in wishes)


def _diff_of(wish: Wish, style: Style) -> str:
    path = escape(wish.path)
    if wish.before is None:
        body = "".join(f"+{line}" for line in split_lines(_escaped(wish.after)))
        return f"--- /dev/null\n+++ b/{path}\n{_numbers(0, 0, 0, len(wish.after), style)}\n{body}"
    if wish.deleted:
        body = "".join(f"-{line}" for line in split_lines(_escaped(wish.lines)))
        return f"--- a/{path}\n+++ /dev/null\n{_numbers(0, len(wish.lines), 0, 0, style)}\n{body}"
    head = f"--- a/{path}\n+++ b/{path}\n"
    if wish.new_path is not None:
        new = escape(wish.new_path)
        head = f"diff --git a/{path} b/{new}\nsimilarity index 90%\nrename from {path}\nrename to {new}\n"
        if wish.cuts:
            head += f"--- a/{path}\n+++ b/{new}\n"
    shift, body = 0, ""
    for part in _parts(wish, style.context):
        more = sum(len(cut.new) - (cut.end - cut.start) for cut in part.cuts)
        size = part.end - part.start
        body += f"{_numbers(part.start, size, part.start + shift, size + more, style)}\n"
        body += "".join(_marked_lines(wish, part))
        shift += more
    return head + body


def _numbers(start: int, size: int, new_start: int, new_size: int, style: Style) -> str:
    if style.numbers is None:
        return "@@ @@"
    # From 1; a side without lines is numbered by the line before it.
    first, new_first = start + bool(size), new_start + bool(new_size)
    changed = [max(0, style.numbers(one)) for one in (first, size, new_first, new_size)]
    return f"@@ -{changed[0]},{changed[1]} +{changed[2]},{changed[3]} @@"


def write_envelope(wishes: Sequence[Wish], style: Style) -> str:
    """All in one `*** Begin Patch`."""
    body = "*** Begin Patch\n"
    for wish in wishes:
        path = escape(wish.path)
        if wish.before is None:
            added = "".join(f"+{line}" for line in split_lines(_escaped(wish.after)))
            body += f"*** Add File: {path}\n{added}"
        elif wish.deleted:
            body += f"*** Delete File: {path}\n"
        else:
            body += f"*** Update File: {path}\n"
            if wish.new_path is not None:
                body += f"*** Move to: {escape(wish.new_path)}\n"
            for part in _parts(wish, style.context):
                body += "@@\n" + "".join(_marked_lines(wish, part))
    return _fenced(f"{body}*** End Patch\n", style)


class Form(Enum):
    """The forms in which models write edits."""

    SEARCH_REPLACE = "search-replace"
    WHOLE_FILE = "whole-file"
    DIFF = "diff"
    ENVELOPE = "envelope"

    def write(self, wishes: Sequence[Wish], style: Style) -> str:
        writers = {
            Form.SEARCH_REPLACE: write_search_replace,
            Form.WHOLE_FILE: write_whole_files,
            Form.DIFF: write_diff,
            Form.ENVELOPE: write_envelope,
        }
        return writers[self](wishes, style)

    @property
    def moves_files(self) -> bool:
        """Whether files can be deleted and renamed in it."""
        return self in (Form.DIFF, Form.ENVELOPE)


def _fenced(text: str, style: Style, language: str = "", always: bool = False) -> str:
    """The text in a fence longer than any in it, or bare."""
    if not (style.fenced or always):
        return text
    character = "~" if style.tildes else "`"
    fence = character * (1 + max([2, *_runs(character, split_lines(text))]))
    return f"{fence}{language}\n{text}{fence}\n"


def _runs(characters: str, lines: Iterable[str]) -> list[int]:
    """How long the runs of any of these characters are."""
    return [len(run) for line in lines for one in characters for run in re.findall(f"{re.escape(one)}+", line)]


def _escaped(lines: Iterable[str]) -> str:
    return escape("".join(f"{line}\n" for line in lines))


# --- what has to come of it


def tells_apart(wish: Wish, form: Form, style: Style) -> bool:
    """Whether the blocks say between them which lines change. Of two equal lines either may be the one that goes, and a
    new line be above or below its like: blocks whose cuts could be told so that they meet may come to other texts."""
    if form is Form.WHOLE_FILE:
        return True
    blocks = [part.cuts for part in _parts(wish, style.context)] if form.moves_files else [(cut,) for cut in wish.cuts]
    reaches = [[_reach(wish.lines, cut) for cut in cuts] for cuts in blocks]
    around = sorted((min(start for start, _ in some), max(end for _, end in some)) for some in reaches)
    return all(above[1] < below[0] for above, below in pairwise(around))


def _reach(lines: Sequence[str], cut: Cut) -> tuple[int, int]:
    """The first line at which the cut may begin to the same effect, and the last one (excluded) at which it may end."""
    after = cut_into(lines, [cut])
    size = min(len(lines), len(after))
    head = next((at for at in range(size) if lines[at] != after[at]), size)
    tail = next((at for at in range(size) if lines[-1 - at] != after[-1 - at]), size)
    if head + tail < size:
        return cut.start, cut.end
    gone = max(0, len(lines) - len(after))
    return min(cut.start, len(lines) - tail - gone), max(cut.end, head + gone)


def check_text(wish: Wish, result: str) -> None:
    """Holds the text that came of a wish against it: every line, every line end, and whether the last one has one."""
    before = wish.before or ""
    assert result.startswith(BOM) == (before.startswith(BOM) or (not before and wish.after[:1] == [BOM]))
    lines, got = split_lines(before.removeprefix(BOM)), split_lines(result.removeprefix(BOM))
    _check_contents(wish, lines, got)
    kept = [lines[at] for at in _staying(wish, lines)]
    remaining = iter(got)
    # The last line may have lost its end, where the text had none at its end.
    as_it_was = all(any(other in (line, without_end(line)) for other in remaining) for line in kept)
    assert as_it_was, "a line that stays isn't as it was"
    ends = {line_end(line) for line in lines} - {""} or {"\n"}
    assert {line_end(line) for line in got} - {""} <= ends
    assert all(line_end(line) for line in got[:-1])
    _check_last_end(wish, lines, got)


def _check_contents(wish: Wish, lines: Sequence[str], got: Sequence[str]) -> None:
    """The lines without their ends, of which an empty one at the end of a text without a last line end may be none."""
    contents, after = [without_end(line) for line in got], wish.after
    if not lines or line_end(lines[-1]) or not after or after[-1]:
        assert contents == after
        return
    # A new line there is but the end of the line before it, one that was there keeps its own. Which of the two it is
    # may be told in both ways.
    above = wish.lines[: max((at for at, line in enumerate(wish.lines) if not line), default=0)]
    is_new = _common(wish.lines, after[:-1]) >= _left(wish)
    was_there = "" in wish.lines and _common(above, after[:-1]) + 1 >= _left(wish)
    assert (is_new and contents == after[:-1]) or (was_there and contents == after)
    assert not got or line_end(got[-1]), "an empty line at the end is gone, and the end of the line before it too"


def _staying(wish: Wish, lines: Sequence[str]) -> list[int]:
    """The lines that stay, whichever way the change is told.

    Of several equal lines, which one went and which stayed isn't to be told; nor between them and new ones. A line
    that stands there once may be told to have moved, where as many of the others stay then as the wish leaves.
    """
    after = wish.after
    told = Counter([*wish.lines, *(line for cut in wish.cuts for line in cut.new)])
    return [
        at
        for at, line in enumerate(wish.lines)
        if line_end(lines[at])
        and told[line] == 1
        and line in after
        and _common([*wish.lines[:at], *wish.lines[at + 1 :]], after) < _left(wish)
    ]


def _left(wish: Wish) -> int:
    """How many lines the wish leaves as they are: whoever compares the two texts finds at least as many."""
    return len(wish.lines) - sum(cut.end - cut.start for cut in wish.cuts)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two lists can have in common, in one order."""
    counts = [0] * (len(other) + 1)
    for line in one:
        above, counts = counts, [0]
        for at, beside in enumerate(other):
            counts.append(above[at] + 1 if line == beside else max(above[at + 1], counts[at]))
    return counts[-1]


def _check_last_end(wish: Wish, lines: Sequence[str], got: Sequence[str]) -> None:
    if not got:
        return
    if not lines or line_end(lines[-1]):
        assert line_end(got[-1]), "the last line end is gone"
        return
    last = wish.cuts[-1] if wish.cuts and wish.cuts[-1].end == len(lines) else None
    if wish.lines.count(wish.lines[-1]) > 1:
        return
    # A last line that stood there before may be an earlier one, which keeps its own end.
    if last is None or (last.new and last.new[-1] and last.new[-1] not in wish.lines):
        assert not line_end(got[-1]), "a line end came at the end"
