"""The Python API over the real worker and a scripted provider: who is asked, what comes, and what is refused."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import moa_lsp
from moa_lsp import Answer, Mixture, ModelError, Note, Refused, Words
from moa_lsp.store.folders import folders
from moa_lsp.store.traces import read_traces
from tests.provider.server import Provider, Reply

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@pytest_asyncio.fixture
async def provider() -> AsyncGenerator[Provider]:
    async with Provider() as running:
        for name in ("a", "b", "c", "chief"):
            running.script(name, Reply(f"{name} says so", usage=USAGE))
        yield running


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "api.py").write_text("def get(store, key):\n    return store[key]\n")
    return root


def entry(provider: Provider, name: str, **more: Any) -> dict[str, Any]:
    return {"model": f"openai/{name}", "api_base": provider.url, **more}


def panel(provider: Provider, **more: Any) -> Mixture:
    """A panel of `a` and `b`, for which `chief` answers."""
    architects = [entry(provider, "a"), entry(provider, "b")]
    return Mixture(kind="panel", architects=architects, aggregator=entry(provider, "chief"), **more)


def configure(text: str) -> None:
    folder = Path(os.environ["MOA_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)


async def test_a_question_has_one_answer_and_all_turns(provider: Provider, workspace: Path) -> None:
    answer = await panel(provider, folder=workspace).ask("Is it safe?", ["api.py"])
    assert answer.text == "chief says so"
    assert answer.finish == "stop"
    assert [(turn.architect, turn.stage, turn.text) for turn in answer.turns] == [
        ("alpha", "proposals", "a says so"),
        ("bravo", "proposals", "b says so"),
        ("aggregator", "answer", "chief says so"),
    ]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (300, 60)
    sent = {request.model: request.messages for request in provider.requests}
    for name in ("a", "b"):
        assert "<file path='api.py'>\ndef get(store, key):" in sent[name][-1]["content"]
        assert "<user_message>\nIs it safe?\n</user_message>" in sent[name][-1]["content"]
        assert "says so" not in sent[name][-1]["content"]
    roles = [message["role"] for message in sent["chief"]]
    assert roles == ["system", "user"]
    asked = sent["chief"][1]["content"]
    places = [asked.index(text) for text in ("Is it safe?", "<file path='api.py'>", "a says so", "b says so")]
    assert places == sorted(places)


async def test_a_stream_tells_who_is_asked_then_the_words_then_all_of_it(provider: Provider) -> None:
    pieces: list[Note | Words | Answer] = []
    async with aclosing(panel(provider).stream("Well?")) as stream:
        async for piece in stream:
            pieces.append(piece)
    kinds = [type(piece) for piece in pieces]
    assert kinds == sorted(kinds, key=[Note, Words, Answer].index)
    assert {piece.architect for piece in pieces if isinstance(piece, Note)} == {"alpha", "bravo", "aggregator"}
    last = pieces[-1]
    assert isinstance(last, Answer)
    assert "".join(piece.text for piece in pieces if isinstance(piece, Words)) == last.text == "chief says so"


async def test_without_files_the_one_who_answers_gets_the_bare_question(provider: Provider) -> None:
    await Mixture(kind="solo", architects=[entry(provider, "a")]).ask("What is a monad?")
    (request,) = provider.requests
    assert list(request.messages) == [{"role": "user", "content": "What is a monad?"}]


@pytest.mark.skipif(sys.platform != "linux", reason="asks ps in its own way")
async def test_the_workers_process_is_kept_inside_the_block_and_gone_after_it(provider: Provider) -> None:
    def workers() -> set[str]:
        # -ww: without it the lines may be cut at the width of a terminal that isn't there
        asked = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())]
        listed = subprocess.run(asked, capture_output=True, text=True)
        return {line.split()[0] for line in listed.stdout.splitlines() if "worker.py" in line}

    before = workers()
    async with Mixture(kind="solo", architects=[entry(provider, "a")]) as mixture:
        await mixture.ask("One?")
        during = workers() - before
        await mixture.ask("Two?")
        assert workers() - before == during
        assert len(during) == 1
    assert workers() - before == set()
    await mixture.ask("Three?")
    assert workers() - before == set()


async def test_a_preset_by_its_name_and_what_is_changed_of_it(provider: Provider, workspace: Path) -> None:
    url = provider.url
    configure(f"""
preset = "duo"
[presets.duo]
kind = "panel"
architects = [{{ model = "openai/a", api_base = "{url}" }}, {{ model = "openai/b", api_base = "{url}" }}]
aggregator = {{ model = "openai/chief", api_base = "{url}" }}
""")
    await Mixture.preset(folder=workspace).ask("Well?")
    assert sorted(request.model for request in provider.requests) == ["a", "b", "chief"]
    provider.forget()
    changed = Mixture.preset("duo", architects=[entry(provider, "c")], temperature=0.3, max_tokens=99)
    await changed.ask("Well?")
    assert [request.model for request in provider.requests] == ["c", "chief"]
    assert [(one.body["temperature"], one.body["max_tokens"]) for one in provider.requests] == [(0.3, 99)] * 2
    provider.forget()
    await Mixture.preset("solo", architects=[entry(provider, "b")]).ask("Well?")
    assert [request.model for request in provider.requests] == ["b"]


async def test_layers_by_temperature_keep_theirs(provider: Provider) -> None:
    mixture = Mixture(
        kind="layers",
        layers=2,
        per_layer=2,
        diversity="temperature",
        architects=[entry(provider, "a")],
        aggregator=entry(provider, "chief"),
        temperature=0.7,
    )
    answer = await mixture.ask("Well?")
    assert [turn.stage for turn in answer.turns] == ["layer 1", "layer 1", "layer 2", "layer 2", "answer"]
    assert sorted(request.body["temperature"] for request in provider.requests) == [0.2, 0.2, 0.7, 1.0, 1.0]


async def test_roles_are_written_for_the_question_and_told_before_they_are_used(
    provider: Provider, workspace: Path
) -> None:
    provider.script("c", Reply("<role>Look at the locks.</role>\n<role>Look at the names.</role>"))
    mixture = Mixture(
        folder=workspace,
        kind="layers",
        layers=1,
        per_layer=2,
        diversity="role",
        architects=[entry(provider, "a")],
        aggregator=entry(provider, "chief"),
        role_model=entry(provider, "c"),
    )
    pieces = [piece async for piece in mixture.stream("Is it safe?", ["api.py"])]
    notes = [piece.text for piece in pieces if isinstance(piece, Note)]
    assert notes[:4] == [
        "openai/c writes the roles.",
        "alpha is to look at it so: Look at the locks.",
        "bravo is to look at it so: Look at the names.",
        "alpha is asked (layer 1).",
    ]
    writer, *architects, _ = provider.requests
    assert "def get(store, key):" in writer.messages[-1]["content"]
    roles = ["Look at the locks." in one.messages[0]["content"] for one in architects]
    assert sorted(roles) == [False, True]
    assert isinstance(pieces[-1], Answer)
    assert [turn.stage for turn in pieces[-1].turns] == ["roles", "layer 1", "layer 1", "answer"]


async def test_one_that_fails_costs_nobody_else_the_answer(provider: Provider) -> None:
    provider.script("a", Reply(status=401, body={"error": {"message": "Incorrect API key"}}))
    answer = await panel(provider).ask("Well?")
    assert answer.text == "chief says so"
    errors = {turn.architect: turn.error for turn in answer.turns}
    assert errors["alpha"] is not None
    assert errors["bravo"] is None


async def test_where_nobody_answers_there_is_an_error_with_its_kind(provider: Provider) -> None:
    for name in ("a", "b", "chief"):
        provider.script(name, Reply(status=401, body={"error": {"message": "Incorrect API key"}}))
    with pytest.raises(ModelError) as raised:
        await panel(provider).ask("Well?")
    assert raised.value.kind in ("wrong_key", "key_not_named")
    assert "chief" in raised.value.message


async def test_a_task_that_is_cancelled_stops_all_calls(provider: Provider) -> None:
    for name in ("a", "b"):
        provider.script(name, Reply("One two", hang="between_words"))
    task = asyncio.create_task(panel(provider).ask("Well?"))
    await provider.asked(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await provider.closed(1)
    await provider.closed(2)
    traces = read_traces(folders().log).traces
    assert [(trace.cancelled, trace.stage) for trace in traces] == [(True, "proposals")] * 2


async def test_a_stream_that_is_left_stops_its_call(provider: Provider) -> None:
    provider.script("a", Reply("One two", hang="between_words"))
    async with aclosing(Mixture(kind="solo", architects=[entry(provider, "a")]).stream("Well?")) as stream:
        async for piece in stream:
            if isinstance(piece, Words):
                break
    await provider.closed(1)


async def test_every_call_is_traced_without_a_word_of_it(provider: Provider, workspace: Path) -> None:
    await panel(provider, folder=workspace).ask("Where is the treasure?", ["api.py"])
    traces = read_traces(folders().log).traces
    assert [(one.architect, one.stage, one.round) for one in traces][2:] == [("aggregator", "answer", 1)]
    assert len({one.discussion for one in traces}) == 1
    written = "".join(path.read_text() for path in (folders().log / "moa").iterdir())
    for text in ("treasure", "store", "says so"):
        assert text not in written


async def test_who_cares_about_none_of_the_files_is_not_asked(provider: Provider, workspace: Path) -> None:
    architects = [entry(provider, "a", paths=["*.sql"]), entry(provider, "b", paths=["*.py"])]
    mixture = Mixture(folder=workspace, kind="panel", architects=architects, aggregator=entry(provider, "chief"))
    notes = [piece async for piece in mixture.stream("Well?", ["api.py"]) if isinstance(piece, Note)]
    assert notes[0].text.startswith("alpha isn't asked: no file that is shown")
    assert [request.model for request in provider.requests] == ["b", "chief"]
    alone = Mixture(folder=workspace, architects=architects[:1])
    with pytest.raises(Refused, match="alpha isn't asked"):
        await alone.ask("Well?", ["api.py"])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".env", r"\.env: it looks like environment variables"),
        ("kept.py", r"kept\.py: it .*\.moaignore"),
        ("../other.py", r"other\.py: it lies outside"),
        ("link.py", r"link\.py: it is a link that leads outside"),
        ("nowhere.py", r"nowhere\.py: it does not exist"),
        ("data.bin", r"data\.bin: it is a binary file"),
    ],
)
async def test_no_file_is_sent_that_may_not_be(provider: Provider, workspace: Path, name: str, why: str) -> None:
    (workspace / ".env").write_text("KEY=1\n")
    (workspace / "kept.py").write_text("secret = 1\n")
    (workspace / ".moaignore").write_text("kept.py\n")
    (workspace.parent / "other.py").write_text("x = 1\n")
    (workspace / "link.py").symlink_to(workspace.parent / "other.py")
    (workspace / "data.bin").write_bytes(b"\0\1")
    with pytest.raises(Refused, match=why):
        await panel(provider, folder=workspace).ask("Well?", ["api.py", name])
    assert provider.requests == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layers": 7}, "`layers`: must be a whole number from 1 to 5"),
        ({"kind": "choir"}, "`kind`: must be one of round, panel, layers"),
        ({"layer": 2}, "`layer`: there is no such setting; did you mean `layers`?"),
        ({"architects": []}, "`architects`: names nobody"),
        (
            {"architects": [{"model": "openai/x", "timeout": -1}]},
            "`architects[0].timeout`: must be a number of seconds",
        ),
        ({"aggregator": {"role": "tests"}}, "`aggregator`: names no `model`"),
        ({"architects": [{"model": "openai/x", "api_key": "sk-1"}]}, "a key is never written in settings"),
        ({"temperature": 3}, "`temperature`: must be a number from 0 to 2"),
        ({"max_tokens": 0}, "`max_tokens`: must be a whole number"),
        ({"folder": "/nowhere/at/all"}, "/nowhere/at/all is no folder."),
    ],
)
def test_what_cant_be_meant_is_refused_in_the_settings_words(options: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as raised:
        Mixture(**options)
    assert said in str(raised.value)


def test_a_preset_that_isnt_there_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="There is no such preset; there is `default`, `round`, `panel`"):
        Mixture.preset("nonsense")
    saved = Path(os.environ["MOA_CONFIG_DIR"]) / "presets"
    saved.mkdir(parents=True)
    (saved / "mine.toml").write_text("layers = 'two'\n")
    with pytest.raises(Refused, match=r"layers.*must be a whole number"):
        Mixture.preset("mine")
    (saved / "mine.toml").write_text("kind = 'solo'\n")
    assert Mixture.preset("mine").name == "mine"


async def test_an_empty_question_and_nobody_to_ask_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(_: object) -> tuple[()]:
        return ()

    with pytest.raises(Refused, match="There is no question"):
        await Mixture(architects=["replay:demo"]).ask(" \n")
    monkeypatch.setattr("moa_lsp.api.default_architects", nobody)
    with pytest.raises(Refused, match="There is no model to ask"):
        await Mixture().ask("Well?")


def test_what_is_wrong_in_the_settings_files_is_told(workspace: Path) -> None:
    configure("archtects = []\n")
    (workspace / "moa.toml").write_text('editor = { model = "openai/x", api_base = "http://127.0.0.1:9/v1" }\n')
    problems = Mixture(folder=workspace).problems
    assert "did you mean `architects`" in problems[0]
    assert "isn't trusted" in problems[1]


async def test_a_folders_endpoint_is_asked_only_with_trust_and_trust_is_of_content(
    provider: Provider, workspace: Path
) -> None:
    async with Provider() as other:
        other.script("a", Reply("caught"))

        def wants(url: str) -> None:
            text = f'[[architects]]\nmodel = "openai/a"\napi_base = "{url}"\n'
            (workspace / "moa.toml").write_text(text)

        wants(provider.url)
        assert "isn't trusted" in Mixture(folder=workspace, kind="solo").problems[0]
        trusted = Mixture(folder=workspace, kind="solo", trusted=True)
        assert trusted.problems == ()
        assert (await trusted.ask("Well?")).text == "a says so"
        wants(other.url)
        changed = Mixture(folder=workspace, kind="solo", trusted=True)
        assert "waits for your yes" in changed.problems[0]
        with pytest.raises(ModelError, match="No key"):
            await changed.ask("Well?")
        assert other.requests == []


def test_importing_the_package_loads_nothing_and_prints_nothing() -> None:
    program = """
import sys
before = set(sys.modules)
import moa_lsp
loaded = set(sys.modules) - before
moa_lsp.Mixture
assert loaded == {"moa_lsp"}, loaded
assert "litellm" not in sys.modules and "pygls" not in sys.modules
assert not hasattr(moa_lsp, "nothing")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_every_name_of_the_package_is_there() -> None:
    assert all(getattr(moa_lsp, name) for name in moa_lsp.__all__)
