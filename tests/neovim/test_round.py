"""Rounds in the panel: words as they stream, drops, a stop, failures and their retry, what survives a crash."""

from __future__ import annotations

import asyncio
import re

from tests.neovim.conftest import Open
from tests.neovim.panel import Panel
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.until import until
from tests.scenarios.conftest import USAGE, proposing


async def test_a_round_streams_into_the_panel(desk: Desk, open_neovim: Open) -> None:
    alpha_may, bravo_may = asyncio.Event(), asyncio.Event()
    first = proposing("Raise KeyError with the key in it.", "Errors are hidden here.", pause_after=(3, alpha_may))
    desk.provider.script("alpha", first)
    desk.provider.script("bravo", proposing("Agreed, and say it in put, too.", pause_after=(2, bravo_may)))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.send("What about errors?")

    await panel.shows("Errors are hidden")
    # That was seen before the reply had ended, and before anybody else was asked.
    assert "KeyError" not in await panel.text()
    assert not desk.asked("bravo")
    await neovim.shows("What about errors?")

    alpha_may.set()
    await panel.shows("Raise KeyError with the key in it.")
    await panel.shows("I looked")
    bravo_may.set()
    await panel.shows("say it in put, too.")
    await panel.ended()

    alpha, bravo = str(desk.asked("alpha")[0].messages[-1]), str(desk.asked("bravo")[0].messages[-1])
    assert re.search(r"<file path='api\.py'>.*What about errors\?", alpha.replace("\\'", "'"), re.DOTALL)
    assert "<proposal>\\nRaise KeyError" in bravo
    assert not (await panel.prompt()).strip(), "what was sent has left the prompt"


async def test_who_is_dropped_is_asked_no_more_until_it_is_brought_back(desk: Desk, open_neovim: Open) -> None:
    desk.provider.script("alpha", proposing("Alpha says so."))
    desk.provider.script("bravo", proposing("Bravo says so."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("One?")

    await panel.child.command("Moa drop bravo")
    await _dropped(panel, {"alpha": False, "bravo": True})
    await panel.ask("Two?")
    assert len(desk.asked("alpha")) == 2
    assert len(desk.asked("bravo")) == 1

    await panel.child.command("Moa restore bravo")
    await _dropped(panel, {"alpha": False, "bravo": False})
    await panel.send("/drop alpha")
    await _dropped(panel, {"alpha": True, "bravo": False})
    await panel.ask("Three?")
    assert len(desk.asked("alpha")) == 2
    assert len(desk.asked("bravo")) == 2


async def _dropped(panel: Panel, wanted: dict[str, bool]) -> None:
    async def so() -> bool:
        architects = (await panel.state())["discussion"]["architects"]
        return {one["name"]: one["dropped"] for one in architects} == wanted

    await until(f"the architects to be {wanted}", so)


async def test_a_stop_closes_the_providers_stream_and_the_next_message_works(desk: Desk, open_neovim: Open) -> None:
    words = "These words came before the rest of them."
    never = Reply(words, pause_after=(4, asyncio.Event()))
    desk.provider.script("alpha", never, proposing("Now it works."))
    desk.provider.script("bravo", proposing("Bravo, too."))
    panel = Panel(await open_neovim("api.py"))
    await panel.send("Think long.")
    await panel.shows("These words came before")
    await panel.child.command("Moa cancel")
    await desk.provider.closed(1)
    await panel.ended()
    assert "These words came before" in await panel.shows("Stopped")
    assert not desk.asked("bravo")

    await panel.ask("Once more?")
    await panel.shows("Now it works.")
    await panel.shows("Bravo, too.")


async def test_a_providers_failures_are_told_the_others_speak_and_a_retry_works(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha", "bravo")
    wrong = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
    desk.provider.script("alpha", Reply(status=401, body=wrong), proposing("Alpha is back."))
    desk.provider.script("bravo", proposing("Bravo is fine."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("Well?")
    await panel.shows("wants a key")
    await panel.shows("Bravo is fine.")
    await panel.child.command("Moa retry alpha")
    await panel.shows("Alpha is back.")
    await panel.ended()
    assert len(desk.asked("bravo")) == 1, "only who failed is asked again"


async def test_a_server_that_is_killed_in_mid_round_is_there_again_with_the_discussion(
    desk: Desk, open_neovim: Open
) -> None:
    never = Reply("Words before the crash, and the rest.", pause_after=(4, asyncio.Event()))
    desk.provider.script("alpha", never, proposing("After the crash."))
    desk.provider.script("bravo", proposing("Bravo lives."))
    panel = Panel(await open_neovim("api.py"))
    await panel.send("First message")
    await panel.shows("Words before the crash")
    await asyncio.sleep(1.5)  # streamed text is stored within a second
    (before,) = await panel.child.servers()
    await panel.child.kill_server()

    await panel.shows("The server was ended before this reply was whole.")
    assert "Words before the crash" in await panel.text()
    await panel.ended()
    await panel.ask("Second message")
    await panel.shows("After the crash.")
    await panel.shows("Bravo lives.")
    assert "First message" in await panel.text()
    (after,) = await panel.child.servers()
    assert after != before


async def test_a_neovim_that_is_opened_anew_goes_on_in_the_discussion(desk: Desk, open_neovim: Open) -> None:
    desk.provider.script("alpha", proposing("Kept over a restart."))
    desk.provider.script("bravo", proposing("Me, too."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("Do you stay?")
    await panel.child.quit()

    panel = Panel(await open_neovim("api.py"))
    await panel.open()
    await panel.shows("Do you stay?")
    await panel.shows("Kept over a restart.")
    assert len(desk.provider.requests) == 2, "nothing is asked again by a restart"
    await panel.ask("And now?")
    said = [message["role"] for message in desk.asked("alpha")[1].messages]
    assert said.count("assistant") == 1, "the thread goes on"


async def test_a_neovim_that_is_left_in_mid_round_ends_its_server_and_keeps_what_came(
    desk: Desk, open_neovim: Open
) -> None:
    never = Reply("Some words had arrived by then, more follow.", pause_after=(6, asyncio.Event()))
    desk.provider.script("alpha", never, proposing("After the restart."))
    desk.provider.script("bravo", proposing("Fine."))
    panel = Panel(await open_neovim("api.py"))
    await panel.send("Does it break?")
    await panel.shows("Some words had arrived by then")
    await panel.child.quit()
    await desk.provider.closed(1)

    panel = Panel(await open_neovim("api.py"))
    await panel.open()
    await panel.shows("Some words had arrived by then")
    await panel.ended()
    await panel.ask("Go on.")
    await panel.shows("After the restart.")


async def test_two_neovims_on_one_workspace(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing("To the first."), proposing("To the second."), proposing("Once more."))
    one = Panel(await open_neovim("api.py", home="one"))
    await one.ask("First?")
    other = Panel(await open_neovim("api.py", home="other"))
    await other.open()
    await other.shows("To the first.")
    await other.ask("Second?")
    await other.shows("To the second.")
    # The first one goes on in the same discussion, and loses nothing of what the other said.
    await one.ask("Third?")
    await one.shows("Once more.")
    last = str(desk.asked("alpha")[-1].messages)
    assert "First?" in last
    assert "Second?" in last


async def test_what_a_model_writes_runs_nothing(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    marks = [
        "\x1b]0;owned\x07\x1b[31mred\x1b[0m\x1b[2J\x1b[H gone?",
        "% vim: set modeline foldmethod=expr foldexpr=execute('let\\ g\\:owned=1'):",
        "%{execute('let g:owned=1')} %#ErrorMsg# %!execute('let g:owned=1')",
        "`:let g:owned=1` <C-\\><C-n>:let g:owned=1<CR>",
        "The end of it.",
    ]
    hostile = "\n\n".join(marks)
    desk.provider.script("alpha", Reply(f"{hostile}\n\n<proposal>\n{hostile}\n</proposal>\n", usage=USAGE))
    neovim = await open_neovim(
        "api.py", init='vim.opt.modeline = true\nvim.opt.title = true\nvim.opt.titlestring = "mine"\n'
    )
    panel = Panel(neovim)
    await panel.ask("Do your worst.")
    await panel.shows("The end of it.")
    await neovim.command("redrawstatus!")
    await neovim.shows("The end of it.")
    assert await neovim.lua("return vim.g.owned == nil")
    raw = "".join(neovim.screen.raw)
    assert "\x1b]0;owned" not in raw
    assert "\x1b[31mred" not in raw
    assert "gone?" in await panel.text()
    assert "%{execute" in await panel.text()


async def test_what_is_being_read_stays_where_it_is_while_text_streams(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    lines = "\n\n".join(f"Line number {number} of the first reply." for number in range(40))
    may = asyncio.Event()
    long = "\n\n".join(f"Later words, line {number}." for number in range(60))
    desk.provider.script("alpha", proposing(lines), Reply(f"Begun. {long}", pause_after=(1, may), usage=USAGE))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("One?")
    await panel.send("Two?")
    await panel.shows("Begun.")
    # Up into the first reply, as one reads again what was said.
    await neovim.lua(_TO_DISCUSSION)
    neovim.type("gg")
    await panel.child.settled()
    before = await neovim.lua(_VIEW)
    may.set()
    await panel.shows("Later words, line 59.")
    await panel.ended()
    assert await neovim.lua(_VIEW) == before


_TO_DISCUSSION = """
for _, window in ipairs(vim.api.nvim_list_wins()) do
  if vim.bo[vim.api.nvim_win_get_buf(window)].filetype == "moa-discussion" then
    vim.api.nvim_set_current_win(window)
  end
end
"""
_VIEW = """
local first = vim.fn.line("w0")
return { vim.fn.getline(first), vim.fn.getline("."), vim.fn.winline() }
"""
