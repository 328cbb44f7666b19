"""Places a reply's edits as the program does: read, place, put in. What is timed is all three."""

from __future__ import annotations

from itertools import count
from time import perf_counter

from bench.edits.values import Outcome
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import FileKind, Placement


def run(path: str, text: str, reply: str, times: int = 1) -> Outcome:
    """The outcome for a reply that edits that one file."""
    seconds: list[float] = []
    after, placement = text, Placement()
    problems = 0
    for _ in range(times):
        started = perf_counter()
        numbers = count()
        reading = read_edits(reply)
        placement = place(reading.blocks, {path: text}, "bench", lambda numbers=numbers: str(next(numbers)))
        hunks = [hunk for file in placement.files for hunk in file.hunks]
        after = hunk_text_after(text, hunks)
        seconds.append(perf_counter() - started)
        problems = len(reading.problems) + len(placement.problems)
    if any(file.path != path or file.kind is not FileKind.EDIT for file in placement.files):
        return Outcome("", tuple(seconds), failure="another file than the one that was named")
    told = [f"{problem.message} {problem.hint or ''}" for problem in placement.problems]
    return Outcome(
        None if after == text and problems else after,
        tuple(seconds),
        hints=sum(problem.near is not None for problem in placement.problems),
        already=any("already" in one for one in told),
    )
