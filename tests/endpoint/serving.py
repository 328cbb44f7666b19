"""An endpoint in this process, with the real worker and a scripted provider behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from attrs import frozen

from moa_lsp.endpoint.server import Endpoint
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.session.one_folder import OneFolder
from moa_lsp.store.folders import Folders
from moa_lsp.store.store import open_store
from tests.provider.server import Asked, Provider, Reply

TOKEN = "a-token-for-these-tests"
NAMES = ("alpha", "bravo", "boss")
USED = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}


def settings(provider: Provider) -> str:
    """A `config.toml` with the presets `board`, of alpha and bravo with boss to answer, and `one`, boss alone."""
    models = {name: f'{{ model = "openai/{name}", api_base = "{provider.url}" }}' for name in NAMES}
    return f"""
        architects = [{models["alpha"]}, {models["bravo"]}]
        [presets.board]
        kind = "panel"
        title = "Two and a boss"
        aggregator = {models["boss"]}
        [presets.one]
        kind = "solo"
        architects = [{models["boss"]}]
    """


@frozen
class Serving:
    """The endpoint at `url`, and all that is behind it."""

    provider: Provider
    endpoint: Endpoint
    workspace: OneFolder
    url: str
    config: Path

    def script(self) -> None:
        """Nobody was asked yet, and everybody answers with their name."""
        self.provider.forget()
        for name in NAMES:
            self.provider.script(name, Reply(f"{name} says so", usage=USED))

    def asked(self, model: str) -> list[Asked]:
        return [request for request in self.provider.requests if request.model == model]

    async def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = TOKEN,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> tuple[int, Mapping[str, str], str]:
        """The answer to a request: its status, headers and text."""
        sent = {**({"Authorization": f"Bearer {token}"} if token is not None else {}), **(headers or {})}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}{path}", headers=sent, **more) as answer,
        ):
            return answer.status, answer.headers, await answer.text()


@asynccontextmanager
async def serving(folder: Path, environ: Mapping[str, str]) -> AsyncGenerator[Serving, None]:
    """Serves in that folder, which is to be empty, until the block ends."""
    places = Folders(folder / "data", folder / "config", folder / "log", folder / "cache")
    places.config.mkdir(parents=True)
    root = folder / "project"
    root.mkdir()
    async with Provider() as provider:
        (places.config / "config.toml").write_text(settings(provider), encoding="utf-8")
        store = open_store(places.data).store
        door = ModelDoor(environ=environ, folder=places.cache)
        await door.warm()
        workspace = OneFolder.of(root, places, store, trusted=False)
        endpoint = Endpoint(workspace, door, TOKEN)
        port = await endpoint.start("127.0.0.1", 0)
        try:
            yield Serving(provider, endpoint, workspace, f"http://127.0.0.1:{port}/v1", places.config)
        finally:
            await endpoint.aclose()
            await door.aclose()
            store.close()
