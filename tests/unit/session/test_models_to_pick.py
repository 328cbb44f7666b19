"""The models to pick from where one who is asked for them can't say: everything else is there all the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from moa_lsp.discussion.values import Architect, Message
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models import worker_client
from moa_lsp.models.editor_model import EditorOffer
from moa_lsp.models.model import Done, Words
from moa_lsp.session.configuration import Configuration
from moa_lsp.session.models_to_pick import models_to_pick
from moa_lsp.store.store import open_store


class Offering:
    """An editor that names its models and is never asked anything."""

    scheme = "vscode"

    def ask(
        self, model: str, messages: Sequence[Message], max_tokens: int | None, temperature: float | None
    ) -> AsyncGenerator[Words | Done, None]:
        raise AssertionError((model, messages, max_tokens, temperature))

    async def offered(self) -> Sequence[EditorOffer]:
        return [EditorOffer("copilot/gpt-5")]


async def nobody() -> tuple[Architect, ...]:
    return ()


@pytest.mark.parametrize("program", ["raise SystemExit(3)", "import sys; sys.stdin.readline(); raise SystemExit(3)"])
async def test_a_worker_that_fails_takes_nothing_else_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    broken = tmp_path / "worker.py"
    broken.write_text(program)
    monkeypatch.setattr(worker_client, "_PROGRAM", broken)
    store = open_store(tmp_path / "store").store
    configuration = Configuration(None, lambda: 'architects = ["openai/own"]', lambda: None, nobody, store)
    door = ModelDoor(environ={"OPENAI_API_KEY": "k"}, folder=tmp_path / "cache", editor=Offering())
    try:
        rows = await models_to_pick(configuration, door)
    finally:
        await door.aclose()
        store.close()
    ready = [row.model for row in rows if row.ready]
    expected = ["openai/own", "openai/gpt-6-sol", "vscode:copilot/gpt-5", "replay:demo"]
    # A developer's own Ollama may be there as well.
    assert [model for model in ready if not model.startswith("ollama")] == expected
    assert "anthropic/claude-sonnet-5-5" in [row.model for row in rows if not row.ready]
