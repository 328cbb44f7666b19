"""The scenarios' data files: what one says, and how it is written again with other expectations.

A case is one text file. Its head is a sentence or two on what it shows and why a model writes so. Then come sections,
each under a line of its own:

- `-- file PATH --`: a file as it stands in the editor.
- `-- reply --`: what the model wrote.
- `-- want PATH --`: the whole text that the file is to have; a path without a `file` section is to be created.
- `-- want NEW from OLD --`: the same for a renamed file.
- `-- gone PATH --`: the file is to be deleted. Nothing else is in that section.
- `-- problems --`: what is to be said, as `problem_text` writes it. A line `~ words & other words & !not these` stands
  for a whole problem that holds the one and not the other; `--update` writes it out where it fits.

A file without a `want` or a `gone` is to stay as it is. Behind the path `(crlf)`, `(cr)`, `(bom)` and `(no newline)`
say how the text is written; the reply takes them too. With the line `marks: yes` in the head, what can't be seen is
written as a mark everywhere: `→` a tab, `·` a blank (where a line's end would lose it), `␍` a carriage return, `␌` a
form feed, `\\uXXXX` the character of that number.

Running a case is `test_cases.py`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from moa_lsp.edits.values import Problem

_SECTION = re.compile(
    r"^-- (?P<kind>file|reply|want|gone|problems)"
    r"(?: (?P<path>(?!\((?:crlf|cr|bom|no newline)\b)\S.*?))?(?: from (?P<old>\S.*?))?(?: \((?P<how>[a-z, ]+)\))? --$"
)
_HEADING = re.compile(r"^-- (?:file|reply|want|gone|problems)\b.* --$")
_SHAPES = frozenset({"crlf", "cr", "bom", "no newline"})
_MARKS = {"→": "\t", "·": " ", "␍": "\r", "␌": "\f"}
_NUMBERED = re.compile(r"\\u([0-9a-f]{4})")
# What an editor of the data file would lose, or a reader wouldn't see.
_UNSEEN = re.compile("[\u0080-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\x00-\x08\x0b\x0e-\x1f]")


@frozen
class Wanted:
    """A file as it is to be afterwards: its text (`None`: deleted) and, where it is renamed, what it was called."""

    text: str | None
    old_path: str | None = None


@frozen
class Case:
    """A scenario. `files` and `wanted` go by path; a problem is its lines as in the data file."""

    head: str
    files: Mapping[str, str]
    reply: str
    wanted: Mapping[str, Wanted]
    problems: tuple[str, ...] = ()
    sections: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The sections that say what is given, as they were read: heading and text."""

    @property
    def marks(self) -> bool:
        return "marks: yes" in self.head.splitlines()


def read_case(text: str) -> Case:
    """The case that a data file holds. Raises ValueError where it can't be read."""
    head, sections = _sections(text)
    if not head.strip() or head.startswith("marks:"):
        raise ValueError("a case begins with a sentence that says what it shows")
    marks = "marks: yes" in head.splitlines()
    files: dict[str, str] = {}
    wanted: dict[str, Wanted] = {}
    replies: list[str] = []
    problems: list[str] = []
    given: list[tuple[str, str]] = []
    for heading, body in sections:
        match = _SECTION.match(heading)
        if match is None:
            raise ValueError(f"can't read {heading!r}")
        kind, path, shapes = match["kind"], match["path"] or "", _shapes(match["how"])
        content = _shaped(_unmarked(body) if marks else body, shapes)
        if (kind in ("reply", "problems")) == bool(path):
            raise ValueError(f"a path is missing or too much in {heading!r}")
        if kind in ("file", "reply"):
            given.append((heading, body))
        if kind == "file":
            files[path] = content
        elif kind == "reply":
            replies.append(content)
        elif kind == "problems":
            problems += _problems(body)
        elif path in wanted or (kind == "gone" and body):
            raise ValueError(f"{heading!r} says something twice, or too much")
        else:
            wanted[path] = Wanted(content if kind == "want" else None, match["old"])
    if len(replies) != 1:
        raise ValueError("a case has one reply")
    if not wanted and not problems:
        raise ValueError("a case expects a text or a problem")
    return Case(head, files, replies[0], wanted, tuple(problems), tuple(given))


def write_case(case: Case) -> str:
    """The data file of a case: its head and what is given as they were read, then what it expects."""
    parts = [case.head]
    for heading, body in case.sections:
        parts.append(f"{heading}\n{body}")
    for path, wanted in case.wanted.items():
        if wanted.text is None:
            parts.append(f"-- gone {path} --\n")
            continue
        shapes, body = _plain(wanted.text)
        origin = f" from {wanted.old_path}" if wanted.old_path else ""
        how = f" ({', '.join(shapes)})" if shapes else ""
        parts.append(f"-- want {path}{origin}{how} --\n{_marked(body) if case.marks else body}")
    if case.problems:
        parts.append("-- problems --\n" + "".join(f"{problem}\n" for problem in case.problems))
    return "".join(parts)


def problem_text(problem: Problem) -> str:
    """A problem as it stands in a data file: where it belongs, its message, and its hint on a line of its own.

    Lines are counted from 1 there, as they are in messages.
    """
    place = [problem.file or "no file"]
    if problem.line is not None:
        place.append(f"reply {problem.line + 1}")
    if problem.near is not None:
        place.append(f"near {problem.near[0] + 1}-{problem.near[1]}")
    if problem.final:
        place.append("final")
    written = f"{'notice' if problem.notice else 'problem'} [{', '.join(place)}]: {problem.message}"
    if problem.hint:
        written += f"\n{problem.hint}"
    return written.replace("\n", "\n    ")


def fits(expected: str, found: str) -> bool:
    """Whether a problem is the one that a data file expects: in its exact words, or with all the words of a pattern."""
    if not expected.startswith("~ "):
        return expected == found
    return all(
        words[1:] not in found if words.startswith("!") else words in found
        for words in expected.removeprefix("~ ").split(" & ")
    )


def _sections(text: str) -> tuple[str, list[tuple[str, str]]]:
    head: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        if _HEADING.match(line):
            sections.append((line.rstrip("\n"), []))
        elif sections:
            sections[-1][1].append(line)
        else:
            head.append(line)
    return "".join(head), [(heading, "".join(lines)) for heading, lines in sections]


def _problems(body: str) -> list[str]:
    """One for each line that isn't indented; what is indented goes on with the one above."""
    problems: list[str] = []
    for line in body.split("\n"):
        if line.startswith("    ") and problems:
            problems[-1] += f"\n{line}"
        elif line:
            problems.append(line)
    return problems


def _shapes(how: str | None) -> list[str]:
    shapes = [shape.strip() for shape in how.split(",")] if how else []
    if unknown := set(shapes) - _SHAPES:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return shapes


def _shaped(text: str, shapes: list[str]) -> str:
    if "crlf" in shapes:
        text = text.replace("\n", "\r\n")
    if "cr" in shapes:
        text = text.replace("\n", "\r")
    if "no newline" in shapes:
        text = text.removesuffix("\r\n") if text.endswith("\r\n") else text[:-1]
    return f"\ufeff{text}" if "bom" in shapes else text


def _plain(text: str) -> tuple[list[str], str]:
    """What `_shaped` would make this text of, the reverse."""
    shapes: list[str] = []
    if text.startswith("\ufeff"):
        shapes.append("bom")
        text = text[1:]
    ends = set(re.findall(r"\r\n|\r|\n", text))
    if ends == {"\r\n"}:
        shapes.append("crlf")
        text = text.replace("\r\n", "\n")
    elif ends == {"\r"}:
        shapes.append("cr")
        text = text.replace("\r", "\n")
    if text and not text.endswith(("\n", "\r")):
        shapes.append("no newline")
        text += "\n"
    return sorted(shapes), text


def _unmarked(text: str) -> str:
    for mark, meant in _MARKS.items():
        text = text.replace(mark, meant)
    return _NUMBERED.sub(lambda match: chr(int(match[1], 16)), text)


def _marked(text: str) -> str:
    for mark, meant in _MARKS.items():
        if meant != " ":
            text = text.replace(meant, mark)
    text = re.sub(r" +(?=$|␍)", lambda match: "·" * len(match[0]), text, flags=re.MULTILINE)
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
