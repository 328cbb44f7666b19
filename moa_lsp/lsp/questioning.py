"""Asks the user what architects want to know, where the editor has no panel to show it in: one message request for each
question with choices. How an answer reaches the architects is `session/deciding.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from attrs import field, frozen

from moa_lsp.discussion.values import Question, Turn
from moa_lsp.lsp.asking import Asking
from moa_lsp.session.run import Unknown
from moa_lsp.session.session import Held, Session

_log = logging.getLogger(__name__)


@frozen
class Questioning:
    """Asks one client's user. `tell` shows a message."""

    session: Session
    asking: Asking
    tell: Callable[[str], None]
    _under_way: set[asyncio.Task[None]] = field(factory=set[asyncio.Task[None]], init=False)

    def ask(self, held: Held) -> None:
        """Asks what the architects asked in a round, one question after the other; the round's answer doesn't wait for
        that."""
        asked = [(turn, question) for turn in held.round.turns for question in turn.questions]
        if asked:
            task = asyncio.create_task(self._ask_all(held, asked))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def end(self) -> None:
        """Asks no more: nobody is there."""
        for task in self._under_way:
            task.cancel()

    async def _ask_all(self, held: Held, asked: list[tuple[Turn, Question]]) -> None:
        for turn, question in asked:
            words = f"{turn.architect} asks: {question.text}"
            if not question.choices:
                self.tell(f"{words} Answer it in your next message.")
                continue
            answer = await self.asking.choose(words, question.choices)
            if answer is not None:
                try:
                    self.session.deciding.answer(
                        held.round.number, turn.number, question.number, answer, held.discussion
                    )
                except Unknown as error:  # the discussion was deleted meanwhile
                    _log.info("An answer came too late: %s", error)
