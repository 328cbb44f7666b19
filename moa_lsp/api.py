"""The Python API: a mixture that can be asked. `from moa_lsp import Mixture`; how it is used is told in
`docs/shell-and-python.md`.

It is the engine that answers other programs (`answering/`), with the user's settings, keys and roles, and no server.
Rules: nothing is printed; whatever is wrong with what was asked for is told before anybody is asked; files are held to
the same rules as everywhere (`context/ignore.py`); whoever stops listening stops every call.

Never here: who is asked when (`answering/answer.py`), what the options mean (`settings/`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from attrs import evolve, frozen

from moa_lsp.answering.answer import Answered, answer
from moa_lsp.answering.chat import Chat
from moa_lsp.answering.references import Note
from moa_lsp.context.roles import read_library
from moa_lsp.context.snapshot import Candidate, gather
from moa_lsp.context.workspace import Folders as Workspace
from moa_lsp.context.workspace import Refusal
from moa_lsp.discussion.concern import unconcerned
from moa_lsp.discussion.kinds import Way
from moa_lsp.discussion.values import Snapshot, Turn, Usage
from moa_lsp.middleware.door import ModelDoor
from moa_lsp.middleware.spans import round_span
from moa_lsp.models.catalogue import default_architects
from moa_lsp.models.model import ModelError, Words
from moa_lsp.prompts import asking_prompt, role_texts
from moa_lsp.session.configuration import folder_key
from moa_lsp.settings.files import read_project, read_user
from moa_lsp.settings.layers import Resolved, resolve
from moa_lsp.settings.reader import read_settings, wrong_with
from moa_lsp.settings.saved import read_saved
from moa_lsp.settings.settings import ArchitectSettings, Lineup, Preset, Settings
from moa_lsp.settings.shapes import Naming
from moa_lsp.store.folders import Folders, folders
from moa_lsp.store.store import open_store
from moa_lsp.store.traces import TraceFiles

__all__ = ["Answer", "Mixture", "ModelError", "Note", "Refused", "Words"]


class Refused(ValueError):
    """What was asked for can't be done, and nobody was asked; the message is a sentence for people."""


@frozen
class Answer:
    """What a question came to: the answer's `text`, the `turns` of all who were asked (in the order in which they
    began, the last of them of who answered), and what all of them used together.

    `finish` is the provider's own word for the answer's end: `stop`, or `length` where it was cut off.
    """

    text: str
    turns: tuple[Turn, ...]
    usage: Usage
    finish: str | None


Piece = Note | Words | Answer


class Mixture:
    """Several models that answer as one.

    Outside of `async with`, what it takes to ask models is started for each question and ended with it; inside, it is
    kept from one question to the next.
    """

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        trusted: bool = False,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **options: object,
    ) -> None:
        """A mixture of these `options`: the keys of a preset as in a `moa.toml` (`kind`, `architects`, `aggregator`,
        `layers`, …), with lists, tables and texts as Python has them. What is left out is taken from the settings.

        `folder` is the workspace folder whose `moa.toml` and roles hold beside the user's own settings, and whose files
        can be shown; without one only the user's hold, and files are looked for in the current folder. `trusted` says
        that you trust what that `moa.toml` says about endpoints. `temperature` and `max_tokens` hold for everybody who
        speaks. Raises `Refused`.
        """
        self._made(_Asked(None, options, temperature, max_tokens), folder, trusted=trusted)

    @classmethod
    def preset(
        cls,
        name: str | None = None,
        *,
        folder: Path | str | None = None,
        trusted: bool = False,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **options: object,
    ) -> Self:
        """The preset of that name (`None`: the one that the settings have in use), with these options in the place of
        its own. Else as above. Raises `Refused`."""
        mixture = cls.__new__(cls)
        mixture._made(_Asked((name,), options, temperature, max_tokens), folder, trusted=trusted)
        return mixture

    def _made(self, asked: _Asked, folder: Path | str | None, *, trusted: bool) -> None:
        root = None if folder is None else Path(folder).absolute()
        if root is not None and not root.is_dir():
            raise Refused(f"{root} is no folder.")
        self._places = folders()
        resolved = _resolved(self._places, root, trusted=trusted)
        self.problems = tuple(problem.message for problem in resolved.problems)
        """What is wrong with the settings' files, or ignored there, as sentences."""
        self._settings, self.name = asked.within(resolved.settings, self._places)
        self._tuned = asked.tuned
        self._roles = read_library(role_texts(), self._places.config, root, trusted=trusted)
        self._workspace = Workspace((root or Path.cwd(),))
        self._door: ModelDoor | None = None

    async def __aenter__(self) -> Self:
        self._door = self._new_door()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        door, self._door = self._door, None
        if door is not None:
            await door.aclose()

    async def ask(self, question: str, files: Sequence[Path | str] = ()) -> Answer:
        """Asks, and waits for the whole answer.

        `files` are shown to everybody, whole; they lie in the folder. Raises `Refused` where one of them may not be
        sent or there is nobody to ask, and `ModelError` where there is no answer.
        """
        ended: Answer | None = None
        with round_span("", None, self.name):
            async with aclosing(self.stream(question, files)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        ended = piece
        assert ended is not None
        return ended

    async def stream(self, question: str, files: Sequence[Path | str] = ()) -> AsyncGenerator[Piece, None]:
        """Asks, and yields what comes: `Note`s about who is asked, the answer's `Words`, and last the whole `Answer`.
        Raises as `ask` does. To stop before the end, close it (`contextlib.aclosing`) or cancel the task."""
        if not question.strip():
            raise Refused("There is no question.")
        shown = self._shown(files)
        lineup = await self._lineup()
        lineup, notes = _concerned(lineup, shown)
        for note in notes:
            yield note
        text: list[str] = []
        async with self._open_door() as door:
            answering = answer(_chat(question, shown), lineup, door, shown=shown, role_text=self._roles.text_of)
            async with aclosing(answering) as events:
                async for event in events:
                    match event:
                        case Words(words):
                            text.append(words)
                            yield event
                        case Note():
                            yield event
                        case Answered(finish, usage, turns):
                            yield Answer("".join(text), turns, usage, finish)
                        case _:
                            pass

    async def _lineup(self) -> Lineup:
        """Who takes part. Raises `Refused` where that is nobody."""
        lineup = self._settings.lineup(self.name)
        if not lineup.architects:
            found = tuple(evolve(one, **self._tuned) for one in await default_architects(os.environ))
            lineup = self._settings.lineup(self.name, found)
        if not lineup.architects:
            raise Refused(
                "There is no model to ask: name some, or set a key (such as ANTHROPIC_API_KEY, OPENAI_API_KEY or"
                " GEMINI_API_KEY), or start Ollama with a model."
            )
        return lineup

    def _shown(self, files: Sequence[Path | str]) -> Snapshot:
        """The files as they are now. Raises `Refused`."""
        candidates: list[Candidate] = []
        for file in files:
            place = self._workspace.locate(self._workspace.roots[0] / file)
            if isinstance(place, Refusal):
                raise Refused(f"{file}: it {place.reason}.")
            candidates.append(Candidate(place.name, named=True))
        gathered = gather(self._workspace, candidates)
        if gathered.left_out:
            raise Refused(" ".join(f"{left.path}: it {left.reason}." for left in gathered.left_out))
        return gathered.snapshot

    @asynccontextmanager
    async def _open_door(self) -> AsyncGenerator[ModelDoor]:
        if self._door is not None:
            yield self._door
            return
        door = self._new_door()
        try:
            yield door
        finally:
            await door.aclose()

    def _new_door(self) -> ModelDoor:
        return ModelDoor(environ=os.environ, folder=self._places.cache, trace_to=TraceFiles(self._places.log).write)


@frozen
class _Asked:
    """What somebody asks for: a `preset` (in a tuple; `None` for a mixture of its own), and what else they said."""

    preset: tuple[str | None] | None
    options: Mapping[str, object]
    temperature: float | None
    max_tokens: int | None

    @property
    def tuned(self) -> dict[str, Any]:
        """What holds for everybody who speaks. Raises `Refused`."""
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        tuned = {name: value for name, value in given.items() if value is not None}
        for name, value in tuned.items():
            if wrong := wrong_with(name, value):
                raise Refused(wrong.replace("maxTokens", "max_tokens"))
        return tuned

    def within(self, settings: Settings, places: Folders) -> tuple[Settings, str]:
        """The settings with what is asked for in them, and the preset's name there. Raises `Refused`."""
        values = self._values()
        if self.preset is None:
            own = Preset(**values)
            name = own.kind or Way.ROUND.value
        else:
            name = self.preset[0] or settings.preset
            if name not in settings.known_presets:
                known = ", ".join(f"`{one}`" for one in settings.known_presets)
                raise Refused(
                    read_saved(places.config).problems.get(name) or f"There is no such preset; there is {known}."
                )
            own = settings.presets.get(name, Preset())
            own = evolve(own, **values)
        tuned = self.tuned

        def turned(one: ArchitectSettings | None) -> ArchitectSettings | None:
            return one and evolve(one, **tuned)

        def all_turned(them: Sequence[ArchitectSettings]) -> tuple[ArchitectSettings, ...]:
            return tuple(evolve(one, **tuned) for one in them)

        own = evolve(
            own,
            architects=all_turned(own.architects),
            editor=turned(own.editor),
            aggregator=turned(own.aggregator),
            arbiter=turned(own.arbiter),
        )
        settings = evolve(settings, architects=all_turned(settings.architects), editor=turned(settings.editor))
        return evolve(settings, presets={**settings.presets, name: own}), name

    def _values(self) -> dict[str, Any]:
        """The good options, by name. Raises `Refused` with what the settings say of a wrong one."""
        options = {name: value for name, value in self.options.items() if value is not None}
        reading = read_settings({"presets": {"own": options}}, Naming.SNAKE, trusted=True)
        if not reading.good:
            raise Refused(" ".join(one.message.replace("`presets.own.", "`", 1) for one in reading.findings))
        read: Preset = reading.values["presets"]["own"]
        return {name: getattr(read, name) for name in options}


def _resolved(places: Folders, root: Path | None, *, trusted: bool) -> Resolved:
    """The settings in force. Where the folder is trusted for the first time, what its settings want is agreed to, and
    kept; what they came to want later isn't in force before somebody agrees to it in an editor."""
    user = read_user(places.config)
    saved = read_saved(places.config).presets
    if root is None or not trusted:
        project = read_project(root) if root else None
        return resolve(user, project, None, trusted=False, saved=saved)
    store = open_store(places.data).store
    try:
        agreed = store.agreed(folder_key(root))
        resolved = resolve(user, read_project(root), None, trusted=True, agreed=agreed, saved=saved)
        if agreed is None:
            store.agree(folder_key(root), [grant.id for grant in resolved.grants])
        return resolved
    except sqlite3.Error:  # then nothing is known to be agreed to
        return resolve(user, read_project(root), None, trusted=True, agreed=frozenset(), saved=saved)
    finally:
        store.close()


def _chat(question: str, shown: Snapshot) -> Chat:
    chat = Chat.saying(question)
    if not shown.files:
        return chat
    return evolve(chat, messages=({"role": "system", "content": asking_prompt()}, *chat.messages))


def _concerned(lineup: Lineup, shown: Snapshot) -> tuple[Lineup, list[Note]]:
    """The line-up without those who care about none of these files, and who they are. Raises `Refused` where that
    leaves nobody."""
    if not shown.files:
        return lineup, []
    reasons = {one.name: unconcerned(one, tuple(shown.files)) for one in lineup.architects}
    notes = [Note(f"{name} isn't asked: {why}", name) for name, why in reasons.items() if why]
    if len(notes) == len(lineup.architects):
        raise Refused(" ".join(note.text for note in notes))
    architects = tuple(one if reasons[one.name] is None else evolve(one, dropped=True) for one in lineup.architects)
    return evolve(lineup, architects=architects), notes
