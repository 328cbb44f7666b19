"""The examples of `docs/shell-and-python.md` run: with recordings in the place of the models that they name."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import moa_lsp

PAGE = (Path(moa_lsp.__file__).parents[1] / "docs" / "shell-and-python.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHELL = [
    command
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for command in block.replace("\\\n", "").splitlines()
]
MODELS = re.compile(r"(?:anthropic|openai|gemini)/[a-z0-9.-]+")
SPEAKERS = ("alpha", "bravo", "charlie", "delta", "aggregator", "role writer")


@pytest.fixture
def cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A recording in which everybody says something, as all models of the settings; and a workspace to be in."""
    path = tmp_path / "said.jsonl"
    lines = [
        {"speaker": name, "turn": turn, "text": f"{name} said {turn}", "pace": [[0, 40]]}
        for name in SPEAKERS
        for turn in (1, 2, 3)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    config = Path(os.environ["MOA_CONFIG_DIR"])
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f"architects = [{json.dumps(f'replay:{path}')}, {json.dumps(f'replay:{path}')}]\n"
    )
    workspace = tmp_path / "workspace"
    for name in ("api.py", "src/lock.py", "lib/x.py"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text("x = 1\n")
    monkeypatch.chdir(workspace)
    return f"replay:{path}"


def test_there_are_examples() -> None:
    assert len(PYTHON) == 3
    assert len(SHELL) == 4


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_an_example_in_python_runs(cassette: str, number: int) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(MODELS.sub(cassette, PYTHON[number]), f"example {number + 1}", "exec"), {"__name__": "__main__"})
    wanted = (
        ["aggregator said 1", "alpha (replay:", "tokens"],
        ["[alpha is asked (layer 2).]", "aggregator said 1", " 0.0"],
        ["`layers`: must be a whole number from 1 to 5"],
    )[number]
    assert [text for text in wanted if text not in said.getvalue()] == []


def test_what_an_examples_comment_says_is_what_is_printed() -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(PYTHON[2], "example", "exec"), {})
    assert f"print(refused)  # {said.getvalue()}" in PYTHON[2]


@pytest.mark.parametrize("command", SHELL)
def test_an_example_in_the_shell_runs(cassette: str, command: str) -> None:
    program = f"{shlex.quote(sys.executable)} -P -m moa_lsp"
    line = MODELS.sub(cassette, command).replace("moa-lsp", program).replace("git log --oneline", "echo a commit")
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    if "ask" in command:
        answer = Path("summary.md").read_text() if "summary.md" in command else ran.stdout
        assert re.fullmatch(r"(alpha|aggregator) said 1\n", answer)
        assert re.search(r"^\d+ calls? · ", ran.stderr, re.MULTILINE)


async def test_a_program_of_ones_own_loop_can_use_it(cassette: str) -> None:
    answers = await asyncio.gather(
        *(moa_lsp.Mixture(kind="solo", architects=[cassette]).ask("Well?") for _ in range(3))
    )
    assert [answer.text for answer in answers] == ["alpha said 1"] * 3
