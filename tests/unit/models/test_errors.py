"""The table of errors by itself: every kind has its sentence, no key gets through, times are read, shortfalls seen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from moa_lsp.discussion.values import Architect
from moa_lsp.models.errors import (
    SENTENCES,
    ErrorData,
    Kind,
    classify,
    kind_of,
    redact,
    retry_after,
    secrets_in,
    sentence,
    shortfall,
)

ALPHA = Architect("alpha", "openai/gpt-4o")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_a_sentence_that_names_the_model_or_its_provider(kind: Kind) -> None:
    said = sentence(kind, ALPHA, variable="OPENAI_API_KEY", wait=3.2, seconds=5)
    assert said.endswith(".")
    assert "openai" in said
    assert "{" not in said
    assert kind in SENTENCES


def test_an_editor_model_can_be_changed_and_not_dropped() -> None:
    for kind in Kind:
        assert "drop" not in sentence(kind, Architect("editor", "openai/gpt-4o"))
    assert sentence(Kind.EMPTY, ALPHA).endswith("ask again, or drop alpha.")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ErrorData("InternalServerError", 500, "OpenAIException - Missing credentials. Please pass"), "no_key"),
        (ErrorData("AuthenticationError", 401, "Missing Anthropic API Key - A call is being made"), "no_key"),
        (ErrorData("APIConnectionError", 500, "Missing Gemini API key. Set the GEMINI_API_KEY"), "no_key"),
        (ErrorData("InternalServerError", 500, "OpenAIException - Connection error."), "refused_connection"),
        (ErrorData("InternalServerError", 500, "[Name or service not known]"), "refused_connection"),
        (ErrorData("InternalServerError", 500, "Connection error.", spoke=True), "cut"),
        (ErrorData("InternalServerError", 529, "AnthropicException - Overloaded"), "overloaded"),
        (
            ErrorData("BadRequestError", 400, "prompt is too long: 210000 tokens"),
            "context_too_long",
        ),
        (ErrorData("ContentPolicyViolationError", 400, "no"), "content_filter"),
        (ErrorData("WorkerDied"), "worker_died"),
        (ErrorData("ValueError", None, "what?"), "unknown"),
    ],
)
def test_measured_errors_find_their_row(data: ErrorData, kind: str) -> None:
    assert kind_of(data) == kind


def test_a_message_holds_the_providers_words_and_neither_litellms_nor_a_traceback() -> None:
    words = "litellm.BadRequestError: OpenAIException - No such thing\nTraceback (most recent call last):\n  File x"
    failed = classify(ErrorData("BadRequestError", 400, words), ALPHA, variable=None)
    assert failed.message == (
        "openai did not accept the request to openai/gpt-4o: check the settings of alpha. (No such thing)"
    )


def test_long_words_are_clipped() -> None:
    failed = classify(ErrorData("BadRequestError", 400, "x" * 10_000), ALPHA, variable=None)
    assert len(failed.message) < 400


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect key sk-proj-canary_0123456789.",
        "Authorization: Bearer canary.0123456789",
        "AIzaSyCanary0123456789canary",
        "https://models.example.com/v1?key=canary0123456789&alt=sse",
        "gsk_canary0123456789",
        "xai-canary0123456789",
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str) -> None:
    assert "anary" not in redact(text)
    assert "[key]" in redact(text)


def test_known_keys_are_taken_out_whatever_they_look_like() -> None:
    keys = secrets_in({"MY_KEY": "plain words", "HF_TOKEN": "hush", "PATH": "/bin", "EMPTY_KEY": ""})
    assert set(keys) == {"plain words", "hush"}
    assert redact("plain words in /bin, hush", keys) == "[key] in /bin, [key]"


def test_ordinary_words_stay() -> None:
    text = "The sky-high risk-averse task: ask-again, pk and api key usage in hf-hub."
    assert redact(text) == text


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (ErrorData("E", headers={"retry-after": "7"}), 7.0),
        (ErrorData("E", headers={"retry-after-ms": "250", "retry-after": "1"}), 0.25),
        (ErrorData("E", headers={"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"}), 30.0),
        (ErrorData("E", headers={"retry-after": "Wed, 31 Dec 2025 00:00:00 GMT"}), 0.0),
        (ErrorData("E", headers={"retry-after": "soon"}), None),
        (ErrorData("E", headers={"retry-after": "-5"}), None),
        (ErrorData("E", message="Please try again in 1m2.5s."), 62.5),
        (ErrorData("E", message='"retryDelay": "13s"'), 13.0),
        (ErrorData("E"), None),
    ],
)
def test_when_to_ask_again(data: ErrorData, seconds: float | None) -> None:
    assert retry_after(data, NOW) == seconds


@pytest.mark.parametrize(
    ("finish", "text", "kind"),
    [
        ("stop", "Hello", None),
        (None, "Hello", None),
        ("tool_calls", "Hello", None),
        ("stop", " \n", "empty"),
        (None, "", "empty"),
        ("tool_calls", "", "empty"),
        ("length", "Hello", "length"),
        ("length", "", "length"),
        ("content_filter", "Hello", "content_filter"),
    ],
)
def test_a_success_that_is_none(finish: str | None, text: str, kind: str | None) -> None:
    failure = shortfall(finish, text)
    assert (failure.kind if failure else None) == kind
