"""What every command of the terminal client begins with: a server of our own, and how commands end in words.

What the commands do with it is in the files that are named after them.
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from moa_lsp.session.configuration import TRUST
from moa_lsp.terminal.client import Client, Launch, connected
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.conversation import Conversation
from moa_lsp.terminal.differing import Differing
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.review import decide
from moa_lsp.terminal.screen import Screen


class WrongUsage(Exception):
    """What was typed can't be meant; the message says why."""


class NothingToDo(Exception):
    """There is nothing that the command could be done to; the message says what was looked for."""


@frozen
class Session:
    """What a command works with: the server, the screen, and the conversation drawn on it."""

    client: Client
    screen: Screen
    conversation: Conversation
    lasting: bool = True
    """Whether another run of the program finds this discussion again: the demo's is gone afterwards."""

    async def ask(self, command: str, *, writes: bool = False, **argument: Any) -> Any:
        return await self.client.ask(command, writes=writes, **argument)

    async def differing(self, discussion: str | None) -> Differing:
        """Where the architects differ in that discussion (`None`: the current one), to be drawn."""
        found: Json = await self.ask("disagreement", discussion=discussion)
        for name in found["architects"]:
            self.screen.colour(name)
        return Differing(self.screen, self.client.folder, found)


@asynccontextmanager
async def session(
    launch: Launch, screen: Screen, interrupt: Interrupt, *, lasting: bool = True, yes: bool = False
) -> AsyncGenerator[Session]:
    """A server of our own for as long as the block runs, with Ctrl-C wired to it. With `yes` its questions are
    answered so, but for what a `moa.toml` wants: that is a person's yes."""
    conversation = Conversation(screen)

    def decided(question: str, choices: Sequence[str]) -> str | None:
        screen.still()
        about_trust = TRUST in choices
        answer = decide(question, choices, yes=yes and not about_trust)
        if about_trust and answer is None:
            screen.hint(f"{question} To be asked, run this in a terminal.")
        return answer

    async with connected(launch, conversation.take, lambda message: screen.hint(message), decided) as client:
        interrupt.client = client
        try:
            yield Session(client, screen, conversation, lasting)
        finally:
            screen.still()


def launch_of(options: argparse.Namespace) -> Launch:
    """How the options want the server run. Raises `WrongUsage` where the folder is none."""
    folder: Path = (options.folder or Path()).absolute()
    if not folder.is_dir():
        raise WrongUsage(f"{folder} is no folder.")
    models: list[str] | None = getattr(options, "models", None)
    settings: Json = {"architects": models} if models else {}
    return Launch(folder, settings, trusted=options.trust, events=not options.json)
