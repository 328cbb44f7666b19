"""The terminal client's edits on real files: what is written, what is kept, and what is refused."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_lsp.terminal import files
from moa_lsp.terminal.edited_text import Decoded, Refused
from moa_lsp.terminal.files import Entry, Folder
from moa_lsp.terminal.workspace_edit import carry_out

Json = dict[str, Any]


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> Json:
    ends = {"start": {"line": start[0], "character": start[1]}, "end": {"line": end[0], "character": end[1]}}
    return {"range": ends, "newText": text}


def edits(path: Path, *text_edits: Json) -> Json:
    return {"textDocument": {"uri": path.as_uri(), "version": None}, "edits": list(text_edits)}


def create(path: Path, **options: Any) -> Json:
    return {"kind": "create", "uri": path.as_uri(), "options": options}


def apply(root: Path, *operations: Json, encoding: str = "utf-32") -> Json:
    return carry_out(Folder(root), {"edit": {"documentChanges": list(operations)}}, encoding)


def everything(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


# --- what is kept


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\r\ntwo\r\nthree\r\n", b"one\r\n2\r\nthree\r\n"),
        (b"one\ntwo\nthree", b"one\n2\nthree"),
        (b"one\rtwo\rthree\r", b"one\r2\nthree\r"),
        (b"one\r\ntwo\nthree\r", b"one\r\n2\nthree\r"),
        (codecs.BOM_UTF8 + b"one\ntwo\n", codecs.BOM_UTF8 + b"one\n2\n"),
        (
            codecs.BOM_UTF16_LE + "one\ntwo é\n".encode("utf-16-le"),
            codecs.BOM_UTF16_LE + "one\n2\n".encode("utf-16-le"),
        ),
        (
            codecs.BOM_UTF16_BE + "one\r\ntwo\r\n".encode("utf-16-be"),
            codecs.BOM_UTF16_BE + "one\r\n2\r\n".encode("utf-16-be"),
        ),
        # None of these ends a line for LSP.
        ("one\x0b\x0c\x85\u2028x\ntwo\n".encode(), "one\x0b\x0c\x85\u2028x\n2\n".encode()),
    ],
)
def test_encoding_byte_order_mark_and_line_ends_stay(root: Path, before: bytes, after: bytes) -> None:
    (root / "a.py").write_bytes(before)

    answer = apply(root, edits(root / "a.py", edit((1, 0), (2, 0), "2\n")))

    assert answer == {"applied": True}
    assert (root / "a.py").read_bytes() == after


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_the_mode_stays_and_a_new_file_gets_the_usual_one(root: Path) -> None:
    script = root / "run.sh"
    script.write_text("echo 1\n")
    script.chmod(0o754)
    umask = os.umask(0o022)
    try:
        answer = apply(
            root,
            create(root / "new.sh"),
            edits(root / "new.sh", edit((0, 0), (1, 0), "echo new\n")),
            edits(script, edit((0, 5), (0, 6), "2")),
        )
    finally:
        os.umask(umask)

    assert answer == {"applied": True}
    assert script.read_text() == "echo 2\n"
    assert stat.S_IMODE(script.stat().st_mode) == 0o754
    assert stat.S_IMODE((root / "new.sh").stat().st_mode) == 0o644


def test_files_are_created_renamed_and_deleted_in_order(root: Path) -> None:
    (root / "old.py").write_text("old\n")
    (root / "gone.py").write_text("gone\n")

    answer = apply(
        root,
        create(root / "deep" / "er" / "new.py", overwrite=False, ignoreIfExists=True),
        edits(root / "deep" / "er" / "new.py", edit((0, 0), (0, 0), "new\n")),
        {"kind": "rename", "oldUri": (root / "old.py").as_uri(), "newUri": (root / "moved.py").as_uri()},
        edits(root / "moved.py", edit((0, 0), (0, 3), "moved")),
        {"kind": "delete", "uri": (root / "gone.py").as_uri(), "options": {"ignoreIfNotExists": True}},
    )

    assert answer == {"applied": True}
    assert everything(root) == {
        str(Path("deep/er/new.py")): b"new\n",
        "moved.py": b"moved\n",
    }


def test_the_older_form_of_an_edit_is_understood(root: Path) -> None:
    (root / "a.py").write_text("a\n")

    params = {"edit": {"changes": {(root / "a.py").as_uri(): [edit((0, 0), (0, 1), "b")]}}}

    assert carry_out(Folder(root), params, "utf-16") == {"applied": True}
    assert (root / "a.py").read_text() == "b\n"


def test_insertions_at_one_place_come_in_the_order_given(root: Path) -> None:
    (root / "a.py").write_text("x\n")

    apply(root, edits(root / "a.py", edit((0, 0), (0, 1), "X"), edit((0, 0), (0, 0), "1"), edit((0, 0), (0, 0), "2")))

    assert (root / "a.py").read_text() == "12X\n"


@given(st.text(max_size=12), st.sampled_from(["utf-16", "utf-32"]), st.data())
def test_columns_are_counted_in_the_negotiated_units(line: str, encoding: str, data: st.DataObject) -> None:
    line = line.replace("\r", "").replace("\n", "")
    at = data.draw(st.integers(0, len(line)))
    column = at if encoding == "utf-32" else len(line[:at].encode("utf-16-le", "surrogatepass")) // 2

    text = Decoded(f"first\n{line}\n").edited([edit((1, column), (1, column), "|")], encoding).text

    assert text == f"first\n{line[:at]}|{line[at:]}\n"


# --- what is refused, with nothing changed


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (edit((5, 0), (5, 0), "x"), "outside the text"),
        (edit((0, 0), (0, 9), "x"), "outside the text"),
        (edit((2, 1), (2, 1), "x"), "outside the text"),
        (edit((-1, 0), (0, 0), "x"), "outside the text"),
        (edit((1, 0), (0, 0), "x"), "ends before it begins"),
        ({"range": edit((0, 0), (0, 0), "")["range"]}, "no text"),
        ({"newText": "x"}, "can't be read"),
    ],
)
def test_an_edit_for_another_text_is_refused(root: Path, operation: Json, reason: str) -> None:
    (root / "a.py").write_text("one\ntwo")
    (root / "b.py").write_text("b\n")

    answer = apply(root, edits(root / "b.py", edit((0, 0), (0, 1), "B")), edits(root / "a.py", operation))

    assert answer["applied"] is False
    assert reason in answer["failureReason"]
    assert everything(root) == {"a.py": b"one\ntwo", "b.py": b"b\n"}


def test_overlapping_edits_are_refused(root: Path) -> None:
    (root / "a.py").write_text("one\n")

    answer = apply(root, edits(root / "a.py", edit((0, 0), (0, 2), "x"), edit((0, 1), (0, 3), "y")))

    assert "overlap" in answer["failureReason"]


def test_half_an_astral_character_is_no_place(root: Path) -> None:
    (root / "a.py").write_text("😀\n", encoding="utf-8")

    answer = apply(root, edits(root / "a.py", edit((0, 1), (0, 2), "")), encoding="utf-16")

    assert "inside a character" in answer["failureReason"]


def test_a_file_stays_in_the_encoding_it_says_it_is_in(root: Path) -> None:
    path = root / "a.py"
    path.write_bytes("# coding: latin-1\nname = 'é'\n".encode("latin-1"))

    assert apply(root, edits(path, edit((1, 8), (1, 9), "èê"))) == {"applied": True}
    assert path.read_bytes() == "# coding: latin-1\nname = 'èê'\n".encode("latin-1")

    new = {"kind": "create", "uri": (root / "new.py").as_uri()}
    text = "# coding: cp1252\nname = '€'\n"
    assert apply(root, new, edits(root / "new.py", edit((0, 0), (0, 0), text))) == {"applied": True}
    assert (root / "new.py").read_bytes() == text.encode("cp1252")

    # What an edit makes it say counts from then on.
    assert apply(root, edits(path, edit((0, 0), (1, 0), "# now in UTF-8\n"))) == {"applied": True}
    assert path.read_bytes() == "# now in UTF-8\nname = 'èê'\n".encode()


def test_what_the_encoding_lacks_is_refused_before_anything_is_written(root: Path) -> None:
    path = root / "a.py"
    raw = "# coding: latin-1\nname = 'é'\n".encode("latin-1")
    path.write_bytes(raw)
    (root / "b.py").write_text("b\n")

    answer = apply(root, edits(root / "b.py", edit((0, 0), (0, 0), "x")), edits(path, edit((1, 8), (1, 9), "漢")))

    assert "iso8859-1, which has no 漢 (U+6F22)" in answer["failureReason"]
    assert path.read_bytes() == raw
    assert (root / "b.py").read_text() == "b\n"


@pytest.mark.parametrize("raw", [b"caf\xe9\n", b"\xff\xfe\x00", b"\0\1\n", codecs.BOM_UTF32_LE + b"a\0\0\0"])
def test_a_file_in_an_unknown_encoding_is_not_rewritten(root: Path, raw: bytes) -> None:
    (root / "a.txt").write_bytes(raw)

    answer = apply(root, edits(root / "a.txt", edit((0, 0), (0, 0), "x")))

    assert re.search("is not UTF-8|not the UTF-16|binary|UTF-32", answer["failureReason"])
    assert (root / "a.txt").read_bytes() == raw


@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"ignoreIfExists": True}])
def test_a_create_never_takes_the_place_of_a_file(root: Path, options: Json) -> None:
    (root / "a.py").write_text("mine\n")

    answer = apply(root, create(root / "a.py", **options), edits(root / "a.py", edit((0, 0), (0, 0), "theirs\n")))

    assert answer["applied"] is False
    assert "exists already" in answer["failureReason"]
    assert everything(root) == {"a.py": b"mine\n"}


def test_a_file_made_between_check_and_write_is_not_overwritten(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Folder.read
    reads: list[Path] = []

    def racing(self: Folder, path: Path) -> Entry | None:
        found = read(self, path)
        reads.append(path)
        if len(reads) == 2:  # the last look before writing
            (root / "new.py").write_text("somebody's\n")
        return found

    monkeypatch.setattr(Folder, "read", racing)

    answer = apply(root, create(root / "new.py"), edits(root / "new.py", edit((0, 0), (0, 0), "ours\n")))

    assert answer["applied"] is False
    assert everything(root) == {"new.py": b"somebody's\n"}


def test_a_file_that_changed_meanwhile_is_left_alone(root: Path) -> None:
    (root / "a.py").write_text("now\n")
    (root / "b.py").write_text("b\n")
    folder = Folder(root)
    before = {Path("b.py"): folder.read(Path("b.py")), Path("a.py"): Entry(b"then\n", 0o644)}

    with pytest.raises(Refused, match="changed in the meantime"):
        folder.write(before, {Path("b.py"): Entry(b"B\n"), Path("a.py"): Entry(b"later\n")})

    assert everything(root) == {"a.py": b"now\n", "b.py": b"b\n"}


def test_a_write_that_fails_half_way_is_taken_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.py").write_text("a\n")
    (root / "b.py").write_text("b\n")
    (root / "c.py").write_text("c\n")
    replace = os.replace
    done: list[str] = []

    def full_disk(src: str, dst: str, **where: Any) -> None:
        done.append(dst)
        if len(done) == 3:
            raise OSError(28, "No space left on device")
        replace(src, dst, **where)

    monkeypatch.setattr(files.os, "replace", full_disk)

    answer = apply(
        root,
        create(root / "sub" / "new.py"),
        edits(root / "sub" / "new.py", edit((0, 0), (0, 0), "new\n")),
        edits(root / "a.py", edit((0, 0), (0, 1), "A")),
        {"kind": "delete", "uri": (root / "b.py").as_uri()},
        edits(root / "c.py", edit((0, 0), (0, 1), "C")),
    )

    assert answer == {"applied": False, "failureReason": "No space left on device"}
    assert everything(root) == {"a.py": b"a\n", "b.py": b"b\n", "c.py": b"c\n"}
    assert not (root / "sub").exists()


# --- places that are none of ours


def test_paths_outside_the_folder_are_refused(root: Path) -> None:
    evil = root.with_name("workspace-evil")
    evil.mkdir()
    (evil / "a.py").write_text("theirs\n")
    change = edit((0, 0), (0, 0), "x")

    for uri in (
        (evil / "a.py").as_uri(),
        f"{root.as_uri()}/../workspace-evil/a.py",
        f"{root.as_uri()}/%2e%2e/workspace-evil/a.py",
        root.as_uri(),
        "file://elsewhere/a.py",
        "https://example.invalid/a.py",
        f"{root.as_uri()}/a%00.py",
        "a.py",
    ):
        answer = apply(root, {"textDocument": {"uri": uri, "version": None}, "edits": [change]})
        assert answer["applied"] is False, uri
        assert answer["failureReason"]

    assert (evil / "a.py").read_text() == "theirs\n"


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights there")
def test_links_are_not_followed(root: Path) -> None:
    outside = root.with_name("outside")
    outside.mkdir()
    (outside / "a.py").write_text("theirs\n")
    (root / "real.py").write_text("real\n")
    (root / "link.py").symlink_to(outside / "a.py")
    (root / "inner.py").symlink_to(root / "real.py")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root / "loop")
    change = edit((0, 0), (0, 0), "x")

    for path in ("link.py", "inner.py", "folder/a.py", "loop/a.py"):
        answer = apply(root, edits(root / path, change))
        assert answer["applied"] is False, path
    assert apply(root, create(root / "folder" / "new.py"))["applied"] is False
    assert apply(root, {"kind": "delete", "uri": (root / "link.py").as_uri()})["applied"] is False

    assert everything(outside) == {"a.py": b"theirs\n"}
    assert (root / "real.py").read_text() == "real\n"
    assert (root / "link.py").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights there")
def test_a_link_made_between_check_and_write_leads_nowhere(root: Path) -> None:
    outside = root.with_name("outside")
    outside.mkdir()
    (outside / "a.py").write_text("a\n")
    (root / "sub").mkdir()
    (root / "sub" / "a.py").write_text("a\n")
    folder = Folder(root)
    path = folder.inside(root / "sub" / "a.py")
    before = {path: folder.read(path)}
    (root / "sub").rename(root / "moved")
    (root / "sub").symlink_to(outside)

    with pytest.raises(Refused):
        folder.write(before, {path: Entry(b"ours\n", 0o644)})

    assert everything(outside) == {"a.py": b"a\n"}


@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs in folders")
@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe")

    answer = apply(root, edits(root / "pipe", edit((0, 0), (0, 0), "x")))

    assert "no regular file" in answer["failureReason"]


def test_an_edit_for_an_open_document_is_not_for_us(root: Path) -> None:
    (root / "a.py").write_text("a\n")
    operation = edits(root / "a.py", edit((0, 0), (0, 0), "x"))
    operation["textDocument"]["version"] = 3

    assert "not open here" in apply(root, operation)["failureReason"]


def test_an_unknown_operation_stops_the_others(root: Path) -> None:
    (root / "a.py").write_text("a\n")

    answer = apply(root, edits(root / "a.py", edit((0, 0), (0, 1), "b")), {"kind": "shout", "uri": "x"})

    assert "shout" in answer["failureReason"]
    assert (root / "a.py").read_text() == "a\n"
