"""Asking an architect once more: what it is sent, whose place the new turn takes, and what the others see of it."""

from __future__ import annotations

from attrs import evolve

from moa_lsp.discussion.effects import Ask, Cancel, Input, ReplyEnded, ReplyFailed, Settled, TextArrived
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.mixture import only
from moa_lsp.discussion.thread import coding_message, thread_of
from moa_lsp.discussion.values import Discussion, Failure, Message, Round, Said, Snapshot, Status, Usage
from tests.unit.discussion.rounds import USED, Play, Played, play, spent, system, three_architects

FIRST = {"alpha": "<proposal>\nA one.\n</proposal>", "bravo": None, "charlie": "<proposal>\nC one.\n</proposal>"}
SECOND = {name: f"<proposal>\n{name[0].upper()} two.\n</proposal>" for name in FIRST}
AGAIN = "<proposal>\nB one.\n</proposal>"
SHOWN = Snapshot({"a.py": "a\n"})


def failed() -> Discussion:
    return play(three_architects(), "First?", FIRST, SHOWN).discussion


def retrying(discussion: Discussion, number: int) -> Play:
    """A retry of that turn of the last round, begun."""
    round = discussion.rounds[-1]
    turn = next(one for one in round.turns if one.number == number)
    playing = Play(RoundEngine(discussion, round, only(turn.architect), system, turn))
    playing.engine.begin()
    return playing


def retried(discussion: Discussion, number: int, text: str | None) -> Discussion:
    """The discussion after that turn was retried with this reply; `None` is a failure before the first word."""
    playing = retrying(discussion, number)
    again = playing.engine.round.turns[-1].number
    replying: list[Input] = [TextArrived(again, text or ""), ReplyEnded(again, USED, 1.0), Settled(again)]
    failing: list[Input] = [ReplyFailed(again, Failure("overloaded", "Busy."), Usage(), 1.0)]
    for happened in failing if text is None else replying:
        playing.engine.receive(happened)
    return discussion.with_round(evolve(playing.engine.round, finished=True))


def asked(discussion: Discussion, number: int) -> tuple[Message, ...]:
    """What the retry of that turn sends, without the system message."""
    round = discussion.rounds[-1]
    turn = next(one for one in round.turns if one.number == number)
    (ask,) = RoundEngine(discussion, round, only(turn.architect), system, turn).begin()
    assert isinstance(ask, Ask)
    return ask.messages[1:]


def test_it_is_sent_the_same_and_what_others_proposed_since() -> None:
    discussion = failed()
    was = discussion.rounds[0].turns[1].asked
    (message,) = asked(discussion, 2)
    assert message.role == "user"
    assert message.text.startswith(was)
    assert message.text.removeprefix(was).strip() == (
        "<architect name='CHARLIE'>\n<proposal>\nC one.\n</proposal>\n</architect>"
    )
    done = retried(discussion, 2, AGAIN).rounds[0].turns
    assert [(turn.number, turn.architect, turn.status, turn.retries) for turn in done] == [
        (1, "alpha", Status.DONE, None),
        (2, "bravo", Status.FAILED, None),
        (3, "charlie", Status.DONE, None),
        (4, "bravo", Status.DONE, 2),
    ]
    assert done[3].saw == {Said(1, 1), Said(1, 3)}
    assert done[1] == discussion.rounds[0].turns[1]


def test_it_takes_the_failed_turns_place_in_its_thread_alone() -> None:
    discussion = retried(failed(), 2, AGAIN)
    assert [message.role for message in thread_of(discussion, "bravo")] == ["user", "assistant"]
    later: Played = play(discussion, "Second?", SECOND, SHOWN)
    for name, messages in later.sent.items():
        said = "".join(message.text for message in messages)
        assert said.count("First?") == said.count("Second?") == said.count("a\n</file>") == 1, name
        assert said.count("A one.") == said.count("C one.") == said.count("B one.") == 1, name
        assert [message.role for message in messages] == ["user", "assistant", "user"]
    coding = coding_message(later.discussion, SHOWN, "Go.")
    assert coding.count("B one.") == 1


def test_it_can_fail_again_and_be_retried() -> None:
    discussion = retried(failed(), 2, None)
    assert asked(discussion, 4) == asked(failed(), 2)
    discussion = retried(discussion, 4, AGAIN)
    assert [turn.retries for turn in discussion.rounds[0].turns] == [None, None, None, 2, 4]
    assert len(thread_of(discussion, "bravo")) == 2
    assert "A one." in thread_of(discussion, "bravo")[0].text


def test_what_it_had_said_before_it_broke_off_is_not_sent() -> None:
    playing = Play.of(three_architects(), "First?")
    playing.begin()
    playing.fail(1, "I was about to")
    for number in (2, 3):
        playing.reply(number, "<proposal>\nYes.\n</proposal>")
    assert playing.result
    discussion = three_architects().with_round(playing.result)
    assert [message.role for message in asked(discussion, 1)] == ["user"]
    assert "about to" not in str(asked(discussion, 1))


def test_a_later_round_is_asked_after_what_came_before() -> None:
    before = play(three_architects(), "First?", SECOND).discussion
    discussion = play(before, "Second?", FIRST).discussion
    messages = asked(discussion, 2)
    assert messages[:2] == thread_of(before, "bravo")
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert messages[2].text.startswith(discussion.rounds[1].turns[1].asked)


def test_a_stopped_retry_is_a_cancelled_turn() -> None:
    playing = retrying(failed(), 2)
    playing.engine.receive(Cancel(spent))
    turns = playing.engine.round.turns
    assert [(turn.number, turn.status) for turn in turns][2:] == [(3, Status.DONE), (4, Status.CANCELLED)]


def test_a_round_that_is_new_counts_from_one() -> None:
    engine = RoundEngine(three_architects(), Round(1, "First?"), only("bravo"), system)
    (ask,) = engine.begin()
    assert isinstance(ask, Ask)
    assert (ask.turn.number, ask.turn.retries) == (1, None)
