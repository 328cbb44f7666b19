"""Our end of the worker process: starts it when it is needed, sends it orders, hands out what it answers.

Rules: the worker's environment is an allowlist, so that no base URL and no key of another provider reaches litellm;
it starts in a folder of ours with a safe path, so that nothing of a workspace is imported; a call that is given up is
cancelled at once, and the process is killed if it doesn't confirm that within a second; a process that dies fails the
calls that ran in it, and the next call starts a new one. What it writes to stderr goes to our log, without keys.

Never here: what an error means (`errors.py`), keys and settings (`litellm_model.py`), litellm itself (`worker.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from attrs import field, frozen

from moa_lsp.discussion.values import Message, Usage
from moa_lsp.models.errors import ErrorData, redact, secrets_in
from moa_lsp.models.model import Chunk, Done, Passing, ToolCalls, Waiting, Words

_log = logging.getLogger(__name__)

_CANCEL_SECONDS = 1.0
_END_SECONDS = 0.8
_WARM_SECONDS = 60.0

_PROGRAM = Path(__file__).with_name("worker.py")

_PASSED = re.compile(
    r"""
      PATH | HOME | USER | LOGNAME | LANG | LC_.* | TZ | TMPDIR | TEMP | TMP | SYSTEMROOT | WINDIR | COMSPEC
    | APPDATA | LOCALAPPDATA | PROGRAMDATA | USERPROFILE | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE
    | CURL_CA_BUNDLE | (HTTP|HTTPS|ALL|NO)_PROXY | AWS_.* | GOOGLE_APPLICATION_CREDENTIALS | GOOGLE_CLOUD_.*
    | CLOUDSDK_.* | VERTEXAI_.* | AZURE_API_VERSION | AZURE_(TENANT|CLIENT)_.* | XDG_.*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NEVER_PASSED = re.compile(r".*(_BASE_URL|_API_BASE|_ENDPOINT_URL.*)", re.IGNORECASE)


@frozen
class Order:
    """One call as the worker is told it. `key` is sent and kept nowhere else; `base` is `None` for the provider's own
    address; `messages` alternate as strict providers want them. With `passing` that is sent in their place."""

    model: str
    messages: Sequence[Message]
    key: str | None = field(default=None, repr=False)
    base: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    passing: Passing | None = field(default=None, repr=False)


class CallFailed(Exception):
    """A call that the worker could not finish; `data` says what litellm said."""

    def __init__(self, data: ErrorData) -> None:
        super().__init__(data.name)
        self.data = data


class WorkerClient:
    """The one worker process, whichever that is at the moment."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        """`folder` is where the process runs: a folder of ours, made if it isn't there. `environ` is the user's."""
        self._folder = folder
        self._environ = worker_environment(environ)
        self._secrets = set(secrets_in(environ))
        self._process: _Process | None = None
        self._starting = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The running process's id, or `None`."""
        return self._process.pid if self._process is not None and self._process.alive else None

    async def warm(self) -> None:
        """Starts the process and imports litellm in it; returns when it is ready. Raises `CallFailed`."""
        process = await self._running()
        if process.warm:
            return
        answers = process.ask({"do": "warm"})
        try:
            async with asyncio.timeout(_WARM_SECONDS):
                await answers.next()
        except TimeoutError:
            process.kill()
            raise CallFailed(ErrorData("WorkerDied", message="it did not get ready")) from None
        process.warm = True

    async def estimate(self, model: str, messages: Sequence[Message]) -> tuple[int, float | None]:
        """The messages' tokens, and what sending them costs in US dollars. Raises `CallFailed`."""
        process = await self._running()
        answer = await process.ask({"do": "estimate", "model": model, "messages": _plain(messages)}).next()
        return int(answer["tokens"]), answer["usd"]

    async def models(self, prefixes: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The names of the chat models that litellm knows of these providers, in no order. Raises `CallFailed`."""
        process = await self._running()
        answers = process.ask({"do": "models", "providers": list(prefixes)})
        try:
            async with asyncio.timeout(_WARM_SECONDS):
                answer = await answers.next()
        except TimeoutError:
            raise CallFailed(ErrorData("WorkerDied", message="it named no models")) from None
        return answer["models"]

    async def stream(self, order: Order) -> AsyncGenerator[Chunk, None]:
        """One call. Yields `Words` and `ToolCalls` and, last, `Done`; `Waiting` of no length where the model reasons
        unseen. Raises `CallFailed`. Closing it cancels the call."""
        if order.key:
            self._secrets.add(order.key)
        process = await self._running()
        start = {
            "do": "start",
            "model": order.model,
            "messages": list(order.passing.messages) if order.passing else _plain(order.messages),
            "key": order.key,
            "base": order.base,
            "temperature": order.temperature,
            "max_tokens": order.max_tokens,
            "headers": dict(order.headers),
            "passed_on": dict(order.passing.parameters) if order.passing else {},
        }
        answers = process.ask(start)
        try:
            while True:
                answer = await answers.next()
                match answer["kind"]:
                    case "chunk":
                        yield Words(answer["text"])
                    case "tools":
                        yield ToolCalls(tuple(answer["calls"]))
                    case "thinking":
                        yield Waiting(0.0, f"{order.model} is thinking.")
                    case _:
                        yield Done(answer["finish"], _usage(answer["usage"]))
                        return
        finally:
            if not answers.ended.is_set():
                # Not awaited here: whoever gives up a call goes on at once, and may be cancelled a second time.
                self._later(process.cancel(answers))

    async def aclose(self) -> None:
        """Ends the process, within a second; calls that run in it fail."""
        async with self._starting:
            process, self._process = self._process, None
            if process is not None:
                await process.end()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _running(self) -> _Process:
        async with self._starting:
            if self._process is None or not self._process.alive:
                self._process = await self._started()
            return self._process

    def _working_folder(self) -> Path:
        """Our folder, or the file system's root where ours can't be made (a home that is read-only): no workspace."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return Path(self._folder.absolute().anchor)
        return self._folder

    async def _started(self) -> _Process:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                str(_PROGRAM),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._working_folder(),
                env=self._environ,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise CallFailed(ErrorData("WorkerDied", message=f"it could not be started: {error}")) from error
        return _Process(process, self._secrets)

    def _later(self, ending: Any) -> None:
        task = asyncio.get_running_loop().create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class _Answers:
    """What the worker answers to one order, in order."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.ended = asyncio.Event()
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put(self, answer: dict[str, Any]) -> None:
        if answer["kind"] not in ("chunk", "tools", "thinking"):
            self.ended.set()
        self._queue.put_nowait(answer)

    async def next(self) -> dict[str, Any]:
        """The next answer; raises `CallFailed` where it is an error."""
        answer = await self._queue.get()
        if answer["kind"] == "error":
            names = ("name", "code", "status", "message", "headers", "spoke")
            raise CallFailed(ErrorData(**{name: answer[name] for name in names if name in answer}))
        if answer["kind"] == "cancelled":
            raise CallFailed(ErrorData("WorkerDied", message="the call was cancelled in it"))
        return answer


class _Process:
    """One worker process and the calls that run in it."""

    def __init__(self, process: asyncio.subprocess.Process, secrets: Iterable[str]) -> None:
        self.warm = False
        self.alive = True
        self._process = process
        self._secrets = secrets
        self._calls: dict[int, _Answers] = {}
        self._numbers = count(1)
        self._last_words = ""
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, order: dict[str, Any]) -> _Answers:
        """Sends an order; the answers arrive in what is returned."""
        answers = _Answers(next(self._numbers))
        self._calls[answers.number] = answers
        self._send({**order, "id": answers.number})
        if not self.alive:
            self._fail(answers)
        return answers

    async def cancel(self, answers: _Answers) -> None:
        """Cancels a call, and kills the process if it doesn't confirm that within a second."""
        self._send({"do": "cancel", "id": answers.number})
        try:
            async with asyncio.timeout(_CANCEL_SECONDS):
                await answers.ended.wait()
        except TimeoutError:
            _log.warning("the model worker did not end a call within %s s and is killed", _CANCEL_SECONDS)
            self.kill()

    def kill(self) -> None:
        """Ends the process at once; no call is given to it any more."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Lets the process end by closing its stdin, kills it if it doesn't, and waits until it is gone."""
        self.alive = False
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        await self._reading

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        if self.alive:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _read(self) -> None:
        """Hands out the answers until the process ends; then its calls fail."""
        listening = asyncio.create_task(self._listen())
        assert self._process.stdout is not None
        held = bytearray()
        # Not `readline`: it gives up on a line of more than 64 KiB, and a burst may be one of 10 MB.
        while block := await self._process.stdout.read(1 << 16):
            searched = len(held)
            held += block
            while (end := held.find(b"\n", searched)) >= 0:
                line = bytes(held[:end])
                del held[: end + 1]
                searched = 0
                self._take(line)
        self.alive = False
        await listening
        await self._process.wait()
        for answers in list(self._calls.values()):
            self._fail(answers)

    def _take(self, line: bytes) -> None:
        answer: dict[str, Any] = json.loads(line)
        answers = self._calls.get(answer["id"])
        if answers is not None:
            answers.put(answer)
            if answers.ended.is_set():
                del self._calls[answers.number]

    def _fail(self, answers: _Answers) -> None:
        died: dict[str, Any] = {"name": "WorkerDied", "status": None, "message": self._last_words, "headers": {}}
        answers.put({"kind": "error", **died, "spoke": True})
        self._calls.pop(answers.number, None)

    async def _listen(self) -> None:
        """Passes what the process writes to stderr on to the log, a block at a time and without keys."""
        assert self._process.stderr is not None
        held = ""
        while block := await self._process.stderr.read(1 << 16):
            # Up to the last line end: a key cut in two would not be known.
            text, _, held = (held + block.decode(errors="backslashreplace")).rpartition("\n")
            self._heard(text)
        self._heard(held)

    def _heard(self, text: str) -> None:
        text = redact(text, self._secrets).strip()
        if text:
            self._last_words = text.splitlines()[-1]
            _log.info("model worker: %s", text)


def worker_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What of the user's environment the worker gets: the paths and locale, certificates, proxies, and clouds' own
    credentials. No address of a provider, and no other provider's key."""
    return {
        name: value for name, value in environ.items() if _PASSED.fullmatch(name) and not _NEVER_PASSED.fullmatch(name)
    }


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.text} for message in messages]


def _usage(reported: Mapping[str, Any] | None) -> Usage:
    if reported is None:
        return Usage()
    return Usage.of(reported["input"], reported["cached"], reported["output"], reported["usd"])
