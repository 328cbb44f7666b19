"""The system prompts: one for each seat in a discussion, one for the editor model that turns a discussion into edits,
and one for the model that writes roles. And the tasks that a stage gives to whoever speaks in it.

The texts are the Markdown files beside this one, so that they can be read and changed as what they are; `parts/` holds
what several of them say, and `roles/` is the library that `moa_lsp/context/roles.py` reads. Placeholders are `{name}`,
`{role}`, `{seen}` and `{steps}`, filled in one pass: what is filled in is never searched for placeholders, and other
braces in a text mean nothing. A role can come from a project's settings, so it is fenced and escaped like any text from
outside.

Never here: what is said in a discussion (`moa_lsp/discussion/thread.py`), and how a reply is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from moa_lsp.discussion.fences import escape, shown_name
from moa_lsp.discussion.values import Seat

TASKS = ("aggregate", "brainstorm", "critique", "go-on", "optimise", "revise", "verdict")
"""The tasks that have a name: each is a file in `tasks/`."""

_PLACEHOLDER = re.compile(r"\{(name|role|seen|steps)\}")


def architect_prompt(name: str, role: str | None) -> str:
    """The system prompt of the architect `name`. Without a role (or with a blank one) nothing is said of one.

    The name appears in capitals, as it does in the fences. Who else takes part isn't said: that changes from round to
    round, and the beginning of a thread must not, or no provider's cache would hold.
    """
    return _for_seat("architect.md", name, role)


def aggregator_prompt(name: str, role: str | None) -> str:
    """The system prompt of who answers for all: it sees what architects see, and is told to answer the user."""
    return _for_seat("aggregator.md", name, role)


def arbiter_prompt(name: str, role: str | None) -> str:
    """The system prompt of who judges the stages: it is told to end with a verdict and to propose nothing itself."""
    return _for_seat("arbiter.md", name, role)


def seat_prompt(seat: Seat, name: str, role: str | None) -> str:
    """The system prompt of whoever has that seat in a discussion about code."""
    prompts = {Seat.ARCHITECT: architect_prompt, Seat.AGGREGATOR: aggregator_prompt, Seat.ARBITER: arbiter_prompt}
    return prompts[seat](name, role)


def reference_prompt(name: str, role: str | None) -> str:
    """The system prompt of who is asked first where a mixture answers another program: it advises the model that
    answers, and has neither the program's own instructions nor its tools."""
    return _for_seat("reference.md", name, role)


def advice_text() -> str:
    """What stands before the others' words in the message to the model that answers another program."""
    return _text("advice.md").rstrip("\n")


def asking_prompt() -> str:
    """The system prompt of the model that answers a question from a shell or a program, where files go with it."""
    return _text("asking.md")


def editor_prompt() -> str:
    """The system prompt of the editor model; it has no placeholders."""
    return _text("editor.md")


def write_roles_prompt() -> str:
    """The system prompt of the model that writes roles; how many it is to write, its message's `<task>` says. How its
    reply is read: `discussion/roles.py`."""
    return _text("write-roles.md")


@cache
def role_texts() -> Mapping[str, str]:
    """The package's own roles: each file of `roles/`, by its name without the ending."""
    texts = sorted((files("moa_lsp.prompts") / "roles").iterdir(), key=lambda file: file.name)
    return MappingProxyType({file.name.removesuffix(".md"): file.read_text(encoding="utf-8") for file in texts})


def task_text(task: str) -> str:
    """What a stage asks of its speakers, to stand in a `<task>` fence: the text of the task of that name, whatever the
    name's case. Any other words are a task of a user's own, and stay as they are."""
    name = task.strip().lower()
    return _text(f"tasks/{name}.md").rstrip("\n") if name in TASKS else task.strip()


def _for_seat(file: str, name: str, role: str | None) -> str:
    values = {"name": shown_name(name), "role": _role(role), "seen": _text("parts/seen.md")}
    return _filled(_text(file), {**values, "steps": _text("parts/steps.md").rstrip("\n")})


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
