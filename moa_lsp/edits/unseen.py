"""What a person who looks at an edit can't see: characters without a shape, or that turn the direction of what is
shown, letters of another script among look-alikes in a file's name, and a schema that editors fetch by themselves.

Rules:
- What an edit adds is pointed out, with its code points; what the text held already is not: it is the user's own.
- Nothing is taken out or refused here. A zero-width joiner has its place in emoji and in many scripts, so a person
  must decide. (Paths are another matter: see `paths.py`.)
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from moa_lsp.edits.values import FileChange, FileKind, Problem

# Unicode's general category Cf (bidi controls, zero-width and tag characters among them), letters and marks that have
# no shape of their own, and the second block of variation selectors, in which whole texts were hidden.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# A joiner behind an emoji (or the sign that makes one of a letter) makes one picture of several.
_JOINED_EMOJI = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f300-\U0001faff])\u200d")
_SCHEMA = re.compile(r"""["']?\$schema["']?\s*:\s*["']?(https?://[^\s"',}]+)""", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ALIKE = ("LATIN", "CYRILLIC", "GREEK")
_MOST_LISTED = 5


def unseen_in(text: str) -> tuple[str, ...]:
    """The code points (`U+202E`) of the characters in a text that can't be seen, each once, in their order."""
    return tuple(dict.fromkeys(_code_point(one) for one in _UNSEEN.findall(text)))


def pointed_out(files: Iterable[FileChange]) -> tuple[Problem, ...]:
    """What to tell a person about these edits before they are applied, file by file."""
    notices: list[Problem] = []
    for file in files:
        if file.kind is FileKind.CREATE:
            notices += _about_name(file.path)
        unseen: Counter[str] = Counter()
        schemas: dict[str, None] = {}
        lines: list[int] = []
        for hunk in file.hunks:
            added = _added(hunk.old, hunk.new)
            if added:
                unseen.update(added)
                lines.append(hunk.start + 1)
            schemas.update(dict.fromkeys(one for one in _SCHEMA.findall(hunk.new) if one not in hunk.old))
        if unseen:
            message = (
                f"The edit of {file.path} near line {lines[0]} adds characters that can't be seen: {_listed(unseen)}."
            )
            notices.append(
                Problem(
                    message, file.path, "Code may not do what it seems to: look closely before you apply.", notice=True
                )
            )
        for schema in schemas:
            message = f"The edit of {file.path} names a schema that editors fetch by themselves: {schema}"
            notices.append(Problem(message, file.path, notice=True))
    return tuple(notices)


def _added(old: str, new: str) -> Counter[str]:
    """The unseen characters that the new text has and the old hadn't, by code point."""
    if new.isascii():
        return Counter()
    return Counter(map(_code_point, _unseen(new))) - Counter(map(_code_point, _unseen(old)))


def _unseen(text: str) -> list[str]:
    return _UNSEEN.findall(_JOINED_EMOJI.sub("", text))


def _about_name(path: str) -> list[Problem]:
    """What a new file's name hides: letters that only look like their neighbours, or a form that looks like another."""
    notices: list[Problem] = []
    for word in _WORD.findall(path):
        scripts = {script: letter for letter in word for script in _ALIKE if _name(letter).startswith(script)}
        if len(scripts) > 1:
            strange = [letter for letter in word if not letter.isascii()]
            listed = _listed(Counter(f"{_code_point(one)} {_name(one)}" for one in strange))
            notices.append(
                Problem(f"The name of the new file {path} mixes letters that look alike: {listed}.", path, notice=True)
            )
    if not unicodedata.is_normalized("NFC", path):
        composed = unicodedata.normalize("NFC", path)
        strange = [one for one in path if not one.isascii() and one not in composed]
        listed = _listed(Counter(map(_code_point, strange)))
        notices.append(
            Problem(
                f"The name of the new file {path} looks like another but is not the same: {listed}.", path, notice=True
            )
        )
    return notices


def _listed(counted: Mapping[str, int]) -> str:
    shown = [f"{one} ({count} times)" if count > 1 else one for one, count in list(counted.items())[:_MOST_LISTED]]
    return ", ".join(shown) + (f" and {len(counted) - _MOST_LISTED} others" if len(counted) > _MOST_LISTED else "")


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _name(character: str) -> str:
    return unicodedata.name(character, "")
