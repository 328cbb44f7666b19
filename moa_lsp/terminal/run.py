"""Runs one command of the terminal client: the event loop, Ctrl-C, and what becomes of errors.

Every failure becomes a sentence on stderr and an exit code (`arguments.py` lists them); with `--json` it is a document
on stdout. What the commands do is in `commands.py`, `demo.py` and `doctor.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from moa_lsp.terminal import commands, planning, presets, questions, settle
from moa_lsp.terminal.arguments import CANCELLED, FAILED, NOTHING, USAGE
from moa_lsp.terminal.client import ServerLost
from moa_lsp.terminal.connection import INVALID_PARAMS, REQUEST_CANCELLED, REQUEST_FAILED, Json, RequestFailed
from moa_lsp.terminal.edited_text import Refused
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.review import Interrupted
from moa_lsp.terminal.screen import Screen
from moa_lsp.terminal.session import NothingToDo, WrongUsage

_EXIT_CODES = {INVALID_PARAMS: USAGE, REQUEST_CANCELLED: CANCELLED}


async def _demo(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    from moa_lsp.terminal.demo import demo

    return await demo(options, screen, interrupt)


async def _doctor(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    # Looking into every room takes imports that no other command needs.
    from moa_lsp.terminal.doctor import doctor

    return await doctor(options, screen, interrupt)


async def _endpoint(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    from moa_lsp.terminal.endpoint import endpoint

    return await endpoint(options, screen, interrupt)


async def _ask(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    from moa_lsp.terminal.ask import ask

    return await ask(options, screen, interrupt)


async def _trace(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    from moa_lsp.terminal.trace import trace

    return await trace(options, screen, interrupt)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, Screen, Interrupt], Awaitable[int]]] = {
    "ask": _ask,
    "discuss": commands.discuss,
    "code": commands.code,
    "drop": commands.set_architect,
    "restore": commands.set_architect,
    "apply": commands.apply,
    "reject": commands.reject,
    "undo": commands.undo,
    "checkpoints": commands.checkpoints,
    "restore-checkpoint": commands.restore_checkpoint,
    "answer": questions.answer,
    "disagreement": settle.disagreement,
    "take": settle.take,
    "leave": settle.leave,
    "reopen": settle.reopen,
    "compose": settle.compose,
    "plan": planning.plan,
    "presets": presets.presets,
    "preset": presets.choose,
    "new": commands.new,
    "list": commands.list_all,
    "show": commands.show,
    "demo": _demo,
    "doctor": _doctor,
    "endpoint": _endpoint,
    "trace": _trace,
}
_REFUSABLE = ("apply", "reject", "undo", "restore-checkpoint", "take", "leave", "reopen", "compose")


def run(options: argparse.Namespace) -> int:
    """Runs the command and returns the exit code."""
    # Output may go where not every character can: better a question mark than a failure.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    screen = Screen(json=options.json, color=not options.no_color)
    try:
        code = asyncio.run(_guarded(options, screen))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has left (`| head`); Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    return code


async def _guarded(options: argparse.Namespace, screen: Screen) -> int:
    """Runs the command; every failure that can happen becomes a sentence and an exit code."""
    interrupt = Interrupt(screen)
    try:
        with interrupt.listening():
            return await _COMMANDS[options.command](options, screen, interrupt)
    except RequestFailed as error:
        code = _EXIT_CODES.get(error.code, FAILED)
        if error.code == REQUEST_FAILED and options.command in _REFUSABLE:
            code = NOTHING
        _tell(screen, error.message, error.code, error.data)
        return code
    except NothingToDo as nothing:
        _tell(screen, str(nothing), None)
        return NOTHING
    except WrongUsage as error:
        _tell(screen, str(error), None)
        return USAGE
    except (asyncio.CancelledError, Interrupted):
        _tell(screen, "Cancelled.", None)
        return CANCELLED
    except ServerLost as error:
        if interrupt.pressed:
            _tell(screen, "Cancelled.", None)
            return CANCELLED
        _tell(screen, str(error), None)
        return FAILED
    except (OSError, Refused) as error:
        if isinstance(error, BrokenPipeError):
            raise
        _tell(screen, str(error), None)
        return FAILED


def _tell(screen: Screen, message: str, code: int | None, data: Any = None) -> None:
    if screen.json:
        error: Json = {"message": message} if code is None else {"code": code, "message": message}
        screen.document({"error": {**error, "data": data} if data is not None else error})
    else:
        screen.error(message)
