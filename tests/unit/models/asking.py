"""What the tests of this folder ask with: a call from a few words, and all that came of it."""

from __future__ import annotations

from contextlib import aclosing

from attrs import frozen

from moa_lsp.discussion.values import Architect, Message
from moa_lsp.models.model import Call, Chunk, Done, Model, ModelError, Waiting, Words


@frozen
class Outcome:
    """What a call came to: its chunks, and the error it ended with, if any."""

    chunks: tuple[Chunk, ...]
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, Words))

    @property
    def waits(self) -> list[Waiting]:
        return [chunk for chunk in self.chunks if isinstance(chunk, Waiting)]

    @property
    def done(self) -> Done:
        assert self.error is None, f"the call failed: {self.error.kind}: {self.error.message}"
        (done,) = [chunk for chunk in self.chunks if isinstance(chunk, Done)]
        assert self.chunks[-1] is done
        return done

    @property
    def failed(self) -> ModelError:
        assert self.error is not None, "the call did not fail"
        return self.error


def call(
    model: str, base: str | None = None, *messages: Message, timeout: float | None = None, key: str | None = None
) -> Call:
    """A call of alpha's, with the key that a variable of that name holds; without messages it says hello."""
    architect = Architect("alpha", model, api_base=base, timeout=timeout, api_key_env=key)
    return Call(architect, messages or (Message("user", "Hello?"),))


async def outcome(model: Model, asked: Call) -> Outcome:
    """Asks, and reads to the end."""
    chunks: list[Chunk] = []
    try:
        async with aclosing(model.stream(asked)) as stream:
            async for chunk in stream:
                chunks.append(chunk)
    except ModelError as error:
        return Outcome(tuple(chunks), error)
    return Outcome(tuple(chunks))
