"""The program `moa-lsp endpoint` in a process of its own, with folders of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.endpoint.serving import settings
from tests.provider.server import Provider

ENDED_WITHIN = 5.0


@frozen
class Home:
    """The folders of one user: `data`, `config` and a `project`."""

    folder: Path

    @classmethod
    def laid(cls, folder: Path, provider: Provider) -> Home:
        for name in ("data", "config", "project"):
            (folder / name).mkdir(parents=True)
        (folder / "config" / "config.toml").write_text(settings(provider), encoding="utf-8")
        return cls(folder)

    @property
    def environ(self) -> dict[str, str]:
        own = {"MOA_DATA_DIR": str(self.folder / "data"), "MOA_CONFIG_DIR": str(self.folder / "config")}
        return {**os.environ, **own}

    @property
    def token_file(self) -> Path:
        return self.folder / "data" / "endpoint-token"


@frozen
class Program:
    """The running program, and what it said when it began to listen."""

    process: asyncio.subprocess.Process
    told: dict[str, Any]

    @property
    def url(self) -> str:
        return self.told["url"]


@asynccontextmanager
async def running(home: Home, *options: str) -> AsyncGenerator[Program, None]:
    """Runs it on a free port until the block ends; it is ended as a user would."""
    process = await start(home, "--port", "0", "--json", *options)
    assert process.stdout is not None
    try:
        said = await process.stdout.readuntil(b"\n}\n")
        yield Program(process, json.loads(said))
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), ENDED_WITHIN)


async def start(home: Home, *options: str) -> asyncio.subprocess.Process:
    command: Sequence[str] = (sys.executable, "-P", "-m", "moa_lsp", "endpoint", *options)
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=home.folder / "project",
        env=home.environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
