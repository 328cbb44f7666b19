"""The traces: a line of JSON for each call to a model, in files of this user's alone, below the log folder.

Rules: a file a day (by UTC), and more of them on a day on which one grew large; the oldest go where there are too many.
Each line is written at once, at the file's end, so that several servers can share it; what can't be written is logged
once and costs nothing else. A line that can't be read, as one that was cut off when the disk was full, is passed over
and counted. What an error said goes through the log's `redacted`.

What is noted of a call is `middleware/trace.py`'s; how it is shown, `terminal/trace.py`'s.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen, mutable

from moa_lsp.discussion.values import Failure, Usage
from moa_lsp.middleware.trace import Again, CallTrace, Referred
from moa_lsp.store.folders import make_private
from moa_lsp.store.log import redacted

_log = logging.getLogger(__name__)

FOLDER = "moa"
"""The traces' folder, below the log folder."""

LARGEST_FILE = 4_000_000
"""Bytes after which a day's next file is begun."""

MOST_FILES = 20


@mutable
class TraceFiles:
    """Where calls are noted: `folder` is the user's log folder. It is made with the first note."""

    folder: Path
    _failed: bool = field(default=False, init=False)

    def write(self, trace: CallTrace) -> None:
        """Adds a call. Raises nothing."""
        line = json.dumps(row_of(trace), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        folder = self.folder / FOLDER
        try:
            path = _todays(folder, trace.begun)
            if not path.exists():
                make_private(self.folder)
                make_private(folder)
                _clear(folder)
            _append(path, line)
        except OSError as error:
            if not self._failed:
                _log.warning("calls can't be traced in %s: %s", folder, error.strerror or error)
            self._failed = True


def _todays(folder: Path, moment: datetime) -> Path:
    """The file that the next line of that day goes into, which may not exist yet."""
    day = moment.astimezone(UTC).strftime("%Y-%m-%d")
    for number in count(1):
        path = folder / (f"{day}.jsonl" if number == 1 else f"{day}.{number:03}.jsonl")
        try:
            if path.stat().st_size < LARGEST_FILE:
                return path
        except FileNotFoundError:
            return path
    raise AssertionError


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    try:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        if end:
            os.lseek(descriptor, end - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":  # that line was cut off, and this one is not to be lost with it
                line = b"\n" + line
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> list[Path]:
    """The files there are, oldest first."""
    return sorted(folder.glob("????-??-??*.jsonl"), key=lambda path: path.name.removesuffix(".jsonl"))


def _clear(folder: Path) -> None:
    """Makes room for one more file."""
    for path in _files(folder)[: -(MOST_FILES - 1)]:
        path.unlink(missing_ok=True)


def row_of(trace: CallTrace) -> dict[str, Any]:
    """A call as it is written: an object of JSON. Times are in seconds, `begun` is ISO 8601 in UTC."""
    usage = trace.usage
    return {
        "begun": trace.begun.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "discussion": trace.discussion,
        "round": trace.round,
        "stage": trace.stage,
        "architect": trace.architect,
        "model": trace.model,
        "repairs": trace.repairs,
        "messages": [{"role": one.role, "characters": one.characters, "sha256": one.sha256} for one in trace.messages],
        "firstWord": None if trace.first_word is None else round(trace.first_word, 3),
        "seconds": round(trace.seconds, 3),
        "usage": {
            "inputTokens": usage.input_tokens,
            "cachedTokens": usage.cached_tokens,
            "outputTokens": usage.output_tokens,
            "costUsd": usage.cost_usd,
        },
        "finish": trace.finish,
        "error": {"kind": trace.error.kind, "message": redacted(trace.error.message)} if trace.error else None,
        "cancelled": trace.cancelled,
        "tries": [{"kind": one.kind, "seconds": round(one.seconds, 3)} for one in trace.tries],
    }


@frozen
class Read:
    """What the files hold: the calls in the order in which they were written, and how many lines can't be read."""

    traces: tuple[CallTrace, ...]
    broken: int = 0


def read_traces(folder: Path, *, discussion: str | None = None, last: int | None = None) -> Read:
    """The calls below that log folder: of one discussion, where it is given, and only so many of the last ones. Files
    are read from the newest back, and no further than is needed. Raises `OSError` where one can't be read."""
    found: list[CallTrace] = []
    broken = 0
    for path in reversed(_files(folder / FOLDER)):
        here: list[CallTrace] = []
        for line in path.read_bytes().split(b"\n"):
            if not line.strip():
                continue
            trace = _trace_of(line)
            if trace is None:
                broken += 1
            elif discussion is None or trace.discussion == discussion:
                here.append(trace)
        found = here + found
        if last is not None and len(found) >= last:
            return Read(tuple(found[-last:]), broken)
    return Read(tuple(found), broken)


def _trace_of(line: bytes) -> CallTrace | None:
    """The call that a line holds; `None` where it holds none."""
    try:
        row = cast("Mapping[str, Any]", json.loads(line))
        return _read(row)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def _read(row: Mapping[str, Any]) -> CallTrace:
    usage, error = row["usage"], row["error"]
    begun = datetime.fromisoformat(row["begun"])
    if begun.tzinfo is None:
        raise ValueError("no time zone")
    return CallTrace(
        begun=begun,
        discussion=_text(row["discussion"]),
        architect=_text(row["architect"]),
        model=_text(row["model"]),
        round=None if row["round"] is None else int(row["round"]),
        stage=_text(row["stage"]),
        repairs=bool(row["repairs"]),
        messages=tuple(
            Referred(_text(one["role"]), int(one["characters"]), _text(one["sha256"])) for one in row["messages"]
        ),
        first_word=None if row["firstWord"] is None else float(row["firstWord"]),
        seconds=float(row["seconds"]),
        usage=Usage.of(
            _whole(usage["inputTokens"]),
            _whole(usage["cachedTokens"]),
            _whole(usage["outputTokens"]),
            None if usage["costUsd"] is None else float(usage["costUsd"]),
        ),
        finish=None if row["finish"] is None else _text(row["finish"]),
        error=None if error is None else Failure(_text(error["kind"]), _text(error["message"])),
        cancelled=bool(row["cancelled"]),
        tries=tuple(Again(_text(one["kind"]), float(one["seconds"])) for one in row["tries"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole(value: object) -> int | None:
    return None if value is None else int(cast("int", value))
