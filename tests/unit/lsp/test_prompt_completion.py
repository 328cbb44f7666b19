"""What a prompt is completed to, at every place of it. The completion itself is pure; the wire only counts units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.session.completion import Droppable, complete

ARCHITECTS = [Droppable("alpha", "openai/a"), Droppable("bravo", "openai/b"), Droppable("alpha-2", "openai/c")]
FILES = ["api.py", "deep/er/api_test.py", "errors.py", "README.md", "with space.py"]


def labels(text: str, position: int | None = None) -> list[str]:
    return [one.label for one in complete(text, len(text) if position is None else position, ARCHITECTS, FILES)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/", ["/discuss", "/code", "/drop", "/preset", "/once"]),
        ("  /d", ["/discuss", "/drop"]),
        ("/code", ["/code"]),
        ("/x", []),
        ("", []),
        ("hello /d", []),
        ("/code now /d", []),
        ("/drop ", ["alpha", "bravo", "alpha-2"]),
        ("/drop AL", ["alpha", "alpha-2"]),
        ("/drop zulu", []),
        ("/drop alpha ", []),
        ("see @err", ["@errors.py"]),
        ("@", ["@api.py", "@README.md", "@errors.py", "@with space.py", "@deep/er/api_test.py"]),
        ("@api", ["@api.py", "@deep/er/api_test.py"]),
        ("@DEEP/", ["@deep/er/api_test.py"]),
        ("/discuss @read", ["@README.md"]),
        ("line\n@err", ["@errors.py"]),
        ("me@err", []),
        ("@err or", []),
        ("@err\n", []),
    ],
)
def test_what_is_proposed(text: str, wanted: list[str]) -> None:
    assert labels(text) == wanted


def test_only_what_stands_before_the_cursor_counts() -> None:
    assert labels("/drop al and more", 8) == ["alpha", "alpha-2"]
    assert labels("/discuss x", 3) == ["/discuss"]
    assert labels("@err", 0) == []


def test_what_is_inserted_ends_the_word_that_was_begun() -> None:
    (discuss,) = complete("/dis", 4, ARCHITECTS, FILES)
    assert (discuss.insert_text, bool(discuss.detail)) == ("/discuss ", True)
    (bravo,) = complete("/drop b", 7, ARCHITECTS, FILES)
    assert (bravo.insert_text, bravo.detail) == ("bravo", "openai/b")


def test_files_are_limited_and_the_best_come_first() -> None:
    many = [f"folder/file{number}.py" for number in range(500)] + ["file.py"]
    found = complete("@file", 5, [], many)
    assert len(found) == 50
    assert found[0].label == "@file.py"


@given(st.text(max_size=30), st.integers(-5, 40))
def test_nothing_makes_it_fail(text: str, position: int) -> None:
    assert all(one.label and one.insert_text for one in complete(text, position, ARCHITECTS, FILES))
