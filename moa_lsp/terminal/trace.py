"""`moa-lsp trace`: the calls that were made to models, by round and stage, and what ran side by side.

It reads the files of `store/traces.py` and asks no server. A part is what was asked in one go: the calls of one round,
or those of one discussion that are no round's, as long as no more than a moment lies between them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import evolve, field, mutable
from rich.cells import cell_len

from moa_lsp.discussion.values import Usage
from moa_lsp.middleware.trace import CallTrace
from moa_lsp.store.folders import folders
from moa_lsp.store.traces import FOLDER, Read, read_traces, row_of
from moa_lsp.terminal.arguments import OK
from moa_lsp.terminal.interrupt import Interrupt
from moa_lsp.terminal.screen import ERROR, QUIET, STRONG, WARNING, Part, Screen, figures, money, tokens, usage_object
from moa_lsp.terminal.session import WrongUsage

_DEFAULT_LAST = 50
_MOMENT = timedelta(seconds=5)
_TIMELINE = 40
"""Columns of the timeline."""

_HEADS = ("first word", "whole", "in", "cached", "out", "price")


async def trace(options: argparse.Namespace, screen: Screen, interrupt: Interrupt) -> int:  # noqa: ARG001
    """Shows the last calls, or those of a discussion."""
    folder = folders().log
    last: int | None = options.last
    if last is None and options.discussion is None:
        last = _DEFAULT_LAST
    read = read_traces(folder, discussion=options.discussion, last=last)
    if options.discussion is not None and not read.traces:
        raise WrongUsage(f"No call of the discussion {options.discussion} is among the traces in {folder / FOLDER}.")
    if screen.json:
        calls = [row_of(one) for one in read.traces]
        screen.document({"folder": str(folder / FOLDER), "calls": calls, "broken": read.broken})
    else:
        _show(screen, read)
        if last is not None and len(read.traces) == last:
            screen.hint(f"only the last {last} calls; for more: --last N")
    if not read.traces:
        screen.hint('no call was made yet; make one: moa-lsp ask "…"')
    return OK


@mutable
class _Part:
    """Calls that were asked for in one go, in the order in which they began."""

    calls: list[CallTrace] = field(factory=list[CallTrace])

    @property
    def begun(self) -> datetime:
        return self.calls[0].begun

    @property
    def ended(self) -> datetime:
        return max(map(_ended, self.calls))

    def takes(self, call: CallTrace) -> bool:
        """Whether a call that began later belongs here."""
        first = self.calls[0]
        same = (call.discussion, call.round) == (first.discussion, first.round)
        return same and call.begun <= self.ended + _MOMENT

    def stages(self) -> Iterator[tuple[str, list[CallTrace]]]:
        for stage in dict.fromkeys(call.stage for call in self.calls):
            yield stage, [call for call in self.calls if call.stage == stage]


def _ended(call: CallTrace) -> datetime:
    return call.begun + timedelta(seconds=call.seconds)


def parts_of(calls: Sequence[CallTrace]) -> list[_Part]:
    """The calls, put together as they were asked for, oldest first."""
    parts: list[_Part] = []
    for call in sorted(calls, key=lambda one: one.begun):
        part = next((one for one in reversed(parts) if one.takes(call)), None)
        if part is None:
            parts.append(_Part([call]))
        else:
            part.calls.append(call)
    return parts


def _show(screen: Screen, read: Read) -> None:
    for part in parts_of(read.traces):
        first = part.calls[0]
        where = [f"round {first.round}"] if first.round is not None else []
        where += [first.discussion] if first.discussion else []
        begun = f"{part.begun.astimezone():%Y-%m-%d %H:%M:%S}"
        screen.show((" of ".join(where) or "asked", STRONG), (f"  {begun}", QUIET))
        _table(screen, part)
        if len(part.calls) > 1:
            _timeline(screen, part)
            screen.show((f"  {_total(part.calls, (part.ended - part.begun).total_seconds())}", QUIET))
        screen.show()
    if read.traces:
        screen.show(_total(read.traces))
    if read.broken:
        lines = "1 line is" if read.broken == 1 else f"{read.broken} lines are"
        screen.show((f"{lines} passed over: what stands there can't be read", WARNING))


def _table(screen: Screen, part: _Part) -> None:
    names = max(cell_len(call.architect) for call in part.calls)
    models = max(cell_len(call.model) for call in part.calls)
    rows = [_HEADS, *map(_numbers, part.calls)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]

    def numbers(row: Sequence[str]) -> str:
        return "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))

    screen.show((f"  {' ' * (names + models + 2)}  {numbers(_HEADS)}", QUIET))
    for stage, calls in part.stages():
        if stage:
            screen.show((f"  {stage}", QUIET))
        for call in calls:
            screen.show(
                "  ",
                (_padded(call.architect, names), screen.colour(call.architect)),
                f"  {_padded(call.model, models)}  {numbers(_numbers(call))}",
                *_remarks(call),
            )
            if call.error:
                screen.show((f"    {call.error.message}", ERROR))


def _numbers(call: CallTrace) -> tuple[str, ...]:
    usage = call.usage
    first = "–" if call.first_word is None else f"{call.first_word:.1f} s"
    price = "–" if usage.cost_usd is None else money({"costUsd": usage.cost_usd})
    counts = (usage.input_tokens, usage.cached_tokens, usage.output_tokens)
    return (first, f"{call.seconds:.1f} s", *map(tokens, counts), price)


def _remarks(call: CallTrace) -> Iterator[Part]:
    if call.error:
        yield (f"  ✗ {call.error.kind}", ERROR)
    if call.cancelled:
        yield ("  stopped", WARNING)
    if call.finish not in (None, "stop"):
        yield (f"  {call.finish}", QUIET)
    if call.repairs:
        yield ("  edits once more", QUIET)
    if call.tries:
        kinds = ", ".join(dict.fromkeys(one.kind for one in call.tries))
        yield (f"  try {len(call.tries) + 1} ({kinds})", QUIET)


def _timeline(screen: Screen, part: _Part) -> None:
    """Who was waited for (`░`) and who spoke (`█`) when."""
    whole = max((part.ended - part.begun).total_seconds(), 0.001)
    names = max(cell_len(call.architect) for call in part.calls)
    for call in part.calls:
        start = (call.begun - part.begun).total_seconds()
        spoke = start + (call.seconds if call.first_word is None else call.first_word)
        columns = [round(at / whole * _TIMELINE) for at in (start, spoke, start + call.seconds)]
        begin, speak, end = min(columns[0], _TIMELINE - 1), columns[1], columns[2]
        end = max(end, begin + 1)  # the shortest call is seen too
        speak = min(max(speak, begin), end)
        bar = "·" * begin + "░" * (speak - begin) + "█" * (end - speak) + "·" * (_TIMELINE - end)
        screen.show("  ", (_padded(call.architect, names), screen.colour(call.architect)), f"  {bar}")


def _total(calls: Sequence[CallTrace], seconds: float | None = None) -> str:
    """What several calls took together: `seconds` is how long that was, whatever ran side by side."""
    usage = Usage.total(call.usage for call in calls)
    if usage.cost_usd is None:  # the calls that were stopped hide neither the others' tokens nor their price
        known = Usage.total(call.usage for call in calls if call.usage.output_tokens is not None)
        usage = evolve(known, cost_usd=None, known_cost_usd=usage.known_cost_usd)
    failed = sum(call.error is not None for call in calls)
    said = f"{len(calls)} {'call' if len(calls) == 1 else 'calls'} · {figures(usage_object(usage), seconds)}"
    return said + (f" · {failed} failed" if failed else "")


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - cell_len(text))
