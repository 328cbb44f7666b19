"""Spoils edits as models do, where the text meant is the only one in question: shifts, blanks, elisions, slips.

Every function takes a source and gives the spoilt edit with its right outcome, or `None` where the source doesn't
lend itself. What stands in several places or elsewhere is in `crowded.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from attrs import evolve

from bench.edits.alterations import alter, indent_of, names_in
from bench.edits.picking import Chunk, is_usable, least_indent, outdented, pick, put, shifted
from bench.edits.sources import Source
from bench.edits.values import Duty, Spoilt, as_text

Spoil = Callable[[Source, Random], Spoilt | None]


def placed(
    source: Source, chunk: Chunk, new: Sequence[str], search: Sequence[str], replace: Sequence[str], how: str
) -> Spoilt:
    """An edit that is to be placed: `new` is right in the chunk's place."""
    expected = as_text(put(source.lines, chunk, new))
    return Spoilt(as_text(source.lines), tuple(search), tuple(replace), Duty.PLACE, expected, line=chunk.start, how=how)


def exact(source: Source, random: Random) -> Spoilt | None:
    """As the file has it."""
    chunk = pick(source, random)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    return placed(source, chunk, new, chunk.lines, new, "as it is")


def shifted_indent(source: Source, random: Random) -> Spoilt | None:
    """Both halves as a whole further in or out."""
    chunk = pick(source, random, fits=lambda chunk: least_indent(chunk.lines) is not None)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    least = least_indent([*chunk.lines, *new])
    if least is None:
        return None
    ways = ["in"]
    if least:
        ways = ["out", "out", "to the margin", "to the margin", "in"]
    how = random.choice(ways)
    unit = "\t" if least.startswith("\t") else " " * random.choice((4, 4, 2))
    if how == "in":
        search, replace = shifted(chunk.lines, unit), shifted(new, unit)
    else:
        count = len(least) if how == "to the margin" else min(len(least), len(unit))
        search, replace = outdented(chunk.lines, count), outdented(new, count)
    return placed(source, chunk, new, search, replace, f"shifted {how}")


def tabs(source: Source, random: Random) -> Spoilt | None:
    """The file indents with blanks and the reply with tabs, or the other way round."""
    if any("\t" in line for line in source.lines):
        return None
    chunk = pick(source, random)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    unit = 4 if source.suffix != "html" and source.suffix != "yaml" else 2
    if any(len(indent_of(line)) % unit for line in (*chunk.lines, *new)):
        return None
    search, replace = _tabbed(chunk.lines, unit), _tabbed(new, unit)
    if search == list(chunk.lines):
        return None
    if random.random() < 0.5:
        return placed(source, chunk, new, search, replace, "tabs in the reply")
    # The file has the tabs. Its other lines are turned as far as they go, as its own editor would do it.
    turned = Source(source.path, tuple(_tabbed(source.lines, unit)))
    return placed(turned, Chunk(chunk.start, tuple(search)), replace, chunk.lines, new, "tabs in the file")


def trailing_space(source: Source, random: Random) -> Spoilt | None:
    """Blanks at the ends of some lines, in the file or in the reply. Lines that the edit leaves keep the file's."""
    chunk = pick(source, random)
    if chunk is None or any(line != line.rstrip() for line in chunk.lines):
        return None
    new = alter(chunk.lines, source, random)
    both = [line for line in chunk.lines if line.strip() and chunk.lines.count(line) == 1 and new.count(line) == 1]
    if not both:
        return None
    chosen = set(random.sample(both, random.randint(1, len(both))))
    blanks = random.choice((" ", "  ", "    ", "\t"))

    def trailed(lines: Sequence[str]) -> list[str]:
        return [line + blanks if line in chosen else line for line in lines]

    how = random.choice(("in the file", "in SEARCH", "in both halves"))
    if how == "in the file":
        there = Chunk(chunk.start, tuple(trailed(chunk.lines)))
        file = Source(source.path, tuple(put(source.lines, chunk, there.lines)))
        return placed(file, there, trailed(new), chunk.lines, new, how)
    replace = trailed(new) if how == "in both halves" else new
    return placed(source, chunk, new, trailed(chunk.lines), replace, how)


def blank_ends(source: Source, random: Random) -> Spoilt | None:
    """Empty lines before or after the text that the file hasn't there."""

    def stands_free(chunk: Chunk) -> bool:
        before = source.lines[chunk.start - 1] if chunk.start else "x"
        after = source.lines[chunk.end] if chunk.end < len(source.lines) else "x"
        return bool(before.strip() and after.strip())

    chunk = pick(source, random, fits=stands_free)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    if not (new[0].strip() and new[-1].strip()):
        return None
    above, below = random.choice(((1, 0), (0, 1), (1, 1), (2, 0)))
    search = [*[""] * above, *chunk.lines, *[""] * below]
    if random.random() < 0.4:
        return placed(source, chunk, new, search, new, f"{above} above, {below} below, in SEARCH")
    replace = [*[""] * above, *new, *[""] * below]
    return placed(source, chunk, new, search, replace, f"{above} above, {below} below, in both halves")


def elided(source: Source, random: Random) -> Spoilt | None:
    """A long passage of which only the first and the last lines are written, with `...` between."""
    chunk = pick(source, random, 9, 30)
    if chunk is None:
        return None
    top, bottom = random.randint(2, 4), random.randint(2, 4)
    head, middle, tail = chunk.lines[:top], chunk.lines[top:-bottom], chunk.lines[-bottom:]
    if not all(is_usable(piece) and len(source.places(piece)) == 1 for piece in (head, tail)):
        return None
    new_head, new_tail = list(head), list(tail)
    if random.random() < 0.5:
        new_head = alter(head, source, random)
    else:
        new_tail = alter(tail, source, random)
    indent = random.choice(("", indent_of(tail[0]), indent_of(head[-1])))
    search = [*head, f"{indent}...", *tail]
    replace = [*new_head, f"{indent}...", *new_tail]
    return placed(source, chunk, [*new_head, *middle, *new_tail], search, replace, f"{len(middle)} lines left out")


def two_faults(source: Source, random: Random) -> Spoilt | None:
    """Both halves to the margin, and one more of the faults above: models seldom make just one."""
    first = random.choice((exact, exact, exact, elided))(source, random)
    if first is None:
        return None
    least = least_indent([line for line in (*first.search, *first.replace) if line.strip() != "..."])
    if not least:
        return None
    search, replace = (
        ["..." if line.strip() == "..." else outdented([line], len(least))[0] for line in half]
        for half in (first.search, first.replace)
    )
    how = "left out"
    if "..." not in search:
        how = random.choice(("trailing blanks", "an empty line above", "tabs"))
        if how == "trailing blanks":
            search = [f"{line} " if random.random() < 0.5 else line for line in search]
        elif how == "tabs":
            if any(len(indent_of(line)) % 4 or "\t" in line for line in (*search, *replace)):
                return None
            search, replace = _tabbed(search, 4), _tabbed(replace, 4)
        elif first.line == 0 or not source.lines[first.line - 1].strip() or not replace[0].strip():
            return None
        else:
            search, replace = ["", *search], ["", *replace]
    return evolve(first, search=tuple(search), replace=tuple(replace), how=f"to the margin, and {how}")


def already_applied(source: Source, random: Random) -> Spoilt | None:
    """The file holds the new text already, and the old text no more."""
    chunk = pick(source, random, 4)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    text = Source(source.path, tuple(put(source.lines, chunk, new)))
    if not is_usable(new) or text.places(chunk.lines) or len(text.places(new)) != 1:
        return None
    done = as_text(text.lines)
    return Spoilt(done, chunk.lines, tuple(new), Duty.LEAVE, done, line=chunk.start, how="as it is")


def added_already(source: Source, random: Random) -> Spoilt | None:
    """Lines were added before or after others, and stand there already: what SEARCH holds still stands as well."""
    chunk = pick(source, random, 5)
    if chunk is None:
        return None
    cut = random.randrange(1, len(chunk.lines) - 1)
    how, parts = random.choice((("above", (0, 1)), ("below", (1, 0))))
    halves = (chunk.lines[:cut], chunk.lines[cut:])
    added, search = halves[parts[0]], halves[parts[1]]
    # A lone bracket may well be wanted twice; lines that say something aren't.
    if not is_usable(added) or not is_usable(search) or len(source.places(search)) != 1:
        return None
    text = as_text(source.lines)
    return Spoilt(text, search, chunk.lines, Duty.LEAVE, text, line=chunk.start, how=f"added {how}")


def near_miss(source: Source, random: Random) -> Spoilt | None:
    """One slip in SEARCH, and the same slip in REPLACE where that line stays: what was meant is a guess."""
    chunk = pick(source, random, 4)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    how = random.choice(tuple(_SLIPS))
    empty = how == "one empty line left out"
    candidates = [at for at, line in enumerate(chunk.lines) if bool(line.strip()) is not empty]
    if not candidates:
        return None
    at = random.choice(candidates)
    line = chunk.lines[at]
    slip = _SLIPS[how](line, random)
    if slip is None or [line] == slip or new.count(line) > 1:
        return None
    if how == "one line left out" and at in (0, len(chunk.lines) - 1):
        # What is left would simply be a shorter SEARCH that stands there.
        return None
    search = [*chunk.lines[:at], *slip, *chunk.lines[at + 1 :]]
    replace = [one for kept in new for one in (slip if kept == line else (kept,))]
    if (how != "one line at another depth" and source.places(search)) or search == replace:
        return None
    true = as_text(put(source.lines, chunk, new))
    as_written = as_text(put(source.lines, chunk, replace))
    # A line that was only forgotten isn't meant to go.
    meant = (true,) if not slip else (true, as_written)
    text = as_text(source.lines)
    return Spoilt(text, tuple(search), tuple(replace), Duty.REFUSE, meant=meant, line=chunk.start, how=how)


def _tabbed(lines: Sequence[str], unit: int) -> list[str]:
    tabbed: list[str] = []
    for line in lines:
        count = len(line) - len(line.lstrip(" "))
        tabbed.append("\t" * (count // unit) + " " * (count % unit) + line[count:] if line.strip() else line)
    return tabbed


def _letter(line: str, random: Random) -> list[str] | None:
    names = names_in(line)
    if not names:
        return None
    name = random.choice(names)
    at = random.randrange(1, len(name) - 1)
    changed = random.choice((name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :]))
    return [line.replace(name, changed, 1)]


def _word(line: str, random: Random) -> list[str] | None:
    names = names_in(line)
    return [line.replace(random.choice(names), random.choice(("entry", "payload", "handle")), 1)] if names else None


def _case(line: str, random: Random) -> list[str] | None:
    names = names_in(line)
    if not names:
        return None
    name = random.choice(names)
    return [line.replace(name, name.swapcase() if random.random() < 0.5 else name[0].swapcase() + name[1:], 1)]


def _blanks_inside(line: str, random: Random) -> list[str] | None:
    indent, rest = indent_of(line), line.strip()
    for tight in random.sample((" = ", ", ", " == ", ": "), 4):
        if tight in rest:
            return [indent + rest.replace(tight, tight.strip())]
    return None


def _left_out(line: str, random: Random) -> list[str] | None:  # noqa: ARG001
    return []


def _invented(line: str, random: Random) -> list[str]:
    return [line, f"{indent_of(line)}{random.choice(('check', 'update', 'notify'))}({random.choice('abc')})"]


def _another_depth(line: str, random: Random) -> list[str]:
    indent = indent_of(line)
    return [random.choice((f"    {indent}", f"\t{indent}", indent[4:])) + line.lstrip()]


_SLIPS: dict[str, Callable[[str, Random], list[str] | None]] = {
    "one letter": _letter,
    "one word": _word,
    "one letter's case": _case,
    "blanks inside a line": _blanks_inside,
    "one line left out": _left_out,
    "one empty line left out": _left_out,
    "one line too many": _invented,
    "one line at another depth": _another_depth,
}
