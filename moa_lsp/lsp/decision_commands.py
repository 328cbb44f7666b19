"""The commands about where the architects differ, on the wire: what is open, what is taken, put together and planned.

Thin like `handlers.py`, which carries the doors and the answers to errors; what a command does is decided in
`session/deciding.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from moa_lsp.discussion.values import PlanEntry
from moa_lsp.edits.differing.values import Disagreement
from moa_lsp.lsp import differing_values
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.session import Session

Arguments = Mapping[str, Any]


@frozen
class DecisionCommands:
    """One connection's commands about decisions."""

    session: Session
    wire: Wire

    @property
    def all(self) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
        return {
            "disagreement": self._disagreement,
            "take": self._take,
            "leave": self._leave,
            "reopen": self._reopen,
            "compose": self._compose,
            "plan": self._plan,
            "set-plan": self._set_plan,
            "answer-question": self._answer,
        }

    async def _disagreement(self, given: Arguments) -> Any:
        return self._shown(self.session.deciding.disagreement(given.get("discussion")))

    async def _take(self, given: Arguments) -> Any:
        return self._shown(self.session.deciding.take(given["hunks"], given.get("discussion")))

    async def _leave(self, given: Arguments) -> Any:
        left = self.session.deciding.leave(given["hunks"], given.get("reason"), given.get("discussion"))
        return self._shown(left)

    async def _reopen(self, given: Arguments) -> Any:
        return self._shown(self.session.deciding.reopen(given["hunks"], given.get("discussion")))

    async def _compose(self, given: Arguments) -> Any:
        made = self.session.deciding.compose(given["hunks"], given.get("title"), given.get("discussion"))
        return self.wire.change_object(made)

    async def _plan(self, given: Arguments) -> Any:
        return differing_values.plan(self.session.deciding.plan(given.get("discussion")))

    async def _set_plan(self, given: Arguments) -> Any:
        entries = _entries(given["steps"]) if "steps" in given else None
        deciding = self.session.deciding
        return differing_values.plan(deciding.set_plan(entries, given.get("markdown"), given.get("discussion")))

    async def _answer(self, given: Arguments) -> Any:
        where = (given["round"], given["turn"], given["question"])
        answered = self.session.deciding.answer(*where, given["answer"], given.get("discussion"))
        return self.wire.discussion(answered, rounds=True)

    def _shown(self, value: Disagreement) -> Any:
        return differing_values.disagreement(self.wire, value)


def _entries(steps: Sequence[Mapping[str, Any]]) -> list[PlanEntry]:
    return [PlanEntry(step["text"], step.get("id"), step.get("struck") is True) for step in steps]
