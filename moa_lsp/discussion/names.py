"""What architects are called: which names are good, and which name one gets that has none.

A name stands in a fence (`<architect name='ALPHA'>`), in a prompt (`/drop NAME`) and in an editor's margin, so it is
one short word that can close none of them. Names are told apart without regard to case. Never here: who is dropped, or
what a model is called.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count

# fmt: off
NATO = (
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india",
    "juliet", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo",
    "sierra", "tango", "uniform", "victor", "whiskey", "x-ray", "yankee", "zulu",
)
# fmt: on
"""The names handed out, in order; after the last one they begin anew with `-2`, then `-3` and so on."""

EDITOR, AGGREGATOR, ARBITER = "editor", "aggregator", "arbiter"
"""Whoever writes the edits, answers for all, or judges how far the others got."""

COMPOSED = "composed"
"""Whose a change is that was put together of several architects' hunks: nobody's."""

RESERVED = (EDITOR, COMPOSED, "user", AGGREGATOR, ARBITER)
"""Who else speaks in a discussion: no architect may pass for one of them."""

LONGEST = 40
"""Code points in the longest name."""

_FENCE_CHARACTERS = "<>\"'`"
# Control, format (bidi, zero-width), surrogate and unassigned characters: they can't be seen, so a name with one
# of them could pass for another.
_INVISIBLE = {"Cc", "Cf", "Cs", "Cn"}


def fill_names(given: Sequence[str | None]) -> tuple[str, ...]:
    """A name for everyone, in order: the given one, else the next NATO name that nobody bears, whatever its case.

    Given names are kept as they are, also where two are alike; whoever reads them in refuses that.
    """
    taken = {name.lower() for name in given if name is not None}
    free = (name for name in _handed_out() if name not in taken)
    return tuple(next(free) if name is None else name for name in given)


def valid_name(name: str) -> str | None:
    """Why an architect can't be called that, as the end of a sentence about the name; `None` where it can."""
    if not name:
        return "can't be empty"
    if len(name) > LONGEST:
        return f"can't be longer than {LONGEST} characters"
    if any(character.isspace() for character in name):
        return "can't hold spaces or line breaks"
    if any(unicodedata.category(character) in _INVISIBLE for character in name):
        return "can't hold control characters or characters that can't be seen"
    if any(character in _FENCE_CHARACTERS for character in name):
        return "can't hold <, > or quotes"
    if name.lower() in RESERVED:
        return f"can't be {', '.join(RESERVED[:-1])} or {RESERVED[-1]}: that is someone else in the discussion"
    return None


def _handed_out() -> Iterator[str]:
    yield from NATO
    for turn in count(2):
        for name in NATO:
            yield f"{name}-{turn}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
