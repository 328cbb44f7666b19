"""The program from its arguments to its exit code, against a scripted server in its own process."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.unit.terminal.scripted_program import Json, Program, change_of, events, round_of, turn, usage

ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def test_a_round_is_shown_as_it_was_said(program: Program) -> None:
    (program.folder / "a.py").write_text("a\n")
    alpha = turn("alpha", "First some prose.\n\n<proposal>\n1. Do it.\n</proposal>\nAnd an afterthought.")
    bravo = turn("bravo", "I agree.", notes=["It was read leniently."])
    round = round_of(alpha, bravo, leftOut=[{"path": ".env", "reason": "it may hold keys"}])

    ran = program.run({"moa/discuss": [*events([alpha, bravo]), {"result": round}]}, "discuss", "Why?", "a.py")

    assert ran.code == 0
    assert ran.stdout.splitlines() == [
        "",
        "● alpha",
        "  First some prose.",
        "",
        "  ╭─ proposal",
        "  │ 1. Do it.",
        "  ╰─",
        "  And an afterthought.",
        "  scripted/alpha · 4.1 s · 1.9k in, 612 out · 50 % cached · 0.9 ¢",
        "",
        "● bravo",
        "  I agree.",
        "  note: It was read leniently.",
        "  scripted/bravo · 4.1 s · 1.9k in, 612 out · 50 % cached · 0.9 ¢",
        "",
        "round 1 · 8.2 s · 1.9k in, 612 out · 50 % cached · 2.0 ¢",
    ]
    assert ran.stderr == "not sent: .env (it may hold keys)\n"
    assert ran.params("moa/discuss") == {"message": "Why?", "files": [(program.folder / "a.py").as_uri()]}


def test_nobody_interrupts_whoever_has_the_floor(program: Program) -> None:
    alpha, bravo = turn("alpha", "aaa bbb ccc"), turn("bravo", "xxx yyy zzz")
    a, b = events([alpha])[1:], events([bravo])[1:]
    mixed = [step for pair in zip(a[:-1], b[:-1], strict=True) for step in pair] + [b[-1], a[-1]]

    ran = program.run({"moa/discuss": [*mixed, {"result": round_of(bravo, alpha)}]}, "discuss", "Why?")

    said = [line for line in ran.stdout.splitlines() if line.startswith(("●", "  aaa", "  xxx"))]
    assert said == ["● alpha", "  aaa bbb ccc", "● bravo", "  xxx yyy zzz"]


def repair(kind: str, architect: str | None, **others: object) -> Json:
    return {"event": {"kind": kind, "discussion": "d1", "architect": architect, **others}}


def test_how_a_repair_ended_is_a_line_under_the_reply(program: Program) -> None:
    alpha, bravo = turn("alpha", "aaa"), turn("bravo", "xxx")
    problems = [{"message": "It isn't there."}, {"message": "It stands twice."}]
    of_alpha = [
        repair("repairStarted", "alpha", problems=problems),
        repair("repairFinished", "alpha", placed=1, left=1, status="done", usage=usage()),
    ]
    of_bravo = [
        repair("repairStarted", "bravo", problems=problems[:1]),
        repair("repairFinished", "bravo", placed=0, left=1, status="cancelled", usage=usage()),
    ]
    a, b = events([alpha])[1:], events([bravo])[1:]
    # bravo's request is over while alpha still has the floor: it is told under bravo's reply all the same.
    mixed = [*a[:-1], *b[:-1], *of_bravo, b[-1], *of_alpha, a[-1]]

    ran = program.run({"moa/discuss": [*mixed, {"result": round_of(alpha, bravo)}]}, "discuss", "Why?")

    took = "4.1 s · 1.9k in, 612 out · 50 % cached · 0.9 ¢"
    assert ran.stdout.splitlines()[1:-2] == [
        "● alpha",
        "  aaa",
        "  alpha was asked once more for 2 edits: 1 placed, 1 still not",
        f"  scripted/alpha · {took}",
        "",
        "● bravo",
        "  xxx",
        "  bravo was asked once more for 1 edit: cancelled",
        f"  scripted/bravo · {took}",
    ]


def test_the_editor_models_repair_is_told_before_the_diff(program: Program) -> None:
    code = {"number": 1, "status": "done", "model": "scripted/editor", "usage": usage(), "seconds": 4.1, "text": "So."}
    change = change_of(diff="--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n")
    steps: list[Json] = [
        {"event": {"kind": "codeStarted", "discussion": "d1", "model": "scripted/editor"}},
        {"event": {"kind": "codeDelta", "discussion": "d1", "text": "So."}},
        repair("editRead", None, path="a.py", edit="edit", fits=False, problem={"message": "It isn't there."}),
        repair("repairStarted", None, problems=[{"message": "It isn't there."}]),
        repair("repairFinished", None, placed=1, left=0, status="done", usage=usage()),
        {"event": {"kind": "codeFinished", "discussion": "d1", "coding": code}},
    ]

    ran = program.run({"moa/code": [*steps, {"result": change}]}, "code")

    lines = ran.stdout.splitlines()
    told = lines.index("  the editor model was asked once more for 1 edit: 1 placed")
    assert lines.index("  So.") < told < lines.index("+b")


def test_the_handshake_says_what_this_client_can_do(program: Program) -> None:
    ran = program.run(
        {"moa/new-discussion": [{"result": {"id": "d2", "architects": []}}]}, "new", "--models", "x/a, x/b"
    )

    hello = ran.params("initialize")
    assert ran.code == 0
    assert hello["initializationOptions"] == {
        "settings": {"architects": ["x/a", "x/b"]},
        "trusted": False,
        "events": True,
        "ownCommands": True,
    }
    assert hello["rootUri"] == program.folder.as_uri()
    assert hello["workspaceFolders"] == [{"uri": program.folder.as_uri(), "name": "workspace"}]
    assert hello["capabilities"]["general"]["positionEncodings"] == ["utf-32", "utf-16"]
    edit = hello["capabilities"]["workspace"]["workspaceEdit"]
    assert edit["resourceOperations"] == ["create", "delete", "rename"]
    assert [message["method"] for message in ran.received][-2:] == ["shutdown", "exit"]


def test_trust_and_another_folder_are_passed_on(program: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()

    ran = program.run({"moa/list-discussions": [{"result": []}]}, "list", "--trust", "--folder", str(other))

    assert ran.params("initialize")["initializationOptions"]["trusted"] is True
    assert ran.params("initialize")["rootUri"] == other.as_uri()


def test_without_files_a_line_says_what_is_sent(program: Program) -> None:
    one = turn("alpha", "Yes.")

    ran = program.run({"moa/discuss": [*events([one]), {"result": round_of(one)}]}, "discuss", "Why?")

    assert "only your message is sent" in ran.stderr
    assert "files" not in ran.params("moa/discuss")


@pytest.mark.parametrize("arguments", [["discuss", "Why?", "missing.py"], ["list", "--folder", "missing"]])
def test_what_does_not_exist_is_wrong_usage(program: Program, arguments: list[str]) -> None:
    ran = program.run({}, *arguments)

    assert ran.code == 2
    assert "missing" in ran.stderr
    assert ran.received == []


# --- failures


def test_a_failed_architect_says_why_and_the_round_stands(program: Program) -> None:
    failed = turn("alpha", "Half a", status="failed", error={"kind": "key", "message": "No key: set X_API_KEY."})
    failed["usage"] = usage(None, 0.004)
    done = turn("bravo", "Yes.", usage=usage(None))
    round = round_of(failed, done, usage=usage(None, 0.004))

    ran = program.run({"moa/discuss": [*events([failed, done]), {"result": round}]}, "discuss", "Why?")

    assert ran.code == 0
    assert "  Half a\n  ✗ failed: No key: set X_API_KEY.\n" in ran.stdout
    assert "at least 0.4 ¢" in ran.stdout.splitlines()[-1]
    assert "· price –" in ran.stdout.splitlines()[-3]


def test_a_round_in_which_all_fail_is_a_failure(program: Program) -> None:
    failed = turn("alpha", status="failed", error={"kind": "down", "message": "It is down."})

    ran = program.run({"moa/discuss": [*events([failed]), {"result": round_of(failed)}]}, "discuss", "Why?")

    assert ran.code == 1


@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (["discuss", "Why?"], [-32803, "No architect could be asked: no key."], 1),
        (["drop", "nobody"], [-32602, "There is no architect 'nobody'."], 2),
        (["undo", "c1"], [-32803, "a.py was edited since."], 3),
        (["apply", "c1", "--hunk", "h1"], [-32803, "The hunk is stale."], 3),
        (["discuss", "Why?"], [-32603, "Something went wrong inside."], 1),
    ],
)
def test_every_refusal_has_its_exit_code(program: Program, command: list[str], error: list[object], code: int) -> None:
    method = {"drop": "moa/drop-architect"}.get(command[0], f"moa/{command[0]}")

    plain = program.run({method: [{"error": error}]}, *command)
    as_json = program.run({method: [{"error": error}]}, *command, "--json")

    assert (plain.code, as_json.code) == (code, code)
    assert str(error[1]) in plain.stderr
    assert plain.stdout == ""
    assert json.loads(as_json.stdout) == {"error": {"code": error[0], "message": error[1]}}


def test_a_server_that_dies_is_a_sentence_and_its_last_words(program: Program) -> None:
    script = {"moa/discuss": [{"print": "Traceback\nboom \x1b[31m\n"}, {"die": 7}]}

    ran = program.run(script, "discuss", "Why?")

    assert ran.code == 1
    assert "The server ended unexpectedly (code 7)." in ran.stderr
    assert "boom" in ran.stderr
    assert not ESCAPE.search(ran.stderr)


def test_a_server_that_does_not_start_is_a_sentence(program: Program) -> None:
    ran = program.run({}, "list", server=[sys.executable, "-c", "raise SystemExit('no such module')"])

    assert ran.code == 1
    assert ran.stderr == "The server ended unexpectedly (code 1).\nno such module\n"


def test_a_server_that_speaks_no_protocol_is_a_sentence(program: Program) -> None:
    ran = program.run(
        {}, "list", server=[sys.executable, "-c", "import time; print('Content-Length: x', flush=True); time.sleep(60)"]
    )

    assert ran.code == 1
    assert "is no LSP" in ran.stderr


def test_what_the_server_tells_the_user_is_shown(program: Program) -> None:
    ran = program.run({"moa/list-discussions": [{"message": "moa: the store is damaged"}, {"result": []}]}, "list")

    assert "moa: the store is damaged" in ran.stderr


# --- Ctrl-C


def test_ctrl_c_stops_the_round_and_shows_what_arrived(program: Program) -> None:
    alpha = turn("alpha", "What I got to say", status="cancelled")
    said = events([alpha], 50)
    script = {
        "moa/discuss": [
            *said[:-1],
            {"interrupt": True},
            {"until": "$/cancelRequest"},
            said[-1],
            {"event": {"kind": "roundFinished", "discussion": "d1", "round": round_of(alpha)}},
            {"error": [-32800, "The run was cancelled; what had arrived is kept."]},
        ]
    }

    ran = program.run(script, "discuss", "Why?")

    assert ran.code == 130
    assert "  What I got to say\n  ■ cancelled\n" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("round 1 · 8.2 s")
    assert "stopping" in ran.stderr
    discuss = next(m for m in ran.received if m.get("method") == "moa/discuss")
    assert ran.params("$/cancelRequest") == {"id": discuss["id"]}
    assert ran.received[-1]["method"] == "exit"


@pytest.mark.timeout(30)
def test_a_second_ctrl_c_waits_for_nobody(program: Program) -> None:
    script = {
        "moa/discuss": [{"interrupt": True}, {"until": "$/cancelRequest"}, {"interrupt": True}, {"until": "never"}]
    }

    ran = program.run(script, "discuss", "Why?")

    assert ran.code == 130
    assert "Cancelled." in ran.stderr


# --- untrusted text


def test_nothing_a_model_says_reaches_the_terminal_as_an_order(program: Program) -> None:
    evil = "\x1b]0;title\x07\x1b[2J\x9b31m[red]markup[/red] :smile: a\u202eb \u200b\r\ud800 end"
    one = turn("\x1b[31malpha", evil, notes=[evil], error={"kind": evil, "message": evil}, status="failed")
    one["model"] = evil
    round = round_of(one, leftOut=[{"path": evil, "reason": evil}])

    ran = program.run({"moa/discuss": [*events([one], 1), {"result": round}]}, "discuss", "Why?")

    assert not ESCAPE.search(ran.stdout + ran.stderr)
    assert "[red]markup[/red] :smile: a<U+202E>b <U+200B><U+D800> end" in ran.stdout


# --- requests of the server's


def test_every_request_of_the_server_is_answered(program: Program) -> None:
    asks: list[Json] = [
        {"ask": ["window/showMessageRequest", {"type": 1, "message": "?", "actions": [{"title": "Yes"}]}]},
        {"ask": ["window/workDoneProgress/create", {"token": "t"}]},
        {"ask": ["client/registerCapability", {"registrations": []}]},
        {"ask": ["workspace/configuration", {"items": [{"section": "moa"}, {"section": "x"}]}]},
        {"ask": ["workspace/workspaceFolders", {}]},
        {"ask": ["workspace/noSuchThing", {}]},
    ]

    ran = program.run({"moa/list-discussions": [*asks, {"result": []}]}, "list")

    assert ran.code == 0
    *answers, unknown = ran.answers()
    assert answers == [None, None, None, [None, None], [{"uri": program.folder.as_uri(), "name": "workspace"}]]
    assert unknown["code"] == -32601


# --- JSON


def test_json_is_one_document_and_nothing_else(program: Program) -> None:
    one = turn("alpha", "\x1b[31m \u202e \ud800 é")
    round = round_of(one)

    ran = program.run({"moa/discuss": [{"result": round}]}, "discuss", "Why?", "--json")

    assert json.loads(ran.stdout) == round
    assert ran.stdout.isascii()
    assert not ESCAPE.search(ran.stdout)
    assert ran.stderr == ""
    assert ran.params("initialize")["initializationOptions"]["events"] is False


# --- discussions


def discussion(**others: object) -> dict[str, object]:
    return {
        "id": "d1",
        "title": "Errors",
        "created": "2026-01-02T03:04:05.000+00:00",
        "architects": [
            {"name": "alpha", "model": "x/a", "role": "security", "dropped": False},
            {"name": "bravo", "model": "x/b", "dropped": True},
        ],
        "usage": usage(0.5),
        **others,
    }


def test_discussions_are_listed(program: Program) -> None:
    ran = program.run({"moa/list-discussions": [{"result": [discussion()]}]}, "list")

    assert re.fullmatch(r"d1  2026-01-0\d \d\d:\d4  Errors  alpha · 50\.0 ¢\n", ran.stdout)


@pytest.mark.parametrize(("command", "method"), [("drop", "moa/drop-architect"), ("restore", "moa/restore-architect")])
def test_dropping_and_restoring_show_who_takes_part(program: Program, command: str, method: str) -> None:
    ran = program.run({method: [{"result": discussion()}]}, command, "bravo", "--discussion", "d1")

    assert ran.stdout == "● alpha  x/a  (security)\n◌ bravo  x/b dropped\n"
    assert ran.params(method) == {"name": "bravo", "discussion": "d1"}


def test_a_discussion_is_shown_in_the_order_it_happened(program: Program) -> None:
    coding = {**turn("editor", "Here it is.\n```\na.py code\n```\nDone."), "afterRound": 1, "message": "Go ahead."}
    rounds = [round_of(turn("alpha", "One.")), round_of(turn("alpha", "Two."), number=2)]
    script = {"moa/show-discussion": [{"result": discussion(rounds=rounds, codings=[coding])}]}

    ran = program.run(script, "show", "d1")

    wanted = ["Errors  d1", "  Why?", "  One.", "  /code Go ahead.", "  Here it is.", "  Done.", "  Why?", "  Two."]
    assert [line for line in ran.stdout.splitlines() if line in wanted] == wanted
    assert "a.py code" not in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("together:")


# --- wrong usage


@pytest.mark.parametrize(
    "arguments",
    [["--nonsense"], ["discuss"], ["shout"], ["--tcp", "nowhere"], ["--tcp", "h:99999"], ["code", "--models", "a,,b"]],
)
def test_wrong_usage_is_code_2(program: Program, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.run({}, *arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage:")


def test_help_explains_the_exit_codes(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.run({}, "code", "--help")

    assert ended.value.code == 0
    assert "130  cancelled" in capsys.readouterr().out
