"""A Neovim that a person sits at: in a terminal of its own, without anybody's settings, the plugin where a plugin
manager would put it, and a second door (its RPC) for looking inside.

What the user does goes through keys; `lua` only looks, or puts the cursor where keys would be long-winded.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from attrs import field, mutable

from tests.neovim.rpc import NeovimError, Rpc
from tests.pty.program import Program
from tests.pty.screen import Screen
from tests.pty.until import until

PLUGIN = Path(__file__).resolve().parents[2] / "editors" / "neovim"

_INIT = """\
vim.opt.runtimepath:prepend({plugin})
vim.opt.swapfile = false
vim.opt.shortmess:append("I")
vim.opt.ruler = false
vim.opt.showcmd = false
vim.opt.statusline = " %f"
moa_test_keys_taken = 0
vim.keymap.set({{ "n", "i", "x", "s", "o", "c", "t" }}, "<F12>", function()
  moa_test_keys_taken = moa_test_keys_taken + 1
end)
"""


@mutable(eq=False)
class Child:
    """One Neovim. `folder` is its own (settings, state, socket) and outlives it, as the user's does."""

    program: Program
    rpc: Rpc
    folder: Path
    workspace: Path
    _asked: int = field(default=0, init=False)

    @classmethod
    async def start(
        cls,
        nvim: Path,
        folder: Path,
        workspace: Path,
        *files: str,
        path: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        init: str = "",
        screen: Screen | None = None,
    ) -> Self:
        """Starts it in `workspace` with these files. `path` goes before the system's PATH, `init` into `init.lua`."""
        homes = {name: folder / name for name in ("config", "data", "state", "cache", "run")}
        for home in homes.values():
            home.mkdir(parents=True, exist_ok=True)
        (homes["config"] / "nvim").mkdir(exist_ok=True)
        (homes["config"] / "nvim" / "init.lua").write_text(_INIT.format(plugin=json.dumps(str(PLUGIN))) + init)
        own = {
            "HOME": str(folder),
            "PATH": os.pathsep.join([*map(str, path), "/usr/bin", "/bin"]),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(homes["config"]),
            "XDG_DATA_HOME": str(homes["data"]),
            "XDG_STATE_HOME": str(homes["state"]),
            "XDG_CACHE_HOME": str(homes["cache"]),
            "XDG_RUNTIME_DIR": str(homes["run"]),
            **(environment or {}),
        }
        # A socket's path may be 107 bytes long, which a test's folder easily is by itself.
        socket = Path(os.environ.get("TMPDIR", "/tmp")) / f"moa-{secrets.token_hex(8)}.sock"
        screen = screen or Screen()
        program = Program.start([nvim, "--listen", socket, *files], workspace, own, screen)
        try:
            await until("Neovim to listen", socket.exists)
            rpc = await Rpc.connect(socket)
            child = cls(program, rpc, folder, workspace)
            # Before it draws, the terminal still takes some keys for its own.
            await until("Neovim to draw", lambda: screen.text.strip())
            await until("Neovim to be ready", lambda: child.lua("return vim.v.vim_did_enter == 1"))
        except BaseException:
            await program.end()
            raise
        return child

    @property
    def screen(self) -> Screen:
        return self.program.screen

    def type(self, keys: str) -> None:
        """Types them. `<C-\\><C-n>` leaves a mode, not `<Esc>`: with a key close behind it that is another key."""
        self.program.type(keys)

    async def command(self, command: str) -> None:
        """Types a command line, and waits until it was carried out."""
        self.program.type(f"<C-\\><C-n>:{command.replace('<', '<lt>')}<CR>")
        await self.settled()

    async def settled(self) -> None:
        """Waits until all keys that were typed so far have been taken in."""
        # What is asked through the other door could overtake them, so the last key tells. It is mapped in every mode.
        self._asked += 1
        self.program.type("<F12>")

        async def taken() -> bool:
            # A question takes the next key for its answer, and nothing runs before it has one.
            mode = await self.rpc.call("nvim_get_mode")
            return mode["blocking"] or await self.lua("return moa_test_keys_taken >= ...", self._asked)

        await until("the keys to be taken", taken)

    async def dismiss(self) -> None:
        """Presses Enter where Neovim asks for it, and waits until it takes commands."""

        async def free() -> bool:
            mode = await self.rpc.call("nvim_get_mode")
            if mode["blocking"] and mode["mode"].startswith("r"):
                self.program.type("<CR>")
                await self.program.still()
            return not mode["blocking"]

        await until("Neovim to take commands", free)

    async def shows(self, text: Any, seconds: float = 30.0) -> str:
        return await self.program.shows(text, seconds)

    async def lua(self, code: str, *arguments: Any) -> Any:
        """Runs a chunk of Lua inside, and returns what it returns."""
        return await self.rpc.call("nvim_exec_lua", code, list(arguments))

    async def text(self, name: str) -> str | None:
        """The text of the buffer of that file as `:w` would write it, or None where it isn't loaded."""
        return await self.lua(_TEXT, str(self.workspace / name))

    async def holds(self, name: str, text: str) -> None:
        """Waits until the buffer of that file holds just that."""
        await until(f"{name} to hold {text!r}", lambda: self._is(name, text))

    async def _is(self, name: str, text: str) -> bool:
        return await self.text(name) == text

    async def modified(self, name: str) -> bool:
        return await self.lua("return vim.bo[vim.fn.bufnr(...)].modified", str(self.workspace / name))

    async def servers(self) -> list[int]:
        """The processes that this Neovim started and that are the server."""
        pid = await self.lua("return vim.fn.getpid()")
        return [one for one in _children(pid) if "moa-lsp" in _command_line(one).replace("_", "-")]

    async def kill_server(self) -> None:
        servers = await self.servers()
        assert len(servers) == 1, f"the servers are {servers}"
        os.kill(servers[0], signal.SIGKILL)

    async def quit(self) -> None:
        """Leaves Neovim as a person does, without saving."""
        self.program.type("<C-\\><C-n>:qa!<CR>")
        await self.program.ended()
        await self.end()

    async def end(self) -> None:
        with contextlib.suppress(NeovimError, ConnectionError):
            await self.rpc.close()
        await self.program.end()


_TEXT = """
local buffer = vim.fn.bufnr("^" .. vim.fn.escape(..., "[]*?{},~") .. "$")
if buffer < 0 or not vim.api.nvim_buf_is_loaded(buffer) then
  return vim.NIL
end
local ending = ({ unix = "\\n", dos = "\\r\\n", mac = "\\r" })[vim.bo[buffer].fileformat]
local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
if #lines == 1 and lines[1] == "" and (vim.api.nvim_buf_get_offset(buffer, 1) <= 0 or not vim.bo[buffer].endofline) then
  return ""
end
return table.concat(lines, ending) .. ((vim.bo[buffer].endofline or vim.bo[buffer].fixendofline) and ending or "")
"""


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        tasks = (Path("/proc") / str(pid) / "task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
