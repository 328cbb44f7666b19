"""Shows what a change would do, and asks which of it is to be done.

A protected file (`moa_lsp/edits/paths.py` says which are), and one that is to be deleted, is never part of one yes for
many: it asks for itself. Nobody is asked where nobody can answer, and the answer then is no.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from moa_lsp.edits.paths import protected_reason
from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.differing import Differing, stand_mark, view_line
from moa_lsp.terminal.edited_text import Decoded, Refused
from moa_lsp.terminal.files import Folder
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Screen, harmless
from moa_lsp.terminal.workspace_edit import path_of

Ask = Callable[[str], str | None]
"""Puts a question and returns the answer, or `None` where there is nobody to answer."""

_HUNK_HEADER = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Interrupted(Exception):
    """Ctrl-C at a question."""


@frozen
class Chosen:
    """The hunks to apply: `together` in one edit, and those of each file that asked for itself and got its yes."""

    together: tuple[str, ...] = ()
    alone: tuple[tuple[str, ...], ...] = ()
    total: int = field(default=0)

    @property
    def batches(self) -> tuple[tuple[str, ...], ...]:
        return (*((self.together,) if self.together else ()), *self.alone)


def ask(question: str) -> str | None:
    """Asks on the terminal for one of a few letters. Raises `Interrupted` on Ctrl-C."""
    answer = typed(question)
    return None if answer is None else answer.lower()


def typed(question: str) -> str | None:
    """Puts a question on the terminal and returns the line that was typed. Raises `Interrupted` on Ctrl-C."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return None
    try:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            sys.stderr.write(question)
            sys.stderr.flush()
            answer = sys.stdin.readline()
        finally:
            signal.signal(signal.SIGINT, before)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise Interrupted from None
    return answer.strip() if answer else None


def decide(question: str, choices: Sequence[str], *, yes: bool) -> str | None:
    """Puts a question of the server's: the first of its choices is the yes, and so taken with `yes`; `None` where
    nobody can answer."""
    if yes and choices:
        return choices[0]
    try:
        answer = ask(f"{harmless(question)}\n{harmless(choices[0])}? [y]es, [n]o: ") if choices else None
    except Interrupted:
        return None
    return choices[0] if answer in ("y", "yes") else choices[-1] if answer is not None else None


@frozen
class Review:
    """One change and the workspace folder it is for."""

    screen: Screen
    folder: Folder
    change: Json
    ask: Ask = ask
    differing: Differing | None = None
    """Where the architects differ, for whoever chooses hunk by hunk."""

    def show(self) -> None:
        """The diff as git shows it, and what could not be placed."""
        self.screen.show()
        show_diff(self.screen, self.change["diff"])
        if self.change["problems"] and self.change["diff"]:
            self.screen.show()
        show_problems(self.screen, self.change)

    def choose(self, *, yes: bool) -> Chosen:
        """Asks which hunks to apply; with `yes` it is all that need no yes of their own."""
        usual, protected = self._files()
        chosen = Chosen(total=sum(len(_pending(file)) for file in (*usual, *protected)))
        hunks = [hunk for file in usual for hunk in _pending(file)]
        if hunks and yes:
            chosen = evolve(chosen, together=_ids(hunks))
        elif hunks:
            chosen = evolve(chosen, together=self._which(usual, hunks))
        for file in protected:
            chosen = evolve(chosen, alone=(*chosen.alone, *self._protected(file)))
        return chosen

    def _files(self) -> tuple[list[Json], list[Json]]:
        usual: list[Json] = []
        protected: list[Json] = []
        for file in self.change["files"]:
            if _pending(file):
                (protected if self._delicate(file) else usual).append(file)
        return usual, protected

    def _delicate(self, file: Json) -> str | None:
        """Why the file needs a yes of its own, as a sentence."""
        path = self._path(file).as_posix()
        new = self._inside(file["newUri"]).as_posix() if "newUri" in file else path
        for one in (path, new):
            if reason := protected_reason(one):
                return f"{one} is protected: {reason}"
        return f"{path} would be deleted" if file["kind"] == "delete" else None

    def _which(self, files: Sequence[Json], hunks: Sequence[Json]) -> tuple[str, ...]:
        number = "this hunk" if len(hunks) == 1 else f"these {len(hunks)} hunks"
        match self.ask(f"\nApply {number}? [y]es, [n]o, [c]hoose: "):
            case "y" | "yes":
                return _ids(hunks)
            case "c" | "choose":
                return self._one_by_one(files)
            case _:
                return ()

    def _one_by_one(self, files: Sequence[Json]) -> tuple[str, ...]:
        chosen: list[str] = []
        for file in files:
            for hunk in _pending(file):
                self._show_hunk(file, hunk)
                answer = self.ask("Apply this hunk? [y]es, [n]o, [q]uit choosing: ")
                if answer in ("q", "quit", None):
                    return tuple(chosen)
                if answer in ("y", "yes"):
                    chosen.append(hunk["id"])
        return tuple(chosen)

    def _protected(self, file: Json) -> list[tuple[str, ...]]:
        """Asked even with `--yes`, which is one yes for many: just what such a file doesn't take."""
        hunks = _pending(file)
        self.screen.say((self._delicate(file) or "", WARNING))
        if self.ask(f"Apply {len(hunks)} hunk(s) to it all the same? [y]es, [n]o: ") in ("y", "yes"):
            return [_ids(hunks)]
        self.screen.hint("It stays as it is. To apply it by itself: ", _by_hand(self.change, hunks))
        return []

    def _show_hunk(self, file: Json, hunk: Json) -> None:
        path, start = self._path(file), hunk["range"]["start"]["line"]
        by = f"  by {', '.join(hunk['sources'])}" if hunk["sources"] else ""
        self.screen.show()
        where = (f"{path.as_posix()}:{start + 1}", STRONG)
        stand, views = self.differing.of_hunk(file["uri"], hunk) if self.differing else (None, [])
        self.screen.show(*stand_mark(stand), where, (f"  {file['kind']}{by}", QUIET))
        for view in views:
            self.screen.say(*view_line(view))
        if _renames(file, hunk):
            self.screen.show((f"rename to {self._inside(file['newUri']).as_posix()}", "cyan"))
            return
        for line in self._old_lines(path, hunk):
            self.screen.show((f"-{line}", "red"))
        for line in _lines(hunk["newText"]):
            self.screen.show((f"+{line}", "green"))

    def _old_lines(self, path: Path, hunk: Json) -> list[str]:
        """The lines that go: those the range covers (a hunk covers whole lines)."""
        try:
            entry = self.folder.read(path)
            text = Decoded.of(entry.data, path.name).text if entry else ""
        except Refused:
            return []
        start, end = hunk["range"]["start"]["line"], hunk["range"]["end"]
        return _LINE_END.split(text)[start : end["line"] + (end["character"] > 0)]

    def _path(self, file: Json) -> Path:
        """Where the file's text is: a renamed one's under its new name, once that was applied."""
        renamed = any(_renames(file, hunk) and hunk["status"] == "applied" for hunk in file["hunks"])
        return self._inside(file["newUri"] if renamed else file["uri"])

    def _inside(self, uri: str) -> Path:
        """The path in the workspace folder; where it has none, its name alone: the server refuses it anyway."""
        try:
            return self.folder.inside(path_of(uri))
        except Refused:
            return Path(uri.rpartition("/")[2])


def show_diff(screen: Screen, diff: str) -> None:
    """A unified diff in git's colours. The hunks' counts tell what is a line and what is a header."""
    old = new = 0
    for line in diff.removesuffix("\n").split("\n"):
        style = STRONG
        if header := _HUNK_HEADER.match(line):
            old, new = (int(count) if count is not None else 1 for count in header.groups())
            style = "cyan"
        elif line.startswith("\\"):
            style = QUIET
        elif old > 0 or new > 0:
            style = {"+": "green", "-": "red"}.get(line[:1], "")
            old -= not line.startswith("+")
            new -= not line.startswith("-")
        screen.show((line, style))


def show_problems(screen: Screen, change: Json) -> None:
    """What could not be placed or written, each in a line, with what may help; and what else is to be known."""
    for problem in change["problems"]:
        where = f"{problem['file']}: " if problem.get("file") and problem["file"] not in problem["message"] else ""
        mark = "note:" if problem.get("notice") else "!"
        screen.say((f"{mark} {where}{problem['message']}", WARNING))
        if problem.get("hint"):
            screen.say((f"  {problem['hint']}", QUIET))


def hunks_of(change: Json, status: str) -> list[str]:
    """The ids of the change's hunks that stand so."""
    return [hunk["id"] for file in change["files"] for hunk in file["hunks"] if hunk["status"] == status]


def _renames(file: Json, hunk: Json) -> bool:
    """Whether the hunk is the renaming itself: it replaces nothing by nothing."""
    return file["kind"] == "rename" and not hunk["newText"] and hunk["range"]["start"] == hunk["range"]["end"]


def _pending(file: Json) -> list[Json]:
    return [hunk for hunk in file["hunks"] if hunk["status"] == "pending"]


def _ids(hunks: Sequence[Json]) -> tuple[str, ...]:
    return tuple(hunk["id"] for hunk in hunks)


def _by_hand(change: Json, hunks: Sequence[Json]) -> str:
    return " ".join(["moa-lsp apply", *(f"--hunk {id}" for id in _ids(hunks)), change["id"]])


def _lines(text: str) -> list[str]:
    lines = _LINE_END.split(text)
    return lines[:-1] if lines and not lines[-1] else lines
