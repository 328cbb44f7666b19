"""Screens compared as text with what they looked like when somebody last looked at them: files `goldens/NAME.txt`.

With `--update` what came out is written instead, to be read in the diff. Only for screens that are the same each time:
what differs from run to run (seconds, ports, ids) is blanked out.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import frozen

_SECONDS = re.compile(r"\d+\.\d s|\d+ s\b")
_NAMES = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=moa://)[0-9a-f]+(?=/)|(?<=m//)\w(?=/)")


@frozen
class Goldens:
    folder: Path
    update: bool

    def check(self, name: str, screen: str) -> None:
        """Fails where the screen isn't what stands in the file, with both in full."""
        file = self.folder / f"{name}.txt"
        now = "\n".join(_plain(line) for line in screen.split("\n")).rstrip() + "\n"
        if self.update:
            file.parent.mkdir(exist_ok=True)
            file.write_text(now)
        elif not file.exists():
            pytest.fail(f"there is no {file}: with --update it is written. It would be\n{now}")
        elif (before := file.read_text()) != now:
            pytest.fail(f"{name} looks otherwise (--update takes it over). Before:\n{before}\nNow:\n{now}")


def _plain(line: str) -> str:
    return _NAMES.sub("?", _SECONDS.sub(lambda found: "?" * len(found.group()), line)).rstrip()
