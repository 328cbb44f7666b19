"""A workspace of two folders: each has settings of its own, and a discussion goes by those of its folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, Begin, asked_of, edit, proposing, refusal
from tests.scenarios.editor import Editor, capabilities
from tests.scenarios.test_settings_live import ERROR, touched, until_named, until_shown

INVALID = -32602
PUT = "    store[key] = value\n"
SAFE_PUT = "    store[str(key)] = value\n"


def moa(root: Path, provider: Provider, *names: str, more: str = "") -> None:
    """Writes a folder's settings: these architects, each scripted under its name, and an editor model of its own."""
    at = f'api_base = "{provider.url}"\n'
    text = [f'[[architects]]\nname = "{name}"\nmodel = "openai/{name}"\n{at}' for name in names]
    text.append(f'[editor]\nmodel = "openai/editor-of-{names[0]}"\n{at}')
    (root / "moa.toml").write_text(more + "".join(text))


def plain(root: Path, name: str) -> None:
    """Writes settings that need no trust."""
    (root / "moa.toml").write_text(f'architects = [{{ name = "{name}", model = "openai/{name}" }}]\n')


def folders(editor: Editor, *, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()) -> None:
    """The user adds and removes folders."""
    event = types.WorkspaceFoldersChangeEvent(
        added=[types.WorkspaceFolder(one.as_uri(), one.name) for one in added],
        removed=[types.WorkspaceFolder(one.as_uri(), one.name) for one in removed],
    )
    editor.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event=event))


async def who(editor: Editor, folder: Path | None = None) -> list[str]:
    """Who takes part in a discussion that is begun in that folder."""
    begun = await editor.ask("new-discussion", {"folder": folder.as_uri()} if folder else {})
    return [one["name"] for one in begun["architects"]]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    root = tmp_path / "second"
    root.mkdir()
    (root / "api.py").write_text(API)
    return root


async def test_each_folder_has_its_own_architects_and_editor_model(
    provider: Provider, begin: Begin, workspace: Path, second: Path
) -> None:
    moa(workspace, provider, "ada")
    taken = second.parent / "taken"
    moa(second, provider, "bo", "cy", more=f'confirm_edits = true\nrecord_to = "{taken.as_posix()}"\n')
    for name in ("ada", "bo", "cy"):
        provider.script(name, proposing("Fine."))
    provider.script("editor-of-bo", Reply(edit("second/api.py", PUT, SAFE_PUT)))
    provider.script("editor-of-ada", Reply(edit("api.py", PUT, SAFE_PUT)))
    editor = await begin(folders=[second], trusted=True)
    span = {"start": {"line": 3, "character": 0}, "end": {"line": 5, "character": 0}}
    selection = {"uri": (second / "api.py").as_uri(), "range": span}
    argument = {"message": "Here?", "selection": selection, "folder": second.as_uri()}
    round = await editor.ask("discuss", argument)
    assert [turn["architect"] for turn in round["turns"]] == ["bo", "cy"]
    shown = await editor.ask("show-discussion")
    assert shown["folder"] == second.as_uri()
    change = await editor.ask("code", {"message": "Do it"})
    assert await editor.ask("apply", {"change": change["id"]})
    annotations = editor.applied[-1].edit.change_annotations or {}
    assert [one.needs_confirmation for one in annotations.values()] == [True]
    assert (second / "api.py").read_text() == API.replace(PUT, SAFE_PUT)
    speakers = [json.loads(line)["speaker"] for file in taken.iterdir() for line in file.read_text().splitlines()]
    assert speakers == ["bo", "cy", "editor"]

    # A folder counts only for a discussion that is begun.
    again = await editor.ask("discuss", {"message": "And here?", "folder": workspace.as_uri()})
    assert [turn["architect"] for turn in again["turns"]] == ["bo", "cy"]
    assert (await editor.ask("show-discussion"))["folder"] == second.as_uri()

    assert await who(editor) == await who(editor, workspace) == ["ada"]
    assert (await editor.ask("show-discussion"))["folder"] == workspace.as_uri()
    assert [one["architect"] for one in await editor.ask("estimate", {"message": "x"})] == ["ada"]
    recorded = len(list(taken.iterdir()))
    await editor.ask("discuss", {"message": "Hello"})
    change = await editor.ask("code", {"message": "Do it"})
    assert [file["uri"] for file in change["files"]] == [(workspace / "api.py").as_uri()]
    await editor.ask("apply", {"change": change["id"]})
    assert not any(one.needs_confirmation for one in (editor.applied[-1].edit.change_annotations or {}).values())
    assert len(list(taken.iterdir())) == recorded, "the first folder's discussions aren't recorded"

    for uri in ((workspace / "api.py").as_uri(), workspace.parent.as_uri(), "untitled:x"):
        for command, argument in (("new-discussion", {}), ("discuss", {"message": "x"})):
            assert uri in await refusal(editor.ask(command, {**argument, "folder": uri}), INVALID)


async def test_mistakes_are_shown_in_each_folder_and_its_buffers_count(
    begin: Begin, workspace: Path, second: Path
) -> None:
    plain(workspace, "ada")
    plain(second, "bo")
    editor = await begin(folders=[second])
    (second / "moa.toml").write_text("architects = 5\n")
    (workspace / "moa.toml").write_text("\nnonsense = 1\n")
    touched(editor, second / "moa.toml")
    await until_shown(editor, second / "moa.toml", (0, ERROR))
    await until_shown(editor, workspace / "moa.toml", (1, ERROR))
    assert await who(editor, second) == ["bo"], "its last good state"
    plain(second, "cy")
    touched(editor, second / "moa.toml")
    await until_shown(editor, second / "moa.toml")
    assert (await who(editor, second), await who(editor)) == (["cy"], ["ada"])

    editor.open(second / "moa.toml", language="toml")
    last = len(editor.text(second / "moa.toml").split("\n"))
    editor.type(second / "moa.toml", (0, 0), (last, 0), 'architects = [{ name = "dee", model = "openai/dee" }]\n')
    assert await who(editor, second) == ["dee"]
    editor.close(second / "moa.toml")
    assert await who(editor, second) == ["cy"]
    # One inside a folder is no settings file.
    (second / "inner").mkdir()
    plain(second / "inner", "eve")
    editor.open(second / "inner" / "moa.toml", language="toml")
    assert await who(editor, second) == ["cy"]


async def test_folders_come_and_go(provider: Provider, begin: Begin, workspace: Path, second: Path) -> None:
    moa(workspace, provider, "ada")
    moa(second, provider, "bo")
    for name in ("ada", "bo"):
        provider.script(name, proposing("Fine."))
    editor = await begin(trusted=True)
    assert str(second.as_uri()) in await refusal(editor.ask("new-discussion", {"folder": second.as_uri()}), INVALID)
    folders(editor, added=(second,))
    assert (await who(editor), await who(editor, second)) == (["ada"], ["bo"])
    of_second = (await editor.ask("show-discussion"))["id"]
    (second / "moa.toml").write_text("architects = 5\n")
    touched(editor, second / "moa.toml")
    await until_shown(editor, second / "moa.toml", (0, ERROR))
    folders(editor, removed=(second,))
    await until_shown(editor, second / "moa.toml")
    round = await editor.ask("discuss", {"message": "Who?", "discussion": of_second})
    assert [turn["architect"] for turn in round["turns"]] == ["ada"], "its folder is gone: the first one's"
    moa(second, provider, "cy")
    editor.on_question = lambda _: "Trust it"
    folders(editor, added=(second,))
    provider.script("cy", proposing("Fine."))
    round = await editor.ask("discuss", {"message": "Who now?", "discussion": of_second})
    assert [turn["architect"] for turn in round["turns"]] == ["cy"]
    folders(editor, removed=(workspace,))
    assert await who(editor) == ["cy"], "the first folder is another one now"


async def test_the_editor_is_asked_for_each_folders_settings(
    begin: Begin, workspace: Path, second: Path, tmp_path: Path
) -> None:
    client = capabilities()
    assert client.workspace
    client.workspace.configuration = True
    third = tmp_path / "third"
    third.mkdir()

    def named(name: str) -> dict[str, Any]:
        return {"moa": {"architects": [{"name": name, "model": f"openai/{name}"}]}}

    editor = await begin(
        client=client, folders=[second], configuration=named("ada")["moa"], settings={"confirmEdits": True}
    )
    await until_named(editor, "ada")
    assert await who(editor, second) == ["ada"]
    editor.set_configuration(named("bo"), scope_uri=second.as_uri())
    editor.set_configuration(named("cy"), scope_uri=third.as_uri())
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    folders(editor, added=(third,))
    async with asyncio.timeout(10):  # no client is told when its answer was taken in
        while [await who(editor, one) for one in (workspace, second, third)] != [["ada"], ["bo"], ["cy"]]:
            pass


async def test_settings_that_are_pushed_hold_in_all_folders(begin: Begin, workspace: Path, second: Path) -> None:
    editor = await begin(folders=[second], settings={"architects": ["openai/x"]})
    pushed = {"moa": {"architects": [{"name": "ada", "model": "openai/ada"}]}}
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=pushed))
    assert [await who(editor, one) for one in (workspace, second)] == [["ada"], ["ada"]]
    third = second.parent / "third"
    third.mkdir()
    folders(editor, added=(third,))
    assert await who(editor, third) == ["ada"]


async def test_every_folders_settings_are_protected(
    provider: Provider, begin: Begin, workspace: Path, second: Path
) -> None:
    moa(workspace, provider, "ada")
    moa(second, provider, "bo")
    before = (second / "moa.toml").read_text()
    provider.script("ada", proposing("Fine."))
    forged = edit("second/moa.toml", 'name = "bo"\n', 'name = "evil"\n')
    provider.script("editor-of-ada", Reply(forged))
    editor = await begin(folders=[second], trusted=True)
    await editor.ask("discuss", {"message": "Hello"})
    change = await editor.ask("code", {"message": "Do it"})
    assert "moa.toml" in await refusal(editor.ask("apply", {"change": change["id"]}), -32803)
    assert [question.message for question in editor.asked if "moa.toml" in question.message]
    assert (second / "moa.toml").read_text() == before
    assert asked_of(provider, "ada")
