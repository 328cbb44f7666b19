"""When the user is asked about new settings: once for each content, when it is saved, and never for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import field, mutable
from lsprotocol import types

from moa_lsp.discussion.values import Architect
from moa_lsp.lsp import asking
from moa_lsp.lsp.asking import Asking
from moa_lsp.lsp.trusting import Trusting
from moa_lsp.session.configuration import NOT_NOW, TRUST, Configuration, Configurations
from moa_lsp.session.session import Run, Stopped
from moa_lsp.settings.files import read_project
from moa_lsp.store.store import Store, open_store


async def nobody() -> tuple[Architect, ...]:
    return ()


@mutable
class Desk:
    """A user at a folder, who presses `press` once `decided` is set."""

    root: Path
    store: Store
    press: str | None = NOT_NOW
    saved: bool = True
    asked: list[str] = field(factory=list[str])
    decided: asyncio.Event = field(factory=asyncio.Event)
    trusting: Trusting = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.decided.set()
        self.write("one")
        configurations = Configurations(self.configuration)
        configurations.follow([self.root])
        configurations.read()
        self.trusting = Trusting(
            configurations, Asking(self.answer, self.asked.append), lambda _: self.saved, configurations.read
        )

    def configuration(self, root: Path | None) -> Configuration:
        return Configuration(root, lambda: None, lambda: read_project(self.root), nobody, self.store, trusted=True)

    async def answer(self, params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        self.asked.append(params.message)
        await self.decided.wait()
        return types.MessageActionItem(self.press) if self.press else None

    def write(self, *addresses: str) -> None:
        entries = [f'[[architects]]\nmodel = "m"\napi_base = "http://{one}.example"\n' for one in addresses]
        (self.root / "moa.toml").write_text("".join(entries))

    async def look(self) -> int:
        """The number of questions so far, after everything was looked at again and all is settled."""
        self.trusting.configurations.read()
        self.trusting.look()
        for _ in range(10):
            await asyncio.sleep(0)
        return len(self.asked)

    @property
    def in_force(self) -> list[str | None]:
        return [one.api_base for one in self.trusting.configurations.first.settings.architects]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    root = tmp_path / "a"
    root.mkdir()
    store = open_store(tmp_path / "data").store
    yield Desk(root, store)
    store.close()


async def test_each_new_content_is_asked_about_once(desk: Desk) -> None:
    assert await desk.look() == 0
    desk.write("two")
    assert [await desk.look(), await desk.look()] == [1, 1]
    assert "http://two.example" in desk.asked[0]
    desk.write("two", "three")
    assert await desk.look() == 2
    desk.write("three")
    assert await desk.look() == 2, "that was said no to already"
    desk.write("one")
    assert await desk.look() == 2
    assert desk.in_force == ["http://one.example"]
    desk.press = TRUST
    desk.write("two")
    assert await desk.look() == 3, "it changed again"
    assert desk.in_force == ["http://two.example"]


async def test_what_is_being_typed_is_not_asked_about(desk: Desk) -> None:
    desk.saved = False
    for address in ("t", "tw", "two"):
        desk.write(address)
        assert await desk.look() == 0
    desk.saved = True
    assert await desk.look() == 1


async def test_a_yes_is_to_what_was_asked_and_what_came_meanwhile_is_asked_about(desk: Desk) -> None:
    desk.press = TRUST
    desk.decided.clear()
    desk.write("two")
    assert await desk.look() == 1
    desk.write("evil")
    assert await desk.look() == 1

    async def press(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        desk.asked.append(params.message)
        return types.MessageActionItem(TRUST if "two" in params.message else NOT_NOW)

    desk.trusting.asking = Asking(press, desk.asked.append)
    desk.decided.set()
    assert await desk.look() == 2
    assert "http://evil.example" in desk.asked[1]
    assert desk.in_force == [None]
    desk.write("two")
    assert await desk.look() == 2
    assert desk.in_force == ["http://two.example"]


async def test_no_answer_is_a_no_and_nobody_waits_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_WITHIN", 0.01)
    desk.decided.clear()
    desk.write("two")
    await desk.look()
    said: list[str] = []
    await asyncio.wait_for(desk.trusting.answered(Run(), said.append), 5.0)
    assert said == ["Waiting for your answer about moa.toml"]
    assert desk.in_force == [None]
    assert await desk.look() == 1


async def test_a_yes_that_comes_late_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_WITHIN", 0.01)
    desk.press = TRUST
    desk.decided.clear()
    desk.write("two")
    await desk.look()
    await asyncio.wait_for(desk.trusting.answered(Run(), lambda _: None), 5.0)
    await desk.trusting.answered(Run(), lambda _: pytest.fail("the next message doesn't wait again"))
    desk.decided.set()
    await desk.look()
    assert desk.in_force == ["http://two.example"]


async def test_no_answer_changes_anything_once_the_connection_is_closed(desk: Desk) -> None:
    desk.press = TRUST
    desk.decided.clear()
    desk.write("two")
    await desk.look()
    desk.trusting.close()
    desk.decided.set()
    await desk.look()
    assert desk.in_force == [None]


async def test_a_message_waits_for_the_answer_and_can_be_cancelled_meanwhile(desk: Desk) -> None:
    desk.press = TRUST
    await desk.trusting.answered(Run(), lambda _: None)
    desk.decided.clear()
    desk.write("two")
    await desk.look()
    run, other = Run(), Run()
    waiting = asyncio.create_task(desk.trusting.answered(run, lambda _: None))
    stopped = asyncio.create_task(desk.trusting.answered(other, lambda _: None))
    await asyncio.sleep(0)
    other.cancel()
    with pytest.raises(Stopped):
        await stopped
    assert not waiting.done()
    desk.decided.set()
    await waiting
    assert desk.in_force == ["http://two.example"]
