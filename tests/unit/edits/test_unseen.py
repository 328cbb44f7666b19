"""What a person can't see in an edit is pointed out, and what is of no concern isn't."""

from __future__ import annotations

import pytest

from moa_lsp.edits.paths import tidy_path
from moa_lsp.edits.unseen import pointed_out, unseen_in
from moa_lsp.edits.values import FileChange, FileKind, Hunk, Problem


def notices(old: str, new: str, path: str = "a.py") -> list[str]:
    file = FileChange(path, hunks=(Hunk("1", 4, 5, old, new),))
    return [problem.message for problem in pointed_out([file])]


def about_new_file(path: str) -> list[str]:
    file = FileChange(path, FileKind.CREATE, hunks=(Hunk("1", 0, 0, "", "a = 1\n"),))
    return [problem.message for problem in pointed_out([file])]


@pytest.mark.parametrize(
    ("character", "code_point"),
    [
        ("\u202e", "U+202E"),  # bidi controls
        ("\u2066", "U+2066"),
        ("\u061c", "U+061C"),
        ("\u200b", "U+200B"),  # without a width
        ("\u00ad", "U+00AD"),
        ("\ufeff", "U+FEFF"),
        ("\u3164", "U+3164"),  # a letter without a shape
        ("\U000e0041", "U+E0041"),  # a tag
        ("\U000e0100", "U+E0100"),  # a variation selector beyond the common ones
    ],
)
def test_what_is_added_is_named(character: str, code_point: str) -> None:
    (said,) = notices("a = 'b'\n", f"a = '{character}b'\n")
    assert f"adds characters that can't be seen: {code_point}." in said
    assert "line 5" in said
    assert unseen_in(f"x{character}y{character}") == (code_point,)
    path = tidy_path(f"src/a{character}b.py")
    assert isinstance(path, Problem)
    assert code_point in path.message


def test_what_stood_there_already_is_not() -> None:
    assert notices("a = '\u200b'\n", "b = '\u200b'\n") == []
    (said,) = notices("a = '\u200b'\n", "a = '\u200b\u200b\u200b'\n")
    assert "U+200B (2 times)" in said


@pytest.mark.parametrize("text", ["é ü ß 日本 שלום", "👩\u200d💻 ❤\ufe0f\u200d🔥", "🏳\ufe0f\u200d🌈"])
def test_what_has_its_place_is_not(text: str) -> None:
    assert notices("a\n", f"{text}\n") == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("src/p\u0430y.py", "U+0430 CYRILLIC SMALL LETTER A"),
        ("\u039fpen.py", "U+039F GREEK CAPITAL LETTER OMICRON"),
        ("cafe\u0301.py", "U+0301"),
    ],
)
def test_names_that_look_like_others(path: str, said: str) -> None:
    (notice,) = about_new_file(path)
    assert said in notice


@pytest.mark.parametrize("path", ["src/pay.py", "схема.py", "данные/api_схема.py", "café.py", "日本.py", "αβγ-test.py"])
def test_names_in_any_one_script(path: str) -> None:
    assert about_new_file(path) == []


def test_a_remote_schema() -> None:
    new = '{"$schema": "https://example.invalid/a.json", "$ref": "x"}\n'
    (said,) = notices("{}\n", new)
    assert "https://example.invalid/a.json" in said
    assert notices(new, new.replace('"x"', '"y"')) == []
    assert notices("{}\n", '{"$schema": "./a.json"}\n') == []
