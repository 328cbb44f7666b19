"""The open documents against a model that is one plain string, and what makes a document doubted."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.lines import split_lines
from moa_lsp.lsp.documents import LARGEST, Document, Documents
from moa_lsp.lsp.positions import ENCODINGS, PositionCodec

URI = "file:///w/a.py"
PIECES = [
    "\r",
    "\n",
    "\r\n",
    "\r",
    "\n",
    "\x0c",
    "\x85",
    "\u2028",
    "\x0b",
    "\x1c",
    "𝄞",
    "👩\u200d🚀",
    "e\u0301",
    "é",
    "漢",
    "a",
    " ",
]
SIZES = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}

Place = tuple[int, int]


class Editor:
    """What an editor is to the server: one string, changed by offsets, told of by line and unit."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.codec, self.size = SIZES[encoding]

    def starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\r\n|\r|\n", self.text))]

    def places(self) -> list[int]:
        """Every offset that a client can name: all but those between a `\\r` and its `\\n`."""
        return [at for at in range(len(self.text) + 1) if self.text[max(at - 1, 0) : at + 1] != "\r\n"]

    def position(self, offset: int) -> types.Position:
        line = sum(start <= offset for start in self.starts()) - 1
        before = self.text[self.starts()[line] : offset]
        return types.Position(line, len(before.encode(self.codec)) // self.size)

    def edit(self, start: int, end: int, new: str) -> types.TextDocumentContentChangePartial:
        change = types.TextDocumentContentChangePartial(types.Range(self.position(start), self.position(end)), text=new)
        self.text = self.text[:start] + new + self.text[end:]
        return change


class Server:
    """The documents under test, with all that they tell."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.documents = Documents(PositionCodec(encoding))
        self.document = self.documents.open(URI, "python", 1, text)
        self.edits: list[tuple[TextEdit, list[str]]] = []
        self.replaced: list[tuple[str, str]] = []

    def change(
        self, *changes: types.TextDocumentContentChangeEvent, version: int | None = None, uri: str = URI
    ) -> Document:
        version = self.document.version + 1 if version is None else version
        params = types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), changes)

        def edited(edit: TextEdit, lines: Sequence[str]) -> None:
            self.edits.append((edit, list(lines)))

        return self.documents.change(params, edited, lambda before, after: self.replaced.append((before, after)))


def partial(start: Place, end: Place, text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text=text)


def whole(text: str) -> types.TextDocumentContentChangeWholeDocument:
    return types.TextDocumentContentChangeWholeDocument(text)


def carried_out(edit: TextEdit, lines: Sequence[str]) -> str:
    """A text after an edit, by its places alone."""
    ahead = (
        "".join(lines[: edit.start_line]) + "".join(lines[edit.start_line : edit.start_line + 1])[: edit.start_column]
    )
    last = "".join(lines[edit.end_line : edit.end_line + 1])
    return ahead + edit.new_text + last[edit.end_column :] + "".join(lines[edit.end_line + 1 :])


def line_ends(text: str) -> int:
    return len(re.findall("\r\n|\r|\n", text))


def check(editor: Editor, server: Server, before: list[str], change: types.TextDocumentContentChangePartial) -> None:
    server.edits.clear()
    server.change(change)
    [(edit, lines)] = server.edits
    assert server.document.text == editor.text
    assert list(server.document.lines) == split_lines(editor.text) == lines
    assert carried_out(edit, before) == editor.text
    # Whoever follows the edit counts lines by it: as many line ends go and come as the edit says.
    moved = line_ends(edit.new_text) - (edit.end_line - edit.start_line)
    assert line_ends(editor.text) - line_ends("".join(before)) == moved


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_thousand_random_edits_leave_what_a_plain_string_holds(encoding: str) -> None:
    dice = random.Random(f"moa {encoding}")
    editor = Editor("def f():\r\n    pass\n", encoding)
    server = Server(editor.text, encoding)
    for _ in range(1000):
        before = split_lines(editor.text)
        places = editor.places()
        first = dice.randrange(len(places))
        # Deletions are a little longer than insertions now and then, so that the text stays short and its edges near.
        last = min(first + dice.choice([0, 0, 1, 2, 3, 40]), len(places) - 1)
        new = "".join(dice.choices(PIECES, k=dice.choice([0, 1, 1, 2, 6])))
        check(editor, server, before, editor.edit(places[first], places[last], new))
    assert not server.document.doubted


@settings(max_examples=300, deadline=None)
@given(data=st.data(), encoding=st.sampled_from(ENCODINGS))
def test_any_edits_leave_what_a_plain_string_holds(data: st.DataObject, encoding: str) -> None:
    texts = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
    editor = Editor(data.draw(texts), encoding)
    server = Server(editor.text, encoding)
    for _ in range(data.draw(st.integers(1, 5))):
        before = split_lines(editor.text)
        places = st.sampled_from(editor.places())
        start, end = sorted([data.draw(places), data.draw(places)])
        check(editor, server, before, editor.edit(start, end, data.draw(texts)))


@pytest.mark.parametrize(
    ("text", "start", "end", "new", "after"),
    [
        ("a\rb", (1, 0), (1, 0), "\n", ["a\r\n", "b"]),
        ("a\nb", (0, 1), (0, 1), "\r", ["a\r\n", "b"]),
        ("a\rx\nb", (1, 0), (1, 1), "", ["a\r\n", "b"]),
        ("a\r", (1, 0), (1, 0), "\n", ["a\r\n"]),
        ("a\r\nb", (0, 1), (1, 0), "\r", ["a\r", "b"]),
        ("\r\n", (0, 0), (0, 0), "\r", ["\r", "\r\n"]),
        ("a\r\nb", (0, 9), (0, 9), "!", ["a!\r\n", "b"]),
        ("a\n", (1, 0), (1, 0), "b", ["a\n", "b"]),
        ("a\nb", (1, 0), (1, 1), "", ["a\n"]),
    ],
)
def test_where_line_ends_meet(text: str, start: Place, end: Place, new: str, after: list[str]) -> None:
    server = Server(text)
    assert server.change(partial(start, end, new)).lines == after


def test_changes_of_one_notification_are_made_in_their_order() -> None:
    server = Server("one\ntwo\n")
    server.change(
        partial((0, 0), (0, 3), "1\n1"), partial((1, 0), (1, 1), "x"), whole("y\n"), partial((0, 0), (0, 0), "z")
    )
    assert server.document.text == "zy\n"
    assert [lines for _, lines in server.edits] == [["1\n", "1\n", "two\n"], ["1\n", "x\n", "two\n"], ["zy\n"]]
    assert server.replaced == [("1\nx\ntwo\n", "y\n")]


def test_characters_that_end_no_line_in_an_editor_do_not_shift_lines() -> None:
    server = Server("a\x0cb\x85c\u2028d\x1ce\nsecond\n")
    server.change(partial((1, 0), (1, 6), "2nd"))
    assert server.document.text == "a\x0cb\x85c\u2028d\x1ce\n2nd\n"


def test_lone_surrogates_become_characters_that_can_be_stored() -> None:
    server = Server("a\ud83d\n")
    server.change(partial((0, 2), (0, 2), "\ude00b"))
    assert server.document.text == "a\ufffd\ufffdb\n"
    server.change(whole("𝄞\udc00"))
    assert server.document.text.encode() == "𝄞\ufffd".encode()
    server.change(partial((0, 3), (0, 3), "!"))
    assert server.document.text == "𝄞\ufffd!"


@pytest.mark.parametrize(
    "change",
    [
        partial((4, 0), (4, 0), "x"),
        partial((0, 0), (9, 0), "x"),
        partial((1, 0), (0, 0), "x"),
        partial((0, 2), (0, 1), "x"),
    ],
)
def test_impossible_ranges_make_a_document_doubted_until_its_whole_text_comes(
    change: types.TextDocumentContentChangePartial,
) -> None:
    server = Server("one\ntwo\n")
    server.change(change)
    assert server.document.doubted
    server.change(partial((0, 0), (0, 0), "x"))
    assert (server.document.text, server.document.doubted, server.edits) == ("one\ntwo\n", True, [])
    server.change(whole("three"))
    assert (server.document.text, server.document.doubted) == ("three", False)
    assert server.replaced == [("one\ntwo\n", "three")]
    server.change(partial((0, 0), (0, 0), "x"))
    assert server.document.text == "xthree"


def test_one_line_too_many_is_the_end() -> None:
    server = Server("one\ntwo")
    server.change(partial((1, 0), (2, 0), "2"))
    assert (server.document.text, server.document.doubted) == ("one\n2", False)


@pytest.mark.parametrize("version", [1, 0, -5])
def test_versions_that_do_not_grow_make_a_document_doubted(version: int) -> None:
    server = Server("one")
    server.change(partial((0, 0), (0, 0), "x"), version=version)
    assert (server.document.text, server.document.doubted, server.edits) == ("one", True, [])
    reopened = server.documents.open(URI, "python", 1, "fresh")
    assert (reopened.text, reopened.doubted) == ("fresh", False)
    assert server.documents.get(URI) is reopened


def test_versions_may_leap() -> None:
    server = Server("one")
    server.change(partial((0, 0), (0, 0), "x"), version=70)
    assert (server.document.text, server.document.version) == ("xone", 70)


def test_a_document_never_opened_is_doubted_until_its_text_is_known() -> None:
    server = Server("one")
    other = server.change(partial((0, 0), (0, 0), "x"), uri="file:///w/b.py", version=3)
    assert (other.doubted, other.text, server.edits) == (True, "", [])
    assert server.documents.get("file:///w/b.py") is other
    assert not server.document.doubted
    server.change(whole("b\n"), uri="file:///w/b.py", version=4)
    assert (other.doubted, other.text) == (False, "b\n")


def test_closing() -> None:
    server = Server("one")
    assert list(server.documents) == [server.document]
    assert server.documents.close("file:///w/%61.py") is server.document
    assert server.documents.close(URI) is None
    assert server.documents.get(URI) is None


def test_a_keystroke_costs_the_same_in_a_long_file() -> None:
    """Generous by a factor of 30: what is forbidden is work that grows with the whole text (seconds here)."""
    server = Server("x = 1  # a line like many\n" * 200_000)
    begun = time.perf_counter()
    for column in range(500):
        server.documents.change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(column + 2, URI),
                [partial((100_000, column), (100_000, column), "y")],
            ),
            lambda _edit, _lines: None,
            lambda _before, _after: None,
        )
    assert time.perf_counter() - begun < 1
    assert server.document.lines[100_000] == "y" * 500 + "x = 1  # a line like many\n"


def test_a_document_beyond_all_measure_is_not_kept() -> None:
    documents = Documents(PositionCodec())
    document = documents.open(URI, "text", 1, "x" * (LARGEST + 1))
    assert document.doubted
    assert document.text == ""
    whole = types.TextDocumentContentChangeWholeDocument(text="small\n")
    identifier = types.VersionedTextDocumentIdentifier(uri=URI, version=2)
    params = types.DidChangeTextDocumentParams(text_document=identifier, content_changes=[whole])
    documents.change(params, lambda _, __: None, lambda _, __: None)
    assert not document.doubted
    assert document.text == "small\n"
