"""Any edits of any text, written as a reply, read back and placed, come out as they went in."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moa_lsp.discussion.fences import escape
from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.draft import Draft
from moa_lsp.edits.lines import line_end, split_lines, without_end
from moa_lsp.edits.place import place
from moa_lsp.edits.read import read_edits
from moa_lsp.edits.values import HunkStatus, Replace

# Lines that bring trouble: markers, separators, fences, paths, tags, blanks at the end, odd line breaks, a BOM.
_LINES = st.sampled_from(
    [
        "a",
        "b",
        "    c",
        "",
        "two blanks  ",
        "=======",
        "======",
        "```",
        "```python",
        "~~~~",
        "src/b.py",
        "`src/b.py`",
        "</proposal>",
        "<\\proposal>",
        "<file path='x'>",
        "*** Begin Patch",
        "--- a/x",
        "+++ b/x",
        "@@ -1 +1 @@",
        "form\x0cfeed",
        "next\u2028line",
        "\x85",
        "𝄞 é",
    ]
) | st.text(st.sampled_from("xyz (){}\t\\`'\"#"), max_size=8)
_ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """A file's text in which every line stands once: numbered, so that any of them can be searched for."""
    lines = draw(st.lists(_LINES, min_size=1, max_size=12))
    end = draw(_ENDS)
    ends = [end if draw(st.integers(0, 9)) else "\n" for _ in lines]
    if draw(st.booleans()):
        ends[-1] = ""
        assume(lines[-1])
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return ("\ufeff" if draw(st.booleans()) else "") + text


@st.composite
def _cut(draw: st.DrawFn, text: str) -> list[tuple[int, int, list[str]]]:
    """Runs of lines that don't overlap, each with its new lines."""
    size = len(split_lines(text))
    bounds = sorted(draw(st.lists(st.integers(0, size), max_size=6, unique=True)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return [(start, end, draw(st.lists(_LINES, max_size=4))) for start, end in pairs]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_edits_come_out_as_they_went_in(data: st.DataObject) -> None:
    text = data.draw(_texts())
    lines = split_lines(text.removeprefix("\ufeff"))
    edits = [(lines[start:end], start, end, new) for start, end, new in data.draw(_cut(text)) if end <= len(lines)]
    # Only searches that stand once can be placed, and only if what an earlier edit wrote doesn't hold them too.
    reply: list[str] = []
    now = Draft(list(lines))
    wanted: list[tuple[int, int, list[str]]] = []
    for old, start, end, new in edits:
        search = "".join(f"{without_end(line)}\n" for line in old)
        replace = "".join(f"{line}\n" for line in new)
        shift = sum(len(other) - (stop - begin) for begin, stop, other in wanted)
        if not search.strip() or now.find(search) != [start + shift] or replace == search:
            continue
        now.replace(start + shift, end + shift, [without_end(line) for line in old], new)
        wanted.append((start, end, new))
        block = f"<<<<<<<<< SEARCH\n{escape(search)}=========\n{escape(replace)}>>>>>>>>> REPLACE\n"
        reply.append(f"src/a.py\n{block}")
    reading = read_edits("\n".join(reply))
    assert reading.problems == ()
    assert len(reading.blocks) == len(wanted)

    placement = place(reading.blocks, {"src/a.py": text}, "alpha", lambda: "id")
    assert all("cancel" in problem.message for problem in placement.problems)
    hunks = placement.files[0].hunks if placement.files else ()
    result = hunk_text_after(text, hunks)

    expected: list[str] = []
    done = 0
    for start, end, new in wanted:
        expected += [without_end(line) for line in lines[done:start]] + new
        done = end
    expected += [without_end(line) for line in lines[done:]]
    assert [without_end(line) for line in split_lines(result.removeprefix("\ufeff"))] == _without_last_blank(
        expected, text, result
    )
    assert result.startswith("\ufeff") == text.startswith("\ufeff")
    _unharmed(text, result, wanted)
    for hunk in hunks:
        assert hunk.status is HunkStatus.PENDING
        assert "".join(split_lines(text)[hunk.start : hunk.end]) == hunk.old


def _without_last_blank(expected: list[str], text: str, result: str) -> list[str]:
    """A text whose last line has no end can't end in an empty line: that line is its last line end."""
    if expected and not expected[-1] and not line_end(split_lines(text)[-1]) and not result.endswith("\n\n"):
        return expected[:-1]
    return expected


def _unharmed(text: str, result: str, wanted: Sequence[tuple[int, int, list[str]]]) -> None:
    """What lies outside of the edits is the same, byte for byte, line ends included."""
    lines = split_lines(text.removeprefix("\ufeff"))
    after = split_lines(result.removeprefix("\ufeff"))
    shift, done = 0, 0
    for start, end, new in [*wanted, (len(lines), len(lines), [])]:
        kept = lines[done:start]
        assert [one.rstrip("\r\n") for one in kept] == [
            one.rstrip("\r\n") for one in after[done + shift : start + shift]
        ]
        if start < len(lines):
            assert kept == after[done + shift : start + shift]
        done, shift = end, shift + len(new) - (end - start)


@given(_texts(), st.data())
@settings(max_examples=200, deadline=None)
def test_line_ends_are_the_files_own(text: str, data: st.DataObject) -> None:
    lines = split_lines(text)
    kinds = {line_end(line) for line in lines} - {""} or {"\n"}
    at = data.draw(st.integers(0, len(lines) - 1))
    search = without_end(lines[at]).removeprefix("\ufeff")
    new = data.draw(st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=3))
    block = Replace("a.py", f"{search}\n", "".join(f"{line}\n" for line in new))
    placement = place([block], {"a.py": text}, "alpha", lambda: "id")
    assume(placement.files)
    result = split_lines(hunk_text_after(text, placement.files[0].hunks))
    assert {line_end(line) for line in result} - {""} <= kinds
    assert bool(line_end(result[-1])) == bool(line_end(lines[-1]))


@given(st.lists(_LINES, min_size=1, max_size=15))
@settings(max_examples=200, deadline=None)
def test_a_whole_file_comes_out_as_it_went_in(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    reading = read_edits(f"src/a.py\n``````````\n{escape(text)}``````````\n")
    if text.lstrip().startswith("*** Begin Patch"):
        assert reading.problems
        return
    placement = place(reading.blocks, {"src/a.py": None}, "alpha", lambda: "id")
    assert placement.problems == ()
    assert placement.files[0].hunks[0].new == text


@given(st.lists(_LINES | st.sampled_from(["<<<<<<< SEARCH", ">>>>>>> REPLACE", "src/a.py", "`a.py`:"]), max_size=30))
@settings(max_examples=400, deadline=None)
def test_any_reply_can_be_read(lines: list[str]) -> None:
    reply = "\n".join(lines)
    reading = read_edits(reply)
    found = len(reading.blocks) + len(reading.problems)
    if "<<<<<<< SEARCH" in lines or ">>>>>>> REPLACE" in lines or "*** Begin Patch" in lines:
        assert found
    texts = {block.path: "a\nb\n" for block in reading.blocks}
    placement = place(reading.blocks, texts, "alpha", lambda: "id")
    for file in placement.files:
        hunk_text_after("a\nb\n", file.hunks)
