"""`--tcp`, for debugging: one client, on loopback only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.raw import WAIT, RawClient, connected, serving_tcp


def test_a_connection_over_tcp(tmp_path: Path) -> None:
    with serving_tcp(tmp_path) as (process, port):
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
