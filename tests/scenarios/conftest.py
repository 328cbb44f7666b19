"""What the scenarios start from: a scripted provider on loopback, a small workspace, and an editor with a real server.

Every model in them is scripted; the server, litellm and the wire between them are real.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pygls.exceptions import JsonRpcException

from tests.provider.server import Provider, Reply
from tests.scenarios import editor as editors
from tests.scenarios.editor import Editor

NAMES = ("alpha", "bravo", "charlie")
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}

API = '''"""The API."""


def get(store, key):
    return store[key]


def put(store, key, value):
    store[key] = value


def delete(store, key):
    """Takes a key out of the store, and whatever is kept under it."""
    del store[key]


def names(store):
    """All keys that the store holds at the moment, in order."""
    return sorted(store)
'''

Begin = Callable[..., Awaitable[Editor]]


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "work space"
    root.mkdir()
    (root / "api.py").write_text(API)
    return root


@pytest_asyncio.fixture
async def begin(workspace: Path) -> AsyncIterator[Begin]:
    """Starts editors on the workspace, each with a server of its own, and ends them after the test."""
    started: list[Editor] = []

    async def start(root: Path = workspace, **options: Any) -> Editor:
        editor = await editors.begin(root, **options)
        started.append(editor)
        return editor

    yield start
    for editor in started:
        with contextlib.suppress(ProcessLookupError, RuntimeError):
            await editors.end(editor)


def architects(provider: Provider, *names: str, **more: Any) -> dict[str, Any]:
    """Settings with architects that are scripted under their own names, and an editor model scripted as `editor`."""
    entries = [{"name": name, "model": f"openai/{name}", "apiBase": provider.url, **more} for name in names or NAMES]
    return {"architects": entries, "editor": {"model": "openai/editor", "apiBase": provider.url}}


def proposing(text: str, before: str = "I looked at it.", after: str = "That is all.", **more: Any) -> Reply:
    """A reply with prose around one proposal."""
    return Reply(f"{before}\n\n<proposal>\n{text}\n</proposal>\n\n{after}\n", usage=USAGE, **more)


def edit(path: str, search: str, replace: str) -> str:
    """A SEARCH/REPLACE block."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"


def asked_of(provider: Provider, model: str) -> list[list[Mapping[str, Any]]]:
    """The message lists that a model was sent, oldest first, each without its system message."""
    asked = [list(request.messages) for request in provider.requests if request.model == model]
    for messages in asked:
        assert messages[0]["role"] == "system"
    return [messages[1:] for messages in asked]


async def refusal(asked: Awaitable[Any], code: int) -> str:
    """The message of the error that a request is answered with; fails where it isn't answered with that code."""
    with pytest.raises(JsonRpcException) as raised:
        await asked
    assert raised.value.code == code, raised.value.message
    return raised.value.message
