"""Says what came of a case, by the text alone: what a placer reports of itself doesn't count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import field, frozen

from bench.edits.values import Case, Duty, Outcome, Verdict


def judge(case: Case, outcome: Outcome) -> Verdict:
    """What the placer did with the case.

    - To be placed: right is the expected text and nothing else.
    - To be refused: right is the unchanged text. Another is "as meant" where it's what the writer had in mind.
    - Applied already: right is the unchanged text, whether it was refused or called done.
    """
    spoilt = case.spoilt
    unchanged = outcome.text is None or outcome.text == spoilt.text
    if spoilt.duty is Duty.PLACE:
        if outcome.text == spoilt.expected:
            return Verdict.RIGHT
        return Verdict.REFUSED if unchanged else Verdict.OTHER
    if unchanged:
        return Verdict.RIGHT
    return Verdict.MEANT if outcome.text in spoilt.meant else Verdict.OTHER


@frozen
class Tally:
    """How often each verdict was given to one placer in one class. `already` counts the cases called done already."""

    counts: Counter[Verdict] = field(factory=Counter[Verdict])
    already: int = 0

    def of(self, verdict: Verdict) -> int:
        return self.counts[verdict]


def tally(judged: Iterable[tuple[Verdict, Outcome]]) -> Tally:
    pairs = list(judged)
    return Tally(Counter(verdict for verdict, _ in pairs), sum(outcome.already for _, outcome in pairs))
