"""Draws one reply while it arrives: prose word by word, each proposal in a box of the speaker's colour, and what it
says of others' proposals, or asks the user, in the signs that are used everywhere.

What is on the screen stays as it is: nothing is drawn twice, so text is held back until it is clear what it is. That
takes a word in prose, and a line where a tag or a fence may begin. Which part of a reply is the proposal is decided by
the server (`moa_lsp/discussion/reader.py`); the box here is decoration, and a tag that is misread costs no text.
"""

from __future__ import annotations

import re

from attrs import define, field
from rich.cells import cell_len, chop_cells

from moa_lsp.terminal.differing import SIGNS, VERBS
from moa_lsp.terminal.screen import QUIET, STRONG, WARNING, Part, Screen, hanging, harmless

_OPENING = re.compile(r"^\s*<\s*proposals?(?:\s[^<>]*)?>\s*(.*)$", re.IGNORECASE)
_CLOSING = re.compile(r"^(.*?)<\s*/\s*proposals?\s*>\s*$", re.IGNORECASE)
_ASIDE = re.compile(r"^\s*<\s*(/?)\s*(stances?|questions?)\s*>\s*$", re.IGNORECASE)
_STANCE = re.compile(
    r"^\s*[-*+]\s+(support|amend|object)s?(?:\s+to)?\s+(\S[^:]*(?::\d[^:\s]*)?)(?::\s*(.*))?$", re.IGNORECASE
)
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})(.*)$")
_DIVIDER = re.compile(r"^={5,9}\s*$")
_SEARCH, _REPLACE = re.compile(r"^<{5,9} ?SEARCH\b"), re.compile(r"^>{5,9} ?REPLACE\b")
_ENVELOPE, _ENVELOPE_END = "*** Begin Patch", "*** End Patch"
_ENVELOPE_FILE = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: (.+)$")
_PATH = re.compile(r"^[#*`\s]*[\w./\\-]+\.\w+[`*:]*\s*$")
# The longest beginning of a line that can still become a tag; then it is text.
_TAG_ROOM = 24
_GOES, _COMES = "red", "green"
_DIFF_STYLES = {"-": _GOES, "+": _COMES, "@": "cyan"}


@define
class Speech:
    """One reply on the screen. `feed` it text in pieces of any size, and `end` it once.

    With `folded` edit blocks and code are left out: what they come to is shown as a diff afterwards. `read` says how
    many edits were read so far, and `unfit` how many of them can't be placed.
    """

    screen: Screen
    colour: str
    folded: bool = False
    read: int = field(default=0, init=False)
    unfit: int = field(default=0, init=False)
    _held: str = field(default="", init=False)
    _out: list[Part] = field(factory=list[Part], init=False)
    _column: int = field(default=0, init=False)
    _hanging: int = field(default=0, init=False)
    _aside: str = field(default="", init=False)
    """The tag whose lines these are, where they are stances or a question; its first letter tells which."""
    _begun: bool = field(default=False, init=False)
    _boxed: bool = field(default=False, init=False)
    _code: str = field(default="", init=False)
    _diff: bool = field(default=False, init=False)
    _half: str = field(default="", init=False)
    _blank: bool = field(default=True, init=False)
    _asked: bool = field(default=False, init=False)
    _gaps: int = field(default=0, init=False)
    _path: str = field(default="", init=False)
    _writing: str = field(default="", init=False)

    def feed(self, text: str) -> None:
        """Takes more of the reply and shows what of it is certain."""
        *lines, rest = harmless(text).split("\n")
        for line in lines:
            self._held += line
            self._end_line()
        self._held += rest
        self._show_words()
        self._flush()

    def end(self) -> None:
        """Shows what was held back, and closes the box; no more text comes."""
        if self._held or self._begun:
            self._end_line()
        self._show_path()
        if self._boxed:
            self._close_box()
        self._flush()

    def _end_line(self) -> None:
        line, self._held = self._held, ""
        if self._begun:
            closing = _CLOSING.match(line) if self._boxed and not self._code else None
            self._write(closing[1] if closing else line)
            self._break()
            if closing:
                self._close_box()
            return
        if self._aside and any(tag.match(line) for tag in (_OPENING, _CLOSING, _FENCE)):
            self._aside = ""  # nobody closed it
        if not self._code and (aside := _ASIDE.match(line)):
            self._show_path()
            self._aside = "" if aside[1] else aside[2].lower()
            self._asked = False
        elif self._aside and line.strip():
            self._aside_line(line)
        elif self._code or _FENCE.match(line) or _SEARCH.match(line) or line.rstrip() == _ENVELOPE:
            if not self._code:
                self._writing = self._path.strip(" #*`:")
            self._path = ""
            self._code_line(line)
        elif self.folded and _PATH.match(line):
            self._show_path()
            self._path = line
        elif not self._boxed and (opening := _OPENING.match(line)):
            self._open_box()
            self._held = opening[1]
            if opening[1]:
                self._end_line()
        elif self._boxed and (closing := _CLOSING.match(line)):
            if closing[1].strip():
                self._line(closing[1])
            self._close_box()
        elif line.strip():
            self._show_path()
            self._line(line)
        elif not self._blank and not self._path:
            self._line(line)

    def _aside_line(self, line: str) -> None:
        """A stance as everywhere, `! objects to BRAVO 2: …`, and a question's first line behind its sign. A line that
        is nothing of the kind is shown as it is."""
        stance = _STANCE.match(line) if self._aside.startswith("s") else None
        if stance:
            kind = stance[1].lower()
            to = " to" if kind == "object" else ""
            reason = f": {stance[3]}" if stance[3] else ""
            said = f"{SIGNS[kind]} {VERBS[kind]}{to} {stance[2].strip()}{reason}"
            self._line(said, QUIET if kind == "support" else WARNING)
        elif self._aside.startswith("q") and not self._asked:
            self._asked = True
            self._line(f"? {line.strip()}", STRONG)
        else:
            self._line(line)

    def _show_path(self) -> None:
        """Shows the path that was held back as a folded block's name, and turned out to be prose."""
        path, self._path = self._path, ""
        if path:
            self._line(path)

    def _code_line(self, line: str) -> None:
        """Inside code no tag counts, and neither do blank lines at the edges."""
        if not self._code:
            fence, envelope = _FENCE.match(line), line.rstrip() == _ENVELOPE
            self._code = fence[1] if fence else _ENVELOPE if envelope else "SEARCH"
            self._diff, self._half = envelope or (fence is not None and fence[2].strip() in ("diff", "patch")), ""
        elif self._code == "SEARCH":
            self._code = "" if _REPLACE.match(line) else self._code
        elif self._code == _ENVELOPE:
            file = _ENVELOPE_FILE.match(line)
            self._writing = file[1].strip() if file else self._writing
            self._code = "" if line.rstrip() == _ENVELOPE_END else self._code
        elif line.strip().startswith(self._code) and not line.strip().strip(self._code[0]):
            self._code = ""
        if not self.folded:
            self._line(line, self._code_style(line))
        self._blank = self.folded

    def _code_style(self, line: str) -> str:
        """An edit's halves and a diff's lines have a diff's colours; what only marks them off stands back."""
        if _SEARCH.match(line):
            self._half = _GOES
        elif self._half and _REPLACE.match(line):
            self._half = ""
        elif self._half == _GOES and _DIVIDER.match(line):
            self._half = _COMES
        elif self._half:
            return self._half
        elif not _FENCE.match(line):
            return _DIFF_STYLES.get(line[:1], "") if self._diff else ""
        return QUIET

    def _show_words(self) -> None:
        """Shows the words of the line that are whole, as long as they can't turn out to be a tag or code."""
        if self._code or self._aside or (not self._begun and _may_be_more_than_words(self._held)):
            return
        ready = self._held.rfind(" ") + 1
        if self._boxed and (tag := self._held.find("<")) >= 0:
            # A tag can only be at the line's end, so a long rest shows that this is none.
            ready = min(ready, tag) if len(self._held) - tag < _TAG_ROOM else ready
        if ready > 0 and self._held[:ready].strip():
            self._show_path()
            self._write(self._held[:ready])
            self._held = self._held[ready:]

    def _line(self, text: str, style: str = "") -> None:
        if text.strip():
            self._write(text, style)
            self._break()
        else:
            self._gaps += 1

    def _fill(self) -> None:
        """Draws the blank lines before this one. At the end of a reply or a box there is none, so they never are."""
        for _ in range(self._gaps):
            self._out += ("  ", ("│", self.colour), "\n") if self._boxed else ("\n",)
        self._gaps = 0

    def _write(self, text: str, style: str = "") -> None:
        """Puts words on the current line, and breaks it where they don't fit."""
        self._begun = True
        width = self.screen.width
        if not self._column:
            self._fill()
            self._hanging = 0 if self._code or width is None else hanging(text, width)
            self._edge()
        for word in re.findall(r"\s+|\S+", text):
            word = self._spaced(word)
            if width is not None and self._column + cell_len(word) > width and self._column > self._begin:
                self._break_line()
                if word.isspace():
                    continue
            pieces = [word]
            if width is not None and cell_len(word) > width - self._begin:
                pieces = chop_cells(word, width - self._begin)
            for piece in pieces[:-1]:
                self._out.append((piece, style))
                self._break_line()
            self._out.append((pieces[-1], style))
            self._column += cell_len(pieces[-1])

    def _spaced(self, space: str) -> str:
        """Tabs as the blanks up to the next stop, four columns apart, counted from the text's edge."""
        shown = ""
        for character in space:
            column = self._column - self._margin + len(shown)
            shown += " " * (4 - column % 4) if character == "\t" else character
        return shown

    @property
    def _margin(self) -> int:
        return 4 if self._boxed else 2

    @property
    def _begin(self) -> int:
        """The column in which the rest of a broken line begins."""
        return self._margin + self._hanging

    def _break_line(self) -> None:
        self._out.append("\n")
        self._edge()
        self._out.append(" " * self._hanging)
        self._column = self._begin

    def _edge(self) -> None:
        self._out.append("  ")
        if self._boxed:
            self._out.append(("│ ", self.colour))
        self._column = self._margin

    def _break(self) -> None:
        self._out.append("\n")
        self._column = 0
        self._begun = False
        self._blank = False

    def _open_box(self) -> None:
        self._fill()
        self._boxed = True
        self._blank = True
        self._out += ("  ", ("╭─ proposal\n", self.colour))

    def _close_box(self) -> None:
        self._boxed = False
        self._blank = True
        self._gaps = 0
        self._code = ""
        self._out += ("  ", ("╰─\n", self.colour))

    def _flush(self) -> None:
        if self._out:
            self.screen.show(*self._out, end="")
            self._out.clear()
        if self.folded and self._code:
            to = f" to {self._writing}" if self._writing else ""
            unfit = f", {self.unfit} can't be placed" if self.unfit else ""
            self.screen.busy(f"writing the edits{to}" + (f" ({self.read} read{unfit})" if self.read else ""))


def _may_be_more_than_words(line: str) -> bool:
    text = line.lstrip()
    if text[:1] == "<":
        return len(text) < _TAG_ROOM or _OPENING.match(text) is not None or text.startswith("<<<<<")
    if _ENVELOPE.startswith(text[: len(_ENVELOPE)]):
        return True
    return text[0] in "`~" and set(text[:3]) == {text[0]}
