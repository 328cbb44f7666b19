"""What the user sees, screen by screen, as text: looked at once, and from then on compared (`goldens/`)."""

from __future__ import annotations

from tests.neovim.conftest import Open
from tests.neovim.panel import Panel
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.golden import Goldens
from tests.scenarios.conftest import USAGE, edit, proposing

GET = ("    return store[key]\n", "    return store.get(key)\n")
PUT = ("    store[key] = value\n", "    store[str(key)] = value\n")


async def test_the_panel_without_a_server(open_neovim: Open, goldens: Goldens) -> None:
    neovim = await open_neovim("api.py", server=False)
    await neovim.command("Moa")
    await neovim.shows("There is no moa-lsp on this machine yet")
    await neovim.command("echo")
    goldens.check("panel-without-a-server", await neovim.program.still())


async def test_the_panel_after_a_round_and_the_review(desk: Desk, open_neovim: Open, goldens: Goldens) -> None:
    wrong = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
    desk.settings("alpha", "bravo", "charlie")
    desk.provider.script("alpha", proposing("1. Be gentle:\n\n" + edit("api.py", *GET) + "\n2. Say so in the docs."))
    desk.provider.script("bravo", proposing("I object to **1**: it hides a `KeyError`."))
    desk.provider.script("charlie", Reply(status=401, body=wrong))
    desk.provider.script("editor", Reply("As agreed.\n\n" + edit("api.py", *GET) + edit("api.py", *PUT), usage=USAGE))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("What about errors?")
    await neovim.command("echo")
    goldens.check("panel-after-a-round", await neovim.program.still())

    await panel.ask("/code Do both")
    await neovim.command("Moa close")
    await neovim.command("Moa review")
    await neovim.command("echo")
    goldens.check("review", await neovim.program.still())
    await neovim.command("Moa diff")
    await neovim.command("echo")
    goldens.check("review-side-by-side", await neovim.program.still())


async def test_the_keys_of_the_panel(open_neovim: Open, goldens: Goldens) -> None:
    neovim = await open_neovim("api.py", server=False)
    await Panel(neovim).open()
    await neovim.command("echo")
    neovim.type("g?")
    await neovim.shows("In the discussion")
    goldens.check("keys-of-the-panel", await neovim.program.still())
