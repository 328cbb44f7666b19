"""Writes an edit as a model's reply: as a SEARCH/REPLACE block or as a unified diff, with a sentence before it.

Both placers get the very same reply. Fences have four backticks where the file has lines with three, which is what
either would ask its model for.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from bench.edits.values import Case, Form, Spoilt, as_text

_LANGUAGES = {
    "py": "python", "pyx": "cython", "js": "javascript", "css": "css", "html": "html", "yaml": "yaml", "md": "markdown",
    "c": "c", "h": "c",
}  # fmt: skip


def case_of(kind: str, form: Form, path: str, spoilt: Spoilt) -> Case:
    # What a diff holds is never at a line's beginning, so three are enough there, and aider looks for three.
    fence = "````" if form is Form.BLOCKS and "\n```" in spoilt.text else "```"
    if form is Form.BLOCKS:
        body = block(path, spoilt.search, spoilt.replace, fence)
    else:
        # Where the lines are said to be is only told where it's wrong; else as aider asks its models to write it.
        lines = f"-{spoilt.line + 1},{len(spoilt.search)} +{spoilt.line + 1},{len(spoilt.replace)}"
        where = lines if kind == "moved" else "..."
        body = diff(path, spoilt.search, spoilt.replace, where)
    return Case(kind, form, path, spoilt, f"This is the change to make:\n\n{body}", fence)


def block(path: str, search: Sequence[str], replace: Sequence[str], fence: str = "```") -> str:
    language = _LANGUAGES.get(path.rpartition(".")[2], "")
    halves = f"<<<<<<< SEARCH\n{as_text(search)}=======\n{as_text(replace)}>>>>>>> REPLACE\n"
    return f"{path}\n{fence}{language}\n{halves}{fence}\n\n"


def diff(path: str, search: Sequence[str], replace: Sequence[str], where: str = "...") -> str:
    body: list[str] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, search, replace, autojunk=False).get_opcodes():
        if tag == "equal":
            body += [f" {line}" for line in search[start:end]]
        else:
            body += [f"-{line}" for line in search[start:end]]
            body += [f"+{line}" for line in replace[new_start:new_end]]
    return f"```diff\n--- a/{path}\n+++ b/{path}\n@@ {where} @@\n{as_text(body)}```\n\n"
