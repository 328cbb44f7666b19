"""Locks between processes, and the owners of what is running: who is still alive can be told without pids or clocks.

Every open store holds the lock of a file `owners/ID.lock` for as long as it lives. The system lets go of it when the
process ends, however it ends, so a lock that can be taken belongs to nobody any more; a process that is merely stopped
or asleep keeps its own. An ID is random and never used twice, so who was found dead stays dead.

What is owned is `store.py`'s business.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from attrs import frozen

from moa_lsp.store.folders import make_private

_POLL = 0.02

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        """Whether the file could be locked. `flock` belongs to the open file, so it also tells two stores of one
        process apart."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@frozen
class Owner:
    """A living store's claim. `id` marks the rows that are its own."""

    id: str
    _path: Path
    _descriptor: int

    def release(self) -> None:
        """Gives the claim up: from now on its rows belong to nobody."""
        _remove_and_close(self._path, self._descriptor)


def claim(owners: Path) -> Owner:
    """A new owner in that folder. Raises `OSError` where the folder can't be written to or can't be locked in."""
    make_private(owners)
    while True:
        id = uuid4().hex
        path = owners / f"{id}.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            # Between its creation and its lock, another process may have taken the file for a dead owner's.
            if _lock(descriptor) and _is_at(descriptor, path):
                return Owner(id, path, descriptor)
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)


def is_alive(owners: Path, id: str) -> bool:
    """Whether the owner still lives. A dead one's file is removed; where it can't be told, the answer is yes."""
    path = owners / f"{id}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        alive = not _lock(descriptor)
    except OSError:
        alive = True
    if alive:
        os.close(descriptor)
    else:
        _remove_and_close(path, descriptor)
    return alive


def living(owners: Path) -> set[str]:
    """The ids of all who are alive; what the dead left in the folder is removed."""
    return {path.stem for path in owners.glob("*.lock") if is_alive(owners, path.stem)}


@contextmanager
def exclusively(path: Path, seconds: float) -> Generator[None]:
    """Holds the lock of that file, waiting for it up to so many seconds. Raises `TimeoutError`, or `OSError` as
    `os.open` does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not _lock(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process holds {path}")
            time.sleep(_POLL)
        yield
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _remove_and_close(path: Path, descriptor: int) -> None:
    """Removes a file whose lock is held, before the lock is let go; on Windows after, where open files can't be removed
    (and where, for the same reason, this fails harmlessly if somebody else has opened it meanwhile)."""
    if sys.platform == "win32":
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
    else:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)
