"""Questions to the person at the editor: `window/showMessageRequest`, answered, or after a while taken for a no.

What is asked, and what follows from a yes, is `handlers.py`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from attrs import frozen
from lsprotocol import types

ANSWER_WITHIN = 120.0
"""Seconds; some clients never answer, and whoever left the machine hasn't said yes."""

Send = Callable[[types.ShowMessageRequestParams], Awaitable[types.MessageActionItem | None]]


@frozen
class Asking:
    """Asks one client's user. `tell` shows them a message."""

    send: Send
    tell: Callable[[str], None]

    async def agrees(self, question: str, yes: str, no: str, at_any_time: bool = False) -> bool:
        """Whether the user chose `yes`. Anything else is a no: the other button, none, an error, or no answer (which,
        `at_any_time`, may take for ever)."""
        return await self.choose(question, (yes, no), types.MessageType.Warning, at_any_time) == yes

    async def choose(
        self,
        question: str,
        choices: Sequence[str],
        kind: types.MessageType = types.MessageType.Info,
        at_any_time: bool = False,
    ) -> str | None:
        """Which of the choices the user took; `None` where none of them was."""
        actions = [types.MessageActionItem(one) for one in choices]
        params = types.ShowMessageRequestParams(kind, f"moa: {question}", actions)
        try:
            chosen = await asyncio.wait_for(self.send(params), None if at_any_time else ANSWER_WITHIN)
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            return None
        except Exception:  # however the client failed to ask, nobody chose
            self.tell(f"{question} This editor can't ask you that (window/showMessageRequest): it is taken for a no.")
            return None
        return chosen.title if chosen is not None and chosen.title in choices else None


async def in_time(answer: asyncio.Future[bool]) -> None:
    """Waits for an answer as long as for any; where it isn't there then, it may still come."""
    await asyncio.wait((answer,), timeout=ANSWER_WITHIN)
