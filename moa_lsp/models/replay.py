"""Recorded discussions as models: `replay:NAME` is a cassette that comes with the program, `replay:PATH` the user's.

A cassette is JSON lines, one reply a line: `speaker` (the architect's name), `turn` (from 1), `text`, and, where known,
`pace` (pairs of seconds to wait and code points that then arrive), `asked` (a hash of the messages that were
answered), `finish` and `model` (as recorded), and `error` (its `kind` and `message`) where the reply failed. With
`repairs` the line is no reply of its own but what came of asking for edits of that turn's reply once more.

Rules: a reply that answers exactly these messages comes first, else the one for that speaker and turn, where the turn
is 1 and the number of the speaker's own replies in the messages, and a failure without a word is none; a repair is
never taken for a reply, nor a reply for a repair; a recording that ends is an error that says so; no model is called,
so nothing is used; what another program wants passed on is answered in words, without tools.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from moa_lsp.discussion.values import Message, Usage
from moa_lsp.models.errors import Kind, error
from moa_lsp.models.model import Call, Chunk, Done, ModelError, Words

SCHEME = "replay:"

_WORDS_A_SECOND = 40.0


@frozen
class Recorded:
    """One line of a cassette."""

    speaker: str
    turn: int
    text: str
    pace: tuple[tuple[float, int], ...] | None = None
    asked: str | None = None
    finish: str | None = "stop"
    error: tuple[str, str] | None = None
    repairs: bool = False


class BadCassette(Exception):
    """A cassette that can't be read; the message names the file and, where there is one, the line."""


class ReplayModel:
    """Answers from cassettes. Each call reads the file anew, so a recording can be mended while the server runs."""

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`. Raises `replay_ended` where no reply fits, `bad_replay` where the file can't be read."""
        name = call.architect.model.removeprefix(SCHEME)
        try:
            cassette = await asyncio.to_thread(read_cassette, name)
        except BadCassette as bad:
            raise error(Kind.BAD_REPLAY, call.architect, detail=str(bad)) from bad
        reply = choose(cassette, call)
        if reply is None:
            detail = f"its reply {turn_of(call)} is asked for" + (" once more" if call.repairs else "")
            raise error(Kind.REPLAY_ENDED, call.architect, detail=detail)
        for seconds, text in paced(reply):
            await asyncio.sleep(seconds)
            yield Words(text)
        if reply.error:
            raise ModelError(*reply.error, usage=Usage.nothing())
        yield Done(reply.finish, Usage.nothing())


def is_replay(model: str) -> bool:
    """Whether a model's name means a recording."""
    return model.startswith(SCHEME)


def asked_hash(messages: Sequence[Message]) -> str:
    """The SHA-256 of what was asked, in hexadecimal: of the messages' roles and texts as JSON in UTF-8."""
    rows = [[message.role, message.text] for message in messages]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def turn_of(call: Call) -> int:
    """Which of the speaker's replies is asked for, or to be repaired, from 1."""
    return sum(message.role == "assistant" for message in call.messages) + (0 if call.repairs else 1)


def choose(cassette: Sequence[Recorded], call: Call) -> Recorded | None:
    """The reply to a call, or `None` where the recording holds none."""
    asked = asked_hash(call.messages)
    exact = next((reply for reply in cassette if reply.asked == asked), None)
    if exact is not None:
        return exact
    turn = turn_of(call)
    name = call.architect.name.lower()
    own = (reply for reply in cassette if reply.speaker.lower() == name and (reply.text or not reply.error))
    return next((reply for reply in own if reply.turn == turn and reply.repairs == call.repairs), None)


def paced(reply: Recorded) -> Iterator[tuple[float, str]]:
    """The reply's text in the pieces it arrived in, each with the seconds to wait before it."""
    if reply.pace is None:
        for word in re.findall(r"\s*\S+\s*?|\s+$", reply.text):
            yield 1 / _WORDS_A_SECOND, word
        return
    place = 0
    for seconds, length in reply.pace:
        if text := reply.text[place : place + length]:
            yield seconds, text
        place += length
    if rest := reply.text[place:]:
        yield 0.0, rest


def read_cassette(name: str) -> tuple[Recorded, ...]:
    """A cassette by the name of a bundled one or by its path. Raises `BadCassette`."""
    where = name
    try:
        if re.fullmatch(r"[A-Za-z0-9_-]+", name):
            text = (files("moa_lsp") / "demo" / f"{name}.jsonl").read_text(encoding="utf-8")
        else:
            text = Path(name).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else "it is not UTF-8 text"
        raise BadCassette(f"{where}: {reason}") from wrong
    lines = enumerate(text.split("\n"), start=1)
    return tuple(_recorded(f"{where}, line {number}", line) for number, line in lines if line.strip())


def _recorded(where: str, line: str) -> Recorded:
    try:
        parsed: object = json.loads(line)
    except ValueError as wrong:
        raise BadCassette(f"{where}: not JSON") from wrong
    if not isinstance(parsed, dict):
        raise BadCassette(f"{where}: not an object")
    row = cast("dict[str, Any]", parsed)
    for key, kind in (("speaker", str), ("turn", int), ("text", str)):
        if not isinstance(row.get(key), kind):
            raise BadCassette(f"{where}: {key} is missing or of the wrong type")
    for key in ("asked", "finish"):
        if not isinstance(row.get(key), str | None):
            raise BadCassette(f"{where}: {key} is of the wrong type")
    try:
        pace = (
            tuple((max(0.0, float(seconds)), int(length)) for seconds, length in row["pace"]) if "pace" in row else None
        )
    except (TypeError, ValueError) as wrong:
        raise BadCassette(f"{where}: pace is not a list of pairs of numbers") from wrong
    try:
        error = (str(row["error"]["kind"]), str(row["error"]["message"])) if row.get("error") else None
    except (TypeError, KeyError) as wrong:
        raise BadCassette(f"{where}: error is no object with a kind and a message") from wrong
    repairs = row.get("repairs", False)
    if not isinstance(repairs, bool):
        raise BadCassette(f"{where}: repairs is neither true nor false")
    finish = row.get("finish", "stop")
    return Recorded(row["speaker"], row["turn"], row["text"], pace, row.get("asked"), finish, error, repairs)
