"""The real code that the edits are made in: files of published packages at pinned versions, read where they lie.

Nothing of theirs is copied into this repository. aider's own requirements are pinned to the digit by aider itself, so
one pin fixes most of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import field, frozen

AIDER = "aider-chat==0.86.2"
BESIDE = "django==5.2.8"
"""For its templates, scripts and style sheets; without what it requires."""

_MOST_PYTHON = """
attr/_funcs.py attr/_next_gen.py attr/validators.py httpx/_models.py httpx/_urls.py httpx/_main.py
httpx/_transports/default.py httpcore/_sync/connection_pool.py httpcore/_async/http2.py rich/table.py rich/text.py
rich/pretty.py rich/markdown.py rich/syntax.py click/types.py click/termui.py click/utils.py click/shell_completion.py
jinja2/lexer.py jinja2/parser.py jinja2/runtime.py jinja2/nodes.py aiohttp/multipart.py aiohttp/web_urldispatcher.py
aiohttp/helpers.py aiohttp/payload.py starlette/routing.py starlette/datastructures.py fastapi/dependencies/utils.py
jsonschema/validators.py networkx/algorithms/dag.py networkx/algorithms/cycles.py yaml/scanner.py yaml/emitter.py
git/config.py git/remote.py pexpect/pty_spawn.py requests/models.py requests/sessions.py markdown_it/tree.py
django/forms/widgets.py django/forms/fields.py django/db/models/constraints.py django/contrib/admin/filters.py
pygments/lexer.py pygments/formatters/html.py litellm/router_utils/cooldown_handlers.py litellm/caching/caching.py
"""
_OTHERS = """
django/contrib/admin/static/admin/js/inlines.js django/contrib/admin/static/admin/js/SelectFilter2.js
django/contrib/admin/static/admin/js/calendar.js django/contrib/admin/static/admin/js/actions.js
django/contrib/admin/static/admin/js/core.js django/contrib/admin/static/admin/js/admin/DateTimeShortcuts.js
django/contrib/admin/static/admin/css/base.css django/contrib/admin/static/admin/css/widgets.css
django/contrib/admin/static/admin/css/forms.css django/contrib/admin/static/admin/css/changelists.css
django/views/templates/technical_500.html django/views/templates/default_urlconf.html
django/contrib/admin/templates/admin/base.html
litellm/proxy/guardrails/guardrail_hooks/litellm_content_filter/categories/harmful_violence.yaml
litellm/proxy/guardrails/guardrail_hooks/litellm_content_filter/categories/denied_financial_advice.yaml
litellm/containers/README.md litellm/integrations/websearch_interception/ARCHITECTURE.md
numpy/f2py/src/fortranobject.c markupsafe/_speedups.c cffi/_cffi_include.h cffi/_embedding.h aiohttp/_http_parser.pyx
"""
FILES = tuple(f"{_MOST_PYTHON} {_OTHERS}".split())

# What the large files are made of, one file after the other, until they are long enough.
_LARGE = ("django/**/*.py", "networkx/**/*.py", "rich/*.py", "aiohttp/*.py", "jinja2/*.py")


@frozen
class Source:
    """One file. `lines` are without their ends. `known` says where each line stands, blanks around it aside."""

    path: str
    lines: tuple[str, ...]
    known: dict[str, tuple[int, ...]] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        known: dict[str, list[int]] = {}
        for at, line in enumerate(self.lines):
            known.setdefault(line.strip(), []).append(at)
        object.__setattr__(self, "known", {line: tuple(places) for line, places in known.items()})

    @property
    def suffix(self) -> str:
        return self.path.rpartition(".")[2]

    def places(self, chunk: Sequence[str]) -> list[int]:
        """Where these lines stand, blanks around each aside."""
        wanted = [line.strip() for line in chunk]
        if not wanted:
            return []
        rare = min(range(len(wanted)), key=lambda at: len(self.known.get(wanted[at], ())))
        starts = (at - rare for at in self.known.get(wanted[rare], ()))
        return [
            start
            for start in starts
            if 0 <= start <= len(self.lines) - len(wanted)
            and all(self.lines[start + offset].strip() == line for offset, line in enumerate(wanted))
        ]


def sources(site_packages: Path) -> list[Source]:
    """The files that edits are made in, in a fixed order."""
    return [_read(site_packages, path) for path in FILES]


def large(site_packages: Path, size: int) -> Source:
    """`size` lines of real Python, as one file."""
    paths = (path for pattern in _LARGE for path in sorted(site_packages.glob(pattern)) if path.stat().st_size)
    lines: list[str] = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if _plain(text):
            lines += text[:-1].split("\n")
        if len(lines) >= size:
            return Source("large.py", tuple(lines[:size]))
    raise ValueError(f"the packages hold only {len(lines)} lines")


def digest(all_sources: Iterable[Source]) -> str:
    """Names the corpus: two runs with the same digest had the same code to edit."""
    return hashlib.sha256("\0".join("\n".join((one.path, *one.lines)) for one in all_sources).encode()).hexdigest()[:12]


def _read(site_packages: Path, path: str) -> Source:
    text = (site_packages / path).read_text(encoding="utf-8")
    if not _plain(text):
        raise ValueError(f"{path} has line ends that would need a bench of their own")
    return Source(path, tuple(text[:-1].split("\n")))


def _plain(text: str) -> bool:
    """Lines that everyone counts alike, and an end to the last: what else there is, isn't this bench's matter."""
    return text.endswith("\n") and not re.search(r"[\r\f\v\x1c-\x1e\x85\u2028\u2029]", text)
