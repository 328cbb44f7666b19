"""Which text is never written."""

from __future__ import annotations

import pytest

from moa_lsp.edits.placing.refused_text import MOST_BYTES, text_refusal


@pytest.mark.parametrize("text", ["", "a\tb\r\nc\rd\x0c\x0b\x1b[0m\n", "é漢𝄞\u2028\u0085", "x" * MOST_BYTES])
def test_source_text(text: str) -> None:
    assert text_refusal(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\r\nb\rc\0", "U+0000 in line 3"),
        ("\x7fELF", "U+007F in line 1"),
        ("a\n\x08", "U+0008 in line 2"),
        ("a\ud83d", "half a character in line 1"),
        ("x" * (MOST_BYTES + 1), "larger than 1,000 kB"),
        ("é" * (MOST_BYTES // 2 + 1), "larger than 1,000 kB"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    reason = text_refusal(text)
    assert reason is not None
    assert said in reason
