"""Tells the lines of a reply that are code from those that are words: Markdown code fences and SEARCH/REPLACE blocks.

What stands in code is never a tag, a step or a stance of the reply itself. What the code means is `moa_lsp/edits/`'s
business. Pure.
"""

from __future__ import annotations

import re

from attrs import mutable

# A fence may stand in a list or a quotation; a line of backticks that holds more of them further on is inline code.
_FENCE = re.compile(r"^[ \t]*(?:[-*+>][ \t]+|\d+[.)][ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
_FENCE_END = re.compile(r"^[ \t]*(?:>[ \t]+)?(`{3,}|~{3,})[ \t]*$")
_SEARCH = re.compile(r"^<{5,9} ?SEARCH\b")
_REPLACE_END = re.compile(r"^>{5,9} ?REPLACE\b")


def ends_fence(line: str) -> bool:
    """Whether the line can be the end of a code fence; `line` without its line end."""
    return _FENCE_END.match(line) is not None


@mutable
class CodeLines:
    """Where a text stands after the lines taken so far: in a fence (its backticks or tildes), or in an edit block."""

    fence: str = ""
    in_edit: bool = False

    def take(self, line: str) -> bool:
        """Whether this line, given without its line end, belongs to a code fence or an edit block, of which it may be
        the first or the last."""
        if self.in_edit:
            self.in_edit = _REPLACE_END.match(line) is None
            return True
        if self.fence:
            if (match := _FENCE_END.match(line)) and match[1].startswith(self.fence):
                self.fence = ""
                return True
            self.in_edit = _SEARCH.match(line) is not None
            return True
        if match := _FENCE.match(line):
            self.fence = match[1]
            return True
        self.in_edit = _SEARCH.match(line) is not None
        return self.in_edit
