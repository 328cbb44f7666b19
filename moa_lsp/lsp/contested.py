"""Where architects differ, in the editor by plain LSP alone: a warning on the lines, with what each would do there as
related information, actions and lenses to settle it, and the story of a hunk as a hover.

A view: where they differ is `session/disagreement.py`'s, and what an action does is a command's. The diagnostics of the
hunks themselves are `review.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen
from lsprotocol import types

from moa_lsp.discussion.names import listed
from moa_lsp.discussion.values import Attitude
from moa_lsp.edits.differing.values import Alternative, Disagreement, Region, View
from moa_lsp.edits.lines import split_lines
from moa_lsp.lsp.positions import PositionCodec, range_object
from moa_lsp.lsp.review import SOURCE, Place, quickfix
from moa_lsp.session.deeds import GLYPHS, deed
from moa_lsp.session.markdown import fenced, plain

CODE = "contested"
_LONGEST = 12
"""Lines of an edit that a hover shows at most of either side."""
_VERBS = {Attitude.SUPPORT: "supports", Attitude.AMEND: "amends", Attitude.OBJECT: "objects"}


@frozen
class Lines:
    """A contested region's lines: 0-based, the last one included. An insertion is shown on the line before it."""

    region: Region
    first: int
    last: int

    @classmethod
    def of(cls, region: Region) -> Lines:
        first, last = (region.start, region.end - 1) if region.end > region.start else (region.start - 1,) * 2
        return cls(region, max(first, 0), max(last, 0))


def said(view: View) -> str:
    """What an architect thinks, in a few words."""
    return f"{view.architect.upper()} {_VERBS[view.kind]}" + (f": {view.reason}" if view.reason else "")


def message(region: Region) -> str:
    """What a region is about, in a sentence for people."""
    if len(region.alternatives) == 1:
        only = region.alternatives[0]
        objects = [said(view) for view, _ in region.views]
        return ". ".join([f"{who(only)} {_would(only)} {summary(only)}", *objects])
    ways = "; ".join(f"{who(one)}: {summary(one)}" for one in region.alternatives)
    objects = [said(view) for view, _ in region.views]
    return ". ".join([f"{listed([who(one) for one in region.alternatives])} differ here. {ways}", *objects])


def who(alternative: Alternative) -> str:
    return " and ".join(name.upper() for name in alternative.architects)


def _would(alternative: Alternative) -> str:
    return "propose to" if len(alternative.architects) > 1 else "proposes to"


def summary(alternative: Alternative) -> str:
    """What an alternative does, in the words of its hunks."""
    return ", ".join(deed(one.file, one.hunk) for one in alternative.hunks)


def diagnostic(region: Region, lines: Sequence[str], codec: PositionCodec, uri: str, related: bool) -> types.Diagnostic:
    """A contested region as a warning. `related`: the client knows related information; else the message holds it."""
    at = Lines.of(region)
    text = lines[at.last].rstrip("\r\n") if at.last < len(lines) else ""
    span = types.Range(types.Position(at.first, 0), types.Position(at.last, codec.units(text, len(text))))
    shown = types.Diagnostic(
        range=span,
        message=f"{GLYPHS[region.stand]} {message(region)}",
        severity=types.DiagnosticSeverity.Warning,
        source=SOURCE,
        code=CODE,
        data={"hunks": list(region.hunks)},
    )
    if related:
        shown.message = f"{GLYPHS[region.stand]} {headline(region)}"
        shown.related_information = [*_related(region, lines, codec, uri)]
    return shown


def headline(region: Region) -> str:
    """Who differs, without what about."""
    if len(region.alternatives) > 1:
        return f"{listed([who(one) for one in region.alternatives])} differ here."
    objecting = [view.architect.upper() for view, _ in region.views if view.kind is Attitude.OBJECT]
    verb = "objects" if len(objecting) == 1 else "object"
    proposing = " and ".join(who(one) for one in region.alternatives)
    return f"{listed(objecting)} {verb} to what {proposing} would do here."


def _related(
    region: Region, lines: Sequence[str], codec: PositionCodec, uri: str
) -> list[types.DiagnosticRelatedInformation]:
    found: list[types.DiagnosticRelatedInformation] = []
    for number, one in enumerate(region.alternatives):
        spans = [part.hunk for part in one.hunks if part.file.where == region.path]
        start = min((hunk.start for hunk in spans), default=region.start)
        end = max((hunk.end for hunk in spans), default=region.end)
        place = types.Location(uri, codec.range(lines, (start, 0), (end, 0)))
        agreeing = listed([name.upper() for name in one.supporters])
        backing = f" ({agreeing} {'agree' if len(one.supporters) > 1 else 'agrees'})" if one.supporters else ""
        found.append(types.DiagnosticRelatedInformation(place, f"{who(one)}: {summary(one)}{backing}"))
        for view, about in region.views:
            if about == number:
                found.append(types.DiagnosticRelatedInformation(place, said(view)))
    return found


# --- settling


def actions(region: Region, on: list[types.Diagnostic], uri: str, asked: types.Range) -> list[types.CodeAction]:
    """What can be done about a contested region."""
    found = [
        quickfix(f"Take {_whose(one)}", "take", {"hunks": [hunk.hunk.id for hunk in one.hunks]}, on)
        for one in region.alternatives
    ]
    found.append(quickfix("Leave these lines as they are", "leave", {"hunks": list(region.hunks)}, on))
    selection = {"uri": uri, "range": range_object(asked)}
    # None of the architects' own words: what they wrote must not come back to them as the user's.
    question = f"{headline(region)} Discuss just these lines: which way is right here, and why?"
    again: dict[str, Any] = {"message": question, "selection": selection}
    found.append(quickfix("Another round on just this", "discuss", again, on))
    return found


def _whose(alternative: Alternative) -> str:
    return " and ".join(f"{name.upper()}'s" for name in alternative.architects)


def reopening(places: Sequence[Place], on: Callable[[Place], list[types.Diagnostic]]) -> list[types.CodeAction]:
    """Opening decisions again, one for each settled hunk that waits here."""
    return [
        quickfix("Open this decision again", "reopen", {"hunks": [place.hunk.id]}, on(place))
        for place in places
        if place.hunk.settled
    ]


def lenses(region: Region) -> list[types.CodeLens]:
    """The lenses above a contested region: take one's, or leave it."""
    at = types.Position(Lines.of(region).first, 0)
    glyph = GLYPHS[region.stand]
    ways: list[tuple[str, str, list[str]]] = [
        (f"Take {_whose(one)}", "take", [hunk.hunk.id for hunk in one.hunks]) for one in region.alternatives
    ]
    ways.append(("Leave it", "leave", list(region.hunks)))
    return [
        types.CodeLens(
            range=types.Range(at, at),
            command=types.Command(
                title=f"{glyph} {title}" if number == 0 else title,
                command=f"moa.{command}",
                arguments=[{"hunks": hunks}],
            ),
        )
        for number, (title, command, hunks) in enumerate(ways)
    ]


# --- the story of a hunk


def hover(places: Sequence[Place], differing: Disagreement) -> str | None:
    """What is pending on a line, as Markdown: who proposes it, who is for and against it, and the edit itself."""
    parts: list[str] = []
    for place in places:
        stand = differing.stand_of(place.hunk)
        glyph = f"{GLYPHS[stand]} " if stand else ""
        names = listed([name.upper() for name in place.hunk.sources]) or "moa"
        verb = "propose" if len(place.hunk.sources) > 1 else "proposes"
        head = f"{glyph}**{plain(names)}** {verb} to {plain(deed(place.file, place.hunk, with_excerpt=False))}"
        head += f" · {stand.value}" if stand else ""
        views = [f"- {plain(said(view))}" for view in differing.views.get(place.hunk.id, ())]
        parts.append("\n".join([head, *([""] if views else []), *views, "", _as_diff(place)]))
    return "\n\n---\n\n".join(parts) if parts else None


def _as_diff(place: Place) -> str:
    shown: list[str] = []
    for sign, text in (("-", place.hunk.old), ("+", place.hunk.new)):
        lines = [line.rstrip("\r\n") for line in split_lines(text)]
        shown += [f"{sign}{line}" for line in lines[:_LONGEST]]
        if len(lines) > _LONGEST:
            shown.append(f" … {len(lines) - _LONGEST} more")
    return "\n".join(fenced("\n".join(shown), "diff"))
