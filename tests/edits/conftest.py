"""Whether the data files' expectations are written anew. The option itself can only be added in `tests/conftest.py`."""

from __future__ import annotations

import pytest


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
