"""The total stays at the right edge while the villages scroll under it, and is worked as any cell."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets.place import Place
from sync.store import Store
from tests.desktop.entry.conftest import open_room
from tests.desktop.entry.test_room import grid as grid_in
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import K, press
from tests.desktop.sampled import catalogue, enrol, fill

TOTAL = 10


@pytest.fixture
def room(store: Store, feed: Feed, settings: QSettings, qtbot: QtBot) -> Iterator[EntryRoom]:
    """Ten villages, of which the window shows five or so."""
    enrol(store)
    fill(store)
    made = open_room(store, catalogue(), feed, settings, qtbot)
    made.show_place(Place("entry", form="village_quarter", period="A2026Q2"))
    QApplication.processEvents()
    yield made
    QApplication.processEvents()
    made.close()


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    return view_of(room)


@pytest.fixture
def grid(room: EntryRoom) -> GridModel:
    return grid_in(room)


def held(view: GridView) -> int:
    """Where the total is held."""
    found = view.pinned.left
    assert found is not None
    return found


def on_screen(view: GridView) -> QImage:
    """What stands on the screen by now, painted bit by bit as things moved."""
    QApplication.processEvents()
    viewport, window = view.viewport(), view.window()
    at = viewport.mapTo(window, QPoint(0, 0))
    picture = view.screen().grabWindow(window.winId(), at.x(), at.y(), viewport.width(), viewport.height())
    return picture.toImage().convertToFormat(QImage.Format.Format_RGB32)


def grabbed(view: GridView) -> QImage:
    """The same, painted anew."""
    return view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_the_total_is_in_sight_though_its_column_is_not(view: GridView, grid: GridModel) -> None:
    assert view.columnViewportPosition(TOTAL) > view.viewport().width()
    assert held(view) == view.viewport().width() - view.columnWidth(TOTAL)
    assert view.visualRect(grid.index(2, TOTAL)).left() == held(view)
    assert view.visualRect(grid.index(2, 1)).left() == view.columnViewportPosition(1)


def test_a_click_on_it_chooses_it_and_scrolls_nowhere(view: GridView, grid: GridModel) -> None:
    at = view.visualRect(grid.index(2, TOTAL)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert (view.currentIndex().row(), view.currentIndex().column()) == (2, TOTAL)
    assert view.horizontalScrollBar().value() == 0
    press(view, K.Key_Home)
    assert view.currentIndex().column() == 0


def test_a_press_on_its_heading_chooses_the_column(view: GridView) -> None:
    heading = view.horizontalHeader().viewport()
    QTest.mouseClick(heading, Qt.MouseButton.LeftButton, pos=QPoint(held(view) + 5, heading.height() // 2))
    block = view.selection.block
    assert (block.left, block.right) == (TOTAL, TOTAL)


def test_no_village_ends_up_beneath_it(view: GridView, grid: GridModel) -> None:
    for column in range(TOTAL):
        view.selection.only(grid.index(2, column))
        area = view.visualRect(grid.index(2, column))
        assert area.left() >= 0
        assert area.right() < (view.pinned.left or view.columnViewportPosition(TOTAL))
    for column in range(TOTAL - 1, -1, -1):
        view.selection.only(grid.index(2, column))
        assert view.visualRect(grid.index(2, column)).left() >= 0


def test_at_the_end_it_stands_where_it_belongs(view: GridView) -> None:
    bar = view.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert view.pinned.left is None
    assert view.columnViewportPosition(TOTAL) == view.viewport().width() - view.columnWidth(TOTAL)


def test_a_drag_beyond_the_edge_reaches_more_villages(view: GridView, grid: GridModel) -> None:
    start = view.visualRect(grid.index(2, 1)).center()
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for beyond in (20, 30, 40, 50):
        QTest.mouseMove(view.viewport(), QPoint(view.viewport().width() + beyond, start.y()))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert 3 <= view.selection.block.right < TOTAL
    assert view.horizontalScrollBar().value() > 0


def test_what_scrolls_leaves_nothing_behind(view: GridView) -> None:
    across, down = view.horizontalScrollBar(), view.verticalScrollBar()
    on_screen(view)
    for bar, steps in ((across, (3, 40, 200, across.maximum(), 90, 0)), (down, (5, 60, down.maximum(), 20, 0))):
        for value in steps:
            bar.setValue(value)
            assert on_screen(view) == grabbed(view), (bar is across, value)


def test_a_window_of_few_columns_holds_nothing(view: GridView) -> None:
    view.setFixedWidth(view.verticalHeader().width() + 2 * view.columnWidth(TOTAL))
    QApplication.processEvents()
    assert view.pinned.left is None
