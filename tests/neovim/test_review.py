"""From `/code` to the files: the review hunk by hunk, what follows the typing, undo, and what is left as it was."""

from __future__ import annotations

from tests.neovim.child import Child
from tests.neovim.conftest import Open
from tests.neovim.panel import Panel
from tests.provider.server import Reply
from tests.pty.desk import Desk
from tests.pty.until import until
from tests.scenarios.conftest import API, edit, proposing

GET = ("    return store[key]\n", "    return store.get(key)\n")
PUT = ("    store[key] = value\n", "    store[str(key)] = value\n")
NAMES = ("    return sorted(store)\n", "    return sorted(store, key=str)\n")
MISSING = "class Missing(KeyError):\n    pass\n"


def changed(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        text = text.replace(old, new)
    return text


def line_of(text: str, part: str) -> int:
    """The line (from 1) on which that stands."""
    return text[: text.index(part)].count("\n") + 1


async def coded(desk: Desk, neovim: Child, *edits: str) -> Panel:
    """A discussion of one round, then `/code`, which the editor model answers with these edits."""
    desk.provider.script("alpha", proposing("Let us do it."))
    desk.provider.script("editor", Reply("As agreed.\n\n" + "\n".join(edits)))
    panel = Panel(neovim)
    await panel.ask("What about errors?")
    await panel.ask("/code Do it")
    return panel


async def to_file(neovim: Child, name: str, line: int) -> None:
    """Goes to that line (from 1) of the file's window."""
    await neovim.lua(
        "vim.api.nvim_set_current_win(vim.fn.win_findbuf(vim.fn.bufnr(...))[1])", str(neovim.workspace / name)
    )
    neovim.type(f"<C-\\><C-n>{line}G0")
    await neovim.settled()


async def test_accept_one_reject_another_type_above_accept_the_rest_undo(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    edits = [edit("api.py", *GET), edit("api.py", *PUT), edit("api.py", *NAMES), edit("errors.py", "", MISSING)]
    panel = await coded(desk, neovim, *edits)
    await panel.pending(4)

    # Old and new stand in the file before anything was decided, and the file is what it was.
    await to_file(neovim, "api.py", 1)
    await neovim.command("Moa review")
    await neovim.shows("return store.get(key)")
    assert await neovim.text("api.py") == API
    await to_file(neovim, "api.py", 1)
    neovim.type("]m")
    await neovim.settled()
    assert await neovim.lua("return vim.fn.line('.')") == line_of(API, GET[0])
    neovim.type("\\a")
    one = changed(API, GET)
    await neovim.holds("api.py", one)
    assert desk.read("api.py") == API, "nothing is saved for the user"
    await panel.pending(3)

    await to_file(neovim, "api.py", line_of(API, PUT[0]))
    neovim.type("\\x")
    await panel.pending(2)
    await neovim.holds("api.py", one)

    await to_file(neovim, "api.py", 1)
    neovim.type("O# A nöte 𝄞<C-\\><C-n>")
    noted = f"# A nöte 𝄞\n{one}"
    await neovim.holds("api.py", noted)

    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(noted, NAMES))
    await panel.pending(0)
    await neovim.holds("errors.py", MISSING)
    assert desk.read("api.py") == API, "nothing is saved for the user"
    assert desk.files() == ["api.py"], "nothing is saved for the user"
    assert await neovim.modified("api.py")

    await neovim.command("Moa undo")
    await neovim.holds("api.py", changed(noted, (GET[1], GET[0])))
    await until("the created file to be gone", lambda: _is_gone(neovim, "errors.py"))
    assert desk.files() == ["api.py"]


async def _is_gone(neovim: Child, name: str) -> bool:
    return not await neovim.text(name)


async def test_a_file_that_the_review_opens_has_its_keys(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim()
    panel = await coded(desk, neovim, edit("api.py", *GET), edit("api.py", *PUT))
    await panel.pending(2)
    await neovim.command("Moa review")
    await neovim.shows("return store.get(key)")
    neovim.type("\\a")
    await neovim.holds("api.py", changed(API, GET))
    await panel.pending(1)
    # Python's own file type has another meaning for it.
    neovim.type("gg]m")
    await neovim.settled()
    assert await neovim.lua("return vim.fn.line('.')") == line_of(API, PUT[0])


async def test_a_change_is_one_step_of_neovims_own_undo(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("api.py", *GET), edit("api.py", *NAMES))
    await to_file(neovim, "api.py", 9)
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, GET, NAMES))
    await panel.pending(0)
    await to_file(neovim, "api.py", 9)
    neovim.type("u")
    await neovim.holds("api.py", API)
    await panel.pending(2)
    neovim.type("<C-r>")
    await neovim.holds("api.py", changed(API, GET, NAMES))
    await panel.pending(0)
    await neovim.command("Moa undo")
    await neovim.holds("api.py", API)


async def test_typing_between_proposal_and_accept(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("api.py", *NAMES))
    await to_file(neovim, "api.py", 1)
    neovim.type("O# one<CR># two<C-\\><C-n>")
    await to_file(neovim, "api.py", line_of(API, "del store") + 2)
    neovim.type("othird = 3<C-\\><C-n>")
    await neovim.settled()
    typed = await neovim.text("api.py")
    assert typed is not None
    assert typed != API
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(typed, NAMES))
    await panel.pending(0)


async def test_who_types_into_a_hunk_makes_it_stale_and_taking_that_back_makes_it_wait_again(
    desk: Desk, open_neovim: Open
) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("api.py", *GET))
    await panel.pending(1)
    await to_file(neovim, "api.py", line_of(API, GET[0]))
    neovim.type("Ax<C-\\><C-n>")
    await panel.pending(0)
    neovim.type("u")
    await panel.pending(1)
    await neovim.command("Moa accept")
    await neovim.holds("api.py", changed(API, GET))


async def test_a_file_that_was_changed_on_disk_is_never_edited_by_old_lines(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    desk.write("other.py", API)
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("other.py", *GET), edit("other.py", *NAMES))
    await panel.pending(2)
    # Another program moves one hunk's lines, and rewrites those of the other.
    moved = "# new\n\n" + changed(API, (GET[0], "    return dict(store)[key]\n"))
    desk.write("other.py", moved)
    await neovim.command("Moa accept-all")
    await panel.pending(0)
    await neovim.holds("other.py", changed(moved, NAMES))
    assert desk.read("other.py") == moved


async def test_a_created_file_is_saved_exactly(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    text = '"""Errors."""\n\n\nclass Missing(KeyError):\n    """Gone. ä €"""\n'
    panel = await coded(desk, neovim, edit("deep/errors.py", "", text))
    await panel.pending(1)
    await neovim.command("Moa accept-all")
    await neovim.holds("deep/errors.py", text)
    assert desk.files() == ["api.py"], "nothing is on disk before the user saves"
    await neovim.lua("vim.fn.mkdir(..., 'p')", str(desk.workspace / "deep"))
    await neovim.command("wall")
    await until("the file", lambda: desk.read("deep/errors.py") is not None)
    assert desk.read("deep/errors.py") == text


async def test_a_file_with_crlf_keeps_it(desk: Desk, open_neovim: Open) -> None:
    crlf = API.replace("\n", "\r\n")
    desk.write("api.py", crlf)
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("api.py", GET[0], "    value = store.get(key)\n    return value\n"))
    await panel.pending(1)
    await neovim.command("Moa accept-all")
    expected = crlf.replace("    return store[key]\r\n", "    value = store.get(key)\r\n    return value\r\n")
    await neovim.holds("api.py", expected)
    await neovim.command("wall")
    await until("the file to be saved", lambda: desk.read("api.py") == expected)


async def test_a_file_without_a_last_line_end_stays_without(desk: Desk, open_neovim: Open) -> None:
    desk.write("api.py", API.rstrip("\n"))
    desk.settings("alpha")
    neovim = await open_neovim("api.py", init="vim.opt.fixendofline = false\n")
    panel = await coded(desk, neovim, edit("api.py", *GET))
    await panel.pending(1)
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, GET).rstrip("\n"))
    await neovim.command("wall")
    await until("the file to be saved", lambda: desk.read("api.py") == changed(API, GET).rstrip("\n"))


async def test_an_edit_that_the_editor_refuses_stays_pending_and_changes_nothing(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    neovim = await open_neovim("api.py")
    panel = await coded(desk, neovim, edit("api.py", *GET))
    await panel.pending(1)
    await to_file(neovim, "api.py", 1)
    await neovim.command("setlocal nomodifiable")
    await neovim.command("Moa accept-all")
    await neovim.shows("The editor refused the edit")
    await neovim.dismiss()
    assert await neovim.text("api.py") == API
    await panel.pending(1)
    await to_file(neovim, "api.py", 1)
    await neovim.command("setlocal modifiable")
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, GET))
    await panel.pending(0)


async def test_what_an_architect_and_the_editor_propose_alike_is_rejected_in_the_change_under_review(
    desk: Desk, open_neovim: Open
) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing(edit("api.py", *GET)))
    desk.provider.script("editor", Reply("As agreed.\n\n" + edit("api.py", *GET) + edit("api.py", *NAMES)))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("What about errors?")
    await panel.ask("/code Do it")
    await panel.pending(3)
    await neovim.command("Moa review")
    await neovim.shows("return store.get(key)")
    await to_file(neovim, "api.py", line_of(API, GET[0]))
    neovim.type("\\x")
    await panel.pending(2)
    await neovim.command("Moa accept-all")
    await neovim.holds("api.py", changed(API, NAMES))


async def test_an_architects_own_proposal_is_applied_by_key_in_the_panel(desk: Desk, open_neovim: Open) -> None:
    desk.settings("alpha")
    desk.provider.script("alpha", proposing(edit("api.py", *GET)))
    neovim = await open_neovim("api.py")
    panel = Panel(neovim)
    await panel.ask("Make get gentle.")
    await panel.shows("1 to review")
    await neovim.lua(_TO_HUNK)
    neovim.type("a")
    await neovim.holds("api.py", changed(API, GET))
    await panel.shows("1 applied")
    await neovim.lua(_TO_HUNK)
    neovim.type("u")
    await neovim.holds("api.py", API)
    assert desk.read("api.py") == API


_TO_HUNK = """
for _, window in ipairs(vim.api.nvim_list_wins()) do
  local buffer = vim.api.nvim_win_get_buf(window)
  if vim.bo[buffer].filetype == "moa-discussion" then
    vim.api.nvim_set_current_win(window)
    for row, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      if line:find("api.py:", 1, true) then
        vim.api.nvim_win_set_cursor(window, { row, 0 })
        return true
      end
    end
  end
end
error("no hunk stands in the panel")
"""
