"""The kinds of mixtures as data: who sits in each, how many calls it takes, what it looks like."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moa_lsp.discussion.effects import RoundEnded
from moa_lsp.discussion.engine import RoundEngine
from moa_lsp.discussion.kinds import Diversity, Options, Way, mixture, seated
from moa_lsp.discussion.mixture import Floor, Stage
from moa_lsp.discussion.outlook import calls, drawing, expected, price
from moa_lsp.discussion.values import Architect, Discussion, Round
from tests.unit.discussion.rounds import Play, system

THREE = tuple(Architect(name, f"test/{name}") for name in ("alpha", "bravo", "charlie"))


def outlook(options: Options) -> tuple[tuple[int, int], str]:
    architects = seated(options, THREE, None, None)
    held = mixture("it", options, architects)
    return calls(held, architects), drawing(held, architects)


@pytest.mark.parametrize(
    ("options", "counted", "drawn"),
    [
        (Options(), (3, 3), "alpha → bravo → charlie"),
        (Options(max_rounds=2), (3, 6), "alpha → bravo → charlie ↻ 2"),
        (Options(speaking=Floor.UNTIL_DONE), (3, 9), "alpha → bravo → charlie until done"),
        (Options(Way.SOLO), (1, 1), "alpha"),
        (Options(Way.SAMPLES, samples=2), (2, 2), "(alpha ∥ bravo)"),
        (Options(Way.PANEL), (4, 4), "(alpha ∥ bravo ∥ charlie) → aggregator"),
        (Options(Way.PANEL, stop_when_agreed=True), (3, 4), "(alpha ∥ bravo ∥ charlie) → aggregator"),
        (Options(Way.PANEL, enabled=False), (1, 1), "aggregator"),
        (Options(Way.LAYERS, per_layer=2), (5, 5), "(alpha ∥ bravo) → (alpha ∥ bravo) → aggregator"),
        (Options(Way.LAYERS, layers=1, per_layer=6), (7, 7), "(6 architects) → aggregator"),
        (Options(Way.REVISE, max_rounds=2), (6, 9), "(alpha ∥ bravo ∥ charlie) → (alpha ∥ bravo ∥ charlie) ↻ 2"),
        (
            Options(Way.ARBITER, max_rounds=2),
            (4, 24),
            "(alpha ∥ bravo ∥ charlie) ⇄ arbiter → (alpha ∥ bravo ∥ charlie) ⇄ arbiter → "
            "alpha → bravo → charlie ⇄ arbiter",
        ),
    ],
)
def test_calls_and_drawing(options: Options, counted: tuple[int, int], drawn: str) -> None:
    assert outlook(options) == (counted, drawn)


def test_layers_by_temperature_are_one_model_at_several() -> None:
    layered = seated(Options(Way.LAYERS, diversity=Diversity.TEMPERATURE, per_layer=3), THREE, None, None)
    assert [(one.name, one.model, one.temperature) for one in layered[:-1]] == [
        ("alpha", "test/alpha", 0.2),
        ("bravo", "test/alpha", 0.6),
        ("charlie", "test/alpha", 1.0),
    ]


def test_layers_by_role_begin_without_one() -> None:
    named = (Architect("ada", "test/ada", role="security"),)
    layered = seated(Options(Way.LAYERS, diversity=Diversity.ROLE), named, None, None)
    assert [(one.name, one.model, one.role) for one in layered[:-1]] == [
        ("ada", "test/ada", None),
        ("alpha", "test/ada", None),
        ("bravo", "test/ada", None),
    ]


def test_nobody_makes_nobody() -> None:
    assert all(seated(Options(way), (), None, None) == () for way in Way)


def test_stages_of_ones_own_stand_in_place_of_the_kinds() -> None:
    options = Options(stages=(Stage(("bravo",), name="first"), Stage(("aggregator",), acts=True)))
    architects = seated(options, THREE, None, None)
    assert [one.name for one in architects] == ["alpha", "bravo", "charlie", "aggregator"]
    assert drawing(mixture("it", options, architects), architects) == "bravo → aggregator"


def test_side_by_side_the_longest_counts_and_prices_add_up() -> None:
    options = Options(Way.PANEL, concurrency=2)
    architects = seated(options, THREE, None, None)
    held = mixture("it", options, architects)
    seconds = {"alpha": 3.0, "bravo": 5.0, "charlie": 4.0, "aggregator": 10.0}
    assert expected(held, architects, lambda one: seconds[one.name]) == 2 * 5.0 + 10.0
    assert price(held, architects, lambda _: 0.5) == 2.0
    assert expected(held, architects, lambda one: seconds.get(one.name) if one.name != "bravo" else None) is None
    assert price(held, architects, lambda _: None) is None


@given(
    st.builds(
        Options,
        way=st.sampled_from(list(Way)),
        layers=st.none() | st.integers(1, 5),
        per_layer=st.none() | st.integers(1, 6),
        diversity=st.sampled_from(list(Diversity)),
        samples=st.none() | st.integers(1, 6),
        enabled=st.booleans(),
        rotate=st.booleans(),
        blind=st.booleans(),
        max_rounds=st.none() | st.integers(1, 4),
        stop_when_agreed=st.booleans(),
        speaking=st.sampled_from(list(Floor)),
        concurrency=st.integers(1, 8),
    ),
    st.lists(st.sampled_from(["again", "on", "enough", "what?"]), min_size=1, max_size=20),
    st.booleans(),
)
@example(Options(Way.ARBITER, speaking=Floor.UNTIL_DONE, concurrency=1), ["again"], False)
def test_every_round_ends_within_the_calls_that_were_told(options: Options, verdicts: list[str], same: bool) -> None:
    architects = seated(options, THREE, None, None)
    held = mixture("it", options, architects)
    least, most = calls(held, architects)
    engine = RoundEngine(
        Discussion("d", "", 0.0, architects), Round(1, "Well?"), held, system, same_edits=lambda _: same
    )
    play = Play(engine)
    play.begin()
    number = 0
    while play.running:
        number += 1
        assert len(play.running) <= options.concurrency
        turn = min(play.running)
        play.reply(turn, f"new {number}\n\n<verdict>{verdicts[number % len(verdicts)]}</verdict>")
    assert isinstance(play.effects[-1], RoundEnded)
    assert least <= len(play.asks) <= most
