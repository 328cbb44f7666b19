"""The plugin's panel as its user meets it: opened by `:Moa`, typed into, read."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from tests.neovim.child import Child
from tests.pty.until import NeverSo, until

_TEXT = """
for _, window in ipairs(vim.api.nvim_list_wins()) do
  local buffer = vim.api.nvim_win_get_buf(window)
  if vim.bo[buffer].filetype == ... then
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\\n")
  end
end
return ""
"""

_PENDING = """
local count = 0
for _, change in pairs(require("moa").state().changes) do
  for _, file in ipairs(change.files) do
    for _, hunk in ipairs(file.hunks) do
      count = count + (hunk.status == "pending" and 1 or 0)
    end
  end
end
return count
"""

_RUNS = """
local discussion = require("moa").state().discussion
return discussion and #(discussion.rounds or {}) + #(discussion.codings or {}) or 0
"""


@frozen
class Panel:
    child: Child

    async def open(self) -> None:
        """Opens it where it isn't, with the cursor in the prompt."""
        await self.child.command("Moa")
        await until("the panel", lambda: self.child.lua("return vim.bo.filetype == 'moa-prompt'"))

    async def send(self, text: str) -> None:
        """Types a prompt and sends it; the cursor stays in the prompt."""
        await self.open()
        self.child.type(f"<C-\\><C-n>i{text.replace('<', '<lt>')}<C-s><C-\\><C-n>")
        await self.child.settled()

    async def ask(self, text: str) -> None:
        """The same, and waits until that run is over."""
        before = await self.child.lua(_RUNS)
        await self.send(text)

        async def begun() -> bool:
            return await self.child.lua(_RUNS) > before

        await until(f"{text!r} to begin", begun)
        await self.ended()

    async def ended(self) -> None:
        """Waits until nothing runs."""
        await until("the run to end", lambda: self.child.lua("return not require('moa').state().running"))

    async def text(self) -> str:
        """The discussion as its buffer has it; empty where the panel isn't open."""
        return await self.child.lua(_TEXT, "moa-discussion")

    async def prompt(self) -> str:
        return await self.child.lua(_TEXT, "moa-prompt")

    async def shows(self, text: str, seconds: float = 30.0) -> str:
        """Waits until the discussion's buffer holds that; returns all of it."""
        seen = ""

        async def so() -> bool:
            nonlocal seen
            seen = await self.text()
            return text in " ".join(seen.split()) or text in seen

        try:
            await until(f"the panel to show {text!r}", so, seconds)
        except NeverSo as never:
            raise NeverSo(f"{never}\n{seen}") from None
        return seen

    async def state(self) -> dict[str, Any]:
        """The discussion as the plugin has it."""
        return await self.child.lua("return require('moa').state()")

    async def pending(self, count: int) -> None:
        """Waits until so many hunks of this discussion wait."""

        async def so() -> bool:
            return await self.child.lua(_PENDING) == count

        await until(f"{count} hunks to wait", so)
