"""What is never sent to a model, and what is sent only when the user points at it.

Rules, the first that applies tells the reason:
1. A file outside the workspace's folders, or behind a link that leads outside, is not sent.
2. A file that looks like it holds secrets (`SECRET_NAMES`, `SECRET_FOLDERS`) is not sent, whoever asks for it, and no
   file of the workspace can lift this: a stranger's repository must not be able to ask for the user's keys.
3. What a `.moaignore` names is not sent, whoever asks for it. It has gitignore's syntax, and may lie in any folder.
   One that can't be read or understood keeps its whole folder back.
4. A notebook (`*.moa`) is what the user types to the architects, not a file that they talk about: it is not sent.
5. What git ignores (or, outside a repository, a `.gitignore` names) is not sent unless it is open in the editor or the
   user named it.

A link is held to these rules under both its own name and the name of what it leads to. Names are compared without
regard to letter case, Unicode form, characters that can't be seen, and what Windows strips from a name. Reading is
`files.py`'s; the budget, `snapshot.py`'s.
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pygit2
from attrs import define, field
from pathspec import GitIgnoreSpec

from moa_lsp.context.files import FileText, read_file
from moa_lsp.context.workspace import Folders, Place, Refusal

IGNORE_FILE = ".moaignore"
NOTEBOOK_SUFFIX = ".moa"

_KEY = "looks like a private key"
_LOGIN = "looks like stored passwords or tokens"
_VARIABLES = "looks like environment variables, which often hold keys"
_STATE = "is a Terraform file, which often holds passwords"
_IGNORED = "is ignored by git"
_NOTEBOOK = "is a moa notebook, in which you write to the architects"

SECRET_NAMES: tuple[tuple[str, str], ...] = (
    (".env", _VARIABLES),
    (".env.*", _VARIABLES),
    ("*.env", _VARIABLES),
    (".envrc", _VARIABLES),
    ("id_rsa*", _KEY),
    ("id_dsa*", _KEY),
    ("id_ecdsa*", _KEY),
    ("id_ed25519*", _KEY),
    ("*.pem", _KEY),
    ("*.key", _KEY),
    ("*.ppk", _KEY),
    ("*.p8", _KEY),
    ("*.p12", _KEY),
    ("*.pfx", _KEY),
    ("*.jks", _KEY),
    ("*.keystore", _KEY),
    ("*.ovpn", _KEY),
    ("*.kdbx", _LOGIN),
    (".netrc", _LOGIN),
    ("_netrc", _LOGIN),
    (".npmrc", _LOGIN),
    (".pypirc", _LOGIN),
    (".pgpass", _LOGIN),
    (".my.cnf", _LOGIN),
    (".git-credentials", _LOGIN),
    (".htpasswd", _LOGIN),
    (".dockercfg", _LOGIN),
    (".vault-token", _LOGIN),
    (".terraformrc", _LOGIN),
    (".boto", _LOGIN),
    (".s3cfg", _LOGIN),
    (".*_history", "is a history of typed commands, which may hold passwords"),
    ("client_secret*.json", _LOGIN),
    ("service-account*.json", _LOGIN),
    ("service_account*.json", _LOGIN),
    ("*.tfvars", _STATE),
    ("*.tfvars.json", _STATE),
    ("*.tfstate", _STATE),
    ("*.tfstate.*", _STATE),
)
"""Patterns of file names (lower case), and why such a file is kept back."""

SECRET_FOLDERS: dict[str, str] = {
    ".git": "is git's own, and may hold tokens",
    ".ssh": "lies in a folder of keys (.ssh)",
    ".gnupg": "lies in a folder of keys (.gnupg)",
    ".aws": "lies in a folder of cloud logins (.aws)",
    ".azure": "lies in a folder of cloud logins (.azure)",
    ".gcloud": "lies in a folder of cloud logins (.gcloud)",
    ".kube": "lies in a folder of cluster logins (.kube)",
    ".docker": "lies in a folder of registry logins (.docker)",
}
"""Folders of which nothing is sent, wherever on the path they stand, also above the workspace; and why."""

_EXAMPLES = frozenset(
    {".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", "sample.env", "template.env"}
)
"""Made to be read: the names of the variables, without their values."""

_DATA = frozenset(
    {".json", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf", ".csv", ".txt", ".xml", ".properties", ".db", ".enc"}
)
"""With these endings (or none), `credentials` and `secrets` are data. `credentials.py` is a program, and nobody could
send it if it were on the list."""

_COPY = re.compile(r"(\.(bak|backup|old|orig|save|swp|tmp)|~|-backup)+$")


def why_not_sent(folders: Folders, path: Path, *, named: bool) -> str | None:
    """Why the file at this absolute path may not be sent; `None` where it may. The reason completes "it …".

    `named`: the user named the file, or has it open in the editor.
    """
    return Rules(folders).why_not_sent(path, named=named)


def secret_reason(name: str) -> str | None:
    """Why a file of this name (its last part alone) is taken to hold secrets; `None` where it isn't."""
    name = _plain(name)
    if name in _EXAMPLES:
        return None
    name = _COPY.sub("", name)
    stem = name
    while (suffix := PurePosixPath(stem).suffix) in _DATA:
        stem = stem.removesuffix(suffix)
    if stem.endswith("credentials") or stem.lstrip(".") in ("secret", "secrets"):
        return _LOGIN
    return next((reason for pattern, reason in SECRET_NAMES if fnmatchcase(name, pattern)), None)


def is_notebook(name: str) -> bool:
    """Whether a file of this name is a notebook, in which the user writes to the architects."""
    return _plain(name).endswith(NOTEBOOK_SUFFIX)


@define
class Rules:
    """The rules for many files at once. Ignore files are read once and kept: make a new one for every gathering."""

    folders: Folders
    _specs: dict[Path, GitIgnoreSpec | None] = field(factory=dict[Path, "GitIgnoreSpec | None"], init=False)
    _repositories: dict[Path, pygit2.Repository | None] = field(
        factory=dict[Path, "pygit2.Repository | None"], init=False
    )

    def why_not_sent(self, path: Path, *, named: bool) -> str | None:
        """As the function of this name."""
        place = self.folders.locate(path)
        if isinstance(place, Refusal):
            return place.reason
        real = path.resolve()
        for part in (*path.parts[:-1], *real.parts[:-1]):
            if reason := SECRET_FOLDERS.get(_plain(part)):
                return reason
        for name in (path.name, real.name):
            if reason := secret_reason(name) or SECRET_FOLDERS.get(_plain(name)):
                return reason
        if is_notebook(path.name) or is_notebook(real.name):
            return _NOTEBOOK
        if reason := self._kept_back(place):
            return reason
        return None if named else self._ignored(place, real)

    def _kept_back(self, place: Place) -> str | None:
        try:
            if any(self._says(IGNORE_FILE, place.root, inside) for inside in {place.inside, place.real}):
                return f"is named in {IGNORE_FILE}"
        except ValueError as problem:
            return str(problem)
        return None

    def _ignored(self, place: Place, real: Path) -> str | None:
        """Why git ignores the file. What its `.gitignore` files say is worked out here: libgit2 overlooks a `!` pattern
        that takes back one of a higher folder's (measured). libgit2 is asked for what they leave open, which the
        repository's and the user's own exclude files may settle."""
        repository = self._repository(real.parent)
        top, inside = place.root, place.inside
        if repository is not None:
            top = Path(repository.workdir).resolve()
            inside = real.relative_to(top).as_posix()
        try:
            said = self._says(".gitignore", top, inside)
        except ValueError as problem:
            return str(problem)
        if said is None and repository is not None:
            said = repository.path_is_ignored(inside)
        return _IGNORED if said else None

    def _says(self, file: str, root: Path, inside: str) -> bool | None:
        """Whether the ignore files of a folder and those below it name a file: `False` where a `!` pattern takes it
        back, `None` where no pattern fits. A folder that is named takes with it all it holds; otherwise the last
        pattern counts, and a deeper file's later than a higher one's (gitignore(5)).

        Raises `ValueError`, with a reason for the user, for an ignore file that can't be understood.
        """
        parts = PurePosixPath(inside).parts
        ignored: bool | None = None
        for depth in range(1, len(parts) + 1):
            ignored = None
            for above in range(depth):
                spec = self._spec(root.joinpath(*parts[:above], file))
                below = "/".join(parts[above:depth]) + ("/" if depth < len(parts) else "")
                if spec is not None and (said := spec.check_file(below).include) is not None:
                    ignored = said
            if ignored:
                break
        return ignored

    def _spec(self, file: Path) -> GitIgnoreSpec | None:
        if file not in self._specs:
            found = read_file(file)
            if found is None:
                self._specs[file] = None
            elif isinstance(found, FileText):
                try:
                    self._specs[file] = GitIgnoreSpec.from_lines(found.text.splitlines())
                except ValueError as error:
                    raise ValueError(f"lies below a {file.name} that can't be understood ({error})") from None
            else:
                raise ValueError(f"lies below a {file.name} that {found.reason}")
        return self._specs[file]

    def _repository(self, folder: Path) -> pygit2.Repository | None:
        """The repository whose working tree holds a (resolved) folder."""
        if folder not in self._repositories:
            self._repositories[folder] = _discovered(folder)
        return self._repositories[folder]


def _discovered(folder: Path) -> pygit2.Repository | None:
    try:
        found = pygit2.discover_repository(str(folder))
        repository = pygit2.Repository(found) if found else None
    except (pygit2.GitError, KeyError, ValueError):
        # Damaged, or another user's, whom git doesn't trust: the workspace's `.gitignore` files still count.
        return None
    # A repository's settings may name any other folder as its working tree.
    inside = repository and repository.workdir and folder.is_relative_to(Path(repository.workdir).resolve())
    return repository if inside else None


def _plain(name: str) -> str:
    """A name as file systems may take it: `.ENV`, `.env.` and `.env::$DATA` are `.env` somewhere."""
    visible = "".join(one for one in name.split("::")[0] if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold()).rstrip(". ")
