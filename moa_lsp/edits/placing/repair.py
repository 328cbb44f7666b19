"""The one repair: what a model is told about its edits that couldn't be placed, and what its answer changes.

Rules:
- It is told what failed and why, and is shown the lines as they are, its other edits in place, without line numbers in
  them, so that they can be copied. It is shown nothing of a file that it hasn't seen.
- A problem is mended when the answer holds an edit for it that was placed. One that it holds no edit for stays; one
  that failed again is a new problem. Nothing is dropped in silence, and nothing is asked for a third time.

Who is asked, and whether, is the session's; placing is `place.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from moa_lsp.discussion import fences
from moa_lsp.edits.lines import split_lines, without_end
from moa_lsp.edits.reading.read import Reading, read_edits
from moa_lsp.edits.values import Block, DeleteFile, Hunk, Problem, RenameFile, Replace

_WHOLE_UP_TO = 200
"""Lines of a file that is shown whole; of a longer one, only the lines around what failed are."""

_AROUND = 15

_MARKS = ("```", "~~~", "<<<<<", "=====", ">>>>>", "*** ")
"""How lines begin that are of an edit's form and not of what it says."""

FAILED = "A second request for the edits that couldn't be placed failed: {reason}"
NOTHING_CAME = "A second request for the edits that couldn't be placed brought none that can be."


@frozen
class Standing:
    """A file as it stands, and the hunks that a change has in it, in its lines."""

    text: str
    hunks: tuple[Hunk, ...] = ()


@frozen
class Mended:
    """What a repair came to: the change's problems now, how many of the edits written anew were placed, and how many
    edits still aren't."""

    problems: tuple[Problem, ...]
    placed: int
    left: int


def repair_message(reply: str, problems: Sequence[Problem], files: Mapping[str, Standing]) -> str:
    """The user message that asks for the edits of `reply` anew that these problems are about.

    `files` are those the model may be shown, by path; LF line ends are written for all.
    """
    parts: list[str] = []
    for path in dict.fromkeys(problem.file for problem in problems if problem.file in files):
        assert path is not None
        near = [one.near for one in problems if one.file == path]
        parts += _file_parts(path, files[path], near)
    above = "The lines above are as they read now, with your other edits in place: don't write those again.\n"
    said = (
        "These edits of your last reply could not be placed:\n\n"
        + "\n".join(f"{number}. {text}" for number, text in enumerate(_described(reply, problems, files), start=1))
        + f"\n\n{above if parts else 'Your other edits are in place: do not write those again. '}"
        "Write the edits listed here once more so that they fit, as edit blocks and nothing else. Copy the lines of "
        "SEARCH exactly as they read now."
    )
    return "\n\n".join([*parts, fences.user_message(said)])


def after_repair(
    reply: str,
    before: Sequence[Problem],
    asked: Sequence[Problem],
    answer: Reading,
    found: Iterable[Problem],
    placed: Collection[int],
) -> Mended:
    """The problems after a repair that could be placed.

    `before` are the change's problems, `asked` those of them that the model was asked about. `answer` is what it
    wrote, as though it stood below the `reply`; `found` are the problems of placing it, and `placed` the lines at
    which the blocks begin that were placed.
    """
    unanswered = _unanswered(reply, asked, answer.blocks)
    found = (*answer.problems, *found)
    again = [problem for problem in found if not problem.notice]
    kept = [problem for problem in before if not problem.notice and problem not in asked]
    notices = [problem for problem in (*before, *found) if problem.notice]
    count = sum(block.line in placed for block in answer.blocks)
    edits = "1 edit was" if count == 1 else f"{count} edits were"
    said = f"{edits} written anew after a second request." if count else NOTHING_CAME
    problems = dict.fromkeys((*kept, *unanswered, *again, *notices, Problem(said, notice=True)))
    return Mended(tuple(problems), count, len(unanswered) + len(again))


def below(reply: str, again: str) -> Reading:
    """The edits of a second reply, counted as though it stood below the first."""
    lines = len(split_lines(reply)) + 1
    reading = read_edits(again)
    return Reading(
        tuple(evolve(block, line=block.line + lines) for block in reading.blocks),
        tuple(evolve(one, line=None if one.line is None else one.line + lines) for one in reading.problems),
    )


# --- what the model is told


def _described(reply: str, problems: Sequence[Problem], files: Mapping[str, Standing]) -> Iterable[str]:
    blocks = {block.line: block for block in read_edits(reply).blocks}
    for problem in problems:
        first = _first_line(reply, problem, blocks)
        begins = f"The edit that begins with `{first}`: " if first and first not in problem.message else ""
        # A hint quotes the file, which the model may not have been shown.
        hint = f" {problem.hint}" if problem.hint and (problem.file in files or not problem.near) else ""
        yield f"{begins}{problem.message.removesuffix('.')}.{hint}"


def _first_line(reply: str, problem: Problem, blocks: Mapping[int, Block]) -> str | None:
    """The first line that isn't blank of what the edit searches for; of one that couldn't be read, of what it holds."""
    if problem.line is None:
        return None
    block = blocks.get(problem.line)
    if isinstance(block, DeleteFile | RenameFile):
        return None
    if block is None:
        lines = split_lines(reply)[problem.line :]
    else:
        lines = split_lines((block.search if isinstance(block, Replace) else "") or block.path)
    return next((line.strip() for line in lines if line.strip() and not line.startswith(_MARKS)), None)


def _file_parts(path: str, file: Standing, near: Sequence[tuple[int, int] | None]) -> list[str]:
    """The file with its hunks put in, or what of it lies around these lines."""
    lines = split_lines(file.text)
    if len(lines) <= _WHOLE_UP_TO:
        return [fences.file(path, _lf(_with_hunks(lines, file.hunks, 0, len(lines))))]
    spans = [(max(start - _AROUND, 0), min(end + _AROUND, len(lines))) for start, end in filter(None, near)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_grown(span, file.hunks) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [
        fences.file_part(path, start + 1, end, _lf(_with_hunks(lines, file.hunks, start, end))) for start, end in merged
    ]


def _grown(span: tuple[int, int], hunks: Sequence[Hunk]) -> tuple[int, int]:
    """The span with every hunk whole that it cuts."""
    start, end = span
    for hunk in hunks:
        if hunk.start < span[1] and span[0] < hunk.end:
            start, end = min(start, hunk.start), max(end, hunk.end)
    return start, end


def _with_hunks(lines: Sequence[str], hunks: Sequence[Hunk], start: int, end: int) -> list[str]:
    """Lines `start` to `end` with the hunks put in that lie among them."""
    parts: list[str] = []
    done = start
    for hunk in sorted(hunks, key=lambda one: (one.start, one.end)):
        if done <= hunk.start and hunk.end <= end:
            parts += [*lines[done : hunk.start], *split_lines(hunk.new)]
            done = hunk.end
    return [*parts, *lines[done:end]]


def _lf(lines: Iterable[str]) -> str:
    return "".join(f"{without_end(line)}\n" for line in lines)


# --- what the answer changes


def _unanswered(reply: str, asked: Sequence[Problem], answer: Sequence[Block]) -> list[Problem]:
    """The problems that the answer holds no edit for.

    An edit belongs to the failed one with which it shares the most lines; one that shares none with any, to the first
    that has none yet, of the same file before others.
    """
    texts = _failed_texts(reply, asked)
    open_ = dict(enumerate(asked))
    strange: list[Block] = []
    for block in answer:
        lines = _lines_of(block)
        alike = [((lines & text).total(), block.path == asked[at].file, -at) for at, text in enumerate(texts)]
        shared, _, at = max(alike, default=(0, False, 0))
        if shared:
            open_.pop(-at, None)
        else:
            strange.append(block)
    for block in strange:
        same = (at for at, problem in open_.items() if problem.file == block.path)
        open_.pop(next(same, next(iter(open_), -1)), None)
    return list(open_.values())


def _failed_texts(reply: str, asked: Sequence[Problem]) -> list[Counter[str]]:
    """The lines of each failed edit, up to where the next edit of the reply begins."""
    lines = split_lines(reply)
    reading = read_edits(reply)
    begins = sorted({one.line for one in (*reading.blocks, *asked) if one.line is not None} | {len(lines)})
    ends = dict(pairwise(begins))
    return [
        Counter() if one.line is None else _counted(lines[one.line : ends.get(one.line, len(lines))]) for one in asked
    ]


def _lines_of(block: Block) -> Counter[str]:
    match block:
        case Replace():
            return _counted([*split_lines(block.search), *split_lines(block.replace)])
        case DeleteFile() | RenameFile():
            return Counter()
        case _:
            return _counted(split_lines(block.text))


def _counted(lines: Iterable[str]) -> Counter[str]:
    """Lines by their text, those that say nothing (blank, brackets) left out."""
    return Counter(line.strip() for line in lines if any(one.isalnum() for one in line))
