"""Presets over the real wire: which there are, choosing one, using one once, saving, renaming, deleting; roles that are
written for a task; and what can't be."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import NAMES, Begin, proposing, refusal
from tests.scenarios.editor import Editor
from tests.scenarios.mixing import mixed, order, say, sent, stages, system_of
from tests.scenarios.test_notebook import Notebook

INVALID, FAILED, CANCELLED = -32602, -32803, -32800
MESSAGE = "What now?"
ALL = [*NAMES]
KINDS = ["round", "panel", "layers", "revise", "arbiter", "samples", "solo"]
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


def config() -> Path:
    return Path(os.environ["MOA_CONFIG_DIR"])


async def presets(editor: Editor) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in await editor.ask("presets")}


async def test_which_presets_there_are_and_how_they_look(provider: Provider, begin: Begin) -> None:
    settings = mixed(
        provider, presets={"panel": {"aggregator": "best", "title": "Ask them all"}, "mine": {"kind": "solo"}}
    )
    editor = await begin(settings=settings)
    found = await presets(editor)
    assert list(found) == ["default", *KINDS, "mine"]
    assert {name: one["kind"] for name, one in found.items()} == {
        **{kind: kind for kind in KINDS},
        "default": "round",
        "mine": "solo",
    }
    assert [name for name, one in found.items() if one["current"]] == ["default"]
    assert {one["from"] for name, one in found.items() if name in ("panel", "mine")} == {"settings"}
    panel = found["panel"]
    assert panel["title"] == "Ask them all"
    assert panel["shape"] == "(alpha ∥ bravo ∥ charlie) → aggregator"
    assert panel["stages"] == [
        {"stage": "proposals", "architects": ALL, "parallel": True},
        {"stage": "answer", "architects": ["aggregator"], "parallel": False},
    ]
    assert panel["calls"] == {"least": 4, "most": 4}
    assert [(one["name"], one.get("seat")) for one in panel["architects"]] == [
        *((name, None) for name in NAMES),
        ("aggregator", "aggregator"),
    ]
    assert (panel["costUsd"], panel["seconds"]) == (None, None)
    assert "Not known yet" in panel["basis"]
    assert found["solo"]["shape"] == "alpha"
    assert all("problem" not in one or one["problem"] is None for one in found.values())
    # Looking at them begins nothing and asks nobody.
    assert await editor.ask("list-discussions") == []
    assert not provider.requests


async def test_what_a_preset_is_expected_to_cost_is_known_from_earlier_turns(provider: Provider, begin: Begin) -> None:
    provider.script("gpt-4o", Reply("I see.\n<proposal>\nDo it.\n</proposal>\n", usage=USAGE))
    settings = mixed(provider, "alpha")
    settings["architects"] = [{"name": name, "model": "openai/gpt-4o", "apiBase": provider.url} for name in NAMES]
    settings["editor"] = {"model": "openai/gpt-4o", "apiBase": provider.url}
    editor = await begin(settings=settings)
    await editor.ask("discuss", {"message": MESSAGE, "preset": "solo"})
    found = await presets(editor)
    one = found["solo"]
    assert one["costUsd"] == pytest.approx(0.0035)
    assert one["seconds"] > 0
    assert "1 earlier turn" in one["basis"]
    assert found["panel"]["costUsd"] == pytest.approx(4 * one["costUsd"])
    assert found["panel"]["seconds"] == pytest.approx(2 * one["seconds"], abs=0.01)
    assert found["round"]["seconds"] == pytest.approx(3 * one["seconds"], abs=0.01)


async def test_a_message_is_estimated_call_by_call(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=mixed(provider, "alpha", "bravo", presets={"panel": {"aggregator": "best"}}))
    rows = await editor.ask("estimate", {"message": MESSAGE, "preset": "panel"})
    assert [(row["architect"], row["stage"]) for row in rows] == [
        ("alpha", "proposals"),
        ("bravo", "proposals"),
        ("aggregator", "answer"),
    ]
    revising = await editor.ask("estimate", {"message": MESSAGE, "preset": "revise"})
    assert [row["architect"] for row in revising] == ["alpha", "bravo"] * 2
    assert await editor.ask("list-discussions") == []
    assert not provider.requests


async def test_choosing_a_preset_holds_for_the_discussion_and_after_a_restart(provider: Provider, begin: Begin) -> None:
    say(provider, *NAMES)
    provider.script("best", proposing("weighed"), proposing("weighed again"), proposing("and again"))
    settings = mixed(provider, presets={"panel": {"aggregator": "best"}})
    editor = await begin(settings=settings)
    first = await editor.ask("select-preset", {"preset": "panel"})
    assert (first["preset"], first["shape"]) == ("panel", "(alpha ∥ bravo ∥ charlie) → aggregator")
    updated = await editor.event("discussionUpdated")
    assert updated["discussion"]["preset"] == "panel"
    assert [one["name"] for one in first["architects"] if one.get("seat") == "aggregator"] == ["aggregator"]
    round = await editor.ask("discuss", {"message": MESSAGE})
    assert round["preset"] == "panel"
    assert (await editor.event("roundStarted"))["preset"] == "panel"

    again = await begin(settings=settings)
    shown = await again.ask("show-discussion")
    assert shown["preset"] == "panel"
    assert [one["preset"] for one in shown["rounds"]] == ["panel"]
    assert stages(shown["rounds"][0]) == stages(round)
    assert (await again.ask("discuss", {"message": "And?"}))["preset"] == "panel"
    # Another discussion goes by the settings' own.
    fresh = await again.ask("new-discussion")
    assert fresh["preset"] == "default"

    for asked in (
        again.ask("select-preset", {"preset": "nowhere"}),
        again.ask("discuss", {"message": MESSAGE, "preset": "nowhere"}),
        again.ask("estimate", {"message": MESSAGE, "preset": "nowhere"}),
    ):
        assert "'nowhere'" in await refusal(asked, INVALID)


async def test_preset_and_once_are_typed(provider: Provider, begin: Begin, workspace: Path) -> None:
    say(provider, *NAMES)
    editor = await begin(settings=mixed(provider))
    notebook = Notebook(editor, workspace / "talk.moa", "/once solo Only you?\n\n---\n\n/preset revise\n")
    await notebook.send("/once solo")
    assert order(provider) == ["alpha"]
    assert (await editor.ask("show-discussion"))["preset"] == "default"
    assert "Only you?" in sent(provider, "alpha")
    assert "/once" not in sent(provider, "alpha")
    await notebook.send("/preset revise", "again")
    assert (await editor.ask("show-discussion"))["preset"] == "revise"
    assert len(provider.requests) == 1

    async def completed(text: str) -> list[str]:
        return [one["label"] for one in await editor.ask("complete", {"text": text, "position": len(text)})]

    assert {"/preset", "/once"} <= set(await completed("/"))
    assert await completed("/preset ") == ["default", *KINDS]
    assert await completed("/preset s") == ["samples", "solo"]
    assert await completed("/once PAN") == ["panel"]
    assert await completed("/once panel ") == []


async def test_saving_a_set_up_loading_it_elsewhere_renaming_and_deleting_it(provider: Provider, begin: Begin) -> None:
    say(provider, *NAMES)
    provider.script("best", proposing("weighed"))
    editor = await begin(settings=mixed(provider, presets={"panel": {"aggregator": "best"}}))
    await editor.ask("select-preset", {"preset": "panel"})
    await editor.ask("drop-architect", {"name": "charlie"})
    await editor.ask("set-role", {"name": "bravo", "role": "security"})
    await editor.ask("add-architect", {"model": "openai/delta", "name": "delta"})
    saved = await editor.ask("save-preset", {"name": "ours"})
    assert (saved["name"], saved["kind"], saved["from"]) == ("ours", "panel", "saved")
    file = config() / "presets/ours.toml"
    assert saved["uri"] == file.as_uri()
    held = tomllib.loads(file.read_text())
    assert [one["name"] for one in held["architects"]] == ["alpha", "bravo", "delta"]
    assert held["architects"][1]["role"] == "security"
    assert held["aggregator"]

    assert "already" in await refusal(editor.ask("save-preset", {"name": "ours"}), FAILED)
    assert "already" in await refusal(editor.ask("save-preset", {"name": "panel", "replace": True}), FAILED)
    await editor.ask("restore-architect", {"name": "charlie"})
    again = await editor.ask("save-preset", {"name": "ours", "replace": True})
    assert [one["name"] for one in again["architects"]][:4] == ["alpha", "bravo", "charlie", "delta"]
    for name in ("", "a b", "../ours", "a/b", "ours.toml", "x" * 41, "default"):
        assert await refusal(editor.ask("save-preset", {"name": name}), INVALID)
    assert sorted(one.name for one in config().rglob("*.toml")) == ["ours.toml"]

    # Elsewhere: another server with the same configuration folder.
    other = await begin(settings=mixed(provider))
    round = await other.ask("discuss", {"message": MESSAGE, "preset": "ours"})
    assert [turn["architect"] for turn in round["turns"][:4]] == ["alpha", "bravo", "charlie", "delta"]
    assert "means harm" in system_of(provider, "bravo")

    await editor.ask("select-preset", {"preset": "ours"})
    renamed = await editor.ask("rename-preset", {"name": "ours", "to": "theirs"})
    assert renamed["current"], "a discussion that goes by it follows"
    assert (renamed["name"], Path(renamed["uri"]).name) == ("theirs", "theirs.toml")
    assert not file.exists()
    assert "ours" not in await presets(editor)
    for name in ("ours", "panel", "nowhere"):
        await refusal(editor.ask("rename-preset", {"name": name, "to": "x"}), INVALID)
        await refusal(editor.ask("delete-preset", {"name": name}), INVALID)
    left = await editor.ask("delete-preset", {"name": "theirs"})
    assert [one["name"] for one in left] == ["default", *KINDS]
    assert not list(config().rglob("*.toml"))
    assert (await editor.ask("show-discussion"))["preset"] == "default"


async def test_a_saved_file_that_is_no_good_is_shown_and_stops_nothing(provider: Provider, begin: Begin) -> None:
    say(provider, *NAMES)
    folder = config() / "presets"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("kind = [")
    (folder / "inner.toml").write_text('architects = ["moa/panel"]\n')
    (folder / "good.toml").write_text('kind = "solo"\n')
    editor = await begin(settings=mixed(provider))
    found = await presets(editor)
    assert found["broken"]["problem"]
    assert "a mixture can't contain a mixture" in found["inner"]["problem"]
    assert found["good"]["kind"] == "solo"
    assert (await editor.ask("discuss", {"message": MESSAGE, "preset": "good"}))["preset"] == "good"
    await refusal(editor.ask("discuss", {"message": MESSAGE, "preset": "inner"}), INVALID)
    assert order(provider) == ["alpha"]


@pytest.mark.parametrize("model", ["moa/panel", "MOA/panel", "vscode:moa-lsp/panel"])
async def test_a_mixture_can_not_contain_a_mixture(provider: Provider, begin: Begin, model: str) -> None:
    say(provider, *NAMES)
    editor = await begin(settings=mixed(provider))
    said = await refusal(editor.ask("add-architect", {"model": model}), INVALID)
    assert "a mixture can't contain a mixture" in said
    assert model in said


ROLES = "<role>\nLook at the callers.\n</role>\n<role>\nLook at the log.\n</role>\n"


def layers_by_role(provider: Provider) -> dict[str, Any]:
    say(provider, "alpha", "bravo")
    provider.script("best", proposing("weighed"))
    provider.script("writer", Reply(ROLES))
    preset = {"layers": 1, "diversity": "role", "perLayer": 2, "aggregator": "best", "roleModel": "writer"}
    return mixed(provider, "alpha", "bravo", presets={"layers": preset}, preset="layers")


async def test_roles_are_written_for_the_task_shown_and_used(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=layers_by_role(provider))
    editor.on_question = lambda _message: "Use these roles"
    await editor.ask("discuss", {"message": MESSAGE})
    assert order(provider)[0] == "writer"
    assert MESSAGE in sent(provider, "writer")
    (question,) = editor.asked
    assert "Look at the callers." in question.message
    assert "Look at the log." in question.message
    assert [action.title for action in question.actions or ()] == ["Use these roles", "Edit them first"]
    assert "Look at the callers." in system_of(provider, "alpha")
    assert "Look at the log." in system_of(provider, "bravo")
    assert "Look at" not in system_of(provider, "best")
    shown = await editor.ask("show-discussion")
    assert [one.get("role") for one in shown["architects"]][:2] == ["Look at the callers.", "Look at the log."]
    # They stay: the next message writes none.
    await editor.ask("discuss", {"message": "And then?"})
    assert order(provider).count("writer") == 1
    assert len(editor.asked) == 1


@pytest.mark.parametrize("answer", ["Edit them first", None])
async def test_roles_may_be_edited_before_anybody_is_asked(
    provider: Provider, begin: Begin, answer: str | None
) -> None:
    editor = await begin(settings=layers_by_role(provider))
    editor.on_question = lambda _message: answer
    assert await refusal(editor.ask("discuss", {"message": MESSAGE}), FAILED)
    assert order(provider) == ["writer"]
    assert (await editor.ask("show-discussion"))["rounds"] == []
    await editor.ask("set-role", {"name": "bravo", "role": "Look at names."})
    await editor.ask("discuss", {"message": MESSAGE})
    assert order(provider).count("writer") == 1
    assert "Look at the callers." in system_of(provider, "alpha")
    assert "Look at names." in system_of(provider, "bravo")


async def test_roles_can_be_written_ahead(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=layers_by_role(provider))
    discussion = await editor.ask("write-roles", {"message": MESSAGE})
    assert [one.get("role") for one in discussion["architects"]][:2] == ["Look at the callers.", "Look at the log."]
    await editor.ask("discuss", {"message": MESSAGE})
    assert editor.asked == []
    assert order(provider)[0] == "writer"
    assert order(provider).count("writer") == 1
    assert await refusal((await begin(settings=mixed(provider))).ask("write-roles", {"message": MESSAGE}), FAILED)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401, body={"error": {"message": "No.", "code": "invalid_api_key"}}),
        Reply("I can't help with that."),
        Reply("<role>\nOnly one.\n</role>"),
        Reply("<role>\nLook at", cut_after=1),
    ],
    ids=["refused", "no roles", "too few", "cut"],
)
async def test_without_roles_nobody_is_asked_and_why_is_said(provider: Provider, begin: Begin, reply: Reply) -> None:
    settings = layers_by_role(provider)
    provider.script("writer", reply)
    editor = await begin(settings=settings)
    editor.on_question = lambda _message: "Use these roles"
    said = await refusal(editor.ask("discuss", {"message": MESSAGE}), FAILED)
    assert "role" in said
    assert set(order(provider)) == {"writer"}
    # What it was written for isn't lost to anything else: another preset does.
    alone = await editor.ask("discuss", {"message": MESSAGE, "preset": "solo"})
    assert [turn["status"] for turn in alone["turns"]] == ["done"]


async def test_writing_roles_can_be_stopped(provider: Provider, begin: Begin) -> None:
    settings = layers_by_role(provider)
    provider.script("writer", Reply("<role>\nLook at everything", hang="between_words"))
    editor = await begin(settings=settings)
    asking = editor.start("discuss", {"message": MESSAGE}, "round")
    await provider.asked(1)
    editor.cancel("round")
    await refusal(asking, CANCELLED)
    await provider.closed(1, 5.0)
    assert order(provider) == ["writer"]
    assert editor.asked == []
