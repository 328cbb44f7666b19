"""Calls and rounds as OpenTelemetry spans, for whoever has set OpenTelemetry up in this process.

Rules: the extra `moa-lsp[otel]` brings the API alone; without it nothing is imported and nothing is done. Which SDK
takes the spans and where it sends them is the user's. Names and values follow the conventions for `gen_ai` spans, and
what those don't know begins with `moa.`. No span holds a text: not of messages, replies, files or errors.

Never here: what is noted of a call (`trace.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from moa_lsp.middleware.trace import CallTrace

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_PROVIDERS: Mapping[str, str] = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "cohere_chat": "cohere",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""What the conventions call a provider, where that isn't litellm's name for it."""


def _tracer() -> Tracer | None:
    """Where spans are made; `None` without the extra."""
    try:
        from opentelemetry.trace import get_tracer
    except ImportError:
        return None
    # Asked for each time: the user's SDK may be set up later than we are.
    return get_tracer("moa_lsp")


def tell_span(trace: CallTrace) -> None:
    """Makes the span of a call that is over, below the span that is current here."""
    if (tracer := _tracer()) is None:
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    provider, _, name = trace.model.partition("/")
    if not name:  # `replay:demo`, `vscode:copilot/gpt`, or a model without a prefix
        provider, _, name = trace.model.rpartition(":")
    usage = trace.usage
    known = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider) or "_OTHER",
        "gen_ai.request.model": name,
        "gen_ai.conversation.id": trace.discussion or None,
        "gen_ai.agent.name": trace.architect,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.response.finish_reasons": None if trace.finish is None else [trace.finish],
        "error.type": trace.error.kind if trace.error else None,
        "moa.round": trace.round,
        "moa.stage": trace.stage or None,
        "moa.cost_usd": usage.cost_usd,
        "moa.seconds_to_first_word": trace.first_word,
        "moa.tries": len(trace.tries) + 1,
        "moa.repairs": trace.repairs or None,
        "moa.cancelled": trace.cancelled or None,
    }
    span = tracer.start_span(
        f"chat {name}",
        kind=SpanKind.CLIENT,
        attributes={key: value for key, value in known.items() if value is not None},
        start_time=_nanoseconds(trace, 0.0),
    )
    if trace.error:
        span.set_status(Status(StatusCode.ERROR))
    span.end(_nanoseconds(trace, trace.seconds))


def _nanoseconds(trace: CallTrace, seconds: float) -> int:
    """That many seconds after the call began, since the epoch."""
    return round((trace.begun + timedelta(seconds=seconds)).timestamp() * 1e9)


@contextmanager
def round_span(discussion: str, number: int | None, preset: str) -> Generator[None]:
    """A span around all calls that are made within the block, also in tasks that are begun in it. Not for the body of
    an async generator, whose beginning and end may be in different tasks."""
    if (tracer := _tracer()) is None:
        yield
        return
    known = {"gen_ai.conversation.id": discussion or None, "moa.round": number, "moa.preset": preset or None}
    attributes = {key: value for key, value in known.items() if value is not None}
    with tracer.start_as_current_span("moa round", attributes=attributes, record_exception=False):
        yield
