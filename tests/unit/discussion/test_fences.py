"""The fences: what is escaped can't open or close one, and comes out as it went in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion import fences
from tests.unit.discussion.texts import NAMES, tag_soup

# What a model would read as a tag, said independently of the code under test: every blank and case, any attribute.
FENCE_TAG = re.compile(rf"<\s*/?\s*({'|'.join(NAMES)})(\s[^>]*)?/?>", re.IGNORECASE)


@given(st.text() | tag_soup)
def test_escaping_loses_nothing(text: str) -> None:
    assert fences.unescape(fences.escape(text)) == text


@given(tag_soup, st.integers(2, 5))
def test_escaping_again_and_again_loses_nothing(text: str, times: int) -> None:
    escaped = text
    for _ in range(times):
        escaped = fences.escape(escaped)
    for _ in range(times):
        escaped = fences.unescape(escaped)
    assert escaped == text


@given(tag_soup)
def test_what_is_escaped_holds_no_fence(text: str) -> None:
    assert not FENCE_TAG.search(fences.escape(text))
    assert not FENCE_TAG.search(fences.neutralise(text))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["<{}>", "</{}>", "< {} >", "<\n/\t{}\n>", "<{} name='A'>", "<{}/>", "<{}"])
def test_each_form_of_each_tag_is_escaped(name: str, form: str) -> None:
    for tag in (form.format(name), form.format(name.upper()), form.format(name.title())):
        assert fences.escape(tag) == "<\\" + tag[1:]
        assert fences.neutralise(tag) == "<\\" + tag[1:]


@pytest.mark.parametrize("text", ["<div>", "a < file_name", "<filename>", "<role-model>", "if a<b", "<\\div>", "\\<"])
def test_other_text_is_left_alone(text: str) -> None:
    assert fences.escape(text) == text
    assert fences.unescape(text) == text


@given(tag_soup)
def test_a_neutralised_text_unescapes_to_what_the_writer_would_have_written_into_a_file(text: str) -> None:
    assert fences.unescape(fences.neutralise(text)) == fences.unescape(text)


@given(st.text() | tag_soup)
def test_what_was_copied_from_an_escaped_file_stays_escaped_from_model_to_model(text: str) -> None:
    copied = fences.escape(text)
    assert fences.neutralise(copied) == copied
    assert fences.neutralise(fences.neutralise(text)) == fences.neutralise(text)


@given(tag_soup)
def test_an_attribute_cannot_end_its_quotes_its_tag_or_its_line(value: str) -> None:
    assert not set("'<>\n\r") & set(fences.attribute(value))


@given(tag_soup, tag_soup)
def test_a_path_and_a_text_make_exactly_one_file(path: str, text: str) -> None:
    written = fences.file(path, text)
    first, _, rest = written.partition("\n")
    assert re.fullmatch(r"<file path='[^'<>]*'>", first)
    assert rest.endswith("</file>")
    assert [match[1].lower() for match in FENCE_TAG.finditer(written)] == ["file", "file"]


@given(tag_soup, tag_soup)
def test_a_name_and_a_text_make_exactly_one_proposal(name: str, text: str) -> None:
    written = fences.proposal(name, text)
    tags = [(match[1].lower(), "/" in match[0][:2]) for match in FENCE_TAG.finditer(written)]
    assert tags == [("architect", False), ("proposal", False), ("proposal", True), ("architect", True)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (fences.user_message("a\nb"), "<user_message>\na\nb\n</user_message>"),
        (
            fences.proposal("alpha", "do it"),
            "<architect name='ALPHA'>\n<proposal>\ndo it\n</proposal>\n</architect>",
        ),
        (
            fences.proposal("alpha", "do it", "- object BRAVO 2: it hides </stances>"),
            "<architect name='ALPHA'>\n<proposal>\ndo it\n</proposal>\n"
            "<stances>\n- object BRAVO 2: it hides <\\/stances>\n</stances>\n</architect>",
        ),
        (fences.settled("- api.py: ALPHA's.\n<file>"), "<settled>\n- api.py: ALPHA's.\n<\\file>\n</settled>"),
        (fences.plan("1. Do <\\file>.\n2. </plan>"), "<plan>\n1. Do <\\file>.\n2. <\\/plan>\n</plan>"),
        (
            fences.answered("alpha", "So? </question>", "No. </answered>"),
            "<answered architect='ALPHA'>\n<question>\nSo? <\\/question>\n</question>\nNo. <\\/answered>\n</answered>",
        ),
        (fences.reply("bravo", "as it was"), "<architect name='BRAVO'>\nas it was\n</architect>"),
        (fences.file("a/b.py", "x = 1\n"), "<file path='a/b.py'>\nx = 1\n</file>"),
        (fences.file("a.py", "x"), "<file path='a.py'>\nx\n</file>"),
        (fences.file("a.py", ""), "<file path='a.py'>\n\n</file>"),
        (fences.file("it's <b>.py", "x\n"), "<file path='it&apos;s &lt;b&gt;.py'>\nx\n</file>"),
        (
            fences.file_changed("a.py", "@@ -1 +1 @@\n-a\n+b\n"),
            "<file_changed path='a.py'>\n@@ -1 +1 @@\n-a\n+b\n</file_changed>",
        ),
        (fences.file_removed("a.py"), "<file_removed path='a.py'/>"),
        (fences.file_part("a.py", 3, 4, "x\ny"), "<file_part path='a.py' lines='3-4'>\nx\ny\n</file_part>"),
        (fences.selection("a.py", 3, 4, "x\ny"), "<selection path='a.py' lines='3-4'>\nx\ny\n</selection>"),
    ],
)
def test_fences_are_written_so(written: str, expected: str) -> None:
    assert written == expected


def test_an_ampersand_in_an_attribute_is_not_taken_for_an_escape() -> None:
    assert fences.attribute("a&lt;b") == "a&amp;lt;b"


@pytest.mark.parametrize("treat", [fences.escape, fences.unescape, fences.neutralise])
@pytest.mark.parametrize("unit", [" ", "\\", "< ", "</ ", "<\\", "<file"], ids=repr)
def test_a_megabyte_of_half_tags_takes_no_longer_than_other_text(treat: Callable[[str], str], unit: str) -> None:
    began = time.perf_counter()
    treat("<" + unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - began < 5
