"""The built package: the wheel and the sdist hold everything that the program reads while it runs, and its version."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

import moa_lsp

CHECKOUT = Path(__file__).resolve().parents[2]
READ_AT_RUN_TIME = (
    "moa_lsp/demo/demo.jsonl",
    "moa_lsp/demo/README.md",
    "moa_lsp/demo/sample/api.py",
    "moa_lsp/demo/sample/stock.json",
    "moa_lsp/demo/sample/tests/test_api.py",
    "moa_lsp/prompts/architect.md",
    "moa_lsp/prompts/editor.md",
    "moa_lsp/settings/settings.schema.json",
    "moa_lsp/settings/settings.editor.schema.json",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it. Without isolation, as the network is closed."""
    folder = tmp_path_factory.mktemp("built")
    run = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )
    assert run.returncode == 0, run.stdout
    return folder


@pytest.fixture
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def in_checkout() -> set[str]:
    """Every file of the package as it is in the checkout, but for Python's caches."""
    paths = (CHECKOUT / "moa_lsp").rglob("*")
    return {
        path.relative_to(CHECKOUT).as_posix() for path in paths if path.is_file() and path.parent.name != "__pycache__"
    }


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    info = f"moa_lsp-{moa_lsp.__version__}.dist-info/"
    names = {name for name in wheel.namelist() if not name.startswith(info)}
    assert names == in_checkout()
    assert set(READ_AT_RUN_TIME) <= names
    assert f"{info}licenses/LICENSE" in wheel.namelist()


def test_the_sdist_holds_the_package_and_what_is_needed_to_test_it(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    top = f"moa_lsp-{moa_lsp.__version__}/"
    with tarfile.open(path) as archive:
        names = {name.removeprefix(top) for name in archive.getnames()}
    assert in_checkout() <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "scripts/test", "tests/conftest.py"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_the_version_and_the_licence_are_the_projects(wheel: zipfile.ZipFile) -> None:
    metadata = HeaderParser().parsestr(
        wheel.read(f"moa_lsp-{moa_lsp.__version__}.dist-info/METADATA").decode("utf-8"),
    )
    assert metadata["Name"] == "moa-lsp"
    assert metadata["Version"] == moa_lsp.__version__
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_licence_is_the_whole_text() -> None:
    text = (CHECKOUT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_program_is_installed_under_its_name(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"moa_lsp-{moa_lsp.__version__}.dist-info/entry_points.txt").decode("utf-8")
    assert "moa-lsp = moa_lsp.cli:main" in entry_points
