"""What a prompt typed by a person means: `/discuss TEXT`, `/code [TEXT]`, `/drop NAME`, `/preset NAME`,
`/once NAME TEXT`, or plain text, which discusses; `@file` anywhere names a file.

Only how it reads: whether there is such an architect, such a preset or such a file isn't known here. What a prompt is
completed to is `session/completion.py`'s.
"""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Discuss:
    """`message` is what the architects are to hear, as it was typed; by that `preset` this once, or (`None`) by the
    discussion's own."""

    message: str
    preset: str | None = None


@frozen
class Code:
    """`message` is what the editor model is told besides, often nothing."""

    message: str


@frozen
class Drop:
    name: str


@frozen
class Choose:
    """The discussion is to be held by that preset from now on."""

    preset: str


@frozen
class Wrong:
    """It can't be meant as it stands; `words` say why, and what could be."""

    words: str


Prompt = Discuss | Code | Drop | Choose | Wrong

_COMMAND = re.compile(r"/([\w-]+)(?=\s|\Z)\s*(.*)", re.DOTALL)
_FIRST_WORD = re.compile(r"(\S+)\s+(\S.*)", re.DOTALL)
_MENTION = re.compile(r"(?<!\S)@(\S+)")
_ENDS_A_SENTENCE = ".,;:!?)]}\"'»"


def read_prompt(text: str) -> Prompt:
    """Reads a prompt. Several lines stay as they were typed; only blanks at the ends are taken off."""
    typed = text.strip()
    command = _COMMAND.fullmatch(typed)
    if command is None:
        return Discuss(typed) if typed else Wrong("Type a message first.")
    rest = command[2]
    match command[1]:
        case "discuss":
            return Discuss(rest) if rest else Wrong("Say what to discuss: /discuss TEXT.")
        case "code":
            return Code(rest)
        case "drop":
            one_word = rest and len(rest.split()) == 1
            return Drop(rest) if one_word else Wrong("Say which architect to drop: /drop NAME.")
        case "preset":
            one_word = rest and len(rest.split()) == 1
            return Choose(rest) if one_word else Wrong("Say which preset to choose: /preset NAME.")
        case "once":
            found = _FIRST_WORD.fullmatch(rest)
            return Discuss(found[2], found[1]) if found else Wrong("Say by which preset, and what: /once NAME TEXT.")
        case unknown:
            return Wrong(f"There is no command /{unknown}. There are /discuss, /code, /drop, /preset and /once.")


def mentions(text: str) -> tuple[str, ...]:
    """What `@…` names in a text, each once."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def readings(mention: str) -> tuple[str, ...]:
    """The paths that a mention may mean: as it stands, and without what ends the sentence or the bracket it is in."""
    bare = mention.rstrip(_ENDS_A_SENTENCE)
    return (mention, bare) if bare and bare != mention else (mention,)
