"""The workspace folder on disk: reading files, and writing several of them or none.

Rules:
- No link is followed: each folder on the way to a file is opened from the one above it, so that a link made between the
  check and the write leads nowhere. (Windows has no such calls; there the names are checked before each use.)
- Everything is written aside, in the same folder, before the first file is put in its place; then each is compared once
  more with what the edit was made for. What fails half-way is taken back.
- A new file never takes the place of an existing one.

What is to be written is `workspace_edit.py`'s and `edited_text.py`'s.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import field, frozen

from moa_lsp.terminal.edited_text import Refused

_BY_DESCRIPTOR = os.open in os.supports_dir_fd
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_READ = os.O_RDONLY | _NOFOLLOW | _BINARY | getattr(os, "O_NONBLOCK", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _BINARY


@frozen
class Entry:
    """A file: its bytes, and its permission bits (`None`: as new files get them)."""

    data: bytes
    mode: int | None = None


@frozen
class _Place:
    """A file's name in its folder: relative to an open folder, or, without one, the whole path."""

    name: str
    folder: int | None

    def beside(self, name: str) -> _Place:
        return _Place(name if self.folder is not None else str(Path(self.name).with_name(name)), self.folder)


@frozen
class Folder:
    """A workspace folder. Paths in and out are relative to it, with links in their folders resolved."""

    root: Path = field(converter=lambda path: Path(path).resolve())  # pyright: ignore[reportUnknownLambdaType]

    def inside(self, path: Path) -> Path:
        """The absolute path, relative to this folder. Raises `Refused` where it leads, or might lead, outside."""
        if ".." in path.parts or not path.is_absolute() or not path.name:
            raise Refused(f"{path} is no path to a file in the workspace folder")
        try:
            return path.parent.resolve().relative_to(self.root) / path.name
        except ValueError:
            raise Refused(f"{path} leads outside the workspace folder {self.root}") from None
        except (OSError, RuntimeError):
            raise Refused(f"{path} can't be resolved") from None

    def read(self, path: Path) -> Entry | None:
        """The file, or `None` where there is none. Raises `Refused` for links and for what is no regular file."""
        try:
            with self._place(path) as place:
                return _read(place, path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refused(f"{path} can't be read: {error.strerror}") from error

    def write(self, before: Mapping[Path, Entry | None], after: Mapping[Path, Entry | None]) -> None:
        """Turns each file from what it was `before` into what it is `after` (`None`: no file), all of them or none.

        Raises `Refused`, with everything as it was, where a file isn't what it was before, or a write fails.
        """
        undo: list[Callable[[], None]] = []
        try:
            asides = {path: self._write_aside(path, entry, undo) for path, entry in after.items() if entry is not None}
            for path in after:
                if self.read(path) != before[path]:
                    raise Refused(f"{path} changed in the meantime")
            for path, entry in after.items():
                self._put(path, before[path], entry, asides.get(path), undo)
        except BaseException as error:
            left = [str(problem) for problem in map(_attempt, reversed(undo)) if problem is not None]
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            if left:
                reason += f"; taking it back failed as well ({'; '.join(left)}): look at these files before you go on"
            if isinstance(error, (OSError, Refused)):
                raise Refused(reason) from error
            raise

    def _write_aside(self, path: Path, entry: Entry, undo: list[Callable[[], None]]) -> str:
        """Writes the bytes beside their file, down to the disk, and returns the name they have there."""
        name = f".moa-{secrets.token_hex(8)}.tmp"
        self._make_folders(path.parent, undo)
        with self._place(path) as file:
            place = file.beside(name)
            descriptor = os.open(place.name, _CREATE, 0o666 if entry.mode is None else 0o600, dir_fd=place.folder)
            undo.append(lambda: self._remove(path.with_name(name)))
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(entry.data)
                stream.flush()
                os.fsync(stream.fileno())
            if entry.mode is not None:
                os.chmod(place.name, entry.mode, dir_fd=place.folder)
        return name

    def _make_folders(self, path: Path, undo: list[Callable[[], None]]) -> None:
        for parent in reversed([path, *path.parents][:-1]):
            with self._place(parent) as place, suppress(FileExistsError):
                os.mkdir(place.name, dir_fd=place.folder)
                undo.append(lambda parent=parent: self._remove_folder(parent))

    def _put(
        self, path: Path, before: Entry | None, after: Entry | None, aside: str | None, undo: list[Callable[[], None]]
    ) -> None:
        with self._place(path) as place:
            if before is None and after is not None:
                # Only we can have made this empty file, so what is replaced next is nobody's.
                os.close(os.open(place.name, _CREATE, 0o600, dir_fd=place.folder))
                undo.append(lambda: self._remove(path))
            if aside is not None:
                if before is not None:
                    undo.append(lambda: self._put_back(path, before))
                source = place.beside(aside)
                os.replace(source.name, place.name, src_dir_fd=source.folder, dst_dir_fd=place.folder)
            elif before is not None:
                undo.append(lambda: self._put_back(path, before))
                os.unlink(place.name, dir_fd=place.folder)
            if place.folder is not None:
                with suppress(OSError):
                    os.fsync(place.folder)  # some file systems can't; the file itself is on the disk by now

    def _put_back(self, path: Path, entry: Entry) -> None:
        name = self._write_aside(path, entry, [])
        with self._place(path) as place:
            source = place.beside(name)
            os.replace(source.name, place.name, src_dir_fd=source.folder, dst_dir_fd=place.folder)

    def _remove(self, path: Path) -> None:
        with self._place(path) as place, suppress(FileNotFoundError):
            os.unlink(place.name, dir_fd=place.folder)

    def _remove_folder(self, path: Path) -> None:
        with self._place(path) as place:
            os.rmdir(place.name, dir_fd=place.folder)

    @contextmanager
    def _place(self, path: Path) -> Generator[_Place]:
        """Where the file lies, reached without following a link."""
        if not _BY_DESCRIPTOR:
            self.inside(self.root / path)
            yield _Place(str(self.root / path), None)
            return
        flags = os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW
        folder = os.open(self.root, flags)
        try:
            for part in path.parent.parts:
                below = os.open(part, flags, dir_fd=folder)
                os.close(folder)
                folder = below
            yield _Place(path.name, folder)
        finally:
            os.close(folder)


def _read(place: _Place, path: Path) -> Entry:
    found = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        raise Refused(f"{path} is a link, and links are not followed")
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"{path} is no regular file")
    with os.fdopen(os.open(place.name, _READ, dir_fd=place.folder), "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise Refused(f"{path} is no regular file")
        return Entry(stream.read(), stat.S_IMODE(mode))


def _attempt(step: Callable[[], None]) -> Exception | None:
    """Takes one step back; the others are tried whether or not this one works."""
    try:
        step()
    except (OSError, Refused) as error:
        return error
    return None
