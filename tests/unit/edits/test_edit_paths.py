"""Which paths can be edited, and which ask for a yes of their own."""

from __future__ import annotations

import pytest

from moa_lsp.edits.paths import full_path, protected_reason, tidy_path
from moa_lsp.edits.values import Problem


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("a.py", "a.py"),
        ("./src//a.py", "src/a.py"),
        ("src\\deep\\a.py", "src/deep/a.py"),
        (" `src/a.py` ", "src/a.py"),
        ("**src/a.py**", "src/a.py"),
        ('"my notes/a b.txt"', "my notes/a b.txt"),
        ("app/(group)/[id]/page.tsx", "app/(group)/[id]/page.tsx"),
        ("größe/文.py", "größe/文.py"),
        (".gitignore", ".gitignore"),
        ("` src/a.py `", "src/a.py"),
        ("console.py", "console.py"),
        ("100%.txt", "100%.txt"),
        ("a..b.py", "a..b.py"),
    ],
)
def test_tidy_paths(written: str, path: str) -> None:
    assert tidy_path(written) == path


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("``", "empty"),
        ("../a.py", "upwards"),
        ("src/../../a.py", "upwards"),
        ("src\\..\\a.py", "upwards"),
        ("/etc/passwd", "absolute"),
        ("\\Windows\\x", "absolute"),
        ("~/.bashrc", "home"),
        ("~root/x", "home"),
        ("` ~root`", "home"),
        ("` .git`", "git's own"),
        ("nul.txt\u200d", "nul.txt\\x200d names a device"),
        ("C:\\x.py", "drive"),
        ("c:x.py", "drive"),
        ("\\\\server\\share\\x", "network"),
        ("//server/share/x", "network"),
        ("file:///etc/passwd", "address"),
        ("https://example.com/a.py", "address"),
        ("vscode:settings", "address"),
        ("a\x00.py", "control"),
        ("a\n.py", "control"),
        ("a\x7f.py", "control"),
        ("a\u2028.py", "control"),
        ("a\ud800.py", "control"),
        ("%2e%2e/a.py", "encoded"),
        ("src/%2E%2E%2fa.py", "encoded"),
        ("con", "device"),
        ("src/NUL.txt", "device"),
        ("com1.py", "device"),
        ("Lpt9", "device"),
        ("aux .c", "device"),
        ("com²", "device"),
        ("src/a.py.", "dot or a blank"),
        ("src /a.py", "dot or a blank"),
        (".../a.py", "dot or a blank"),
        ("a.py::$DATA", "colon"),
        ("a.py:12", "colon"),
        ("src/", "folder"),
        ("src/.", "folder"),
        (".git/hooks/pre-commit", "git"),
        ("sub/.GIT/config", "git"),
        ("git~1/config", "git"),
        (".g\u200dit/config", "git"),
    ],
)
def test_paths_that_lead_elsewhere_are_refused_by_name(written: str, reason: str) -> None:
    problem = tidy_path(written)
    assert isinstance(problem, Problem)
    assert reason in problem.message
    assert all(character.isprintable() for character in problem.message)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "sub/.GIT/hooks/pre-commit",
        ".vscode/settings.json",
        ".VSCode/Settings.JSON",
        "packages/app/.vscode/tasks.json",
        ".idea/x.xml",
        ".zed/settings.json",
        ".cursor/rules",
        ".claude/settings.json",
        ".roo/x",
        ".devcontainer/devcontainer.json",
        ".github/workflows/ci.yml",
        "sub/.GitHub/Workflows/ci.yml",
        ".husky/pre-commit",
        "my.code-workspace",
        "sub/My.Code-Workspace",
        ".envrc",
        "sub/.envrc",
        ".exrc",
        ".nvim.lua",
        ".nvimrc",
        ".vimrc",
        "moa.toml",
        "MOA.TOML",
        ".moaignore",
        "AGENTS.md",
        "docs/agents.MD",
        "CLAUDE.md",
        "moa.toml.",
        "moa.toml::$DATA",
        ".vscode./settings.json",
        "moa\u200b.toml",
    ],
)
def test_protected_paths_stay_protected_when_open(path: str) -> None:
    assert protected_reason(path)
    assert protected_reason(path, open_in_editor=True)


@pytest.mark.parametrize("path", [".env", ".bashrc", ".config/x.toml", ".github/dependabot.yml", ".gitignore"])
def test_dotfiles_at_the_root_are_protected_unless_open(path: str) -> None:
    assert protected_reason(path)
    assert protected_reason(path, open_in_editor=True) is None


@pytest.mark.parametrize("path", ["src/a.py", "src/.hidden", "vscode/settings.json", "docs/workflows/ci.yml", "git/x"])
def test_other_paths_are_not_protected(path: str) -> None:
    assert protected_reason(path) is None


KNOWN = ("src/shop/basket.py", "src/shop/till.py", "tests/till.py", "till.py.bak", "README.md")


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("basket.py", "src/shop/basket.py"),
        ("shop/till.py", "src/shop/till.py"),
        ("tests/till.py", "tests/till.py"),
        ("README.md", "README.md"),
        ("till.py", None),
        ("Basket.py", None),
        ("asket.py", None),
        ("hop/basket.py", None),
        ("basket.pyy", None),
        ("other.py", None),
        ("", None),
    ],
)
def test_a_file_is_found_by_the_end_of_its_path_if_only_one_ends_so(written: str, path: str | None) -> None:
    assert full_path(written, KNOWN) == path


def test_a_path_that_is_known_itself_is_no_others_end() -> None:
    assert full_path("till.py", ("a/till.py", "till.py")) == "till.py"
    assert full_path("till.py", ("a/till.py", "a/till.py")) == "a/till.py"
