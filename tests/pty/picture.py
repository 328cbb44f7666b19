"""A terminal's screen as a picture: a page that sets each cell where a terminal would, photographed by a browser.

The page names one font of Debian's (DejaVu Sans Mono), fetches nothing, and is drawn at one and a half its size.
"""

from __future__ import annotations

import html
import itertools
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.pty.screen import Cell, Screen

_CELL = (9, 18)
"""A cell's width and height in the page's pixels."""
_MARGIN = 14

_STYLE = f"""
* {{ margin: 0; padding: 0; }}
body {{ background: #%s; overflow: hidden; }}
div, i {{ position: absolute; display: block; height: {_CELL[1]}px; white-space: pre; }}
i {{ font: 14.95px/{_CELL[1]}px "DejaVu Sans Mono"; font-style: normal; text-decoration: none; }}
"""


def draw(screen: Screen, path: Path, browser: str) -> None:
    """Writes a PNG of the screen as it is now. Raises `CalledProcessError` where the browser fails."""
    width, height = screen.columns * _CELL[0] + 2 * _MARGIN, screen.rows * _CELL[1] + 2 * _MARGIN
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "screen.html"
        page.write_text(_page(screen.cells()))
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={folder}/profile", "--force-device-scale-factor=1.5"]
        command += [f"--window-size={width},{height}", f"--screenshot={path}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def _page(rows: Sequence[Sequence[Cell]]) -> str:
    parts = [part for number, row in enumerate(rows) for part in _row(number, row)]
    # What most of it stands on is the editor's own ground.
    grounds = [cell.background for row in rows for cell in row]
    ground = max(set(grounds), key=grounds.count)
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE % ground}</style>\n' + "\n".join(parts)


def _row(number: int, row: Sequence[Cell]) -> Iterator[str]:
    top = _MARGIN + number * _CELL[1]
    column = 0
    for background, group in itertools.groupby(row, key=lambda cell: cell.background):
        count = len(list(group))
        place = f"left:{_MARGIN + column * _CELL[0]}px;top:{top}px;width:{count * _CELL[0]}px"
        yield f'<div style="{place};background:#{background}"></div>'
        column += count
    column = 0
    for style, group in itertools.groupby(enumerate(row), key=lambda item: _look(*item)):
        cells = [cell for _, cell in group]
        text = "".join(cell.text for cell in cells)
        if text.strip():
            place = f"left:{_MARGIN + column * _CELL[0]}px;top:{top}px"
            yield f'<i style="{place};{style[1]}">{html.escape(text)}</i>'
        column += len(cells)


def _look(column: int, cell: Cell) -> tuple[int, str]:
    """How a cell is drawn; what isn't plain stands alone, as its glyph may be of another font and width."""
    lines = [name for name, has in (("underline", cell.underlined), ("line-through", cell.struck)) if has]
    look = f"color:#{cell.foreground}"
    look += ";font-weight:bold" if cell.bold else ""
    look += ";font-style:italic" if cell.italic else ""
    look += f";text-decoration:{' '.join(lines)}" if lines else ""
    return (0 if cell.text.isascii() else column + 1), look
