"""A discussion as a Markdown document, to be read, kept or passed on. Pure.

Every word that somebody else wrote goes through `markdown.py`: who said what is told by headings alone, and none of
these can come from a reply. What isn't known is a dash, never 0. Paths, times and prices are as the discussion has
them; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from moa_lsp.discussion.decisions import sentence
from moa_lsp.discussion.reader import Kind, read_reply
from moa_lsp.discussion.values import Architect, Coding, Discussion, Failure, Repair, Round, Status, Turn, Usage
from moa_lsp.edits.change import Change, ChangeStatus
from moa_lsp.session.deeds import gave_up
from moa_lsp.session.markdown import code, fenced, plain, quoted

UNKNOWN = "–"

_STATUSES = {
    ChangeStatus.PENDING: "pending",
    ChangeStatus.APPLIED: "applied",
    ChangeStatus.PARTLY_APPLIED: "applied in part",
    ChangeStatus.REJECTED: "rejected",
    ChangeStatus.STALE: "not to be placed in the files as they are now",
}

Changes = Mapping[str, tuple[Change, str]]
"""Changes by their ids, each as it stands with its diff."""


def export(discussion: Discussion, changes: Changes) -> str:
    """The whole discussion, with the changes that its turns and implementations led to."""
    parts: list[list[str]] = [[f"# {plain(discussion.title) or UNKNOWN}"], [_began(discussion.created)]]
    if discussion.architects:
        parts.append([_architect(one) for one in discussion.architects])
    codings = list(discussion.codings)
    parts += _decided(discussion, 0)
    for round in discussion.rounds:
        while codings and codings[0].after_round < round.number:
            parts += _coding(codings.pop(0), changes)
        parts += _round(round, changes)
        parts += _decided(discussion, round.number)
    for coding in codings:
        parts += _coding(coding, changes)
    parts += _totals(discussion)
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _began(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).strftime("Begun on %Y-%m-%d at %H:%M UTC.")


def _architect(architect: Architect) -> str:
    role = f": {plain(architect.plays)}" if architect.plays else ""
    dropped = " (dropped)" if architect.dropped else ""
    return f"- **{plain(architect.name)}**, {code(architect.model)}{role}{dropped}"


def _round(round: Round, changes: Changes) -> list[list[str]]:
    parts = [[f"## Round {round.number}"], quoted(round.message)]
    if round.shown.files:
        parts.append([f"Shown: {', '.join(map(code, round.shown.files))}"])
    again = {turn.retries for turn in round.turns}
    for turn in round.turns:
        parts += _turn(turn, turn.number in again, changes)
    return parts


def _decided(discussion: Discussion, after: int) -> list[list[str]]:
    """What the user decided after a round and before the next one."""
    lines = [f"- {plain(sentence(one))}" for one in discussion.decisions if one.after_round == after]
    return [["**Decided**"], lines] if lines else []


def _turn(turn: Turn, asked_again: bool, changes: Changes) -> list[list[str]]:
    once_more = ", asked again" if turn.retries is not None else ""
    parts = [[f"### {plain(turn.architect)} · {code(turn.model)}{once_more}"], [_spent(turn.usage, turn.seconds)]]
    if turn.status is not Status.DONE:
        parts += [quoted(turn.text)] if turn.text.strip() else []
    else:
        for segment in read_reply(turn.text).segments:
            parts += [["**Proposal**"]] if segment.kind is Kind.PROPOSAL else []
            parts.append(quoted(segment.text))
    parts += _ending(turn.status, turn.error, turn.repair)
    parts += [[plain(one)] for one in gave_up(turn)]
    if asked_again:
        parts.append([f"{plain(turn.architect)} was asked again, see below."])
    return parts + _edits(turn.change, changes)


def _coding(coding: Coding, changes: Changes) -> list[list[str]]:
    parts = [[f"## Implementation {coding.number}"], quoted(coding.message)]
    if coding.composed:
        return [parts[0], quoted(coding.text), *_edits(coding.change, changes)]
    parts += [[f"### editor · {code(coding.model)}"], [_spent(coding.usage, coding.seconds)]]
    if coding.text.strip():
        parts.append(quoted(coding.text))
    parts += _ending(coding.status, coding.error, coding.repair)
    return parts + _edits(coding.change, changes)


def _ending(status: Status, error: Failure | None, repair: Repair | None) -> list[list[str]]:
    """How a reply ended, in words, where there is something to say of it."""
    reason = f": {plain(error.message)}" if error else "."
    match status:
        case Status.RUNNING:
            return [["*Not whole yet.*"]]
        case Status.FAILED:
            return [[f"**Failed**{reason}"]]
        case Status.CANCELLED:
            return [[f"**Cancelled**{reason}"]]
        case Status.DONE:
            return [["Asked once more for edits that couldn't be placed."]] if repair else []


def _edits(id: str | None, changes: Changes) -> list[list[str]]:
    found = changes.get(id) if id else None
    if found is None:
        return []
    change, diff = found
    parts = [[f"**Edits**, {_STATUSES[change.status]}"]]
    if diff:
        parts.append(fenced(diff, "diff"))
    if change.reasons:
        parts.append([f"- Rejected: {plain(reason)}" for reason in change.reasons])
    if change.problems:
        parts.append([f"- {plain(problem.message)}" for problem in change.problems])
    return parts


def _totals(discussion: Discussion) -> list[list[str]]:
    turns = [turn for round in discussion.rounds for turn in round.turns]
    counts = [(len(discussion.rounds), "round"), (len(turns), "reply"), (len(discussion.codings), "implementation")]
    counted = ", ".join(_count(number, noun) for number, noun in counts if number) or "nothing said yet"
    seconds = sum(round.seconds for round in discussion.rounds) + sum(one.seconds for one in discussion.codings)
    return [["---"], [f"In all: {counted}."], [_spent(discussion.usage, seconds)]]


def _count(number: int, noun: str) -> str:
    several = noun[:-1] + "ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else several}"


def _spent(usage: Usage, seconds: float) -> str:
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    tokens = f"{_count_of(usage.input_tokens)} tokens in{cached}, {_count_of(usage.output_tokens)} out"
    return f"*{seconds:.1f} s · {tokens} · {_price(usage)}*"


def _price(usage: Usage) -> str:
    if usage.cost_usd is None:
        return f"at least {_dollars(usage.known_cost_usd)}" if usage.known_cost_usd else UNKNOWN
    return _dollars(usage.cost_usd)


def _dollars(amount: float) -> str:
    return "$0" if not amount else f"${amount:.4f}" if amount >= 0.00005 else "under $0.0001"


def _count_of(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"
