"""Writes a run's figures as Markdown, says which aims were met, and puts them between the markers of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from bench.edits.judge import Tally
from bench.edits.speed import EXACT, NOWHERE, SHIFTED, Preview, Timed
from bench.edits.values import Duty, Form, Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- edits: begin -->", "<!-- edits: end -->"


@frozen
class Row:
    """One class in one form: what it asks for, how many cases, and both sides' tallies."""

    form: Form
    kind: str
    duty: Duty
    cases: int
    ours: Tally
    aider: Tally


@frozen
class Aim:
    """Something that was to be reached, and what was."""

    what: str
    met: bool
    figure: str


@frozen
class Results:
    """A whole run. `corpus` and `versions` say on what. Without large files `timings` is empty, `preview` is `None`."""

    rows: Sequence[Row]
    timings: Sequence[Timed]
    preview: Preview | None
    corpus: str
    versions: Mapping[str, str]

    @property
    def wrong(self) -> int:
        """How many cases ours put where they should not be, even where the writer would have been content."""
        return sum(row.ours.of(Verdict.OTHER) + row.ours.of(Verdict.MEANT) for row in self.rows)


def aims(results: Results) -> list[Aim]:
    """What this project sets itself, and whether this run met it."""
    placing = [row for row in results.rows if row.duty is Duty.PLACE]
    mine, theirs = (sum(tally.of(Verdict.RIGHT) for tally in side) for side in _sides(placing))
    total = sum(row.cases for row in placing)
    found = [
        Aim("nothing placed wrong, near twins and ambiguous texts included", not results.wrong, str(results.wrong)),
        Aim("more placed right than aider", mine > theirs, f"{mine} against {theirs} of {total}"),
    ]
    for kind, least in ((EXACT, 10), (SHIFTED, 10), (NOWHERE, 50)):
        at = [one for one in results.timings if one.kind == kind and one.size == 50_000 and one.blocks == 100]
        what = f"100 blocks, {kind}, 50,000 lines: at least {least} times as fast as aider"
        # What was done wrong in no time is no speed.
        found += [Aim(what, one.ratio >= least and one.right[0], f"{_ratio(one.ratio)} times") for one in at]
    if results.preview is not None:
        one, milliseconds = results.preview, results.preview.unified * 1000
        what = f"the preview of {one.edits} edits in {one.size:,} lines: under 50 ms of processor time"
        found.append(Aim(what, milliseconds < 50, f"{milliseconds:.1f} ms"))
    return found


def tables(results: Results) -> str:
    """Everything between the page's markers."""
    parts = [_about(results), _aims(results)]
    for form in Form:
        rows = [row for row in results.rows if row.form is form]
        if rows:
            parts.append(f"### Written as {form}\n\n{_outcomes(rows)}")
    if results.timings:
        parts.append(f"### Time\n\n{_times(results.timings)}")
    if results.preview is not None:
        parts.append(_preview(results.preview))
    return "\n\n".join(parts) + "\n"


def write(results: Results, page: Path = PAGE) -> None:
    """Puts the tables into the page. Raises ValueError where it lacks the markers."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n{END}{after}", encoding="utf-8")


def _sides(rows: Sequence[Row]) -> tuple[list[Tally], list[Tally]]:
    return [row.ours for row in rows], [row.aider for row in rows]


def _about(results: Results) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    cases = sum(row.cases for row in results.rows)
    run = f"{cases:,} cases, corpus `{results.corpus}`; {versions}."
    return f"{run} Measured on a shared 2-core machine; ratios of one run."


def _aims(results: Results) -> str:
    lines = ["| aim | met | this run |", "| --- | --- | --- |"]
    lines += [f"| {aim.what} | {'yes' if aim.met else '**no**'} | {aim.figure} |" for aim in aims(results)]
    return "\n".join(lines)


def _outcomes(rows: Sequence[Row]) -> str:
    """Where it's right to place, then where it's right not to."""
    placing = [row for row in rows if row.duty is Duty.PLACE]
    others = [row for row in rows if row.duty is not Duty.PLACE]
    lines = [
        "To be placed:",
        "",
        "| class | cases | ours: right | refused | wrong | aider: right | refused | wrong |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
        *_outcome_lines(placing, (Verdict.RIGHT, Verdict.REFUSED, Verdict.OTHER)),
        "",
        "To be left alone:",
        "",
        "| class | cases | ours: left alone | as meant | wrong | aider: left alone | as meant | wrong |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
        *_outcome_lines(others, (Verdict.RIGHT, Verdict.MEANT, Verdict.OTHER)),
    ]
    told = [row for row in rows if row.duty is Duty.LEAVE]
    if told:
        mine, theirs = (sum(tally.already for tally in side) for side in _sides(told))
        cases = sum(row.cases for row in told)
        lines += [
            "",
            f"Of the {cases} that were applied or added already, ours said so {mine} times and aider {theirs} times.",
        ]
    return "\n".join(lines)


def _outcome_lines(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> list[str]:
    lines = [_outcome_line(row.kind, row.cases, ([row.ours], [row.aider]), verdicts) for row in rows]
    return [*lines, _outcome_line("all", sum(row.cases for row in rows), _sides(rows), verdicts)]


def _outcome_line(name: str, cases: int, sides: tuple[list[Tally], list[Tally]], verdicts: Sequence[Verdict]) -> str:
    figures = [sum(tally.of(verdict) for tally in side) for side in sides for verdict in verdicts]
    return f"| {name} | {cases} | {' | '.join(map(str, figures))} |"


def _times(timings: Sequence[Timed]) -> str:
    lines = [
        "| blocks | lines | class | ours | aider | ratio | times each | lines shown for refused ones, ours and aider |",
        "| --: | --: | --- | --: | --: | --: | --: | --- |",
    ]
    order = {kind: at for at, kind in enumerate((EXACT, SHIFTED, NOWHERE))}
    for one in sorted(timings, key=lambda one: (order[one.kind], one.size, one.blocks)):
        marks = ["" if right else " (text not right)" for right in one.right]
        shown = f"{one.hints[0]} and {one.hints[1]}" if one.kind == NOWHERE else ""
        lines.append(
            f"| {one.blocks} | {one.size:,} | {one.kind} | {_milliseconds(one.ours)}{marks[0]} "
            f"| {_milliseconds(one.aider)}{marks[1]} | {_ratio(one.ratio)} | {one.times} | {shown} |"
        )
    return "\n".join(lines)


def _preview(one: Preview) -> str:
    figures = f"`unified_diff` {_milliseconds(one.unified)}, `changed_spans` {_milliseconds(one.spans)}"
    return (
        f"The preview's diff of {one.edits} edits in {one.size:,} lines, processor time, best of fifteen: {figures}. "
        f"`difflib.unified_diff` of the same two texts, run once: {_milliseconds(one.difflib)}."
    )


def _milliseconds(seconds: float) -> str:
    milliseconds = seconds * 1000
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.2g} ms"


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"
