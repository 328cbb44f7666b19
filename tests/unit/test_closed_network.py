"""The fence around the tests itself (`tests/conftest.py`): loopback works, nothing beyond it does."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

# An address kept for documentation (RFC 5737) and a name that can't exist (RFC 6761), should the fence ever fail.
OUTSIDE = "192.0.2.1"
NAME = "provider.invalid"


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5) as client:
            assert client.getpeername()[1] == port


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_an_address_outside_is_closed(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as client:
        with pytest.raises(RuntimeError, match="only reach loopback"):
            client.connect((OUTSIDE, 443))
        with pytest.raises(RuntimeError, match="only reach loopback"):
            client.connect_ex((OUTSIDE, 443))
        with pytest.raises(RuntimeError, match="only reach loopback"):
            client.sendto(b"key", (OUTSIDE, 53))


def test_a_name_outside_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match=NAME):
        socket.getaddrinfo(NAME, 443)
    with pytest.raises(RuntimeError, match=NAME):
        socket.gethostbyname(NAME)


async def test_asyncio_is_closed_too() -> None:
    with pytest.raises(RuntimeError, match="only reach loopback"):
        await asyncio.open_connection(NAME, 443)
    with pytest.raises(RuntimeError, match="only reach loopback"):
        await asyncio.open_connection(OUTSIDE, 443)


def test_the_environment_is_the_tests_own(tmp_path: Path) -> None:
    for name in ("MOA_DATA_DIR", "MOA_CONFIG_DIR"):
        folder = Path(os.environ[name])
        assert not folder.is_relative_to(tmp_path)
        assert not folder.exists()
    assert [name for name in os.environ if name.endswith("_API_KEY")] == []
