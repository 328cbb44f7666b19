"""The log file: what gets into it, and that no key ever does."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.store.log import REDACTED, redacted, start_log, stop_log

Start = Callable[..., logging.Handler]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts logs, and leaves the loggers as they were."""
    names = (None, "moa_lsp", "moa_lsp.test", "pygls", "LiteLLM", "httpx", "asyncio")
    for logger in map(logging.getLogger, names):
        monkeypatch.setattr(logger, "level", logger.level)
    handlers: list[logging.Handler] = []

    def start_(folder: Path, *level: int) -> logging.Handler:
        handlers.append(start_log(folder, *level))
        return handlers[-1]

    yield start_
    for handler in handlers:
        stop_log(handler)


def written(folder: Path) -> str:
    return (folder / "moa-lsp.log").read_text(encoding="utf-8")


def test_warnings_are_written_and_what_is_said_is_not(tmp_path: Path, start: Start) -> None:
    start(tmp_path / "log")
    logging.getLogger("moa_lsp.test").warning("a %s happened", "thing")
    logging.getLogger("moa_lsp.test").info("a prompt")
    logging.getLogger("pygls.protocol").info("a whole body")
    assert "WARNING moa_lsp.test: a thing happened" in written(tmp_path / "log")
    assert len(written(tmp_path / "log").splitlines()) == 1


def test_libraries_stay_quiet_whatever_the_level(tmp_path: Path, start: Start) -> None:
    for name in ("pygls", "LiteLLM", "httpx"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    start(tmp_path, logging.DEBUG)
    for name in ("pygls.protocol.json_rpc", "LiteLLM", "httpx", "asyncio", "anything.else"):
        logging.getLogger(name).info("a whole body")
    logging.getLogger("moa_lsp.test").debug("what the user asked for")
    assert written(tmp_path).count("\n") == 1
    assert "what the user asked for" in written(tmp_path)


def test_a_key_is_in_no_line_and_no_traceback(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary")
    start(tmp_path)
    logger = logging.getLogger("moa_lsp.test")
    logger.warning("sent %s", {"api_key": "canary", "x": ["canary"]})
    try:
        raise ValueError("Incorrect API key: canary")
    except ValueError:
        logger.exception("A call failed")
    text = written(tmp_path)
    assert "canary" not in text
    assert "Traceback" in text
    assert text.count(REDACTED) >= 3


def test_a_message_that_is_no_valid_unicode_is_written(tmp_path: Path, start: Start) -> None:
    start(tmp_path)
    logging.getLogger("moa_lsp.test").warning("half a pair \ud83d — and more")
    assert r"half a pair \ud83d — and more" in written(tmp_path)


def test_the_file_is_private_and_does_not_grow_for_ever(tmp_path: Path, start: Start) -> None:
    start(tmp_path)
    for n in range(400):
        logging.getLogger("moa_lsp.test").warning("%d %s", n, "words " * 2000)
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) <= 4_000_000
    if sys.platform != "win32":
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_where_there_can_be_no_file_the_log_goes_to_stderr(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    start(tmp_path / "file" / "log")
    logging.getLogger("moa_lsp.test").warning("a thing with sk-abcdefghijklmnop")
    said = capsys.readouterr()
    assert "There is no log file" in said.err
    assert f"a thing with {REDACTED}" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-AbCdEf0123456789",
        "sk-ant-api03-x_y-z0123456789",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "gsk_0123456789abcdef",
        "ghp_0123456789abcdefghij",
        "github_pat_11ABCDEFG0abcdef",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "0123456789abcdef0123456789abcdef",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "key {}, refused", "['{}']", "https://api.invalid/v1?x={}&y=1", '{{"a":"{}"}}']
)
def test_what_looks_like_a_key_goes_wherever_it_stands(key: str, around: str) -> None:
    assert redacted(around.format(key), {}) == around.format(REDACTED)


@pytest.mark.parametrize(
    "before",
    [
        "Authorization: Bearer ",
        "{'authorization': 'Bearer ",
        "'x-api-key': '",
        "x-api-key: ",
        '"api_key": "',
        "apiKey=",
        "GET /v1?key=",
        "password=",
        "https://somebody:",
    ],
)
def test_what_is_called_a_key_goes_whatever_it_looks_like(before: str) -> None:
    assert redacted(f"{before}hunter@example", {}).startswith(before + REDACTED)
    assert "hunter" not in redacted(f"{before}hunter@example", {})


@pytest.mark.parametrize(
    "text",
    [
        "moa.db is damaged. It was set aside as moa.db.set-aside-20260102T030405, and a new one was begun.",
        "A call to anthropic/claude-sonnet-4-5-20250929 failed unexpectedly",
        'File "moa_lsp/store/store.py", line 123, in _the_quite_long_name_of_a_function_without_digits',
        "the token budget is 30000, the key is missing: set GEMINI_API_KEY or drop charlie",
        "http://127.0.0.1:11434/v1 can't be reached",
    ],
)
def test_ordinary_lines_stay_readable(text: str) -> None:
    assert redacted(text, {"SOME_API_KEY": "x", "HOME": "/home/somebody"}) == text


@given(st.text(min_size=6).filter(lambda text: text == text.strip() and text not in REDACTED), st.text(), st.text())
def test_the_value_of_a_key_variable_is_never_left(value: str, before: str, after: str) -> None:
    for name in ("OPENAI_API_KEY", "my_token", "DB_PASSWORD"):
        left = redacted(before + value + after, {name: value})
        assert value not in left.replace(REDACTED, "\0")


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece", ["eyJaaaaaaaaaaaa-", "://aaaa:", "a", "-", "api_key ", "authorization   ", "sk-", "aB_-1"]
)
def test_a_very_long_line_takes_no_longer_than_its_length(piece: str) -> None:
    assert redacted(piece * 20_000, {})
