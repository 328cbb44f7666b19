"""Whether a round is any of an architect's business: some care only about certain paths. Pure."""

from __future__ import annotations

from collections.abc import Collection

from pathspec import GitIgnoreSpec

from moa_lsp.discussion.values import Architect

_MOST_SHOWN = 3


def unconcerned(architect: Architect, touched: Collection[str]) -> str | None:
    """Why an architect needn't hear about these paths (relative, with `/`), as the end of a sentence; `None` where it
    is concerned, as everybody is who named no paths. Its paths are read as `.gitignore` reads lines."""
    if not architect.paths:
        return None
    if any(GitIgnoreSpec.from_lines(architect.paths).match_files(touched)):
        return None
    shown = ", ".join(architect.paths[:_MOST_SHOWN])
    more = ", …" if len(architect.paths) > _MOST_SHOWN else ""
    return f"no file that is shown or about to be edited is among its paths ({shown}{more})."
