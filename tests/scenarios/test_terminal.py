"""The terminal client as it is used: one process a command, the real server behind it, and litellm at a scripted model.

Nothing here looks inside: what counts is what stands on stdout and stderr, the exit code, what is on the disk
afterwards, and what the provider was asked.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, asked_of, edit, proposing

Json = dict[str, Any]
WITHIN = 60.0
"""Seconds for a command to end by itself."""

OLD = "    return store[key]\n"
NEW = "    return store.get(key)\n"


@frozen
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; nothing may stand around it, and nothing on stderr."""
        assert self.err == ""
        return json.loads(self.out)


@frozen
class Terminal:
    """A shell in the workspace folder, without a tty."""

    folder: Path
    provider: Provider

    def configure(self) -> None:
        """Writes the user's `config.toml`: two architects and the editor model, each scripted under its name."""

        def table(head: str, name: str) -> str:
            return f'{head}\nmodel = "openai/{name}"\napi_base = "{self.provider.url}"\n'

        folder = config_folder()
        folder.mkdir(parents=True, exist_ok=True)
        tables = (("[[architects]]", "alpha"), ("[[architects]]", "bravo"), ("[editor]", "editor"))
        (folder / "config.toml").write_text("".join(table(*one) for one in tables))

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "moa_lsp", *arguments),
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str, code: int = 0) -> Ended:
        """Runs a command to its end, which is to be this exit code."""
        ended = await _end(await self.start(*arguments))
        assert ended.code == code, f"{arguments}: {ended.code}\n{ended.out}\n{ended.err}"
        return ended


async def _end(process: asyncio.subprocess.Process) -> Ended:
    try:
        out, err = await asyncio.wait_for(process.communicate(), WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
def terminal(workspace: Path, provider: Provider) -> Terminal:
    terminal = Terminal(workspace, provider)
    terminal.configure()
    for name in ("alpha", "bravo"):
        provider.script(name, proposing(f"{name} says one"), proposing(f"{name} says two"))
    return terminal


def config_folder() -> Path:
    return Path(os.environ["MOA_CONFIG_DIR"])


def headings(ended: Ended) -> list[str]:
    """Who spoke, in order."""
    return re.findall(r"^● (\w+)", ended.out, re.MULTILINE)


def hunks(change: Json, status: str | None = None) -> list[str]:
    return [
        hunk["id"] for file in change["files"] for hunk in file["hunks"] if status is None or hunk["status"] == status
    ]


def left_aside(workspace: Path) -> list[str]:
    """What was written beside the files for a moment, and should have gone."""
    return [path.name for path in workspace.rglob(".moa-*")]


async def coded(terminal: Terminal, *edits: str, code: int = 0) -> Json:
    """The change that these edits make, after a round. All of it is replayed: models play no part in what follows."""
    cassette = terminal.folder.parent / "scripted.jsonl"
    replies = {"alpha": "<proposal>\nYes.\n</proposal>\n", "editor": "As agreed.\n\n" + "\n".join(edits)}
    lines = [
        {"speaker": speaker, "turn": turn, "text": text, "pace": [[0, len(text)]]}
        for speaker, text in replies.items()
        for turn in (1, 2, 3)
    ]
    cassette.write_text("".join(json.dumps(line) + "\n" for line in lines))
    model = f"replay:{cassette}"
    (config_folder() / "config.toml").write_text(f"architects = [{json.dumps(model)}]\n")
    await terminal.run("discuss", "What about errors?", "api.py")
    return json.loads((await terminal.run("code", "--json", code=code)).out)


# --- discussing


async def test_a_discussion_goes_on_from_command_to_command(terminal: Terminal) -> None:
    provider = terminal.provider
    first = await terminal.run("discuss", "What about errors?", "api.py")
    assert headings(first) == ["alpha", "bravo"]
    assert first.out.index("alpha says one") < first.out.index("● bravo") < first.out.index("bravo says one")
    assert first.out.count("  ╭─ proposal\n") == first.out.count("  ╰─\n") == 2
    assert "  │ alpha says one\n" in first.out
    # The scripted models are in no price list: tokens are known, the price is not.
    assert re.search(r"^round 1 · \d+\.\d s · 200 in, 40 out · price –$", first.out, re.MULTILINE)
    assert "\x1b" not in first.out + first.err
    assert first.err == ""

    second = await terminal.run("discuss", "And\nthen?")
    assert re.search(r"^round 2 · ", second.out, re.MULTILINE)
    assert "no files named" in second.err
    thread = asked_of(provider, "alpha")[1]
    assert [message["role"] for message in thread] == ["user", "assistant", "user"]
    assert "<file path='api.py'>" in thread[0]["content"]
    assert "bravo says one" in thread[2]["content"]
    assert "<user_message>\nAnd\nthen?\n</user_message>" in thread[2]["content"]

    dropped = await terminal.run("drop", "bravo")
    assert dropped.out.splitlines() == ["● alpha  openai/alpha", "◌ bravo  openai/bravo dropped"]
    third = (await terminal.run("discuss", "Alone?", "--json")).json
    assert [(turn["architect"], turn["status"]) for turn in third["turns"]] == [("alpha", "done")]
    assert third["number"] == 3
    assert third["files"] == ["api.py"]
    restored = (await terminal.run("restore", "bravo", "--json")).json
    assert [(one["name"], one["dropped"]) for one in restored["architects"]] == [("alpha", False), ("bravo", False)]
    unknown = await terminal.run("drop", "zulu", code=2)
    assert "zulu" in unknown.err
    assert unknown.out == ""

    shown = await terminal.run("show")
    places = [shown.out.index(text) for text in ("What about errors?", "alpha says one", "  And\n  then?\n", "Alone?")]
    assert places == sorted(places)
    assert headings(shown) == ["alpha", "bravo", "alpha", "bravo", "alpha", "bravo", "alpha"]
    whole = (await terminal.run("show", third["discussion"], "--json")).json
    assert [len(round["turns"]) for round in whole["rounds"]] == [2, 2, 1]
    assert "ghost" in (await terminal.run("show", "ghost", code=2)).err

    new = (await terminal.run("new", "--json")).json
    listed = (await terminal.run("list", "--json")).json
    assert [one["id"] for one in listed] == [new["id"], third["discussion"]]
    lines = (await terminal.run("list")).out.splitlines()
    assert [line.split()[0] for line in lines] == [one["id"] for one in listed]
    assert "alpha, bravo" in lines[1]
    elsewhere = await terminal.run("show", "--folder", os.environ["MOA_CONFIG_DIR"], code=2)
    assert elsewhere.out == ""


async def test_models_named_on_the_command_line_are_for_this_run(terminal: Terminal, tmp_path: Path) -> None:
    cassette = tmp_path / "own.jsonl"
    lines = [
        {"speaker": name, "turn": 1, "text": f"<proposal>{name} replayed</proposal>"} for name in ("alpha", "bravo")
    ]
    cassette.write_text("".join(json.dumps(line) + "\n" for line in lines))
    models = ",".join([f"replay:{cassette}"] * 2)
    round = (await terminal.run("discuss", "Anything?", "api.py", "--models", models, "--json")).json
    assert [turn["proposal"] for turn in round["turns"]] == ["alpha replayed", "bravo replayed"]
    assert terminal.provider.requests == []
    said = await terminal.run("new")
    assert "openai/alpha" in said.out
    after = await terminal.run("discuss", "And now?", "api.py")
    assert headings(after) == ["alpha", "bravo"]
    assert len(terminal.provider.requests) == 2


async def test_a_failure_is_told_in_line_and_the_others_go_on(terminal: Terminal) -> None:
    provider = terminal.provider
    evil = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b1mand\rover\u202etfel\x08"
    provider.script("alpha", Reply(status=401, body={"error": {"message": f"Incorrect API key. {evil}"}}))
    provider.script("bravo", proposing(f"bravo {evil} says one"))
    ended = await terminal.run("discuss", "What about errors?", "api.py")
    assert headings(ended) == ["alpha", "bravo"]
    assert ended.out.index("● alpha") < ended.out.index("✗ failed: ") < ended.out.index("● bravo")
    assert "bravo" in ended.out
    assert "says one" in ended.out
    left = set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ended.out + ended.err))
    assert left == set()
    again = await terminal.run("show")
    assert not re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", again.out + again.err)
    raw = await terminal.run("show", "--json")
    assert raw.out.isascii()
    assert not re.findall(r"[\x00-\x09\x0b-\x1f\x7f]", raw.out)

    provider.script("bravo", Reply(status=401, body={"error": {"message": "Incorrect API key."}}))
    nobody = await terminal.run("discuss", "Anybody?", "api.py", code=1)
    assert nobody.out.count("✗ failed: ") == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
async def test_ctrl_c_stops_the_round_and_keeps_what_came(terminal: Terminal) -> None:
    provider = terminal.provider
    provider.script("bravo", Reply(chunks=["Half a ", "sentence "], hang="between_words", usage=USAGE))
    process = await terminal.start("discuss", "What about errors?", "api.py")
    assert process.stdout is not None
    seen = b""
    while b"Half a " not in seen:
        data = await asyncio.wait_for(process.stdout.read(4096), WITHIN)
        assert data, await _end(process)
        seen += data
    process.send_signal(signal.SIGINT)
    rest = await _end(process)
    await provider.closed(2)
    assert rest.code == 130
    out = seen.decode() + rest.out
    assert "■ cancelled" in out
    assert re.search(r"^round 1 · ", out, re.MULTILINE)
    assert "stopping" in rest.err
    kept = (await terminal.run("show", "--json")).json["rounds"]
    turns = [(turn["status"], turn["text"].strip()) for round in kept for turn in round["turns"]]
    assert turns[0][0] == "done"
    assert turns[1] == ("cancelled", "Half a")


async def test_the_exit_code_says_what_went_wrong(terminal: Terminal, workspace: Path) -> None:
    assert "no file" in (await terminal.run("discuss", "Well?", "nowhere.py", code=2)).err
    assert (await terminal.run("show", "--folder", "nowhere", code=2)).out == ""
    assert "HOST:PORT" in (await terminal.run("--tcp", "8765", code=2)).err
    nothing = await terminal.run("new")
    assert "a new discussion: " in nothing.out
    for command in ("apply", "reject", "undo"):
        assert "No change in this discussion" in (await terminal.run(command, code=3)).err
    document = json.loads((await terminal.run("apply", "--json", code=3)).out)
    assert "No change" in document["error"]["message"]
    assert "ghost" in (await terminal.run("apply", "ghost", code=2)).err
    (workspace / ".env").write_text("SECRET=1\n")
    assert ".env" in (await terminal.run("discuss", "Well?", ".env", code=2)).err
    assert terminal.provider.requests == []
    (config_folder() / "config.toml").unlink()
    none = await terminal.run("discuss", "Well?", "api.py", "--models", "openai/gpt-4o", code=1)
    assert "OPENAI_API_KEY" in none.out + none.err
    assert terminal.provider.requests == []


async def test_what_a_project_says_about_endpoints_needs_trust(terminal: Terminal, workspace: Path) -> None:
    (config_folder() / "config.toml").unlink()
    url = terminal.provider.url
    (workspace / "moa.toml").write_text(f'[[architects]]\nmodel = "openai/alpha"\napi_base = "{url}"\n')
    untrusted = await terminal.run("discuss", "Well?", "api.py", code=1)
    assert terminal.provider.requests == []
    assert "OPENAI_API_KEY" in untrusted.out + untrusted.err
    trusted = await terminal.run("discuss", "Well?", "api.py", "--trust", "--discussion", await _newest(terminal))
    assert headings(trusted) == ["alpha"]
    assert len(terminal.provider.requests) == 1


async def test_what_a_project_comes_to_want_later_needs_another_yes(terminal: Terminal, workspace: Path) -> None:
    """`--trust` covers what was there when the folder was first trusted; where nobody can be asked, that stays so."""
    (config_folder() / "config.toml").unlink()
    before = f'[[architects]]\nmodel = "openai/alpha"\napi_base = "{terminal.provider.url}"\n'
    (workspace / "moa.toml").write_text(before)
    await _newest(terminal)
    async with Provider() as elsewhere:
        (workspace / "moa.toml").write_text(before.replace(terminal.provider.url, elsewhere.url))
        withheld = await terminal.run("discuss", "Well?", "api.py", "--trust", code=1)
        assert f"openai/alpha to go to {elsewhere.url}" in " ".join(withheld.err.split())
        assert "run this in a terminal" in " ".join(withheld.err.split())
        looked = (await terminal.run("doctor", "--trust", "--json", code=0)).json
        assert looked["architects"][0]["host"] is None
        assert "waits for your yes" in looked["settings"]["problems"][0]["message"]
        (workspace / "moa.toml").write_text(before)
        assert headings(await terminal.run("discuss", "Well?", "api.py", "--trust")) == ["alpha"]
        assert elsewhere.requests == []
    assert len(terminal.provider.requests) == 1


async def _newest(terminal: Terminal) -> str:
    return (await terminal.run("new", "--trust", "--json")).json["id"]


# --- changes


async def test_code_is_offered_and_applied_hunk_by_hunk_and_taken_back(terminal: Terminal, workspace: Path) -> None:
    api = workspace / "api.py"
    more = edit("api.py", "    return sorted(store)\n", "    return list(store)\n")
    made = edit("pkg/errors.py", "", "class Missing(Exception):\n    pass\n")
    terminal.provider.script("editor", Reply("As agreed.\n\n" + edit("api.py", OLD, NEW) + more + made, usage=USAGE))
    await terminal.run("discuss", "What about errors?", "api.py")
    offered = await terminal.run("code", "Do it")
    assert "● editor  openai/editor" in offered.out
    assert "SEARCH" not in offered.out
    assert "-    return store[key]\n+    return store.get(key)\n" in offered.out
    named = re.search(r"^nothing was written; to apply it: moa-lsp apply (\S+)$", offered.err, re.MULTILINE)
    assert named
    id = named[1]
    assert api.read_text() == API
    assert not (workspace / "pkg").exists()

    assert f"edits to api.py, errors.py: pending  {id}" in (await terminal.run("show")).out
    shown = (await terminal.run("show", "--json")).json
    (coding,) = shown["codings"]
    assert coding["change"]["id"] == id
    first, second, third = hunks(coding["change"])
    one = (await terminal.run("apply", "--hunk", first, id, "--json")).json
    assert (one["id"], one["status"], hunks(one, "applied")) == (id, "partly-applied", [first])
    assert api.read_text() == API.replace(OLD, NEW)

    rejected = (await terminal.run("reject", "--hunk", second, id, "--json")).json
    assert hunks(rejected, "rejected") == [second]
    refused = await terminal.run("apply", "--hunk", second, id, code=3)
    assert "rejected" in refused.out + refused.err
    assert api.read_text() == API.replace(OLD, NEW)

    whole = await terminal.run("apply")
    assert f"applied 1 of 1 hunks  to take it back: moa-lsp undo {id}" in whole.out
    assert (workspace / "pkg" / "errors.py").read_text() == "class Missing(Exception):\n    pass\n"
    assert hunks((await terminal.run("show", "--json")).json["codings"][0]["change"], "applied") == [first, third]

    undone = (await terminal.run("undo", "--json")).json
    assert undone["id"] == id
    assert hunks(undone, "applied") == []
    assert api.read_text() == API
    assert not (workspace / "pkg" / "errors.py").exists()
    assert left_aside(workspace) == []

    told = await terminal.run("reject")
    assert "rejected: " in told.out
    assert (await terminal.run("apply", code=3)).out == ""


async def test_a_file_in_another_encoding_keeps_it(terminal: Terminal, workspace: Path) -> None:
    latin = workspace / "latin.py"
    raw = "# coding: latin-1\nname = 'é'\n".encode("latin-1")
    latin.write_bytes(raw)
    await coded(terminal, edit("latin.py", "name = 'é'\n", "name = 'èé'\n"))
    await terminal.run("apply")
    assert latin.read_bytes() == "# coding: latin-1\nname = 'èé'\n".encode("latin-1")
    await terminal.run("undo")
    assert latin.read_bytes() == raw
    await coded(terminal, edit("latin.py", "name = 'é'\n", "name = '漢'\n"), edit("api.py", OLD, NEW))
    refused = await terminal.run("apply", code=3)
    assert "iso8859-1, which has no 漢 (U+6F22)" in refused.out + refused.err
    assert latin.read_bytes() == raw
    assert (workspace / "api.py").read_text() == API


async def test_back_to_a_checkpoint(terminal: Terminal, workspace: Path) -> None:
    api = workspace / "api.py"
    await coded(terminal, edit("api.py", OLD, NEW), edit("made.py", "", "made = 1\n"))
    assert "no checkpoint yet" in (await terminal.run("checkpoints")).err
    await terminal.run("apply")
    (kept,) = (await terminal.run("checkpoints", "--json")).json
    listed = (await terminal.run("checkpoints")).out
    assert kept["id"] in listed
    assert "api.py, made.py" in listed
    restored = await terminal.run("restore-checkpoint", kept["id"])
    assert "restored: api.py\n" in restored.out
    assert api.read_text() == API
    assert not (workspace / "made.py").exists()
    (newest, _) = (await terminal.run("checkpoints", "--json")).json
    assert f"moa-lsp restore-checkpoint {newest['id']}" in restored.err
    # What somebody wrote since is only taken away with a yes, which nobody can give here.
    api.write_text(f"# mine\n{API}")
    refused = await terminal.run("restore-checkpoint", newest["id"], code=3)
    assert "api.py (line 1)" in refused.err
    await terminal.run("restore-checkpoint", newest["id"], "made.py")
    assert (workspace / "made.py").read_text() == "made = 1\n"
    assert api.read_text() == f"# mine\n{API}"
    await terminal.run("restore-checkpoint", "--yes", newest["id"])
    assert api.read_text() == API.replace(OLD, NEW)
    assert "Everything is as it was" in (await terminal.run("restore-checkpoint", "--yes", newest["id"])).out
    await terminal.run("restore-checkpoint", "nope", code=2)


async def test_a_files_bytes_stay_as_they_were_around_an_edit(terminal: Terminal, workspace: Path) -> None:
    files = {"dos.txt": b"one\r\ntwo\r\nthree", "bom.txt": b"\xef\xbb\xbfone\ntwo\nthree\n", "run.sh": b"one\ntwo\n"}
    for name, data in files.items():
        (workspace / name).write_bytes(data)
    (workspace / "run.sh").chmod(0o750)
    edits = [edit(name, "two\n", "2\nzwei\n") for name in files]
    change = await coded(terminal, *edits)
    assert change["problems"] == []
    ended = await terminal.run("apply", change["id"])
    assert "applied 3 of 3 hunks" in ended.out
    assert (workspace / "dos.txt").read_bytes() == b"one\r\n2\r\nzwei\r\nthree"
    assert (workspace / "bom.txt").read_bytes() == b"\xef\xbb\xbfone\n2\nzwei\nthree\n"
    assert (workspace / "run.sh").read_bytes() == b"one\n2\nzwei\n"
    assert (workspace / "run.sh").stat().st_mode & 0o777 == 0o750 or os.name == "nt"
    await terminal.run("undo")
    assert {name: (workspace / name).read_bytes() for name in files} == files


async def test_a_file_that_changed_meanwhile_is_not_overwritten(terminal: Terminal, workspace: Path) -> None:
    change = await coded(terminal, edit("api.py", OLD, NEW))
    mine = API.replace(OLD, "    return store[key.lower()]\n")
    (workspace / "api.py").write_text(mine)
    refused = await terminal.run("apply", change["id"], code=3)
    assert "applied 1" not in refused.out
    assert refused.out + refused.err != ""
    (again,) = [json.loads((await terminal.run("apply", change["id"], "--json", code=3)).out)]
    assert "error" in again or hunks(again, "stale")
    assert (workspace / "api.py").read_text() == mine
    # A change elsewhere in the file is no hindrance: the hunk is placed anew.
    (workspace / "api.py").write_text("# moved\n\n" + API)
    fresh = (await terminal.run("code", "--yes", "--json")).json
    assert fresh["status"] == "applied"
    assert (workspace / "api.py").read_text() == "# moved\n\n" + API.replace(OLD, NEW)
    await terminal.run("undo")
    later = (await terminal.run("code", "--json")).json
    (workspace / "api.py").write_text("# moved\n# twice\n\n" + API)
    await terminal.run("apply", later["id"])
    assert (workspace / "api.py").read_text() == "# moved\n# twice\n\n" + API.replace(OLD, NEW)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
async def test_nothing_is_written_through_a_link(terminal: Terminal, workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "api.py").write_text(API)
    (workspace / "link.py").symlink_to(outside / "api.py")
    (workspace / "away").symlink_to(outside)
    paths = ("link.py", "away/api.py", "../outside/api.py", str(outside / "api.py"))
    edits = [*(edit(path, OLD, NEW) for path in paths), edit("away/made.py", "", "x = 1\n"), edit("api.py", OLD, NEW)]
    change = await coded(terminal, *edits, code=1)
    assert [file["uri"].rpartition("/")[2] for file in change["files"]] == ["api.py"]
    assert len(change["problems"]) == 5
    ended = await terminal.run("apply", change["id"], code=1)
    assert "applied 1 of 1 hunks" in ended.out

    # A link that takes the file's place after the change was made is refused when it is written.
    await terminal.run("undo")
    (workspace / "api.py").unlink()
    (workspace / "api.py").symlink_to(outside / "api.py")
    await terminal.run("apply", change["id"], code=3)
    assert (workspace / "api.py").is_symlink()
    assert (outside / "api.py").read_text() == API
    assert sorted(path.name for path in outside.iterdir()) == ["api.py"]


# --- the doctor


async def test_the_doctor_names_keys_and_tells_none(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "sk-canary-5e0c1f7a"
    monkeypatch.setenv("ANTHROPIC_API_KEY", canary)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://user:{canary}@127.0.0.1:9/v1")
    told = await terminal.run("doctor")
    report = (await terminal.run("doctor", "--json")).json
    for text in (told.out, told.err, json.dumps(report)):
        assert canary not in text
        assert canary[3:] not in text
    assert report["keys"] == ["ANTHROPIC_API_KEY"]
    assert report["notFollowed"] == ["OPENAI_BASE_URL"]
    assert [(one["name"], one["model"], one["host"]) for one in report["architects"]] == [
        ("alpha", "openai/alpha", "127.0.0.1"),
        ("bravo", "openai/bravo", "127.0.0.1"),
    ]
    assert report["asked"] is None
    assert terminal.provider.requests == []
    assert "ANTHROPIC_API_KEY" in told.out
    assert "● alpha  openai/alpha  at 127.0.0.1" in told.out
    terminal.provider.script("bravo", Reply(status=401, body={"error": {"message": "Incorrect API key."}}))
    asked = json.loads((await terminal.run("doctor", "--ask", "--json", code=1)).out)["asked"]
    assert {one["architect"]: one["answered"] for one in asked} == {"alpha": True, "bravo": False}
