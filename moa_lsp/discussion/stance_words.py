"""The words that a line of stances is made of: what is thought, of whom, and of which part of the proposal.

Each function reads at the beginning of a text and gives what it read and the text behind it. Models write names in any
case, bold, in backticks, as possessives; parts as "2", "#2", "step 2", "steps 1 and 2", "edit 1", "`api.py`, line 12".
What isn't sure to be meant stays text. Lines are handed in cut, so no pattern meets a long one.

How a line is put together is `stances.py`'s business. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from attrs import frozen

from moa_lsp.discussion.values import Attitude

_MOST_OF_A_RANGE = 20

_NARROW = str.maketrans("：，；（）", ":,;()")
_MARKS = re.compile(r"^(?:[\s>|*_`•]|[-+](?=\s)|\d{1,2}[.)](?=\s)|\[[ xX]\])+")
_ELEMENT = re.compile(r"<\s*(/?)\s*(\w+)([^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_KIND_KEYS = {"kind", "type", "stance", "verdict", "attitude", "position"}
_ABOUT_KEYS = {"about", "architect", "name", "to", "of"}
_TARGET_KEYS = {"target", "step", "edit", "hunk", "part", "file", "path"}

_WHO = r"(?:(?:i(?:['’][md])?|we|am|are|would|do|strongly|fully|also|still|completely)\b[\W_]*)*"
_CLEAR = {
    Attitude.AMEND: (
        r"(?:partial(?:ly)?|partly|mostly)[ \t]+(?:support|agree)\w*"
        r"|(?:support|agree)[ \t]+with[ \t]+(?:changes|amendments)"
        r"|amend(?:s|ed|ing|ments?)?|adjust(?:s|ed)?|modif(?:y|ies|ied)|refines?|revises?"
    ),
    Attitude.SUPPORT: (
        r"support(?:s|ed|ing|er)?|agree(?:s|d|ing|ment)?|endorse[sd]?|approve[sd]?|accept(?:s|ed)?|in[ \t]+favou?r"
    ),
    Attitude.OBJECT: (
        r"object(?:s|ed|ing|ions?)?|against|oppose[sd]?|opposing|disagree(?:s|d|ing|ment)?|reject(?:s|ed|ing)?"
    ),
}
_LOOSE = {
    Attitude.AMEND: r"tweaks?|improves?|changes?",
    Attitude.SUPPORT: r"back(?:s|ed)?|favou?rs?|for|keeps?",
    Attitude.OBJECT: r"contests?|blocks?",
}
_SIGNS = {
    Attitude.AMEND: r"[~≈]",
    Attitude.SUPPORT: r"\+1?|👍|✅|✔️?",
    Attitude.OBJECT: r"!|-1\b|❗|👎|❌|✗|✘",
}


def _one_of(kinds: Mapping[Attitude, str]) -> str:
    """A pattern with a group for each kind, in their order."""
    return "|".join(f"({words})" for words in kinds.values())


_CLEAR_KIND = re.compile(rf"[\W_]*{_WHO}(?:{_one_of(_CLEAR)})\b", re.IGNORECASE)
_LOOSE_KIND = re.compile(rf"[\W_]*{_WHO}(?:{_one_of(_LOOSE)})\b", re.IGNORECASE)
_SIGN = re.compile(rf"[\s*_`\[(:—–|]*(?:{_one_of(_SIGNS)})")
# What may stand behind the word where it stands behind the name: "ALPHA: object types differ" says nothing of the kind.
_KIND_ENDS = re.compile(r"\s*(?:$|[^\w\s]|(?:to|with|of|because|since|as|steps?|edit)\b|\d)", re.IGNORECASE)

_TO_NAME = (
    r"[\W_]*(?:(?:with|to|of|on|for|from|by|the|both|all|whole|entire"
    r"|architect|proposal|plan|step|edit|idea|approach)\b[\W_]+)*"
)
_LIST = re.compile(r"[\s*_`)\]]*(?:,\s*and\b|,|;|&|/|\+|and\b)[\s*_`]*", re.IGNORECASE)
_LIST_ENDS = re.compile(r"\s*(?:$|[^\w\s]|(?:and|because|since|as)\b)", re.IGNORECASE)

_BEFORE_TARGET = re.compile(
    r"(?:[`*_\"”)\]]+(?=[\s:,.]|$)|[/.](?=\d))?[\s*_\"“”(\[,|]*(?:(?:['’]s?|on|the|for|at|about)(?=[\s*_`(])[\s*_\"“(\[]*)*"
)
_PARTED = re.compile(r"[\s*_`)\]]*(?:[:|—–]|->?(?=\s))[\s*_]*")
_PARTED_AGAIN = re.compile(r"[*_`)\]\"]*\s*(?:$|[:|—–]|->?\s)")
_ORDINALS = {word: number for number, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
_ORDINAL = re.compile(
    rf"((?:['’]s?)?[\s*_(\[]*(?:the\s+)?)(?:({'|'.join(_ORDINALS)})|(\d{{1,3}})(?:st|nd|rd|th))\s+"
    r"(step|point|item|edit|hunk|change|block)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:whole[ \t]+|entire[ \t]+)?(?:proposal|plan|approach|idea|version|suggestion|solution"
    r"|all(?:[ \t]+(?:steps|of[ \t]+it))?|overall|everything)"
    r"(?=\s*(?:$|[^\w\s]|step|edit|point|\d))[\s,*_(\[]*",
    re.IGNORECASE,
)
_EDIT_WORD = r"(?:edit|hunk|change|block|patch)s?(?:[ \t]+blocks?)?[ \t]*(?:no\.?|number)?[ \t]*"
_STEP_WORD = r"(?:steps?|points?|items?|parts?|no\.|number)[ \t]*"
_NUMBER = re.compile(
    rf"(?:({_EDIT_WORD})|({_STEP_WORD}))?#?(\d{{1,3}})(?:\.\d+|st|nd|rd|th|[a-f])?(?![\w%]|\.\d)", re.IGNORECASE
)
_RANGE = re.compile(r"\s*(?:-|–|to\b|through\b)\s*#?(\d{1,3})(?![\w%.])", re.IGNORECASE)
_TO_PATH = re.compile(
    r"(?:(?:the[ \t]+)?(?:edits?|changes?|hunks?|file)[ \t]+)?(?:(?:in|of|to|on|at|for)[ \t]+)?"
    r"(?:the[ \t]+file[ \t]+)?",
    re.IGNORECASE,
)
_QUOTED_PATH = re.compile(r"`([^`\n]{1,300})`|\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'")
_BARE_PATH = re.compile(r"[^\s:,;`'\"*|<>]{1,300}")
_LINE_OF = re.compile(r"(?:lines?|l\.)[ \t]*(\d{1,7})(?:[ \t]*[-–][ \t]*\d{1,7})?[ \t]+(?:of|in)[ \t]+", re.IGNORECASE)
_LINE_IN_PATH = re.compile(r"#L\d{1,7}(?:-L?\d{1,7})?$", re.IGNORECASE)
_EXTENSION = re.compile(r"[^.]\.([A-Za-z]\w{0,9})$")
_NO_PATHS = {"e.g", "i.e", "and/or", "either/or", "read/write", "vs"}
_LINE = re.compile(
    r"(?::|#L|[ \t]*,?[ \t]*\(?(?:at[ \t]+|on[ \t]+)?(?:lines?|l\.)[ \t]*)(\d{1,7})(?:[ \t]*[-–:][ \t]*L?\d{1,7})?\)?",
    re.IGNORECASE,
)

_SEPARATORS = re.compile(
    r"^(?:[\s:;,|)\]→]|\.(?!\d)|[—–=]>?|-+>?(?=\s)|\*\*|__|[`*_\"'”](?=[\s:,.)]|$)|reason\s*:|\((?=[^()]*\)$))+",
    re.IGNORECASE,
)


@frozen
class Named:
    """The names that may be meant, and how each is to be spelled."""

    itself: str
    spellings: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, itself: str, others: Collection[str]) -> Named:
        """`itself` is the one who speaks."""
        known = {name.lower() for name in (*others, itself)}
        spellings = sorted(dict.fromkeys((*others, itself)), key=len, reverse=True)
        names = "|".join(f"({_as_written(name, known)})" for name in spellings if name)
        ends = r"(?:['’]s?(?!\w))?(?![-_]?[^\W_])"
        return cls(itself, tuple(filter(None, spellings)), re.compile(f"{_TO_NAME}@?(?:{names}){ends}", re.IGNORECASE))

    def at(self, text: str) -> tuple[str, str] | None:
        """The name that the text begins with, but for what leads to it, and the text behind it."""
        match = self.pattern.match(text) if self.spellings else None
        return (self.spellings[(match.lastindex or 1) - 1], text[match.end() :]) if match else None

    def listed(self, text: str) -> tuple[str, str] | None:
        """The next name of a list of names, where the text goes on with one and nothing else is said of it."""
        comma = _LIST.match(text)
        found = self.at(text[comma.end() :]) if comma else None
        return found if found and _LIST_ENDS.match(targets_at(found[1])[1]) else None

    def is_itself(self, name: str) -> bool:
        return name.lower() == self.itself.lower()


def _as_written(name: str, known: Collection[str]) -> str:
    """The name's pattern. Its last hyphen may be a blank, unless this makes it a part of somebody else's proposal."""
    front, hyphen, end = name.rpartition("-")
    if hyphen and front and front.lower() not in known:
        return f"{re.escape(front)}[-_ ]?{re.escape(end)}"
    return re.escape(name)


def bare(line: str, *, ends: bool = False) -> str:
    """The words of a line, without what marks it as an item, a row or an element. With `ends` it is the end of a line,
    a reason, and what parts it from the words before it goes as well."""
    text = " ".join(line.translate(_NARROW).split())
    text = _MARKS.sub("", text) if not ends else text
    if not ends and text.startswith("<"):
        text = _from_elements(text)
    if ends:
        text = _SEPARATORS.sub("", text)
    text = text.strip().rstrip("|").rstrip()
    for mark in ("**", "__", "`", '"'):
        if text.endswith(mark) and text.count(mark) % 2:
            text = text.removesuffix(mark).rstrip()
    return text.removesuffix(")") if text.endswith(")") and text.count(")") > text.count("(") else text


def _from_elements(text: str) -> str:
    """`<stance kind="object" about="ALPHA" target="2">reason</stance>` and the like, as a line of words."""
    said: dict[str, str] = {}
    words: list[str] = []
    for closing, name, attributes in _ELEMENT.findall(text):
        if not closing and kind_at(name):
            said["kind"] = name
        for key, *values in _ATTRIBUTE.findall(attributes):
            key, value = key.lower(), "".join(values)
            if key in _KIND_KEYS:
                said["kind"] = value
            elif key in _ABOUT_KEYS:
                said["about"] = value
            elif key in _TARGET_KEYS:
                said["target"] = f"{key} {value}" if key in ("edit", "hunk", "step") and value.isdigit() else value
            elif key == "reason":
                words.append(value)
    front = " ".join(said[key] for key in ("kind", "about", "target") if key in said)
    rest = " ".join(filter(None, (" ".join(_ELEMENT.sub(" ", text).split()), *words)))
    return f"{front}: {rest}" if front and rest and "about" in said else f"{front} {rest}".strip()


def kind_at(text: str, *, behind_name: bool = False) -> tuple[Attitude, str] | None:
    """What the text begins by saying is thought. With `behind_name` only words that can't be a part of a reason."""
    for pattern, kinds in ((_CLEAR_KIND, _CLEAR), (_SIGN, _SIGNS), (_LOOSE_KIND, _LOOSE)):
        match = pattern.match(text)
        if not match or not match.lastindex:
            continue
        rest = text[match.end() :]
        drawn = pattern is _SIGN and not match[match.lastindex].isascii()
        if behind_name and not drawn and (pattern is _LOOSE_KIND or not _KIND_ENDS.match(rest)):
            continue
        return tuple(kinds)[match.lastindex - 1], rest
    return None


def targets_at(text: str) -> tuple[list[str], str]:
    """The parts of a proposal that the text begins by naming; one empty name stands for all of it."""
    if ordinal := _ORDINAL.match(text):
        number = ordinal[3] or _ORDINALS[ordinal[2].lower()]
        text = f"{ordinal[1]}{ordinal[4]} {number}{text[ordinal.end() :]}"
    first = _target_at(text, listed=False) or _parted_target_at(text)
    if first is None:
        whole = _BEFORE_TARGET.match(text)
        filler = _FILLER.match(text, whole.end()) if whole else None
        return [""], text[filler.end() :] if filler else text
    targets, rest = first
    while comma := _LIST.match(rest):
        edit = targets[-1].startswith("edit ")
        more = _target_at(rest[comma.end() :], listed=True, edit=edit)
        if more is None:
            break
        targets, rest = [*targets, *more[0]], more[1]
    return targets, rest


def _parted_target_at(text: str) -> tuple[list[str], str] | None:
    """The part where a colon or a dash stands before it, as one does behind it: else it is a part of the reason."""
    parted = _PARTED.match(text)
    found = _target_at(text[parted.end() :], listed=False) if parted else None
    return found if found and _PARTED_AGAIN.match(found[1]) else None


def _target_at(text: str, *, listed: bool, edit: bool = False) -> tuple[list[str], str] | None:
    before = _BEFORE_TARGET.match(text)
    at = before.end() if before else 0
    if filler := _FILLER.match(text, at):
        at = filler.end()
    if number := _NUMBER.match(text, at):
        rest = text[number.end() :]
        last = int(number[3])
        if (between := _RANGE.match(rest)) and last < int(between[1]) <= last + _MOST_OF_A_RANGE:
            last, rest = int(between[1]), rest[between.end() :]
        if listed and not _LIST_ENDS.match(rest):
            return None
        word = "edit " if number[1] or (edit and not number[2]) else ""
        return [f"{word}{one}" for one in range(int(number[3]), last + 1)], rest
    if line := _LINE_OF.match(text, at):
        found = _path_at(text[line.end() :], listed=listed)
        return ([f"{path}:{line[1]}" for path in found[0]], found[1]) if found else None
    if lead := _TO_PATH.match(text, at):
        at = lead.end()
    return _path_at(text[at:], listed=listed)


def _path_at(text: str, *, listed: bool) -> tuple[list[str], str] | None:
    quoted = _QUOTED_PATH.match(text)
    match = quoted or _BARE_PATH.match(text)
    if match is None:
        return None
    path = next(filter(None, match.groups()), "") if quoted else match[0].rstrip(".)]!?")
    path = path if quoted else _LINE_IN_PATH.sub("", path)
    rest = text[match.end() :] if quoted else text[len(path) :]
    line = _LINE.match(rest)
    if quoted and not line and (inner := _LINE.search(path)) and inner.end() == len(path):
        path, line = path[: inner.start()], inner
    elif line:
        rest = rest[line.end() :]
    path = path.strip().removeprefix("./")
    if not _is_path(path, sure=line is not None) or (listed and not _LIST_ENDS.match(rest)):
        return None
    return [f"{path}:{line[1]}" if line else path], rest


def _is_path(word: str, *, sure: bool) -> bool:
    if not word or word.lower() in _NO_PATHS or "(" in word[-2:]:
        return False
    if sure:
        return not word.isdigit() and re.search(r"\w", word) is not None
    return ("/" in word.strip("/") and " " not in word) or _EXTENSION.search(word) is not None
