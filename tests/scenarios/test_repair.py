"""The one repair: a model whose edits couldn't all be placed is asked once more, and whatever comes of it costs nothing
that was there before."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor

CANCELLED = -32800

GET = edit("api.py", "    return store[key]\n", "    return store.get(key)\n")
NAMES = edit("api.py", "    return sorted(store)\n", "    return list(store)\n")
PUT_WRONG = edit("api.py", "    store[keys] = value\n", "    store[key] = str(value)\n")
PUT = edit("api.py", "    store[key] = value\n", "    store[key] = str(value)\n")

PLACED = API.replace("return store[key]", "return store.get(key)").replace("return sorted(store)", "return list(store)")
MENDED = PLACED.replace("store[key] = value", "store[key] = str(value)")

THREE = Reply(f"{GET}\n{PUT_WRONG}\n{NAMES}", usage=USAGE)


def hunks(change: dict[str, Any]) -> list[str]:
    return [hunk["newText"] for file in change["files"] for hunk in file["hunks"]]


def problems(change: dict[str, Any]) -> list[str]:
    return [one["message"] for one in change["problems"] if not one.get("notice")]


def notices(change: dict[str, Any]) -> list[str]:
    return [one["message"] for one in change["problems"] if one.get("notice")]


async def ended(editor: Editor) -> None:
    """Ends the server as an editor that is closed does."""
    await editor.shutdown_session()
    assert await editor.gone() == 0


async def shown(editor: Editor) -> dict[str, Any]:
    discussion: dict[str, Any] = await editor.ask("show-discussion")
    return discussion


async def coding(provider: Provider, begin: Begin, workspace: Path, **more: Any) -> Editor:
    """An editor with the file open and a discussion begun, so that `/code` can be asked for."""
    editor = await begin(settings={**architects(provider, "alpha"), **more})
    editor.open(workspace / "api.py")
    await editor.ask("new-discussion")
    return editor


async def test_what_failed_is_asked_for_once_more_and_what_placed_stays(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    provider.script("editor", THREE, Reply(PUT, usage=USAGE))
    editor = await coding(provider, begin, workspace)
    change = await editor.ask("code", {"message": "Do it"})
    first, second = asked_of(provider, "editor")
    assert second[: len(first)] == first
    said, asked = second[len(first) :]
    assert said == {"role": "assistant", "content": THREE.text}
    assert asked["role"] == "user"

    text = str(asked["content"])
    assert text.startswith(f"<file path='api.py'>\n{PLACED}</file>\n\n<user_message>\n")
    request = text.partition("<user_message>")[2]
    assert "1. The SEARCH text isn't in api.py: 'store[keys] = value'" in request
    assert "2. " not in request
    assert not any(other in request for other in ("store.get", "return store[key]", "sorted", "list(store)"))

    assert len(hunks(change)) == 3
    assert (problems(change), notices(change)) == ([], ["1 edit was written anew after a second request."])
    assert editor.kinds("discussionUpdated", "editRead") == [
        *("codeStarted", "codeDelta", "repairStarted", "repairFinished", "changeReady", "codeFinished")
    ]
    started, finished = await editor.event("repairStarted"), await editor.event("repairFinished")
    assert [one["message"] for one in started["problems"]] == ["The SEARCH text isn't in api.py: 'store[keys] = value'"]
    assert (started["architect"], finished["architect"]) == (None, None)
    assert (finished["placed"], finished["left"], finished["status"]) == (1, 0, "done")
    assert finished["usage"]["outputTokens"] == USAGE["completion_tokens"]
    assert "".join(event["text"] for event in editor.events if event["kind"] == "codeDelta") == THREE.text

    ended = (await editor.event("codeFinished"))["coding"]
    assert ended["usage"]["outputTokens"] == 2 * USAGE["completion_tokens"]
    assert ended["usage"]["inputTokens"] == 2 * USAGE["prompt_tokens"]
    assert (ended["text"], ended["repair"]["text"], ended["repair"]["status"]) == (THREE.text, PUT, "done")
    assert (await shown(editor))["usage"]["inputTokens"] == 2 * USAGE["prompt_tokens"]

    applied = await editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied"
    assert editor.text(workspace / "api.py") == MENDED


async def test_it_is_still_there_after_a_restart(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(PUT_WRONG), Reply(PUT, usage=USAGE))
    provider.script("editor", THREE, Reply(PUT, usage=USAGE))
    before = await coding(provider, begin, workspace)
    await before.ask("discuss", {"message": "Well?"})
    await before.ask("code", {})
    kept = await shown(before)
    await ended(before)
    after = await begin(settings=architects(provider, "alpha"))
    after.open(workspace / "api.py")
    again = await shown(after)
    assert again["codings"][0]["repair"] == kept["codings"][0]["repair"]
    assert again["rounds"][0]["turns"][0]["repair"] == kept["rounds"][0]["turns"][0]["repair"]
    assert again["codings"][0]["repair"]["text"] == PUT
    assert len(hunks(again["codings"][0]["change"])) == 3
    assert again["usage"] == kept["usage"]
    [listed] = await after.ask("list-discussions")
    assert listed["usage"] == kept["usage"]


async def test_switched_off_nobody_is_asked_again(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("editor", THREE, Reply(PUT, usage=USAGE))
    editor = await coding(provider, begin, workspace, repair=False)
    change = await editor.ask("code", {"message": "Do it"})
    assert len(asked_of(provider, "editor")) == 1
    assert len(hunks(change)) == 2
    assert problems(change) == ["The SEARCH text isn't in api.py: 'store[keys] = value'"]
    assert notices(change) == []
    assert "repairStarted" not in editor.kinds()
    assert "repair" not in (await shown(editor))["codings"][0]


@pytest.mark.parametrize(
    ("answer", "left", "notice"),
    [
        (
            edit("api.py", "    shop[key] = value\n", "    store[key] = str(value)\n"),
            "The SEARCH text isn't in api.py: 'shop[key] = value'",
            "A second request for the edits that couldn't be placed brought none that can be.",
        ),
        (
            "I can't do better.",
            "The SEARCH text isn't in api.py: 'store[keys] = value'",
            "A second request for the edits that couldn't be placed brought none that can be.",
        ),
        # It would undo what was placed.
        (
            edit("api.py", "    return store[key]\n", "    return store[key] or None\n"),
            "The SEARCH text isn't in api.py: 'store[keys] = value'",
            "A second request for the edits that couldn't be placed brought none that can be.",
        ),
    ],
    ids=["wrong again", "no edits", "against what placed"],
)
async def test_what_fails_again_stays_a_problem(
    provider: Provider, begin: Begin, workspace: Path, answer: str, left: str, notice: str
) -> None:
    provider.script("editor", THREE, Reply(answer, usage=USAGE))
    editor = await coding(provider, begin, workspace)
    change = await editor.ask("code", {"message": "Do it"})
    assert len(asked_of(provider, "editor")) == 2
    assert (problems(change), notices(change)) == ([left], [notice])
    finished = await editor.event("repairFinished")
    assert (finished["placed"], finished["left"]) == (0, 1)
    applied = await editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied"
    assert editor.text(workspace / "api.py") == PLACED


async def test_what_was_typed_meanwhile_is_what_the_edits_are_placed_in(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    provider.script("editor", THREE, Reply(PUT, usage=USAGE, delay=1.0))
    editor = await coding(provider, begin, workspace)
    running = editor.start("code", {"message": "Do it"}, "code")
    await editor.event("repairStarted")
    editor.type(workspace / "api.py", (0, 0), (0, 0), "# typed\n")
    change = await running
    assert len(hunks(change)) == 3
    await editor.ask("apply", {"change": change["id"]})
    assert editor.text(workspace / "api.py") == "# typed\n" + MENDED


async def test_an_error_in_it_costs_nothing(provider: Provider, begin: Begin, workspace: Path) -> None:
    refused = {"error": {"message": "No such thing.", "code": "invalid_request_error"}}
    provider.script("editor", THREE, Reply(status=400, body=refused))
    editor = await coding(provider, begin, workspace)
    change = await editor.ask("code", {"message": "Do it"})
    assert len(asked_of(provider, "editor")) == 2
    assert len(hunks(change)) == 2
    assert problems(change) == ["The SEARCH text isn't in api.py: 'store[keys] = value'"]
    [notice] = notices(change)
    assert notice.startswith("A second request for the edits that couldn't be placed failed: ")
    ended = (await editor.event("codeFinished"))["coding"]
    assert (ended["status"], ended["repair"]["status"], ended["repair"]["error"]["kind"]) == (
        *("done", "failed"),
        "bad_request",
    )
    assert "error" not in ended


async def test_a_cancel_stops_it_and_what_placed_is_there(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("editor", THREE, Reply(PUT, hang="between_words"))
    editor = await coding(provider, begin, workspace)
    running = editor.start("code", {"message": "Do it"}, "code")
    await provider.asked(2)
    kept = (await shown(editor))["codings"][0]
    assert (kept["status"], kept["text"]) == ("done", THREE.text)
    editor.cancel("code")
    await refusal(running, CANCELLED)
    await provider.closed(2)
    ended = (await editor.event("codeFinished"))["coding"]
    assert (ended["status"], ended["repair"]["status"]) == ("done", "cancelled")
    assert ended["usage"]["inputTokens"] is None
    assert (await shown(editor))["codings"][0] == ended
    change = (await editor.event("changeReady"))["change"]
    assert change["status"] == "pending"
    assert (len(hunks(change)), len(problems(change))) == (2, 1)
    finished = await editor.event("repairFinished")
    assert (finished["status"], finished["placed"], finished["left"]) == ("cancelled", 0, 1)


async def test_nothing_is_asked_for_what_no_rewriting_can_mend(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    (workspace / "hidden.py").write_text("secret = 1\n")
    (workspace / "book.ipynb").write_text("{}")
    hopeless = [
        edit("../outside.py", "a\n", "b\n"),
        edit(".git/config", "a\n", "b\n"),
        edit("book.ipynb", "a\n", "b\n"),
        edit("hidden.py", "secret = 2\n", "b\n"),
    ]
    provider.script("editor", Reply("\n".join([GET, *hopeless]), usage=USAGE))
    editor = await coding(provider, begin, workspace)
    change = await editor.ask("code", {"message": "Do it"})
    assert len(problems(change)) == 4
    assert len(asked_of(provider, "editor")) == 1


async def test_nothing_of_a_file_is_sent_that_the_model_was_not_shown(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    (workspace / "hidden.py").write_text("secret = 1\n")
    wrong = edit("hidden.py", "secrets = 1\n", "b\n")
    provider.script("editor", Reply(f"{wrong}\n{PUT_WRONG}", usage=USAGE), Reply(PUT, usage=USAGE))
    editor = await coding(provider, begin, workspace)
    change = await editor.ask("code", {"message": "Do it"})
    [_, asked] = asked_of(provider, "editor")
    assert "hidden.py" not in asked[-1]["content"]
    assert "secret = 1" not in str(asked)
    assert len(problems(change)) == 1


# --- in a round -----------------------------------------------------------------------------------------------------

WRONG_PROPOSAL = f"1. Store texts.\n\n{PUT_WRONG}"


async def test_an_architects_edits_are_mended_before_the_next_is_asked(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    provider.script("alpha", proposing(WRONG_PROPOSAL), Reply(PUT, usage=USAGE))
    provider.script("bravo", proposing("I agree."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    round = await editor.ask("discuss", {"message": "Well?"})
    assert [request.model for request in provider.requests] == ["alpha", "alpha", "bravo"]
    assert editor.kinds("discussionUpdated", "editRead") == [
        *("roundStarted", "turnStarted", "turnDelta", "repairStarted", "repairFinished", "turnFinished"),
        *("turnStarted", "turnDelta", "turnFinished", "roundFinished"),
    ]
    assert (await editor.event("repairStarted"))["architect"] == "alpha"
    alpha, bravo = round["turns"]
    assert (await editor.event("turnFinished"))["turn"] == alpha
    assert "repair" not in bravo
    assert (alpha["status"], alpha["proposal"].strip()) == ("done", WRONG_PROPOSAL.strip())
    assert (alpha["repair"]["text"], alpha["repair"]["status"]) == (PUT, "done")
    assert hunks(alpha["change"]) == ["    store[key] = str(value)\n"]
    assert problems(alpha["change"]) == []
    assert alpha["usage"]["inputTokens"] == 2 * USAGE["prompt_tokens"]
    assert round["usage"]["inputTokens"] == 3 * USAGE["prompt_tokens"]
    assert "store[keys]" in asked_of(provider, "bravo")[0][-1]["content"]
    assert "once more" not in str(asked_of(provider, "bravo"))


async def test_later_rounds_are_asked_as_though_there_had_been_none(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    sent: list[list[list[Any]]] = []
    for repair in (True, False):
        answers = [Reply(PUT, usage=USAGE)] if repair else []
        provider.script("alpha", proposing(WRONG_PROPOSAL), *answers, proposing("Second."))
        provider.script("bravo", proposing("I agree."))
        provider.script("editor", Reply(GET, usage=USAGE))
        provider.forget()
        editor = await begin(settings={**architects(provider, "alpha", "bravo"), "repair": repair})
        editor.open(workspace / "api.py")
        await editor.ask("new-discussion")
        for message in ("Well?", "And now?"):
            await editor.ask("discuss", {"message": message})
        await editor.ask("code", {})
        own = asked_of(provider, "alpha")
        assert len(own) == (3 if repair else 2)
        sent.append([own[0], own[-1], *asked_of(provider, "bravo"), *asked_of(provider, "editor")])
        await ended(editor)
    assert sent[0] == sent[1]


@pytest.mark.parametrize("how", ["cancel", "drop"])
async def test_a_turn_that_is_stopped_in_its_repair_is_done(
    provider: Provider, begin: Begin, workspace: Path, how: str
) -> None:
    provider.script("alpha", proposing(f"{GET}\n{PUT_WRONG}"), Reply(PUT, hang="before_words"))
    provider.script("bravo", proposing("I agree."))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    running = editor.start("discuss", {"message": "Well?"}, "round")
    await provider.asked(2)
    if how == "cancel":
        editor.cancel("round")
        await refusal(running, CANCELLED)
    else:
        await editor.ask("drop-architect", {"name": "alpha"})
        await running
    await provider.closed(2)
    turns = (await shown(editor))["rounds"][0]["turns"]
    assert [turn["architect"] for turn in turns] == (["alpha"] if how == "cancel" else ["alpha", "bravo"])
    alpha = turns[0]
    assert (alpha["status"], alpha["repair"]["status"]) == ("done", "cancelled")
    assert alpha["proposal"] is not None
    assert (len(hunks(alpha["change"])), len(problems(alpha["change"]))) == (1, 1)
    assert alpha["usage"]["inputTokens"] is None
    assert (await editor.event("turnFinished"))["turn"] == alpha


async def test_a_recorded_repair_is_played_back(
    provider: Provider, begin: Begin, workspace: Path, tmp_path: Path
) -> None:
    provider.script("alpha", proposing(WRONG_PROPOSAL), Reply(PUT, usage=USAGE), proposing("Second."))
    recording = await begin(settings={**architects(provider, "alpha"), "recordTo": str(tmp_path / "tapes")})
    recording.open(workspace / "api.py")
    for message in ("Well?", "And now?"):
        await recording.ask("discuss", {"message": message})
    heard = (await shown(recording))["rounds"]
    await ended(recording)
    [tape] = (tmp_path / "tapes").iterdir()

    provider.forget()
    for question in ("Well?", "Something else?"):  # one that was recorded, and one that wasn't
        playing = await begin(settings={"architects": [{"name": "alpha", "model": f"replay:{tape}"}]})
        playing.open(workspace / "api.py")
        await playing.ask("new-discussion")
        for message in (question, "And now?"):
            await playing.ask("discuss", {"message": message})
        played = (await shown(playing))["rounds"]
        for one, other in zip(played, heard, strict=True):
            [turn], [before] = one["turns"], other["turns"]
            assert (turn["status"], turn["text"]) == ("done", before["text"])
        assert played[0]["turns"][0]["repair"]["text"] == PUT
        assert hunks(played[0]["turns"][0]["change"]) == ["    store[key] = str(value)\n"]
        await ended(playing)
    assert not provider.requests


async def test_a_recording_without_one_is_played_back_too(begin: Begin, workspace: Path, tmp_path: Path) -> None:
    tape = tmp_path / "old.jsonl"
    replies = [{"speaker": "alpha", "turn": turn, "text": text} for turn, text in ((1, WRONG_PROPOSAL), (2, "Second."))]
    tape.write_text("".join(f"{json.dumps(reply)}\n" for reply in replies))
    editor = await begin(settings={"architects": [{"name": "alpha", "model": f"replay:{tape}"}]})
    editor.open(workspace / "api.py")
    first = await editor.ask("discuss", {"message": "Well?"})
    second = await editor.ask("discuss", {"message": "And now?"})
    [one], [two] = first["turns"], second["turns"]
    assert (one["status"], one["repair"]["error"]["kind"]) == ("done", "replay_ended")
    assert len(problems(one["change"])) == 1
    assert two["text"] == "Second."


async def test_killed_in_a_repair_the_turn_is_kept_whole(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(f"{GET}\n{PUT_WRONG}"), Reply(PUT, hang="before_words"))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.open(workspace / "api.py")
    running = editor.start("discuss", {"message": "Well?"}, "round")
    await provider.asked(2)
    editor.process.kill()
    await editor.gone()
    with pytest.raises(RuntimeError, match="exited"):
        await running
    after = await begin(settings=architects(provider, "alpha"))
    after.open(workspace / "api.py")
    [turn] = (await shown(after))["rounds"][0]["turns"]
    assert (turn["status"], len(hunks(turn["change"])), len(problems(turn["change"]))) == ("done", 1, 1)
    assert "repair" not in turn


# --- edits as they arrive -------------------------------------------------------------------------------------------


def read(editor: Editor) -> list[tuple[str | None, str, str, bool | None]]:
    events = [event for event in editor.events if event["kind"] == "editRead"]
    return [(event["architect"], event["path"], event["edit"], event["fits"]) for event in events]


async def test_edits_are_told_as_they_close(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    again = edit("api.py", "    return store.get(key)\n", "    return store.get(key, None)\n")
    new = edit("new.py", "", "x = 1\n")
    chunks = [GET, "\n", PUT_WRONG, "\n", again, "\n", new, "\n", "And so on.\n\n", NAMES]
    provider.script("editor", Reply(chunks=chunks, pause_after=(8, go_on), usage=USAGE))
    editor = await coding(provider, begin, workspace, repair=False)
    running = editor.start("code", {"message": "Do it"}, "code")
    await editor.event("editRead", 3)
    assert not running.done()
    go_on.set()
    change = await running
    assert read(editor) == [
        (None, "api.py", "edit", True),
        (None, "api.py", "edit", False),
        (None, "api.py", "edit", True),  # it builds on the first
        (None, "new.py", "create", True),
        (None, "api.py", "edit", True),
    ]
    told = [event.get("problem") for event in editor.events if event["kind"] == "editRead"]
    assert [one for one in told if one] == problems(change)


async def test_of_a_turn_the_proposals_edits_are_told(provider: Provider, begin: Begin, workspace: Path) -> None:
    text = f"I thought of this:\n\n{NAMES}\n\n<proposal>\n1. Do it.\n\n{GET}\n{PUT_WRONG}\n</proposal>\n"
    provider.script("alpha", Reply(text, usage=USAGE), Reply(PUT, usage=USAGE))
    provider.script("bravo", proposing(NAMES))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    await editor.ask("discuss", {"message": "Well?"})
    assert read(editor) == [
        ("alpha", "api.py", "edit", True),
        ("alpha", "api.py", "edit", False),
        ("bravo", "api.py", "edit", True),
    ]
    kinds = [kind for kind in editor.kinds("discussionUpdated", "turnDelta") if kind != "turnStarted"]
    assert kinds == [
        *("roundStarted", "editRead", "repairStarted", "repairFinished", "turnFinished", "editRead", "turnFinished"),
        "roundFinished",
    ]
