"""The shape of the store's file, as numbered steps: step N brings it from version N - 1 to N (`PRAGMA user_version`).

Rules: a step that was released is never changed, only followed by another one; all of a file's steps are one
transaction, so that a file is never half-way. What the tables mean is told here; who reads and writes them is
`store.py`.

Texts that come again (files, what architects were asked, the texts of changes and checkpoints) are kept once, in
`texts`, under their hash. A text that isn't valid Unicode (a lone surrogate) is kept as its bytes: see `database.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

Step = Callable[[sqlite3.Connection], None]


class TooNew(Exception):
    """The file was written by a later version of the program."""


def _version_1(db: sqlite3.Connection) -> None:
    for table in _VERSION_1:
        db.execute(table)


_USAGE = (
    "input_tokens INTEGER, cached_tokens INTEGER, output_tokens INTEGER, cost_usd REAL, known_cost_usd REAL NOT NULL"
)

_VERSION_1 = (
    # body: zlib-compressed UTF-8 (lone surrogates passed through); sha256: of what body holds, uncompressed
    "CREATE TABLE texts (sha256 BLOB PRIMARY KEY, body BLOB NOT NULL)",
    # created: seconds since the epoch, as all times here; seconds columns are durations
    """CREATE TABLE discussions (
        id TEXT PRIMARY KEY, workspace TEXT NOT NULL, title TEXT NOT NULL, created REAL NOT NULL)""",
    "CREATE INDEX discussions_of_workspace ON discussions (workspace, created)",
    "CREATE TABLE workspaces (workspace TEXT PRIMARY KEY, current TEXT NOT NULL REFERENCES discussions (id))",
    # how an architect is called (address, headers, key variable) is never kept: that comes from settings
    """CREATE TABLE architects (
        discussion TEXT NOT NULL REFERENCES discussions (id), place INTEGER NOT NULL,
        name TEXT NOT NULL, model TEXT NOT NULL, role TEXT, dropped INTEGER NOT NULL,
        PRIMARY KEY (discussion, place))""",
    # owner: the id of the store that runs it, see locks.py; selection: JSON
    """CREATE TABLE rounds (
        discussion TEXT NOT NULL REFERENCES discussions (id), number INTEGER NOT NULL,
        message TEXT NOT NULL, began REAL NOT NULL, selection TEXT, seconds REAL NOT NULL, finished INTEGER NOT NULL,
        owner TEXT NOT NULL, PRIMARY KEY (discussion, number))""",
    """CREATE TABLE shown (
        discussion TEXT NOT NULL, round INTEGER NOT NULL, place INTEGER NOT NULL,
        path TEXT NOT NULL, text BLOB NOT NULL REFERENCES texts (sha256),
        PRIMARY KEY (discussion, round, place),
        FOREIGN KEY (discussion, round) REFERENCES rounds (discussion, number))""",
    "CREATE INDEX shown_text ON shown (text)",
    # saw and notes: JSON; change: the id of a change, or NULL
    f"""CREATE TABLE turns (
        discussion TEXT NOT NULL, round INTEGER NOT NULL, number INTEGER NOT NULL,
        architect TEXT NOT NULL, model TEXT NOT NULL, status TEXT NOT NULL,
        asked BLOB NOT NULL REFERENCES texts (sha256), saw TEXT NOT NULL, text TEXT NOT NULL, proposal TEXT, {_USAGE},
        seconds REAL NOT NULL, error_kind TEXT, error_message TEXT, notes TEXT NOT NULL, change TEXT,
        owner TEXT NOT NULL, PRIMARY KEY (discussion, round, number),
        FOREIGN KEY (discussion, round) REFERENCES rounds (discussion, number))""",
    "CREATE INDEX turns_asked ON turns (asked)",
    # what a running turn streamed since its row was written, in the order of id
    """CREATE TABLE turn_chunks (
        id INTEGER PRIMARY KEY, discussion TEXT NOT NULL, round INTEGER NOT NULL, turn INTEGER NOT NULL,
        text TEXT NOT NULL,
        FOREIGN KEY (discussion, round, turn) REFERENCES turns (discussion, round, number))""",
    "CREATE INDEX chunks_of_turn ON turn_chunks (discussion, round, turn)",
    f"""CREATE TABLE codings (
        discussion TEXT NOT NULL REFERENCES discussions (id), number INTEGER NOT NULL,
        after_round INTEGER NOT NULL, message TEXT NOT NULL, model TEXT NOT NULL, status TEXT NOT NULL,
        text TEXT NOT NULL,
        {_USAGE}, seconds REAL NOT NULL, error_kind TEXT, error_message TEXT, change TEXT, owner TEXT NOT NULL,
        PRIMARY KEY (discussion, number))""",
    """CREATE TABLE coding_chunks (
        id INTEGER PRIMARY KEY, discussion TEXT NOT NULL, coding INTEGER NOT NULL, text TEXT NOT NULL,
        FOREIGN KEY (discussion, coding) REFERENCES codings (discussion, number))""",
    "CREATE INDEX chunks_of_coding ON coding_chunks (discussion, coding)",
    # number: the order they were made in; open: a hunk is pending or stale; files, problems and reasons: JSON
    """CREATE TABLE changes (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, discussion TEXT NOT NULL REFERENCES discussions (id),
        workspace TEXT NOT NULL, source TEXT NOT NULL, title TEXT NOT NULL, open INTEGER NOT NULL,
        files TEXT NOT NULL, problems TEXT NOT NULL, reasons TEXT NOT NULL)""",
    "CREATE INDEX open_changes ON changes (workspace) WHERE open",
    # part: base, before or after, as in change.py; text: NULL where there is no file
    """CREATE TABLE change_texts (
        change TEXT NOT NULL REFERENCES changes (id), path TEXT NOT NULL, part TEXT NOT NULL,
        text BLOB REFERENCES texts (sha256), PRIMARY KEY (change, path, part))""",
    "CREATE INDEX change_texts_text ON change_texts (text)",
)


def _version_2(db: sqlite3.Connection) -> None:
    for table in _VERSION_2:
        db.execute(table)


_VERSION_2 = (
    # number: the order they were made in; change and discussion: ids, NULL for a restore
    """CREATE TABLE checkpoints (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, workspace TEXT NOT NULL, created REAL NOT NULL,
        title TEXT NOT NULL, change TEXT, discussion TEXT)""",
    "CREATE INDEX checkpoints_of_workspace ON checkpoints (workspace, number)",
    # before and left_as: as in checkpoint.py, NULL for no file
    """CREATE TABLE checkpoint_files (
        checkpoint TEXT NOT NULL REFERENCES checkpoints (id), path TEXT NOT NULL,
        before BLOB REFERENCES texts (sha256), encoding TEXT NOT NULL, bom INTEGER NOT NULL, renamed_to TEXT,
        left_as BLOB REFERENCES texts (sha256), settled INTEGER NOT NULL, PRIMARY KEY (checkpoint, path))""",
    "CREATE INDEX checkpoint_files_before ON checkpoint_files (before)",
    "CREATE INDEX checkpoint_files_left ON checkpoint_files (left_as)",
)


def _version_3(db: sqlite3.Connection) -> None:
    # repair: JSON, or NULL where none was asked for
    for table in ("turns", "codings"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN repair TEXT")


def _version_4(db: sqlite3.Connection) -> None:
    for change in _VERSION_4:
        db.execute(change)


_VERSION_4 = (
    # added: takes part beside those that are configured; set_role: a role that was set in the discussion, or NULL
    "ALTER TABLE architects ADD COLUMN added INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE architects ADD COLUMN set_role TEXT",
    # retries: the number of the turn in whose place it was asked, or NULL
    "ALTER TABLE turns ADD COLUMN retries INTEGER",
    # folder: the workspace folder whose settings hold for it, with links resolved; NULL for the first one
    "ALTER TABLE discussions ADD COLUMN folder TEXT",
    # grant_id: what was agreed to of what a folder's moa.toml asks for; "" says that the folder was trusted at all
    "CREATE TABLE agreements (folder TEXT NOT NULL, grant_id TEXT NOT NULL, PRIMARY KEY (folder, grant_id))",
)


def _version_5(db: sqlite3.Connection) -> None:
    for change in _VERSION_5:
        db.execute(change)


_VERSION_5 = (
    # preset: the one that was chosen for the discussion (NULL: the settings' own), and the one that held a round
    "ALTER TABLE discussions ADD COLUMN preset TEXT",
    # aside: JSON of what was used beside rounds and codings, or NULL
    "ALTER TABLE discussions ADD COLUMN aside TEXT",
    "ALTER TABLE rounds ADD COLUMN preset TEXT NOT NULL DEFAULT ''",
    # notes: a JSON list of sentences
    "ALTER TABLE rounds ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'",
    # step: counts the stages that the round held; stage: what it is called; parallel: asked side by side
    "ALTER TABLE turns ADD COLUMN step INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE turns ADD COLUMN stage TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE turns ADD COLUMN parallel INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX turns_of_model ON turns (model)",
    # seat: as in values.py
    "ALTER TABLE architects ADD COLUMN seat TEXT NOT NULL DEFAULT 'architect'",
)


def _version_6(db: sqlite3.Connection) -> None:
    for change in _VERSION_6:
        db.execute(change)


_VERSION_6 = (
    # JSON lists, as in values.py
    "ALTER TABLE turns ADD COLUMN stances TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE turns ADD COLUMN questions TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE turns ADD COLUMN gave_up TEXT NOT NULL DEFAULT '[]'",
    "CREATE INDEX turns_change ON turns (change)",
    # composed: put together without a model
    "ALTER TABLE codings ADD COLUMN composed INTEGER NOT NULL DEFAULT 0",
    # plan: JSON of the user's version of it, or NULL
    "ALTER TABLE discussions ADD COLUMN plan TEXT",
    # value: JSON of what the user decided, as in values.py
    """CREATE TABLE decisions (
        discussion TEXT NOT NULL REFERENCES discussions (id), number INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (discussion, number))""",
    # of one turn: how many of its architect's own placed edits it stood by and gave up, once it had seen others for the
    # same lines; blind: without knowing whose those were
    """CREATE TABLE conformity (
        discussion TEXT NOT NULL REFERENCES discussions (id), round INTEGER NOT NULL, turn INTEGER NOT NULL,
        model TEXT NOT NULL, blind INTEGER NOT NULL, kept INTEGER NOT NULL, given_up INTEGER NOT NULL,
        PRIMARY KEY (discussion, round, turn))""",
)


STEPS: tuple[Step, ...] = (_version_1, _version_2, _version_3, _version_4, _version_5, _version_6)


def version(db: sqlite3.Connection) -> int:
    """The file's version; 0 for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Brings the file to the newest version, or leaves it wholly as it was.

    Raises `TooNew`; `sqlite3.Error` where a step fails or the file can't be written to, which is so found out at once.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        found = version(db)
        if found > len(steps):
            raise TooNew(f"version {found}, and {len(steps)} is the newest known")
        for step in steps[found:]:
            step(db)
        if found < len(steps):
            db.execute(f"PRAGMA user_version = {len(steps)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
