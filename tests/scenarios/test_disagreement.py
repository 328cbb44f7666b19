"""Where scripted architects differ, over the real server: what is contested, agreed and alone, and how it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.provider.server import Provider
from tests.scenarios.conftest import API, Begin, edit
from tests.scenarios.differing import (
    ALPHAS,
    BRAVOS,
    GET,
    deleting,
    discussed,
    hunks,
    hunks_now,
    knowing_related,
    putting,
    says,
    seen,
    stood,
)

DELETED = "*** Begin Patch\n*** Delete File: api.py\n*** End Patch\n"


async def test_agreed_on_all(provider: Provider, begin: Begin) -> None:
    both = (ALPHAS, deleting("store.pop(key, None)"))
    editor, round = await discussed(begin, provider, says(*both), says(*both))
    found = await editor.ask("disagreement")
    assert seen(found) == [
        (4, 5, "agreed", [("alpha bravo", "")]),
        (13, 14, "agreed", [("alpha bravo", "")]),
    ]
    assert found["counts"] == {"contested": 0, "agreed": 2, "alone": 0, "settled": 0}
    assert found["architects"] == ["alpha", "bravo"]
    assert found == await editor.run("disagreement"), "by executeCommand it is the same"
    told = await editor.event("disagreementUpdated")
    assert told["disagreement"]["discussion"] == found["discussion"]
    assert not [one for one in editor.shown(editor.root / "api.py") if one.code == "contested"]
    now = await hunks_now(editor)
    assert [now[id]["stand"] for turn in round["turns"] for id in hunks(turn)] == ["agreed"] * 4


async def test_agreed_on_a_part(provider: Provider, begin: Begin) -> None:
    editor, round = await discussed(
        begin,
        provider,
        says(ALPHAS, putting("store.set(key, value)")),
        says(
            ALPHAS, deleting("store.pop(key)"), stances="- support ALPHA edit 2: shorter\n- amend ALPHA edit 1: say why"
        ),
        says(),
    )
    found = await editor.ask("disagreement")
    assert seen(found) == [
        (4, 5, "agreed", [("alpha bravo", "")]),
        (8, 9, "agreed", [("alpha", "bravo")]),
        (13, 14, "alone", [("bravo", "")]),
    ]
    assert found["counts"] == {"contested": 0, "agreed": 2, "alone": 1, "settled": 0}
    support, amend = round["turns"][1]["stances"]
    alphas = hunks(round["turns"][0])
    assert support == {
        "kind": "support",
        "architect": "alpha",
        "target": "edit 2",
        "reason": "shorter",
        "change": round["turns"][0]["change"]["id"],
        "hunks": [alphas[1]],
    }
    assert (amend["kind"], amend["hunks"]) == ("amend", [alphas[0]])
    put = (await hunks_now(editor))[alphas[1]]
    assert put["views"] == [{"architect": "bravo", "kind": "support", "reason": "shorter", "round": 1, "turn": 2}]
    assert (put["stand"], "settled" in put) == ("agreed", False)


async def test_one_line_is_contested(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(
        begin, provider, says(ALPHAS), says(BRAVOS), says(putting("store.set(key, value)")), client=knowing_related()
    )
    path = workspace / "api.py"
    found = await editor.ask("disagreement")
    assert seen(found) == [(4, 5, "contested", [("alpha", ""), ("bravo", "")]), (8, 9, "alone", [("charlie", "")])]
    region = found["regions"][0]
    ids = [hunks(turn)[0] for turn in round["turns"][:2]]
    assert region["id"] in ids
    assert region["uri"] == path.as_uri()
    assert region["range"] == {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}
    assert "ALPHA" in region["message"]
    assert "BRAVO" in region["message"]
    assert region["views"] == []
    for one, turn, id in zip(region["alternatives"], round["turns"], ids, strict=False):
        assert one["hunks"] == [{"change": turn["change"]["id"], "hunk": id}]
        assert "settled" not in one
        assert one["newText"].strip() in one["summary"]
    assert [one["newText"] for one in region["alternatives"]] == [
        "    return store.get(key)\n",
        "    return store.pop(key, None)\n",
    ]

    await editor.until(lambda: any(one.code == "contested" for one in editor.shown(path)))
    (warning,) = [one for one in editor.shown(path) if one.code == "contested"]
    assert warning.severity is types.DiagnosticSeverity.Warning
    assert warning.source == "moa"
    assert (warning.range.start.line, warning.range.end.line) == (4, 4)
    assert warning.message.startswith("◆ ")
    related = warning.related_information or []
    assert [one.location.range.start.line for one in related] == [4, 4]
    assert [one.location.uri for one in related] == [path.as_uri()] * 2
    assert [one.message.split(":")[0] for one in related] == ["ALPHA", "BRAVO"]
    others = [one.message for one in editor.shown(path) if one.code != "contested"]
    assert sum(one.startswith("◆ ") for one in others) == 2

    titles = [action.title for action in await editor.actions(path, 4)]
    for wanted in ("Take ALPHA's", "Take BRAVO's", "Leave these lines as they are", "Another round on just this"):
        assert titles.count(wanted) == 1, titles
    assert not [one.title for one in await editor.actions(path, 8) if one.title.startswith("Take ")]
    lenses = await editor.text_document_code_lens_async(
        types.CodeLensParams(types.TextDocumentIdentifier(path.as_uri()))
    )
    above = [one.command.title for one in lenses or [] if one.command and one.range.start.line == 4]
    assert above[:3] == ["◆ Take ALPHA's", "Take BRAVO's", "Leave it"]
    hover = await editor.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), types.Position(4, 6))
    )
    assert hover
    assert isinstance(hover.contents, types.MarkupContent)
    for piece in (
        "◆",
        "ALPHA",
        "BRAVO",
        "-    return store[key]",
        "+    return store.get(key)",
        "+    return store.pop",
    ):
        assert piece in hover.contents.value, hover.contents.value


async def test_an_objection_alone_contests(provider: Provider, begin: Begin, workspace: Path) -> None:
    editor, round = await discussed(
        begin,
        provider,
        says(ALPHAS, deleting("store.pop(key)")),
        says(stances="- object ALPHA api.py:5: it hides KeyError from every caller"),
        client=knowing_related(),
    )
    found = await editor.ask("disagreement")
    assert seen(found) == [(4, 5, "contested", [("alpha", "")]), (13, 14, "alone", [("alpha", "")])]
    (view,) = found["regions"][0]["views"]
    assert view == {
        "architect": "bravo",
        "kind": "object",
        "reason": "it hides KeyError from every caller",
        "alternative": 0,
        "round": 1,
        "turn": 2,
    }
    path = workspace / "api.py"
    await editor.until(lambda: any(one.code == "contested" for one in editor.shown(path)))
    (warning,) = [one for one in editor.shown(path) if one.code == "contested"]
    said = [one.message for one in warning.related_information or []]
    assert [one.split(":")[0] for one in said] == ["ALPHA", "BRAVO objects"]
    assert said[1].endswith("it hides KeyError from every caller")
    assert round["turns"][1]["stances"][0]["hunks"] == [hunks(round["turns"][0])[0]]
    titles = [action.title for action in await editor.actions(path, 4)]
    assert [one for one in titles if one.startswith("Take ")] == ["Take ALPHA's"]


async def test_two_edits_overlap_by_one_line(provider: Provider, begin: Begin) -> None:
    upper = edit("api.py", f"def get(store, key):\n{GET}", "def read(store, key):\n    return store.get(key)\n")
    lower = edit(
        "api.py",
        f"{GET}\n\ndef put(store, key, value):\n",
        "    return store.pop(key)\n\n\ndef set(store, key, value):\n",
    )
    editor, _ = await discussed(begin, provider, says(upper), says(lower))
    (region,) = (await editor.ask("disagreement"))["regions"]
    assert region["stand"] == "contested"
    assert region["range"]["start"]["line"] == 3
    assert len(region["alternatives"]) == 2
    # Bravo's other line is nobody else's matter, unless it is one hunk with the first.
    assert region["range"]["end"]["line"] in (5, 8)


async def test_lines_that_only_touch_are_not_contested(provider: Provider, begin: Begin) -> None:
    above = edit("api.py", "def get(store, key):\n", "def read(store, key):\n")
    editor, _ = await discussed(begin, provider, says(above), says(BRAVOS))
    assert stood(await editor.ask("disagreement")) == ["alone", "alone"]


async def test_two_create_a_file(provider: Provider, begin: Begin, workspace: Path) -> None:
    mine, theirs = (edit("errors.py", "", f"class {name}(Exception):\n    pass\n") for name in ("Missing", "NotFound"))
    editor, _ = await discussed(
        begin, provider, says(mine), says(theirs), says(mine, stances="- object BRAVO: too long")
    )
    (region,) = (await editor.ask("disagreement"))["regions"]
    assert region["uri"] == (workspace / "errors.py").as_uri()
    assert region["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    assert region["stand"] == "contested"
    assert [one["architects"] for one in region["alternatives"]] == [["alpha", "charlie"], ["bravo"]]
    assert [(one["architect"], one["alternative"]) for one in region["views"]] == [("charlie", 1)]


async def test_one_deletes_what_another_edits(provider: Provider, begin: Begin) -> None:
    editor, _ = await discussed(
        begin, provider, says(ALPHAS, putting("store.set(key, value)")), says(DELETED), says(putting("pass"))
    )
    found = await editor.ask("disagreement")
    (region,) = found["regions"]
    assert (region["stand"], region["range"]["start"]["line"]) == ("contested", 0)
    assert region["range"]["end"]["line"] == len(API.splitlines())
    ways = [(one["architects"], len(one["hunks"])) for one in region["alternatives"]]
    assert ways == [(["alpha"], 2), (["bravo"], 1), (["charlie"], 1)]


async def test_what_the_editor_model_writes_is_nobodys_opinion(provider: Provider, begin: Begin) -> None:
    editor, _ = await discussed(begin, provider, says(ALPHAS))
    provider.script("editor", says(BRAVOS))
    change = await editor.ask("code", {"message": "Otherwise."})
    assert [one.get("stand") for one in change["files"][0]["hunks"]] == [None]
    assert seen(await editor.ask("disagreement")) == [(4, 5, "alone", [("alpha", "")])]


async def test_who_comes_round_ends_the_contest(provider: Provider, begin: Begin) -> None:
    editor, _ = await discussed(begin, provider, says(ALPHAS), says(BRAVOS))
    provider.script("bravo", says(stances="- support ALPHA: it is right after all"))
    provider.script("alpha", says(ALPHAS))
    await editor.ask("discuss", {"message": "And now?"})
    ((first, last, stand, ways),) = seen(await editor.ask("disagreement"))
    assert (first, last, stand) == (4, 5, "agreed")
    assert sorted(ways) == [("alpha", "bravo"), ("bravo", "")], "what nobody backs any more stays to be taken"


async def test_nothing_is_contested_where_there_is_nothing(begin: Begin, provider: Provider) -> None:
    editor, _ = await discussed(begin, provider, says(), says())
    found = await editor.ask("disagreement")
    assert found["regions"] == []
    assert found["counts"] == {"contested": 0, "agreed": 0, "alone": 0, "settled": 0}


@pytest.mark.parametrize("related", [True, False])
async def test_who_knows_no_related_information_reads_it_in_the_message(
    provider: Provider, begin: Begin, workspace: Path, related: bool
) -> None:
    client = knowing_related(related)
    editor, _ = await discussed(begin, provider, says(ALPHAS), says(BRAVOS), client=client)
    path = workspace / "api.py"
    await editor.until(lambda: any(one.code == "contested" for one in editor.shown(path)))
    (warning,) = [one for one in editor.shown(path) if one.code == "contested"]
    assert bool(warning.related_information) == related
    assert ("store.pop(key, None)" in warning.message) != related
