"""Rejected hunks are taken up again: pending where their lines stand, stale where not, and never elsewhere."""

from __future__ import annotations

import pytest

from moa_lsp.edits.change import Change
from moa_lsp.session.events import ChangeUpdated
from tests.unit.session.room import TEXT, Room, edit, patch

TWO = edit("src/a.py", "two = 2\n", "two = 22\n")
MORE = edit("src/a.py", "two = 2\n", "two = 2\nmore = 1\n")
ALIKE = "def a():\n    return 1\n\n\ndef b():\n    return 1\n"


def write(room: Room, text: str | None, path: str = "src/a.py") -> None:
    if text is None:
        (room.root / path).unlink()
    else:
        (room.root / path).write_text(text)


def rejected(room: Room, reply: str, source: str = "alpha") -> Change:
    return room.changes.reject(room.propose(reply, source), None, "not now")


def unrejected(room: Room, change: Change) -> list[str]:
    now = room.changes.get(change.id)
    assert now
    room.changes.unreject(now, None)
    return room.status(change)


@pytest.mark.parametrize("reply", [TWO, MORE])
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("texts", "status"),
    [
        ((), "pending"),
        ((f"zero = 0\n{TEXT}",), "pending"),
        ((f"zero = 0\n{TEXT}", TEXT, f"{TEXT}four = 4\n"), "pending"),
        (("nothing = 0\n",), "stale"),
        (("nothing = 0\n", TEXT), "pending"),
    ],
)
def test_where_its_lines_stand(room: Room, reply: str, again: bool, texts: tuple[str, ...], status: str) -> None:
    change = rejected(room, reply)
    room.changes.keep()
    for text in texts:
        write(room, text)
        if again:
            room = room.again()
        assert room.status(change) == ["rejected"]
    assert unrejected(room, change) == [status]
    assert isinstance(room.told[-1], ChangeUpdated)
    assert room.again().status(change) == [status]


def test_what_the_user_edited_within_it_is_not_merged(room: Room) -> None:
    change = rejected(room, edit("src/a.py", "one = 1\ntwo = 2\nthree = 3\n", "one = 1\ntwo = 2\nthree = 33\n"))
    write(room, TEXT.replace("three", "Three"))
    assert unrejected(room, change) == ["stale"]
    write(room, TEXT)
    assert room.status(change) == ["pending"]


def test_it_never_comes_back_at_lines_that_are_merely_alike(room: Room) -> None:
    """The function that it was about is gone, and the other one reads the same."""
    write(room, ALIKE)
    second = patch("*** Update File: src/a.py", "@@ def b():", "-    return 1", "+    return 2")
    change = rejected(room, second)
    assert unrejected(room, change) == ["pending"]
    room.changes.reject(room.changes.now(change.id), None, None)
    write(room, ALIKE[: ALIKE.index("\n\ndef b")])
    assert unrejected(room, change) == ["stale"]


def test_only_those_named(room: Room) -> None:
    change = rejected(
        room, edit("src/a.py", "one = 1\n", "one = 11\n") + edit("src/a.py", "three = 3\n", "three = 33\n")
    )
    (_, second) = (hunk.id for file in change.files for hunk in file.hunks)
    room.changes.unreject(change, [second])
    assert room.status(change) == ["rejected", "pending"]
    told = len(room.told)
    assert room.changes.unreject(room.changes.now(change.id), [second]) == room.changes.now(change.id)
    assert len(room.told) == told


def test_what_is_applied_stays_so(room: Room) -> None:
    change = room.propose(edit("src/a.py", "one = 1\n", "one = 11\n") + edit("src/a.py", "three = 3\n", "three = 33\n"))
    first, second = (hunk.id for file in change.files for hunk in file.hunks)
    room.changes.reject(change, [second], None)
    room.apply(change, first)
    room.changes.unreject(room.changes.now(change.id), None)
    assert room.status(change) == ["applied", "pending"]


RENAME = patch("*** Update File: src/a.py", "*** Move to: src/b.py", "@@", "-two = 2", "+two = 22")


@pytest.mark.parametrize(
    ("reply", "meanwhile", "status"),
    [
        (edit("src/new.py", "", "new = 1\n"), {}, ["pending"]),
        (edit("src/new.py", "", "new = 1\n"), {"src/new.py": "mine\n"}, ["stale"]),
        (patch("*** Delete File: src/a.py"), {}, ["pending"]),
        (patch("*** Delete File: src/a.py"), {"src/a.py": f"{TEXT}four = 4\n"}, ["stale"]),
        (RENAME, {}, ["pending", "pending"]),
        (RENAME, {"src/b.py": "taken\n"}, ["stale", "pending"]),
        (RENAME, {"src/a.py": None}, ["stale", "stale"]),
        (TWO, {"src/a.py": None}, ["stale"]),
    ],
)
def test_whole_files(room: Room, reply: str, meanwhile: dict[str, str | None], status: list[str]) -> None:
    change = rejected(room, reply)
    for path, text in meanwhile.items():
        write(room, text, path)
    assert unrejected(room, change) == status


def test_twins_are_named_again(room: Room) -> None:
    alpha, bravo = room.propose(TWO, "alpha"), room.propose(TWO, "bravo")
    room.changes.reject(room.changes.now(bravo.id), None, None)
    assert room.sources(alpha) == [("alpha",)]
    told = len(room.told)
    room.changes.unreject(room.changes.now(bravo.id), None)
    assert room.sources(alpha) == room.sources(bravo) == [("alpha", "bravo")]
    assert {one.change.id for one in room.told[told:] if isinstance(one, ChangeUpdated)} == {alpha.id, bravo.id}
    room.apply(bravo)
    assert room.status(alpha) == room.status(bravo) == ["applied"]


def test_what_isnt_the_same_any_more_is_no_twin(room: Room) -> None:
    alpha, bravo = room.propose(TWO, "alpha"), room.propose(TWO, "bravo")
    room.changes.reject(room.changes.now(bravo.id), None, None)
    room.apply(alpha)
    assert unrejected(room, bravo) == ["stale"]
    assert room.sources(alpha) == [("alpha",)]
    assert room.status(alpha) == ["applied"]


def test_a_change_of_a_deleted_discussion_is_gone(room: Room) -> None:
    alpha, bravo = room.propose(TWO, "alpha"), room.propose(TWO, "bravo")
    room.store.create_discussion(str(room.root), "another", "title", 0.0)
    other = room.proposing.propose("another", "charlie", "title", TWO)
    assert other
    room.store.delete_discussion(alpha.discussion)
    assert room.changes.get(alpha.id) is None  # as it is where another server deleted it
    room.changes.forget(alpha.discussion)
    assert room.changes.get(bravo.id) is None
    assert room.changes.standing(alpha.discussion) == []
    assert room.status(other) == ["pending"]
    room.changes.keep()
    assert [change.id for change in room.store.open_changes(str(room.root))] == [other.id]
