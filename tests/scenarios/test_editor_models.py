"""Models that the editor has: asked through it over the real wire, beside others or alone, and everything that can go
wrong there. No key and no worker is needed for them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, Begin, architects, asked_of, edit, proposing, refusal
from tests.scenarios.editor import NO_ANSWER, Editor, Spoken
from tests.scenarios.test_failures import children

FAILED, CANCELLED = -32803, -32800
GPT = "copilot/gpt-5"
HERS = f"vscode:{GPT}"
SAYS = "I would.\n<proposal>\nalpha says so\n</proposal>\n"
GET = edit("api.py", "    return store[key]\n", "    return store.get(key)\n")


def whole(text: str, **usage: int) -> Spoken:
    """A reply in pieces of some characters."""
    return Spoken([text[at : at + 7] for at in range(0, len(text), 7)], {"finish": "stop", "usage": usage})


async def discussed(editor: Editor, message: str = "What now?") -> dict[str, Any]:
    """The first turn of a round."""
    round = await editor.ask("discuss", {"message": message})
    turn: dict[str, Any] = round["turns"][0]
    return turn


async def test_it_streams_into_a_round_beside_a_providers(provider: Provider, begin: Begin) -> None:
    provider.script("bravo", proposing("bravo says so"))
    settings = architects(provider, "alpha", "bravo")
    settings["architects"][0] = {"name": "alpha", "model": HERS, "maxTokens": 99, "temperature": 0.5}
    editor = await begin(settings=settings, models={GPT: [whole(SAYS, inputTokens=70, outputTokens=9)]})
    round = await editor.ask("discuss", {"message": "What now?"})
    alpha, bravo = round["turns"]
    assert (alpha["model"], alpha["status"], alpha["text"]) == (HERS, "done", SAYS)
    assert (alpha["proposal"], bravo["proposal"]) == ("alpha says so", "bravo says so")
    usage = {"inputTokens": 70, "cachedTokens": None, "outputTokens": 9, "costUsd": None, "knownCostUsd": 0.0}
    assert alpha["usage"] == usage
    assert "".join(e["text"] for e in editor.events if e["kind"] == "turnDelta" and e["architect"] == "alpha") == SAYS
    (asked,) = editor.model_calls
    assert (asked["model"], asked["maxTokens"], asked["temperature"]) == (GPT, 99, 0.5)
    system, user = asked["messages"]
    assert (system["role"], user) == (
        "system",
        {"role": "user", "text": "<user_message>\nWhat now?\n</user_message>"},
    )
    assert "alpha says so" in asked_of(provider, "bravo")[0][0]["content"]
    again = await editor.ask("discuss", {"message": "And now?"})
    assert again["turns"][0]["status"] == "done"
    roles = [message["role"] for message in editor.model_calls[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert "maxTokens" in editor.model_calls[1]
    assert editor.cancelled_calls == []


async def test_words_are_shown_while_it_still_speaks_and_a_stop_reaches_the_editor(begin: Begin) -> None:
    go_on = asyncio.Event()
    spoken = Spoken(["Well, ", "let me ", "think."], go_on=go_on)
    editor = await begin(settings={"architects": [HERS]}, models={GPT: [spoken, whole(SAYS)]})
    running = editor.start("discuss", {"message": "What now?"}, "round")
    await editor.event("turnDelta")
    editor.cancel("round")
    await refusal(running, CANCELLED)
    (asked,) = editor.model_calls
    await editor.until(lambda: editor.cancelled_calls == [asked["call"]])
    shown = await editor.ask("show-discussion")
    turn = shown["rounds"][0]["turns"][0]
    assert turn["status"] == "cancelled"
    assert turn["text"] in ("Well, ", "Well, let me ")
    assert turn["usage"]["costUsd"] is None
    assert (await discussed(editor))["status"] == "done"


REFUSALS = (
    ("no-permission", "no_permission", "allow it when the editor asks"),
    ("not-found", "no_editor_model", "drop alpha or name another model"),
    ("blocked", "blocked", "ask again later"),
    ("quota", "no_credit", "account at copilot"),
    ("other", "unknown", "Asking vscode:copilot/gpt-5 failed"),
    ("unheard-of", "unknown", "Asking vscode:copilot/gpt-5 failed"),
    (None, "unknown", "Asking vscode:copilot/gpt-5 failed"),
)


async def test_each_kind_of_its_errors_is_a_sentence_with_a_next_step(begin: Begin) -> None:
    replies = [Spoken(refuses=(kind, "Thus said\nthe editor.")) for kind, _, _ in REFUSALS]
    editor = await begin(settings={"architects": [HERS]}, models={GPT: replies})
    for _, kind, words in REFUSALS:
        turn = await discussed(editor)
        assert (turn["status"], turn["error"]["kind"]) == ("failed", kind)
        assert words in turn["error"]["message"]
        assert "(Thus said the editor.)" in turn["error"]["message"]
        assert HERS in turn["error"]["message"]
    assert len(editor.model_calls) == len(REFUSALS), "it was asked again by itself"
    # Refused before a word came: nothing was used, as far as that is known.
    assert (await editor.ask("show-discussion"))["rounds"][0]["turns"][0]["usage"]["costUsd"] == 0


async def test_what_had_come_before_an_error_stays(begin: Begin) -> None:
    editor = await begin(
        settings={"architects": [HERS]}, models={GPT: [Spoken(["One ", "two"], refuses=("quota", "No more."))]}
    )
    turn = await discussed(editor)
    assert (turn["text"], turn["error"]["kind"], turn["usage"]["costUsd"]) == ("One two", "no_credit", None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(None, "unknown"), ([], "unknown"), ("stop", "unknown"), ({}, "empty"), ({"finish": "length"}, "length")],
)
async def test_an_answer_that_makes_no_sense_or_none_is_a_failed_turn(begin: Begin, answer: Any, kind: str) -> None:
    editor = await begin(settings={"architects": [HERS]}, models={GPT: [Spoken(answer=answer)]})
    assert (await discussed(editor))["error"]["kind"] == kind


async def test_figures_that_make_no_sense_are_unknown(begin: Begin) -> None:
    nonsense = {"finish": 3, "usage": {"inputTokens": -1, "outputTokens": "many"}}
    editor = await begin(settings={"architects": [HERS]}, models={GPT: [Spoken([SAYS], nonsense)]})
    turn = await discussed(editor)
    assert (turn["status"], turn["usage"]["inputTokens"], turn["usage"]["outputTokens"]) == ("done", None, None)


async def test_text_for_no_call_and_text_after_the_answer_are_passed_over(begin: Begin) -> None:
    spoken = [Spoken([SAYS], late=["and more"]), whole(SAYS)]
    editor = await begin(settings={"architects": [HERS]}, models={GPT: spoken})
    nonsense: list[Any] = [None, [], {"text": "x"}, {"call": 1, "text": "x"}, {"call": "moa-call-1", "text": "x"}]
    for params in nonsense:
        editor.protocol.notify("moa/modelText", params)
    assert (await discussed(editor))["text"] == SAYS
    await asyncio.sleep(0.2)
    assert (await discussed(editor, "Again"))["text"] == SAYS
    (first, _) = (await editor.ask("show-discussion"))["rounds"]
    assert first["turns"][0]["text"] == SAYS


@pytest.mark.parametrize(("pieces", "kind"), [((), "timeout"), (("Well, ",), "stalled")])
async def test_one_that_never_answers_runs_into_its_deadline(begin: Begin, pieces: tuple[str], kind: str) -> None:
    entry = {"model": HERS, "timeout": 0.4}
    editor = await begin(settings={"architects": [entry]}, models={GPT: [Spoken(pieces, NO_ANSWER)]})
    turn = await discussed(editor)
    assert (turn["error"]["kind"], turn["text"]) == (kind, "".join(pieces))
    await editor.until(lambda: [call["call"] for call in editor.model_calls] == editor.cancelled_calls)


async def test_dropping_it_while_it_speaks_cancels_the_call(begin: Begin) -> None:
    replies = [Spoken(["Well, "], NO_ANSWER), whole(SAYS)]
    editor = await begin(settings={"architects": [HERS, HERS]}, models={GPT: replies})
    running = editor.start("discuss", {"message": "What now?"}, "round")
    await editor.event("turnDelta")
    await editor.ask("drop-architect", {"name": "alpha"})
    assert [turn["status"] for turn in (await running)["turns"]] == ["cancelled", "done"]
    dropped, _ = editor.model_calls
    await editor.until(lambda: editor.cancelled_calls == [dropped["call"]])


@pytest.mark.parametrize("scheme", [None, 5, "", "replay", "vs code", "lm"])
async def test_an_editor_without_such_models_says_so(begin: Begin, scheme: object) -> None:
    models = None if scheme is None else {GPT: [whole(SAYS)]}
    editor = await begin(settings={"architects": [HERS], "editor": HERS}, models=models, scheme=scheme)
    turn = await discussed(editor)
    assert turn["error"] == {
        "kind": "no_editor_model",
        "message": f"{HERS} is a model of an editor that has it, and this one doesn't offer it: "
        "drop alpha or name another model.",
    }
    said = await refusal(editor.ask("code", {"message": "Go."}), FAILED)
    assert said.endswith("doesn't offer it: set another editor model.")
    assert editor.model_calls == []


async def test_an_editor_may_have_a_scheme_of_its_own(begin: Begin) -> None:
    editor = await begin(settings={"architects": [f"lm:{GPT}"]}, models={GPT: [whole(SAYS)]}, scheme="lm")
    assert (await discussed(editor))["proposal"] == "alpha says so"


async def test_code_by_one_and_the_repair_of_it(begin: Begin, workspace: Path) -> None:
    wrong = edit("api.py", "    store[keys] = value\n", "    store[key] = str(value)\n")
    right = wrong.replace("keys", "key")
    models = {GPT: [whole(f"{GET}\n{wrong}", inputTokens=10, outputTokens=5), whole(right, inputTokens=20)]}
    editor = await begin(settings={"architects": ["replay:demo"], "editor": HERS}, models=models)
    editor.open(workspace / "api.py")
    await editor.ask("new-discussion")
    change = await editor.ask("code", {"message": "Do it"})
    new = [hunk["newText"] for file in change["files"] for hunk in file["hunks"]]
    assert new == ["    return store.get(key)\n", "    store[key] = str(value)\n"]
    assert [problem for problem in change["problems"] if not problem.get("notice")] == []
    coding = (await editor.event("codeFinished"))["coding"]
    assert (coding["model"], coding["usage"]["inputTokens"]) == (HERS, 30)
    first, second = editor.model_calls
    assert [one["role"] for one in first["messages"]] == ["system", "user"]
    assert [one["role"] for one in second["messages"]] == ["system", "user", "assistant", "user"]
    await editor.ask("apply", {"change": change["id"]})
    done = API.replace("return store[key]", "return store.get(key)").replace("= value", "= str(value)")
    assert editor.text(workspace / "api.py") == done


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the worker under /proc")
async def test_nothing_of_it_starts_the_worker(begin: Begin, workspace: Path) -> None:
    editor = await begin(settings={"architects": [HERS]}, models={GPT: [whole(SAYS), whole(GET)]})
    await editor.ask("complete", {"text": "/disc", "position": 5})
    assert await editor.ask("estimate", {"message": "What now?"}) == [
        {"architect": "alpha", "model": HERS, "inputTokens": None, "costUsd": None, "stage": ""}
    ]
    editor.open(workspace / "api.py")
    assert (await discussed(editor))["status"] == "done"
    assert (await editor.ask("code", {}))["status"] == "pending"
    assert any(row["model"] == HERS for row in await editor.ask("models"))
    assert children(editor.process.pid) == []


async def test_it_is_recorded_like_any_other(begin: Begin, tmp_path: Path) -> None:
    folder = tmp_path / "cassettes"
    settings = {"architects": [HERS], "recordTo": str(folder)}
    editor = await begin(settings=settings, models={GPT: [whole(SAYS), Spoken(refuses=("quota", "No more."))]})
    await discussed(editor)
    await discussed(editor)
    (cassette,) = folder.iterdir()
    first, second = map(json.loads, cassette.read_text(encoding="utf-8").splitlines())
    assert (first["model"], first["text"], first["finish"]) == (HERS, SAYS, "stop")
    assert second["error"]["kind"] == "no_credit"


async def test_nobody_is_asked_by_default(begin: Begin) -> None:
    editor = await begin(models={GPT: [whole(SAYS)]})
    said = await refusal(editor.ask("discuss", {"message": "What now?"}), FAILED)
    assert "no architect to ask" in said
    assert editor.model_calls == []


async def test_the_models_to_pick_from(provider: Provider, begin: Begin) -> None:
    provider.script("ours", Reply("Hm."))
    settings = {
        "architects": [
            {"model": "openai/ours", "apiBase": provider.url},
            {"model": "openai/theirs", "apiKeyEnv": "NOT_SET"},
        ],
        "editor": HERS,
        "presets": {"other": {"architects": ["mistral/own", "vscode:copilot/gone"]}},
    }
    env = {"ANTHROPIC_API_KEY": "sk-ant-canary", "GEMINI_API_KEY": ""}
    editor = await begin(settings=settings, models={GPT: [whole(SAYS)], "copilot/claude": [whole(SAYS)]}, env=env)
    rows: list[dict[str, Any]] = await editor.ask("models")
    names = [row["model"] for row in rows]
    assert len(set(names)) == len(names)
    assert [row["ready"] for row in rows] == sorted((row["ready"] for row in rows), reverse=True)
    by_name = {row["model"]: row for row in rows}
    assert names[:2] == ["openai/ours", HERS]
    assert by_name["openai/ours"] == {"model": "openai/ours", "provider": "openai", "ready": True, "keyVariable": None}
    assert by_name[HERS] == {"model": HERS, "provider": "copilot", "ready": True, "keyVariable": None}
    assert by_name["vscode:copilot/claude"]["ready"]
    assert by_name["replay:demo"] == {
        "model": "replay:demo",
        "provider": "demo",
        "ready": True,
        "keyVariable": None,
    }
    theirs = [row for row in rows if row["provider"] == "anthropic"]
    assert len(theirs) == 12
    assert theirs[0]["model"] == "anthropic/claude-sonnet-5-5"
    assert all(row["ready"] and row["keyVariable"] == "ANTHROPIC_API_KEY" for row in theirs)
    for model, variable in (
        ("openai/theirs", "NOT_SET"),
        ("mistral/own", "MISTRAL_API_KEY"),
        ("gemini/gemini-pro-latest", "GEMINI_API_KEY"),
    ):
        row = by_name[model]
        assert (row["ready"], row["keyVariable"]) == (False, variable)
        assert row["reason"].startswith(f"Set {variable} ")
    assert not by_name["vscode:copilot/gone"]["ready"]
    assert "canary" not in str(rows)
    assert provider.requests == []


async def test_an_estimate_for_code_is_the_editor_models(provider: Provider, begin: Begin, workspace: Path) -> None:
    provider.script("alpha", proposing("alpha says so"))
    settings = architects(provider, "alpha")
    settings["editor"] = {"model": "openai/gpt-4o", "apiBase": provider.url}
    editor = await begin(settings=settings)
    (before,) = await editor.ask("estimate", {"message": "Go", "for": "code"})
    assert (before["architect"], before["model"]) == ("editor", "openai/gpt-4o")
    assert before["inputTokens"] > 100
    editor.open(workspace / "api.py")
    first = await editor.ask("discuss", {"message": "What now?"})
    (after,) = await editor.ask("estimate", {"message": "Go", "for": "code", "discussion": first["discussion"]})
    assert after["inputTokens"] > before["inputTokens"]
    await editor.ask("new-discussion")
    (fresh,) = await editor.ask("estimate", {"message": "Go", "for": "discuss"})
    (old,) = await editor.ask("estimate", {"message": "Go", "discussion": first["discussion"]})
    assert old["architect"] == fresh["architect"] == "alpha"
    assert old["inputTokens"] > fresh["inputTokens"]
    assert "'nowhere'" in await refusal(editor.ask("estimate", {"message": "Go", "discussion": "nowhere"}), -32602)
    assert "'for'" in await refusal(editor.ask("estimate", {"message": "Go", "for": "fun"}), -32602)
    assert len(provider.requests) == 1
