"""The whole job by code actions alone: discuss, code, apply, undo, in an editor that knows nothing but LSP."""

from __future__ import annotations

from tests.emacs.conftest import Open
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.until import until
from tests.scenarios.conftest import API, edit, proposing

RECIPE = """
(require 'eglot)
(add-to-list 'eglot-server-programs '(python-mode . ("moa-lsp")))
(add-hook 'python-mode-hook #'eglot-ensure)
"""

GET = ("    return store[key]\n", "    return store.get(key)\n")
NAMES = ("    return sorted(store)\n", "    return sorted(store, key=str)\n")
GET_LINE = API[: API.index(GET[0])].count("\n") + 1
MISSING = "class Missing(KeyError):\n    pass\n"


async def test_discuss_code_and_apply_by_code_actions(desk: Desk, open_emacs: Open) -> None:
    provider = desk.provider
    provider.script("alpha", proposing("Let get be gentle."))
    provider.script("bravo", proposing("Agreed, and sort by name."))
    edits = [edit("api.py", *GET), edit("api.py", *NAMES), edit("errors.py", "", MISSING)]
    provider.script("editor", Reply("As agreed.\n\n" + "\n".join(edits)))
    emacs = await open_emacs("api.py", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")

    # A region: the three lines of get.
    emacs.type("<C-n><C-n><C-n><C-@><C-n><C-n>")
    await emacs.action("Discuss this with the architects")
    asked = await desk.until_asked("bravo")
    said = str(asked.messages[-1]["content"])
    assert "return store[key]" in said
    assert "Let get be gentle." in said

    await emacs.action_once_offered("Have what was discussed implemented")
    # What is proposed stands on its lines, as any checker's remark would.
    await until("the marks", lambda: emacs.marks("api.py"))
    assert desk.read("api.py") == API
    assert await emacs.text("api.py") == API

    await emacs.goto("api.py", GET_LINE)
    # eglot asks before it touches a file that isn't open.
    await emacs.action_once_offered("Apply the whole change (editor, 3 hunks)", asked="(y or n)")
    expected = API.replace(*GET).replace(*NAMES)
    await emacs.holds("api.py", expected)
    await emacs.holds("errors.py", MISSING)
    assert desk.files() == ["api.py"], "nothing is saved for the user"
    assert desk.read("api.py") == API

    await emacs.goto("api.py", 1)
    emacs.type("<C-x><C-s>")
    await until("the file to be saved", lambda: desk.read("api.py") == expected)
    await emacs.goto("errors.py", 1)
    emacs.type("<C-x><C-s>")
    await until("the created file", lambda: desk.read("errors.py") == MISSING)


async def test_one_hunk_is_applied_another_rejected_and_undo_is_the_editors_own(desk: Desk, open_emacs: Open) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing(edit("api.py", *GET) + edit("api.py", *NAMES)))
    emacs = await open_emacs("api.py", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")
    await emacs.action("Discuss this with the architects")
    await until("two marks", lambda: emacs.marks("api.py", 2))

    await emacs.goto("api.py", GET_LINE)
    await emacs.action("Apply this hunk (alpha)")
    await emacs.holds("api.py", API.replace(*GET))
    await emacs.goto("api.py", API[: API.index("return sorted")].count("\n") + 1)
    await emacs.action("Reject this hunk (alpha)")
    await until("no marks", lambda: emacs.marks("api.py", 0))
    emacs.type("<C-_>")
    await emacs.holds("api.py", API)
    assert desk.read("api.py") == API


async def test_typing_between_proposal_and_apply(desk: Desk, open_emacs: Open) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing(edit("api.py", *NAMES)))
    emacs = await open_emacs("api.py", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")
    await emacs.action("Discuss this with the architects")
    await until("a mark", lambda: emacs.marks("api.py", 1))
    await emacs.goto("api.py", 1)
    emacs.type("# Ä note<CR># and another<CR>")
    await emacs.holds("api.py", f"# Ä note\n# and another\n{API}")
    line = f"# Ä note\n# and another\n{API}".split("return sorted")[0].count("\n") + 1
    await until("the mark to follow", lambda: emacs.marks("api.py", 1, line))
    await emacs.goto("api.py", line)
    await emacs.action("Apply this hunk (alpha)")
    await emacs.holds("api.py", f"# Ä note\n# and another\n{API.replace(*NAMES)}")


async def test_crlf_stays(desk: Desk, open_emacs: Open) -> None:
    crlf = API.replace("\n", "\r\n")
    desk.write("api.py", crlf)
    desk.settings("alpha")
    desk.provider.script("alpha", proposing(edit("api.py", GET[0], "    value = store.get(key)\n    return value\n")))
    emacs = await open_emacs("api.py", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")
    await emacs.action("Discuss this with the architects")
    await until("a mark", lambda: emacs.marks("api.py", 1))
    await emacs.goto("api.py", GET_LINE)
    await emacs.action("Apply this hunk (alpha)")
    await until("the edit", lambda: emacs.contains("api.py", "return value"))
    emacs.type("<C-x><C-s>")
    expected = crlf.replace("    return store[key]\r\n", "    value = store.get(key)\r\n    return value\r\n")
    await until("the file to be saved", lambda: desk.read("api.py") == expected)


async def test_after_a_failed_round_the_next_one_works(desk: Desk, open_emacs: Open) -> None:
    desk.settings("alpha")
    wrong = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
    desk.provider.script("alpha", Reply(status=401, body=wrong), proposing(edit("api.py", *GET)))
    emacs = await open_emacs("api.py", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")
    await emacs.action("Discuss this with the architects")
    await desk.until_asked("alpha")
    await emacs.action("Discuss this with the architects")
    await until("a mark", lambda: emacs.marks("api.py", 1))
