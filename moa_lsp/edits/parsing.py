"""Whether a text parses, for the few languages that Python itself can read. Pure."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings


def parses(path: str, text: str) -> bool | None:
    """Whether the text is one that a file of that name may hold, as far as its grammar tells; `None` where nobody here
    can read the language."""
    try:
        match path.rpartition(".")[2].lower():
            case "py" | "pyi":
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # about escapes and the like: it parses
                    ast.parse(text.removeprefix("\ufeff"))
            case "json":
                json.loads(text.removeprefix("\ufeff"))
            case "toml":
                tomllib.loads(text.replace("\r\n", "\n"))
            case _:
                return None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
