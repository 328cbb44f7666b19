"""The commands about discussions as they are kept, on the wire: chosen, named, copied, found, deleted, exported; and
about who takes part.

Thin like `handlers.py`, which carries the doors, the long commands and the answers to errors; what a command does is
decided in `session/discussions.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from moa_lsp.discussion.values import Discussion
from moa_lsp.lsp.wire_values import Wire
from moa_lsp.session.export import export
from moa_lsp.session.session import Session

Arguments = Mapping[str, Any]


@frozen
class DiscussionCommands:
    """One connection's commands about discussions."""

    session: Session
    wire: Wire

    @property
    def all(self) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
        return {
            "select-discussion": self._select,
            "rename-discussion": self._rename,
            "delete-discussion": self._delete,
            "fork-discussion": self._fork,
            "search-discussions": self._search,
            "export-discussion": self._export,
            "add-architect": self._add,
            "set-role": self._set_role,
        }

    async def _select(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.discussions.select(given["discussion"]), rounds=True)

    async def _rename(self, given: Arguments) -> Any:
        return self.wire.discussion(self.session.discussions.rename(given["title"], given.get("discussion")))

    async def _delete(self, given: Arguments) -> Any:
        left = self.session.discussions.delete(given["discussion"])
        return [self.wire.discussion(discussion, usage) for discussion, usage in left]

    async def _fork(self, given: Arguments) -> Any:
        fork = await self.session.discussions.fork(given.get("discussion"), given.get("afterRound"))
        return self.wire.discussion(fork, rounds=True)

    async def _search(self, given: Arguments) -> Any:
        return [self.wire.found(one) for one in self.session.discussions.search(given["query"])]

    async def _export(self, given: Arguments) -> Any:
        discussion = self.session.discussion(given.get("discussion"))
        return {"title": discussion.title, "markdown": exported(self.session, discussion)}

    async def _add(self, given: Arguments) -> Any:
        add = self.session.discussions.add_architect
        added = await add(given["model"], given.get("name"), given.get("role"), given.get("discussion"))
        return self.wire.discussion(added)

    async def _set_role(self, given: Arguments) -> Any:
        set_role = self.session.discussions.set_role
        return self.wire.discussion(await set_role(given["name"], given.get("role"), given.get("discussion")))


def exported(session: Session, discussion: Discussion) -> str:
    """A discussion as a Markdown document, with its changes as they stand now."""
    runs = [*(turn for round in discussion.rounds for turn in round.turns), *discussion.codings]
    found = [session.changes.get(run.change) for run in runs if run.change]
    return export(discussion, {change.id: (change, session.changes.diff(change)) for change in found if change})
