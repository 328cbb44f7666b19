"""aider with a preset for its model, over the real endpoint: it gets its answer, streamed and not, and edits a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pygit2
import pytest
import pytest_asyncio
from attrs import frozen

from tests.endpoint.program import Home, running
from tests.endpoint.serving import USED
from tests.provider.server import Provider, Reply

GREETING = 'print("Hello, wrold")\n'
EDIT = """\
The word was misspelt.

hello.py
```python
<<<<<<< SEARCH
print("Hello, wrold")
=======
print("Hello, world")
>>>>>>> REPLACE
```
"""


@frozen
class Desk:
    """A repository with one file in it, an endpoint beside it, and the provider behind that."""

    repository: Path
    home: Path
    url: str
    token: str
    provider: Provider

    async def aider(self, *options: str) -> str:
        """Runs aider with one message; returns what it said. It is kept from the network: the provider refuses to be a
        proxy."""
        program = Path(os.environ["MOA_TEST_AIDER"])
        environ = {
            **{name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_API_BASE"))},
            "HOME": str(self.home),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "HTTPS_PROXY": self.provider.root,
            "NO_PROXY": "127.0.0.1",
            "TERM": "dumb",
        }
        process = await asyncio.create_subprocess_exec(
            program,
            *("--model", "openai/moa/board", "--openai-api-base", self.url, "--openai-api-key", self.token),
            *("--edit-format", "diff", "--message", "Mend the greeting.", "--yes-always", "--no-pretty"),
            *("--no-check-update", "--no-show-release-notes", "--no-show-model-warnings", "--analytics-disable"),
            *("--no-gitignore", "--no-detect-urls", "--map-tokens", "0"),
            *options,
            "hello.py",
            cwd=self.repository,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return said.decode(errors="replace")


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk, None]:
    repository, home = tmp_path / "repository", tmp_path / "aiders-home"
    repository.mkdir()
    home.mkdir()
    (repository / "hello.py").write_text(GREETING, encoding="utf-8")
    _commit(repository)
    async with Provider() as provider:
        own = Home.laid(tmp_path / "home", provider)
        async with running(own) as program:
            yield Desk(repository, home, program.url, own.token_file.read_text(encoding="ascii").strip(), provider)


def _commit(folder: Path) -> None:
    """Makes the folder a repository with all that is in it."""
    repository = pygit2.init_repository(folder)
    repository.config["user.name"], repository.config["user.email"] = "Somebody", "somebody@example.com"
    repository.index.add_all()
    repository.index.write()
    somebody = pygit2.Signature("Somebody", "somebody@example.com")
    repository.create_commit("HEAD", somebody, somebody, "A greeting", repository.index.write_tree(), [])


@pytest.mark.parametrize("how", ["--stream", "--no-stream"])
async def test_aider_gets_its_answer_from_a_preset_and_edits_a_file(desk: Desk, how: str) -> None:
    for name in ("alpha", "bravo"):
        desk.provider.script(name, Reply(f"{name} says: it is a spelling mistake", usage=USED))
    desk.provider.script("boss", Reply(chunks=EDIT.splitlines(keepends=True), usage=USED))
    said = await desk.aider(how)
    assert "Applied edit to hello.py" in said, said
    assert (desk.repository / "hello.py").read_text(encoding="utf-8") == 'print("Hello, world")\n'
    asked = [request.model for request in desk.provider.requests]
    assert sorted(asked[:2]) == ["alpha", "bravo"]
    assert asked[2] == "boss"
    boss = desk.provider.requests[2]
    # aider's own rules for an edit are in its system prompt, which only who answers gets.
    system = boss.messages[0]["content"]
    assert "SEARCH/REPLACE" in system
    assert "alpha says: it is a spelling mistake" in str(boss.messages)
    for request in desk.provider.requests[:2]:
        assert system[:200] not in str(request.messages)
        assert "wrold" in str(request.messages), "the file that aider shows is seen by all"


async def test_what_fails_is_told_by_aider(desk: Desk) -> None:
    for name in ("alpha", "bravo", "boss"):
        desk.provider.script(name, Reply(status=400, body={"error": {"message": "Not like this."}}))
    said = await desk.aider()
    assert "Not like this." in " ".join(said.split()), said
    assert len(desk.provider.requests) == 3, "and nobody is asked again"
    assert (desk.repository / "hello.py").read_text(encoding="utf-8") == GREETING
