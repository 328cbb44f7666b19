"""Calls as OpenTelemetry spans: with the real SDK, its exporter in memory; and nothing at all without the extra."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from opentelemetry import trace as api
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from moa_lsp.discussion.values import Failure, Message, Usage
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.middleware.spans import round_span, tell_span
from moa_lsp.middleware.trace import Again, CallTrace
from tests.unit.models.asking import call, outcome

_EXPORTED = InMemorySpanExporter()


@pytest.fixture(scope="module", autouse=True)
def _sdk() -> None:  # pyright: ignore[reportUnusedFunction]  (pytest uses it)
    """The SDK is set up as a user would: once in a process."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(_EXPORTED))
    api.set_tracer_provider(provider)


@pytest.fixture
def exported() -> Generator[InMemorySpanExporter]:
    _EXPORTED.clear()
    yield _EXPORTED
    _EXPORTED.clear()


BEGUN = datetime(2026, 11, 21, 12, tzinfo=UTC)


def made(exported: InMemorySpanExporter, model: str = "openai/gpt-4o", **more: Any) -> ReadableSpan:
    """The span of a call that this is known of."""
    tell_span(CallTrace(BEGUN, "d1", "alpha", model, **more))
    (span,) = exported.get_finished_spans()
    return span


def test_a_call_is_a_span_by_the_conventions(exported: InMemorySpanExporter) -> None:
    span = made(
        exported,
        round=3,
        stage="proposals",
        first_word=0.5,
        seconds=2.0,
        usage=Usage.of(100, 40, 20, 0.002),
        finish="stop",
        tries=(Again("rate_limit", 1.0),),
    )
    assert (span.name, span.kind) == ("chat gpt-4o", SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.conversation.id": "d1",
        "gen_ai.agent.name": "alpha",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 40,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.response.finish_reasons": ("stop",),
        "moa.round": 3,
        "moa.stage": "proposals",
        "moa.cost_usd": 0.002,
        "moa.seconds_to_first_word": 0.5,
        "moa.tries": 2,
    }
    began = int(BEGUN.timestamp()) * 10**9
    assert (span.start_time, span.end_time) == (began, began + 2 * 10**9)
    assert span.status.status_code is StatusCode.UNSET


def test_an_error_is_told_by_its_kind_and_not_by_its_words(exported: InMemorySpanExporter) -> None:
    span = made(exported, error=Failure("rate_limit", "gpt-4o is at its rate limit."))
    assert span.attributes is not None
    assert span.attributes["error.type"] == "rate_limit"
    assert span.status.status_code is StatusCode.ERROR
    assert "limit." not in span.to_json()


def test_a_call_that_was_given_up_is_no_error(exported: InMemorySpanExporter) -> None:
    span = made(exported, cancelled=True)
    assert span.attributes is not None
    assert span.attributes["moa.cancelled"] is True
    assert "error.type" not in span.attributes
    assert "gen_ai.usage.input_tokens" not in span.attributes


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("anthropic/claude-sonnet-5-5", "anthropic", "claude-sonnet-5-5"),
        ("gemini/gemini-pro-latest", "gcp.gemini", "gemini-pro-latest"),
        ("groq/openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"),
        ("replay:demo", "replay", "demo"),
        ("vscode:copilot/gpt-5", "vscode:copilot", "gpt-5"),
        ("gpt-4o", "_OTHER", "gpt-4o"),
    ],
)
def test_providers_have_the_conventions_names(
    exported: InMemorySpanExporter, model: str, provider: str, name: str
) -> None:
    span = made(exported, model)
    assert span.attributes is not None
    assert (span.attributes["gen_ai.provider.name"], span.attributes["gen_ai.request.model"]) == (provider, name)


async def test_the_calls_of_a_round_lie_below_its_span(exported: InMemorySpanExporter, tmp_path: Path) -> None:
    door = ModelDoor(environ={}, folder=tmp_path)
    asked = evolve(call("replay:demo", None, Message("user", "The vault opens with three turns.")), discussion="d1")
    with round_span("d1", 2, "panel"):
        await asyncio.gather(*(asyncio.create_task(outcome(door, asked)) for _ in range(2)))
        one = door.stream(asked)
        async with aclosing(one):
            await anext(one)
    await outcome(door, asked)
    *below, parent, beside = exported.get_finished_spans()
    assert parent.name == "moa round"
    assert dict(parent.attributes or {}) == {"gen_ai.conversation.id": "d1", "moa.round": 2, "moa.preset": "panel"}
    assert parent.context is not None
    assert [span.parent and span.parent.span_id for span in below] == [parent.context.span_id] * 3
    assert beside.parent is None
    assert not [span for span in exported.get_finished_spans() if "vault" in span.to_json()]


def test_without_the_extra_nothing_is_imported_and_calls_go_on() -> None:
    program = """
import sys
sys.modules["opentelemetry"] = None  # as where it isn't installed: importing it raises ImportError
from datetime import UTC, datetime
from moa_lsp.middleware.spans import round_span, tell_span
from moa_lsp.middleware.trace import CallTrace
with round_span("d1", 1, "round"):
    tell_span(CallTrace(datetime.now(UTC), "d1", "alpha", "openai/gpt-4o"))
print([name for name in sys.modules if name.startswith("opentelemetry.")])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "[]", "")
