"""Roles that a model writes for the task at hand, where a preset wants its architects to differ by them.

Rules: the user sees them before anybody is asked by them; they hold in the discussion until they are set or written
anew; what writing them took counts in the discussion, also where nothing came of it. What the model is asked is
`answering/role_writing.py`'s, and which preset wants roles the settings'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from attrs import evolve, frozen

from moa_lsp.answering.calls import Models, heard_whole
from moa_lsp.answering.role_writing import asked_for_roles, wanting, with_roles
from moa_lsp.discussion.thread import file_parts
from moa_lsp.discussion.values import Architect, Discussion, Snapshot, Usage
from moa_lsp.models.model import Call
from moa_lsp.models.replay import is_replay
from moa_lsp.session.run import NotPossible, Run, Stopped
from moa_lsp.store.store import Store

USE, EDIT = "Use these roles", "Edit them first"
"""The answers to the question about roles that were just written."""
WRITER = "roles"
"""Under which name the model is asked."""


@frozen
class WrittenRoles:
    """Has roles written. `choose` has the user take one of a few answers (`None`: none of them)."""

    models: Models
    store: Store
    choose: Callable[[str, Sequence[str]], Awaitable[str | None]]

    async def agreed(
        self,
        run: Run,
        discussion: Discussion,
        writer: Architect,
        message: str,
        shown: Snapshot,
        keep: Callable[[Discussion], Discussion],
    ) -> Discussion:
        """The discussion with a role for everybody who is to have one, written now where one is missing. `keep` is
        given the roles before the user is asked about them. Raises `NotPossible`, where they are to be edited, or
        `Stopped`."""
        if not wanting(discussion.architects):
            return discussion
        discussion = keep(await self.written(run, discussion, writer, message, shown))
        roles = "; ".join(f"{one.name}: {one.set_role}" for one in discussion.architects if one.set_role)
        if await self.choose(f"Roles for this message: {roles}", (USE, EDIT)) != USE:
            raise NotPossible("The roles are written and nobody was asked: edit them, then send the message again.")
        run.check()
        return discussion

    async def written(
        self, run: Run, discussion: Discussion, writer: Architect, message: str, shown: Snapshot
    ) -> Discussion:
        """The discussion with the roles that the model wrote, for those who have none. Raises `NotPossible` or
        `Stopped`."""
        run.report(f"{writer.model} writes the roles")
        messages = asked_for_roles(discussion.architects, message, "\n\n".join(file_parts(None, shown)))
        call = Call(evolve(writer, name=WRITER, role=None), messages, discussion.id, stage="roles")
        hearing = asyncio.ensure_future(heard_whole(self.models, call))

        def stop() -> None:
            hearing.cancel()

        run.stops_by(stop)
        try:
            reply, usage, failure = await hearing
        except asyncio.CancelledError:
            self.store.add_aside(discussion.id, Usage.nothing() if is_replay(writer.model) else Usage())
            if run.cancelled:
                raise Stopped from None
            raise
        self.store.add_aside(discussion.id, usage)
        if failure is not None:
            raise NotPossible(f"No roles could be written: {failure.message}")
        architects = with_roles(discussion.architects, reply)
        if wanting(architects):
            raise NotPossible(
                f"{writer.model} wrote no role for {wanting(architects)[0].name} that can be read: try again."
            )
        return evolve(discussion, architects=architects, aside=discussion.aside + usage)
