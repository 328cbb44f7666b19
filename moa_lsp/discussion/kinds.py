"""The kinds of mixtures there are: which stages each has, and who sits in it. Each is a few lines of data.

What a stage's fields mean is in `mixture.py`, how they are run in `engine.py`, and what each kind is for and costs in
`docs/mixtures.md`. Which models are meant is the settings' business: here somebody has named them. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from attrs import evolve, frozen

from moa_lsp.discussion.mixture import Floor, Mixture, Order, Sees, Stage
from moa_lsp.discussion.names import AGGREGATOR, ARBITER, fill_names
from moa_lsp.discussion.values import Architect, Seat


class Way(StrEnum):
    """How several models are put together; each is also a preset of that name, with the settings' own architects."""

    ROUND = "round"
    PANEL = "panel"
    LAYERS = "layers"
    REVISE = "revise"
    ARBITER = "arbiter"
    SAMPLES = "samples"
    SOLO = "solo"


class Diversity(StrEnum):
    """What sets those of one layer apart: their models, one model's temperatures, or roles written for the task."""

    MODEL = "model"
    TEMPERATURE = "temperature"
    ROLE = "role"


IN_WORDS: dict[Way, str] = {
    Way.ROUND: "One after the other, each seeing those before it",
    Way.PANEL: "All at once without seeing each other, then one answer of theirs",
    Way.LAYERS: "Several layers, each seeing the one before, then one answer of theirs",
    Way.REVISE: "All at once without seeing each other, then each revises having seen the others",
    Way.ARBITER: "Ideas, objections and a plan, with an arbiter's verdict after each",
    Way.SAMPLES: "One model several times over",
    Way.SOLO: "One model alone",
}
"""What each is, on one line."""

LAYERS, PER_LAYER, SAMPLES = 2, 3, 3
"""How many where nobody says another number; a layer of models has as many as there are architects."""
PASSES = {Way.ARBITER: 3}
"""How often a stage is held at most where nobody says, for those that hold one again by themselves."""
KEEPS_FLOOR = 3
"""How often one speaks in a row at most where nobody says."""

_COUNTED = (Way.SOLO, Way.SAMPLES, Way.LAYERS)
"""Where a preset says how many speak."""

_ANSWER = Stage((AGGREGATOR,), name="answer", task="aggregate", acts=True, seat=Seat.AGGREGATOR)
_VERDICT = Stage((ARBITER,), name="verdict", task="verdict", decides=True, seat=Seat.ARBITER)
_APART = Stage(order=Order.PARALLEL, sees=Sees.NOTHING)


@frozen
class Options:
    """What a preset says of its kind; `None` is the kind's own. `stages` stand in the place of the kind's."""

    way: Way = Way.ROUND
    layers: int | None = None
    per_layer: int | None = None
    diversity: Diversity = Diversity.MODEL
    samples: int | None = None
    enabled: bool = True
    rotate: bool = False
    blind: bool = False
    max_rounds: int | None = None
    max_cost: float | None = None
    stop_when_agreed: bool = False
    speaking: Floor = Floor.ROUND_ROBIN
    concurrency: int = 8
    stages: tuple[Stage, ...] = ()

    @property
    def has_aggregator(self) -> bool:
        """Whether somebody answers for all."""
        named = any(AGGREGATOR in (stage.architects or ()) for stage in self.stages)
        return named if self.stages else self.way in (Way.PANEL, Way.LAYERS)

    @property
    def has_arbiter(self) -> bool:
        named = any(ARBITER in (stage.architects or ()) for stage in self.stages)
        return named if self.stages else self.way is Way.ARBITER

    @property
    def writes_roles(self) -> bool:
        """Whether roles are written for each task by a model."""
        return self.way is Way.LAYERS and self.diversity is Diversity.ROLE and not self.stages


def mixture(name: str, options: Options, architects: Sequence[Architect]) -> Mixture:
    """The mixture of that name, as data for the engine. `architects` are those that are `seated` in it."""
    stages = options.stages or _STAGES[options.way](options)
    if options.way in _COUNTED and not options.stages:
        # Whoever is added to a discussion doesn't make one model alone two, or a layer larger.
        own = tuple(one.name for one in architects if one.seat is Seat.ARCHITECT)
        stages = tuple(evolve(stage, architects=stage.architects or own) for stage in stages)
    return Mixture(
        name,
        stages,
        options.rotate,
        options.blind,
        options.stop_when_agreed,
        options.max_cost,
        options.speaking,
        options.concurrency,
    )


def seated(
    options: Options, named: Sequence[Architect], aggregator: Architect | None, arbiter: Architect | None
) -> tuple[Architect, ...]:
    """Who takes part: those named, or as many of them as the kind makes, then whoever answers for all or judges. Where
    nobody is named for that, the first one's model does it."""
    if not named:
        return ()
    apart = _apart(options, list(named)) if not options.stages else tuple(named)
    others = (
        (AGGREGATOR, Seat.AGGREGATOR, aggregator, options.has_aggregator),
        (ARBITER, Seat.ARBITER, arbiter, options.has_arbiter),
    )
    seats = [
        evolve(model or named[0], name=name, seat=seat, role=model.role if model else None, paths=(), priority=0)
        for name, seat, model, wanted in others
        if wanted
    ]
    return (*apart, *seats)


def _apart(options: Options, named: list[Architect]) -> tuple[Architect, ...]:
    match options.way:
        case Way.SOLO:
            return tuple(named[:1])
        case Way.SAMPLES:
            return _times(named[:1], options.samples or SAMPLES)
        case Way.LAYERS if options.diversity is Diversity.MODEL:
            return _times(named, options.per_layer or len(named))
        case Way.LAYERS if options.diversity is Diversity.TEMPERATURE:
            return _warmer(_times(named[:1], options.per_layer or PER_LAYER))
        case Way.LAYERS:
            # The roles are to be the models' only difference to tell, so none has one of its own.
            return tuple(evolve(one, role=None) for one in _times(named, options.per_layer or PER_LAYER))
        case _:
            return tuple(named)


def _times(named: list[Architect], count: int) -> tuple[Architect, ...]:
    """So many architects: those named, in turn, each further one under a name of its own."""
    names = fill_names([named[at].name if at < len(named) else None for at in range(count)])
    return tuple(evolve(named[at % len(named)], name=name) for at, name in enumerate(names))


def _warmer(architects: tuple[Architect, ...]) -> tuple[Architect, ...]:
    """The same at temperatures from 0.2 to 1.0, in even steps."""
    if len(architects) < 2:
        return architects
    step = 0.8 / (len(architects) - 1)
    return tuple(evolve(one, temperature=round(0.2 + at * step, 2)) for at, one in enumerate(architects))


# --- the stages, kind by kind ---------------------------------------------------------------------------------------


def _passes(options: Options) -> int:
    if options.speaking is Floor.UNTIL_DONE:
        return options.max_rounds or KEEPS_FLOOR
    return options.max_rounds or PASSES.get(options.way, 1)


def _round(options: Options) -> tuple[Stage, ...]:
    return (Stage(passes=_passes(options)),)


def _panel(options: Options) -> tuple[Stage, ...]:
    if not options.enabled:
        return (evolve(_ANSWER, task=""),)
    return (evolve(_APART, name="proposals"), _ANSWER)


def _layers(options: Options) -> tuple[Stage, ...]:
    first = evolve(_APART, name="layer 1")
    later = Stage(order=Order.PARALLEL, sees=Sees.BEFORE, task="revise")
    layers = range(2, (options.layers or LAYERS) + 1)
    return (first, *(evolve(later, name=f"layer {number}") for number in layers), evolve(_ANSWER, sees=Sees.BEFORE))


def _revise(options: Options) -> tuple[Stage, ...]:
    revision = Stage(order=Order.PARALLEL, name="revision", task="revise", passes=_passes(options))
    return (evolve(_APART, name="proposals"), revision)


def _arbiter(options: Options) -> tuple[Stage, ...]:
    passes = _passes(options)
    brainstorm = Stage(order=Order.PARALLEL, name="brainstorm", task="brainstorm", passes=passes)
    critique = evolve(brainstorm, name="critique", task="critique")
    optimise = Stage(name="optimise", task="optimise", passes=passes)
    return (brainstorm, _VERDICT, critique, _VERDICT, optimise, _VERDICT)


def _samples(_: Options) -> tuple[Stage, ...]:
    return (evolve(_APART, name="samples"),)


_STAGES: dict[Way, Callable[[Options], tuple[Stage, ...]]] = {
    Way.ROUND: _round,
    Way.PANEL: _panel,
    Way.LAYERS: _layers,
    Way.REVISE: _revise,
    Way.ARBITER: _arbiter,
    Way.SAMPLES: _samples,
    Way.SOLO: _round,
}
