"""What the advisers said lately, so that they are asked once about what a user said, however often tools are called
about it.

A program that uses tools sends the whole chat again after each of them. What the advisers can see of it is the same
every time; so is then what they said, at the same place, and the beginning of what is sent stays in the provider's
cache. Kept in memory only, the last few, and by a hash: no chat is held here.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from attrs import field, mutable

from moa_lsp.answering.chat import Chat
from moa_lsp.settings.settings import Lineup

_KEPT = 64


@mutable
class Memory:
    """Owned by whoever answers several chats, one for all of them."""

    _said: OrderedDict[str, str] = field(factory=OrderedDict[str, str], init=False)

    def recall(self, lineup: Lineup, chat: Chat) -> str | None:
        """What was told who answered when the user had just said the last thing; `None` where that isn't known."""
        return self._said.get(_key(lineup, chat))

    def keep(self, lineup: Lineup, chat: Chat, told: str) -> None:
        """This was told who answers."""
        key = _key(lineup, chat)
        self._said[key] = told
        self._said.move_to_end(key)
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)


def _key(lineup: Lineup, chat: Chat) -> str:
    seen = repr((lineup, chat.before, chat.question))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()
