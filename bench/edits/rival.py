"""aider in a process and an environment of its own: made once, then handed one reply after the other.

The environment lies in the user's cache folder, one for each pair of aider's version and Python's. Making it takes a
minute and 0.7 GB; aider needs a Python below 3.13. The process is started once, so neither the interpreter's
start nor aider's import is ever in a figure.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from platformdirs import user_cache_path

from bench.edits.sources import AIDER, BESIDE
from bench.edits.values import Form, Outcome

_FORMS = {Form.BLOCKS: "blocks", Form.DIFF: "diff"}
_PYTHONS = ("python3.12", "python3.11", "python3.10")


@frozen
class Environment:
    """aider's Python, and where its packages lie."""

    python: Path
    site_packages: Path


def prepare(python: str | None = None) -> Environment:
    """The environment, made now where it isn't there yet. Raises `SystemExit` in words where it can't be made."""
    base = python or _suitable_python()
    version = _said_by(base, "import sys; print('%d.%d' % sys.version_info[:2])")
    folder = user_cache_path("moa-lsp-bench", appauthor=False) / f"{AIDER.replace('==', '-')}-python{version}"
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "complete"
    wanted = f"{AIDER} {BESIDE}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        sys.stderr.write(f"Making {folder}: {AIDER} and {BESIDE}, once; this takes a minute or two.\n")
        subprocess.run([base, "-m", "venv", "--clear", folder], check=True)
        install = [inside, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, AIDER], check=True)
        subprocess.run([*install, "--no-deps", BESIDE], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return Environment(inside, Path(_said_by(str(inside), "import sysconfig; print(sysconfig.get_path('purelib'))")))


@frozen
class Aider:
    """The process that answers. Get one from `running`."""

    process: subprocess.Popen[str]

    def run(self, form: Form, path: str, text: str, reply: str, fence: str = "```", times: int = 1) -> Outcome:
        """The outcome for a reply that edits that one file. Waits for as long as it takes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"form": _FORMS[form], "path": path, "text": text, "reply": reply, "fence": fence, "times": times}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("aider's process ended; what it said is above")
        said: dict[str, Any] = json.loads(line)
        return Outcome(said["text"], tuple(said["seconds"]), said["hints"], said["already"], said["failure"])


@contextmanager
def running(environment: Environment) -> Generator[Aider]:
    """aider, until the block ends. It runs in an empty folder, since it looks whether files exist."""
    empty = environment.site_packages.parent / "empty"
    empty.mkdir(exist_ok=True)
    command = [environment.python, "-W", "ignore", Path(__file__).with_name("aider_side.py")]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=empty
    )
    try:
        yield Aider(process)
    finally:
        process.kill()
        process.wait()


def _suitable_python() -> str:
    if sys.version_info < (3, 13):
        return sys.executable
    for name in _PYTHONS:
        found = shutil.which(name)
        # A shim may stand on the path for a version that isn't there.
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    raise SystemExit("aider needs a Python from 3.10 to 3.12; name one with --python.")


def _said_by(python: str, program: str) -> str:
    return subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
