"""Where architects differ: seen in the code and settled by a key, one change put together of several's hunks, and a
`/code` that asks nobody."""

from __future__ import annotations

from tests.neovim.child import Child
from tests.neovim.conftest import Open
from tests.neovim.panel import Panel
from tests.neovim.test_review import changed, line_of, to_file
from tests.provider.server import Provider
from tests.pty.desk import Desk
from tests.pty.until import until
from tests.scenarios.conftest import API, edit, proposing

GENTLE = ("    return store[key]\n", "    return store.get(key)\n")
NONE = ("    return store[key]\n", "    return store.get(key, None)\n")
PUT = ("    store[key] = value\n", "    store[str(key)] = value\n")
POP = ("    del store[key]\n", "    store.pop(key, None)\n")
OBJECTS = "<stances>\n- object ALPHA: it hides a KeyError\n</stances>"


async def counts(neovim: Child, **expected: int) -> None:
    """Waits until so many regions stand so; of the others there is none."""

    async def so() -> bool:
        told = await neovim.lua("return (require('moa').disagreement() or {}).counts")
        return told is not None and {stand: count for stand, count in told.items() if count} == expected

    await until(f"the regions to stand as {expected}", so)


def asked(provider: Provider) -> int:
    return len(provider.requests)


async def test_what_is_contested_is_seen_taken_by_a_key_and_coded_for_nothing(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha", "bravo")
    desk.provider.script("alpha", proposing(edit("api.py", *GENTLE)))
    desk.provider.script("bravo", proposing(edit("api.py", *NONE), after=OBJECTS))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("What about errors?")
    await counts(neovim, contested=1)
    await neovim.shows("◆ 1 alpha !bravo")
    await panel.shows("! bravo objects to 1: it hides a KeyError")

    # The key of the review is there as soon as one goes to what is contested.
    await to_file(neovim, "api.py", 1)
    await neovim.command("Moa next-contested")
    assert await neovim.lua("return vim.fn.line('.')") == line_of(API, GENTLE[0])
    neovim.type("2\\t")
    await counts(neovim, settled=1)
    await neovim.shows("◈ bravo")
    await panel.shows("decided against")
    assert await neovim.text("api.py") == API, "taking one writes nothing"
    neovim.type("\\o")
    await counts(neovim, contested=1)
    await neovim.command("Moa take bravo")
    await counts(neovim, settled=1)

    before = asked(desk.provider)
    await panel.ask("/code")
    await panel.shows("put together without a model")
    assert asked(desk.provider) == before, "nobody is asked where all is decided"
    await to_file(neovim, "api.py", 1)
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, NONE))
    await panel.pending(0)
    await neovim.command("Moa undo")
    await neovim.holds("api.py", API)


async def test_one_change_is_put_together_of_hunks_of_several(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha", "bravo")
    desk.provider.script("alpha", proposing(edit("api.py", *GENTLE) + edit("api.py", *PUT)))
    desk.provider.script("bravo", proposing(edit("api.py", *NONE) + edit("api.py", *POP)))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("What about errors?")
    await counts(neovim, contested=1, alone=2)
    before = asked(desk.provider)
    await neovim.command("wincmd k")

    # Both of the two that contradict each other, and one that doesn't: told, and nothing is made.
    neovim.type("gg]vS]vSjS")
    await panel.shows("▣ 2")
    neovim.type("gc")
    await neovim.shows("want different text there")
    await neovim.dismiss()
    await counts(neovim, contested=1, alone=2)
    assert (await panel.text()).count("▣") == 3

    neovim.type("gg]vSgc")
    await panel.shows("put together without a model")
    assert asked(desk.provider) == before
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, NONE, POP))
    await counts(neovim, alone=1)
