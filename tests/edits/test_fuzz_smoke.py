"""A few hundred of the examples that `scripts/fuzz` runs for minutes: always the same ones, and without a clock."""

from __future__ import annotations

import random
from collections import Counter

from tests.edits.fuzzing import corpus, mutated, run_one

_EXAMPLES = 300


def test_no_mutated_reply_goes_wrong() -> None:
    seeds = corpus()
    outcomes: Counter[str] = Counter()
    for number in range(_EXAMPLES):
        rng = random.Random(f"smoke-{number}")
        example = mutated(seeds, rng)
        try:
            outcomes[run_one(example, rng)] += 1
        except Exception as error:
            error.add_note(f"example {number}: {example.reply[:2000]!r}")
            raise
    # Examples that never come to anything would show nothing.
    assert outcomes["placed"] > _EXAMPLES // 10
    assert outcomes["refused"] > _EXAMPLES // 10
