"""Runs the bench: `python -m bench.mixtures`. Prints the tables; ends with 1 where a bound wasn't kept."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.mixtures.measure import Run, measure, provider_running, server_running, settings
from bench.mixtures.page import met, tables, write


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench/mixtures/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="messages by each preset (5)")
    parser.add_argument("--seed", type=int, default=1, help="another one: other models' paces")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    runs = asyncio.run(_runs(given.runs, given.seed))
    sys.stdout.write(tables(runs))
    if given.write:
        write(runs)
    return 0 if met(runs) else 1


async def _runs(count: int, seed: int) -> list[Run]:
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as folder:
        async with provider_running(seed) as provider, server_running(Path(folder), provider) as (client, heard):
            for preset in settings("")["presets"]:
                for _ in range(count):
                    run = await measure(client, heard, provider, preset)
                    sys.stderr.write(f"{preset}: {run.wall:.2f} s, {run.ratio:.3f}, stages {run.worst_stage:.3f}\n")
                    runs.append(run)
    return runs


if __name__ == "__main__":
    sys.exit(main())
