"""Asking an architect once more for a turn that failed: what it is sent, what others see, and when it can't be."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import NAMES, USAGE, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor

INVALID, FAILED, CANCELLED = -32602, -32803, -32800
OLD, NEW = "    return store[key]\n", "    return store.get(key)\n"


def turns(round: dict[str, Any]) -> list[tuple[int, str, str, int | None]]:
    return [(one["number"], one["architect"], one["status"], one.get("retries")) for one in round["turns"]]


def alternates(messages: list[Any]) -> bool:
    return [one["role"] for one in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"]


async def heard(editor: Editor, name: str) -> None:
    """Waits for the architect's first words."""
    await editor.until(lambda: any(e["kind"] == "turnDelta" and e["architect"] == name for e in editor.events))


async def failing(begin: Begin, provider: Provider, **more: Any) -> Editor:
    """An editor after a round in which bravo broke off, while alpha before it and charlie after it proposed."""
    provider.script("alpha", proposing("alpha says one"), proposing("alpha says two"))
    provider.script("bravo", Reply("I was about to", cut_after=3), proposing("bravo says one"), proposing("bravo, two"))
    provider.script("charlie", proposing("charlie says one"), proposing("charlie says two"))
    editor = await begin(settings=architects(provider), **more)
    round = await editor.ask("discuss", {"message": "First?"})
    assert turns(round) == [(1, "alpha", "done", None), (2, "bravo", "failed", None), (3, "charlie", "done", None)]
    return editor


@pytest.mark.parametrize("door", ["moa/retry", "moa.retry"])
async def test_it_is_sent_the_same_and_what_came_since_and_takes_the_failed_turns_place(
    provider: Provider, begin: Begin, door: str
) -> None:
    editor = await failing(begin, provider)
    editor.events.clear()
    asked = len(provider.requests)
    round = await (editor.ask if "/" in door else editor.run)("retry", {"architect": "Bravo"})

    assert turns(round)[2:] == [(3, "charlie", "done", None), (4, "bravo", "done", 2)]
    assert round["turns"][1]["text"] == "I was about"
    assert [request.model for request in provider.requests[asked:]] == ["bravo"]
    assert editor.kinds() == ["turnStarted", "turnDelta", "turnFinished", "roundFinished"]
    assert (await editor.event("roundFinished"))["round"] == {**round, "leftOut": []}
    shown = await editor.ask("show-discussion")
    assert shown["rounds"] == [round]
    assert shown["running"] is False
    assert shown["usage"]["outputTokens"] is None  # what broke off used isn't known, and still counts

    (failed,), again = asked_of(provider, "bravo")[0], asked_of(provider, "bravo")[-1]
    (sent,) = again
    assert sent["content"].startswith(failed["content"])
    more = sent["content"].removeprefix(failed["content"])
    assert "charlie says one" in more
    assert "First?" not in more
    assert "alpha says one" not in more
    assert "I was about" not in str(again)

    # From then on the new turn is the one that was held: nothing is said or sent twice.
    await editor.ask("discuss", {"message": "Second?"})
    for name in NAMES:
        thread = asked_of(provider, name)[-1]
        said = "".join(one["content"] for one in thread)
        assert alternates(thread), name
        assert "I was about" not in said
        for other in NAMES:
            assert said.count(f"{other} says one") == 1, (name, other)
        assert said.count("First?") == said.count("Second?") == 1
    assert asked_of(provider, "bravo")[-1][:1] == again

    provider.script("editor", Reply(edit("api.py", OLD, NEW), usage=USAGE))
    await editor.ask("code")
    (coding,) = asked_of(provider, "editor")[-1]
    assert coding["content"].count("bravo says one") == 1
    assert "I was about" not in coding["content"]


async def test_its_edits_are_placed_mended_and_applied_as_any(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    misquoted = edit("api.py", "    return store[the_key]\n", NEW)
    provider.script("alpha", Reply(status=401), proposing(misquoted), Reply(edit("api.py", OLD, NEW), usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.open(workspace / "api.py")
    assert (await editor.ask("discuss", {"message": "Go."}))["turns"][0]["status"] == "failed"

    round = await editor.ask("retry", {"architect": "alpha"})
    turn = round["turns"][-1]
    assert (turn["status"], turn["repair"]["status"], turn["change"]["status"]) == ("done", "done", "pending")
    assert editor.kinds("discussionUpdated", "turnDelta", "changeUpdated", "editRead")[-5:] == [
        *("turnStarted", "repairStarted", "repairFinished", "turnFinished", "roundFinished")
    ]
    await editor.ask("apply", {"change": turn["change"]["id"]})
    assert NEW in editor.text(workspace / "api.py")


async def test_it_may_fail_again_and_again(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", Reply(status=401), Reply(status=401), Reply("Half", cut_after=1), proposing("At last."))
    editor = await begin(settings=architects(provider, "alpha"))
    await editor.ask("discuss", {"message": "Go."})
    rounds = [await editor.ask("retry", {"architect": "alpha"}) for _ in range(3)]
    assert turns(rounds[-1]) == [
        (1, "alpha", "failed", None),
        (2, "alpha", "failed", 1),
        (3, "alpha", "failed", 2),
        (4, "alpha", "done", 3),
    ]
    sent = asked_of(provider, "alpha")
    assert sent[0] == sent[1] == sent[2] == sent[3]
    assert "whole" in await refusal(editor.ask("retry", {"architect": "alpha"}), FAILED)


async def test_every_road_stops_it(provider: Provider, begin: Begin) -> None:
    editor = await failing(begin, provider)
    discussion = (await editor.ask("show-discussion"))["id"]
    number = 3
    for road in ("request", "command", "token", "cancel", "drop"):
        provider.script("bravo", Reply("Well, let me think", hang="between_words"))
        provider.forget()
        editor.events.clear()
        argument = {"architect": "bravo", "discussion": discussion}
        token = editor.awaits_progress(f"of {road}")
        if road == "request":
            running = editor.start("retry", {**argument, "workDoneToken": token}, road)
        else:
            running = editor.start_command("retry", argument, road, token)
        await editor.event("turnDelta")
        assert (await editor.ask("show-discussion"))["running"] is True
        assert "running" in await refusal(editor.ask("retry", {"architect": "bravo"}), FAILED)
        assert "running" in await refusal(editor.ask("discuss", {"message": "Me too?"}), FAILED)
        match road:
            case "token":
                editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=token))
            case "cancel":
                assert (await editor.ask("cancel"))["id"] == discussion
            case "drop":
                await editor.ask("drop-architect", {"name": "bravo"})
            case _:
                editor.cancel(road)
        if road == "drop":
            assert (await running)["turns"][-1]["status"] == "cancelled"
        else:
            await refusal(running, CANCELLED)
        await provider.closed(1)
        assert editor.reported(token)[0] == ("begin", "Asking again")
        assert editor.reported(token)[-1][0] == "end"
        number += 1
        (*_, last) = (await editor.ask("show-discussion"))["rounds"][0]["turns"]
        assert (last["number"], last["status"], last["text"]) == (number, "cancelled", "Well,"), road

    # Who is dropped is restored first; then what was cancelled is asked for once more.
    said = await refusal(editor.ask("retry", {"architect": "bravo"}), FAILED)
    assert "restore" in said
    await editor.ask("restore-architect", {"name": "bravo"})
    provider.script("bravo", proposing("bravo says so"))
    round = await editor.ask("retry", {"architect": "bravo"})
    assert turns(round)[-1] == (number + 1, "bravo", "done", number)


async def test_when_there_is_nothing_to_retry(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("bravo", proposing("bravo says so"))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    assert "no discussion" in await refusal(editor.ask("retry", {"architect": "alpha"}), INVALID)
    await editor.ask("new-discussion")
    assert "no round" in await refusal(editor.ask("retry", {"architect": "alpha"}), FAILED)
    await editor.ask("drop-architect", {"name": "bravo"})
    await editor.ask("discuss", {"message": "First?"})
    assert "alpha" in await refusal(editor.run("retry", {"architect": "alpha"}), FAILED)
    await editor.ask("restore-architect", {"name": "bravo"})
    assert "wasn't asked" in await refusal(editor.ask("retry", {"architect": "bravo"}), FAILED)
    assert "'delta'" in await refusal(editor.ask("retry", {"architect": "delta"}), INVALID)
    assert "'architect'" in await refusal(editor.ask("retry", {}), INVALID)
    assert len(provider.requests) == 1
    # Only the last round's turns: what failed before that was answered by what came after it.
    provider.script("bravo", Reply(status=401), proposing("bravo says so"))
    for message in ("Second?", "Third?"):
        await editor.ask("discuss", {"message": message})
    assert "whole" in await refusal(editor.ask("retry", {"architect": "bravo"}), FAILED)


async def test_what_a_kill_interrupted_is_asked_for_after_the_restart(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("bravo", Reply("Well, let me think", hang="between_words"), proposing("bravo says so"))
    settings = architects(provider, "alpha", "bravo")
    editor = await begin(settings=settings)
    running = editor.start("discuss", {"message": "What now?"}, "round")
    await heard(editor, "bravo")
    editor.process.kill()
    await editor.gone()
    with pytest.raises(RuntimeError, match="exited"):
        await running

    editor = await begin(settings=settings)
    round = await editor.ask("retry", {"architect": "bravo"})
    assert turns(round) == [(1, "alpha", "done", None), (2, "bravo", "cancelled", None), (3, "bravo", "done", 2)]
    assert round["turns"][1]["error"]["kind"] == "interrupted"
    sent = asked_of(provider, "bravo")
    assert sent[0] == sent[1]
    assert "alpha says so" in sent[1][0]["content"]

    # A retry that is killed itself is marked so, and can be retried.
    provider.script("bravo", Reply(status=401), Reply("Hm, ", hang="between_words"), proposing("bravo says so"))
    await editor.ask("discuss", {"message": "And now?"})
    editor.events.clear()
    running = editor.start("retry", {"architect": "bravo"}, "again")
    await heard(editor, "bravo")
    editor.process.kill()
    await editor.gone()
    with pytest.raises(RuntimeError, match="exited"):
        await running
    editor = await begin(settings=settings)
    (_, second) = (await editor.ask("show-discussion"))["rounds"]
    assert turns(second)[1:] == [(2, "bravo", "failed", None), (3, "bravo", "cancelled", 2)]
    assert turns(await editor.ask("retry", {"architect": "bravo"}))[-1] == (4, "bravo", "done", 3)
    assert alternates(asked_of(provider, "bravo")[-1])


async def test_a_retry_takes_nothing_from_the_others_progress(provider: Provider, begin: Begin) -> None:
    """Two discussions: what runs in one keeps nobody from asking again in the other."""
    editor = await failing(begin, provider)
    first = (await editor.ask("show-discussion"))["id"]
    second = (await editor.ask("new-discussion"))["id"]
    go_on = asyncio.Event()
    provider.script("alpha", proposing("alpha says so", pause_after=(2, go_on)))
    running = editor.start("discuss", {"message": "Here?", "discussion": second}, "other")
    await editor.until(lambda: any(e["discussion"] == second and e["kind"] == "turnDelta" for e in editor.events))
    round = await editor.ask("retry", {"architect": "bravo", "discussion": first})
    assert turns(round)[-1] == (4, "bravo", "done", 2)
    go_on.set()
    await running
