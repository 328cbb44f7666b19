"""Whether an architect can be asked once more in the last round, and for which turn: told in words where it can't.

How it is asked is the engine's (`discussion/engine.py`), and what it is sent `discussion/thread.py`'s. Pure.
"""

from __future__ import annotations

from moa_lsp.discussion.values import Architect, Discussion, Round, Status, Turn
from moa_lsp.session.run import NotPossible


def to_retry(discussion: Discussion, architect: Architect) -> tuple[Round, Turn]:
    """The last round, and the architect's last turn in it, which failed or was cancelled. Raises `NotPossible`."""
    name = architect.name
    if architect.dropped:
        raise NotPossible(f"{name} is dropped: restore it first, then ask it again.")
    if not discussion.rounds:
        raise NotPossible("There is nothing to ask again yet: no round was held in this discussion.")
    round = discussion.rounds[-1]
    turn = next((one for one in reversed(round.turns) if one.architect.lower() == name.lower()), None)
    if turn is None:
        raise NotPossible(f"{name} wasn't asked in round {round.number}: it takes part in the next round.")
    if turn.status is Status.RUNNING:
        raise NotPossible(f"{name} is speaking just now, in another editor: wait for it.")
    if turn.status is Status.DONE:
        raise NotPossible(f"{name}'s reply in round {round.number} is whole: send a message to hear more of it.")
    return round, turn
