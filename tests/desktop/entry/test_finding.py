"""Ctrl+F in the grid."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.entry.finding import FindBar, found_in
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.widgets.words import say
from tests.desktop.entry.conftest import FIRST, SECOND, THIRD
from tests.desktop.entry.test_model import at, counted
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, SHIFT, K, here, press

EDIT = Qt.ItemDataRole.EditRole


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    return view_of(room)


@pytest.mark.parametrize(
    ("query", "cells"),
    [
        ("ho ngheo", [(2, 0), (3, 0)]),
        ("ct20", [(5, 0)]),
        ("ang dong", [(1, 2)]),
        ("Hòa", [(1, 1)]),
        ("1187", [(1, 1)]),
        ("1.187", [(1, 1)]),
        ("2,8", [(5, 1)]),
        ("du roi", [(6, 2)]),
        ("khong thu thap", []),
        ("k.thu", [(2, 2)]),
        ("   ", []),
        ("xyz", []),
    ],
)
def test_headings_and_values_are_found_without_accents(
    grid: GridModel, query: str, cells: list[tuple[int, int]]
) -> None:
    grid.setData(at(grid, "households", SECOND), "1187", EDIT)
    grid.setData(at(grid, "area", SECOND), "2,88", EDIT)
    grid.setData(at(grid, "remark", THIRD), "Đủ rồi", EDIT)
    grid.mark_missing([(2, 2)], "not_collected")
    assert counted(grid).filled == 4
    assert found_in(grid, query, 0) == cells


def test_the_keys_of_finding(room: EntryRoom, view: GridView) -> None:
    press(view, K.Key_F, held=CTRL)
    bar = room.findChild(FindBar)
    assert bar is not None
    field = bar.findChild(QLineEdit)
    assert field is not None
    assert field.hasFocus()
    QTest.keyClicks(field, "ngheo")
    assert here(view) == ("poor", FIRST)
    QTest.keyClick(field, K.Key_Return)
    assert here(view) == ("poor_rate", FIRST)
    QTest.keyClick(field, K.Key_Return, SHIFT)
    assert here(view) == ("poor", FIRST)
    field.clear()
    QTest.keyClicks(field, "phu hoa")
    assert here(view) == ("households", SECOND)
    QTest.keyClicks(field, "xx")
    assert say("entry.find.nothing") in [label.text() for label in bar.findChildren(type(bar._count))]
    QTest.keyClick(field, K.Key_Escape)
    assert not bar.isVisible()
    assert view.hasFocus()


def test_f3_goes_on_without_the_bar(room: EntryRoom, view: GridView) -> None:
    press(view, K.Key_F, held=CTRL)
    bar = room.findChild(FindBar)
    assert bar is not None
    field = bar.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "ngheo")
    QTest.keyClick(field, K.Key_Escape)
    assert here(view) == ("poor", FIRST)
    press(view, K.Key_F3)
    assert here(view) == ("poor_rate", FIRST)
    press(view, K.Key_F3)
    assert here(view) == ("poor", FIRST), "from the last to the first"
    press(view, K.Key_F3, held=SHIFT)
    assert here(view) == ("poor_rate", FIRST)
