"""`moa-lsp endpoint`: where it says it is, its token, and that it goes when it is told to."""

from __future__ import annotations

import asyncio
import signal
import socket
import stat
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from openai import AsyncOpenAI, BadRequestError

from tests.endpoint.program import Home, Program, running, start
from tests.provider.server import Provider, Reply

ASKED: Any = [{"role": "user", "content": "Where is it?"}]


@pytest_asyncio.fixture
async def provider() -> AsyncGenerator[Provider, None]:
    async with Provider() as provider:
        yield provider


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Home:
    return Home.laid(tmp_path / "home", provider)


def client(program: Program, home: Home) -> AsyncOpenAI:
    return AsyncOpenAI(base_url=program.url, api_key=home.token_file.read_text(encoding="ascii").strip())


async def test_it_answers_and_leaves_at_once_with_its_worker_when_it_is_told_to(home: Home, provider: Provider) -> None:
    provider.script("boss", Reply("boss says so"), Reply("One two", hang="between_words"))
    async with running(home) as program, client(program, home) as speaking:
        process = program.process
        assert "moa/board" in program.told["models"]
        answer = await speaking.chat.completions.create(model="moa/one", messages=ASKED)
        assert answer.choices[0].message.content == "boss says so"
        stream = await speaking.chat.completions.create(model="moa/one", messages=ASKED, stream=True)
        await provider.asked(2)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 5) == 0
        await provider.closed(2)
        await stream.close()
    assert process.stderr is not None
    assert b"Traceback" not in await process.stderr.read()
    logs = (home.folder / "data" / "log").glob("*.log")
    assert not any(log.read_text(encoding="utf-8") for log in logs)


async def test_its_token_is_made_once_and_only_its_user_can_read_it(home: Home) -> None:
    tokens: list[str] = []
    for _ in range(2):
        async with running(home) as program:
            assert program.told["tokenFile"] == str(home.token_file)
            tokens.append(home.token_file.read_text(encoding="ascii").strip())
            assert tokens[0] not in str(program.told)
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) > 40
    assert tokens[0].startswith("moa-"), "behind another program's option a dash at the beginning is an option"
    if sys.platform != "win32":
        assert stat.S_IMODE(home.token_file.stat().st_mode) == 0o600


async def test_a_token_may_be_given(home: Home) -> None:
    async with (
        running(home, "--token", "a-token-of-my-own") as program,
        AsyncOpenAI(base_url=program.url, api_key="a-token-of-my-own") as speaking,
    ):
        assert [model.id async for model in speaking.models.list()]
    assert not home.token_file.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--token", "short"), b"at least 16"),
        (("--host", "0.0.0.0"), b"invalid choice"),
        (("--port", "70000"), b"from 0 to 65535"),
        (("--folder", "nowhere"), b"is no folder"),
    ],
)
async def test_wrong_usage_is_said(home: Home, options: tuple[str, ...], says: bytes) -> None:
    process = await start(home, *options)
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert says in errors


async def test_a_port_that_is_taken_is_said(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await start(home, "--port", str(taken.getsockname()[1]))
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"choose another by --port" in errors
    assert b"Traceback" not in errors


async def test_for_people_it_says_how_to_get_at_it_and_not_the_token(home: Home) -> None:
    process = await start(home, "--port", "0", "--no-color")
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(4)]
    process.terminate()
    rest, _ = await process.communicate()
    assert lines[0].startswith("listening on http://127.0.0.1:")
    assert "moa/board" in lines[1]
    assert 'OPENAI_API_KEY="$(cat ' in lines[3]
    assert home.token_file.read_text(encoding="ascii").strip() not in "".join(lines) + rest.decode()


async def test_what_a_project_wants_is_not_in_force_before_a_yes(home: Home, provider: Provider) -> None:
    project = home.folder / "project" / "moa.toml"
    model = f'{{ model = "openai/boss", api_base = "{provider.url}" }}'
    project.write_text('[presets.theirs]\nkind = "solo"\narchitects = ["openai/boss"]\n', encoding="utf-8")
    async with running(home, "--trust"):
        pass
    project.write_text(f'[presets.theirs]\nkind = "solo"\narchitects = [{model}]\n', encoding="utf-8")
    process = await start(home, "--port", "0", "--trust", "--no-color")
    assert process.stdout is not None
    listening = (await process.stdout.readline()).decode()
    url = listening.split()[2]
    key = home.token_file.read_text(encoding="ascii").strip()
    async with AsyncOpenAI(base_url=url, api_key=key) as speaking:
        with pytest.raises(BadRequestError, match="OPENAI_API_KEY"):
            await speaking.chat.completions.create(model="moa/theirs", messages=ASKED)
    process.terminate()
    _, said = await process.communicate()
    assert b"isn't in force unless you trust it too" in b" ".join(said.split())
    assert not provider.requests
