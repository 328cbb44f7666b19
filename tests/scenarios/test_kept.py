"""What outlives the server: killed, ended, damaged or twice at once, nothing that was announced is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, NAMES, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor

FAILED, CANCELLED = -32803, -32800
OLD, NEW = "    return store[key]\n", "    return store.get(key)\n"


async def shown_when(editor: Editor, holds: Callable[[Any], bool]) -> Any:
    """The discussion as soon as what is stored of it makes this true."""
    async with asyncio.timeout(15):
        while not holds(shown := await editor.ask("show-discussion")):
            pass
    return shown


async def ended(editor: Editor) -> None:
    """Ends the server as an editor that is closed does."""
    await editor.shutdown_session()
    assert await editor.gone() == 0


async def killed(editor: Editor, running: asyncio.Future[Any]) -> None:
    """Kills the server as nothing can prevent; what was asked of it is never answered."""
    editor.process.kill()
    await editor.gone()
    with pytest.raises(RuntimeError, match="exited"):
        await running


def stands_at(change: dict[str, Any]) -> tuple[str, int, int]:
    (file,) = change["files"]
    (hunk,) = file["hunks"]
    return hunk["status"], hunk["range"]["start"]["line"], hunk["range"]["end"]["line"]


async def test_killed_in_mid_round(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing(edit("api.py", OLD, NEW)))
    provider.script("bravo", Reply("Well, let me think", hang="between_words"), proposing("bravo says so"))
    provider.script("charlie", proposing("charlie says so"))
    settings = architects(provider)
    editor = await begin(settings=settings)
    asked = {"message": "What now?", "files": [(workspace / "api.py").as_uri()]}
    running = editor.start("discuss", asked, "round")
    announced = (await editor.event("turnFinished"))["turn"]
    assert stands_at(announced["change"]) == ("pending", 4, 5)
    before = await shown_when(editor, lambda shown: shown["rounds"][0]["turns"][1:2] and told(shown)[1][2] == "Well,")
    await killed(editor, running)
    await provider.closed(2)

    # The file moves on while no server runs.
    (workspace / "api.py").write_text("# One line,\n# and another.\n" + API)
    editor = await begin(settings=settings)
    after = await editor.ask("show-discussion")
    assert (before["running"], after["running"]) == (True, False)
    assert {**after, "rounds": [], "running": True} == {**before, "rounds": []}
    (round,) = after["rounds"]
    assert (round["message"], round["files"]) == ("What now?", ["api.py"])
    done, cut = round["turns"]
    assert done == {**announced, "change": done["change"]}
    assert stands_at(done["change"]) == ("pending", 6, 7)
    assert (cut["architect"], cut["status"], cut["text"]) == ("bravo", "cancelled", "Well,")
    assert cut["error"]["kind"] == "interrupted"
    assert cut["usage"]["costUsd"] is None
    await editor.until(lambda: [one.range.start.line for one in editor.shown(workspace / "api.py")] == [6])

    second = await editor.ask("discuss", {"message": "Go on."})
    assert (second["number"], [turn["status"] for turn in second["turns"]]) == (2, ["done"] * 3)
    *_, heard, said, _ = asked_of(provider, "bravo")[-1]
    assert "What now?" in heard["content"]
    assert (said["role"], said["content"]) == ("assistant", "Well,")
    assert "What now?" in asked_of(provider, "charlie")[-1][0]["content"]
    applied = await editor.ask("apply", {"change": announced["change"]["id"]})
    assert applied["status"] == "applied"
    assert (workspace / "api.py").read_text() == "# One line,\n# and another.\n" + API.replace(OLD, NEW)


def told(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(turn["architect"], turn["status"], turn["text"]) for turn in shown["rounds"][-1]["turns"]]


async def test_killed_in_mid_code(provider: Provider, begin: Begin) -> None:
    provider.script("editor", Reply("Well, let me think", hang="between_words"), Reply(edit("api.py", OLD, NEW)))
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    await editor.ask("new-discussion")
    running = editor.start("code", {"message": "Go."}, "code")
    await shown_when(editor, lambda shown: shown["codings"] and shown["codings"][0]["text"] == "Well,")
    await killed(editor, running)
    editor = await begin(settings=settings)
    (coding,) = (await editor.ask("show-discussion"))["codings"]
    assert (coding["status"], coding["text"], coding["error"]["kind"]) == ("cancelled", "Well,", "interrupted")
    change = await editor.ask("code", {})
    assert change["status"] == "pending"
    shown = await editor.ask("show-discussion")
    assert [(one["number"], one["status"]) for one in shown["codings"]] == [(1, "cancelled"), (2, "done")]


async def test_changes_can_be_applied_and_undone_after_a_restart(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    path = workspace / "api.py"
    created = edit("errors.py", "", "class Missing(Exception):\n    pass\n")
    provider.script(
        "editor", Reply(edit("api.py", OLD, NEW) + created), Reply(edit("api.py", "    del store[key]\n", ""))
    )
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    await editor.ask("new-discussion")
    first = (await editor.ask("code", {"message": "One."}))["id"]
    second = (await editor.ask("code", {"message": "Two."}))["id"]
    assert (await editor.ask("apply", {"change": first}))["status"] == "applied"
    await ended(editor)

    editor = await begin(settings=settings)
    change = await editor.ask("apply", {"change": second})
    assert (change["status"], stands_at(change)[0]) == ("applied", "applied")
    await ended(editor)

    editor = await begin(settings=settings)
    editor.open(path)
    undone = await editor.ask("undo", {"change": first})
    assert undone["status"] == "pending"
    assert not (workspace / "errors.py").exists()
    without = API.replace("    del store[key]\n", "")
    assert editor.text(path) == without
    path.write_text(editor.text(path))
    await ended(editor)

    # Undone where it stands now, however far it moved meanwhile; and not where others wrote in its place.
    path.write_text("# On top.\n" + without)
    editor = await begin(settings=settings)
    assert stands_at(await editor.ask("undo", {"change": second})) == ("pending", 14, 15)
    assert path.read_text() == "# On top.\n" + API
    path.write_text("nothing = 1\n")
    assert "stale" in await refusal(editor.ask("apply", {"change": second}), FAILED)
    assert path.read_text() == "nothing = 1\n"


async def test_a_file_changed_behind_the_servers_back_is_followed_over_a_restart(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    path = workspace / "api.py"
    provider.script("editor", Reply(edit("api.py", "    del store[key]\n", "    store.pop(key)\n")))
    settings = architects(provider, "alpha")
    editor = await begin(settings=settings)
    await editor.ask("new-discussion")
    change = (await editor.ask("code", {"message": "One."}))["id"]
    # Nobody looks at the change between this and the server's end.
    path.write_text("# One.\n# Two.\n" + API)
    await ended(editor)

    editor = await begin(settings=settings)
    assert (await editor.ask("apply", {"change": change}))["status"] == "applied"
    assert path.read_text() == "# One.\n# Two.\n" + API.replace("    del store[key]\n", "    store.pop(key)\n")


async def test_two_servers_on_one_workspace(provider: Provider, begin: Begin, workspace: Path) -> None:
    go_on = asyncio.Event()
    provider.script(
        "alpha",
        proposing("one of alpha's"),
        proposing("two of alpha's"),
        proposing("three of alpha's", pause_after=(1, go_on)),
        proposing("four of alpha's"),
        Reply("Well, let me think", hang="between_words"),
    )
    provider.script("bravo", proposing("one of bravo's"), proposing("two of bravo's"), proposing("later of bravo's"))
    settings = architects(provider, "alpha", "bravo")
    one, other = await begin(settings=settings), await begin(settings=settings)
    first = await one.ask("discuss", {"message": "First?"})
    second = await other.ask("discuss", {"message": "Second?"})
    assert (second["discussion"], second["number"]) == (first["discussion"], 2)
    assert [message["role"] for message in asked_of(provider, "alpha")[1]] == ["user", "assistant", "user"]
    assert "one of bravo's" in asked_of(provider, "alpha")[1][-1]["content"]

    # At once: neither hinders the other, and nothing of either is lost.
    third = one.start("discuss", {"message": "Third?"}, "third")
    await provider.asked(5)
    fourth = await other.ask("discuss", {"message": "Fourth?"})
    go_on.set()
    assert ((await third)["number"], fourth["number"]) == (3, 4)
    shown = await one.ask("show-discussion")
    assert shown == await other.ask("show-discussion")
    assert [round["message"] for round in shown["rounds"]] == ["First?", "Second?", "Third?", "Fourth?"]
    assert all(turn["status"] == "done" for round in shown["rounds"] for turn in round["turns"])
    await one.ask("drop-architect", {"name": "bravo"})

    # One is killed amid a round: the other goes on at once, with what had arrived.
    running = one.start("discuss", {"message": "Fifth?"}, "fifth")
    await shown_when(one, lambda now: len(now["rounds"]) == 5 and told(now) == [("alpha", "running", "Well,")])
    await killed(one, running)
    assert told(await other.ask("show-discussion")) == [("alpha", "cancelled", "Well,")]
    provider.script("alpha", proposing(edit("api.py", OLD, NEW)))
    sixth = await other.ask("discuss", {"message": "Sixth?"})
    assert (sixth["number"], [turn["architect"] for turn in sixth["turns"]]) == (6, ["alpha"])
    third_editor = await begin(settings=settings)
    id = sixth["turns"][0]["change"]["id"]
    assert (await third_editor.ask("apply", {"change": id}))["status"] == "applied"
    assert (await other.ask("apply", {"change": id}))["status"] == "applied"
    assert not other.applied
    assert (workspace / "api.py").read_text() == API.replace(OLD, NEW)


async def test_a_file_that_was_locked_for_a_while_loses_no_word(
    provider: Provider, begin: Begin, tmp_path: Path
) -> None:
    provider.script("alpha", Reply("Well, let me think", hang="between_words"), proposing("alpha says so"))
    data = tmp_path / "data"
    editor = await begin(settings=architects(provider, "alpha"), env={"MOA_DATA_DIR": str(data)})
    await editor.ask("new-discussion")
    running = editor.start("discuss", {"message": "What now?"}, "round")
    await provider.asked(1)
    db = sqlite3.connect(data / "moa.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    await editor.event("turnDelta")
    log = data / "log" / "moa-lsp.log"
    async with asyncio.timeout(15):
        while "couldn't be stored" not in log.read_text():
            await editor.ask("list-discussions")
    db.execute("ROLLBACK")
    db.close()
    await shown_when(editor, lambda shown: told(shown) == [("alpha", "running", "Well,")])
    editor.cancel("round")
    await refusal(running, CANCELLED)
    assert told(await editor.ask("show-discussion")) == [("alpha", "cancelled", "Well,")]


@pytest.mark.parametrize("way", ["SIGTERM", "the end of stdin"])
async def test_an_ended_server_is_gone_at_once_and_its_store_complete(
    provider: Provider, begin: Begin, way: str
) -> None:
    provider.script("alpha", proposing("alpha says so"))
    provider.script("bravo", Reply("Well, let me think", hang="between_words"))
    settings = architects(provider)
    editor = await begin(settings=settings)
    running = editor.start("discuss", {"message": "What now?"}, "round")
    announced = (await editor.event("turnFinished"))["turn"]
    await editor.until(lambda: any(e["kind"] == "turnDelta" and e["architect"] == "bravo" for e in editor.events))
    if way == "SIGTERM":
        os.kill(editor.process.pid, signal.SIGTERM)
    else:
        assert editor.process.stdin
        editor.process.stdin.close()
    assert await editor.gone() == 0
    await provider.closed(2, seconds=2)
    await refusal(running, CANCELLED)
    editor = await begin(settings=settings)
    (round,) = (await editor.ask("show-discussion"))["rounds"]
    assert round["turns"][0] == announced
    assert told({"rounds": [round]})[1:] == [("bravo", "cancelled", "Well,")]
    assert "error" not in round["turns"][1]


async def test_a_damaged_file_is_set_aside(provider: Provider, begin: Begin, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "moa.db").write_bytes(b"SQLite format 3\0" + b"and then nothing of the kind " * 1000)
    damaged = (data / "moa.db").read_bytes()
    for name in NAMES:
        provider.script(name, proposing(f"{name} says so"))
    environ = {"MOA_DATA_DIR": str(data)}
    editor = await begin(settings=architects(provider), env=environ)
    (message,) = editor.messages
    assert "damaged" in message.message
    (aside,) = data.glob("moa.db.set-aside-*")
    assert aside.name in message.message
    assert aside.read_bytes() == damaged
    await editor.ask("discuss", {"message": "What now?"})
    await ended(editor)
    editor = await begin(settings=architects(provider), env=environ)
    assert len((await editor.ask("show-discussion"))["rounds"]) == 1
    assert not editor.messages


async def test_where_nothing_can_be_kept_it_works_and_says_so(provider: Provider, begin: Begin, tmp_path: Path) -> None:
    # A file where a folder has to be made: unlike permissions, it stops root as well.
    data = tmp_path / "data"
    data.mkdir()
    (data / "owners").write_text("in the way")
    provider.script("alpha", proposing("alpha says so"))
    editor = await begin(settings=architects(provider, "alpha"), env={"MOA_DATA_DIR": str(data)})
    (message,) = editor.messages
    assert "can't be kept" in message.message
    for number in (1, 2):
        round = await editor.ask("discuss", {"message": "What now?"})
        assert (round["number"], [turn["status"] for turn in round["turns"]]) == (number, ["done"]), round
    assert len((await editor.ask("show-discussion"))["rounds"]) == 2
