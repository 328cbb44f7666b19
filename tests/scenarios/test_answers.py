"""A preset as a model of the editor's, over the real wire: `moa/answer`, what is sent while it answers, and its end."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects, refusal
from tests.scenarios.editor import Editor, Spoken

BAD, FAILED, CANCELLED = -32602, -32803, -32800
ASKED = [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": "Where is it?"}]
LOOK: dict[str, Any] = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
PART = {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def board(provider: Provider) -> dict[str, Any]:
    """Settings with a panel `board` of alpha and bravo, where boss answers."""
    boss = {"model": "openai/boss", "apiBase": provider.url}
    return {**architects(provider, "alpha", "bravo"), "presets": {"board": {"kind": "panel", "aggregator": boss}}}


def told(editor: Editor) -> list[tuple[str, dict[str, Any]]]:
    """What is sent while answers are on their way, from now on, in order."""
    heard: list[tuple[str, dict[str, Any]]] = []

    for kind in ("Text", "Note", "Tools"):

        def hear(params: dict[str, Any], kind: str = kind) -> None:
            heard.append((kind, params))

        editor.feature(f"moa/answer{kind}")(hear)
    return heard


def wanted(preset: str = "board", **more: Any) -> dict[str, Any]:
    return {"call": "one", "preset": preset, "messages": ASKED, **more}


async def test_an_answer_comes_as_it_is_written_and_then_its_end(provider: Provider, begin: Begin) -> None:
    for name in ("alpha", "bravo", "boss"):
        provider.script(name, Reply(f"{name} says so", usage=USAGE))
    editor = await begin(settings=board(provider))
    heard = told(editor)
    result = await editor.ask("answer", wanted(parameters={"tools": [LOOK], "temperature": 0.5}))
    assert result["finish"] == "stop"
    assert (result["usage"]["inputTokens"], result["usage"]["outputTokens"]) == (300, 60)
    assert "".join(params["text"] for kind, params in heard if kind == "Text") == "boss says so"
    notes = [params["text"] for kind, params in heard if kind == "Note"]
    assert "alpha is asked (proposals)." in notes
    assert notes[-1] == "aggregator answers."
    assert {params["call"] for _, params in heard} == {"one"}
    boss = provider.requests[-1]
    assert (boss.model, boss.body["tools"], boss.body["temperature"]) == ("boss", [LOOK], 0.5)
    assert boss.messages[0] == ASKED[0]
    assert all("pirate" not in str(request.messages) for request in provider.requests[:2])
    assert await editor.ask("list-discussions") == [], "nothing of it is kept"


async def test_tool_calls_come_in_their_parts(provider: Provider, begin: Begin) -> None:
    for name in ("alpha", "bravo"):
        provider.script(name, Reply("so"))
    provider.script("boss", Reply("Aye.", calls=[PART], finish="tool_calls"))
    editor = await begin(settings=board(provider))
    heard = told(editor)
    result = await editor.ask("answer", wanted(parameters={"tools": [LOOK]}))
    assert result["finish"] == "tool_calls"
    assert [kind for kind, _ in heard if kind != "Note"][-1] == "Tools"
    assert [params["calls"] for kind, params in heard if kind == "Tools"] == [[PART]]


async def test_a_cancel_stops_all_who_are_asked(provider: Provider, begin: Begin) -> None:
    for name in ("alpha", "bravo"):
        provider.script(name, Reply("One two", hang="between_words"))
    editor = await begin(settings=board(provider))
    answering = editor.start("answer", wanted(), "the-answer")
    await provider.asked(2)
    editor.cancel("the-answer")
    await refusal(answering, CANCELLED)
    for number in (1, 2):
        await provider.closed(number)
    assert not [request for request in provider.requests if request.model == "boss"]


async def test_the_end_of_the_editor_ends_its_answers(provider: Provider, begin: Begin) -> None:
    for name in ("alpha", "bravo"):
        provider.script(name, Reply("One two", hang="between_words"))
    editor = await begin(settings=board(provider))
    answering = editor.start("answer", wanted(), "the-answer")
    await provider.asked(2)
    editor.exit(None)
    await editor.gone()
    for number in (1, 2):
        await provider.closed(number)
    answering.cancel()


async def test_what_makes_no_sense_is_refused(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=board(provider))
    for params, says in (
        ({"preset": "board", "messages": ASKED}, "'call'"),
        (wanted("nobody"), "There is no preset 'nobody'"),
        (wanted(messages=[]), "at least one message"),
        (wanted(parameters=7), "'parameters'"),
        (wanted(model="openai/boss"), "'model'"),
        (wanted(parameters={"tools": [{"type": "mcp"}]}), "list of functions"),
    ):
        assert says in await refusal(editor.ask("answer", params), BAD)
    assert not provider.requests


async def test_a_failure_is_a_sentence(provider: Provider, begin: Begin) -> None:
    for name in ("alpha", "bravo", "boss"):
        provider.script(name, Reply(status=400, body={"error": {"message": "Not like this."}}))
    editor = await begin(settings=board(provider))
    assert "Not like this." in await refusal(editor.ask("answer", wanted()), FAILED)


async def test_a_model_of_the_editors_own_is_given_words_and_that_is_said(begin: Begin) -> None:
    editor = await begin(
        settings={"architects": ["vscode:copilot/gpt-5"]}, models={"copilot/gpt-5": [Spoken(["Under ", "the palm."])]}
    )
    heard = told(editor)
    await editor.ask("answer", wanted("solo", parameters={"tools": [LOOK]}))
    assert "".join(params["text"] for kind, params in heard if kind == "Text") == "Under the palm."
    assert any("without tools" in params["text"] for kind, params in heard if kind == "Note")
    (asked,) = editor.model_calls
    assert asked["messages"] == [
        {"role": "system", "text": "You are a pirate."},
        {"role": "user", "text": "Where is it?"},
    ]


async def test_two_answers_are_told_apart_by_their_calls(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=architects(provider, "alpha"))
    provider.script("alpha", Reply("first"), Reply("second"))
    heard = told(editor)
    await asyncio.gather(editor.ask("answer", wanted("solo")), editor.ask("answer", {**wanted("solo"), "call": 2}))
    texts = {params["call"]: params["text"] for kind, params in heard if kind == "Text"}
    assert sorted(texts.values()) == ["first", "second"]
    assert set(texts) == {"one", 2}
