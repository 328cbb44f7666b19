"""What each architect sees: its thread, and the next user message in it.

A thread is a view of the discussion, and is only ever appended to: what an architect was sent in earlier rounds is
kept in its turns byte for byte, its own replies are its assistant messages, everything else is user messages. So a
provider's cache of the thread's beginning stays good, and nothing is sent twice.

The next message holds what the architect has not seen yet, in this order: the files' text or what changed in them, the
proposals made since it last spoke (with the user's messages it missed), the user's message, and the proposals made
before its own in this round. What a failed or a cancelled turn was sent counts as seen, since it stays in the thread.

No I/O: texts are handed in. The tags are in `fences.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pygit2
from attrs import frozen

from moa_lsp.discussion import fences
from moa_lsp.discussion.mixture import Sees
from moa_lsp.discussion.reader import Kind, read_reply
from moa_lsp.discussion.values import Coding, Discussion, Message, Round, Said, Snapshot, Status, Turn


@frozen
class NextMessage:
    """The user message an architect is sent next, and the proposals it holds."""

    text: str
    saw: frozenset[Said]


def thread_of(discussion: Discussion, architect: str) -> tuple[Message, ...]:
    """All that the architect was sent and said so far, oldest first, without the system message."""
    messages: list[Message] = []
    for turn in _turns_of(discussion, architect):
        if turn.asked:
            messages.append(Message("user", turn.asked))
        if turn.text.strip():
            messages.append(Message("assistant", turn.text))
    return tuple(messages)


def next_message(discussion: Discussion, round: Round, architect: str, sees: Sees) -> NextMessage:
    """What the architect is sent next. `round` is the current one, with the turns it has so far."""
    own = [turn for turn in _turns_of(discussion, architect) if turn.asked]
    seen = frozenset[Said]().union(*(turn.saw for turn in own))
    spoke_in = {r.number for r in (*discussion.rounds, round) for t in r.turns if t.architect == architect and t.asked}
    parts: list[str] = []
    saw: set[Said] = set()

    before = _last_shown(discussion, architect)
    if round.number not in spoke_in:
        parts += file_parts(before, round.shown)
    for earlier in discussion.rounds:
        if earlier.number >= round.number:
            continue
        if earlier.number not in spoke_in:
            parts.append(fences.user_message(earlier.message))
        parts += _proposal_parts(earlier, architect, seen, saw)
    if round.number not in spoke_in:
        parts.append(fences.user_message(round.message))
    if sees is Sees.EARLIER:
        parts += _proposal_parts(round, architect, seen, saw)
    return NextMessage("\n\n".join(parts), frozenset(saw))


def coding_message(discussion: Discussion, shown: Snapshot, message: str) -> str:
    """What the editor model is sent for `/code`: the files as they are, the whole discussion as it happened with
    the full replies, the earlier `/code` messages at their places, and the message last."""
    parts = file_parts(Snapshot(), shown)
    for round in discussion.rounds:
        parts += [fences.user_message(coding.message) for coding in _codings_before(discussion, round.number)]
        parts.append(fences.user_message(round.message))
        parts += [fences.reply(t.architect, _full_reply(t.text)) for t in round.turns if t.status is Status.DONE]
    last = max((round.number for round in discussion.rounds), default=0)
    parts += [fences.user_message(coding.message) for coding in _codings_before(discussion, last + 1)]
    return "\n\n".join([*parts, fences.user_message(message)])


def file_parts(before: Snapshot | None, now: Snapshot) -> list[str]:
    """The files that are new, what changed in those shown before, those no longer there, and the selection."""
    known: Mapping[str, str] = before.files if before else {}
    parts: list[str] = []
    for path, text in now.files.items():
        if path not in known:
            parts.append(fences.file(path, text))
        elif known[path] != text:
            parts.append(_change_part(path, known[path], text))
    parts += [fences.file_removed(path) for path in known if path not in now.files]
    if at := now.selection:
        parts.append(fences.selection(at.path, at.first, at.last, at.text))
    return parts


def _change_part(path: str, before: str, now: str) -> str:
    """A diff, or the whole text where a diff would be no shorter."""
    # libgit2, since difflib takes seconds where a long file changed in many places (measured).
    patch = pygit2.Patch.create_from(before.encode(), now.encode()).text
    hunks = patch[patch.find("@@") :] if patch and "@@" in patch else ""
    if not hunks or len(hunks) >= len(now):
        return fences.file(path, now)
    return fences.file_changed(path, hunks)


def _turns_of(discussion: Discussion, architect: str) -> Iterable[Turn]:
    return (turn for round in discussion.rounds for turn in round.turns if turn.architect == architect)


def _last_shown(discussion: Discussion, architect: str) -> Snapshot | None:
    """The files as the architect saw them last; a round it was not asked in showed it nothing."""
    asked = (r for r in reversed(discussion.rounds) if any(t.architect == architect and t.asked for t in r.turns))
    return next((round.shown for round in asked), None)


def _proposal_parts(round: Round, architect: str, seen: frozenset[Said], saw: set[Said]) -> list[str]:
    """The others' proposals of one round that are not in `seen`; they are added to `saw`."""
    parts: list[str] = []
    for turn in round.turns:
        said = Said(round.number, turn.number)
        if turn.architect == architect or turn.proposal is None or said in seen:
            continue
        saw.add(said)
        parts.append(fences.proposal(turn.architect, turn.proposal))
    return parts


def _codings_before(discussion: Discussion, round: int) -> list[Coding]:
    """The `/code`s asked for after the round before that one."""
    return [coding for coding in discussion.codings if coding.after_round == round - 1]


def _full_reply(text: str) -> str:
    """A reply with its proposals' tags as tags, and whatever else looks like one made harmless."""
    parts = [
        f"<proposal>\n{fences.neutralise(segment.text)}\n</proposal>"
        if segment.kind is Kind.PROPOSAL
        else fences.neutralise(segment.text)
        for segment in read_reply(text).segments
    ]
    return "\n\n".join(parts)
