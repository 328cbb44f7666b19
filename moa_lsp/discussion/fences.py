"""The fences that messages are built of, and the escaping that keeps foreign text from forging one.

A fence is an XML-like tag. Text that comes from files, users or models could hold the same tags, so a backslash is
put behind the `<` of whatever looks like one: `<proposal>` becomes `<\\proposal>`, and `<\\proposal>`, should it
stand in a file, becomes `<\\\\proposal>`. So escaping loses nothing: `unescape(escape(text)) == text` for every text.

Who writes a message in what order is in `thread.py`; finding proposals in a reply is in `reader.py`.
"""

from __future__ import annotations

import re

# Upper and lower case, blanks inside the tag and attributes are all read by models as the tag, so all are escaped.
_NAMES = (
    "user_message|architect|proposals?|files?|file_changed|file_removed|file_part|selection|settled|role|task"
    "|stances?|questions?|answered|plan"
)
# Blanks are matched in one way only, so that a `<` before a long run of them costs no more than its length.
_TAG = re.compile(rf"<(\\*)(\s*(?:/\s*)?(?:{_NAMES})(?![\w-]))", re.IGNORECASE)


def escape(text: str) -> str:
    """Foreign text, made unable to open or close a fence. Undone by `unescape`, exactly."""
    return _TAG.sub(r"<\\\1\2", text)


def unescape(text: str) -> str:
    """Text as it was before `escape`. A tag that no backslash marks is left as it is."""
    return _TAG.sub(lambda match: f"<{match[1][1:]}{match[2]}", text)


def neutralise(text: str) -> str:
    """A model's text, made unable to open or close a fence, for another model to read.

    What the model copied from a file is escaped already and stays as it is, so that a third model which
    copies it on still writes what unescapes to the file's own text; only bare tags gain their backslash.
    """
    return _TAG.sub(lambda match: match[0] if match[1] else f"<\\{match[2]}", text)


def user_message(text: str) -> str:
    """What the user said, fenced."""
    return f"<user_message>\n{escape(text)}\n</user_message>"


def task(text: str) -> str:
    """What a turn is for, in the program's words or the settings'."""
    return f"<task>\n{escape(text.strip())}\n</task>"


def proposal(architect: str, text: str, stances: str = "") -> str:
    """An architect's proposal as the others see it: its name in capitals, below it what it says of others' proposals
    (if anything), and nothing of the prose around them."""
    said = f"<stances>\n{neutralise(stances)}\n</stances>\n" if stances else ""
    inside = f"<proposal>\n{neutralise(text)}\n</proposal>\n{said}"
    return f"<architect name='{shown_name(architect)}'>\n{inside}</architect>"


def reply(architect: str, text: str) -> str:
    """An architect's full reply as the editor model sees it; `text` has its own fences written already."""
    return f"<architect name='{shown_name(architect)}'>\n{text}\n</architect>"


def settled(lines: str) -> str:
    """What the user decided about edits, in sentences and in lines of files."""
    return f"<settled>\n{escape(lines)}\n</settled>"


def answered(asked_by: str, question: str, answer: str) -> str:
    """What the user answered to an architect's question."""
    asked = f"<question>\n{neutralise(question)}\n</question>"
    return f"<answered architect='{shown_name(asked_by)}'>\n{asked}\n{escape(answer)}\n</answered>"


def plan(text: str) -> str:
    """The steps that the editor model is to carry out. They are models' words, or the user's."""
    return f"<plan>\n{neutralise(text)}\n</plan>"


def file(path: str, text: str) -> str:
    """A file's whole text. A last line end belongs to the text; the fence's own line end is written either way."""
    return f"<file path='{attribute(path)}'>\n{_closed(escape(text))}</file>"


def file_changed(path: str, diff: str) -> str:
    """What changed in a file that was shown before, as a unified diff."""
    return f"<file_changed path='{attribute(path)}'>\n{_closed(escape(diff))}</file_changed>"


def file_removed(path: str) -> str:
    return f"<file_removed path='{attribute(path)}'/>"


def file_part(path: str, first: int, last: int, text: str) -> str:
    """Some of a file's lines: `first` and `last` are 1-based, both included, and count as the file is without `text`'s
    own changes."""
    return f"<file_part path='{attribute(path)}' lines='{first}-{last}'>\n{_closed(escape(text))}</file_part>"


def selection(path: str, first: int, last: int, text: str) -> str:
    """The lines the user pointed at: 1-based, both ends included."""
    return f"<selection path='{attribute(path)}' lines='{first}-{last}'>\n{_closed(escape(text))}</selection>"


def shown_name(architect: str) -> str:
    return attribute(architect.upper())


def attribute(value: str) -> str:
    """A value that can't end its quotes, its tag or its line."""
    for character, written in (
        ("&", "&amp;"),
        ("'", "&apos;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("\n", "&#10;"),
        ("\r", "&#13;"),
    ):
        value = value.replace(character, written)
    return value


def _closed(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
