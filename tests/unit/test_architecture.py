"""The house's rules that can be read off its source: who imports whom, what stays pure, and the size of things.

Every import counts, also one inside a function or under `TYPE_CHECKING`, and one by name through `importlib`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "moa_lsp"
# The demo's sample is somebody's project that the architects look at, not a part of this one.
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "demo" / "sample" not in path.parents)

# From the ground up: a room imports itself and those before it.
ROOMS = ("discussion", "edits", "models", "middleware", "context", "settings", "store", "answering", "session", "lsp")
LEAVES = ("prompts", "demo")
ALLOWED: dict[str, set[str]] = {
    **{room: set(ROOMS[: height + 1]) for height, room in enumerate(ROOMS)},
    "prompts": {"prompts", "discussion"},
    "demo": {"demo"},
    "api": {"answering", "prompts", *ROOMS} - {"lsp"},
    "endpoint": {"endpoint", "api", "prompts", *ROOMS} - {"lsp"},
    "terminal": {"terminal", "endpoint", "api", *LEAVES, *ROOMS} - {"lsp"},
    "stdio": set(),
    "cli": {"stdio", "terminal", "lsp"},
    "__main__": {"cli"},
    "__init__": {"api"},
}
for room in ("answering", "session", "lsp"):
    ALLOWED[room] |= set(LEAVES)

PURE = ("discussion", "edits")
IMPURE = {"os", "io", "asyncio", "pathlib", "time", "sqlite3", "socket", "subprocess", "logging", "shutil", "tempfile"}
PURE_NAMES = {"pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"}
"""What these modules hold that never touches a disk or a clock."""

MOST_LINES = 800


def room_of(path: Path) -> str:
    """The folder below the package, or the module's name where it lies in the package itself."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each import's line and full name: `from a.b import c` is `a.b.c`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module, names, level):
                start = "." * level + (module or "")
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in names)
            case ast.Call(ast.Name("import_module" | "__import__"), [ast.Constant(str(name)), *_]):
                yield node.lineno, name
            case ast.Call(ast.Attribute(attr="import_module"), [ast.Constant(str(name)), *_]):
                yield node.lineno, name
            case _:
                pass


def parsed() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"), path)


def all_imports() -> list[tuple[Path, int, str]]:
    return [(path, line, name) for path, tree in parsed() for line, name in imports(tree)]


def where(path: Path, line: int, name: str) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line} imports {name}"


def test_there_is_something_to_look_at() -> None:
    assert {room_of(path) for path in SOURCES} == set(ALLOWED)
    found = {name.split(".")[0] for _, _, name in all_imports()}
    assert {"attrs", "lsprotocol", "litellm", "moa_lsp"} <= found


def test_every_import_is_absolute() -> None:
    assert [where(*one) for one in all_imports() if one[2].startswith(".")] == []


def test_imports_only_point_down() -> None:
    upward: list[str] = []
    for path, line, name in all_imports():
        package, _, rest = name.partition(".")
        if package != "moa_lsp":
            continue
        imported = rest.split(".")[0]
        in_package = (PACKAGE / imported).is_dir() or (PACKAGE / f"{imported}.py").is_file()
        # What isn't a module is a name of the package itself, which holds nothing but its version.
        if imported and in_package and imported not in ALLOWED[room_of(path)]:
            upward.append(where(path, line, name))
    assert upward == []


@pytest.mark.parametrize(("part", "unknown"), [("reading", "placing|following"), ("following", "reading|placing")])
def test_reading_edits_knows_no_file_and_following_them_no_reply(part: str, unknown: str) -> None:
    folder = PACKAGE / "edits" / part
    assert folder.is_dir()
    pattern = re.compile(rf"moa_lsp\.edits\.(?:{unknown})\.")
    assert [where(*one) for one in all_imports() if folder in one[0].parents and pattern.match(one[2])] == []


@pytest.mark.parametrize(
    ("package", "home"), [("pygls", "lsp"), ("lsprotocol", "lsp"), ("litellm", "models/worker.py")]
)
def test_a_library_is_known_in_one_place_only(package: str, home: str) -> None:
    at_home = PACKAGE / home
    strays = [
        where(path, line, name)
        for path, line, name in all_imports()
        if name.split(".")[0] == package and at_home not in (path, *path.parents)
    ]
    assert strays == []


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_has_no_way_to_the_outside(room: str) -> None:
    ways = [
        where(path, line, name)
        for path, line, name in all_imports()
        if room_of(path) == room and name.split(".")[0] in IMPURE and name not in PURE_NAMES
    ]
    opened = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno} calls {node.func.id}"
        for path, tree in parsed()
        if room_of(path) == room
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "input")
    ]
    assert ways + opened == []


def test_nothing_prints_but_the_terminal_client() -> None:
    prints = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path, tree in parsed()
        if room_of(path) != "terminal"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "print"
    ]
    assert prints == []


def test_every_file_says_what_it_is_for() -> None:
    assert [path.relative_to(ROOT).as_posix() for path, tree in parsed() if not ast.get_docstring(tree)] == []


def test_no_file_has_outgrown_its_head() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path.as_posix(): length for path, length in lengths.items() if length > MOST_LINES} == {}


# --- the machine it was written on ----------------------------------------------------------------------------------

_TEXT = {".py", ".md", ".toml", ".json", ".yml", ".yaml", ".ts", ".lua", ".sh", ".txt", ".css", ".html"}
_NOT_OURS = {"node_modules", "out", "dist", "build"}


def project_files() -> Iterator[Path]:
    """The project's texts; folders with a dot, of caches and environments, and what is installed or built left out."""
    waiting = [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.is_dir() and not path.is_symlink():
                ours = path.name not in _NOT_OURS and not (path / "pyvenv.cfg").exists()
                waiting += [path] if ours and (path.name == ".github" or not path.name.startswith(".")) else []
            elif path.suffix in _TEXT:
                yield path


def test_no_file_names_the_machine_it_was_written_on() -> None:
    """Not the folder it lies in, nor the home or the environment of whoever runs this: it would work nowhere else."""
    folders = [ROOT, Path.home()]
    if sys.prefix != sys.base_prefix:
        folders.append(Path(sys.prefix))
    told = [folder.as_posix() for folder in folders if len(folder.parts) > 1]
    pattern = re.compile(rf"(?<![\w.~}}])(?:{'|'.join(map(re.escape, told))})(?:/|\b)")
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in project_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
