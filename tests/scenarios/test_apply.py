"""Writing through the editor: what it is asked to write, and what stands in the text, whatever it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from attrs import frozen
from lsprotocol import types

from tests.provider.server import Provider
from tests.scenarios.conftest import API, Begin, architects, edit, proposing, refusal
from tests.scenarios.editor import Editor, OnApply, capabilities

REFUSED = -32803
LONGER = "    try:\n        return store[key]\n    except KeyError:\n        return None\n"
GET = edit("api.py", "    return store[key]\n", LONGER)
PUT = edit("api.py", "    store[key] = value\n", "    store.update({key: value})\n")
DELETE = edit("api.py", "    del store[key]\n", "    store.pop(key, None)\n")

Json = dict[str, Any]


@frozen
class Stage:
    """An editor whose one architect proposes what a test says."""

    editor: Editor
    provider: Provider
    workspace: Path

    async def propose(self, *edits: str) -> Json:
        self.provider.script("alpha", proposing("\n".join(edits)))
        round = await self.editor.ask("discuss", {"message": "Go on."})
        change = round["turns"][0]["change"]
        assert change is not None, round["turns"][0]
        return change

    @property
    def api(self) -> Path:
        return self.workspace / "api.py"


async def stage(provider: Provider, begin: Begin, workspace: Path, **options: Any) -> Stage:
    settings = {**architects(provider, "alpha"), **options.pop("settings", {})}
    return Stage(await begin(settings=settings, **options), provider, workspace)


def hunks(change: Json, file: int = 0) -> list[str]:
    return [hunk["id"] for hunk in change["files"][file]["hunks"]]


def statuses(change: Json) -> dict[str, list[str]]:
    return {file["uri"].rsplit("/", 1)[1]: [hunk["status"] for hunk in file["hunks"]] for file in change["files"]}


def lines_of(hunk: Json) -> tuple[int, int]:
    start, end = hunk["range"]["start"], hunk["range"]["end"]
    assert start["character"] == 0
    return start["line"], end["line"]


async def test_hunk_by_hunk_in_any_order(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace)
    on.editor.open(on.api)
    change = await on.propose(GET, PUT, DELETE)
    get, put, delete = hunks(change)
    assert [lines_of(hunk) for hunk in change["files"][0]["hunks"]] == [(4, 5), (8, 9), (13, 14)]
    assert change["files"][0]["version"] == 1
    text = API
    on.editor.type(on.api, (0, 0), (0, 0), "# new\n# lines\n")
    text = f"# new\n# lines\n{text}"

    last = await on.editor.ask("apply", {"change": change["id"], "hunks": [delete]})
    text = text.replace("del store[key]", "store.pop(key, None)")
    assert on.editor.text(on.api) == text
    assert last["status"] == "partly-applied"
    assert statuses(last) == {"api.py": ["pending", "pending", "applied"]}
    first = await on.editor.run("apply", {"change": change["id"], "hunks": [get]})
    text = text.replace("    return store[key]\n", LONGER)
    assert on.editor.text(on.api) == text
    assert [lines_of(hunk) for hunk in first["files"][0]["hunks"]] == [(6, 10), (13, 14), (18, 19)]
    assert [hunk["oldLines"] for hunk in first["files"][0]["hunks"]] == [1, 1, 1], "also of what is applied"
    (sent,) = on.editor.applied[-1].edit.document_changes or []
    assert isinstance(sent, types.TextDocumentEdit)
    assert sent.text_document.version == 3
    (written,) = sent.edits
    assert isinstance(written, types.AnnotatedTextEdit)
    notes = on.editor.applied[-1].edit.change_annotations or {}
    assert list(notes) == [get] == [written.annotation_id]
    assert "alpha" in notes[get].label
    assert notes[get].needs_confirmation is None

    on.editor.type(on.api, (0, 0), (1, 0), "")
    text = text.removeprefix("# new\n")
    both = await on.editor.ask("apply", {"change": change["id"], "hunks": [put, get]})
    assert both["status"] == "applied", "what is applied already is no reason to refuse the rest"
    text = text.replace("store[key] = value", "store.update({key: value})")
    assert on.editor.text(on.api) == text
    assert len(on.editor.applied) == 3
    for argument in ({"change": change["id"]}, {"change": change["id"], "hunks": [get]}):
        assert (await on.editor.ask("apply", argument))["status"] == "applied"
    assert len(on.editor.applied) == 3
    assert "nope" in await refusal(on.editor.ask("apply", {"change": change["id"], "hunks": [get, "nope"]}), -32602)
    assert "nope" in await refusal(on.editor.ask("reject", {"change": change["id"], "hunks": ["nope"]}), -32602)

    undone = await on.editor.ask("undo", {"change": change["id"]})
    assert undone["status"] == "pending"
    assert on.editor.text(on.api) == f"# lines\n{API}"
    assert (await on.editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    assert on.editor.text(on.api) == text


async def test_files_keep_their_bytes(provider: Provider, begin: Begin, workspace: Path) -> None:
    """Line ends, byte order mark and a missing last newline, in files that aren't open, and one that is."""
    files: Mapping[str, bytes] = {
        "dos.py": b"a = 1\r\nb = 2\r\nc = 3\r\n",
        "mark.py": b"\xef\xbb\xbfa = 1\nb = 2\n",
        "bare.py": b"a = 1\nb = 2",
        "mixed.py": b"a = 1\r\nb = 2\nc = 3\r\nd = 4\n",
        "open.py": b"a = 1\r\nb = 2",
    }
    for name, content in files.items():
        (workspace / name).write_bytes(content)
    on = await stage(provider, begin, workspace)
    on.editor.open(workspace / "open.py")
    change = await on.propose(
        edit("dos.py", "b = 2\n", "b = 20\nbb = '😀'\n"),
        edit("mark.py", "a = 1\n", "a = 10\n"),
        edit("bare.py", "b = 2\n", "b = 20\nc = 30\n"),
        edit("mixed.py", "b = 2\nc = 3\n", "b = 20\nc = 30\n"),
        edit("open.py", "a = 1\nb = 2\n", "a = 1\nx = 5\nb = 3\n"),
        edit("new/deep/made.py", "", "made = 1\nby = 2\n"),
    )
    assert change["problems"] == []
    assert not (workspace / "new").exists()
    applied = await on.editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied", applied["problems"]
    assert len(on.editor.applied) == 1
    wanted = {
        "dos.py": b"a = 1\r\nb = 20\r\nbb = '\xf0\x9f\x98\x80'\r\nc = 3\r\n",
        "mark.py": b"\xef\xbb\xbfa = 10\nb = 2\n",
        "bare.py": b"a = 1\nb = 20\nc = 30",
        "mixed.py": b"a = 1\r\nb = 20\nc = 30\r\nd = 4\n",
        "open.py": files["open.py"],
        "new/deep/made.py": b"made = 1\nby = 2\n",
    }
    assert {name: (workspace / name).read_bytes() for name in wanted} == wanted
    assert on.editor.text(workspace / "open.py") == "a = 1\r\nx = 5\r\nb = 3"
    operations = on.editor.applied[0].edit.document_changes or []
    (create,) = [one for one in operations if isinstance(one, types.CreateFile)]
    assert operations[0] is create
    assert create.options == types.CreateFileOptions(overwrite=False, ignore_if_exists=True)

    undone = await on.editor.ask("undo", {"change": change["id"]})
    assert undone["status"] == "pending", undone["problems"]
    assert {name: (workspace / name).read_bytes() for name in files} == files
    assert not (workspace / "new/deep/made.py").exists()
    assert on.editor.text(workspace / "open.py") == "a = 1\r\nb = 2"


async def test_typing_meanwhile(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace)
    on.editor.open(on.api)
    change = await on.propose(GET, DELETE)
    on.editor.type(on.api, (4, 4), (4, 10), "yield")
    for argument in (
        {"change": change["id"], "hunks": hunks(change)},
        {"change": change["id"], "hunks": hunks(change)[:1]},
    ):
        message = await refusal(on.editor.ask("apply", argument), REFUSED)
        assert "stale" in message
        assert "api.py" in message
    updated = await on.editor.event("changeUpdated")
    assert statuses(updated["change"]) == {"api.py": ["stale", "pending"]}
    rest = await on.editor.ask("apply", {"change": change["id"]})
    assert statuses(rest) == {"api.py": ["stale", "applied"]}
    on.editor.type(on.api, (4, 4), (4, 9), "return")
    await on.editor.ask("show-discussion")
    assert statuses((await on.editor.event("changeUpdated", 3))["change"]) == {"api.py": ["pending", "applied"]}
    assert (await on.editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    assert on.editor.text(on.api) == API.replace("    return store[key]\n", LONGER).replace(
        "del store[key]", "store.pop(key, None)"
    )

    # After an edit in what it wrote, undo would lose that edit: it is refused, and says where.
    at = on.editor.text(on.api).split("\n").index("    store.pop(key, None)")
    on.editor.type(on.api, (at, 4), (at, 4), "return ")
    message = await refusal(on.editor.ask("undo", {"change": change["id"]}), REFUSED)
    assert f"line {at + 1}" in message
    on.editor.type(on.api, (at, 4), (at, 11), "")
    on.editor.type(on.api, (0, 0), (0, 0), "# above\n")
    assert (await on.editor.ask("undo", {"change": change["id"]}))["status"] == "pending"
    assert on.editor.text(on.api) == f"# above\n{API}"
    assert "nothing to undo" in await refusal(on.editor.ask("undo", {"change": change["id"]}), REFUSED)


async def test_two_changes_of_the_same_lines(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace)
    on.editor.open(on.api)
    one = await on.propose(GET, PUT)
    other = await on.propose(edit("api.py", "    return store[key]\n", "    return store.get(key)\n"), DELETE)
    # A double click: two requests at once, and one edit.
    clicks = [on.editor.ask("apply", {"change": one["id"]}) for _ in range(2)]
    assert [change["status"] for change in await asyncio.gather(*clicks)] == ["applied", "applied"]
    assert len(on.editor.applied) == 1
    updated = [event["change"] for event in on.editor.events if event["kind"] == "changeUpdated"]
    stale = next(change for change in updated if change["id"] == other["id"])
    assert statuses(stale) == {"api.py": ["stale", "pending"]}
    assert "stale" in await refusal(on.editor.ask("apply", {"change": other["id"], "hunks": hunks(other)[:1]}), REFUSED)
    assert statuses(await on.editor.ask("apply", {"change": other["id"]})) == {"api.py": ["stale", "applied"]}
    # Taking the first back makes room for the second.
    await on.editor.ask("undo", {"change": one["id"]})
    assert statuses(await on.editor.ask("apply", {"change": other["id"]})) == {"api.py": ["applied", "applied"]}
    assert on.editor.text(on.api) == API.replace("store[key]\n\n\ndef put", "store.get(key)\n\n\ndef put").replace(
        "del store[key]", "store.pop(key, None)"
    )


async def test_what_may_not_be_written(provider: Provider, begin: Begin, workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("a = 1\n")
    (workspace / "link").symlink_to(outside)
    (workspace / "linked.py").symlink_to(outside / "x.py")
    (workspace / "moa.toml").write_text("log_level = 'info'\n")
    on = await stage(provider, begin, workspace)
    on.editor.open(on.api)
    names = ("../outside/x.py", str(outside / "x.py"), "link/x.py", "linked.py", "link/new.py", "~/x.py", ".git/config")
    change = await on.propose(GET, *(edit(name, "a = 1\n", "a = 2\n") for name in names))
    assert [file["uri"] for file in change["files"]] == [on.api.as_uri()]
    said = [problem["message"] for problem in change["problems"]]
    assert len(said) == len(names)
    assert all(name in "\n".join(said) for name in names)

    protected = [
        edit(".vscode/settings.json", "", "{}\n"),
        edit("moa.toml", "log_level = 'info'\n", "log_level = 'debug'\n"),
        edit(".github/workflows/x.yml", "", "on: push\n"),
    ]
    change = await on.propose(DELETE, *protected)
    assert change["problems"] == []
    ids = {file["uri"].rsplit("/", 1)[1]: [hunk["id"] for hunk in file["hunks"]] for file in change["files"]}
    named = [*ids["moa.toml"], *ids["x.yml"]]
    message = await refusal(on.editor.ask("apply", {"change": change["id"], "hunks": named}), REFUSED)
    assert "protected" in message
    assert not on.editor.applied
    # Each of them asks for itself, and no answer is a no.
    assert [next(name for name in ids if name in one.message) for one in on.editor.asked] == ["moa.toml", "x.yml"]
    whole = await on.editor.ask("apply", {"change": change["id"]})
    pending = {name: ["pending"] for name in ("settings.json", "moa.toml", "x.yml")}
    assert statuses(whole) == {"api.py": ["applied"], **pending}
    left = [problem["message"] for problem in whole["problems"]]
    assert len(on.editor.asked) == 5
    assert [next(name for name in pending if name in message) for message in left] == list(pending)
    assert not (workspace / ".vscode").exists()
    assert "protected" in await refusal(on.editor.ask("apply", {"change": change["id"]}), REFUSED)
    alone = await on.editor.ask("apply", {"change": change["id"], "hunks": ids["x.yml"]})
    assert statuses(alone) == {"api.py": ["applied"], **pending, "x.yml": ["applied"]}
    assert (workspace / ".github/workflows/x.yml").read_text() == "on: push\n"
    assert (workspace / "moa.toml").read_text() == "log_level = 'info'\n"

    # A file that appears between the proposal and the yes is nobody's to overwrite.
    change = await on.propose(edit("made.py", "", "ours = 1\n"))
    (workspace / "made.py").write_text("theirs = 1\n")
    assert "stale" in await refusal(on.editor.ask("apply", {"change": change["id"]}), REFUSED)
    assert (workspace / "made.py").read_text() == "theirs = 1\n"
    (workspace / "made.py").unlink()
    assert (await on.editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    (workspace / "made.py").write_text("ours = 1\nand more\n")
    assert "made.py" in await refusal(on.editor.ask("undo", {"change": change["id"]}), REFUSED)
    assert (workspace / "made.py").read_text() == "ours = 1\nand more\n"
    # So is one that comes to lie behind a link meanwhile.
    change = await on.propose(edit("folder/made.py", "", "ours = 1\n"))
    (workspace / "folder").symlink_to(outside)
    await refusal(on.editor.ask("apply", {"change": change["id"]}), REFUSED)
    assert not (outside / "made.py").exists()


async def test_an_editor_that_refuses(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace)
    on.editor.open(on.api)
    change = await on.propose(GET)
    on.editor.on_apply = "refuse"
    answered = await on.editor.ask("apply", {"change": change["id"]})
    assert answered["status"] == "pending"
    assert "a newer buffer" in answered["problems"][-1]["message"]
    assert on.editor.text(on.api) == API
    on.editor.on_apply = "apply"
    answered = await on.editor.ask("apply", {"change": change["id"]})
    assert (answered["status"], answered["problems"]) == ("applied", [])
    on.editor.on_apply = "refuse"
    answered = await on.editor.ask("undo", {"change": change["id"]})
    assert answered["status"] == "applied"
    assert "a newer buffer" in answered["problems"][-1]["message"]


async def test_editors_whose_answer_says_nothing(provider: Provider, begin: Begin, workspace: Path) -> None:
    """Each claims, or keeps silent; what stands in the text decides, at the latest after the deadline."""
    other = edit("other.py", "a = 1\n", "a = 2\n")
    answers: tuple[OnApply, ...] = ("claim", "null", "silent", "half")
    stages: dict[OnApply, Stage] = {}
    changes: dict[OnApply, Json] = {}

    async def applied(answer: OnApply) -> Json:
        root = workspace.parent / answer
        root.mkdir()
        (root / "api.py").write_text(API)
        (root / "other.py").write_text("a = 1\n")
        stages[answer] = on = await stage(provider, begin, root, root=root)
        on.editor.open(on.api)
        changes[answer] = await on.propose(GET, other)
        on.editor.on_apply = answer
        return await on.editor.ask("apply", {"change": changes[answer]["id"]})

    # Whoever is to confirm each hunk has more time: that one is asked first, and chooses when the others have given up.
    (workspace.parent / "late").mkdir()
    (workspace.parent / "late" / "api.py").write_text(API)
    confirms = {"root": workspace.parent / "late", "settings": {"confirmEdits": True}}
    late = await stage(provider, begin, workspace.parent / "late", **confirms)
    late.editor.open(late.api)
    late.editor.on_apply = "late"
    chosen = asyncio.create_task(late.editor.ask("apply", {"change": (await late.propose(GET))["id"]}))
    await late.editor.until(lambda: bool(late.editor.applied))
    settled = dict(zip(answers, await asyncio.gather(*map(applied, answers)), strict=True))
    late.editor.chosen.set()
    assert (await chosen)["status"] == "applied"
    for answer in ("claim", "null", "silent"):
        assert statuses(settled[answer]) == {"api.py": ["pending"], "other.py": ["pending"]}, answer
        assert [problem["file"] for problem in settled[answer]["problems"]] == ["api.py", "other.py"]
    half = settled["half"]
    assert stages["half"].editor.text(stages["half"].api) == API.replace("    return store[key]\n", LONGER)
    assert statuses(half) == {"api.py": ["applied"], "other.py": ["pending"]}
    assert half["status"] == "partly-applied"
    assert [problem["file"] for problem in half["problems"]] == ["other.py"]

    # None of them is stuck: the next try, answered well, goes through.
    for answer in ("silent", "half"):
        stages[answer].editor.on_apply = "apply"
        done = await stages[answer].editor.ask("apply", {"change": changes[answer]["id"]})
        assert done["status"] == "applied", answer


async def test_edits_as_plain_editors_take_them(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, client=capabilities(plain=True), settings={"confirmEdits": True})
    on.editor.open(on.api)
    change = await on.propose(GET, edit("made.py", "", "made = 1\n"))
    assert (await on.editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    sent = on.editor.applied[0].edit
    assert sent.document_changes is None
    assert sent.change_annotations is None
    assert set(sent.changes or {}) == {on.api.as_uri(), (workspace / "made.py").as_uri()}
    assert (workspace / "made.py").read_text() == "made = 1\n"
    assert on.editor.text(on.api) == API.replace("    return store[key]\n", LONGER)


async def test_edits_as_neovim_takes_them_and_confirmation(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, client_name="Neovim", settings={"confirmEdits": True})
    change = await on.propose(edit("made.py", "", "made = 1\n"), GET)
    assert (await on.editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    created, made, api = on.editor.applied[0].edit.document_changes or []
    assert isinstance(created, types.CreateFile)
    assert isinstance(made, types.TextDocumentEdit)
    assert isinstance(api, types.TextDocumentEdit)
    # Neovim's empty new buffer has one line, which would be left over behind an insertion.
    assert made.edits[0].range == types.Range(types.Position(0, 0), types.Position(1, 0))
    assert api.edits[0].range == types.Range(types.Position(4, 0), types.Position(5, 0))
    assert (workspace / "made.py").read_text() == "made = 1\n"
    notes = on.editor.applied[0].edit.change_annotations or {}
    used = {cast("types.AnnotatedTextEdit", one).annotation_id for one in (*made.edits, *api.edits)}
    assert set(notes) == used
    assert created.annotation_id in used, "else it is made where its text isn't confirmed"
    assert all(note.needs_confirmation for note in notes.values())
    await on.editor.ask("undo", {"change": change["id"]})
    undone = on.editor.applied[1].edit.change_annotations or {}
    assert not any(note.needs_confirmation for note in undone.values()), (
        "the user asked for the undo, and for all of it"
    )
    labels = [sorted(note.label.split(":")[0] for note in each.values()) for each in (notes, undone)]
    assert labels == [
        ["alpha proposes to create made.py with 1 line", "alpha proposes to replace 1 line by 4 lines"],
        ["delete made.py", "replace 4 lines by 1 line"],
    ], "what is taken back, nobody proposed"


async def test_what_a_renamed_buffer_carries_along_is_cleared(begin: Begin, workspace: Path) -> None:
    editor = await begin(client_name="Neovim")
    renamed = workspace / "renamed.py"
    renamed.write_text("one = 1\n")
    # Neovim keeps the diagnostics of the old name in the renamed buffer.
    span = types.Range(types.Position(0, 0), types.Position(0, 1))
    editor.diagnostics[renamed.as_uri()] = [types.Diagnostic(range=span, message="from the old name", source="moa")]
    editor.open(renamed)
    await editor.until(lambda: not editor.shown(renamed))
