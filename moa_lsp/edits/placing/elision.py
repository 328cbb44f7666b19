"""Finds lines that stand for lines left out, as in `# ... rest unchanged` or `/* existing code */`.

Written into a file, such a line would take the place of the code that it stands for: the gravest fault an edit can
have. So only a line that says so on its own is taken for one, and only where the file doesn't hold that very line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_COMMENT = re.compile(
    r"^(?:\{\s*/\*+|/\*+|<!--+|//+|#+|--+|;+|%+|\*+|'+|\(\*|\{-|REM\b)\s*(.*?)\s*(?:\*+/\s*\}|\*+/|--+>|\*\)|-\})?$"
)
_BRACKETS = re.compile(r"^[\[(<{]\s*(.*?)\s*[\])>}]$")
_DOTS = r"(?:\.{3,}|…+|\. \. \.)"
_LEADING = re.compile(rf"^{_DOTS}\s*")
_TRAILING = re.compile(rf"\s*{_DOTS}$")

_CODE = "(?:code|file|function|method|class|implementation|module|component|document|script)"
_NOUN = (
    r"(?:code|files?|functions?|methods?|class(?:es)?|imports?|implementation|modules?|components?|contents?|body|lines?|"
    r"logic|sections?|text|definitions?|tests?|fields?|document|script|styles?|rules?|props?|handlers?|routes?)"
)
_STAYS = (
    r"(?:here|goes here|below|above|unchanged|as is|as before|the same|same|omitted(?: for brevity)?|continues?|"
    r"(?:is|are|stays?|remains?|left|kept)(?: (?:the )?(?:same|unchanged|as is|as before|omitted|here|intact))?)"
)
_OF = r"of (?:the |this |your )?(?:[\w-]+ ){0,2}?"
# What is said of lines left out. Without dots, a comment must say no more than this.
_SAID = re.compile(
    rf"^(?:(?:the )?rest(?: {_OF}{_NOUN})?(?: {_STAYS})+"
    rf"|(?:the )?rest {_OF}{_CODE}"
    rf"|(?:your |the )?(?:existing|unchanged) {_NOUN}(?: {_STAYS})*"
    rf"|(?:the |all )?(?:other|previous|original|remaining|same)(?: \w+)? {_NOUN}(?: {_STAYS})+"
    r"|no changes? (?:here|above|below|needed)|unchanged|same as (?:before|above)|as before|snip(?:ped)?"
    r"|(?:code )?omitted for brevity"
    rf"|keep (?:the |your |all )?(?:rest|(?:existing|remaining|other) {_NOUN})(?: {_STAYS})*"
    rf"|{_CODE} (?:is |remains? )?(?:unchanged|omitted)(?: for brevity)?)$",
    re.IGNORECASE,
)
# With dots before it, any of these is enough.
_HINTED = re.compile(
    r"\b(?:existing|rest|remain\w*|unchanged|same|previous|other|others|omitted|original|keep|kept|code|imports?|"
    r"methods?|functions?|implementation|snip\w*|etc|as is|as before|more|truncated|elided|skipped|body|lines?)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\b(?:existing|rest of|the rest|remaining|unchanged|omitted|same as|as before)\b", re.IGNORECASE)

# Where three dots alone are code or prose: Python's ellipsis, the end of a YAML document.
_PROSE = frozenset({".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc"})
_DOTS_ARE_TEXT = _PROSE | {".yaml", ".yml", ".tex"}
_PYTHON = frozenset({".py", ".pyi", ".pyx", ".ipynb"})


def elided_line(new: Iterable[str], old: Iterable[str], path: str) -> str | None:
    """The first of the new lines that stands for lines left out; none that the old text holds itself."""
    suspects = [line for line in new if is_elision(line, path)]
    if not suspects:
        return None
    there = {line.strip() for line in old}
    return next((line.strip() for line in suspects if line.strip() not in there), None)


def is_elision(line: str, path: str) -> bool:
    """Whether the line, by itself, reads as standing for lines left out of a file of that name."""
    text = line.strip()
    if not text or len(text) > 160:
        return False
    suffix = PurePosixPath(path).suffix.lower()
    comment = _COMMENT.match(text)
    if comment is None or (suffix in _PROSE and text[0] in "*#"):
        return _bare_elision(line, text, suffix)
    return _said(_inside(comment[1]))


def _said(text: str) -> bool:
    """Whether a comment's text says that something is left out."""
    words, before = _LEADING.subn("", text)
    words, after = _TRAILING.subn("", words)
    words = _inside(words).rstrip(".:").strip()
    if not words:
        return bool(before or after)
    if len(words.split()) > 12:
        return False
    if _SAID.match(words):
        return True
    if before:
        return bool(_HINTED.search(words))
    return bool(after) and bool(re.match(rf"(?:the |your )?(?:{_STRONG.pattern})", words, re.IGNORECASE))


def _bare_elision(line: str, text: str, suffix: str) -> bool:
    """A line that is no comment: dots alone, or dots and words that no program holds."""
    text = _inside(text)
    words, before = _LEADING.subn("", text)
    words, after = _TRAILING.subn("", words)
    if not words:
        if suffix in _DOTS_ARE_TEXT:
            return False
        return bool(before) and (suffix not in _PYTHON or not line[:1].isspace())
    words = _inside(words)
    return (
        bool(before or (after and _SAID.match(words))) and 2 <= len(words.split()) <= 8 and bool(_STRONG.search(words))
    )


def _inside(text: str) -> str:
    brackets = _BRACKETS.match(text)
    return brackets[1] if brackets else text
