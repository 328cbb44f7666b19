"""What holds for every test: no network but loopback, folders and an environment of its own, and hypothesis' settings.

- In this process a connection or a look-up that leaves the machine raises `NetworkClosed`. It isn't an `OSError`, so
  that code which copes with a failed connection doesn't cope with this one too.
- `MOA_DATA_DIR` and `MOA_CONFIG_DIR` name fresh folders, and no provider's key or address is in the environment: a
  process that a test starts can neither see the developer's discussions nor spend their money.

Fixtures that only some tests need live beside those tests.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("moa", deadline=None)
# The same examples in every run: a red build means that the change in it is at fault.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "moa")

_PROVIDER_VARIABLES = ("_API_KEY", "_API_BASE", "_BASE_URL", "_PROXY")


class NetworkClosed(RuntimeError):
    """A test tried to leave the machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update`, for tests with data files: an option that only some tests need can't be added beside them."""
    parser.addoption("--update", action="store_true", help="write what came out into the data files")


def pytest_configure(config: pytest.Config) -> None:
    """Closes the network before the first test module is imported."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _only_to_loopback(getattr(socket.socket, name)))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        patch.setattr(socket, name, _only_loopback_names(getattr(socket, name)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test printed and logged as any process can be sent it: some tests are about half a surrogate pair, which
    has no UTF-8, and what isn't sent ends the whole run where tests run side by side."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report


@pytest.fixture(autouse=True)
def _own_environment(  # pyright: ignore[reportUnusedFunction]  (pytest uses it)
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Not below `tmp_path`: that is often a test's workspace, whose files are counted.
    home = tmp_path_factory.mktemp("moa")
    monkeypatch.setenv("MOA_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("MOA_CONFIG_DIR", str(home / "config"))
    for name in list(os.environ):
        if name.upper().endswith(_PROVIDER_VARIABLES):
            monkeypatch.delenv(name)


def _only_to_loopback(real: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        # The address is the last argument of all three.
        if self.family in (socket.AF_INET, socket.AF_INET6) and arguments:
            _check(arguments[-1][0])
        return real(self, *arguments)

    return guarded


def _only_loopback_names(real: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        _check(host)
        return real(host, *arguments, **options)

    return guarded


def _check(host: str | bytes | None) -> None:
    """Lets loopback pass, by number or by name, and `None`, which binds; raises `NetworkClosed` for all else."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NetworkClosed(f"a test may only reach loopback, not {name!r}")
