"""The workspace's folders: which files lie within them, and by what names models and users know these files.

Rules:
- A file lies within a folder when its name does after every link in it is resolved. Names are compared part by part,
  never as strings (`/w/app` doesn't hold `/w/app-evil`); where they differ, the file system says whether two folders
  are the same one, so that letter case and Unicode forms count as they do on the disk. A check that fails refuses.
- A link that leads outside its folder is refused; one that stays within is fine, and keeps its own name.
- A file's name has `/`, and is relative to its folder. The first folder's files have no prefix; those of the others
  begin with their folder's name (`lib/src/a.py`), numbered where another folder, or something in the first one, bears
  it already (`lib-2/src/a.py`). A file in two folders, one within the other, belongs to the inner one.
- Paths go out as the editor spelt the folders, not resolved: they must match the editor's own documents.

What may be sent is `ignore.py`'s; what may be written, the edits room's.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from attrs import field, frozen

OUTSIDE = "lies outside the workspace's folders"
LINK_OUTSIDE = "is a link that leads outside its workspace folder"

_DRIVE = re.compile(r"[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


@frozen
class Refusal:
    """Why a name or a path is none of a file in the workspace. `reason` completes "it …", for the user."""

    reason: str


@frozen
class Place:
    """A file of the workspace (it need not exist): its folder as the editor spelt it, its path inside that folder,
    the same with every link resolved, and the name it goes by. All but `root` have `/`."""

    root: Path
    inside: str
    real: str
    name: str


@frozen
class Folders:
    """The workspace's folders, absolute, the main one first. What the others are called is settled once, here: a name
    that a pending change or a stored round holds must not come to mean another file."""

    roots: tuple[Path, ...]
    _labels: dict[str, Path] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_labels", _labels(self.roots))

    def locate(self, path: Path) -> Place | Refusal:
        """Where an absolute path lies in the workspace."""
        if not path.is_absolute():
            return Refusal("is not an absolute path")
        if _unprintable(str(path)):
            return Refusal("has control characters in its name")
        real = _resolved(path)
        if isinstance(real, Refusal):
            return real
        deepest_first = sorted(self.roots, key=lambda root: -len(root.parts))
        named = [root for root in deepest_first if ".." not in path.parts and path.is_relative_to(root)]
        for root in named:
            if (inside := _within(root, real)) is not None:
                return self._place(root, path.relative_to(root).as_posix(), inside)
        if named:
            return Refusal(LINK_OUTSIDE)
        for root in deepest_first:
            if (inside := _within(root, real)) is not None:
                return self._place(root, inside, inside)
        return Refusal(OUTSIDE)

    def relative(self, path: Path) -> tuple[Path, str] | None:
        """The folder a path lies in, and its path inside; `None` where it lies in none."""
        place = self.locate(path)
        return (place.root, place.inside) if isinstance(place, Place) else None

    def name(self, path: Path) -> str | None:
        """The name a path goes by, which `resolve` takes back; `None` where it lies in no folder."""
        place = self.locate(path)
        return place.name if isinstance(place, Place) else None

    def resolve(self, name: str) -> Path | Refusal:
        """The path that a name means, which need not exist. The name may come from a model: whatever isn't plainly a
        path below a folder is refused."""
        if reason := _odd(name) or _odd(unquote(name)):
            return Refusal(reason)
        if not self.roots:
            return Refusal("names a file, but no folder is open")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        root = self.roots[0]
        if labelled := self._labels.get(parts[0]):
            root, parts = labelled, parts[1:]
        if not parts:
            return Refusal("is a workspace folder itself")
        path = root.joinpath(*parts)
        real = _resolved(path)
        if isinstance(real, Refusal):
            return real
        return path if _within(root, real) is not None else Refusal(LINK_OUTSIDE)

    def _place(self, root: Path, inside: str, real: str) -> Place | Refusal:
        if inside == "." or real == ".":
            return Refusal("is a workspace folder itself")
        if root == self.roots[0]:
            if inside.split("/")[0] in self._labels:
                return Refusal("goes by the name of another workspace folder")
            return Place(root, inside, real, inside)
        label = next(label for label, labelled in self._labels.items() if labelled == root)
        return Place(root, inside, real, f"{label}/{inside}")


def _labels(roots: tuple[Path, ...]) -> dict[str, Path]:
    """What the names of the files in each folder but the first begin with."""
    labels: dict[str, Path] = {}
    for root in roots[1:]:
        label, number = root.name or "root", 1
        while label in labels or os.path.lexists(roots[0] / label):
            number += 1
            label = f"{root.name or 'root'}-{number}"
        labels[label] = root
    return labels


def _resolved(path: Path) -> Path | Refusal:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return Refusal("can't be followed to a file (a link that leads to itself, or a name that can be no file's)")


def _within(root: Path, real: Path) -> str | None:
    """The path of a resolved name inside a folder, "." for the folder itself; `None` where it isn't inside."""
    top = _resolved(root)
    if isinstance(top, Refusal):
        return None
    if real.is_relative_to(top):
        return real.relative_to(top).as_posix()
    for folder in (real, *real.parents):
        try:
            if folder.samefile(top):
                return real.relative_to(folder).as_posix()
        except OSError:
            continue
    return None


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


def _odd(name: str) -> str | None:
    """Why a name can't be one of a file below a folder, by its letters alone."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts:
        return "names no file"
    if _unprintable(name):
        return "has control characters in its name"
    if _SCHEME.match(name) or _DRIVE.match(name) or name.startswith(("/", "~")):
        return "is not a path relative to a workspace folder"
    if "\\" in name:
        return "has backslashes in its name"
    if ".." in parts:
        return "leads upwards"
    if any(part.endswith((".", " ")) or "::" in part for part in parts):
        return "has a name that Windows reads as another one"
    if os.name == "nt" and any(_DEVICE.fullmatch(part) for part in parts):
        return "is a device's name"
    return None
