"""What was on the screens when a test failed, kept with its report."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.pty.screen import Screen

SCREENS = pytest.StashKey[list[Screen]]()


def keep(node: pytest.Item, screen: Screen) -> None:
    """Has that screen shown should this test fail."""
    node.stash.setdefault(SCREENS, []).append(screen)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A `conftest.py` that imports this has the screens of its failed tests shown."""
    report = yield
    if report.failed:
        for number, screen in enumerate(item.stash.get(SCREENS, list[Screen]()), 1):
            report.sections.append((f"screen {number}", screen.text.rstrip()))
    return report
