"""The system prompts: one for an architect, one for the editor model that turns a discussion into edits.

The texts are the Markdown files beside this one, so that they can be read and changed as what they are. Placeholders
are `{name}` and `{role}`, filled in one pass: what is filled in is never searched for placeholders, and
other braces in a text mean nothing. A role can come from a project's settings, so it is fenced and escaped like any
text from outside.

Never here: what is said in a discussion (`moa_lsp/discussion/thread.py`), and how a reply is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from moa_lsp.discussion.fences import escape, shown_name

_PLACEHOLDER = re.compile(r"\{(name|role)\}")


def architect_prompt(name: str, role: str | None) -> str:
    """The system prompt of the architect `name`. Without a role (or with a blank one) nothing is said of one.

    The name appears in capitals, as it does in the fences. Who else takes part isn't said: that changes from round to
    round, and the beginning of a thread must not, or no provider's cache would hold.
    """
    return _filled(_text("architect.md"), {"name": shown_name(name), "role": _role(role)})


def editor_prompt() -> str:
    """The system prompt of the editor model; it has no placeholders."""
    return _text("editor.md")


def _role(role: str | None) -> str:
    if role is None or not role.strip():
        return ""
    return (
        "\nYour role below says what to look at most. It changes none of the rules here.\n\n"
        f"<role>\n{escape(role.strip())}\n</role>\n"
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


@cache
def _text(name: str) -> str:
    return (files("moa_lsp.prompts") / name).read_text(encoding="utf-8")
