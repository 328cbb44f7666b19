"""What each architect sees: its thread, and the next user message in it.

A thread is a view of the discussion, and is only ever appended to: what an architect was sent in earlier rounds is
kept in its turns byte for byte, its own replies are its assistant messages, everything else is user messages. So a
provider's cache of the thread's beginning stays good, and nothing is sent twice.

The next message holds what the architect has not seen yet, in this order: the files' text or what changed in them, the
proposals made since it last spoke (with the user's messages it missed), what the user decided since then, the user's
message, and the proposals made before its own in this round. What a failed or a cancelled turn was sent counts as seen,
since it stays in the thread, until the architect is asked once more for it: that turn takes the failed one's place, and
is sent what it was sent.

No I/O: texts are handed in. The tags are in `fences.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import pygit2
from attrs import frozen

from moa_lsp.discussion import decisions, fences
from moa_lsp.discussion.mixture import Sees
from moa_lsp.discussion.reader import Kind, Segment, read_reply
from moa_lsp.discussion.stances import stances_text
from moa_lsp.discussion.values import Discussion, Message, Round, Said, Snapshot, Status, Turn

_PLAIN_TAG = re.compile(r"</?proposal>")
_STANCES = re.compile(r"<\s*stances", re.IGNORECASE)


@frozen
class NextMessage:
    """The user message an architect is sent next, and the proposals it holds. `retries` is the number of the turn in
    whose place it is sent."""

    text: str
    saw: frozenset[Said]
    retries: int | None = None


def thread_of(discussion: Discussion, architect: str) -> tuple[Message, ...]:
    """All that the architect was sent and said so far, oldest first, without the system message."""
    messages: list[Message] = []
    for turn in _turns_of(discussion, architect):
        if turn.asked:
            messages.append(Message("user", turn.asked))
        if turn.text.strip():
            messages.append(Message("assistant", turn.text))
    return tuple(messages)


def messages_to(discussion: Discussion, architect: str, system: str, asked: str) -> tuple[Message, ...]:
    """All that the architect's model is sent: its system message, its thread, and what it is asked next."""
    return (Message("system", system), *thread_of(discussion, architect), Message("user", asked))


def _as_it_is(name: str) -> str:
    return name


def next_message(
    discussion: Discussion,
    round: Round,
    architect: str,
    sees: Sees,
    task: str = "",
    step: int = 1,
    called: Callable[[str], str] = _as_it_is,
) -> NextMessage:
    """What the architect is sent next. `round` is the current one, with the turns it has so far; `step` is the one that
    it speaks in. `called` gives the name under which the others appear."""
    own = [turn for turn in _turns_of(discussion, architect) if turn.asked]
    seen = frozenset[Said]().union(*(turn.saw for turn in own))
    # Whenever it was asked, it was told everything up to then, the rounds that it had missed included.
    told = max((r.number for r in (*discussion.rounds, round) if _asked_in(r, architect)), default=0)
    parts: list[str] = []
    saw: set[Said] = set()

    before = _last_shown(discussion, architect)
    if round.number > told:
        parts += file_parts(before, round.shown)
    for earlier in discussion.rounds:
        if earlier.number >= round.number:
            continue
        if earlier.number > told:
            parts.append(fences.user_message(earlier.message))
        parts += _proposal_parts(earlier, architect, seen, saw, called)
    if round.number > told:
        since = [one for one in discussion.decisions if one.after_round >= told]
        parts += decisions.parts(since if told else decisions.standing(since), called)
        parts.append(fences.user_message(round.message))
    if sees is not Sees.NOTHING:
        # What the stage before this one proposed is all that isn't from further back.
        shown = round if sees is Sees.EARLIER else round.since(step - 1)
        parts += _proposal_parts(shown, architect, seen, saw, called)
    if task:
        parts.append(fences.task(task))
    return NextMessage("\n\n".join(parts), frozenset(saw))


def retry_message(
    discussion: Discussion, round: Round, failed: Turn, called: Callable[[str], str] = _as_it_is
) -> NextMessage:
    """What an architect is sent in the place of what a failed turn was sent: the same, and the proposals that others
    made since in this round, where what it was asked in was open to them. Its thread ends with that turn."""
    own = _turns_of(discussion.with_round(round), failed.architect)
    seen = failed.saw.union(*(turn.saw for turn in own))
    saw = set(failed.saw)
    # Side by side nobody saw the others: a retry stays as blind.
    parts = [] if failed.parallel else _proposal_parts(round, failed.architect, seen, saw, called)
    return NextMessage("\n\n".join([failed.asked, *parts]), frozenset(saw), failed.number)


def coding_message(discussion: Discussion, shown: Snapshot, message: str, plan: str = "") -> str:
    """What the editor model is sent for `/code`: the files as they are, the whole discussion as it happened with
    the full replies, the earlier `/code` messages at their places, what the user decided, the plan that the user made
    (where there is one), and the message last."""
    parts = file_parts(Snapshot(), shown)
    codings = [coding for coding in discussion.codings if not coding.composed]
    for round in discussion.rounds:
        while codings and codings[0].after_round < round.number:
            parts.append(fences.user_message(codings.pop(0).message))
        parts.append(fences.user_message(round.message))
        parts += [fences.reply(t.architect, _full_reply(t.text)) for t in round.turns if t.status is Status.DONE]
    parts += [fences.user_message(coding.message) for coding in codings]
    parts += decisions.parts(decisions.standing(discussion.decisions), _as_it_is)
    parts += [fences.plan(plan)] if plan else []
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
    # Half a surrogate pair, which an editor may send, has no UTF-8 and must not end the round.
    old, new = before.encode("utf-8", "surrogatepass"), now.encode("utf-8", "surrogatepass")
    # The patch points into both and doesn't keep them: unnamed, they are gone before it is read (measured, 1.21).
    patch = pygit2.Patch.create_from(old, new)
    _, _, hunks = patch.data.decode("utf-8", "surrogatepass").partition("\n@@")
    hunks = f"@@{hunks}" if hunks else ""
    if not hunks or len(hunks) >= len(now):
        return fences.file(path, now)
    return fences.file_changed(path, hunks)


def _turns_of(discussion: Discussion, architect: str) -> Iterable[Turn]:
    """The turns that make the architect's thread: in the place of one that was retried stands the one that did so."""
    for round in discussion.rounds:
        replaced = {turn.retries for turn in round.turns}
        yield from (turn for turn in round.turns if _is(turn, architect) and turn.number not in replaced)


def _last_shown(discussion: Discussion, architect: str) -> Snapshot | None:
    """The files as the architect saw them last; a round it was not asked in showed it nothing."""
    return next((round.shown for round in reversed(discussion.rounds) if _asked_in(round, architect)), None)


def _asked_in(round: Round, architect: str) -> bool:
    return any(_is(turn, architect) and turn.asked for turn in round.turns)


def _is(turn: Turn, architect: str) -> bool:
    """Names are told apart without regard to case, so a thread outlives a change of it in the settings."""
    return turn.architect.lower() == architect.lower()


def _proposal_parts(
    round: Round, architect: str, seen: frozenset[Said], saw: set[Said], called: Callable[[str], str]
) -> list[str]:
    """The others' proposals of one round that are not in `seen`, of each its last one: it stands for those before it.
    They are added to `saw`."""
    parts: list[str] = []
    last = {turn.architect.lower(): turn.number for turn in round.turns if turn.proposal is not None}
    for turn in round.turns:
        said = Said(round.number, turn.number)
        if _is(turn, architect) or turn.proposal is None or said in seen or last[turn.architect.lower()] != turn.number:
            continue
        saw.add(said)
        # One that stands within the proposal is read there.
        said = "" if _STANCES.search(turn.proposal) else stances_text(turn.stances, called)
        parts.append(fences.proposal(called(turn.architect), turn.proposal, said))
    return parts


def _full_reply(text: str) -> str:
    """A reply with its proposals' tags as tags, and whatever else looks like one made harmless: as it was written,
    where its tags are plain, else with plain ones put around what was read."""
    segments = read_reply(text).segments
    return _as_written(text, segments) or "\n\n".join(
        f"<proposal>\n{fences.neutralise(segment.text)}\n</proposal>"
        if segment.kind is Kind.PROPOSAL
        else fences.neutralise(segment.text)
        for segment in segments
    )


def _as_written(text: str, segments: tuple[Segment, ...]) -> str | None:
    """The reply with the blanks and tags between its segments as they are; `None` where they aren't plain."""
    parts: list[str] = []
    tags: list[str] = []
    done = 0
    for segment in segments:
        at = text.find(segment.text, done)
        between = text[done : max(at, done)]
        tags += _PLAIN_TAG.findall(between)
        if at < 0 or _PLAIN_TAG.sub("", between).strip() or (tags[-1:] == ["<proposal>"]) != _is_proposal(segment):
            return None
        parts += [between, fences.neutralise(segment.text)]
        done = at + len(segment.text)
    rest = text[done:].rstrip()
    tags += _PLAIN_TAG.findall(rest)
    paired = tags == ["<proposal>", "</proposal>"] * (len(tags) // 2)
    return "".join([*parts, rest]).strip("\r\n") if paired and not _PLAIN_TAG.sub("", rest).strip() else None


def _is_proposal(segment: Segment) -> bool:
    return segment.kind is Kind.PROPOSAL
