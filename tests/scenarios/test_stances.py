"""What architects say of each other's proposals, and who gives up its own."""

from __future__ import annotations

import re

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects
from tests.scenarios.differing import ALPHAS, BRAVOS, deleting, discussed, getting, hunks, putting, says
from tests.scenarios.mixing import mixed, sent

ASKS = "\n<question>\nShould the old name stay?\n- No\n</question>\n"
ANSWERED = "<answered architect='{}'>\n<question>\nShould the old name stay?\n</question>\n{}\n</answered>"
STANCES = re.compile(r"</proposal>\n<stances>\n(.*?)\n</stances>\n</architect>", re.DOTALL)


async def test_stances_are_shown_below_the_proposal_they_came_with(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(
        begin,
        provider,
        says(ALPHAS),
        says(BRAVOS, stances="- OBJECT to alpha's edit 1 — it hides <file>\n- what else"),
        says("1. Raise.", stances="- support BRAVO\n- amend ALPHA api.py:5: raise"),
    )
    (turn,) = [turn for turn in round["turns"] if turn["architect"] == "bravo"]
    assert [(one["kind"], one["architect"], one["target"], one["hunks"]) for one in turn["stances"]] == [
        ("object", "alpha", "edit 1", hunks(round["turns"][0]))
    ]
    assert [note for note in turn["notes"] if "what else" in note]
    assert STANCES.findall(sent(provider, "charlie")) == ["- object ALPHA edit 1: it hides <\\file>"]
    await editor.ask("discuss", {"message": "Go on."})
    found = STANCES.findall(sent(provider, "alpha"))
    assert found[0] == "- object ALPHA edit 1: it hides <\\file>"
    assert found[1] == "- support BRAVO\n- amend ALPHA api.py:5: raise"


async def test_blind_names_do_not_leak(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", says(ALPHAS, after=ASKS), Reply("Fine.", usage=USAGE))
    provider.script("bravo", says(BRAVOS, stances="- object COLLEAGUE-1: it hides"), Reply("Fine.", usage=USAGE))
    said = "- support Colleague 2\n- object BRAVO"
    provider.script("charlie", says(putting("store.set(key, value)"), stances=said), Reply("Fine.", usage=USAGE))
    provider.script("editor", Reply(deleting("store.pop(key)"), usage=USAGE))
    names = ("alpha", "bravo", "charlie")
    preset = {"kind": "round", "blind": True}
    settings = mixed(provider, *names, presets={"hidden": preset}, preset="hidden")
    editor = await begin(settings=settings, own_commands=True)
    editor.open(editor.root / "api.py")
    round = await editor.ask("discuss", {"message": "What is to be done?"})
    seen = [(one["kind"], one["architect"]) for turn in round["turns"] for one in turn["stances"]]
    assert seen == [("object", "alpha"), ("support", "bravo")], "people see the names"
    assert "- object COLLEAGUE-1: it hides" in sent(provider, "charlie")
    await editor.ask("answer-question", {"round": 1, "turn": 1, "question": 1, "answer": "No"})
    await editor.ask("take", {"hunks": hunks(round["turns"][1])})
    await editor.ask("discuss", {"message": "Go on."})
    for name in names:
        message = sent(provider, name)
        assert "<settled>" in message
        assert ANSWERED.format("COLLEAGUE-1", "No") in message
        assert "COLLEAGUE-2" in message
        everything = "\n".join(part["content"] for part in provider.requests[-1].messages)
        assert not re.search(r"\b(alpha|bravo|charlie)\b(?! says)", message, re.IGNORECASE)
        assert "ALPHA" not in everything


# --- conformity -----------------------------------------------------------------------------------------------------


async def test_who_gives_up_its_own_for_anothers_is_marked(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", says(ALPHAS), says(BRAVOS))
    provider.script("bravo", says(BRAVOS), says(BRAVOS))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(editor.root / "api.py")
    first = await editor.ask("discuss", {"message": "What is to be done?"})
    second = await editor.ask("discuss", {"message": "Go on."})
    mine = first["turns"][0]
    assert [turn["gaveUp"] for turn in first["turns"]] == [[], []]
    assert [turn["gaveUp"] for turn in second["turns"]] == [
        [{"to": "bravo", "change": mine["change"]["id"], "hunks": hunks(mine)}],
        [],
    ]


async def test_who_thinks_of_something_else_by_itself_gave_up_nothing(provider: Provider, begin: Begin) -> None:
    provider.script("alpha", says(ALPHAS), says(getting("return store[key] or None")))
    provider.script("bravo", says(BRAVOS), says(BRAVOS))
    editor = await begin(settings=architects(provider, "alpha", "bravo"))
    editor.open(editor.root / "api.py")
    await editor.ask("discuss", {"message": "What is to be done?"})
    second = await editor.ask("discuss", {"message": "Go on."})
    assert [turn["gaveUp"] for turn in second["turns"]] == [[], []]
