"""One round that is held, or a retry in one: its engine, its driver, and what both need to know of the changes that the
architects' proposals become.

Who takes part and by which mixture is the session's; what is asked when, the engine's (`discussion/engine.py`); how it
is carried out, the driver's (`driver.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import Factory, field, frozen

from moa_lsp.discussion.concern import unconcerned
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.mixture import Mixture
from moa_lsp.discussion.values import Architect, Discussion, Round, Turn
from moa_lsp.edits.change import Change
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.prompts import task_text
from moa_lsp.session.agreement import same_edits
from moa_lsp.session.arriving import ArrivingEdits
from moa_lsp.session.changes import Changes
from moa_lsp.session.discussions import title_of_proposal
from moa_lsp.session.driver import RoundDriver
from moa_lsp.session.events import Event
from moa_lsp.session.proposing import Proposing
from moa_lsp.session.repair import Mending
from moa_lsp.session.settling import Settling
from moa_lsp.session.weighing import Earlier, weighed
from moa_lsp.store.decided import Conformity
from moa_lsp.store.store import Store


@frozen
class Holding:
    """Makes the driver of one round. `system` gives an architect's system message."""

    models: ModelDoor
    store: Store
    changes: Changes
    mending: Mending
    system: Callable[[Architect], str]
    settling: Settling
    tell: Callable[[Event], None]
    proposing: Proposing = field(default=Factory(lambda self: Proposing(self.changes), takes_self=True), init=False)

    def driver(
        self, discussion: Discussion, round: Round, mixture: Mixture, retrying: Turn | None = None
    ) -> RoundDriver:
        """The driver of that round. With `retrying`, a failed turn of it, whom the mixture names is asked in its
        place."""
        shown = tuple(round.shown.files)

        def changes(turns: Sequence[Turn]) -> list[Change | None]:
            ids = [driver.change_of(turn) for turn in turns]
            return [self.changes.get(id) if id else None for id in ids]

        def touched(round: Round) -> list[str]:
            proposed = [file for change in changes(round.turns) if change for file in change.files]
            return [*shown, *(file.path for file in proposed)]

        def propose(turn: Turn) -> Change | None:
            title = title_of_proposal(turn.architect)
            change = self.proposing.propose(discussion.id, turn.architect, title, turn.proposal or "", shown)
            if change:
                before = [one for one in engine.round.turns if one.number < turn.number and _is_by(one, turn)]
                self._supersede([one for one in changes(before) if one], turn.architect)
            return change

        def weigh(turn: Turn) -> Turn:
            earlier = [Earlier(held.number, one) for held in discussion.rounds for one in held.turns]
            earlier = [one for one in earlier if one.round != round.number]
            earlier += [Earlier(round.number, one) for one in driver.finished if one.number != turn.number]
            came = weighed(turn, earlier, self.changes.get)
            if came.kept or came.given_up:
                of = Conformity(turn.model, mixture.blind, came.kept, came.given_up)
                self.store.count_conformity(discussion.id, round.number, turn.number, of)
            # Only now: what is set aside can't be mended any more.
            if change := self.changes.get(turn.change) if turn.change else None:
                self.settling.hold_to(change, round.shown.selection)
            return came.turn

        engine = RoundEngine(
            discussion,
            round,
            mixture,
            self.system,
            retrying,
            task_text,
            lambda architect, round: unconcerned(architect, touched(round)),
            lambda turns: same_edits(changes(turns)),
        )
        driver = RoundDriver(
            engine,
            self.models,
            self.store,
            self.tell,
            propose,
            self.mending,
            lambda architect: ArrivingEdits(self.proposing, discussion.id, architect, shown, self.tell),
            weigh,
        )
        return driver

    def _supersede(self, changes: Sequence[Change], architect: str) -> None:
        """Turns down what an architect proposed earlier in the round, since it wrote its proposal anew: else the same
        lines would wait several times over. Whoever wants that after all can take it up again."""
        for change in changes:
            if change.is_open:
                self.changes.reject(change, None, f"{architect} wrote its proposal anew in the same round.")


def _is_by(one: Turn, other: Turn) -> bool:
    return one.architect.lower() == other.architect.lower()
