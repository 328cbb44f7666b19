"""Hunks as architects would propose them, for the tests of where they differ: short ones by hand, and any at all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from hypothesis import strategies as st

from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk, Settled

TEXT = "one\ntwo\nthree\nfour\nfive\n"
_ids = count(1)

FILES: Mapping[str, str] = {"a": TEXT, "b": "first\nlast", "dir/c": "", "dir/d": "only\n"}
"""The files of a workspace: what any hunks at all are about."""

_FREE = ("n", "n/m", "dir/e", "dir/e/f", "other/g")
_NEW = st.lists(st.sampled_from(["x\n", "y\n", "\n", "one\n"]), max_size=2).map("".join)


def _proposed(source: str, file: FileChange, hunk: Hunk, settled: Settled | None = None) -> Proposed:
    number = next(_ids)
    hunk = Hunk(f"{source}-{number}", hunk.start, hunk.end, hunk.old, hunk.new, (source,), settled=settled)
    return Proposed(f"change-{source}", source, FileChange(file.path, file.kind, file.new_path, (hunk,)), hunk)


def replaced(
    source: str, start: int, end: int, new: str, path: str = "a", text: str = TEXT, settled: Settled | None = None
) -> Proposed:
    """Lines `start` to `end` of the file (0-based, end excluded) are to be `new`."""
    old = "".join(split_lines(text)[start:end])
    return _proposed(source, FileChange(path), Hunk("", start, end, old, new), settled)


def inserted(source: str, at: int, new: str, path: str = "a") -> Proposed:
    return replaced(source, at, at, new, path)


def created(source: str, path: str, text: str) -> Proposed:
    return _proposed(source, FileChange(path, FileKind.CREATE), Hunk("", 0, 0, "", text))


def deleted(source: str, path: str = "a", text: str = TEXT) -> Proposed:
    return _proposed(source, FileChange(path, FileKind.DELETE), Hunk("", 0, len(split_lines(text)), text, ""))


def renamed(source: str, path: str, new_path: str) -> Proposed:
    return _proposed(source, FileChange(path, FileKind.RENAME, new_path), Hunk("", 0, 0, "", ""))


@st.composite
def any_hunk(draw: st.DrawFn) -> Proposed:
    """A hunk that could be placed in `FILES` by itself, by one of three architects."""
    source = draw(st.sampled_from(["alpha", "bravo", "charlie"]))
    what = draw(st.sampled_from(["edit"] * 6 + ["create", "delete", "rename"]))
    if what == "create":
        return created(source, draw(st.sampled_from(_FREE)), draw(_NEW))
    path = draw(st.sampled_from(["a", "a", "a", *FILES]))
    text = FILES[path]
    if what == "delete":
        return deleted(source, path, text)
    if what == "rename":
        return renamed(source, path, draw(st.sampled_from(_FREE)))
    lines = split_lines(text)
    # Behind a last line without an end nothing can be put in: that line is replaced.
    last = len(lines) if not lines or lines[-1].endswith("\n") else len(lines) - 1
    start = draw(st.integers(0, last))
    end = draw(st.integers(start, len(lines)))
    new = draw(_NEW)
    if end == len(lines):
        new = draw(st.sampled_from([new, new.removesuffix("\n")]))
    elif start == end:
        new = new or "put in\n"
    if new == "".join(lines[start:end]):
        new += "" if start == end == len(lines) and new else "another\n"
    return replaced(source, start, end, new, path, text)


ANY_HUNKS = st.lists(any_hunk(), max_size=8)
