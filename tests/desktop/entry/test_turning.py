"""Rows and columns turned: indicators × periods of one village, villages × periods of one indicator."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from desktop.entry.layout import Turn, periods_to
from desktop.entry.model import GridModel
from desktop.entry.room import EntryRoom
from desktop.entry.view import GridView
from desktop.feed import Feed
from desktop.widgets.marks import Mark
from desktop.widgets.words import say
from sync.domain.catalogue import Catalogue
from sync.domain.keys import UNIT, Key
from sync.domain.units import Unit, UnitKind
from sync.store import ChangeSet, Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND, THIRD, VILLAGES, grid_of, open_room
from tests.desktop.entry.test_model import counted, key
from tests.desktop.entry.test_room import grid
from tests.desktop.entry.test_room import view as view_of
from tests.desktop.entry.test_view import CTRL, K, press, type_in
from tests.desktop.sampled import COMMUNE, clock, receive

EDIT = Qt.ItemDataRole.EditRole
PERIODS = periods_to(PERIOD, 4)
BEFORE = PERIOD.previous


@pytest.fixture
def view(room: EntryRoom) -> GridView:
    return view_of(room)


def by_period(store: Store, catalogue: Catalogue, feed: Feed) -> GridModel:
    return grid_of(store, catalogue, feed, [FIRST], PERIODS, Turn.PERIODS)


def by_unit(store: Store, catalogue: Catalogue, feed: Feed, item: str = "households") -> GridModel:
    return grid_of(store, catalogue, feed, list(VILLAGES), PERIODS, Turn.INDICATOR, item)


def test_columns_are_periods_of_one_unit(commune: Store, catalogue: Catalogue, feed: Feed, qtbot: QtBot) -> None:
    model = by_period(commune, catalogue, feed)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [model.heading(column) for column in range(4)] == [
        "Quý I/2026",
        "Quý II/2026",
        "Quý III/2026",
        "Quý IV/2026",
    ]
    assert model.setData(model.index(1, 2), "312", EDIT)
    assert model.setData(model.index(2, 2), "9", EDIT)
    shown = commune.shown(key("households", period=BEFORE.code))
    assert shown is not None
    assert shown.content == "312"
    assert model.index(3, 2).data() == "2,88"
    assert model.face(1, 3).before == "312", "what a period says stands beside the next one's"
    assert model.face(3, 3).before == "2,88"
    model.setData(model.index(2, 2), "400", EDIT)
    assert model.face(2, 2).corner is Mark.ERROR
    assert model.face(2, 3).corner is None
    assert counted(model).errors == 1
    assert counted(model).cells == 16


def test_rows_are_units_of_one_indicator(commune: Store, catalogue: Catalogue, feed: Feed, qtbot: QtBot) -> None:
    model = by_unit(commune, catalogue, feed)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [model.line_title(row) for row in range(3)] == list(VILLAGES.values())
    assert model.setData(model.index(1, 3), "312", EDIT)
    shown = commune.shown(key("households", SECOND))
    assert shown is not None
    assert shown.content == "312"
    assert counted(model).cells == 12
    assert counted(model).filled == 1
    feed.changed.emit(ChangeSet(receive(commune, [(key("households", THIRD, BEFORE.code), ["5"])])))
    assert model.index(2, 2).data() == "5"
    assert model.face(2, 3).before == "5"
    assert "Thôn Phú Hòa. Quý IV/2026. 312 hộ" in model.index(1, 3).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_rule_s_other_indicator_marks_the_cell_too(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    model = by_unit(commune, catalogue, feed, "poor")
    model.setData(model.index(0, 3), "9", EDIT)
    assert model.face(0, 3).corner is None
    feed.changed.emit(commune.record_changes([(key("households"), "5")], "Hoa", clock()()))
    assert model.face(0, 3).corner is Mark.ERROR
    assert counted(model).errors == 1


def test_a_computed_indicator_cannot_be_typed(commune: Store, catalogue: Catalogue, feed: Feed) -> None:
    model = by_unit(commune, catalogue, feed, "poor_rate")
    assert not model.setData(model.index(0, 0), "5", EDIT)
    feed.changed.emit(commune.record_changes([(key("households"), "100"), (key("poor"), "3")], "Hoa", clock()()))
    assert model.index(0, 3).data() == "3,00"


def test_a_village_s_new_name_reaches_its_row(commune: Store, catalogue: Catalogue, feed: Feed, qtbot: QtBot) -> None:
    model = by_unit(commune, catalogue, feed)
    renamed = Unit(FIRST, UnitKind.VILLAGE, "Thôn An Sơn Đông")
    with qtbot.waitSignal(model.headerDataChanged):
        feed.changed.emit(ChangeSet(receive(commune, [(Key(UNIT, FIRST), [renamed.content()])])))
    assert model.line_title(0) == "Thôn An Sơn Đông"


def test_ctrl_t_turns_around_the_current_cell(room: EntryRoom, view: GridView, commune: Store) -> None:
    press(view, K.Key_Right, K.Key_Down)
    for turn, heading in ((Turn.PERIODS, "Quý IV/2026"), (Turn.INDICATOR, "Quý IV/2026"), (Turn.UNITS, "Thôn Phú Hòa")):
        press(view, K.Key_T, held=CTRL)
        here = view.currentIndex()
        assert grid(room).layout.turn is turn
        assert grid(room).heading(here.column()) == heading
        assert grid(room).key(here.row(), here.column()) == key("poor", SECOND)


def test_typing_in_a_turned_grid_and_undoing_it(room: EntryRoom, view: GridView, commune: Store) -> None:
    press(view, K.Key_T, held=CTRL)
    press(view, K.Key_Left)
    type_in(view, "312")
    press(view, K.Key_Return)
    shown = commune.shown(key("households", period=BEFORE.code))
    assert shown is not None
    assert shown.content == "312"
    press(view, K.Key_Z, held=CTRL)
    shown = commune.shown(key("households", period=BEFORE.code))
    assert shown is not None
    assert shown.content == "null"
    assert grid(room).layout.turn is Turn.PERIODS


def test_another_village_and_another_indicator_are_chosen_above(room: EntryRoom, view: GridView) -> None:
    press(view, K.Key_T, held=CTRL)
    choice = next(box for box in room.findChildren(QComboBox) if box.accessibleName() == say("entry.turn.one"))
    assert [choice.itemText(place) for place in range(3)] == list(VILLAGES.values())
    choice.setCurrentIndex(2)
    choice.activated.emit(2)
    assert grid(room).layout.units == (THIRD,)
    press(view, K.Key_T, held=CTRL)
    choice.activated.emit(1)
    assert grid(room).layout.item == "poor"


def test_the_turn_is_kept(
    room: EntryRoom, commune: Store, catalogue: Catalogue, feed: Feed, settings: QSettings, qtbot: QtBot
) -> None:
    turns = next(box for box in room.findChildren(QComboBox) if box.accessibleName() == say("entry.turn.name"))
    turns.setCurrentIndex(2)
    turns.activated.emit(2)
    room.hide()
    again = open_room(commune, catalogue, feed, settings, qtbot)
    assert grid(again).layout.turn is Turn.INDICATOR
    QTest.keyClick(view_of(again), K.Key_Down)
    QApplication.processEvents()
    assert COMMUNE.key not in grid(again).layout.units
    again.close()
