"""The files a round shows to the architects, read at one moment: each whole, or left out with a reason.

Rules:
- Nothing is cut, and nothing is left out in silence.
- Text of an open buffer comes before the disk's, but no buffer makes a file sendable that isn't (`ignore.py`).
- A file that the user named stays in whatever it costs (the estimate shows that first); the others stay out where the
  budget has no room for them, those that come first going in first.
- Line ends become LF and a byte order mark goes: models write LF, and edits are placed whatever a file's line ends are.
- A selection goes only with its file: that of a file that isn't sent is not sent either.

Which files are candidates is the session's to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from moa_lsp.context.files import READ_LIMIT, FileText, Unreadable, read_file
from moa_lsp.context.ignore import Rules
from moa_lsp.context.workspace import Folders, Refusal
from moa_lsp.discussion.values import Selection, Snapshot

BUDGET = 400_000
"""Code points of all files together. At about four to a token that is 100,000 tokens: half of what most models take, so
that several rounds find room beside the files."""


@frozen
class Candidate:
    """A file that may be shown, by its name in the workspace (`Folders.resolve`).

    `text` is an open buffer's; `None` has it read from disk. `named`: the user asked for this very file.
    """

    path: str
    text: str | None = None
    named: bool = False


@frozen
class LeftOut:
    """A file that isn't shown. `reason` completes "it …", for the user."""

    path: str
    reason: str


@frozen
class Gathered:
    """What is shown, and what is not."""

    snapshot: Snapshot
    left_out: tuple[LeftOut, ...] = ()


def gather(
    folders: Folders, candidates: Sequence[Candidate], *, selection: Selection | None = None, budget: int = BUDGET
) -> Gathered:
    """Reads the candidates, as of now. Blocks for as long as the disk does; raises nothing.

    The files keep the candidates' order and names. A name that comes twice is one file: named where it is named once,
    and with the buffer's text where one is given.
    """
    rules = Rules(folders)
    texts: dict[str, str] = {}
    left_out: dict[str, str] = {}
    once = _once(candidates)
    for candidate in once:
        found = _text(rules, candidate)
        if isinstance(found, Unreadable):
            left_out[candidate.path] = found.reason
        else:
            texts[candidate.path] = found
    spent = sum(len(texts[one.path]) for one in once if one.named and one.path in texts)
    for candidate in once:
        if candidate.named or candidate.path not in texts:
            continue
        size = len(texts[candidate.path])
        if spent + size > budget:
            del texts[candidate.path]
            left_out[candidate.path] = (
                f"is beyond the {budget:,} characters shown unasked: name it to show it all the same"
            )
        else:
            spent += size
    if selection is not None:
        selection = evolve(selection, text=_plain(selection.text)) if selection.path in texts else None
    return Gathered(Snapshot(texts, selection), tuple(LeftOut(path, why) for path, why in left_out.items()))


def _once(candidates: Sequence[Candidate]) -> list[Candidate]:
    merged: dict[str, Candidate] = {}
    for one in candidates:
        earlier = merged.get(one.path, one)
        text = earlier.text if earlier.text is not None else one.text
        merged[one.path] = Candidate(one.path, text, earlier.named or one.named)
    return list(merged.values())


def _text(rules: Rules, candidate: Candidate) -> str | Unreadable:
    path = rules.folders.resolve(candidate.path)
    if isinstance(path, Refusal):
        return Unreadable(path.reason)
    if reason := rules.why_not_sent(path, named=candidate.named or candidate.text is not None):
        return Unreadable(reason)
    if candidate.text is not None:
        if len(candidate.text) > READ_LIMIT:
            return Unreadable(f"is larger than {READ_LIMIT:,} characters")
        return Unreadable("is a binary file") if "\0" in candidate.text else _plain(candidate.text)
    found = read_file(path)
    if found is None:
        return Unreadable("does not exist")
    return _plain(found.text) if isinstance(found, FileText) else found


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
