"""What the user agreed to in the settings of each workspace folder that they trusted (`settings/grants.py`).

Who asks them is not known here; the table is in `migrations.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from moa_lsp.store.database import Database, text_of

_TRUSTED = ""
"""Stands among what was agreed to, so that a folder where there was nothing to agree to is known as a trusted one."""


def agreed_in(connection: sqlite3.Connection, folder: str) -> frozenset[str] | None:
    """The ids of what was agreed to in a folder; `None` where the folder was never trusted, or the store is an older
    one. Raises `sqlite3.Error`."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'agreements'").fetchone():
        return None
    rows = connection.execute("SELECT grant_id FROM agreements WHERE folder = ?", [folder]).fetchall()
    return frozenset(text_of(row[0]) for row in rows) - {_TRUSTED} if rows else None


def put_agreed(database: Database, folder: str, grants: Iterable[str]) -> None:
    """Keeps that the folder is trusted and what was agreed to. Inside a transaction."""
    for grant in (_TRUSTED, *grants):
        database.put("agreements", {"folder": folder, "grant_id": grant}, replace=True)
