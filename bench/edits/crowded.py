"""Spoils edits where the place is in question: the text stands twice, or a twin of it stands, or it was moved.

As in `cases.py`, every function takes a source and gives the spoilt edit with its right outcome, or `None`.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from bench.edits.alterations import alter, indent_of, names_in
from bench.edits.cases import placed
from bench.edits.picking import Chunk, is_usable, least_indent, outdented, pick, put, shifted
from bench.edits.sources import Source
from bench.edits.values import Duty, Spoilt, as_text

_REPEATED = (
    "repeated in the file",
    "copied",
    "copied, and shifted",
    "copied at two depths",
    "a piece of an elided text",
)
_THINGS = ("user", "group", "token", "order", "invoice", "session", "project", "ticket", "label", "message")


def ambiguous(source: Source, random: Random) -> Spoilt | None:
    """The text stands several times, as real files repeat themselves or because it was copied."""
    how = random.choice(_REPEATED)
    if how == "repeated in the file":
        return _repeated(source, random, how)
    if how == "a piece of an elided text":
        return _elided(source, random, how)
    chunk = pick(source, random, 3, 10)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    copy: Sequence[str] = chunk.lines
    search: Sequence[str] = chunk.lines
    replace: Sequence[str] = new
    if how != "copied":
        least = least_indent([*chunk.lines, *new])
        if not least:
            return None
        search, replace = outdented(chunk.lines, len(least)), outdented(new, len(least))
        if how == "copied at two depths":
            copy = shifted(chunk.lines, "\t" if "\t" in least else "    ")
    gaps = [at for at, line in enumerate(source.lines) if not line.strip() and not chunk.start <= at < chunk.end]
    if not gaps:
        return None
    at = random.choice(gaps)
    lines = [*source.lines[:at], "", *copy, "", *source.lines[at + 1 :]]
    file = Source(source.path, tuple(lines))
    places = file.places(chunk.lines)
    if len(places) != 2:
        return None
    return _refused(file, Chunk(random.choice(places), chunk.lines), new, search, replace, how)


def _elided(source: Source, random: Random, how: str) -> Spoilt | None:
    """The first of two pieces stands in a second place too, where the second piece follows as well."""
    chunk = pick(source, random, 8, 20)
    if chunk is None:
        return None
    head, tail = chunk.lines[:3], chunk.lines[-3:]
    if not (is_usable(head) and is_usable(tail) and len(source.places(head)) == len(source.places(tail)) == 1):
        return None
    new = alter(tail, source, random)
    right = Chunk(chunk.start, chunk.lines)
    file = Source(source.path, (*source.lines, "", *head, "", *tail))
    return _refused(file, right, [*chunk.lines[:-3], *new], [*head, "...", *tail], [*head, "...", *new], how)


def _repeated(source: Source, random: Random, how: str) -> Spoilt | None:
    for _ in range(400):
        start = random.randrange(len(source.lines) - 3)
        lines = source.lines[start : start + random.randint(2, 6)]
        places = source.places(lines) if is_usable(lines) else []
        alike = [place for place in places if source.lines[place : place + len(lines)] == lines]
        if len(alike) > 1:
            new = alter(lines, source, random)
            return _refused(source, Chunk(random.choice(alike), lines), new, lines, new, how)
    return None


def _refused(
    source: Source, chunk: Chunk, new: Sequence[str], search: Sequence[str], replace: Sequence[str], how: str
) -> Spoilt:
    there = source.lines[chunk.start : chunk.end]
    more, less = len(indent_of(there[0])), len(indent_of(chunk.lines[0]))
    meant = as_text(put(source.lines, chunk, shifted(new, indent_of(there[0])[less:]) if more > less else new))
    text = as_text(source.lines)
    return Spoilt(text, tuple(search), tuple(replace), Duty.REFUSE, meant=(meant,), line=chunk.start, how=how)


def near_twin(source: Source, random: Random) -> Spoilt | None:
    """The text meant has changed meanwhile, and one that differs from SEARCH in one identifier stands elsewhere."""
    return _generated_twin(source, random) if random.random() < 0.5 else _real_twin(source, random)


def _real_twin(source: Source, random: Random) -> Spoilt | None:
    chunk = pick(source, random, 4, 14)
    if chunk is None:
        return None
    names = sorted({name for line in chunk.lines for name in names_in(line)})
    if len(names) < 2:
        return None
    name, other = random.sample(names, 2)
    marked = [at for at, line in enumerate(chunk.lines) if name in line]
    at = random.choice(marked)
    twin = [*chunk.lines[:at], chunk.lines[at].replace(name, f"{name}_all", 1), *chunk.lines[at + 1 :]]
    changed = [line.replace(other, f"{other}_now") for line in chunk.lines]
    gaps = [at for at, line in enumerate(source.lines) if not line.strip() and not chunk.start <= at < chunk.end]
    if changed == list(chunk.lines) or not gaps:
        return None
    gap = random.choice(gaps)
    shift = len(twin) + 1 if gap < chunk.start else 0
    lines = put(source.lines, chunk, changed)
    lines = [*lines[:gap], "", *twin, *lines[gap:]]
    meant = Chunk(chunk.start + shift, tuple(changed))
    return _lost(Source(source.path, tuple(lines)), meant, chunk.lines, alter(chunk.lines, source, random), "a copy")


def _generated_twin(source: Source, random: Random) -> Spoilt | None:
    """A class of methods that are alike but for the thing they are about."""
    if source.suffix != "py":
        return None
    things = random.sample(_THINGS, random.randint(4, 8))
    methods = [_method(thing) for thing in things]
    which = random.randrange(len(things))
    search = methods[which]
    changed = list(search)
    how = random.choice(("renamed", "a line more", "a condition turned round", "gone"))
    if how == "renamed":
        changed[0] = changed[0].replace("find_", "look_up_")
    elif how == "a line more":
        changed.insert(3, "        self.reads += 1")
    elif how == "a condition turned round":
        changed[3] = changed[3].replace("is None", "is not None")
    else:
        changed = []
    lines = [*source.lines, "", "", "class Shelf:"]
    start = 0
    for at, method in enumerate(methods):
        start = len(lines) if at == which else start
        lines += [*(changed if at == which else method), ""]
    file = Source(source.path, tuple(lines[:-1]))
    # With the whole method or without its `return` and the line before: twins look most alike in short pieces.
    cut = random.choice((len(search), len(search) - 2))
    search = search[:cut]
    meant = Chunk(start, tuple(changed[: cut + (how == "a line more")]))
    return _lost(file, meant, search, alter(search, source, random), f"methods, the one meant {how}")


def _method(thing: str) -> list[str]:
    return [
        f"    def find_{thing}(self, key, default=None):",
        "        self.lock.acquire()",
        "        value = self.cache.get(key)",
        "        if value is None:",
        f"            value = self.{thing}s.get(key, default)",
        "            self.cache[key] = value",
        "        self.lock.release()",
        "        return value",
    ]


def _lost(source: Source, meant: Chunk, search: Sequence[str], new: Sequence[str], how: str) -> Spoilt | None:
    if source.places(search):
        return None
    texts = (as_text(put(source.lines, meant, new)),) if meant.lines else ()
    text = as_text(source.lines)
    return Spoilt(text, tuple(search), tuple(new), Duty.REFUSE, meant=texts, line=meant.start, how=how)


def moved(source: Source, random: Random) -> Spoilt | None:
    """The lines stand elsewhere than the writer saw them, and only there; some have changed their depth."""
    chunk = pick(source, random)
    if chunk is None:
        return None
    new = alter(chunk.lines, source, random)
    rest = [*source.lines[: chunk.start], *source.lines[chunk.end :]]
    gaps = [at for at, line in enumerate(rest) if not line.strip() and abs(at - chunk.start) > 20]
    least = least_indent([*chunk.lines, *new])
    if not gaps or least is None:
        return None
    gap = random.choice(gaps)
    how, there, right = "elsewhere", list(chunk.lines), new
    if random.random() < 0.3:
        unit = "\t" if "\t" in least else "    "
        how, there, right = "elsewhere and deeper", shifted(there, unit), shifted(new, unit)
    file = Source(source.path, (*rest[:gap], "", *there, "", *rest[gap:]))
    if len(file.places(chunk.lines)) != 1:
        return None
    spoilt = placed(file, Chunk(gap + 1, tuple(there)), right, chunk.lines, new, how)
    return Spoilt(
        spoilt.text, spoilt.search, spoilt.replace, Duty.PLACE, spoilt.expected, line=chunk.start, how=spoilt.how
    )
