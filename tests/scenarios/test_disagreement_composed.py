"""One change out of several architects' hunks, without a model; and `/code` where much or all of it is decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, Begin, asked_of, edit
from tests.scenarios.differing import (
    ALPHAS,
    BRAVOS,
    GET,
    REFUSED,
    deleting,
    discussed,
    getting,
    hunks,
    hunks_now,
    putting,
    says,
    stood,
)

FREE = {"inputTokens": 0, "outputTokens": 0, "costUsd": 0}
BOTH = API.replace(GET, "    return store.get(key)\n").replace("    del store[key]\n", "    store.pop(key)\n")


def steps(*edits: str) -> Reply:
    """A proposal whose steps are numbered, an edit each."""
    return says(*(f"{number}. Step {number}\n\n{one}" for number, one in enumerate(edits, 1)))


async def test_one_change_out_of_two_proposals(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS, deleting("store.pop(key)")))
    (mine,), (theirs, other) = (hunks(turn) for turn in round["turns"])
    asked = len(provider.requests)
    change = await editor.ask("compose", {"hunks": [other, mine], "title": "The best of both"})
    assert len(provider.requests) == asked, "no model is asked"
    assert not editor.applied
    assert (change["source"], change["title"], change["status"]) == ("composed", "The best of both", "pending")
    assert change["problems"] == []
    (file,) = change["files"]
    assert [(one["range"]["start"]["line"], one["sources"]) for one in file["hunks"]] == [
        (4, ["alpha"]),
        (13, ["bravo"]),
    ]
    assert [one.get("stand") for one in file["hunks"]] == [None, None]
    ids = [one["id"] for one in file["hunks"]]
    assert not {mine, theirs, other} & set(ids)
    now = await hunks_now(editor)
    assert [(now[id]["status"], now[id].get("settled")) for id in (mine, theirs, other)] == [
        ("pending", "taken"),
        ("rejected", "against"),
        ("pending", "taken"),
    ]
    (coding,) = (await editor.ask("show-discussion"))["codings"]
    assert coding["composed"] is True
    assert coding["model"] == ""
    assert {key: coding["usage"][key] for key in FREE} == FREE
    assert "nothing" in coding["text"]
    assert coding["change"]["id"] == change["id"]
    applied = await editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied"
    assert editor.text(workspace / "api.py") == BOTH
    now = await hunks_now(editor)
    assert [now[id]["status"] for id in (mine, other)] == ["applied", "applied"], (
        "what proposed the same is written too"
    )
    assert (await editor.ask("undo", {"change": change["id"]}))["status"] == "pending"
    assert editor.text(workspace / "api.py") == API


async def test_every_pair_that_cannot_stand_together_is_named(provider: Provider, begin: Begin) -> None:
    gone = "*** Begin Patch\n*** Delete File: api.py\n*** End Patch\n"
    editor, round = await discussed(begin, provider, says(ALPHAS, deleting("pass")), says(BRAVOS), says(gone))
    mine, away = hunks(round["turns"][0])
    theirs, all_gone = hunks(round["turns"][1])[0], hunks(round["turns"][2])[0]
    with pytest.raises(JsonRpcException) as raised:
        await editor.ask("compose", {"hunks": [mine, away, theirs, all_gone]})
    assert raised.value.code == REFUSED
    data: Any = raised.value.data
    assert [one["hunks"] for one in data["conflicts"]] == [
        [mine, theirs],
        [mine, all_gone],
        [away, all_gone],
        [theirs, all_gone],
    ]
    reasons = [one["reason"] for one in data["conflicts"]]
    assert reasons[0] == "Both replace line 5 of api.py, and want different text there."
    assert reasons[1] == "One replaces line 5 of api.py, the other deletes api.py."
    for reason in reasons:
        assert reason in raised.value.message
    assert stood(await editor.ask("disagreement")) == ["contested"], "nothing was decided"
    assert (await editor.ask("show-discussion"))["codings"] == []


async def test_a_renamed_file_and_an_edit_of_it(provider: Provider, begin: Begin, workspace: Path) -> None:
    moved = ("*** Update File: api.py", "*** Move to: store.py", "@@", "-    store[key] = value", "+    pass")
    move = "\n".join(["*** Begin Patch", *moved, "*** End Patch", ""])
    editor, round = await discussed(begin, provider, says(move), says(ALPHAS))
    renaming, _ = hunks(round["turns"][0])
    (mine,) = hunks(round["turns"][1])
    change = await editor.ask("compose", {"hunks": [mine, renaming]})
    (file,) = change["files"]
    assert file["kind"] == "rename"
    assert (await editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    assert not (workspace / "api.py").exists()
    assert editor.text(workspace / "store.py") == API.replace(GET, "    return store.get(key)\n")


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_hunk_beside_another_is_applied_and_undone_with_it(
    provider: Provider, begin: Begin, workspace: Path, at_once: bool
) -> None:
    above = edit("api.py", "def get(store, key):\n", "@cached\ndef get(store, key):\n")
    removed = edit("api.py", f"def get(store, key):\n{GET}\n\n", "")
    editor, round = await discussed(begin, provider, says(above), says(removed))
    path = workspace / "api.py"
    change = await editor.ask("compose", {"hunks": [id for turn in round["turns"] for id in hunks(turn)]})
    ids = [one["id"] for one in change["files"][0]["hunks"]]
    for named in [ids] if at_once else [[id] for id in ids[::-1]]:
        await editor.ask("apply", {"change": change["id"], "hunks": named})
    assert editor.text(path) == API.replace(f"def get(store, key):\n{GET}\n\n", "@cached\n")
    assert {one["status"] for one in (await hunks_now(editor)).values()} == {"applied"}
    assert (await editor.ask("undo", {"change": change["id"]}))["status"] == "pending"
    assert editor.text(path) == API
    assert {one["status"] for one in (await hunks_now(editor)).values()} == {"pending"}


async def test_code_with_everything_decided_asks_nobody(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, steps(ALPHAS), steps(BRAVOS, deleting("store.pop(key)")))
    mine, (_, other) = hunks(round["turns"][0])[0], hunks(round["turns"][1])
    provider.script("editor", Reply("Must not be asked.", usage=USAGE))
    asked = len(provider.requests)
    assert (await editor.ask("plan"))["free"] is False
    assert await editor.ask("estimate", {"message": "", "for": "code"}) != []
    await editor.ask("take", {"hunks": [mine]})
    assert (await editor.ask("plan"))["free"] is False, "a step is open"
    await editor.ask("take", {"hunks": [other]})
    plan = await editor.ask("plan")
    assert plan["free"] is True, plan
    assert {step["stand"] for step in plan["steps"]} <= {"settled", "struck"}
    assert await editor.ask("estimate", {"message": "", "for": "code"}) == []
    change = await editor.ask("code", {})
    assert len(provider.requests) == asked, "no request reached the provider"
    assert change["source"] == "composed"
    (coding,) = (await editor.ask("show-discussion"))["codings"]
    assert (coding["composed"], coding["status"]) == (True, "done")
    assert {key: coding["usage"][key] for key in FREE} == FREE
    kinds = [event["kind"] for event in editor.events]
    assert "codeFinished" in kinds
    await editor.ask("apply", {"change": change["id"]})
    assert editor.text(workspace / "api.py") == BOTH


async def test_code_with_a_message_asks_the_model_all_the_same(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, steps(ALPHAS), says())
    await editor.ask("take", {"hunks": hunks(round["turns"][0])})
    provider.script("editor", Reply("Nothing to add.", usage=USAGE))
    change = await editor.ask("code", {"message": "And the tests."})
    assert [request.model for request in provider.requests].count("editor") == 1
    (hunk,) = change["files"][0]["hunks"]
    assert hunk["newText"] == "    return store.get(key)\n"
    assert "composed" not in (await editor.ask("show-discussion"))["codings"][0]


async def test_code_keeps_what_was_taken_whatever_the_model_writes(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    editor, round = await discussed(
        begin, provider, steps(ALPHAS, "Name things better.\n"), steps(BRAVOS, putting("store.set(key, value)"))
    )
    await editor.ask("take", {"hunks": hunks(round["turns"][0])})
    against = getting("return store[key] or None")
    provider.script("editor", Reply(f"{against}\n{deleting('store.pop(key)')}", usage=USAGE))
    change = await editor.ask("code", {})
    sent = str(asked_of(provider, "editor")[-1][-1]["content"])
    assert "return store.get(key)" in sent
    assert "settled" in sent.lower()
    (file,) = change["files"]
    assert [(one["range"]["start"]["line"], one["newText"]) for one in file["hunks"]] == [
        (4, "    return store.get(key)\n"),
        (13, "    store.pop(key)\n"),
    ]
    (problem,) = [one for one in change["problems"] if not one.get("notice")]
    assert "line 5 of api.py" in problem["message"]
    assert "took" in problem["message"] or "taken" in problem["message"]
    assert change["source"] == "editor"
    await editor.ask("apply", {"change": change["id"]})
    assert editor.text(workspace / "api.py") == BOTH


async def test_code_where_the_model_repeats_what_was_taken(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, steps(ALPHAS, "Words.\n"), says(BRAVOS))
    await editor.ask("take", {"hunks": hunks(round["turns"][0])})
    provider.script("editor", Reply(ALPHAS, usage=USAGE))
    change = await editor.ask("code", {})
    (hunk,) = change["files"][0]["hunks"]
    assert hunk["newText"] == "    return store.get(key)\n"
    assert "alpha" in hunk["sources"]
    assert not [one for one in change["problems"] if not one.get("notice")]


async def test_taken_hunks_that_the_user_brings_together_crash_nothing(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    """Two insertions around a line, both taken, and then that line goes: they stand at one place."""
    (workspace / "api.py").write_text("one\ntwo\nthree\n")
    above = edit("api.py", "one\ntwo\n", "one\nalphas\ntwo\n")
    below = edit("api.py", "two\nthree\n", "two\nbravos\nthree\n")
    editor, round = await discussed(begin, provider, steps(above, "Words.\n"), says(below))
    ids = [hunks(turn)[0] for turn in round["turns"]]
    await editor.ask("take", {"hunks": ids})
    editor.type(workspace / "api.py", (1, 0), (2, 0), "")
    assert await editor.ask("disagreement")
    provider.script("editor", Reply("Nothing to add.", usage=USAGE))
    change = await editor.ask("code", {"message": "Go on."})
    assert change is None or change["status"] in ("pending", "stale")


async def test_what_the_editor_model_cannot_do_in_one_change_crashes_nothing(provider: Provider, begin: Begin) -> None:
    """Beside what was taken a reply may hold files that get in each other's way."""
    editor, round = await discussed(begin, provider, steps(ALPHAS, "Words.\n"))
    await editor.ask("take", {"hunks": hunks(round["turns"][0])})
    odd = edit("errors", "", "x\n") + "\n" + edit("errors/more.py", "", "y\n")
    provider.script("editor", Reply(odd, usage=USAGE))
    change = await editor.ask("code", {"message": "Go on."})
    assert any(one["newText"] == "    return store.get(key)\n" for file in change["files"] for one in file["hunks"])


async def test_taking_one_of_a_step_and_striking_the_rest(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, steps(ALPHAS, putting("store.set(key, value)")))
    await editor.ask("take", {"hunks": hunks(round["turns"][0])[:1]})
    plan = await editor.ask("plan")
    assert [(step["text"].split("\n")[0], step["stand"]) for step in plan["steps"]] == [
        ("Step 1", "settled"),
        ("Step 2", "open"),
    ]
    first, second = plan["steps"]
    struck = await editor.ask(
        "set-plan",
        {
            "steps": [
                {"id": first["id"], "text": first["text"]},
                {"id": second["id"], "text": second["text"], "struck": True},
            ]
        },
    )
    assert [step["stand"] for step in struck["steps"]] == ["settled", "struck"]
    assert (struck["edited"], struck["free"]) == (True, True)
    asked = len(provider.requests)
    change = await editor.ask("code", {})
    assert len(provider.requests) == asked
    assert [one["newText"] for one in change["files"][0]["hunks"]] == ["    return store.get(key)\n"]
