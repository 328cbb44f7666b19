"""`moa-lsp doctor`: what is installed, configured and reachable, and what to do about the rest.

Rules: a key is named, never read out, not even its length; nothing leaves this machine but with `--ask`, which sends
each architect one short question through the same door as every other call; without it nothing is made or changed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import sqlite3
import time
from collections.abc import Mapping
from contextlib import aclosing, closing, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

import attrs
from attrs import frozen

import moa_lsp
from moa_lsp.discussion.values import Architect, Message
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models.catalogue import OLLAMA, PROVIDERS, default_architects, key_for, key_variable, needs_key
from moa_lsp.models.model import Call, Done, ModelError, Words
from moa_lsp.session.configuration import folder_key
from moa_lsp.settings.files import PROJECT_FILE, USER_FILE, read_project, read_user
from moa_lsp.settings.layers import LayerText, Unreadable, resolve
from moa_lsp.settings.settings import Settings
from moa_lsp.store.agreements import agreed_in
from moa_lsp.store.database import FILE_NAME as STORE_FILE
from moa_lsp.store.folders import Folders, folders
from moa_lsp.store.log import FILE_NAME as LOG_FILE
from moa_lsp.store.traces import TraceFiles
from moa_lsp.terminal.arguments import FAILED, OK
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import ERROR, QUIET, STRONG, WARNING, Screen
from moa_lsp.terminal.session import launch_of

_PACKAGES = ("pygls", "lsprotocol", "litellm", "pygit2", "rich")
# Providers' libraries follow these; our worker doesn't, since a workspace's `.env` could set them.
_ENDPOINT = re.compile(r"^(?:[A-Z0-9_]+_(?:BASE_URL|API_BASE|BASE)|OLLAMA_HOST)$")
_OLLAMA_WITHIN = 0.5
_ANSWER_WITHIN = 60.0
_QUESTION = Message("user", "This is a test of the connection. Answer with the single word: yes")


@frozen
class _Layer:
    """One settings file: its name for people, where it lies, and its text."""

    name: str
    file: Path
    text: LayerText


async def doctor(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:  # noqa: ARG001
    """Looks, and tells. The exit code is 1 where something is broken, or an architect that was asked didn't answer."""
    folder, own = launch_of(options).folder, folders()
    layers = [
        _Layer("user", own.config / USER_FILE, read_user(own.config)),
        _Layer("project", folder / PROJECT_FILE, read_project(folder)),
    ]
    agreed = _agreed(own, folder)
    resolved = resolve(layers[0].text, layers[1].text, None, trusted=options.trust, agreed=agreed)
    configured = resolved.settings.lineup().architects
    architects = configured or await default_architects(os.environ)
    report: Json = {
        "versions": _versions(),
        "settings": {
            "files": [{"layer": one.name, "path": str(one.file), "state": _state(one)} for one in layers],
            "setBy": _origins(layers, trusted=options.trust, agreed=agreed),
            "trusted": options.trust,
            "problems": [
                {"layer": one.layer, "line": one.span.first_line + 1 if one.span else None, "message": one.message}
                for one in resolved.problems
            ],
        },
        "architects": [_architect(one, "settings" if configured else "found here") for one in architects],
        "keys": list(dict.fromkeys(name for row in PROVIDERS for name in row.variables if os.environ.get(name))),
        "ollama": await _ollama(),
        "notFollowed": sorted(name for name in os.environ if _ENDPOINT.match(name)),
        "folders": {name: str(path) for name, path in attrs.asdict(own).items()},
        "log": str(own.log / LOG_FILE),
        "store": _store(own),
        "asked": await _ask(architects, own, screen) if options.ask else None,
    }
    if screen.json:
        screen.document(report)
    else:
        _show(screen, report)
    asked: list[Json] = report["asked"] or []
    broken = any(one.severity == "error" for one in resolved.problems) or report["store"]["state"] == "broken"
    return FAILED if broken or not all(one["answered"] for one in asked) else OK


def _versions() -> dict[str, str]:
    found = {"moa-lsp": moa_lsp.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _state(layer: _Layer) -> str:
    if isinstance(layer.text, Unreadable):
        return layer.text.reason
    return "none" if layer.text is None else "read"


def _origins(layers: list[_Layer], *, trusted: bool, agreed: frozenset[str] | None) -> dict[str, str]:
    """Which layer has the last word on each setting that isn't the default: its key in TOML to the layer's name."""
    origins: dict[str, str] = {}
    for layer in layers:
        texts: Mapping[str, LayerText] = {layer.name: layer.text}
        alone = resolve(texts.get("user"), texts.get("project"), None, trusted=trusted, agreed=agreed).settings
        for key in attrs.fields(Settings):
            if getattr(alone, key.name) != getattr(Settings(), key.name):
                origins[key.name] = layer.name
    return origins


def _architect(architect: Architect, origin: str) -> Json:
    variable = architect.api_key_env or key_variable(architect.model)
    wants = needs_key(architect)
    host = urlsplit(architect.api_base).hostname if architect.api_base else None
    return {
        "name": architect.name,
        "model": architect.model,
        "from": origin,
        "keyVariable": variable if wants else None,
        "keyPresent": key_for(architect, os.environ) is not None if wants else None,
        "host": host,
    }


async def _ollama() -> Json:
    """Whether a local Ollama listens, and some of its models: without keys, the defaults are Ollama's alone."""
    models = [one.model for one in await default_architects({})]
    address = urlsplit(OLLAMA)
    reachable = bool(models)
    if not reachable:
        with suppress(OSError, TimeoutError):
            opening = asyncio.open_connection(address.hostname, address.port)
            _, writer = await asyncio.wait_for(opening, _OLLAMA_WITHIN)
            writer.close()
            reachable = True
    return {"url": OLLAMA, "reachable": reachable, "models": models}


def _agreed(own: Folders, folder: Path) -> frozenset[str] | None:
    """What of the folder's `moa.toml` the user agreed to, as a server would find it; `None` stands for all."""
    file = own.data / STORE_FILE
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
            return agreed_in(connection, folder_key(folder))
    except sqlite3.Error:
        return frozenset()


def _store(own: Folders) -> Json:
    """How the file of the discussions is. Opened for reading only, it is neither set aside nor migrated."""
    file = own.data / STORE_FILE
    shown: Json = {"path": str(file), "state": "none yet", "discussions": None}
    if not file.exists():
        return shown
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as connection:
            checked = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if checked != "ok":
                return {**shown, "state": "broken", "reason": str(checked)}
            count = connection.execute("SELECT count(*) FROM discussions").fetchone()[0]
    except sqlite3.Error as error:
        return {**shown, "state": "broken", "reason": str(error)}
    return {**shown, "state": "good", "discussions": count}


async def _ask(architects: tuple[Architect, ...], own: Folders, screen: Screen) -> list[Json]:
    """Asks all architects at once, and tells of each whether its model answered."""
    screen.busy(f"asking {_counted(len(architects), 'architect')}")
    door = ModelDoor(environ=os.environ, folder=own.cache, trace_to=TraceFiles(own.log).write)
    try:
        return list(await asyncio.gather(*(_ask_one(door, one) for one in architects)))
    finally:
        await door.aclose()
        screen.still()


async def _ask_one(door: ModelDoor, architect: Architect) -> Json:
    began = time.monotonic()
    reason: str | None = f"no answer within {_ANSWER_WITHIN:.0f} s"
    try:
        async with asyncio.timeout(_ANSWER_WITHIN), aclosing(door.stream(Call(architect, (_QUESTION,)))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Words | Done):  # the first word is answer enough; leaving closes the call
                    reason = None
                    break
    except ModelError as error:
        reason = error.message
    except TimeoutError:
        pass
    seconds = round(time.monotonic() - began, 3)
    return {"architect": architect.name, "answered": reason is None, "seconds": seconds, "error": reason}


def _show(screen: Screen, report: Json) -> None:
    screen.show(("versions", STRONG))
    screen.say("  " + ", ".join(f"{name} {number}" for name, number in report["versions"].items()))
    _show_settings(screen, report["settings"])
    _show_architects(screen, report)
    screen.show(("this machine", STRONG))
    screen.show(f"  keys in the environment: {', '.join(report['keys']) or 'none'}")
    ollama = report["ollama"]
    found = ", ".join(ollama["models"]) or "no model installed"
    screen.show(f"  Ollama at {ollama['url']}: {found if ollama['reachable'] else 'not reachable'}")
    for name in report["notFollowed"]:
        screen.show((f"  {name} is set and not followed: an endpoint is named in the settings (api_base)", WARNING))
    screen.show(("folders", STRONG))
    for name, path in report["folders"].items():
        screen.show(f"  {name}: {path}")
    screen.show(f"  log file: {report['log']}")
    store = report["store"]
    broken = store["state"] == "broken"
    count = "" if store["discussions"] is None else f", {_counted(store['discussions'], 'discussion')}"
    reason = f": {store['reason']}" if broken else ""
    screen.show((f"  store: {store['path']} – {store['state']}{count}{reason}", ERROR if broken else ""))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _show_settings(screen: Screen, settings: Json) -> None:
    screen.show(("settings", STRONG))
    for file in settings["files"]:
        screen.show(f"  {file['layer']}: {file['path']}", (f"  ({file['state']})", QUIET))
    for key, layer in settings["setBy"].items():
        screen.show(f"  {key} is set by the {layer}'s file")
    for problem in settings["problems"]:
        line = f" line {problem['line']}" if problem["line"] is not None else ""
        screen.show((f"  ! {problem['layer']}{line}: {problem['message']}", WARNING))
    if not settings["trusted"]:
        screen.show(("  this folder is not trusted here (--trust); an editor decides that by itself", QUIET))


def _show_architects(screen: Screen, report: Json) -> None:
    screen.show(("architects", STRONG))
    answers: Mapping[str, Json] = {one["architect"]: one for one in report["asked"] or ()}
    for one in report["architects"]:
        key = ""
        if one["keyVariable"] is not None:
            key = f"  {one['keyVariable']} {'is set' if one['keyPresent'] else 'is NOT set'}"
        host = f"  at {one['host']}" if one["host"] else ""
        style = f"{STRONG} {screen.colour(one['name'])}"
        screen.show((f"  ● {one['name']}", style), f"  {one['model']}{host}{key}", (f"  ({one['from']})", QUIET))
        if answer := answers.get(one["name"]):
            told = f"answered after {answer['seconds']:.1f} s" if answer["answered"] else answer["error"]
            screen.show((f"    {told}", "" if answer["answered"] else ERROR))
    if not report["architects"]:
        screen.show(("  none: set a provider's key, start Ollama with a model, or see `moa-lsp demo`", WARNING))
    elif report["asked"] is None:
        screen.show(("  to see whether they answer: moa-lsp doctor --ask (one short question each)", QUIET))
