"""What a user has before an editor is opened: a workspace, settings of their own, the server on the PATH, a provider.

The settings stand in the user's `config.toml`, which needs nobody's trust. Models are scripted under their own names,
and the editor model as `editor`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from attrs import frozen

from tests.provider.server import Asked, Provider
from tests.pty.until import until
from tests.scenarios.conftest import API

SERVER = "MOA_TEST_SERVER"
"""The variable that names the server's program."""


@frozen
class Desk:
    """`folder` holds all of it; the workspace has a blank in its name, as many people's have."""

    folder: Path
    provider: Provider
    name: str = "work space"

    @classmethod
    def laid(
        cls, folder: Path, provider: Provider, files: Mapping[str, str] | None = None, name: str = "work space"
    ) -> Self:
        desk = cls(folder, provider, name)
        desk.workspace.mkdir(parents=True)
        # What makes a folder a project, for editors that look for one.
        (desk.workspace / ".git").mkdir()
        for name, text in (files or {"api.py": API}).items():
            desk.write(name, text)
        desk.programs.mkdir()
        (desk.programs / "moa-lsp").symlink_to(os.environ[SERVER])
        desk.settings("alpha", "bravo")
        return desk

    @property
    def workspace(self) -> Path:
        return self.folder / self.name

    @property
    def programs(self) -> Path:
        """Goes onto the editor's PATH; the server is here."""
        return self.folder / "bin"

    @property
    def environment(self) -> Mapping[str, str]:
        """The server's folders: this user's discussions and settings."""
        return {"MOA_DATA_DIR": str(self.folder / "moa-data"), "MOA_CONFIG_DIR": str(self.folder / "moa-config")}

    def settings(self, *names: str) -> None:
        """Writes the user's settings: architects of these names."""
        base = json.dumps(self.provider.url)
        entries = [f'{{ name = "{name}", model = "openai/{name}", api_base = {base} }},' for name in names]
        text = ["architects = [", *entries, "]", f'editor = {{ model = "openai/editor", api_base = {base} }}', ""]
        self.configure("\n".join(text))

    def configure(self, text: str) -> None:
        """Writes that as the user's settings."""
        file = Path(self.environment["MOA_CONFIG_DIR"]) / "config.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def write(self, name: str, text: str) -> None:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def read(self, name: str) -> str | None:
        """The file's text on disk, byte for byte; None where there is none."""
        path = self.workspace / name
        return path.read_bytes().decode() if path.exists() else None

    def files(self) -> Sequence[str]:
        """What is in the workspace on disk, the project's mark aside."""
        found = (path.relative_to(self.workspace) for path in self.workspace.rglob("*") if path.is_file())
        return sorted(str(path) for path in found)

    def asked(self, model: str) -> Sequence[Asked]:
        return [request for request in self.provider.requests if request.model == model]

    async def until_asked(self, model: str, number: int = 1) -> Asked:
        """Waits for the so-many-th request (from 1) of that model."""
        await until(f"request {number} of {model}", lambda: len(self.asked(model)) >= number)
        return self.asked(model)[number - 1]
