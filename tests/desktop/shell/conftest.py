"""A store, a feed, and a window with two rooms of ours."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.shell.palette import Target
from desktop.shell.window import RoomPlan, Window
from desktop.widgets.place import Place
from desktop.widgets.preferences import Preferences
from sync.store import Store
from tests.desktop.sampled import NOW


class Kitchen(QWidget):
    """A room with everything that a room may have."""

    name = "entry"
    go = Signal(object)
    badge = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.header = QLabel("Quý III/2026")
        self.places: list[Place] = []

    def show_place(self, place: Place) -> None:
        self.places.append(place)


class Cellar(QWidget):
    """A room with nothing but itself."""

    name = "settings"

    def show_place(self, place: Place) -> None:
        raise AssertionError(place)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path)


@pytest.fixture
def built() -> list[str]:
    """The rooms that were built, in order."""
    return []


@pytest.fixture
def opened() -> list[str]:
    """The targets that were opened."""
    return []


@pytest.fixture
def make_window(
    qtbot: QtBot, store: Store, feed: Feed, preferences: Preferences, built: list[str], opened: list[str]
) -> Callable[[], Window]:
    def plan(kind: type[QWidget], icon: str) -> RoomPlan:
        def build(parent: QWidget) -> QWidget:
            built.append(kind.__name__)
            return kind(parent)

        return RoomPlan(str(kind.name), icon, build)  # type: ignore[attr-defined]

    def targets() -> list[Target]:
        return [Target("unit", name, lambda name=name: opened.append(name)) for name in UNITS]  # type: ignore[misc]

    def make() -> Window:
        plans = (plan(Kitchen, "table"), plan(Cellar, "settings"))
        window = Window(plans, store, feed, clock, preferences, targets)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return make


UNITS = ("Thôn An Lợi", "Thôn Ẳng Đông", "Thôn Phú Hòa")


def clock() -> datetime:
    return NOW
