"""Puts a reply's blocks into the files as they are now, and says of each that can't be put why not.

Rules:
- A search must stand in the file once, and only once, as whole lines: exactly, else but for trailing blanks. Nothing
  is placed by likeness.
- The blocks of one file are placed in their order, each in the text that those before it leave. What doesn't fit is a
  problem and costs the others nothing.
- A hunk is in the lines of the text as it was given, and holds only lines that really change.
- A file's line ends, BOM and missing last line end stay. Text left out of an edit is found, never written.

Paths come in as `paths.tidy_path` made them. Reading files, and whether a path may be written, is for the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, field, mutable

from moa_lsp.edits.draft import MOST_PLACES, Draft, Step
from moa_lsp.edits.elision import elided_line
from moa_lsp.edits.lines import Span, changed_spans, split_lines, without_end
from moa_lsp.edits.markers import find_markers
from moa_lsp.edits.nearest import hint_for, nearest_path
from moa_lsp.edits.values import (
    Block,
    DeleteFile,
    FileChange,
    FileKind,
    Hunk,
    Placement,
    Problem,
    RenameFile,
    Replace,
    WholeFile,
)

_BOM = "\ufeff"

# A whole file this long that loses most of its lines is taken for a piece of it.
_LONG_FILE = 20

# Where examples of edits may stand.
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc")

# The slow look for similar lines is taken for so many problems of one reply; it costs some 10 ms each.
_MOST_COMPARISONS = 3


@mutable
class _File:
    """A file while blocks are placed in it. `existed` is whether it was there before."""

    path: str
    existed: bool
    bom: bool
    draft: Draft
    placed: int = 0
    whole: str | None = None


@mutable
class _Placing:
    texts: Mapping[str, str | None]
    files: dict[str, _File] = field(factory=dict[str, _File])
    problems: list[Problem] = field(factory=list[Problem])
    comparisons: int = 0


def place(
    blocks: Sequence[Block], texts: Mapping[str, str | None], source: str, new_id: Callable[[], str]
) -> Placement:
    """The changes that the blocks make, and the problems of those that make none.

    `texts` has each block's file as it is now, `None` where there is none; a path it lacks is a problem. The changed
    files come in the order in which they are first named. Each hunk has the one source and an id from `new_id`.
    """
    placing = _Placing(texts)
    for block in blocks:
        problem = _place(placing, block, blocks)
        if problem is not None:
            placing.problems.append(problem)
    changes: list[FileChange] = []
    for file in placing.files.values():
        change = _change(file, (source,), new_id)
        if change is not None:
            changes.append(change)
        elif file.placed:
            placing.problems.append(Problem(f"The edits of {file.path} cancel each other out.", file.path))
    return Placement(tuple(changes), tuple(placing.problems))


def _place(placing: _Placing, block: Block, blocks: Sequence[Block]) -> Problem | None:
    if block.path not in placing.texts:
        return Problem(f"{block.path} couldn't be read, so nothing was placed in it.", block.path)
    file = placing.files.get(block.path)
    if file is None:
        text = placing.texts[block.path]
        bom = text is not None and text.startswith(_BOM)
        draft = Draft(split_lines((text or "").removeprefix(_BOM)))
        file = placing.files[block.path] = _File(block.path, text is not None, bom, draft)
    if isinstance(block, WholeFile):
        others = {one.text for one in blocks if isinstance(one, WholeFile) and one.path == block.path}
        problem = _place_whole(file, block, len(others) > 1)
    elif isinstance(block, DeleteFile | RenameFile):
        problem = Problem("not yet", block.path)
    else:
        problem = _place_block(placing, file, block)
    if problem is None:
        file.placed += 1
    return problem


# --- SEARCH/REPLACE


def _place_block(placing: _Placing, file: _File, block: Replace) -> Problem | None:
    readings = [(block.search, block.replace), *block.alternatives]
    if file.bom:
        readings = [(search.removeprefix(_BOM), replace.removeprefix(_BOM)) for search, replace in readings]
    there = file.existed or bool(file.placed)
    blank = [reading for reading in readings if not reading[0].strip()]
    if blank and not file.draft.lines:
        return _fill(file, blank[-1][1])
    searched = [reading for reading in readings if reading[0].strip()]
    if not there:
        known = [path for path, text in placing.texts.items() if text is not None]
        hint = nearest_path(file.path, known) or "An empty SEARCH creates a file."
        return Problem(f"There is no file {file.path} to edit.", file.path, hint)
    if not searched:
        hint = "Copy the lines that are to change into SEARCH."
        return Problem(f"{file.path} exists already: an empty SEARCH only creates a file.", file.path, hint)
    for step in Step:
        # A longer reading that stands in the file outdoes a shorter one: the file itself goes on as the reply does.
        for search, replace in searched:
            places = file.draft.find(search, step)
            if len(places) > 1:
                return _ambiguous(file, search, places)
            if places:
                return _replace(file, places[0], search, replace)
    return _missing(placing, file, *searched[0])


def _fill(file: _File, text: str) -> Problem | None:
    new = _keys(text)
    if problem := _elision(file, new):
        return problem
    if not file.draft.replace(0, 0, [], new) and (file.existed or file.placed):
        return _nothing(file)
    return None


def _replace(file: _File, start: int, search: str, replace: str) -> Problem | None:
    old, new = _keys(search), _keys(replace)
    if problem := _elision(file, new):
        return problem
    return None if file.draft.replace(start, start + len(old), old, new) else _nothing(file)


def _ambiguous(file: _File, search: str, places: Sequence[int]) -> Problem:
    numbers = [str(file.draft.origin(place) + 1) for place in places]
    more = len(numbers) > MOST_PLACES
    listed = f"{', '.join(numbers[:MOST_PLACES])} and more" if more else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    often = f"more than {MOST_PLACES}" if more else str(len(numbers))
    message = f"The SEARCH text stands {often} times in {file.path}, at lines {listed}: {_first(search)}"
    return Problem(message, file.path, "Add lines before or after it until it stands there once.")


def _missing(placing: _Placing, file: _File, search: str, replace: str) -> Problem:
    placing.comparisons += 1
    hint = hint_for(file.draft, search, replace, file.path, placing.comparisons <= _MOST_COMPARISONS)
    return Problem(f"The SEARCH text isn't in {file.path}: {_first(search)}", file.path, hint)


# --- whole files


def _place_whole(file: _File, block: WholeFile, several: bool) -> Problem | None:
    if several:
        return Problem(f"{file.path} is written out whole more than once, and differently.", file.path)
    if file.whole == block.text:
        return None
    new = _keys(block.text.removeprefix(_BOM))
    old = [without_end(line) for line in file.draft.lines]
    problem = _elision(file, new) or (_not_a_whole(file, block, old, new) if old else None)
    if problem is not None:
        return problem
    if not file.draft.replace(0, len(old), old, new) and (file.existed or file.placed):
        return _nothing(file)
    file.whole = block.text
    return None


def _not_a_whole(file: _File, block: WholeFile, old: Sequence[str], new: Sequence[str]) -> Problem | None:
    """Why this can't be the whole of a file that has text already."""
    hint = "Edit it with SEARCH/REPLACE blocks, or delete lines with them."
    if not any(line.strip() for line in new):
        return Problem(f"{file.path} would be emptied.", file.path, hint)
    if _holds_edits(file, block, old):
        message = f"The whole text of {file.path} holds SEARCH/REPLACE blocks, which may be meant for the file itself."
        return Problem(message, file.path, "Write the blocks without other lines in their fence.")
    kept = len(old) - sum(span.end - span.start for span in changed_spans(old, new))
    if len(old) >= _LONG_FILE and len(new) * 2 < len(old) and kept * 3 < len(old):
        message = (
            f"This would delete {len(old) - kept} of the {len(old)} lines of {file.path}: it looks like a piece of it."
        )
        return Problem(message, file.path, hint)
    return None


def _holds_edits(file: _File, block: WholeFile, old: Sequence[str]) -> bool:
    """Whether the text has blocks that the file hasn't, other than as examples in prose that don't fit the file."""
    lines = split_lines(block.text)
    for opening, closing in find_markers(lines).pairs.items():
        if lines[opening].rstrip() in old:
            continue
        inside = lines[opening + 1 : closing]
        cut = next((at for at, line in enumerate(inside) if line.startswith("=====")), len(inside))
        if not file.path.endswith(_PROSE) or file.draft.find("".join(inside[:cut]), Step.TRAILING_BLANKS):
            return True
    return False


# --- what both share


def _change(file: _File, sources: tuple[str, ...], new_id: Callable[[], str]) -> FileChange | None:
    """What was placed, as hunks in the original's lines; `None` where nothing differs."""
    draft = file.draft
    if not file.existed:
        if not file.placed:
            return None
        created = Hunk(new_id(), 0, 0, "", "".join(draft.lines), sources)
        return FileChange(file.path, FileKind.CREATE, hunks=(created,))
    hunks = tuple(_hunk(draft, span, file.bom, sources, new_id()) for span in draft.spans())
    return FileChange(file.path, hunks=hunks) if hunks else None


def _hunk(draft: Draft, span: Span, bom: bool, sources: tuple[str, ...], id: str) -> Hunk:
    mark = _BOM if bom and span.start == 0 else ""
    if mark and span.end == 0:
        # Nothing may come before the BOM: what is inserted at the top takes the first line in.
        span = evolve(span, end=1, new_end=min(span.new_end + 1, len(draft.lines)))
    old = mark + "".join(draft.original[span.start : span.end])
    new = mark + "".join(draft.lines[span.new_start : span.new_end])
    return Hunk(id, span.start, span.end, old, new, sources)


def _elision(file: _File, new: Sequence[str]) -> Problem | None:
    line = elided_line(new, file.draft.original, file.path)
    if line is None:
        return None
    hint = "Write every line out, or only the lines that change."
    return Problem(f"The new text of {file.path} leaves lines out: {line!r}", file.path, hint)


def _nothing(file: _File) -> Problem:
    return Problem(f"An edit of {file.path} changes nothing.", file.path)


def _first(search: str) -> str:
    line = next(line.strip() for line in split_lines(search) if line.strip())
    return repr(line if len(line) <= 80 else f"{line[:80]}…")


def _keys(text: str) -> list[str]:
    return [without_end(line) for line in split_lines(text)]
