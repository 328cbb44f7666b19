"""A client that asks for the end and is gone before it has come: the server ends soon, with what there was stored."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from moa_lsp.discussion.values import Discussion, Status
from moa_lsp.store.store import open_store
from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import architects
from tests.scenarios.raw import RawClient


@pytest.fixture
def client(tmp_path: Path) -> RawClient:
    return RawClient.start(tmp_path)


@pytest.mark.parametrize("pause", [0.0, 0.5])
async def test_while_the_worker_gets_ready(client: RawClient, tmp_path: Path, provider: Provider, pause: float) -> None:
    settings = architects(provider, "alpha")
    await asyncio.to_thread(client.initialize, tmp_path, options={"settings": settings})
    client.start_request("moa/complete", {"text": "/", "position": 1})
    await asyncio.sleep(pause)
    client.start_request("shutdown", bare=True)
    client.leave()
    assert await asyncio.to_thread(client.wait) in (0, 1)


async def test_amid_a_reply(client: RawClient, tmp_path: Path, provider: Provider) -> None:
    provider.script("alpha", Reply("Well, let me think", hang="between_words"))
    settings = architects(provider, "alpha")
    await asyncio.to_thread(client.initialize, tmp_path, options={"settings": settings})
    client.start_request("moa/discuss", {"message": "What now?"})
    kind = "turnDelta"
    await asyncio.to_thread(client.take, lambda message: message.get("params", {}).get("kind") == kind)
    client.start_request("shutdown", bare=True)
    client.leave()
    assert await asyncio.to_thread(client.wait) in (0, 1)
    await provider.closed(1)
    (turn,) = stored(tmp_path).rounds[0].turns
    assert (turn.status, turn.text, turn.error) == (Status.CANCELLED, "Well,", None)


def stored(workspace: Path) -> Discussion:
    """The workspace's current discussion, as it was left."""
    store = open_store(Path(os.environ["MOA_DATA_DIR"])).store
    found = store.discussion(store.current(str(workspace.resolve())) or "")
    store.close()
    assert found
    return found
