"""Says what a person or a model needs to mend a search that isn't in the file: which lines come closest, where they
first differ, and how.

Nothing here ever places an edit: look-alike methods come closest to each other, and taking the nearest is how other
tools edit the wrong one (10 of 10, measured). Time is bounded: a hint isn't worth waiting for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import normalize

from attrs import frozen
from rapidfuzz import fuzz, process

from moa_lsp.edits.lines import BLANKS, bare
from moa_lsp.edits.placing.draft import Shelf

_RARE = 20
_MOST_SEARCHED = 500
_MOST_COMPARED = 5_000
_LONGEST_COMPARED = 200
_SIMILAR = 75
_SHORTEST_TELLING = 4


@frozen
class Nearest:
    """The file's lines `start` to `end` (excluded) come closest to a search; `said` tells how they differ."""

    start: int
    end: int
    said: str


def nearest(shelf: Shelf, search: Sequence[str], compare: bool) -> Nearest | None:
    """The lines of the file that come closest to the searched ones; `None` where none are like them.

    `search` are lines without their ends. `compare` allows the slower look for similar lines, where no line of the
    search is in the file.
    """
    search = search[:_MOST_SEARCHED]
    votes: Counter[int] = Counter()
    for offset, line in enumerate(search):
        text = bare(line)
        places = shelf.index.get(text, ()) if len(text) >= _SHORTEST_TELLING else ()
        if len(places) <= _RARE:
            votes.update(at - offset for at in places)
    if votes:
        start = max(votes.most_common(1)[0][0], 0)
        return _described(shelf.lines, start, search)
    telling = [(len(line.strip()), at) for at, line in enumerate(search) if len(line.strip()) >= _SHORTEST_TELLING]
    if not compare or not telling:
        return None
    offset = max(telling)[1]
    choices = [line.strip()[:_LONGEST_COMPARED] for line in shelf.lines[:_MOST_COMPARED]]
    longest = search[offset].strip()[:_LONGEST_COMPARED]
    found = process.extractOne(longest, choices, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
    return _described(shelf.lines, max(found[2] - offset, 0), search) if found is not None else _inside(shelf, search)


def _inside(shelf: Shelf, search: Sequence[str]) -> Nearest | None:
    """The one line of the file that holds the search, where this is a single line, as a part of it."""
    lines = [bare(line) for line in search if bare(line)]
    if len(lines) != 1 or len(lines[0]) < _SHORTEST_TELLING:
        return None
    holding = [at for at, line in enumerate(shelf.bare) if lines[0] in line]
    if len(holding) != 1:
        return None
    at = holding[0]
    return Nearest(at, at + 1, f"Line {at + 1} holds it inside a longer line: {_short(shelf.bare[at])}.")


def nearest_path(path: str, known: Iterable[str]) -> str | None:
    """A sentence naming the known path most like this one, if one is."""
    found = process.extractOne(
        path, list(known)[:_MOST_COMPARED], scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_SIMILAR
    )
    return f"Perhaps {found[0]} is meant." if found is not None else None


def _described(original: Sequence[str], start: int, search: Sequence[str]) -> Nearest:
    end = min(start + len(search), len(original))
    one = end - start == 1
    closest = f"The closest is line {start + 1}" if one else f"The closest are lines {start + 1} to {end}"
    for at, line in zip(range(start, end), search, strict=False):
        there = original[at].rstrip(BLANKS)
        if there == line.rstrip(BLANKS):
            continue
        if bare(there) == bare(line):
            difference = f"is indented otherwise: {_short(there)}, not {_short(line)}"
        elif normalize("NFC", there) == normalize("NFC", line):
            codes = ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(there) if c not in line)
            difference = f"looks the same and is written with other characters ({codes or 'in another order'})"
        elif not line.strip():
            difference = f"reads {_short(there)} where the edit has a blank line"
        elif not there:
            difference = f"is blank where the edit has {_short(line)}"
        else:
            difference = f"reads {_short(there)}, not {_short(line)}"
        first = "it" if one else f"line {at + 1} is the first that differs: it"
        return Nearest(start, end, f"{closest}; {first} {difference}.")
    cut_short = f", where the file ends before {_short(search[end - start])}" if end - start < len(search) else ""
    return Nearest(start, end, f"{closest}{cut_short}.")


def _short(line: str) -> str:
    text = line.rstrip()
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
