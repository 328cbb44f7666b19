"""`--tcp`, for debugging: one client, on loopback only."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.scenarios.raw import WAIT, RawClient


def test_a_connection_over_tcp(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moa_lsp", "--tcp", f"127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    try:
        with connected(port) as connection:
            client = RawClient(connection.makefile("wb"), connection.makefile("rb", buffering=0))
            assert client.initialize(tmp_path)["result"]["serverInfo"]["name"] == "moa-lsp"
            assert client.request("moa/list-discussions", {})["result"] == []
            assert client.request("shutdown", bare=True)["result"] is None
            client.send({"jsonrpc": "2.0", "method": "exit"})
            assert process.wait(WAIT) == 0
            client.close()
            assert not client.faults
        assert process.stdout
        assert process.stdout.read() == b""
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


@contextlib.contextmanager
def connected(port: int) -> Generator[socket.socket]:
    """A connection to a server that is about to listen. One attempt counts: it serves the first that connects."""
    deadline = time.monotonic() + WAIT
    while True:
        connection = socket.socket()
        if connection.connect_ex(("127.0.0.1", port)) == 0:
            break
        connection.close()
        assert time.monotonic() < deadline, "the server never listened"
        time.sleep(0.05)
    with connection:
        yield connection


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.invalid", "[::]"])
def test_other_hosts_than_loopback_are_refused(tmp_path: Path, host: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "moa_lsp", "--tcp", f"{host}:0"],
        capture_output=True,
        cwd=tmp_path,
        timeout=WAIT,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == b""
    said = done.stderr.decode()
    assert "loopback" in said
    assert "Traceback" not in said
