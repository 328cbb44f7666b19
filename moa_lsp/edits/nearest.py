"""Says what a person or a model needs to mend a SEARCH that isn't in the file: whether the edit is made already, and
which lines come closest.

Nothing here ever places an edit: look-alike methods come closest to each other, and taking the nearest is how other
tools edit the wrong one (10 of 10, measured). Time is bounded: a hint isn't worth waiting for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from moa_lsp.edits.draft import Draft
from moa_lsp.edits.elision import is_elision
from moa_lsp.edits.lines import split_lines

_RARE = 20
_MOST_SEARCHED = 500
_MOST_COMPARED = 5_000
_LONGEST_COMPARED = 200
_SIMILAR = 75


def hint_for(draft: Draft, search: str, replace: str, path: str, compare: bool) -> str | None:
    """A sentence or two about a search that isn't in the file; `None` where nothing helpful is known.

    `compare` allows the slower look for similar lines, where no line of the search is in the file.
    """
    said: list[str] = []
    if replace.strip() and (places := draft.find(replace)):
        said.append(f"The edit seems to be made already: its new text stands at line {draft.origin(places[0]) + 1}.")
    elif near := _nearest(draft, split_lines(search)[:_MOST_SEARCHED], compare):
        said.append(near)
    if any(is_elision(line, path) for line in split_lines(search)):
        said.append("A SEARCH can't leave lines out: write two edits instead.")
    return " ".join(said) or None


def nearest_path(path: str, known: Iterable[str]) -> str | None:
    """A sentence naming the known path most like this one, if one is."""
    found = process.extractOne(path, list(known)[:_MOST_COMPARED], scorer=fuzz.ratio, score_cutoff=_SIMILAR)
    return f"Perhaps {found[0]} is meant." if found is not None else None


def _nearest(draft: Draft, search: Sequence[str], compare: bool) -> str | None:
    """Where most of the search's lines stand in the original, by a vote of those that are rare there."""
    wanted = {line.strip() for line in search if len(line.strip()) > 3}
    votes: Counter[int] = Counter()
    for offset, line in enumerate(search):
        text = line.strip()
        places = draft.lines_saying(text) if text in wanted else ()
        if len(places) <= _RARE:
            votes.update(at - offset for at in places)
    if votes:
        start = max(votes.most_common(1)[0][0], 0)
        return _described(draft.original, start, search)
    if not compare or not wanted:
        return None
    choices = [line.strip()[:_LONGEST_COMPARED] for line in draft.original[:_MOST_COMPARED]]
    longest = max(wanted, key=len)[:_LONGEST_COMPARED]
    found = process.extractOne(longest, choices, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
    return f"The most similar line is line {found[2] + 1}: {_short(found[0])}" if found is not None else None


def _described(original: Sequence[str], start: int, search: Sequence[str]) -> str:
    end = min(start + len(search), len(original))
    lines = f"line {start + 1}" if end - start == 1 else f"lines {start + 1} to {end}"
    for at, line in zip(range(start, end), search, strict=False):
        if original[at].rstrip() != line.rstrip():
            indented = " (only its indentation differs)" if original[at].strip() == line.strip() else ""
            return f"The nearest is {lines}; line {at + 1} there reads {_short(original[at])}{indented}."
    return f"The nearest is {lines}."


def _short(line: str) -> str:
    text = line.rstrip("\r\n")
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
