"""The workspace's texts as they stand: of the open document where there is one, else of the file on disk.

The bridge between the editor's URIs and the names that files go by inside (`context/workspace.py`). Nothing is
decided here: which files may be sent is `context/ignore.py`'s, which may be edited in the end
`session/changes.py`'s.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import define, evolve, field
from lsprotocol import types

from moa_lsp.context.files import FileText, Unreadable, read_file
from moa_lsp.context.ignore import Rules, is_notebook
from moa_lsp.context.snapshot import Candidate, Gathered, gather
from moa_lsp.context.workspace import Folders, Refusal
from moa_lsp.edits.following.follow import TextEdit
from moa_lsp.edits.lines import split_lines
from moa_lsp.edits.paths import is_gits_own
from moa_lsp.lsp.documents import Document, Documents, key_of, path_of, uri_of
from moa_lsp.lsp.positions import PositionCodec
from moa_lsp.session.changes import Changes
from moa_lsp.session.notebook import LANGUAGE
from moa_lsp.session.notebook_place import Place

_NOTEBOOK = ".ipynb"
_MARK = "\ufeff"
_MOST_MENTIONABLE = 20_000
"""Files looked at for completion; a larger tree is completed from its first ones, so that a keystroke stays cheap."""


@define
class Buffers:
    """One workspace's texts."""

    folders: Folders
    documents: Documents
    _places: dict[str, list[Place]] = field(factory=dict[str, list[Place]], init=False)
    """Per document, the places in it that are being written at."""

    @classmethod
    def of(cls, roots: Sequence[Path], codec: PositionCodec) -> Buffers:
        return cls(Folders(tuple(roots)), Documents(codec))

    # --- names

    def path(self, uri: str) -> str | None:
        """The name of the workspace's file with that URI; `None` for anything that is no file of the workspace."""
        absolute = path_of(uri)
        return self.folders.name(absolute) if absolute else None

    def uri(self, path: str) -> str:
        """The file's URI, as the client spelt it where the document is open."""
        document = self._document(path)
        if document:
            return document.uri
        found = self.folders.resolve(path)
        return uri_of(found) if isinstance(found, Path) else path

    def change_roots(self, added: Sequence[Path], removed: Sequence[Path]) -> None:
        kept = [root for root in self.folders.roots if root not in removed]
        self.folders = Folders((*kept, *(root for root in added if root not in kept)))

    # --- texts

    def current(self, path: str) -> str | None:
        """The text now, or `None` where there is no such file, or none that can be read as text."""
        document = self._document(path)
        if document and self._is_file(path, document):
            return document.text
        written = self.written(path)
        return written.text if written else None

    def written(self, path: str) -> FileText | None:
        """The file as it is on the disk, and how it is written; `None` where it isn't there, or is no text."""
        found = self._on_disk(path)
        return found if isinstance(found, FileText) else None

    def refusal(self, path: str) -> str | None:
        """Why this path can't be edited, as "it …"; `None` where it can, also where it doesn't exist yet."""
        absolute = self.folders.resolve(path)
        if isinstance(absolute, Refusal):
            return absolute.reason
        if any(map(is_gits_own, self.names(path))):
            return "is git's own"
        if absolute.suffix.lower() == _NOTEBOOK:
            return "is a notebook, which can't be edited as text"
        if self.is_notebook(self.uri(path)):
            return "is a moa notebook, which is yours to write in"
        if document := self._document(path):
            if not document.doubted:
                return None
            return "is out of step with the editor (close it and open it again), or too large"
        found = read_file(absolute)
        return found.reason if isinstance(found, Unreadable) else None

    def names(self, path: str) -> Sequence[str]:
        """What the file is called in its own workspace folder: as it is written, and with every link resolved."""
        found = self.folders.resolve(path)
        place = self.folders.locate(found) if isinstance(found, Path) else found
        return (path,) if isinstance(place, Refusal) else (path, place.inside, place.real)

    def is_open(self, path: str) -> bool:
        return self._document(path) is not None

    def exists(self, path: str) -> bool:
        """Whether anything bears that name: an open document, a file of whatever kind, a folder."""
        absolute = self.folders.resolve(path)
        if not isinstance(absolute, Path):
            return False
        document = self._document(path)
        return os.path.lexists(absolute) or (document is not None and self._is_file(path, document))

    def mark(self, path: str) -> str:
        """The byte order mark that the file begins with on disk and its text here doesn't; else nothing. An editor
        keeps it to itself, and so does `read_file`."""
        found = self._on_disk(path)
        marked = isinstance(found, FileText) and found.bom and found.encoding == "utf-8"
        return _MARK if marked and not (self.current(path) or "").startswith(_MARK) else ""

    def version(self, path: str) -> int | None:
        document = self._document(path)
        return document.version if document else None

    def version_of_uri(self, uri: str) -> int | None:
        document = self.documents.get(uri)
        return document.version if document else None

    def lines(self, path: str) -> Sequence[str]:
        if document := self._document(path):
            return document.lines
        return split_lines(self.current(path) or "")

    def _document(self, path: str) -> Document | None:
        absolute = self.folders.resolve(path)
        return self.documents.at(absolute) if isinstance(absolute, Path) else None

    def _is_file(self, path: str, document: Document) -> bool:
        """Whether there is a file where this document is open. One that is empty and was never saved is none yet:
        Neovim keeps such a buffer where a created file was deleted (measured)."""
        return bool(document.text.strip("\r\n")) or self._on_disk(path) is not None

    def _on_disk(self, path: str) -> FileText | Unreadable | None:
        absolute = self.folders.resolve(path)
        return read_file(absolute) if isinstance(absolute, Path) else None

    # --- notebooks

    def is_notebook(self, uri: str) -> bool:
        """Whether that document is a notebook: by its name, or where it is open by its language."""
        document = self.documents.get(uri)
        return is_notebook(key_of(uri)) or (document is not None and document.language_id == LANGUAGE)

    def follow(self, uri: str, place: Place) -> None:
        """Has a place in a document move with it, until `leave`."""
        self._places.setdefault(key_of(uri), []).append(place)

    def leave(self, uri: str, place: Place) -> None:
        self._places[key_of(uri)] = [one for one in self._places[key_of(uri)] if one is not place]

    # --- what is sent

    def open_paths(self) -> list[str]:
        """The workspace's files that are open, in the order they were opened. A notebook is none: it holds the
        prompt."""
        texts = [document.uri for document in self.documents if not self.is_notebook(document.uri)]
        return [path for uri in texts if (path := self.path(uri)) is not None]

    def gather(self, candidates: Sequence[Candidate]) -> Gathered:
        """The candidates' texts, as they stand in the editor where they are open there."""
        return gather(self.folders, [self._with_buffer(candidate) for candidate in candidates])

    def _with_buffer(self, candidate: Candidate) -> Candidate:
        document = self._document(candidate.path)
        return evolve(candidate, text=document.text) if document and not document.doubted else candidate

    def mentionable(self) -> list[str]:
        """The files a prompt can mention: those below the folders that may be sent. Walks the disk: not for the
        loop."""
        rules = Rules(self.folders)
        found: list[str] = []
        for root in self.folders.roots:
            for folder, folders, files in os.walk(root):
                folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
                for file in sorted(files):
                    path = Path(folder, file)
                    name = self.folders.name(path)
                    if name and rules.why_not_sent(path, named=False) is None:
                        found.append(name)
                    if len(found) >= _MOST_MENTIONABLE:
                        return found
        return found

    # --- the editor's notifications

    def opened(self, item: types.TextDocumentItem, changes: Changes) -> str | None:
        """`textDocument/didOpen`; returns the file's name where it is one of the workspace's."""
        self.documents.open(item.uri, item.language_id, item.version, item.text)
        path = self.path(item.uri)
        if path:
            changes.opened(path)
        return path

    def changed(self, params: types.DidChangeTextDocumentParams, changes: Changes) -> str | None:
        """`textDocument/didChange`, with the pending hunks following each edit."""
        path = self.path(params.text_document.uri)
        places = self._places.get(key_of(params.text_document.uri), [])
        before = self.documents.get(params.text_document.uri)
        stood = changes.before_edits(path, before.lines) if path and before and not before.doubted else None
        edits: list[TextEdit] | None = []

        def edited(edit: TextEdit, lines: Sequence[str]) -> None:
            if edits is not None:
                edits.append(edit)
            if path:
                changes.edited(path, edit, lines)
            for place in places:
                place.edited(edit, lines)

        def replaced(before: str, after: str) -> None:
            nonlocal edits
            edits = None
            if path:
                changes.replaced(path, before, after)
            for place in places:
                place.replaced(before, after)

        document = self.documents.change(params, edited, replaced)
        if path and stood and not document.doubted:
            changes.after_edits(path, stood, document.lines, edits)
        return path

    def closed(self, uri: str, changes: Changes) -> str | None:
        """`textDocument/didClose`: from here on the disk's text counts."""
        document = self.documents.close(uri)
        for place in self._places.get(key_of(uri), []):
            place.close()
        path = self.path(uri)
        if path and document:
            changes.closed(path, document.text)
        return path

    # --- what happens to files

    def renamed(self, files: Sequence[types.FileRename], changes: Changes) -> None:
        """`workspace/didRenameFiles`: files and folders. What comes from elsewhere, or leaves, is there or isn't."""
        for one in files:
            old, new = self.path(one.old_uri), self.path(one.new_uri)
            if old and new:
                changes.renamed(old, new)
            else:
                changes.looked_at_again([path for path in (old, new) if path])

    def on_disk_changed(self, uris: Iterable[str], changes: Changes) -> bool:
        """Something happened to these files or folders on disk; returns whether any change is about them.

        Told of every file of a workspace, by the ten thousand at times: so names are compared as they are written.
        """
        about: dict[str, set[str]] = {}
        for path in changes.paths():
            key = key_of(self.uri(path))
            while key not in about or path not in about[key]:
                about.setdefault(key, set()).add(path)
                key = key.rpartition("/")[0]
        found = {path for uri in uris for path in about.get(key_of(uri).rstrip("/"), ())}
        changes.looked_at_again(found)
        return bool(found)
