"""Proposals in the editor by plain LSP alone: pending hunks as diagnostics, with code actions and lenses on them.

A hunk that several changes propose alike is shown once, and names everybody. A view: which hunks are pending and where
they stand is `session/changes.py`'s; what an action does is a command's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from attrs import evolve, frozen
from lsprotocol import types

from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Disagreement, Stand
from moa_lsp.edits.values import FileChange, Hunk, HunkStatus
from moa_lsp.lsp.positions import PositionCodec, range_object
from moa_lsp.session.deeds import describe

SOURCE = "moa"


@frozen
class Place:
    """A pending hunk and where it stands: the file's path now, and 0-based lines, the last one included. `twins` are
    the other changes that hold the same one, `stand` is how it stands among the architects."""

    change: Change
    file: FileChange
    hunk: Hunk
    path: str
    first: int
    last: int
    twins: tuple[Change, ...] = ()
    stand: Stand | None = None


def places(changes: Iterable[Change], differing: Disagreement | None = None) -> list[Place]:
    """Every pending hunk, twins once. An insertion stands on the line before it (the first line, where there is
    none)."""
    found: dict[tuple[object, ...], Place] = {}
    for change in changes:
        for file in change.files:
            for hunk in file.hunks:
                if hunk.status is HunkStatus.PENDING:
                    first, last = (hunk.start, hunk.end - 1) if hunk.end > hunk.start else (hunk.start - 1,) * 2
                    same = (file.where, file.kind, file.new_path, hunk.start, hunk.end, hunk.new, hunk.renames)
                    stand = differing.stand_of(hunk) if differing else None
                    place = Place(change, file, hunk, file.where, max(first, 0), max(last, 0), stand=stand)
                    found[same] = _both(found[same], place) if same in found else place
    return list(found.values())


def _both(one: Place, twin: Place) -> Place:
    """The first of two equal places, with the names of both."""
    sources = tuple(dict.fromkeys((*one.hunk.sources, *twin.hunk.sources)))
    hunk, stand = evolve(one.hunk, sources=sources), one.stand or twin.stand
    return evolve(one, hunk=hunk, twins=(*one.twins, twin.change), stand=stand)


def diagnostics(
    found: Iterable[Place], lines_of: Callable[[str], Sequence[str]], codec: PositionCodec
) -> Mapping[str, list[types.Diagnostic]]:
    """The pending hunks as diagnostics: path to what is to be published for it."""
    by_path: dict[str, list[types.Diagnostic]] = {}
    # Fetched once a file: finding a file costs a look at the disk, and a change may hold a thousand hunks.
    texts: dict[str, Sequence[str]] = {}
    for place in found:
        if place.path not in texts:
            texts[place.path] = lines_of(place.path)
        by_path.setdefault(place.path, []).append(diagnostic(place, texts[place.path], codec))
    return by_path


def diagnostic(place: Place, lines: Sequence[str], codec: PositionCodec) -> types.Diagnostic:
    """One pending hunk as a diagnostic, from the beginning of its first line to the end of its last."""
    text = lines[place.last].rstrip("\r\n") if place.last < len(lines) else ""
    end = codec.units(text, len(text))
    return types.Diagnostic(
        range=types.Range(types.Position(place.first, 0), types.Position(place.last, end)),
        message=describe(place.file, place.hunk, place.stand),
        severity=types.DiagnosticSeverity.Information,
        source=SOURCE,
        code=place.change.id,
        data={"change": place.change.id, "hunk": place.hunk.id},
    )


def hunk_actions(here: Sequence[Place], shown: Callable[[Place], types.Diagnostic]) -> list[types.CodeAction]:
    """What can be done on a line with pending hunks: apply or reject each, apply the whole change."""
    actions: list[types.CodeAction] = []
    for place in here:
        who = " and ".join(place.hunk.sources) or "moa"
        change, hunk = place.change.id, place.hunk.id
        on = [shown(place)]
        actions.append(quickfix(f"Apply this hunk ({who})", "apply", {"change": change, "hunks": [hunk]}, on))
        actions.append(quickfix(f"Reject this hunk ({who})", "reject", {"change": change, "hunks": [hunk]}, on))
    changes = (change for place in here for change in (place.change, *place.twins))
    for change in {change.id: change for change in changes}.values():
        pending = [hunk for file in change.files for hunk in file.hunks if hunk.status is HunkStatus.PENDING]
        title = whole_title(change, len(pending))
        on = [shown(place) for place in here if change in (place.change, *place.twins)]
        actions.append(quickfix(title, "apply", {"change": change.id}, on))
    return actions


def lenses(here: Sequence[Place]) -> list[types.CodeLens]:
    """The lenses of one file's hunks: apply or reject each, and above a change's first one, all of it in this file."""
    shown: list[types.CodeLens] = []
    met: set[str] = set()
    for place in sorted(here, key=lambda one: one.first):
        who = " and ".join(place.hunk.sources) or "moa"
        change, hunk = place.change.id, place.hunk.id
        shown.append(_lens(place, f"Apply ({who})", "apply", {"change": change, "hunks": [hunk]}))
        shown.append(_lens(place, "Reject", "reject", {"change": change, "hunks": [hunk]}))
        if change not in met and len(ids := [one.hunk.id for one in here if one.change.id == change]) > 1:
            shown.append(_lens(place, f"Apply all {len(ids)}", "apply", {"change": change, "hunks": ids}))
        met.add(change)
    return shown


def _lens(place: Place, title: str, command: str, argument: dict[str, object]) -> types.CodeLens:
    at = types.Position(place.first, 0)
    carried = types.Command(title=title, command=f"moa.{command}", arguments=[argument])
    return types.CodeLens(range=types.Range(at, at), command=carried)


def whole_title(change: Change, count: int) -> str:
    """What applying all of a change is called; so many of its hunks are pending."""
    return f"Apply the whole change ({change.source}, {'1 hunk' if count == 1 else f'{count} hunks'})"


def quickfix(title: str, command: str, argument: dict[str, Any], on: list[types.Diagnostic]) -> types.CodeAction:
    """An action on these diagnostics that carries out one of the contract's commands."""
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=on,
        command=types.Command(title=title, command=f"moa.{command}", arguments=[argument]),
        data=argument,
    )


def discuss_actions(
    uri: str, span: types.Range, problems: Sequence[types.Diagnostic], can_code: bool
) -> list[types.CodeAction]:
    """Discuss these lines (or the problem on them), and where a discussion stands, code it."""
    whole_line = span.start == span.end
    message = "Let's discuss these lines: what should change here, and why?"
    title = "Discuss this line with the architects" if whole_line else "Discuss this with the architects"
    if problems:
        said = "; ".join(problem.message for problem in problems)
        message = f"Let's discuss this problem: {said}"
        title = "Discuss this problem with the architects"
    selection = {"uri": uri, "range": range_object(span)}
    actions = [_rewrite(title, "discuss", {"message": message, "selection": selection})]
    if can_code:
        actions.append(_rewrite("Have what was discussed implemented", "code", {}))
    return actions


def _rewrite(title: str, command: str, argument: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.RefactorRewrite,
        command=types.Command(title=title, command=f"moa.{command}", arguments=[argument]),
    )


def wanted(action: types.CodeAction, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the client asked for this kind of action: `refactor` asks for `refactor.rewrite` too (LSP 3.17)."""
    if not only:
        return True
    kind = str(getattr(action.kind, "value", action.kind))
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(one == "" or kind == one or kind.startswith(f"{one}.") for one in asked)


def resolved(action: types.CodeAction, find: Callable[[str], Change | None]) -> types.CodeAction:
    """The action as it stands now: switched off, with the reason, where its hunks can't be applied any more."""
    data = action.data
    if not isinstance(data, dict):
        return action
    argument = cast("dict[str, Any]", data)
    if "change" not in argument:
        return action
    change = find(str(argument.get("change")))
    named = argument.get("hunks")
    hunks = [hunk for file in change.files for hunk in file.hunks] if change else []
    left = [h for h in hunks if (named is None or h.id in named) and h.status is HunkStatus.PENDING]
    if not left:
        action.disabled = types.CodeActionDisabled("The lines were changed since, or this was settled already.")
    return action
