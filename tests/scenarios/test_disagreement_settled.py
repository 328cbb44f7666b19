"""What the user decides where scripted architects differ, and that it stays decided: by command, by action, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types

from tests.provider.server import Provider
from tests.scenarios.conftest import API, Begin, asked_of, edit, refusal
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
    seen,
    stood,
)
from tests.scenarios.editor import Editor

TAKEN = API.replace(GET, "    return store.get(key)\n")


def state(hunk: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return hunk["status"], hunk.get("settled"), hunk.get("stand")


def contested(editor: Editor, path: Path) -> list[types.Diagnostic]:
    return [one for one in editor.shown(path) if one.code == "contested"]


async def named(editor: Editor, path: Path, line: int, title: str) -> types.CodeAction:
    return next(one for one in await editor.actions(path, line) if one.title == title)


# --- each way to settle it


@pytest.mark.parametrize(("winner", "by_action"), [(0, False), (1, True)])
async def test_one_is_taken(provider: Provider, begin: Begin, workspace: Path, winner: int, by_action: bool) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS, deleting("pass")), says(BRAVOS))
    path = workspace / "api.py"
    await editor.until(lambda: bool(contested(editor, path)))
    ids = [hunks(turn)[0] for turn in round["turns"]]
    asked = len(provider.requests)
    if by_action:
        whose = ["ALPHA", "BRAVO"][winner]
        found = await editor.choose(await named(editor, path, 4, f"Take {whose}'s"))
    else:
        found = await editor.ask("take", {"hunks": [ids[winner]]})
    names = ["alpha", "bravo"]
    assert seen(found) == [(4, 5, "settled", [(names[winner], "")]), (13, 14, "alone", [("alpha", "")])]
    assert found["regions"][0]["alternatives"][0]["settled"] == "taken"
    assert found["counts"] == {"contested": 0, "agreed": 0, "alone": 1, "settled": 1}
    now = await hunks_now(editor)
    assert state(now[ids[winner]]) == ("pending", "taken", "settled")
    assert state(now[ids[1 - winner]])[:2] == ("rejected", "against")
    await editor.until(lambda: not contested(editor, path))
    assert len(provider.requests) == asked, "deciding asks no model"
    assert not editor.applied, "and writes nothing"
    assert editor.text(path) == API
    lost = round["turns"][1 - winner]["change"]["id"]
    told = [event["change"] for event in editor.events if event.get("change", {}).get("id") == lost][-1]
    assert any(names[winner] in reason for reason in told["reasons"])
    decided = (await editor.ask("show-discussion"))["decisions"]
    assert [(one["number"], one["afterRound"], one["kind"]) for one in decided] == [(1, 1, "taken")]
    assert decided[0]["text"].startswith(f"api.py, line 5: {names[winner]}'s edit is taken.")
    titles = [action.title for action in await editor.actions(path, 4)]
    assert "Open this decision again" in titles
    assert not [one for one in titles if one.startswith("Take ")]
    assert "rejected" in await refusal(editor.ask("take", {"hunks": [ids[1 - winner]]}), REFUSED)
    assert (await editor.ask("take", {"hunks": [ids[winner]]}))["regions"] == found["regions"], "once is enough"


async def test_the_lines_are_left_as_they_are(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    path = workspace / "api.py"
    await editor.until(lambda: bool(contested(editor, path)))
    left = await editor.choose(await named(editor, path, 4, "Leave these lines as they are"))
    assert left["regions"] == []
    now = await hunks_now(editor)
    assert [state(one)[:2] for one in now.values()] == [("rejected", "against")] * 2
    await editor.until(lambda: not editor.shown(path))
    (decision,) = (await editor.ask("show-discussion"))["decisions"]
    assert decision["kind"] == "left"
    assert "applied" not in [one["status"] for one in now.values()]
    # Both say it once more: it stays left, and the change says so.
    provider.script("alpha", says(ALPHAS))
    provider.script("bravo", says(BRAVOS))
    again = await editor.ask("discuss", {"message": "Anything else?"})
    for turn in again["turns"]:
        (hunk,) = turn["change"]["files"][0]["hunks"]
        assert state(hunk)[:2] == ("rejected", "against")
        assert turn["change"]["reasons"]
    assert (await editor.ask("disagreement"))["regions"] == []
    _ = round


async def test_a_reason_goes_to_all(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    both = [hunks(turn)[0] for turn in round["turns"]]
    await editor.ask("leave", {"hunks": both, "reason": "KeyError is what callers want."})
    await editor.ask("discuss", {"message": "Anything else?"})
    for name in ("alpha", "bravo"):
        sent = str(asked_of(provider, name)[-1][-1]["content"])
        assert "KeyError is what callers want." in sent
        assert "api.py" in sent


async def test_another_round_on_just_this(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, _ = await discussed(begin, provider, says(ALPHAS), says(BRAVOS, stances="- object ALPHA: hides KeyError"))
    path = workspace / "api.py"
    await editor.until(lambda: bool(contested(editor, path)))
    provider.script("alpha", says(getting("return store[key]  # or KeyError")))
    provider.script("bravo", says(stances="- support ALPHA: yes"))
    action = await named(editor, path, 4, "Another round on just this")
    assert action.command
    (argument,) = cast("list[dict[str, Any]]", action.command.arguments)
    assert argument["selection"]["range"]["start"]["line"] == 4
    await editor.choose(action)
    sent = str(asked_of(provider, "alpha")[-1][-1]["content"])
    assert "BRAVO" in sent
    assert "hides KeyError" in sent
    (region,) = (await editor.ask("disagreement"))["regions"]
    assert region["stand"] == "agreed"
    assert [(one["architects"], one["supporters"]) for one in region["alternatives"]][-1] == (["alpha"], ["bravo"])


async def test_applied_at_once_it_is_decided_too(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    path = workspace / "api.py"
    alpha, bravo = (turn["change"]["id"] for turn in round["turns"])
    applied = await editor.ask("apply", {"change": alpha})
    assert applied["status"] == "applied"
    assert editor.text(path) == TAKEN
    now = await hunks_now(editor)
    assert state(now[hunks(round["turns"][1])[0]])[:2] == ("rejected", "against")
    assert stood(await editor.ask("disagreement")) == []
    assert [one["kind"] for one in (await editor.ask("show-discussion"))["decisions"]] == ["taken"]
    undone = await editor.ask("undo", {"change": alpha})
    assert state(undone["files"][0]["hunks"][0])[:2] == ("pending", "taken")
    assert editor.text(path) == API
    assert stood(await editor.ask("disagreement")) == ["settled"]
    assert "rejected" in await refusal(editor.ask("apply", {"change": bravo}), REFUSED)


async def test_what_cannot_be_decided_is_refused(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    both = [hunks(turn)[0] for turn in round["turns"]]
    said = await refusal(editor.ask("take", {"hunks": both}), REFUSED)
    assert "line 5 of api.py" in said
    for name in ("take", "leave", "reopen", "compose"):
        await refusal(editor.ask(name, {"hunks": ["nobody's"]}), -32602)
    assert "decided" in await refusal(editor.ask("reopen", {"hunks": both}), REFUSED)
    assert stood(await editor.ask("disagreement")) == ["contested"]


# --- and then


async def test_settled_then_typed_then_undone(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    path = workspace / "api.py"
    mine, theirs = (hunks(turn)[0] for turn in round["turns"])
    await editor.ask("take", {"hunks": [mine]})
    editor.type(path, (0, 0), (0, 0), "# above\n\n")
    assert seen(await editor.ask("disagreement")) == [(6, 7, "settled", [("alpha", "")])]
    editor.type(path, (6, 4), (6, 10), "yield")
    assert (await editor.ask("disagreement"))["regions"] == []
    now = await hunks_now(editor)
    assert state(now[mine])[:2] == ("stale", "taken")
    assert state(now[theirs])[:2] == ("rejected", "against")
    editor.type(path, (6, 4), (6, 9), "return")
    assert seen(await editor.ask("disagreement")) == [(6, 7, "settled", [("alpha", "")])]
    editor.type(path, (0, 0), (2, 0), "")
    assert seen(await editor.ask("disagreement")) == [(4, 5, "settled", [("alpha", "")])]
    await editor.ask("apply", {"change": round["turns"][0]["change"]["id"]})
    assert editor.text(path) == TAKEN


async def test_settled_it_stays_so_in_the_next_round(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    mine = hunks(round["turns"][0])[0]
    await editor.ask("take", {"hunks": [mine]})
    provider.script("alpha", says(putting("store.set(key, value)")))
    provider.script("bravo", says(BRAVOS, deleting("store.pop(key)")))
    again = await editor.ask("discuss", {"message": "Anything else?"})
    for name in ("alpha", "bravo"):
        sent = str(asked_of(provider, name)[-1][-1]["content"])
        assert "ALPHA" in sent
        assert "settled" in sent.lower() or "decided" in sent.lower()
    said_again, other = again["turns"][1]["change"]["files"][0]["hunks"]
    assert state(said_again)[:2] == ("rejected", "against")
    assert any("alpha" in reason.lower() for reason in again["turns"][1]["change"]["reasons"])
    assert other["status"] == "pending"
    assert stood(await editor.ask("disagreement")) == ["settled", "alone", "alone"]
    # Something else for the same lines is set aside just so.
    provider.script("bravo", says(getting("return None")))
    third = await editor.ask("discuss", {"message": "And now?"})
    assert state(third["turns"][1]["change"]["files"][0]["hunks"][0])[:2] == ("rejected", "against")
    assert stood(await editor.ask("disagreement"))[0] == "settled"
    # With these lines selected it is open again.
    span = {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}
    selection = {"uri": (workspace / "api.py").as_uri(), "range": span}
    fourth = await editor.ask("discuss", {"message": "What of this?", "selection": selection})
    assert state(fourth["turns"][1]["change"]["files"][0]["hunks"][0]) == ("pending", None, "contested")
    found = await editor.ask("disagreement")
    assert found["regions"][0]["stand"] == "contested"
    assert [one["architects"] for one in found["regions"][0]["alternatives"]] == [["alpha"], ["bravo"]]


async def test_who_says_what_was_taken_agrees(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    await editor.ask("take", {"hunks": [hunks(round["turns"][0])[0]]})
    provider.script("bravo", says(ALPHAS))
    again = await editor.ask("discuss", {"message": "Anything else?"})
    (hunk,) = again["turns"][1]["change"]["files"][0]["hunks"]
    assert state(hunk) == ("pending", "taken", "settled")
    assert seen(await editor.ask("disagreement")) == [(4, 5, "settled", [("alpha bravo", "")])]


async def test_a_decision_is_opened_again(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    path = workspace / "api.py"
    before = await editor.ask("disagreement")
    mine, theirs = (hunks(turn)[0] for turn in round["turns"])
    for by in ("the winner", "the loser", "an action"):
        await editor.ask("take", {"hunks": [mine]})
        if by == "an action":
            await editor.until(lambda: not contested(editor, path))
            found = await editor.choose(await named(editor, path, 4, "Open this decision again"))
        else:
            found = await editor.ask("reopen", {"hunks": [mine if by == "the winner" else theirs]})
        assert found == before, by
        now = await hunks_now(editor)
        assert [state(now[id]) for id in (mine, theirs)] == [("pending", None, "contested")] * 2
    await editor.ask("leave", {"hunks": [mine, theirs]})
    assert await editor.ask("reopen", {"hunks": [mine]}) == before
    kinds = [one["kind"] for one in (await editor.ask("show-discussion"))["decisions"]]
    assert kinds == ["taken", "reopened"] * 3 + ["left", "reopened"]


async def test_opened_again_what_stands_no_more_is_stale(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    path = workspace / "api.py"
    mine, theirs = (hunks(turn)[0] for turn in round["turns"])
    await editor.ask("take", {"hunks": [mine]})
    editor.type(path, (4, 4), (4, 20), "return None, 1")
    await editor.ask("reopen", {"hunks": [theirs]})
    now = await hunks_now(editor)
    assert [now[id]["status"] for id in (mine, theirs)] == ["stale", "stale"]
    assert (await editor.ask("disagreement"))["regions"] == []


async def test_decisions_outlive_the_server(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS, stances="- object ALPHA: no"))
    mine, theirs = (hunks(turn)[0] for turn in round["turns"])
    await editor.ask("take", {"hunks": [mine]})
    before = await editor.ask("disagreement")
    second = await begin(settings={})
    second.open(workspace / "api.py")
    await second.ask("select-discussion", {"discussion": before["discussion"]})
    assert await second.ask("disagreement") == before
    assert stood(await second.ask("reopen", {"hunks": [theirs]})) == ["contested"]


async def test_an_objection_is_settled_by_taking_what_is_objected_to(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(stances="- object ALPHA: it hides errors"))
    found = await editor.ask("take", {"hunks": hunks(round["turns"][0])})
    assert stood(found) == ["settled"]
    (decision,) = (await editor.ask("show-discussion"))["decisions"]
    assert decision["text"] == "api.py, line 5: alpha's edit is taken. Not taken: bravo."


async def test_files_as_a_whole_are_settled_too(provider: Provider, begin: Begin, workspace: Path) -> None:
    mine, theirs = (edit("errors.py", "", f"class {name}(Exception):\n    pass\n") for name in ("Missing", "NotFound"))
    gone = "*** Begin Patch\n*** Delete File: api.py\n*** End Patch\n"
    editor, round = await discussed(begin, provider, says(mine, ALPHAS), says(theirs, gone))
    by_file = {file["uri"]: file["hunks"][0]["id"] for file in round["turns"][0]["change"]["files"]}
    assert stood(await editor.ask("disagreement")) == ["contested", "contested"]
    found = await editor.ask("take", {"hunks": list(by_file.values())})
    assert stood(found) == ["settled", "settled"]
    now = await hunks_now(editor)
    assert [state(now[id])[:2] for id in hunks(round["turns"][1])] == [("rejected", "against")] * 2
    await editor.ask("apply", {"change": round["turns"][0]["change"]["id"]})
    assert (workspace / "errors.py").read_text() == "class Missing(Exception):\n    pass\n"
