"""The demo's recording against its sample: its edits fit, and the last of them turn the sample's tests green."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import TypedDict, cast

import pytest

from moa_lsp import demo
from moa_lsp.discussion.reader import read_reply
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.placing.place import place
from moa_lsp.edits.reading.read import read_edits
from moa_lsp.edits.values import FileKind, Placement

WORDS_A_SECOND = 40
"""How fast a recording without a `pace` is replayed."""


class Reply(TypedDict):
    speaker: str
    turn: int
    text: str
    model: str


def replies() -> list[Reply]:
    text = (files("moa_lsp.demo") / f"{demo.CASSETTE_NAME}.jsonl").read_text(encoding="utf-8")
    return [cast(Reply, json.loads(line)) for line in text.splitlines()]


REPLIES = replies()
ARCHITECTS_REPLIES = [reply for reply in REPLIES if reply["speaker"] != "editor"]
EDITORS_REPLY = next(reply for reply in REPLIES if reply["speaker"] == "editor")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    demo.copy_sample(tmp_path / "sample")
    return tmp_path / "sample"


def placed(reply: str, sample: Path, source: str) -> Placement:
    """The reply's edits, placed on the sample's files; nothing in it may be left over."""
    reading = read_edits(reply)
    assert reading.problems == ()
    paths = {block.path: sample / block.path for block in reading.blocks}
    texts = {name: path.read_text(encoding="utf-8") if path.exists() else None for name, path in paths.items()}
    numbers = count(1)
    placement = place(reading.blocks, texts, source, lambda: f"h{next(numbers)}")
    assert placement.problems == ()
    return placement


def run_tests(sample: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-m", "unittest"],
        cwd=sample,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_all_speak_twice_in_order_and_the_editor_once() -> None:
    spoken = [(reply["speaker"], reply["turn"]) for reply in REPLIES]
    rounds = [(name, turn) for turn in (1, 2) for name in demo.ARCHITECT_NAMES]
    assert spoken == [*rounds, ("editor", 1)]


def test_no_reply_claims_a_model() -> None:
    assert {reply["model"] for reply in REPLIES} == {"scripted"}


def test_the_demo_takes_well_under_a_minute() -> None:
    assert sum(len(reply["text"].split()) for reply in REPLIES) / WORDS_A_SECOND < 40


@pytest.mark.parametrize("reply", ARCHITECTS_REPLIES, ids=lambda reply: f"{reply['speaker']}-{reply['turn']}")
def test_an_architect_makes_one_proposal_and_its_edits_fit(reply: Reply, sample: Path) -> None:
    reading = read_reply(reply["text"])
    assert reading.closed
    assert reading.notes == ()
    assert reading.proposal is not None
    shown = "<<<<<<< SEARCH" in reading.proposal
    assert bool(placed(reading.proposal, sample, reply["speaker"]).files) is shown


def test_some_proposals_hold_edits() -> None:
    assert sum("<<<<<<< SEARCH" in reply["text"] for reply in ARCHITECTS_REPLIES) >= 2


def test_the_architects_speak_to_each_other() -> None:
    """From the second on, each names another; objections are among what is said, and the user's words hold names."""
    for reply in ARCHITECTS_REPLIES[1:]:
        others = [name.upper() for name in demo.ARCHITECT_NAMES if name != reply["speaker"]]
        assert any(other in reply["text"] for other in others), reply["speaker"]
    assert sum("\n- object " in reply["text"] for reply in ARCHITECTS_REPLIES) >= 2
    assert "alpha" in demo.SECOND_MESSAGE
    assert "bravo" in demo.SECOND_MESSAGE


def test_the_editors_reply_turns_the_samples_tests_green(sample: Path) -> None:
    before = run_tests(sample)
    assert before.returncode == 1, before.stderr
    assert "FAILED (failures=" in before.stderr
    assert "errors=" not in before.stderr

    placement = placed(EDITORS_REPLY["text"], sample, "editor")
    for file in placement.files:
        path = sample / file.path
        text = "" if file.kind is FileKind.CREATE else path.read_text(encoding="utf-8")
        path.write_text(hunk_text_after(text, file.hunks), encoding="utf-8")
    kinds = {file.path: file.kind for file in placement.files}
    assert kinds == {"errors.py": FileKind.CREATE, "api.py": FileKind.EDIT, "store.py": FileKind.EDIT}

    after = run_tests(sample)
    assert after.returncode == 0, after.stderr
    assert after.stderr.rstrip().endswith("OK")


def test_the_copy_is_the_sample_without_caches(sample: Path) -> None:
    copied = {path.relative_to(sample).as_posix() for path in sample.rglob("*") if path.is_file()}
    assert copied == {"README.md", "api.py", "store.py", "stock.json", "tests/__init__.py", "tests/test_api.py"}
    assert set(demo.SHOWN_FILES) <= copied
