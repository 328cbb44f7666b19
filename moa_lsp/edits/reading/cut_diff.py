"""Cuts a diff into its files and hunks, line by line, without believing its numbers.

Rules:
- A hunk's lines decide where it ends: the next `@@`, the next file, the fence's end; without a fence the first line
  that can't belong to it. What its header counts serves only to tell, in no fence, whether it goes on over a gap, and
  whether the reply's end cut it off.
- Lines above the first file of a diff made by git are a letter; those below `-- ` and a version are its end.
- What stands in a fence belongs to the diff, whatever it looks like.

What the files and hunks come to is decided in `read_diff.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from attrs import field, frozen, mutable

from moa_lsp.edits.reading.diff_lines import (
    NOWHERE,
    HunkHeader,
    bare_name,
    begins_diff,
    git_names,
    header_name,
    hunk_header,
    is_combined,
    is_file_header,
    is_git_header,
    is_new_name,
    is_old_name,
    looks_like_path,
    without_prefix,
)
from moa_lsp.edits.reading.path_line import commented_path, named_file
from moa_lsp.edits.reading.reply import Stand, next_filled

_HERE_DOCUMENT = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1")
_PLAIN = re.compile(r"^(?: |-(?!-)|\+(?!\+))[^\r\n]")
_SIGNATURE = re.compile(r"^\d+(?:\.\d+)+")


class Said(Enum):
    """What the lines of a file's header say besides its names."""

    CREATED = auto()
    DELETED = auto()
    MODE = auto()
    SIMILAR = auto()
    COPIED = auto()
    BINARY = auto()
    COMBINED = auto()


_EXTENDED: tuple[tuple[str, Said | None], ...] = (
    ("index ", None),
    ("dissimilarity index ", None),
    ("similarity index ", Said.SIMILAR),
    ("new file mode ", Said.CREATED),
    ("deleted file mode ", Said.DELETED),
    ("old mode ", Said.MODE),
    ("new mode ", Said.MODE),
    ("copy from ", Said.COPIED),
    ("copy to ", Said.COPIED),
    ("Binary files ", Said.BINARY),
    ("GIT binary patch", Said.BINARY),
)


_BEGINNINGS = ("rename from ", "rename to ", *(begins for begins, _ in _EXTENDED))


@mutable
class DiffHunk:
    """A hunk: its header, and the lines below it as they stand in the reply."""

    begins: int
    header: HunkHeader | None
    lines: list[str] = field(factory=list[str])
    _old: int = 0
    _new: int = 0
    _gap: int = 0

    def take(self, line: str) -> None:
        """The hunk's next line."""
        self.lines.append(line)
        sign = line[:1]
        if sign == "\\":
            return
        self._gap = 0 if line.strip("\r\n") else self._gap + 1
        self._old += sign != "+"
        self._new += sign != "-"

    @property
    def is_counted_out(self) -> bool:
        """Whether it has as many lines as its header says; blank lines at its end may be a gap and not count."""
        if self.header is None or self.header.counts is None:
            return False
        old, new = self.header.counts
        return self._old - old == self._new - new and 0 <= self._old - old <= self._gap


@mutable
class DiffFile:
    """One file's part of a diff. `old` and `new` are the names as they were written."""

    begins: int
    old: str | None = None
    new: str | None = None
    git: tuple[str, str] | None = None
    renamed_from: str | None = None
    renamed_to: str | None = None
    said: set[Said] = field(factory=set[Said])
    hunks: list[DiffHunk] = field(factory=list[DiffHunk])

    @property
    def is_named(self) -> bool:
        return self.old is not None or self.new is not None or self.git is not None

    @property
    def is_renamed(self) -> bool:
        return bool(self.renamed_from and self.renamed_to)

    def is_another(self, old: str | None, new: str | None) -> bool:
        """Whether `--- ` and `+++ ` lines with these names are about another file than this one, which says by itself
        what happens to it: it's renamed, created, deleted."""
        if not self.is_renamed and not self.said:
            return False
        own = {name for name in (*(self.git or ()), self.renamed_from, self.renamed_to) if name}
        known = {plain for name in own for plain in (name, without_prefix(name, "a"), without_prefix(name, "b"))}
        named = [name for name in (old, new) if name is not None and name != NOWHERE]
        return bool(own) and not any(
            plain in known for name in named for plain in (name, without_prefix(name, "a"), without_prefix(name, "b"))
        )


@frozen
class Diff:
    """A diff cut up: `end` is the first line behind it, `whole` is false where it may go on behind the reply's end."""

    files: list[DiffFile]
    end: int
    whole: bool


@mutable
class _Cutter:
    """Takes a diff's lines one by one."""

    files: list[DiffFile] = field(factory=list[DiffFile])
    hunk: DiffHunk | None = None
    gap_end: int = 0

    def begin_file(self, at: int) -> DiffFile:
        self.hunk = None
        self.files.append(DiffFile(at))
        return self.files[-1]

    def file(self, at: int) -> DiffFile:
        return self.files[-1] if self.files else self.begin_file(at)

    def begin_hunk(self, at: int, header: HunkHeader | None) -> None:
        file = self.file(at)
        self.hunk = DiffHunk(at, header)
        file.hunks.append(self.hunk)

    def headed(self, at: int, old: str | None, new: str | None) -> None:
        """The `--- ` and `+++ ` lines with these names come now: of the file that has begun, or of another one."""
        file = self.files[-1] if self.files else None
        if file is None or file.hunks or file.old is not None or file.new is not None or file.is_another(old, new):
            file = self.begin_file(at)
        file.old, file.new = old, new

    def says(self, at: int, line: str) -> bool:
        """Takes a line of a file's extended header, if it is one and no hunk has begun."""
        if self.hunk is not None:
            return False
        if not line.startswith(_BEGINNINGS):
            return False
        if line.startswith("rename from "):
            self.file(at).renamed_from = bare_name(line[len("rename from ") :])
            return True
        if line.startswith("rename to "):
            self.file(at).renamed_to = bare_name(line[len("rename to ") :])
            return True
        for begins, said in _EXTENDED:
            if line.startswith(begins):
                if said is not None:
                    self.file(at).said.add(said)
                return True
        return False


def cut_diff(stand: Stand, start: int, fenced: bool) -> Diff:
    """The diff from `start` on; `stand.fence` is the fence that it stands in."""
    lines, cutter = stand.lines, _Cutter()
    indent = len(stand.fence.indent) if stand.fence is not None else 0
    word = _HERE_DOCUMENT.search(lines[start - 1]) if start else None
    at = start
    while at < len(lines):
        # Most lines can be nothing else than the hunk's.
        plain = not indent and (_PLAIN.match(lines[at]) or ((fenced or at < cutter.gap_end) and _is_empty(lines[at])))
        if cutter.hunk is not None and plain:
            cutter.hunk.take(lines[at])
            at += 1
            continue
        if stand.closed_by(lines[at]) or (word is not None and lines[at].strip() == word[2]):
            return Diff(cutter.files, at, True)
        line, below, third = _shown(lines, at, indent), "", ""
        if line.startswith(("--", "+++")):
            below, third = _shown(lines, at + 1, indent), _shown(lines, at + 2, indent)
        if is_git_header(line):
            _drop_preface(cutter)
            file = cutter.begin_file(at)
            file.git = git_names(line)
            if not line.startswith("diff --git "):
                file.said.add(Said.COMBINED)
        elif is_old_name(line) and _is_header(line, below, third, cutter.hunk):
            new = header_name(below) if is_new_name(below) else None
            cutter.headed(at, header_name(line), new)
            at += new is not None
        elif is_new_name(line) and cutter.hunk is None and hunk_header(below) is not None:
            cutter.headed(at, None, header_name(line))
        elif is_combined(line):
            cutter.begin_hunk(at, None)
            cutter.files[-1].said.add(Said.COMBINED)
        elif (header := hunk_header(line)) is not None:
            cutter.begin_hunk(at, header)
        elif line.rstrip() == "--" and _SIGNATURE.match(below):
            cutter.begin_file(at)
        elif not cutter.says(at, line):
            if not fenced and not _belongs(lines, at, cutter):
                return Diff(cutter.files, at, True)
            _take(cutter, at, line)
        at += 1
    return Diff(cutter.files, at, not fenced and not stand.more and _counted_out(cutter))


def _is_empty(line: str) -> bool:
    return line[:1] in ("\r", "\n")


def _shown(lines: Sequence[str], at: int, indent: int) -> str:
    """A line without what its fence is indented by; nothing behind the last one."""
    if at >= len(lines):
        return ""
    line = lines[at]
    return line[min(indent, len(line) - len(line.lstrip(" \t"))) :] if indent else line


def _is_header(line: str, below: str, third: str, hunk: DiffHunk | None) -> bool:
    """Whether that `--- ` line is a file's; in a hunk it may be a removed line."""
    if is_file_header(line, below, third):
        return True
    if hunk is None:
        return is_new_name(below) or hunk_header(below) is not None
    # Where the hunk has no `@@` either, the names themselves have to tell.
    plain = hunk.header is None and is_new_name(below)
    return plain and looks_like_path(header_name(line)) and looks_like_path(header_name(below))


def _drop_preface(cutter: _Cutter) -> None:
    """What stands above the first `diff --git` is a letter: who wrote the diff, and why."""
    if len(cutter.files) == 1 and not cutter.files[0].is_named and all(h.header is None for h in cutter.files[0].hunks):
        cutter.files.clear()


def _take(cutter: _Cutter, at: int, line: str) -> None:
    """Takes a line of a hunk. Where none has begun, one without `@@` begins."""
    if cutter.hunk is None:
        if not line.strip():
            return
        file = cutter.file(at)
        if not file.is_named and not file.hunks and line[:1] not in ("+", "-", " "):
            named = named_file(line)
            path = named.path if named is not None and named.sure else commented_path(line)
            if path is not None:
                file.old = file.new = path
                return
        cutter.begin_hunk(at, None)
    if cutter.hunk is not None:
        cutter.hunk.take(line)


def _belongs(lines: Sequence[str], at: int, cutter: _Cutter) -> bool:
    """Whether the line belongs to a diff that stands in no fence."""
    line = lines[at]
    if at < cutter.gap_end:
        return True
    if line.strip("\r\n"):
        return line[:1] in ("+", "-", " ") or (line.startswith("\\ ") and cutter.hunk is not None)
    # A gap is the diff's only if the diff goes on below it.
    below = next_filled(lines, at)
    if below >= len(lines):
        # Whether it goes on isn't known: the reply may have been cut off in a gap, too.
        cutter.gap_end = below
        return True
    goes_on = hunk_header(lines[below]) is not None or begins_diff(lines, below)
    if not goes_on and cutter.hunk is not None and not cutter.hunk.is_counted_out:
        goes_on = lines[below][:1] in ("+", "-", " ")
    if goes_on:
        cutter.gap_end = below
    return goes_on


def _counted_out(cutter: _Cutter) -> bool:
    """Whether the diff's last hunk has all its lines; without a hunk, whether its last file needs none."""
    if cutter.hunk is not None:
        return cutter.hunk.is_counted_out
    return bool(cutter.files and cutter.files[-1].said & {Said.BINARY})
