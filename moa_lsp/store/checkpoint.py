"""A checkpoint: the files that one apply, undo or restore was about to touch, as they were just before it, and as it
left them.

A frozen value; when one is made and what is restored from it is `session/checkpoints.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class KeptFile:
    """One file. `before` is its text before the write, without its byte order mark, `None` where there was no file.

    `encoding` and `bom` say how the file was written. `renamed_to` is the path that the write was to rename it to.
    `left` is its text once the write had ended, which is known only where it did end (`settled`).
    """

    before: str | None
    encoding: str = "utf-8"
    bom: bool = False
    renamed_to: str | None = None
    left: str | None = None
    settled: bool = False


@frozen
class Checkpoint:
    """`created` is in seconds since the epoch, `title` for people. `change` is the id of the change that was about to
    be applied or undone, `discussion` its discussion's; both `None` for a restore."""

    id: str
    created: float
    title: str
    change: str | None = None
    discussion: str | None = None
    files: Mapping[str, KeptFile] = field(factory=dict[str, KeptFile])
