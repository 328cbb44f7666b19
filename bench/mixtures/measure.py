"""Holds mixtures by the real server and takes the time: of each stage by what the client is told, of each call by what
the provider's own clock says.

Rules:
- A figure is a ratio within one run: the wall time over that of the calls that nothing could have shortened, which is
  the slowest of each stage. What a machine does otherwise meanwhile lengthens both.
- The worker is warm: a message before the first run starts it, as typing a prompt does in an editor.
- Processor time is the kernel's figure for the two processes, where the system tells it (Linux).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen, mutable

from bench.mixtures.provider import Call
from moa_lsp.terminal.client import Client, Launch, connected
from moa_lsp.terminal.connection import Json

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
MESSAGE = "How should get() deal with a key that nobody has put there?"
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@frozen
class Stage:
    """One stage of a run: seconds from its beginning to its last turn's end, and of each of its calls."""

    name: str
    wall: float
    calls: tuple[float, ...]

    @property
    def slowest(self) -> float:
        return max(self.calls)

    @property
    def ratio(self) -> float:
        return self.wall / self.slowest


@frozen
class Run:
    """One message by one preset. `server` and `worker` are seconds of processor time, `None` where nobody tells."""

    preset: str
    wall: float
    stages: tuple[Stage, ...]
    server: float | None
    worker: float | None

    @property
    def ratio(self) -> float:
        """How much longer it took than the slowest call of each stage, one after the other."""
        return self.wall / sum(stage.slowest for stage in self.stages)

    @property
    def worst_stage(self) -> float:
        return max(stage.ratio for stage in self.stages)

    @property
    def one_by_one(self) -> float:
        """Seconds that all calls would have taken one after the other."""
        return sum(sum(stage.calls) for stage in self.stages)


@mutable
class Heard:
    """The events of one message, each with the time at which it came."""

    events: list[tuple[float, Json]] = field(factory=list[tuple[float, Json]])

    def take(self, event: Json) -> None:
        self.events.append((time.monotonic(), event))

    def stages(self, calls: list[Call]) -> tuple[Stage, ...]:
        """The stages that were held; `calls` are all calls, in the order in which they began."""
        began = [(at, event) for at, event in self.events if event.get("kind") == "stageStarted"]
        ended = [(at, event["turn"]) for at, event in self.events if event.get("kind") == "turnFinished"]
        stages: list[Stage] = []
        for at, event in began:
            turns = [when for when, turn in ended if turn["step"] == event["step"]]
            own, calls = calls[: len(turns)], calls[len(turns) :]
            stages.append(Stage(str(event["stage"]), max(turns) - at, tuple(call.seconds for call in own)))
        assert not calls, "a call belongs to no stage"
        return tuple(stages)


def settings(base: str) -> Json:
    """Eight architects, an aggregator, and the presets that are measured."""

    def model(name: str) -> Json:
        return {"model": f"openai/{name}", "apiBase": base}

    everybody = [{"name": name, **model(name)} for name in NAMES]
    return {
        "architects": everybody,
        "editor": model("aggregator"),
        "presets": {
            "panel-of-8": {"kind": "panel"},
            "3-layers-of-4": {"kind": "layers", "layers": 3, "architects": everybody[:4]},
        },
    }


async def measure(client: Client, heard: Heard, provider: str, preset: str) -> Run:
    """One message in a discussion of its own."""
    await client.ask("new-discussion")
    heard.events.clear()
    await asyncio.to_thread(calls_of, provider)
    processes = (client.process.pid, _worker_of(client.process.pid))
    before = [_processor_seconds(process) for process in processes]
    began = time.monotonic()
    answer = await client.ask("discuss", message=MESSAGE, preset=preset)
    wall = time.monotonic() - began
    after = [_processor_seconds(process) for process in processes]
    failed = [turn["error"] for turn in answer["turns"] if turn["status"] != "done"]
    assert not failed, failed
    server, worker = (
        later - earlier if later is not None and earlier is not None else None
        for earlier, later in zip(before, after, strict=True)
    )
    calls = await asyncio.to_thread(calls_of, provider)
    return Run(preset, wall, heard.stages(calls), server, worker)


@asynccontextmanager
async def provider_running(seed: int) -> AsyncGenerator[str]:
    """The paced provider, in a process of its own, for as long as the block runs; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.mixtures.provider", str(seed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def server_running(folder: Path, provider: str) -> AsyncGenerator[tuple[Client, Heard]]:
    """Our server on a folder, with its worker warm; everything it keeps lies in that folder too."""
    heard = Heard()
    kept = {"MOA_DATA_DIR": str(folder / "data"), "MOA_CONFIG_DIR": str(folder / "config")}
    environment = {**os.environ, **kept, "OPENAI_API_KEY": "sk-none"}
    work = folder / "work"
    work.mkdir()
    (work / "store.py").write_text("def get(store, key):\n    return store[key]\n", encoding="utf-8")
    launch = Launch(work, settings(f"{provider}/v1"), trusted=True, environment=environment)
    async with connected(launch, heard.take, lambda message: _say(message)) as client:
        await client.ask("discuss", message="Are you there?", preset="solo")
        yield client, heard


def calls_of(provider: str) -> list[Call]:
    """The provider's calls since it was last asked for them."""
    with urllib.request.urlopen(f"{provider}/calls", timeout=10) as answer:
        told: list[dict[str, Any]] = json.load(answer)
    return [Call(**one) for one in told]


def _worker_of(server: int) -> int | None:
    try:
        for task in Path(f"/proc/{server}/task").iterdir():
            for child in (task / "children").read_text().split():
                if b"worker.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
    except OSError:
        pass
    return None


def _processor_seconds(process: int | None) -> float | None:
    """What a process has used so far, in user and system mode."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
