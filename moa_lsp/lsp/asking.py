"""Questions to the person at the editor: `window/showMessageRequest`, answered, or after a while taken for a no.

What is asked, and what follows from a yes, is `handlers.py`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from attrs import frozen
from lsprotocol import types

ANSWER_WITHIN = 120.0
"""Seconds; some clients never answer, and whoever left the machine hasn't said yes."""

Send = Callable[[types.ShowMessageRequestParams], Awaitable[types.MessageActionItem | None]]


@frozen
class Asking:
    """Asks one client's user."""

    send: Send

    async def agrees(self, question: str, yes: str, no: str) -> bool:
        """Whether the user chose `yes`. Anything else is a no: the other button, none, an error, or no answer."""
        actions = [types.MessageActionItem(yes), types.MessageActionItem(no)]
        params = types.ShowMessageRequestParams(types.MessageType.Warning, f"moa: {question}", actions)
        try:
            chosen = await asyncio.wait_for(self.send(params), ANSWER_WITHIN)
        except asyncio.CancelledError:
            raise
        except Exception:  # however the client failed to ask, nobody said yes
            return False
        return chosen is not None and chosen.title == yes
