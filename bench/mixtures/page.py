"""Writes a bench's figures as Markdown, says which aims were met, and puts them between the markers of the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.mixtures.measure import Run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- mixtures: begin -->", "<!-- mixtures: end -->"
MOST = 1.05
"""How much longer a stage may take than its slowest call."""


def met(runs: Sequence[Run]) -> bool:
    """Whether every run, and every stage of it, kept the bound."""
    return all(run.ratio <= MOST and run.worst_stage <= MOST for run in runs)


def tables(runs: Sequence[Run]) -> str:
    """Everything between the page's markers."""
    presets = list(dict.fromkeys(run.preset for run in runs))
    parts = [_about(runs), "\n".join(_aims(presets, runs)), "\n".join(_figures(presets, runs))]
    return "\n\n".join(parts) + "\n"


def write(runs: Sequence[Run], page: Path = PAGE) -> None:
    """Puts the tables into the page. Raises ValueError where it lacks the markers."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n\n{tables(runs)}\n{END}{after}", encoding="utf-8")


def _about(runs: Sequence[Run]) -> str:
    calls = [seconds for run in runs for stage in run.stages for seconds in stage.calls]
    return (
        f"{len(runs)} messages, {len(calls)} calls of {min(calls):.1f} to {max(calls):.1f} s. Measured on a shared"
        " 2-core machine; every ratio is of one run."
    )


def _aims(presets: Sequence[str], runs: Sequence[Run]) -> list[str]:
    lines = ["| aim | met | worst run |", "| --- | --- | --: |"]
    for preset in presets:
        own = [run for run in runs if run.preset == preset]
        for what, ratio in (
            ("the slowest calls of its stages together", max(run.ratio for run in own)),
            ("its slowest call, stage by stage", max(run.worst_stage for run in own)),
        ):
            is_met = "yes" if ratio <= MOST else "**no**"
            lines.append(f"| {preset}: at most {MOST} times {what} | {is_met} | {ratio:.3f} |")
    return lines


def _figures(presets: Sequence[str], runs: Sequence[Run]) -> list[str]:
    lines = [
        "| medians | wall time | slowest calls, by the provider's clock | ratio | all calls one by one "
        "| server's processor time | worker's |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for preset in presets:
        own = [run for run in runs if run.preset == preset]
        slowest = median(sum(stage.slowest for stage in run.stages) for run in own)
        figures = [
            f"{median(run.wall for run in own):.2f} s",
            f"{slowest:.2f} s",
            f"{median(run.ratio for run in own):.3f}",
            f"{median(run.one_by_one for run in own):.1f} s",
            _median([run.server for run in own]),
            _median([run.worker for run in own]),
        ]
        lines.append(f"| {preset} | {' | '.join(figures)} |")
    return lines


def _median(seconds: Sequence[float | None]) -> str:
    known = [value for value in seconds if value is not None]
    return f"{median(known):.2f} s" if known else "not told"
