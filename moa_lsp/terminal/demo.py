"""`moa-lsp demo`: a whole discussion on a sample project, without a key and without a model.

The replies are a recording, written by hand; everything else is real: the server, the discussion, the edits, the
question before they are written, and the sample's tests, which fail before and pass after. The sample, the recording
and what the user says in it are in `moa_lsp/demo/`. The user's own history and settings are left alone.

With `--sample DIR` nothing runs: the sample is written, with a `moa.toml` that names the recording, and an editor plays
the same demo there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from attrs import evolve, frozen

from moa_lsp.demo import (
    ARCHITECT_NAMES,
    CASSETTE_NAME,
    CODE_MESSAGE,
    FIRST_MESSAGE,
    SECOND_MESSAGE,
    SHOWN_FILES,
    copy_sample,
)
from moa_lsp.store.folders import CONFIG_VARIABLE, DATA_VARIABLE, folders
from moa_lsp.terminal.arguments import FAILED, OK
from moa_lsp.terminal.client import Launch
from moa_lsp.terminal.commands import offer, run_round
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import QUIET, STRONG, Screen
from moa_lsp.terminal.session import WrongUsage, session

_MODEL = f"replay:{CASSETTE_NAME}"

_ARCHITECTS = "\n".join(f'  {{ name = "{name}", model = "{_MODEL}" }},' for name in ARCHITECT_NAMES)
_MOA_TOML = f"""\
# The demo's architects. Their replies are scripted by hand, and no model is called: any other model in
# its place makes this a real discussion.
architects = [
{_ARCHITECTS}
]
editor = "{_MODEL}"
"""


@frozen
class _Tests:
    """How a run of the sample's tests ended, and its last lines."""

    passed: bool
    summary: str


async def demo(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    """Runs the demo. The exit code is 0 only if the sample's tests pass at the end."""
    if options.sample is not None:
        return _write_sample(_sample_folder(options.sample), screen)
    folder = _sample_folder(options.folder)
    copy_sample(folder)
    scripted = "no model is called and nothing leaves this machine: the replies are scripted by hand"
    real = "The server, the discussion, the edits and the tests are real."
    screen.say(("The moa-lsp demo", STRONG), f" – {scripted}. {real}")
    screen.show((f"The sample project is in {folder}", QUIET))
    before = await _run_tests(screen, folder)
    with tempfile.TemporaryDirectory(prefix="moa-demo-data-") as own:
        launch = _launch(options, folder, Path(own))
        async with session(launch, screen, interrupt, lasting=False) as here:
            files = [(folder / name).as_uri() for name in SHOWN_FILES]
            for message, shown in ((FIRST_MESSAGE, files), (SECOND_MESSAGE, [])):
                _typed(screen, "discuss", message, *(SHOWN_FILES if shown else ()))
                await run_round(here, message, shown, None)
            _typed(screen, "code", CODE_MESSAGE)
            change: Json = await here.ask("code", message=CODE_MESSAGE)
            change, _ = await offer(here, change, yes=options.yes)
            if not options.yes and not screen.interactive:
                screen.hint("where nobody can be asked, `moa-lsp demo --yes` applies it")
    after = await _run_tests(screen, folder)
    if screen.json:
        tests = {"before": before.passed, "after": after.passed}
        screen.document({"folder": str(folder), "testsPassed": tests, "change": change})
    _what_next(screen)
    return OK if after.passed else FAILED


def _write_sample(folder: Path, screen: Screen) -> int:
    """Writes the sample for an editor to open, and tells what is typed there (with `--json`, for a program)."""
    copy_sample(folder)
    (folder / "moa.toml").write_text(_MOA_TOML, encoding="utf-8")
    screen.show(("The sample project is in ", QUIET), str(folder))
    screen.show("Open it in your editor, open the files, and type")
    for typed in (FIRST_MESSAGE, SECOND_MESSAGE, f"/code {CODE_MESSAGE}"):
        screen.show(f"  {typed}")
    if screen.json:
        messages = {"first": FIRST_MESSAGE, "second": SECOND_MESSAGE, "code": CODE_MESSAGE}
        screen.document(
            {"folder": str(folder), "files": list(SHOWN_FILES), "messages": messages, "settings": _settings()}
        )
    return OK


def _sample_folder(named: Path | None) -> Path:
    if named is None:
        return Path(tempfile.mkdtemp(prefix="moa-demo-")).resolve()
    folder = named.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUsage(f"{folder} is not empty, and the demo would write its sample into it. Name a new folder.")
    return folder


def _launch(options: argparse.Namespace, folder: Path, own: Path) -> Launch:
    environment = {**os.environ, DATA_VARIABLE: str(own / "data"), CONFIG_VARIABLE: str(own / "config")}
    return evolve(Launch(folder, _settings(), events=not options.json), environment=environment)


def _settings() -> Json:
    """What makes the recording speak: the `moa` section, as an editor sends it."""
    return {"architects": [{"name": name, "model": _MODEL} for name in ARCHITECT_NAMES], "editor": {"model": _MODEL}}


def _typed(screen: Screen, command: str, message: str, *files: str) -> None:
    screen.show()
    screen.say((" ".join([f'$ moa-lsp {command} "{message}"', *files]), STRONG))


async def _run_tests(screen: Screen, folder: Path) -> _Tests:
    """Runs the sample's tests as a user would, and shows how they end."""
    screen.show()
    screen.show(("$ python -m unittest", STRONG))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "unittest"),
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    passed = process.returncode == 0
    lines = output.decode(errors="replace").splitlines()
    told = [line for line in lines if line.startswith(("FAIL:", "ERROR:", "Ran ", "OK", "FAILED"))]
    for line in told:
        # Behind a test's name unittest says in brackets where it stands, which makes two lines of one.
        screen.say((f"  {line.partition(' (tests.')[0]}", "green" if passed else "red"))
    return _Tests(passed, "\n".join(told))


def _what_next(screen: Screen) -> None:
    config = folders().config / "config.toml"
    screen.show()
    screen.show(("No model was called. With real ones, three ways:", STRONG))
    screen.say("  1. a provider's key in the environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, …), then")
    screen.show('       moa-lsp discuss "…" FILE')
    screen.show("  2. a local model, with Ollama running")
    screen.show('       moa-lsp discuss --models ollama/MODEL "…" FILE')
    screen.show("  3. any server that speaks OpenAI's protocol, in your settings")
    screen.show(f"       {config}", (":", QUIET))
    screen.show('       architects = [{ model = "openai/MODEL", api_base = "URL" }]')
    screen.show("`moa-lsp doctor` says what is there already.")
