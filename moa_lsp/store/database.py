"""The store's file: how it is opened, what happens where it can't be, and transactions. Which tables are in it isn't
told here.

Rules:
1. A file is never deleted. One that is damaged, or of a newer version, is renamed aside and a fresh one is begun;
   one that is merely locked, or that a living server has open, is left alone.
2. Where nothing can be written (a read-only home, a full disk, now or later), the program goes on in memory, with
   what was in the file, and tells the user that from now on nothing is kept.
3. Every write is one transaction with `synchronous=FULL`: once a call has returned, a kill loses nothing of it
   (measured: 0.13 ms).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from attrs import field, frozen, mutable

from moa_lsp.store.folders import make_private
from moa_lsp.store.locks import Owner, claim, exclusively, living
from moa_lsp.store.migrations import STEPS, migrate, version

FILE_NAME = "moa.db"
_OWNERS = "owners"
_OPENING = "opening.lock"
_PARTS = ("-wal", "-shm", "")
"""The order in which they are set aside: a log left beside a fresh file would be replayed into it."""
_BUSY_SECONDS = 2.0
_OPENING_SECONDS = 5.0
"""How long another process may take to open the file (measured: 20 ms for one of 88 MB)."""

_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_UNWRITABLE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

Cell = str | bytes | int | float | None


class _InUse(Exception):
    """The file can't be used and can't be set aside either: a living server has it open."""


@mutable
class Database:
    """One open file, or its copy in memory (`kept` is false). One thread's. `warn` is told, for the user, when it
    turns from the one into the other. `owners` is the folder of the owners' locks."""

    connection: sqlite3.Connection
    file: Path
    kept: bool
    owner: Owner | None
    warn: Callable[[str], None] = field(default=_log.warning)

    @property
    def owners(self) -> Path:
        return self.file.parent / _OWNERS

    def rows(self, statement: str, *values: Cell) -> list[Any]:
        return self.connection.execute(statement, [_bound(value) for value in values]).fetchall()

    def run(self, statement: str, *values: Cell) -> int:
        """Carries out one statement of a transaction; returns how many rows it touched."""
        return self.connection.execute(statement, [_bound(value) for value in values]).rowcount

    def put(self, table: str, row: Mapping[str, Cell], *, replace: bool = False) -> None:
        """Inserts a row, in the place of one with the same key where `replace` says so."""
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        marks = ", ".join("?" * len(row))
        self.run(f"{verb} INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())

    def read(self, work: Callable[[], _T]) -> _T:
        """Does `work`, which sees one state of the file however many statements it reads with."""
        self.connection.execute("BEGIN")
        try:
            return work()
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def write(self, work: Callable[[], _T]) -> _T:
        """Does `work` as one transaction, which has reached the disk on return.

        Raises `sqlite3.OperationalError` where another process holds the file for longer than two seconds, and
        `sqlite3.IntegrityError` for ids that don't exist. Where the disk is full, it is done again in memory (rule 2).
        """
        try:
            return self._transaction(work)
        except sqlite3.Error as error:
            if not self.kept or _code(error) not in _UNWRITABLE:
                raise
            self._go_on_in_memory(error)
            return self._transaction(work)

    def _transaction(self, work: Callable[[], _T]) -> _T:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        return result

    def _go_on_in_memory(self, error: sqlite3.Error) -> None:
        memory = _in_memory(self.connection)
        with suppress(sqlite3.Error):
            self.connection.close()
        self.connection = memory
        self.kept = False
        self.warn(_not_kept(self.file, error))

    def close(self) -> None:
        """Closes the file and gives up the claim on what is running in it. May be called twice."""
        self.connection.close()
        if self.owner:
            self.owner.release()
            self.owner = None


@frozen
class OpenedDatabase:
    """`notice` tells the user what became of a file that couldn't be used, or that nothing is kept."""

    database: Database
    notice: str | None


def open_database(folder: Path) -> OpenedDatabase:
    """Opens `moa.db` in the folder, which is made where it is missing. Never fails: at worst it is one in memory."""
    file = folder / FILE_NAME
    notice: str | None = None
    owner: Owner | None = None
    try:
        make_private(folder)
        # One at a time, or a second server would set the first one's fresh file aside.
        with exclusively(folder / _OPENING, _OPENING_SECONDS):
            if (reason := _unusable(file)) and (aside := _set_aside(file)):
                notice = f"{file} {reason}. It was set aside as {aside.name}, and a new one was begun."
            owner = claim(folder / _OWNERS)
            return OpenedDatabase(Database(_connect(file), file, True, owner), notice)
    except (OSError, sqlite3.Error, _InUse) as error:
        if owner:
            owner.release()
        _log.warning("%s can't be used", file, exc_info=error)
        told = _not_kept(file, error)
        return OpenedDatabase(Database(_copy(file), file, False, None), f"{notice} {told}" if notice else told)


def _connect(file: Path) -> sqlite3.Connection:
    # Made here and not by SQLite, so that it never was anybody else's to read; -wal and -shm take its permissions over.
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return _prepared(connection)
    except BaseException:
        connection.close()
        raise


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)
    return connection


def _in_memory(source: sqlite3.Connection | None) -> sqlite3.Connection:
    """A database in memory, with what `source` holds as far as it can be read."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    if source:
        try:
            source.backup(memory)
            return _prepared(memory)
        except sqlite3.Error as error:
            _log.warning("What was kept can't be read", exc_info=error)
            memory.close()
            memory = sqlite3.connect(":memory:", isolation_level=None)
    return _prepared(memory)


def _copy(file: Path) -> sqlite3.Connection:
    """A copy in memory of a file that can't be opened for writing; an empty one where it can't be read either."""
    # `immutable` for a folder in which not even the files can be made that a reader needs; it may miss the newest.
    for way in ("mode=ro", "immutable=1"):
        source = None
        try:
            source = sqlite3.connect(f"{file.absolute().as_uri()}?{way}", uri=True, timeout=_BUSY_SECONDS)
            if 0 < version(source) <= len(STEPS):
                return _in_memory(source)
        except sqlite3.Error:
            continue
        finally:
            if source:
                source.close()
    return _in_memory(None)


def _unusable(file: Path) -> str | None:
    """Why the file can't be used, for the user; `None` where it can be. Raises `sqlite3.Error` where that can't be
    told."""
    if not file.exists():
        return None
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        if version(connection) > len(STEPS):
            return "was written by a newer version of moa-lsp"
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        return None if found == "ok" else "is damaged"
    except sqlite3.DatabaseError as error:
        if _code(error) in _DAMAGED:
            return "is damaged"
        raise
    finally:
        connection.close()


def _set_aside(file: Path) -> Path:
    """Renames the file and what belongs to it, and returns its new path. Raises `_InUse`, or `OSError`."""
    if living(file.parent / _OWNERS):
        raise _InUse("it can't be used as it is, and another moa-lsp has it open")
    name = f"{file.name}.set-aside-{time.strftime('%Y%m%dT%H%M%S')}"
    aside = file.with_name(name)
    count = 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{name}-{count}")
    for suffix in _PARTS:
        with suppress(FileNotFoundError):
            file.with_name(file.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _not_kept(file: Path, error: Exception) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"From now on discussions can't be kept and end with the server: {file} can't be used ({reason})."


def _code(error: sqlite3.Error) -> int | None:
    """The primary result code; `None` for an error of the Python module's own."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _bound(value: Cell) -> Cell:
    """The value as SQLite takes it. A text that isn't valid Unicode (a reply's lone surrogate) goes in as its bytes.

    The same text is always the same value, so comparisons hold; `text_of` brings it back.
    """
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def text_of(cell: Any) -> str:
    """A text column's value as it was put in."""
    return cell.decode("utf-8", "surrogatepass") if isinstance(cell, bytes) else str(cell)
