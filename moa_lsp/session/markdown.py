"""Foreign text in Markdown, so that nothing in it can break out of its place. Pure.

Rules:
- What somebody wrote is quoted, not demoted: a block quote ends whatever was begun in it (a heading, a list, a table),
  and the words stay as they were written.
- Inside it, code is put into fences of our own, longer than any in it and at the quote's own edge: there nothing
  around it can make a reader take the fence for something else. Code is never changed.
- In the words around code, what Markdown would carry past the quote is written so that it is only seen: tags (which
  would be HTML), the ends of link labels (a definition holds for the whole document), images (a reader would fetch
  them), and backticks without a partner (they would pair with those of another line).
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ \t]*(?:[-*+>][ \t]+|\d+[.)][ \t]+)*(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*)$")
_BACKTICKS = re.compile(r"`+")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]+")
_PUNCTUATION = re.compile(r"([\\`*_\[\]<>#|!~&])")
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_TAG_BEGINS = re.compile(r"[A-Za-z/!?]")


def plain(text: str) -> str:
    """A text as words on one line, with nothing in it that means anything in Markdown."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """A text on one line as inline code."""
    text = " ".join(text.split())
    ticks = "`" * (_longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def fenced(text: str, language: str = "") -> list[str]:
    """Lines of a code block that holds exactly this text."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return [f"{ticks}{language}", *_lines(text.removesuffix("\n")), ticks]


def quoted(text: str) -> list[str]:
    """Lines of a block quote that holds what somebody wrote in Markdown."""
    return [f"> {line}" if line else ">" for line in _kept_inside(text)]


def _kept_inside(text: str) -> list[str]:
    """The text's lines with its code in fences of our own and the words between made harmless."""
    written: list[str] = []
    inside: list[str] = []
    fence: re.Match[str] | None = None
    indent = 0
    for line in _lines(text.strip("\n")):
        if fence is None:
            fence = _FENCE.match(line)
            indent = fence.start(1) if fence else 0
            if fence is None:
                written.append(words(line))
            continue
        if _closes(line, fence[1]):
            written += _block(inside, fence[2])
            inside, fence = [], None
        else:
            inside.append(_without_indent(line, indent))
    if fence is not None:
        written += _block(inside, fence[2])
    return written


def _block(lines: list[str], info: str) -> list[str]:
    language = _LANGUAGE.match(info)
    return fenced("\n".join(lines), language[0] if language else "")


def _closes(line: str, fence: str) -> bool:
    bare = line.strip().removeprefix(">").strip()
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _without_indent(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" "))) :]


def words(line: str) -> str:
    """One line of words, inline code in it left as it is, with what could reach further only to be seen."""
    written: list[str] = []
    at = 0
    while at < len(line):
        here = line[at]
        if here == "\\" and at + 1 < len(line):
            written.append(line[at : at + 2])
            at += 2
        elif here == "`":
            run = _BACKTICKS.match(line, at)
            assert run
            end = _partner(line, run)
            written.append(line[at:end] if end else "\\`" * len(run[0]))
            at = end or run.end()
        else:
            follows = line[at + 1 : at + 2]
            meant = here == "<" and _TAG_BEGINS.match(follows)
            meant = meant or (here == "]" and follows == ":") or (here == "!" and follows == "[")
            # A colon or a bracket is harmless once it is marked itself; a tag's sign is.
            if meant and here in "]!":
                written.append(f"{here}\\{follows}")
                at += 2
            else:
                written.append(f"\\{here}" if meant else here)
                at += 1
    return "".join(written)


def _partner(line: str, run: re.Match[str]) -> int | None:
    """Where the inline code ends that these backticks begin; `None` where they begin none."""
    found = (other for other in _BACKTICKS.finditer(line, run.end()) if len(other[0]) == len(run[0]))
    other = next(found, None)
    return other.end() if other else None


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _lines(text: str) -> list[str]:
    return _LINE_ENDS.split(text)
