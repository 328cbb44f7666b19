"""Draws the pictures of the Neovim plugin for people, of a discussion as it may go: the panel beside the code and the
review in the code, dark and light, and a round of architects who are asked side by side. Run by
`scripts/test-neovim --screenshots`, which writes `docs/images/neovim-*.png`.

What the architects say is the demo's recording, apart from those who don't see each other; the prices are their
models' own.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

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
# What they say without seeing each other, and what one of them makes of it.
APART = {
    "alpha": """`reserve` answers 200 with `{}` when it fails, and `handle` makes a mute 500 of all else.

<proposal>
One error type at the edge: `ApiError(status, message)`, which `handle` turns into a response.
</proposal>
""",
    "bravo": """A `KeyError` doesn't say whose mistake it was.

<proposal>
Catch narrowly, around the one lookup that may fail: a broken record isn't the client's mistake.
</proposal>
""",
    "charlie": """I tried what a client might send.

<proposal>
Check the quantity: a reservation of -5 pieces *adds* five to the stock.
</proposal>
""",
    "editor": """All three found a part of one fault: a caller can't tell its own mistake from ours. \
Around the lookup is the safer place to catch, and costs nothing.

<proposal>
alpha's error type, caught where bravo says, and charlie's check before anything is taken:

store.py
```python
<<<<<<< SEARCH
        return self.items[number]
=======
        try:
            return self.items[number]
        except KeyError:
            raise ApiError(404, f"no item {number}") from None
>>>>>>> REPLACE
```

api.py
```python
<<<<<<< SEARCH
    try:
        return store.reserve(number, int(body["quantity"]))
    except Exception:
        return {}
=======
    quantity = body.get("quantity")
    if not isinstance(quantity, int) or quantity < 1:
        raise ApiError(400, "quantity must be a whole number above 0")
    return store.reserve(number, quantity)
>>>>>>> REPLACE
```
</proposal>
""",
}
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
                await _drawn(_desk(folder, provider, _recorded()), background)
        finally:
            shutil.rmtree(folder)
    folder = Path(tempfile.mkdtemp())
    try:
        async with Provider() as provider:
            await _mixed(_desk(folder, provider, _apart()))
    finally:
        shutil.rmtree(folder)


def _recorded() -> Mapping[str, Sequence[Reply]]:
    said = [json.loads(line) for line in (DEMO / "demo.jsonl").read_text().splitlines() if line]
    return {
        name: [_reply(one["text"], int(one["turn"])) for one in said if one["speaker"] == name]
        for name in (*ARCHITECTS, "editor")
    }


def _apart() -> Mapping[str, Sequence[Reply]]:
    return {name: [_reply(text, turn)] for turn, (name, text) in enumerate(APART.items(), 1)}


def _reply(text: str, turn: int) -> Reply:
    asked, answered = 1900 + 700 * turn, len(text) // 4
    usage = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
    # DeepInfra tells the tokens to all, and is asked for them by nobody.
    return Reply(text, usage=usage, unasked=True, delay=1.3 + 0.4 * turn)


def _desk(folder: Path, provider: Provider, said: Mapping[str, Sequence[Reply]]) -> Desk:
    sample = {
        str(path.relative_to(DEMO / "sample")): path.read_text()
        for path in (DEMO / "sample").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    sample.pop("moa.toml", None)
    desk = Desk.laid(folder, provider, sample, name="tea-shop")
    for name, model in {**ARCHITECTS, "editor": EDITOR}.items():
        # The provider is asked for a model without the first part of its name.
        provider.script(model.partition("/")[2], *said[name])
    base = json.dumps(provider.url)
    rows = [f'{{ name = "{name}", model = "{model}", api_base = {base} }}' for name, model in ARCHITECTS.items()]
    desk.configure(f'architects = [{", ".join(rows)}]\neditor = {{ model = "{EDITOR}", api_base = {base} }}\n')
    return desk


async def _opened(desk: Desk, background: str) -> Child:
    neovim = Path(os.environ["MOA_TEST_NEOVIMS"].split(os.pathsep)[-1])
    return await Child.start(
        neovim,
        desk.folder / "home",
        desk.workspace,
        "api.py",
        path=[desk.programs],
        environment={**desk.environment, "DEEPINFRA_API_KEY": "scripted", "OPENAI_API_KEY": "scripted"},
        init=INIT % background,
        screen=Screen(COLUMNS, ROWS),
    )


async def _mixed(desk: Desk) -> None:
    child = await _opened(desk, "dark")
    try:
        panel = Panel(child)
        await panel.open()
        await child.command("Moa preset panel")
        await panel.ask(MESSAGES[0])
        await child.command("echo")
        await _photographed(child, "neovim-mixture.png")
    finally:
        await child.end()


async def _drawn(desk: Desk, background: str) -> None:
    child = await _opened(desk, background)
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
