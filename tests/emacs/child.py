"""An Emacs that a person sits at: in a terminal of its own, without anybody's settings, eglot as it comes with it.

Keys go in as typed. Looking inside goes through Emacs' own server, by its client's protocol.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from attrs import frozen

from tests.pty.program import Program
from tests.pty.screen import Screen
from tests.pty.until import until

_INIT = """\
(setq server-socket-dir {socket-folder} server-name "moa" make-backup-files nil auto-save-default nil
      create-lockfiles nil enable-local-variables nil inhibit-startup-screen t
      ring-bell-function (lambda ()) use-short-answers t)
(menu-bar-mode -1)
(setq moa-test-keys 0)
(global-set-key (kbd "<f12>") (lambda () (interactive) (setq moa-test-keys (1+ moa-test-keys))))
(server-start)
"""


def _home(folder: Path, sockets: Path, recipe: str) -> Path:
    """Makes the folders; the file of settings."""
    folder.mkdir(parents=True, exist_ok=True)
    sockets.mkdir(mode=0o700)
    init = folder / "init.el"
    init.write_text(_INIT.replace("{socket-folder}", json.dumps(str(sockets))) + recipe)
    return init


_QUOTED = {"_": " ", "n": "\n", "-": "-", "&": "&"}


@frozen
class Child:
    """One Emacs; `socket` is where it can be asked."""

    program: Program
    socket: Path
    workspace: Path

    @classmethod
    async def start(
        cls,
        emacs: Path,
        folder: Path,
        workspace: Path,
        *files: str,
        recipe: str,
        path: Path,
        environment: Mapping[str, str],
    ) -> Self:
        """Starts it on these files. `recipe` is what a user would write into their own settings."""
        # A socket's path may be 107 bytes long, which a test's folder easily is by itself.
        sockets = Path(os.environ.get("TMPDIR", "/tmp")) / f"moa-emacs-{secrets.token_hex(8)}"
        init = _home(folder, sockets, recipe)
        own = {
            "HOME": str(folder),
            "PATH": f"{path}:/usr/bin:/bin",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            **environment,
        }
        program = Program.start([emacs, "-nw", "-Q", "-l", init, *files], workspace, own, Screen())
        child = cls(program, sockets / "moa", workspace)
        try:
            await until("Emacs to listen", child.socket.exists)
        except BaseException:
            await child.end()
            raise
        return child

    def type(self, keys: str) -> None:
        self.program.type(keys)

    async def settled(self) -> None:
        """Waits until all keys that were typed so far have been taken. While eglot waits for a command's answer, for
        10 s at most, none are; and where it gives up, what was typed meanwhile is lost."""
        before = await self.eval("moa-test-keys")

        async def taken() -> bool:
            self.type("<F12>")
            await asyncio.sleep(0.1)
            return await self.eval("moa-test-keys") > before

        await until("Emacs to take keys", taken)

    async def shows(self, text: str | re.Pattern[str], seconds: float = 30.0) -> str:
        return await self.program.shows(text, seconds)

    async def eval(self, expression: str) -> Any:
        """The value of an expression, through JSON. Raises `RuntimeError` where it fails."""
        whole = f"(base64-encode-string (encode-coding-string (json-encode {expression}) 'utf-8) t)"
        quoted = whole.replace("&", "&&").replace("\n", "&n").replace(" ", "&_")
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
            writer.write(f"-eval {quoted} \n".encode())
            answer = (await reader.read()).decode()
            writer.close()
        # A long answer comes in several parts.
        parts = re.findall(r"^-(print|print-nonl|error) (.*)$", answer, re.MULTILINE)
        said = (
            "".join(text for _, text in parts)
            .replace("&_", " ")
            .replace("&n", "\n")
            .replace("&-", "-")
            .replace("&&", "&")
        )
        if not parts or parts[0][0] == "error":
            raise RuntimeError(said or answer)
        return json.loads(base64.b64decode(said.strip().strip('"')))

    async def text(self, name: str) -> str | None:
        """The text of the buffer that visits that file; None where there is none."""
        path = json.dumps(str(self.workspace / name))
        return await self.eval(
            f"(let ((it (find-buffer-visiting {path})))"
            " (when it (with-current-buffer it (buffer-substring-no-properties (point-min) (point-max)))))"
        )

    async def holds(self, name: str, text: str) -> None:
        async def so() -> bool:
            return await self.text(name) == text

        await until(f"{name} to hold {text!r}", so)

    async def contains(self, name: str, text: str) -> bool:
        return text in (await self.text(name) or "")

    async def goto(self, name: str, line: int) -> None:
        """Shows that file's buffer with the cursor at the beginning of a line (from 1)."""
        path = json.dumps(str(self.workspace / name))
        await self.eval(
            f"(progn (switch-to-buffer (find-buffer-visiting {path})) (goto-char 1) (forward-line {line - 1}) (point))"
        )

    async def marks(self, name: str, count: int | None = None, line: int | None = None) -> bool:
        """Whether the file has so many marks (by default at least one), the first on that line (from 1)."""
        path = json.dumps(str(self.workspace / name))
        lines = await self.eval(
            f"(with-current-buffer (find-buffer-visiting {path}) (vconcat (sort (mapcar"
            " (lambda (it) (line-number-at-pos (flymake-diagnostic-beg it))) (flymake-diagnostics)) #'<)))"
        )
        return (bool(lines) if count is None else len(lines) == count) and (line is None or lines[0] == line)

    async def action(self, title: str) -> None:
        """Takes the code action of that title, on the region or where the cursor is. Fails where it isn't offered."""
        assert await self._takes(title), f"{title!r} isn't offered:\n{self.program.screen.text}"
        await self.settled()

    async def action_once_offered(self, title: str, asked: str | None = None) -> None:
        """The same, asked for again until it is offered. Where eglot asks that then, it is answered with yes."""
        await until(f"the code action {title!r}", lambda: self._takes(title))
        if asked:
            await self.shows(asked)
            self.type("y")
        await self.settled()

    async def _takes(self, title: str) -> bool:
        # What eglot said last goes, or it would be taken for the answer.
        await self.settled()
        await self.eval("(progn (message nil) (redisplay) 0)")
        self.type("<M-x>eglot-code-actions<CR>")
        seen = await self.shows(re.compile(r"Pick an action|\[eglot\] No|error"))
        if "Pick an action" not in seen:
            return False
        # A plain blank would complete a word.
        self.type(title.replace(" ", "<C-q> ") + "<Tab>")
        if "[No match]" in await self.program.still(0.3):
            self.type("<C-g>")
            await self.program.still(0.3)
            return False
        self.type("<CR>")
        return True

    async def end(self) -> None:
        await self.program.end()
        shutil.rmtree(self.socket.parent, ignore_errors=True)
