"""What the bench passes around: an edit that was spoilt, the case made of it, and what a placer made of the case.

Lines are without their ends; every text of the bench ends its lines, the last one too, with `\\n`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from attrs import frozen


class Form(StrEnum):
    """The form in which a reply writes its edits."""

    BLOCKS = "SEARCH/REPLACE"
    DIFF = "unified diff"


class Duty(StrEnum):
    """What is right to do with a case."""

    PLACE = "place"
    REFUSE = "refuse"
    LEAVE = "leave as it is"


class Verdict(StrEnum):
    """What a placer did with a case.

    `MEANT` is only given where the edit should have been refused: it was placed, and the text is what its writer had
    in mind. `OTHER` is any other text than that, which is the fault that costs a user work.
    """

    RIGHT = "right"
    REFUSED = "refused"
    MEANT = "as meant"
    OTHER = "wrong"


@frozen
class Spoilt:
    """An edit as a model wrote it, the text it is for, and the right outcome.

    `expected` is the text that is right after a case to place. `meant` are the texts that the edit's writer would have
    been content with, where placing it was a guess. `line` is the line (0-based) that the writer believed it stands at.
    """

    text: str
    search: tuple[str, ...]
    replace: tuple[str, ...]
    duty: Duty
    expected: str = ""
    meant: tuple[str, ...] = ()
    line: int = 0
    how: str = ""


@frozen
class Case:
    """A spoilt edit in a reply. `fence` is what the reply's fences are written with."""

    kind: str
    form: Form
    path: str
    spoilt: Spoilt
    reply: str
    fence: str


@frozen
class Outcome:
    """What a placer made of a reply: the text after, `None` where it refused all of it, and how long it took.

    `seconds` has one figure for each repetition. `hints` counts the refused edits with which lines of the file were
    shown, `already` whether it said that the edit was applied before.
    """

    text: str | None
    seconds: tuple[float, ...]
    hints: int = 0
    already: bool = False
    failure: str = ""


def as_text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
