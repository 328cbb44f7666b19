"""A notebook's text: which lines of a `*.moa` document are a prompt, and what is written below one. Pure.

Rules:
- What a person types are the lines that don't begin with `>`; a prompt is a paragraph of them, between blank lines.
  Every line that we write is one of a block quote: so neither is ever a prompt, nor anything that a model wrote.
- What others wrote stands in a quote within ours (`> >`), and goes through `markdown.py`: a reply can't write a heading
  or a hunk that reads like one of ours.
- What a person typed is never written over.
- A hunk's line ends with the ids of its change and itself: that is how it is known again, also in another session.

Where in a document it is written is `notebook_place.py`'s; the editing, and what is asked of whom, `lsp/`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from moa_lsp.context.snapshot import LeftOut
from moa_lsp.discussion.names import COMPOSED
from moa_lsp.discussion.reader import Kind, read_reply
from moa_lsp.discussion.values import Coding, Failure, Round, Status, Turn, Usage
from moa_lsp.edits.change import Change
from moa_lsp.edits.values import FileChange, FileKind, Hunk, HunkStatus
from moa_lsp.session.deeds import deed, gave_up
from moa_lsp.session.markdown import code, plain, quoted

LANGUAGE = "moa"
"""The language id by which a document is a notebook, whatever it is called."""

_OURS = re.compile(r" {0,3}>")
_HUNK = re.compile(r"> - .*`(?P<change>[0-9a-f]{12})/(?P<hunk>[0-9a-f]{12})`\s*")

Lines = list[str]
"""Lines without their ends, as they are to be read: what makes them a quote in the document comes with `in_quote`."""


# --- reading


@frozen
class Paragraph:
    """Lines `first` to `last` (excluded, 0-based) and their text, with `\\n` between the lines."""

    first: int
    last: int
    text: str


def prompt_at(lines: Sequence[str], line: int) -> Paragraph | None:
    """The prompt under the cursor, or the one right above where the cursor is on a blank line; `None` where there is
    none. `lines` may have their ends."""
    if not _is_typed(lines, line) and _is_blank(lines, line):
        line -= 1
    return _around(lines, line, _is_typed) if _is_typed(lines, line) else None


def block_at(lines: Sequence[str], line: int) -> Paragraph:
    """The paragraph or the quote under the cursor; on a blank line nothing but that place."""
    if prompt := prompt_at(lines, line):
        return prompt
    if _is_ours(lines, line):
        return _around(lines, line, _is_ours)
    place = min(line, len(lines))
    return Paragraph(place, place, "")


def _around(lines: Sequence[str], line: int, alike: Callable[[Sequence[str], int], bool]) -> Paragraph:
    first = last = line
    while alike(lines, first - 1):
        first -= 1
    while alike(lines, last):
        last += 1
    return Paragraph(first, last, "\n".join(one.rstrip("\r\n") for one in lines[first:last]))


def _is_ours(lines: Sequence[str], line: int) -> bool:
    return 0 <= line < len(lines) and _OURS.match(lines[line]) is not None


def _is_typed(lines: Sequence[str], line: int) -> bool:
    return 0 <= line < len(lines) and bool(lines[line].strip()) and not _is_ours(lines, line)


def _is_blank(lines: Sequence[str], line: int) -> bool:
    return line >= len(lines) or not lines[line].strip()


def names_hunk(line: str) -> tuple[str, str] | None:
    """The ids of the change and the hunk that a line of ours is about."""
    found = _HUNK.fullmatch(line)
    return (found["change"], found["hunk"]) if found else None


def is_heading_of(line: str, name: str) -> bool:
    """Whether it is the heading of a reply of the architect of that name."""
    return line.startswith(f"> {_heading(name)} · ")


# --- writing


def in_quote(lines: Sequence[str]) -> Lines:
    """The lines as they stand in the document."""
    return [f"> {line}" if line else ">" for line in lines]


def asked(message: str) -> Lines:
    """A message whose paragraph isn't there any more, so that what follows can be understood."""
    return ["You asked:", "", *quoted(message)]


def being_asked(architects: Sequence[str]) -> Lines:
    """Who is being asked just now: architects or, where it is none of them, the editor model."""
    names = ", ".join(map(plain, architects))
    return [f"*{names or 'The editor model'} {'are' if len(architects) > 1 else 'is'} being asked…*"]


def turn_lines(turn: Turn, change: Change | None) -> Lines:
    """An architect's turn: who, the reply with its prose and proposal, how it ended, and the hunks that came of it."""
    parts = [_head(turn.architect, turn.model, turn.usage, turn.seconds)]
    if turn.status is Status.DONE:
        for segment in read_reply(turn.text).segments:
            parts += [["**Proposal**"]] if segment.kind is Kind.PROPOSAL else []
            parts.append(quoted(segment.text))
    elif turn.text.strip():
        parts.append(quoted(turn.text))
    parts += [[f"*{plain(one)}*"] for one in gave_up(turn)]
    parts += _ending(turn.status, turn.error, f"“Ask {plain(turn.architect)} once more” on the heading asks it again.")
    return _joined([*parts, *_edits(change)])


def coding_lines(coding: Coding, change: Change | None) -> Lines:
    """A `/code`: the same of the editor model."""
    head = _head("editor", coding.model, coding.usage, coding.seconds)
    parts = [[f"{_heading(COMPOSED)} · {price(coding.usage)}"] if coding.composed else head]
    parts += [quoted(coding.text)] if coding.text.strip() else []
    parts += _ending(coding.status, coding.error, "Send the paragraph again to try once more.")
    return _joined([*parts, *_edits(change)])


def totals(round: Round, discussion: Usage) -> Lines:
    """What a round and its whole discussion came to."""
    spent = f"{price(round.usage)} this round · {price(discussion)} this discussion"
    return [f"*Round {round.number} · {round.seconds:.1f} s · {spent}*"]


def left_out(files: Sequence[LeftOut]) -> Lines:
    return [f"- Not shown to the architects: {code(one.path)}, which {plain(one.reason)}." for one in files]


def dropped(name: str) -> Lines:
    name = plain(name)
    return [
        f"{name} is dropped: it isn't asked any more, and what it said stays. “Restore {name}” on the line with its "
        f"name brings it back."
    ]


def restored(name: str) -> Lines:
    return [f"{plain(name)} takes part again, from the next round on."]


def chosen(preset: str, shape: str) -> Lines:
    """By which preset the discussion is held from now on, and who is asked by it when."""
    return [f"The preset is {plain(preset)} from the next round on: {plain(shape)}."]


def sentence(words: str) -> Lines:
    """Something to be said to the user."""
    return [plain(words)]


def price(usage: Usage) -> str:
    """What it cost: cents below a dollar, `–` where nobody knows, `at least …` where only a part is known."""
    if usage.cost_usd is None:
        return f"at least {_money(usage.known_cost_usd)}" if usage.known_cost_usd else "price –"
    return _money(usage.cost_usd)


def _money(dollars: float) -> str:
    cents = dollars * 100
    if not cents:
        return "0 ¢"
    return f"${dollars:.2f}" if dollars >= 1 else f"{cents:.1f} ¢" if cents >= 0.1 else f"{cents:.2g} ¢"


def _heading(name: str) -> str:
    return f"## {plain(name)}"


def _head(name: str, model: str, usage: Usage, seconds: float) -> Lines:
    return [f"{_heading(name)} · {code(model)} · {seconds:.1f} s · {price(usage)}"]


def _ending(status: Status, error: Failure | None, again: str) -> list[Lines]:
    if status is Status.FAILED:
        reason = f"**Failed:** {plain(error.message)}" if error else "**Failed.**"
        return [[reason], [again]]
    return [["**Cancelled.** What had arrived is kept."], [again]] if status is Status.CANCELLED else []


def _edits(change: Change | None) -> list[Lines]:
    if change is None:
        return []
    hunks = [_hunk_line(change, file, hunk) for file in change.files for hunk in file.hunks]
    problems = [f"- {plain(' '.join((one.message, one.hint or '')))}" for one in change.problems]
    return [lines for lines in (hunks, problems) if lines]


def _hunk_line(change: Change, file: FileChange, hunk: Hunk) -> str:
    what = plain(deed(file, hunk, with_excerpt=False))
    named = file.kind in (FileKind.CREATE, FileKind.DELETE) or hunk.renames
    where = "" if named else f"{code(f'{file.where}:{hunk.start + 1}')} "
    state = "" if hunk.status is HunkStatus.PENDING else f" ({hunk.status.value})"
    return f"- {where}{what}{state} `{change.id}/{hunk.id}`"


def _joined(parts: Sequence[Lines]) -> Lines:
    """The parts with a blank line between each two."""

    def all_lines() -> Iterator[str]:
        for number, part in enumerate(parts):
            if number:
                yield ""
            yield from part

    return list(all_lines())
