"""The log file: what went wrong, for whoever has to find out why. Never what was asked or answered, and never a key.

Rules:
1. At the default level (warning) no prompt, no reply and no file's text is logged; code that logs keeps to that.
2. Libraries stay at warning whatever level the user asks for: pygls logs whole message bodies at info (read in its
   source),
   and with them prompts and settings.
3. Whatever is written goes through `redacted`, tracebacks included.

Nothing here writes to stdout; where the file can't be written, the log goes to stderr. Where the log folder lies is
`folders.py`'s.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from moa_lsp.store.folders import make_private

FILE_NAME = "moa-lsp.log"
_BYTES = 1_000_000
_OLDER_FILES = 3
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_LIBRARIES = ("pygls", "LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "litellm", "httpx", "openai", "asyncio")

REDACTED = "[redacted]"

_SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_SHORTEST_SECRET = 6
"""A variable's value shorter than this is a placeholder such as `none`; taking it out would garble every line."""

_KEYLIKE = re.compile(
    r"""
    (?P<before>
        \b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?  # a header, also in a dict's repr
      | \bbearer\s+
      | (?:api[-_\ ]?key|api[-_]?token|access[-_]?token|auth[-_]?token|secret(?:[-_]?key)?|password|[?&]key)
        ["']?\s*[:=]\s*["']?
      | ://[^\s/:@]*:(?=[^\s/@]+@)                                            # the password in a URL
    )
    [^\s"',;}&)@]+
  | (?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|ghp|gho|ghs|pplx|nvapi|r8|glpat|github_pat)[-_][A-Za-z0-9_.\-]{8,}
  | (?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_\-]{20,}|(?:AKIA|ASIA)[A-Z0-9]{12,})
  | (?<![A-Za-z0-9_\-])eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_.\-]+           # a token of three parts
  | (?<![A-Za-z0-9_\-])(?=[a-zA-Z_\-]*[0-9])(?=[0-9_\-]*[a-zA-Z])[A-Za-z0-9_\-]{32,}  # long, letters and digits mixed
    """,
    re.IGNORECASE | re.VERBOSE,
)


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """The text without anything that looks like a key, and without the value of any variable named like one.

    `environment` is `os.environ` where it isn't given. Rather too much is taken out than too little: a long hash
    goes too.
    """
    environment = os.environ if environment is None else environment
    values = {value.strip() for name, value in environment.items() if _SECRET_VARIABLE.search(name)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, REDACTED)
    return _KEYLIKE.sub(lambda found: (found["before"] or "") + REDACTED, text)


class _Redacting(logging.Formatter):
    """Redacts the finished line. A filter would come too early: tracebacks are only turned into text here."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _PrivateFile(RotatingFileHandler):
    """A rotating log file that only this user can read."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # A lone surrogate in a message must not cost the line.
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123 (no path)


def start_log(folder: Path, level: int = logging.WARNING) -> logging.Handler:
    """Begins to log into `moa-lsp.log` in the folder, at most 4 MB with its three older files.

    `level` is that of the project's own loggers. Returns the handler, for `stop_log`: one that writes to stderr
    where the file can't be written.
    """
    handler: logging.Handler
    try:
        make_private(folder)
        handler = _PrivateFile(folder / FILE_NAME, maxBytes=_BYTES, backupCount=_OLDER_FILES)
    except OSError as error:
        handler = logging.StreamHandler(sys.stderr)
        problem = f"There is no log file: {folder / FILE_NAME} can't be written ({error.strerror or error})."
    else:
        problem = None
    handler.setFormatter(_Redacting(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("moa_lsp").setLevel(level)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    if problem:
        logging.getLogger(__name__).warning(problem)
    return handler


def stop_log(handler: logging.Handler) -> None:
    """Ends what `start_log` began, and closes its file."""
    logging.getLogger().removeHandler(handler)
    handler.close()
