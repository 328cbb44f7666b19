"""The settings of a workspace's folders: each its own, and what is agreed to in each of them is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from moa_lsp.discussion.values import Architect
from moa_lsp.session.configuration import Configuration, Configurations
from moa_lsp.settings.files import read_project
from moa_lsp.store.store import Store, open_store


def moa(root: Path, address: str, name: str = "alpha") -> None:
    root.mkdir(exist_ok=True)
    text = f'[[architects]]\nname = "{name}"\nmodel = "openai/{name}"\napi_base = "http://{address}.example"\n'
    (root / "moa.toml").write_text(text)


async def nobody() -> tuple[Architect, ...]:
    return ()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data").store
    yield opened
    opened.close()


def configuration(root: Path | None, store: Store, *, trusted: bool = True) -> Configuration:
    return Configuration(
        root, lambda: None, lambda: read_project(root) if root else None, nobody, store, trusted=trusted
    )


def addresses(one: Configuration) -> list[str | None]:
    return [architect.api_base for architect in one.settings.lineup().architects]


def test_the_first_look_in_a_trusted_folder_is_the_yes_and_it_is_kept(tmp_path: Path, store: Store) -> None:
    root = tmp_path / "a"
    moa(root, "one")
    assert addresses(configuration(root, store, trusted=False)) == [None]
    assert addresses(configuration(root, store)) == ["http://one.example"], "untrusted sessions agree to nothing"
    moa(root, "two")
    later = configuration(root, store)
    assert addresses(later) == [None]
    assert "http://two.example" in later.question(later.withheld)
    later.agree(later.withheld)
    assert addresses(later) == ["http://two.example"]
    for address in ("one", "two"):
        moa(root, address)
        assert addresses(configuration(root, store)) == [f"http://{address}.example"]


def test_a_folder_that_was_trusted_without_settings_is_asked_about_its_first_ones(tmp_path: Path, store: Store) -> None:
    root = tmp_path / "a"
    root.mkdir()
    assert addresses(configuration(root, store)) == []
    moa(root, "one")
    assert addresses(configuration(root, store)) == [None]
    other = tmp_path / "b"
    moa(other, "one")
    assert addresses(configuration(other, store)) == ["http://one.example"], "each folder is trusted by itself"


def test_another_name_of_a_folder_is_the_same_folder(tmp_path: Path, store: Store) -> None:
    root, link = tmp_path / "a", tmp_path / "link"
    moa(root, "one")
    link.symlink_to(root)
    configuration(link, store).read()
    moa(root, "two")
    assert addresses(configuration(root, store)) == [None]


def test_folders_come_and_go(tmp_path: Path, store: Store) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    moa(a, "one", "ada")
    moa(b, "two", "bo")
    all_of_them = Configurations(lambda root: configuration(root, store))
    all_of_them.follow([])
    assert all_of_them.first.folder is None
    all_of_them.follow([a, b])
    first, second = all_of_them
    assert all_of_them.of(str(b.resolve())) is second
    assert all_of_them.of(None) is all_of_them.of("/nowhere") is first is all_of_them.first
    assert addresses(second) == ["http://two.example"]
    all_of_them.follow([b])
    assert list(all_of_them) == [second], "what is known of a folder that stays is kept"
    all_of_them.follow([b, a, b])
    assert [one.root for one in all_of_them] == [b, a]
