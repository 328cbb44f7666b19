"""Reads the roles that a model wrote for the architects of a task. Pure.

It was asked for so many `<role>` fences and nothing else (`moa_lsp/prompts/write-roles.md`). Models write JSON,
headings and lists instead, so a reply is read by one form after the other, from the strictest on, until one yields
roles. What comes out is plain words: whoever puts them into a prompt fences and escapes them, as roles from anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from moa_lsp.discussion.fences import unescape

LONGEST = 800
"""Code points in the longest role, about twice of what three sentences take; a longer one is cut at a word."""

_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,}).*\n?", re.MULTILINE)
# Tags as they are, escaped as our own fences are, and escaped as if it were HTML.
_TAG = re.compile(r"(?:<\\*|&lt;)\s*(/?)\s*roles?(?![\w-])[^<>&\n]*(?:>|&gt;)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"^[ \t>]*(?:[-*+•#]+[ \t]+)?(?:\*\*|__)?"
    r"(?:(?:role|viewpoint|perspective)[ \t]*#?(?:\d{1,2}|[a-z])\b|\d{1,2}(?=[.):]))[.):*_ \t–—-]*",
    re.IGNORECASE | re.MULTILINE,
)
_BULLET = re.compile(r"^[-*+•][ \t]+", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_MARK = re.compile(r"^[ \t]*(?:(?:#{1,6}|[-*+•>])[ \t]+)*")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_TEXT_KEYS = ("role", "text", "description", "viewpoint", "instruction", "prompt")


def roles_in(reply: str, count: int) -> tuple[str, ...]:
    """The first `count` roles of a reply, each once and in its order; fewer where it holds fewer, none where nothing in
    it reads as a role."""
    for reading, sure in _READINGS:
        roles = tuple(dict.fromkeys(role for part in reading(reply) if (role := _cleaned(part))))
        # Of a list or of paragraphs one alone is a remark or a refusal, unless only one role was asked for.
        if len(roles) >= (1 if sure else min(count, 2)):
            return roles[: max(count, 0)]
    return ()


def _tagged(reply: str) -> Iterator[str]:
    """What stands between tags. An opening one also ends what was open: a closing one is easily forgotten."""
    start: int | None = None
    for tag in _TAG.finditer(reply):
        if start is not None:
            yield reply[start : tag.start()]
        start = None if tag[1] else tag.end()
    if start is not None:
        yield reply[start:]


def _from_json(reply: str) -> Iterator[str]:
    """A list of strings or objects, bare, under a key, or amid other text."""
    # Nothing but the first bracket can begin it, so that no reply is decoded once for each of its brackets.
    if opening := re.search(r"[\[{]", reply):
        try:
            value, _ = json.JSONDecoder().raw_decode(reply, opening.start())
        except (ValueError, RecursionError):
            return
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        inside = list(cast(dict[str, Any], value).values())
        value = next((cast(list[Any], one) for one in inside if isinstance(one, list)), inside)
    for one in cast(list[Any], value) if isinstance(value, list) else []:
        if isinstance(one, dict):
            fields = {key.lower(): said for key, said in cast(dict[str, Any], one).items()}
            one = next((fields[key] for key in _TEXT_KEYS if key in fields), None)
        if isinstance(one, str):
            yield one


def _numbered(reply: str) -> list[str]:
    """`1. …`, `Role 1: …`, `## Viewpoint B`, `**Role 3**` and the like, each with what stands below it."""
    return _parts(reply, _NUMBERED)


def _bullets(reply: str) -> list[str]:
    return _parts(reply, _BULLET)


def _parts(reply: str, beginning: re.Pattern[str]) -> list[str]:
    _, *parts = beginning.split(_FENCE.sub("", reply))
    if len(parts) > 1:
        # What is said behind the last role isn't part of it: it gets as many paragraphs as the first one has.
        length = len(_PARAGRAPHS.split(parts[0].strip()))
        parts[-1] = "\n".join(_PARAGRAPHS.split(parts[-1].strip())[:length])
    return parts


def _paragraphs(reply: str) -> Iterator[str]:
    """Paragraphs that are neither a lead-in (it ends in a colon) nor a heading."""
    for paragraph in _PARAGRAPHS.split(_FENCE.sub("", reply)):
        words = paragraph.strip()
        if not words.endswith(":") and not (words.startswith("#") and "\n" not in words):
            yield words


def _cleaned(role: str) -> str:
    """The words of a role in one paragraph, without what only marks them."""
    words = " ".join(_MARK.sub("", line) for line in _FENCE.sub("", role).splitlines())
    words = _BOLD.sub(r"\1", unescape(" ".join(words.split()))).strip('"“”* ')
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0]


_READINGS: tuple[tuple[Callable[[str], Iterable[str]], bool], ...] = (
    (_tagged, True),
    (_from_json, True),
    (_numbered, False),
    (_bullets, False),
    (_paragraphs, False),
)
"""Each way of reading, and whether what it finds is sure to have been meant as a role."""
