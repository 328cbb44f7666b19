"""The round's engine over mixtures of several stages: held again, ended early, in turned orders, within bounds."""

from __future__ import annotations

import pytest
from attrs import evolve

from moa_lsp.discussion.effects import Ask, Cancel, Drop, Noted, StageBegan
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.kinds import Options, Way, mixture, seated
from moa_lsp.discussion.mixture import Floor, Mixture
from moa_lsp.discussion.values import Architect, Discussion, Round, Seat, Status
from tests.unit.discussion.rounds import Play, spent, system, three_architects


def said(words: str) -> str:
    return f"Well.\n\n<proposal>\n{words}\n</proposal>\n"


def verdict(word: str) -> str:
    return f"{said('judged')}\n<verdict>{word}</verdict>\n"


def playing(options: Options, *, same: bool = False, number: int = 1, discussion: Discussion | None = None) -> Play:
    """A round by that mixture, with three architects and whoever else it takes. With `same` all edits are the same."""
    found = discussion or three_architects()
    architects = seated(options, found.architects, None, None)
    engine = RoundEngine(
        evolve(found, architects=architects),
        Round(number, "Well?"),
        mixture("it", options, architects),
        system,
        task=lambda name: f"task {name}",
        same_edits=lambda turns: same and all(turn.proposal for turn in turns),
    )
    play = Play(engine)
    play.begin()
    return play


def answer_all(play: Play, text: str) -> None:
    """Everybody who speaks just now says that, each with its name."""
    for turn, ask in sorted(play.running.items()):
        play.reply(turn, text.replace("NAME", ask.architect.name))


def notes(play: Play) -> list[str]:
    return [effect.text for effect in play.effects if isinstance(effect, Noted)]


def stages(play: Play) -> list[tuple[int, str, tuple[str, ...], bool]]:
    return [(one.step, one.name, one.architects, one.parallel) for one in play.effects if isinstance(one, StageBegan)]


def heard(play: Play, turn: int) -> str:
    """The user message that a turn was begun with."""
    return play.asks[turn - 1].messages[-1].text


# --- panel


def test_a_panel_is_blind_and_its_aggregator_sees_all_and_acts() -> None:
    play = playing(Options(Way.PANEL))
    assert play.speaking() == ["alpha", "bravo", "charlie"]
    answer_all(play, said("by NAME"))
    assert play.speaking() == ["aggregator"]
    for turn in (1, 2, 3):
        assert "<architect" not in heard(play, turn)
    for name in ("alpha", "bravo", "charlie"):
        assert f"by {name}" in heard(play, 4)
    assert heard(play, 4).endswith("<task>\ntask aggregate\n</task>")
    answer_all(play, said("all in all"))
    assert play.result
    assert [(turn.step, turn.stage, turn.parallel) for turn in play.result.turns] == [
        *[(1, "proposals", True)] * 3,
        (2, "answer", False),
    ]
    assert stages(play) == [
        (1, "proposals", ("alpha", "bravo", "charlie"), True),
        (2, "answer", ("aggregator",), False),
    ]


def test_a_panel_that_is_switched_off_is_its_aggregator_alone() -> None:
    play = playing(Options(Way.PANEL, enabled=False))
    assert play.speaking() == ["aggregator"]
    assert "<task>" not in heard(play, 1)


def test_where_the_aggregator_fails_the_proposals_are_the_answer_and_that_is_said() -> None:
    play = playing(Options(Way.PANEL))
    answer_all(play, said("by NAME"))
    play.fail(4)
    assert play.result
    assert notes(play) == ["Nobody answered for all, so the others' proposals are the answer."]
    assert play.result.notes == tuple(notes(play))


def test_where_all_of_a_panel_fail_the_aggregator_is_asked_all_the_same() -> None:
    play = playing(Options(Way.PANEL))
    for turn in list(play.running):
        play.fail(turn)
    assert play.speaking() == ["aggregator"]
    assert "<user_message>" in heard(play, 4)


def test_no_more_than_so_many_are_asked_at_once() -> None:
    play = playing(Options(Way.PANEL, concurrency=2))
    assert play.speaking() == ["alpha", "bravo"]
    play.reply(2, said("x"))
    assert play.speaking() == ["alpha", "charlie"]
    play.fail(1)
    assert play.speaking() == ["charlie"]
    play.reply(3, said("y"))
    assert play.speaking() == ["aggregator"]


def test_a_cancel_stops_all_who_speak_side_by_side() -> None:
    play = playing(Options(Way.PANEL))
    play.reply(2, said("x"))
    play.give(Cancel(spent))
    assert play.result
    assert [turn.status for turn in play.result.turns] == [Status.CANCELLED, Status.DONE, Status.CANCELLED]
    assert notes(play) == []


def test_a_drop_amid_a_panel_stops_that_one_only() -> None:
    play = playing(Options(Way.PANEL))
    play.give(Drop("bravo", spent))
    assert play.speaking() == ["alpha", "charlie"]
    play.give(Drop("aggregator", spent))
    answer_all(play, said("x"))
    assert play.result
    assert [turn.architect for turn in play.result.turns] == ["alpha", "bravo", "charlie"]


# --- layers and revise


def test_each_layer_sees_the_one_before_and_only_that() -> None:
    play = playing(Options(Way.LAYERS, layers=3))
    for layer in ("one", "two", "three"):
        answer_all(play, said(f"{layer} of NAME"))
    assert "<architect" not in heard(play, 1)
    assert "one of bravo" in heard(play, 4)
    assert "one of alpha" not in heard(play, 4), "its own is in its thread"
    assert "two of bravo" in heard(play, 7)
    assert "one of" not in heard(play, 7)
    aggregator = heard(play, 10)
    assert all(f"three of {name}" in aggregator for name in ("alpha", "bravo", "charlie"))
    assert "one of" not in aggregator
    assert "two of" not in aggregator
    assert [turn.step for turn in play.engine.round.turns] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


def test_in_the_next_round_nobody_is_sent_what_was_superseded() -> None:
    play = playing(Options(Way.LAYERS))
    for layer in ("one", "two"):
        answer_all(play, said(f"{layer} of NAME"))
    answer_all(play, said("all in all"))
    assert play.result
    held = evolve(play.engine.discussion, rounds=(evolve(play.result, finished=True),))
    again = playing(Options(Way.LAYERS), number=2, discussion=held)
    assert "two of bravo" in heard(again, 1)
    assert "all in all" in heard(again, 1)
    assert "one of" not in heard(again, 1)


def test_revise_lets_each_answer_the_others() -> None:
    play = playing(Options(Way.REVISE))
    answer_all(play, said("first of NAME"))
    assert play.speaking() == ["alpha", "bravo", "charlie"]
    assert "first of bravo" in heard(play, 4)
    assert heard(play, 4).endswith("<task>\ntask revise\n</task>")
    answer_all(play, said("then of NAME"))
    assert play.result


# --- passes, agreement, progress


def test_a_round_is_held_again_until_nothing_new_comes() -> None:
    play = playing(Options(max_rounds=5))
    for text in ("a", "b", "c", "d", "e", "f"):
        answer_all(play, said(text))
    for _ in range(3):
        answer_all(play, said("x"))
    for _ in range(3):
        answer_all(play, said("x"))
    assert play.result, "the fourth pass said what the third did"
    assert len(play.result.turns) == 12


def test_a_round_is_held_no_more_often_than_it_may_be() -> None:
    play = playing(Options(max_rounds=2))
    number = 0
    while play.running:
        number += 1
        answer_all(play, said(f"new {number}"))
    assert play.result
    assert len(play.result.turns) == 6


def test_who_only_fails_is_no_progress() -> None:
    play = playing(Options(max_rounds=9))
    while play.running:
        for turn in list(play.running):
            play.fail(turn)
    assert play.result
    assert len(play.result.turns) <= 6


def test_all_agreeing_ends_it_without_another_call() -> None:
    play = playing(Options(Way.PANEL, stop_when_agreed=True), same=True)
    answer_all(play, said("the same"))
    assert play.result
    assert notes(play) == ["All 3 proposals are the same edits: nobody else was asked."]


def test_one_failure_is_no_agreement() -> None:
    play = playing(Options(Way.PANEL, stop_when_agreed=True), same=True)
    play.fail(1)
    answer_all(play, said("the same"))
    assert play.speaking() == ["aggregator"]


def test_agreement_at_the_end_is_no_news() -> None:
    play = playing(Options(stop_when_agreed=True), same=True)
    for _ in range(3):
        answer_all(play, said("the same"))
    assert play.result
    assert notes(play) == []


def test_a_revision_that_says_the_same_is_the_last() -> None:
    play = playing(Options(Way.REVISE, max_rounds=9))
    for _ in range(2):
        answer_all(play, said("the same of NAME"))
    assert play.result


# --- arbiter


def test_an_arbiter_is_asked_after_each_stage_and_on_goes_on() -> None:
    play = playing(Options(Way.ARBITER))
    order: list[tuple[str, ...]] = []
    while play.running:
        order.append(tuple(play.speaking()))
        answer_all(play, verdict("on") if play.speaking() == ["arbiter"] else said("of NAME"))
    all_three = ("alpha", "bravo", "charlie")
    assert order == [
        all_three, ("arbiter",), all_three, ("arbiter",), ("alpha",), ("bravo",), ("charlie",), ("arbiter",)
    ]  # fmt: skip
    assert play.result


def test_enough_ends_it() -> None:
    play = playing(Options(Way.ARBITER))
    answer_all(play, said("of NAME"))
    answer_all(play, verdict("enough"))
    assert play.result
    assert len(play.result.turns) == 4


def test_again_holds_the_stage_again_but_not_for_ever() -> None:
    play = playing(Options(Way.ARBITER, max_rounds=2))
    number = 0
    while play.running:
        number += 1
        assert number < 100
        answer_all(play, verdict("again") if play.speaking() == ["arbiter"] else said(f"{number} of NAME"))
    assert play.result
    held = [one.name for one in play.effects if isinstance(one, StageBegan)]
    assert held == [
        *["brainstorm", "verdict"] * 2,
        *["critique", "verdict"] * 2,
        *["optimise", "verdict"] * 2,
    ]
    assert len(notes(play)) == 3
    assert "held 2 times, which is as often as it may be" in notes(play)[0]


def test_again_without_progress_goes_on() -> None:
    play = playing(Options(Way.ARBITER, max_rounds=10))
    while play.running:
        answer_all(play, verdict("again") if play.speaking() == ["arbiter"] else said("the same of NAME"))
    assert play.result
    assert [one.name for one in play.effects if isinstance(one, StageBegan)].count("brainstorm") == 2
    assert set(notes(play)) == {"The last pass brought nothing new, so it wasn't held again."}


@pytest.mark.parametrize("reply", ["", "<verdict>maybe</verdict>", "again!", said("<verdict>again</verdict>")])
def test_a_verdict_that_cannot_be_read_goes_on_and_says_so(reply: str) -> None:
    play = playing(Options(Way.ARBITER))
    answer_all(play, said("of NAME"))
    answer_all(play, f"So.\n{reply}\n")
    assert notes(play) == ["The verdict couldn't be read, so the discussion went on."]
    assert play.asks[-1].turn.stage == "critique"


def test_an_arbiter_that_fails_costs_nothing_but_its_verdict() -> None:
    play = playing(Options(Way.ARBITER))
    answer_all(play, said("of NAME"))
    play.fail(4)
    assert play.asks[-1].turn.stage == "critique"
    assert notes(play) == []


# --- money


def test_nobody_is_asked_once_the_money_is_spent() -> None:
    play = playing(Options(max_cost=0.5))
    answer_all(play, said("a"))
    answer_all(play, said("b"))
    assert play.result, "each reply costs $0.25"
    assert notes(play) == ["Stopped: this message may cost $0.50, and $0.50 is spent."]


def test_those_who_speak_when_it_is_spent_end() -> None:
    play = playing(Options(Way.PANEL, max_cost=0.25, concurrency=2))
    play.reply(1, said("a"))
    assert play.speaking() == ["bravo"]
    play.reply(2, said("b"))
    assert play.result
    assert [turn.architect for turn in play.result.turns] == ["alpha", "bravo"]


# --- order


def names_in_order(options: Options, number: int) -> list[str]:
    play = playing(options, number=number)
    while play.running:
        answer_all(play, said("x"))
    assert play.result
    return [turn.architect for turn in play.result.turns]


def test_each_round_begins_with_another_where_they_rotate() -> None:
    assert names_in_order(Options(rotate=True), 1) == ["alpha", "bravo", "charlie"]
    assert names_in_order(Options(rotate=True), 2) == ["bravo", "charlie", "alpha"]
    assert names_in_order(Options(rotate=True), 4) == ["alpha", "bravo", "charlie"]
    assert names_in_order(Options(), 2) == ["alpha", "bravo", "charlie"]


def test_by_priority_the_higher_speaks_first_and_equals_keep_their_order() -> None:
    discussion = three_architects()
    ranked = tuple(evolve(one, priority=5 if one.name == "charlie" else 0) for one in discussion.architects)
    options = Options(speaking=Floor.PRIORITY)
    play = playing(options, discussion=evolve(discussion, architects=ranked))
    while play.running:
        answer_all(play, said("x"))
    assert play.result
    assert [turn.architect for turn in play.result.turns] == ["charlie", "alpha", "bravo"]


def test_until_done_one_keeps_the_floor_until_it_gives_it_up() -> None:
    play = playing(Options(speaking=Floor.UNTIL_DONE, max_rounds=4))
    answer_all(play, said("first"))
    assert play.speaking() == ["alpha"]
    assert heard(play, 1).endswith("<task>\ntask go-on\n</task>"), "else nobody would know how to give it up"
    assert heard(play, 2) == "<task>\ntask go-on\n</task>"
    answer_all(play, said("second") + "\n<done/>\n")
    assert play.speaking() == ["bravo"]
    assert "second" in heard(play, 3)
    assert "first" not in heard(play, 3)


def test_until_done_is_not_for_ever() -> None:
    play = playing(Options(speaking=Floor.UNTIL_DONE, max_rounds=2))
    while play.running:
        answer_all(play, said("on and on"))
    assert play.result
    assert [turn.architect for turn in play.result.turns] == ["alpha", "alpha", "bravo", "bravo", "charlie", "charlie"]


def test_who_fails_loses_the_floor() -> None:
    play = playing(Options(speaking=Floor.UNTIL_DONE))
    play.fail(1)
    assert play.speaking() == ["bravo"]


def test_who_is_dropped_does_not_go_on() -> None:
    play = playing(Options(speaking=Floor.UNTIL_DONE))
    play.give(Drop("alpha", spent))
    assert play.speaking() == ["bravo"]


# --- blind, and who isn't concerned


def test_where_it_is_blind_no_name_is_shown() -> None:
    play = playing(Options(Way.REVISE, blind=True))
    assert play.asks[0].messages[0].text == "You are colleague-1."
    answer_all(play, said("words"))
    assert "<architect name='COLLEAGUE-2'>" in heard(play, 4)
    assert "bravo" not in heard(play, 4).lower()
    assert play.asks[3].architect.name == "alpha", "the model is called as ever"


def test_who_is_not_concerned_is_passed_over_once_and_for_all_and_that_is_said() -> None:
    options = Options(Way.REVISE)
    architects = seated(options, three_architects().architects, None, None)
    engine = RoundEngine(
        evolve(three_architects(), architects=architects),
        Round(1, "Well?"),
        mixture("it", options, architects),
        system,
        unconcerned=lambda one, _: "nothing for it." if one.name == "bravo" else None,
    )
    play = Play(engine)
    play.begin()
    while play.running:
        answer_all(play, said("NAME"))
    assert play.result
    assert [turn.architect for turn in play.result.turns] == ["alpha", "charlie"] * 2
    assert notes(play) == ["bravo wasn't asked: nothing for it."]


def test_where_nobody_is_concerned_the_round_ends_and_says_why() -> None:
    engine = RoundEngine(
        three_architects(), Round(1, "Well?"), Mixture("it", mixture("it", Options(), ()).stages), system,
        unconcerned=lambda _, __: "nothing for it.",
    )  # fmt: skip
    play = Play(engine)
    play.begin()
    assert play.result
    assert len(notes(play)) == 3


def test_a_retry_of_a_blind_turn_stays_blind() -> None:
    play = playing(Options(Way.PANEL))
    play.fail(1)
    play.reply(2, said("of bravo"))
    play.reply(3, said("of charlie"))
    answer_all(play, said("all"))
    assert play.result
    failed = play.result.turns[0]
    engine = RoundEngine(
        evolve(play.engine.discussion),
        play.result,
        Mixture("only", mixture("it", Options(), ()).stages),
        system,
        failed,
    )
    again = [effect for effect in engine.begin() if isinstance(effect, Ask)]
    assert len(again) == 1
    turn = again[0].turn
    assert "of bravo" not in turn.asked
    assert (turn.step, turn.stage, turn.parallel, turn.retries) == (1, "proposals", True, 1)


def test_seats_take_the_first_ones_model_where_nobody_is_named() -> None:
    aggregator = seated(Options(Way.PANEL), three_architects().architects, None, None)[-1]
    assert (aggregator.name, aggregator.seat, aggregator.model) == ("aggregator", Seat.AGGREGATOR, "test/alpha")
    named = seated(Options(Way.ARBITER), three_architects().architects, None, Architect("x", "test/judge"))[-1]
    assert (named.name, named.seat, named.model) == ("arbiter", Seat.ARBITER, "test/judge")
