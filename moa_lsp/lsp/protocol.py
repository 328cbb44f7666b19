"""JSON-RPC as this server means it: every request is answered, whatever it looks like.

pygls answers nothing to malformed parameters, puts tracebacks into errors and can't cancel a command (each
measured), so the way from a message to its handler is laid here: what kind of message it is, whether it may
come now, and which error tells what is wrong. The project's own methods and commands are taken raw and
validated by `commands.py`; standard LSP messages are structured by lsprotocol and handled in `server.py`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import (
    FeatureNotificationError,
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

_log = logging.getLogger(__name__)

MsgId = str | int
RawRequest = Callable[[MsgId, str, Mapping[str, object]], Any]
"""Takes a request's id, method and raw params; returns a coroutine of its result. Must not fail itself."""


class MoaProtocol(LanguageServerProtocol):
    """One connection. `server` (see `server.py`) handles what is the project's own through `raw_request`,
    `raw_notifications` (by method, each with its params as they came), `cancel_run` and `cancel_progress`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.raw_request: RawRequest | None = None
        self.raw_notifications: Mapping[str, Callable[[object], None]] = {}
        self.cancel_run: Callable[[MsgId], bool] = lambda _: False
        self.cancel_progress: Callable[[object], None] = lambda _: None
        self.initialized = False
        self.exit_code: int | None = None

    def take(self, body: bytes) -> None:
        """Handles one frame's body. Never raises."""
        try:
            message: object = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, JsonRpcParseError("The message is not JSON."))
            return
        if not isinstance(message, dict):
            self._refuse(None, JsonRpcInvalidRequest("A message is one JSON object; batches are not part of LSP."))
            return
        self.handle_message(cast("dict[str, Any]", message))

    def handle_message(self, message: Any) -> None:
        msg_id, method = message.get("id"), message.get("method")
        usable_id = isinstance(msg_id, str | int) and not isinstance(msg_id, bool)
        if "method" not in message and ("result" in message or "error" in message):
            if usable_id:
                self._take_response(msg_id, message)
            return
        if message.get("jsonrpc") != "2.0" or not isinstance(method, str) or ("id" in message and not usable_id):
            if "id" in message or not isinstance(method, str):
                error = JsonRpcInvalidRequest(
                    "A request needs jsonrpc '2.0', a method and an id that is a string or number."
                )
                self._refuse(msg_id if usable_id else None, error)
            return
        if "id" in message:
            self._take_request(msg_id, method, message)
        else:
            self._take_notification(method, message)

    # --- requests

    def _take_request(self, msg_id: MsgId, method: str, message: dict[str, Any]) -> None:
        if self._shutdown:
            self._refuse(msg_id, JsonRpcInvalidRequest("The server is shutting down."))
        elif not self.initialized and method != types.INITIALIZE:
            self._refuse(msg_id, JsonRpcServerNotInitialized("The server is not initialized."))
        elif self.initialized and method == types.INITIALIZE:
            self._refuse(msg_id, JsonRpcInvalidRequest("The server is initialized already."))
        elif msg_id in self._request_futures:
            self._refuse(msg_id, JsonRpcInvalidRequest(f"A request with the id {msg_id!r} is still running."))
        elif self.raw_request and (method.startswith("moa/") or method == types.WORKSPACE_EXECUTE_COMMAND):
            self._execute_raw(msg_id, method, message.get("params"))
        elif method not in types.METHOD_TO_TYPES or not self._has_handler(method):
            self._refuse(msg_id, JsonRpcMethodNotFound(f"Method Not Found: {method}"))
        else:
            self._take_standard(msg_id, method, message)

    def _execute_raw(self, msg_id: MsgId, method: str, params: object) -> None:
        raw_request = self.raw_request
        assert raw_request
        if not isinstance(params, dict):
            self._refuse(msg_id, JsonRpcInvalidParams(f"{method} takes one object of parameters."))
            return
        coroutine = raw_request(msg_id, method, cast("dict[str, object]", params))
        task = asyncio.ensure_future(coroutine)
        self._request_futures[msg_id] = cast("Future[Any]", task)
        task.add_done_callback(partial(self._send_handler_result, msg_id=msg_id))

    def _take_standard(self, msg_id: MsgId, method: str, message: dict[str, Any]) -> None:
        try:
            structured = self.structure_message(message)
        except JsonRpcException:
            self._refuse(
                msg_id, JsonRpcInvalidParams(f"The parameters of {method} don't have the shape LSP 3.17 gives them.")
            )
            return
        if method == types.INITIALIZE:
            self.initialized = True
        super().handle_message(cast("Any", structured))

    def _has_handler(self, method: str) -> bool:
        builtin = cast("dict[str, object]", self.fm.builtin_features)  # pyright: ignore[reportUnknownMemberType]
        return method in builtin or method in self._features

    @property
    def _features(self) -> dict[str, Callable[..., Any]]:
        return cast("dict[str, Callable[..., Any]]", self.fm.features)  # pyright: ignore[reportUnknownMemberType]

    def _send_handler_result(self, future: Any, *, msg_id: MsgId) -> None:
        """Answers a request. No traceback ever leaves for the client: what went wrong inside is in the log."""
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, JsonRpcRequestCancelled("The request was cancelled."))
        elif (error := future.exception()) is None:
            self._send_response(msg_id, result=future.result())
        elif isinstance(error, JsonRpcException):
            self._refuse(msg_id, error)
        else:
            _log.error("A request failed inside", exc_info=error)
            inside = f"Something went wrong inside moa-lsp ({type(error).__name__}). The log has the details."
            self._refuse(msg_id, JsonRpcException(inside, code=types.ErrorCodes.InternalError.value))

    def _refuse(self, msg_id: MsgId | None, error: JsonRpcException) -> None:
        failure: dict[str, object] = {"code": error.code, "message": error.message}
        # Only what we say ourselves: pygls puts tracebacks into the data of its own errors.
        if error.code == types.LSPErrorCodes.RequestFailed.value and error.data is not None:
            failure["data"] = error.data
        self._send_data({"jsonrpc": "2.0", "id": msg_id, "error": failure})

    # --- notifications

    def _take_notification(self, method: str, message: dict[str, Any]) -> None:
        params = message.get("params")
        if method == types.EXIT:
            self.exit_code = 0 if self._shutdown else 1
        elif not self.initialized or self._shutdown:
            _log.info("%s came outside of a running session and was passed over", method)
        elif method == types.CANCEL_REQUEST:
            self._take_cancel(params)
        elif method == types.WINDOW_WORK_DONE_PROGRESS_CANCEL:
            if isinstance(params, dict):
                self.cancel_progress(cast("dict[str, object]", params).get("token"))
        elif take := self.raw_notifications.get(method):
            take(params)
        elif method in types.METHOD_TO_TYPES and self._has_handler(method):
            try:
                structured = self.structure_message(message)
            except JsonRpcException:
                _log.error("The parameters of %s don't have the shape LSP 3.17 gives them", method)
                return
            super().handle_message(cast("Any", structured))

    def _take_cancel(self, params: object) -> None:
        msg_id = cast("dict[str, Any]", params).get("id") if isinstance(params, dict) else None
        if not isinstance(msg_id, str | int) or self.cancel_run(msg_id):
            return
        if (future := self._request_futures.get(msg_id)) and isinstance(future, asyncio.Future):
            future.cancel()

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()):
            _log.error("A notification's handler failed", exc_info=error)
            self._server.report_server_error(error, FeatureNotificationError)

    # --- requests of our own, and the responses to them

    def give_up(self, msg_id: MsgId) -> None:
        """Cancels a request of ours at the client. An answer that comes all the same is passed over."""
        self._request_futures.pop(msg_id, None)
        self._result_types.pop(msg_id, None)
        self.notify(types.CANCEL_REQUEST, types.CancelParams(id=msg_id))

    def _take_response(self, msg_id: MsgId, message: dict[str, Any]) -> None:
        future = self._request_futures.pop(msg_id, None)
        result_type = self._result_types.pop(msg_id, None)
        if future is None or isinstance(future, asyncio.Future) or future.done():
            return
        error = message.get("error")
        if error is not None:
            told = cast("dict[str, object]", error) if isinstance(error, dict) else {"message": error}
            said, code = str(told.get("message") or ""), told.get("code")
            code = code if isinstance(code, int) else None
            future.set_exception(
                JsonRpcException(said or "The client answered with an error.", code=code, data=told.get("data"))
            )
            return
        if result_type is None:
            future.set_result(message.get("result"))
            return
        try:
            structured = self._converter.structure(message, result_type)
        except Exception:  # whatever the client sent, it is not what was asked for
            future.set_exception(JsonRpcException("The client's answer doesn't have the shape LSP 3.17 gives it."))
        else:
            future.set_result(structured.result)

    # --- what pygls does by itself and this server does otherwise

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: Any) -> Generator[Any, Any, None]:
        yield self._features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: Any) -> Generator[Any, Any, None]:
        """Only our own documents: pygls' copy takes 5 ms a keystroke in a long file and splits lines wrongly
        (measured)."""
        yield self._features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: Any) -> Generator[Any, Any, None]:
        yield self._features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Ends what runs first: pygls answers with an error when a command is running (measured)."""
        yield self._features[types.SHUTDOWN], args, None
        self._shutdown = True
