"""Which long command runs under which request and which progress token, so that every road of cancelling reaches it.

`$/cancelRequest` on an executeCommand doesn't reach its coroutine in pygls, and progress tokens are never forgotten
there (measured): both are looked up here instead. `moa.cancel` goes through the session by the discussion.
"""

from __future__ import annotations

from attrs import field, mutable

from moa_lsp.session.session import Run


@mutable
class Runs:
    """The long commands that are running on one connection."""

    _by_request: dict[str | int, Run] = field(factory=dict[str | int, Run], init=False)
    _by_token: dict[str | int, Run] = field(factory=dict[str | int, Run], init=False)

    def begin(self, request: str | int) -> Run:
        run = Run()
        self._by_request[request] = run
        return run

    def reports_under(self, run: Run, token: str | int) -> None:
        """The run's progress bears this token: its cancel is the run's."""
        self._by_token[token] = run

    def end(self, request: str | int) -> None:
        run = self._by_request.pop(request, None)
        self._by_token = {token: other for token, other in self._by_token.items() if other is not run}

    def cancel_request(self, request: str | int) -> bool:
        """Cancels the run of a request; tells whether there is one."""
        return self._cancel(self._by_request.get(request))

    def cancel_token(self, token: object) -> None:
        """Cancels the run that reports under a token; one that is unknown or over is passed over."""
        if isinstance(token, str | int):
            self._cancel(self._by_token.get(token))

    def _cancel(self, run: Run | None) -> bool:
        if run is None:
            return False
        run.cancel()
        return True
