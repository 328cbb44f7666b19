"""How the values of a discussion, changes and checkpoints become rows of the store's tables, and come back the same.

What was written by an earlier version of the program reads as it did then: JSON columns may lack fields that have a
default. Which rows are written when is `store.py`'s; the tables are in `migrations.py`.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from attrs import evolve
from cattrs import Converter

from moa_lsp.discussion.values import (
    Architect,
    Coding,
    Decision,
    Discussion,
    Failure,
    GivenUp,
    PlanEdits,
    Question,
    Repair,
    Round,
    Said,
    Seat,
    Selection,
    Snapshot,
    Stance,
    Status,
    Turn,
    Usage,
)
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, Problem
from moa_lsp.store.checkpoint import Checkpoint, KeptFile
from moa_lsp.store.database import Cell, Database, text_of
from moa_lsp.store.log import redacted

_converter = Converter()
_COMPRESSION = 3
"""Measured on source text: level 3 takes half of level 6's time and a tenth more room."""


def to_json(value: object) -> str:
    """Values, and tuples and sets of them, as JSON in ASCII, which holds any text unharmed."""
    return json.dumps(_converter.unstructure(value))


# --- texts that are kept once


def keep_text(database: Database, text: str) -> bytes:
    """Puts the text into `texts` unless it is there, and returns its key. Inside a transaction."""
    body = text.encode("utf-8", "surrogatepass")
    key = hashlib.sha256(body).digest()
    if not database.rows("SELECT 1 FROM texts WHERE sha256 = ?", key):
        database.put("texts", {"sha256": key, "body": zlib.compress(body, _COMPRESSION)})
    return key


def keep_text_or_none(database: Database, text: str | None) -> bytes | None:
    """The same for a text that stands for a file, which there may not be."""
    return None if text is None else keep_text(database, text)


def unpacked(body: bytes) -> str:
    """A text from its row's `body`."""
    return zlib.decompress(body).decode("utf-8", "surrogatepass")


def _unpacked_or_none(body: bytes | None) -> str | None:
    return None if body is None else unpacked(body)


# --- what both turns and codings have


def _ended(usage: Usage, seconds: float, error: Failure | None) -> dict[str, Cell]:
    return {
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
        "known_cost_usd": usage.known_cost_usd,
        "seconds": seconds,
        "error_kind": error.kind if error else None,
        # A provider's refusal may quote the key it was sent.
        "error_message": redacted(error.message) if error else None,
    }


def usage_of(row: Mapping[str, Any]) -> Usage:
    return Usage(
        row["input_tokens"], row["cached_tokens"], row["output_tokens"], row["cost_usd"], row["known_cost_usd"]
    )


def _error_of(row: Mapping[str, Any]) -> Failure | None:
    return None if row["error_kind"] is None else Failure(text_of(row["error_kind"]), text_of(row["error_message"]))


def _repair_cell(repair: Repair | None) -> str | None:
    if repair is None:
        return None
    error = evolve(repair.error, message=redacted(repair.error.message)) if repair.error else None
    return to_json(evolve(repair, error=error))


def _repair_of(cell: Any) -> Repair | None:
    return None if cell is None else _converter.structure(json.loads(cell), Repair)


def _optional(cell: Any) -> str | None:
    return None if cell is None else text_of(cell)


# --- turns and codings


def turn_row(discussion: str, round: int, turn: Turn, asked: bytes, owner: str) -> dict[str, Cell]:
    """`asked` is the key of the turn's `asked` in `texts`."""
    return {
        "discussion": discussion,
        "round": round,
        "number": turn.number,
        "architect": turn.architect,
        "model": turn.model,
        "status": turn.status.value,
        "asked": asked,
        "saw": json.dumps(sorted((said.round, said.turn) for said in turn.saw)),
        "text": turn.text,
        "proposal": turn.proposal,
        **_ended(turn.usage, turn.seconds, turn.error),
        "notes": json.dumps(turn.notes),
        "change": turn.change,
        "repair": _repair_cell(turn.repair),
        "retries": turn.retries,
        "step": turn.step,
        "stage": turn.stage,
        "parallel": turn.parallel,
        "stances": to_json(turn.stances),
        "questions": to_json(turn.questions),
        "gave_up": to_json(turn.gave_up),
        "owner": owner,
    }


def turn_of(row: Mapping[str, Any], asked: str, streamed: str) -> Turn:
    """The turn of a row; `streamed` is what its chunks hold beyond its text."""
    return Turn(
        row["number"],
        text_of(row["architect"]),
        text_of(row["model"]),
        Status(row["status"]),
        asked,
        frozenset(Said(round, turn) for round, turn in json.loads(row["saw"])),
        text_of(row["text"]) + streamed,
        _optional(row["proposal"]),
        usage_of(row),
        row["seconds"],
        _error_of(row),
        tuple(json.loads(row["notes"])),
        _optional(row["change"]),
        _repair_of(row["repair"]),
        row["retries"],
        row["step"],
        text_of(row["stage"]),
        bool(row["parallel"]),
        stances_of(row["stances"]),
        _converter.structure(json.loads(row["questions"]), tuple[Question, ...]),
        _converter.structure(json.loads(row["gave_up"]), tuple[GivenUp, ...]),
    )


def stances_of(cell: Any) -> tuple[Stance, ...]:
    """What a turn says of others' proposals."""
    return _converter.structure(json.loads(cell), tuple[Stance, ...])


def coding_row(discussion: str, coding: Coding, owner: str) -> dict[str, Cell]:
    return {
        "discussion": discussion,
        "number": coding.number,
        "after_round": coding.after_round,
        "message": coding.message,
        "model": coding.model,
        "status": coding.status.value,
        "text": coding.text,
        **_ended(coding.usage, coding.seconds, coding.error),
        "change": coding.change,
        "repair": _repair_cell(coding.repair),
        "composed": coding.composed,
        "owner": owner,
    }


def coding_of(row: Mapping[str, Any], streamed: str) -> Coding:
    """The coding of a row; `streamed` is what its chunks hold beyond its text."""
    return Coding(
        row["number"],
        row["after_round"],
        text_of(row["message"]),
        text_of(row["model"]),
        Status(row["status"]),
        text_of(row["text"]) + streamed,
        usage_of(row),
        row["seconds"],
        _error_of(row),
        _optional(row["change"]),
        _repair_of(row["repair"]),
        bool(row["composed"]),
    )


# --- discussions


def discussion_of(row: Mapping[str, Any]) -> Discussion:
    """The discussion of a row, as yet without architects, rounds and codings."""
    return Discussion(
        text_of(row["id"]),
        text_of(row["title"]),
        row["created"],
        folder=_optional(row["folder"]),
        preset=_optional(row["preset"]),
        aside=aside_of(row["aside"]),
        plan=None if row["plan"] is None else _converter.structure(json.loads(row["plan"]), PlanEdits),
    )


def decision_of(cell: Any) -> Decision:
    """What the user decided, from its JSON."""
    return _converter.structure(json.loads(cell), Decision)


def aside_of(cell: Any) -> Usage:
    """What a discussion used beside its rounds and codings."""
    return Usage.nothing() if cell is None else _converter.structure(json.loads(cell), Usage)


def architect_row(discussion: str, place: int, architect: Architect) -> dict[str, Cell]:
    """Only who speaks: how to call the model comes from settings every time, and is never kept."""
    return {
        "discussion": discussion,
        "place": place,
        "name": architect.name,
        "model": architect.model,
        "role": architect.role,
        "dropped": architect.dropped,
        "added": architect.added,
        "set_role": architect.set_role,
        "seat": architect.seat.value,
    }


def architect_of(row: Mapping[str, Any]) -> Architect:
    return Architect(
        text_of(row["name"]),
        text_of(row["model"]),
        _optional(row["role"]),
        dropped=bool(row["dropped"]),
        added=bool(row["added"]),
        set_role=_optional(row["set_role"]),
        seat=Seat(row["seat"]),
    )


def round_of(row: Mapping[str, Any], shown: Mapping[str, str], turns: tuple[Turn, ...]) -> Round:
    """The round of a row, with the files that it showed and its turns."""
    return Round(
        row["number"],
        text_of(row["message"]),
        Snapshot(shown, _selection_of(row["selection"])),
        turns,
        row["seconds"],
        bool(row["finished"]),
        text_of(row["preset"]),
        tuple(json.loads(row["notes"])),
    )


def _selection_of(cell: Any) -> Selection | None:
    return None if cell is None else _converter.structure(json.loads(cell), Selection)


# --- changes


def change_row(change: Change, workspace: str) -> dict[str, Cell]:
    """The row without its texts, which `change_texts` names."""
    return {
        "id": change.id,
        "discussion": change.discussion,
        "workspace": workspace,
        "source": change.source,
        "title": change.title,
        "open": change.is_open,
        "files": to_json(change.files),
        "problems": to_json(change.problems),
        "reasons": to_json(change.reasons),
    }


def change_texts(change: Change) -> list[tuple[str, str, str | None]]:
    """The texts a change comes with, as path, part and text."""
    texts = [(path, "base", text) for path, text in change.base.items()]
    for path, (before, after) in change.written.items():
        texts += [(path, "before", before), (path, "after", after)]
    return texts


def change_of(row: Mapping[str, Any], texts: list[tuple[str, str, str | None]]) -> Change:
    """The change of a row and its texts, in any order."""
    parts = {(path, part): text for path, part, text in texts}
    change = Change(
        text_of(row["id"]),
        text_of(row["discussion"]),
        text_of(row["source"]),
        text_of(row["title"]),
        _converter.structure(json.loads(row["files"]), tuple[FileChange, ...]),
        _converter.structure(json.loads(row["problems"]), tuple[Problem, ...]),
        tuple(json.loads(row["reasons"])),
    )
    return evolve(
        change,
        base={path: text for (path, part), text in parts.items() if part == "base"},
        written={path: (text, parts[path, "after"]) for (path, part), text in parts.items() if part == "before"},
    )


# --- checkpoints


def checkpoint_row(checkpoint: Checkpoint, workspace: str) -> dict[str, Cell]:
    """The row without its files."""
    return {
        "id": checkpoint.id,
        "workspace": workspace,
        "created": checkpoint.created,
        "title": checkpoint.title,
        "change": checkpoint.change,
        "discussion": checkpoint.discussion,
    }


def checkpoint_file_row(checkpoint: str, path: str, file: KeptFile, before: bytes | None) -> dict[str, Cell]:
    """The row of one file before the write; `before` is its text's key in `texts`."""
    return {
        "checkpoint": checkpoint,
        "path": path,
        "before": before,
        "encoding": file.encoding,
        "bom": file.bom,
        "renamed_to": file.renamed_to,
        "left_as": None,
        "settled": False,
    }


def checkpoint_of(row: Mapping[str, Any], files: Mapping[str, KeptFile]) -> Checkpoint:
    return Checkpoint(
        text_of(row["id"]),
        row["created"],
        text_of(row["title"]),
        _optional(row["change"]),
        _optional(row["discussion"]),
        files,
    )


def kept_file_of(row: Mapping[str, Any]) -> KeptFile:
    """The file of a row that comes with the bodies of its texts, `before_body` and `left_body`."""
    return KeptFile(
        _unpacked_or_none(row["before_body"]),
        text_of(row["encoding"]),
        bool(row["bom"]),
        _optional(row["renamed_to"]),
        _unpacked_or_none(row["left_body"]),
        bool(row["settled"]),
    )
