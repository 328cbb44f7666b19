"""What is never sent, and what is only sent when the user points at it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pygit2
import pytest

from moa_lsp.context.ignore import SECRET_FOLDERS, Rules, secret_reason, why_not_sent
from moa_lsp.context.workspace import LINK_OUTSIDE, OUTSIDE, Folders


def file(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def reasons(root: Path, name: str) -> tuple[str | None, str | None]:
    """Why a file isn't sent unasked, and why not when the user names it."""
    folders, path = Folders((root,)), root / name
    if not path.exists():
        file(path)
    return why_not_sent(folders, path, named=False), why_not_sent(folders, path, named=True)


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.local",
        ".env.example.local",
        "prod.env",
        ".ENV",
        ".Env.Local",
        ".env.",
        ".env::$DATA",
        ".e\u200bnv",
        ".envrc",
        "id_rsa",
        "id_rsa_work",
        "id_ed25519",
        "ID_RSA",
        "server.pem",
        "server.PEM",
        "server.pem.bak",
        "tls.key",
        "key.p12",
        "cert.pfx",
        "store.jks",
        ".netrc",
        "_netrc",
        ".npmrc",
        ".npmrc~",
        ".pypirc",
        ".pgpass",
        ".git-credentials",
        "credentials",
        "credentials.json",
        "Credentials.JSON",
        "credentials.json.bak",
        "gcp-credentials.json",
        ".credentials.json",
        "secrets.yml",
        ".secrets",
        "secret.txt",
        "client_secret_123.json",
        "service-account.json",
        "prod.tfvars",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        ".bash_history",
        ".vault-token",
        "passwords.kdbx",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_reason(name)


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        ".env.sample",
        ".env.template",
        ".env.dist",
        "example.env",
        "environment.py",
        "env.py",
        "credentials.py",
        "credentials_test.go",
        "secrets.py",
        "secrets.ts",
        "keys.py",
        "keyboard.json",
        "pem.py",
        "identity.py",
        "README.md",
        ".gitignore",
        "history.txt",
        "tokens.css",
    ],
)
def test_names_that_only_sound_alike(name: str) -> None:
    assert secret_reason(name) is None


@pytest.mark.parametrize("folder", [*SECRET_FOLDERS, ".SSH", ".Git"])
def test_folders_of_secrets(tmp_path: Path, folder: str) -> None:
    unasked, named = reasons(tmp_path, f"sub/{folder}/config")
    assert unasked
    assert unasked == named


def test_a_workspace_in_a_folder_of_secrets(tmp_path: Path) -> None:
    assert reasons(tmp_path / ".aws" / "work", "notes.md") == (SECRET_FOLDERS[".aws"],) * 2


def test_a_secret_is_not_sent_under_another_name(tmp_path: Path) -> None:
    file(tmp_path / ".env", "KEY=canary")
    file(tmp_path / ".ssh" / "config")
    (tmp_path / "notes.md").symlink_to(tmp_path / ".env")
    (tmp_path / "docs").symlink_to(tmp_path / ".ssh")
    assert all(reasons(tmp_path, "notes.md"))
    assert all(reasons(tmp_path, "docs/config"))


def test_the_workspace_cannot_lift_the_rules_for_secrets(tmp_path: Path) -> None:
    file(tmp_path / ".moaignore", "!.env\n!*.pem\n")
    assert all(reasons(tmp_path, ".env"))
    assert all(reasons(tmp_path, "a.pem"))


def test_moaignore_holds_for_named_files_too(tmp_path: Path) -> None:
    file(tmp_path / ".moaignore", "# kept back\nprivate/\n*.sql\n!schema.sql\n/only_here.py\n")
    kept = "is named in .moaignore"
    assert reasons(tmp_path, "private/a.py") == (kept, kept)
    assert reasons(tmp_path, "sub/private/deep/a.py") == (kept, kept)
    assert reasons(tmp_path, "dump.sql") == (kept, kept)
    assert reasons(tmp_path, "schema.sql") == (None, None)
    assert reasons(tmp_path, "private/schema.sql") == (kept, kept)
    assert reasons(tmp_path, "only_here.py") == (kept, kept)
    assert reasons(tmp_path, "sub/only_here.py") == (None, None)
    assert reasons(tmp_path, "a.py") == (None, None)


def test_moaignore_of_a_deeper_folder(tmp_path: Path) -> None:
    file(tmp_path / ".moaignore", "*.csv\n")
    file(tmp_path / "data" / ".moaignore", "!small.csv\n/raw\n")
    assert reasons(tmp_path, "data/small.csv") == (None, None)
    assert all(reasons(tmp_path, "data/large.csv"))
    assert all(reasons(tmp_path, "data/raw/a.py"))
    assert reasons(tmp_path, "raw/a.py") == (None, None)
    assert all(reasons(tmp_path, "small.csv"))


def test_moaignore_holds_for_what_a_link_leads_to(tmp_path: Path) -> None:
    file(tmp_path / ".moaignore", "private/\n")
    file(tmp_path / "private" / "a.py")
    (tmp_path / "public.py").symlink_to(tmp_path / "private" / "a.py")
    assert all(reasons(tmp_path, "public.py"))


@pytest.mark.parametrize("data", [b"caf\xe9\n", b"a\x00b", b"ok\n!\n"])
def test_a_moaignore_that_cannot_be_understood_keeps_all_back(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".moaignore").write_bytes(data)
    unasked, named = reasons(tmp_path, "sub/a.py")
    assert unasked is not None
    assert unasked.startswith("lies below a .moaignore that ")
    assert named == unasked
    assert reasons(tmp_path, "a.py") == (None, None)


def test_what_git_ignores_is_sent_only_when_named(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    repository = pygit2.init_repository(str(root))
    file(root / ".gitignore", "build/\n*.log\n")
    file(root / "sub" / ".gitignore", "generated.py\n!keep.log\n")
    file(Path(repository.path) / "info" / "exclude", "mine.py\n")
    for name in ("build/a.py", "a.log", "sub/generated.py", "mine.py"):
        assert reasons(root, name) == ("is ignored by git", None), name
    for name in ("a.py", "sub/keep.log", "generated.py"):
        assert reasons(root, name) == (None, None), name


def test_a_folder_below_a_repository_follows_the_repositorys_rules(tmp_path: Path) -> None:
    pygit2.init_repository(str(tmp_path))
    file(tmp_path / ".gitignore", "/packages/one/dist/\n")
    assert reasons(tmp_path / "packages" / "one", "dist/a.js") == ("is ignored by git", None)


@pytest.mark.parametrize("damage", [False, True])
def test_gitignore_counts_where_git_cannot_tell(tmp_path: Path, damage: bool) -> None:
    if damage:
        pygit2.init_repository(str(tmp_path))
        shutil.rmtree(tmp_path / ".git" / "refs")
        (tmp_path / ".git" / "HEAD").unlink()
    file(tmp_path / ".gitignore", "dist/\n")
    assert reasons(tmp_path, "dist/a.js") == ("is ignored by git", None)
    assert reasons(tmp_path, "src/a.js") == (None, None)


def test_a_repository_that_names_another_working_tree(tmp_path: Path) -> None:
    repository = pygit2.init_repository(str(tmp_path / "app"))
    (tmp_path / "elsewhere").mkdir()
    repository.config["core.worktree"] = str(tmp_path / "elsewhere")
    file(tmp_path / "app" / ".gitignore", "dist/\n")
    assert reasons(tmp_path / "app", "dist/a.js") == ("is ignored by git", None)
    assert reasons(tmp_path / "app", "a.js") == (None, None)


def test_files_outside_are_never_sent(tmp_path: Path) -> None:
    root = tmp_path / "app"
    outside = file(tmp_path / "app-evil" / "a.py")
    file(root / "a.py")
    (root / "link.py").symlink_to(outside)
    folders = Folders((root,))
    assert why_not_sent(folders, outside, named=True) == OUTSIDE
    assert why_not_sent(folders, root / "link.py", named=True) == LINK_OUTSIDE


def test_rules_read_an_ignore_file_once_and_new_rules_read_it_anew(tmp_path: Path) -> None:
    folders, path = Folders((tmp_path,)), file(tmp_path / "a.py")
    rules = Rules(folders)
    assert rules.why_not_sent(path, named=False) is None
    file(tmp_path / ".moaignore", "a.py\n")
    assert rules.why_not_sent(path, named=False) is None
    assert Rules(folders).why_not_sent(path, named=False) == "is named in .moaignore"
