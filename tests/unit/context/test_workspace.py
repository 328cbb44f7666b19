"""Which files lie in the workspace, with real folders and real links."""

from __future__ import annotations

from pathlib import Path

import pytest

from moa_lsp.context.workspace import LINK_OUTSIDE, OUTSIDE, Folders, Place, Refusal


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("a")
    return root


def folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def test_a_file_and_its_name(app: Path) -> None:
    folders = Folders((app,))
    path = app / "src" / "a.py"
    assert folders.locate(path) == Place(app, "src/a.py", "src/a.py", "src/a.py")
    assert folders.relative(path) == (app, "src/a.py")
    assert folders.name(path) == "src/a.py"
    assert folders.resolve("src/a.py") == path
    assert folders.resolve("./src//a.py") == path
    assert folders.resolve("new/b.py") == app / "new" / "b.py"


def test_a_neighbour_with_the_same_beginning_is_outside(app: Path) -> None:
    evil = folder(app.parent / "app-evil") / "a.py"
    evil.write_text("x")
    folders = Folders((app,))
    assert folders.locate(evil) == Refusal(OUTSIDE)
    assert folders.locate(app / ".." / "app-evil" / "a.py") == Refusal(OUTSIDE)
    assert folders.relative(evil) is None
    assert folders.name(evil) is None


def test_the_folder_itself_is_no_file(app: Path) -> None:
    folders = Folders((app,))
    assert isinstance(folders.locate(app), Refusal)
    assert isinstance(folders.locate(app.parent), Refusal)


def test_a_detour_that_ends_inside_is_inside(app: Path) -> None:
    assert Folders((app,)).name(app / "src" / ".." / "src" / "a.py") == "src/a.py"


def test_links_that_lead_outside(app: Path) -> None:
    outside = folder(app.parent / "outside")
    (outside / "secret.py").write_text("x")
    (app / "out").symlink_to(outside)
    (app / "file.py").symlink_to(outside / "secret.py")
    (app / "dangling.py").symlink_to(outside / "nothing.py")
    (app / "chain.py").symlink_to(app / "file.py")
    folders = Folders((app,))
    for name in ("out/secret.py", "out/new.py", "file.py", "dangling.py", "chain.py"):
        assert folders.resolve(name) == Refusal(LINK_OUTSIDE), name
        assert folders.locate(app / name) == Refusal(LINK_OUTSIDE), name


def test_a_link_made_later_is_seen(app: Path) -> None:
    folders = Folders((app,))
    assert folders.resolve("later/a.py") == app / "later" / "a.py"
    (app / "later").symlink_to(folder(app.parent / "outside"))
    assert folders.resolve("later/a.py") == Refusal(LINK_OUTSIDE)


def test_links_that_stay_inside_keep_their_name(app: Path) -> None:
    (app / "alias.py").symlink_to(app / "src" / "a.py")
    folders = Folders((app,))
    assert folders.locate(app / "alias.py") == Place(app, "alias.py", "src/a.py", "alias.py")
    assert folders.resolve("alias.py") == app / "alias.py"


def test_a_link_to_itself_is_refused(app: Path) -> None:
    (app / "loop").symlink_to("loop")
    folders = Folders((app,))
    # Python 3.13 resolves such a link to itself; what reads it fails then (`test_files.py`).
    found = folders.resolve("loop/a.py")
    assert isinstance(found, Refusal) or found == app / "loop" / "a.py"


def test_a_root_that_is_a_link_keeps_the_editors_spelling(app: Path) -> None:
    link = app.parent / "link"
    link.symlink_to(app)
    folders = Folders((link,))
    assert folders.resolve("src/a.py") == link / "src" / "a.py"
    assert folders.name(link / "src" / "a.py") == "src/a.py"
    assert folders.name(app / "src" / "a.py") == "src/a.py"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "/",
        "..",
        "../app-evil/a.py",
        "src/../../x",
        "src/..",
        "/etc/passwd",
        "//server/share/x",
        "~/x",
        "~root/x",
        "C:/x",
        "c:x",
        "file:///etc/passwd",
        "src\\..\\..\\x",
        "..\\x",
        "%2e%2e/x",
        "src/%2e%2e%2f%2e%2e/x",
        "%2fetc/passwd",
        "a\0b",
        "a\nb",
        "a\x1b[2J",
        "a\u2028b",
        "a.py::$DATA",
        ".git./config",
        "a.py ",
        "a ./b",
    ],
)
def test_names_that_mean_no_file_below_a_folder(app: Path, name: str) -> None:
    assert isinstance(Folders((app,)).resolve(name), Refusal)


@pytest.mark.parametrize("name", ["100%.py", "a b.py", "é/漢.py", "...a", "a..b", "it's+[x].py", "-x", "@scope/x.ts"])
def test_odd_names_that_are_names(app: Path, name: str) -> None:
    assert Folders((app,)).resolve(name) == app.joinpath(*name.split("/"))


def test_letter_case_is_the_file_systems(app: Path) -> None:
    other = app.parent / "APP"
    same = other.exists()
    folder(other)
    (other / "b.py").write_text("b")
    assert (Folders((app,)).name(other / "b.py") == "b.py") is same


def test_relative_paths_and_control_characters_lie_nowhere(app: Path) -> None:
    folders = Folders((app,))
    assert isinstance(folders.locate(Path("src/a.py")), Refusal)
    assert isinstance(folders.locate(app / "a\nb"), Refusal)


def test_no_folders() -> None:
    assert isinstance(Folders(()).resolve("a.py"), Refusal)
    assert Folders(()).locate(Path.cwd() / "a.py") == Refusal(OUTSIDE)


def test_several_folders_have_names_that_lead_back(app: Path) -> None:
    lib, other = folder(app.parent / "one" / "lib"), folder(app.parent / "two" / "lib")
    folders = Folders((app, lib, other))
    for path, name in [(app / "x.py", "x.py"), (lib / "x.py", "lib/x.py"), (other / "d" / "x.py", "lib-2/d/x.py")]:
        assert folders.name(path) == name
        assert folders.resolve(name) == path
    assert folders.relative(other / "d" / "x.py") == (other, "d/x.py")
    assert isinstance(folders.resolve("lib"), Refusal)


def test_what_the_first_folder_holds_keeps_its_name(app: Path) -> None:
    lib = folder(app.parent / "one" / "lib")
    folder(app / "lib")
    folders = Folders((app, lib))
    for path, name in [(app / "lib" / "x.py", "lib/x.py"), (lib / "x.py", "lib-2/x.py")]:
        assert folders.name(path) == name
        assert folders.resolve(name) == path


def test_a_folder_made_later_under_anothers_name_is_refused_rather_than_mistaken(app: Path) -> None:
    lib = folder(app.parent / "one" / "lib")
    folders = Folders((app, lib))
    folder(app / "lib")
    assert isinstance(folders.locate(app / "lib" / "x.py"), Refusal)
    assert folders.resolve("lib/x.py") == lib / "x.py"


def test_a_folder_in_a_folder_has_its_own_files(app: Path) -> None:
    inner = folder(app / "packages" / "inner")
    folders = Folders((app, inner))
    path = inner / "x.py"
    assert folders.relative(path) == (inner, "x.py")
    assert folders.name(path) == "inner/x.py"
    assert folders.resolve("inner/x.py") == path
    assert folders.resolve("packages/inner/x.py") == path


def test_a_link_from_one_folder_into_another_is_refused(app: Path) -> None:
    lib = folder(app.parent / "lib")
    (lib / "x.py").write_text("x")
    (app / "link.py").symlink_to(lib / "x.py")
    assert Folders((app, lib)).resolve("link.py") == Refusal(LINK_OUTSIDE)
    assert Folders((app, lib)).locate(app / "link.py") == Refusal(LINK_OUTSIDE)
