"""Draws what is said: a running round by the server's events, and a stored discussion by its values.

One architect has the floor: its words are drawn as they arrive, while what the others say meanwhile waits for its
turn on the screen. So nothing that was drawn moves, and nobody's text is cut up by another's. How one reply is drawn
is in `speech.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import unquote

from attrs import define, field

from moa_lsp.models.replay import SCHEME
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.differing import counted, stand_mark
from moa_lsp.terminal.screen import ERROR, QUIET, STRONG, WARNING, Part, Screen, figures
from moa_lsp.terminal.speech import Speech

_EDITOR, _COMPOSED = "editor", "composed"
_WITHOUT_A_MODEL = "put together without a model · 0 ¢"


@define
class _Waiting:
    """An architect that speaks without having the floor, and what happened to it so far."""

    architect: str
    events: list[Json] = field(factory=list[Json])


@define
class Conversation:
    """What is said, on the screen. `take` it each `moa/event`; `models` are the architects' models, by name."""

    screen: Screen
    models: dict[str, str] = field(factory=dict[str, str])
    round: Json | None = field(default=None, init=False)
    """The round that ended last, also a cancelled one."""
    _floor: str | None = field(default=None, init=False)
    _speech: Speech | None = field(default=None, init=False)
    _model: str = field(default="", init=False)
    _heard: bool = field(default=False, init=False)
    _asked: int = field(default=0, init=False)
    """How many edits the repair under way is about."""
    _changes: dict[str, Json] = field(factory=dict[str, Json], init=False)
    """The newest that was told of each change, by its id."""
    _queue: list[_Waiting] = field(factory=list[_Waiting], init=False)
    _after: list[Json] = field(factory=list[Json], init=False)
    """What is to be drawn once whoever has the floor is done."""

    def take(self, event: Json) -> None:
        """Draws one event, or keeps it until it's its architect's turn."""
        match event.get("kind"):
            case "discussionUpdated":
                self.learn(event["discussion"])
            case "changeUpdated":
                self._changes[event["change"]["id"]] = event["change"]
            case "roundStarted":
                self.screen.busy("asking the architects")
            case "stageStarted" | "roundNoted":
                self._between(event)
            case "roundFinished":
                self.round = event["round"]
            case "turnStarted" | "turnDelta" | "turnWaiting" | "turnFinished":
                self._turn(event)
            case "repairStarted" | "repairFinished" if event["architect"]:
                self._turn(event)
            case "repairStarted" | "repairFinished":
                self._repair(event, "the editor model")
            case "editRead" if not event["architect"]:
                self._read(event)
            case "codeStarted" if event["model"]:
                self._give_floor(_EDITOR, event["model"], folded=True)
                self.screen.busy("the editor model is thinking")
            case "codeDelta":
                self._hear(event["text"])
            case "codeWaiting":
                self._wait(event)
            case "codeFinished":
                self._code_finished(event["coding"])
            case _:
                pass  # the contract adds kinds; what isn't drawn here needs no drawing

    def learn(self, discussion: Json) -> None:
        """Takes note of who takes part, so that each has its colour by its place among the architects."""
        for architect in discussion.get("architects", ()):
            self.models[architect["name"]] = architect["model"]
            self.screen.colour(architect["name"])

    # --- between turns

    def _between(self, event: Json) -> None:
        """A stage's heading, or a sentence about the round: behind what those have said who speak by now."""
        if self._floor is not None:
            # Nobody's words are cut up by it, so it waits with the last in the queue, or for the floor.
            (self._queue[-1].events if self._queue else self._after).append(event)
        elif event["kind"] == "roundNoted":
            self.screen.say((f"  note: {event['text']}", QUIET))
        elif event["stage"]:
            self.screen.show()
            self.screen.show((f"── {event['stage']}", QUIET))

    # --- the floor

    def _turn(self, event: Json) -> None:
        architect = event["turn"]["architect"] if event["kind"] == "turnFinished" else event["architect"]
        if event["kind"] == "turnStarted" and self._floor is not None:
            self.models[architect] = event.get("model") or self.models.get(architect, "")
            self._queue.append(_Waiting(architect))
        elif waiting := self._waiting(architect):
            waiting.events.append(event)
        else:
            self._draw(event, architect)

    def _waiting(self, architect: str) -> _Waiting | None:
        """The architect's place in the queue, if its events go there."""
        return next((one for one in reversed(self._queue) if one.architect == architect), None)

    def _draw(self, event: Json, architect: str) -> None:
        match event["kind"]:
            case "turnStarted":
                # A preset for one message may have others than the discussion.
                self.models[architect] = event.get("model") or self.models.get(architect, "")
                self._give_floor(architect, self.models[architect])
                self.screen.busy(f"{architect} is thinking")
            case "turnDelta":
                self._hear(event["text"])
            case "turnWaiting":
                self._wait(event)
            case "repairStarted" | "repairFinished":
                self._repair(event, architect)
            case "stageStarted" | "roundNoted":
                self._after.append(event)
            case _:
                self._turn_finished(event["turn"])

    def _give_floor(self, name: str, model: str, *, folded: bool = False) -> None:
        self._floor, self._model = name, model
        self._heard = False
        self._speech = Speech(self.screen, self.screen.colour(name), folded)
        self._heading(name, model)

    def _heading(self, name: str, model: str) -> None:
        self.screen.show()
        self.screen.show((f"● {name}", f"{STRONG} {self.screen.colour(name)}"), (f"  {model}" if model else "", QUIET))

    def _hear(self, text: str) -> None:
        if self._speech is not None:
            self._heard = True
            self._speech.feed(text)

    def _wait(self, event: Json) -> None:
        self.screen.say((f"  waits {event['seconds']:.0f} s: {event['reason']}", WARNING))

    def _read(self, event: Json) -> None:
        """Counts the edits of a reply whose edits are folded, where it says what is being written."""
        if self._speech is not None:
            self._speech.read += 1
            self._speech.unfit += event["fits"] is False

    def _repair(self, event: Json, who: str) -> None:
        """The one further request for edits that can't be placed: busy while it runs, and a line of how it ended."""
        if event["kind"] == "repairStarted":
            if self._speech is not None:
                self._speech.end()
            self._asked = len(event["problems"])
            self.screen.busy(f"{who} is asked once more for {_edits(self._asked)}")
            return
        placed, left = event["placed"], event["left"]
        if event["status"] == "done":
            came = f"{placed} placed" + (f", {left} still not" if left else "")
        else:
            came = event["status"]
        style = WARNING if left or event["status"] != "done" else QUIET
        self.screen.say((f"  {who} was asked once more for {_edits(self._asked)}: {came}", style))

    def _turn_finished(self, turn: Json) -> None:
        if not self._heard:
            self._hear(turn.get("text") or "")
        self._quiet()
        self._outcome(turn)
        after, self._after = self._after, []
        for event in after:
            self._between(event)
        self._next()

    def _code_finished(self, coding: Json) -> None:
        if coding.get("composed"):
            self._composed(coding)
            return
        self._quiet()
        # The change itself is shown next, as a diff.
        self._outcome({**coding, "change": None})

    def _composed(self, coding: Json) -> None:
        """A change that nobody was asked for: what it was put together of, and that it cost nothing."""
        self._give_floor(_COMPOSED, "")
        self._hear(coding["text"])
        self._quiet()
        self.screen.show((f"  {_WITHOUT_A_MODEL}", QUIET))

    def _quiet(self) -> None:
        self.screen.still()
        if self._speech is not None:
            self._speech.end()
        self._speech = self._floor = None

    def _next(self) -> None:
        """Gives the floor to whoever waited longest, and draws what it has said by now."""
        if self._queue:
            waiting = self._queue.pop(0)
            self._give_floor(waiting.architect, self.models.get(waiting.architect, ""))
            if not waiting.events:
                self.screen.busy(f"{waiting.architect} is thinking")
            for event in waiting.events:
                self._draw(event, waiting.architect)

    def cut(self) -> None:
        """The server is gone: what was held back is drawn, and nobody has the floor any more."""
        self._quiet()
        self._after.clear()
        for waiting in self._queue:
            self._heading(waiting.architect, self.models.get(waiting.architect, ""))
            speech = Speech(self.screen, self.screen.colour(waiting.architect))
            for event in waiting.events:
                speech.feed(event.get("text", ""))
            speech.end()
        self._queue.clear()

    # --- what was said

    def _outcome(self, turn: Json) -> None:
        """The lines under a reply: what went wrong with it, how it was read, and what it took."""
        if turn["status"] == "failed":
            error: Json = turn.get("error") or {"message": "no reason was given"}
            self.screen.say((f"  ✗ failed: {error['message']}", ERROR))
        elif turn["status"] == "cancelled":
            self.screen.show(("  ■ cancelled", WARNING))
        for note in turn.get("notes") or ():
            self.screen.say((f"  note: {note}", QUIET))
        for one in turn.get("gaveUp") or ():
            self.screen.say((f"  note: gave up {self._given_up(one)} for {one['to'].upper()}'s", QUIET))
        if change := turn.get("change"):
            self._changes[change["id"]] = change
            self._edits(change)
        took = figures(turn["usage"], turn["seconds"], replay=_replayed([turn]))
        # The heading says the model, but for one that another program set meanwhile.
        self.screen.show((f"  {took}" if turn["model"] == self._model else f"  {turn['model']} · {took}", QUIET))

    def _edits(self, change: Json) -> None:
        """What a reply would edit, under which id it can be applied, and what of it has no place."""
        names = [unquote(file["uri"]).rpartition("/")[2] for file in change["files"]]
        if names:
            stands = counted(Counter(hunk.get("stand") for file in change["files"] for hunk in file["hunks"]))
            told = f"  edits to {', '.join(names)}: {change['status'].replace('-', ' ')}"
            self.screen.say((told + (f" · {stands}" if stands else ""), QUIET), (f"  {change['id']}", QUIET))
        for problem in change["problems"]:
            self.screen.say((f"  note: {problem['message']}", QUIET))

    def _given_up(self, one: Json) -> str:
        """Where an architect's earlier edits were, as far as they were shown here."""
        places = [
            f"{unquote(file['uri']).rpartition('/')[2]}:{hunk['range']['start']['line'] + 1}"
            for file in self._changes.get(one["change"], {}).get("files", ())
            for hunk in file["hunks"]
            if hunk["id"] in one["hunks"]
        ]
        number = len(one["hunks"])
        return ("its edit" if number == 1 else f"{number} of its edits") + (
            f" of {', '.join(places)}" if places else ""
        )

    def totals(self, round: Json) -> None:
        """The last line of a round: what all of it took."""
        took = figures(round["usage"], round["seconds"], replay=_replayed(round["turns"]))
        self.screen.show()
        self.screen.show((f"round {round['number']} · {took}", STRONG))

    def discussion(self, discussion: Json) -> None:
        """A whole discussion, in the order in which it happened."""
        self.learn(discussion)
        self.screen.show((discussion["title"] or "(no title yet)", STRONG), (f"  {discussion['id']}", QUIET))
        for architect in discussion["architects"]:
            self.screen.show(*self.architect(architect))
        codings: list[Json] = discussion.get("codings") or []
        for round in [None, *(discussion.get("rounds") or ())]:
            if round is not None:
                self._said("you", round["message"])
                for turn in round["turns"]:
                    self._give_floor(turn["architect"], turn["model"])
                    self._turn_finished(turn)
                for note in round.get("notes") or ():
                    self.screen.say((f"  note: {note}", QUIET))
            number = 0 if round is None else round["number"]
            for decision in discussion.get("decisions") or ():
                if decision["afterRound"] == number:
                    mark = ["  "] if decision["kind"] == "reopened" else stand_mark("settled")
                    self.screen.say(*mark, (decision["text"], STRONG))
            for coding in codings:
                if coding.get("afterRound") == number:
                    if coding.get("composed"):
                        self._composed(coding)
                        continue
                    self._said("you", f"/code {coding['message']}".rstrip())
                    self._give_floor(_EDITOR, coding["model"], folded=True)
                    self._hear(coding["text"])
                    self._quiet()
                    self._outcome(coding)
        self.screen.show()
        asked = [coding for coding in codings if not coding.get("composed")]
        took = figures(discussion["usage"], replay=_replayed([*_turns(discussion), *asked]))
        self.screen.show((f"together: {took}", STRONG))

    def architect(self, architect: Json) -> list[Part]:
        """One architect in a line; a dropped one says so."""
        dropped = architect["dropped"]
        style = QUIET if dropped else f"{STRONG} {self.screen.colour(architect['name'])}"
        model = f"  {architect['model']}" + (f"  ({architect['role']})" if architect.get("role") else "")
        parts: list[Part] = [(f"{'◌' if dropped else '●'} {architect['name']}", style), (model, QUIET)]
        return [*parts, (" dropped", QUIET)] if dropped else parts

    def _said(self, who: str, text: str) -> None:
        self.screen.show()
        self.screen.show((who, STRONG))
        for line in text.split("\n"):
            self.screen.say(f"  {line}")


def _edits(count: int) -> str:
    return "1 edit" if count == 1 else f"{count} edits"


def _turns(discussion: Json) -> list[Json]:
    rounds: list[Json] = discussion.get("rounds") or []
    return [turn for round in rounds for turn in round["turns"]]


def _replayed(turns: Sequence[Json]) -> bool:
    """Whether all of these were recordings, which no model was asked for."""
    return bool(turns) and all(turn["model"].startswith(SCHEME) for turn in turns)
