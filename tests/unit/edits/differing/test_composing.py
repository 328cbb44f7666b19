"""One change put together of hunks of any proposals: either all of what they ask for, or every pair that can't be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from random import Random

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_lsp.edits.diff import hunk_text_after
from moa_lsp.edits.differing.compose import Composed, Contradicting, Pair, compose
from moa_lsp.edits.differing.contradictions import contradiction
from moa_lsp.edits.differing.values import Proposed
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.values import FileChange, FileKind, HunkStatus, Settled
from tests.unit.edits.differing.proposals import (
    ANY_HUNKS,
    FILES,
    TEXT,
    any_hunk,
    created,
    deleted,
    inserted,
    renamed,
    replaced,
)


def composed(*parts: Proposed) -> tuple[FileChange, ...]:
    result = compose(parts)
    assert isinstance(result, Composed)
    return result.files


def test_hunks_of_several_are_one_change_in_the_order_of_the_text() -> None:
    late, above, early = replaced("bravo", 3, 4, "4\n"), inserted("charlie", 3, "new\n"), replaced("alpha", 0, 1, "1\n")
    other = replaced("alpha", 0, 1, "FIRST\n", path="b", text=FILES["b"])
    a, b = composed(late, other, early, above)
    assert (a.path, b.path) == ("a", "b")
    assert [hunk.id for hunk in a.hunks] == [early.hunk.id, above.hunk.id, late.hunk.id]
    assert [hunk.sources for hunk in a.hunks] == [("alpha",), ("charlie",), ("bravo",)]
    assert hunk_text_after(TEXT, a.hunks) == "1\ntwo\nthree\nnew\n4\nfive\n"


def test_what_several_propose_alike_is_done_once_and_names_all() -> None:
    ours, theirs = replaced("alpha", 0, 1, "1\n"), replaced("bravo", 0, 1, "1\n")
    theirs = evolve(theirs, hunk=evolve(theirs.hunk, sources=("ALPHA", "bravo", "charlie")))
    (file,) = composed(ours, theirs)
    assert [(hunk.id, hunk.sources) for hunk in file.hunks] == [(ours.hunk.id, ("alpha", "bravo", "charlie"))]


def test_nothing_of_where_a_hunk_comes_from_is_kept_but_who_proposed_it() -> None:
    one = replaced("alpha", 0, 1, "1\n")
    decided = evolve(one.hunk, status=HunkStatus.STALE, blocks=(3,), undone=True, settled=Settled.TAKEN, sources=())
    (file,) = composed(evolve(one, hunk=decided))
    assert file.hunks == (one.hunk,)


def test_an_edit_of_a_file_that_another_renames_goes_along() -> None:
    rename, edit = renamed("alpha", "a", "n"), inserted("bravo", 0, "top\n")
    for parts in ((rename, edit), (edit, rename)):
        (file,) = composed(*parts)
        assert (file.path, file.kind, file.new_path) == ("a", FileKind.RENAME, "n")
        assert [hunk.id for hunk in file.hunks] == [rename.hunk.id, edit.hunk.id]


def test_an_edit_without_the_renaming_beside_it_renames_nothing() -> None:
    one = replaced("alpha", 0, 1, "1\n")
    inside = evolve(one, file=FileChange("a", FileKind.RENAME, "n", (renamed("alpha", "a", "n").hunk, one.hunk)))
    assert composed(inside) == (FileChange("a", FileKind.EDIT, None, (one.hunk,)),)


def test_in_a_file_that_is_renamed_already_it_is_an_edit_under_the_new_name() -> None:
    one = replaced("alpha", 0, 1, "1\n")
    done = evolve(renamed("alpha", "a", "n").hunk, status=HunkStatus.APPLIED)
    inside = evolve(one, file=FileChange("a", FileKind.RENAME, "n", (done, one.hunk)))
    other = replaced("bravo", 1, 2, "2\n", path="n")
    (file,) = composed(other, inside)
    assert (file.path, file.kind, file.new_path) == ("n", FileKind.EDIT, None)
    assert [hunk.id for hunk in file.hunks] == [one.hunk.id, other.hunk.id]


def test_files_come_and_go_as_they_were_proposed() -> None:
    new, empty, gone = created("alpha", "n", "x\n"), created("bravo", "m", ""), deleted("charlie")
    files = composed(new, empty, gone, created("bravo", "n", "x\n"))
    assert [(file.path, file.kind) for file in files] == [
        ("n", FileKind.CREATE),
        ("m", FileKind.CREATE),
        ("a", FileKind.DELETE),
    ]
    assert [len(file.hunks) for file in files] == [1, 1, 1]


def test_every_pair_that_cannot_stand_together_is_named() -> None:
    one, other, third = replaced("a", 0, 2, "x\n"), replaced("b", 1, 3, "y\n"), replaced("c", 2, 4, "z\n")
    twin = replaced("d", 1, 3, "y\n")
    result = compose([one, replaced("e", 4, 5, ""), other, third, twin])
    ids = [part.hunk.id for part in (one, other, third, twin)]
    assert isinstance(result, Contradicting)
    assert [(pair.one, pair.other) for pair in result.pairs] == [
        (ids[0], ids[1]),
        (ids[0], ids[3]),
        (ids[1], ids[2]),
        (ids[2], ids[3]),
    ]
    assert result.pairs[0].reason == "One replaces lines 1 to 2 of a, the other replaces lines 2 to 3."


def test_nothing_is_composed_of_nothing() -> None:
    assert compose([]) == Composed(())


# --- any hunks at all


def wanted(parts: Sequence[Proposed]) -> dict[str, str]:
    """What the files hold once each of these has what it asks for, line by line. Fails where that is not one answer.

    Each line of a file, the place above each, and each name is taken by at most one edit.
    """
    taken: dict[object, object] = {}

    def take(thing: object, by: object) -> None:
        assert taken.setdefault(thing, by) == by, thing

    kept = {path: split_lines(text) for path, text in FILES.items()}
    lines = {(path, at): line for path, text in kept.items() for at, line in enumerate(text)}
    above: dict[tuple[str, int], str] = {}
    names = {path: path for path in FILES}
    for part in parts:
        path, hunk, kind = part.file.path, part.hunk, part.file.kind
        edit = (kind, path, part.file.new_path, hunk.start, hunk.end, hunk.new)
        if kind is FileKind.CREATE:
            take(path, edit)
            names[path] = path
            above[path, 0] = hunk.new
        elif kind is FileKind.DELETE:
            take(path, edit)
            for at in range(len(kept[path]) + 1):
                take((path, at), edit)
                take((path, at, "above"), edit)
            names.pop(path, None)
        elif kind is FileKind.RENAME:
            take(path, edit)
            assert part.file.new_path
            take(part.file.new_path, edit)
            names[path] = part.file.new_path
        elif hunk.start == hunk.end:
            take((path, hunk.start, "above"), edit)
            above[path, hunk.start] = hunk.new
        else:
            for at in range(hunk.start, hunk.end):
                take((path, at), edit)
                if at > hunk.start:
                    take((path, at, "above"), edit)
                lines[path, at] = hunk.new if at == hunk.start else ""
    assert len(set(names.values())) == len(names)
    for name in names.values():
        assert not any(other.startswith(f"{name}/") for other in [*names, *names.values()]), "a file and a folder"
    texts: dict[str, str] = {}
    for path, name in names.items():
        pieces = [
            piece
            for at in range(len(kept.get(path, ())) + 1)
            for piece in (above.get((path, at), ""), lines.get((path, at), ""))
            if piece
        ]
        assert all(piece.endswith("\n") for piece in pieces[:-1]), "two lines would be one"
        texts[name] = "".join(pieces)
    return texts


def written(files: Sequence[FileChange]) -> dict[str, str]:
    """The files after a change, one `FileChange` after the other, as the session's plans read them."""
    texts = dict(FILES)
    for file in files:
        if file.kind is FileKind.DELETE:
            (hunk,) = file.hunks
            assert texts.pop(file.path) == hunk.old
            continue
        text = hunk_text_after(texts.pop(file.path, ""), file.hunks)
        texts[(file.kind is FileKind.RENAME and file.new_path) or file.path] = text
    return texts


def can_be(parts: Sequence[Proposed]) -> bool:
    try:
        wanted(parts)
    except AssertionError:
        return False
    return True


@given(ANY_HUNKS, st.randoms(use_true_random=False))
@settings(max_examples=600, deadline=None)
def test_any_hunks_are_one_change_or_every_pair_is_named(hunks: list[Proposed], random: Random) -> None:
    result = compose(hunks)
    pairs = tuple(
        Pair(one.hunk.id, other.hunk.id, reason)
        for one, other in combinations(hunks, 2)
        if (reason := contradiction(one, other))
    )
    if isinstance(result, Contradicting):
        assert result.pairs == pairs != ()
        return
    assert pairs == ()
    assert written(result.files) == wanted(hunks)
    assert {hunk.id for file in result.files for hunk in file.hunks} <= {one.hunk.id for one in hunks}
    shuffled = [*hunks]
    random.shuffle(shuffled)
    again = compose(shuffled)
    assert isinstance(again, Composed)
    assert written(again.files) == written(result.files)


@given(any_hunk(), any_hunk())
@settings(max_examples=600, deadline=None)
def test_two_contradict_where_no_text_could_be_what_both_ask_for(one: Proposed, other: Proposed) -> None:
    assert (contradiction(one, other) is None) == can_be([one, other])
