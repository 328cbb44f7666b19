"""What is proposed follows what the user does: typing, undoing, other programs, other names, other architects.

Every state is looked at twice: as the editor's diagnostics show it, and as `moa.show-discussion` tells it. They agree.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, Begin, architects, edit, proposing, refusal
from tests.scenarios.editor import Editor, capabilities

GET = edit("api.py", "    return store[key]\n", "    return store.get(key)\n")
DELETE = edit("api.py", "    del store[key]\n", "    store.pop(key, None)\n")
IMPORT = edit("api.py", '"""The API."""\n', '"""The API."""\n\nimport errors\n')
CREATE = edit("new/made.py", "", "made = 1\n")
REFUSED = -32803

GET_LINE, DELETE_LINE = 4, 13


def able() -> types.ClientCapabilities:
    """An editor that tells of what happens to files, as VS Code does."""
    client = capabilities()
    assert client.workspace
    client.workspace.did_change_watched_files = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    client.workspace.file_operations = types.FileOperationClientCapabilities(
        did_create=True, did_rename=True, did_delete=True
    )
    return client


@frozen
class Stage:
    """An editor with a change of each architect's; `api` is the file that they are about."""

    editor: Editor
    api: Path
    changes: dict[str, str]

    async def told(self) -> dict[str, list[tuple[str, str, int, str, str]]]:
        """Each architect's hunks as `moa.show-discussion` tells them: file, status, first line, new text, who."""
        shown = await self.editor.ask("show-discussion", {})
        turns = [turn for round in shown["rounds"] for turn in round["turns"]]
        assert self.changes == {turn["architect"]: turn["change"]["id"] for turn in turns}
        return {turn["architect"]: [_told(file, hunk) for file, hunk in _hunks(turn["change"])] for turn in turns}

    async def stands(self, *wanted: tuple[int, str], path: Path | None = None) -> None:
        """Waits until the file's diagnostics stand on these lines with these sentences; the discussion tells of the
        same pending hunks, and of no others there."""
        path = path or self.api

        def shown() -> list[tuple[int, str]]:
            # Where they differ is a warning of its own, beside those of the hunks.
            hunks = [one for one in self.editor.shown(path) if one.code != "contested"]
            return sorted((one.range.start.line, one.message) for one in hunks)

        def fits() -> bool:
            found = shown()
            return len(found) == len(wanted) and all(
                line == at and sentence in message
                for (line, message), (at, sentence) in zip(found, sorted(wanted), strict=True)
            )

        try:
            await self.editor.until(fits, 5.0)
        except TimeoutError:
            assert shown() == sorted(wanted)
        told = {hunk for hunks in (await self.told()).values() for hunk in hunks if hunk[1] == "pending"}
        # A range begins at an insertion's place, the diagnostic stands on the line before it.
        here = {line for uri, _, line, _, _ in told if uri == path.as_uri()}
        assert len({(line, new) for uri, _, line, new, _ in told if uri == path.as_uri()}) == len(wanted), told
        assert all(at in here or at + 1 in here for at, _ in wanted)

    async def statuses(self) -> dict[str, list[str]]:
        return {who: [status for _, status, *_ in hunks] for who, hunks in (await self.told()).items()}

    def updates(self, architect: str) -> list[dict[str, Any]]:
        """The change of that architect in each `changeUpdated` until now."""
        told = (event["change"] for event in self.editor.events if event["kind"] == "changeUpdated")
        return [change for change in told if change["id"] == self.changes[architect]]

    def reads(self, text: str) -> None:
        """The editor tells of a whole new text."""
        version, _ = self.editor.documents[self.api.as_uri()]
        self.editor.documents[self.api.as_uri()] = (version + 1, text)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        identifier = types.VersionedTextDocumentIdentifier(uri=self.api.as_uri(), version=version + 1)
        self.editor.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [whole]))

    def on_disk(self, *paths: Path) -> None:
        """The editor's file watcher tells of these."""
        events = [types.FileEvent(uri=path.as_uri(), type=types.FileChangeType.Changed) for path in paths]
        self.editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=events))

    def rename(self, old: Path, new: Path) -> None:
        """Renames as an editor does: on disk, then its documents, then it tells."""
        new.parent.mkdir(exist_ok=True)
        old.rename(new)
        for uri in list(self.editor.documents):
            if uri == old.as_uri() or uri.startswith(f"{old.as_uri()}/"):
                text = self.editor.documents[uri][1]
                path = Path(str(old) + uri.removeprefix(old.as_uri()))
                self.editor.close(path)
                self.editor.open(Path(str(new) + uri.removeprefix(old.as_uri())), text)
        renames = [types.FileRename(old_uri=old.as_uri(), new_uri=new.as_uri())]
        self.editor.workspace_did_rename_files(types.RenameFilesParams(files=renames))


def _hunks(change: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(file, hunk) for file in change["files"] for hunk in file["hunks"]]


def _told(file: dict[str, Any], hunk: dict[str, Any]) -> tuple[str, str, int, str, str]:
    line = hunk["range"]["start"]["line"]
    return file["uri"], hunk["status"], line, hunk["newText"], " and ".join(hunk["sources"])


async def stage(provider: Provider, begin: Begin, workspace: Path, **proposals: str) -> Stage:
    """One round in which each architect proposes what is given under its name; nothing is open yet."""
    for name, blocks in proposals.items():
        provider.script(name, proposing(blocks))
    editor = await begin(settings=architects(provider, *proposals), client=able())
    # The first is asked about the file while it is open; then it's closed, for the tests to open it or not.
    path = workspace / "api.py"
    round = await editor.ask("discuss", {"message": "What now?", "files": [path.as_uri()]})
    for turn in round["turns"]:
        assert turn["change"]["problems"] == [], turn["change"]["problems"]
    return Stage(editor, path, {turn["architect"]: turn["change"]["id"] for turn in round["turns"]})


async def test_typing_around_and_within(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{DELETE}\n{IMPORT}")
    on.editor.open(on.api)
    get, delete, insert = "store.get(key)", "store.pop(key, None)", "insert 2 lines"
    await on.stands((0, insert), (GET_LINE, get), (DELETE_LINE, delete))
    on.editor.type(on.api, (6, 0), (6, 0), "# typed\n")
    await on.stands((0, insert), (GET_LINE, get), (DELETE_LINE + 1, delete))
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 10), "yield")
    await on.stands((0, insert), (DELETE_LINE + 1, delete))
    assert await on.statuses() == {"alpha": ["pending", "stale", "pending"]}
    # The undo comes in two steps.
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 9), "")
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 4), "return")
    await on.stands((0, insert), (GET_LINE, get), (DELETE_LINE + 1, delete))
    # All of it goes, and comes back: also what was to be inserted between two lines.
    whole = on.editor.text(on.api)
    last = len(whole.split("\n")) - 1
    on.editor.type(on.api, (0, 0), (last, 0), "")
    await on.stands()
    assert await on.statuses() == {"alpha": ["stale"] * 3}
    on.editor.type(on.api, (0, 0), (0, 0), whole)
    await on.stands((0, insert), (GET_LINE, get), (DELETE_LINE + 1, delete))
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert applied["status"] == "applied"
    assert "# typed\n" in on.editor.text(on.api)


async def test_what_is_typed_within_a_hunk_is_merged(provider: Provider, begin: Begin, workspace: Path) -> None:
    old = "    return store[key]\n\n\ndef put(store, key, value):\n"
    both = edit("api.py", old, old.replace("store[key]", "store.get(key)").replace("value", "new"))
    on = await stage(provider, begin, workspace, alpha=both)
    on.editor.open(on.api)
    await on.stands((GET_LINE, "replace 4 lines by 4"))
    on.editor.type(on.api, (GET_LINE + 2, 0), (GET_LINE + 2, 0), "# typed\n")
    await on.stands((GET_LINE, "replace 5 lines by 5"))
    merged = "    return store.get(key)\n\n# typed\n\ndef put(store, key, new):\n"
    assert [new for *_, new, _ in (await on.told())["alpha"]] == [merged]
    # A line of the hunk's own: that's for a person to decide.
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 10), "yield")
    await on.stands()
    assert await on.statuses() == {"alpha": ["stale"]}
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 9), "return")
    await on.stands((GET_LINE, "replace 5 lines by 5"))
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert applied["status"] == "applied"
    assert on.editor.text(on.api) == API.replace(old, merged)
    undone = await on.editor.ask("undo", {"change": on.changes["alpha"]})
    assert undone["status"] == "pending"
    assert on.editor.text(on.api) == API.replace(old, old.replace("\n\n\n", "\n\n# typed\n\n"))
    # What was typed is taken back: the hunk is as it was proposed.
    on.editor.type(on.api, (GET_LINE + 2, 0), (GET_LINE + 3, 0), "")
    await on.stands((GET_LINE, "replace 4 lines by 4"))
    assert [new for *_, new, _ in (await on.told())["alpha"]] == [merged.replace("# typed\n", "")]


async def test_other_programs_write(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{CREATE}")
    assert [one.method for one in on.editor.registered] == ["workspace/didChangeWatchedFiles"]
    made = workspace / "new" / "made.py"
    get, create = (GET_LINE, "store.get(key)"), (0, "to create new/made.py")
    await on.stands(get)
    await on.stands(create, path=made)
    on.api.write_text(f"# another line\n{API}")
    on.on_disk(on.api)
    await on.stands((GET_LINE + 1, "store.get(key)"))
    on.api.write_text(API.replace("return store[key]", "return None"))
    on.on_disk(on.api)
    await on.stands()
    assert await on.statuses() == {"alpha": ["stale", "pending"]}
    on.api.write_text(API)
    on.on_disk(on.api)
    await on.stands(get)
    # Somebody makes the file that was to be created, and takes it away with its folder.
    made.parent.mkdir()
    made.write_text("another = 1\n")
    on.on_disk(made)
    await on.stands(path=made)
    made.unlink()
    made.parent.rmdir()
    on.on_disk(made.parent)
    await on.stands(create, path=made)


async def test_a_file_goes_and_comes_back(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{IMPORT}")
    both = (0, "insert"), (GET_LINE, "store.get(key)")
    await on.stands(*both)
    on.api.unlink()
    on.editor.workspace_did_delete_files(types.DeleteFilesParams(files=[types.FileDelete(uri=on.api.as_uri())]))
    await on.stands()
    assert await on.statuses() == {"alpha": ["stale", "stale"]}
    assert "stale" in await refusal(on.editor.ask("apply", {"change": on.changes["alpha"]}), REFUSED)
    on.api.write_text(API)
    on.editor.workspace_did_create_files(types.CreateFilesParams(files=[types.FileCreate(uri=on.api.as_uri())]))
    await on.stands(*both)


async def test_a_reverted_and_a_closed_document(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{IMPORT}")
    both = (0, "insert"), (GET_LINE, "store.get(key)")
    on.editor.open(on.api)
    on.editor.type(on.api, (0, 0), (12, 0), "gone\n")
    await on.stands()
    on.reads(API)
    await on.stands(*both)
    on.editor.type(on.api, (GET_LINE, 4), (GET_LINE, 10), "yield")
    await on.stands((0, "insert"))
    on.editor.close(on.api)
    await on.stands(*both)
    on.editor.open(on.api, API.replace("return store[key]", "return unsaved"))
    await on.stands((0, "insert"))


async def test_the_editors_own_undo_and_redo(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{DELETE}\n{IMPORT}", bravo=GET)
    on.editor.open(on.api)
    get, delete, insert = (GET_LINE, "alpha and bravo propose"), (DELETE_LINE, "store.pop(key, None)"), (0, "insert")
    await on.stands(insert, get, delete)
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert applied["status"] == "applied"
    written = on.editor.text(on.api)
    await on.stands()
    # One of them, by its characters; then all that is left, with a whole text.
    on.editor.type(on.api, (GET_LINE + 2, 16), (GET_LINE + 2, 25), "[key]")
    await on.stands((GET_LINE + 2, "alpha and bravo propose"))
    assert await on.statuses() == {"alpha": ["applied", "pending", "applied"], "bravo": ["pending"]}
    on.reads(API)
    await on.stands(insert, get, delete)
    assert on.updates("alpha")[-1]["status"] == "pending"
    on.reads(written)
    await on.stands()
    assert await on.statuses() == {"alpha": ["applied"] * 3, "bravo": ["applied"]}
    assert on.updates("alpha")[-1]["status"] == "applied"
    on.editor.type(on.api, (1, 0), (3, 0), "")
    await on.stands(insert)
    # What is still applied is taken back, and all of it can be applied again.
    undone = await on.editor.ask("undo", {"change": on.changes["alpha"]})
    assert (undone["status"], on.editor.text(on.api)) == ("pending", API)
    await on.stands(insert, get, delete)
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert (applied["status"], on.editor.text(on.api)) == ("applied", written)


@pytest.mark.parametrize("opened", [False, True])
async def test_a_renamed_file(provider: Provider, begin: Begin, workspace: Path, opened: bool) -> None:
    on = await stage(provider, begin, workspace, alpha=f"{GET}\n{IMPORT}")
    # What is written where something is to be inserted lands above that.
    new, both = workspace / "renamed.py", ((1, "insert"), (GET_LINE + 1, "store.get(key)"))
    if opened:
        on.editor.open(on.api)
        on.editor.type(on.api, (1, 0), (1, 0), "# typed, not saved\n")
    else:
        on.api.write_text(API.replace('"""\n', '"""\n# written\n', 1))
    on.rename(on.api, new)
    await on.stands(*both, path=new)
    await on.stands()
    assert {uri for uri, *_ in (await on.told())["alpha"]} == {new.as_uri()}
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert applied["status"] == "applied"
    text = on.editor.text(new)
    assert "store.get(key)" in text
    assert "import errors" in text
    assert "# typed" in text or "# written" in text
    undone = await on.editor.ask("undo", {"change": on.changes["alpha"]})
    assert undone["status"] == "pending"
    assert "store.get(key)" not in on.editor.text(new)


async def test_a_renamed_folder_carries_all_that_is_below(provider: Provider, begin: Begin, workspace: Path) -> None:
    (workspace / "src").mkdir()
    (workspace / "src" / "one.py").write_text("one = 1\n")
    blocks = [edit("src/one.py", "one = 1\n", "one = 2\n"), edit("src/two.py", "", "two = 2\n")]
    on = await stage(provider, begin, workspace, alpha="\n".join(blocks))
    await on.stands((0, "one = 2"), path=workspace / "src" / "one.py")
    on.rename(workspace / "src", workspace / "lib")
    await on.stands((0, "one = 2"), path=workspace / "lib" / "one.py")
    await on.stands((0, "to create lib/two.py"), path=workspace / "lib" / "two.py")
    await on.stands(path=workspace / "src" / "one.py")
    on.rename(workspace / "lib", workspace / "src")
    await on.stands((0, "one = 2"), path=workspace / "src" / "one.py")


async def test_twins_are_settled_together(provider: Provider, begin: Begin, workspace: Path) -> None:
    other = edit("api.py", "    del store[key]\n", "    store.pop(key)\n")
    on = await stage(
        provider, begin, workspace, alpha=f"{GET}\n{DELETE}", bravo=f"{GET}\n{other}\n{IMPORT}", charlie=IMPORT
    )
    on.editor.open(on.api)
    get, insert = (GET_LINE, "alpha and bravo propose"), (0, "bravo and charlie propose")
    both = (DELETE_LINE, "alpha proposes"), (DELETE_LINE, "bravo proposes")
    await on.stands(get, insert, *both)
    told = await on.told()
    assert [who for *_, who in told["alpha"]] == ["alpha and bravo", "alpha"]
    assert [who for *_, who in told["bravo"]] == ["bravo and charlie", "alpha and bravo", "bravo"]
    shown = await on.editor.ask("show-discussion", {})
    hunks = {turn["architect"]: turn["change"]["files"][0]["hunks"] for turn in shown["rounds"][0]["turns"]}
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"], "hunks": [hunks["alpha"][0]["id"]]})
    assert applied["status"] == "partly-applied"
    await on.stands(insert, *both)
    assert await on.statuses() == {
        "alpha": ["applied", "pending"],
        "bravo": ["pending", "applied", "pending"],
        "charlie": ["pending"],
    }
    await on.editor.ask("apply", {"change": on.changes["charlie"]})
    assert on.editor.text(on.api).count("import errors") == 1
    moved = ((DELETE_LINE + 2, "alpha proposes"), (DELETE_LINE + 2, "bravo proposes"))
    await on.stands(*moved)
    assert (await on.statuses())["bravo"] == ["applied", "applied", "pending"]
    # Whoever's is undone, both are pending again; and rejecting one leaves the other to its own architect.
    await on.editor.ask("undo", {"change": on.changes["bravo"]})
    assert on.editor.text(on.api) == API
    await on.stands(get, insert, *both)
    await on.editor.ask("reject", {"change": on.changes["bravo"]})
    await on.stands((0, "charlie proposes"), (GET_LINE, "alpha proposes"), (DELETE_LINE, "alpha proposes"))
    assert (await on.statuses())["bravo"] == ["rejected"] * 3


async def test_twins_over_a_restart(provider: Provider, begin: Begin, workspace: Path) -> None:
    on = await stage(provider, begin, workspace, alpha=GET, bravo=GET)
    await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert await on.statuses() == {"alpha": ["applied"], "bravo": ["applied"]}
    again = Stage(await begin(settings={}, client=able()), on.api, on.changes)
    assert (await again.editor.ask("undo", {"change": on.changes["alpha"]}))["status"] == "pending"
    assert on.api.read_text() == API
    await again.stands((GET_LINE, "alpha and bravo propose"))
    assert await again.statuses() == {"alpha": ["pending"], "bravo": ["pending"]}


async def test_a_proposed_renaming_takes_the_others_along(provider: Provider, begin: Begin, workspace: Path) -> None:
    patch = ["*** Begin Patch", "*** Update File: api.py", "*** Move to: web.py", "@@", "-    del store[key]"]
    moving = "\n".join([*patch, "+    store.pop(key, None)", "*** End Patch", ""])
    on = await stage(provider, begin, workspace, alpha=moving, bravo=f"{GET}\n{DELETE}", charlie=moving)
    new = workspace / "web.py"
    applied = await on.editor.ask("apply", {"change": on.changes["alpha"]})
    assert applied["status"] == "applied", applied["problems"]
    assert await on.statuses() == {
        "alpha": ["applied", "applied"],
        "bravo": ["pending", "applied"],
        "charlie": ["applied", "applied"],
    }
    assert not on.api.exists()
    await on.stands((GET_LINE, "bravo proposes"), path=new)
    assert {uri for hunks in (await on.told()).values() for uri, status, *_ in hunks if status == "pending"} == {
        new.as_uri()
    }
    assert (await on.editor.ask("undo", {"change": on.changes["charlie"]}))["status"] == "pending"
    assert on.api.read_text() == API
    assert not new.exists()
    assert await on.statuses() == {
        "alpha": ["pending", "pending"],
        "bravo": ["pending", "pending"],
        "charlie": ["pending", "pending"],
    }


@pytest.mark.parametrize("door", ["discuss", "code"])
async def test_a_path_without_its_folder(provider: Provider, begin: Begin, workspace: Path, door: str) -> None:
    """The model leaves out the folder of the only file of that name that it was shown."""
    utils = workspace / "src" / "utils.py"
    utils.parent.mkdir()
    utils.write_text("def helper():\n    return 1\n")
    blocks = edit("utils.py", "    return 1\n", "    return 2\n")
    provider.script("alpha", proposing(blocks))
    provider.script("editor", Reply(blocks))
    editor = await begin(settings=architects(provider, "alpha"), client=able())
    files = {"files": [utils.as_uri(), (workspace / "api.py").as_uri()]}
    round = await editor.ask("discuss", {"message": "What now?", **files})
    # The editor model is shown what the round was.
    change = round["turns"][0]["change"] if door == "discuss" else await editor.ask("code", {})
    assert [(file["uri"], file["kind"]) for file in change["files"]] == [(utils.as_uri(), "edit")]
    assert [problem["message"] for problem in change["problems"]] == [
        "`utils.py` was taken for src/utils.py, the only file of that name."
    ]
    assert len(provider.requests) == (1 if door == "discuss" else 2), "a notice is nothing to mend"
    assert (await editor.ask("apply", {"change": change["id"]}))["status"] == "applied"
    assert editor.text(utils) == "def helper():\n    return 2\n"


async def test_an_envelope_that_deletes_and_renames(provider: Provider, begin: Begin, workspace: Path) -> None:
    old, new, gone = workspace / "api.py", workspace / "lib" / "store.py", workspace / "gone.py"
    gone.write_text("gone = 1\n")
    envelope = "\n".join(
        [
            "*** Begin Patch",
            "*** Delete File: gone.py",
            "*** Update File: api.py",
            "*** Move to: lib/store.py",
            "@@ def get(store, key):",
            "-    return store[key]",
            "+    return store.get(key)",
            "*** End Patch",
            "",
        ]
    )
    provider.script("alpha", proposing(envelope))
    editor = await begin(settings=architects(provider, "alpha"), client=able())
    uris = {"files": [old.as_uri(), gone.as_uri()]}
    round = await editor.ask("discuss", {"message": "What now?", **uris})
    change = round["turns"][0]["change"]
    assert change["problems"] == []
    kinds = {file["uri"]: (file["kind"], file.get("newUri")) for file in change["files"]}
    assert kinds == {gone.as_uri(): ("delete", None), old.as_uri(): ("rename", new.as_uri())}
    # A deletion wants a yes of its own: its hunk is named.
    deletion = [hunk["id"] for file in change["files"] if file["kind"] == "delete" for hunk in file["hunks"]]
    renaming = [hunk["id"] for file in change["files"] if file["kind"] == "rename" for hunk in file["hunks"]]
    for hunks in (deletion, renaming):
        applied = await editor.ask("apply", {"change": change["id"], "hunks": hunks})
    assert applied["status"] == "applied"
    assert not gone.exists()
    assert not old.exists()
    assert editor.text(new) == API.replace("store[key]\n\n\ndef put", "store.get(key)\n\n\ndef put")
    undone = await editor.ask("undo", {"change": change["id"]})
    assert undone["status"] == "pending"
    assert editor.text(old) == API
    assert editor.text(gone) == "gone = 1\n"
    assert not new.exists()
