"""Stopping a round or a `/code` by every road and at every moment: at once, for real, and with what came kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import Begin, architects, proposing, refusal
from tests.scenarios.editor import Editor, capabilities

CANCELLED = -32800
ROADS = ("request", "command", "client token", "client token, command", "server token", "moa/cancel", "moa.cancel")
LONG = {"discuss": {"message": "What now?"}, "code": {"message": "Go."}}
TITLE = {"discuss": "Discussing", "code": "Coding"}
SPEAKER = {"discuss": "alpha", "code": "editor"}
FIRST_WORD = {"discuss": "turnDelta", "code": "codeDelta"}
ENDING = {
    "discuss": ["roundStarted", "turnStarted", "turnDelta", "turnFinished", "roundFinished"],
    "code": ["codeStarted", "codeDelta", "codeFinished"],
}


def start(editor: Editor, road: str, name: str) -> asyncio.Future[Any]:
    """Begins the command through the door that the road begins at; its id and its token are both the road's name."""
    argument: dict[str, Any] = dict(LONG[name])
    token = editor.awaits_progress(road) if road.startswith("client token") else None
    if road in ("command", "moa.cancel", "client token, command"):
        return editor.start_command(name, argument, road, token)
    return editor.start(name, {**argument, "workDoneToken": token} if token else argument, road)


async def cancel(editor: Editor, road: str) -> None:
    match road:
        case "request" | "command":
            editor.cancel(road)
        case "client token" | "client token, command":
            editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=road))
        case "server token":
            token = list(editor.progress_reports)[-1]
            editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))
        case _:
            discussion = await (editor.ask if "/" in road else editor.run)("cancel")
            assert discussion["id"] == (await editor.ask("show-discussion"))["id"]


async def last(editor: Editor, name: str) -> Mapping[str, Any]:
    """The discussion's last turn, or its last `/code`."""
    shown = await editor.ask("show-discussion")
    found: Mapping[str, Any] = shown["rounds"][-1]["turns"][-1] if name == "discuss" else shown["codings"][-1]
    return found


@pytest.mark.parametrize("name", LONG)
async def test_every_road_stops_it_for_real(provider: Provider, begin: Begin, name: str) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("bravo", proposing("bravo says so"))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    discussion = (await editor.ask("discuss", {"message": "First?"}))["discussion"]
    speaker = SPEAKER[name]
    for road in ROADS:
        provider.script(speaker, Reply("Well, let me think", hang="between_words"))
        provider.forget()
        editor.events.clear()
        running = start(editor, road, name)
        await editor.event(FIRST_WORD[name])
        await cancel(editor, road)
        await refusal(running, CANCELLED)
        await provider.closed(1)
        assert [request.model for request in provider.requests] == [speaker], road
        assert editor.kinds("discussionUpdated") == ENDING[name], road
        kept = await last(editor, name)
        assert (kept["status"], kept["text"], kept.get("error")) == ("cancelled", "Well,", None), road
        assert kept["usage"]["costUsd"] is None
        assert kept["usage"]["inputTokens"] is None
        if name == "discuss":
            finished, ended = editor.events[-2]["turn"], editor.events[-1]["round"]
            assert (finished, ended["turns"]) == (kept, [kept]), road
            assert kept["proposal"] is None
        else:
            assert editor.events[-1]["coding"] == kept, road
            assert kept["change"] is None

    # Where nothing runs, there is nothing to stop.
    assert (await editor.ask("cancel"))["id"] == discussion
    assert (await editor.run("cancel", {"discussion": discussion}))["id"] == discussion
    editor.cancel(ROADS[0])
    await cancel(editor, "server token")
    begun, stopped = ("begin", TITLE[name]), ("end", "Cancelled")
    middle = [("report", "alpha is thinking")] if name == "discuss" else []
    _, *reported = [editor.reported(str(token)) for token in editor.progress_reports]
    assert reported == [[begun, *middle, stopped]] * len(ROADS)

    provider.script("alpha", proposing("alpha again"))
    after = await editor.ask("discuss", {"message": "Still there?", "workDoneToken": editor.awaits_progress("last")})
    assert [turn["proposal"] for turn in after["turns"]] == ["alpha again", "bravo says so"]
    assert editor.reported("last") == [
        ("begin", "Discussing"),
        ("report", "alpha is thinking"),
        ("report", "bravo is thinking"),
        ("end", "Done"),
    ]
    total = (await editor.ask("show-discussion"))["usage"]
    assert (total["costUsd"], total["inputTokens"]) == (None, None)


@pytest.mark.parametrize("name", LONG)
async def test_at_every_moment(provider: Provider, begin: Begin, name: str) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("editor", Reply("No edits."))
    editor = await begin(settings=architects(provider, "alpha"), client=capabilities(plain=True))
    speaker = SPEAKER[name]
    if name == "code":
        await editor.ask("new-discussion")

    # At once: the process that talks to models isn't even there.
    running = editor.start(name, LONG[name], "at once")
    await asyncio.sleep(0)
    editor.cancel("at once")
    await refusal(running, CANCELLED)
    running = editor.start_command(name, LONG[name], "at once, as a command")
    await asyncio.sleep(0)
    editor.cancel("at once, as a command")
    await refusal(running, CANCELLED)
    # While that process gets ready, which takes it seconds.
    editor.events.clear()
    running = editor.start(name, LONG[name], "getting ready")
    await editor.event("turnStarted" if name == "discuss" else "codeStarted")
    editor.cancel("getting ready")
    await refusal(running, CANCELLED)
    assert not provider.requests

    moments = {
        "before the headers": (Reply("Never.", hang="before_headers"), None),
        "before the first word": (Reply("Never.", hang="before_words"), None),
        "while it waits to ask again": (
            Reply(status=429, headers={"Retry-After": "30"}),
            "turnWaiting" if name == "discuss" else "codeWaiting",
        ),
    }
    for moment, (reply, awaited) in moments.items():
        provider.script(speaker, reply)
        provider.forget()
        editor.events.clear()
        running = editor.start(name, LONG[name], moment)
        await provider.asked(1)
        if awaited:
            waiting = await editor.event(awaited)
            assert waiting["seconds"] == 30
            assert speaker in waiting["reason"]
        editor.cancel(moment)
        await refusal(running, CANCELLED)
        if not awaited:
            await provider.closed(1)
        kept = await last(editor, name)
        assert (kept["status"], kept["text"], kept.get("error")) == ("cancelled", "", None), moment
        assert len(provider.requests) == 1, moment

    # Stopped twice is stopped once, and the next one runs.
    provider.script("alpha", Reply("Well, let me think", hang="between_words"), proposing("alpha says so"))
    editor.events.clear()
    running = editor.start("discuss", {"message": "Twice."}, "twice")
    await editor.event("turnDelta")
    editor.cancel("twice")
    await editor.ask("cancel")
    await refusal(running, CANCELLED)
    assert editor.kinds("discussionUpdated") == ENDING["discuss"]
    round = await editor.ask("discuss", {"message": "And now?"})
    assert [(turn["status"], turn["proposal"]) for turn in round["turns"]] == [("done", "alpha says so")]
    *_, before, said, after = provider.requests[-1].messages
    assert str(before["content"]).endswith("<user_message>\nTwice.\n</user_message>")
    assert (said["role"], said["content"]) == ("assistant", "Well,")
    assert after["content"] == "<user_message>\nAnd now?\n</user_message>"


async def test_a_client_that_never_answers_about_progress_can_still_cancel(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", Reply("Well, let me think", hang="between_words"))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.never_creates_progress()
    running = editor.start("discuss", {"message": "Anyone?"}, "r1")
    await editor.event("turnDelta")
    editor.cancel("r1")
    await refusal(asyncio.wait_for(running, 3), CANCELLED)
    await provider.closed(1)
