"""How long large files take: ours and aider in turns, on the same replies, and the preview's diff beside difflib's.

Rules:
- What is timed runs inside each placer's own process, from the reply's text to the new text; nothing else counts.
- Ours, aider, ours, aider…; the figure is the median. Where one time takes aider more than `LONG` seconds, that time
  is the only one, for both sides alike.
- The garbage collector is left as each process has it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from random import Random
from statistics import median
from time import process_time

from attrs import frozen

from bench.edits import ours
from bench.edits.alterations import alter, names_in
from bench.edits.picking import Chunk, is_usable, least_indent, outdented, shifted
from bench.edits.render import block
from bench.edits.rival import Aider
from bench.edits.sources import Source
from bench.edits.values import Form, as_text
from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.lines import changed_spans, split_lines
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import read_edits

SIZES = (1_000, 10_000, 50_000)
COUNTS = (1, 10, 100)
LONG = 3.0


@frozen
class Timed:
    """One line of the table. `placed` and `hints` are how many blocks each side placed and showed lines for."""

    kind: str
    size: int
    blocks: int
    ours: float
    aider: float
    times: int
    right: tuple[bool, bool]
    hints: tuple[int, int]

    @property
    def ratio(self) -> float:
        return self.aider / self.ours


@frozen
class Preview:
    """Seconds of processor time for the diff of so many edits in a file of so many lines."""

    size: int
    edits: int
    unified: float
    spans: float
    difflib: float


def timings(
    source_of: Callable[[int], Source], aider: Aider, sizes: tuple[int, ...] = SIZES, repeat: int = 5
) -> Iterator[Timed]:
    """Every kind of reply at every size and number of blocks; `source_of` gives a file of that many lines."""
    for size in sizes:
        source = source_of(size)
        for blocks in COUNTS:
            for kind, spoil in _KINDS.items():
                yield _timed(kind, spoil, source, blocks, aider, repeat)


def _timed(
    kind: str,
    spoil: Callable[[Chunk, list[str], int], _Halves],
    source: Source,
    blocks: int,
    aider: Aider,
    repeat: int,
) -> Timed:
    random = Random(f"{kind} {len(source.lines)} {blocks}")
    text = as_text(source.lines)
    reply, expected = "", list(source.lines)
    for number, chunk in reversed(list(enumerate(_spread(source, blocks)))):
        new = alter(chunk.lines, source, random)
        search, replace = spoil(chunk, new, number)
        reply = block(source.path, search, replace) + reply
        if kind != NOWHERE:
            expected[chunk.start : chunk.end] = new
    mine: list[float] = []
    theirs: list[float] = []
    while True:
        our, their = ours.run(source.path, text, reply), aider.run(Form.BLOCKS, source.path, text, reply)
        mine += our.seconds
        theirs += their.seconds
        if len(mine) == repeat or max(theirs) > LONG:
            break
    wanted = as_text(expected)
    right = ((our.text or text) == wanted, (their.text or text) == wanted)
    return Timed(
        kind, len(source.lines), blocks, median(mine), median(theirs), len(mine), right, (our.hints, their.hints)
    )


def _spread(source: Source, count: int) -> list[Chunk]:
    """So many pieces that stand once each, evenly spread from the top to the bottom."""
    found: list[Chunk] = []
    at, end = 0, len(source.lines)
    while at < end - 3:
        lengths = (length for length in (6, 5, 4, 3) if _fits(source, source.lines[at : at + length]))
        length = next(lengths, None)
        if length is not None:
            found.append(Chunk(at, source.lines[at : at + length]))
        at += length or 1
    if len(found) < count:
        raise ValueError(f"only {len(found)} pieces stand once in {end} lines")
    # The middle one of each of so many equal parts.
    return [found[(2 * part + 1) * len(found) // (2 * count)] for part in range(count)]


def _fits(source: Source, lines: Sequence[str]) -> bool:
    return is_usable(lines) and bool(names_in(lines[1]) and least_indent(lines)) and len(source.places(lines)) == 1


_Halves = tuple[list[str], list[str]]


def _exact(chunk: Chunk, new: list[str], number: int) -> _Halves:  # noqa: ARG001
    return list(chunk.lines), new


def _shifted(chunk: Chunk, new: list[str], number: int) -> _Halves:  # noqa: ARG001
    """To the margin, where the change left the lines' common indentation as it was; else further in."""
    least = least_indent([*chunk.lines, *new])
    if least:
        return outdented(chunk.lines, len(least)), outdented(new, len(least))
    return shifted(chunk.lines, "    "), shifted(new, "    ")


def _nowhere(chunk: Chunk, new: list[str], number: int) -> _Halves:
    """Every other block is a near miss by one word; the rest is like nothing in the file."""
    if number % 2 == 0:
        word = names_in(chunk.lines[1])[0]
        return [chunk.lines[0], chunk.lines[1].replace(word, f"un{word}ed"), *chunk.lines[2:]], new
    foreign = [f"    q{number} << weigh({at}) >> z{at}" for at in range(6)]
    return foreign, [*foreign, "    settle()"]


EXACT, SHIFTED, NOWHERE = "exact", "shifted indentation", "stands nowhere"
_KINDS: dict[str, Callable[[Chunk, list[str], int], _Halves]] = {
    EXACT: _exact,
    SHIFTED: _shifted,
    NOWHERE: _nowhere,
}


def preview(source: Source, edits: int = 100, repeat: int = 15) -> Preview:
    """The diff that a person is shown of so many edits, each placed by ours; and difflib's of the same texts, once.

    Processor time, and the shortest of all: there's no ratio here to cancel out what else the machine was doing.
    """
    random = Random(f"preview {edits}")
    text = as_text(source.lines)
    chunks = _spread(source, edits)
    reply = "".join(block(source.path, chunk.lines, alter(chunk.lines, source, random)) for chunk in chunks)
    numbers = count()
    placement = place(read_edits(reply).blocks, {source.path: text}, "bench", lambda: str(next(numbers)))
    if placement.problems:
        raise ValueError(placement.problems[0].message)
    after = hunk_text_after(text, placement.files[0].hunks)
    old, new = split_lines(text), split_lines(after)
    unified = min(_seconds(lambda: unified_diff([(placement.files[0], text)])) for _ in range(repeat))
    spans = min(_seconds(lambda: changed_spans(old, new)) for _ in range(repeat))
    slow = _seconds(lambda: list(difflib.unified_diff(old, new)))
    return Preview(len(source.lines), edits, unified, spans, slow)


def _seconds(run: Callable[[], object]) -> float:
    started = process_time()
    run()
    return process_time() - started
