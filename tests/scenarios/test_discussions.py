"""Discussions as they are kept, over the real wire: chosen, named, copied, found, deleted, exported; who takes part."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor

INVALID, FAILED = -32602, -32803
OLD, NEW = "    return store[key]\n", "    return store.get(key)\n"
DELETING, GENTLY = "    del store[key]\n", "    store.pop(key, None)\n"


async def held(editor: Editor, message: str, **more: Any) -> dict[str, Any]:
    """A discussion of its own with one round."""
    discussion = await editor.ask("new-discussion")
    await editor.ask("discuss", {"message": message, "discussion": discussion["id"], **more})
    shown: dict[str, Any] = await editor.ask("show-discussion", {"discussion": discussion["id"]})
    return shown


def statuses(discussion: dict[str, Any]) -> list[str]:
    found = [turn["change"] for round in discussion["rounds"] for turn in round["turns"]]
    return [change["status"] for change in found if change]


def said(round: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(turn[key] for key in ("architect", "status", "text", "seconds")) for turn in round["turns"]]


async def test_choosing_and_naming(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(edit("api.py", OLD, NEW)), proposing("Nothing."))
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    first, second = await held(editor, "First?"), await held(editor, "Second?")
    assert [(one["title"], one["current"]) for one in await editor.ask("list-discussions")] == [
        ("Second?", True),
        ("First?", False),
    ]
    await editor.until(lambda: not editor.shown(workspace / "api.py"))
    editor.events.clear()
    chosen = await editor.run("select-discussion", {"discussion": first["id"]})
    assert (chosen["id"], chosen["current"], chosen["rounds"]) == (first["id"], True, first["rounds"])
    assert (await editor.event("discussionUpdated"))["discussion"]["current"] is True
    # What is pending in it is shown in the editor again.
    await editor.until(lambda: len(editor.shown(workspace / "api.py")) == 1)

    renamed = await editor.ask("rename-discussion", {"title": " About\n keys ", "discussion": second["id"]})
    assert (renamed["title"], renamed["current"]) == ("About keys", False)
    assert (await editor.event("discussionUpdated", 2))["discussion"] == renamed
    assert (await editor.run("rename-discussion", {"title": "Stores"}))["id"] == first["id"]
    for name, argument in (
        ("select-discussion", {"discussion": "nowhere"}),
        ("rename-discussion", {"title": "x", "discussion": "nowhere"}),
    ):
        assert "'nowhere'" in await refusal(editor.ask(name, argument), INVALID)
    assert "'discussion'" in await refusal(editor.ask("select-discussion", {}), INVALID)
    assert "'title'" in await refusal(editor.ask("rename-discussion", {"title": "  "}), INVALID)

    await editor.shutdown_session()
    await editor.gone()
    editor = await begin(settings=settings)
    kept = await editor.ask("list-discussions")
    assert [(one["title"], one["current"], one["running"]) for one in kept] == [
        ("About keys", False, False),
        ("Stores", True, False),
    ]
    # A name that was given before anything was said stays.
    await editor.ask("new-discussion")
    await editor.ask("rename-discussion", {"title": "Mine"})
    await editor.ask("discuss", {"message": "Third?"})
    assert (await editor.ask("show-discussion"))["title"] == "Mine"


async def test_another_workspaces_discussion_does_not_exist_here(
    provider: Provider, begin: Begin, tmp_path: Path
) -> None:
    provider.script("alpha", proposing("alpha says so"))
    (tmp_path / "elsewhere").mkdir()
    here = await begin(settings=architects(provider, "alpha"))
    there = await begin(tmp_path / "elsewhere", settings=architects(provider, "alpha"))
    theirs = (await held(there, "Theirs?"))["id"]
    await held(here, "Ours?")
    for name in ("select-discussion", "delete-discussion", "show-discussion", "fork-discussion", "export-discussion"):
        assert theirs in await refusal(here.ask(name, {"discussion": theirs}), INVALID)
    assert [one["id"] for one in await there.ask("list-discussions")] == [theirs]


async def test_deleting(provider: Provider, begin: Begin, workspace: Path, tmp_path: Path) -> None:
    secret = "what nobody is to read again"
    provider.script(
        "alpha",
        proposing(edit("api.py", OLD, NEW) + edit("api.py", DELETING, GENTLY)),
        proposing("Stays."),
        proposing("So."),
    )
    data = tmp_path / "data"
    editor = await begin(settings=architects(provider, "alpha"), env={"MOA_DATA_DIR": str(data)})
    editor.open(workspace / "api.py")
    gone = await held(editor, f"Think of {secret}.")
    stays = await held(editor, "And now?")
    change = gone["rounds"][0]["turns"][0]["change"]
    first, _ = (hunk["id"] for hunk in change["files"][0]["hunks"])
    await editor.ask("apply", {"change": change["id"], "hunks": [first]})
    (checkpoint,) = await editor.ask("checkpoints")
    await editor.ask("select-discussion", {"discussion": gone["id"]})
    await editor.until(lambda: len(editor.shown(workspace / "api.py")) == 1)
    editor.events.clear()

    left = await editor.ask("delete-discussion", {"discussion": gone["id"]})
    assert [(one["id"], one["current"]) for one in left] == [(stays["id"], True)]
    assert (await editor.event("discussionUpdated"))["discussion"]["id"] == stays["id"]
    told = (await editor.event("changeUpdated"))["change"]
    assert [hunk["status"] for hunk in told["files"][0]["hunks"]] == ["applied", "rejected"]
    await editor.until(lambda: not editor.shown(workspace / "api.py"))
    for name, argument in (
        ("show-discussion", {"discussion": gone["id"]}),
        ("delete-discussion", {"discussion": gone["id"]}),
        ("undo", {"change": change["id"]}),
        ("apply", {"change": change["id"]}),
    ):
        await refusal(editor.ask(name, argument), INVALID)

    # What was written stays written, and the checkpoint still leads back.
    assert NEW in editor.text(workspace / "api.py")
    assert await editor.ask("checkpoints") == [checkpoint]
    await editor.ask("restore", {"checkpoint": checkpoint["id"]})
    assert OLD in editor.text(workspace / "api.py")

    # Another one goes on where it was, and the last one leaves none.
    await editor.ask("discuss", {"message": "Go on."})
    assert await editor.run("delete-discussion", {"discussion": stays["id"]}) == []
    assert "no discussion" in await refusal(editor.ask("show-discussion"), INVALID)
    await editor.shutdown_session()
    await editor.gone()
    kept = b"".join(path.read_bytes() for path in data.glob("moa.db*"))
    assert kept
    editor = await begin(settings=architects(provider, "alpha"), env={"MOA_DATA_DIR": str(data)})
    assert await editor.ask("list-discussions") == []
    assert await editor.ask("search-discussions", {"query": "nobody"}) == []


async def test_what_runs_is_not_deleted_and_not_copied(provider: Provider, begin: Begin) -> None:
    go_on = asyncio.Event()
    provider.script("alpha", proposing("alpha says so"), proposing("alpha goes on", pause_after=(2, go_on)))
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    id = (await held(editor, "First?"))["id"]
    running = editor.start("discuss", {"message": "Second?"}, "round")
    await editor.event("roundStarted", 2)
    other = await begin(settings=settings)
    for one in (editor, other):
        assert [discussion["running"] for discussion in await one.ask("list-discussions")] == [True]
        assert "running" in await refusal(one.ask("delete-discussion", {"discussion": id}), FAILED)
        assert "Round 2" in await refusal(one.ask("fork-discussion", {"discussion": id}), FAILED)
    copy = await editor.ask("fork-discussion", {"discussion": id, "afterRound": 1})
    assert (copy["running"], len(copy["rounds"])) == (False, 1)
    go_on.set()
    await running
    assert (await editor.ask("show-discussion", {"discussion": id}))["running"] is False


async def test_a_copy_goes_on_by_itself(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script(
        "alpha", proposing(edit("api.py", OLD, NEW)), proposing(edit("api.py", DELETING, GENTLY)), proposing("Three.")
    )
    provider.script("bravo", Reply("I was about to", cut_after=2), proposing("bravo says two"), proposing("And so."))
    provider.script("editor", Reply(edit("api.py", DELETING, GENTLY), usage=USAGE))
    settings = architects(provider, "alpha", "bravo")
    editor = await begin(settings=settings)
    editor.open(workspace / "api.py")
    original = await held(editor, "First?")
    await editor.ask("set-role", {"name": "bravo", "role": "Doubt everything."})
    await editor.ask("code", {"message": "Go."})
    await editor.ask("discuss", {"message": "Second?"})
    original = await editor.ask("show-discussion")
    asked = len(provider.requests)

    # The file moves on: what is proposed is placed where its lines are now.
    editor.type(workspace / "api.py", (0, 0), (0, 0), "# A line more.\n")
    editor.events.clear()
    copy = await editor.ask("fork-discussion")
    assert len(provider.requests) == asked
    assert (copy["title"], copy["current"]) == ("First? (fork)", True)
    assert [(one["name"], one.get("role")) for one in copy["architects"]] == [
        ("alpha", None),
        ("bravo", "Doubt everything."),
    ]
    assert copy["usage"] == {
        **dict.fromkeys(("inputTokens", "cachedTokens", "outputTokens"), 0),
        **dict.fromkeys(("costUsd", "knownCostUsd"), 0.0),
    }
    assert [said(round) for round in copy["rounds"]] == [said(round) for round in original["rounds"]]
    assert [coding["message"] for coding in copy["codings"]] == ["Go."]
    assert statuses(copy) == ["pending", "pending"]
    (proposal, *_) = [turn["change"] for turn in copy["rounds"][0]["turns"]]
    assert proposal["discussion"] == copy["id"]
    assert proposal["files"][0]["hunks"][0]["range"]["start"]["line"] == 5
    assert copy["codings"][0]["change"]["status"] == "pending"
    assert (await editor.event("discussionUpdated"))["discussion"]["id"] == copy["id"]

    # Rejecting in the copy leaves the original as it was, and the threads go on where they were.
    await editor.ask("reject", {"change": proposal["id"]})
    assert statuses(await editor.ask("show-discussion", {"discussion": original["id"]})) == ["pending", "pending"]
    await editor.ask("discuss", {"message": "Third?"})
    thread = asked_of(provider, "alpha")[-1]
    before = asked_of(provider, "alpha")[1]
    assert thread[: len(before)] == before
    assert "Third?" in thread[-1]["content"]
    assert len((await editor.ask("show-discussion", {"discussion": original["id"]}))["rounds"]) == 2

    # Up to the first round: without what came after it.
    early = await editor.run("fork-discussion", {"discussion": original["id"], "afterRound": 1})
    assert (len(early["rounds"]), early["codings"], statuses(early)) == (1, [], ["pending"])
    assert "7" in await refusal(editor.ask("fork-discussion", {"afterRound": 7}), INVALID)
    assert "'afterRound'" in await refusal(editor.ask("fork-discussion", {"afterRound": 0}), INVALID)
    # A failed turn is as it was, and can be retried in the copy.
    again = await editor.ask("retry", {"architect": "bravo"})
    assert [(t["number"], t["status"]) for t in again["turns"]] == [(1, "done"), (2, "failed"), (3, "done")]

    shown = await editor.ask("show-discussion")
    await editor.shutdown_session()
    await editor.gone()
    editor = await begin(settings=settings)
    assert [one["id"] for one in await editor.ask("list-discussions")] == [early["id"], copy["id"], original["id"]]
    assert [turn["text"] for turn in (await editor.ask("show-discussion"))["rounds"][0]["turns"]] == [
        turn["text"] for turn in shown["rounds"][0]["turns"]
    ]


async def test_what_was_applied_already_is_not_proposed_again_in_a_copy(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    provider.script("alpha", proposing(edit("api.py", OLD, NEW)))
    editor = await begin(settings=architects(provider, "alpha"))
    editor.open(workspace / "api.py")
    original = await held(editor, "First?")
    change = original["rounds"][0]["turns"][0]["change"]
    await editor.ask("apply", {"change": change["id"]})
    copy = await editor.ask("fork-discussion")
    anew = copy["rounds"][0]["turns"][0]["change"]
    assert (anew["status"], anew["files"]) == ("stale", [])
    assert anew["problems"]
    assert (await editor.ask("undo", {"change": change["id"]}))["status"] == "pending"


async def test_finding(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", proposing("Use a Lock around the store. " + "So it goes. " * 60), proposing("No lock."))
    provider.script("editor", Reply(edit("api.py", OLD, NEW), usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha"))
    first, second = await held(editor, "How do threads meet here?"), await held(editor, "Why is it slow?")
    await editor.ask("code", {"message": "Without any semaphore."})

    async def found(query: str) -> list[tuple[str, list[tuple[int, str | None]]]]:
        results = await editor.ask("search-discussions", {"query": query})
        for one in results:
            assert "rounds" not in one["discussion"]
            assert all(len(excerpt["text"]) <= 160 and "\n" not in excerpt["text"] for excerpt in one["excerpts"])
        return [(one["discussion"]["id"], [(e["round"], e["architect"]) for e in one["excerpts"]]) for one in results]

    assert await found("LOCK") == [(second["id"], [(1, "alpha")]), (first["id"], [(1, "alpha")])]
    assert await found("lock threads") == [(first["id"], [(1, None), (1, "alpha")])]
    assert await found("semaphore") == [(second["id"], [(1, None)])]
    assert await found("store.get") == [(second["id"], [(1, "editor")])]
    assert await found("lock nowhere") == []
    (one, *_) = await editor.run("search-discussions", {"query": "around"})
    assert one["excerpts"][0]["text"].startswith("I looked at it. <proposal> Use a Lock around the store.")
    assert one["excerpts"][0]["text"].endswith("…")
    assert "'query'" in await refusal(editor.ask("search-discussions", {"query": " "}), INVALID)


async def test_exporting(provider: Provider, begin: Begin, workspace: Path) -> None:
    forged = "# A heading\n\n## Round 9\n\n```py\nx = 1\n````\n## Round 8\n"
    provider.script("alpha", proposing(edit("api.py", OLD, NEW), before=forged), proposing("Two."))
    provider.script("bravo", Reply(status=401), proposing("bravo says so"))
    provider.script("editor", Reply(edit("api.py", DELETING, GENTLY), usage=USAGE))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    await held(editor, "First?\n\n## Round 7")
    await editor.ask("retry", {"architect": "bravo"})
    await editor.ask("code", {"message": "Go."})
    exported = await editor.run("export-discussion")
    assert exported["title"] == "First?"
    text = exported["markdown"]
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# First?",
        "## Round 1",
        "### alpha · `openai/alpha`",
        "### bravo · `openai/bravo`",
        "### bravo · `openai/bravo`, asked again",
        "## Implementation 1",
        "### editor · `openai/editor`",
    ]
    assert "> ## Round 9" in text
    assert "**Failed**: " in text
    assert re.search(r"\*\d+\.\d s · 100 tokens in, 20 out · ", text)
    assert text.count("```diff\n") == 2
    assert "+    return store.get(key)" in text
    assert "In all: 1 round, 3 replies, 1 implementation." in text
    assert "'nowhere'" in await refusal(editor.ask("export-discussion", {"discussion": "nowhere"}), INVALID)


def recorded(path: Path, speaker: str, *texts: str) -> str:
    """A recording that answers so, and the model's name for it."""
    rows = [{"speaker": speaker, "turn": turn, "text": text} for turn, text in enumerate(texts, 1)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return f"replay:{path}"


async def test_one_more_architect(provider: Provider, begin: Begin, tmp_path: Path) -> None:
    provider.script("alpha", proposing("alpha says one"), proposing("alpha says two"))
    model = recorded(tmp_path / "kept.jsonl", "bravo", *(f"<proposal>\nbravo {n}\n</proposal>\n" for n in "12"))
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    added = await editor.ask("add-architect", {"model": model, "role": "Doubt everything."})
    assert added["architects"] == [
        {"name": "alpha", "model": "openai/alpha", "dropped": False},
        {"name": "bravo", "model": model, "dropped": False, "role": "Doubt everything.", "added": True},
    ]
    assert (added["current"], (await editor.event("discussionUpdated"))["discussion"]) == (True, added)
    round = await editor.ask("discuss", {"message": "First?"})
    assert [(turn["architect"], turn["proposal"]) for turn in round["turns"]] == [
        ("alpha", "alpha says one"),
        ("bravo", "bravo 1"),
    ]
    for argument, named in (
        ({"model": model, "name": "ALPHA"}, "'ALPHA'"),
        ({"model": model, "name": "Bravo"}, "'Bravo'"),
        ({"model": model, "name": "editor"}, "`name`"),
        ({"model": model, "name": "two words"}, "`name`"),
        ({"model": " "}, "`model`"),
        ({"model": model, "role": " "}, "`role`"),
        ({"model": "sk-canary1234567890"}, "`model`"),
        ({}, "'model'"),
        ({"model": model, "discussion": "nowhere"}, "'nowhere'"),
    ):
        said = await refusal(editor.run("add-architect", argument), INVALID)
        assert named in said
        assert "canary" not in said
    assert "bravo" in str(await editor.ask("complete", {"text": "/drop ", "position": 6}))

    # It stays after a restart, behind whoever is configured; the one that is configured by its name isn't asked here.
    await editor.shutdown_session()
    await editor.gone()
    editor = await begin(settings=architects(provider, "charlie", "bravo", "alpha"))
    provider.script("charlie", proposing("charlie says two"))
    round = await editor.ask("discuss", {"message": "Second?"})
    assert [(turn["architect"], turn["model"]) for turn in round["turns"]] == [
        ("charlie", "openai/charlie"),
        ("alpha", "openai/alpha"),
        ("bravo", model),
    ]
    assert round["turns"][2]["proposal"] == "bravo 2"
    named = await editor.ask("add-architect", {"model": model, "name": "Ada"})
    assert [one["name"] for one in named["architects"]] == ["charlie", "alpha", "bravo", "Ada"]
    dropped = await editor.ask("drop-architect", {"name": "ada"})
    assert dropped["architects"][-1] == {"name": "Ada", "model": model, "dropped": True, "added": True}
    assert (await editor.ask("add-architect", {"model": model}))["architects"][-1]["name"] == "delta"
    # In another discussion there are those that are configured.
    assert [one["name"] for one in (await editor.ask("new-discussion"))["architects"]] == ["charlie", "bravo", "alpha"]


async def test_roles(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", proposing("alpha says so"))
    settings = architects(provider, "alpha", role="Keep it simple.")
    editor = await begin(settings=settings)
    assert "no discussion" in await refusal(editor.ask("set-role", {"name": "alpha"}), INVALID)
    await editor.ask("new-discussion")

    def system() -> str:
        return str(provider.requests[-1].messages[0]["content"])

    def roles(discussion: dict[str, Any]) -> list[str | None]:
        return [one.get("role") for one in discussion["architects"]]

    assert roles(await editor.ask("set-role", {"name": "Alpha", "role": "Think of speed."})) == ["Think of speed."]
    assert roles((await editor.event("discussionUpdated", 2))["discussion"]) == ["Think of speed."]
    await editor.ask("discuss", {"message": "First?"})
    assert "Think of speed." in system()
    assert "Keep it simple." not in system()
    assert "'delta'" in await refusal(editor.ask("set-role", {"name": "delta", "role": "x"}), INVALID)
    assert "`role`" in await refusal(editor.run("set-role", {"name": "alpha", "role": " "}), INVALID)

    await editor.shutdown_session()
    await editor.gone()
    editor = await begin(settings=settings)
    assert roles(await editor.ask("show-discussion")) == ["Think of speed."]
    await editor.ask("discuss", {"message": "Second?"})
    assert "Think of speed." in system()
    for argument in ({"name": "alpha", "role": None}, {"name": "alpha"}):
        assert roles(await editor.run("set-role", argument)) == ["Keep it simple."]
    await editor.ask("discuss", {"message": "Third?"})
    assert "Keep it simple." in system()
