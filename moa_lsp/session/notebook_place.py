"""Where in a notebook the answer to a prompt is written, while somebody types in the same document. Pure.

Rules:
- The place moves with every edit of the document, the editor's own as well as ours: nothing is written by line numbers
  from before.
- The line that says who is being asked is written over only where it stands as we wrote it.
- While the prompt or something that we wrote below it is there, that is the place; where all of it is gone, it is the
  end of the document.

Who asks the editor to write, and whether it did, is `lsp/`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen, mutable

from moa_lsp.edits.following.line_edit import LineEdit, TextEdit, line_edit
from moa_lsp.edits.lines import changed_spans, dominant_line_end, line_end, split_lines, without_end

Span = tuple[int, int]
"""Lines from the first to the last, which is excluded; 0-based."""


@frozen
class Insertion:
    """Lines `first` to `last` (excluded) are to become `text`. With `ends_line` the text goes behind the last line,
    which has no end yet."""

    first: int
    last: int
    text: str
    ends_line: bool = False


@mutable
class Place:
    """The place below one prompt. `prompt` are its lines, `below` what was written for it so far, and `waiting` the
    lines (without ends, as they stand in the document) at the end of that which the next writing replaces."""

    prompt: Span
    below: Span
    waiting: Sequence[str] = ()
    closed: bool = False
    """Whether the document was closed since: what stands in it now isn't known line by line."""

    @classmethod
    def under(cls, prompt: Span) -> Place:
        return cls(prompt, (prompt[1], prompt[1]))

    # --- following

    def edited(self, edit: TextEdit, lines_after: Sequence[str]) -> None:
        """Follows one edit; `lines_after` are the document's lines then, with their ends."""
        self._move(line_edit(edit, lines_after), len(lines_after))

    def replaced(self, before: str, after: str) -> None:
        """Follows a whole new text, by the lines that differ."""
        old, new = split_lines(before), split_lines(after)
        for span in reversed(changed_spans(old, new)):
            self._move(LineEdit(span.start, span.end, span.new_end - span.new_start), None)
        self._keep_within(len(new))

    def close(self) -> None:
        """The document was closed. Should it be opened again, only what it says tells where things stand."""
        self.closed = True

    def _move(self, edit: LineEdit, count: int | None) -> None:
        self.prompt, self.below = _moved(self.prompt, edit), _moved(self.below, edit)
        if count is not None:
            self._keep_within(count)

    def _keep_within(self, count: int) -> None:
        self.prompt = min(self.prompt[0], count), min(self.prompt[1], count)
        self.below = min(self.below[0], count), min(self.below[1], count)

    # --- writing

    def is_gone(self, lines: Sequence[str]) -> bool:
        """Whether neither the prompt nor anything below it is left."""
        first, last = self.prompt
        typed = not self.closed and any(line.strip() for line in lines[first:last])
        return not typed and self._waiting_at(lines) is None and (self.closed or self.below[0] == self.below[1])

    def insertion(self, lines: Sequence[str], new: Sequence[str]) -> Insertion:
        """What writes these lines (without ends) at the place; `lines` are the document's, with their ends."""
        first, last = self._target(lines)
        end = dominant_line_end(lines)
        open_end = first == len(lines) and first > 0 and not line_end(lines[-1])
        above = first > 0 and bool(lines[first - 1].strip())
        under = last >= len(lines) or bool(lines[last].strip())
        written = [*([""] if above else []), *new, *([""] if under else [])]
        text = "".join(f"{line}{end}" for line in written)
        return Insertion(first, last, end + text if open_end else text, open_end)

    def take_in(self, lines: Sequence[str], new: Sequence[str], waiting: Sequence[str]) -> bool:
        """Looks whether these lines stand in the document, where they are expected or nearest to it, and takes them for
        what was written. The last of them are `waiting`."""
        found = _standing(lines, new)
        if not found:
            return False
        expected = self.below[1]
        first = min(found, key=lambda at: min(abs(at + len(new) - expected), abs(at - expected)))
        begun = self.below[0] if self.below[0] < self.below[1] and not self.closed else first
        self.below = min(begun, first), first + len(new)
        self.prompt = self.prompt[0], max(self.prompt[0], min(self.prompt[1], self.below[0]))
        self.waiting, self.closed = tuple(waiting), False
        return True

    def _target(self, lines: Sequence[str]) -> Span:
        if (waiting := self._waiting_at(lines)) is not None:
            return waiting, waiting + len(self.waiting)
        if self.is_gone(lines):
            return len(lines), len(lines)
        if self.below[0] < self.below[1]:
            return self.below[1], self.below[1]
        first, last = self.prompt
        typed = [at for at in range(first, last) if lines[at].strip()]
        return typed[-1] + 1, typed[-1] + 1

    def _waiting_at(self, lines: Sequence[str]) -> int | None:
        """Where the waiting lines stand: in what was written, or anywhere in a document that was closed since."""
        found = _standing(lines, self.waiting)
        first, last = (0, len(lines)) if self.closed else self.below
        return next((at for at in reversed(found) if first <= at and at + len(self.waiting) <= last), None)


def _moved(span: Span, edit: LineEdit) -> Span:
    """The lines after an edit; where it reached into them, with all that was written there."""
    first, last = span
    delta = edit.count - (edit.end - edit.start)
    if first >= edit.end:
        return first + delta, last + delta
    if last <= edit.start:
        return span
    return min(first, edit.start), last + delta if last > edit.end else edit.start + edit.count


def _standing(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Every line at which these lines begin."""
    if not wanted:
        return []
    begin, count = wanted[0], len(wanted)
    return [
        at
        for at in range(len(lines) - count + 1)
        if without_end(lines[at]) == begin and [without_end(one) for one in lines[at : at + count]] == list(wanted)
    ]
