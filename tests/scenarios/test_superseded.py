"""What an architect proposed before it wrote its proposal anew in the same round: turned down, never lost."""

from __future__ import annotations

from pathlib import Path

from tests.provider.server import Provider
from tests.scenarios.conftest import Begin, edit, proposing
from tests.scenarios.mixing import mixed

GET = "    return store[key]\n"


async def test_only_the_last_of_an_architects_proposals_waits(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    first, then = edit("api.py", GET, "    return store.get(key)\n"), edit("api.py", GET, "    return store.pop(key)\n")
    provider.script("alpha", proposing(first), proposing(then))
    provider.script("bravo", proposing(first), proposing("I give mine up."))
    editor = await begin(settings=mixed(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    round = await editor.ask("discuss", {"message": "What now?", "preset": "revise"})
    by_turn = {(turn["architect"], turn["step"]): turn["change"] for turn in round["turns"]}
    shown = await editor.ask("show-discussion")
    now = {turn["number"]: turn["change"] for turn in shown["rounds"][0]["turns"]}
    alpha, again = now[1], now[3]
    assert alpha["id"] == by_turn["alpha", 1]["id"]
    assert (alpha["status"], again["status"]) == ("rejected", "pending")
    assert alpha["reasons"] == ["alpha wrote its proposal anew in the same round."]
    # Words alone take nothing back: what bravo proposed is still there to be taken.
    assert now[4] is None
    assert now[2]["status"] == "pending"
    assert [hunk["sources"] for file in now[2]["files"] for hunk in file["hunks"]] == [["bravo"]]

    taken_up = await editor.ask("unreject", {"change": alpha["id"]})
    assert taken_up["status"] == "pending"
    assert [sorted(hunk["sources"]) for file in taken_up["files"] for hunk in file["hunks"]] == [["alpha", "bravo"]]


async def test_the_very_same_again_still_names_who_proposed_it(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    same = edit("api.py", GET, "    return store.get(key)\n")
    for name in ("alpha", "bravo"):
        provider.script(name, proposing(same), proposing(same))
    editor = await begin(settings=mixed(provider, "alpha", "bravo"))
    editor.open(workspace / "api.py")
    round = await editor.ask("discuss", {"message": "What now?", "preset": "revise"})
    last = round["turns"][-1]["change"]
    assert [sorted(hunk["sources"]) for file in last["files"] for hunk in file["hunks"]] == [["alpha", "bravo"]]
    statuses = [turn["change"]["status"] for turn in (await editor.ask("show-discussion"))["rounds"][0]["turns"]]
    assert statuses == ["rejected", "rejected", "pending", "pending"]
