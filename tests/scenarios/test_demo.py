"""The demo as a new user runs it: to its end, at the recorded pace, and leaving nothing behind but its sample."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from moa_lsp.demo import ARCHITECT_NAMES, CODE_MESSAGE, FIRST_MESSAGE, SECOND_MESSAGE, SHOWN_FILES

EVERYTHING_WITHIN = 100.0
"""Seconds; the recording alone takes about 25."""


async def test_the_demo_mends_its_sample_without_a_model(tmp_path: Path) -> None:
    home, temporary, current = (tmp_path / name for name in ("home", "temporary", "current"))
    for folder in (home, temporary, current):
        folder.mkdir()
    # Where the platform's folders would be, were they used: all of them below one home that can be looked at.
    away = {key: str(home / key.lower()) for key in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    moa = {name: str(home / name.lower()) for name in ("MOA_DATA_DIR", "MOA_CONFIG_DIR")}
    environment = {**os.environ, **away, **moa, "HOME": str(home), "TMPDIR": str(temporary)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "moa_lsp", "demo", "--yes"),
        cwd=current,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        raw, errors = await asyncio.wait_for(process.communicate(), EVERYTHING_WITHIN)
    finally:
        if process.returncode is None:
            process.kill()

    out = raw.decode()
    assert process.returncode == 0, out + errors.decode()
    assert errors == b""
    assert b"\x1b" not in raw
    assert "\r" not in out

    parts = re.split(r"^\$ (.*)$", out, flags=re.MULTILINE)
    typed, shown = parts[1::2], dict(enumerate(parts[2::2]))
    tests = "python -m unittest"
    assert typed == [
        tests,
        f'moa-lsp discuss "{FIRST_MESSAGE}" {" ".join(SHOWN_FILES)}',
        f'moa-lsp discuss "{SECOND_MESSAGE}"',
        f'moa-lsp code "{CODE_MESSAGE}"',
        tests,
    ]

    assert "no model is called" in parts[0]
    assert "FAILED (failures=5)" in shown[0]
    for round in (1, 2):
        assert re.findall(r"^● (\w+)", shown[round], re.MULTILINE) == list(ARCHITECT_NAMES)
        assert shown[round].count("╭─ proposal") == shown[round].count("╰─") == 3
        # A replay has no tokens to count and no price to estimate: it says what it is, and that it cost nothing.
        assert re.search(rf"^round {round} · \d+\.\d s · replay · 0 ¢$", shown[round], re.MULTILINE)
    assert "  ! objects to ALPHA 2: it hides a bug." in shown[1]
    assert re.search(r"^≡ 1 agreed$", shown[1], re.MULTILINE)
    assert re.search(r"^≡ 2 agreed · ◇ 1 alone$", shown[2], re.MULTILINE)
    assert "diff --git a/api.py b/api.py" in shown[3]
    assert "applied 11 of 11 hunks" in shown[3]
    assert "FAIL" not in shown[4]
    assert re.search(r"^  OK$", shown[4], re.MULTILINE)
    assert "No model was called." in shown[4]

    (sample,) = temporary.iterdir()
    assert str(sample.resolve()) in parts[0]
    assert {"api.py", "errors.py", "store.py", "tests"} <= {path.name for path in sample.iterdir()}
    assert "class ApiError" in (sample / "errors.py").read_text()
    assert not list(sample.rglob("__pycache__"))
    assert list(home.iterdir()) == []
    assert list(current.iterdir()) == []
