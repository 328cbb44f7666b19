"""The discussions of a workspace as they are kept: begun, chosen, named, copied, found and deleted, and who takes part.

Rules:
- Exactly one discussion of a workspace is its current one, where it has any.
- Those who are configured take part, then those who were added to the discussion. An added architect keeps its name:
  one that is configured under the same name later isn't in this discussion. How an added one's model is called is never
  kept, so it is called as that model is by default.
- What is deleted is gone with all that was said and proposed in it; what was written stays written, and so do the
  checkpoints.
- A copy costs nothing, and what is proposed in it is its own: nothing that happens to it touches the original.

What happens in a discussion is `session.py`'s; what is kept of it, and how, `store/`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from uuid import uuid4

from attrs import evolve, frozen, mutable

from moa_lsp.discussion.names import EDITOR, fill_names
from moa_lsp.discussion.values import Architect, Coding, Discussion, Repair, Round, Status, Turn, Usage
from moa_lsp.session.carrying import Carrying
from moa_lsp.session.changes import Changes
from moa_lsp.session.configuration import Configurations
from moa_lsp.session.events import DiscussionUpdated, Event
from moa_lsp.session.proposing import Proposing
from moa_lsp.session.repair import Mending
from moa_lsp.session.run import NotPossible, Run, Unknown
from moa_lsp.session.search import Excerpt, excerpts
from moa_lsp.settings.reader import wrong_with
from moa_lsp.settings.settings import Lineup
from moa_lsp.store.store import Store

NEW = "New discussion"
"""What a discussion is called until its first message."""
_TITLE_LENGTH = 60


@frozen
class Found:
    """A discussion that a search found, without its rounds, with what it used and what shows why."""

    discussion: Discussion
    usage: Usage
    excerpts: tuple[Excerpt, ...]


@mutable
class Discussions:
    """All discussions of one workspace. `running` are the runs of this server, by discussion."""

    workspace: str
    store: Store
    changes: Changes
    configurations: Configurations
    tell: Callable[[Event], None]
    running: Mapping[str, Run]

    # --- finding

    def get(self, id: str | None) -> Discussion:
        """The discussion of that id, or the workspace's current one. Raises `Unknown`."""
        wanted = id if id is not None else self.current()
        if wanted is None:
            raise Unknown("There is no discussion yet: begin one with moa.discuss.")
        # Another server on this workspace may have been killed amid a round; what it left is no longer running.
        self.store.recover()
        found = self.store.discussion(wanted) if self.store.workspace_of(wanted) == self.workspace else None
        if found is None:
            raise Unknown(f"There is no discussion {wanted!r}.")
        return found

    def current(self) -> str | None:
        return self.store.current(self.workspace)

    def is_current(self, id: str) -> bool:
        return self.current() == id

    def is_running(self, id: str) -> bool:
        """Whether a round or a `/code` runs in it, here or in another server."""
        return id in self.running or self.store.is_running(id)

    def list(self) -> list[tuple[Discussion, Usage]]:
        """The workspace's discussions without their rounds, newest first, each with what it used."""
        self.store.recover()
        return self.store.list_discussions(self.workspace)

    def search(self, query: str) -> list[Found]:
        """The discussions that the query's words are in, newest first (`search.py`)."""
        said: dict[str, list[tuple[int, str | None, str]]] = {}
        for one in self.store.words(self.workspace):
            said.setdefault(one.discussion, []).append((one.round, one.architect, one.text))
        return [
            Found(discussion, usage, shown)
            for discussion, usage in self.list()
            if (shown := excerpts(query, discussion.title, said.get(discussion.id, ()))) is not None
        ]

    # --- beginning and choosing

    def begin(self, folder: str | None = None) -> Discussion:
        """A new discussion, the workspace's current one from now on, as yet without architects: the settings of that
        folder hold for it (`None`: of the first one)."""
        folder = folder or self.configurations.first.folder
        discussion = Discussion(_new_id(), NEW, time.time(), folder=folder)
        self.store.create_discussion(self.workspace, discussion.id, discussion.title, discussion.created, folder)
        self.store.set_current(self.workspace, discussion.id)
        return discussion

    async def new(self, folder: str | None = None) -> Discussion:
        """A new discussion with the architects that are configured in that folder (`None`: in the first one)."""
        return self.lined_up(await self.with_architects(self.begin(folder)))

    def select(self, id: str) -> Discussion:
        """Makes a discussion the workspace's current one."""
        discussion = self.get(id)
        self.store.set_current(self.workspace, discussion.id)
        self.tell(DiscussionUpdated(discussion.id, discussion))
        return discussion

    def rename(self, title: str, id: str | None) -> Discussion:
        """Gives a discussion that title, on one line."""
        discussion = evolve(self.get(id), title=" ".join(title.split()))
        self.store.set_title(discussion.id, discussion.title)
        self.tell(DiscussionUpdated(discussion.id, discussion))
        return discussion

    def delete(self, id: str) -> list[tuple[Discussion, Usage]]:
        """Deletes a discussion with all that is of it but checkpoints; returns those that are left, as `list` does.
        Raises `NotPossible` while it runs."""
        discussion = self.get(id)
        if self.is_running(discussion.id):
            raise NotPossible("This discussion is running: wait for it or cancel it, then delete it.")
        if self.changes.is_writing(discussion.id):
            raise NotPossible("An edit of this discussion is being written: delete it when that is done.")
        was_current = self.is_current(discussion.id)
        for change in self.changes.standing(discussion.id):
            self.changes.reject(change, None, None)  # whoever shows it is told that nothing of it is pending any more
        self.store.delete_discussion(discussion.id)
        self.changes.forget(discussion.id)
        if was_current and (now := self.current()) is not None:
            self.tell(DiscussionUpdated(now, self.get(now)))
        return self.list()

    # --- copying

    async def fork(self, id: str | None, after: int | None) -> Discussion:
        """A copy of a discussion, up to and with round `after` (`None`: whole), the current one from now on. What its
        proposals would edit is placed in the files as they are now. Raises `Unknown`, or `NotPossible` where a round
        that would be copied still runs."""
        original = await self.with_architects(self.get(id))
        rounds = [round for round in original.rounds if after is None or round.number <= after]
        if after is not None and after not in (round.number for round in rounds):
            raise Unknown(f"There is no round {after} in this discussion: it has {len(original.rounds)}.")
        if running := [round.number for round in rounds if not round.finished]:
            raise NotPossible(f"Round {running[0]} is still running: wait for it, or fork after an earlier one.")
        whole = len(rounds) == len(original.rounds)
        fork = Discussion(
            _new_id(),
            f"{original.title} (fork)",
            time.time(),
            original.architects,
            tuple(evolve(round, turns=tuple(map(_free_turn, round.turns))) for round in rounds),
            tuple(
                evolve(coding, usage=Usage.nothing(), repair=_free(coding.repair), change=None)
                for coding in original.codings
                if coding.status is not Status.RUNNING and (whole or coding.after_round < len(rounds))
            ),
            original.folder,
            original.preset,
            decisions=tuple(one for one in original.decisions if whole or one.after_round <= len(rounds)),
            plan=original.plan if whole else None,
        )
        self.store.add_discussion(self.workspace, fork)
        self.store.set_current(self.workspace, fork.id)
        self._propose_anew(original, fork)
        Carrying(self.store, self.changes).carry_over(original, self.get(fork.id))
        fork = self.get(fork.id)
        self.tell(DiscussionUpdated(fork.id, fork))
        return fork

    def _propose_anew(self, original: Discussion, fork: Discussion) -> None:
        """Makes changes of the copy's own of what was proposed in the original."""
        had_edits = {(r.number, turn.number) for r in original.rounds for turn in r.turns if turn.change}
        codings = list(fork.codings)
        coded = {coding.number for coding in original.codings if coding.change}
        shown: tuple[str, ...] = ()
        for round in (*fork.rounds, None):
            while codings and (round is None or codings[0].after_round < round.number):
                coding = codings.pop(0)
                if coding.number in coded:
                    self._code_anew(fork.id, coding, shown)
            if round is not None:
                shown = tuple(round.shown.files)
                for turn in round.turns:
                    if (round.number, turn.number) in had_edits:
                        self._turn_anew(fork.id, round, turn)

    def _turn_anew(self, discussion: str, round: Round, turn: Turn) -> None:
        shown, title = tuple(round.shown.files), title_of_proposal(turn.architect)
        change = self._proposed(discussion, turn.architect, title, turn.proposal or "", shown, turn.repair)
        self.store.finish_turn(discussion, round.number, evolve(turn, change=change))

    def _code_anew(self, discussion: str, coding: Coding, shown: tuple[str, ...]) -> None:
        change = self._proposed(discussion, EDITOR, title_of(coding.message), coding.text, shown, coding.repair)
        self.store.finish_coding(discussion, evolve(coding, change=change))

    def _proposed(
        self, discussion: str, source: str, title: str, text: str, shown: tuple[str, ...], repair: Repair | None
    ) -> str | None:
        """The id of the change that a reply's edits make now, with what its model wrote anew for those that couldn't be
        placed then, should they still not be."""
        proposing = Proposing(self.changes)
        change = proposing.propose(discussion, source, title, text, shown)
        mending = Mending(proposing, lambda: True)
        if repair and repair.status is Status.DONE and (wanted := mending.wanted(change, text, shown)):
            mending.carry_out(wanted, repair)
        return change.id if change else None

    # --- who takes part

    async def with_architects(self, discussion: Discussion, preset: str | None = None) -> Discussion:
        """The discussion with those who take part in it now, or would by that preset; whom the user dropped there, or
        gave a role, keeps that.

        Where nobody is configured it keeps those it has: they may have been chosen for one run.
        """
        configured = (await self.lineup(discussion, preset)).architects
        # Read again: while a local model was looked for, somebody may have been added or dropped.
        kept = self.store.architects(discussion.id) if discussion.id else discussion.architects
        return evolve(discussion, architects=taking_part(configured, kept))

    async def lineup(self, discussion: Discussion, preset: str | None = None) -> Lineup:
        """Who is to take part in a discussion by that preset, or by its own, as is configured."""
        return await self.configurations.of(discussion.folder).lineup(preset or discussion.preset)

    async def add_architect(self, model: str, name: str | None, role: str | None, id: str | None) -> Discussion:
        """Has one more architect take part in the discussion, from its next round on; begins a discussion where there
        is none. Raises `Unknown` for what can't be a model, a name or a role, and for a name that is taken."""
        for key, value in (("model", model), ("name", name), ("role", role)):
            if value is not None and (wrong := wrong_with(key, value)):
                raise Unknown(wrong)
        there_is = id is not None or self.current() is not None
        discussion = await self.with_architects(self.get(id) if there_is else Discussion("", "", 0.0))
        if name is not None and discussion.architect(name):
            raise Unknown(f"There is already an architect {name!r} in this discussion: choose another name.")
        # Whoever spoke under a name has a thread under it.
        spoke = [turn.architect for round in discussion.rounds for turn in round.turns]
        name = name or fill_names([*(one.name for one in discussion.architects), *spoke, None])[-1]
        if not discussion.id:
            discussion = evolve(self.begin(), architects=discussion.architects)
        architect = Architect(name, model, role, added=True)
        return self.lined_up(evolve(discussion, architects=(*discussion.architects, architect)))

    async def set_role(self, name: str, role: str | None, id: str | None) -> Discussion:
        """Gives an architect that role in the discussion, from its next round on; `None` takes back what is configured.
        Raises `Unknown`."""
        if role is not None and (wrong := wrong_with("role", role)):
            raise Unknown(wrong)
        discussion = await self.with_architects(self.get(id))
        architect = architect_of(discussion, name)
        if architect.set_role == role:
            return discussion
        return self.changed(discussion, architect, evolve(architect, set_role=role))

    def changed(self, discussion: Discussion, before: Architect, after: Architect) -> Discussion:
        """The discussion with one of its architects as it is from now on, kept and told."""
        architects = tuple(after if one is before else one for one in discussion.architects)
        return self.lined_up(evolve(discussion, architects=architects))

    def lined_up(self, discussion: Discussion) -> Discussion:
        """Keeps who takes part in the discussion, and tells it."""
        self.store.set_architects(discussion.id, discussion.architects)
        self.tell(DiscussionUpdated(discussion.id, discussion))
        return discussion


def taking_part(configured: tuple[Architect, ...], kept: tuple[Architect, ...]) -> tuple[Architect, ...]:
    """Who takes part in a discussion that has kept these architects: those configured, then those added to it."""
    added = tuple(one for one in kept if one.added)
    others = {one.name.lower(): one for one in kept}
    there = configured or tuple(one for one in kept if not one.added)
    names = {one.name.lower() for one in added}

    def as_here(architect: Architect) -> Architect:
        was = others.get(architect.name.lower())
        return evolve(architect, dropped=was.dropped, set_role=was.set_role) if was else architect

    return (*(as_here(one) for one in there if one.name.lower() not in names), *added)


def architect_of(discussion: Discussion, name: str) -> Architect:
    """The architect of that name. Raises `Unknown`, with the names there are."""
    if architect := discussion.architect(name):
        return architect
    names = ", ".join(one.name for one in discussion.architects) or "none"
    raise Unknown(f"There is no architect {name!r}. The architects are: {names}.")


def title_of(message: str) -> str:
    """What a discussion or a change is called after the message that it began with."""
    first = next((line.strip() for line in message.splitlines() if line.strip()), "Untitled")
    return first if len(first) <= _TITLE_LENGTH else f"{first[: _TITLE_LENGTH - 1].rstrip()}…"


def title_of_proposal(architect: str) -> str:
    return f"{architect}'s proposal"


def _free_turn(turn: Turn) -> Turn:
    """A turn in a copy: nobody was asked for it, and its edits are yet to be placed."""
    return evolve(turn, usage=Usage.nothing(), repair=_free(turn.repair), change=None)


def _free(repair: Repair | None) -> Repair | None:
    return evolve(repair, usage=Usage.nothing()) if repair else None


def _new_id() -> str:
    return uuid4().hex[:12]
