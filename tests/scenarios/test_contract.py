"""Sentences of `docs/protocol.md` that no other scenario holds the program to, each by a client that knows the page and
nothing else.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import USAGE, Begin, architects, edit, proposing, refusal
from tests.scenarios.editor import Editor

FILES = {
    "two words.py": (b"one\ntwo\nthree\n", edit("`two words.py`", "two\n", "TWO\n"), b"one\nTWO\nthree\n"),
    "größe/c#%20d.py": (b"x = 1\ny = 2", edit("größe/c#%20d.py", "y = 2\n", "y = 3\nz = 4\n"), b"x = 1\ny = 3\nz = 4"),
    "crlf.txt": (b"a\r\nb\r\nc\r\n", edit("crlf.txt", "b\n", "B\nB\n"), b"a\r\nB\r\nB\r\nc\r\n"),
    "marked.py": (
        b"\xef\xbb\xbffirst\nsecond\n",
        edit("marked.py", "first\n", "FIRST\n"),
        b"\xef\xbb\xbfFIRST\nsecond\n",
    ),
    "tags.md": (
        b"<proposal>\nold\n</file>\n<\\proposal>\n</proposal>\n",
        # As a model writes it that saw the file: each tag with one backslash more.
        edit("tags.md", "old\n<\\/file>\n<\\\\proposal>\n", "new\n<\\/file>\n<\\\\proposal>\n<\\/architect>\n"),
        b"<proposal>\nnew\n</file>\n<\\proposal>\n</architect>\n</proposal>\n",
    ),
    "new/made.txt": (None, edit("new/made.txt", "", "made\n"), b"made\n"),
}
"""What a file holds, the edit of it, and what it is to hold then."""


@pytest.fixture
def odd(workspace: Path) -> Path:
    """The workspace with those files."""
    for name, (before, _, _) in FILES.items():
        if before is not None:
            (workspace / name).parent.mkdir(exist_ok=True)
            (workspace / name).write_bytes(before)
    return workspace


def held(root: Path) -> dict[str, bytes | None]:
    return {name: (root / name).read_bytes() if (root / name).exists() else None for name in FILES}


async def coded(editor: Editor, provider: Provider, text: str) -> Any:
    """The change of a `/code` with that reply, in a discussion whose architect has proposed the very same."""
    provider.script("alpha", proposing(text))
    provider.script("editor", Reply(text, usage=USAGE))
    uris = [(editor.root / name).as_uri() for name, (before, _, _) in FILES.items() if before is not None]
    await editor.ask("discuss", {"message": "Go on.", "files": uris})
    return await editor.ask("code")


async def test_a_diff_is_what_git_applies_and_what_apply_writes(provider: Provider, begin: Begin, odd: Path) -> None:
    """No file is open, several are written at once, and alpha's change of the same lines stands beside the editor's."""
    editor = await begin(settings=architects(provider, "alpha"))
    change = await coded(editor, provider, "".join(block for _, block, _ in FILES.values()))
    assert change["problems"] == []
    before = {name: before for name, (before, _, _) in FILES.items()}
    after = {name: after for name, (_, _, after) in FILES.items()}

    def git(*options: str) -> None:
        done = subprocess.run(
            ["git", "apply", *options], cwd=odd, input=change["diff"].encode(), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    git()
    assert held(odd) == after
    git("--reverse")
    assert held(odd) == before

    applied = await editor.ask("apply", {"change": change["id"]})
    assert (applied["status"], applied["problems"]) == ("applied", [])
    assert held(odd) == after
    undone = await editor.ask("undo", {"change": change["id"]})
    assert (undone["status"], undone["diff"]) == ("pending", change["diff"])
    assert held(odd) == before


async def test_hunks_of_a_file_that_is_not_open_move_when_one_is_applied(
    provider: Provider, begin: Begin, workspace: Path
) -> None:
    (workspace / "long.txt").write_text("".join(f"{line}\n" for line in range(40)))
    editor = await begin(settings=architects(provider, "alpha"))
    provider.script("alpha", proposing(edit("long.txt", "2\n", "2\n2 b\n2 c\n") + edit("long.txt", "30\n", "x\n")))
    round = await editor.ask("discuss", {"message": "Go on.", "files": [(workspace / "long.txt").as_uri()]})
    change = round["turns"][0]["change"]
    first, second = change["files"][0]["hunks"]

    assert (await editor.ask("apply", {"change": change["id"], "hunks": []}))["status"] == "pending"
    partly = await editor.run("apply", {"change": change["id"], "hunks": [first["id"]]})

    assert partly["status"] == "partly-applied"
    assert [hunk["range"]["start"]["line"] for hunk in partly["files"][0]["hunks"]] == [3, 32]
    rejected = await editor.ask("reject", {"change": change["id"], "hunks": [second["id"]], "reason": "no"})
    assert rejected["status"] == "partly-applied"
    undone = await editor.ask("undo", {"change": change["id"]})
    assert [hunk["status"] for hunk in undone["files"][0]["hunks"]] == ["pending", "rejected"]


async def test_a_diff_applies_at_the_folder_its_files_lie_in(provider: Provider, begin: Begin, tmp_path: Path) -> None:
    second = tmp_path / "second"
    (second / "src").mkdir(parents=True)
    (second / "src" / "b.py").write_text("b\n")
    editor = await begin(settings=architects(provider, "alpha"))
    event = types.WorkspaceFoldersChangeEvent(added=[types.WorkspaceFolder(second.as_uri(), "second")], removed=[])
    editor.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    block = edit("second/src/b.py", "b\n", "B\n")
    provider.script("alpha", proposing(block), proposing(block + edit("new.py", "", "new\n")))
    uri = editor.open(second / "src" / "b.py")

    change = (await editor.ask("discuss", {"message": "One."}))["turns"][0]["change"]
    assert change["files"][0]["uri"] == uri
    assert "+++ b/src/b.py\n" in change["diff"]
    both = (await editor.ask("discuss", {"message": "Two."}))["turns"][0]["change"]
    assert "+++ b/second/src/b.py\n" in both["diff"]
    assert "+++ b/new.py\n" in both["diff"]


async def test_mistakes_in_what_comes_with_initialize_are_told_and_cost_nothing_else(
    provider: Provider, begin: Begin
) -> None:
    """Read before anything else is: a client that can't be answered here has no server at all."""
    good = architects(provider, "alpha")
    editor = await begin(settings={**good, "bogus": 1, "recordTo": 7})
    said = [message.message for message in editor.messages]
    assert any("bogus" in one for one in said)
    assert any("recordTo" in one for one in said)
    assert [one["name"] for one in (await editor.ask("new-discussion"))["architects"]] == ["alpha"]


async def test_an_empty_id_is_one_that_does_not_exist(provider: Provider, begin: Begin) -> None:
    editor = await begin(settings=architects(provider, "alpha"))
    await editor.ask("new-discussion")
    for name, more in (("show-discussion", {}), ("discuss", {"message": "x"}), ("cancel", {}), ("code", {})):
        assert "''" in await refusal(editor.ask(name, {"discussion": "", **more}), -32602)


async def test_a_recorded_discussion_replays_as_it_was_failures_and_all(
    provider: Provider, begin: Begin, workspace: Path, tmp_path: Path
) -> None:
    change = edit("api.py", "    return store[key]\n", "    return store.get(key)\n")
    provider.script("alpha", Reply("I was about", cut_after=1), Reply(status=401), proposing(change))
    provider.script("bravo", proposing("Agreed."))
    provider.script("editor", Reply(change, usage=USAGE))

    async def discussed(editor: Editor) -> list[Any]:
        editor.open(workspace / "api.py")
        rounds = [await editor.ask("discuss", {"message": message}) for message in ("One.", "Two.", "Three.")]
        coded = await editor.ask("code")
        said = [(t["architect"], t["status"], t["text"], t.get("error")) for one in rounds for t in one["turns"]]
        return [*said, rounds[2]["turns"][0]["change"]["diff"], coded["diff"]]

    live = await begin(settings={**architects(provider, "alpha", "bravo"), "recordTo": str(tmp_path / "kept")})
    was = await discussed(live)
    assert [status for _, status, *_ in was[:6]] == ["failed", "done", "failed", "done", "done", "done"]
    asked = len(provider.requests)

    (cassette,) = (tmp_path / "kept").iterdir()
    model = f"replay:{cassette}"
    settings = {"architects": [{"name": name, "model": model} for name in ("alpha", "bravo")], "editor": model}
    again = await begin(settings=settings, env={"MOA_DATA_DIR": str(tmp_path / "other")})
    assert await discussed(again) == was
    assert len(provider.requests) == asked
    assert (await again.ask("show-discussion"))["usage"]["costUsd"] == 0
