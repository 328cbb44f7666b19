"""The seed's example: three architects over two rounds, what each sees, then code, apply and undo."""

from __future__ import annotations

from pathlib import Path

from tests.provider.server import Provider, Reply
from tests.scenarios.conftest import API, USAGE, Begin, architects, asked_of, edit, proposing

FILE = f"<file path='api.py'>\n{API}</file>"


def user(text: str) -> str:
    return f"<user_message>\n{text}\n</user_message>"


def by(name: str, text: str) -> str:
    return f"<architect name='{name}'>\n<proposal>\n{text}\n</proposal>\n</architect>"


async def test_what_each_architect_sees_over_two_rounds(provider: Provider, begin: Begin, workspace: Path) -> None:
    for name in ("alpha", "bravo", "charlie"):
        provider.script(name, proposing(f"{name} says one"), proposing(f"{name} says two"))
    editor = await begin(settings=architects(provider))
    editor.open(workspace / "api.py")
    first = await editor.ask("discuss", {"message": "Let's improve the error handling in our API"})
    assert [turn["proposal"] for turn in first["turns"]] == ["alpha says one", "bravo says one", "charlie says one"]
    editor.type(workspace / "api.py", (4, 4), (4, 10), "yield")
    second = await editor.ask("discuss", {"message": "And the\nsecond thing?"})
    assert (first["number"], second["number"]) == (1, 2)

    one, two = user("Let's improve the error handling in our API"), user("And the\nsecond thing?")
    changed = (
        "<file_changed path='api.py'>\n@@ -2,7 +2,7 @@\n \n \n def get(store, key):\n-    return store[key]\n"
        "+    yield store[key]\n \n \n def put(store, key, value):\n</file_changed>"
    )

    def said(name: str, number: str) -> str:
        return f"I looked at it.\n\n<proposal>\n{name} says {number}\n</proposal>\n\nThat is all.\n"

    def parts(*texts: str) -> str:
        return "\n\n".join(texts)

    expected = {
        "alpha": [
            parts(FILE, one),
            parts(changed, by("BRAVO", "bravo says one"), by("CHARLIE", "charlie says one"), two),
        ],
        "bravo": [
            parts(FILE, one, by("ALPHA", "alpha says one")),
            parts(changed, by("CHARLIE", "charlie says one"), two, by("ALPHA", "alpha says two")),
        ],
        "charlie": [
            parts(FILE, one, by("ALPHA", "alpha says one"), by("BRAVO", "bravo says one")),
            parts(changed, two, by("ALPHA", "alpha says two"), by("BRAVO", "bravo says two")),
        ],
    }
    for name, (before, after) in expected.items():
        asked = asked_of(provider, name)
        assert asked[0] == [{"role": "user", "content": before}]
        assert asked[1] == [
            {"role": "user", "content": before},
            {"role": "assistant", "content": said(name, "one")},
            {"role": "user", "content": after},
        ]


async def test_code_apply_and_undo(provider: Provider, begin: Begin, workspace: Path) -> None:
    for name in ("alpha", "bravo", "charlie"):
        provider.script(name, proposing(f"{name} says one"))
    new = "    try:\n        return store[key]\n    except KeyError:\n        return None\n"
    created = "class Missing(Exception):\n    pass\n"
    edits = [edit("api.py", "    return store[key]\n", new), edit("errors.py", "", created)]
    provider.script("editor", Reply("Done as agreed.\n\n" + "\n".join(edits), usage=USAGE))
    editor = await begin(settings=architects(provider))
    editor.open(workspace / "api.py")
    await editor.ask("discuss", {"message": "What about errors?"})
    change = await editor.ask("code", {"message": "Do it"})
    assert change["status"] == "pending"
    assert change["problems"] == []
    assert {file["uri"].rsplit("/", 1)[1]: file["kind"] for file in change["files"]} == {
        "api.py": "edit",
        "errors.py": "create",
    }
    (asked,) = asked_of(provider, "editor")
    assert asked[0]["content"].startswith(FILE)
    assert asked[0]["content"].endswith(user("Do it"))
    whole = "I looked at it.\n\n<proposal>\ncharlie says one\n</proposal>\n\nThat is all."
    assert f"<architect name='CHARLIE'>\n{whole}\n</architect>" in asked[0]["content"]

    await editor.until(lambda: len(editor.shown(workspace / "api.py")) == 1)
    assert not (workspace / "errors.py").exists()
    applied = await editor.ask("apply", {"change": change["id"]})
    assert applied["status"] == "applied", applied
    assert editor.text(workspace / "api.py") == API.replace("    return store[key]\n", new)
    assert (workspace / "errors.py").read_text() == created
    assert (workspace / "api.py").read_text() == API
    assert len(editor.applied) == 1
    await editor.until(lambda: not editor.shown(workspace / "api.py"))

    again = await editor.ask("apply", {"change": change["id"]})
    assert again["status"] == "applied"
    assert len(editor.applied) == 1

    undone = await editor.ask("undo", {"change": change["id"]})
    assert undone["status"] == "pending"
    assert editor.text(workspace / "api.py") == API
    assert not (workspace / "errors.py").exists()
