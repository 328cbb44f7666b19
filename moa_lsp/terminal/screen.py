"""Where the terminal client writes: results on stdout, hints and errors on stderr, in colours on a terminal.

Rules: every text passes `harmless` here, and is never read as rich's markup: models, files and providers wrote most of
it. Into a pipe goes plain text, without one escape sequence and without line breaks of ours. With `--json` stdout gets
one document and nothing else. How numbers read is here as well: what isn't known is a dash, never 0.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.status import Status
from rich.text import Text

from moa_lsp.discussion.values import Usage
from moa_lsp.terminal.connection import Json

Part = str | tuple[str, str]
"""Some text, or a text and its style."""

ERROR, WARNING, QUIET, STRONG = "red", "yellow", "dim", "bold"
# Red and yellow speak of trouble, green and red of diffs; the architects get what is left, far apart first.
_ARCHITECTS = ("cyan", "magenta", "blue", "bright_green", "bright_magenta", "bright_cyan", "bright_blue")

# Blanks, and what a list's item or one of our own lines begins with.
_BEGINNING = re.compile(r"[ ]*(?:(?:[-*+~?✗■!●◌◆≡◇◈]|[0-9]{1,2}[.)])[ ])?")

# C0 without \t and \n, DEL, C1 (which holds one-byte escape sequences). A bare \r could overwrite what was shown.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(
    "["
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the reading direction
    "\u200b-\u200d\u2060-\u2064\ufeff\u00ad\u180e\u115f\u1160\u3164\uffa0"  # have no width, or no ink
    "\u2028\u2029"  # break lines for some and not for others
    "\ufe00-\ufe0e\U000e0000-\U000e007f\U000e0100-\U000e01ef"  # tags and variation selectors, which can carry text
    "\ud800-\udfff"  # half a character: nothing can encode it
    "]"
)


class Screen:
    """The terminal, or what stands in for it. Status lines are shown on terminals only, and leave no trace."""

    def __init__(
        self, *, json: bool = False, color: bool = True, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        self.json = json
        self._stdout = stdout or sys.stdout
        system = "auto" if color else None
        self._out = Console(file=self._stdout, color_system=system, markup=False, highlight=False, emoji=False)
        self._err = Console(file=stderr or sys.stderr, color_system=system, markup=False, highlight=False, emoji=False)
        self._status: Status | None = None
        self._colours: dict[str, str] = {}

    @property
    def interactive(self) -> bool:
        return self._out.is_terminal and not self.json

    @property
    def width(self) -> int | None:
        """Columns to fit text into; `None` where lines are not to be broken."""
        return max(self._out.width, 20) if self._out.is_terminal else None

    def colour(self, architect: str) -> str:
        """The architect's colour, the same as long as the program runs."""
        return self._colours.setdefault(architect, _ARCHITECTS[len(self._colours) % len(_ARCHITECTS)])

    def show(self, *parts: Part, end: str = "\n") -> None:
        """Writes to stdout; with `--json` nothing."""
        if not self.json:
            self.still()
            if self._out.is_terminal:
                self._out.print(_text(parts), end=end, soft_wrap=True)
            else:
                # Not by rich, which turns tabs into blanks: a diff that is piped is to stay one.
                self._stdout.write(_text(parts).plain + end)
                self._stdout.flush()

    def say(self, *parts: Part) -> None:
        """Writes sentences to stdout: on a terminal broken between words, and indented as they begin."""
        if self._out.is_terminal and not self.json:
            self.still()
            self._out.print(_broken(_text(parts), self._out), soft_wrap=True)
        else:
            self.show(*parts)

    def hint(self, *parts: Part) -> None:
        """Writes a line that is no result to stderr."""
        if not self.json:
            self.still()
            self._err.print(_text(parts), soft_wrap=True, style=QUIET)

    def error(self, message: str) -> None:
        """Writes to stderr why something failed."""
        self.still()
        text = _text([(message, ERROR)])
        self._err.print(_broken(text, self._err) if self._err.is_terminal else text, soft_wrap=True)

    def document(self, value: Any) -> None:
        """Writes the result as JSON, in ASCII: whatever a model wrote, no terminal obeys it."""
        self._stdout.write(json.dumps(value, indent=2) + "\n")
        self._stdout.flush()

    def busy(self, message: str) -> None:
        """Shows that something goes on, until the next thing is written."""
        if not self.interactive:
            return
        text = _text([(message, QUIET)])
        if self._status is None:
            self._status = self._out.status(text, spinner="dots", spinner_style=QUIET)
            self._status.start()
        else:
            self._status.update(text)

    def still(self) -> None:
        """Takes the status line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def harmless(text: str) -> str:
    """The text as it may be shown. Lines and tabs stay, and so does every character that can be seen."""
    return _INVISIBLE.sub(lambda match: f"<U+{ord(match[0]):04X}>", _CONTROL.sub("", text))


def _text(parts: Sequence[Part]) -> Text:
    text = Text()
    for part in parts:
        words, style = (part, "") if isinstance(part, str) else part
        text.append(harmless(words), style)
    return text


def _broken(text: Text, console: Console) -> Text:
    lines: list[Text] = []
    for line in text.split("\n"):
        margin = hanging(line.plain, console.width)
        room = max(console.width - margin, 1)
        pieces = list(line[margin:].wrap(console, room)) or [Text()]
        lines += [Text.assemble(" " * margin if at else line[:margin], piece) for at, piece in enumerate(pieces)]
    return Text("\n").join(lines)


def hanging(line: str, width: int) -> int:
    """How far the lines that a long one is broken into are indented: as its first word, behind a list's mark."""
    beginning = _BEGINNING.match(line)
    return len(beginning[0]) if beginning and 4 * len(beginning[0]) <= width else 0


def money(usage: Json) -> str:
    """What it cost: cents below a dollar, `–` where nobody knows, `at least …` where only a part is known."""
    cost = usage.get("costUsd")
    known = usage.get("knownCostUsd") or 0
    if cost is None:
        return f"at least {_dollars(known)}" if known else "price –"
    return _dollars(cost)


def _dollars(amount: float) -> str:
    if amount == 0:
        return "0 ¢"
    if amount >= 1:
        return f"${amount:.2f}"
    cents = amount * 100
    return f"{cents:.1f} ¢" if cents >= 0.1 else f"{cents:.2g} ¢"


def tokens(count: int | None) -> str:
    """A number of tokens, short: `812`, `1.9k`, `23k`; `–` where it isn't known."""
    if count is None:
        return "–"
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{count / 1000:.0f}k"


def usage_object(usage: Usage) -> Json:
    """A usage as the server tells of one (`docs/protocol.md`), for what is known without asking a server."""
    return {
        "inputTokens": usage.input_tokens,
        "cachedTokens": usage.cached_tokens,
        "outputTokens": usage.output_tokens,
        "costUsd": usage.cost_usd,
        "knownCostUsd": usage.known_cost_usd,
    }


def figures(usage: Json, seconds: float | None = None, *, replay: bool = False) -> str:
    """One line of what it took: seconds, tokens in and out, the cached part, the price.

    A `replay` asked no model, so there are no tokens to count.
    """
    sent, cached = usage.get("inputTokens"), usage.get("cachedTokens")
    parts = [] if seconds is None else [f"{seconds:.1f} s"]
    parts.append("replay" if replay else f"{tokens(sent)} in, {tokens(usage.get('outputTokens'))} out")
    if sent and cached:
        parts.append(f"{100 * cached / sent:.0f} % cached")
    return " · ".join([*parts, money(usage)])
