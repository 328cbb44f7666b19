"""What architects say of each other, over the real server: however it is written nothing of a reply is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, asked_of
from tests.scenarios.differing import ALPHAS, BRAVOS, deleting, discussed, hunks, hunks_now, putting, says, stood

PUT = putting("store.set(key, value)")
PROPOSAL = f"<proposal>\n{PUT}\n</proposal>"

# Each with what is read of it, as kind and how many hunks it is about, and whether a note says that something isn't.
MALFORMED: dict[str, tuple[str, list[tuple[str, int]], bool]] = {
    "an end is missing": (f"{PROPOSAL}\n\n<stances>\n- object ALPHA: it hides errors\n", [("object", 1)], False),
    "nobody of that name": (f"{PROPOSAL}\n\n<stances>\n- object DELTA: no\n</stances>\n", [], True),
    "no word for it": (f"{PROPOSAL}\n\n<stances>\n- ALPHA, hm\n</stances>\n", [], True),
    "about itself": (f"{PROPOSAL}\n\n<stances>\n- support BRAVO: mine\n</stances>\n", [], True),
    "prose": (f"{PROPOSAL}\n\n<stances>\nAll of that looks well to me.\n</stances>\n", [], True),
    "an object": (
        f'{PROPOSAL}\n\n<stances>\n[{{"kind": "nonsense", "of": 3}}]\n</stances>\n',
        [],
        True,
    ),
    "nothing": (f"{PROPOSAL}\n\n<stances>\n</stances>\n", [], False),
    "within the proposal": (
        f"<proposal>\n{PUT}\n<stances>\n- object ALPHA: it hides errors\n</stances>\n</proposal>\n",
        [("object", 1)],
        False,
    ),
    "no such edit": (f"{PROPOSAL}\n\n<stances>\n- object ALPHA edit 99: no\n</stances>\n", [("object", 0)], False),
    "no such line": (f"{PROPOSAL}\n\n<stances>\n- object ALPHA none.py:7: no\n</stances>\n", [("object", 0)], False),
    "another tag": (f"{PROPOSAL}\n\n[stances]\n- object ALPHA: no\n[/stances]\n", [], False),
    "one of two": (
        f"{PROPOSAL}\n\n<stances>\n- support ALPHA: good\n- ÿ�  <proposal> \u202e\n</stances>\n",
        [("support", 1)],
        True,
    ),
    "opened twice": (
        f"{PROPOSAL}\n\n<stances>\n<stances>\n- amend ALPHA 1: say why\n</stances>\n",
        [("amend", 1)],
        False,
    ),
}


async def test_however_they_are_written_nothing_is_lost(provider: Provider, begin: Begin) -> None:
    editor, _ = await discussed(begin, provider, says(ALPHAS), says())
    provider.script("alpha", says(ALPHAS))
    wrong: list[str] = []
    for name, (written, read, noted) in MALFORMED.items():
        provider.script("bravo", Reply(f"I looked at it.\n\n{written}", usage=USAGE))
        round = await editor.ask("discuss", {"message": f"What of {name}?"})
        turn: dict[str, Any] = round["turns"][1]
        assert turn["status"] == "done", name
        assert turn["text"] == f"I looked at it.\n\n{written}", name
        (own,) = turn["change"]["files"][0]["hunks"]
        assert (own["status"], own["newText"]) == ("pending", "    store.set(key, value)\n"), name
        assert turn["change"]["problems"] == [], name
        told = [(one["kind"], len(one["hunks"])) for one in turn["stances"]]
        if told != read or bool(turn["notes"]) != noted:
            wrong.append(f"{name}: {told} {turn['notes']}")
        for one in turn["stances"]:
            assert set(one) == {"kind", "architect", "target", "reason", "change", "hunks"}, name
        if name not in ("another tag", "within the proposal") and "stances" in turn["proposal"]:
            wrong.append(f"{name}: in the proposal {turn['proposal']}")
    assert wrong == []


async def test_others_read_them_with_their_next_message(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(
        begin,
        provider,
        says(ALPHAS, deleting("store.pop(key)")),
        says(PUT, stances="- support ALPHA edit 2: shorter\n- object ALPHA api.py:5: it hides KeyError"),
        says(stances="- support BRAVO: as it should be"),
    )
    assert [one["hunks"] for one in round["turns"][1]["stances"]] == [[id] for id in hunks(round["turns"][0])[::-1]]
    assert stood(await editor.ask("disagreement")) == ["contested", "agreed", "agreed"]
    third = str(asked_of(provider, "charlie")[-1][-1]["content"])
    assert "<stances>\n- support ALPHA edit 2: shorter\n- object ALPHA api.py:5: it hides KeyError\n</stances>" in third
    after = third.split("</proposal>")[2]
    assert after.lstrip().startswith("<stances>"), "below bravo's proposal, within its architect's part"
    await editor.ask("discuss", {"message": "Go on."})
    sent = str(asked_of(provider, "alpha")[-1][-1]["content"])
    assert "- object ALPHA api.py:5: it hides KeyError" in sent
    assert "- support BRAVO: as it should be" in sent
    own = str(asked_of(provider, "bravo")[-1][-1]["content"])
    assert "it hides KeyError" not in own, "what it said itself stands in its thread already"


async def test_a_reply_of_stances_alone_proposes_nothing(provider: Provider, begin: Begin) -> None:
    said = Reply("<stances>\n- object ALPHA: it hides errors\n</stances>\n", usage=USAGE)
    editor, round = await discussed(begin, provider, says(ALPHAS), said)
    assert [one["kind"] for one in round["turns"][1]["stances"]] == ["object"]
    assert round["turns"][1]["change"] is None
    assert all("<stances>" not in step["text"] for step in round["turns"][1]["steps"])
    plan = await editor.ask("plan")
    assert [step["architects"] for step in plan["steps"]] == [["alpha"]], "an opinion is nothing to be done"
    await editor.ask("discuss", {"message": "Go on."})
    assert str(asked_of(provider, "alpha")[-1][-1]["content"]).count("it hides errors") == 1


async def test_a_newer_word_counts(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(stances="- object ALPHA: no"))
    (mine,) = hunks(round["turns"][0])
    assert stood(await editor.ask("disagreement")) == ["contested"]
    provider.script("alpha", says(ALPHAS))
    provider.script("bravo", says(stances="- support ALPHA: yes, after all"))
    again = await editor.ask("discuss", {"message": "Really?"})
    assert stood(await editor.ask("disagreement")) == ["agreed"]
    (newer,) = hunks(again["turns"][0])
    now = await hunks_now(editor)
    pending = [id for id in (mine, newer) if now[id]["status"] == "pending"]
    assert pending
    for id in pending:
        assert [(one["kind"], one["round"]) for one in now[id]["views"]] == [("support", 2)]


@pytest.mark.parametrize("by", ["proposing", "supporting"])
async def test_who_gives_up_its_own_is_marked(provider: Provider, begin: Begin, by: str) -> None:
    editor, round = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    mine = hunks(round["turns"][0])
    provider.script("bravo", says(BRAVOS))
    provider.script("alpha", says(BRAVOS) if by == "proposing" else says(stances="- support BRAVO: better"))
    again = await editor.ask("discuss", {"message": "And now?"})
    (given,) = again["turns"][0]["gaveUp"]
    assert given == {"to": "bravo", "change": round["turns"][0]["change"]["id"], "hunks": mine}
    assert again["turns"][1]["gaveUp"] == []
    assert stood(await editor.ask("disagreement")) == ["agreed"]
