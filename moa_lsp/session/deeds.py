"""What a hunk does, in words for people. Pure; where the words are shown isn't known here."""

from __future__ import annotations

from moa_lsp.discussion.values import Turn
from moa_lsp.edits.differing.values import Stand
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk

_EXCERPT = 60

GLYPHS = {Stand.CONTESTED: "◆", Stand.AGREED: "≡", Stand.ALONE: "◇", Stand.SETTLED: "◈"}
"""One sign for how a hunk stands among the architects, the same wherever it is shown."""


def describe(file: FileChange, hunk: Hunk, stand: Stand | None = None) -> str:
    """Who proposes what, in a sentence and the first new line; with its sign where there is more to say of how it
    stands than that somebody proposes it."""
    who = " and ".join(hunk.sources) or "moa"
    verb = "propose" if len(hunk.sources) > 1 else "proposes"
    sign = f"{GLYPHS[stand]} " if stand and stand is not Stand.ALONE else ""
    return f"{sign}{who} {verb} to {deed(file, hunk)}"


def gave_up(turn: Turn) -> list[str]:
    """Whose edits an architect took to in that turn, away from its own: a sentence for each."""
    return [f"{turn.architect} gave up edits of its own for {one.to}'s, which it had seen." for one in turn.gave_up]


def deed(file: FileChange, hunk: Hunk, *, with_excerpt: bool = True) -> str:
    """What a hunk does, from its verb on; with the first new line, where it writes some."""
    old, new = len(split_lines(hunk.old)), len(split_lines(hunk.new))
    excerpt = f": {_excerpt(hunk.new)}" if with_excerpt else ""
    if file.kind is FileKind.CREATE:
        return f"create {file.path} with {_count(new)}"
    if file.kind is FileKind.DELETE:
        return f"delete {file.path}"
    if file.kind is FileKind.RENAME and hunk.renames:
        return f"rename {file.path} to {file.new_path}"
    if not old:
        return f"insert {_count(new)}{excerpt}"
    if not new:
        return f"remove {_count(old)}"
    return f"replace {_count(old)} by {_count(new)}{excerpt}"


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"


def _excerpt(text: str) -> str:
    first = next((line.strip() for line in split_lines(text) if line.strip()), "(blank)")
    return first if len(first) <= _EXCERPT else f"{first[: _EXCERPT - 1]}…"
