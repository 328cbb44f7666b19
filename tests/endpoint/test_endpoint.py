"""The endpoint by itself: who may ask, what is refused and how, what keeps a client waiting patiently, and that
settings are read anew."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest

from moa_lsp.endpoint import server
from moa_lsp.endpoint.server import LONGEST_REQUEST, Endpoint
from tests.endpoint.serving import TOKEN, Serving
from tests.provider.server import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED = [{"role": "user", "content": "Where is it?"}]
COMPLETIONS = "/chat/completions"


def wanted(model: str = "moa/one", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": ASKED, **more}


# --- who may ask


@pytest.mark.parametrize("token", [None, "", "a-token-for-these-test", TOKEN + "s", "ä"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/models"), ("POST", COMPLETIONS), ("GET", "/nothing")])
async def test_nobody_gets_anything_without_the_token(here: Serving, token: str | None, method: str, path: str) -> None:
    status, headers, text = await here.request(method, path, token=token, json=wanted())
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in text
    assert not here.provider.requests


async def test_the_token_is_a_bearers(here: Serving) -> None:
    status, _, _ = await here.request("GET", "/models", headers={"Authorization": f"Basic {TOKEN}"})
    assert status == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "0.0.0.0", "[::]", ""])
async def test_under_a_name_that_is_not_this_machines_nobody_gets_anything(here: Serving, host: str) -> None:
    status, _, _ = await here.request("POST", COMPLETIONS, json=wanted(), headers={"Host": host})
    assert status == 403
    assert not here.provider.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:6620", "localhost:6620", "LOCALHOST", "[::1]:6620", "[::1]"])
async def test_this_machine_may_be_called_by_each_of_its_names(here: Serving, host: str) -> None:
    assert (await here.request("GET", "/models", headers={"Host": host}))[0] == 200


async def test_a_web_page_may_read_nothing(here: Serving) -> None:
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    status, headers, _ = await here.request("OPTIONS", COMPLETIONS, headers=asking, token=None)
    assert status == 401
    _, answered, _ = await here.request("GET", "/models", headers={"Origin": "https://evil.example"})
    assert not [name for name in (*headers, *answered) if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1"])
async def test_it_listens_on_loopback_only(here: Serving, host: str) -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        await Endpoint(here.workspace, here.endpoint.models, TOKEN).start(host, 0)


# --- what is refused


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"[" * 100_000, "body"),
        (wanted(n=2), "n"),
        (wanted(functions=[{}]), "functions"),
        (wanted(logprobs=True), "logprobs"),
        (wanted(modalities=["text", "audio"]), "modalities"),
        (wanted(web_search_options={"x": 1}), "web_search_options"),
        (wanted(messages=[]), "messages"),
        (wanted(tools=[{"type": "mcp", "server_url": "http://127.0.0.1:1"}]), "tools"),
    ],
)
async def test_what_can_not_be_asked_is_refused_by_its_name(here: Serving, body: Any, parameter: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, text = await here.request("POST", COMPLETIONS, data=raw)
    error = json.loads(text)["error"]
    assert (status, error["param"], error["type"]) == (400, parameter, "invalid_request_error")
    assert not here.provider.requests


@pytest.mark.parametrize("model", [None, 7, "board", "gpt-4o", "moa/", "moa/nobody", "moa/moa/one"])
async def test_a_model_that_is_no_preset_is_told_which_there_are(here: Serving, model: Any) -> None:
    status, _, text = await here.request("POST", COMPLETIONS, json={"model": model, "messages": ASKED})
    error = json.loads(text)["error"]
    assert (status, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "moa/board" in error["message"]


async def test_a_request_has_a_longest_length(here: Serving) -> None:
    status, _, text = await here.request("POST", COMPLETIONS, data=io.BytesIO(b" " * (LONGEST_REQUEST + 1)))
    assert status == 413
    assert "32 MiB" in json.loads(text)["error"]["message"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("GET", COMPLETIONS), ("POST", "/embeddings")])
async def test_what_is_not_here_is_said_in_the_same_shape(here: Serving, method: str, path: str) -> None:
    status, _, text = await here.request(method, path)
    assert status in (404, 405)
    assert f"There is no {method} /v1{path} here" in json.loads(text)["error"]["message"]


async def test_what_goes_wrong_inside_is_in_the_log_only(here: Serving, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        settings = property(lambda _: 1 / 0)

    endpoint = Endpoint(Broken(), here.endpoint.models, TOKEN)  # pyright: ignore[reportArgumentType]
    port = await endpoint.start("127.0.0.1", 0)
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
            session.get(f"http://127.0.0.1:{port}/v1/models") as answer,
        ):
            assert answer.status == 500
            assert "Traceback" not in await answer.text()
    finally:
        await endpoint.aclose()
    assert "ZeroDivisionError" in caplog.text


# --- the wait


async def test_who_waits_for_the_others_hears_that_something_goes_on(
    here: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_ALIVE_SECONDS", 0.02)
    go_on = asyncio.Event()
    here.provider.script("alpha", Reply("so", pause_after=(0, go_on)))
    lines: list[str] = []
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.post(f"{here.url}{COMPLETIONS}", json=wanted("moa/board", stream=True)) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        async for line in answer.content:
            lines.append(line.decode().strip())
            if lines[-1] == ": still at it":
                go_on.set()
    assert ": alpha is asked (proposals)." in lines
    assert ": aggregator answers." in lines
    assert lines.index(": alpha is asked (proposals).") < lines.index(": still at it")
    assert lines[-2:] == ["data: [DONE]", ""]
    assert all(not line or line.startswith((": ", "data: ")) for line in lines)


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_client_that_goes_away_stops_those_who_advise(here: Serving, streamed: bool) -> None:
    for name in ("alpha", "bravo"):
        here.provider.script(name, Reply("One two", hang="between_words"))
    asking = asyncio.create_task(here.request("POST", COMPLETIONS, json=wanted("moa/board", stream=streamed)))
    await here.provider.asked(2)
    asking.cancel()
    for number in (1, 2):
        await here.provider.closed(number)
    assert not here.asked("boss")


# --- settings


async def test_settings_are_read_anew(here: Serving) -> None:
    file = here.config / "config.toml"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(before.replace("presets.one", "presets.single"), encoding="utf-8")
        assert (await here.request("POST", COMPLETIONS, json=wanted("moa/single")))[0] == 200
        assert (await here.request("POST", COMPLETIONS, json=wanted("moa/one")))[0] == 404
        file.write_text("architects = [", encoding="utf-8")
        assert (await here.request("POST", COMPLETIONS, json=wanted("moa/single")))[0] == 200, "the last good ones hold"
    finally:
        file.write_text(before, encoding="utf-8")


async def test_a_presets_title_describes_its_model(here: Serving) -> None:
    _, _, text = await here.request("GET", "/models")
    found = {model["id"]: model for model in json.loads(text)["data"]}
    assert found["moa/board"]["description"] == "Two and a boss"


async def test_a_project_that_is_not_trusted_sends_nothing_elsewhere(here: Serving) -> None:
    project = here.workspace.root / "moa.toml"
    model = f'{{ model = "openai/boss", api_base = "{here.provider.url}/elsewhere" }}'
    project.write_text(f'[presets.theirs]\nkind = "solo"\narchitects = [{model}]\n', encoding="utf-8")
    try:
        status, _, text = await here.request("POST", COMPLETIONS, json=wanted("moa/theirs"))
        assert status == 400
        assert "OPENAI_API_KEY" in text
        assert not here.provider.requests
    finally:
        project.unlink()
