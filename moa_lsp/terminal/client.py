"""The client's side of LSP: starts our own server, says hello and goodbye, asks commands, answers what the server asks.

It announces only what it can do. An edit is carried out while a command that the user gave to that end runs, and
refused at any other time: a yes is a person's. What is shown is `conversation.py`'s, files are `workspace_edit.py`'s.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

import moa_lsp
from moa_lsp.terminal.connection import (
    METHOD_NOT_FOUND,
    Connection,
    ConnectionLost,
    Json,
    RequestFailed,
)
from moa_lsp.terminal.files import Folder
from moa_lsp.terminal.workspace_edit import carry_out

HELLO_WITHIN = 60.0
"""Seconds for the server to start and to answer `initialize`."""
GOODBYE_WITHIN = 5.0
"""Seconds for it to end its work and leave, before it is killed."""

_LAST_LINES = 12
"""So many of the last lines on stderr are shown when the server ends unexpectedly: a traceback's end."""

SERVER: Sequence[str] = (sys.executable, "-P", "-m", "moa_lsp")
"""The server's command. `-P`: nothing is imported from the folder we are in, whatever lies there."""

_CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-32", "utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "applyEdit": True,
        "configuration": False,
        "workspaceFolders": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "delete", "rename"],
            "failureHandling": "undo",
            "changeAnnotationSupport": {},
        },
    },
}


@frozen
class Launch:
    """How the server is to be run. `settings` are the `moa` section, `trusted` says the user trusts the folder."""

    folder: Path
    settings: Json = field(factory=dict[str, Any])
    trusted: bool = False
    events: bool = True
    command: Sequence[str] = field(factory=lambda: SERVER)
    environment: Mapping[str, str] = field(factory=lambda: dict(os.environ), repr=False)


@define(eq=False)
class Client:
    """A running server and the connection to it. Made by `connected`."""

    process: asyncio.subprocess.Process
    folder: Folder
    on_event: Callable[[Json], None]
    on_message: Callable[[str], None]
    on_question: Callable[[str, Sequence[str]], str | None]
    connection: Connection = field(init=False)
    position_encoding: str = field(default="utf-16", init=False)
    _writing: bool = field(default=False, init=False)
    _running: set[int] = field(factory=set[int], init=False)
    _stderr: bytes = field(default=b"", init=False)
    _reading: asyncio.Task[None] = field(init=False)
    _listening: asyncio.Task[None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self.connection = Connection(self.process.stdout, self.process.stdin, self._notified, self._requested)
        self._reading = asyncio.create_task(self.connection.run())
        self._listening = asyncio.create_task(self._listen())

    async def ask(self, command: str, *, writes: bool = False, **argument: Any) -> Any:
        """Has the server carry out a command of the contract and returns its result.

        Arguments that are `None` are left out. `writes` allows the server to have files edited meanwhile.
        Raises `RequestFailed` and `ConnectionLost`.
        """
        given = {key: value for key, value in argument.items() if value is not None}
        id, result = self.connection.request(f"moa/{command}", given)
        self._running.add(id)
        self._writing = writes
        try:
            return await result
        finally:
            self._writing = False
            self._running.discard(id)

    def cancel(self) -> bool:
        """Asks the server to stop what runs; tells whether anything does."""
        for id in self._running:
            self.connection.cancel(id)
        return bool(self._running)

    def kill(self) -> None:
        """Ends the server at once."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def last_words(self) -> str:
        """How the server ended, and what it wrote to stderr before: for the case that it did so unexpectedly."""
        await asyncio.wait({self._listening}, timeout=1.0)
        if self.process.returncode is None:
            self.kill()
            ended = "The server can't be understood: what it sends is no LSP."
        else:
            ended = f"The server ended unexpectedly (code {self.process.returncode})."
        lines = self._stderr.decode(errors="replace").splitlines()
        return "\n".join([ended, *lines[-_LAST_LINES:]])

    # --- what the server wants

    def _notified(self, method: str, params: Json) -> None:
        if method == "moa/event":
            self.on_event(params)
        elif method == "window/showMessage":
            self.on_message(str(params.get("message", "")))

    async def _requested(self, method: str, params: Json) -> Any:
        match method:
            case "workspace/applyEdit":
                if not self._writing:
                    return {"applied": False, "failureReason": "no edit was asked for here"}
                return carry_out(self.folder, params, self.position_encoding)
            case "workspace/configuration":
                return [None for _ in params.get("items", ())]
            case "workspace/workspaceFolders":
                return [self._workspace_folder()]
            case "window/showMessageRequest":
                return self._answered(params)
            case "window/workDoneProgress/create" | "client/registerCapability" | "client/unregisterCapability":
                return None
            case _:
                raise RequestFailed(METHOD_NOT_FOUND, f"this client doesn't know {method}")

    def _answered(self, params: Json) -> Json | None:
        """The action that the user chose, as the server sent it. A question is a part of what a command asked for."""
        actions: list[Json] = params.get("actions") or []
        chosen = self.on_question(str(params.get("message", "")), [str(one["title"]) for one in actions])
        return next((one for one in actions if one["title"] == chosen), None)

    def _workspace_folder(self) -> Json:
        return {"uri": self.folder.root.as_uri(), "name": self.folder.root.name}

    # --- coming and going

    async def hello(self, launch: Launch) -> None:
        """The handshake. Raises `ConnectionLost` or `RequestFailed` where there is no server to speak with."""
        params: Json = {
            "processId": os.getpid(),
            "clientInfo": {"name": "moa-lsp terminal", "version": moa_lsp.__version__},
            "rootUri": self.folder.root.as_uri(),
            "workspaceFolders": [self._workspace_folder()],
            "capabilities": _CAPABILITIES,
            "initializationOptions": {
                "settings": launch.settings,
                "trusted": launch.trusted,
                "events": launch.events,
                # What architects ask is put to the user here, where any answer can be typed.
                "ownCommands": True,
            },
        }
        _, answer = self.connection.request("initialize", params)
        try:
            initialized = await asyncio.wait_for(answer, HELLO_WITHIN)
        except TimeoutError:
            raise ConnectionLost from None
        self.position_encoding = initialized.get("capabilities", {}).get("positionEncoding", "utf-16")
        self.connection.notify("initialized", {})

    async def goodbye(self) -> None:
        """Ends the server in the way LSP has it, and in any case."""
        with suppress(TimeoutError, ConnectionLost, RequestFailed):
            _, answer = self.connection.request("shutdown", None)
            await asyncio.wait_for(answer, GOODBYE_WITHIN)
            self.connection.notify("exit")
            await asyncio.wait_for(self.process.wait(), GOODBYE_WITHIN)
        if self.process.returncode is None:
            self.kill()
            await self.process.wait()
        for task in (self._reading, self._listening):
            task.cancel()

    async def _listen(self) -> None:
        """Keeps the end of what the server writes to stderr, and knows when it has ended."""
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(65536):
            self._stderr = (self._stderr + data)[-65536:]
        await self.process.wait()


@asynccontextmanager
async def connected(
    launch: Launch,
    on_event: Callable[[Json], None],
    on_message: Callable[[str], None],
    on_question: Callable[[str, Sequence[str]], str | None] = lambda _question, _choices: None,
) -> AsyncGenerator[Client]:
    """A server of our own for as long as the block runs; its events and what it has to tell the user go to the two
    functions, what it asks to the third, which returns one of the choices, or `None`.

    Raises `ServerLost` where it can't be reached any more, and `RequestFailed` where it refuses to start."""
    process = await asyncio.create_subprocess_exec(
        *launch.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=launch.folder,
        env=dict(launch.environment),
        # Ctrl-C is for this process to hear; the server is told what it means.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    client = Client(process, Folder(launch.folder), on_event, on_message, on_question)
    try:
        await client.hello(launch)
        yield client
    except ConnectionLost:
        raise ServerLost(await client.last_words()) from None
    finally:
        await client.goodbye()


class ServerLost(Exception):
    """The server could not be started, or ended unexpectedly; the message is for people."""
