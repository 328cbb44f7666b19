"""The pending changes of a workspace, over real files, real documents and a real store."""

from __future__ import annotations

import pytest
from attrs import evolve
from lsprotocol import types

from moa_lsp.edits.values import FileKind, HunkStatus
from moa_lsp.session.events import ChangeUpdated
from moa_lsp.session.twinning import TwinSettling
from tests.unit.session.room import TEXT, Room, begun, edit, patch

TWO = edit("src/a.py", "two = 2\n", "two = 22\n")
RENAME = patch("*** Update File: src/a.py", "*** Move to: src/b.py", "@@", "-two = 2", "+two = 22")
DELETE = patch("*** Delete File: src/a.py")


# --- paths without their folder


def test_a_file_without_its_folder_is_found_among_those_shown(room: Room) -> None:
    change = room.propose(TWO.replace("src/a.py", "a.py"), "alpha", "src/a.py", "src/other.py")
    assert [file.path for file in change.files] == ["src/a.py"]
    (notice,) = change.problems
    assert notice.notice
    assert notice.message == "`a.py` was taken for src/a.py, the only file of that name."


def test_a_file_of_that_very_name_is_meant(room: Room) -> None:
    (room.root / "a.py").write_text(TEXT)
    change = room.propose(TWO.replace("src/a.py", "a.py"), "alpha", "src/a.py")
    assert [file.path for file in change.files] == ["a.py"]
    assert change.problems == ()


def test_several_files_of_a_name_are_not_chosen_between(room: Room) -> None:
    change = room.propose(TWO.replace("src/a.py", "a.py"), "alpha", "src/a.py", "lib/a.py")
    assert change.files == ()
    assert [problem.notice for problem in change.problems] == [False]


def test_a_new_file_is_created_where_it_says(room: Room) -> None:
    created = edit("a.py", "", "new = 1\n")
    change = room.propose(
        created + TWO.replace("src/a.py", "a.py").replace("two = 2\n", "new = 1\n", 1), "alpha", "src/a.py"
    )
    assert [file.path for file in change.files] == ["a.py"]
    assert [problem.message for problem in change.problems] == ["There is also src/a.py."]
    assert change.problems[0].notice


# --- files that come and go


def test_what_renames_a_file_waits_for_its_new_name(room: Room) -> None:
    change = room.propose(RENAME)
    assert room.status(change) == ["pending", "pending"]
    new = room.root / "src" / "b.py"
    new.write_bytes(b"\0binary")
    assert room.status(change) == ["stale", "pending"]
    new.unlink()
    assert room.status(change) == ["pending", "pending"]
    (room.root / "src" / "a.py").unlink()
    assert room.status(change) == ["stale", "stale"]
    (room.root / "src" / "a.py").write_text(TEXT)
    assert room.status(change) == ["pending", "pending"]


def test_a_renaming_may_not_lead_outside(room: Room) -> None:
    (room.root / "out").symlink_to(room.root.parent)
    change = room.propose(RENAME.replace("src/b.py", "out/b.py") + edit("out/b.py", "one = 1\n", "one = 11\n"))
    (file,) = change.files
    assert (file.path, file.kind, len(file.hunks)) == ("src/a.py", FileKind.EDIT, 1)
    assert file.hunks[0].new == "one = 11\ntwo = 22\n", "what was written under the name that it didn't get, too"
    (problem,) = change.problems
    assert problem.message.startswith("src/a.py isn't renamed to out/b.py, which ")
    assert (problem.file, problem.final, problem.notice) == ("src/a.py", True, False)


def test_the_user_renames_as_was_proposed(room: Room) -> None:
    change = room.propose(RENAME)
    other = room.propose(edit("src/a.py", "one = 1\n", "one = 11\n"), "bravo")
    (room.root / "src" / "a.py").rename(room.root / "src" / "b.py")
    room.changes.renamed("src/a.py", "src/b.py")
    assert room.status(change) == ["applied", "pending"]
    assert room.changes.now(change.id).files[0].where == "src/b.py"
    assert (room.status(other), room.changes.now(other.id).files[0].path) == (["pending"], "src/b.py")
    assert "+two = 22" in room.changes.diff(room.changes.now(change.id))
    (room.root / "src" / "b.py").rename(room.root / "src" / "a.py")
    room.changes.renamed("src/b.py", "src/a.py")
    assert room.status(change) == ["pending", "pending"]
    assert room.changes.now(other.id).files[0].path == "src/a.py"


def test_a_renaming_is_in_the_diff(room: Room) -> None:
    diff = room.changes.diff(room.propose(RENAME))
    assert "rename from src/a.py\nrename to src/b.py\n" in diff
    assert "+two = 22" in diff


def test_what_deletes_a_file_is_for_that_text_only(room: Room) -> None:
    change = room.propose(DELETE)
    path = room.root / "src" / "a.py"
    path.write_text(f"{TEXT}four = 4\n")
    assert room.status(change) == ["stale"]
    path.write_text(TEXT)
    assert room.status(change) == ["pending"]
    assert "deleted file mode" in room.changes.diff(room.changes.now(change.id))
    path.unlink()
    assert room.status(change) == ["stale"]


def test_a_renamed_file_is_found_after_a_restart(room: Room) -> None:
    change = room.propose(TWO)
    (room.root / "src" / "a.py").rename(room.root / "src" / "c.py")
    room.changes.renamed("src/a.py", "src/c.py")
    (room.root / "src" / "c.py").write_text(f"zero = 0\n{TEXT}")
    again = begun(room.root, room.store)  # the first one never came to keep anything
    again.changes.restore()
    assert again.status(change) == ["pending"]
    (file,) = again.changes.now(change.id).files
    assert (file.path, file.hunks[0].start) == ("src/c.py", 2)


def test_a_file_that_is_gone_is_waited_for_over_a_restart(room: Room) -> None:
    change = room.propose(edit("src/a.py", "two = 2\n", "two = 2\nmore = 1\n"))
    (room.root / "src" / "a.py").unlink()
    assert room.status(change) == ["stale"]
    again = room.again()
    assert again.status(change) == ["stale"]
    (room.root / "src" / "a.py").write_text(f"zero = 0\n{TEXT}")
    assert again.status(change) == ["pending"]
    assert again.changes.now(change.id).files[0].hunks[0].start == 3


def test_a_renamed_file_replaces_what_stood_there(room: Room) -> None:
    (room.root / "src" / "b.py").write_text("two = 2\n")
    overwritten = room.propose(TWO.replace("a.py", "b.py"), "bravo")
    change = room.propose(TWO)
    (room.root / "src" / "a.py").replace(room.root / "src" / "b.py")
    room.changes.renamed("src/a.py", "src/b.py")
    for one in (overwritten, change):
        assert room.status(one) == ["pending"]
        (file,) = room.changes.now(one.id).files
        assert (file.path, file.hunks[0].start) == ("src/b.py", 1)


@pytest.mark.parametrize(
    "order", ["closed, opened, told", "told, closed, opened", "closed, told, opened", "opened, told, closed"]
)
def test_a_renamed_document_with_unsaved_text(room: Room, order: str) -> None:
    change = room.propose(TWO)
    old, new = room.root / "src" / "a.py", room.root / "src" / "b.py"
    text = f"# unsaved\n{TEXT}"
    room.buffers.opened(types.TextDocumentItem(old.as_uri(), "python", 1, text), room.changes)
    assert room.changes.now(change.id).files[0].hunks[0].start == 2
    old.rename(new)
    for step in order.split(", "):
        match step:
            case "closed":
                room.buffers.closed(old.as_uri(), room.changes)
            case "opened":
                room.buffers.opened(types.TextDocumentItem(new.as_uri(), "python", 1, text), room.changes)
            case _:
                room.buffers.renamed([types.FileRename(old.as_uri(), new.as_uri())], room.changes)
    assert room.status(change) == ["pending"]
    (file,) = room.changes.now(change.id).files
    assert (file.path, file.hunks[0].start) == ("src/b.py", 2)
    assert change.id in {event.change.id for event in room.told if isinstance(event, ChangeUpdated)}


B = "two = 2\nbee = 1\n"
BEE = edit("src/b.py", "bee = 1\n", "bee = 2\n")


@pytest.mark.parametrize(
    ("second", "statuses"),
    [
        (edit("src/b.py", "two = 2\n", "two = 3\n"), ["stale", "stale"]),
        (edit("src/b.py", "two = 2\n", "two = 3\n") + edit("src/b.py", "bee = 1\n", ""), ["pending", "stale"]),
        (BEE, ["pending", "stale"]),
        (patch("*** Delete File: src/b.py"), ["pending", "rejected"]),
        (patch("*** Update File: src/b.py", "*** Move to: src/d.py", "@@", "-bee = 1", "+bee = 2"), ["pending"]),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_user_renames_one_file_of_a_change_over_another(
    room: Room, second: str, statuses: list[str], first: bool
) -> None:
    (room.root / "src" / "b.py").write_text(B)
    change = room.propose(TWO + second if first else second + TWO)
    assert len(change.files) == 2
    (room.root / "src" / "a.py").replace(room.root / "src" / "b.py")
    room.changes.renamed("src/a.py", "src/b.py")
    assert room.status(change)[: len(statuses)] == statuses
    now = room.changes.now(change.id)
    assert [file.path for file in now.files] == ["src/b.py"]
    room.changes.diff(now)
    if "pending" in statuses:
        room.apply(change)
        assert (room.root / "src" / "b.py").read_text() == TEXT.replace("two = 2", "two = 22")
    assert room.again().status(change) == room.status(change)


# --- twins


def test_twins_name_both_in_the_order_of_proposing(room: Room) -> None:
    alpha, bravo = room.propose(TWO, "alpha"), room.propose(TWO, "bravo")
    apart = room.propose(edit("src/a.py", "two = 2\n", "two = 23\n"), "charlie")
    assert room.sources(alpha) == room.sources(bravo) == [("alpha", "bravo")]
    assert room.sources(apart) == [("charlie",)]
    delta = room.propose(TWO, "delta")
    assert room.sources(alpha) == room.sources(bravo) == room.sources(delta) == [("alpha", "bravo", "delta")]
    room.changes.reject(room.changes.now(bravo.id), None, None)
    assert room.sources(alpha) == room.sources(delta) == [("alpha", "delta")]
    assert room.sources(bravo) == [("bravo",)]
    assert room.status(alpha) == room.status(delta) == ["pending"]


def test_twins_are_of_one_discussion(room: Room) -> None:
    alpha = room.propose(TWO, "alpha")
    room.store.create_discussion(str(room.root), "another", "title", 0.0)
    other = room.proposing.propose("another", "bravo", "title", TWO)
    assert other
    assert room.sources(alpha) == [("alpha",)]
    assert room.sources(other) == [("bravo",)]


def test_an_insertion_that_stands_there_already_is_stale_for_good(room: Room) -> None:
    more = edit("src/a.py", "two = 2\n", "two = 2\nmore = 1\n")
    room.store.create_discussion(str(room.root), "another", "title", 0.0)
    change, other = room.propose(more), room.proposing.propose("another", "bravo", "title", more)
    assert other
    (room.root / "src" / "a.py").write_text(TEXT.replace("two = 2\n", "two = 2\nmore = 1\n"))
    written = evolve(change.files[0].hunks[0], end=3, status=HunkStatus.APPLIED)
    room.changes.put(evolve(change, files=(evolve(change.files[0], hunks=(written,)),)))
    TwinSettling(room.changes).settle(change.id, ["src/a.py"])
    assert room.status(other) == ["stale"]
    (room.root / "src" / "a.py").write_text(TEXT.replace("two = 2\n", "two = 2\nmore = 1\n") + "four = 4\n")
    assert room.status(other) == ["stale"]
    assert room.again().status(other) == ["stale"]


@pytest.mark.parametrize("reply", [RENAME, DELETE, edit("src/new.py", "", "new = 1\n")])
def test_whole_files_have_twins_too(room: Room, reply: str) -> None:
    alpha, bravo = room.propose(reply, "alpha"), room.propose(reply, "bravo")
    assert set(room.sources(alpha)) == set(room.sources(bravo)) == {("alpha", "bravo")}


def test_what_is_typed_doesnt_part_twins(room: Room) -> None:
    alpha, bravo = room.propose(TWO, "alpha"), room.propose(TWO, "bravo")
    (room.root / "src" / "a.py").write_text(f"zero = 0\n{TEXT}")
    assert room.status(alpha) == room.status(bravo) == ["pending"]
    charlie = room.propose(TWO, "charlie")
    assert room.sources(alpha) == room.sources(bravo) == room.sources(charlie) == [("alpha", "bravo", "charlie")]


def test_only_what_is_pending_is_merged(room: Room) -> None:
    change = room.propose(TWO)
    hunk = change.files[0].hunks[0]
    assert hunk.status is HunkStatus.PENDING
    room.changes.reject(change, None, "no")
    (room.root / "src" / "a.py").write_text(TEXT.replace("two = 2", "two = 3"))
    assert room.status(change) == ["rejected"]


# --- many files


def test_only_what_a_change_is_about_is_looked_at(room: Room) -> None:
    change = room.propose(TWO)
    (room.root / "src" / "a.py").write_text("other = 1\n")
    elsewhere = [(room.root / "node_modules" / f"{n}.js").as_uri() for n in range(10)]
    assert not room.buffers.on_disk_changed(elsewhere, room.changes)
    assert room.changes.now(change.id).files[0].hunks[0].status is HunkStatus.PENDING
    assert room.buffers.on_disk_changed([*elsewhere, (room.root / "src").as_uri()], room.changes)
    assert room.changes.now(change.id).files[0].hunks[0].status is HunkStatus.STALE


# --- buffers that are no file yet


def test_an_empty_buffer_that_was_never_saved_is_no_file(room: Room) -> None:
    """Neovim keeps one where a created file was deleted."""
    path = room.root / "src" / "new.py"
    change = room.propose(edit("src/new.py", "", "new = 1\n"))
    room.buffers.opened(types.TextDocumentItem(path.as_uri(), "python", 1, ""), room.changes)
    assert (room.buffers.exists("src/new.py"), room.buffers.current("src/new.py")) == (False, None)
    assert room.status(change) == ["pending"]

    def typed(version: int, end: int, text: str) -> list[str]:
        span = types.Range(types.Position(0, 0), types.Position(0, end))
        identifier = types.VersionedTextDocumentIdentifier(version, path.as_uri())
        edits = [types.TextDocumentContentChangePartial(span, text)]
        room.buffers.changed(types.DidChangeTextDocumentParams(identifier, edits), room.changes)
        return room.status(change)

    assert typed(2, 0, "mine") == ["stale"]
    assert room.buffers.exists("src/new.py")
    assert typed(3, 4, "") == ["pending"]
    assert typed(4, 0, "\n") == ["pending"]
    renaming = room.propose(RENAME.replace("src/b.py", "src/new.py"), "bravo")
    assert room.status(renaming) == ["pending", "pending"]
    path.write_text("")
    assert room.buffers.exists("src/new.py")
    room.changes.looked_at_again(["src"])
    assert room.status(renaming) == ["stale", "pending"]
