"""What a discussion's store keeps of its disagreement: who said what of whose edits, what the user decided, the plan as
the user left it, and how often architects stood by their own.

The functions are called by whoever holds the transaction, as those of `whole_discussions.py`; `store.py` is the door.
"""

from __future__ import annotations

from attrs import frozen

from moa_lsp.discussion.values import Decision, PlanEdits, Stance
from moa_lsp.store.database import Database, text_of
from moa_lsp.store.rows import decision_of, stances_of, to_json
from moa_lsp.store.whole_discussions import put_decision


@frozen
class Spoken:
    """A turn that proposed edits, or said something of others': where in the discussion, whose, and what of."""

    round: int
    turn: int
    architect: str
    change: str | None
    stances: tuple[Stance, ...]


@frozen
class Conformity:
    """Of all turns of a model (`blind`: of those that didn't know whose proposals they saw): how many of its own placed
    edits it stood by, and how many it gave up, after it had seen others for the same lines."""

    model: str
    blind: bool
    kept: int
    given_up: int


def spoken(database: Database, discussion: str) -> tuple[Spoken, ...]:
    """The discussion's turns that matter for where its architects differ, in order."""
    query = (
        "SELECT round, number, architect, change, stances FROM turns"
        " WHERE discussion = ? AND status = 'done' AND (change IS NOT NULL OR stances <> '[]') ORDER BY round, number"
    )
    return tuple(
        Spoken(
            row["round"],
            row["number"],
            text_of(row["architect"]),
            None if row["change"] is None else text_of(row["change"]),
            stances_of(row["stances"]),
        )
        for row in database.rows(query, discussion)
    )


def decisions(database: Database, discussion: str) -> tuple[Decision, ...]:
    """What the user decided, in that order."""
    found = database.rows("SELECT value FROM decisions WHERE discussion = ? ORDER BY number", discussion)
    return tuple(decision_of(row["value"]) for row in found)


def keep_decision(database: Database, discussion: str, decision: Decision) -> None:
    """Keeps a decision, in the place of one that has its number."""
    put_decision(database, discussion, decision)


def keep_plan(database: Database, discussion: str, plan: PlanEdits | None) -> None:
    """Keeps the user's version of the plan; `None`: there is none any more."""
    cell = None if plan is None else to_json(plan)
    database.run("UPDATE discussions SET plan = ? WHERE id = ?", cell, discussion)


def count(database: Database, discussion: str, round: int, turn: int, of: Conformity) -> None:
    """Counts how one turn stood by its architect's own edits."""
    row = {"discussion": discussion, "round": round, "turn": turn, "model": of.model, "blind": of.blind}
    database.put("conformity", {**row, "kept": of.kept, "given_up": of.given_up}, replace=True)


def conformity(database: Database) -> tuple[Conformity, ...]:
    """The counts of all discussions, by model."""
    query = (
        "SELECT model, blind, sum(kept) AS kept, sum(given_up) AS given_up FROM conformity"
        " GROUP BY model, blind ORDER BY model, blind"
    )
    return tuple(
        Conformity(text_of(row["model"]), bool(row["blind"]), row["kept"], row["given_up"])
        for row in database.rows(query)
    )
