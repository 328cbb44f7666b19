"""Which of a provider's many models people are shown when they are to pick one: the newest, by their names.

No list says when a model came out, so its name has to: the higher number is the newer one, and one that is called the
latest is that. Never here: which models there are (litellm knows, in its worker), and whether they can be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_OTHER_TRADES = re.compile(
    r"(?:^|[-/.])(?:audio|voxtral|tts|realtime|transcribe|search|image|vision|robotics|computer-use|deep-research|live|fim"
    r"|guard|safeguard|customtools|exp|experimental)(?:[-/.]|$)"
)
"""Parts of the names of models that don't talk about code, and of passing trials."""

_DATE = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{2}-20\d{2}|20\d{6}|\d{4})(?=-|$)")
_VERSION = re.compile(r"(?<![\d.])(\d{1,2})(?:[.-](\d{1,2}))?(?![\d.]|[a-z]*b\b)", re.IGNORECASE)
"""Not what counts a model's parameters, as in `14b`."""


def newest(names: Iterable[str], first: str | None, most: int) -> list[str]:
    """At most so many of these names, newest first; `first`, where there is one, before all others. What is the
    same model by another name, with a date or as its latest, is left out."""
    known = set(names)
    kept = {name for name in known if not _OTHER_TRADES.search(name) and not _is_twice(name, known)} - {first}
    found = sorted(kept, key=lambda name: (-_version(name), len(name), name))
    return ([first] if first else []) + found[: most - 1 if first else most]


def _is_twice(name: str, known: set[str]) -> bool:
    plain = _DATE.sub("", name)
    if plain != name:
        return plain in known or f"{plain}-latest" in known
    return name.endswith("-latest") and name.removesuffix("-latest") in known


def _version(name: str) -> float:
    """The number in a model's name: 4.5 for `claude-opus-4-5`; beyond all of them for a latest one without any."""
    plain = _DATE.sub("", name.rpartition("/")[2])
    if found := _VERSION.search(plain):
        return float(f"{found[1]}.{found[2] or 0}")
    return float("inf") if plain.endswith("latest") else 0.0
