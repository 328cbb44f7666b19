"""What the Emacs tests start from. They need the editor, which `scripts/test-neovim` installs and names by
`MOA_TEST_EMACS`; without that they aren't collected."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.emacs.child import Child
from tests.provider.server import Provider
from tests.pty import keeping
from tests.pty.desk import Desk
from tests.pty.keeping import pytest_runtest_makereport as pytest_runtest_makereport

EMACS = os.environ.get("MOA_TEST_EMACS")
if not EMACS:
    collect_ignore_glob = ["test_*.py"]

Open = Callable[..., Awaitable[Child]]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Provider() as provider:
        yield Desk.laid(tmp_path / "desk", provider)


@pytest_asyncio.fixture
async def open_emacs(desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens Emacs on files of the workspace; `recipe` is what stands in the user's settings."""
    opened: list[Child] = []

    async def start(*files: str, recipe: str) -> Child:
        assert EMACS is not None
        child = await Child.start(
            *(Path(EMACS), tmp_path / "home", desk.workspace, *files),
            recipe=recipe,
            path=desk.programs,
            environment=desk.environment,
        )
        opened.append(child)
        keeping.keep(request.node, child.program.screen)
        return child

    yield start
    for child in opened:
        await child.end()
