"""A mixture answers as one model: who is sent what, what the answer is, what it costs, and how it fails and ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from moa_lsp.answering.answer import answer
from moa_lsp.answering.chat import Chat
from moa_lsp.answering.memory import Memory
from moa_lsp.discussion.values import Status, Usage
from moa_lsp.middleware.door import ModelDoor
from tests.provider.server import Provider, Reply
from tests.unit.answering.room import LOOK, Room, texts

pytestmark = pytest.mark.asyncio(loop_scope="module")

USED = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
CALL: dict[str, Any] = {
    "index": 0,
    "id": "c1",
    "type": "function",
    "function": {"name": "look", "arguments": "{}"},
}
CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "You are a pirate."},
    {"role": "user", "content": "Where is it?"},
]
LOOPING: list[dict[str, Any]] = [
    *CHAT,
    {"role": "assistant", "content": "Aye.", "tool_calls": [{key: CALL[key] for key in ("id", "type", "function")}]},
    {"role": "tool", "tool_call_id": "c1", "content": "under the secret palm"},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Room, None]:
    async with Provider() as provider:
        door = ModelDoor(environ=os.environ, folder=tmp_path_factory.mktemp("worker"))
        await door.warm()
        yield Room(provider, door)
        await door.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def room(shared: Room) -> Room:
    """The shared room, where nobody was asked yet and everybody answers with their name."""
    shared.provider.forget()
    for name in ("alpha", "bravo", "charlie", "boss"):
        shared.provider.script(name, Reply(f"{name} says so", usage=USED))
    return shared


def chat(*messages: dict[str, Any], **parameters: Any) -> Chat:
    return Chat.read(list(messages), parameters)


async def test_a_panel_is_asked_side_by_side_and_its_aggregator_answers(room: Room) -> None:
    release = asyncio.Event()
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply(f"{name} says so", pause_after=(0, release), usage=USED))
    asking = asyncio.create_task(room.ask(chat(*CHAT, tools=[LOOK], temperature=0.5), room.panel()))
    await room.provider.asked(3)  # each before any of them has said a word
    assert not asking.done()
    release.set()
    came = await asking
    assert came.text == "boss says so"
    for request in room.provider.requests[:3]:
        (system, said) = texts(request)
        assert system[0] == "system"
        assert "adviser" in system[1]
        assert said == ("user", "<user_message>\nWhere is it?\n</user_message>")
        assert "pirate" not in str(request.body)
        assert "tools" not in request.body
        assert "temperature" not in request.body
    (boss,) = room.asked("boss")
    assert boss.body["tools"] == [LOOK]
    assert boss.body["temperature"] == 0.5
    assert texts(boss)[0] == ("system", "You are a pirate.")
    role, told = texts(boss)[1]
    assert role == "user"
    assert told.startswith("Where is it?\n\nBefore you answer: other models were asked")
    for name in ("alpha", "bravo", "charlie"):
        assert f"<architect name='{name.upper()}'>\n<proposal>\n{name} says so\n</proposal>\n</architect>" in told
    assert len(boss.messages) == 2


async def test_the_usage_of_all_calls_is_added_up(room: Room) -> None:
    came = await room.ask(chat(*CHAT), room.panel())
    used = came.answered.usage
    assert (used.input_tokens, used.output_tokens) == (40, 8)
    assert [turn.architect for turn in came.answered.turns] == ["alpha", "bravo", "charlie", "aggregator"]
    assert all(turn.status is Status.DONE for turn in came.answered.turns)
    assert came.answered.finish == "stop"


async def test_notes_say_who_is_asked_and_who_has_answered(room: Room) -> None:
    came = await room.ask(chat(*CHAT), room.panel())
    assert {"alpha is asked (proposals).", "bravo is asked (proposals)."} <= set(came.notes)
    assert any(note.startswith("charlie answered after ") for note in came.notes)
    assert came.notes[-1] == "aggregator answers."


async def test_the_chat_before_is_shown_to_all_and_alternates(room: Room) -> None:
    before: list[dict[str, Any]] = [
        {"role": "assistant", "content": "Ahoy!"},
        {"role": "user", "content": "One"},
        {"role": "user", "content": "and a half"},
        {"role": "assistant", "content": "Two"},
    ]
    await room.ask(chat(*before, {"role": "user", "content": "Three"}), room.panel())
    roles = [role for role, _ in texts(room.asked("alpha")[0])]
    assert roles == ["system", "user", "assistant", "user"]
    assert texts(room.asked("alpha")[0])[1] == ("user", "One\n\nand a half")
    # Who answers gets them as the program sent them.
    assert [dict(one) for one in room.asked("boss")[0].messages[:4]] == before


async def test_layers_see_the_one_before_and_who_answers_the_last(room: Room) -> None:
    for name in ("alpha", "bravo"):
        room.provider.script(name, Reply(f"{name} first"), Reply(f"{name} second"))
    lineup = room.lineup("alpha", "bravo", kind="layers", layers=2, aggregator=room.model("boss"))
    await room.ask(chat(*CHAT), lineup)
    first, second = room.asked("alpha")
    assert "bravo" not in str(first.messages)
    assert [role for role, _ in texts(second)] == ["system", "user", "assistant", "user"]
    assert "bravo first" in texts(second)[-1][1]
    told = texts(room.asked("boss")[0])[-1][1]
    assert "alpha second" in told
    assert "bravo second" in told
    assert "first" not in told


async def test_where_names_are_hidden_who_answers_sees_none(room: Room) -> None:
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply("I say so"))
    await room.ask(chat(*CHAT), room.panel(blind=True))
    told = texts(room.asked("boss")[0])[-1][1]
    assert "COLLEAGUE-1" in told
    assert "ALPHA" not in told
    assert not any("ALPHA" in str(request.messages) for request in room.provider.requests)


async def test_a_plain_round_is_answered_by_the_editor_model_or_else_the_first(room: Room) -> None:
    await room.ask(chat(*CHAT), room.lineup("alpha", "bravo", editor="boss"))
    assert [request.model for request in room.provider.requests] == ["alpha", "bravo", "boss"]
    assert "alpha says so" in texts(room.asked("bravo")[0])[-1][1], "each sees those before it"
    room.provider.forget()
    came = await room.ask(chat(*CHAT, tools=[LOOK]), room.lineup("alpha", "bravo"))
    assert [request.model for request in room.provider.requests] == ["alpha", "bravo", "alpha"]
    assert room.asked("alpha")[1].body["tools"] == [LOOK]
    assert came.text == "alpha says so"


@pytest.mark.parametrize("kind", ["solo", "round"])
async def test_one_alone_answers_at_once(room: Room, kind: str) -> None:
    names = ("alpha",) if kind == "round" else ("alpha", "bravo")
    await room.ask(chat(*CHAT), room.lineup(*names, editor="boss", kind=kind))
    (request,) = room.provider.requests
    assert request.model == "alpha"
    assert [dict(one) for one in request.messages] == CHAT


async def test_a_panel_switched_off_is_its_aggregator_alone(room: Room) -> None:
    await room.ask(chat(*CHAT), room.panel(enabled=False))
    (request,) = room.provider.requests
    assert (request.model, [dict(one) for one in request.messages]) == ("boss", CHAT)


async def test_an_arbiter_ends_it_early(room: Room) -> None:
    room.provider.script("boss", Reply("Fine.\n\n<verdict>enough</verdict>"))
    lineup = room.lineup("alpha", "bravo", kind="arbiter", arbiter=room.model("boss"))
    came = await room.ask(chat(*CHAT), lineup)
    assert [request.model for request in room.provider.requests][2:] == ["boss", "alpha"]
    assert "You are ARBITER" in texts(room.asked("boss")[0])[0][1]
    assert came.text == "alpha says so"


async def test_roles_are_written_for_the_task(room: Room) -> None:
    room.provider.script("writer", Reply("<role>\nMind the tide.\n</role>\n<role>\nMind the map.\n</role>", usage=USED))
    lineup = room.lineup(
        "alpha", kind="layers", layers=1, per_layer=2, diversity="role", role_model=room.model("writer")
    )
    came = await room.ask(chat(*CHAT), lineup)
    assert "Write 2 viewpoints." in texts(room.asked("writer")[0])[-1][1]
    systems = [texts(request)[0][1] for request in room.asked("alpha")[:2]]
    assert ["Mind the tide." in system for system in systems] == [True, False]
    assert ["Mind the map." in system for system in systems] == [False, True]
    assert came.answered.usage.input_tokens == 40


@pytest.mark.parametrize("reply", [Reply(status=400), Reply("")])
async def test_without_roles_the_architects_are_asked_all_the_same(room: Room, reply: Reply) -> None:
    room.provider.script("writer", reply)
    lineup = room.lineup(
        "alpha", kind="layers", layers=1, per_layer=2, diversity="role", role_model=room.model("writer")
    )
    came = await room.ask(chat(*CHAT), lineup)
    assert came.text == "alpha says so"
    assert any(note.startswith("No roles were written: ") for note in came.notes)
    assert "<role>" not in str(room.asked("alpha")[0].messages)


# --- tools


async def test_tool_calls_are_the_acting_models_and_come_as_they_are(room: Room) -> None:
    room.provider.script("boss", Reply("Aye.", calls=[CALL], finish="tool_calls", usage=USED))
    came = await room.ask(chat(*CHAT, tools=[LOOK]), room.panel())
    assert came.text == "Aye."
    assert came.calls == [CALL]
    assert came.answered.finish == "tool_calls"


async def test_an_answer_of_tool_calls_alone_is_an_answer(room: Room) -> None:
    room.provider.script("boss", Reply(chunks=(), calls=[CALL], finish="tool_calls"))
    came = await room.ask(chat(*CHAT, tools=[LOOK]), room.panel())
    assert (came.text, came.calls) == ("", [CALL])


async def test_while_tools_are_called_nobody_is_asked_for_advice_again(room: Room) -> None:
    memory, lineup = Memory(), room.panel()
    await room.ask(chat(*CHAT, tools=[LOOK]), lineup, memory)
    first = room.asked("boss")[0]
    room.provider.forget()
    came = await room.ask(chat(*LOOPING, tools=[LOOK]), lineup, memory)
    (second,) = room.provider.requests
    assert second.model == "boss"
    assert second.messages[:2] == first.messages, "the beginning is what it was, for the provider's cache"
    assert [dict(one) for one in second.messages[2:]] == LOOPING[2:]
    assert came.answered.usage.input_tokens == 10
    room.provider.forget()
    await room.ask(chat(*CHAT, tools=[LOOK]), lineup, memory)
    assert len(room.provider.requests) == 4, "the same question put anew is asked anew"


async def test_who_could_not_say_anything_is_not_asked_at_every_call_of_a_tool(room: Room) -> None:
    memory, lineup = Memory(), room.panel()
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply(status=400))
    await room.ask(chat(*CHAT, tools=[LOOK]), lineup, memory)
    room.provider.forget()
    await room.ask(chat(*LOOPING, tools=[LOOK]), lineup, memory)
    assert [request.model for request in room.provider.requests] == ["boss"]


async def test_where_nothing_is_remembered_they_are_asked_amid_tool_calls_without_seeing_these(room: Room) -> None:
    await room.ask(chat(*LOOPING, tools=[LOOK]), room.panel(), Memory())
    assert len(room.provider.requests) == 4
    for request in room.provider.requests[:3]:
        assert [role for role, _ in texts(request)] == ["system", "user"]
        assert "secret" not in str(request.body)
    boss = room.asked("boss")[0]
    assert "alpha says so" in boss.messages[1]["content"]
    assert [dict(one) for one in boss.messages[2:]] == LOOPING[2:]


# --- failures


async def test_one_that_fails_is_noted_and_left_out(room: Room) -> None:
    room.provider.script("bravo", Reply(status=400, body={"error": {"message": "No."}}))
    came = await room.ask(chat(*CHAT), room.panel())
    assert came.text == "boss says so"
    assert any(note.startswith("bravo gave no answer: ") for note in came.notes)
    told = texts(room.asked("boss")[0])[-1][1]
    assert "ALPHA" in told
    assert "BRAVO" not in told


async def test_where_all_fail_who_answers_does_so_alone(room: Room) -> None:
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply(status=400))
    came = await room.ask(chat(*CHAT), room.panel())
    assert came.text == "boss says so"
    assert [dict(one) for one in room.asked("boss")[0].messages] == CHAT


@pytest.mark.parametrize("reply", [Reply(status=400), Reply(""), Reply("", finish="content_filter")])
async def test_where_who_answers_fails_what_the_others_said_is_the_answer(room: Room, reply: Reply) -> None:
    room.provider.script("boss", reply)
    room.provider.script("bravo", Reply(status=400))
    came = await room.ask(chat(*CHAT), room.panel())
    assert came.text == "**alpha**\n\nalpha says so\n\n**charlie**\n\ncharlie says so"
    assert came.answered.finish == "stop"
    assert came.answered.turns[-1].status is Status.FAILED


async def test_where_nobody_says_anything_it_is_the_error_of_who_answers(room: Room) -> None:
    for name in ("alpha", "bravo", "charlie", "boss"):
        room.provider.script(name, Reply(status=400, body={"error": {"message": f"{name} won't"}}))
    came = await room.ask(chat(*CHAT), room.panel())
    assert came.failed.kind == "bad_request"
    assert "boss won't" in came.failed.message
    assert came.failed.usage == Usage.nothing()


async def test_an_answer_that_breaks_off_is_an_error_with_what_all_of_it_cost(room: Room) -> None:
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply("so", usage=USED))
    room.provider.script("boss", Reply("One two three", cut_after=1))
    came = await room.ask(chat(*CHAT), room.panel())
    assert came.text == "One"
    assert came.failed.kind == "cut"
    assert came.failed.usage.input_tokens is None


async def test_an_answer_cut_by_its_length_is_one_and_says_so(room: Room) -> None:
    room.provider.script("boss", Reply("One two", finish="length"))
    came = await room.ask(chat(*CHAT), room.panel())
    assert (came.text, came.answered.finish) == ("One two", "length")


async def test_without_anybody_to_ask_the_three_ways_to_go_on_are_told(room: Room) -> None:
    from moa_lsp.settings.settings import Settings

    came = await room.ask(chat(*CHAT), Settings().lineup("panel"))
    assert came.failed.kind == "no_architects"
    assert "Three ways to go on" in came.failed.message


async def test_once_the_money_is_spent_nobody_is_asked_any_more(room: Room) -> None:
    # 1,000 tokens at $2.50 a million.
    spent = {"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000}
    room.provider.script("gpt-4o", Reply("dear", usage=spent))
    lineup = room.lineup("gpt-4o", "bravo", editor="boss", max_cost=0.002)
    came = await room.ask(chat(*CHAT), lineup)
    assert [request.model for request in room.provider.requests] == ["gpt-4o"]
    assert came.text == "dear"
    assert any(note.startswith("Stopped: this message may cost $0.0020") for note in came.notes)


# --- the end


async def test_who_stops_listening_closes_every_stream(room: Room) -> None:
    for name in ("alpha", "bravo", "charlie"):
        room.provider.script(name, Reply("One two", hang="between_words"))
    asking = asyncio.create_task(room.ask(chat(*CHAT), room.panel()))
    await room.provider.asked(3)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for number in (1, 2, 3):
        await room.provider.closed(number)
    assert not room.asked("boss")


async def test_closing_an_answer_in_the_middle_closes_the_stream_of_who_answers(room: Room) -> None:
    room.provider.script("boss", Reply("One two", hang="between_words"))
    async with aclosing(answer(chat(*CHAT), room.panel(), room.door)) as events:
        async for event in events:
            if getattr(event, "text", "") == "One":
                break
    await room.provider.closed(4)
