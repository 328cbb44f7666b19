"""Carries out the server's `workspace/applyEdit` on the files of the workspace folder: all of it or nothing.

The operations are done one after the other on a picture of the files (LSP 3.17, "WorkspaceEdit"); only when each has
found its place is anything written, by `files.py`. A reason is given for whatever is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import field, mutable

from moa_lsp.terminal.connection import Json
from moa_lsp.terminal.edited_text import Decoded, Refused
from moa_lsp.terminal.files import Entry, Folder


def carry_out(folder: Folder, params: Json, position_encoding: str) -> Json:
    """The answer to `workspace/applyEdit`: applied, or not and why.

    `needsConfirmation` asks for nothing here: no edit comes but by a command the user gave, or a yes to a question.
    """
    try:
        picture = _Picture(folder, position_encoding)
        for operation in _operations(params["edit"]):
            picture.take(operation)
        picture.write()
    except Refused as refusal:
        return {"applied": False, "failureReason": str(refusal)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return {"applied": False, "failureReason": f"the edit can't be read ({type(error).__name__}: {error})"}
    return {"applied": True}


def path_of(uri: str) -> Path:
    """The path that a `file:` URI names. Raises `Refused` for any other."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in unquote(parts.path):
        raise Refused(f"{uri} is no file on this machine")
    path = unquote(parts.path)
    return Path(path.lstrip("/") if os.name == "nt" else path)


def _operations(edit: Json) -> Sequence[Json]:
    if edit.get("documentChanges") is not None:
        return edit["documentChanges"]
    changes: Mapping[str, Sequence[Json]] = edit.get("changes") or {}
    return [{"textDocument": {"uri": uri}, "edits": edits} for uri, edits in changes.items()]


@mutable
class _Picture:
    """The files as they were found, and as they will be when all is done. `None` is no file."""

    folder: Folder
    position_encoding: str
    before: dict[Path, Entry | None] = field(factory=dict[Path, "Entry | None"])
    after: dict[Path, Entry | None] = field(factory=dict[Path, "Entry | None"])

    def take(self, operation: Json) -> None:
        options: Json = operation.get("options") or {}
        match operation.get("kind"):
            case None:
                self._edit(operation["textDocument"], operation["edits"])
            case "create":
                self._create(self._path(operation["uri"]), Entry(b""))
            case "delete":
                path = self._path(operation["uri"])
                if self._now(path) is None and not options.get("ignoreIfNotExists"):
                    raise Refused(f"{path} does not exist")
                self.after[path] = None
            case "rename":
                old = self._path(operation["oldUri"])
                entry = self._now(old)
                if entry is None:
                    raise Refused(f"{old} does not exist")
                self.after[old] = None
                self._create(self._path(operation["newUri"]), entry)
            case kind:
                raise Refused(f"the operation {kind!r} is not known")

    def write(self) -> None:
        changed = {path: entry for path, entry in self.after.items() if entry != self.before[path]}
        self.folder.write(self.before, changed)

    def _edit(self, document: Json, edits: Sequence[Json]) -> None:
        path = self._path(document["uri"])
        entry = self._now(path)
        if entry is None:
            raise Refused(f"{path} does not exist")
        if document.get("version") is not None:
            raise Refused(f"the edit is for an open document, and {path} is not open here")
        try:
            data = Decoded.of(entry.data, path.name).edited(edits, self.position_encoding).raw()
        except Refused as refusal:
            raise Refused(f"{path}: {refusal}") from None
        self.after[path] = Entry(data, entry.mode)

    def _create(self, path: Path, entry: Entry) -> None:
        # `overwrite` and `ignoreIfExists` are not heeded: what exists was not made for this change.
        if self._now(path) is not None:
            raise Refused(f"{path} exists already")
        self.after[path] = entry

    def _path(self, uri: Any) -> Path:
        return self.folder.inside(path_of(str(uri)))

    def _now(self, path: Path) -> Entry | None:
        if path not in self.after:
            self.before[path] = self.after[path] = self.folder.read(path)
        return self.after[path]
