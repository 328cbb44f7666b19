"""The same as `fuzzing.py`, led by coverage: atheris changes the replies, and keeps those that reach code that none
before reached.

`scripts/fuzz --guided` installs atheris, which no other test needs, and runs this. Arguments are libFuzzer's.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["moa_lsp.edits"]):
    from tests.edits import fuzzing

_LONGEST = 20_000
_FILES = 4
"""Bytes at the beginning that choose the files which the reply is placed in."""


def _one(data: bytes) -> None:
    reply = data[_FILES:].decode("utf-8", "replace")
    fuzzing.run_one(fuzzing.Seed(reply), random.Random(data[:_FILES]))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        for number, seed in enumerate(fuzzing.corpus()):
            reply = seed.reply.encode("utf-8", "replace")[:_LONGEST]
            Path(folder, str(number)).write_bytes(bytes(_FILES) + reply)
        words = Path(beside, "words")
        words.write_text(
            "".join(
                '"' + "".join(f"\\x{byte:02x}" for byte in one.encode("utf-8", "replace")) + '"\n'
                for one in fuzzing.PIECES
            )
        )
        kept = f"-artifact_prefix={tempfile.gettempdir()}/moa-fuzz-"
        limits = [kept, f"-max_len={_LONGEST}", f"-timeout={10 * fuzzing.LONGEST_EXAMPLE:.0f}", f"-dict={words}"]
        # What comes last counts: a run may have other limits.
        atheris.Setup([sys.argv[0], *limits, "-max_total_time=120", *sys.argv[1:], folder], _one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
