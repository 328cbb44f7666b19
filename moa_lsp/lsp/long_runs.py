"""The commands that ask models, from wherever they come: with progress, and behind the question about a `moa.toml`.

What a run does is decided in `session/`; how its result looks on the wire is `handlers.py`'s, and how it looks in a
notebook `notebooks.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from moa_lsp.discussion.values import Discussion, Status
from moa_lsp.edits.change import Change
from moa_lsp.lsp.progress import Progress
from moa_lsp.lsp.trusting import Trusting
from moa_lsp.session.session import Held, PointedAt, Run, Session


@frozen
class Asked:
    """One long command on its way: its run, and its progress."""

    run: Run
    progress: Progress


@frozen
class LongRuns:
    """One connection's rounds, retries and codings. Each raises what the session raises."""

    session: Session
    trusting: Trusting

    async def discuss(
        self,
        asked: Asked,
        message: str,
        discussion: str | None,
        files: Sequence[str] | None,
        selection: PointedAt | None = None,
        folder: str | None = None,
        preset: str | None = None,
    ) -> Held:
        asked.progress.begin("Discussing", "Asking the architects")
        await self.trusting.answered(asked.run, asked.progress.report)
        held = await self.session.discuss(asked.run, message, discussion, files, selection, folder, preset)
        turns = held.round.turns
        failed = sum(turn.status is Status.FAILED for turn in turns)
        asked.progress.end(f"{failed} of {len(turns)} architects failed" if failed else "Done")
        return held

    async def write_roles(
        self, asked: Asked, message: str, discussion: str | None, files: Sequence[str] | None
    ) -> Discussion:
        asked.progress.begin("Writing roles", "Asking for roles")
        await self.trusting.answered(asked.run, asked.progress.report)
        written = await self.session.write_roles(asked.run, message, discussion, files)
        asked.progress.end("Done")
        return written

    async def code(
        self, asked: Asked, message: str | None, discussion: str | None, files: Sequence[str] | None
    ) -> Change:
        asked.progress.begin("Coding", "Asking the editor model")
        await self.trusting.answered(asked.run, asked.progress.report)
        change = await self.session.code(asked.run, message, discussion, files)
        asked.progress.end("Done")
        return change

    async def retry(self, asked: Asked, architect: str, discussion: str | None) -> Held:
        asked.progress.begin("Asking again", f"Asking {architect} once more")
        await self.trusting.answered(asked.run, asked.progress.report)
        held = await self.session.retry(asked.run, architect, discussion)
        failed = held.round.turns[-1].status is Status.FAILED
        asked.progress.end(f"{held.round.turns[-1].architect} failed again" if failed else "Done")
        return held
