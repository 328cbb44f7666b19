"""Where architects differ, what was said of hunks, and the plan, as the wire's objects. What the other values look like
is `wire_values.py`'s."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from moa_lsp.discussion.decisions import sentence
from moa_lsp.discussion.values import Decision, Turn
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Alternative, Disagreement, Region, View
from moa_lsp.lsp import contested
from moa_lsp.lsp.positions import range_object
from moa_lsp.session.deciding import Conflicting
from moa_lsp.session.planning import Plan
from moa_lsp.session.weighing import steps_of

if TYPE_CHECKING:
    from moa_lsp.lsp.wire_values import Wire

Json = dict[str, Any]


def disagreement(wire: Wire, value: Disagreement) -> Json:
    """Where a discussion's architects differ."""
    counts = Counter(region.stand.value for region in value.regions)
    return {
        "discussion": value.discussion,
        "architects": list(value.architects),
        "regions": [_region(wire, region) for region in value.regions],
        "counts": {stand: counts[stand] for stand in ("contested", "agreed", "alone", "settled")},
    }


def _region(wire: Wire, region: Region) -> Json:
    lines = wire.lines(region.path)
    return {
        "id": region.hunks[0],
        "uri": wire.uri(region.path),
        "range": range_object(wire.codec.range(lines, (region.start, 0), (region.end, 0))),
        "stand": region.stand.value,
        "message": contested.message(region),
        "hunks": list(region.hunks),
        "alternatives": [_alternative(wire, one) for one in region.alternatives],
        "views": [{**view_object(view), "alternative": number} for view, number in region.views],
    }


def _alternative(wire: Wire, value: Alternative) -> Json:
    shown: Json = {
        "architects": list(value.architects),
        "supporters": list(value.supporters),
        "hunks": [{"change": one.change, "hunk": one.hunk.id} for one in value.hunks],
        "summary": contested.summary(value),
        "reason": next((why for one in value.hunks if (why := wire.reason(one.change, one.hunk))), ""),
        "newText": "".join(one.hunk.new for one in value.hunks),
    }
    settled = next((one.hunk.settled for one in value.hunks if one.hunk.settled), None)
    return {**shown, "settled": settled.value} if settled else shown


def view_object(view: View) -> Json:
    """What an architect thinks of an edit."""
    said = {"architect": view.architect, "kind": view.kind.value, "reason": view.reason}
    return {**said, "round": view.round, "turn": view.turn}


def said_in(turn: Turn, change: Change | None) -> Json:
    """What a turn says of others' proposals, asks, and gave up, and its proposal's steps."""
    return {
        "stances": [
            {
                "kind": one.kind.value,
                "architect": one.about,
                "target": one.target,
                "reason": one.reason,
                "change": one.change,
                "hunks": list(one.hunks),
            }
            for one in turn.stances
        ],
        "questions": [
            {"number": one.number, "text": one.text, "choices": list(one.choices), "answer": one.answer}
            for one in turn.questions
        ],
        "gaveUp": [{"to": one.to, "change": one.change, "hunks": list(one.hunks)} for one in turn.gave_up],
        "steps": [{"number": number, "text": text, "hunks": list(ids)} for number, text, ids in steps_of(turn, change)],
    }


def decision(value: Decision) -> Json:
    """What the user decided."""
    return {
        "number": value.number,
        "afterRound": value.after_round,
        "kind": value.kind.value,
        "text": sentence(value),
        "hunks": list(value.hunks),
    }


def plan(value: Plan) -> Json:
    """What is to be done."""
    steps: list[Json] = []
    for step in value.steps:
        shown: Json = {
            "id": step.id,
            "text": step.text,
            "architects": list(step.architects),
            "hunks": list(step.hunks),
            "stand": str(step.stand),
        }
        shown |= {"added": True} if step.added else {}
        shown |= {"edited": True} if step.edited else {}
        steps.append(shown)
    return {
        "discussion": value.discussion,
        "steps": steps,
        "edited": value.edited,
        "free": value.free,
        "markdown": value.markdown,
    }


def conflicts(error: Conflicting) -> Json:
    """What the error says of hunks that can't be put together, as its data."""
    return {"conflicts": [{"hunks": [pair.one, pair.other], "reason": pair.reason} for pair in error.pairs]}
