"""Replies as no model would write them: mutated, cut, spliced and blown up, read and placed and followed all the same.

`Corpus` holds replies to begin with: those of the data files, every longer text in the unit tests, and edits rendered
in each form. `run_one` does with one mutated reply what the session would, and raises where anything goes wrong that
the reply isn't to blame for; a reply is to blame for nothing. `python -m tests.edits.fuzzing` goes on for some time
(`scripts/fuzz`); `test_fuzz_smoke.py` runs a few hundred in each test run.
"""

from __future__ import annotations

import argparse
import ast
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import FrameType

from attrs import frozen

from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.following.follow import TextEdit, anchored, follow, follow_replacement
from moa_lsp.edits.lines import split_lines, without_end
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import Reading, read_edits
from moa_lsp.edits.reading.stream import EditStream
from moa_lsp.edits.unseen import pointed_out
from moa_lsp.edits.values import Block, FileChange, FileKind, HunkStatus, Replace, WholeFile
from tests.edits.case import read_case
from tests.edits.judging import as_editors_split, check_hunks, check_path, check_said, texts_of, typed, unaccounted
from tests.edits.rendering import Cut, Form, Style, Wish

LONGEST_EXAMPLE = 1.0
"""Seconds that one reply may take."""

_TESTS = Path(__file__).parents[1]
_LONGEST_REPLY = 150_000
_LONGEST_STREAMED = 50_000
PIECES = (
    "<<<<<<< SEARCH\n",
    "=======\n",
    ">>>>>>> REPLACE\n",
    "<<<<<<<<< SEARCH\n",
    "```\n",
    "```python\n",
    "````diff\n",
    "~~~~\n",
    "*** Begin Patch\n",
    "*** Update File: src/a.py\n",
    "*** Add File: ../../etc/passwd\n",
    "*** Delete File: .git/config\n",
    "*** Move to: C:\\x.py\n",
    "*** End Patch\n",
    "*** End of File\n",
    "@@\n",
    "@@ -1,3 +1,4 @@ def f():\n",
    "@@ -999999999999999999999,1 +1 @@\n",
    "--- a/src/a.py\n",
    "+++ b/src/a.py\n",
    "--- /dev/null\n",
    "+++ /dev/null\n",
    "diff --git a/src/a.py b/src/b.py\n",
    "rename from src/a.py\n",
    "rename to .git/hooks/x\n",
    "GIT binary patch\n",
    "\\ No newline at end of file\n",
    "src/a.py\n",
    "`/etc/passwd`\n",
    "**..\\..\\x.py**\n",
    "### `.GIT/hooks/pre-commit`\n",
    "File: ~/x.py\n",
    "...\n",
    "# ... rest of the code unchanged\n",
    "</proposal>\n",
    "<\\\\proposal>\n",
    "\ufeff",
    "\x00",
    "\x85",
    "\u2028",
    "\ud800",
    "\r",
    "\r\n",
    "\x0c\n",
    "  ",
    "\t",
    "+",
    "-",
    " ",
)
_REPEATED = (
    " ",
    "`",
    "<",
    "=",
    ">",
    "#",
    "*",
    "\n",
    "-",
    "+",
    "a/",
    "../",
    "\t",
    "~",
    "@",
    "(",
    "<proposal",
    '"',
    "\r",
)


@frozen
class Seed:
    """A reply, and the files it was written for."""

    reply: str
    files: tuple[tuple[str, str], ...] = ()


def corpus() -> tuple[Seed, ...]:
    """All replies to begin with; always the same ones for the same checkout."""
    seeds = [_seed_of(path) for path in sorted((_TESTS / "edits" / "cases").rglob("*.txt"))]
    for path in sorted((_TESTS / "unit" / "edits").glob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        seeds += [Seed(text) for text in sorted(texts) if text.count("\n") > 1]
    return (*seeds, *_rendered())


def _seed_of(path: Path) -> Seed:
    case = read_case(path.read_bytes().decode("utf-8"))
    return Seed(case.reply, tuple(case.files.items()))


def _rendered() -> list[Seed]:
    text = "".join(f"def f{n}(x):\n    y = x + {n}\n\n    return y\n\n\n" for n in range(6))
    wishes = [
        Wish("src/a.py", text, (Cut(1, 2, ("    y = x",)), Cut(9, 9, ("    # é",)), Cut(30, 36, ()))),
        Wish("src/new.py", None, (Cut(0, 0, ("a", "", "b")),)),
    ]
    moved = [
        Wish("src/b.py", text, deleted=True),
        Wish("src/c.py", text, (Cut(0, 1, ("def g(x):",)),), new_path="d.py"),
    ]
    files = tuple((path, text) for path in ("src/a.py", "src/b.py", "src/c.py"))
    return [
        Seed(form.write([*wishes, *(moved if form.moves_files else ())], Style(fenced=fenced, numbers=numbers)), files)
        for form in Form
        for fenced in (True, False)
        for numbers in (None, int)
    ]


# --- mutations


def mutated(seeds: Sequence[Seed], rng: random.Random) -> Seed:
    """A seed with some harm done to it, and files that it may fit."""
    seed = rng.choice(seeds)
    lines = seed.reply.splitlines(keepends=True)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 8))):
        _harm(lines, seeds, rng)
    reply = "".join(lines)
    if rng.random() < 0.1:
        reply = reply.replace("\n", rng.choice(("\r\n", "\r", "\n\n")))
    if rng.random() < 0.05:
        reply = reply * rng.choice((2, 3, 50))
    return Seed(reply[:_LONGEST_REPLY], seed.files)


def _harm(lines: list[str], seeds: Sequence[Seed], rng: random.Random) -> None:
    at = rng.randrange(len(lines) + 1)
    end = min(len(lines), at + rng.randrange(1, 8))
    line = lines[at] if at < len(lines) else ""
    column = rng.randrange(len(line) + 1)
    match rng.randrange(12):
        case 0:
            del lines[at:end]
        case 1:
            lines[at:at] = lines[at:end] * rng.choice((1, 1, 2, 20))
        case 2:
            other = rng.choice(seeds).reply.splitlines(keepends=True)
            begin = rng.randrange(len(other) + 1)
            lines[at:at] = other[begin : begin + rng.randrange(1, 20)]
        case 3:
            del lines[at:]
        case 4:
            lines[at:end] = [line[:column]]
        case 5 | 6:
            lines.insert(at, rng.choice(PIECES))
        case 7:
            lines[at:end] = [line[:column] + rng.choice(PIECES) + line[column:], *lines[at + 1 : end]]
        case 8:
            run = rng.choice(_REPEATED) * rng.choice((3, 30, 3_000, 60_000))
            lines[at : at + 1] = [line[:column] + run + line[column:]]
        case 9:
            by = rng.choice((" ", "    ", "\t", "> ", "- ", "+", "+ "))
            lines[at:end] = [by + one for one in lines[at:end]]
        case 10:
            lines[at:end] = [one.lstrip(" \t+-") for one in lines[at:end]]
        case _:
            shuffled = lines[at:end]
            rng.shuffle(shuffled)
            lines[at:end] = shuffled


def _files(seed: Seed, blocks: Sequence[Block], rng: random.Random) -> dict[str, str | None]:
    """Texts for the files that the blocks name: the seed's own, one that holds what is searched, one of twins, none."""
    found: dict[str, str | None] = dict(seed.files)
    for block in blocks:
        if block.path in found:
            continue
        about = [one for one in blocks if one.path == block.path]
        parts = [one.search for one in about if isinstance(one, Replace)]
        parts += [one.text for one in about if isinstance(one, WholeFile)]
        rng.shuffle(parts)
        text = "".join(rng.choice(("", "\n", "x = 1\n")) + part for part in parts)
        kind = rng.randrange(8)
        if kind == 0:
            found[block.path] = None
        elif kind == 1:
            found[block.path] = text * 2
        elif kind == 2:
            found[block.path] = "".join(f"    {line}" for line in text.splitlines(keepends=True))
        else:
            found[block.path] = rng.choice(("", "\ufeff")) + text.replace("\n", rng.choice(("\n", "\n", "\r\n")))
    return texts_of(blocks, None, found)


# --- one example


def run_one(seed: Seed, rng: random.Random) -> str:
    """Reads, places, applies and follows one reply; the word says what came of it. Raises whatever goes wrong."""
    reading = read_edits(seed.reply)
    if len(seed.reply) <= _LONGEST_STREAMED:
        _check_streamed(seed.reply, reading, rng)
    check_said(reading.problems)
    for block in reading.blocks:
        check_path(block.path)
    texts = _files(seed, reading.blocks, rng)
    numbers = count(1)
    placement = place(reading.blocks, texts, "alpha", lambda: f"h{next(numbers)}")
    check_said((*placement.problems, *pointed_out(placement.files)))
    assert not (left := unaccounted(reading.blocks, placement)), f"nothing is said of {left[0]}"
    assert len({file.path for file in placement.files}) == len(placement.files)
    for file in placement.files:
        check_path(file.path)
        if file.new_path is not None:
            check_path(file.new_path)
            assert texts.get(file.new_path) is None, "a file would be overwritten"
        before = texts[file.path]
        assert (before is None) == (file.kind is FileKind.CREATE)
        check_hunks(file, before)
        assert unified_diff([(file, before)])
        if before is not None and file.kind is not FileKind.DELETE:
            _check_followed(file, before, rng)
    if placement.files:
        return "placed in part" if reading.problems or placement.problems else "placed"
    return "refused" if reading.problems or placement.problems else "prose"


def _check_streamed(reply: str, reading: Reading, rng: random.Random) -> None:
    """What is read of an arriving reply at its end is what is read of it whole; and what was handed on before is part
    of that, unless something in the reply is malformed."""
    stream = EditStream()
    handed_on: list[Block] = []
    size = rng.choice((7, 200, 5_000)) if len(reply) < 5_000 else 5_000
    for at in range(0, len(reply), size):
        handed_on += stream.feed(reply[at : at + size])
    assert stream.end() == reading
    if not reading.problems:
        # A block may turn out to be longer than it seemed, but it's the same one.
        told = [(type(block), block.path, block.line) for block in reading.blocks[: len(handed_on)]]
        assert [(type(block), block.path, block.line) for block in handed_on] == told, "streamed otherwise than whole"


def _check_followed(file: FileChange, text: str, rng: random.Random) -> None:
    """Some typing: what is pending then can be applied, and nothing typed is lost."""
    hunks = anchored([hunk for hunk in file.hunks if not hunk.renames], split_lines(text))
    for number in range(rng.randrange(4)):
        lines = as_editors_split(text)
        near = rng.choice(hunks).start if hunks and rng.random() < 0.7 else rng.randrange(len(lines))
        line = max(0, min(near + rng.randrange(-1, 2), len(lines) - 1))
        column = rng.randrange(len(without_end(lines[line])) + 1)
        mark = chr(0xE000 + number)
        edit = TextEdit(line, column, line, column, rng.choice(("{}", "\n{}", "{}\n", "\n{}\n")).format(mark))
        before, text = text, typed(text, edit)
        after = split_lines(text)
        for moved in (follow(hunks, edit, after), follow_replacement(hunks, before, text)):
            pending = [hunk for hunk in moved if hunk.status is HunkStatus.PENDING]
            result = hunk_text_after(text, pending)
            assert all(chr(0xE000 + earlier) in result for earlier in range(number + 1)), "what was typed is lost"
        hunks = follow(hunks, edit, after)


# --- for some time


def main() -> int:
    arguments = argparse.ArgumentParser(
        prog="scripts/fuzz", description="Runs mutated replies through reading, placing and following."
    )
    arguments.add_argument("--seconds", type=float, default=120)
    arguments.add_argument("--seed", type=int, default=None, help="the seed of a run before, to have it again")
    given = arguments.parse_args()
    seed: int = given.seed if given.seed is not None else random.SystemRandom().randrange(2**32)
    seeds = corpus()
    sys.stdout.write(f"seed {seed}, {len(seeds)} replies to begin with\n")
    sys.stdout.flush()
    signal.signal(signal.SIGALRM, _too_long)
    began = time.monotonic()
    outcomes: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    worst = (0.0, 0)
    number = 0
    while time.monotonic() - began < given.seconds:
        rng = random.Random(f"{seed}-{number}")
        example = mutated(seeds, rng)
        # The processor's time: what else runs on the machine is no fault of the reply's.
        started = time.process_time()
        # More than allowed, so that what is too slow is told from what hangs.
        signal.setitimer(signal.ITIMER_REAL, 10 * LONGEST_EXAMPLE)
        try:
            outcomes[run_one(example, rng)] += 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
            if not faults[kind]:
                sys.stdout.write(f"{kind}: {str(error)[:300]}\n  example {number}, kept in {_kept(example)}\n")
            faults[kind] += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        took = time.process_time() - started
        if took > worst[0]:
            worst = (took, number)
        if took > LONGEST_EXAMPLE:
            sys.stdout.write(f"{took:.2f} s for example {number}, kept in {_kept(example)}\n")
            faults["too slow"] += 1
        number += 1
    spent = time.monotonic() - began
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    sys.stdout.write(f"{number} examples in {spent:.0f} s ({number / spent:.0f} a second): {said}\n")
    sys.stdout.write(f"the slowest took {worst[0]:.3f} s (example {worst[1]})\n")
    for kind, times in faults.most_common():
        sys.stdout.write(f"FAULT {kind}: {times} times\n")
    return 1 if faults else 0


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"took more than {10 * LONGEST_EXAMPLE:.0f} s")


def _kept(example: Seed) -> str:
    with tempfile.NamedTemporaryFile("wb", prefix="moa-fuzz-", suffix=".txt", delete=False) as file:
        file.write(example.reply.encode("utf-8", "surrogatepass"))
    return file.name


if __name__ == "__main__":
    sys.exit(main())
