"""The HTTP side: who may ask, and an answer on its way to a client.

Rules: it listens on loopback only; every request bears the token, which is compared in constant time; the `Host` it was
sent to is one of this machine's, or some web page's name was bound to this address; no page of another origin is let
read an answer, since nothing says that it may; what a client says wrong is answered in OpenAI's shape, and what goes
wrong inside is in the log only; a client that goes away stops all calls made for it; no client is told to ask again,
since that would pay for all calls once more.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol
from uuid import uuid4

from aiohttp import web
from attrs import field, mutable

from moa_lsp.answering.answer import Answered, Event, answer
from moa_lsp.answering.calls import Models
from moa_lsp.answering.chat import BadChat
from moa_lsp.answering.memory import Memory
from moa_lsp.answering.references import Note
from moa_lsp.endpoint import shapes
from moa_lsp.endpoint.shapes import Envelope, Refusal, Wanted, comment
from moa_lsp.models.model import ModelError, ToolCalls, Words
from moa_lsp.settings.settings import Lineup, Settings

_log = logging.getLogger(__name__)

LONGEST_REQUEST = 32 * 1024 * 1024
"""Bytes of the longest request: pictures come in it."""

_ALIVE_SECONDS = 10.0
"""How long a client waits for anything at most: then it gets the headers, and hears that something goes on."""

_SHUTDOWN_SECONDS = 1.0

_NAMES = ("localhost",)


class Workspace(Protocol):
    """The folder whose settings hold (`moa_lsp/session/one_folder.py`)."""

    @property
    def settings(self) -> Settings: ...

    async def lineup(self, preset: str | None = None) -> Lineup: ...

    def role_text(self) -> Callable[[str], str]: ...


@mutable
class Endpoint:
    """Serves one folder's presets as models. `token` is what clients give as their key."""

    workspace: Workspace
    models: Models
    token: str = field(repr=False)
    _memory: Memory = field(factory=Memory, init=False)
    _runner: web.AppRunner | None = field(default=None, init=False)

    async def start(self, host: str, port: int) -> int:
        """Listens on a loopback address (`127.0.0.1` or `::1`) and returns the port, which is a free one where 0 was
        given. Raises `OSError`, and `ValueError` for an address of another kind."""
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is no address of this machine alone")
        app = web.Application(middlewares=[self._guard], client_max_size=LONGEST_REQUEST)
        app.router.add_get("/v1/models", self._list)
        app.router.add_get("/v1/models/{name:.+}", self._show)
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def aclose(self) -> None:
        """Stops listening and ends what runs."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- who may ask

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not _is_this_machine(request.headers.get("Host", "")):
            return _refused(Refusal(403, "This server answers only under the name of this machine: 127.0.0.1."))
        if not self._knows(request.headers.get("Authorization", "")):
            return _refused(
                Refusal(401, "Give the endpoint's token as the API key: moa-lsp endpoint says where it is.", "token")
            )
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return _refused(Refusal(413, f"The request is longer than {LONGEST_REQUEST // 2**20} MiB."))
        except web.HTTPException as error:
            asked = f"{request.method} {request.path}"[:200]
            return _refused(Refusal(error.status, f"There is no {asked} here: see /v1/models."))
        except BadChat as bad:
            unknown = bad.parameter == "model"
            status, code = (404, "model_not_found") if unknown else (400, None)
            return _refused(Refusal(status, str(bad), code, bad.parameter))
        except ModelError as failed:
            return _refused(shapes.refusal_of(failed))
        except ConnectionError:
            raise  # the client is gone
        except Exception as error:
            return _refused(_inside(error))

    def _knows(self, header: str) -> bool:
        kind, _, given = header.partition(" ")
        same = hmac.compare_digest(given.strip().encode("utf-8", "surrogatepass"), self.token.encode())
        return same and kind.lower() == "bearer"

    # --- what there is

    async def _list(self, _: web.Request) -> web.Response:
        settings = self.workspace.settings
        return web.json_response(shapes.models(settings.known_presets, _titles(settings)))

    async def _show(self, request: web.Request) -> web.Response:
        settings, name = self.workspace.settings, request.match_info["name"]
        preset = name.removeprefix(shapes.PREFIX)
        if not name.startswith(shapes.PREFIX) or preset not in settings.known_presets:
            raise BadChat(f"There is no model {name[:100]!r}: see /v1/models.", "model")
        return web.json_response(shapes.model(preset, _titles(settings).get(preset)))

    # --- an answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body: object = json.loads(await request.read())
        except (ValueError, RecursionError):
            raise BadChat("The request's body isn't JSON.", "body") from None
        wanted = shapes.read_request(body, self.workspace.settings.known_presets)
        lineup = await self.workspace.lineup(wanted.preset)
        envelope = Envelope(f"chatcmpl-{uuid4().hex}", int(time.time()), f"{shapes.PREFIX}{wanted.preset}")
        role_text = self.workspace.role_text()
        answering = answer(wanted.chat, lineup, self.models, role_text=role_text, memory=self._memory)
        async with aclosing(answering) as events:
            if wanted.streamed:
                return await self._streamed(request, wanted, envelope, events)
            return await _whole(envelope, events)

    async def _streamed(
        self, request: web.Request, wanted: Wanted, envelope: Envelope, events: AsyncGenerator[Event, None]
    ) -> web.StreamResponse:
        stream = _Stream(request, wanted, envelope)
        # The headers wait for the first word, as long as that is soon: what fails before it fails as any request does,
        # by its status. An error inside a stream is taken by many clients for a reason to ask again.
        held: list[Event] = []
        async with aclosing(_paced(events, _ALIVE_SECONDS)) as paced:
            try:
                async for event in paced:
                    if not stream.began and isinstance(event, Note):
                        held.append(event)
                        continue
                    if not stream.began:
                        await stream.begin()
                        for note in held:
                            await stream.send(note)
                    await stream.send(event)
            except ModelError as failed:
                if not stream.began:
                    raise
                await stream.fail(shapes.refusal_of(failed))
            except ConnectionError:
                raise
            except Exception as error:
                if not stream.began:
                    raise
                await stream.fail(_inside(error))
        return await stream.end()


@mutable
class _Stream:
    """An answer that is sent as it comes."""

    request: web.Request
    wanted: Wanted
    envelope: Envelope
    began: bool = field(default=False, init=False)
    _called: bool = field(default=False, init=False)
    _response: web.StreamResponse = field(factory=web.StreamResponse, init=False)

    async def begin(self) -> None:
        self.began = True
        self._response.headers["Content-Type"] = "text/event-stream; charset=utf-8"
        self._response.headers["Cache-Control"] = "no-cache"
        await self._response.prepare(self.request)
        await self._write(self.envelope.chunk({"role": "assistant", "content": ""}))

    async def send(self, event: Event | None) -> None:
        """Sends what one event is in a stream; without one, that something goes on."""
        match event:
            case None:
                await self._response.write(comment("still at it"))
            case Note(text):
                await self._response.write(comment(text))
            case Words(text):
                await self._write(self.envelope.chunk({"content": text}))
            case ToolCalls(calls):
                self._called = True
                await self._write(self.envelope.chunk({"tool_calls": list(calls)}))
            case Answered():
                await self._write(self.envelope.chunk({}, shapes.finish_of(event, called=self._called)))
                if self.wanted.with_usage:
                    await self._write(self.envelope.last(shapes.usage(event)))
                await self._write("[DONE]")

    async def fail(self, refusal: Refusal) -> None:
        await self._write(refusal.body)

    async def end(self) -> web.StreamResponse:
        await self._response.write_eof()
        return self._response

    async def _write(self, data: shapes.Json | str) -> None:
        await self._response.write(shapes.event(data))


async def _paced(events: AsyncGenerator[Event, None], seconds: float) -> AsyncGenerator[Event | None, None]:
    """The events of an answer, and `None` whenever none came for so many seconds."""
    coming: asyncio.Future[Event] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({coming}, timeout=seconds)
            if not done:
                yield None
                continue
            event, coming = coming.result(), None
            yield event
            if isinstance(event, Answered):
                return
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait({coming})


async def _whole(envelope: Envelope, events: AsyncGenerator[Event, None]) -> web.Response:
    text: list[str] = []
    parts: list[shapes.Json] = []
    async for event in events:
        match event:
            case Words(words):
                text.append(words)
            case ToolCalls(calls):
                parts += map(dict, calls)
            case Answered():
                return web.json_response(envelope.whole("".join(text), parts, event))
            case Note():
                pass
    raise RuntimeError("the answer had no end")


def _refused(refusal: Refusal) -> web.Response:
    # OpenAI's own clients ask again by themselves after many errors, unless they are told not to.
    headers = {"x-should-retry": "false"}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return web.json_response(refusal.body, status=refusal.status, headers=headers)


def _inside(error: Exception) -> Refusal:
    _log.error("An answer failed inside", exc_info=error)
    sentence = f"Something went wrong inside moa-lsp ({type(error).__name__}). The log has the details."
    return Refusal(500, sentence, "internal")


def _is_this_machine(host: str) -> bool:
    """Whether a `Host` header names this machine itself, by a loopback address or as `localhost`."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name.lower() in _NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _titles(settings: Settings) -> dict[str, str]:
    return {name: preset.title for name, preset in settings.presets.items() if preset.title}
