"""`scripts/environment`: which Python it takes, and what it says where there is none that will do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "environment"
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="the scripts need bash")

NEW_ENOUGH = f'exec {sys.executable!r} "$@"'
FAILING_SHIM = 'echo "pyenv: python3: command not found" >&2; exit 127'
TOO_OLD = 'test "$1" = --version && echo "Python 3.10.1" && exit 0; exit 1'
WITHOUT_VENV = 'case "$3" in *ensurepip*) exit 1;; *) exit 0;; esac'


def find_python(tmp_path: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Runs `find_python` where the PATH holds just these programs (`python3_11` is `python3.11`)."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    for tool in ("dirname", "head"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    for name, body in programs.items():
        program = folder / name.replace("_", ".")
        program.write_text(f"#!{BASH}\n{body}\n")
        program.chmod(0o755)
    assert BASH is not None
    return subprocess.run(
        [BASH, "-euo", "pipefail", "-c", 'source "$0"; found=$(find_python); echo "$found"', str(SCRIPT)],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_python3_is_taken_where_it_will_do(tmp_path: Path) -> None:
    run = find_python(tmp_path, python3=NEW_ENOUGH, python3_11=NEW_ENOUGH)
    assert (run.returncode, run.stderr) == (0, "")
    assert Path(run.stdout.strip()).name == "python3"


@pytest.mark.parametrize("python3", [FAILING_SHIM, TOO_OLD, WITHOUT_VENV])
def test_one_that_will_not_do_is_passed_over(tmp_path: Path, python3: str) -> None:
    run = find_python(tmp_path, python3=python3, python3_12=NEW_ENOUGH)
    assert (run.returncode, run.stderr) == (0, "")
    assert Path(run.stdout.strip()).name == "python3.12"


def test_where_none_will_do_each_is_named_with_its_reason(tmp_path: Path) -> None:
    run = find_python(tmp_path, python3=TOO_OLD, python3_13=FAILING_SHIM)
    assert run.returncode == 1
    assert "needs Python 3.11 or newer" in run.stderr
    assert "python3: Python 3.10.1" in run.stderr
    assert "python3.13: pyenv: python3: command not found" in run.stderr


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    run = find_python(tmp_path)
    assert run.returncode == 1
    assert "there is no python3" in run.stderr


def test_a_python_without_venv_is_told_apart_from_none(tmp_path: Path) -> None:
    run = find_python(tmp_path, python3=WITHOUT_VENV)
    assert run.returncode == 1
    assert "apt-get install python3-venv" in run.stderr
    assert "needs Python 3.11" not in run.stderr
