"""Reads `*** Begin Patch` envelopes, in a fence, a shell command or bare: files added, deleted, updated, moved.

Rules:
- Each chunk of an update is an edit of its own. What stands behind an `@@` is a line under which the chunk stands;
  several in a row are nested.
- Where a file is moved, its chunks are about the old name: they are edits of the text as it is now.
- A chunk that only adds lines says where they go only with `*** End of File`; otherwise it's a problem.
- In a list the whole envelope is indented with its item: what its first line is indented by is taken off the others.
- `*** End Patch`, or the end of the fence, closes the envelope. Without either the reply may have been cut off in its
  last piece, which then is a problem; the pieces before it are read.

A chunk's text is made in `hunk_text.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve, field, frozen, mutable

from moa_lsp.edits.paths import taken_for, tidy_path
from moa_lsp.edits.reading.diff_lines import hunk_header
from moa_lsp.edits.reading.hunk_text import hunk_text
from moa_lsp.edits.reading.markers import opens_block
from moa_lsp.edits.reading.path_line import as_called, heads_block
from moa_lsp.edits.reading.reply import Found, Stand, Waits, indent_of, is_fence, without_indent
from moa_lsp.edits.values import Block, DeleteFile, Form, Near, Problem, RenameFile, Replace

_BEGIN = "*** Begin Patch"
_END = "*** End Patch"
_END_OF_FILE = "*** End of File"
_FILE = re.compile(r"^\*\*\* (Add|Delete|Update) File:[ \t]*(\S[^\r\n]*)")
_MOVE = re.compile(r"^\*\*\* (?:Move to|Rename to):[ \t]*(\S[^\r\n]*)")


@mutable
class _Chunk:
    begins: int
    near: Near = field(factory=Near)
    lines: list[str] = field(factory=list[str])
    under: list[str] = field(factory=list[str])


@mutable
class _File:
    begins: int
    action: str
    path: str
    moved: str | None = None
    chunks: list[_Chunk] = field(factory=list[_Chunk])


@frozen
class _Envelope:
    files: list[_File]
    end: int
    whole: bool


def begins_patch(lines: Sequence[str], at: int) -> bool:
    """Whether an envelope begins on that line, indented or not; the `*** Begin Patch` itself may be missing."""
    line = lines[at].lstrip(" \t") if at < len(lines) else ""
    return line.startswith("*** ") and (line.rstrip() == _BEGIN or _FILE.match(line) is not None)


def read_patch(stand: Stand) -> Found | Waits | None:
    """The envelope that begins on this line, if one does."""
    if not begins_patch(stand.lines, stand.at):
        return None
    envelope = _cut(stand)
    ended = envelope.whole or envelope.end < len(stand.lines)
    blocks: list[Block] = []
    problems: list[Problem] = []
    path = stand.path
    for at, file in enumerate(envelope.files):
        found = _file_blocks(file, envelope.whole or at + 1 < len(envelope.files))
        blocks += found.blocks
        problems += found.problems
        path = found.path or path
    if not ended and stand.more:
        return Waits(_tells, tuple(blocks))
    if not envelope.files:
        message = f"The patch at line {stand.at + 1} of the reply names no file."
        hint = "Write `*** Update File: path` below `*** Begin Patch`."
        problems.append(Problem(message, hint=hint, line=stand.at))
    return Found(envelope.end, tuple(blocks), tuple(problems), path)


def _tells(line: str) -> bool:
    """Whether the line may end a chunk, a file or the envelope."""
    return line.lstrip(" \t").startswith(("***", "@@", "```", "~~~", "<<<<<"))


def _cut(stand: Stand) -> _Envelope:
    lines = stand.lines
    files: list[_File] = []
    indent = indent_of(lines[stand.at])
    at = stand.at + (lines[stand.at].strip() == _BEGIN)
    while at < len(lines):
        if stand.closed_by(lines[at]):
            return _Envelope(files, at, True)
        line = without_indent(lines[at], indent) if indent else lines[at]
        words = line.rstrip() if line.startswith("***") else ""
        if words == _END:
            return _Envelope(files, at + 1, True)
        if words == _BEGIN:
            return _Envelope(files, at, False)
        # A marker with a blank before it is a line that the chunk keeps.
        if line.startswith(("<<<<<", "-----")) and opens_block(line):
            return _Envelope(files, _heading(lines, at), False)
        if words and (begins := _FILE.match(words)) is not None:
            files.append(_File(at, begins[1], as_called(begins[2].strip())))
        elif files:
            _take(files[-1], at, line, words)
        elif line.strip():
            # Between the envelope's beginning and its first file stands nothing that could be placed.
            return _Envelope(files, at, False)
        at += 1
    return _Envelope(files, at, False)


def _heading(lines: Sequence[str], at: int) -> int:
    """Where the lines begin that head the block there: its path, its fence and the gap between them."""
    for _ in range(4):
        above = lines[at - 1]
        if above.strip() and not is_fence(above) and not heads_block(above):
            break
        at -= 1
    return at


def _take(file: _File, at: int, line: str, words: str) -> None:
    if words and (move := _MOVE.match(words)) is not None and not file.chunks:
        file.moved = as_called(move[1].strip())
        return
    last = file.chunks[-1] if file.chunks else None
    if words == _END_OF_FILE and last is not None:
        last.near = evolve(last.near, at_end=True)
        return
    header = hunk_header(line) if file.action == "Update" else None
    if header is not None:
        if last is not None and not last.lines:
            last.under += header.near.under
        else:
            file.chunks.append(_Chunk(at, header.near, under=[*header.near.under]))
    elif last is not None:
        last.lines.append(line)
    elif line.strip():
        file.chunks.append(_Chunk(at, lines=[line]))


def _file_blocks(file: _File, whole: bool) -> Found:
    """What one file of the envelope comes to. Where it isn't `whole`, its last piece may have been cut off."""
    path = tidy_path(file.path)
    if isinstance(path, Problem):
        return Found(0, problems=(evolve(path, line=file.begins),), path=file.path)
    if file.action == "Update":
        found = _update(file, path, whole)
    elif not whole:
        found = Found(0, problems=(_cut_off(file.begins, path),))
    elif file.action == "Add":
        found = _addition(file, path)
    else:
        found = _deletion(file, path)
    return Found(0, found.blocks, taken_for(file.path, path, file.begins) + found.problems, path)


def _addition(file: _File, path: str) -> Found:
    lines = [line for chunk in file.chunks for line in chunk.lines]
    text = hunk_text(lines).created
    if text is None:
        return _refused(file.begins, path, "adds a file, and has lines that it keeps or removes", _PLUS)
    return Found(0, blocks=(Replace(path, "", text, file.begins, form=Form.PATCH),))


def _deletion(file: _File, path: str) -> Found:
    if any(hunk_text(chunk.lines).replace.strip() for chunk in file.chunks):
        return _refused(file.begins, path, "deletes a file, and has lines that it keeps or adds", None)
    return Found(0, blocks=(DeleteFile(path, file.begins),))


def _update(file: _File, path: str, whole: bool) -> Found:
    blocks: list[Block] = []
    problems: list[Problem] = []
    if file.moved is not None and (whole or file.chunks):
        moved = tidy_path(file.moved)
        if isinstance(moved, Problem):
            return Found(0, problems=(evolve(moved, line=file.begins),))
        if moved != path:
            blocks.append(RenameFile(path, moved, file.begins))
            problems += taken_for(file.moved, moved, file.begins)
    for chunk in file.chunks if whole else file.chunks[:-1]:
        edit = _edit(chunk, path)
        if isinstance(edit, Problem):
            problems.append(edit)
        else:
            blocks.append(edit)
    if not whole:
        problems.append(_cut_off(file.chunks[-1].begins if file.chunks else file.begins, path))
    elif not file.chunks and file.moved is None:
        return _refused(file.begins, path, "holds no line to add or to remove", None)
    return Found(0, tuple(blocks), tuple(problems))


def _edit(chunk: _Chunk, path: str) -> Replace | Problem:
    text = hunk_text(chunk.lines)
    if not text.kept and not text.removed and not (text.added and chunk.near.at_end):
        why = "adds lines and names none that they stand beside" if text.added else "holds no lines"
        message = f"The chunk at line {chunk.begins + 1} of the reply {why}."
        return Problem(message, path, _BESIDE, line=chunk.begins)
    near = evolve(chunk.near, under=tuple(chunk.under)) if chunk.under else chunk.near
    return Replace(path, text.search, text.replace, chunk.begins, text.alternatives, near, Form.PATCH)


_PLUS = "Each line of a new file begins with `+`."
_BESIDE = "Give a chunk the lines above or below, each with a blank before it."


def _cut_off(at: int, path: str) -> Problem:
    return Problem(f"The reply ended inside this edit (the patch at line {at + 1} of the reply).", path, line=at)


def _refused(at: int, path: str, why: str, hint: str | None) -> Found:
    return Found(0, problems=(Problem(f"The patch at line {at + 1} of the reply {why}.", path, hint, line=at),))
