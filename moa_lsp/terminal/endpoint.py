"""`moa-lsp endpoint`: serves a folder's presets as models until Ctrl-C, and says how a program gets at them.

Rules: the token is shown nowhere, only where it is kept, since a terminal's lines are copied and kept; a folder that
wants more of its settings than was agreed to is asked about in a terminal, and nowhere else. What is served, and to
whom, is `moa_lsp/endpoint/`'s.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import signal
from pathlib import Path

from moa_lsp.endpoint.server import Endpoint
from moa_lsp.endpoint.shapes import PREFIX
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.session.configuration import NOT_NOW, TRUST
from moa_lsp.session.one_folder import OneFolder
from moa_lsp.store.folders import folders, make_private
from moa_lsp.store.log import start_log, stop_log
from moa_lsp.store.store import open_store
from moa_lsp.store.traces import TraceFiles
from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.review import decide
from moa_lsp.terminal.screen import STRONG, WARNING, Screen
from moa_lsp.terminal.session import WrongUsage, launch_of

TOKEN_FILE = "endpoint-token"
_LOOK_EVERY = 2.0
"""Seconds between two looks at the settings for what to say about them; an answer looks for itself."""
_SHORTEST_TOKEN = 16


async def endpoint(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:  # noqa: ARG001
    """Serves until it is stopped. Raises `WrongUsage`, and `OSError` where the port can't be had."""
    root, own = launch_of(options).folder, folders()
    token, kept = _token(options.token, own.data)
    log = start_log(own.log)
    opened = open_store(own.data)
    door = ModelDoor(environ=os.environ, folder=own.cache, trace_to=TraceFiles(own.log).write)
    try:
        if opened.notice:
            screen.hint(opened.notice)
        workspace = OneFolder.of(root, own, opened.store, trusted=options.trust)
        _look(workspace, screen, ask=True)
        serving = Endpoint(workspace, door, token)
        try:
            port = await serving.start(options.host, options.port)
        except OSError as error:
            reason = error.strerror or str(error)
            raise WrongUsage(f"Port {options.port} can't be had ({reason}): choose another by --port.") from error
        try:
            _tell(screen, workspace, _address(options.host, port), kept)
            await _until_stopped(workspace, screen)
        finally:
            await serving.aclose()
    finally:
        await door.aclose()
        opened.store.close()
        stop_log(log)
    return OK


def _tell(screen: Screen, workspace: OneFolder, address: str, kept: Path | None) -> None:
    presets = [f"{PREFIX}{name}" for name in workspace.settings.known_presets]
    if screen.json:
        screen.document({"url": address, "models": presets, "tokenFile": str(kept) if kept else None})
        return
    screen.show((f"listening on {address}", STRONG), f" for {workspace.root}")
    screen.say(f"models: {', '.join(presets)}")
    if kept:
        screen.show(f"the key is in {kept}; for instance:")
        screen.show(f'  export OPENAI_API_BASE={address} OPENAI_API_KEY="$(cat {kept})"')
    screen.hint("Ctrl-C ends it")


async def _until_stopped(workspace: OneFolder, screen: Screen) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Here Ctrl-C is the way it is meant to end, and no cancelling of something.
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(name, stopped.set)
    while not stopped.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _LOOK_EVERY)
        _look(workspace, screen, ask=False)


def _look(workspace: OneFolder, screen: Screen, *, ask: bool) -> None:
    """Says what is wrong in the settings, where they changed, and asks about what isn't in force."""
    if not workspace.look():
        return
    configuration = workspace.configuration
    logging.getLogger("moa_lsp").setLevel(configuration.settings.log_level.upper())
    for problem in configuration.problems:
        screen.hint((f"! {problem.layer}: {problem.message}", WARNING))
    if not (withheld := configuration.withheld):
        return
    question = configuration.question(withheld)
    if ask and decide(question, (TRUST, NOT_NOW), yes=False) == TRUST:
        configuration.agree(withheld)
    else:
        screen.hint(f"{question} To be asked, start this anew in a terminal.")


def _token(given: str | None, data: Path) -> tuple[str, Path | None]:
    """The token, and the file it is kept in where we made it. Raises `WrongUsage`."""
    if given is not None:
        if len(given) < _SHORTEST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
            raise WrongUsage(f"A token is at least {_SHORTEST_TOKEN} letters, digits or signs without a blank.")
        return given, None
    make_private(data)
    file = data / TOKEN_FILE
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if len(kept := file.read_text(encoding="ascii").strip()) >= _SHORTEST_TOKEN:
            return kept, file
    # It is typed behind options of other programs, where one that begins with a dash is taken for an option (seen).
    made = f"moa-{secrets.token_urlsafe(32)}"
    # Not written over: whoever may have put something there, it isn't to be the file that others can read.
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{made}\n")
    return made, file


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
