"""Bad input of every kind, as bytes: each request is answered, no error carries a traceback, the server lives on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import moa_lsp
from moa_lsp.lsp.commands import COMMANDS, Command
from tests.scenarios.raw import Json, RawClient, framed

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, REQUEST_FAILED, REQUEST_CANCELLED = -32002, -32803, -32800

# What each key is by `docs/protocol.md`: a good value, and values of wrong types.
NO_TEXT: tuple[object, ...] = (5, True, 1.5, ["x"], {"a": 1})
NO_TEXTS: tuple[object, ...] = ("x", 5, {"a": 1}, [1], ["x", None])
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
NO_PLACES: tuple[object, ...] = (
    "x",
    5,
    [],
    {"uri": "file:///x"},
    {"uri": 5, "range": RANGE},
    {"uri": "file:///x", "range": [0, 1]},
    {"uri": "file:///x", "range": {"start": {"line": 0, "character": 0}}},
    {"uri": "file:///x", "range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}},
    {"uri": "file:///x", "range": RANGE, "text": "x"},
)
NO_STEPS: tuple[object, ...] = (
    "x",
    5,
    True,
    {"text": "x"},
    ["x"],
    [{"id": "x"}],
    [{"text": ""}],
    [{"text": "x", "no": 1}],
)
KEYS: Mapping[str, tuple[object, tuple[object, ...]]] = {
    **dict.fromkeys(
        ("message", "discussion", "name", "change", "checkpoint", "reason", "text", "folder"), ("x", NO_TEXT)
    ),
    **dict.fromkeys(("title", "query", "model", "role", "architect"), ("x", NO_TEXT)),
    **dict.fromkeys(("files", "hunks"), (["x"], NO_TEXTS)),
    "steps": ([{"text": "x", "struck": True}], NO_STEPS),
    "markdown": ("1. x", NO_TEXT),
    "answer": ("x", NO_TEXT),
    **dict.fromkeys(("round", "turn", "question"), (1, ("x", 0, -1, 1.5, True, []))),
    "for": ("code", ("x", "", 5, True, [])),
    "afterRound": (1, ("x", 0, -1, 1.5, True, [])),
    "selection": ({"uri": "file:///x", "range": RANGE}, NO_PLACES),
    **dict.fromkeys(("document", "hunk", "drop", "restore", "retry", "preset", "to"), ("x", NO_TEXT)),
    **dict.fromkeys(("wait", "replace"), (True, ("x", 0, 1, []))),
    "position": ({"line": 0, "character": 0}, ("x", -1, 1.5, True, [], {"line": 0}, {"line": "0", "character": 0})),
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[RawClient]:
    """A client that isn't initialized yet."""
    started = RawClient.start(tmp_path)
    yield started
    started.close()


@pytest.fixture
def ready(client: RawClient, tmp_path: Path) -> RawClient:
    (tmp_path / "a.py").write_text("a = 1\nb = 2\n")
    client.initialize(tmp_path)
    return client


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawClient]:
    """One server for all of a module's tests that must leave it alive. It has a discussion."""
    home = tmp_path_factory.mktemp("shared")
    workspace = home / "workspace"
    workspace.mkdir()
    env = {"MOA_DATA_DIR": str(home / "data"), "MOA_CONFIG_DIR": str(home / "config")}
    started = RawClient.start(workspace, env)
    entry = {"name": "alpha", "model": "openai/alpha"}
    started.initialize(workspace, options={"settings": {"architects": [entry]}})
    started.request("moa/new-discussion", {})
    yield started
    assert started.end() == 0
    started.close()


def refusal(answer: Json) -> tuple[int, str]:
    """The code and message of an answer that must be an error, and hold nothing else."""
    assert answer.keys() == {"jsonrpc", "id", "error"}, answer
    assert answer["error"].keys() == {"code", "message"}, answer
    return answer["error"]["code"], answer["error"]["message"]


def door(command: object, argument: Json | None = None) -> Json:
    """The params of `workspace/executeCommand`."""
    return {"command": command, "arguments": [argument or {}]}


def alive(client: RawClient) -> None:
    assert client.request("moa/list-discussions", {}).get("error") is None


# --- messages


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", PARSE_ERROR),
        (b"{", PARSE_ERROR),
        (b"hello", PARSE_ERROR),
        (b"\xff\xfe\xfd", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": ' + b"9" * 5000 + b', "method": "shutdown"}', PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', INVALID_REQUEST),
        (b"7", INVALID_REQUEST),
        (b"null", INVALID_REQUEST),
        (b'"shutdown"', INVALID_REQUEST),
        (b"{}", INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {"a": 1}, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": [], "method": "shutdown"}', INVALID_REQUEST),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)
def test_what_is_no_request_is_answered_under_no_id(shared: RawClient, body: bytes, code: int) -> None:
    shared.send_bytes(framed(body))
    assert refusal(shared.answer(None))[0] == code
    alive(shared)


@pytest.mark.parametrize(
    "message",
    [
        {"id": "bad", "method": "shutdown"},
        {"jsonrpc": "1.0", "id": "bad", "method": "shutdown"},
        {"jsonrpc": 2.0, "id": "bad", "method": "shutdown"},
        {"jsonrpc": "2.0", "id": "bad"},
        {"jsonrpc": "2.0", "id": "bad", "method": None},
        {"jsonrpc": "2.0", "id": "bad", "method": 5},
        {"jsonrpc": "2.0", "id": "bad", "method": ["shutdown"]},
    ],
    ids=json.dumps,
)
def test_a_malformed_request_is_answered_under_its_id(shared: RawClient, message: Json) -> None:
    shared.send(message)
    assert refusal(shared.answer("bad"))[0] == INVALID_REQUEST
    alive(shared)


def test_unknown_methods_are_named_and_unknown_notifications_passed_over(shared: RawClient) -> None:
    for method in ("nothing/here", "$/nothing", "textDocument/moniker", "\ud800", "__init__", "textDocument/didOpen/"):
        code, message = refusal(shared.request(method, {}))
        assert code == NO_METHOD
        assert method in message
        shared.notify(method, {})
    alive(shared)


def test_answers_to_questions_that_nobody_asked_are_passed_over(shared: RawClient) -> None:
    ids: tuple[Any, ...] = (1, "x", None, 1.5, [], {"a": 1})
    for id in ids:
        shared.send({"jsonrpc": "2.0", "id": id, "result": {}})
        shared.send({"jsonrpc": "2.0", "id": id, "error": {"code": 1, "message": "no"}})
        shared.send({"jsonrpc": "2.0", "id": id, "error": "no"})
    alive(shared)


def test_notifications_with_malformed_params_are_passed_over(shared: RawClient) -> None:
    bad: tuple[object, ...] = (None, 5, "x", [], {}, {"textDocument": {"uri": 5}}, {"textDocument": None})
    methods = ("didOpen", "didChange", "didClose")
    for params in bad:
        for method in methods:
            shared.notify(f"textDocument/{method}", params)
        for method in ("workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration", "$/setTrace"):
            shared.notify(method, params)
        shared.notify("$/cancelRequest", params)
        shared.notify("$/cancelRequest", {"id": params})
        shared.notify("window/workDoneProgress/cancel", params)
        shared.notify("window/workDoneProgress/cancel", {"token": params})
    shared.send({"jsonrpc": "2.0", "method": "textDocument/didOpen"})
    alive(shared)


@pytest.mark.parametrize(
    "params",
    [
        None,
        5,
        [],
        {},
        {"textDocument": "file:///x", "range": RANGE, "context": {"diagnostics": []}},
        {"textDocument": {"uri": "file:///x"}, "range": "all", "context": {"diagnostics": []}},
        {"textDocument": {"uri": "file:///x"}, "range": RANGE, "context": {"diagnostics": "none"}},
        {"textDocument": {"uri": "file:///x"}, "range": RANGE},
    ],
    ids=json.dumps,
)
def test_malformed_params_of_standard_requests_are_invalid(shared: RawClient, params: object) -> None:
    assert refusal(shared.request("textDocument/codeAction", params))[0] == INVALID_PARAMS
    alive(shared)


def test_nested_jsonrpc_keys_are_data(shared: RawClient, tmp_path: Path) -> None:
    data = {"jsonrpc": "2.0", "id": 1, "method": "exit", "result": None, "change": {"jsonrpc": "2.0"}}
    action = {"title": "x", "data": {"nested": [data, {"jsonrpc": "2.0", "error": {"code": 1, "message": "x"}}]}}
    answered = shared.request("codeAction/resolve", action)["result"]
    assert answered["data"] == action["data"]
    code, message = refusal(shared.request("moa/discuss", {"message": data}))
    assert (code, "'message'" in message) == (INVALID_PARAMS, True)
    alive(shared)
    second = RawClient.start(tmp_path)
    assert "result" in second.initialize(tmp_path, options={"settings": {}, "other": data})
    assert second.end() == 0


# --- the connection's life


def test_before_during_and_after(client: RawClient, tmp_path: Path) -> None:
    for method in ("moa/discuss", "moa/nothing", "textDocument/codeAction", "nothing", "shutdown"):
        assert refusal(client.request(method, {}))[0] == NOT_INITIALIZED
    client.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///x", "languageId": "", "version": 1}})
    malformed: tuple[Any, ...] = (
        None,
        [],
        {"capabilities": 5},
        {"processId": "x", "rootUri": None, "capabilities": {}},
    )
    for params in malformed:
        assert refusal(client.request("initialize", params))[0] == INVALID_PARAMS
    begun = client.initialize(tmp_path)["result"]
    assert begun["serverInfo"] == {"name": "moa-lsp", "version": moa_lsp.__version__}
    assert begun["capabilities"]["executeCommandProvider"]["commands"] == [one.id for one in COMMANDS.values()]
    assert refusal(client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})) == (
        INVALID_REQUEST,
        "The server is initialized already.",
    )
    alive(client)
    assert client.request("shutdown", bare=True)["result"] is None
    for method in ("moa/list-discussions", "shutdown", "initialize", "nothing", "workspace/executeCommand"):
        assert refusal(client.request(method, {}))[0] == INVALID_REQUEST
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///x"}})
    client.send({"jsonrpc": "2.0", "method": "exit"})
    assert client.wait() == 0


def test_exit_without_shutdown_is_a_failure(ready: RawClient) -> None:
    ready.send({"jsonrpc": "2.0", "method": "exit"})
    assert ready.wait() == 1


def test_exit_before_initialize_is_a_failure_too(client: RawClient) -> None:
    client.send({"jsonrpc": "2.0", "method": "exit"})
    assert client.wait() == 1


# --- the commands


@pytest.mark.parametrize("params", [None, [], [{}], "x", 5, True], ids=json.dumps)
@pytest.mark.parametrize("name", ["discuss", "list-discussions"])
def test_the_projects_requests_take_one_object(shared: RawClient, name: str, params: object) -> None:
    code, message = refusal(shared.request(f"moa/{name}", params))
    assert (code, f"moa/{name}" in message) == (INVALID_PARAMS, True)


def test_left_out_params_are_no_object_either(shared: RawClient) -> None:
    for method in ("moa/list-discussions", "workspace/executeCommand"):
        code, message = refusal(shared.request(method, bare=True))
        assert (code, method in message) == (INVALID_PARAMS, True)


@pytest.mark.parametrize(
    "name", ["nothing", "", "Discuss", "discuss ", "discuss/x", "moa.discuss", "__class__", "\ud800"]
)
def test_an_unknown_command_is_named_by_both_doors(shared: RawClient, name: str) -> None:
    code, message = refusal(shared.request(f"moa/{name}", {}))
    assert (code, repr(f"moa/{name}") in message) == (INVALID_PARAMS, True), message
    code, message = refusal(shared.request("workspace/executeCommand", door(f"moa.{name}")))
    assert (code, repr(f"moa.{name}") in message) == (INVALID_PARAMS, True), message


def test_what_is_no_command_of_ours_is_named_too(shared: RawClient) -> None:
    for command in ("discuss", "other.discuss", "", "moa/discuss", "moadiscuss"):
        code, message = refusal(shared.request("workspace/executeCommand", door(command)))
        assert (code, repr(command) in message) == (INVALID_PARAMS, True)
    for command in (None, 5, ["moa.discuss"]):
        code, message = refusal(shared.request("workspace/executeCommand", door(command)))
        assert (code, "command" in message) == (INVALID_PARAMS, True)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.id)
def test_arguments_are_exactly_one_object(shared: RawClient, command: Command) -> None:
    wrong: tuple[Any, ...] = (None, [], {}, [{}, {}], [[]], ["x"], [5], "x", 5)
    for arguments in wrong:
        params = {"command": command.id, "arguments": arguments}
        code, message = refusal(shared.request("workspace/executeCommand", params))
        assert (code, command.id in message, "object" in message) == (INVALID_PARAMS, True, True), (arguments, message)
    code, message = refusal(shared.request("workspace/executeCommand", {"command": command.id}))
    assert (code, command.id in message) == (INVALID_PARAMS, True)
    alive(shared)


def test_an_object_without_keys_may_come_as_null(shared: RawClient) -> None:
    """As Emacs sends an action's empty object back."""
    empty = shared.request("workspace/executeCommand", {"command": "moa.list-discussions", "arguments": [None]})
    assert empty["result"] == shared.request("moa/list-discussions", {})["result"]
    code, message = refusal(
        shared.request("workspace/executeCommand", {"command": "moa.drop-architect", "arguments": [None]})
    )
    assert (code, "name" in message) == (INVALID_PARAMS, True)


def both_doors(client: RawClient, command: Command, argument: Json) -> str:
    """Asks through both doors; the message of the error, which must be the same one, -32602."""
    direct = refusal(client.request(command.method, argument))
    assert refusal(client.request("workspace/executeCommand", door(command.id, argument))) == direct
    assert direct[0] == INVALID_PARAMS
    return direct[1]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.id)
def test_every_key_is_checked_and_named(shared: RawClient, command: Command) -> None:
    full: Json = {key.name: KEYS[key.name][0] for key in command.keys}
    for key in command.keys:
        if key.required:
            message = both_doors(shared, command, {name: value for name, value in full.items() if name != key.name})
            assert repr(key.name) in message
            assert repr(key.name) in both_doors(shared, command, {**full, key.name: None})
        for wrong in KEYS[key.name][1]:
            message = both_doors(shared, command, {**full, key.name: wrong})
            assert repr(key.name) in message, (wrong, message)
    for unknown in ("nothing", "Message", "\ud800", "jsonrpc", "_token"):
        message = both_doors(shared, command, {**full, unknown: 1})
        assert repr(unknown) in message
        assert all(key.name in message for key in command.keys)
    alive(shared)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.id)
def test_ids_and_names_that_dont_exist_are_named(shared: RawClient, command: Command) -> None:
    good: Json = {key.name: KEYS[key.name][0] for key in command.keys if key.required}
    keys = {key.name for key in command.keys}
    nowhere = "file:///nowhere/at/all.py"
    wrong: dict[str, tuple[Any, str]] = {
        "discussion": ("no-such-discussion", "no-such-discussion"),
        "change": ("no-such-change", "no-such-change"),
        "checkpoint": ("no-such-checkpoint", "no-such-checkpoint"),
        # The name of somebody who is added needn't exist; one that nobody can have isn't repeated, as in settings.
        # Neither is one that no preset can be saved under.
        **({} if command.name in ("add-architect", "save-preset") else {"name": ("zulu<", "zulu<")}),
        "architect": ("zulu<", "zulu<"),
        "preset": ("no-such-preset", "no-such-preset"),
        "files": ([nowhere], nowhere),
        "folder": (nowhere, nowhere),
        "selection": ({"uri": nowhere, "range": RANGE}, nowhere),
    }
    if command.name in ("select-preset", "rename-preset", "delete-preset"):
        del wrong["discussion"]  # what is to be done to the preset is looked at first
    for name, (value, named) in wrong.items():
        if name in keys:
            assert named in both_doors(shared, command, {**good, name: value})
    for uri in ("untitled:one", "not a uri", "", "file://", "http://example.invalid/a.py"):
        if "files" in keys:
            assert uri in both_doors(shared, command, {**good, "files": [uri]})
    for uri in ("untitled:one", "", "file://", "file:///%00", "file:///\ud800"):
        if "folder" in keys:
            assert "is not a folder" in both_doors(shared, command, {**good, "folder": uri})
    alive(shared)


def test_optional_keys_may_be_null_and_a_token_may_stand_beside(shared: RawClient) -> None:
    asked = {"discussion": None, "workDoneToken": "t", "partialResultToken": 5}
    assert "result" in shared.request("moa/show-discussion", asked)
    params = {**door("moa.show-discussion", {"discussion": None}), "workDoneToken": {"odd": 1}}
    assert "result" in shared.request("workspace/executeCommand", params)


def test_texts_that_no_file_can_hold_are_taken_or_refused_by_name(shared: RawClient) -> None:
    """A lone surrogate and a NUL are good JSON; neither may fail inside."""
    for odd in ("\ud800", "a\0b", "\U0010ffff", "\u2028", ""):
        for asked in (
            shared.request("moa/complete", {"text": odd, "position": 1}),
            shared.request("moa/estimate", {"message": odd}),
            shared.request("moa/show-discussion", {"discussion": odd or "none"}),
            shared.request("moa/discuss", {"message": odd, "discussion": "none"}),
            shared.request("moa/apply", {"change": odd, "hunks": [odd]}),
            shared.request("moa/restore", {"checkpoint": odd, "files": [odd]}),
            shared.request("moa/rename-discussion", {"title": odd}),
            shared.request("moa/search-discussions", {"query": odd}),
            shared.request("moa/export-discussion", {}),
            shared.request("moa/set-role", {"name": odd, "role": odd}),
            shared.request("moa/complete", {"text": f"@{odd}", "position": {"line": 99, "character": 99}}),
        ):
            assert "result" in asked or asked["error"]["code"] == INVALID_PARAMS, asked


def test_a_message_of_no_unicode_is_kept_as_what_a_file_can_hold(ready: RawClient) -> None:
    """No architect is asked here; the discussion, the message and the title must not fail on the way there."""
    code, message = refusal(ready.request("moa/discuss", {"message": "half \ud800 a pair, and \0"}))
    assert code == REQUEST_FAILED, message
    assert "inside" not in message
    alive(ready)


# --- frames


def test_headers_of_every_kind(ready: RawClient) -> None:
    def asks(id: str) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": id, "method": "moa/list-discussions", "params": {}}).encode()

    body = asks("one")
    length = str(len(body)).encode()
    heads = {
        "lower case": b"content-length: " + length,
        "upper case": b"CONTENT-LENGTH:" + length,
        "blanks": b"Content-Length  :   " + length + b"  ",
        "type": b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: " + length,
        "type behind": b"Content-Length: " + length + b"\r\nContent-Type: application/vscode-jsonrpc; charset=utf8",
        "unknown header": b"X-Anything: 5\r\nContent-Length: " + length + b"\r\nX-More:",
        "garbage": b"garbage without a colon\r\n\xff\xfe\x00:\r\nContent-Length: " + length,
        "only LF": b"Content-Length: " + length + b"\n",
        "blank lines before": b"\r\n\r\n\nContent-Length: " + length,
    }
    for kind, head in heads.items():
        ready.send_bytes(head + b"\r\n\r\n" + body if kind != "only LF" else head + b"\n" + body)
        assert "result" in ready.answer("one"), kind


def test_a_length_that_is_none_costs_at_most_its_own_message(ready: RawClient) -> None:
    for length in (b"-1", b"abc", b"", b"1e3", b"99999999999999999999999", b"0x10", "٣".encode()):
        for behind in (b"", b"{}", b'{"jsonrpc": "2.0"}\r\n', b"{}\r\n\r\n"):
            ready.send_bytes(b"Content-Length: " + length + b"\r\n\r\n" + behind)
            answered = ready.request("moa/list-discussions", {})
            assert "result" in answered, (length, behind)


def test_bodies_in_pieces_and_several_in_one_write(ready: RawClient) -> None:
    asked: Json = {"jsonrpc": "2.0", "method": "moa/list-discussions", "params": {}}
    frames = [framed({**asked, "id": id}) for id in ("ä", "b", "c")]
    ready.send_bytes(*(bytes([byte]) for byte in frames[0]))
    assert "result" in ready.answer("ä")
    ready.send_bytes(frames[1] + frames[2] + frames[0][:30], frames[0][30:])
    assert all("result" in ready.answer(id) for id in ("b", "c", "ä"))


def test_a_prompts_position_is_counted_in_the_negotiated_units(ready: RawClient) -> None:
    def labels(text: str, position: object) -> list[str]:
        found = ready.request("moa/complete", {"text": text, "position": position})["result"]
        assert all(one.keys() == {"label", "detail", "insertText"} for one in found)
        return [one["label"] for one in found]

    assert labels("😀 @a.", 5) == ["@a.py"]
    assert labels("😀 @a.", 2) == []
    assert labels("😀 @a.", 999) == ["@a.py"]
    assert labels("one\n😀 @a. two", {"line": 1, "character": 5}) == ["@a.py"]
    assert labels("@a.\n", 3) == ["@a.py"]
    assert labels("@a.\n", 4) == [], "the cursor is on the next line"
    assert labels("@a.\n", {"line": 1, "character": 0}) == []


def test_a_large_message(ready: RawClient, tmp_path: Path) -> None:
    text = "x = 1  # ä 😀\n" * 300_000
    assert len(text.encode()) > 5_000_000
    uri = (tmp_path / "a.py").as_uri()
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    ready.notify("textDocument/didOpen", {"textDocument": item})
    answered = ready.request("moa/complete", {"text": f"{text}/dr", "position": 5})
    assert answered["result"] == []
    assert ready.end() == 0


def test_two_requests_under_one_id(client: RawClient, tmp_path: Path) -> None:
    slow = tmp_path / "slow.jsonl"
    slow.write_text(json.dumps({"speaker": "alpha", "turn": 1, "text": "Well", "pace": [[60, 4]]}) + "\n")
    client.initialize(tmp_path, options={"settings": {"architects": [f"replay:{slow}"]}})
    asked = {"jsonrpc": "2.0", "id": "one", "method": "moa/discuss", "params": {"message": "hello"}}
    client.send(asked)
    client.take(lambda message: message.get("params", {}).get("kind") == "turnStarted")
    client.send({**asked, "method": "moa/list-discussions", "params": {}})
    code, message = refusal(client.answer("one"))
    assert (code, "'one'" in message) == (INVALID_REQUEST, True)
    client.notify("$/cancelRequest", {"id": "one"})
    code, message = refusal(client.answer("one"))
    assert code == REQUEST_CANCELLED
    client.send({**asked, "method": "moa/list-discussions", "params": {}})
    assert "result" in client.answer("one")
