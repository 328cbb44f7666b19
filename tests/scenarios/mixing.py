"""What the scenarios of mixtures share: settings with seats and presets, a gate that holds replies back, and how a
round is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from tests.provider.server import Provider
from tests.scenarios.conftest import architects, asked_of, proposing

Json = dict[str, Any]
SEATS = ("aggregator", "arbiter", "roleModel")


def mixed(provider: Provider, *names: str, presets: Mapping[str, Json] | None = None, **top: Any) -> Json:
    """Settings with architects that are scripted under their own names. In each preset `aggregator`, `arbiter` and
    `roleModel` may be a scripted model's bare name, and architects a list of such."""

    def model(name: str) -> Json:
        return {"model": f"openai/{name}", "apiBase": provider.url}

    made: dict[str, Json] = {}
    for preset, given in (presets or {}).items():
        made[preset] = dict(given)
        for seat in SEATS:
            if isinstance(given.get(seat), str):
                made[preset][seat] = model(given[seat])
        if names_of := [one for one in given.get("architects", []) if isinstance(one, str)]:
            made[preset]["architects"] = [{"name": one, **model(one)} for one in names_of]
    return {**architects(provider, *names), "presets": made, **top}


def say(provider: Provider, *names: str, gate: asyncio.Event | None = None) -> None:
    """Scripts each to propose `NAME says one`, then `NAME says two` and so on; behind a gate no first reply goes beyond
    its first words before that is open."""
    held: Json = {"pause_after": (2, gate)} if gate else {}
    for name in names:
        words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
        first, *rest = words
        provider.script(
            name,
            proposing(f"{name} says {first}", **held),
            *(proposing(f"{name} says {word}") for word in rest),
        )


def order(provider: Provider) -> list[str]:
    """Whom the provider was asked as, in order."""
    return [request.model for request in provider.requests]


def sent(provider: Provider, model: str, time: int = -1) -> str:
    """The last message that a model was sent, the last time or the n-th (from 0)."""
    return str(asked_of(provider, model)[time][-1]["content"])


def system_of(provider: Provider, model: str, time: int = -1) -> str:
    """The system message that a model was sent."""
    asked = [request for request in provider.requests if request.model == model]
    return str(asked[time].messages[0]["content"])


def spoke(round: Json) -> list[tuple[int, str, str, str]]:
    """Step, stage, architect and status of each turn, in the order they began."""
    return [(one["step"], one["stage"], one["architect"], one["status"]) for one in round["turns"]]


def stages(round: Json) -> list[tuple[int, str, bool, list[str]]]:
    """The steps of a round: number, stage, whether side by side, and who spoke."""
    steps: dict[int, tuple[int, str, bool, list[str]]] = {}
    for turn in round["turns"]:
        nobody: list[str] = []
        at = (turn["step"], turn["stage"], bool(turn.get("parallel")), nobody)
        steps.setdefault(turn["step"], at)[3].append(turn["architect"])
    return list(steps.values())


def notes(round: Json) -> str:
    return " ".join(round.get("notes", ()))


def mentioned(text: str, names: Sequence[str]) -> list[str]:
    """Which of these have proposed something in a message, in the order in which it stands there."""
    found = {name: text.find(f"<architect name='{name.upper()}'>") for name in names}
    return sorted((name for name, at in found.items() if at >= 0), key=lambda name: found[name])
