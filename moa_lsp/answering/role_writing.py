"""Roles written for a task, where a preset wants its architects to differ by that: what the model is asked, and what
becomes of its reply.

Who is asked it when, and whether somebody looks at the roles before they are used, is the caller's business. How a
reply is read for roles is `moa_lsp/discussion/roles.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from moa_lsp.discussion import fences
from moa_lsp.discussion.roles import roles_in
from moa_lsp.discussion.values import Architect, Message, Seat
from moa_lsp.prompts import write_roles_prompt


def asked_for_roles(architects: Sequence[Architect], message: str, shown: str = "") -> tuple[Message, ...]:
    """What the model that writes roles is sent: the task in the user's words, and how many roles it takes. `shown` are
    files in their fences, where some are shown."""
    number = len(wanting(architects))
    parts = (shown, fences.user_message(message), fences.task(f"Write {number} viewpoints."))
    return Message("system", write_roles_prompt()), Message("user", "\n\n".join(part for part in parts if part))


def with_roles(architects: Sequence[Architect], reply: str) -> tuple[Architect, ...]:
    """The architects with the roles of that reply, in order. Those for whom it holds none keep none."""
    without = wanting(architects)
    roles = dict(zip((one.name for one in without), roles_in(reply, len(without)), strict=False))
    return tuple(evolve(one, set_role=roles[one.name]) if one.name in roles else one for one in architects)


def wanting(architects: Sequence[Architect]) -> list[Architect]:
    """Those who speak for themselves, aren't dropped and have no role yet."""
    return [one for one in architects if one.seat is Seat.ARCHITECT and not one.dropped and not one.plays]
