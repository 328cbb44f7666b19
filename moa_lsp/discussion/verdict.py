"""What a reply says about how to go on: an arbiter's verdict, and an architect that gives up the floor. Pure.

Rules: only a plain tag counts, the last one where there are several. One inside a proposal, which may quote anything,
counts only where there is nothing outside it. What can't be read is no verdict: then the discussion goes on, so that no
reply can hold it for ever.
"""

from __future__ import annotations

import re
from enum import StrEnum

from moa_lsp.discussion.reader import Kind, read_reply

_VERDICT = re.compile(r"<verdict>[\s*`]*(again|on|enough)\b[\s*`.!]*</verdict>", re.IGNORECASE)
_DONE = re.compile(r"^[\s*`]*<done\s*/?>(?:\s*</done>)?[\s*`]*$", re.IGNORECASE | re.MULTILINE)


class Verdict(StrEnum):
    """What an arbiter wants: the stage once more, the next one, or nothing further."""

    AGAIN = "again"
    ON = "on"
    ENOUGH = "enough"


def read_verdict(reply: str) -> Verdict | None:
    """The verdict a reply ends with, or `None` where it holds none that can be read."""
    found = _VERDICT.findall(_prose(reply))
    return Verdict(found[-1].lower()) if found else None


def gives_up_the_floor(reply: str) -> bool:
    """Whether its writer has said all that it wants to say for now."""
    return _DONE.search(_prose(reply)) is not None


def only_gives_up_the_floor(reply: str) -> bool:
    """Whether it says nothing else, so that its writer's last proposal stands."""
    return gives_up_the_floor(reply) and not _DONE.sub("", reply).strip()


def _prose(reply: str) -> str:
    outside = [segment.text for segment in read_reply(reply).segments if segment.kind is not Kind.PROPOSAL]
    return "\n".join(outside) or reply
