"""The demo's material: a sample project, the recording that speaks about it, and what the user says.

The replies in `demo.jsonl` are scripted by hand (`README.md` says so too); they fit the sample and these messages, so
whoever changes one changes all three. The tests replay the recording against the sample.

Never here: the demo's run (`moa_lsp/terminal/`) and the replaying of recordings (`moa_lsp/models/`).
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

SAMPLE: Traversable = files("moa_lsp.demo") / "sample"
"""The sample project's folder inside the package."""

SHOWN_FILES = ("api.py", "store.py", "tests/test_api.py")
"""The sample's files that the recorded architects speak about, as paths in the sample."""

CASSETTE_NAME = "demo"
"""The recording's name: `demo.jsonl` beside this file."""

ARCHITECT_NAMES = ("alpha", "bravo", "charlie")
"""Who speaks in the recording, in speaking order."""

FIRST_MESSAGE = "Let's improve the error handling in our API."
SECOND_MESSAGE = "Keep alpha's error type, do bravo's narrow except; no retry."
CODE_MESSAGE = "Go ahead."


def copy_sample(to: Path) -> None:
    """Writes the sample project into the folder `to`, which is made where it is missing.

    Files that stand there already under the same names are overwritten. Raises `OSError` where that fails.
    """
    _copy(SAMPLE, to)


def _copy(source: Traversable, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.is_dir():
            # Where somebody ran the sample in place, Python left its caches.
            if entry.name != "__pycache__":
                _copy(entry, to / entry.name)
        else:
            (to / entry.name).write_bytes(entry.read_bytes())
