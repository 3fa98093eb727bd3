"""Every desktop test begins in Vietnamese and light; and the sample commune's PC before and after a first sync."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from desktop.feed import Feed
from desktop.widgets import theme, words
from sync.store import Store
from tests.desktop.sampled import enrol, fill

_SOME: Final = 50_000
"""New objects that are worth a look."""


@pytest.fixture(autouse=True)
def plain_look(qapp: QApplication) -> Iterator[None]:
    words.set_language("vi")
    theme.apply(qapp, "light", 100)
    yield
    words.set_language("vi")
    theme.apply(qapp, "light", 100)


@pytest.fixture(autouse=True)
def swept(qapp: QApplication) -> Iterator[None]:
    """Take away what a test leaves as the program does: here and now, as an event loop would.

    A thread that happened to look for garbage would destroy widgets of tests before on the wrong one.
    """
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if gc.get_count()[0] > _SOME:
        gc.collect()
    gc.enable()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """A new PC that belongs to nobody."""
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    _end(opened)


@pytest.fixture
def store(empty: Store) -> Store:
    """The commune officer's PC after the first sync."""
    enrol(empty)
    fill(empty)
    return empty


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens the PC's folder again, as another start of the program does; with another catalogue's version if given."""
    opened: list[Store] = []

    def again(version: str = "") -> Store:
        opened.append(Store.open(tmp_path / "data", bytes(32), version))
        return opened[-1]

    yield again
    _end(*opened)


def _end(*stores: Store) -> None:
    # Widgets are closed by now, but a timer of theirs would still find a store that is closed.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for store in stores:
        store.close()


@pytest.fixture
def feed() -> Feed:
    return Feed()
