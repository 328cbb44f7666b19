"""What a program may send, and what of it the models see."""

from __future__ import annotations

from typing import Any

import pytest

from moa_lsp.answering.chat import BadChat, Chat
from moa_lsp.discussion.values import Message

CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
PIXEL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def read(*messages: dict[str, Any], **parameters: Any) -> Chat:
    return Chat.read(list(messages), parameters)


LONG = read(
    {"role": "system", "content": "You are a pirate."},
    {"role": "assistant", "content": "Ahoy!"},
    {"role": "user", "content": "One"},
    {"role": "user", "content": [{"type": "text", "text": "and a half"}, PIXEL]},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "secret"},
    {"role": "assistant", "content": "Two", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "secret"},
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": "Three"},
    {"role": "assistant", "content": "Let me look", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "secret"},
)


def test_advisers_see_words_of_the_two_sides_only_and_the_user_first() -> None:
    assert LONG.before == (Message("user", "One"), Message("user", "and a half"), Message("assistant", "Two"))
    assert LONG.question == "Three"
    assert LONG.goes_on


def test_in_words_the_system_comes_first_and_the_user_last() -> None:
    assert LONG.in_words() == (
        Message("system", "You are a pirate.\n\nBe brief."),
        Message("user", "One"),
        Message("user", "and a half"),
        Message("assistant", "Two"),
        Message("user", "Three"),
    )


def test_what_is_told_stands_below_what_the_user_said_last_and_nothing_else_changes() -> None:
    told = LONG.told("MORE")
    assert told.messages[9] == {"role": "user", "content": "Three\n\nMORE"}
    assert told.messages[:9] == LONG.messages[:9]
    assert told.messages[10:] == LONG.messages[10:]
    parts = read({"role": "user", "content": [{"type": "text", "text": "See"}, PIXEL]}).told("MORE")
    assert parts.messages[0]["content"] == [{"type": "text", "text": "See"}, PIXEL, {"type": "text", "text": "MORE"}]


def test_a_chat_in_which_the_user_says_nothing_asks_nothing() -> None:
    chat = read({"role": "system", "content": "Greet."}, {"role": "user", "content": [PIXEL]})
    assert chat.question is None
    assert not chat.goes_on
    assert chat.told("MORE") == chat


@pytest.mark.parametrize(
    ("messages", "parameter"),
    [
        ([], "messages"),
        ("hello", "messages"),
        (["hello"], "messages[0]"),
        ([{"role": "god", "content": "x"}], "messages[0].role"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 7}], "messages[0].content"),
        ([{"role": "user", "content": ["x"]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "video_url", "video_url": {"url": "x"}}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": "data:x"}]}], "messages[0].content[0]"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(messages: Any, parameter: str) -> None:
    with pytest.raises(BadChat) as refused:
        Chat.read(messages, {})
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
        {"type": "file", "file": {"file_id": "gs://somewhere/a.pdf"}},
        {"type": "file", "file": {"file_data": "https://example.com/a.pdf"}},
    ],
)
@pytest.mark.parametrize("role", ["user", "tool"])
def test_nothing_is_fetched_for_a_message(part: dict[str, Any], role: str) -> None:
    with pytest.raises(BadChat, match="nothing is fetched"):
        read({"role": role, "tool_call_id": "c1", "content": [part]})


@pytest.mark.parametrize(
    "tools",
    [
        "look",
        [{"type": "mcp", "server_url": "http://elsewhere"}],
        [{"type": "web_search"}],
        [{"type": "function", "function": "look"}],
    ],
)
def test_only_functions_are_passed_on_as_tools(tools: Any) -> None:
    with pytest.raises(BadChat) as refused:
        read({"role": "user", "content": "x"}, tools=tools)
    assert refused.value.parameter == "tools"
