"""What the session's values look like on the wire: the contract's objects, in camelCase.

Ranges are in the negotiated encoding and in the document as it is now. What the contract leaves free is added, never
put in the place of what it fixes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from moa_lsp.context.snapshot import LeftOut
from moa_lsp.discussion.values import Architect, Coding, Discussion, Repair, Round, Seat, Turn, Usage
from moa_lsp.edits.change import Change
from moa_lsp.edits.differing.values import Disagreement
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, Hunk, Problem
from moa_lsp.lsp import differing_values
from moa_lsp.lsp.positions import PositionCodec, range_object
from moa_lsp.session import events
from moa_lsp.session.discussions import Found
from moa_lsp.session.estimates import Estimate
from moa_lsp.session.models_to_pick import ModelToPick
from moa_lsp.session.presets import PresetRow
from moa_lsp.session.preview import FilePreview
from moa_lsp.store.checkpoint import Checkpoint

Json = dict[str, Any]


@frozen
class Wire:
    """Turns values into the contract's objects. `lines` gives a file's lines now, `uri` its URI, `version` its version
    (`None` where it isn't open), `fresh` a change with its hunks where they stand now, `diff` such a one's diff, and
    `change` a change by its id. `folder_uri` is the URI of a workspace folder, by what it is called inside.
    `is_current` and `is_running` tell of a discussion by its id, `arrangement` which preset is in force in one, and
    what it looks like drawn, and `differing` where its architects differ. `reason` gives the words of the step that a
    change's hunk carries out."""

    codec: PositionCodec
    lines: Callable[[str], Sequence[str]]
    uri: Callable[[str], str]
    version: Callable[[str], int | None]
    fresh: Callable[[Change], Change]
    diff: Callable[[Change], str]
    change: Callable[[str], Change | None]
    folder_uri: Callable[[str], str]
    is_current: Callable[[str], bool]
    is_running: Callable[[str], bool]
    arrangement: Callable[[Discussion], tuple[str, str]]
    differing: Callable[[str], Disagreement]
    reason: Callable[[str, Hunk], str]

    # --- discussions

    def usage(self, usage: Usage) -> Json:
        return {
            "inputTokens": usage.input_tokens,
            "cachedTokens": usage.cached_tokens,
            "outputTokens": usage.output_tokens,
            "costUsd": usage.cost_usd,
            "knownCostUsd": usage.known_cost_usd,
        }

    def discussion(self, value: Discussion, usage: Usage | None = None, *, rounds: bool = False) -> Json:
        """`usage` is given where the value comes without its rounds."""
        preset, shape = self.arrangement(value)
        shown: Json = {
            "id": value.id,
            "title": value.title,
            "created": _moment(value.created),
            "folder": self.folder_uri(value.folder) if value.folder else None,
            "architects": [self.architect(one) for one in value.architects],
            "preset": preset,
            "shape": shape,
            "current": self.is_current(value.id),
            "running": self.is_running(value.id),
            "usage": self.usage(usage if usage is not None else value.usage),
        }
        if rounds:
            shown["rounds"] = [self.round(value.id, round) for round in value.rounds]
            shown["codings"] = [self.coding(value.id, coding) for coding in value.codings]
            shown["decisions"] = [differing_values.decision(one) for one in value.decisions]
        return shown

    def architect(self, value: Architect) -> Json:
        shown: Json = {"name": value.name, "model": value.model, "dropped": value.dropped}
        if value.plays:
            shown["role"] = value.plays
        if value.added:
            shown["added"] = True
        if value.seat is not Seat.ARCHITECT:
            shown["seat"] = value.seat.value
        if value.paths:
            shown["paths"] = list(value.paths)
        return shown

    def preset(self, value: PresetRow) -> Json:
        least, most = value.calls
        shown: Json = {
            "name": value.name,
            "kind": value.kind,
            "title": value.title,
            "shape": value.shape,
            "stages": [
                {
                    "stage": one.stage.name,
                    "architects": [architect.name for architect in one.architects],
                    "parallel": one.is_parallel,
                }
                for one in value.stages
            ],
            "architects": [self.architect(one) for one in value.architects],
            "calls": {"least": least, "most": most},
            "costUsd": value.cost_usd,
            "seconds": None if value.seconds is None else round_seconds(value.seconds),
            "basis": value.basis,
            "current": value.current,
            "from": value.source,
        }
        if value.file:
            shown["uri"] = value.file.absolute().as_uri()
        if value.writes_roles:
            shown["writesRoles"] = True
        if value.problem:
            shown["problem"] = value.problem
        return shown

    def found(self, value: Found) -> Json:
        return {
            "discussion": self.discussion(value.discussion, value.usage),
            "excerpts": [{"round": one.round, "architect": one.architect, "text": one.text} for one in value.excerpts],
        }

    def round(self, discussion: str, value: Round, left_out: tuple[LeftOut, ...] = ()) -> Json:
        return {
            "discussion": discussion,
            "number": value.number,
            "message": value.message,
            "turns": [self.turn(turn) for turn in value.turns],
            "usage": self.usage(value.usage),
            "seconds": round_seconds(value.seconds),
            "preset": value.preset,
            "notes": list(value.notes),
            "files": list(value.shown.files),
            "leftOut": [{"path": left.path, "reason": left.reason} for left in left_out],
        }

    def turn(self, value: Turn) -> Json:
        change = self.change(value.change) if value.change else None
        shown: Json = {
            "number": value.number,
            "architect": value.architect,
            "model": value.model,
            "status": value.status.value,
            "text": value.text,
            "proposal": value.proposal,
            "change": self.change_object(change) if change else None,
            "usage": self.usage(value.usage),
            "seconds": round_seconds(value.seconds),
            "notes": list(value.notes),
            "step": value.step,
            "stage": value.stage,
            "parallel": value.parallel,
            **differing_values.said_in(value, change),
        }
        if value.retries is not None:
            shown["retries"] = value.retries
        if value.repair:
            shown["repair"] = self.repair(value.repair)
        if value.error:
            shown["error"] = {"kind": value.error.kind, "message": value.error.message}
        return shown

    def coding(self, discussion: str, value: Coding) -> Json:
        change = self.change(value.change) if value.change else None
        shown: Json = {
            "discussion": discussion,
            "number": value.number,
            "afterRound": value.after_round,
            "message": value.message,
            "model": value.model,
            "status": value.status.value,
            "text": value.text,
            "change": self.change_object(change) if change else None,
            "usage": self.usage(value.usage),
            "seconds": round_seconds(value.seconds),
        }
        if value.composed:
            shown["composed"] = True
        if value.repair:
            shown["repair"] = self.repair(value.repair)
        if value.error:
            shown["error"] = {"kind": value.error.kind, "message": value.error.message}
        return shown

    def repair(self, value: Repair) -> Json:
        shown: Json = {
            "status": value.status.value,
            "text": value.text,
            "usage": self.usage(value.usage),
            "seconds": round_seconds(value.seconds),
        }
        if value.error:
            shown["error"] = {"kind": value.error.kind, "message": value.error.message}
        return shown

    def estimate(self, value: Estimate) -> Json:
        return {
            "architect": value.architect,
            "model": value.model,
            "inputTokens": value.input_tokens,
            "costUsd": value.cost_usd,
            "stage": value.stage,
        }

    def model(self, value: ModelToPick) -> Json:
        shown: Json = {
            "model": value.model,
            "provider": value.provider,
            "ready": value.ready,
            "keyVariable": value.key_variable,
        }
        return {**shown, "reason": value.reason} if value.reason else shown

    # --- changes

    def preview(self, change: str, files: Iterable[FilePreview]) -> Json:
        """A change's files as they are and as they would be."""
        return {
            "change": change,
            "files": [
                {
                    "uri": self.uri(one.file.path),
                    **({"newUri": self.uri(one.file.new_path)} if one.file.new_path else {}),
                    "kind": one.file.kind.value,
                    "before": one.before,
                    "after": one.after,
                    "hunks": [{"id": hunk.id, "start": hunk.start, "end": hunk.end} for hunk in one.hunks],
                }
                for one in files
            ],
        }

    def change_object(self, value: Change) -> Json:
        value = self.fresh(value)
        differing = self.differing(value.discussion)
        return {
            "id": value.id,
            "discussion": value.discussion,
            "source": value.source,
            "title": value.title,
            "status": value.status.value,
            "files": [self._file(file, differing) for file in value.files],
            "diff": self.diff(value),
            "problems": [self._problem(problem) for problem in value.problems],
            "reasons": list(value.reasons),
        }

    def range(self, hunk: Hunk, lines: Sequence[str]) -> Json:
        """The hunk's whole lines: to the beginning of the next line, or to the end of a last line without one."""
        return range_object(self.codec.range(lines, (hunk.start, 0), (hunk.end, 0)))

    def _hunk(self, hunk: Hunk, lines: Sequence[str], differing: Disagreement) -> Json:
        shown: Json = {
            "id": hunk.id,
            "range": self.range(hunk, lines),
            "newText": hunk.new,
            "status": hunk.status.value,
            "sources": list(hunk.sources),
            "replyLines": list(hunk.blocks),
            "oldLines": len(split_lines(hunk.old)),
        }
        if stand := differing.stand_of(hunk):
            shown["stand"] = stand.value
        if hunk.settled:
            shown["settled"] = hunk.settled.value
        if views := differing.views.get(hunk.id):
            shown["views"] = [differing_values.view_object(view) for view in views]
        return shown

    def _file(self, file: FileChange, differing: Disagreement) -> Json:
        lines = self.lines(file.where)
        shown: Json = {
            "uri": self.uri(file.path),
            "kind": file.kind.value,
            "version": self.version(file.where),
            "hunks": [self._hunk(hunk, lines, differing) for hunk in file.hunks],
        }
        if file.new_path:
            shown["newUri"] = self.uri(file.new_path)
        return shown

    def _problem(self, problem: Problem) -> Json:
        shown: Json = {"message": problem.message}
        if problem.file:
            shown["file"] = problem.file
        if problem.hint:
            shown["hint"] = problem.hint
        if problem.notice:
            shown["notice"] = True
        if problem.line is not None:
            shown["replyLine"] = problem.line
        if problem.near:
            shown["near"] = {"start": problem.near[0], "end": problem.near[1]}
        return shown

    # --- checkpoints

    def checkpoint(self, value: Checkpoint) -> Json:
        return {
            "id": value.id,
            "created": _moment(value.created),
            "title": value.title,
            "change": value.change,
            "discussion": value.discussion,
            "files": [{"uri": self.uri(path), "exists": file.before is not None} for path, file in value.files.items()],
        }

    def restored(self, before: Checkpoint, paths: Iterable[str], problems: Iterable[Problem]) -> Json:
        """What a restore did; `before` is the checkpoint of how things were until then."""
        return {
            "checkpoint": self.checkpoint(before),
            "files": [self.uri(path) for path in paths],
            "problems": [self._problem(problem) for problem in problems],
        }

    # --- events

    def event(self, value: events.Event) -> Json:
        """The `moa/event` notification's params."""
        body: Json
        match value:
            case events.RoundStarted(number=number, message=message, preset=preset):
                body = {"kind": "roundStarted", "number": number, "message": message, "preset": preset}
            case events.StageStarted(step=step, stage=stage, architects=architects, parallel=parallel):
                body = {"kind": "stageStarted", "step": step, "stage": stage}
                body |= {"architects": list(architects), "parallel": parallel}
            case events.RoundNoted(text=text, architect=architect):
                body = {"kind": "roundNoted", "text": text} | ({"architect": architect} if architect else {})
            case events.TurnStarted(architect=architect, model=model, step=step, stage=stage):
                body = {"kind": "turnStarted", "architect": architect, "model": model, "step": step, "stage": stage}
            case events.TurnDelta(architect=architect, text=text):
                body = {"kind": "turnDelta", "architect": architect, "text": text}
            case events.TurnWaiting(architect=architect, seconds=seconds, reason=reason):
                body = {"kind": "turnWaiting", "architect": architect, "seconds": seconds, "reason": reason}
            case events.TurnFinished(turn=turn):
                body = {"kind": "turnFinished", "turn": self.turn(turn)}
            case events.RoundFinished(round=round):
                body = {"kind": "roundFinished", "round": self.round(value.discussion, round)}
            case events.EditRead(architect=architect, path=path, kind=kind, fits=fits, problem=problem):
                body = {"kind": "editRead", "architect": architect, "path": path, "edit": kind, "fits": fits}
                if problem:
                    body["problem"] = problem.message
            case events.RepairStarted(architect=architect, problems=problems):
                shown = [self._problem(problem) for problem in problems]
                body = {"kind": "repairStarted", "architect": architect, "problems": shown}
            case events.RepairFinished(architect=architect, placed=placed, left=left, repair=repair):
                body = {
                    "kind": "repairFinished",
                    "architect": architect,
                    "placed": placed,
                    "left": left,
                    "status": repair.status.value,
                    "usage": self.usage(repair.usage),
                }
            case events.CodeStarted(message=message, model=model):
                body = {"kind": "codeStarted", "message": message, "model": model}
            case events.CodeDelta(text=text):
                body = {"kind": "codeDelta", "text": text}
            case events.CodeWaiting(seconds=seconds, reason=reason):
                body = {"kind": "codeWaiting", "seconds": seconds, "reason": reason}
            case events.CodeFinished(coding=coding):
                body = {"kind": "codeFinished", "coding": self.coding(value.discussion, coding)}
            case events.ChangeReady(change=change):
                body = {"kind": "changeReady", "change": self.change_object(change)}
            case events.ChangeUpdated(change=change):
                body = {"kind": "changeUpdated", "change": self.change_object(change)}
            case events.DisagreementUpdated(value=differing):
                body = {"kind": "disagreementUpdated", "disagreement": differing_values.disagreement(self, differing)}
            case events.DiscussionUpdated(value=discussion):
                body = {"kind": "discussionUpdated", "discussion": self.discussion(discussion)}
        if value.__class__ is events.DiscussionUpdated:
            return body
        return {"discussion": value.discussion, **body}


def _moment(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def round_seconds(seconds: float) -> float:
    return round(seconds, 3)
