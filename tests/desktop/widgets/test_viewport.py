"""A viewport that is made here is as Qt makes its own."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QHeaderView, QTableView
from pytestqt.qtbot import QtBot

from desktop.widgets.viewport import give_viewport


@pytest.mark.parametrize(
    ("of_header", "ground", "tracks_mouse"),
    [(False, QPalette.ColorRole.Base, False), (True, QPalette.ColorRole.Button, True)],
)
def test_it_has_all_that_qt_gives_its_own(
    qtbot: QtBot, of_header: bool, ground: QPalette.ColorRole, tracks_mouse: bool
) -> None:
    def traits(view: QAbstractScrollArea) -> tuple[object, ...]:
        qtbot.addWidget(view)
        inner = view.viewport()
        whole = (inner.backgroundRole(), inner.autoFillBackground(), inner.hasMouseTracking(), inner.focusPolicy())
        return (*whole, inner.acceptDrops(), inner.focusProxy() is view, inner.parent() is view)

    def made() -> QAbstractScrollArea:
        return QHeaderView(Qt.Orientation.Vertical) if of_header else QTableView()

    ours = made()
    give_viewport(ours, ground, tracks_mouse)
    assert traits(ours) == traits(made())
