"""The one table of how a call can fail: kinds, what people are told, and how litellm's errors are read.

Rules: every kind has a sentence with a next step; litellm's own classes are not trusted alone (measured with litellm
1.106: a refused connection and a missing key both arrive as `InternalServerError`, an unknown provider as
`BadRequestError`, a forbidden model as a bare `APIError`), so a row is picked by class, status and words together; no
key ever stands in a message. `shortfall` is the rule for replies that arrived as a success and are none.

Never here: I/O, litellm itself, retries (`moa_lsp/middleware/retry.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from math import ceil

from attrs import field, frozen

from moa_lsp.discussion.names import EDITOR
from moa_lsp.discussion.values import Architect, Failure, Usage
from moa_lsp.models.model import ModelError

_LONGEST_DETAIL = 240
"""Code points of a provider's own words that a message quotes."""


class Kind(StrEnum):
    """How a call can fail. The names go over the wire and into the store, so they are only ever added to."""

    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    NO_CREDIT = "no_credit"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_PROVIDER = "unknown_provider"
    RATE_LIMIT = "rate_limit"
    CONTEXT_TOO_LONG = "context_too_long"
    CONTENT_FILTER = "content_filter"
    REFUSED_CONNECTION = "refused_connection"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    CUT = "cut"
    EMPTY = "empty"
    LENGTH = "length"
    OVERLOADED = "overloaded"
    BAD_REQUEST = "bad_request"
    WORKER_DIED = "worker_died"
    REPLAY_ENDED = "replay_ended"
    BAD_REPLAY = "bad_replay"
    KEY_NOT_NAMED = "key_not_named"
    NO_EDITOR_MODEL = "no_editor_model"
    NO_PERMISSION = "no_permission"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


SENTENCES: Mapping[Kind, str] = {
    Kind.NO_KEY: "No key for {provider}: set {variable}, or {without}.",
    Kind.WRONG_KEY: "{provider} refused the key for {model}: check {variable}, or {without}.",
    Kind.NO_CREDIT: "The account at {provider} may not use {model} any further: top it up, or {without}.",
    Kind.UNKNOWN_MODEL: "{provider} does not know the model {model}: check its name in the settings, or {without}.",
    Kind.UNKNOWN_PROVIDER: (
        "{model} names no provider that is known: write it as provider/model (openai/…, anthropic/…, ollama/…), "
        "or {without}."
    ),
    Kind.RATE_LIMIT: "{model} is at its rate limit: ask again {when}, or {without}.",
    Kind.CONTEXT_TOO_LONG: (
        "The discussion is too long for {model}: send fewer files, start a new discussion, or {without}."
    ),
    Kind.CONTENT_FILTER: "{provider} filtered the question or the reply of {model}: rephrase it, or {without}.",
    Kind.REFUSED_CONNECTION: "{where} could not be reached for {model}: check that it runs and the network is up.",
    Kind.TIMEOUT: "{model} said nothing {within}: ask again, give {name} a longer timeout, or {without}.",
    Kind.STALLED: "{model} stopped in the middle and said nothing more {within}: ask again, or {without}.",
    Kind.CUT: "The connection to {model} was lost before its reply was whole: ask again.",
    Kind.EMPTY: "{model} replied with nothing: ask again, or {without}.",
    Kind.LENGTH: (
        "The reply of {model} was cut off at its longest length: raise maxTokens for {name}, or ask for less at once."
    ),
    Kind.OVERLOADED: "{provider} has trouble answering for {model} at the moment: ask again {when}, or {without}.",
    Kind.BAD_REQUEST: "{provider} did not accept the request to {model}: check the settings of {name}.",
    Kind.WORKER_DIED: "The process that talks to models ended before {model} had replied: ask again, a new one starts.",
    Kind.REPLAY_ENDED: "The recording {model} holds no reply for {name} here: start a new discussion with it.",
    Kind.BAD_REPLAY: "The recording {model} can't be read: mend it, or {without}.",
    Kind.KEY_NOT_NAMED: (
        "{where} wants a key for {model}, and none was sent: name the variable that holds it in the apiKeyEnv of "
        "{name}, or {without}."
    ),
    Kind.NO_EDITOR_MODEL: (
        "{model} is a model of an editor that has it, and this one doesn't offer it: {without}{another}."
    ),
    Kind.NO_PERMISSION: "The editor may not ask {model} for this: allow it when the editor asks, or {without}.",
    Kind.BLOCKED: "The editor lets nobody ask {model} at the moment: ask again later, or {without}.",
    Kind.UNKNOWN: "Asking {model} failed: ask again, or {without}.",
}
"""What people are told. `{when}` is `in N s` or `later`, `{within}` is `within N s` or `in time`, `{where}` the address
that was asked or the provider's name, `{without}` how to go on without this model: an editor model can't be dropped,
and `{another}` what else an architect can do."""

_QUOTED = frozenset(
    {
        Kind.NO_CREDIT,
        Kind.WRONG_KEY,
        Kind.UNKNOWN_MODEL,
        Kind.CONTEXT_TOO_LONG,
        Kind.OVERLOADED,
        Kind.BAD_REQUEST,
        Kind.WORKER_DIED,
        Kind.REPLAY_ENDED,
        Kind.BAD_REPLAY,
        Kind.KEY_NOT_NAMED,
        Kind.NO_EDITOR_MODEL,
        Kind.NO_PERMISSION,
        Kind.BLOCKED,
        Kind.UNKNOWN,
    }
)
"""Kinds whose message quotes the words that came with the error: the sentence alone doesn't say enough."""

_NOTHING_USED = frozenset(Kind) - {
    Kind.TIMEOUT,
    Kind.STALLED,
    Kind.CUT,
    Kind.EMPTY,
    Kind.LENGTH,
    Kind.WORKER_DIED,
    Kind.UNKNOWN,
}
"""Kinds where no request was sent or the provider refused it, as long as no word had arrived."""


@frozen
class ErrorData:
    """A failed call as the worker tells it: litellm's class name, the HTTP status it goes with (if any), its words.

    `code` is the provider's own name for the error, where it has one. `headers` are the answer's that say when
    to ask again, names in lower case. `spoke` says that words had arrived.
    """

    name: str
    status: int | None = None
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str])
    spoke: bool = False


_BY_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"LLM Provider NOT provided|Unmapped LLM provider", Kind.UNKNOWN_PROVIDER),
    (r"Missing credentials|Missing \S+ API key|api_key client option must be set|No API key", Kind.NO_KEY),
    (r"exceeded your current quota|insufficient_quota|insufficient (balance|credit)|credit balance", Kind.NO_CREDIT),
    (
        r"maximum context length|context_length_exceeded|context window|prompt is too long|input token count .*exceeds",
        Kind.CONTEXT_TOO_LONG,
    ),
    (r"content management policy|content_filter|ContentPolicyViolation", Kind.CONTENT_FILTER),
    (r"payload is not completed|peer closed connection|incomplete (chunked )?read|connection reset", Kind.CUT),
    (r"Timeout on reading data|APITimeoutError|Request timed out", Kind.TIMEOUT),
    (
        r"Cannot connect to host|Connect call failed|connection refused|Connection error|Name or service not known"
        r"|nodename nor servname|All connection attempts failed|getaddrinfo failed",
        Kind.REFUSED_CONNECTION,
    ),
    (r"overloaded", Kind.OVERLOADED),
    (r"invalid_api_key|Incorrect API key|API key not valid|invalid x-api-key", Kind.WRONG_KEY),
    (r"model_not_found|model .*(does not exist|not found)", Kind.UNKNOWN_MODEL),
)
"""Looked for first, in this order: the words are more exact than the class (measured, see the head)."""

_BY_NAME: Mapping[str, Kind] = {
    "AuthenticationError": Kind.WRONG_KEY,
    "PermissionDeniedError": Kind.WRONG_KEY,
    "NotFoundError": Kind.UNKNOWN_MODEL,
    "RateLimitError": Kind.RATE_LIMIT,
    "ContextWindowExceededError": Kind.CONTEXT_TOO_LONG,
    "ContentPolicyViolationError": Kind.CONTENT_FILTER,
    "BudgetExceededError": Kind.NO_CREDIT,
    "ServiceUnavailableError": Kind.OVERLOADED,
    "BadGatewayError": Kind.OVERLOADED,
    "UnsupportedParamsError": Kind.BAD_REQUEST,
    "WorkerDied": Kind.WORKER_DIED,
}

_BY_STATUS: Mapping[int, Kind] = {
    401: Kind.WRONG_KEY,
    402: Kind.NO_CREDIT,
    403: Kind.WRONG_KEY,
    404: Kind.UNKNOWN_MODEL,
    408: Kind.OVERLOADED,
    413: Kind.CONTEXT_TOO_LONG,
    429: Kind.RATE_LIMIT,
}


def kind_of(data: ErrorData) -> Kind:
    """Which row of the table an error is: by its words, then its class, then its status."""
    said = f"{data.message} {data.code}"
    words = next((kind for pattern, kind in _BY_WORDS if re.search(pattern, said, re.IGNORECASE)), None)
    if words is not None:
        broken = words in (Kind.REFUSED_CONNECTION, Kind.CUT)
        return Kind.CUT if broken and data.spoke else words
    if data.name in _BY_NAME:
        return _BY_NAME[data.name]
    if data.status is not None and data.status in _BY_STATUS:
        return _BY_STATUS[data.status]
    if data.status is not None and data.status >= 500:
        return Kind.CUT if data.spoke else Kind.OVERLOADED
    if data.status is not None and data.status >= 400:
        return Kind.BAD_REQUEST
    return Kind.UNKNOWN


def classify(
    data: ErrorData,
    architect: Architect,
    *,
    variable: str | None,
    keyless: bool = False,
    keys: Iterable[str] = (),
    now: datetime | None = None,
) -> ModelError:
    """The error that people and the retry see. `variable` is the environment variable the key is read from; `keyless`
    says that no key was sent, as none was named for that address; `keys` are the known keys, none of which will stand
    in the message; `now` is for a Retry-After that is a date."""
    kind = kind_of(data)
    if keyless and kind in (Kind.NO_KEY, Kind.WRONG_KEY):
        kind = Kind.KEY_NOT_NAMED
    wait = retry_after(data, now or datetime.now(UTC))
    detail = redact(_own_words(data.message), keys)
    return error(kind, architect, variable=variable, wait=wait, detail=detail, spoke=data.spoke)


def error(
    kind: Kind,
    architect: Architect,
    *,
    variable: str | None = None,
    wait: float | None = None,
    seconds: float | None = None,
    detail: str = "",
    spoke: bool = False,
) -> ModelError:
    """A `ModelError` of that kind with its sentence. `wait` is when to ask again, `seconds` how long was waited."""
    message = sentence(kind, architect, variable=variable, wait=wait, seconds=seconds)
    if detail and kind in _QUOTED:
        message += f" ({_clipped(detail)})"
    usage = Usage.nothing() if kind in _NOTHING_USED and not spoke else Usage()
    return ModelError(kind.value, message, retry_after=wait, usage=usage)


def sentence(
    kind: Kind,
    architect: Architect,
    *,
    variable: str | None = None,
    wait: float | None = None,
    seconds: float | None = None,
) -> str:
    """What people are told about a failure of that kind: one sentence with a next step."""
    # In the name of an editor's model, `vscode:VENDOR/FAMILY`, it is the vendor.
    provider = provider_of(architect.model).rpartition(":")[2]
    edits = architect.name == EDITOR
    return SENTENCES[kind].format(
        name=architect.name,
        without="set another editor model" if edits else f"drop {architect.name}",
        another="" if edits else " or name another model",
        model=architect.model,
        provider=provider,
        variable=variable or "its key",
        when="later" if wait is None else f"in {ceil(wait)} s",
        where=architect.api_base or provider,
        within="in time" if seconds is None else f"within {seconds:g} s",
    )


def provider_of(model: str) -> str:
    """The provider's prefix of a litellm model name; a name without one is its own."""
    return model.partition("/")[0]


_SHORT: Mapping[str, tuple[Kind, str]] = {
    "length": (Kind.LENGTH, "The reply was cut off at its longest length: raise maxTokens, or ask for less at once."),
    "content_filter": (Kind.CONTENT_FILTER, "The provider filtered the reply: put the question differently."),
}


def shortfall(finish: str | None, text: str, *, called: bool = False) -> Failure | None:
    """Why a reply that arrived without an error is none, or `None` where it is one (measured: an empty stream, `length`
    and `content_filter` all arrive as success). One that `called` tools needs no text. Whether a reply whose end the
    provider never confirmed (`finish` is `None`) is whole shows in its fences, which is for the discussion to
    decide."""
    if finish is not None and finish in _SHORT:
        kind, message = _SHORT[finish]
        return Failure(kind.value, message)
    if not text.strip() and not called:
        return Failure(Kind.EMPTY.value, "The reply was empty: ask again.")
    return None


_SECRET = re.compile(
    r"""
      \bBearer\s+[^\s"',;}]+
    | \b(?:sk|pk|rk|gsk|xai|hf|r8|pplx|nvapi|ghp|github_pat|csk|tgp|fw)[-_][A-Za-z0-9_*.\-]{6,}
    | \b(?:AIza|AKIA|ASIA)[A-Za-z0-9_\-]{12,}
    | (?<=[?&]key=)[^\s&"']+
    | (?<=api[-_]key[=:])\s*[^\s,"']+
    """,
    re.VERBOSE,
)


def redact(text: str, keys: Iterable[str] = ()) -> str:
    """The text without any of the known keys and without anything that looks like one."""
    for key in sorted((key for key in keys if len(key) >= 4), key=len, reverse=True):
        text = text.replace(key, "[key]")
    return _SECRET.sub("[key]", text)


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of an environment that are secrets by their variables' names."""
    named = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)($|_)", re.IGNORECASE)
    return tuple(value for name, value in environ.items() if named.search(name) and value)


def retry_after(data: ErrorData, now: datetime) -> float | None:
    """Seconds until the provider wants to be asked again: `retry-after-ms`, `retry-after` (seconds or an HTTP date,
    RFC 9110 10.2.3), or the same said in words, as OpenAI and Gemini do. `None` where it said nothing."""
    millis = _number(data.headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    given = data.headers.get("retry-after")
    seconds = _number(given)
    if seconds is not None:
        return seconds
    if given:
        try:
            return max(0.0, (parsedate_to_datetime(given) - now).total_seconds())
        except (ValueError, TypeError):
            return None
    said = re.search(r"""(?:try\sagain|retry)\sin\s(?:(\d+)m)?([\d.]+)s|"retryDelay":\s*"([\d.]+)s""", data.message)
    if said is None:
        return None
    minutes, rest = said.group(1), said.group(2) or said.group(3)
    seconds = _number(rest.rstrip("."))
    return None if seconds is None else seconds + 60 * int(minutes or 0)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None


_PAGE = re.compile(r"<(?:!doctype html|html|head|body)\b.*", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


def _own_words(message: str) -> str:
    """The provider's words without litellm's class names in front and the traceback some of its errors drag along."""
    message = message.partition("\nTraceback")[0]
    message = re.sub(r"^(?:(?:litellm\.)?(?:\w+ )?\w*(?:Error|Exception|Timeout)\s*[:-]\s*)+", "", message.strip())
    message = re.sub(r"\.?\s*Handle with `litellm\.\w+`\.", "", message)
    if page := _PAGE.search(message):
        # A proxy or a gateway answered, not the model's server: its page says nothing but its title.
        title = _TITLE.search(page[0])
        message = f"{message[: page.start()]}a web page{f': {title[1]}' if title else ''}"
    return " ".join(message.split())


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 1] + "…"
