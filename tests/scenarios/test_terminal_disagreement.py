"""Where architects differ, from a terminal: seen after a round, settled by a name and a place, written without a model.

One process a command, the real server behind it, as in `test_terminal.py`; the replies are scripted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, asked_of
from tests.scenarios.differing import ALPHAS, BRAVOS, GET, deleting, putting, says
from tests.scenarios.test_terminal import Terminal

Json = dict[str, Any]
ASKS = "\n<question>\nKeep the old name?\n- Yes, as an alias\n- No\n</question>\n"


@pytest.fixture
def terminal(workspace: Path, provider: Provider) -> Terminal:
    """A shell with two architects, who want different text for line 5 of `api.py`; bravo objects to alpha's."""
    terminal = Terminal(workspace, provider)
    terminal.configure()
    provider.script("alpha", says(ALPHAS, putting("store[str(key)] = value"), after=ASKS), Reply("Fine.", usage=USAGE))
    stances = "- object ALPHA edit 1: it hides KeyError\n- support ALPHA edit 2: right"
    provider.script("bravo", says(BRAVOS, stances=stances), Reply("Fine.", usage=USAGE))
    return terminal


def written(terminal: Terminal) -> str:
    return (terminal.folder / "api.py").read_text()


async def test_what_is_contested_is_seen_settled_and_written_without_a_model(terminal: Terminal) -> None:
    discussed = await terminal.run("discuss", "What is to be done?", "api.py")

    end = discussed.out.partition("\nround 1")[2].splitlines()[2:]
    assert end[0].startswith("◆ api.py:5  ALPHA: ")
    assert " | BRAVO: " in end[0]
    assert end[1:] == ["    ! BRAVO objects to ALPHA's: it hides KeyError", "◆ 1 contested · ≡ 1 agreed"]
    assert "moa-lsp take alpha api.py:5\n" in discussed.err
    assert "\x1b" not in discussed.out + discussed.err
    shown = await terminal.run("disagreement")
    rows = [line.split("  ")[0] for line in shown.out.splitlines()[1:3]]
    assert rows == ["◆ api.py:5", "≡ api.py:9"]
    only = (await terminal.run("disagreement", "--only-contested", "--json")).json
    assert [region["stand"] for region in only["regions"]] == ["contested"]

    asked = len(terminal.provider.requests)
    taken = await terminal.run("take", "bravo", "api.py:5")
    assert taken.out.splitlines()[0].startswith("◈ api.py:5  BRAVO's is taken: ")
    # What is left is agreed, so nothing is left to think about.
    assert "moa-lsp code puts it together without a model" in taken.err
    assert (await terminal.run("disagreement", "--only-contested", "--json")).json["regions"] == []
    assert written(terminal) == API

    coded = await terminal.run("code", "--yes")
    assert "  put together without a model · 0 ¢\n" in coded.out
    assert written(terminal) == API.replace(GET, "    return store.pop(key, None)\n").replace(
        "store[key] = value", "store[str(key)] = value"
    )
    assert len(terminal.provider.requests) == asked


async def test_a_decision_is_left_and_taken_back(terminal: Terminal) -> None:
    await terminal.run("discuss", "What is to be done?", "api.py")

    left = await terminal.run("leave", "api.py:5", "--reason", "Not now")
    assert left.out.splitlines() == ["◈ api.py:5  left as it is", "≡ 1 agreed"]
    assert "nothing" in (await terminal.run("take", "bravo", "api.py:5", code=3)).err
    opened = await terminal.run("reopen", "api.py:5")
    assert opened.out.startswith("◆ api.py:5  ALPHA: ")
    assert opened.out.splitlines()[-1] == "◆ 1 contested · ≡ 1 agreed"
    assert "nothing was decided" in (await terminal.run("reopen", "api.py:9", code=3)).err
    story = (await terminal.run("show")).out
    assert story.index("● bravo") < story.index("◈ api.py, line 5") < story.index("together:")
    assert story.splitlines()[-1] == "◆ 1 contested · ≡ 1 agreed"
    assert written(terminal) == API


async def test_one_change_of_several_proposals_or_every_pair_that_cannot_be(terminal: Terminal) -> None:
    terminal.provider.script("bravo", says(BRAVOS, deleting("store.pop(key)")), Reply("Fine.", usage=USAGE))
    await terminal.run("discuss", "What is to be done?", "api.py")

    assert "Nothing was taken yet" in (await terminal.run("compose", code=3)).err
    refused = await terminal.run("compose", "alpha", "bravo", code=3)
    pairs = [line for line in refused.err.splitlines() if line.startswith("! ")]
    assert len(pairs) == 1
    assert "ALPHA's of api.py:5" in pairs[0]
    assert "BRAVO's of api.py:5" in pairs[0]
    await terminal.run("leave", "api.py:5")
    composed = await terminal.run("compose", "alpha", "bravo", "--title", "Both", "--yes")
    assert "applied 2 of 2 hunks" in composed.out
    assert "put together without a model" in composed.out
    assert written(terminal) == API.replace("store[key] = value", "store[str(key)] = value").replace(
        "    del store[key]\n", "    store.pop(key)\n"
    )


async def test_an_answer_reaches_both(terminal: Terminal) -> None:
    first = await terminal.run("discuss", "What is to be done?", "api.py")
    assert "  ? Keep the old name?\n" in first.out
    assert "moa-lsp answer" in first.err

    assert (await terminal.run("answer")).out.splitlines() == [
        "1. alpha asks: Keep the old name?",
        "  1) Yes, as an alias",
        "  2) No",
    ]
    await terminal.run("answer", "1")
    assert "no open question" in (await terminal.run("answer", code=3)).err

    await terminal.run("discuss", "Go on.")
    for name in ("alpha", "bravo"):
        told = asked_of(terminal.provider, name)[1][-1]["content"]
        assert "Keep the old name?" in told
        assert "Yes, as an alias" in told


async def test_the_plan_is_edited_and_the_editor_model_gets_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.provider.script("alpha", proposing_steps())
    terminal.provider.script("editor", Reply("Nothing to do.", usage=USAGE))
    await terminal.run("discuss", "What is to be done?", "api.py")
    steps = (await terminal.run("plan", "--json")).json["steps"]
    assert [step["text"] for step in steps][:2] == ["Let `get` give None", "Say so in `put`"]

    mine = terminal.folder.parent / "plan.md"
    editor = terminal.folder.parent / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/^2\\..*/2. Leave put alone/" "$1"\n')
    editor.chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    edited = await terminal.run("plan", "--edit")
    assert "Leave put alone" in edited.out
    mine.write_text("1. Only this\n")
    set_to = (await terminal.run("plan", "--set", str(mine), "--json")).json
    assert [step["text"] for step in set_to["steps"] if step["stand"] != "struck"] == ["Only this"]

    await terminal.run("code", "Go on.", code=1)
    asked = asked_of(terminal.provider, "editor")[0][-1]["content"]
    assert "Only this" in asked
    assert (await terminal.run("plan", "--reset", "--json")).json["edited"] is False


def proposing_steps() -> Reply:
    proposal = f"1. Let `get` give None\n\n{ALPHAS}\n2. Say so in `put`\n\n{putting('store[str(key)] = value')}"
    return Reply(f"<proposal>\n{proposal}\n</proposal>\n", usage=USAGE)
