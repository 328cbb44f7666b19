"""Random texts that look like what befalls a discussion: tags, half tags, escapes, code fences and line ends."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = (
    "user_message",
    "architect",
    "proposal",
    "proposals",
    "file",
    "files",
    "file_changed",
    "file_removed",
    "file_part",
    "selection",
    "settled",
    "role",
    "stances",
    "stance",
    "question",
    "answered",
    "plan",
)

_PIECES = (
    *NAMES,
    *(name.upper() for name in NAMES[:4]),
    "<",
    "</",
    "< / ",
    "<\\",
    "<\\\\/",
    "<\n",
    "\\",
    "/",
    ">",
    " name='ALPHA'>",
    "&lt;",
    "&gt;",
    "x",
    " ",
    "\t",
    "\n",
    "\r\n",
    "-",
    "é😀",
)

tag_soup = st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=30).map("".join)
"""Text built of the pieces that tags and their escapes are made of."""

_LINES = (
    "<proposal>",
    "</proposal>",
    "<PROPOSAL>",
    "  < proposal title='x' >",
    "<proposals>",
    "</proposals>",
    "<proposal>all on one line</proposal>",
    "the end.</proposal>",
    "<proposal> a beginning",
    "&lt;proposal&gt;",
    "&lt;/proposal&gt;",
    "<\\proposal>",
    "<\\/proposal>",
    "talk about a <proposal> and its </proposal> amid a line",
    "```",
    "```python",
    "````",
    "~~~",
    "- ```",
    "> ```",
    "```inline```",
    "<<<<<<< SEARCH",
    "=======",
    ">>>>>>> REPLACE",
    "words",
    "    indented words",
    "",
    "   ",
    "\r",
)

replies = st.lists(st.sampled_from(_LINES) | st.text(max_size=4), max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
) | st.lists(st.sampled_from(_LINES), max_size=25).map(lambda lines: "".join(f"{line}\n" for line in lines))
"""Replies made of the lines that a proposal's reader has to tell apart."""
