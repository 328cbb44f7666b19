"""Reads unified diffs as models write them: in a ```diff fence, in any other, or in no fence at all.

Rules:
- Each hunk is an edit of its own. The numbers in its header only say where it may stand: models count badly, and a
  reader that believes them drops lines.
- The file is the one the diff names; where it names none, the one that the fence stands under.
- Where a file is renamed, the hunks are about the old name: they are edits of the text as it is now.
- What has no counterpart here (binary patches, modes, copies, combined diffs) is a problem, and so is a hunk that only
  adds lines and names none beside which they stand.
- What the reply may have been cut off in isn't an edit: the last hunk of a fence that isn't closed, and one without a
  fence at the very end of the reply whose numbers don't say that it's whole.

A diff is cut up in `cut_diff.py`; what a header's lines mean is in `diff_lines.py`, a hunk's text in `hunk_text.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from moa_lsp.edits.paths import taken_for, tidy_path
from moa_lsp.edits.reading.cut_diff import Diff, DiffFile, DiffHunk, Said, cut_diff
from moa_lsp.edits.reading.diff_lines import NOWHERE, begins_diff, looks_like_path, same_file, says_diff, without_prefix
from moa_lsp.edits.reading.hunk_text import changes_lines, hunk_text
from moa_lsp.edits.reading.path_line import other_file, path_above, path_in_info
from moa_lsp.edits.reading.read_patch import begins_patch
from moa_lsp.edits.reading.read_search_replace import begins_block
from moa_lsp.edits.reading.reply import Fence, Found, Stand, Waits, any_line, fence_of, next_filled
from moa_lsp.edits.values import Block, DeleteFile, Form, Near, Problem, RenameFile, Replace


def read_diff(stand: Stand) -> Found | Waits | None:
    """The unified diff that begins on this line, if one does."""
    lines, at = stand.lines, stand.at
    fence = fence_of(lines[at])
    if fence is not None:
        return _fenced(stand, fence) if says_diff(fence) and not _is_closing(stand, fence) else None
    if stand.more and lines[at].startswith(("---", "+++")) and at + 2 >= len(lines):
        return Waits(any_line)
    if not begins_diff(lines, at):
        return None
    fenced = stand.fence is not None
    return _read(stand, cut_diff(stand, at, fenced), path_above(stand).path, _tells_in_fence if fenced else _tells)


def _tells(line: str) -> bool:
    """Whether the line may bring a diff in no fence further, or end it."""
    return line[:1] not in ("+", "-", " ", "\r", "\n")


def _tells_in_fence(line: str) -> bool:
    """Whether the line may begin a hunk or a file of a diff in a fence, or end the diff."""
    return line.lstrip(" \t").startswith(("@@", "diff --", "```", "~~~"))


def _is_closing(stand: Stand, fence: Fence) -> bool:
    return stand.fence is not None and (fence.closes(stand.fence) or fence.length >= stand.fence.length)


def _fenced(stand: Stand, fence: Fence) -> Found | Waits | None:
    lines = stand.lines
    first = next_filled(lines, stand.at + 1)
    second = next_filled(lines, first + 1)
    if stand.more and second >= len(lines):
        return Waits(any_line)
    if begins_block(lines, first) or begins_block(lines, second) or begins_patch(lines, first):
        return None
    cut = cut_diff(evolve(stand, fence=fence), stand.at + 1, fenced=True)
    # The fence's own last line is the edit's.
    closing = cut.whole and cut.end < len(lines)
    above = path_above(stand).path
    if (info := path_in_info(fence.info)) is not None:
        above = info if other_file(info, stand, stand.at) is None else None
    return _read(stand, evolve(cut, end=cut.end + 1) if closing else cut, above, _tells_in_fence)


# --- from files and hunks to blocks


def _read(stand: Stand, cut: Diff, above: str | None, closer: Callable[[str], bool]) -> Found | Waits:
    blocks: list[Block] = []
    problems: list[Problem] = []
    files = [file for file in cut.files if _holds_something(file)]
    path = above
    for at, file in enumerate(files):
        whole = cut.whole or at + 1 < len(files)
        found = _file_blocks(file, above, whole)
        blocks += found.blocks
        problems += found.problems
        path = found.path or path
    if not cut.whole and cut.end == len(stand.lines):
        if stand.more:
            return Waits(closer, tuple(blocks))
        if not files:
            problems.append(_cut_off(stand.at, above))
    elif not files:
        message = f"The diff at line {stand.at + 1} of the reply holds no line to add or to remove."
        problems.append(Problem(message, above, line=stand.at))
    return Found(cut.end, tuple(blocks), tuple(problems), path)


def _holds_something(file: DiffFile) -> bool:
    if not file.is_named:
        file.hunks = [hunk for hunk in file.hunks if hunk.header is not None or changes_lines(hunk.lines)]
    return file.is_named or bool(file.hunks or file.said or file.renamed_from or file.renamed_to)


def _file_blocks(file: DiffFile, above: str | None, whole: bool) -> Found:
    """What one file's part comes to. Where it isn't `whole`, its last piece may have been cut off."""
    names = _names(file, above)
    if isinstance(names, Problem):
        return Found(0, problems=(names,))
    old, new = names
    paths = [tidy_path(name) for name in (old, new) if name != NOWHERE]
    refused = next((path for path in paths if isinstance(path, Problem)), None)
    if refused is not None:
        return Found(0, problems=(evolve(refused, line=file.begins),), path=old if old != NOWHERE else new)
    path = next(path for path in paths if isinstance(path, str))
    written = old if old != NOWHERE else new
    said = taken_for(written, path, file.begins)
    if (reason := _unsupported(file, path)) is not None:
        return Found(0, problems=(*said, reason), path=path)
    if new == NOWHERE or Said.DELETED in file.said:
        found = _deletion(file, path, whole)
    elif old == NOWHERE or Said.CREATED in file.said or _is_creation(file):
        found = _creation(file, path, whole)
    else:
        renamed = paths[1] if len(paths) == 2 and isinstance(paths[1], str) and paths[1] != path else None
        found = _edits(file, path, renamed, whole)
    return Found(0, found.blocks, said + found.problems, path)


def _names(file: DiffFile, above: str | None) -> tuple[str, str] | Problem:
    """The old and the new name, as they were written but for what diffs add to them."""
    if file.is_renamed and file.renamed_from and file.renamed_to:
        return file.renamed_from, file.renamed_to
    old, new = file.old, file.new
    if file.git is not None:
        old, new = old or file.git[0], new or file.git[1]
    elif new is None and old is not None:
        old = without_prefix(old, "a")
        new = above if old == NOWHERE else old
    elif old is None and new is not None:
        new = without_prefix(new, "b")
        old = above if new == NOWHERE else new
    if old is None or new is None or not (looks_like_path(old) or looks_like_path(new) or old == new):
        if above in (None, NOWHERE):
            hint = "Write the file's path in `--- a/…` and `+++ b/…` lines above the hunk."
            message = f"The diff at line {file.begins + 1} of the reply names no file."
            return Problem(message, hint=hint, line=file.begins)
        return above, above
    if old == NOWHERE and new == NOWHERE:
        message = f"The diff at line {file.begins + 1} of the reply names no file but {NOWHERE}."
        return Problem(message, line=file.begins)
    if NOWHERE in (old, new):
        return without_prefix(old, "a"), without_prefix(new, "b")
    if (same := same_file(old, new)) is not None:
        return same, same
    old, new = without_prefix(old, "a"), without_prefix(new, "b")
    if Said.SIMILAR in file.said:
        return old, new
    if not (looks_like_path(old) and looks_like_path(new)):
        one = old if looks_like_path(old) else new
        return one, one
    message = f"The diff at line {file.begins + 1} of the reply names two files, {old} and {new}."
    hint = "Where a file is renamed, say so with `rename from` and `rename to` lines."
    return Problem(message, new, hint, line=file.begins)


def _unsupported(file: DiffFile, path: str) -> Problem | None:
    reasons = {
        Said.BINARY: "is a binary patch",
        Said.COMBINED: "is a combined diff, with several old files",
        Said.COPIED: "copies a file",
    }
    if Said.MODE in file.said and not file.hunks and not file.renamed_from:
        reasons[Said.MODE] = "only changes the file's mode"
    reason = next((words for said, words in reasons.items() if said in file.said), None)
    if reason is None:
        return None
    message = f"The diff at line {file.begins + 1} of the reply {reason}, which can't be done here."
    return Problem(message, path, line=file.begins)


def _is_creation(file: DiffFile) -> bool:
    """Whether the one hunk says that there was no text before, as in `@@ -0,0 +1,3 @@`, and holds none."""
    if len(file.hunks) != 1 or file.is_renamed:
        return False
    hunk = file.hunks[0]
    return hunk.header is not None and hunk.header.absent and hunk_text(hunk.lines).created is not None


def _creation(file: DiffFile, path: str, whole: bool) -> Found:
    if not whole:
        return Found(0, problems=(_cut_off(file.begins, path),))
    if len(file.hunks) > 1:
        return _refused(file.begins, path, "creates the file in several hunks", "Write a new file's text in one hunk.")
    text = hunk_text(file.hunks[0].lines).created if file.hunks else ""
    if text is None:
        hint = "Each line of a new file begins with `+`."
        return _refused(file.begins, path, "creates the file, and has lines that it keeps or removes", hint)
    return Found(0, blocks=(Replace(path, "", text, _begins(file), form=Form.DIFF),))


def _deletion(file: DiffFile, path: str, whole: bool) -> Found:
    if not whole:
        return Found(0, problems=(_cut_off(file.begins, path),))
    texts = [hunk_text(hunk.lines) for hunk in file.hunks]
    if any(text.replace.strip() for text in texts):
        return _refused(file.begins, path, "deletes the file, and has lines that it keeps or adds", None)
    text = "".join(text.search for text in texts) or None
    return Found(0, blocks=(DeleteFile(path, file.begins, text),))


def _edits(file: DiffFile, path: str, renamed: str | None, whole: bool) -> Found:
    blocks: list[Block] = []
    problems: list[Problem] = []
    if renamed is not None and (whole or file.hunks):
        blocks.append(RenameFile(path, renamed, file.begins))
    if Said.MODE in file.said and (file.hunks or renamed is not None):
        message = f"The mode of {path} stays as it is: the diff changes it, which can't be done here."
        problems.append(Problem(message, path, notice=True, line=file.begins))
    for hunk in file.hunks if whole else file.hunks[:-1]:
        edit = _edit(hunk, path)
        if isinstance(edit, Problem):
            problems.append(edit)
        else:
            blocks.append(edit)
    if not whole:
        problems.append(_cut_off(file.hunks[-1].begins if file.hunks else file.begins, path))
    elif not file.hunks and renamed is None:
        return _refused(file.begins, path, "holds no line to add or to remove", None)
    return Found(0, tuple(blocks), tuple(problems))


def _edit(hunk: DiffHunk, path: str) -> Replace | Problem:
    text = hunk_text(hunk.lines)
    if not text.kept and not text.removed:
        why = "adds lines and names none that they stand beside" if text.added else "holds no lines"
        hint = "Give a hunk the lines above or below, each with a blank before it."
        return Problem(f"The hunk at line {hunk.begins + 1} of the reply {why}.", path, hint, line=hunk.begins)
    near = hunk.header.near if hunk.header is not None else Near()
    return Replace(path, text.search, text.replace, hunk.begins, text.alternatives, near, Form.DIFF)


def _begins(file: DiffFile) -> int:
    return file.hunks[0].begins if file.hunks else file.begins


def _cut_off(at: int, path: str | None) -> Problem:
    return Problem(f"The reply ended inside this edit (the diff at line {at + 1} of the reply).", path, line=at)


def _refused(at: int, path: str, why: str, hint: str | None) -> Found:
    return Found(0, problems=(Problem(f"The diff at line {at + 1} of the reply {why}.", path, hint, line=at),))
