"""Reads the questions that an architect asks the user, each with the answers that it offers.

```
<question>
Should the old name stay?
- Yes, as an alias
- No
</question>
```

Where the tag counts is `tagged.py`'s business. The list at its end is what may be answered; all that stands above it is
the question. What isn't read so stays prose: nothing raises, and nothing is taken out of the reply. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import evolve

from moa_lsp.discussion.tagged import Tag, Tagged, tagged
from moa_lsp.discussion.values import Question

MOST_QUESTIONS, MOST_CHOICES = 5, 8
"""How many questions of one reply count, and how many choices of one question."""

LONGEST_QUESTION, LONGEST_CHOICE = 1_200, 200
"""Code points; what is longer is cut at a word."""

_LONGEST_LABEL = 60
_MOST_LINES = 200
_LONGEST_LINE = 2_000
_TAG = Tag.of("questions?")
_ITEM = re.compile(
    r"^(\s*)(?:[-*+•▪◦‣](?:\s+|$)(?:\[[ x]?\]\s*)?|[□☐○]\s*|\(?\d{1,2}[.):]\s+|\(?[a-h][.)]\s+"
    r"|<\s*(?:choice|option|answer)\b[^<>]*>)"
    r"(?:(?:\*\*)?(?:\(?[a-h1-8][.):]|(?:option|choice)\s+[a-h1-8]\s*[.):])(?:\*\*)?\s+)?(.*)$",
    re.IGNORECASE,
)
_CHOICE_END = re.compile(r"<\s*/\s*(?:choices?|options?|answers?)\s*>\s*$", re.IGNORECASE)
_LABEL = re.compile(
    r"[*_# ]*(?:(?:the )?(?:choices|options|possible answers|answers)(?: are)?[*_]*:?[*_]*"
    r"|< ?/? ?(?:choices|options|answers) ?>)",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^[\s*_#]*(?:question|q)\s*\d*\s*:[\s*_]*", re.IGNORECASE)


def read_questions(reply: str) -> tuple[Question, ...]:
    """The questions in a whole reply, numbered from 1 and not answered yet."""
    found: dict[str, Question] = {}
    for part in tagged(reply, _TAG):
        for question in filter(lambda one: one.text, _questions_of(part)):
            found.setdefault(question.text, evolve(question, number=len(found) + 1))
            if len(found) == MOST_QUESTIONS:
                return tuple(found.values())
    return tuple(found.values())


def _questions_of(part: Tagged) -> Iterator[Question]:
    lines = [line[:_LONGEST_LINE].rstrip() for line in part.lines[:_MOST_LINES]]
    asked, items = _asked_and_listed(lines if part.closed else _before_prose(lines))
    if asked:
        yield _question(asked, [_words(item) for item in items])
        return
    # All of it is a list: of questions, unless there is only the first of them with its choices.
    several = [_asked_and_listed(item) for item in items]
    if len(several) > 1 and all(text.rstrip("*_ ").endswith("?") for text, _ in several):
        for text, choices in several:
            yield _question(text, [_words(choice) for choice in choices])
    elif items:
        yield _question(_words(items[0]), [_words(item) for item in items[1:]])


def _asked_and_listed(lines: Sequence[str]) -> tuple[str, list[list[str]]]:
    """What stands above the list at the end, in one paragraph or more, and the lines of each of its items."""
    above: list[str] = []
    items: list[list[str]] = []
    margin = begins = 0
    for number, line in enumerate(lines):
        if item := _ITEM.match(line):
            if not items:
                margin, begins = len(item[1]), number
            if items and len(item[1]) > margin:
                items[-1].append(line)
            else:
                items.append([_CHOICE_END.sub("", item[2])])
        elif not items:
            above.append(line)
        elif line[:1].isspace():
            items[-1].append(line)
        elif line and not _labels(line):
            # A list that something follows is a part of the question.
            above, items = [*above, *lines[begins : number + 1]], []
    while above and (not above[-1].strip() or _labels(above[-1])):
        above.pop()
    return "\n".join(above).strip(), items


def _before_prose(lines: Sequence[str]) -> Sequence[str]:
    """The lines of a question that nothing closes: its first paragraph, and a list below it."""
    for number, line in enumerate(lines):
        begins = number > 0 and not lines[number - 1] and any(lines[:number])
        if line and begins and not (line[0].isspace() or _ITEM.match(line) or _labels(line)):
            return lines[:number]
    return lines


def _question(text: str, choices: Sequence[str]) -> Question:
    text = _cut(_unmarked(_ASKED.sub("", text)), LONGEST_QUESTION)
    kept = dict.fromkeys(_cut(choice, LONGEST_CHOICE) for choice in choices if choice)
    return Question(0, text, tuple(kept)[:MOST_CHOICES])


def _labels(line: str) -> bool:
    """Whether the line only says that choices follow, or that they end."""
    return len(line) <= _LONGEST_LABEL and _LABEL.fullmatch(" ".join(line.split())) is not None


def _words(lines: Sequence[str]) -> str:
    return _unmarked(" ".join(" ".join(lines).split()))


def _unmarked(text: str) -> str:
    text = text.strip()
    return re.sub(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*", r"\1", text).removesuffix("**").strip()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + "…"
