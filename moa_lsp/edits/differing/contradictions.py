"""Which two hunks of different proposals can't be parts of one change, and why.

Rules:
- The very same edit, proposed twice, contradicts nothing: it is done once.
- Replacements of lines contradict where they share a line. Lines put in between two others contradict what replaces
  both of these in one, and other lines put in at the same place, since nobody said which come first. At the edge of a
  replacement they don't: they stand before it or after it.
- What takes the end off the text's last line contradicts what is to stand below that.
- What is done to a file as a whole contradicts other text for it, another name, and another file in its place: only
  the renaming of a file and edits of its text go together.
- A path is either a file's or a folder's.

All hunks of a file must stand in the same text. Nothing here looks at who proposed a hunk, or at its status.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.following.twins import likeness
from moa_lsp.edits.lines import line_end
from moa_lsp.edits.values import FileKind, Hunk


def same_edit(one: Proposed, other: Proposed) -> bool:
    """Whether both ask for the very same edit, whatever the status of either."""
    return edit_of(one) == edit_of(other)


def edit_of(one: Proposed) -> Hashable:
    """What makes two hunks the very same edit."""
    return likeness(one.file, one.hunk)


def contradiction(one: Proposed, other: Proposed) -> str | None:
    """Why both can't be part of one change, as a sentence for people with the files and their lines (counted from 1);
    `None` where they can. Whichever comes first, there is a reason or there is none."""
    if same_edit(one, other):
        return None
    if _is_text(one) and _is_text(other):
        return _in_the_text(one, other) if one.file.where == other.file.where else None
    if file_or_folder := _folder_needed(one, other):
        return f"One {_deed(one)}, the other {_deed(other)}: {file_or_folder} can't be a file and a folder."
    return _said(one, other) if _in_the_way(one, other) or _in_the_way(other, one) else None


def contradicting(proposed: Sequence[Proposed]) -> list[tuple[int, int, str]]:
    """All pairs that contradict each other, by their places in `proposed`, the earlier one first, and in that order;
    each with the reason as `contradiction` gives it."""
    found: list[tuple[int, int, str]] = []
    for first, second in _that_meet(proposed):
        early, late = min(first, second), max(first, second)
        if reason := contradiction(proposed[early], proposed[late]):
            found.append((early, late, reason))
    return sorted(found)


def is_renaming(one: Proposed) -> bool:
    """Whether the hunk stands for a new name of its file. An empty file's creation is no such thing."""
    return one.file.kind is FileKind.RENAME and one.hunk.renames


def _that_meet(proposed: Sequence[Proposed]) -> Iterator[tuple[int, int]]:
    """The pairs that may contradict each other, each once: of edits of a text those whose lines touch, of others only
    those in one file's place or on the way to it."""
    at_path: dict[str, list[int]] = {}
    below: dict[str, list[int]] = {}
    texts: dict[str, list[int]] = {}
    for at, one in enumerate(proposed):
        for path in _paths(one):
            at_path.setdefault(path, []).append(at)
            for folder in _folders(path):
                below.setdefault(folder, []).append(at)
        if _is_text(one):
            texts.setdefault(one.file.where, []).append(at)
    for at, one in enumerate(proposed):
        if not _is_text(one):
            near = {by for path in _paths(one) for by in (*at_path[path], *below.get(path, ()))}
            near |= {by for path in _paths(one) for folder in _folders(path) for by in at_path.get(folder, ())}
            yield from ((at, by) for by in near if by > at or _is_text(proposed[by]))
    for hunks in texts.values():
        hunks.sort(key=lambda at: (proposed[at].hunk.start, proposed[at].hunk.end))
        for number, at in enumerate(hunks):
            for other in hunks[number + 1 :]:
                if proposed[other].hunk.start > proposed[at].hunk.end:
                    break
                yield at, other


def _is_text(one: Proposed) -> bool:
    return one.file.kind not in (FileKind.CREATE, FileKind.DELETE) and not is_renaming(one)


# --- lines of one text


def _in_the_text(one: Proposed, other: Proposed) -> str | None:
    first, second = sorted((one.hunk, other.hunk), key=lambda hunk: (hunk.start, hunk.end))
    inserts = [hunk for hunk in (first, second) if hunk.start == hunk.end]
    if len(inserts) == 2 and first.start == second.start:
        return f"Both add lines {_below(first)} of {one.file.where}, and which come first is open."
    if second.start < first.end and (not inserts or first.start < second.start):
        return _said(one, other)
    if first.end == second.start and first.new and second.new and not line_end(first.new):
        taking, adding = (one, other) if first is one.hunk else (other, one)
        return f"One {_deed(taking)} and leaves no line end, the other {_deed(adding, alone=False)}, right below."
    return None


# --- files and names


def _arrives(one: Proposed) -> str | None:
    """The path where there is a file only after this."""
    if one.file.kind is FileKind.CREATE:
        return one.file.path
    return one.file.new_path if is_renaming(one) else None


def _in_the_way(one: Proposed, other: Proposed) -> bool:
    """Whether one, which is about a file as a whole, leaves no place for the other."""
    if arrives := _arrives(one):
        if arrives in (other.file.where, _arrives(other)):
            return True
        return is_renaming(one) and one.file.where == other.file.where and not _is_text(other)
    return one.file.kind is FileKind.DELETE and other.file.where == one.file.where


def _paths(one: Proposed) -> set[str]:
    """Each path where there is a file before this or after it."""
    return {path for path in (one.file.where, _arrives(one)) if path}


def _folders(path: str) -> list[str]:
    """The folders on the way to a file."""
    return [path[:at] for at, character in enumerate(path) if character == "/"]


def _folder_needed(one: Proposed, other: Proposed) -> str | None:
    """The path that one has a file come to and that is a folder on the way to the other's, or the other way round."""
    for comes, paths in ((_arrives(one), _paths(other)), (_arrives(other), _paths(one))):
        for path in sorted(paths) if comes else ():
            if path.startswith(f"{comes}/"):
                return comes
            if comes and comes.startswith(f"{path}/"):
                return path
    return None


# --- words


def _said(one: Proposed, other: Proposed) -> str:
    ours, theirs = _deed(one), _deed(other)
    if ours != theirs:
        alone = one.file.where != other.file.where or not _is_text(one) or not _is_text(other)
        return f"One {ours}, the other {_deed(other, alone=alone)}."
    verb, rest = ours.split(" ", 1)
    return f"Both {verb.removesuffix('s')} {rest}, and want different text there."


def _deed(one: Proposed, alone: bool = True) -> str:
    """What the hunk does, as what follows "One …"; without the file's name where that was said before."""
    path = one.file.where
    if is_renaming(one):
        return f"renames {path} to {one.file.new_path}"
    if one.file.kind in (FileKind.CREATE, FileKind.DELETE):
        return f"{one.file.kind.value}s {path}"
    of = f" of {path}" if alone else ""
    hunk = one.hunk
    if hunk.start == hunk.end:
        return f"adds lines {_below(hunk)}{of}"
    lines = f"line {hunk.end}" if hunk.end == hunk.start + 1 else f"lines {hunk.start + 1} to {hunk.end}"
    return f"replaces {lines}{of}"


def _below(hunk: Hunk) -> str:
    return f"below line {hunk.start}" if hunk.start else "at the top"
