"""Asks the model that wrote edits which can't be placed for these once more: whether, with what, and what came of it.

Rules: at the most one request for a reply, and none for what no rewriting can mend; what placed stays placed; a request
that fails, or that the user stops, costs the reply nothing; nobody but this model ever sees the exchange. The driver
of the round or the `/code` makes the call. What the model is told is `moa_lsp/edits/placing/repair.py`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from attrs import evolve, field, frozen, mutable

from moa_lsp.discussion.engine import CUT
from moa_lsp.discussion.values import Failure, Message, Repair, Status, Usage
from moa_lsp.edits.change import Change
from moa_lsp.edits.placing.repair import FAILED, Standing, repair_message
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import Problem
from moa_lsp.models.errors import shortfall
from moa_lsp.models.model import Call, Chunk, Done, ToolCalls, Waiting, Words
from moa_lsp.models.replay import is_replay
from moa_lsp.session.events import CodeWaiting, Event, RepairFinished, RepairStarted, TurnWaiting
from moa_lsp.session.proposing import Proposing


@frozen
class Wanted:
    """A repair to ask for: of which reply's change, for which of its problems, the message that asks, and the files
    that the model was shown."""

    change: Change
    reply: str
    problems: tuple[Problem, ...]
    asked: str
    shown: tuple[str, ...]


@mutable
class Mending:
    """Finds what can be mended in a workspace's new changes. `on` says whether it is wanted at all."""

    proposing: Proposing
    on: Callable[[], bool]

    def wanted(self, change: Change | None, reply: str, shown: Collection[str]) -> Wanted | None:
        """The repair to ask for, if there is one. `reply` is the text that the change was made of; `shown` are the
        files that its model has been shown: of no other does the request hold a line."""
        if change is None or not self.on():
            return None
        problems = tuple(one for one in change.problems if self._mendable(one, shown))
        if not problems:
            return None
        files: dict[str, Standing] = {}
        for path in {one.file for one in problems if one.file in shown}:
            text = self.proposing.changes.align(path) if path else None
            if path and text is not None:
                hunks = next((file.hunks for file in change.files if file.path == path), ())
                files[path] = Standing(text, hunks)
        return Wanted(change, reply, problems, repair_message(reply, problems, files), tuple(shown))

    def _mendable(self, problem: Problem, shown: Collection[str]) -> bool:
        """Whether a rewriting may help: the edit could be named (its line is known), its file may be edited, and the
        model knows it, or it isn't there and a path was mistaken."""
        if problem.notice or problem.final or problem.line is None:
            return False
        path = problem.file
        if path is None:
            return True
        return self.proposing.changes.texts.refusal(path) is None and (
            path in shown or self.proposing.changes.align(path) is None
        )

    def carry_out(self, wanted: Wanted, repair: Repair) -> tuple[int, int]:
        """Puts what came of the request into the change: how many edits were placed, and how many still aren't."""
        if repair.status is Status.DONE:
            _, placed, left = self.proposing.repaired(
                wanted.change, wanted.reply, repair.text, wanted.problems, wanted.shown
            )
            return placed, left
        if repair.error:
            self.proposing.noted(wanted.change, FAILED.format(reason=repair.error.message))
        return 0, len(wanted.problems)


@mutable
class Repairing:
    """One repair under way. It tells of its beginning and its end; `architect` is `None` for the editor model."""

    mending: Mending
    wanted: Wanted
    reply_to: Call
    text: str
    discussion: str
    architect: str | None
    tell: Callable[[Event], None]
    clock: Callable[[], float] = time.monotonic
    _began: float = field(default=0.0, init=False)
    _text: list[str] = field(factory=list[str], init=False)

    def begin(self) -> Call:
        """Tells that it begins, and returns the call to make: all that the model was sent, its reply whole, and the
        request."""
        self._began = self.clock()
        self.tell(RepairStarted(self.discussion, self.architect, self.wanted.problems))
        more = (Message("assistant", self.text), Message("user", self.wanted.asked))
        return evolve(self.reply_to, messages=(*self.reply_to.messages, *more), repairs=True)

    def take(self, chunk: Chunk) -> Repair | None:
        """Takes what came of the call; the repair, once it is over."""
        match chunk:
            case Waiting(seconds, reason):
                name = self.architect
                of = self.discussion
                self.tell(TurnWaiting(of, name, seconds, reason) if name else CodeWaiting(of, seconds, reason))
            case Words(text):
                self._text.append(text)
            case Done(finish, usage):
                text = "".join(self._text)
                failure = shortfall_of_edits(finish, text)
                return self.failed(failure, usage) if failure else self._end(Status.DONE, usage)
            case ToolCalls():
                pass  # no tools are offered
        return None

    def failed(self, failure: Failure, usage: Usage) -> Repair:
        return self._end(Status.FAILED, usage, failure)

    def stopped(self) -> Repair:
        replay = is_replay(self.reply_to.architect.model)
        return self._end(Status.CANCELLED, Usage.nothing() if replay else Usage())

    def _end(self, status: Status, usage: Usage, failure: Failure | None = None) -> Repair:
        seconds = self.clock() - self._began
        repair = Repair(self.wanted.asked, status, "".join(self._text), usage, seconds, failure)
        placed, left = self.mending.carry_out(self.wanted, repair)
        self.tell(RepairFinished(self.discussion, self.architect, placed, left, repair))
        return repair


def is_whole(text: str) -> bool:
    """Whether a reply of edits is whole by what stands in it: a good edit before one that broke off doesn't make it
    so."""
    reading = read_edits(text)
    return bool(reading.blocks) and all(problem.notice for problem in reading.problems)


def shortfall_of_edits(finish: str | None, text: str) -> Failure | None:
    """What a reply of edits that ended so falls short of, if it does. Where the provider doesn't say that it is whole,
    its own edits have to."""
    failure = shortfall(finish, text)
    return CUT if failure is None and finish is None and not is_whole(text) else failure
