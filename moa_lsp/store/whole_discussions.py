"""A discussion as a whole in the store: put in as a copy of another one, read for a search, and taken out for good.

What is added to a discussion while it is held is `store.py`'s, and so are the transactions: everything here is done
inside one. What a row holds is in `rows.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from moa_lsp.discussion.values import Coding, Decision, Discussion, Round, Snapshot, Turn
from moa_lsp.store.database import Database, text_of
from moa_lsp.store.rows import architect_row, coding_row, keep_text, to_json, turn_row

EDITOR = "editor"
"""Under which name the editor model's replies are found."""


@frozen
class Words:
    """One text of a discussion: the user's message (`architect` is `None`) or a reply, and the round that it is of. A
    `/code` is of the last round before it, 0 where there was none."""

    discussion: str
    round: int
    architect: str | None
    text: str


def put_discussion(database: Database, workspace: str, discussion: Discussion, owner: str) -> None:
    """Puts in a whole discussion. Nothing of it runs."""
    row = {
        "id": discussion.id,
        "workspace": workspace,
        "title": discussion.title,
        "created": discussion.created,
        "folder": discussion.folder,
        "preset": discussion.preset,
        "aside": to_json(discussion.aside),
        "plan": to_json(discussion.plan) if discussion.plan else None,
    }
    database.put("discussions", row)
    for place, architect in enumerate(discussion.architects):
        database.put("architects", architect_row(discussion.id, place, architect))
    for round in discussion.rounds:
        put_round(database, discussion.id, round, discussion.created, owner)
        for turn in round.turns:
            put_turn(database, discussion.id, round.number, turn, owner)
    for coding in discussion.codings:
        put_coding(database, discussion.id, coding, owner)
    for decision in discussion.decisions:
        put_decision(database, discussion.id, decision)


def put_round(database: Database, discussion: str, round: Round, began: float, owner: str) -> None:
    """Puts in a round without its turns. `began` is in seconds since the epoch."""
    row = {
        "discussion": discussion,
        "number": round.number,
        "message": round.message,
        "began": began,
        "selection": to_json(round.shown.selection) if round.shown.selection else None,
        "seconds": round.seconds,
        "finished": round.finished,
        "preset": round.preset,
        "notes": to_json(round.notes),
        "owner": owner,
    }
    database.put("rounds", row)
    _put_shown(database, discussion, round.number, round.shown)


def _put_shown(database: Database, discussion: str, round: int, shown: Snapshot) -> None:
    for place, (path, text) in enumerate(shown.files.items()):
        key = keep_text(database, text)
        database.put("shown", {"discussion": discussion, "round": round, "place": place, "path": path, "text": key})


def put_turn(database: Database, discussion: str, round: int, turn: Turn, owner: str) -> None:
    """Puts in a turn as it stands, in the place of how it stood. Its `text` takes the place of what was streamed."""
    which = (discussion, round, turn.number)
    database.run("DELETE FROM turn_chunks WHERE discussion = ? AND round = ? AND turn = ?", *which)
    asked = keep_text(database, turn.asked)
    database.put("turns", turn_row(discussion, round, turn, asked, owner), replace=True)


def put_coding(database: Database, discussion: str, coding: Coding, owner: str) -> None:
    """The same for a `/code`."""
    database.run("DELETE FROM coding_chunks WHERE discussion = ? AND coding = ?", *(discussion, coding.number))
    database.put("codings", coding_row(discussion, coding, owner), replace=True)


def put_decision(database: Database, discussion: str, decision: Decision) -> None:
    """Puts in what the user decided, in the place of what has its number."""
    row = {"discussion": discussion, "number": decision.number, "value": to_json(decision)}
    database.put("decisions", row, replace=True)


def all_words(database: Database, workspace: str) -> Iterator[Words]:
    """Everything that was said in a workspace's discussions, each one's in the order in which it was said."""
    found: dict[str, list[tuple[tuple[int, int, int], Words]]] = {}
    queries = (
        ("number, NULL, message, 0, 0", "rounds"),
        ("round, architect, text, 0, number", "turns"),
        ("after_round, NULL, message, number, 0", "codings"),
        (f"after_round, '{EDITOR}', text, number, 1", "codings"),
    )
    for columns, table in queries:
        of = "SELECT id FROM discussions WHERE workspace = ?"
        query = f"SELECT discussion, {columns} FROM {table} WHERE discussion IN ({of})"
        for id, round, architect, text, coding, place in database.rows(query, workspace):
            said = Words(text_of(id), round, None if architect is None else text_of(architect), text_of(text))
            found.setdefault(said.discussion, []).append(((round, coding, place), said))
    for texts in found.values():
        yield from (said for _, said in sorted(texts, key=lambda one: one[0]))


def take_out(database: Database, id: str) -> None:
    """Takes a discussion out with everything that was said and proposed in it. Where it was a workspace's current one,
    that is the newest of the others now, or none. Checkpoints stay: they are about files."""
    for row in database.rows("SELECT workspace FROM workspaces WHERE current = ?", id):
        newest = "SELECT id FROM discussions WHERE workspace = ? AND id <> ? ORDER BY created DESC, rowid DESC LIMIT 1"
        if others := database.rows(newest, text_of(row["workspace"]), id):
            database.run("UPDATE workspaces SET current = ? WHERE current = ?", text_of(others[0]["id"]), id)
        else:
            database.run("DELETE FROM workspaces WHERE current = ?", id)
    database.run("DELETE FROM change_texts WHERE change IN (SELECT id FROM changes WHERE discussion = ?)", id)
    for table in _PARTS:
        database.run(f"DELETE FROM {table} WHERE discussion = ?", id)
    database.run("DELETE FROM discussions WHERE id = ?", id)


_PARTS: Iterable[str] = (
    *("changes", "turn_chunks", "turns", "shown", "rounds", "coding_chunks", "codings", "architects"),
    *("decisions", "conformity"),
)
"""The tables that hold a discussion, those that refer to others first."""
