"""Hunks put into a text, and changes written as a unified diff that `git apply` takes at the workspace's root.

The hunks' bodies are libgit2's; the headers are written here, because libgit2 can't name a created or a renamed file
when it compares strings. Reading diffs that models write is not done here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pygit2
from pygit2.enums import DiffOption

from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk

_NEEDS_QUOTES = re.compile(r'[\x00-\x1f\x7f"\\]')
_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def hunk_text_after(text: str, hunks: Iterable[Hunk]) -> str:
    """The text with all these hunks put in. They stand in the text's own lines and may come in any order.

    Two insertions at one place are put in in the order given. Raises ValueError where a hunk's old lines aren't
    what stands there, and where two hunks overlap.
    """
    lines = split_lines(text)
    parts: list[str] = []
    done = 0
    for hunk in sorted(hunks, key=lambda one: (one.start, one.end)):
        if hunk.start < done:
            raise ValueError(f"two hunks overlap at line {hunk.start + 1}")
        if hunk.end > len(lines) or "".join(lines[hunk.start : hunk.end]) != hunk.old:
            raise ValueError(f"line {hunk.start + 1} isn't what the hunk expects there")
        parts += lines[done : hunk.start]
        parts.append(hunk.new)
        done = hunk.end
    return "".join([*parts, *lines[done:]])


def unified_diff(changes: Iterable[tuple[FileChange, str | None]]) -> str:
    """All of the changes' hunks as one diff; with each change comes its file's text before, `None` for no file.

    Raises ValueError as `hunk_text_after` does.
    """
    return "".join(_file_diff(change, before) for change, before in changes)


def _file_diff(change: FileChange, before: str | None) -> str:
    old_path, new_path = change.path, change.new_path or change.path
    after = "" if change.kind is FileKind.DELETE else hunk_text_after(before or "", change.hunks)
    body = _body(before or "", after)
    head = [f"diff --git {_name('a/', old_path)} {_name('b/', new_path)}\n"]
    if change.kind is FileKind.CREATE:
        head.append("new file mode 100644\n")
    elif change.kind is FileKind.DELETE:
        head.append("deleted file mode 100644\n")
    elif old_path != new_path:
        head += [f"rename from {_name('', old_path)}\n", f"rename to {_name('', new_path)}\n"]
    elif not body:
        return ""
    if body:
        head.append(f"--- {'/dev/null' if change.kind is FileKind.CREATE else _marked(_name('a/', old_path))}\n")
        head.append(f"+++ {'/dev/null' if change.kind is FileKind.DELETE else _marked(_name('b/', new_path))}\n")
    return "".join(head) + body


def _body(before: str, after: str) -> str:
    if before == after:
        return ""
    # A lone surrogate, which an editor may send, is no UTF-8; it's carried through instead of raising.
    old, new = (text.encode("utf-8", "surrogatepass") for text in (before, after))
    patch = pygit2.Patch.create_from(old, new, flag=DiffOption.FORCE_TEXT, context_lines=3, interhunk_lines=0)
    data = patch.data
    return data[data.index(b"\n@@ ") + 1 :].decode("utf-8", "surrogatepass")


def _name(side: str, path: str) -> str:
    """A name as git writes it: in quotes where it holds what would end it. Other alphabets stay legible."""
    if not _NEEDS_QUOTES.search(path):
        return side + path
    quoted = _NEEDS_QUOTES.sub(lambda match: _QUOTED.get(match[0], f"\\{ord(match[0]):03o}"), path)
    return f'"{side}{quoted}"'


def _marked(name: str) -> str:
    """git ends a name that holds a blank with a tab, so that no date is looked for after the blank."""
    return f"{name}\t" if " " in name and not name.startswith('"') else name
