"""Trust in a project's settings is of their content: what they come to want later isn't in force before a yes.

The canary is a provider at the new address: it is asked nothing until somebody agreed to that address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.provider.server import Provider
from tests.scenarios.conftest import Begin, proposing, refusal
from tests.scenarios.editor import Editor
from tests.scenarios.test_settings_live import WARNING, touched, until_shown

CANCELLED = -32800
KEY = "canary-of-the-user"
WAITING = ((3, WARNING), (4, WARNING), (5, WARNING))


@pytest_asyncio.fixture
async def elsewhere() -> AsyncIterator[Provider]:
    """The place that the settings come to name; and, as a proxy, the rest of the world."""
    async with Provider() as running:
        yield running


def moa(root: Path, provider: Provider, more: str = "") -> Path:
    path = root / "moa.toml"
    path.write_text(
        f'[[architects]]\nname = "alpha"\nmodel = "openai/alpha"\napi_base = "{provider.url}"\n'
        f'api_key_env = "MOA_TEST_SECRET"\nheaders = {{ X-Project = "yes" }}\n{more}'
    )
    return path


async def asked(editor: Editor, count: int) -> list[str]:
    """The questions, once there are so many, each without what it ends with."""
    await editor.until(lambda: len(editor.asked) >= count)
    assert len(editor.asked) == count
    assert all([one.title for one in question.actions or ()] == ["Trust it", "Not now"] for question in editor.asked)
    return [question.message for question in editor.asked]


async def settled(editor: Editor) -> None:
    """Waits until the server has taken in all that it was told."""
    await editor.ask("list-discussions")


class Desk:
    """Starts editors on a trusted workspace, whose own provider answers, and whose user has a key."""

    def __init__(self, begin: Begin, provider: Provider, elsewhere: Provider) -> None:
        self.begin, self.provider, self.elsewhere = begin, provider, elsewhere
        for one in (provider, elsewhere):
            one.script("alpha", proposing("Fine."))

    async def editor(self, press: str | None = None, **more: Any) -> Editor:
        env = {"MOA_TEST_SECRET": KEY, "HTTPS_PROXY": self.elsewhere.root}
        editor = await self.begin(env=env, **{"trusted": True, **more})
        editor.on_question = lambda _: press
        return editor

    async def discuss(self, editor: Editor) -> str:
        """How the architect's turn ends. The user has no usual key, so what is withheld can't be asked at all."""
        (turn,) = (await editor.ask("discuss", {"message": "Who hears this?"}))["turns"]
        return turn["error"]["kind"] if turn["status"] == "failed" else turn["status"]

    @property
    def heard(self) -> tuple[int, int]:
        """So many requests reached the provider, and the other place, with the key each."""
        for one in (self.provider, self.elsewhere):
            assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in one.requests)
        assert self.elsewhere.tunnels == []
        return len(self.provider.requests), len(self.elsewhere.requests)


@pytest_asyncio.fixture
async def desk(begin: Begin, provider: Provider, elsewhere: Provider) -> Desk:
    return Desk(begin, provider, elsewhere)


async def test_a_changed_address_is_asked_about_and_a_yes_holds_at_once_and_after_a_restart(
    desk: Desk, workspace: Path
) -> None:
    path = moa(workspace, desk.provider)
    editor = await desk.editor("Trust it")
    assert await desk.discuss(editor) == "done"
    assert editor.asked == [], "the first look at a trusted folder is the yes"
    editor.made_up.clear()
    moa(workspace, desk.elsewhere)
    touched(editor, path)
    (question,) = await asked(editor, 1)
    for part in ("moa.toml", workspace.name, "alpha", desk.elsewhere.url, "MOA_TEST_SECRET", "X-Project"):
        assert part in question
    await until_shown(editor, path, *WAITING)
    assert all("yes" in one.message for one in editor.shown(path))
    waiting = editor.start("discuss", {"message": "Who hears this?"}, "waits")
    await settled(editor)
    assert desk.heard == (1, 0), "a message waits while the user is asked where it may go"
    editor.made_up.set()
    assert [turn["status"] for turn in (await waiting)["turns"]] == ["done"]
    await until_shown(editor, path)
    assert desk.heard == (1, 1)

    again = await desk.editor("Not now")
    assert await desk.discuss(again) == "done"
    moa(workspace, desk.provider)
    touched(again, path)
    assert await desk.discuss(again) == "done", "what was agreed to once is in force when it comes back"
    assert again.asked == []
    assert desk.heard == (2, 2)


async def test_without_a_yes_nothing_new_is_in_force_and_it_is_asked_again_when_it_changes_again(
    desk: Desk, workspace: Path
) -> None:
    path = moa(workspace, desk.provider)
    editor = await desk.editor("Not now")
    moa(workspace, desk.elsewhere)
    touched(editor, path)
    await asked(editor, 1)
    await until_shown(editor, path, *WAITING)
    assert await desk.discuss(editor) == "no_key", "as in a workspace that isn't trusted"
    touched(editor, path)
    await settled(editor)  # else it may be read while it is being written
    moa(workspace, desk.elsewhere, "temperature = 1\n")
    touched(editor, path)
    await settled(editor)
    await asked(editor, 1)  # not twice for the same
    moa(workspace, desk.provider)
    touched(editor, path)
    await until_shown(editor, path)
    assert await desk.discuss(editor) == "done"
    editor.on_question = lambda _: None  # dismissed
    moa(workspace, desk.elsewhere, f'[editor]\nmodel = "openai/alpha"\napi_base = "{desk.elsewhere.url}/v2"\n')
    touched(editor, path)
    assert f"{desk.elsewhere.url}/v2" in (await asked(editor, 2))[1]
    await until_shown(editor, path, *WAITING, (8, WARNING))
    assert await desk.discuss(editor) == "no_key"
    assert "no_key" not in await refusal(editor.ask("code", {"message": "Do it"}), -32803)
    assert desk.heard == (1, 0)

    later = await desk.editor("Not now")
    await asked(later, 1)  # the next session asks again
    await until_shown(later, path, *WAITING, (8, WARNING))
    assert await desk.discuss(later) == "no_key"
    untrusted = await desk.editor("Trust it", trusted=False)
    assert await desk.discuss(untrusted) == "no_key"
    assert untrusted.asked == [], "where nothing is trusted there is nothing to ask"
    assert desk.heard == (1, 0)


async def test_a_message_that_waits_for_the_answer_can_be_cancelled(desk: Desk, workspace: Path) -> None:
    path = moa(workspace, desk.provider)
    editor = await desk.editor("Trust it")
    editor.made_up.clear()
    moa(workspace, desk.elsewhere)
    touched(editor, path)
    await asked(editor, 1)
    token = editor.awaits_progress("token")
    waits = editor.start_command("discuss", {"message": "Hello"}, "waits", token)
    async with asyncio.timeout(10):
        while ("report", "Waiting for your answer about moa.toml") not in editor.reported(token):
            await settled(editor)
    assert not (await editor.ask("list-discussions")), "the server answers meanwhile, and nothing has begun"
    editor.cancel("waits")
    await refusal(waits, CANCELLED)
    assert desk.heard == (0, 0)


async def test_settings_that_appear_after_the_trust_are_asked_about_and_only_when_they_are_saved(
    desk: Desk, workspace: Path
) -> None:
    path = workspace / "moa.toml"
    editor = await desk.editor("Trust it", settings={"preset": "default"})
    await settled(editor)
    path.write_text("")
    editor.open(path, language="toml")
    target = moa(workspace.parent, desk.elsewhere).read_text()
    address = target.index("http")
    for text in (*(f'{target[:end]}"\n' for end in range(address + 8, address + 20)), target):
        editor.type(path, (0, 0), (editor.text(path).count("\n"), 0), text)
    await until_shown(editor, path, *WAITING)
    assert editor.asked == [], "every key pressed would be another question"
    editor.save(path)
    await asked(editor, 1)
    await until_shown(editor, path)
    assert await desk.discuss(editor) == "done"
    assert desk.heard == (0, 1)


async def test_each_folder_is_trusted_by_itself(desk: Desk, workspace: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    moa(workspace, desk.provider)
    path = moa(second, desk.provider)
    editor = await desk.editor("Not now", folders=[second])
    assert editor.asked == []
    moa(second, desk.elsewhere)
    touched(editor, path)
    assert "second" in (await asked(editor, 1))[0]
    await until_shown(editor, path, *WAITING)
    assert not editor.shown(workspace / "moa.toml")
    assert await desk.discuss(editor) == "done", "the first folder's are as they were"
    begun = await editor.ask("new-discussion", {"folder": second.as_uri()})
    argument = {"message": "Hello", "discussion": begun["id"]}
    (turn,) = (await editor.ask("discuss", argument))["turns"]
    assert turn["error"]["kind"] == "no_key"
    assert desk.heard == (1, 0)


async def test_the_users_and_the_editors_own_settings_are_never_asked_about(
    desk: Desk, workspace: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "config.toml").write_text(moa(workspace, desk.provider).read_text())
    (workspace / "moa.toml").unlink()
    env = {"MOA_CONFIG_DIR": str(config), "MOA_TEST_SECRET": KEY}
    for provider in (desk.provider, desk.elsewhere):
        (config / "config.toml").write_text(moa(config, provider).read_text())
        editor = await desk.begin(env=env, trusted=True)
        assert await desk.discuss(editor) == "done"
        own = {"architects": [{"model": "openai/alpha", "apiBase": provider.url, "apiKeyEnv": "MOA_TEST_SECRET"}]}
        other = await desk.begin(env=env, trusted=True, settings=own)
        assert await desk.discuss(other) == "done"
        assert editor.asked == other.asked == []
    assert desk.heard == (2, 2)
