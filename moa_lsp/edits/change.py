"""A pending change: the edits that one reply asked for, and where each of them stands.

What `edits/` placed becomes a `Change` here, with what a restart needs: the text its hunks' lines are counted in, and
the text from before and after the last apply, so that undo works in the next run too. A change is a frozen value;
who moves hunks along with the text is `session/changes.py`, who keeps them is `store/`. How it looks on the wire isn't
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from moa_lsp.edits.values import FileChange, HunkStatus, Problem


class ChangeStatus(StrEnum):
    """How a change as a whole stands. The names are the wire's."""

    PENDING = "pending"
    APPLIED = "applied"
    PARTLY_APPLIED = "partly-applied"
    REJECTED = "rejected"
    STALE = "stale"


@frozen
class Change:
    """The edits of one reply. `source` names who proposed them, `title` is for people.

    `reasons` are what the user gave for rejecting hunks, in order. `base` maps each path to the text that its hunks'
    line numbers are counted in, `None` where there is no file. `written` maps a path to its text before and after
    the last apply (or undo); `None` again stands for no file. Texts have the files' own line ends.
    """

    id: str
    discussion: str
    source: str
    title: str
    files: tuple[FileChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    reasons: tuple[str, ...] = ()
    base: Mapping[str, str | None] = field(factory=dict[str, str | None])
    written: Mapping[str, tuple[str | None, str | None]] = field(factory=dict[str, tuple[str | None, str | None]])

    @property
    def status(self) -> ChangeStatus:
        """What the hunks' statuses add up to; the first line that fits:

        | the hunks                                        | the change     |
        | ------------------------------------------------ | -------------- |
        | all applied                                      | applied        |
        | some applied                                     | partly-applied |
        | some pending                                     | pending        |
        | some stale                                       | stale          |
        | all rejected                                     | rejected       |
        | none at all: no edit of the reply could be placed | stale          |
        """
        statuses = {hunk.status for file in self.files for hunk in file.hunks}
        if statuses == {HunkStatus.APPLIED}:
            return ChangeStatus.APPLIED
        if HunkStatus.APPLIED in statuses:
            return ChangeStatus.PARTLY_APPLIED
        if HunkStatus.PENDING in statuses:
            return ChangeStatus.PENDING
        if statuses == {HunkStatus.REJECTED}:
            return ChangeStatus.REJECTED
        return ChangeStatus.STALE

    @property
    def is_open(self) -> bool:
        """Whether something of it may still be applied, now (pending) or once the text fits again (stale)."""
        open_ = (HunkStatus.PENDING, HunkStatus.STALE)
        return any(hunk.status in open_ for file in self.files for hunk in file.hunks)
