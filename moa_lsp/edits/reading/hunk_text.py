"""A hunk's lines, of a diff or of a patch envelope, to the text that is searched and the text that replaces it.

Rules:
- The first character says what a line is: a blank keeps it, `-` removes it, `+` adds it. A line without any character
  is a blank line that is kept, but at the end of the hunk, where it may be the gap before what follows.
- A line that begins with anything else has lost its blank, and is kept as it is. Then the others may have lost theirs
  too, so the hunk has a second reading in which nothing is taken off the lines that are kept. So has one in which all
  of them are indented by an even number of blanks, the blank of the diff included.

Which of the readings is meant only the file can tell, in `placing/place.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from moa_lsp.discussion.fences import unescape
from moa_lsp.edits.lines import line_end


@frozen
class HunkText:
    """What a hunk's lines come to.

    `kept`, `removed` and `added` count its lines as a diff's header does. `created` is the text where the hunk is a
    new file's: what is added, with blank lines that lost their `+`; `None` where a line is kept or removed.
    """

    search: str
    replace: str
    alternatives: tuple[tuple[str, str], ...]
    kept: int
    removed: int
    added: int
    created: str | None

    @property
    def counts(self) -> tuple[int, int]:
        """The lines of the old and of the new text."""
        return self.kept + self.removed, self.kept + self.added


def hunk_text(lines: Sequence[str]) -> HunkText:
    """The text of a hunk, unescaped; the lines are those below its `@@`, as they stand in the reply."""
    end = len(lines)
    while end and not lines[end - 1].strip("\r\n"):
        end -= 1
    search: list[str] = []
    replace: list[str] = []
    verbatim: list[tuple[str, str]] = []
    removed = added = filled = 0
    bare, even, open_end = False, True, False
    for line in lines[:end]:
        sign = line[:1]
        if sign == "\\" and line[:4].lower() == "\\ no":
            open_end = True
            continue
        text = _ended(line)
        if sign == "-":
            removed += 1
            search.append(text[1:])
            verbatim.append((text[1:], ""))
        elif sign == "+":
            added += 1
            open_end = False
            replace.append(text[1:])
            verbatim.append(("", text[1:]))
        else:
            kept = text[1:] if sign == " " else text
            search.append(kept)
            replace.append(kept)
            if not text.strip():
                verbatim.append((kept, kept))
                continue
            filled += 1
            verbatim.append((text, text))
            if sign == " ":
                even = even and (len(text) - len(text.lstrip(" "))) % 2 == 0
            else:
                bare = True
    other = _joined(verbatim) if filled and (bare or even) else None
    first = (unescape("".join(search)), unescape("".join(replace)))
    created = first[1] if not removed and not filled else None
    return HunkText(
        search=first[0],
        replace=first[1],
        alternatives=(other,) if other is not None and other != first else (),
        kept=len(search) - removed,
        removed=removed,
        added=added,
        created=created[: len(created) - len(line_end(created))] if created is not None and open_end else created,
    )


def changes_lines(lines: Sequence[str]) -> bool:
    """Whether any of a hunk's lines adds or removes something."""
    return any(line[:1] in ("+", "-") for line in lines)


def _joined(pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return unescape("".join(old for old, _ in pairs)), unescape("".join(new for _, new in pairs))


def _ended(line: str) -> str:
    """The line with an end: the reply's own last line may have none."""
    return line if line.endswith(("\n", "\r")) else f"{line}\n"
