"""Hunks put into a text, and the diffs that git itself applies."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from unidiff.patch import PatchSet

from moa_lsp.edits.diff import hunk_text_after, unified_diff
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, Hunk


def test_hunks_may_come_in_any_order() -> None:
    hunks = [Hunk("1", 3, 4, "d\n", ""), Hunk("2", 0, 0, "", "x\n"), Hunk("3", 1, 2, "b\n", "B\nBB\n")]
    assert hunk_text_after("a\nb\nc\nd\n", hunks) == "x\na\nB\nBB\nc\n"
    assert hunk_text_after("a\r\n", []) == "a\r\n"
    assert hunk_text_after("", [Hunk("1", 0, 0, "", "x\n")]) == "x\n"
    assert hunk_text_after("a\nb\n", [Hunk("1", 1, 2, "b\n", "B\n"), Hunk("2", 1, 1, "", "x\n")]) == "a\nx\nB\n"
    assert hunk_text_after("a\n", [Hunk("1", 1, 1, "", "x\n"), Hunk("2", 1, 1, "", "y\n")]) == "a\nx\ny\n"


@pytest.mark.parametrize(
    "hunks",
    [
        [Hunk("1", 0, 1, "b\n", "x\n")],
        [Hunk("1", 0, 1, "a", "x\n")],
        [Hunk("1", 1, 3, "b\n", "x\n")],
        [Hunk("1", 5, 5, "", "x\n")],
        [Hunk("1", 0, 2, "a\nb\n", "x\n"), Hunk("2", 1, 2, "b\n", "y\n")],
        [Hunk("1", 0, 2, "a\nb\n", "x\n"), Hunk("2", 1, 1, "", "y\n")],
    ],
)
def test_hunks_that_do_not_fit_or_overlap_raise(hunks: list[Hunk]) -> None:
    with pytest.raises(ValueError, match=r"line|overlap"):
        hunk_text_after("a\nb\n", hunks)


def whole(path: str, before: str | None, after: str | None, new_path: str | None = None) -> FileChange:
    kind = FileKind.CREATE if before is None else FileKind.DELETE if after is None else FileKind.EDIT
    hunk = Hunk("1", 0, len(split_lines(before or "")), before or "", after or "")
    hunks = (hunk,) if before != after else ()
    return FileChange(path, FileKind.RENAME if new_path else kind, new_path, hunks)


LONG = "".join(f"line {n}\n" for n in range(30))

CASES: list[tuple[str, str | None, str | None]] = [
    ("plain.py", "a\nb\nc\n", "a\nB\nc\n"),
    ("long.py", LONG, LONG.replace("line 3\n", "").replace("line 20\n", "x\ny\n")),
    ("crlf.py", "a\r\nb\r\n", "a\r\nB\r\n"),
    ("mixed.py", "a\r\nb\nc\rd\n", "a\r\nB\nc\rD\n"),
    ("no end.txt", "a\nb", "a\nB"),
    ("gains-end", "a", "a\n"),
    ("loses-end", "a\n", "a"),
    ("bom.py", "\ufeffa\n", "\ufeffb\n"),
    ("new.py", None, "x\ny"),
    ("new dir/new file.py", None, "x\n"),
    ("empty.py", None, ""),
    ("gone.py", "x\ny\n", None),
    ("gone bare.py", "x", None),
    ("gone empty.py", "", None),
    ("größe/文.py", "a\n", "b\n"),
    ("größe/ neu.py", None, "ä\n"),
    ('quo"te\\back.py', "a\n", "b\n"),
    ("tab\tname.py", "a\n", "b\n"),
    ("nul.bin", "a\x00b\n", "a\x00c\n"),
    ("diff.txt", "--- a/x\n+++ b/x\n", "-- a/x\n++ b/x\n@@ -1 +1 @@\n"),
    ("lines.py", "a\x0cb\u2028c\x85d\n", "a\x0cB\u2028c\x85d\n"),
    ("filled.py", "", "x\n"),
    ("emptied.py", "x\n", ""),
]


def git(root: Path, *arguments: str, given: str = "") -> None:
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["git", *arguments], cwd=root, input=given.encode(), capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def check(root: Path, diff: str, after: dict[str, str | None]) -> None:
    git(root, "init", "--quiet")
    git(root, "apply", "-", given=diff)
    for path, text in after.items():
        assert (root / path).exists() == (text is not None), path
        if text is not None:
            assert (root / path).read_bytes() == text.encode(), path


@pytest.mark.parametrize(("path", "before", "after"), CASES, ids=[repr(case[0]) for case in CASES])
def test_git_applies_each_diff(tmp_path: Path, path: str, before: str | None, after: str | None) -> None:
    if before is not None:
        write(tmp_path, path, before)
    check(tmp_path, unified_diff([(whole(path, before, after), before)]), {path: after})


def test_git_applies_all_of_them_at_once(tmp_path: Path) -> None:
    for path, before, _ in CASES:
        if before is not None:
            write(tmp_path, path, before)
    diff = unified_diff((whole(path, before, after), before) for path, before, after in CASES)
    check(tmp_path, diff, {path: after for path, _, after in CASES})


@pytest.mark.parametrize("after", [LONG, LONG.replace("line 5\n", "x\n")])
def test_git_applies_renames(tmp_path: Path, after: str) -> None:
    write(tmp_path, "old name.py", LONG)
    diff = unified_diff([(whole("old name.py", LONG, after, "sub/new.py"), LONG)])
    assert "rename from old name.py\nrename to sub/new.py\n" in diff
    check(tmp_path, diff, {"old name.py": None, "sub/new.py": after})


def test_a_change_without_effect_has_no_diff() -> None:
    assert unified_diff([(FileChange("a.py"), "a\n")]) == ""
    assert unified_diff([]) == ""


def test_the_diff_reads_as_git_shows_it() -> None:
    hunk = Hunk("1", 1, 2, "b\n", "B")
    assert unified_diff([(FileChange("src/a.py", hunks=(hunk,)), "a\nb\n")]) == (
        "diff --git a/src/a.py b/src/a.py\n--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n"
        " a\n-b\n+B\n\\ No newline at end of file\n"
    )


def test_unidiff_counts_the_same_lines() -> None:
    files = PatchSet(unified_diff([(whole("a.py", LONG, f"{LONG}x\n"), LONG), (whole("b.py", None, "x\ny\n"), None)]))
    assert [(file.path, file.added, file.removed) for file in files] == [("a.py", 1, 0), ("b.py", 2, 0)]
