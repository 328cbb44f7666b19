"""The endpoint that the tests of this folder share: one for each file, since its worker takes seconds to start."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from tests.endpoint.serving import Serving, serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Serving, None]:
    async with serving(tmp_path_factory.mktemp("endpoint"), os.environ) as here:
        yield here


@pytest_asyncio.fixture(loop_scope="module")
async def here(shared: Serving) -> Serving:
    """The shared endpoint, where nobody was asked yet and everybody answers with their name."""
    shared.script()
    return shared
