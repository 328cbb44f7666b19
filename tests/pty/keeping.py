"""What was on the screens when a test failed, kept with its report."""

from __future__ import annotations

import pytest

from tests.pty.screen import Screen

SCREENS = pytest.StashKey[list[Screen]]()


def keep(node: pytest.Item, screen: Screen) -> None:
    """Has that screen shown should this test fail."""
    node.stash.setdefault(SCREENS, []).append(screen)


def add_screens(item: pytest.Item, report: pytest.TestReport) -> None:
    """For `pytest_runtest_makereport`."""
    if report.failed:
        for number, screen in enumerate(item.stash.get(SCREENS, list[Screen]()), 1):
            report.sections.append((f"screen {number}", screen.text.rstrip()))
