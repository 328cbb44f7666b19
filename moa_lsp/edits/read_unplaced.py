"""Recognises edits in forms that can't be placed yet: unified diffs and `*** Begin Patch` envelopes.

Each becomes a problem that names its files and asks for SEARCH/REPLACE blocks, so that none is dropped in silence.
Nothing here reads what such an edit would change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.path_line import named_file
from moa_lsp.edits.read_search_replace import begins_block
from moa_lsp.edits.reply import Found, Stand, closing_line, fence_of, next_filled
from moa_lsp.edits.values import Problem

_DIFF_LANGUAGES = frozenset({"diff", "patch", "udiff"})
_OLD_FILE = re.compile(r"^--- +\S")
_NEW_FILE = re.compile(r"^\+\+\+ +\S")
_HUNK = re.compile(r"^@@.*@@|^@@\s*$")
_IN_DIFF = re.compile(
    r"^(?:[ +\\-]|@@|diff --git |index [0-9a-f]|(?:new|deleted|old) (?:file )?mode |rename |similarity )"
)
_NAMED_IN_DIFF = re.compile(r"^(?:---|\+\+\+) +(?:[ab]/)?([^\t\r\n]+)")
_NAMED_IN_PATCH = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: *([^\r\n]+)")

_HINT = "Ask for the same edit as SEARCH/REPLACE blocks."


def read_unplaced(stand: Stand) -> Found | None:
    """The diff or patch envelope that begins on this line, as problems."""
    line = stand.lines[stand.at]
    if line.startswith("*** Begin Patch"):
        return _envelope(stand)
    fence = fence_of(line)
    if fence is not None and fence.info.split(" ", 1)[0].lower() in _DIFF_LANGUAGES and stand.fence is None:
        return _fenced_diff(stand)
    if _OLD_FILE.match(line) and _is_diff(stand.lines, stand.at):
        end = _diff_end(stand.lines, stand.at)
        return _problems(stand, end, "a unified diff", _NAMED_IN_DIFF)
    return None


def _envelope(stand: Stand) -> Found:
    lines = stand.lines
    end = next((at + 1 for at in range(stand.at, len(lines)) if lines[at].startswith("*** End Patch")), len(lines))
    return _problems(stand, end, "a `*** Begin Patch` envelope", _NAMED_IN_PATCH)


def _fenced_diff(stand: Stand) -> Found | None:
    lines = stand.lines
    fence = fence_of(lines[stand.at])
    first = next_filled(lines, stand.at + 1)
    second = next_filled(lines, first + 1)
    if fence is None or begins_block(lines, first) or begins_block(lines, second):
        return None
    closing = closing_line(lines, stand.at + 1, fence)
    end = len(lines) if closing is None else closing + 1
    return _problems(stand, end, "a unified diff", _NAMED_IN_DIFF)


def _is_diff(lines: Sequence[str], at: int) -> bool:
    return at + 2 < len(lines) and bool(_NEW_FILE.match(lines[at + 1])) and bool(_HUNK.match(lines[at + 2]))


def _diff_end(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and (_IN_DIFF.match(lines[at]) or not lines[at].strip()):
        at += 1
    return at


def _problems(stand: Stand, end: int, form: str, naming: re.Pattern[str]) -> Found:
    files = list(dict.fromkeys(_files(stand.lines[stand.at : end], naming))) or [_path_above(stand)]
    message = f"The edit at line {stand.at + 1} of the reply is {form}, a form that this version can't place yet."
    problems = tuple(Problem(message, file, _HINT) for file in files)
    return Found(end, problems=problems, path=files[-1])


def _files(lines: Iterable[str], naming: re.Pattern[str]) -> Iterable[str]:
    for line in lines:
        match = naming.match(line)
        if match is not None and match[1].strip() != "/dev/null":
            yield unescape(match[1].strip())


def _path_above(stand: Stand) -> str | None:
    at = stand.at - 1
    while at > stand.floor and not stand.lines[at].strip():
        at -= 1
    named = named_file(stand.lines[at]) if at >= stand.floor else None
    return named.path if named is not None else stand.path
