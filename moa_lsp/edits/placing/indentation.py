"""How lines were indented differently as a whole, and how to write other lines in the same way.

A model often writes a block of code further to the left than it stands, or with blanks where the file has tabs. Where
one rule explains every line of what it searched, the same rule says how its new lines are to be written.

Rules:
- One rule for all lines: the same characters put before each (or taken from each), or blanks and tabs exchanged with
  one number of blanks for a tab. What needs two rules is no shift.
- A new line that the rule can't say anything about has no place in the file: the whole edit is refused then.
- The rule is only as good as the model's own consistency. Where it wrote what it searched too far left and the new text
  not, or the other way round, shifting would be wrong: see `is_of_one_piece`.

Where a search stands is found in `ladder.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from moa_lsp.edits.lines import BLANKS, bare

_WIDEST_TAB = 8
_USUAL_TAB = 4


def indent_of(line: str) -> str:
    """The blanks and tabs that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


@frozen
class Shift:
    """A rule from a model's indentation to a file's.

    `added` comes before every line; or `taken` goes from every line; or `width` blanks stand for a tab, counted from
    a line of `blanks` blanks that has `tabs` tabs in the file. `known` are the indentations that were seen.
    """

    added: str = ""
    taken: str = ""
    width: int = 0
    blanks: int = 0
    tabs: int = 0
    to_tabs: bool = True
    known: Mapping[str, str] = field(factory=dict[str, str])

    def line(self, line: str) -> str | None:
        """The line as the file would have it; `None` where the rule doesn't say. A blank line stays as it is."""
        if not bare(line):
            return line
        indent = indent_of(line)
        if indent in self.known:
            return self.known[indent] + line[len(indent) :]
        if self.added:
            # Blanks behind tabs, or the reverse, in a file that has one of them: how wide a tab is wasn't to be seen.
            mixed = len(set(self.added)) == 1 and not set(indent) <= set(self.added)
            return None if mixed else self.added + line
        if self.taken:
            return line[len(self.taken) :] if line.startswith(self.taken) else None
        changed = self._exchanged(indent)
        return None if changed is None else changed + line[len(indent) :]

    def _exchanged(self, indent: str) -> str | None:
        if not self.width:
            return None
        if self.to_tabs:
            more, rest = divmod(len(indent) - self.blanks, self.width)
            return "\t" * (self.tabs + more) if set(indent) <= {" "} and not rest and self.tabs + more >= 0 else None
        wide = self.blanks + (len(indent) - self.tabs) * self.width
        return " " * wide if set(indent) <= {"\t"} and wide >= 0 else None


def shift_between(search: Sequence[str], there: Sequence[str]) -> Shift | None:
    """The rule by which `search` would read as `there` does, should there be one.

    Both are the same number of lines that differ in nothing but the blanks around them, without their ends.
    """
    pairs = [(indent_of(a), indent_of(b)) for a, b in zip(search, there, strict=True) if bare(a)]
    if not pairs:
        return None
    known: dict[str, str] = {}
    for wrote, stands in pairs:
        if known.setdefault(wrote, stands) != stands:
            return None
    wrote, stands = pairs[0]
    if len(stands) > len(wrote) and stands.endswith(wrote):
        added = stands[: len(stands) - len(wrote)]
        if all(b == added + a for a, b in known.items()):
            return Shift(added=added, known=known)
    if len(wrote) > len(stands) and wrote.endswith(stands):
        taken = wrote[: len(wrote) - len(stands)]
        if all(a == taken + b for a, b in known.items()):
            return Shift(taken=taken, known=known)
    return _exchange(known)


def _exchange(known: Mapping[str, str]) -> Shift | None:
    """Blanks for tabs or tabs for blanks, with one number of blanks for a tab."""
    if _made_of(known, " ") and _made_of(known.values(), "\t"):
        pairs, to_tabs = [(len(a), len(b)) for a, b in known.items()], True
    elif _made_of(known, "\t") and _made_of(known.values(), " "):
        pairs, to_tabs = [(len(b), len(a)) for a, b in known.items()], False
    else:
        return None
    if all(blanks == tabs == 0 for blanks, tabs in pairs):
        return None
    if len(set(known.values())) < len(known):
        return None  # what the model wrote at two depths stands at one
    blanks, tabs = min(pairs)
    most, tabs_of_most = max(pairs)
    # Two depths tell how many blanks a tab is. One may be shifted besides: four blanks for two tabs says nothing.
    wide, deep = (most - blanks, tabs_of_most - tabs) if most > blanks else (blanks, tabs)
    width = wide // deep if deep > 0 and wide % deep == 0 and wide // deep <= _WIDEST_TAB else 0
    if most == blanks and deep > 1 and width < _USUAL_TAB:
        width = 0
    if any(one - blanks != width * (count - tabs) for one, count in pairs):
        return None
    return Shift(width=width, blanks=blanks, tabs=tabs, to_tabs=to_tabs, known=known)


def _made_of(indents: Iterable[str], character: str) -> bool:
    return all(set(indent) <= {character} for indent in indents)


def is_of_one_piece(search: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the new lines are indented from the same edge as what was searched, so that one shift fits both.

    So it is where both reach as far to the left, or where a line stands in both just as it is.
    """
    filled = [line for line in new if bare(line)]
    if not filled:
        return True
    edges = [min(len(indent_of(line)) for line in lines if bare(line)) for lines in (search, new)]
    return edges[0] == edges[1] or not {line.rstrip(BLANKS) for line in filled}.isdisjoint(
        line.rstrip(BLANKS) for line in search
    )
