"""A workspace's session: what each of the contract's commands does, whatever door it came through.

One run (a round or a `/code`) at a time in a discussion: a second one is refused while the first is running, so
that a double click costs nothing and nothing interleaves. Dropping the architect that speaks stops it, and the
round goes on with the next.

Arguments arrive here validated in shape; names and ids that don't exist are refused here (`Unknown`). How
arguments and results look on the wire is `lsp/`'s; writing into the workspace is the editor's (`lsp/apply.py`).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from attrs import evolve, field, frozen, mutable

from moa_lsp.context.roles import Library, Role
from moa_lsp.context.snapshot import Candidate, Gathered, LeftOut
from moa_lsp.discussion.mixture import Mixture, only
from moa_lsp.discussion.names import EDITOR
from moa_lsp.discussion.plan import plan_text
from moa_lsp.discussion.thread import coding_message
from moa_lsp.discussion.values import (
    Architect,
    Coding,
    Discussion,
    Message,
    Round,
    Selection,
    Snapshot,
    Status,
    Turn,
)
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.middleware.spans import round_span
from moa_lsp.models.catalogue import no_architects_message
from moa_lsp.models.model import Call
from moa_lsp.prompts import editor_prompt, seat_prompt
from moa_lsp.session.arriving import ArrivingEdits
from moa_lsp.session.changes import Changes
from moa_lsp.session.coding import CodingDriver
from moa_lsp.session.configuration import Configuration, Configurations
from moa_lsp.session.deciding import Deciding
from moa_lsp.session.disagreement import is_taken
from moa_lsp.session.discussions import NEW, Discussions, architect_of, title_of
from moa_lsp.session.driver import RoundDriver
from moa_lsp.session.estimates import Estimate, estimates
from moa_lsp.session.events import (
    ChangeReady,
    CodeFinished,
    CodeWaiting,
    DiscussionUpdated,
    Event,
    RepairStarted,
    TurnFinished,
    TurnStarted,
    TurnWaiting,
)
from moa_lsp.session.holding import Holding
from moa_lsp.session.models_to_pick import ModelToPick, models_to_pick
from moa_lsp.session.planning import Plan
from moa_lsp.session.presets import Presets
from moa_lsp.session.proposing import Proposing
from moa_lsp.session.repair import Mending
from moa_lsp.session.retrying import to_retry
from moa_lsp.session.roles import WrittenRoles
from moa_lsp.session.run import NotPossible, Run, Stopped, Unknown
from moa_lsp.settings.settings import Settings
from moa_lsp.store.store import Store

DEFAULT_CODE_MESSAGE = "Implement what was agreed."


@frozen
class PointedAt:
    """A selection as the editor gives it: a file, and 1-based lines, both included."""

    path: str
    first: int
    last: int


@frozen
class Held:
    """A round that was held: in which discussion, what it came to, and the files that were left out of it."""

    discussion: str
    round: Round
    left_out: tuple[LeftOut, ...]


@mutable
class Session:
    """The commands of one workspace. `gather` reads the files to be shown; `tell` is told of every event. `library`
    reads the roles that hold in a workspace folder, and `choose` has the user take one of a few answers (`None`: none
    of them). `saved_presets` is the configuration folder, in which the user's presets are kept."""

    workspace: str
    store: Store
    models: ModelDoor
    configurations: Configurations
    changes: Changes
    gather: Callable[[Sequence[Candidate]], Gathered]
    open_paths: Callable[[], list[str]]
    tell: Callable[[Event], None]
    warn: Callable[[str], None]
    library: Callable[[str | None], Library]
    choose: Callable[[str, Sequence[str]], Awaitable[str | None]]
    saved_presets: Path
    discussions: Discussions = field(init=False)
    presets: Presets = field(init=False)
    deciding: Deciding = field(init=False)
    _running: dict[str, Run] = field(factory=dict[str, Run], init=False)
    _rounds: dict[str, RoundDriver] = field(factory=dict[str, RoundDriver], init=False)

    def __attrs_post_init__(self) -> None:
        self.discussions = Discussions(
            self.workspace, self.store, self.changes, self.configurations, self.tell, self._running
        )
        self.presets = Presets(self.discussions, self.saved_presets)
        self.deciding = Deciding(self.store, self.changes, self.discussions, self._running, self.tell)

    # --- discussions

    def discussion(self, id: str | None) -> Discussion:
        """The discussion of that id, or the workspace's current one. Raises `Unknown`."""
        return self.discussions.get(id)

    def current(self) -> str | None:
        return self.discussions.current()

    async def droppable(self) -> tuple[Architect, ...]:
        """The architects of the current discussion that aren't dropped, or of the next one where there is none."""
        current = self.current()
        empty = Discussion("", "", 0.0)
        return (await self._with_architects(self.discussion(current) if current else empty)).speaking

    def settings_of(self, id: str | None) -> Settings:
        """The settings that hold for a discussion; without one, those of the first folder."""
        return self._configuration_of(id).settings

    def _configuration_of(self, id: str | None) -> Configuration:
        return self.configurations.of(self.store.folder(id) if id is not None else None)

    def roles_of(self, id: str | None) -> tuple[Role, ...]:
        """The library of roles as it is for a discussion, or for the current one."""
        known = id if id is not None else self.current()
        return self.library(self.discussion(known).folder if known is not None else None).roles

    async def set_dropped(self, name: str, dropped: bool, id: str | None) -> Discussion:
        """Drops or restores an architect. A turn it has running is stopped. Raises `Unknown` for a name nobody
        bears."""
        discussion = await self._with_architects(self.discussion(id))
        architect = architect_of(discussion, name)
        if architect.dropped is not dropped:
            discussion = self.discussions.changed(discussion, architect, evolve(architect, dropped=dropped))
        if dropped and (driver := self._rounds.get(discussion.id)):
            driver.drop(architect.name)
        return discussion

    def cancel(self, id: str | None) -> Discussion:
        """Stops the run in progress, if there is one."""
        discussion = self.discussion(id)
        if run := self._running.get(discussion.id):
            run.cancel()
        return discussion

    @property
    def running(self) -> tuple[str, ...]:
        """The discussions in which something runs here."""
        return tuple(self._running)

    def cancel_all(self) -> None:
        for run in self._running.values():
            run.cancel()

    async def idle(self) -> None:
        """Waits until nothing runs."""
        for run in list(self._running.values()):
            await run.over.wait()

    # --- a round

    async def discuss(
        self,
        run: Run,
        message: str,
        id: str | None,
        files: Sequence[str] | None,
        selection: PointedAt | None,
        folder: str | None = None,
        preset: str | None = None,
    ) -> Held:
        """One round. `folder` is the one whose settings hold for a discussion that is begun for it. With a `preset`
        this one is held by that, and the discussion keeps its own. Raises `Unknown`, `NotPossible` or `Stopped`."""
        # All that can be refused is refused before a discussion is begun for it.
        found = self.discussion(id) if id is not None or self.current() else Discussion("", "", 0.0, folder=folder)
        self.presets.check(preset, found)
        found = await self._with_architects(found, preset)
        run.check()
        if not found.speaking:
            raise NotPossible(_nobody(found))
        gathered = self._gathered(found, files, selection)
        with self._claim(found.id or self.current() or self.discussions.begin(folder).id, run) as claimed:
            own = await self._with_architects(self.discussion(claimed))
            if not own.rounds and not own.codings and own.title == NEW:
                own = evolve(own, title=title_of(message))
                self.store.set_title(own.id, own.title)
            self.store.set_architects(own.id, own.architects)
            self.tell(DiscussionUpdated(own.id, own))
            discussion = await self._with_architects(own, preset) if preset else own
            lineup = await self.discussions.lineup(own, preset)
            if lineup.role_model is not None:
                # Those of a preset for one message alone hold for that message.
                keep = self.discussions.lined_up if preset is None else _as_it_is
                writing = self._roles.agreed(run, discussion, lineup.role_model, message, gathered.snapshot, keep)
                try:
                    discussion = await writing
                except (NotPossible, Stopped):
                    run.over_with(lambda: self.tell(DiscussionUpdated(own.id, self.discussion(own.id))))
                    raise
            number = self.store.start_round(own.id, message, gathered.snapshot, time.time(), lineup.preset)
            round = Round(number, message, gathered.snapshot, preset=lineup.preset)
            return Held(own.id, await self._driven(run, discussion, round, lineup.mixture), gathered.left_out)

    async def write_roles(self, run: Run, message: str, id: str | None, files: Sequence[str] | None) -> Discussion:
        """Has a role written for each architect of a preset that wants them written, for this message. Raises
        `Unknown`, `NotPossible` or `Stopped`."""
        discussion = self.discussion(id) if id is not None or self.current() else self.discussions.begin()
        with self._claim(discussion.id, run):
            discussion = await self._with_architects(self.discussion(discussion.id))
            lineup = await self.discussions.lineup(discussion)
            if lineup.role_model is None:
                words = f"The preset {lineup.preset!r} has no roles written: that is for layers that differ by role."
                raise NotPossible(words)
            anew = evolve(discussion, architects=tuple(evolve(one, set_role=None) for one in discussion.architects))
            shown = self._gathered(discussion, files, None).snapshot
            return self.discussions.lined_up(await self._roles.written(run, anew, lineup.role_model, message, shown))

    @property
    def _roles(self) -> WrittenRoles:
        return WrittenRoles(self.models, self.store, self.choose)

    async def retry(self, run: Run, name: str, id: str | None) -> Held:
        """Asks an architect once more for its last turn in the last round, which failed or was cancelled. Raises
        `Unknown`, `NotPossible` or `Stopped`."""
        discussion = await self._as_last_held(self.discussion(id))
        with self._claim(discussion.id, run):
            discussion = await self._as_last_held(self.discussion(discussion.id))
            run.check()
            round, failed = to_retry(discussion, architect_of(discussion, name))
            self.store.reopen_round(discussion.id, round.number)
            lineup = await self.discussions.lineup(discussion, round.preset or None)
            mixture = evolve(only(failed.architect), blind=lineup.mixture.blind)
            return Held(discussion.id, await self._driven(run, discussion, round, mixture, failed), ())

    async def _as_last_held(self, discussion: Discussion) -> Discussion:
        """The discussion with those who took part in its last round."""
        last = discussion.rounds[-1].preset if discussion.rounds else ""
        return await self._with_architects(discussion, last or None)

    async def _driven(
        self, run: Run, discussion: Discussion, round: Round, mixture: Mixture, retrying: Turn | None = None
    ) -> Round:
        """Drives a round, or a retry in one, to its end. Raises `Stopped`."""
        before = round.turns
        system, mending = self._system(discussion.folder), self._mending(discussion)
        settling = self.deciding.settling
        holding = Holding(self.models, self.store, self.changes, mending, system, settling, self._telling(run))
        driver = holding.driver(discussion, round, mixture, retrying)
        run.stops_by(driver.cancel)
        self._rounds[discussion.id] = driver
        try:
            with round_span(discussion.id, round.number, round.preset):
                round = await driver.run()
        finally:
            del self._rounds[discussion.id]
        if run.cancelled and any(_was_stopped(turn) for turn in round.turns[len(before) :]):
            raise Stopped
        return round

    def _system(self, folder: str | None) -> Callable[[Architect], str]:
        """What an architect's system message is, with the roles that hold in that folder."""
        library = self.library(folder)
        return lambda one: seat_prompt(one.seat, one.name, library.text_of(one.plays) if one.plays else None)

    def _telling(self, run: Run) -> Callable[[Event], None]:
        """Tells of events, the run's own listener too, and of who speaks and who waits in its progress."""
        speaking: list[str] = []

        def tell(event: Event) -> None:
            match event:
                case TurnStarted(architect=architect):
                    speaking.append(architect)
                    run.report(_thinking(speaking))
                case TurnFinished(turn=turn):
                    speaking.remove(turn.architect)
                    if speaking:
                        run.report(_thinking(speaking))
                case RepairStarted(architect=architect, problems=problems):
                    edits = "1 edit" if len(problems) == 1 else f"{len(problems)} edits"
                    run.report(f"{architect or 'The editor model'} is asked once more for {edits}")
                case TurnWaiting(seconds=0, reason=reason):
                    run.report(reason)  # it thinks unseen
                case TurnWaiting(architect=architect, seconds=seconds, reason=reason):
                    run.report(f"{architect} waits {seconds:.0f} s: {reason}")
                case CodeWaiting(seconds=seconds, reason=reason):
                    run.report(f"Waiting {seconds:.0f} s: {reason}" if seconds else reason)
                case _:
                    pass
            run.heard(event)
            self.tell(event)

        return tell

    def _mending(self, discussion: Discussion, taken: Sequence[Proposed] = ()) -> Mending:
        on = self.configurations.of(discussion.folder)
        return Mending(Proposing(self.changes, taken), lambda: on.settings.repair)

    # --- the implementation

    async def code(self, run: Run, message: str | None, id: str | None, files: Sequence[str] | None) -> Change:
        """One `/code`. Where everything is decided and placed, and the user wants nothing else, it is put together
        without a model. Raises `Unknown`, `NotPossible` (the editor model failed, and why) or `Stopped`."""
        discussion = self.discussion(id)
        with self._claim(discussion.id, run):
            discussion = await self._with_architects(self.discussion(discussion.id))
            run.check()
            plan = self.deciding.plan(discussion.id)
            if plan.free and not (message or "").strip():
                return self.deciding.carry_out(plan, self._telling(run))
            editor = (await self.discussions.lineup(discussion)).editor_of(discussion.architects)
            if editor is None:
                raise NotPossible(no_architects_message())
            gathered = self._gathered(discussion, files, None)
            for left in gathered.left_out:
                self.warn(f"{left.path} is not shown to the editor model: {left.reason}")
            message = message or DEFAULT_CODE_MESSAGE
            after = max((round.number for round in discussion.rounds), default=0)
            number = self.store.start_coding(discussion.id, after, message, editor.model)
            shown, tell = tuple(gathered.snapshot.files), self._telling(run)
            mending = self._mending(discussion, [one for one in plan.settled if is_taken(one.hunk)])
            driver = CodingDriver(
                discussion.id,
                Coding(number, after, message, editor.model),
                Call(editor, _to_code(discussion, gathered.snapshot, message, plan), discussion.id),
                self.models,
                self.store,
                tell,
                lambda coding: mending.proposing.propose(
                    discussion.id, EDITOR, title_of(coding.message), coding.text, shown
                ),
                mending,
                shown,
                ArrivingEdits(Proposing(self.changes), discussion.id, None, shown, tell),
            )
            run.stops_by(driver.cancel)
            coding = await driver.run()
            return self._coded(discussion.id, coding, tell)

    def _coded(self, discussion: str, coding: Coding, tell: Callable[[Event], None]) -> Change:
        change = self.changes.get(coding.change) if coding.change else None
        self.store.finish_coding(discussion, coding)
        if change:
            tell(ChangeReady(discussion, change))
        tell(CodeFinished(discussion, coding))
        if _was_stopped(coding):
            raise Stopped
        if coding.error:
            raise NotPossible(coding.error.message)
        if change is None:
            raise NotPossible("The editor model's reply held no edits. It is kept in the discussion; try /code again.")
        return change

    # --- before anything is sent

    async def models_to_pick(self) -> list[ModelToPick]:
        """The models that a user can pick from, ready ones first."""
        return await models_to_pick(self._configuration_of(self.current()), self.models)

    async def expect_a_call(self) -> None:
        """Gets the worker ready while the user still types: its start takes seconds (measured)."""
        architects = await self._configuration_of(self.current()).architects()
        if any(self.models.needs_worker(one.model) for one in architects):
            await self.models.warm()

    async def estimate(
        self,
        message: str,
        files: Sequence[str] | None,
        id: str | None = None,
        *,
        code: bool = False,
        preset: str | None = None,
    ) -> list[Estimate]:
        """What each call would cost to read, were this message sent now, by that preset or the discussion's own; or,
        for a `/code` with it, the editor model's. Raises `Unknown`."""
        known = id if id is not None else self.current()
        found = self.discussion(known) if known is not None else Discussion("", "", 0.0)
        self.presets.check(preset, found)
        discussion = await self._with_architects(found, preset)
        lineup = await self.discussions.lineup(found, preset)
        shown = self._gathered(discussion, files, None).snapshot
        if not code:
            system = self._system(discussion.folder)
            return await estimates(self.models, discussion, lineup.mixture, message, shown, system)
        editor = lineup.editor_of(discussion.architects)
        plan = self.deciding.plan(known) if known is not None else None
        if editor is None or (plan and plan.free and not message.strip()):
            return []
        call = Call(editor, _to_code(discussion, shown, message or DEFAULT_CODE_MESSAGE, plan))
        return [Estimate(EDITOR, editor.model, *await self.models.estimate(call))]

    # --- what all of them need

    def _claim(self, discussion: str, run: Run) -> _Claim:
        if discussion in self._running:
            raise NotPossible("A round is already running in this discussion: wait for it, or cancel it first.")
        return _Claim(self._running, discussion, run)

    async def _with_architects(self, discussion: Discussion, preset: str | None = None) -> Discussion:
        return await self.discussions.with_architects(discussion, preset)

    def _gathered(self, discussion: Discussion, files: Sequence[str] | None, selection: PointedAt | None) -> Gathered:
        """The files to show: those named (or, where none are, those open in the editor), and those shown before."""
        named = list(dict.fromkeys([*(files or ()), *([selection.path] if selection else ())]))
        candidates = [Candidate(path, named=True) for path in named]
        others = [] if files is not None else self.open_paths()
        shown = list(discussion.rounds[-1].shown.files) if discussion.rounds else []
        others = [path for path in dict.fromkeys([*shown, *others]) if path not in named]
        gathered = self.gather([*candidates, *(Candidate(path, named=False) for path in others)])
        for left in gathered.left_out:
            if left.path in named:
                raise Unknown(f"{left.path}: {left.reason}")
        if selection:
            lines = gathered.snapshot.files[selection.path].split("\n")[selection.first - 1 : selection.last]
            pointed = Selection(selection.path, selection.first, selection.last, "\n".join(lines))
            return evolve(gathered, snapshot=Snapshot(gathered.snapshot.files, pointed))
        return gathered


@mutable
class _Claim:
    """A discussion is one run's until the run is over."""

    running: dict[str, Run]
    discussion: str
    run: Run

    def __enter__(self) -> str:
        self.running[self.discussion] = self.run
        return self.discussion

    def __exit__(self, *_: object) -> None:
        del self.running[self.discussion]
        self.run.end()


def _to_code(discussion: Discussion, shown: Snapshot, message: str, plan: Plan | None = None) -> tuple[Message, ...]:
    """What the editor model is sent for a `/code`; with the plan where the user made it theirs."""
    steps = plan_text(plan.steps) if plan and plan.edited else ""
    return Message("system", editor_prompt()), Message("user", coding_message(discussion, shown, message, steps))


def _thinking(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} thinking"


def _as_it_is(discussion: Discussion) -> Discussion:
    return discussion


def _nobody(discussion: Discussion) -> str:
    if discussion.architects:
        names = ", ".join(one.name for one in discussion.architects)
        return f"All architects are dropped ({names}): restore one to go on."
    return no_architects_message()


def _was_stopped(ended: Turn | Coding) -> bool:
    """Whether the user stopped it, in its reply or in the repair of it."""
    return Status.CANCELLED in (ended.status, ended.repair.status if ended.repair else None)
