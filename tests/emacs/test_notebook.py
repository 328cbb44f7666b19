"""A prompt typed in any client: a notebook (`*.moa`), its completion and its code actions, where only LSP is known."""

from __future__ import annotations

from tests.emacs.conftest import Open
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.until import until
from tests.scenarios.conftest import API, edit, proposing

RECIPE = """
(require 'eglot)
(define-derived-mode moa-mode text-mode "moa")
(add-to-list 'auto-mode-alist '("\\\\.moa\\\\'" . moa-mode))
(add-to-list 'eglot-server-programs '((python-mode moa-mode) . ("moa-lsp")))
(add-hook 'python-mode-hook #'eglot-ensure)
(add-hook 'moa-mode-hook #'eglot-ensure)
"""

GET = ("    return store[key]\n", "    return store.get(key)\n")


async def test_a_discussion_in_a_notebook_from_the_question_to_the_edit(desk: Desk, open_emacs: Open) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing("Let get be gentle.\n\n/code No.\n\nIt should not fail."))
    desk.provider.script("editor", Reply("As agreed.\n\n" + edit("api.py", *GET)))
    desk.write("talk.moa", "\n")
    emacs = await open_emacs("talk.moa", "api.py", recipe=RECIPE)
    await emacs.eval("(progn (delete-other-windows) 0)")
    await emacs.goto("talk.moa", 1)
    await emacs.shows("[eglot:work space]")

    emacs.type("What about errors?")
    await emacs.action_once_offered("Send this to the architects")
    await until("the answer", lambda: emacs.contains("talk.moa", "> It should not fail."))
    asked = str((await desk.until_asked("alpha")).messages[-1])
    assert "What about errors?" in asked
    assert "return store[key]" in asked, "what is open was shown"
    assert "talk.moa" not in asked, "the notebook is no file that is talked about"

    # The prompt is completed, and sent by its own action.
    await emacs.goto("talk.moa", 9999)
    emacs.type("<CR><CR>/co")
    emacs.type("<M-x>completion-at-point<CR>")
    await until("the completion", lambda: emacs.contains("talk.moa", "\n/code"))
    emacs.type(" Do it")
    await emacs.action_once_offered("Have it implemented")
    await until("the edits", lambda: emacs.contains("talk.moa", "api.py:5"))
    assert await emacs.text("api.py") == API

    line = (await emacs.text("talk.moa") or "").split("api.py:5")[0].count("\n") + 1
    await emacs.goto("talk.moa", line)
    await emacs.action_once_offered("Apply this hunk (editor)")
    await emacs.holds("api.py", API.replace(*GET))
    assert desk.read("api.py") == API
    assert desk.read("talk.moa") == "\n", "nothing is saved for the user"


async def test_what_is_typed_above_meanwhile_stays_apart_from_the_answer(desk: Desk, open_emacs: Open) -> None:
    desk.settings("alpha", "bravo")
    slow = proposing("Words of alpha.", delay=3.0)
    desk.provider.script("alpha", slow)
    desk.provider.script("bravo", proposing("Words of bravo."))
    desk.write("talk.moa", "\n")
    emacs = await open_emacs("talk.moa", recipe=RECIPE)
    await emacs.shows("[eglot:work space]")
    emacs.type("What about errors?")
    await emacs.action_once_offered("Send this to the architects")
    await desk.until_asked("alpha")
    await emacs.goto("talk.moa", 1)
    emacs.type("A note of my own.<CR><CR>")
    await until("the answer", lambda: emacs.contains("talk.moa", "> Words of bravo."))
    text = await emacs.text("talk.moa") or ""
    assert text.startswith("A note of my own.\n\nWhat about errors?\n")
    assert text.index("> Words of alpha.") < text.index("> Words of bravo.")
