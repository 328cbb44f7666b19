"""What the Neovim tests start from. They need the editors, which `scripts/test-neovim` installs and names by
`MOA_TEST_NEOVIMS` (programs, split as in PATH); without that they aren't collected. Each test runs in each of them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.neovim.child import Child
from tests.provider.server import Provider
from tests.pty import keeping
from tests.pty.desk import Desk
from tests.pty.golden import Goldens
from tests.pty.keeping import pytest_runtest_makereport as pytest_runtest_makereport

NEOVIMS = [Path(program) for program in os.environ.get("MOA_TEST_NEOVIMS", "").split(os.pathsep) if program]
if not NEOVIMS:
    collect_ignore_glob = ["test_*.py"]

Open = Callable[..., Awaitable[Child]]


def _version(program: Path) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"NVIM v(\S+)", said)
    assert found is not None, said
    return found.group(1)


@pytest.fixture(params=NEOVIMS, ids=_version)
def neovim(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Provider() as provider:
        yield Desk.laid(tmp_path / "desk", provider)


@pytest_asyncio.fixture
async def open_neovim(neovim: Path, desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens Neovim on files of the workspace. `home` names whose it is: the same name has the same state again."""
    opened: list[Child] = []

    async def start(*files: str, home: str = "home", server: bool = True, **more: Any) -> Child:
        more.setdefault("path", [desk.programs] if server else [])
        more.setdefault("environment", desk.environment)
        child = await Child.start(neovim, tmp_path / home, desk.workspace, *files, **more)
        opened.append(child)
        keeping.keep(request.node, child.screen)
        return child

    yield start
    for child in opened:
        await child.end()


@pytest.fixture
def goldens(request: pytest.FixtureRequest) -> Goldens:
    return Goldens(Path(__file__).parent / "goldens", bool(request.config.getoption("--update")))
