"""How a message shows files: whole, as what changed in them, as gone; and the lines that the user pointed at."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion import fences
from moa_lsp.discussion.thread import file_parts
from moa_lsp.discussion.values import Selection, Snapshot

LONG = "".join(f"line {number}\n" for number in range(1, 41))


def test_files_that_are_new_changed_unchanged_and_gone() -> None:
    before = Snapshot({"same.py": "same\n", "long.py": LONG, "gone.py": "gone\n"})
    now = Snapshot({"new.py": "new\n", "same.py": "same\n", "long.py": LONG.replace("line 20\n", "Line 20\n")})
    assert file_parts(before, now) == [
        "<file path='new.py'>\nnew\n</file>",
        """\
<file_changed path='long.py'>
@@ -17,7 +17,7 @@ line 16
 line 17
 line 18
 line 19
-line 20
+Line 20
 line 21
 line 22
 line 23
</file_changed>""",
        "<file_removed path='gone.py'/>",
    ]


def test_a_short_file_that_changed_is_shown_whole() -> None:
    changed = file_parts(Snapshot({"a.py": "a\n"}), Snapshot({"a.py": "b\n"}))
    assert changed == ["<file path='a.py'>\nb\n</file>"]


def test_a_file_that_was_emptied_is_shown_empty() -> None:
    assert file_parts(Snapshot({"a.py": LONG}), Snapshot({"a.py": ""})) == ["<file path='a.py'>\n\n</file>"]


def test_a_binary_looking_file_that_changed_is_shown_whole() -> None:
    now = LONG + "\0\n"
    assert file_parts(Snapshot({"a.txt": LONG}), Snapshot({"a.txt": now})) == [f"<file path='a.txt'>\n{now}</file>"]


def test_half_a_surrogate_pair_in_a_changed_file_does_not_end_the_round() -> None:
    half = LONG + "\ud83d\n"
    [part] = file_parts(Snapshot({"a.py": half}), Snapshot({"a.py": half.replace("line 40\n", "Line 40\n")}))
    assert part.startswith("<file_changed path='a.py'>\n@@ -37,5 +37,5 @@")
    assert " \ud83d\n" in part


def test_the_selection_stands_behind_the_files() -> None:
    shown = Snapshot({"a.py": "a\nb\n"}, Selection("a.py", 2, 2, "b"))
    assert file_parts(None, shown) == [
        "<file path='a.py'>\na\nb\n</file>",
        "<selection path='a.py' lines='2-2'>\nb\n</selection>",
    ]


_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")
_line = st.sampled_from(["a\n", "b\n", "c\n", "\n", "<file>\n", "</file_changed>\n", "@@ -1 +1 @@\n", "é\r\n", "-\n"])
_lines = st.lists(_line, max_size=40)
_texts = _lines.map("".join) | _lines.map(lambda lines: "".join([*lines, "end"]))


def patched(before: str, diff: str) -> str:
    """The text that a unified diff makes of another, read as the standard says."""
    old = re.findall(r"[^\n]*\n|[^\n]+", before)
    out: list[str] = []
    at, sign = 0, ""
    for line in diff.split("\n")[:-1]:
        if hunk := _HUNK.match(line):
            # A hunk that takes no line away is numbered by the line before it.
            start = int(hunk[1]) - (hunk[2] != "0")
            out += old[at:start]
            at = start
        elif line.startswith("\\"):
            out[-1] = out[-1].removesuffix("\n") if sign == "+" else out[-1]
        elif line.startswith("+"):
            out.append(f"{line[1:]}\n")
        else:
            assert old[at].removesuffix("\n") == line[1:]
            out += old[at : at + 1] if line.startswith(" ") else []
            at += 1
        sign = line[:1]
    return "".join([*out, *old[at:]])


@given(_texts, _texts)
def test_what_changed_leads_from_the_text_that_was_shown_to_the_text_that_is(before: str, now: str) -> None:
    parts = file_parts(Snapshot({"a": before}), Snapshot({"a": now}))
    if before == now:
        assert parts == []
        return
    [part] = parts
    tag, _, body = part.partition("\n")
    if tag == "<file path='a'>":
        inside = fences.unescape(body.removesuffix("</file>"))
        assert inside == (now if now.endswith("\n") else f"{now}\n")
    else:
        assert tag == "<file_changed path='a'>"
        assert patched(before, fences.unescape(body.removesuffix("</file_changed>"))) == now
