"""What a model's turns took and cost on this machine: what the next one may be expected to. Read from what is kept of
turns that were done; nothing is kept for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from attrs import frozen

from moa_lsp.store.database import Database

LAST_TURNS = 20
"""How many of a model's newest turns count: what a provider took last month says little."""


@frozen
class Pace:
    """The middle one of so many turns: seconds, and US dollars (`None` where no price was known)."""

    turns: int
    seconds: float
    cost_usd: float | None


def paces(database: Database, models: Iterable[str]) -> dict[str, Pace]:
    """The pace of each of these models that was ever done. Inside a transaction."""
    found: dict[str, Pace] = {}
    query = "SELECT seconds, cost_usd FROM turns WHERE model = ? AND status = 'done' ORDER BY rowid DESC LIMIT ?"
    for model in dict.fromkeys(models):
        rows = database.rows(query, model, LAST_TURNS)
        prices = [row["cost_usd"] for row in rows if row["cost_usd"] is not None]
        if rows:
            seconds = median(row["seconds"] for row in rows)
            found[model] = Pace(len(rows), seconds, median(prices) if prices else None)
    return found
