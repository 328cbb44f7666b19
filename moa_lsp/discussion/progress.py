"""When there is no more to hold: whether all agree, whether a pass brought anything new, and what was spent. Pure.

Whether two proposals are the same edits is told by whoever can read and place edits; what stands here are the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moa_lsp.discussion.values import Round, Status, Turn

SameEdits = Callable[[tuple[Turn, ...]], bool]
"""Whether all of these turns propose the same edits, and some edits at all."""


def never_the_same(_: tuple[Turn, ...]) -> bool:
    """For whoever can't compare edits: nobody agrees, so nothing ends before its time."""
    return False


def agreed(turns: Sequence[Turn], same_edits: SameEdits) -> bool:
    """Whether everybody who was asked in a stage proposed the same edits. One alone agrees with nobody."""
    said = tuple(turns)
    return len(said) > 1 and all(turn.status is Status.DONE for turn in said) and same_edits(said)


def moved_on(before: Sequence[Turn], now: Sequence[Turn], same_edits: SameEdits) -> bool:
    """Whether one of them proposed something else than it did a pass ago, in words or in edits."""
    was = {turn.architect: turn for turn in before}
    return any(turn.architect not in was or _differs(was[turn.architect], turn, same_edits) for turn in now)


def _differs(before: Turn, now: Turn, same_edits: SameEdits) -> bool:
    if now.proposal is None:
        return False  # a failure is no progress, or a broken model would be asked for ever
    return _words(before) != _words(now) and not same_edits((before, now))


def _words(turn: Turn) -> list[str]:
    return (turn.proposal or "").split()


def spent_words(most: float, round: Round) -> str:
    """Why nobody is asked any more, once that many US dollars are spent."""
    return f"Stopped: this message may cost {_usd(most)}, and {_usd(round.usage.known_cost_usd)} is spent."


def _usd(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 0.1 else f"${amount:.4f}"
