"""Changes a few lines as a developer would: renames, adds, deletes, turns a condition round, adds a parameter, wraps.

Each alteration takes the lines and gives the new ones, or `None` where it doesn't fit them. The lines keep the
indentation that the file has there; what the model then gets wrong is `cases.py`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from bench.edits.sources import Source

Alteration = Callable[[Sequence[str], str, Random], list[str] | None]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
_NO_NAMES = """
    def class return import from else elif while with pass raise yield lambda None True False async await finally
    except function const this null true false void static struct typedef include endif ifdef define block endblock
    https http width height color self super break continue switch case
"""
_KEYWORDS = frozenset(_NO_NAMES.split())
_TURNS = (
    (" == ", " != "),
    (" != ", " == "),
    (" and ", " or "),
    (" or ", " and "),
    (" && ", " || "),
    (" <= ", " < "),
    (" > ", " >= "),
    (" is not None", " is None"),
    (" not in ", " in "),
    ("True", "False"),
    ("False", "True"),
    ("if not ", "if "),
)
_NOUNS = ("limit", "timeout", "owner", "strict", "buffer", "origin", "offset", "label")
_PYTHON = ("py", "pyx")
_BRACES = ("js", "c", "h")
_NEW_LINES = {
    "py": ("logger.debug({0!r})", "{0} = None", "assert {0} is not None", "self.{0} += 1", "# The {0} is set by now."),
    "js": ("console.debug('{0}');", "const {0} = null;", "// The {0} is set by now."),
    "c": ("trace_{0}();", "int {0} = 0;", "/* The {0} is set by now. */"),
    "css": ("outline-offset: 2px;", "--{0}: 1px;", "/* {0} */"),
    "html": ("<span class='{0}'></span>", "<!-- {0} -->"),
    "yaml": ("{0}: 3", "# {0}"),
    "md": ("See also the section on the {0}.", "- the {0}, where there is one"),
}


def alter(lines: Sequence[str], source: Source, random: Random) -> list[str]:
    """The lines as someone who works on that file might leave them; always different ones, and never none."""
    alterations: list[Alteration] = [_rename, _rename, _add, _add, _delete, _turn, _turn, _parameter, _parameter, _wrap]
    random.shuffle(alterations)
    for alteration in alterations:
        new = alteration(lines, source.suffix, random)
        if new is not None and new != list(lines) and any(line.strip() for line in new):
            return new
    return _reworded(lines, random)


def indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def names_in(line: str) -> list[str]:
    """The words of a line that could be called otherwise."""
    return [word for word in _WORD.findall(line) if word not in _KEYWORDS]


def _rename(lines: Sequence[str], suffix: str, random: Random) -> list[str] | None:
    names = sorted({name for line in lines for name in names_in(line)})
    if not names or suffix == "md":
        return None
    old = random.choice(names)
    new = random.choice((f"{old}_value", f"new_{old}", f"{old}2", random.choice(_NOUNS)))
    return [re.sub(rf"\b{re.escape(old)}\b", new, line) for line in lines]


def _add(lines: Sequence[str], suffix: str, random: Random) -> list[str]:
    at = random.randrange(len(lines) + 1)
    beside = lines[at] if at < len(lines) and lines[at].strip() else lines[at - 1]
    forms = _NEW_LINES[{"pyx": "py", "h": "c"}.get(suffix, suffix)]
    added = [indent_of(beside) + random.choice(forms).format(random.choice(_NOUNS))]
    if random.random() < 0.3:
        added.append(indent_of(beside) + random.choice(forms).format(random.choice(_NOUNS)))
    return [*lines[:at], *added, *lines[at:]]


def _delete(lines: Sequence[str], suffix: str, random: Random) -> list[str] | None:  # noqa: ARG001
    if len(lines) < 4:
        return None
    count = random.choice((1, 1, 2))
    at = random.randrange(1, len(lines) - count)
    return [*lines[:at], *lines[at + count :]]


def _turn(lines: Sequence[str], suffix: str, random: Random) -> list[str] | None:  # noqa: ARG001
    places = [(at, old, new) for at, line in enumerate(lines) for old, new in _TURNS if old in line]
    if not places:
        numbered = [at for at, line in enumerate(lines) if re.search(r"\b\d+\b", line)]
        if not numbered:
            return None
        at = random.choice(numbered)
        line = re.sub(r"\b\d+\b", lambda match: str(int(match[0]) + 1), lines[at], count=1)
        return [*lines[:at], line, *lines[at + 1 :]]
    at, old, new = random.choice(places)
    return [*lines[:at], lines[at].replace(old, new, 1), *lines[at + 1 :]]


def _parameter(lines: Sequence[str], suffix: str, random: Random) -> list[str] | None:
    if suffix not in (*_PYTHON, *_BRACES):
        return None
    heads = [at for at, line in enumerate(lines) if re.search(r"\b(?:def|function)\b.*\w\)", line)]
    if not heads:
        return None
    at = random.choice(heads)
    end = lines[at].rindex(")")
    name = random.choice(_NOUNS)
    extra = f", {name}=None" if suffix in _PYTHON else f", {name}"
    return [*lines[:at], lines[at][:end] + extra + lines[at][end:], *lines[at + 1 :]]


def _wrap(lines: Sequence[str], suffix: str, random: Random) -> list[str] | None:
    """Some lines of one depth, put under a condition."""
    if suffix not in (*_PYTHON, *_BRACES):
        return None
    starts = [at for at, line in enumerate(lines) if line.strip()]
    start = random.choice(starts)
    indent = indent_of(lines[start])
    end = start + 1
    while end < len(lines) and end - start < 5 and len(indent_of(lines[end])) >= len(indent) and lines[end].strip():
        end += 1
    unit = "\t" if "\t" in indent else "    "
    inner = [f"{unit}{line}" for line in lines[start:end]]
    name = random.choice(_NOUNS)
    if suffix in _BRACES:
        wrapped = [f"{indent}if ({name}) {{", *inner, f"{indent}}}"]
    elif random.random() < 0.5:
        wrapped = [f"{indent}if {name}:", *inner]
    else:
        wrapped = [f"{indent}try:", *inner, f"{indent}except ValueError:", f"{indent}{unit}{name} = None"]
    return [*lines[:start], *wrapped, *lines[end:]]


def _reworded(lines: Sequence[str], random: Random) -> list[str]:
    at = random.choice([at for at, line in enumerate(lines) if line.strip()])
    return [*lines[:at], f"{lines[at]} {random.choice(_NOUNS)}", *lines[at + 1 :]]
