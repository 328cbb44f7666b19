"""`moa-lsp plan`: the steps that the proposals come to, as text that the user may strike, reorder, reword or add to.

The text is the server's Markdown of it, and the server reads what was made of it: in an editor of the user's choice, in
a file, or on stdin.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.connection import Json, RequestFailed
from moa_lsp.terminal.differing import STANDS, stand_mark
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Part, Screen
from moa_lsp.terminal.session import WrongUsage, launch_of, session


async def plan(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    told = _read(options.set) if options.set is not None else None
    async with session(launch_of(options), screen, interrupt) as here:
        found: Json
        if told is not None:
            found = await here.ask("set-plan", markdown=told, discussion=options.discussion)
        elif options.reset:
            found = await here.ask("set-plan", discussion=options.discussion)
        else:
            found = await here.ask("plan", discussion=options.discussion)
        if options.edit:
            path = _edited(found["markdown"])
            told = path.read_text(encoding="utf-8", errors="replace")
            if told == found["markdown"]:
                screen.hint("nothing was changed")
            else:
                try:
                    found = await here.ask("set-plan", markdown=told, discussion=options.discussion)
                except RequestFailed:
                    screen.hint(f"what you wrote is kept in {path}; once it is mended: moa-lsp plan --set {path}")
                    raise
            path.unlink()
    _show(screen, found)
    if screen.json:
        screen.document(found)
    return OK


def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.buffer.read().decode(errors="replace")
    path = Path(source)
    if not path.is_file():
        raise WrongUsage(f"{path} is no file.")
    return path.read_text(encoding="utf-8", errors="replace")


def _edited(text: str) -> Path:
    """Has the user's editor open the text; returns the file that it wrote, which is the caller's to delete."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        raise WrongUsage("No editor is named: set EDITOR (or VISUAL), or write the plan with --set FILE.")
    handle, name = tempfile.mkstemp(prefix="moa-plan-", suffix=".md")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    # Ctrl-C is the editor's as long as it runs: it has the terminal.
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        ended = subprocess.run([*shlex.split(command), name], check=False).returncode
    except OSError as error:
        Path(name).unlink()
        raise WrongUsage(f"The editor {command} can't be started: {error.strerror}.") from None
    finally:
        signal.signal(signal.SIGINT, before)
    if ended:
        raise WrongUsage(f"The editor ended with code {ended}; the plan is as it was. What you wrote is in {name}.")
    return Path(name)


def _show(screen: Screen, plan: Json) -> None:
    steps: list[Json] = plan["steps"]
    for number, step in enumerate(steps, 1):
        screen.say(*_line(number, step))
    if not steps:
        screen.hint("there is no step yet: nothing was proposed")
        return
    if plan["edited"]:
        screen.hint("you edited it; as the proposals have it: moa-lsp plan --reset")
    if plan["free"]:
        screen.hint("everything is decided: moa-lsp code puts it together without a model, and asks before it writes")
    elif any(step["stand"] == "contested" for step in steps):
        screen.hint(f"where {STANDS['contested']} is: moa-lsp disagreement --only-contested")


def _line(number: int, step: Json) -> list[Part]:
    struck = step["stand"] == "struck"
    mark: list[Part] = [("✗ ", QUIET)] if struck else stand_mark(step["stand"]) or ["  "]
    said = ["struck"] if struck else []
    said += [step["stand"]] if step["stand"] in STANDS else []
    said += ["added by you"] if step.get("added") else ["reworded by you"] if step.get("edited") else []
    names = ", ".join(step["architects"])
    behind = " · ".join([*([names] if names else []), *said])
    style = QUIET if struck else STRONG if step["stand"] == "open" else ""
    colour = WARNING if step["stand"] == "contested" else QUIET
    return [*mark, (f"{number}. {step['text']}", style), *([(f"  {behind}", colour)] if behind else [])]
