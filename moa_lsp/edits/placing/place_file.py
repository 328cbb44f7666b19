"""Files as a whole while a reply's blocks are placed: opened for it, rewritten, created, deleted, renamed; and what
came of each, as hunks.

Rules:
- A whole text is compared with what is there, and only what differs becomes hunks. What looks like a piece of a file,
  or leaves lines out, is refused.
- A deletion takes a file's whole text and stands alone; a renaming is a hunk of its own, before those of the text.
- An existing file is never overwritten by a new or a renamed one.

Where lines are replaced is `place.py`'s; whether a path may be touched at all is asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.lines import BLANKS, BOM, Span, bare, changed_spans, split_lines, without_end
from moa_lsp.edits.placing.draft import Draft, shelved
from moa_lsp.edits.placing.elision import elided_line
from moa_lsp.edits.placing.ladder import keys, where
from moa_lsp.edits.placing.nearest import nearest_path
from moa_lsp.edits.placing.refused_text import text_refusal
from moa_lsp.edits.reading.markers import find_markers
from moa_lsp.edits.values import (
    Block,
    DeleteFile,
    FileChange,
    FileKind,
    Hunk,
    Problem,
    RenameFile,
    Replace,
    WholeFile,
)

# A whole file this long that loses most of its lines is taken for a piece of it.
_LONG_FILE = 8

# Where examples of edits may stand.
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc")


@frozen
class Made:
    """Lines `start` to `end` of the file as it was shown became `lines`, with their ends, by the block of that number.

    `lines` is `None` where that block built on what others had written, so that no other can have made the same.
    """

    block: int
    start: int
    end: int
    lines: Sequence[str] | None

    def clashes(self, other: Made) -> bool:
        """Whether both are about the same lines. Lines put in between two others are about neither of them."""
        if self.start == self.end and other.start == other.end:
            return self.start == other.start
        return self.start < other.end and other.start < self.end

    def is_same(self, other: Made) -> bool:
        same_place = (self.start, self.end) == (other.start, other.end)
        return same_place and self.lines is not None and self.lines == other.lines


def made_of(block: int, start: int, end: int, lines: Sequence[str]) -> list[Made]:
    """Lines that became others, line by line where there are as many: two blocks may change some of them alike."""
    if len(lines) != end - start:
        return [Made(block, start, end, list(lines))]
    return [Made(block, start + at, start + at + 1, [line]) for at, line in enumerate(lines)]


@mutable
class File:
    """A file while blocks are placed in it. `existed` is whether it was there before, `bom` whether with a byte order
    mark, which the draft goes without."""

    path: str
    existed: bool
    bom: bool
    draft: Draft
    shown: Draft
    """The file as the model was shown it, which nothing is put into."""
    placed: list[int] = field(factory=list[int])
    """The numbers of the blocks that fit, in their order."""
    rewritten: bool = False
    """Whether the text is no longer the one that the model was shown: blocks fit what the others wrote, or nothing."""
    deleted: bool = False
    new_path: str | None = None
    made: list[Made] = field(factory=list[Made])
    done: dict[tuple[str, str], int] = field(factory=dict[tuple[str, str], int])
    """The number of the block that made each replacement."""

    @property
    def is_there(self) -> bool:
        return self.existed or bool(self.placed)


def opened(path: str, text: str | None, blocks: Sequence[Block]) -> File:
    """A file ready for these blocks, of which any may be about it; `text` is `None` where there is no file."""
    sought: set[str] = set()
    for block in blocks:
        if isinstance(block, Replace):
            for both in ((block.search, block.replace), *block.alternatives):
                sought.update(bare(line) for half in both for line in split_lines(half.removeprefix(BOM)))
    shelf = shelved((text or "").removeprefix(BOM), sought)
    return File(path, text is not None, bool(text and text.startswith(BOM)), Draft(shelf), Draft(shelf))


def gone_and_edited(blocks: Sequence[Block]) -> dict[int, Problem | None]:
    """The blocks, by number, of files that a reply both deletes and does something else with; each file's last one
    with the problem."""
    refused: dict[int, Problem | None] = {}
    for path in {block.path for block in blocks if isinstance(block, DeleteFile)}:
        about = [number for number, block in enumerate(blocks) if block.path == path]
        if all(isinstance(blocks[number], DeleteFile) for number in about):
            continue
        lines = ", ".join(str(blocks[number].line + 1) for number in about)
        message = f"The reply deletes {path} and edits it too (lines {lines} of the reply), so neither was done."
        refused |= dict.fromkeys(about)
        refused[about[-1]] = Problem(message, path, "Do one of the two.", line=blocks[about[-1]].line)
    return refused


# --- whole texts


def place_whole(file: File, number: int, block: WholeFile, blocks: Sequence[Block]) -> Problem | None:
    """Puts a whole text in the place of what the file holds."""
    texts = {one.text for one in blocks if isinstance(one, WholeFile) and one.path == block.path}
    if len(texts) > 1:
        message = f"{file.path} is written out whole more than once, and differently."
        return Problem(message, file.path, line=block.line)
    new = keys(block.text.removeprefix(BOM))
    old = tuple(without_end(line) for line in file.draft.lines)
    if old == new and file.rewritten:
        # The same text, written out once more.
        file.draft.credit_all(number)
        return None
    problem = elision_in(file, new, block.line) or (_not_a_whole(file, block, old, new) if old else None)
    if problem is not None:
        return problem
    if not file.draft.replace(0, len(old), old, new, new, number) and file.is_there:
        return nothing(file, block.line)
    file.rewritten = True
    return None


def undone_by(file: File, block: WholeFile) -> set[int]:
    """The blocks placed before whose text a whole text, written after them, hasn't: one of the two would be lost."""
    if not file.placed or file.rewritten:
        return set()
    now = [without_end(line) for line in file.draft.lines]
    taken = [(span.start, span.end) for span in changed_spans(now, keys(block.text.removeprefix(BOM)))]
    return {mark.block for mark in file.draft.marks for start, end in taken if _meet(mark.start, mark.end, start, end)}


def _meet(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether two runs of lines share one, or an empty one lies in or beside the other."""
    if start == end or other_start == other_end:
        return start <= other_end and other_start <= end
    return start < other_end and other_start < end


def _not_a_whole(file: File, block: WholeFile, old: Sequence[str], new: Sequence[str]) -> Problem | None:
    """Why this can't be the whole of a file that has text already."""
    hint = "Edit it with SEARCH/REPLACE blocks, or delete lines with them."
    if not any(line.strip() for line in new):
        return Problem(f"{file.path} would be emptied.", file.path, hint, line=block.line)
    if _holds_edits(file, block, old):
        message = f"The whole text of {file.path} holds SEARCH/REPLACE blocks, which may be meant for the file itself."
        hint = "Write the blocks without other lines in their fence."
        return Problem(message, file.path, hint, line=block.line)
    kept = len(old) - sum(span.end - span.start for span in changed_spans(old, new))
    if len(old) >= _LONG_FILE and len(new) * 2 < len(old) and kept * 3 < len(old):
        lost = f"{len(old) - kept} of the {len(old)} lines of {file.path}"
        return Problem(f"This would delete {lost}: it looks like a piece of it.", file.path, hint, line=block.line)
    return None


def _holds_edits(file: File, block: WholeFile, old: Sequence[str]) -> bool:
    """Whether the text has blocks that the file hasn't, other than as examples in prose that don't fit the file."""
    lines = split_lines(block.text)
    for opening, closing in find_markers(lines).pairs.items():
        if lines[opening].rstrip() in old:
            continue
        inside = lines[opening + 1 : closing]
        cut = next((at for at, line in enumerate(inside) if line.startswith("=====")), len(inside))
        searched = Draft(shelved("".join(file.draft.lines), {bare(line) for line in inside}))
        if not file.path.endswith(_PROSE) or where(searched, "".join(inside[:cut])):
            return True
    return False


# --- files that go or move


def place_deletion(file: File, block: DeleteFile, texts: Mapping[str, str | None]) -> Problem | None:
    if not file.existed:
        hint = nearest_path(file.path, [path for path, text in texts.items() if text is not None])
        return Problem(f"There is no file {file.path} to delete.", file.path, hint, line=block.line)
    if block.text is not None and not _is_alike(block.text, file.shown.lines):
        message = f"{file.path} isn't deleted: it holds other text than what the reply removes."
        return Problem(message, file.path, line=block.line)
    file.deleted = True
    return None


def _is_alike(text: str, lines: Sequence[str]) -> bool:
    """Whether a text is that of these lines but for blanks at line ends, and blank lines at its end."""
    halves = ["\n".join(line.rstrip(BLANKS) for line in some).rstrip("\n") for some in (split_lines(text), lines)]
    return halves[0] == halves[1]


def place_renaming(
    file: File, block: RenameFile, texts: Mapping[str, str | None], files: Mapping[str, File]
) -> Problem | None:
    """Gives the file its new name, which no other file may have or get."""
    new = block.new_path
    if file.new_path == new:
        return None
    refusal: str | None = None
    if not file.existed:
        refusal = f"There is no file {file.path} to rename"
    elif file.new_path is not None:
        refusal = f"{file.path} would be renamed both to {file.new_path} and to {new}; only the first was placed"
    elif new not in texts:
        refusal = f"{new} couldn't be read, so {file.path} isn't renamed to it"
    elif texts[new] is not None:
        refusal = f"{file.path} can't be renamed to {new}: there is a file of that name"
    elif any(other.new_path == new for other in files.values()) or (new in files and files[new].placed):
        refusal = f"{file.path} can't be renamed to {new}: the reply puts another file there"
    if refusal:
        return Problem(f"{refusal}.", file.path, line=block.line)
    file.new_path = new
    return None


# --- what came of it


def change_of(
    file: File, blocks: Sequence[Block], sources: tuple[str, ...], new_id: Callable[[], str]
) -> tuple[FileChange | None, list[Problem]]:
    """What was placed, as hunks in the original's lines, or `None` for nothing; and what is to be said of it."""
    draft = file.draft
    if file.deleted:
        text = (BOM if file.bom else "") + "".join(draft.shelf.lines)
        said = _lines_of(file.placed, blocks)
        gone = Hunk(new_id(), 0, len(split_lines(text)), text, "", sources, blocks=said)
        return FileChange(file.path, FileKind.DELETE, hunks=(gone,)), []
    if not file.placed:
        return None, []
    if not file.existed:
        said = _lines_of(file.placed, blocks)
        created = Hunk(new_id(), 0, 0, "", "".join(draft.lines), sources, blocks=said)
        if refused := _unwritable(file, created):
            return None, refused
        return FileChange(file.path, FileKind.CREATE, hunks=(created,)), []
    renaming: tuple[Hunk, ...] = ()
    if file.new_path is not None:
        renamings = [number for number in file.placed if isinstance(blocks[number], RenameFile)]
        renaming = (Hunk(new_id(), 0, 0, "", "", sources, blocks=_lines_of(renamings, blocks)),)
    spans, lost = _attributed(file)
    hunks = (*renaming, *(_hunk(file, span, numbers, blocks, sources, new_id()) for span, numbers in spans))
    problems = [_cancelled(file, lost, blocks)] if lost else []
    for hunk in hunks:
        problems += _unwritable(file, hunk)
    hunks = tuple(hunk for hunk in hunks if not _unwritable(file, hunk))
    if not hunks:
        return None, problems
    kind = FileKind.RENAME if file.new_path is not None else FileKind.EDIT
    return FileChange(file.path, kind, file.new_path, hunks), problems


def _attributed(file: File) -> tuple[list[tuple[Span, set[int]]], list[int]]:
    """The spans that differ, each with the blocks it came from, and the blocks of which nothing is left.

    What two blocks wrote may cancel out in part; what is left then belongs to both.
    """
    draft = file.draft
    spans = [(span, set(draft.blocks_at(span.new_start, span.new_end))) for span in draft.spans()]
    named = {number for _, numbers in spans for number in numbers}
    lost: list[int] = []
    for mark in draft.marks:
        if mark.block in named:
            continue
        within = [one for one in draft.changed if one.new_start <= mark.start and mark.end <= one.new_end]
        beside = [one for whole in within for one in spans if whole.new_start <= one[0].new_start <= whole.new_end]
        if beside:
            nearest = min(beside, key=lambda one: max(one[0].new_start - mark.end, mark.start - one[0].new_end))
            nearest[1].add(mark.block)
        elif mark.block not in lost:
            lost.append(mark.block)
    return spans, lost


def _cancelled(file: File, lost: Sequence[int], blocks: Sequence[Block]) -> Problem:
    lines = ", ".join(str(blocks[number].line + 1) for number in sorted(lost))
    message = f"The edits of {file.path} at lines {lines} of the reply cancel each other out."
    return Problem(message, file.path, line=blocks[min(lost)].line)


def _lines_of(numbers: Iterable[int], blocks: Sequence[Block]) -> tuple[int, ...]:
    return tuple(sorted({blocks[number].line for number in numbers}))


def _unwritable(file: File, hunk: Hunk) -> list[Problem]:
    """A problem for each block of a hunk whose text no source holds, unless the lines that it replaces do."""
    reason = text_refusal(hunk.new)
    if reason is None or text_refusal(hunk.old):
        return []
    message = f"{file.path} isn't written: its new text {reason}."
    return [Problem(message, file.path, line=line, final=True) for line in hunk.blocks]


def _hunk(
    file: File, span: Span, numbers: Iterable[int], blocks: Sequence[Block], sources: tuple[str, ...], id: str
) -> Hunk:
    draft = file.draft
    said = _lines_of(numbers, blocks)
    mark = BOM if file.bom and span.start == 0 else ""
    if mark and span.end == 0:
        # Nothing may come before the BOM: what is inserted at the top takes the first line in.
        span = evolve(span, end=1, new_end=min(span.new_end + 1, len(draft.lines)))
    old = mark + "".join(draft.shelf.lines[span.start : span.end])
    new = mark + "".join(draft.lines[span.new_start : span.new_end])
    return Hunk(id, span.start, span.end, old, new, sources, blocks=said)


def elision_in(file: File, new: Sequence[str], line: int) -> Problem | None:
    """The problem of new text that leaves lines out, where it does; `line` is where in the reply it begins."""
    left_out = elided_line(new, file.draft.shelf.lines, file.path)
    if left_out is None:
        return None
    hint = "Write every line out, or only the lines that change."
    return Problem(f"The new text of {file.path} leaves lines out: {left_out!r}", file.path, hint, line=line)


def nothing(file: File, line: int) -> Problem:
    return Problem(f"An edit of {file.path} changes nothing.", file.path, line=line)
