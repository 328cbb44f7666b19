"""stdout belongs to the protocol, whatever else prints; and what each way into the program imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import moa_lsp

ROOT = Path(moa_lsp.__file__).parents[1]

_GUARDED = """
import os, subprocess, sys
from moa_lsp.stdio import guard
protocol = guard()
print("printed")
os.write(1, b"written to 1\\n")
subprocess.run([sys.executable, "-c", "print('a child'); print(input())"], stderr=subprocess.DEVNULL)
sys.stdout.flush()
protocol.stdout.write(b"<" + protocol.stdin.read() + b">")
protocol.stdout.flush()
"""

_SERVED = """
import sys, types
server = types.ModuleType("moa_lsp.lsp.serving")
def serve_stdio(stdin, stdout):
    print("a library chats")
    stdout.write(stdin.read().upper())
    stdout.flush()
    heavy = {"rich", "argparse", "asyncio", "litellm"} & set(sys.modules)
    print("imported:", sorted(heavy))
    return 5
server.serve_stdio = serve_stdio
sys.modules["moa_lsp.lsp.serving"] = server
sys.argv = ["moa-lsp"]
from moa_lsp.cli import main
sys.exit(main())
"""


def run(code: str, said: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code], input=said, capture_output=True, cwd=ROOT, timeout=60, check=False
    )


def test_only_the_protocol_reaches_stdout() -> None:
    ran = run(_GUARDED, b"hello")

    assert ran.stdout == b"<hello>"
    assert b"printed" in ran.stderr
    assert b"written to 1" in ran.stderr
    assert b"a child" in ran.stderr


def test_the_bare_program_serves_on_guarded_streams_and_imports_little() -> None:
    ran = run(_SERVED, b"frames")

    assert ran.returncode == 5
    assert ran.stdout == b"FRAMES"
    assert b"a library chats" in ran.stderr
    assert b"imported: []" in ran.stderr


def test_version_and_help_answer_without_a_server() -> None:
    for arguments, expected in ((["--version"], f"moa-lsp {moa_lsp.__version__}"), (["--help"], "exit codes:")):
        ran = subprocess.run(
            [sys.executable, "-m", "moa_lsp", *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0
        assert expected in ran.stdout
