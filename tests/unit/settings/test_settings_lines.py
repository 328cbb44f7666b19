"""The place of every key and value in a TOML text, held against what `tomllib` reads."""

from __future__ import annotations

import tomllib
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.settings.lines import Lines, Path, Span, places, syntax_place

EVERYTHING = '''
# a comment with = and [brackets]
plain = 1
"quoted key" = 'literal # no comment'
'single' = "basic \\" ] } # still"
dotted.key."with.dot" = true
when = 1979-05-27 07:32:00Z # after a date with a space
day = 1979-05-27
far = [ 1, [ 2, "]" ], # comment ]
  { a = 1, b.c = [ "}" ] },
  """multi
line ""quotes"" \\""" at the end""",
]
empty = []
none = {}
text = """
one "" two
three"""""
raw = \'\'\'it's = ''
[x]\'\'\'

[table]
key = -1.5e3
[table.sub."q.r"]
value = inf
[[list]]
name = "one"
[list.in]
deep = 1
[[list.inner]]
n = 1
[[list.inner]]
n = 2
[[list]]
name = "two"
'''


def leaves(value: object, path: Path = ()) -> dict[Path, object]:
    """Every path into a value, with what stands there."""
    found: dict[Path, object] = {path: value} if path else {}
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(cast("dict[str | int, object]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[object]", value)))
    for key, inner in items:
        found |= leaves(inner, (*path, key))
    return found


def slice_of(text: str, span: Span) -> str:
    lines = text.split("\n")
    if span.first_line == span.last_line:
        return lines[span.first_line][span.first_column : span.last_column]
    middle = lines[span.first_line + 1 : span.last_line]
    return "\n".join([lines[span.first_line][span.first_column :], *middle, lines[span.last_line][: span.last_column]])


def check_against_tomllib(text: str) -> None:
    found = places(text)
    wanted = leaves(tomllib.loads(text))
    assert set(found) == set(wanted)
    for path, value in wanted.items():
        written = slice_of(text, found[path].value)
        if not isinstance(value, dict | list):
            assert tomllib.loads(f"x = {written}")["x"] == value, path
        key = path[-1]
        if isinstance(key, str):
            assert list(tomllib.loads(f"{slice_of(text, found[path].key)} = 0")) == [key]


def test_every_path_is_found_and_every_slice_is_its_value() -> None:
    check_against_tomllib(EVERYTHING)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_count_the_same_with_either_line_end(newline: str) -> None:
    found = places(EVERYTHING.replace("\n", newline))
    assert found[("list", 1, "name")].value == Span(34, 7, 34, 12)
    assert found[("plain",)].key == Span(2, 0, 2, 5)


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
VALUES = st.recursive(
    st.integers(-99, 99) | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[ " + " ,\n# ] comment\n".join(as_toml(one) for one in cast("list[object]", value)) + "]"
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return (
            "{"
            + ", ".join(f"{as_toml(name)} = {as_toml(one)}".replace("\n# ] comment\n", " ") for name, one in pairs)
            + "}"
        )
    return str(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=3))
def test_any_text_that_tomllib_takes(top: dict[str, Any], tables: list[dict[str, Any]]) -> None:
    lines = [f"{as_toml(name)}={as_toml(value)} # x" for name, value in top.items() if name != "T"]
    for table in tables:
        lines += ["[[T]]", *(f"\t{as_toml(name)} = {as_toml(value)}" for name, value in table.items())]
    check_against_tomllib("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \nc = 2\n", 1),
        ("a = 1\r\nb = \r\n", 1),
        ("a = [1,\n2\n\n\n", 1),
        ('a = 1\nb = "open', 1),
        ("a = 1\na = 2\n", 1),
        ("[x]\n[x]\n", 1),
        ("a = 1\narch", 1),
        ("\ud83d", 0),
        ("=", 0),
    ],
)
def test_a_mistake_in_the_syntax_is_put_on_its_line(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        tomllib.loads(text)
    message, span = syntax_place(text, raised.value)
    assert (span.first_line, span.last_line) == (line, line)
    assert "line" not in message
    assert "end of document" not in message


def test_lines_break_as_in_the_protocol() -> None:
    text = "a\rb\r\nc\nd\u2028e\x0cf\x85g"
    assert Lines(text).span(text.index("c"), text.index("g")) == Span(2, 0, 3, 6)
    assert Lines("  x  \n").line(0) == Span(0, 2, 0, 3)
    assert Lines("").line(0) == Span(0, 0, 0, 0)
