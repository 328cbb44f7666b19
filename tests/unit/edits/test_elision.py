"""Lines that stand for lines left out, and lines that only look like it."""

from __future__ import annotations

import pytest

from moa_lsp.edits.placing.elision import elided_line, is_elision


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("# ... rest unchanged", "a.py"),
        ("    # ... existing code ...", "a.py"),
        ("# rest of the code remains the same", "a.py"),
        ("# ... (rest of the file)", "a.py"),
        ("# [... rest of file ...]", "a.py"),
        ("# ...", "a.py"),
        ("...", "a.py"),
        ("# … unchanged …", "a.py"),
        ("# unchanged", "a.py"),
        ("# (unchanged)", "a.py"),
        ("# rest of the class...", "a.py"),
        ("// ... existing code ...", "a.ts"),
        ("// existing code here", "a.ts"),
        ("// rest of your code", "a.ts"),
        ("  // ...", "a.ts"),
        ("  ...", "a.ts"),
        ("/* … */", "a.css"),
        ("/* ... other styles ... */", "a.css"),
        ("{/* ... existing props ... */}", "a.tsx"),
        ("<!-- ... rest of the content ... -->", "a.html"),
        ("<!-- rest of the document unchanged -->", "a.md"),
        ("-- ... remaining queries unchanged", "a.sql"),
        ("; ... existing code", "a.el"),
        ("% ... rest of file", "a.tex"),
        ("... rest of the code ...", "a.go"),
        ("[rest of the file unchanged...]", "a.rb"),
        ("* ... existing code ...", "a.java"),
        ("# other methods remain unchanged", "a.py"),
        ("# keep the rest as is", "a.py"),
        ("# code omitted for brevity", "a.py"),
        ("# same as before", "a.py"),
        ("# snip", "a.py"),
        ("# ... rest unchanged", "settings.yaml"),
    ],
)
def test_elisions(line: str, path: str) -> None:
    assert is_elision(line, path)
    assert elided_line([line], ["x = 1\n"], path) == line.strip()
    assert elided_line([line], ["x = 1\n", f"\t{line.strip()}\n"], path) is None


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("", "a.py"),
        ("    ...", "a.py"),
        ("def f(): ...", "a.py"),
        ("...", "a.yaml"),
        ("...", "notes.md"),
        ("* the rest...", "notes.md"),
        ("# Existing code", "notes.md"),
        ("# Wait for the rest...", "a.py"),
        ("# Keep existing connections alive", "a.py"),
        ("# the rest of the line is the message", "a.py"),
        ("# Other functions", "a.py"),
        ("# and so on, see the docs", "a.py"),
        ("x = [...]", "a.py"),
        ("return {...state, rest}", "a.ts"),
        ("...rest", "a.ts"),
        ("  ...other,", "a.ts"),
        ("...existing,", "a.ts"),
        ("print('... existing code ...')", "a.py"),
        ("# TODO: remove unchanged lines from the diff before it is shown", "a.py"),
        ("#include <rest.h>", "a.c"),
        ("----", "a.md"),
        ("/**", "a.java"),
        (" */", "a.java"),
        ("#", "a.py"),
        ("//", "a.ts"),
    ],
)
def test_no_elisions(line: str, path: str) -> None:
    assert not is_elision(line, path)
