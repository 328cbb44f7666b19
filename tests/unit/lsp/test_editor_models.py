"""The editor's own models at the wire: what comes in which order, and a client that doesn't say what it should."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import aclosing
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from moa_lsp.discussion.values import Message
from moa_lsp.lsp import editor_models
from moa_lsp.lsp.editor_models import EditorModels
from moa_lsp.models.editor_model import EditorFailed, EditorOffer
from moa_lsp.models.model import Done, Words

HELLO = (Message("user", "Hello?"),)


class Line:
    """The wire to a client that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, str]] = []
        self.answers: list[Future[Any]] = []
        self.given_up: list[str | int] = []

    def send_request(
        self, method: str, params: Any = None, callback: Callable[[Any], None] | None = None, msg_id: Any = None
    ) -> Future[Any]:
        assert callback is None
        self.asked.append((method, params, msg_id))
        self.answers.append(Future())
        return self.answers[-1]

    def give_up(self, msg_id: str | int) -> None:
        self.given_up.append(msg_id)


async def test_text_and_answer_that_come_at_once_stay_in_order() -> None:
    line = Line()
    models = EditorModels("vscode", line)
    async with aclosing(models.ask("copilot/gpt", HELLO, None, None)) as chunks:
        first = anext(chunks)
        task = asyncio.ensure_future(first)
        await asyncio.sleep(0)
        ((method, params, id),) = line.asked
        assert (method, params["call"]) == ("moa/askModel", id)
        assert params["messages"] == [{"role": "user", "text": "Hello?"}]
        assert params.keys() == {"call", "model", "messages"}
        for text in ("One ", "", "two ", "three"):
            models.text_arrived({"call": id, "text": text})
        line.answers[0].set_result({"finish": None})
        models.text_arrived({"call": id, "text": " too late"})
        assert await task == Words("One two three")
        done = await anext(chunks)
        assert isinstance(done, Done)
        assert done.finish is None
    assert line.given_up == []


async def test_two_calls_get_each_its_own_text() -> None:
    line = Line()
    models = EditorModels("vscode", line)
    one, two = (models.ask("copilot/gpt", HELLO, None, None) for _ in range(2))
    async with aclosing(one), aclosing(two):
        tasks = [asyncio.ensure_future(anext(one)), asyncio.ensure_future(anext(two))]
        await asyncio.sleep(0)
        for (_, _, id), text in zip(line.asked, ("first", "second"), strict=True):
            models.text_arrived({"call": id, "text": text})
        assert await asyncio.gather(*tasks) == [Words("first"), Words("second")]
    assert set(line.given_up) == {id for _, _, id in line.asked}


@pytest.mark.parametrize("data", [None, [], "quota", {"kind": 3}])
async def test_an_error_without_a_kind_is_another_one(data: object) -> None:
    line = Line()
    chunks = EditorModels("vscode", line).ask("copilot/gpt", HELLO, None, None)
    task = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    line.answers[0].set_exception(JsonRpcException("No.", code=-32803, data=data))
    with pytest.raises(EditorFailed) as raised:
        await task
    assert (raised.value.kind, raised.value.message) == ("other", "No.")


async def test_a_client_that_knows_no_such_request_has_no_such_model() -> None:
    line = Line()
    models = EditorModels("vscode", line)
    asking = asyncio.ensure_future(anext(models.ask("copilot/gpt", HELLO, None, None)))
    listing = asyncio.ensure_future(models.offered())
    await asyncio.sleep(0)
    for answer in line.answers:
        answer.set_exception(JsonRpcException("Method not found", code=-32601))
    with pytest.raises(EditorFailed) as raised:
        await asking
    assert raised.value.kind == "not-found"
    assert await listing == []


@pytest.mark.parametrize("answer", [None, {}, "x", [None, {"model": 3}, {"name": "GPT"}, {"model": ""}]])
async def test_a_list_that_makes_no_sense_holds_nothing(answer: object) -> None:
    line = Line()
    listing = asyncio.ensure_future(EditorModels("vscode", line).offered())
    await asyncio.sleep(0)
    line.answers[0].set_result(answer)
    assert await listing == []


async def test_a_client_that_names_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_models, "_ANSWER_WITHIN", 0.01)
    line = Line()
    assert await EditorModels("vscode", line).offered() == []
    assert line.given_up == [line.asked[0][2]]


async def test_what_it_names_is_what_it_offers() -> None:
    line = Line()
    listing = asyncio.ensure_future(EditorModels("vscode", line).offered())
    await asyncio.sleep(0)
    line.answers[0].set_result([{"model": "copilot/gpt", "name": "GPT", "maxInputTokens": 1}, {"model": "x/y"}])
    assert await listing == [EditorOffer("copilot/gpt"), EditorOffer("x/y")]
