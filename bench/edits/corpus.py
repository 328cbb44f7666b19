"""All cases, from a seed: so many of each class, spread over the sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from bench.edits.cases import (
    Spoil,
    added_already,
    already_applied,
    blank_ends,
    elided,
    exact,
    near_miss,
    shifted_indent,
    tabs,
    trailing_space,
    two_faults,
)
from bench.edits.crowded import ambiguous, moved, near_twin
from bench.edits.render import case_of
from bench.edits.sources import Source
from bench.edits.values import Case, Form

SEED = 20_000

BLOCKS: dict[str, Spoil] = {
    "exact": exact,
    "shifted indentation": shifted_indent,
    "tabs for blanks": tabs,
    "trailing blanks": trailing_space,
    "empty lines at the ends": blank_ends,
    "elided with `...`": elided,
    "two faults at once": two_faults,
    "moved": moved,
    "applied already": already_applied,
    "added already": added_already,
    "near miss": near_miss,
    "near twin": near_twin,
    "ambiguous": ambiguous,
}
DIFFS = ("exact", "shifted indentation", "trailing blanks", "moved", "near miss", "near twin", "ambiguous")


def corpus(sources: Sequence[Source], each: int, each_diff: int, seed: int = SEED) -> Iterator[Case]:
    """`each` cases of every class as SEARCH/REPLACE blocks, and `each_diff` of some as unified diffs.

    The same arguments give the same cases. Raises ValueError where the sources can't give so many of a class.
    """
    for kind, spoil in BLOCKS.items():
        yield from _of(kind, spoil, Form.BLOCKS, sources, each, seed)
    # Lines of a diff in Markdown may look like the end of its fence: that would measure readers, not placers.
    plain = [source for source in sources if source.suffix != "md"]
    for kind in DIFFS:
        yield from _of(kind, BLOCKS[kind], Form.DIFF, plain, each_diff, seed)


def _of(kind: str, spoil: Spoil, form: Form, sources: Sequence[Source], wanted: int, seed: int) -> Iterator[Case]:
    random = Random(f"{seed} {form} {kind}")
    made = 0
    for _ in range(wanted * 200):
        if made == wanted:
            return
        source = random.choice(sources)
        spoilt = spoil(source, random)
        if spoilt is not None and spoilt.search != spoilt.replace:
            made += 1
            yield case_of(kind, form, source.path, spoilt)
    raise ValueError(f"only {made} cases of {kind!r} could be made")
