"""Mixtures in the panel: architects that stream side by side, an answer for all, notes, one message by another preset,
and presets that are chosen, saved and renamed."""

from __future__ import annotations

import asyncio
import json

from tests.neovim.conftest import Open
from tests.neovim.panel import Panel
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.golden import Goldens
from tests.pty.until import until
from tests.scenarios.conftest import USAGE, proposing


def set_up(desk: Desk, presets: str, **more: str) -> None:
    """Alpha and bravo, each with more keys as TOML, and presets in which a name in capitals stands for that model."""
    base = json.dumps(desk.provider.url)

    def model(name: str) -> str:
        return f'model = "openai/{name}", api_base = {base}'

    rows = [f'{{ name = "{name}", {model(name)}{more.get(name, "")} }}' for name in ("alpha", "bravo")]
    for name in ("chief", "writer"):
        presets = presets.replace(name.upper(), f"{{ {model(name)} }}")
    desk.configure(f"architects = [{', '.join(rows)}]\neditor = {{ {model('editor')} }}\n{presets}")


PANEL = '[presets.board]\nkind = "panel"\naggregator = CHIEF\n'


async def test_two_stream_side_by_side_and_one_answers_for_all(desk: Desk, open_neovim: Open, goldens: Goldens) -> None:
    set_up(desk, f'preset = "board"\n{PANEL}')
    alpha_may, bravo_may, chief_may = asyncio.Event(), asyncio.Event(), asyncio.Event()
    reasons = "\n\n".join(f"Reason number {number}, which nobody will read again." for number in range(14))
    first = proposing("Raise KeyError with the key in it.", f"Errors are hidden. {reasons}", pause_after=(3, alpha_may))
    desk.provider.script("alpha", first)
    desk.provider.script("bravo", proposing("Say so in the docs.", "Nobody catches it.", pause_after=(2, bravo_may)))
    desk.provider.script("chief", proposing("Do both.", "They agree on it.", pause_after=(2, chief_may)))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.send("What about errors?")

    # Both speak at once, each in its own thread.
    await panel.shows("Errors are hidden")
    await panel.shows("Nobody catches")
    shown = await panel.text()
    assert shown.index("proposals  alpha ∥ bravo") < shown.index("Errors are hidden") < shown.index("Nobody catches")
    assert not desk.asked("chief")
    # The lower one ends first, and nothing is asked of the next before the other has, too.
    bravo_may.set()
    await panel.shows("Say so in the docs.")
    assert "Reason number 0" not in await panel.text()
    alpha_may.set()
    await panel.shows("They agree")
    await neovim.shows("answers for all")
    # With the answer the references fold to what they are about, and the message is in view again.
    screen = await neovim.shows("▸ alpha")
    assert "Reason number 13" not in screen
    assert "What about errors?" in screen
    chief_may.set()
    await panel.shows("Do both.")
    await panel.ended()
    await neovim.command("echo")
    goldens.check("panel-after-a-mixture", await neovim.program.still())

    asked = str(desk.asked("chief")[0].messages[-1])
    assert "Raise KeyError" in asked
    assert "Say so in the docs." in asked
    assert "Nobody catches" not in str(desk.asked("alpha")[0].messages)


async def test_one_message_by_another_preset_leaves_the_discussions_own(desk: Desk, open_neovim: Open) -> None:
    set_up(desk, PANEL)
    desk.provider.script("alpha", proposing("Alone."), proposing("As ever."))
    desk.provider.script("bravo", proposing("Here, too."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("/once solo What about errors?")
    await panel.shows("You  by solo")
    await panel.shows("Alone.")
    assert not desk.asked("bravo")
    assert "/once" not in str(desk.asked("alpha")[0].messages)
    await panel.ask("And now?")
    await panel.shows("Here, too.")
    assert (await panel.state())["discussion"]["preset"] == "default"
    # The history has it as it was typed.
    panel.child.type("i<Up><Up>")
    await until("the message before", lambda: _prompt_is(panel, "/once solo What about errors?"))


async def test_what_one_asks_by_a_preset_of_others_is_told_apart(desk: Desk, open_neovim: Open) -> None:
    set_up(desk, PANEL)
    for name in ("alpha", "bravo"):
        desk.provider.script(name, proposing(f"{name} proposes."))
    desk.provider.script("chief", proposing("Decided."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("/once board Which way?")
    # The aggregator is none of this discussion's architects.
    assert [one["name"] for one in (await panel.state())["discussion"]["architects"]] == ["alpha", "bravo"]
    # Its model is known once it has spoken.
    shown = await panel.shows("aggregator chief answers for all")
    assert "Decided." in shown


async def test_a_preset_is_chosen_saved_and_renamed(desk: Desk, open_neovim: Open) -> None:
    set_up(desk, PANEL)
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.open()
    await until("the server", lambda: neovim.lua("return require('moa').server().kind == 'running'"))
    # What can be chosen is offered as one types.
    neovim.type("i/preset bo")
    await neovim.shows("board All at once")
    neovim.type("<Tab><C-s><C-\\><C-n>")
    await until("another preset", lambda: _preset_is(panel, "board"))
    await neovim.shows("board  (")
    assert await panel.prompt() == ""
    assert (await neovim.lua("return require('moa').status()")).startswith("moa board")

    await neovim.command("Moa role alpha security")
    await neovim.command("Moa preset-save mine")
    saved = desk.folder / "moa-config" / "presets" / "mine.toml"
    await until("the file", saved.exists)
    assert 'role = "security"' in saved.read_text()
    await neovim.command("Moa preset-rename mine ours")
    await until("the new file", saved.with_name("ours.toml").exists)
    await neovim.command("Moa preset ours")
    await until("the saved one", lambda: _preset_is(panel, "ours"))
    await neovim.command("Moa preset default")
    await until("the settings' own", lambda: _preset_is(panel, "default"))


async def test_the_picker_says_what_a_preset_takes_before_it_is_chosen(desk: Desk, open_neovim: Open) -> None:
    set_up(desk, PANEL)
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.open()
    neovim.type("<C-\\><C-n><C-k>gp")
    screen = await neovim.shows("(alpha ∥ bravo) → aggregator")
    line = next(one for one in screen.splitlines() if "board" in one)
    assert "3 calls" in line
    number = line.split(":", 1)[0].strip()
    neovim.type(f"{number}<CR>")
    await until("another preset", lambda: _preset_is(panel, "board"))


async def test_who_is_not_asked_is_said_in_line(desk: Desk, open_neovim: Open) -> None:
    set_up(desk, PANEL, alpha=', paths = ["docs/**"]')
    desk.provider.script("bravo", proposing("Only me."))
    panel = Panel(await open_neovim("api.py"))
    await panel.ask("What about errors?")
    shown = await panel.shows("Only me.")
    (note,) = (await panel.state())["discussion"]["rounds"][0]["notes"]
    assert "alpha" in note
    assert shown.index(note[:30]) < shown.index("Only me.")
    assert not desk.asked("alpha")


async def test_roles_are_seen_before_anybody_is_asked_and_the_message_is_not_lost(
    desk: Desk, open_neovim: Open
) -> None:
    set_up(desk, 'preset = "cast"\n[presets.cast]\nkind = "layers"\ndiversity = "role"\nlayers = 1\nper_layer = 2\n')
    written = "<role>Look for what breaks.</role>\n<role>Look for what is needless.</role>"
    desk.provider.script("editor", Reply(written, usage=USAGE), proposing("Keep it all."))
    desk.provider.script("alpha", proposing("Nothing breaks."))
    desk.provider.script("bravo", proposing("Nothing is needless."))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.send("What about errors?")
    await neovim.shows("Edit them first")
    neovim.type("2<CR>")
    await until("the message in the prompt", lambda: _prompt_is(panel, "What about errors?"))
    await neovim.shows("`:Moa roles` shows them.")
    assert not desk.asked("alpha")

    await neovim.command("Moa roles")
    await neovim.shows("Look for what is needless.")
    neovim.type("/needless<CR>cwcheap<C-\\><C-n>:w<CR>")
    await until("the role", lambda: _role_is(panel, 1, "Look for what is cheap."))
    await neovim.command("q")
    await panel.open()
    neovim.type("<CR>")
    await panel.shows("Keep it all.")
    assert "Look for what is cheap." in str(desk.asked("bravo")[0].messages)
    assert len(desk.asked("editor")) == 2, "roles that stand aren't written anew"


async def _prompt_is(panel: Panel, text: str) -> bool:
    return await panel.prompt() == text


async def _preset_is(panel: Panel, name: str) -> bool:
    return await panel.child.lua("return require('moa').preset()") == name


async def _role_is(panel: Panel, place: int, role: str) -> bool:
    return (await panel.state())["discussion"]["architects"][place].get("role") == role
