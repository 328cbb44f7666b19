"""What the editor is shown without asking: diagnostics for pending hunks and for mistakes in settings, kept up to date.

A view of the session: it is worked out anew soon after anything moved, and only what differs is sent. The code
actions and lenses on the same lines are answered from the same places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from attrs import field, mutable
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Disagreement, Region, Stand
from moa_lsp.edits.following.twins import hunks_of
from moa_lsp.lsp import contested, review
from moa_lsp.lsp.buffers import Buffers
from moa_lsp.lsp.positions import PositionCodec
from moa_lsp.lsp.settings_sources import SettingsSources
from moa_lsp.session import events
from moa_lsp.session.session import Session
from moa_lsp.settings.layers import SettingsProblem
from moa_lsp.settings.lines import Span

_SOON = 0.05
"""Seconds in which several moves are gathered into one publication; less than the eye notices."""

Publish = Callable[[str, int | None, list[types.Diagnostic]], None]


@mutable
class Publishing:
    """One connection's diagnostics, code actions and lenses. `refresh` asks the editor to ask for the lenses anew;
    `None` where it can't be asked to."""

    session: Session
    buffers: Buffers
    sources: SettingsSources
    codec: PositionCodec
    publish: Publish
    refresh: Callable[[], None] | None
    tell: Callable[[events.Event], None]
    related: bool
    """Whether the client shows related information of a diagnostic."""
    _moved: set[str] = field(factory=set[str], init=False)
    """The discussions in which something moved since the last publication."""
    _told: dict[str, Disagreement] = field(factory=dict[str, Disagreement], init=False)
    """Where each discussion's architects differed, as it was told last."""
    _published: dict[str, list[types.Diagnostic]] = field(factory=dict[str, list[types.Diagnostic]], init=False)
    _lenses: list[tuple[str, types.CodeLens]] = field(factory=list[tuple[str, types.CodeLens]], init=False)
    """The lenses as the editor was last told that there are new ones, each with its file."""
    _opened: set[str] = field(factory=set[str], init=False)
    """The documents that were opened since: what the editor shows in them isn't known."""
    _planned: asyncio.TimerHandle | None = field(default=None, init=False)

    def heard(self, event: events.Event) -> None:
        """An event may have made or settled hunks."""
        match event:
            case events.TurnFinished() | events.ChangeReady() | events.ChangeUpdated() | events.DiscussionUpdated():
                self._moved.add(event.discussion)
                self.soon()
            case events.RoundFinished() | events.CodeFinished():
                self.soon()
            case _:
                pass

    def opened(self, uri: str) -> None:
        """A document was opened. It may be one that was renamed, and Neovim carries the diagnostics that were shown
        under the old name along (measured): so something is published for it, were it that there is nothing."""
        self._opened.add(uri)
        self.soon()

    def soon(self) -> None:
        """Publishes in a moment, once for everything that moves until then."""
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(_SOON, self.now)

    def now(self) -> None:
        """Publishes what differs from what was published."""
        if self._planned:
            self._planned.cancel()
            self._planned = None
        places = self._places()
        self._tell_differences()
        wanted = {
            self.buffers.uri(path): shown
            for path, shown in review.diagnostics(places, self.buffers.lines, self.codec).items()
        }
        contested_now = self._contested()
        for region in contested_now:
            uri = self.buffers.uri(region.path)
            wanted.setdefault(uri, []).append(self._contested_diagnostic(region))
        # What is wrong in the user's own file is wrong in every folder, and told once.
        problems = {
            (uri, problem): configuration.root
            for configuration in self.session.configurations
            for problem in configuration.problems
            if (uri := self.sources.uri_of(problem.layer, configuration.root))
        }
        for (uri, problem), root in problems.items():
            wanted.setdefault(uri, []).append(self._settings_diagnostic(problem, root))
        for uri in {**self._published, **wanted, **dict.fromkeys(self._opened)}:
            if uri in self._opened or wanted.get(uri, []) != self._published.get(uri, []):
                self.publish(uri, self.buffers.version_of_uri(uri), wanted.get(uri, []))
        self._published = wanted
        self._opened.clear()
        if self.refresh:
            by_path: dict[str, list[review.Place]] = {}
            for place in places:
                by_path.setdefault(place.path, []).append(place)
            shown = [(path, lens) for path, here in by_path.items() for lens in review.lenses(here)]
            shown += [(region.path, lens) for region in contested_now for lens in contested.lenses(region)]
            if shown != self._lenses:
                self._lenses = shown
                self.refresh()

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The code actions for a range of a document."""
        uri, span = params.text_document.uri, params.range
        path = self.buffers.path(uri)
        if path is None:
            return []
        here = [
            place
            for place in self._places()
            if place.path == path and place.first <= span.end.line and span.start.line <= place.last
        ]
        lines = self.buffers.lines(path)
        actions = self._settling_actions(path, span, here)
        actions += review.hunk_actions(here, lambda place: review.diagnostic(place, lines, self.codec))
        problems = [problem for problem in params.context.diagnostics if problem.source != review.SOURCE]
        actions += review.discuss_actions(uri, span, problems, self._can_code())
        return [action for action in actions if review.wanted(action, params.context.only)]

    def lenses(self, uri: str) -> list[types.CodeLens]:
        """The code lenses of a document."""
        path = self.buffers.path(uri)
        if path is None:
            return []
        settling = [lens for region in self._contested() if region.path == path for lens in contested.lenses(region)]
        return settling + review.lenses([place for place in self._places() if place.path == path])

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is pending on a line, and what the architects think of it."""
        path, line = self.buffers.path(params.text_document.uri), params.position.line
        here = [one for one in self._places() if one.path == path and one.first <= line <= one.last]
        told = contested.hover(here, self._differing()) if here else None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told)) if told else None

    # --- where the architects differ

    def _differing(self) -> Disagreement:
        current = self.session.current()
        return self.session.deciding.disagreements.of(current) if current is not None else Disagreement("")

    def _contested(self) -> tuple[Region, ...]:
        return self._differing().contested

    def _contested_diagnostic(self, region: Region) -> types.Diagnostic:
        lines, uri = self.buffers.lines(region.path), self.buffers.uri(region.path)
        return contested.diagnostic(region, lines, self.codec, uri, self.related)

    def _settling_actions(self, path: str, span: types.Range, here: Sequence[review.Place]) -> list[types.CodeAction]:
        found: list[types.CodeAction] = []
        lines, uri = self.buffers.lines(path), self.buffers.uri(path)
        for region in self._contested():
            at = contested.Lines.of(region)
            if region.path == path and at.first <= span.end.line and span.start.line <= at.last:
                on = [self._contested_diagnostic(region)]
                asked = self.codec.range(lines, (at.first, 0), (at.last + 1, 0))
                found += contested.actions(region, on, uri, asked)
        return found + contested.reopening(here, lambda place: [review.diagnostic(place, lines, self.codec)])

    def _tell_differences(self) -> None:
        """Tells where the architects of a discussion differ now, and of the changes whose hunks stand otherwise. While
        a round or a `/code` runs it waits: their events come in an order of their own."""
        current = self.session.current()
        running = set(self.session.running)
        moved = {*self._moved, *([current] if current is not None else [])}
        self._moved &= running
        for id in moved - running:
            now = self.session.deciding.disagreements.of(id)
            before = self._told.get(id, Disagreement(id))
            if gist(now) == gist(before):
                continue
            self._told[id] = now
            stood = {change.id for change in self.session.changes.of(id) if _stands_otherwise(change, before, now)}
            for change in stood:
                self.tell(events.ChangeUpdated(id, self.session.changes.now(change)))
            self.tell(events.DisagreementUpdated(id, now))

    def _can_code(self) -> bool:
        current = self.session.current()
        return current is not None and bool(self.session.discussion(current).rounds)

    def _places(self) -> list[review.Place]:
        return review.places(self.session.changes.standing(self.session.current()), self._differing())

    def _settings_diagnostic(self, problem: SettingsProblem, root: Path | None) -> types.Diagnostic:
        lines = self.sources.lines(problem.layer, root)
        at = problem.span or Span(0, 0, 0, 0)
        span = self.codec.range(lines, (at.first_line, at.first_column), (at.last_line, at.last_column))
        warning = problem.severity == "warning"
        return types.Diagnostic(
            range=span,
            message=problem.message,
            severity=types.DiagnosticSeverity.Warning if warning else types.DiagnosticSeverity.Error,
            source=review.SOURCE,
            code="settings",
        )


def gist(differing: Disagreement) -> Hashable:
    """What makes two disagreements the same for whoever is told: all but where the lines are by now. Where nobody
    proposes an edit, nobody differs."""
    if not differing.regions:
        return ()
    regions = tuple(
        (
            region.path,
            region.stand,
            frozenset(region.hunks),
            tuple(
                (one.architects, one.supporters, tuple((part.hunk.id, part.hunk.settled) for part in one.hunks))
                for one in region.alternatives
            ),
            region.views,
        )
        for region in differing.regions
    )
    return (differing.architects, regions, frozenset(differing.views.items()))


def _stands_otherwise(change: Change, before: Disagreement, now: Disagreement) -> bool:
    ids = [hunk.id for hunk in hunks_of(change)]
    # A new hunk was told with its turn, and that nobody else had proposed it.
    return any(
        before.stands.get(id, Stand.ALONE) != now.stands.get(id, Stand.ALONE)
        or before.views.get(id) != now.views.get(id)
        for id in ids
    )
