"""The contract's commands as a table: what each takes and gives, and the check of what a client sent.

`docs/protocol.md` says the same in words, and a test holds the two against each other. Everything is checked
here before anything runs; what a command does is in `handlers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from attrs import frozen

Check = Callable[[object], str | None]
"""Tells what is wrong with a value ("must be a string"), or `None` where nothing is."""


class InvalidArgument(Exception):
    """The argument isn't what the command takes; the message names the key. Answered with -32602."""


def text(value: object) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def words(value: object) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    return None if value.strip() else "must not be empty"


def texts(value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in cast("list[object]", value)):
        return "must be a list of strings"
    return None


def some_texts(value: object) -> str | None:
    return texts(value) or (None if value else "must not be empty")


def steps(value: object) -> str | None:
    """The steps of a plan, as the user left them."""
    if not isinstance(value, list):
        return "must be a list of steps"
    for step in cast("list[object]", value):
        found = cast("dict[str, object]", step) if isinstance(step, dict) else {}
        if words(found.get("text")):
            return "must hold steps, each with a text that isn't empty"
        if extra := found.keys() - {"id", "text", "struck"}:
            return f"holds a step with an unknown key {min(extra)!r}"
        if not isinstance(found.get("id", ""), str | None) or not isinstance(found.get("struck", False), bool | None):
            return "must hold steps whose id is a string and whose struck is true or false"
    return None


def purpose(value: object) -> str | None:
    """What an estimate is for."""
    return None if value in ("discuss", "code") else "must be 'discuss' or 'code'"


def place(value: object) -> str | None:
    """A document and a range in it."""
    if not isinstance(value, dict):
        return "must be an object with uri and range"
    found = cast("dict[str, object]", value)
    if extra := found.keys() - {"uri", "range"}:
        return f"has an unknown key {min(extra)!r}"
    if not isinstance(found.get("uri"), str):
        return "needs a uri that is a string"
    span = found.get("range")
    if not isinstance(span, dict):
        return "needs a range with start and end"
    ends = cast("dict[str, object]", span)
    if ends.keys() != {"start", "end"} or any(position(ends[end]) for end in ("start", "end")):
        return "needs a range whose start and end each have a line and a character"
    return None


def position(value: object) -> str | None:
    """An LSP position."""
    if not isinstance(value, dict):
        return "must be an object with line and character"
    found = cast("dict[str, object]", value)
    if found.keys() != {"line", "character"} or not all(_natural(one) for one in found.values()):
        return "must have a line and a character, each a whole number from 0"
    return None


def offset(value: object) -> str | None:
    """Where the cursor is in a prompt: a count of units in the negotiated encoding, or an LSP position."""
    return None if _natural(value) or position(value) is None else "must be a whole number from 0, or a position"


def counted(value: object) -> str | None:
    return None if _natural(value) and value else "must be a whole number from 1"


def yes_or_no(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _natural(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@frozen
class Key:
    """One key of a command's argument."""

    name: str
    check: Check
    required: bool = False


@frozen
class Command:
    """One command: its name (`discuss` is `moa/discuss` and `moa.discuss`), what it takes, what it gives in words.

    A long command reports progress and can be cancelled.
    """

    name: str
    keys: tuple[Key, ...]
    result: str
    long: bool = False

    @property
    def id(self) -> str:
        return f"moa.{self.name}"

    @property
    def method(self) -> str:
        return f"moa/{self.name}"

    def check(self, argument: object) -> Mapping[str, object]:
        """The argument without the optional keys that are null. Raises `InvalidArgument`."""
        if argument is None:
            argument = {}  # Emacs has one value for both, and sends an action's `{}` back so.
        if not isinstance(argument, dict):
            raise InvalidArgument(f"{self.id} takes one object.")
        given = cast("dict[str, object]", argument)
        known = {key.name: key for key in self.keys}
        for name in given:
            if name not in known:
                raise InvalidArgument(f"{self.id} knows no key {name!r}; it takes {', '.join(known) or 'none'}.")
        for key in self.keys:
            value = given.get(key.name)
            if key.required and key.name not in given:
                raise InvalidArgument(f"{self.id} needs the key {key.name!r}.")
            if (value is not None or key.required) and (wrong := key.check(value)):
                raise InvalidArgument(f"{self.id}: {key.name!r} {wrong}.")
        return {name: value for name, value in given.items() if value is not None}


_DISCUSSION = Key("discussion", text)
_FILES = Key("files", texts)
_FOLDER = Key("folder", text)
_NAME = Key("name", text, required=True)
_CHANGE = Key("change", text, required=True)
_HUNKS = Key("hunks", texts)
_SOME_HUNKS = Key("hunks", some_texts, required=True)
_DOCUMENT = Key("document", text, required=True)
_PRESET = Key("preset", text)
_POSITION = Key("position", position, required=True)

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command(
            "discuss",
            (Key("message", words, required=True), _DISCUSSION, _FILES, Key("selection", place), _FOLDER, _PRESET),
            "Round",
            long=True,
        ),
        Command("code", (Key("message", text), _DISCUSSION, _FILES), "Change", long=True),
        Command("drop-architect", (_NAME, _DISCUSSION), "Discussion"),
        Command("restore-architect", (_NAME, _DISCUSSION), "Discussion"),
        Command("new-discussion", (_FOLDER,), "Discussion"),
        Command("show-discussion", (_DISCUSSION,), "Discussion"),
        Command("list-discussions", (), "[Discussion]"),
        Command("apply", (_CHANGE, _HUNKS), "Change"),
        Command("reject", (_CHANGE, _HUNKS, Key("reason", text)), "Change"),
        Command("undo", (_CHANGE,), "Change"),
        Command("checkpoints", (_DISCUSSION,), "[Checkpoint]"),
        Command("restore", (Key("checkpoint", text, required=True), _FILES), "Restored"),
        Command("cancel", (_DISCUSSION,), "Discussion"),
        Command(
            "estimate",
            (Key("message", text, required=True), _FILES, _DISCUSSION, Key("for", purpose), _PRESET),
            "[Estimate]",
        ),
        Command("presets", (_DISCUSSION,), "[Preset]"),
        Command("select-preset", (Key("preset", text, required=True), _DISCUSSION), "Discussion"),
        Command("save-preset", (_NAME, _DISCUSSION, Key("replace", yes_or_no)), "Preset"),
        Command("rename-preset", (_NAME, Key("to", text, required=True), _DISCUSSION), "Preset"),
        Command("delete-preset", (_NAME, _DISCUSSION), "[Preset]"),
        Command("roles", (_DISCUSSION,), "[Role]"),
        Command("write-roles", (Key("message", words, required=True), _DISCUSSION, _FILES), "Discussion", long=True),
        Command("select-discussion", (Key("discussion", text, required=True),), "Discussion"),
        Command("rename-discussion", (Key("title", words, required=True), _DISCUSSION), "Discussion"),
        Command("delete-discussion", (Key("discussion", text, required=True),), "[Discussion]"),
        Command("fork-discussion", (_DISCUSSION, Key("afterRound", counted)), "Discussion"),
        Command("search-discussions", (Key("query", words, required=True),), "[Found]"),
        Command("export-discussion", (_DISCUSSION,), "Exported"),
        Command(
            "add-architect",
            (Key("model", text, required=True), Key("name", text), Key("role", text), _DISCUSSION),
            "Discussion",
        ),
        Command("set-role", (_NAME, Key("role", text), _DISCUSSION), "Discussion"),
        Command("retry", (Key("architect", text, required=True), _DISCUSSION), "Round", long=True),
        Command("unreject", (_CHANGE, _HUNKS), "Change"),
        Command(
            "send",
            (_DOCUMENT, _POSITION, Key("drop", text), Key("restore", text), Key("retry", text), Key("wait", yes_or_no)),
            "Sent",
            long=True,
        ),
        Command("write-discussion", (_DOCUMENT, _POSITION, _DISCUSSION), "Written"),
        Command("show-hunk", (_CHANGE, Key("hunk", text, required=True)), "Shown"),
        Command("restore-earlier", (), "Restored"),
        Command("models", (), "[Model]"),
        Command("preview", (_CHANGE,), "Preview"),
        Command("disagreement", (_DISCUSSION,), "Disagreement"),
        Command("take", (_SOME_HUNKS, _DISCUSSION), "Disagreement"),
        Command("leave", (_SOME_HUNKS, Key("reason", text), _DISCUSSION), "Disagreement"),
        Command("reopen", (_SOME_HUNKS, _DISCUSSION), "Disagreement"),
        Command("compose", (_SOME_HUNKS, _DISCUSSION, Key("title", words)), "Change"),
        Command("plan", (_DISCUSSION,), "Plan"),
        Command("set-plan", (Key("steps", steps), Key("markdown", text), _DISCUSSION), "Plan"),
        Command(
            "answer-question",
            (
                Key("round", counted, required=True),
                Key("turn", counted, required=True),
                Key("question", counted, required=True),
                Key("answer", words, required=True),
                _DISCUSSION,
            ),
            "Discussion",
        ),
        Command("complete", (Key("text", text, required=True), Key("position", offset, required=True)), "[Completion]"),
    )
}
