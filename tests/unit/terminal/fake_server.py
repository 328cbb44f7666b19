"""A scripted server for the terminal client's tests: its own process, speaking LSP's framing over its stdin and stdout.

    python fake_server.py SCRIPT LOG

SCRIPT is a JSON object: a method's name to the steps it makes, one after the other; LOG gets every message that came,
one a line. A step is one of `{"event": params}` (a `moa/event`), `{"message": text}` (a `window/showMessage`),
`{"ask": [method, params]}` (a request), `{"interrupt": true}` (Ctrl-C for the client, its parent), `{"until": method}`
(reads until that message came), `{"print": text}` (to stderr), `{"die": code}`, `{"result": value}` or `{"error":
[code, message]}`, with an error's data as a third where it has some (which answer the request). Standard library only,
so that it starts at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ALONE: Json = {"discussion": "d1", "architects": [], "regions": [], "counts": {}}
"""What `moa/disagreement` is answered with where the script says nothing of it: there is none."""


class Server:
    """Reads one message after the other; what arrives while a request waits for something is only logged."""

    def __init__(self, script: dict[str, Sequence[Json]], log: Path) -> None:
        self.script = {"moa/disagreement": [{"result": ALONE}], **script}
        self.log = log
        self.asked = 0

    def serve(self) -> int:
        while (message := self.read()) is not None:
            match message.get("method"):
                case "initialize":
                    encoding = message["params"]["capabilities"]["general"]["positionEncodings"][0]
                    self.answer(message, result={"capabilities": {"positionEncoding": encoding}})
                case "shutdown":
                    self.answer(message, result=None)
                case "exit":
                    return 0
                case str(method) if "id" in message:
                    self.play(message, self.script.get(method, [{"error": [-32601, f"no {method} in the script"]}]))
                case _:
                    pass
        return 1

    def play(self, request: Json, steps: Sequence[Json]) -> None:
        for step in steps:
            match step:
                case {"event": params}:
                    self.send({"method": "moa/event", "params": params})
                case {"message": text}:
                    self.send({"method": "window/showMessage", "params": {"type": 2, "message": text}})
                case {"ask": [method, params]}:
                    self.asked += 1
                    self.send({"id": f"s{self.asked}", "method": method, "params": params})
                    while (answer := self.read()) is not None and answer.get("id") != f"s{self.asked}":
                        pass
                case {"interrupt": _}:
                    os.kill(os.getppid(), signal.SIGINT)
                case {"until": method}:
                    while (message := self.read()) is not None and message.get("method") != method:
                        pass
                case {"print": text}:
                    sys.stderr.write(text)
                    sys.stderr.flush()
                case {"die": code}:
                    os._exit(code)
                case {"error": [code, text, *data]}:
                    more = {"data": data[0]} if data else {}
                    self.answer(request, error={"code": code, "message": text, **more})
                case _:
                    self.answer(request, result=step["result"])

    def answer(self, request: Json, **answer: Any) -> None:
        self.send({"id": request["id"], **answer})

    def send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        sys.stdout.buffer.flush()

    def read(self) -> Json | None:
        length = 0
        while (line := sys.stdin.buffer.readline()) != b"\r\n":
            if not line:
                return None
            length = int(line.partition(b":")[2])
        message: Json = json.loads(sys.stdin.buffer.read(length))
        with self.log.open("a") as log:
            log.write(json.dumps(message) + "\n")
        return message


if __name__ == "__main__":
    script, log = map(Path, sys.argv[1:])
    sys.exit(Server(json.loads(script.read_text()), log).serve())
