"""Runs the bench: `python -m bench.edits`, in an environment that has the project's own dependencies.

Prints the tables and whether each aim was met. Ends with 1 where ours placed anything wrong, else with 0: a slow
machine is no fault.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

from bench.edits import ours
from bench.edits.corpus import SEED, corpus
from bench.edits.judge import judge, tally
from bench.edits.page import Results, Row, aims, tables, write
from bench.edits.rival import Aider, Environment, prepare, running
from bench.edits.sources import AIDER, Source, digest, large, sources
from bench.edits.speed import SIZES, Timed, preview, timings
from bench.edits.values import Case, Verdict

# So many of a class that ours placed wrong are written out.
_MOST_SHOWN = 3


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench/edits/run", description="How well and how fast edits are placed.")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    parser.add_argument("--each", type=int, default=100, help="cases of a class as blocks (100); half as many as diffs")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes other cases")
    parser.add_argument("--no-times", action="store_true", help="leave the large files out")
    parser.add_argument("--python", help="the Python for aider's environment, below 3.13")
    asked = parser.parse_args(arguments)
    environment = prepare(asked.python)
    with running(environment) as aider:
        results = _run(environment, aider, asked.each, asked.seed, times=not asked.no_times)
    sys.stdout.write(tables(results))
    for aim in aims(results):
        sys.stdout.write(f"{'met' if aim.met else 'NOT MET'}: {aim.what} ({aim.figure})\n")
    if asked.write:
        write(results)
    return 1 if results.wrong else 0


def _run(environment: Environment, aider: Aider, each: int, seed: int, times: bool) -> Results:
    base = sources(environment.site_packages)
    _warm_up(aider, base[0])
    cases = corpus(base, each, each // 2, seed)
    rows = [_row(list(group), aider) for _, group in groupby(cases, key=lambda case: (case.form, case.kind))]
    measured = list(_told(timings(partial(large, environment.site_packages), aider))) if times else []
    shown = preview(large(environment.site_packages, SIZES[-1])) if times else None
    versions = {"Python": platform.python_version(), AIDER.partition("==")[0]: AIDER.partition("==")[2]}
    return Results(rows, measured, shown, digest(base), versions)


def _warm_up(aider: Aider, source: Source) -> None:
    """Modules that either side imports on first use are no part of any figure."""
    for case in corpus([source], 3, 3):
        ours.run(case.path, case.spoilt.text, case.reply)
        aider.run(case.form, case.path, case.spoilt.text, case.reply, case.fence)


def _row(cases: Sequence[Case], aider: Aider) -> Row:
    mine = [(case, ours.run(case.path, case.spoilt.text, case.reply)) for case in cases]
    theirs = [(case, aider.run(case.form, case.path, case.spoilt.text, case.reply, case.fence)) for case in cases]
    wrong = [case for case, outcome in mine if judge(case, outcome) in (Verdict.OTHER, Verdict.MEANT)]
    for case in wrong[:_MOST_SHOWN]:
        _say(f"placed wrong: {case.kind} ({case.spoilt.how}), {case.form}\n{case.reply}")
    sides = [tally((judge(case, outcome), outcome) for case, outcome in side) for side in (mine, theirs)]
    _say(f"{cases[0].form}: {cases[0].kind}")
    return Row(cases[0].form, cases[0].kind, cases[0].spoilt.duty, len(cases), sides[0], sides[1])


def _told(items: Iterator[Timed]) -> Iterator[Timed]:
    for item in items:
        _say(str(item))
        yield item


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
