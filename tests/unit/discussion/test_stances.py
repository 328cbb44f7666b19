"""Stances: what models write is read, what can't be read leaves a note, and no reply costs more than its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.discussion.stances import MOST_LINES, StanceReading, read_stances, stances_text
from moa_lsp.discussion.values import Attitude, Stance
from tests.unit.discussion.texts import replies, tag_soup

OTHERS = ("alpha", "Bravo", "charlie", "x-ray", "colleague-2")
KINDS = {"+": Attitude.SUPPORT, "~": Attitude.AMEND, "!": Attitude.OBJECT}


def read(reply: str) -> StanceReading:
    return read_stances(reply, "charlie", OTHERS)


def short(reading: StanceReading) -> list[str]:
    """Each stance as `+alpha[2] reason`."""
    sign = {kind: sign for sign, kind in KINDS.items()}
    return [f"{sign[one.kind]}{one.about}[{one.target}] {one.reason}".rstrip() for one in reading.stances]


def block(*lines: str) -> str:
    return "\n".join(
        ["Why I think so.", "<proposal>", "1. Do it.", "</proposal>", "", "<stances>", *lines, "</stances>"]
    )


def test_stances_as_they_are_asked_for() -> None:
    reading = read(
        block(
            "- support ALPHA: smallest that works",
            "- object BRAVO 2: it hides KeyError from every caller",
            "- amend ALPHA edit 1: keep the old name as an alias",
            "- object ALPHA api.py:12: two callers rely on it",
            "- support BRAVO src/errors.py",
        )
    )
    assert reading.stances == (
        Stance(Attitude.SUPPORT, "alpha", "", "smallest that works"),
        Stance(Attitude.OBJECT, "Bravo", "2", "it hides KeyError from every caller"),
        Stance(Attitude.AMEND, "alpha", "edit 1", "keep the old name as an alias"),
        Stance(Attitude.OBJECT, "alpha", "api.py:12", "two callers rely on it"),
        Stance(Attitude.SUPPORT, "Bravo", "src/errors.py"),
    )
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        # Marks, case and separators.
        ("* **object** to ALPHA's 2 — it hides", ["!alpha[2] it hides"]),
        ("1. OBJECT alpha #2 - it hides", ["!alpha[2] it hides"]),
        ("• `object` `ALPHA` step 2. It hides.", ["!alpha[2] It hides."]),
        ("- [x] support: **ALPHA**: fine", ["+alpha[] fine"]),
        ("object ALPHA (step 2): it hides", ["!alpha[2] it hides"]),
        ("- [object] @ALPHA [2] it hides", ["!alpha[2] it hides"]),
        ("| object | ALPHA | 2 | it hides |", ["!alpha[2] it hides"]),
        ("- support _ALPHA_", ["+alpha[]"]),
        ("- support ALPHA (smallest that works)", ["+alpha[] smallest that works"]),
        # Other words for it.
        ("- agree with ALPHA", ["+alpha[]"]),
        ("- I agree with ALPHA's proposal: fine", ["+alpha[] fine"]),
        ("- in favour of BRAVO", ["+Bravo[]"]),
        ("- for ALPHA: fine", ["+alpha[] fine"]),
        ("- against BRAVO 2 because it hides", ["!Bravo[2] because it hides"]),
        ("- I strongly disagree with BRAVO: no", ["!Bravo[] no"]),
        ("- partially agree with BRAVO 2: keep it", ["~Bravo[2] keep it"]),
        ("+ ALPHA: fine", ["+alpha[] fine"]),
        ("~ ALPHA edit 2: keep it", ["~alpha[edit 2] keep it"]),
        ("! ALPHA: it hides", ["!alpha[] it hides"]),
        ("❌ ALPHA 2: it hides", ["!alpha[2] it hides"]),
        # Another order.
        ("- ALPHA: support - fine", ["+alpha[] fine"]),
        ("- ALPHA: ✅ fine", ["+alpha[] fine"]),
        ("- ALPHA 2: object: it hides", ["!alpha[2] it hides"]),
        ("- **BRAVO** (object): `get` hides (all of it)", ["!Bravo[] `get` hides (all of it)"]),
        ("- object to step 2 of ALPHA: it hides", ["!alpha[2] it hides"]),
        # Several at once.
        ("- object ALPHA 1 and 2: they hide", ["!alpha[1] they hide", "!alpha[2] they hide"]),
        ("- support ALPHA 1, 2 and 4", ["+alpha[1]", "+alpha[2]", "+alpha[4]"]),
        ("- support ALPHA 1-3", ["+alpha[1]", "+alpha[2]", "+alpha[3]"]),
        ("- support ALPHA edits 1 and 2", ["+alpha[edit 1]", "+alpha[edit 2]"]),
        ("- support ALPHA and BRAVO: both fine", ["+alpha[] both fine", "+Bravo[] both fine"]),
        ("- support ALPHA 2 and BRAVO 1: fine", ["+alpha[2] fine", "+Bravo[1] fine"]),
        ("- support ALPHA, BRAVO and CHARLIE", ["+alpha[]", "+Bravo[]"]),
        ("- support ALPHA 1; object to 2: slow", ["+alpha[1]", "!alpha[2] slow"]),
        ("- support ALPHA, but object to BRAVO 2: slow", ["+alpha[]", "!Bravo[2] slow"]),
        ("- support both ALPHA and BRAVO", ["+alpha[]", "+Bravo[]"]),
        # Parts.
        ("- object ALPHA's edit in `src/my file.py`, line 12: no", ["!alpha[src/my file.py:12] no"]),
        ("- object ALPHA ./api.py:12-14: no", ["!alpha[api.py:12] no"]),
        ("- object ALPHA api.py#L12: no", ["!alpha[api.py:12] no"]),
        ("- object ALPHA app/[id]/page.tsx: no", ["!alpha[app/[id]/page.tsx] no"]),
        ("- object ALPHA Makefile:3: no", ["!alpha[Makefile:3] no"]),
        ("- object ALPHA 2.1: no", ["!alpha[2] no"]),
        ("- object ALPHA hunk 2: no", ["!alpha[edit 2] no"]),
        ("- support X-RAY 1", ["+x-ray[1]"]),
        ("- support Colleague 2's 1", ["+colleague-2[1]"]),
        ("- support ALPHA's second step: fine", ["+alpha[2] fine"]),
        ("- support the 2nd edit of ALPHA: fine", ["+alpha[edit 2] fine"]),
        ("- object ALPHA line 12 of api.py: no", ["!alpha[api.py:12] no"]),
        ("- **Object** — **ALPHA** — **step 2** — no", ["!alpha[2] no"]),
        ("- object: ALPHA: api.py:12: no", ["!alpha[api.py:12] no"]),
        ("- ALPHA/2: object – no", ["!alpha[2] no"]),
        ("- support ALPHA（2）：fine", ["+alpha[2] fine"]),
        # Words that look like parts and are none.
        ("- support ALPHA: step 2 is fine", ["+alpha[] step 2 is fine"]),
        ("- support ALPHA, object types differ", ["+alpha[] object types differ"]),
        ("- object ALPHA e.g. here: no", ["!alpha[] e.g. here: no"]),
        ("- object ALPHA: 2 callers break", ["!alpha[] 2 callers break"]),
        ("- object ALPHA 2, 3 callers break", ["!alpha[2] 3 callers break"]),
        ("- support ALPHA, BRAVO is wrong", ["+alpha[] BRAVO is wrong"]),
        ("- object ALPHA: -1 is returned", ["!alpha[] -1 is returned"]),
        # Elements in the place of words.
        ('<stance kind="object" about="ALPHA" target="2">it hides</stance>', ["!alpha[2] it hides"]),
        ("<stance target='2' architect='ALPHA' kind='object' reason='it hides'/>", ["!alpha[2] it hides"]),
        ('<object name="ALPHA" edit="1">it hides</object>', ["!alpha[edit 1] it hides"]),
        ("<support>ALPHA: fine</support>", ["+alpha[] fine"]),
    ],
)
def test_what_models_make_of_a_line(line: str, meant: list[str]) -> None:
    reading = read(block(line))
    assert short(reading) == meant
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- support ZULU: fine", "it names no other architect"),
        ("- support ALPHA-2: fine", "it names no other architect"),
        ("- support ALPHABET: fine", "it names no other architect"),
        ("- support the smallest one", "it names no other architect"),
        ("- support CHARLIE: it is mine", "it is about its own writer"),
        ("- ALPHA is right", "it says neither support, amend nor object"),
        ("- I do not support ALPHA", "it says neither support, amend nor object"),
        ("- no objections to ALPHA", "it says neither support, amend nor object"),
        ("- ALPHA 2: object types differ", "it says neither support, amend nor object"),
        ("Well.", "it says neither support, amend nor object"),
    ],
)
def test_a_line_that_can_not_be_read_leaves_a_note(line: str, why: str) -> None:
    reading = read(block(line, "- support ALPHA 1: fine"))
    assert short(reading) == ["+alpha[1] fine"]
    assert reading.notes == (f'No stance was read from "{line.removeprefix("- ")}": {why}.',)


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("<proposal>\n1. x\n</proposal>\n<stances>\n- support ALPHA", ["+alpha[]"]),
        ("<stances>\n- support ALPHA\n<proposal>\n1. x\n</proposal>", ["+alpha[]"]),
        ("<stances>- support ALPHA: fine</stances>", ["+alpha[] fine"]),
        ("<STANCES >\n- support ALPHA\n</ stances>", ["+alpha[]"]),
        ("<stance>\nsupport ALPHA\n</stance>\n<stance>\nobject BRAVO\n</stance>", ["+alpha[]", "!Bravo[]"]),
        ("<stances>\n<stance>support ALPHA</stance>\n<stance>object X-RAY</stance>", ["+alpha[]", "!x-ray[]"]),
        ("**<stances>**\n- support ALPHA\n**</stances>**", ["+alpha[]"]),
        ("<stances>\r\n- support ALPHA: fine\r\n- object BRAVO\r\n</stances>\r\n", ["+alpha[] fine", "!Bravo[]"]),
        ("<stances>\n- support ALPHA\n<stances>\n\nThat is all for now.", ["+alpha[]"]),
        ("<stances>\n- support ALPHA\n<question>\nobject BRAVO?\n</question>", ["+alpha[]"]),
        ("<stances>\nALPHA:\n- support 1\n- object to 2: no\n\nBRAVO\n- amend: so",
         ["+alpha[1]", "!alpha[2] no", "~Bravo[] so"]),
        ("<stances>\n### Support\n- ALPHA 1: fine\n### Object\n- BRAVO\n</stances>", ["+alpha[1] fine", "!Bravo[]"]),
        ("<stances>\n- object BRAVO: it hides\n  KeyError\n- support ALPHA:\n  - small\n  - fast\n</stances>",
         ["!Bravo[] it hides KeyError", "+alpha[] small fast"]),
        ("```xml\n<stances>\n- support ALPHA\n</stances>\n```\nDone.", ["+alpha[]"]),
        # Inside a proposal it counts where there is none outside.
        ("<proposal>\n1. x\n<stances>\n- support ALPHA\n</stances>\n</proposal>", ["+alpha[]"]),
        ("<proposal>\n<stances>\n- support ALPHA\n</stances>\n</proposal>\n<stances>\n- object BRAVO\n</stances>",
         ["!Bravo[]"]),
        # Where it doesn't count.
        ("I would write <stances>\n- support ALPHA", []),
        ("> <stances>\n> - support ALPHA\n> </stances>", []),
        ("<\\stances>\n- support ALPHA\n<\\/stances>", []),
        ("<stances-of-all>\n- support ALPHA\n</stances-of-all>", []),
        ("```\nx = 1\n<stances>\n- support ALPHA\n</stances>\n```", []),
        ("a.py\n<<<<<<< SEARCH\n<stances>\n- support ALPHA\n</stances>\n=======\n>>>>>>> REPLACE", []),
        ("support ALPHA: fine", []),
        ("<stances>\n</stances>", []),
        ("<stances/>", []),
    ],
)  # fmt: skip
def test_where_stances_count(reply: str, meant: list[str]) -> None:
    reading = read(reply)
    assert short(reading) == meant
    assert reading.notes == ()


def test_a_reason_is_cut_and_a_stance_said_twice_counts_once() -> None:
    reading = read(block("- support ALPHA: " + "word " * 300, "- object BRAVO: no", "- object BRAVO: no"))
    long, other = reading.stances
    assert long.reason.endswith("word…")
    assert len(long.reason) <= 601
    assert other.reason == "no"


def test_notes_and_lines_are_few_however_long_the_reply_is() -> None:
    reading = read(block(*["nothing at all"] * 9))
    assert len(reading.notes) == 5
    assert reading.notes[-1] == "5 more lines of its stances couldn't be read."
    reading = read(block(*[f"- support ALPHA {number % 900}" for number in range(MOST_LINES + 50)]))
    assert len(reading.stances) == MOST_LINES
    assert reading.notes == (f"Of its stances the first {MOST_LINES} lines were read, and the other lines were not.",)


def test_with_nobody_else_there_is_nobody_to_speak_of() -> None:
    assert read_stances(block("- support ALPHA"), "alpha", ("alpha",)).stances == ()
    assert read_stances(block("- support ALPHA"), "alpha", ()).stances == ()


def test_stances_are_told_as_they_are_asked_for() -> None:
    said = read(block("- ALPHA 2: object: it hides", "- support BRAVO", "- amend X-RAY edit 1: so"))
    text = stances_text(said.stances, {"alpha": "colleague-1", "Bravo": "bravo", "x-ray": "x-ray"}.__getitem__)
    assert text == "- object COLLEAGUE-1 2: it hides\n- support BRAVO\n- amend X-RAY edit 1: so"
    assert stances_text(()) == ""


_STANCES = st.builds(
    Stance,
    st.sampled_from(Attitude),
    st.sampled_from([name for name in OTHERS if name != "charlie"]),
    st.sampled_from(["", "1", "12", "edit 3", "api.py", "src/api.py:7", "Makefile:3"]),
    st.sampled_from(["", "it hides", "it's `get(a, b)`: no", "-1 is returned"]),
)


@given(st.lists(_STANCES, max_size=6, unique=True))
def test_what_is_told_is_read_as_it_was_meant(stances: list[Stance]) -> None:
    reading = read(f"<stances>\n{stances_text(stances)}\n</stances>")
    assert list(reading.stances) == stances
    assert reading.notes == ()


@given(st.text() | tag_soup | replies)
def test_without_its_tag_no_text_holds_any(text: str) -> None:
    if "stance" not in text.lower():
        assert read(text) == StanceReading()


_PIECES = st.sampled_from(
    ["<stances>", "</stances>", "<stance ", "kind='object'", "/>", "\n", "\n- ", "support", "object to", "ALPHA", "'s ",
     "BRAVO", " 2", "edit 1", " and ", ":", " — ", "api.py:1", "`", "**", "|", "(", "```\n",
     "<proposal>\n", "</proposal>"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=3), max_size=30).map("".join), st.sampled_from(["\n", ""]))
def test_nothing_raises_and_all_that_is_read_is_about_others(text: str, end: str) -> None:
    reading = read(f"<stances>{end}{text}")
    assert {one.about for one in reading.stances} <= {"alpha", "Bravo"}
    assert all("\n" not in one.reason + one.target for one in reading.stances)


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=4), st.text())
def test_names_of_any_kind_raise_nothing(itself: str, others: list[str], line: str) -> None:
    reading = read_stances(block(f"- support {line}", f"{line}: object"), itself, others)
    assert {one.about for one in reading.stances} <= set(others)


@pytest.mark.parametrize(
    "unit", [" ", "- ", "ALPHA, ", "1, ", "1 and ", "(", "**", "a.b/", "I ", "to the ", "<a ", "\n", ": ", "; +ALPHA"]
)
@pytest.mark.parametrize("front", ["", "- object ALPHA 1", "- ALPHA", "<object ", "- support ALPHA `"])
def test_a_long_run_of_half_a_stance_takes_no_longer_than_other_text(front: str, unit: str) -> None:
    reply = f"<stances>\n{front}{unit * (200_000 // len(unit))}!\n</stances>"
    began = time.perf_counter()
    read(reply)
    assert time.perf_counter() - began < 5


def test_ten_megabytes_without_the_tag_cost_nothing() -> None:
    reply = "a line of < words and more\n" * 400_000
    began = time.perf_counter()
    assert read(reply) == StanceReading()
    assert time.perf_counter() - began < 2
