"""Puts a reply's blocks into the files as they are now, and says of each that can't be put why not.

Rules:
- A search must stand in the file once, and only once, by one step of the ladder (`ladder.py`). Nothing is placed by
  likeness, and never in another file than the one named.
- Blocks are matched against the file as the model was shown it. What isn't there is looked for in what the blocks
  before it wrote, so that a reply may build on itself.
- Blocks that want the same text for the same lines are one edit. Blocks that want different text for the same lines
  are a problem that names both, and neither is placed: which one is meant is not for us to say.
- What doesn't fit is a problem and costs the others nothing.
- A hunk is in the lines of the text as it was given, and holds only lines that really change, or stand between such.
- A file's line ends, BOM and missing last line end stay. Text left out of an edit is found, never written.

Paths come in as `paths.tidy_path` made them. Reading files, and whether a path may be written, is for the caller;
whole files, deleted and renamed ones are `place_file.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from attrs import field, frozen, mutable

from moa_lsp.edits.lines import BOM, bare, changed_spans, split_lines, without_end
from moa_lsp.edits.placing.draft import Draft
from moa_lsp.edits.placing.ladder import MOST_PLACES, Fit, Reading, Several, Unclear, climb, keys, where, why_not_elided
from moa_lsp.edits.placing.nearest import nearest, nearest_path
from moa_lsp.edits.placing.place_file import (
    File,
    Made,
    change_of,
    elision_in,
    gone_and_edited,
    made_of,
    nothing,
    opened,
    place_deletion,
    place_renaming,
    place_whole,
    undone_by,
)
from moa_lsp.edits.values import (
    Block,
    DeleteFile,
    FileChange,
    Form,
    Placement,
    Problem,
    RenameFile,
    Replace,
    WholeFile,
)

# The slow look for similar lines is taken for so many problems of one reply; it costs some 10 ms each.
_MOST_COMPARISONS = 3

# Places further apart than this aren't shown together.
_FAR_APART = 200


@frozen
class _Contradiction:
    """Blocks, by number, that want different text for lines `start` to `end` of a file as it was."""

    blocks: frozenset[int]
    path: str
    start: int
    end: int


@mutable
class _Placing:
    blocks: Sequence[Block]
    texts: Mapping[str, str | None]
    files: dict[str, File] = field(factory=dict[str, File])
    renamed: dict[str, str] = field(factory=dict[str, str])
    """From the new name of a file that a block renames to its old one."""
    not_renamed: dict[str, str] = field(factory=dict[str, str])
    """The same for files that can't be renamed: what is meant by the new name from there on isn't clear."""
    problems: dict[int, Problem] = field(factory=dict[int, Problem])
    contradictions: list[_Contradiction] = field(factory=list[_Contradiction])
    comparisons: int = 0


def place(
    blocks: Sequence[Block], texts: Mapping[str, str | None], source: str, new_id: Callable[[], str]
) -> Placement:
    """The changes that the blocks make, and the problems of those that make none, in the reply's order.

    `texts` has each block's file as it is now (a renamed file's new name too), `None` where there is none; a path it
    lacks is a problem. The changed files come in the order in which they are first named. Each hunk has the one
    source and an id from `new_id`.
    """
    problems = gone_and_edited(blocks)
    left_out = set(problems)
    placing = _placed(blocks, texts, left_out)
    # Each time two blocks fewer at least; mostly there's one such time, if any.
    while placing.contradictions:
        for one in placing.contradictions:
            problems[max(one.blocks)] = _contradiction(blocks, one)
            left_out |= one.blocks
        placing = _placed(blocks, texts, left_out)
    changes: list[FileChange] = []
    for file in placing.files.values():
        change, said = change_of(file, blocks, (source,), new_id)
        if change is not None:
            changes.append(change)
        for problem in said:
            placing.problems[len(blocks) + len(placing.problems)] = problem
    problems = {**placing.problems, **{at: one for at, one in problems.items() if one is not None}}
    return Placement(tuple(changes), tuple(problems[at] for at in sorted(problems)))


def _placed(blocks: Sequence[Block], texts: Mapping[str, str | None], left_out: Container[int]) -> _Placing:
    """One attempt, without the blocks of those numbers."""
    placing = _Placing(blocks, texts)
    for number, block in enumerate(blocks):
        if number not in left_out and (problem := _place(placing, number, block)):
            placing.problems[number] = problem
    return placing


def _place(placing: _Placing, number: int, block: Block) -> Problem | None:
    path = placing.renamed.get(block.path, block.path)
    if (old := placing.not_renamed.get(path)) and not isinstance(block, RenameFile):
        message = f"{old} isn't renamed to {path}, so which of the two files this edit is about isn't clear."
        return Problem(message, path, line=block.line)
    if path not in placing.texts:
        return Problem(f"{path} couldn't be read, so nothing was placed in it.", path, line=block.line)
    file = placing.files.get(path)
    if file is None:
        file = placing.files[path] = opened(path, placing.texts[path], placing.blocks)
    match block:
        case Replace():
            problem = _place_replacement(placing, file, number, block)
        case WholeFile():
            if others := undone_by(file, block):
                about = _Contradiction(frozenset({number, *others}), path, 0, len(file.shown.lines))
                placing.contradictions.append(about)
                return None
            problem = place_whole(file, number, block, placing.blocks)
        case DeleteFile():
            problem = place_deletion(file, block, placing.texts)
        case RenameFile():
            problem = place_renaming(file, block, placing.texts, placing.files)
            if problem is None:
                placing.renamed[block.new_path] = path
            elif file.existed:
                placing.not_renamed[block.new_path] = path
    if problem is None:
        file.placed.append(number)
    return problem


# --- replacements


def _place_replacement(placing: _Placing, file: File, number: int, block: Replace) -> Problem | None:
    readings = [(block.search, block.replace), *block.alternatives]
    if file.bom:
        readings = [(search.removeprefix(BOM), replace.removeprefix(BOM)) for search, replace in readings]
    if readings[0] in file.done:
        file.draft.credit(file.done[readings[0]], number)
        return None
    blank = [reading for reading in readings if not bare(reading[0])]
    searched = [reading for reading in readings if bare(reading[0])]
    if not file.is_there and not (blank and not block.near.at_end):
        known = [path for path, text in placing.texts.items() if text is not None]
        creating = "An empty SEARCH creates a file." if block.form is Form.SEARCH_REPLACE else None
        hint = nearest_path(file.path, known) or creating
        return Problem(f"There is no file {file.path} to edit.", file.path, hint, line=block.line)
    if blank and block.near.at_end:
        problem = _append(file, number, block, blank[-1][1])
    elif blank and not file.draft.lines:
        problem = _fill(file, number, block, blank[-1][1])
    elif not searched:
        message, hint = f"{file.path} exists already, and a new file never overwrites one.", None
        if block.form is Form.SEARCH_REPLACE:
            message = f"{file.path} exists already: an empty SEARCH only creates a file."
            hint = "Copy the lines that are to change into SEARCH."
        return Problem(message, file.path, hint, line=block.line)
    else:
        problem = _place_searched(placing, file, number, block, searched)
    if problem is None:
        file.done[readings[0]] = number
    return problem


def _fill(file: File, number: int, block: Replace, text: str) -> Problem | None:
    new = keys(text)
    if problem := elision_in(file, new, block.line):
        return problem
    if not file.draft.replace(0, 0, (), new, new, number) and file.is_there:
        return nothing(file, block.line)
    return None


def _append(file: File, number: int, block: Replace, text: str) -> Problem | None:
    new = keys(text)
    if problem := elision_in(file, new, block.line):
        return problem
    # With the last line, which may have no end yet and gets one.
    start = max(len(file.draft.lines) - 1, 0)
    last = tuple(without_end(line) for line in file.draft.lines[start:])
    file.draft.replace(start, len(file.draft.lines), last, (*last, *new), (*last, *new), number)
    file.made.append(Made(number, len(file.shown.lines), len(file.shown.lines), None))
    return None


def _place_searched(
    placing: _Placing, file: File, number: int, block: Replace, readings: Sequence[Reading]
) -> Problem | None:
    draft = file.draft
    shown = None if file.rewritten else climb(file.shown, readings, block.near, file.path)
    now = climb(draft, readings, block.near, file.path) if draft.changed else shown
    # What another block wrote is meant only where it is more alike than anything in the file as it was shown.
    if shown is not None and (now is None or shown.rung < now.rung or _is_as_alike(shown, now)):
        match shown:
            case Fit():
                return _write_as_shown(placing, file, number, block, shown)
            case Several():
                return _ambiguous(file, block, file.shown, shown)
            case Unclear():
                return _unclear(file, block, file.shown, shown)
    match now:
        case Fit():
            return _write(file, number, block, now)
        case Several():
            return _ambiguous(file, block, draft, now)
        case Unclear():
            return _unclear(file, block, draft, now)
        case None:
            return _missing(placing, file, block, readings[0])


def _is_as_alike(shown: Fit | Several | Unclear, now: Fit | Several | Unclear) -> bool:
    """Whether the file as it was shown is meant as much as the file as it is: not where a block made it stand twice."""
    return shown.rung == now.rung and (isinstance(shown, Several) or not isinstance(now, Several))


def _write(file: File, number: int, block: Replace, fit: Fit) -> Problem | None:
    """Writes a block that builds on what others wrote."""
    if problem := _made_already(file, file.draft, block, fit):
        return problem
    for piece in fit.pieces:
        if problem := elision_in(file, piece.new, block.line):
            return problem
    # From the bottom up, so that the places of those still to come stay what they are.
    written = [
        file.draft.replace(piece.start, piece.end, piece.search, piece.new, piece.written, number)
        for piece in reversed(fit.pieces)
    ]
    if not any(written):
        return nothing(file, block.line)
    regions = [part for part in file.draft.changed if number in file.draft.blocks_at(part.new_start, part.new_end)]
    file.made += [Made(number, part.start, part.end, None) for part in regions]
    return None


def _write_as_shown(placing: _Placing, file: File, number: int, block: Replace, fit: Fit) -> Problem | None:
    """Writes a block that fits the file as the model was shown it, though other blocks may have changed it since."""
    if problem := _made_already(file, file.shown, block, fit):
        return problem
    wanted: list[Made] = []
    for piece in fit.pieces:
        if problem := elision_in(file, piece.new, block.line):
            return problem
        old = file.shown.lines[piece.start : piece.end]
        after = file.shown.rewritten(piece.start, piece.end, piece.search, piece.new, piece.written)
        for span in changed_spans(old, after):
            new = after[span.new_start : span.new_end]
            wanted += made_of(number, piece.start + span.start, piece.start + span.end, new)
    if not wanted:
        return nothing(file, block.line)
    others: set[int] = set()
    free: list[Made] = []
    for one in wanted:
        clashing = [other for other in file.made if one.clashes(other)]
        if any(not one.is_same(other) for other in clashing):
            others |= {other.block for other in clashing if not one.is_same(other)}
        elif not clashing:
            free.append(one)
        else:
            file.draft.credit_at(one.start, one.end, number)
    if others:
        lines = min(one.start for one in wanted), max(one.end for one in wanted)
        placing.contradictions.append(_Contradiction(frozenset({number, *others}), file.path, *lines))
        return None
    for one in reversed(free):
        start = file.draft.now(one.start)
        file.draft.put(start, start + one.end - one.start, one.lines or (), number)
    file.made += free
    return None


# --- what is said of those that don't fit


def _contradiction(blocks: Sequence[Block], found: _Contradiction) -> Problem:
    numbers = [str(blocks[number].line + 1) for number in sorted(found.blocks)]
    first, last = found.start + 1, max(found.end, found.start + 1)
    lines = f"for line {first}" if first == last else f"for lines {first} to {last}"
    if found.start == found.end:
        lines = f"above line {first}"
    message = f"The edits at lines {_listed(numbers)} of the reply want different text {lines} of {found.path}"
    line = blocks[max(found.blocks)].line
    none = "neither" if len(numbers) == 2 else "none"
    hint = "Write one edit that has all of it."
    return Problem(f"{message}, so {none} of them was placed.", found.path, hint, line=line, near=(first - 1, last))


def _ambiguous(file: File, block: Replace, draft: Draft, found: Several) -> Problem:
    length = len(split_lines(found.search))
    written = [start for start in found.starts if draft.is_written(start, start + length)]
    numbers = [str(draft.origin(start) + 1) for start in found.starts if start not in written]
    more = len(numbers) > MOST_PLACES
    listed = f"{', '.join(numbers[:MOST_PLACES])} and more" if more else _listed(numbers) if numbers else ""
    often = f"more than {MOST_PLACES}" if more else str(len(found.starts))
    at = [f"at line{'s' if len(numbers) > 1 else ''} {listed}"] if numbers else []
    at += ["in what the edits before it write"] if written else []
    message = f"{_said(block)} stands {often} times in {file.path}, {' and '.join(at)}: {_first(found.search)}"
    first, last = draft.origin(found.starts[0]), draft.origin(found.starts[-1])
    near = (first, (last if last - first <= _FAR_APART else first) + length)
    hint = "Add lines before or after it until it stands there once."
    return Problem(message, file.path, hint, line=block.line, near=near)


def _unclear(file: File, block: Replace, draft: Draft, found: Unclear) -> Problem:
    start = draft.origin(found.start)
    message = f"{_said(block)} stands at line {start + 1} of {file.path}, but indented otherwise"
    message = f"{message}, and how its new text is to be indented isn't clear: {_first(found.search)}"
    hint = "Indent both the old and the new lines as the file does."
    near = (start, start + len(split_lines(found.search)))
    return Problem(message, file.path, hint, line=block.line, near=near)


def _made_already(file: File, draft: Draft, block: Replace, fit: Fit) -> Problem | None:
    """The problem of lines to be added that stand there already, just where they would be put."""
    for piece in fit.pieces:
        length = len(piece.search)
        for at, added in (
            (piece.end, piece.written[length:] if piece.new[:length] == piece.search else ()),
            (
                piece.start - len(piece.new) + length,
                piece.written[:-length] if piece.new[-length:] == piece.search else (),
            ),
        ):
            there = [without_end(line) for line in draft.lines[max(at, 0) : at + len(added)]]
            if there == list(added) and any(c.isalnum() for line in added for c in line):
                line = draft.origin(at)
                message = f"This edit of {file.path} seems to be made already: what it adds stands at line {line + 1}."
                hint = "To have it there twice, write the lines around it into both halves."
                return Problem(message, file.path, hint, line=block.line, near=(line, line + len(added)), final=True)
    return None


def _missing(placing: _Placing, file: File, block: Replace, reading: Reading) -> Problem:
    search, replace = reading
    if _is_telling(file, search, replace) and (places := where(file.draft, replace)):
        line = file.draft.origin(places[0])
        message = f"This edit of {file.path} seems to be made already: its new text stands at line {line + 1}."
        there = (line, line + len(split_lines(replace)))
        return Problem(message, file.path, line=block.line, near=there, final=True)
    placing.comparisons += 1
    near = nearest(file.draft.shelf, keys(search), placing.comparisons <= _MOST_COMPARISONS)
    said = why_not_elided(file.draft, search, file.path) or (near.said if near else None)
    message = f"{_said(block)} isn't in {file.path}: {_first(search)}"
    lines = (near.start, near.end) if near else None
    return Problem(message, file.path, said, line=block.line, near=lines)


def _is_telling(file: File, search: str, replace: str) -> bool:
    """Whether the new text, should it stand in the file, tells that the edit was made: it has a line that wasn't
    there before, or brings lines together from between which one has gone from the file."""
    before, after = ({bare(line) for line in split_lines(text)} for text in (search, replace))
    if any(any(c.isalnum() for c in line) for line in after - before):
        return True
    gone = before - after
    return len(after - {""}) > 1 and bool(gone) and not any(file.draft.shelf.index.get(line) for line in gone)


def _said(block: Replace) -> str:
    return block.form.value[:1].upper() + block.form.value[1:]


def _listed(numbers: Sequence[str]) -> str:
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else numbers[0]


def _first(search: str) -> str:
    line = next(bare(line) for line in split_lines(search) if bare(line))
    return repr(line if len(line) <= 80 else f"{line[:80]}…")
