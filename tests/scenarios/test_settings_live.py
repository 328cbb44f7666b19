"""Settings while the server runs: mistakes are shown on their line and change nothing, trust decides what a project may
say, and nothing that a workspace holds sends a request elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects, refusal
from tests.scenarios.editor import Editor, capabilities

ERROR, WARNING = types.DiagnosticSeverity.Error, types.DiagnosticSeverity.Warning
GOOD = 'architects = [{ name = "ada", model = "openai/ada" }]\n'


async def names(editor: Editor) -> list[str]:
    """Who would be asked now."""
    return [one["name"] for one in (await editor.ask("new-discussion"))["architects"]]


async def until_named(editor: Editor, *wanted: str) -> None:
    """Waits for an answer of the editor to have been taken in, of which no client is told."""
    async with asyncio.timeout(10):
        while await names(editor) != list(wanted):
            pass


def shown(editor: Editor, path: Path) -> list[tuple[int, types.DiagnosticSeverity | None]]:
    return sorted((one.range.start.line, one.severity) for one in editor.shown(path))


async def until_shown(editor: Editor, path: Path, *wanted: tuple[int, types.DiagnosticSeverity]) -> None:
    try:
        await editor.until(lambda: shown(editor, path) == sorted(wanted), 5.0)
    except TimeoutError:
        assert shown(editor, path) == sorted(wanted)


def touched(editor: Editor, path: Path) -> None:
    """Tells the server that the file changed on disk, as an editor's file watcher does."""
    event = types.FileEvent(uri=path.as_uri(), type=types.FileChangeType.Changed)
    editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[event]))


async def test_mistakes_are_shown_and_the_last_good_settings_stay(begin: Begin, workspace: Path) -> None:
    path = workspace / "moa.toml"
    path.write_text(GOOD)
    editor = await begin()
    assert await names(editor) == ["ada"]
    editor.open(path, language="toml")

    def typed(text: str) -> None:
        editor.type(path, (0, 0), (len(editor.text(path).split("\n")), 0), text)

    typed('# a comment\narchitects = ["openai/bo\n')
    await until_shown(editor, path, (1, ERROR))
    (syntax,) = editor.shown(path)
    assert (syntax.source, syntax.code) == ("moa", "settings")
    assert await names(editor) == ["ada"]
    typed('# two lines\n# of comment\narchitects = 5\npreset = "default"\n')
    await until_shown(editor, path, (2, ERROR))
    assert editor.shown(path)[0].range == types.Range(types.Position(2, 13), types.Position(2, 14))
    assert "architects" in editor.shown(path)[0].message
    assert await names(editor) == ["ada"]
    typed(f'{GOOD}no_such_key = 1\n"😀" = 2\n')
    await until_shown(editor, path, (1, ERROR), (2, ERROR))
    found = {one.range.start.line: one for one in editor.shown(path)}
    assert "no_such_key" in found[1].message
    assert found[2].range == types.Range(types.Position(2, 0), types.Position(2, 4)), "in UTF-16 units"
    assert await names(editor) == ["ada"]
    typed('architects = ["openai/x"]\npreset = "none-such"\n')
    await until_shown(editor, path, (1, ERROR))
    assert "preset" in editor.shown(path)[0].message
    assert await names(editor) == ["ada"]
    typed('architects = [{ name = "bo", model = "openai/bo" }]\n')
    await until_shown(editor, path)
    assert await names(editor) == ["bo"], "what is typed counts before it is saved"

    # Closed without saving, the disk's text counts again; from then on the file watcher tells of it.
    editor.close(path)
    assert await names(editor) == ["ada"]
    path.write_text(GOOD + "timeout\n")
    touched(editor, path)
    await until_shown(editor, path, (1, ERROR))
    assert await names(editor) == ["ada"]
    path.write_text('architects = [{ name = "cy", model = "openai/cy" }]\n')
    touched(editor, path)
    await until_shown(editor, path)
    assert await names(editor) == ["cy"]
    path.write_bytes(b"\xff\xfe not UTF-8")
    touched(editor, path)
    await until_shown(editor, path, (0, ERROR))
    assert await names(editor) == ["cy"]
    path.unlink()
    touched(editor, path)
    await until_shown(editor, path)
    assert await names(editor) != ["cy"]


PROJECT = """# Redirects what it can.
[[architects]]
name = "alpha"
model = "openai/alpha"
api_base = "{url}"
api_key_env = "MOA_TEST_SECRET"
headers = {{ X-Project = "yes" }}
"""
KEYS = ("api_base", "api_key_env", "headers")


async def test_a_project_may_redirect_only_where_it_is_trusted(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    async with Provider() as proxy:
        provider.script("alpha", Reply("<proposal>\nFine.\n</proposal>", usage=USAGE))
        path = workspace / "moa.toml"
        path.write_text(PROJECT.format(url=provider.url))
        # The proxy stands for the rest of the world: it sees where a request would have gone, and lets none through.
        env = {"MOA_TEST_SECRET": "canary-of-the-user", "OPENAI_API_KEY": "k", "HTTPS_PROXY": proxy.root}
        editor = await begin(env=env)
        await until_shown(editor, path, (4, WARNING), (5, WARNING), (6, WARNING))
        for one, key in zip(sorted(editor.shown(path), key=lambda one: one.range.start.line), KEYS, strict=True):
            assert key in one.message
            assert "trust" in one.message
        asked = editor.start("discuss", {"message": "Who hears this?"}, "one")
        await editor.event("turnWaiting")
        editor.cancel("one")
        await refusal(asked, -32800)
        assert proxy.tunnels
        assert provider.requests == [], "the project's server must not be asked"

        trusted = await begin(env=env, trusted=True)
        tunnels = len(proxy.tunnels)
        assert [turn["status"] for turn in (await trusted.ask("discuss", {"message": "And now?"}))["turns"]] == ["done"]
        (sent,) = provider.requests
        assert sent.headers["authorization"] == "Bearer canary-of-the-user"
        assert sent.headers["x-project"] == "yes"
        assert len(proxy.tunnels) == tunnels
        assert not trusted.shown(path)


async def test_a_workspaces_env_file_is_not_followed(provider: Provider, begin: Begin, workspace: Path) -> None:
    """Neither its address nor its key: with neither from the user, nothing is sent anywhere."""
    provider.script("alpha", Reply("<proposal>\nFine.\n</proposal>", usage=USAGE))
    lines = [f"{name}={provider.url}" for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "HTTP_PROXY", "HTTPS_PROXY")]
    (workspace / ".env").write_text("\n".join([*lines, "OPENAI_API_KEY=planted", "LITELLM_MODE=DEV"]) + "\n")
    editor = await begin(settings={"architects": ["openai/alpha"]})
    round = await editor.ask("discuss", {"message": "Who hears this?"})
    (turn,) = round["turns"]
    assert (turn["status"], turn["error"]["kind"]) == ("failed", "no_key")
    assert provider.requests == []
    assert provider.tunnels == []


async def test_settings_that_the_editor_pushes(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=architects(provider, "alpha"))
    assert await names(editor) == ["alpha"]
    push = editor.workspace_did_change_configuration

    push(types.DidChangeConfigurationParams(settings={"moa": architects(provider, "bo", "cy"), "other": 5}))
    assert await names(editor) == ["bo", "cy"]
    push(types.DidChangeConfigurationParams(settings={"moa": {"architects": 5}}))
    assert await names(editor) == ["bo", "cy"]
    odd: tuple[Any, ...] = (None, 5, [], "moa")
    for settings in odd:
        push(types.DidChangeConfigurationParams(settings=settings))
        assert isinstance(await names(editor), list)
    push(types.DidChangeConfigurationParams(settings={"moa": architects(provider, "dee")}))
    assert await names(editor) == ["dee"]


async def test_settings_that_the_server_asks_for(provider: Provider, begin: Begin) -> None:
    client = capabilities()
    assert client.workspace
    client.workspace.configuration = True
    client.workspace.did_change_configuration = types.DidChangeConfigurationClientCapabilities(
        dynamic_registration=True
    )
    client.workspace.did_change_watched_files = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    editor = await begin(
        client=client, settings=architects(provider, "initial"), configuration=architects(provider, "bo")
    )
    await editor.until(lambda: len(editor.registered) == 2)
    assert {one.method for one in editor.registered} == {
        "workspace/didChangeConfiguration",
        "workspace/didChangeWatchedFiles",
    }
    await until_named(editor, "bo")
    editor.set_configuration({"moa": architects(provider, "cy")})
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    await until_named(editor, "cy")
