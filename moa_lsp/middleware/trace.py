"""Notes what each call to a model came to: who was asked when, with what, how it ended, and what that took.

Rules: one note a call as the user counts them, the tries that were made again noted in it; a call that is given up is
noted too. Messages are noted by reference (role, length, the beginning of a hash) and never by their text, also not
where an error quotes them; keys and headers aren't noted at all. Whatever goes wrong in noting costs the call nothing.

Never here: where the notes go (`store/traces.py`, `spans.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from attrs import field, frozen, mutable

from moa_lsp.discussion.values import Failure, Usage
from moa_lsp.models.errors import redact
from moa_lsp.models.model import Call, Chunk, Done, ModelError, Waiting
from moa_lsp.models.replay import is_replay

_log = logging.getLogger(__name__)

_HASH_DIGITS = 16
_LONGEST_FINISH = 40
_QUOTED = 16
"""So many letters and digits in a row that an error has in common with a message are taken for a quotation of it."""


@frozen
class Referred:
    """A message that was sent, by reference: its length in code points and the first digits of its text's SHA-256."""

    role: str
    characters: int
    sha256: str


@frozen
class Again:
    """A try that failed and was made once more: how it failed, and the seconds that were waited then."""

    kind: str
    seconds: float


@frozen
class CallTrace:
    """What one call came to.

    `round` is `None` outside of a round, `first_word` where no word arrived; both that and `seconds` count from
    `begun`. `finish` is the provider's word, `error` the failure as people are told it. `repairs` says that edits were
    asked for once more, `cancelled` that the call was given up.
    """

    begun: datetime
    discussion: str
    architect: str
    model: str
    round: int | None = None
    stage: str = ""
    repairs: bool = False
    messages: tuple[Referred, ...] = ()
    first_word: float | None = None
    seconds: float = 0.0
    usage: Usage = field(factory=Usage)
    finish: str | None = None
    error: Failure | None = None
    cancelled: bool = False
    tries: tuple[Again, ...] = ()


class Trace:
    """Calls that are told of once they are over. `ask` makes them, as `Model.stream` does; `secrets` are texts that
    never stand in what is told."""

    def __init__(
        self,
        ask: Callable[[Call], AsyncGenerator[Chunk, None]],
        tell: Callable[[CallTrace], None],
        secrets: Collection[str] = (),
    ) -> None:
        self._ask = ask
        self._tell = tell
        self._secrets = secrets

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """See `Model.stream`."""
        watch = _Watch(call)
        try:
            async with aclosing(self._ask(call)) as chunks:
                async for chunk in chunks:
                    watch.take(chunk)
                    if isinstance(chunk, Done):
                        self._over(watch, finish=chunk.finish, usage=chunk.usage)
                    yield chunk
        except ModelError as failed:
            self._over(watch, error=Failure(failed.kind, failed.message), usage=failed.usage)
            raise
        except (GeneratorExit, asyncio.CancelledError):
            self._over(watch, cancelled=True)
            raise
        except Exception as error:
            self._over(watch, error=Failure("internal", type(error).__name__))
            raise

    def _over(
        self,
        watch: _Watch,
        *,
        finish: str | None = None,
        usage: Usage | None = None,
        error: Failure | None = None,
        cancelled: bool = False,
    ) -> None:
        if watch.told:  # who has heard the last word may close the call, which is no giving up
            return
        watch.told = True
        call, architect = watch.call, watch.call.architect
        try:
            if error is not None:
                said = unquoted(redact(error.message, self._secrets), _texts(call))
                error = Failure(error.kind, said)
            if usage is None:
                usage = Usage.nothing() if is_replay(architect.model) else Usage()
            trace = CallTrace(
                begun=watch.begun,
                discussion=call.discussion,
                architect=architect.name,
                model=redact(architect.model),
                round=call.round,
                stage=call.stage,
                repairs=call.repairs,
                messages=_referred(call),
                first_word=watch.first_word,
                seconds=watch.age(),
                usage=usage,
                finish=None if finish is None else redact(finish, self._secrets)[:_LONGEST_FINISH],
                error=error,
                cancelled=cancelled,
                tries=tuple(watch.tries),
            )
            self._tell(trace)
        except Exception:
            _log.exception("A call could not be traced")


@mutable
class _Watch:
    """One call while it runs."""

    call: Call
    begun: datetime = field(factory=lambda: datetime.now(UTC), init=False)
    first_word: float | None = field(default=None, init=False)
    tries: list[Again] = field(factory=list[Again], init=False)
    told: bool = field(default=False, init=False)
    _began_at: float = field(factory=time.monotonic, init=False)

    def age(self) -> float:
        return time.monotonic() - self._began_at

    def take(self, chunk: Chunk) -> None:
        if isinstance(chunk, Waiting):
            if chunk.after is not None:
                self.tries.append(Again(chunk.after, chunk.seconds))
        elif not isinstance(chunk, Done) and self.first_word is None:
            self.first_word = self.age()


def _referred(call: Call) -> tuple[Referred, ...]:
    return tuple(_reference(role, text) for role, text in zip(_roles(call), _texts(call), strict=True))


def _reference(role: str, text: str) -> Referred:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Referred(role, len(text), digest[:_HASH_DIGITS])


_KNOWN_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


def _roles(call: Call) -> Sequence[str]:
    if call.passing is None:
        return [message.role for message in call.messages]
    # Another program wrote them, and may have written anything there.
    said = [message.get("role") for message in call.passing.messages]
    return [role if isinstance(role, str) and role in _KNOWN_ROLES else "other" for role in said]


def _texts(call: Call) -> Sequence[str]:
    """What was sent, message by message. Where one is more than a text (tool calls, pictures), it is its JSON."""
    if call.passing is None:
        return [message.text for message in call.messages]
    return [_text(message.get("content"), message) for message in call.passing.messages]


def _text(content: object, message: object) -> str:
    return content if isinstance(content, str) and content else json.dumps(message, ensure_ascii=False, default=str)


def unquoted(said: str, texts: Sequence[str]) -> str:
    """What was said, without what it quotes of these texts: `[…]` stands in the place of each quotation.

    Only letters and digits are compared, so that neither blanks nor an escaping hide one. A quotation that is shorter
    than `_QUOTED` of them stays.
    """
    plain = re.sub(r"\\[nrtbf]", "  ", said)  # what JSON writes for a line end is no letter
    places = [place for place, character in enumerate(plain) if character.isalnum()]
    letters = "".join(plain[place] for place in places)
    sources = [re.sub(r"[\W_]+", "", text) for text in texts]
    quoted = bytearray(len(said))
    for first in range(len(letters) - _QUOTED + 1):
        piece = letters[first : first + _QUOTED]
        if any(piece in source for source in sources):
            start, end = places[first], places[first + _QUOTED - 1] + 1
            quoted[start:end] = b"\1" * (end - start)
    kept = ""
    for place, character in enumerate(said):
        if not quoted[place]:
            kept += character
        elif place == 0 or not quoted[place - 1]:
            kept += "[…]"
    return kept
