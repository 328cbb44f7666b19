"""Tells of each edit of a reply as soon as it closes, while the rest still arrives, and whether it fits the file now.

What is told here is a foretaste: the whole reply is read and placed anew once it is there (`proposing.py`), and what
comes of that counts. So trying stays cheap: a long file, or a file's hundredth edit, isn't tried before that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import field, mutable

from moa_lsp.edits.reading.stream import EditStream
from moa_lsp.edits.values import Block, DeleteFile, FileKind, RenameFile, Replace
from moa_lsp.session.events import EditRead, Event
from moa_lsp.session.proposing import Proposing

_LONGEST_TRIED = 1_000_000
"""Code points of a file."""

_MOST_TRIED = 100
"""Edits of one file: each is tried together with those before it."""

_REWRITE = "rewrite"


@mutable
class ArrivingEdits:
    """One reply's edits while it arrives; `architect` is `None` for the editor model. `known` are the files that the
    model was shown."""

    proposing: Proposing
    discussion: str
    architect: str | None
    known: Sequence[str]
    tell: Callable[[Event], None]
    _stream: EditStream = field(factory=EditStream, init=False)
    _blocks: dict[str, list[Block]] = field(factory=dict[str, list[Block]], init=False)

    def feed(self, text: str) -> None:
        """Takes more of the reply, or of its proposal, and tells of the edits that it closes."""
        for block in self._stream.feed(text):
            blocks = self._blocks.setdefault(block.path, [])
            blocks.append(block)
            now = self.proposing.changes.texts.current(block.path)
            tried = len(now or "") <= _LONGEST_TRIED and len(blocks) <= _MOST_TRIED
            problem = self.proposing.unfit(blocks, self.known) if tried else None
            fits = problem is None if tried else None
            kind = _kind(block, now is not None)
            self.tell(EditRead(self.discussion, self.architect, block.path, kind, fits, problem))


def _kind(block: Block, there: bool) -> str:
    match block:
        case DeleteFile():
            return FileKind.DELETE.value
        case RenameFile():
            return FileKind.RENAME.value
        case Replace(search=search, near=near):
            return (FileKind.EDIT if search.strip() or near.at_end or there else FileKind.CREATE).value
        case _:
            return _REWRITE if there else FileKind.CREATE.value
