"""Draws the pictures of the Neovim plugin for people, dark and light, of a discussion as it may go: the panel beside
the code, and the review in the code. Run by `scripts/test-neovim --screenshots`, which writes
`docs/images/neovim-*.png`.

What the architects say is the demo's recording, the prices are its models' own.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.neovim.child import Child
from tests.neovim.panel import Panel
from tests.provider.server import Provider, Reply
from tests.pty.desk import Desk
from tests.pty.picture import draw
from tests.pty.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
DEMO = ROOT / "moa_lsp" / "demo"
MOST_BYTES = 500_000
"""A picture is looked at in a page, not archived."""
COLUMNS, ROWS = 136, 40

# Whom the demo's names stand for here: models of three makers, all reached by the protocol that the provider speaks.
ARCHITECTS = {
    "alpha": "deepinfra/anthropic/claude-sonnet-5",
    "bravo": "openai/gpt-6-sol",
    "charlie": "deepinfra/google/gemini-3.1-pro",
}
EDITOR = "deepinfra/anthropic/claude-opus-5"
MESSAGES = (
    "Let's improve the error handling in our API.",
    "Keep alpha's error type, do bravo's narrow except; no retry.",
)
INIT = """
vim.opt.background = "%s"
vim.opt.number = true
vim.opt.cursorline = true
vim.opt.laststatus = 3
"""


async def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for background in ("dark", "light"):
        folder = Path(tempfile.mkdtemp())
        try:
            async with Provider() as provider:
                await _drawn(_desk(folder, provider), background)
        finally:
            shutil.rmtree(folder)


def _desk(folder: Path, provider: Provider) -> Desk:
    sample = {
        str(path.relative_to(DEMO / "sample")): path.read_text()
        for path in (DEMO / "sample").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    sample.pop("moa.toml", None)
    desk = Desk.laid(folder, provider, sample, name="tea-shop")
    said = [json.loads(line) for line in (DEMO / "demo.jsonl").read_text().splitlines() if line]
    for name, model in {**ARCHITECTS, "editor": EDITOR}.items():
        replies = [
            # DeepInfra tells the tokens to all, and is asked for them by nobody.
            Reply(one["text"], usage=_usage(one), unasked=True, delay=1.3 + 0.4 * int(one["turn"]))
            for one in said
            if one["speaker"] == name
        ]
        # The provider is asked for a model without the first part of its name.
        provider.script(model.partition("/")[2], *replies)
    base = json.dumps(provider.url)
    rows = [f'{{ name = "{name}", model = "{model}", api_base = {base} }}' for name, model in ARCHITECTS.items()]
    desk.configure(f'architects = [{", ".join(rows)}]\neditor = {{ model = "{EDITOR}", api_base = {base} }}\n')
    return desk


def _usage(said: Mapping[str, Any]) -> dict[str, int]:
    asked, answered = 1900 + 700 * int(said["turn"]), len(said["text"]) // 4
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


async def _drawn(desk: Desk, background: str) -> None:
    neovim = Path(os.environ["MOA_TEST_NEOVIMS"].split(os.pathsep)[-1])
    child = await Child.start(
        neovim,
        desk.folder / "home",
        desk.workspace,
        "api.py",
        path=[desk.programs],
        environment={**desk.environment, "DEEPINFRA_API_KEY": "scripted", "OPENAI_API_KEY": "scripted"},
        init=INIT % background,
        screen=Screen(COLUMNS, ROWS),
    )
    try:
        panel = Panel(child)
        for message in MESSAGES:
            await panel.ask(message)
        await _photographed(child, f"neovim-panel-{background}.png")
        await panel.ask("/code Go ahead.")
        await child.command("Moa close")
        await child.command("Moa review")
        await _photographed(child, f"neovim-review-{background}.png")
    finally:
        await child.end()


async def _photographed(child: Child, name: str) -> None:
    await child.program.still(1.0)
    path = IMAGES / name
    draw(child.screen, path, os.environ["MOA_TEST_BROWSER"])
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{name} has {size} bytes, which is too many for a page.")
    sys.stderr.write(f"docs/images/{name} written, {size // 1000} kB\n")


if __name__ == "__main__":
    asyncio.run(main())
