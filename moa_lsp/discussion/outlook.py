"""What a mixture looks like before anybody is asked: its drawing, its calls, and what they may take. Pure.

Seconds and prices of one call are handed in by whoever knows them; how they add up is here: one after the other they
are added, side by side the longest counts.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from attrs import frozen

from moa_lsp.discussion.mixture import Floor, Mixture, Order, Stage, speakers
from moa_lsp.discussion.values import Architect

_LONGEST_DRAWN = 5
"""Names drawn of one stage; of more the number is drawn."""


@frozen
class Held:
    """A stage with those who speak in it, and how often it is held at the most."""

    stage: Stage
    architects: tuple[Architect, ...]
    most: int

    @property
    def is_parallel(self) -> bool:
        return self.stage.order is Order.PARALLEL and len(self.architects) > 1


def held(mixture: Mixture, architects: tuple[Architect, ...]) -> tuple[Held, ...]:
    """The stages in which somebody speaks, in order."""
    stages: list[Held] = []
    for at, stage in enumerate(mixture.stages):
        # A verdict is given on each pass of the stage before it.
        passes = mixture.stages[at - 1].passes if stage.decides and at else stage.passes
        if speaking := speakers(stage, architects, mixture):
            stages.append(Held(stage, speaking, passes))
    return tuple(stages)


def calls(mixture: Mixture, architects: tuple[Architect, ...]) -> tuple[int, int]:
    """How many calls one message takes, at least and at most; without repairs and retries."""
    stages = held(mixture, architects)
    most = sum(len(one.architects) * one.most for one in stages)
    least = sum(len(one.architects) for one in stages)
    if mixture.stop_when_agreed and stages and len(stages[0].architects) > 1:
        least = len(stages[0].architects)
    elif any(one.stage.decides for one in stages[1:2]):
        answers = sum(len(one.architects) for one in stages if one.stage.acts)
        least = len(stages[0].architects) + len(stages[1].architects) + answers
    return least, most


def expected(
    mixture: Mixture, architects: tuple[Architect, ...], seconds: Callable[[Architect], float | None]
) -> float | None:
    """The seconds that one message takes with each stage held once; `None` where one of them isn't known."""
    total = 0.0
    for one in held(mixture, architects):
        each = [seconds(architect) for architect in one.architects]
        known = [value for value in each if value is not None]
        if len(known) < len(each):
            return None
        if one.is_parallel:
            total += max(known) * ceil(len(known) / mixture.concurrency)
        else:
            total += sum(known)
    return total


def price(
    mixture: Mixture, architects: tuple[Architect, ...], usd: Callable[[Architect], float | None]
) -> float | None:
    """The US dollars that one message costs with each stage held once; `None` where a price isn't known."""
    each = [usd(architect) for one in held(mixture, architects) for architect in one.architects]
    known = [value for value in each if value is not None]
    return sum(known) if len(known) == len(each) else None


def drawing(mixture: Mixture, architects: tuple[Architect, ...]) -> str:
    """Who is asked when, on one line: `→` is one after the other, `∥` side by side, `⇄` back and forth and `↻` several
    times."""
    drawn: list[str] = []
    for one in held(mixture, architects):
        if one.stage.decides and drawn:
            drawn[-1] += f" ⇄ {_names(one, ' → ')}"
            continue
        text = f"({_names(one, ' ∥ ')})" if one.is_parallel else _names(one, " → ")
        repeats = one.most > 1 and not _is_decided_about(mixture, one.stage)
        if repeats:
            mark = "until done" if mixture.floor is Floor.UNTIL_DONE else f"↻ {one.most}"
            text = f"{text} {mark}"
        drawn.append(text)
    return " → ".join(drawn)


def _is_decided_about(mixture: Mixture, stage: Stage) -> bool:
    after = dict(zip(mixture.stages, mixture.stages[1:], strict=False)).get(stage)
    return after is not None and after.decides


def _names(one: Held, between: str) -> str:
    if len(one.architects) > _LONGEST_DRAWN:
        return f"{len(one.architects)} architects"
    return between.join(architect.name for architect in one.architects)
