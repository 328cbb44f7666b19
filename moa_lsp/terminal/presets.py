"""The terminal client's commands about presets: which there are with what one message by them takes, and choosing one.

What a preset is, and what is expected of it, the server says.
"""

from __future__ import annotations

import argparse

from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Screen, money
from moa_lsp.terminal.session import launch_of, session


async def presets(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        found: list[Json] = await here.ask("presets", discussion=options.discussion)
    for one in found:
        screen.say((f"{'●' if one['current'] else ' '} {one['name']}", STRONG), (f"  {one['title']}", QUIET))
        if one.get("problem"):
            screen.say(("    can't be used: ", WARNING), one["problem"])
            continue
        screen.say(f"    {one['shape']}")
        screen.say((f"    {taken_by(one)}", QUIET))
    if screen.json:
        screen.document(found)
    return OK


async def choose(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:
    async with session(launch_of(options), screen, interrupt) as here:
        discussion: Json = await here.ask("select-preset", preset=options.name, discussion=options.discussion)
    here.conversation.learn(discussion)
    screen.say((discussion["preset"], STRONG), f"  {discussion['shape']}")
    for architect in discussion["architects"]:
        screen.show(*here.conversation.architect(architect))
    if screen.json:
        screen.document(discussion)
    return OK


def taken_by(preset: Json) -> str:
    """What one message by a preset takes: calls, and price and wait as far as they are known."""
    least, most = preset["calls"]["least"], preset["calls"]["most"]
    calls = f"{least}" if least == most else f"{least} to {most}"
    parts = [f"{calls} call{'' if most == 1 else 's'} a message"]
    if preset["costUsd"] is not None:
        parts.append(f"about {money({'costUsd': preset['costUsd'], 'knownCostUsd': preset['costUsd']})}")
    if preset["seconds"] is not None:
        parts.append(f"about {preset['seconds']:.0f} s")
    return " · ".join([*parts, preset["basis"]])
