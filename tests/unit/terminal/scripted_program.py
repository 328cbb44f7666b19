"""Running the program against a scripted server in its own process, and the contract's objects in small."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from moa_lsp.cli import main
from moa_lsp.terminal import client

Json = dict[str, Any]
Script = Mapping[str, Sequence[Mapping[str, Any]]]

FAKE_SERVER = Path(__file__).with_name("fake_server.py")


@frozen
class Outcome:
    """What one run of the program came to. `received` is what the fake server got."""

    code: int
    stdout: str
    stderr: str
    received: list[Json]

    def params(self, method: str) -> Json:
        return next(message["params"] for message in self.received if message.get("method") == method)

    def all_params(self, method: str) -> list[Json]:
        return [message["params"] for message in self.received if message.get("method") == method]

    def answers(self) -> list[Any]:
        """What the client answered to the server's requests, errors included."""
        return [message.get("result", message.get("error")) for message in self.received if "method" not in message]


class Program:
    """Runs the program against the scripted server, in a workspace folder."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.folder = folder
        self._work = work
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def command(self, script: Script) -> tuple[list[str], Path]:
        """The fake server's command line, and where it logs."""
        path, log = self._work / "script.json", self._work / "log.jsonl"
        path.write_text(json.dumps(script))
        log.write_text("")
        return [sys.executable, str(FAKE_SERVER), str(path), str(log)], log

    def run(self, script: Script, *arguments: str, server: Sequence[str] | None = None) -> Outcome:
        """Runs the program with these arguments; `server` replaces the scripted server's command line."""
        scripted, log = self.command(script)
        command = scripted if server is None else server
        self._monkeypatch.setattr(client, "SERVER", command)
        self._capsys.readouterr()
        code = main(arguments)
        captured = self._capsys.readouterr()
        received = [json.loads(line) for line in log.read_text().splitlines()]
        return Outcome(code, captured.out, captured.err, received)


def usage(cost: float | None = 0.009, known: float | None = None) -> Json:
    return {
        "inputTokens": 1900,
        "cachedTokens": 950,
        "outputTokens": 612,
        "costUsd": cost,
        "knownCostUsd": cost if known is None else known,
    }


def turn(architect: str, text: str = "", **others: Any) -> Json:
    return {
        "architect": architect,
        "model": f"scripted/{architect}",
        "status": "done",
        "text": text,
        "proposal": None,
        "change": None,
        "usage": usage(),
        "seconds": 4.1,
        **others,
    }


def round_of(*turns: Json, number: int = 1, **others: Any) -> Json:
    return {
        "discussion": "d1",
        "number": number,
        "message": "Why?",
        "turns": list(turns),
        "usage": usage(0.02),
        "seconds": 8.2,
        **others,
    }


def events(turns: Sequence[Json], pieces: int = 3) -> list[Json]:
    """The steps of a round in which each of the turns streams, in pieces of that many characters."""
    steps: list[Json] = [{"event": {"kind": "roundStarted", "discussion": "d1", "number": 1, "message": "Why?"}}]
    for one in turns:
        name, text = one["architect"], one["text"]
        steps.append({"event": {"kind": "turnStarted", "discussion": "d1", "architect": name}})
        for at in range(0, len(text), pieces):
            piece = text[at : at + pieces]
            steps.append({"event": {"kind": "turnDelta", "discussion": "d1", "architect": name, "text": piece}})
        steps.append({"event": {"kind": "turnFinished", "discussion": "d1", "turn": one}})
    return steps


def hunk(id: str, line: int, new: str, lines: int = 1, status: str = "pending") -> Json:
    ends = {"start": {"line": line, "character": 0}, "end": {"line": line + lines, "character": 0}}
    return {"id": id, "range": ends, "newText": new, "status": status, "sources": ["alpha"]}


def change_of(*files: Json, diff: str = "", status: str = "pending", problems: Sequence[Json] = ()) -> Json:
    return {
        "id": "c1",
        "discussion": "d1",
        "source": "code",
        "title": "Narrow the except",
        "status": status,
        "files": list(files),
        "diff": diff,
        "problems": list(problems),
    }


def file_of(path: Path, *hunks: Json, kind: str = "edit") -> Json:
    return {"uri": path.as_uri(), "kind": kind, "version": None, "hunks": list(hunks)}


def text_edit(hunk: Json) -> Json:
    return {"range": hunk["range"], "newText": hunk["newText"]}
