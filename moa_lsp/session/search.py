"""Finds discussions by words: what counts as found, and which excerpts show it. Pure.

A discussion is found where each word of the query stands somewhere in it, in its title, in a message or in a reply,
whatever its case. Excerpts are of the texts that hold the most of the words, the earlier of equals first. Where the
texts come from is `store/whole_discussions.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

MOST = 3
"""Excerpts of one discussion."""
LONGEST = 160
"""Characters of one excerpt, the marks of what was left out included."""
_BEFORE = 50
"""Characters shown before the first word that was found."""


@frozen
class Excerpt:
    """Where words were found: in the user's message of a round (`architect` is `None`) or in a reply, and the words
    around them on one line."""

    round: int
    architect: str | None
    text: str


def excerpts(query: str, title: str, texts: Iterable[tuple[int, str | None, str]]) -> tuple[Excerpt, ...] | None:
    """What shows that the query is in a discussion with that title and these texts (round, speaker, text), in their
    order; none where the title alone holds it all, and `None` where the discussion isn't found."""
    words = [re.compile(re.escape(word), re.IGNORECASE) for word in dict.fromkeys(query.split())]
    missing = [word for word in words if not word.search(title)]
    hits: list[tuple[int, Excerpt]] = []
    for round, architect, text in texts:
        found = [word for word in words if word.search(text)]
        if found:
            missing = [word for word in missing if word not in found]
            hits.append((len(found), Excerpt(round, architect, _excerpt(text, found))))
    if missing or not words:
        return None
    best = sorted(range(len(hits)), key=lambda at: -hits[at][0])[:MOST]
    return tuple(hits[at][1] for at in sorted(best))


def _excerpt(text: str, words: list[re.Pattern[str]]) -> str:
    line = " ".join(text.split())
    at = min((found.start() for word in words if (found := word.search(line))), default=0)
    if len(line) <= LONGEST:
        return line
    start = max(0, min(at - _BEFORE, len(line) - LONGEST + 1))
    if start:
        # Begins with a whole word where there is one to begin with.
        start = line.find(" ", start, at) + 1 or start
    before = "…" if start else ""
    room = LONGEST - len(before)
    rest = line[start:]
    return before + (rest if len(rest) <= room else f"{rest[: room - 1].rstrip()}…")
