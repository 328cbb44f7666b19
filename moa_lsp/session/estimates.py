"""What a message would cost to read, before anything is sent: one row for each call that it takes.

Only what is sent now can be counted: what the architects will say, and so show each other, is yet to be said. Who is
asked when is the mixture's data, and what each is sent is `discussion/thread.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from moa_lsp.discussion.mixture import Mixture
from moa_lsp.discussion.outlook import held
from moa_lsp.discussion.thread import messages_to, next_message
from moa_lsp.discussion.values import Architect, Discussion, Round, Snapshot
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.models.model import Call
from moa_lsp.prompts import task_text


@frozen
class Estimate:
    """What one architect's next message would cost to read: input tokens and US dollars, `None` where unknown. `stage`
    is what the part of the round is called that it would speak in."""

    architect: str
    model: str
    input_tokens: int | None
    cost_usd: float | None
    stage: str = ""


async def estimates(
    models: ModelDoor,
    discussion: Discussion,
    mixture: Mixture,
    message: str,
    shown: Snapshot,
    system: Callable[[Architect], str],
) -> list[Estimate]:
    """One row for each call that this message would take, each stage held once."""
    number = max((round.number for round in discussion.rounds), default=0) + 1
    rows: list[Estimate] = []
    for part in held(mixture, discussion.architects):
        task = task_text(part.stage.task) if part.stage.task else ""
        for architect in part.architects:
            asked = next_message(discussion, Round(number, message, shown), architect.name, part.stage.sees, task)
            call = Call(architect, messages_to(discussion, architect.name, system(architect), asked.text))
            tokens, cost = await models.estimate(call)
            rows.append(Estimate(architect.name, architect.model, tokens, cost, part.stage.name))
    return rows
