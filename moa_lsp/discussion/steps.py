"""Reads the steps of a proposal: what it numbers, in words, and on which of its lines each stands.

Rules:
- A step begins with its number at the margin of the first one: `1.`, `1)`, `Step 1:`, bold or as a heading. Where steps
  are headings, other numbers are part of them. What is nested, and what stands in code, belongs to the step around it.
- Numbers rise: one that doesn't, as in a list of nothing but ones, counts on.
- All lines belong to a step: what stands before the first to the first, what follows the last to the last. A proposal
  without numbers is one step.
- A step's words are those of a person: without code, edit blocks and the paths above them, each paragraph and each
  item on a line of its own.

What the user makes of the steps is in `plan.py`. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import pairwise

from attrs import evolve, frozen

from moa_lsp.discussion.code_lines import CodeLines

LONGEST_TEXT = 1_500
"""Code points in the longest text of a step; a longer one is cut at a word."""

_LONGEST_PATH = 400
_LINE_END = re.compile(r"\r\n|\n|\r")
_NUMBERED = re.compile(
    r"^([ \t]{0,3})(?:[-*+][ \t]+)?(#{1,6}[ \t]+)?(\*\*|__)?((?:step|phase)[ \t]*#?)?(\d{1,3})"
    r"(\\?[.)]|:|[ \t]*[-–—](?=\s)|(?=\*\*|__|[ \t]*$))(\*\*|__)?(?:[ \t]*[:–—-]?[ \t]+|[ \t]*:?$)(.*)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+")
_ASIDE = re.compile(r"^[ \t]*<[ \t]*(?:stances?|questions?)\b", re.IGNORECASE)
_ASIDE_ENDS = re.compile(r"<[ \t]*/[ \t]*(?:stances?|questions?)[ \t]*>", re.IGNORECASE)
_RULE = re.compile(r"^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_PATCH_BEGIN, _PATCH_END = re.compile(r"^\*\*\* Begin Patch\b"), re.compile(r"^\*\*\* End Patch\b")
_PATH = re.compile(
    r"^[ \t]*(?:[-*+][ \t]+)?(?:#+[ \t]+)?[*`]*(?:file(?:name)?:[ \t]*)?[*`]*"
    r"([^\s`*:]+\.\w+|[\w./-]*/[\w./-]+|[A-Z]\w*file)[*`]*:?[*`]*[ \t]*$",
    re.IGNORECASE,
)


@frozen
class Step:
    """One step of a proposal. It stands on the proposal's lines `first` to `last` (0-based, `last` excluded)."""

    number: int
    text: str
    first: int
    last: int


class _Kind(IntEnum):
    """How a number stands at the beginning of a line, from the weakest to the strongest."""

    PLAIN = 0
    BOLD = 1
    WORD = 2
    HEADING = 3


@frozen
class _Beginning:
    """The line that a step begins on, its number, and what else stands there."""

    at: int
    kind: _Kind
    indent: int
    number: int
    title: str


@frozen
class _Line:
    """A line of a proposal; `code` is set where it belongs to code, to an edit (the path above it included) or to what
    is said beside the steps, which is left out."""

    text: str
    code: bool = False


def read_steps(proposal: str) -> tuple[Step, ...]:
    """The steps of a proposal, in its order; none where it is blank, or says something of others' only."""
    if not proposal.strip():
        return ()
    lines = _lines(proposal)
    if not any(line.text.strip() for line in lines):
        return ()
    begins = _beginnings(lines)
    if not begins:
        return (Step(1, _text(_words(lines)) or _of_edits(lines), 0, len(lines)),)
    steps: list[Step] = []
    number = first = 0
    for begin, end in pairwise([*begins, None]):
        assert begin is not None
        number = max(number + 1, begin.number)
        till = end.at if end else len(lines)
        mine = lines[begin.at + 1 : till]
        text = _text([begin.title, *_words(mine, of_list=not end and begin.kind is _Kind.PLAIN)])
        if text or any(line.code for line in mine):
            steps.append(Step(number, text or _of_edits(mine), first, till))
            first = till
    if not steps:
        return (Step(1, _text(_words(lines)) or _of_edits(lines), 0, len(lines)),)
    return (*steps[:-1], evolve(steps[-1], last=len(lines)))


def _lines(proposal: str) -> list[_Line]:
    """Lines as `moa_lsp/edits/` counts them."""
    code, in_patch, aside = CodeLines(), False, False
    found: list[_Line] = []
    for text in _LINE_END.split(proposal):
        # A reply without a proposal's tags is one as a whole, with all that it says beside.
        aside = aside or _ASIDE.match(text) is not None
        if aside:
            found.append(_Line("", code=True))
            aside = _ASIDE_ENDS.search(text) is None
            continue
        was = bool(code.fence or code.in_edit or in_patch)
        in_patch = in_patch or (not was and _PATCH_BEGIN.match(text) is not None)
        is_code = in_patch or code.take(text)
        in_patch = in_patch and _PATCH_END.match(text) is None
        if is_code and not was:
            _mark_path(found)
        found.append(_Line(text, is_code))
    return found


def _mark_path(lines: list[_Line]) -> None:
    """The line above an edit, where it is nothing but a path."""
    at = next((at for at in range(len(lines) - 1, max(len(lines) - 3, -1), -1) if lines[at].text.strip()), None)
    if at is not None and _PATH.match(lines[at].text[:_LONGEST_PATH]):
        lines[at] = _Line(lines[at].text, code=True)


def _beginnings(lines: Sequence[_Line]) -> list[_Beginning]:
    """Where steps begin, by the strongest kind of numbers of which there are several, else by the strongest."""
    found: list[_Beginning] = []
    for at, line in enumerate(lines):
        if line.code or not (match := _NUMBERED.match(line.text)):
            continue
        indent, heading, bold, word, number, mark, bold_ends, title = match.groups()
        kind = _Kind.HEADING if heading else _Kind.WORD if word else _Kind.BOLD if bold else _Kind.PLAIN
        if kind is _Kind.PLAIN and mark[-1:] not in (".", ")"):
            continue
        title = title if bold_ends or not bold else f"{bold}{title}"
        found.append(_Beginning(at, kind, len(indent), int(number), title))
    if not found:
        return []
    # Bold or not is often mixed.
    kinds = [_Kind.PLAIN if one.kind is _Kind.BOLD else one.kind for one in found]
    several = [kind for kind, count in Counter(kinds).items() if count > 1]
    strongest = max(several or kinds)
    kept = [one for one, kind in zip(found, kinds, strict=True) if kind is strongest]
    return [one for one in kept if one.indent <= kept[0].indent]


def _words(lines: Iterable[_Line], *, of_list: bool = False) -> list[str]:
    """The lines that aren't code. With `of_list` up to a paragraph that isn't the list's any more."""
    found: list[str] = []
    for line in lines:
        if line.code:
            continue
        ends = of_list and found and not found[-1].strip() and line.text.strip()
        if ends and not line.text[0].isspace() and not _ITEM.match(line.text):
            break
        if not _RULE.match(line.text):
            found.append(line.text)
    return found


def _text(words: Sequence[str]) -> str:
    """Paragraphs and items, each on one line."""
    found: list[str] = []
    margin: int | None = None
    joins = False
    size = 0
    for word in words:
        if size > LONGEST_TEXT:
            break
        said = word.strip()[: LONGEST_TEXT + 1]
        size += len(said)
        if not said:
            joins = False
        elif found and _ITEM.match(word):
            indent = len(word) - len(word.lstrip())
            margin = indent if margin is None else margin
            found.append(said if indent <= margin else f"  {said}")
            joins = True
        elif joins:
            found[-1] += f" {said}"
        else:
            found.append(said)
            joins = True
    text = "\n".join(line for line in (_unmarked(line) for line in found) if line)
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT].rsplit(" ", 1)[0] + "…"
    return text.strip()


def _unmarked(line: str) -> str:
    """The line without a heading's mark, and without bold around all of it."""
    text = re.sub(r"^#{1,6}[ \t]+", "", line)
    bold = re.fullmatch(r"(\*\*|__)((?:(?!\1).)+)\1(:?)", text)
    return f"{bold[2]}{bold[3]}" if bold else text


def _of_edits(lines: Iterable[_Line]) -> str:
    """What a step without words does."""
    paths = dict.fromkeys(match[1] for line in lines if line.code and (match := _PATH.match(line.text)))
    return f"Edit {', '.join(paths)}." if paths else "The edits as proposed."
