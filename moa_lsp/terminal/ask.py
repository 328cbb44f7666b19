"""`moa-lsp ask`: one question to a mixture, the answer on stdout, and who is asked and what it cost on stderr.

It is the Python API (`moa_lsp/api.py`) and no server. Nothing is kept of it but the trace.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from attrs import frozen

from moa_lsp.api import Answer, Mixture, ModelError, Note, Refused, Words
from moa_lsp.discussion.kinds import Way
from moa_lsp.discussion.values import Turn, Usage
from moa_lsp.store.folders import folders
from moa_lsp.store.log import start_log, stop_log
from moa_lsp.terminal.arguments import FAILED, OK
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import Screen, figures, usage_object
from moa_lsp.terminal.session import WrongUsage

_STDIN = "-"


async def ask(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:  # noqa: ARG001
    """Asks, and shows what comes as it comes. The exit code is 1 where there is no answer."""
    question = await _question(options.question)
    log = start_log(folders().log)
    try:
        mixture = _mixture(options)
        for problem in mixture.problems:
            screen.hint(f"settings: {problem}")
        return await _asked(_Asking(mixture, question, options.files, screen))
    except Refused as refused:
        raise WrongUsage(str(refused)) from None
    finally:
        stop_log(log)


async def _question(typed: str) -> str:
    if typed != _STDIN:
        return typed
    if os.isatty(0):
        sys.stderr.write("type the question, and end it with Ctrl-D on a line of its own\n")
    loop = asyncio.get_running_loop()
    read: asyncio.Future[bytes] = loop.create_future()

    def reading() -> None:
        data = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if read.done() else read.set_result(data))

    # On a thread that nobody waits for, so that Ctrl-C ends the program while it waits for the text; and not by
    # `sys.stdin`, whose lock such a thread would hold while Python ends.
    threading.Thread(target=reading, daemon=True).start()
    return (await read).decode("utf-8", "replace").replace("\r\n", "\n")


def _mixture(options: argparse.Namespace) -> Mixture:
    """The mixture that is meant. Raises `Refused`."""
    layered = options.layers is not None or options.per_layer is not None or options.diversity is not None
    kind = Way.LAYERS.value if layered and options.preset is None else None
    return Mixture.preset(
        options.preset,
        folder=options.folder or Path(),
        trusted=options.trust,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        kind=kind,
        architects=[name for names in options.models for name in names] if options.models else None,
        aggregator=options.aggregator,
        layers=options.layers,
        per_layer=options.per_layer,
        diversity=options.diversity,
    )


@frozen
class _Asking:
    mixture: Mixture
    question: str
    files: Sequence[Path]
    screen: Screen


async def _asked(asking: _Asking) -> int:
    screen = asking.screen
    began, spoke = time.monotonic(), ""
    files = [path.absolute() for path in asking.files]
    try:
        async with aclosing(asking.mixture.stream(asking.question, files)) as pieces:
            async for piece in pieces:
                match piece:
                    case Note(text):
                        screen.hint(text)
                        screen.busy("waiting for words …")
                    case Words(text):
                        screen.show(text, end="")
                        spoke = text
                    case Answer():
                        _end_line(screen, spoke)
                        screen.hint(_total(piece.usage, len(piece.turns), time.monotonic() - began))
                        if screen.json:
                            screen.document(_document(asking.mixture, piece))
    except ModelError as failed:
        _end_line(screen, spoke)
        if screen.json:
            screen.document(
                {"error": {"message": failed.message, "kind": failed.kind}, "usage": usage_object(failed.usage)}
            )
        else:
            screen.error(failed.message)
        return FAILED
    return OK


def _end_line(screen: Screen, spoke: str) -> None:
    if spoke and not spoke.endswith("\n"):
        screen.show()


def _total(usage: Usage, calls: int, seconds: float) -> str:
    return f"{calls} {'call' if calls == 1 else 'calls'} · {figures(usage_object(usage), seconds)}"


def _document(mixture: Mixture, answer: Answer) -> Json:
    return {
        "text": answer.text,
        "finish": answer.finish,
        "preset": mixture.name,
        "turns": [_turn(turn) for turn in answer.turns],
        "usage": usage_object(answer.usage),
    }


def _turn(turn: Turn) -> Json:
    return {
        "architect": turn.architect,
        "model": turn.model,
        "stage": turn.stage,
        "step": turn.step,
        "status": turn.status.value,
        "text": turn.text,
        "usage": usage_object(turn.usage),
        "seconds": turn.seconds,
        "error": {"kind": turn.error.kind, "message": turn.error.message} if turn.error else None,
    }
