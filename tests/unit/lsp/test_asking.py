"""A question to the person at the editor: only the button that says yes is a yes."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from moa_lsp.lsp import asking
from moa_lsp.lsp.asking import Asking


@pytest.mark.parametrize(("pressed", "agreed"), [("Apply", True), ("Leave it", False), (None, False), ("apply", False)])
async def test_only_the_yes_is_one(pressed: str | None, agreed: bool) -> None:
    sent: list[types.ShowMessageRequestParams] = []

    async def answer(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        sent.append(params)
        return types.MessageActionItem(pressed) if pressed else None

    assert await Asking(answer, nothing).agrees("a.py would be deleted.", "Apply", "Leave it") is agreed
    assert sent[0].message == "moa: a.py would be deleted."
    assert [action.title for action in sent[0].actions or ()] == ["Apply", "Leave it"]


def nothing(message: str) -> None:
    pytest.fail(f"nobody needs to be told {message!r}")


async def test_an_error_is_a_no_and_said() -> None:
    said: list[str] = []

    async def fail(_: types.ShowMessageRequestParams) -> None:
        raise JsonRpcException("not here")

    assert not await Asking(fail, said.append).agrees("Delete a.py?", "Yes", "No")
    assert "Delete a.py?" in said[0]
    assert "taken for a no" in said[0]


async def test_no_answer_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: types.ShowMessageRequestParams) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asking, "ANSWER_WITHIN", 0.01)
    assert not await Asking(never, nothing).agrees("?", "Yes", "No")
