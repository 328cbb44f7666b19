"""The lines that a diff is made of besides its text: which files it names, and where its hunks say they stand.

Rules:
- Models write these lines by heart: prefixes missing on one side, numbers wrong, made up or left out. What a line says
  is taken as far as it can be understood; nothing here decides where a hunk goes.
- A `--- ` line is a file's header only together with the `+++ ` line below it: a removed line may begin so as well.

Cutting a diff into files and hunks is done in `read_diff.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import field, frozen

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.reading.reply import Fence
from moa_lsp.edits.values import Near

NOWHERE = "/dev/null"
DIFF_NAMES = (".diff", ".patch")
DIFF_LANGUAGES = frozenset({"diff", "patch", "udiff"})

_OLD = re.compile(r"^--- +\S")
_NEW = re.compile(r"^\+\+\+ +\S")
_GIT = re.compile(r"^diff --(?:git|cc|combined) +\S")
_HUNK = re.compile(r"^@@(?!@)(?=[\s+-]|$)")
_COMBINED = re.compile(r"^@@@+(?=[\s-])")
_NUMBERED = re.compile(r"^@@ *-\d+(?:,\d+)? +\+\d+(?:,\d+)? *@@")

_NUMBERS = re.compile(r"^[ \t]*-(\d{1,9})(?:,(\d{1,9}))?(?:[ \t]+\+(\d{1,9})(?:,(\d{1,9}))?)?(?![\w,])")
_LINE_NUMBER = re.compile(r"^[ \t]*(?:lines?[ \t]+)?(\d{1,9})(?:[ \t]*[-,][ \t]*\d+)?[ \t]*$", re.IGNORECASE)
# What stands for numbers that the model didn't know: dots, `-X,Y +X,Y`, nothing.
_NO_NUMBERS = re.compile(r"^[\W\d_]*$|^[ \t]*-[a-z](?:,[a-z])?[ \t]+\+[a-z](?:,[a-z])?[ \t]*$", re.IGNORECASE)

_QUOTED = re.compile(r'^"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
# A run of blanks is tried at its first one only: at each of 60,000 it takes seconds (measured).
_STAMP = re.compile(r"(?<![ \t])[ \t]+\d{4}-\d\d-\d\d(?:[ \tT]+\d\d:\d\d\S*(?:[ \t]+[+-]\d{4})?)?$")
_REMARK = re.compile(
    r"(?<![ \t])[ \t]+\((?:the )?(?:original|old|new|modified|updated|before|after|current)(?: file)?\)$", re.I
)
_PREFIXES = frozenset({"a", "b", "c", "i", "o", "w", "old", "new", "orig", "original", "modified", "before", "after"})
_LONGEST_NAME = 4096
_BACKUPS = (".orig", ".old", ".bak")


@frozen
class HunkHeader:
    """What a hunk's first line says. `counts` are the lines of the old and the new text, `absent` that there is no old
    text at all, as in `@@ -0,0 +1,3 @@`."""

    near: Near = field(factory=Near)
    counts: tuple[int, int] | None = None
    absent: bool = False


_NO_HEADER = HunkHeader()


def says_diff(fence: Fence) -> bool:
    """Whether the fence says that it holds a diff."""
    return bool(fence.info) and re.split(r"[\s:]", fence.info, maxsplit=1)[0].lower() in DIFF_LANGUAGES


def begins_diff(lines: Sequence[str], at: int) -> bool:
    """Whether a diff begins on that line, told by itself or by the two lines below it.

    One of a file's two names is enough where a hunk follows directly."""
    if at >= len(lines) or not lines[at].startswith(("---", "+++", "diff", "@@")):
        return False
    if is_git_header(lines[at]) or _NUMBERED.match(lines[at]) is not None:
        return True
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if (is_old_name(lines[at]) or is_new_name(lines[at])) and hunk_header(below) is not None:
        return True
    return at + 2 < len(lines) and is_file_header(lines[at], below, lines[at + 2])


def header_path(lines: Sequence[str], at: int) -> str | None:
    """The file that a diff which begins on that line names first, if its names agree."""
    if not begins_diff(lines, at):
        return None
    names = git_names(lines[at]) if is_git_header(lines[at]) else None
    if names is None and is_old_name(lines[at]) and is_new_name(lines[at + 1]):
        names = header_name(lines[at]), header_name(lines[at + 1])
    return same_file(*names) if names is not None else None


def is_git_header(line: str) -> bool:
    return line.startswith("diff --") and _GIT.match(line) is not None


def is_file_header(first: str, second: str, third: str) -> bool:
    """Whether a file's `--- ` and `+++ ` lines stand there, with a hunk below them."""
    return is_old_name(first) and is_new_name(second) and (_HUNK.match(third) is not None or is_combined(third))


def is_old_name(line: str) -> bool:
    return line.startswith("--- ") and _OLD.match(line) is not None


def is_new_name(line: str) -> bool:
    return line.startswith("+++ ") and _NEW.match(line) is not None


def is_combined(line: str) -> bool:
    """Whether a hunk of a diff against several old files begins there."""
    return line.startswith("@@@") and _COMBINED.match(line) is not None


def hunk_header(line: str) -> HunkHeader | None:
    """What the line says, if a hunk begins there: `@@ -1,4 +1,5 @@ def f():`, `@@`, `@@ ... @@`, `@@ class Shop`."""
    if not line.startswith("@@") or _HUNK.match(line) is None:
        return None
    if line.rstrip() == "@@":
        return _NO_HEADER
    inside, _, behind = line[2:].rstrip().partition("@@")
    numbers = _NUMBERS.match(inside)
    if numbers is not None:
        under = _headings(inside[numbers.end() :], behind)
        start = int(numbers[1])
        old = int(numbers[2]) if numbers[2] is not None else 1
        new = int(numbers[4]) if numbers[4] is not None else 1
        counts = (old, new) if numbers[3] is not None else None
        return HunkHeader(Near(start - 1 if start else None, under), counts, start == 0 and old == 0)
    if (number := _LINE_NUMBER.match(inside)) is not None:
        return HunkHeader(Near(max(int(number[1]) - 1, 0), _headings(behind)))
    return HunkHeader(Near(under=_headings("" if _NO_NUMBERS.match(inside) else inside, behind)))


def _headings(*written: str) -> tuple[str, ...]:
    """The lines that a hunk says it stands under, with their indentation: one blank parts them from the `@@`."""
    return tuple(unescape(text.removeprefix(" ").rstrip()) for text in written if text.strip())


def header_name(line: str) -> str:
    """The name in a `--- ` or `+++ ` line as it was written, without time stamp and quotes; `NOWHERE` for none."""
    text = line[3:].strip()
    if (quoted := _QUOTED.match(text)) is not None:
        return _unquoted(quoted[1])
    text = text.split("\t", 1)[0].rstrip()
    if len(text) <= _LONGEST_NAME:
        text = _REMARK.sub("", _STAMP.sub("", text)).strip("`")
    return NOWHERE if text in (NOWHERE, "dev/null", "a/dev/null", "b/dev/null") else unescape(text)


def bare_name(text: str) -> str:
    """The name behind `rename from` and the like."""
    text = text.strip()
    quoted = _QUOTED.match(text)
    return _unquoted(quoted[1]) if quoted is not None else unescape(text)


def git_names(line: str) -> tuple[str, str] | None:
    """Both names of a `diff --git a/x b/x` line, where they can be told apart."""
    if not line.startswith("diff --git "):
        return None
    text = line[len("diff --git ") :].strip()
    if text.startswith('"') and (first := _QUOTED.match(text)) is not None:
        rest = text[first.end() :].strip()
        second = _QUOTED.match(rest)
        return _unquoted(first[1]), _unquoted(second[1]) if second is not None else rest
    # Names may hold blanks: two that are the same but for their prefix are found by their length.
    half = len(text) // 2
    if text[half : half + 1] == " " and same_file(text[:half], text[half + 1 :]) is not None:
        return unescape(text[:half]), unescape(text[half + 1 :])
    words = re.split(r" (?=b/)", text)
    if len(words) != 2:
        words = text.split(" ")
    return (unescape(words[0]), unescape(words[1])) if len(words) == 2 else None


def same_file(old: str, new: str) -> str | None:
    """The path that both names mean, with what was put before or behind it for the diff's sake taken off."""
    if old == new:
        return old
    for one in (old, without_prefix(old, "a")):
        for other in (new, without_prefix(new, "b")):
            if one == other:
                return one
    first, slash, rest = _parted(old)
    other_first, other_slash, other_rest = _parted(new)
    if slash and other_slash and rest == other_rest and {first.lower(), other_first.lower()} <= _PREFIXES:
        return rest
    if any(old == new + backup or without_prefix(old, "a") == without_prefix(new, "b") + backup for backup in _BACKUPS):
        return without_prefix(new, "b")
    return None


def without_prefix(name: str, letter: str) -> str:
    """The name without the `a/` or `b/` that git puts before it."""
    return name[2:] if name[:1] == letter and name[1:2] in ("/", "\\") and len(name) > 2 else name


def looks_like_path(name: str) -> bool:
    """Whether a header's name may be a file's; "Original" and "Modified" are none."""
    return name == NOWHERE or "/" in name or "\\" in name or "." in name.strip(".")


def _parted(name: str) -> tuple[str, str, str]:
    found = re.search(r"[/\\]", name)
    return (name, "", "") if found is None else (name[: found.start()], found[0], name[found.end() :])


def _unquoted(text: str) -> str:
    """A name as git quotes it: the bytes of what isn't ASCII in octal."""

    def plain(match: re.Match[bytes]) -> bytes:
        written = match[1]
        return bytes([int(written, 8) & 0xFF]) if len(written) == 3 else _ESCAPES.get(written, written)

    # What isn't UTF-8 becomes characters that no path may hold, so that it is refused by name.
    return unescape(_ESCAPED.sub(plain, text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogateescape"))
