"""Everything that was said, kept in one SQLite file: a killed process loses nothing that anybody was shown.

Rules:
1. Each call is synchronous and has reached the disk when it returns; who tells the user does so afterwards.
2. History is only added to, until the user deletes a discussion. The streamed text of what is running is chunks, which
   become one text when it ends.
3. What is running belongs to one living store. Once its process is gone, `recover` marks it cancelled, with what had
   arrived.
4. How a model is called (addresses, headers, variables of keys) is never kept.

A store is one thread's. Several processes may each have a store on the same file. How the file is opened, and what
happens where it can't be written to, is in `database.py`; its tables are in `migrations.py`. Discussions are copied
and taken out as wholes in `whole_discussions.py`.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen, mutable

from moa_lsp.discussion.values import (
    Architect,
    Coding,
    Decision,
    Discussion,
    PlanEdits,
    Round,
    Snapshot,
    Turn,
    Usage,
)
from moa_lsp.edits.change import Change
from moa_lsp.store import decided
from moa_lsp.store.agreements import agreed_in, put_agreed
from moa_lsp.store.checkpoint import Checkpoint
from moa_lsp.store.database import Database, open_database, text_of
from moa_lsp.store.decided import Conformity, Spoken
from moa_lsp.store.locks import is_alive
from moa_lsp.store.pace import Pace, paces
from moa_lsp.store.recovery import RUNNING, interrupt
from moa_lsp.store.rows import (
    architect_of,
    architect_row,
    aside_of,
    change_of,
    change_row,
    change_texts,
    checkpoint_file_row,
    checkpoint_of,
    checkpoint_row,
    coding_of,
    coding_row,
    discussion_of,
    keep_text_or_none,
    kept_file_of,
    round_of,
    to_json,
    turn_of,
    unpacked,
    usage_of,
)
from moa_lsp.store.whole_discussions import (
    Words,
    all_words,
    put_coding,
    put_discussion,
    put_round,
    put_turn,
    take_out,
)

_IN_MEMORY = "memory"
_log = logging.getLogger(__name__)

_UNUSED = (
    "NOT EXISTS (SELECT 1 FROM shown WHERE text = sha256) AND NOT EXISTS (SELECT 1 FROM turns WHERE asked = sha256)"
    " AND NOT EXISTS (SELECT 1 FROM change_texts WHERE text = sha256)"
    " AND NOT EXISTS (SELECT 1 FROM checkpoint_files WHERE before = sha256)"
    " AND NOT EXISTS (SELECT 1 FROM checkpoint_files WHERE left_as = sha256)"
)


@mutable
class Store:
    """The discussions and changes of all workspaces. Ids that don't exist raise `sqlite3.IntegrityError` where
    something is added."""

    _database: Database
    _owner: str

    @property
    def kept(self) -> bool:
        """Whether what is said now will be there after a restart."""
        return self._database.kept

    def warn_with(self, warn: Callable[[str], None]) -> None:
        """Who tells the user should nothing be kept from some moment on, as on a disk that fills up; else it is
        logged."""
        self._database.warn = warn

    def close(self) -> None:
        """Ends the store. What it still has running is marked as interrupted by the next `recover`."""
        self._database.close()

    # --- discussions

    def create_discussion(self, workspace: str, id: str, title: str, created: float, folder: str | None = None) -> None:
        """Begins a discussion. `workspace` is any name that stays the same; `created` is in seconds since the epoch;
        `folder` is the workspace folder whose settings hold for it."""
        row = {"id": id, "workspace": workspace, "title": title, "created": created, "folder": folder}
        self._database.write(lambda: self._database.put("discussions", row))

    def add_discussion(self, workspace: str, discussion: Discussion) -> None:
        """Puts in a whole discussion, with all rounds and codings, none of which runs."""
        self._database.write(lambda: put_discussion(self._database, workspace, discussion, self._owner))

    def delete_discussion(self, id: str) -> None:
        """Takes out a discussion and all that is of it, but checkpoints. The workspace's newest other one is current
        then, where this one was."""
        self._database.write(lambda: take_out(self._database, id))
        self.forget_unused_texts()

    def workspace_of(self, id: str) -> str | None:
        """The workspace that a discussion is of; `None` where there is none of that id."""
        rows = self._database.rows("SELECT workspace FROM discussions WHERE id = ?", id)
        return text_of(rows[0]["workspace"]) if rows else None

    def is_running(self, id: str) -> bool:
        """Whether something runs in the discussion, in whichever process; `recover` first."""
        return any(self._database.rows(f"SELECT 1 FROM {table} AND discussion = ?", id) for table in RUNNING)

    def words(self, workspace: str) -> list[Words]:
        """Everything that was said in the workspace's discussions."""
        return self._database.read(lambda: list(all_words(self._database, workspace)))

    def current(self, workspace: str) -> str | None:
        """The id of the workspace's current discussion."""
        rows = self._database.rows("SELECT current FROM workspaces WHERE workspace = ?", workspace)
        return text_of(rows[0]["current"]) if rows else None

    def set_current(self, workspace: str, id: str) -> None:
        row = {"workspace": workspace, "current": id}
        self._database.write(lambda: self._database.put("workspaces", row, replace=True))

    def folder(self, id: str) -> str | None:
        """The folder that a discussion was begun with."""
        rows = self._database.rows("SELECT folder FROM discussions WHERE id = ?", id)
        return text_of(rows[0]["folder"]) if rows and rows[0]["folder"] is not None else None

    def set_preset(self, id: str, preset: str | None) -> None:
        """Keeps which preset was chosen for a discussion; `None` stands for the settings' own."""
        self._database.write(lambda: self._database.run("UPDATE discussions SET preset = ? WHERE id = ?", preset, id))

    def move_preset(self, preset: str, to: str | None) -> None:
        """Has all discussions for which that preset was chosen go by another one."""
        self._database.write(
            lambda: self._database.run("UPDATE discussions SET preset = ? WHERE preset = ?", to, preset)
        )

    def add_aside(self, id: str, usage: Usage) -> None:
        """Keeps what was used in a discussion beside its rounds and codings, with what is kept of that already."""

        def work() -> None:
            for row in self._database.rows("SELECT aside FROM discussions WHERE id = ?", id):
                cell = to_json(aside_of(row["aside"]) + usage)
                self._database.run("UPDATE discussions SET aside = ? WHERE id = ?", cell, id)

        self._database.write(work)

    def set_title(self, id: str, title: str) -> None:
        self._database.write(lambda: self._database.run("UPDATE discussions SET title = ? WHERE id = ?", title, id))

    def set_architects(self, id: str, architects: tuple[Architect, ...]) -> None:
        """Who takes part, in speaking order: names, models, roles, and who is dropped."""

        def work() -> None:
            self._database.run("DELETE FROM architects WHERE discussion = ?", id)
            for place, architect in enumerate(architects):
                self._database.put("architects", architect_row(id, place, architect))

        self._database.write(work)

    def discussion(self, id: str) -> Discussion | None:
        """The whole discussion, what is running in it included."""
        return self._database.read(lambda: self._discussion(id))

    def _discussion(self, id: str) -> Discussion | None:
        rows = self._database.rows("SELECT * FROM discussions WHERE id = ?", id)
        if not rows:
            return None
        return evolve(
            discussion_of(rows[0]),
            architects=self._architects(id),
            rounds=self._rounds(id),
            codings=self._codings(id),
            decisions=decided.decisions(self._database, id),
        )

    def architects(self, id: str) -> tuple[Architect, ...]:
        """Who takes part in a discussion, as it was last kept."""
        return self._database.read(lambda: self._architects(id))

    def _architects(self, id: str) -> tuple[Architect, ...]:
        rows = self._database.rows("SELECT * FROM architects WHERE discussion = ? ORDER BY place", id)
        return tuple(architect_of(row) for row in rows)

    def _rounds(self, id: str) -> tuple[Round, ...]:
        rows = self._database.rows
        texts = {
            bytes(row["sha256"]): unpacked(row["body"])
            for row in rows(
                "SELECT sha256, body FROM texts WHERE sha256 IN"
                " (SELECT text FROM shown WHERE discussion = ? UNION SELECT asked FROM turns WHERE discussion = ?)",
                *(id, id),
            )
        }
        shown: dict[int, dict[str, str]] = {}
        for row in rows("SELECT * FROM shown WHERE discussion = ? ORDER BY round, place", id):
            shown.setdefault(row["round"], {})[text_of(row["path"])] = texts[row["text"]]
        streamed: dict[tuple[int, int], list[str]] = {}
        for row in rows("SELECT * FROM turn_chunks WHERE discussion = ? ORDER BY id", id):
            streamed.setdefault((row["round"], row["turn"]), []).append(text_of(row["text"]))
        turns: dict[int, list[Turn]] = {}
        for row in rows("SELECT * FROM turns WHERE discussion = ? ORDER BY round, number", id):
            said = "".join(streamed.get((row["round"], row["number"]), ()))
            turns.setdefault(row["round"], []).append(turn_of(row, texts[row["asked"]], said))
        return tuple(
            round_of(row, shown.get(row["number"], {}), tuple(turns.get(row["number"], ())))
            for row in rows("SELECT * FROM rounds WHERE discussion = ? ORDER BY number", id)
        )

    def _codings(self, id: str) -> tuple[Coding, ...]:
        streamed: dict[int, list[str]] = {}
        for row in self._database.rows("SELECT * FROM coding_chunks WHERE discussion = ? ORDER BY id", id):
            streamed.setdefault(row["coding"], []).append(text_of(row["text"]))
        rows = self._database.rows("SELECT * FROM codings WHERE discussion = ? ORDER BY number", id)
        return tuple(coding_of(row, "".join(streamed.get(row["number"], ()))) for row in rows)

    def list_discussions(self, workspace: str) -> list[tuple[Discussion, Usage]]:
        """The workspace's discussions, newest first, without rounds and codings, each with what these used."""
        return self._database.read(lambda: self._list(workspace))

    def _list(self, workspace: str) -> list[tuple[Discussion, Usage]]:
        found = self._database.rows(
            "SELECT * FROM discussions WHERE workspace = ? ORDER BY created DESC, rowid DESC", workspace
        )
        return [
            (evolve(discussion_of(row), architects=self._architects(row["id"])), self._usage(row["id"]))
            for row in found
        ]

    def _usage(self, id: str) -> Usage:
        """Adds up in the order in which `Discussion.usage` does, so that both give the same sum to the last digit."""
        rounds: dict[int, list[Usage]] = {}
        for row in self._database.rows("SELECT * FROM turns WHERE discussion = ? ORDER BY round, number", id):
            rounds.setdefault(row["round"], []).append(usage_of(row))
        codings = self._database.rows("SELECT * FROM codings WHERE discussion = ? ORDER BY number", id)
        aside = [
            aside_of(row["aside"]) for row in self._database.rows("SELECT aside FROM discussions WHERE id = ?", id)
        ]
        return Usage.total([*aside, *map(Usage.total, rounds.values()), *map(usage_of, codings)])

    # --- rounds

    def start_round(self, discussion: str, message: str, shown: Snapshot, at: float, preset: str = "") -> int:
        """Begins a round and returns its number, from 1 and given only once. `at` is in seconds since the epoch."""

        def work() -> int:
            number = self._next("rounds", discussion)
            put_round(self._database, discussion, Round(number, message, shown, preset=preset), at, self._owner)
            return number

        return self._database.write(work)

    def reopen_round(self, discussion: str, round: int) -> None:
        """Keeps that a round that was over goes on."""
        update = "UPDATE rounds SET finished = 0, owner = ? WHERE discussion = ? AND number = ?"
        self._database.write(lambda: self._database.run(update, self._owner, discussion, round))

    def start_turn(self, discussion: str, round: int, turn: Turn) -> None:
        """Keeps that the turn runs, before its architect is asked."""
        self._database.write(lambda: self._put_turn(discussion, round, turn))

    def append_text(self, discussion: str, round: int, number: int, text: str) -> None:
        """Adds to what the running turn of that number has said."""
        row = {"discussion": discussion, "round": round, "turn": number, "text": text}
        self._database.write(lambda: self._database.put("turn_chunks", row))

    def finish_turn(self, discussion: str, round: int, turn: Turn) -> None:
        """Keeps the turn as it ended. Its `text` takes the place of what was appended."""
        self._database.write(lambda: self._put_turn(discussion, round, turn))

    def _put_turn(self, discussion: str, round: int, turn: Turn) -> None:
        put_turn(self._database, discussion, round, turn, self._owner)

    def note_round(self, discussion: str, round: int, notes: tuple[str, ...]) -> None:
        """Keeps what is to be known about a round."""
        update = "UPDATE rounds SET notes = ? WHERE discussion = ? AND number = ?"
        self._database.write(lambda: self._database.run(update, to_json(notes), discussion, round))

    def finish_round(self, discussion: str, round: int, seconds: float) -> None:
        """Keeps that the round is over and how long it took."""
        update = "UPDATE rounds SET finished = 1, seconds = ? WHERE discussion = ? AND number = ?"
        self._database.write(lambda: self._database.run(update, seconds, discussion, round))

    def paces(self, models: Iterable[str]) -> dict[str, Pace]:
        """What the last turns of these models took and cost, in whatever workspace; those that were never done are left
        out."""
        return self._database.read(lambda: paces(self._database, models))

    # --- where architects differ, and what the user decided (`decided.py`)

    def spoken(self, discussion: str) -> tuple[Spoken, ...]:
        """The discussion's turns that proposed edits or said something of others', in order."""
        return self._database.read(lambda: decided.spoken(self._database, discussion))

    def proposal_of(self, change: str) -> str | None:
        """The proposal that a change was made of; `None` where it is no architect's."""
        rows = self._database.rows("SELECT proposal FROM turns WHERE change = ?", change)
        return text_of(rows[0]["proposal"]) if rows and rows[0]["proposal"] is not None else None

    def decisions(self, discussion: str) -> tuple[Decision, ...]:
        """What the user decided in a discussion, in that order."""
        return decided.decisions(self._database, discussion)

    def last_round(self, discussion: str) -> int:
        """The number of the round that was begun last; 0 before the first."""
        return self._next("rounds", discussion) - 1

    def keep_decision(self, discussion: str, decision: Decision) -> None:
        """Keeps a decision, in the place of one that has its number."""
        self._database.write(lambda: decided.keep_decision(self._database, discussion, decision))

    def set_plan(self, discussion: str, plan: PlanEdits | None) -> None:
        """Keeps the user's version of the plan; `None`: there is none any more."""
        self._database.write(lambda: decided.keep_plan(self._database, discussion, plan))

    def count_conformity(self, discussion: str, round: int, turn: int, of: Conformity) -> None:
        """Counts how a turn stood by its architect's own edits."""
        self._database.write(lambda: decided.count(self._database, discussion, round, turn, of))

    def conformity(self) -> tuple[Conformity, ...]:
        """How often the architects of each model stood by their own edits, in all discussions."""
        return decided.conformity(self._database)

    # --- implementations

    def start_coding(
        self, discussion: str, after_round: int, message: str, model: str, *, composed: bool = False
    ) -> int:
        """Keeps that a `/code` runs, and returns its number, from 1 and given only once."""

        def work() -> int:
            number = self._next("codings", discussion)
            coding = Coding(number, after_round, message, model, composed=composed)
            self._database.put("codings", coding_row(discussion, coding, self._owner))
            return number

        return self._database.write(work)

    def append_coding_text(self, discussion: str, number: int, text: str) -> None:
        """Adds to what the editor model has said."""
        row = {"discussion": discussion, "coding": number, "text": text}
        self._database.write(lambda: self._database.put("coding_chunks", row))

    def finish_coding(self, discussion: str, coding: Coding) -> None:
        """Keeps the `/code` as it ended. Its `text` takes the place of what was appended."""
        self._database.write(lambda: self._put_coding(discussion, coding))

    def _put_coding(self, discussion: str, coding: Coding) -> None:
        put_coding(self._database, discussion, coding, self._owner)

    def _next(self, table: str, discussion: str) -> int:
        query = f"SELECT coalesce(max(number), 0) + 1 FROM {table} WHERE discussion = ?"
        return int(self._database.rows(query, discussion)[0][0])

    # --- changes

    def save_change(self, change: Change, workspace: str) -> None:
        """Keeps the change as it stands now, in the place of how it stood before."""

        def work() -> None:
            row = change_row(change, workspace)
            if self._database.rows("SELECT 1 FROM changes WHERE id = ?", change.id):
                marks = ", ".join(f"{column} = ?" for column in row)
                self._database.run(f"UPDATE changes SET {marks} WHERE id = ?", *row.values(), change.id)
            else:
                self._database.put("changes", row)
            self._database.run("DELETE FROM change_texts WHERE change = ?", change.id)
            for path, part, text in change_texts(change):
                key = keep_text_or_none(self._database, text)
                self._database.put("change_texts", {"change": change.id, "path": path, "part": part, "text": key})

        self._database.write(work)

    def change(self, id: str) -> Change | None:
        """The change of that id, also one that was applied or rejected long ago."""
        found = self._changes("SELECT * FROM changes WHERE id = ?", id)
        return found[0] if found else None

    def open_changes(self, workspace: str) -> list[Change]:
        """The workspace's changes with a pending or stale hunk, oldest first."""
        return self._changes("SELECT * FROM changes WHERE workspace = ? AND open ORDER BY number", workspace)

    def _changes(self, query: str, value: str) -> list[Change]:
        def work() -> list[Change]:
            return [change_of(row, self._texts_of(row)) for row in self._database.rows(query, value)]

        return self._database.read(work)

    def _texts_of(self, change: Any) -> list[tuple[str, str, str | None]]:
        query = "SELECT path, part, body FROM change_texts LEFT JOIN texts ON sha256 = text WHERE change = ?"
        return [
            (text_of(row["path"]), row["part"], None if row["body"] is None else unpacked(row["body"]))
            for row in self._database.rows(query, change["id"])
        ]

    # --- checkpoints

    def save_checkpoint(self, checkpoint: Checkpoint, workspace: str) -> None:
        """Keeps a checkpoint, before anything is written. How its files are left is told later."""

        def work() -> None:
            self._database.put("checkpoints", checkpoint_row(checkpoint, workspace))
            for path, file in checkpoint.files.items():
                before = keep_text_or_none(self._database, file.before)
                self._database.put("checkpoint_files", checkpoint_file_row(checkpoint.id, path, file, before))

        self._database.write(work)

    def settle_checkpoint(self, id: str, left: Mapping[str, str | None]) -> None:
        """Keeps how the write that the checkpoint was made for left each of its files: path to text."""

        def work() -> None:
            update = "UPDATE checkpoint_files SET left_as = ?, settled = 1 WHERE checkpoint = ? AND path = ?"
            for path, text in left.items():
                self._database.run(update, keep_text_or_none(self._database, text), id, path)

        self._database.write(work)

    def checkpoints(self, workspace: str, since: str | None = None) -> list[Checkpoint]:
        """The workspace's checkpoints, oldest first: all, or that one and those made after it. None where it isn't
        one of the workspace's."""
        where = "workspace = ?"
        values = [workspace]
        if since is not None:
            where += " AND number >= (SELECT number FROM checkpoints WHERE id = ? AND workspace = ?)"
            values += [since, workspace]

        def work() -> list[Checkpoint]:
            found = self._database.rows(f"SELECT * FROM checkpoints WHERE {where} ORDER BY number", *values)
            return [
                checkpoint_of(
                    row, {text_of(file["path"]): kept_file_of(file) for file in self._files_of(text_of(row["id"]))}
                )
                for row in found
            ]

        return self._database.read(work)

    def newest_checkpoints(self, workspace: str, most: int) -> list[Checkpoint]:
        """The workspace's newest checkpoints, newest first, without their files."""
        where = "WHERE workspace = ? ORDER BY number DESC LIMIT ?"
        found = self._database.rows(f"SELECT * FROM checkpoints {where}", workspace, most)
        return [checkpoint_of(row, {}) for row in found]

    def _files_of(self, checkpoint: str) -> list[Any]:
        return self._database.rows(
            "SELECT file.*, old.body AS before_body, new.body AS left_body FROM checkpoint_files AS file"
            " LEFT JOIN texts AS old ON old.sha256 = file.before LEFT JOIN texts AS new ON new.sha256 = file.left_as"
            " WHERE checkpoint = ? ORDER BY path",
            checkpoint,
        )

    # --- what of a folder's settings was agreed to

    def agreed(self, folder: str) -> frozenset[str] | None:
        """The ids of what the user agreed to in a folder's settings; `None` where the folder was never trusted."""
        return agreed_in(self._database.connection, folder)

    def agree(self, folder: str, grants: Iterable[str]) -> None:
        """Keeps that the user trusts the folder, and agreed to these."""
        self._database.write(lambda: put_agreed(self._database, folder, grants))

    # --- after a crash

    def recover(self) -> list[str]:
        """Marks what a dead process had running as cancelled, with what had arrived; returns the ids of those
        discussions.

        What a living process runs is left alone. May be called at any time; opening a store has done it once.
        """
        owners = {row["owner"] for table in RUNNING for row in self._database.rows(f"SELECT owner FROM {table}")}
        dead = [owner for owner in owners if owner != self._owner and not is_alive(self._database.owners, owner)]
        if not dead:
            return []
        return sorted(self._database.write(lambda: {id for owner in dead for id in interrupt(self._database, owner)}))

    def forget_unused_texts(self) -> None:
        """Makes room: drops the texts that changes were once counted in, and are no more. Nothing that can be read
        is lost, and no checkpoint's."""
        if self._database.rows(f"SELECT 1 FROM texts WHERE {_UNUSED} LIMIT 1"):
            self._database.write(lambda: self._database.run(f"DELETE FROM texts WHERE {_UNUSED}"))


@frozen
class Opened:
    """A store, and what the user has to be told about it, if anything."""

    store: Store
    notice: str | None


def open_store(folder: Path) -> Opened:
    """Opens the store in that folder, which is made where it is missing. Never fails: at worst nothing is kept, and
    the notice says so."""
    opened = open_database(folder)
    owner = opened.database.owner
    store = Store(opened.database, owner.id if owner else _IN_MEMORY)
    try:
        store.recover()
        store.forget_unused_texts()
    except sqlite3.Error as error:
        # Both can be done another time; a server has to start.
        _log.warning("The store couldn't be tidied up on opening", exc_info=error)
    return Opened(store, opened.notice)
