"""The workspace that the session's tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from moa_lsp.store.store import open_store
from tests.unit.session.room import DISCUSSION, TEXT, Room, begun


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    root = tmp_path / "workspace"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text(TEXT)
    store = open_store(tmp_path / "store").store
    store.create_discussion(str(root), DISCUSSION, "title", 0.0)
    yield begun(root, store)
    store.close()
