"""Where moa-lsp's own files lie: discussions, settings, the log, and what can be made again.

The platform decides (platformdirs), unless `MOA_DATA_DIR` or `MOA_CONFIG_DIR` name other folders: with `MOA_DATA_DIR`,
the log and the cache lie in it too, so that a portable install leaves nothing elsewhere. Nothing is created by asking
for the folders; whoever writes into one makes it with `make_private`. Never here: what lies in them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from platformdirs import PlatformDirs

NAME = "moa-lsp"
DATA_VARIABLE = "MOA_DATA_DIR"
CONFIG_VARIABLE = "MOA_CONFIG_DIR"


@frozen
class Folders:
    """Absolute paths of folders, which may not exist yet.

    `data` holds the discussions, `config` the user's `config.toml`, `log` the log files, `cache` what may be deleted
    at any time.
    """

    data: Path
    config: Path
    log: Path
    cache: Path


def folders(environment: Mapping[str, str] | None = None) -> Folders:
    """The folders of this user. `environment` is `os.environ` where it isn't given; an empty variable counts as
    unset."""
    environment = os.environ if environment is None else environment
    platform = PlatformDirs(NAME, appauthor=False)
    config = _named(environment, CONFIG_VARIABLE) or platform.user_config_path
    if data := _named(environment, DATA_VARIABLE):
        return Folders(data, config, data / "log", data / "cache")
    return Folders(platform.user_data_path, config, platform.user_log_path, platform.user_cache_path)


def _named(environment: Mapping[str, str], variable: str) -> Path | None:
    value = environment.get(variable, "").strip()
    return Path(value).expanduser().absolute() if value else None


def make_private(folder: Path) -> None:
    """Makes the folder, for this user alone. One that exists keeps its permissions: the user may have named any folder.

    Raises `OSError` where it can't be made, or where something that is no folder bears its name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
