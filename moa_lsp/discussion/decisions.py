"""What the user decided, in words: for the architects and the editor model, and for people.

A decision is data (`values.py`) and is never taken back but by another one. Which hunks it moves is
`moa_lsp/session/settling.py`'s; who is told of it when is `thread.py`'s. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from moa_lsp.discussion import fences
from moa_lsp.discussion.names import listed
from moa_lsp.discussion.values import Decision, DecisionKind

_OF_EDITS = (DecisionKind.TAKEN, DecisionKind.LEFT, DecisionKind.REOPENED)


def standing(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions that hold: without those that were taken back, and those that did so. Of those about the same
    hunks, and of the answers to one question, the newest holds; one whose hunks were decided about once more one by one
    holds for the others."""
    found: list[Decision] = []
    for decision in decisions:
        if decision.kind in _OF_EDITS:
            about = set(decision.hunks)
            found = [one for one in found if one.kind is DecisionKind.ANSWERED or not about & set(one.hunks)]
        else:
            found = [one for one in found if (one.where, one.winners) != (decision.where, decision.winners)]
        if decision.kind is not DecisionKind.REOPENED:
            found.append(decision)
    return tuple(found)


def parts(decisions: Sequence[Decision], called: Callable[[str], str]) -> list[str]:
    """The fenced parts of a message that tell a model of these decisions: each answer, and what is settled. `called`
    gives the name under which an architect appears."""
    told = [
        fences.answered(called(_whose(one)), one.where, one.text)
        for one in decisions
        if one.kind is DecisionKind.ANSWERED
    ]
    lines = [_line(one, called) for one in decisions if one.kind is not DecisionKind.ANSWERED]
    return [*told, *([fences.settled("\n".join(lines))] if lines else [])]


def sentence(decision: Decision) -> str:
    """A decision for people."""
    match decision.kind:
        case DecisionKind.TAKEN:
            against = f" Not taken: {listed(decision.losers)}." if decision.losers else ""
            return f"{decision.where}: {_possessive(decision.winners)} edit is taken.{against}"
        case DecisionKind.LEFT:
            return f"{decision.where}: {_possessive(decision.losers)} edit isn't made.{_why(decision)}"
        case DecisionKind.REOPENED:
            return f"{decision.where}: open again."
        case DecisionKind.ANSWERED:
            return f"{_whose(decision)} asked: {decision.where} The answer: {decision.text}"


def _line(decision: Decision, called: Callable[[str], str]) -> str:
    winners, losers = ([called(name).upper() for name in names] for names in (decision.winners, decision.losers))
    match decision.kind:
        case DecisionKind.TAKEN:
            against = f", not {_possessive(losers)}" if losers else ""
            text = decision.text
            if not text:
                return f"- {decision.where}: {_possessive(winners)} edit is taken{against}."
            fence = "`" * max(3, _longest_run(text) + 1)
            text = text if text.endswith("\n") else f"{text}\n"
            return (
                f"- {decision.where}: {_possessive(winners)} edit is taken{against}. It reads:\n{fence}\n{text}{fence}"
            )
        case DecisionKind.LEFT:
            return f"- {decision.where}: {_possessive(losers)} edit isn't made.{_why(decision)}"
        case _:
            return f"- {decision.where}: open again."


def _why(decision: Decision) -> str:
    return f" Why: {' '.join(decision.text.split())}" if decision.text.strip() else ""


def _whose(decision: Decision) -> str:
    return decision.winners[0] if decision.winners else ""


def _possessive(names: Sequence[str]) -> str:
    return f"{listed(names)}'s" if names else "nobody's"


def _longest_run(text: str) -> int:
    run = longest = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
