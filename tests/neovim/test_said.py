"""What the plugin says: whole, and without ever stopping whoever types."""

from __future__ import annotations

import re
from typing import Any

from tests.neovim.child import Child
from tests.neovim.conftest import Open
from tests.pty.screen import Screen

REFUSAL = "The edit was refused: store.py isn't what the proposal says. Ask charlie for it once more. " * 2

_SAY = """
local words = ...
vim.schedule(function() require("moa.client").complain({ code = -32803, message = words }) end)
"""


async def test_a_long_refusal_in_a_narrow_terminal_stops_nobody(open_neovim: Open) -> None:
    neovim = await open_neovim("api.py", screen=Screen(50, 20))
    await _refused(neovim, REFUSAL)
    # It can be read whole, and again later.
    shown = await neovim.shows("╰")
    assert _words(REFUSAL) in _words("".join(re.findall("│(.*?)│", shown)))
    assert _words(REFUSAL) in _words(await neovim.lua("return vim.fn.execute('messages')"))
    # One types on at once, in a message too that is shown as a second one.
    neovim.type("ityped ")
    await _refused(neovim, "Once more.")
    neovim.type("on<C-\\><C-n>")
    await neovim.settled()
    assert await neovim.lua("return vim.fn.getline(1)") == 'typed on"""The API."""'
    assert await neovim.lua("return vim.bo.buftype") == ""


async def test_two_messages_at_once_stop_nobody(open_neovim: Open) -> None:
    neovim = await open_neovim("api.py", screen=Screen(60, 20))
    await neovim.lua("vim.schedule(function() for i = 1, 3 do require('moa.say').say('It is message ' .. i) end end)")
    await neovim.shows("It is message 3")
    assert not await _blocks(neovim)


async def test_one_comes_while_a_command_is_typed(open_neovim: Open) -> None:
    neovim = await open_neovim("api.py", screen=Screen(50, 20))
    neovim.type(":let typed = 4")
    await neovim.shows(":let typed = 4")
    await neovim.lua(_SAY, REFUSAL)
    screen = await neovim.shows("charlie")
    assert ":let typed = 4" in screen
    neovim.type("2<CR>")
    await neovim.settled()
    assert await neovim.lua("return vim.g.typed") == 42
    assert not await _blocks(neovim)


async def _refused(neovim: Child, words: str) -> None:
    await neovim.lua(_SAY, words)
    await neovim.shows(" ".join(words.split()[:2]))
    assert not await _blocks(neovim)


async def _blocks(neovim: Child) -> Any:
    return (await neovim.rpc.call("nvim_get_mode"))["blocking"]


def _words(text: str) -> str:
    return "".join(text.split())
