"""Blocks whose path lacks the folder: the one file that was shown under that name is meant.

Rules:
- A path that names something is that, whatever else bears the name.
- A block that needs a file goes to the only known one whose path ends so, and a notice says so. Several such files are
  never chosen between.
- A block that makes a file is left where it says, and the other file is pointed out.

What "ends so" means is `paths.full_path`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve

from moa_lsp.edits.paths import full_path
from moa_lsp.edits.values import Block, Problem, RenameFile, Replace, WholeFile


def with_folders(
    blocks: Sequence[Block], known: Sequence[str], exists: Callable[[str], bool]
) -> tuple[list[Block], list[Problem]]:
    """The blocks under the paths that are meant, and the notices. `known` are the paths that the model was shown,
    `exists` says whether anything bears a path."""
    made = {block.path for block in blocks if _makes_a_file(block)}
    made |= {block.new_path for block in blocks if isinstance(block, RenameFile)}
    meant: dict[str, str] = {}
    for path in dict.fromkeys(block.path for block in blocks):
        if not exists(path) and (full := full_path(path, known)) and full != path:
            meant[path] = full
    notices = [
        Problem(f"There is also {full}.", path, notice=True)
        if path in made
        else Problem(f"`{path}` was taken for {full}, the only file of that name.", full, notice=True)
        for path, full in meant.items()
    ]
    moved = {path: full for path, full in meant.items() if path not in made}
    return [evolve(block, path=moved.get(block.path, block.path)) for block in blocks], notices


def _makes_a_file(block: Block) -> bool:
    if isinstance(block, Replace):
        return not block.search.strip() and not block.near.at_end
    return isinstance(block, WholeFile)
