"""What a killed process left running is marked as cancelled, with what had arrived. Everything here is done inside a
transaction; which processes are dead is `store.py`'s to find out.
"""

from __future__ import annotations

from typing import Any

from moa_lsp.discussion.values import Failure, Status
from moa_lsp.store.database import Cell, Database, text_of

INTERRUPTED = Failure(
    "interrupted", "The server was ended before this reply was whole. What had arrived is kept; ask again to go on."
)

RUNNING = (
    "rounds WHERE NOT finished",
    f"turns WHERE status = '{Status.RUNNING.value}'",
    f"codings WHERE status = '{Status.RUNNING.value}'",
)
"""The rows of what runs, as the end of a query; conditions can be added."""


def interrupt(database: Database, owner: str) -> set[str]:
    """Ends what that owner had running; returns the ids of the discussions that it was in."""
    rounds, turns, codings = (database.rows(f"SELECT * FROM {table} AND owner = ?", owner) for table in RUNNING)
    for row in turns:
        where = "discussion = ? AND round = ? AND {} = ?"
        _end(database, "turn", where, row["text"], (row["discussion"], row["round"], row["number"]))
    for row in codings:
        _end(database, "coding", "discussion = ? AND {} = ?", row["text"], (row["discussion"], row["number"]))
    database.run("UPDATE rounds SET finished = 1 WHERE NOT finished AND owner = ?", owner)
    return {text_of(row["discussion"]) for row in (*rounds, *turns, *codings)}


def _end(database: Database, what: str, where: str, text: Any, key: tuple[Cell, ...]) -> None:
    chunks = f"FROM {what}_chunks WHERE {where.format(what)}"
    said = [text_of(row["text"]) for row in database.rows(f"SELECT text {chunks} ORDER BY id", *key)]
    database.run(
        f"UPDATE {what}s SET status = ?, text = ?, error_kind = ?, error_message = ? WHERE {where.format('number')}",
        *(Status.CANCELLED.value, text_of(text) + "".join(said), INTERRUPTED.kind, INTERRUPTED.message, *key),
    )
    database.run(f"DELETE {chunks}", *key)
