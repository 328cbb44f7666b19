"""The round's state machine: who is asked when, what each input leads to, and that everything ends exactly once."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.discussion.effects import (
    Ask,
    Cancel,
    Drop,
    ProposalClosed,
    ProposalGrew,
    ReplyEnded,
    ReplyFailed,
    ReplyWhole,
    RoundEnded,
    Settled,
    Stop,
    TextArrived,
    TurnEnded,
)
from moa_lsp.discussion.engine import CUT
from moa_lsp.discussion.mixture import ROUND, Mixture, Order, Sees, Stage, speakers
from moa_lsp.discussion.values import Architect, Discussion, Failure, Said, Snapshot, Status, Usage
from tests.unit.discussion.rounds import USED, Play, dropping, spent, three_architects

OVERLAP = Mixture("overlap", (Stage(overlap=True),))
BLIND_THEN_REVISED = Mixture("revise", (Stage(order=Order.PARALLEL, sees=Sees.NOTHING), Stage()))
CLOSED = "<proposal>\nmine\n</proposal>\n"


def begun(mixture: Mixture = ROUND, discussion: Discussion | None = None) -> Play:
    playing = Play.of(discussion or three_architects(), "Well?", mixture)
    playing.begin()
    return playing


def statuses(playing: Play) -> list[tuple[str, str]]:
    assert playing.result
    return [(turn.architect, turn.status.value) for turn in playing.result.turns]


# --- the plain round ------------------------------------------------------------------------------------------------


def test_the_architects_speak_one_after_the_other() -> None:
    playing = begun()
    for name in ("alpha", "bravo", "charlie"):
        assert playing.speaking() == [name]
        playing.reply(len(playing.asks), f"I am {name}.")
    assert statuses(playing) == [("alpha", "done"), ("bravo", "done"), ("charlie", "done")]


def test_each_is_asked_with_its_own_system_message_and_those_before_it() -> None:
    playing = begun()
    playing.reply(1, CLOSED)
    first, second = playing.asks
    assert [message.role for message in first.messages] == ["system", "user"]
    assert second.messages[0].text == "You are bravo."
    assert first.turn.asked == first.messages[-1].text
    assert second.turn.saw == {Said(1, 1)}
    assert "<proposal>\nmine\n</proposal>" in second.messages[-1].text


def test_a_turn_holds_what_was_said_used_and_how_it_was_read() -> None:
    playing = begun()
    for piece in ("Hm.\n<prop", "osal>\na\n</proposal>\n<proposal>\nb\n</prop", "osal>"):
        playing.give(TextArrived(1, piece))
    assert playing.engine.text_of(1).startswith("Hm.\n<proposal>")
    playing.give(ReplyEnded(1, USED, 2.5))
    assert playing.engine.text_of(1) == ""
    turn = playing.ended[1]
    assert turn.text == "Hm.\n<proposal>\na\n</proposal>\n<proposal>\nb\n</proposal>"
    assert (turn.proposal, turn.usage, turn.seconds, turn.error) == ("a\n\nb", USED, 2.5, None)
    assert turn.notes == ("The reply held 2 proposals; they are shown as one.",)


def test_a_closed_proposal_is_announced_and_the_next_waits_for_the_replys_end() -> None:
    playing = begun()
    assert playing.give(TextArrived(1, CLOSED)) == [
        ProposalGrew(1, "mine\n"),
        ProposalClosed(Said(1, 1), "alpha", "mine"),
    ]
    assert playing.speaking() == ["alpha"]


def test_a_proposals_whole_lines_are_handed_on_as_they_arrive_and_nothing_else() -> None:
    playing = begun()
    said = (
        "Hm.\n<proposal>\none\n\n```\n<proposal>\n```\ntw" + "o\n</proposal>\nprose\n<proposal>\nthree\n</proposal>\n"
    )
    grown = [
        effect.text
        for piece in said
        for effect in playing.give(TextArrived(1, piece))
        if isinstance(effect, ProposalGrew)
    ]
    assert grown == ["one\n", "\n", "```\n", "<proposal>\n", "```\n", "two\n", "three\n"]


def test_a_failure_lets_the_others_go_on() -> None:
    playing = begun()
    playing.give(TextArrived(1, CLOSED))
    failure = Failure("overloaded", "Busy.")
    ended, asked = playing.give(ReplyFailed(1, failure, USED, 1.5))
    assert isinstance(ended, TurnEnded)
    assert isinstance(asked, Ask)
    assert (ended.turn.status, ended.turn.error, ended.turn.text) == (Status.FAILED, failure, CLOSED)
    assert (ended.turn.proposal, ended.turn.usage, ended.turn.seconds) == (None, USED, 1.5)
    assert "mine" not in asked.messages[-1].text
    playing.fail(2)
    playing.fail(3)
    assert [status for _, status in statuses(playing)] == ["failed"] * 3


def test_a_reply_that_is_none_is_a_failed_turn() -> None:
    playing = begun()
    playing.give(TextArrived(1, CLOSED))
    failure = Failure("filtered", "The provider held it back.")
    playing.give(ReplyEnded(1, USED, 1.0, failure=failure))
    assert (playing.ended[1].status, playing.ended[1].error) == (Status.FAILED, failure)
    assert playing.ended[1].proposal is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (CLOSED, Status.DONE),
        (f"Hm.\n{CLOSED}And so on", Status.DONE),
        ("<proposal>\nmine", Status.FAILED),
        ("no proposal at all", Status.FAILED),
        (f"{CLOSED}<proposal>\nyours", Status.FAILED),
        ("<proposal>\n```\n</proposal>\nand the code goes on\n", Status.FAILED),
    ],
)
def test_a_stream_that_broke_off_is_whole_where_its_proposal_was_closed(text: str, status: Status) -> None:
    playing = begun()
    playing.give(TextArrived(1, text))
    playing.give(ReplyEnded(1, USED, 1.0, whole=False))
    assert playing.ended[1].status is status
    assert playing.ended[1].error == (CUT if status is Status.FAILED else None)
    assert playing.ended[1].text == text
    assert CUT.kind == "cut"


def test_an_unclosed_proposal_of_a_whole_reply_is_read_and_noted() -> None:
    playing = begun()
    playing.reply(1, "<proposal>\nmine")
    assert (playing.ended[1].status, playing.ended[1].proposal) == (Status.DONE, "mine")
    assert playing.ended[1].notes


def test_nobody_to_ask_is_a_round_without_turns() -> None:
    playing = begun(discussion=dropping(three_architects(), "alpha", "bravo", "charlie"))
    assert statuses(playing) == []


# --- cancel ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoken", [0, 1, 2])
@pytest.mark.parametrize("text", ["", "half a", CLOSED])
def test_a_cancel_stops_who_speaks_and_asks_nobody_else(spoken: int, text: str) -> None:
    playing = begun()
    for number in range(1, spoken + 1):
        playing.reply(number, CLOSED)
    playing.give(TextArrived(spoken + 1, text))
    effects = playing.give(Cancel(spent))
    assert [type(effect) for effect in effects] == [Stop, TurnEnded, RoundEnded]
    assert [status for _, status in statuses(playing)] == ["done"] * spoken + ["cancelled"]
    stopped = playing.ended[spoken + 1]
    assert (stopped.text, stopped.proposal, stopped.seconds, stopped.usage) == (text, None, 3.0, Usage())


def test_a_cancel_stops_all_who_speak_side_by_side() -> None:
    playing = begun(BLIND_THEN_REVISED)
    playing.reply(2, CLOSED)
    playing.give(Cancel(spent))
    assert statuses(playing) == [("alpha", "cancelled"), ("bravo", "done"), ("charlie", "cancelled")]


def test_a_cancel_before_the_beginning_is_the_end() -> None:
    playing = Play.of(three_architects(), "Well?")
    playing.give(Cancel(spent))
    assert statuses(playing) == []
    assert playing.begin() == []


def test_a_round_begins_once() -> None:
    playing = begun()
    assert playing.begin() == []
    playing.fail(1)
    assert playing.begin() == []


def test_nothing_but_begin_begins_a_round() -> None:
    playing = Play.of(three_architects(), "Well?")
    assert playing.give(Drop("alpha", spent)) == []
    assert playing.give(TextArrived(1, "x")) == []
    assert playing.give(ReplyEnded(1, USED, 1.0)) == []
    assert playing.fail(1) == []
    playing.begin()
    assert playing.speaking() == ["bravo"]


# --- a whole reply that isn't settled yet ---------------------------------------------------------------------------


def held() -> Play:
    """A round whose first reply is whole and not settled."""
    playing = begun()
    playing.settles = False
    playing.give(TextArrived(1, CLOSED))
    [whole] = playing.give(ReplyEnded(1, USED, 1.0))
    assert isinstance(whole, ReplyWhole)
    assert (whole.turn.status, whole.turn.proposal, whole.turn.text) == (Status.DONE, "mine", CLOSED)
    assert playing.speaking() == ["alpha"]
    return playing


def test_the_next_is_asked_once_a_whole_reply_is_settled() -> None:
    playing = held()
    ended, asked = playing.give(Settled(1))
    assert isinstance(ended, TurnEnded)
    assert isinstance(asked, Ask)
    assert ended.turn == playing.ended[1]
    assert "<proposal>\nmine\n</proposal>" in asked.messages[-1].text
    assert playing.give(Settled(1)) == []
    assert playing.give(Settled(2)) == []


def test_nothing_more_of_a_whole_reply_counts() -> None:
    playing = held()
    assert playing.give(TextArrived(1, CLOSED)) == []
    assert playing.give(ReplyEnded(1, Usage(), 9.0, failure=CUT)) == []
    assert playing.fail(1, "late") == []
    playing.give(Settled(1))
    assert (playing.ended[1].text, playing.ended[1].usage) == (CLOSED, USED)


def test_a_whole_reply_stays_done_when_it_is_stopped_before_it_is_settled() -> None:
    playing = held()
    stopped, ended, asked = playing.give(Drop("alpha", spent))
    assert stopped == Stop(1)
    assert isinstance(ended, TurnEnded)
    assert (ended.turn.status, ended.turn.usage, ended.turn.proposal) == (Status.DONE, USED, "mine")
    assert isinstance(asked, Ask)
    playing = held()
    playing.give(Cancel(spent))
    assert statuses(playing) == [("alpha", "done")]
    assert playing.give(Settled(1)) == []


# --- drop -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alpha", "ALPHA"])
def test_dropping_who_speaks_stops_it_and_the_next_is_asked(name: str) -> None:
    playing = begun()
    playing.give(TextArrived(1, CLOSED))
    stopped, ended, asked = playing.give(Drop(name, spent))
    assert stopped == Stop(1)
    assert isinstance(ended, TurnEnded)
    assert isinstance(asked, Ask)
    assert (ended.turn.status, ended.turn.text, ended.turn.proposal) == (Status.CANCELLED, CLOSED, None)
    assert asked.architect.name == "bravo"
    assert "mine" not in asked.messages[-1].text


def test_dropping_who_waits_passes_it_over() -> None:
    playing = begun()
    assert playing.give(Drop("bravo", spent)) == []
    playing.reply(1, CLOSED)
    assert playing.speaking() == ["charlie"]


def test_what_was_said_before_a_drop_stays() -> None:
    playing = begun()
    playing.reply(1, CLOSED)
    assert playing.give(Drop("alpha", spent)) == []
    playing.reply(2, CLOSED)
    assert "<architect name='ALPHA'>" in playing.asks[2].messages[-1].text


def test_dropping_the_last_who_speaks_ends_the_round() -> None:
    playing = begun(discussion=dropping(three_architects(), "bravo", "charlie"))
    playing.give(Drop("alpha", spent))
    assert statuses(playing) == [("alpha", "cancelled")]


def test_who_was_dropped_is_not_asked_in_a_later_stage() -> None:
    playing = begun(BLIND_THEN_REVISED)
    playing.give(Drop("bravo", spent))
    playing.reply(1, CLOSED)
    playing.reply(3, CLOSED)
    playing.reply(4, CLOSED)
    playing.reply(5, CLOSED)
    assert [ask.architect.name for ask in playing.asks[3:]] == ["alpha", "charlie"]
    assert playing.result


def test_a_name_that_nobody_bears_drops_nobody() -> None:
    playing = begun()
    assert playing.give(Drop("zulu", spent)) == []
    assert playing.speaking() == ["alpha"]


# --- late inputs ----------------------------------------------------------------------------------------------------


def test_what_comes_for_a_turn_that_is_over_changes_nothing() -> None:
    playing = begun()
    playing.fail(1, "half")
    before = playing.engine.round
    assert playing.give(TextArrived(1, CLOSED)) == []
    assert playing.give(ReplyEnded(1, USED, 9.0)) == []
    assert playing.fail(1) == []
    assert playing.fail(99) == []
    assert playing.engine.round == before
    assert playing.speaking() == ["bravo"]


def test_what_comes_after_the_end_changes_nothing() -> None:
    playing = begun()
    playing.give(Cancel(spent))
    for late in (TextArrived(1, CLOSED), ReplyEnded(1, USED, 9.0), Cancel(spent), Drop("alpha", spent)):
        assert playing.give(late) == []
    assert playing.fail(1) == []


# --- other mixtures -------------------------------------------------------------------------------------------------


def test_a_parallel_stage_asks_all_at_once_and_none_sees_another() -> None:
    playing = begun(Mixture("parallel", (Stage(order=Order.PARALLEL),)))
    assert playing.speaking() == ["alpha", "bravo", "charlie"]
    assert all(not ask.turn.saw for ask in playing.asks)
    for number in (3, 1, 2):
        playing.reply(number, CLOSED)
    assert statuses(playing) == [("alpha", "done"), ("bravo", "done"), ("charlie", "done")]


def test_a_blind_stage_and_a_revision_after_it() -> None:
    playing = begun(BLIND_THEN_REVISED)
    for number in (2, 3, 1):
        playing.reply(number, f"<proposal>\nblind {number}\n</proposal>\n")
    assert playing.speaking() == ["alpha"]
    playing.reply(4, "<proposal>\nrevised 4\n</proposal>\n")
    alpha, bravo = playing.asks[3:]
    assert alpha.turn.saw == {Said(1, 2), Said(1, 3)}
    assert "<user_message>" not in alpha.messages[-1].text
    assert bravo.turn.saw == {Said(1, 3), Said(1, 4)}, "alpha's last proposal stands for its first"
    assert [message.role for message in bravo.messages] == ["system", "user", "assistant", "user"]


def test_who_has_heard_everything_is_not_asked_with_an_empty_message() -> None:
    alone = Discussion("d", "A matter", 0.0, (Architect("alpha", "test/alpha"),))
    playing = begun(BLIND_THEN_REVISED, alone)
    playing.reply(1, CLOSED)
    assert len(playing.asks) == 1
    assert statuses(playing) == [("alpha", "done")]


def test_overlap_hands_over_on_the_first_closed_proposal() -> None:
    playing = begun(OVERLAP)
    playing.give(TextArrived(1, "Hm.\n<proposal>\nmine\n"))
    assert playing.speaking() == ["alpha"]
    closed, asked = playing.give(TextArrived(1, "</proposal>\n"))
    assert closed == ProposalClosed(Said(1, 1), "alpha", "mine")
    assert isinstance(asked, Ask)
    assert asked.architect.name == "bravo"
    assert asked.turn.saw == {Said(1, 1)}
    assert "<proposal>\nmine\n</proposal>" in asked.messages[-1].text
    assert playing.speaking() == ["alpha", "bravo"]


def test_overlap_hands_over_once() -> None:
    playing = begun(OVERLAP)
    playing.give(TextArrived(1, CLOSED + CLOSED))
    assert playing.speaking() == ["alpha", "bravo"]
    playing.give(ReplyEnded(1, USED, 1.0))
    assert playing.speaking() == ["bravo"]


def test_overlap_goes_on_while_the_first_still_writes_its_prose() -> None:
    playing = begun(OVERLAP)
    playing.give(TextArrived(1, CLOSED))
    playing.fail(2)
    assert playing.speaking() == ["alpha", "charlie"]
    playing.reply(3, CLOSED)
    assert playing.result is None
    playing.give(ReplyEnded(1, USED, 1.0))
    assert statuses(playing) == [("alpha", "done"), ("bravo", "failed"), ("charlie", "done")]


def test_overlap_waits_for_the_end_of_a_reply_without_a_proposal() -> None:
    playing = begun(OVERLAP)
    playing.give(TextArrived(1, "no proposal"))
    assert playing.speaking() == ["alpha"]
    playing.give(ReplyEnded(1, USED, 1.0))
    assert playing.speaking() == ["bravo"]


def test_an_architect_is_not_asked_again_while_it_is_still_writing() -> None:
    playing = begun(Mixture("again", (Stage(("alpha", "bravo", "alpha"), overlap=True),)))
    playing.give(TextArrived(1, CLOSED))
    playing.give(TextArrived(2, CLOSED))
    assert playing.speaking() == ["alpha", "bravo"]
    playing.give(ReplyEnded(1, USED, 1.0))
    assert playing.speaking() == ["bravo", "alpha"]
    assert [message.role for message in playing.asks[2].messages] == ["system", "user", "assistant", "user"]


def test_speakers_are_named_in_order_and_without_regard_to_case() -> None:
    architects = dropping(three_architects(), "bravo").architects
    assert [one.name for one in speakers(Stage(), architects)] == ["alpha", "charlie"]
    named = ("CHARLIE", "nobody", "bravo", "alpha", "charlie")
    assert [one.name for one in speakers(Stage(named), architects)] == ["charlie", "alpha", "charlie"]
    assert [one.name for one in speakers(Stage(named, Order.PARALLEL), architects)] == ["charlie", "alpha"]


# --- any history at all ---------------------------------------------------------------------------------------------

_names = st.sampled_from(["alpha", "bravo", "charlie"])
_stages = st.builds(
    Stage,
    st.none() | st.lists(_names | st.just("nobody"), max_size=4).map(tuple),
    st.sampled_from(Order),
    st.sampled_from(Sees),
    st.booleans(),
)
_mixtures = st.just(ROUND) | st.builds(Mixture, st.just("any"), st.lists(_stages, max_size=3).map(tuple))
_shown = st.dictionaries(
    st.sampled_from(["a.py", "b.py"]), st.sampled_from(["one\n", "two\n", "three\n" * 60, "three\n" * 59])
).map(Snapshot)
_choice = st.integers(0, 99)


def happen(playing: Play, choose: int, which: int) -> None:
    """One thing that may happen in a round: words, an end, a failure, a drop or a cancel, also a late one."""
    turns = sorted(playing.running) or [1]
    late = which % 7 == 0 and playing.asks
    turn = 1 + which % len(playing.asks) if late else turns[which % len(turns)]
    mark = f"{playing.engine.round.number}-{turn}"
    if choose < 25:
        playing.give(TextArrived(turn, f"<proposal>\nproposal {mark} by {turn}\n</proposal>\n"))
    elif choose < 40:
        playing.give(TextArrived(turn, f"prose {mark}\n"))
    elif choose < 75:
        playing.give(ReplyEnded(turn, USED, 1.0, whole=choose % 2 == 0))
    elif choose < 88:
        playing.give(ReplyFailed(turn, Failure("overloaded", "Busy."), Usage(), 1.0))
    elif choose < 92:
        playing.give(Settled(turn))
    elif choose < 97:
        playing.give(Drop(("alpha", "bravo", "charlie")[which % 3], spent))
    else:
        playing.give(Cancel(spent))


def finish(playing: Play) -> None:
    for number in sorted(playing.running):
        playing.give(Settled(number))
    playing.settles = True
    while playing.running:
        playing.reply(min(playing.running), "")
    assert playing.result is not None


@given(_mixtures, st.lists(st.tuples(_choice, _choice), max_size=60), st.booleans())
def test_every_turn_and_the_round_end_exactly_once(
    mixture: Mixture, happenings: list[tuple[int, int]], settles: bool
) -> None:
    playing = Play.of(three_architects(), "Well?", mixture)
    playing.settles = settles
    playing.begin()
    for choose, which in happenings:
        happen(playing, choose, which)
    finish(playing)
    ended = [effect.turn.number for effect in playing.effects if isinstance(effect, TurnEnded)]
    assert sorted(ended) == [ask.turn.number for ask in playing.asks]
    assert isinstance(playing.effects[-1], RoundEnded)
    assert playing.result
    for turn in playing.result.turns:
        assert (turn.proposal is None) or turn.status is Status.DONE


_rounds = st.lists(
    st.tuples(_mixtures, st.sets(_names), _shown, st.lists(st.tuples(_choice, _choice), max_size=30)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=200)
@given(_rounds)
def test_threads_only_grow_and_hold_everything_once(
    rounds: list[tuple[Mixture, set[str], Snapshot, list[tuple[int, int]]]],
) -> None:
    """Whatever happens, an architect's next thread begins with its last one and the reply to it, byte for byte."""
    discussion = three_architects()
    asks: dict[str, list[Ask]] = {"alpha": [], "bravo": [], "charlie": []}
    for mixture, dropped, shown, happenings in rounds:
        discussion = dropping(discussion, *dropped)
        number = len(discussion.rounds) + 1
        playing = Play.of(discussion, f"message {number}.", mixture, shown)
        playing.begin()
        for choose, which in happenings:
            happen(playing, choose, which)
        finish(playing)
        assert playing.result
        discussion = discussion.with_round(evolve(playing.result, finished=True))
        for ask in playing.asks:
            asks[ask.architect.name].append(ask)

    turns = {(round.number, turn.number): turn for round in discussion.rounds for turn in round.turns}
    last = {(place[0], turn.architect): place for place, turn in turns.items() if turn.proposal}
    for name, own in asks.items():
        at = _rounds_of(discussion, name)
        for before, after, (round, turn) in zip(own, own[1:], at, strict=False):
            text = turns[round, turn].text
            replied = 1 if text.strip() else 0
            known = len(before.messages)
            assert after.messages[:known] == before.messages
            assert [message.text for message in after.messages[known:-1]] == [text] * replied
            assert after.messages[-1].role == "user"
        for ask, (round, number) in zip(own, at, strict=True):
            assert all(message.text.strip() for message in ask.messages)
            heard = "".join(message.text for message in ask.messages if message.role == "user")
            for earlier in range(1, round + 1):
                assert heard.count(f"<user_message>\nmessage {earlier}.\n</user_message>") == 1
            for (said_in, said), turn in turns.items():
                first_line = turn.proposal.split("\n")[0] if turn.proposal else f"proposal {said_in}-{said} by {said}"
                times = heard.count(f"<proposal>\n{first_line}\n")
                if turn.architect == name or (said_in, said) > (round, number):
                    assert times == 0
                elif turn.proposal and said_in < round and last[said_in, turn.architect] == (said_in, said):
                    assert times == 1
                else:
                    # A later proposal of its own stands for it; and what was handed over early may have failed since:
                    # then some have heard it and some never will.
                    assert times <= 1


def _rounds_of(discussion: Discussion, name: str) -> list[tuple[int, int]]:
    return [(r.number, t.number) for r in discussion.rounds for t in r.turns if t.architect == name]
