"""The whole room with keys alone: every control is reached by Tab, has a name, and leads on without a mouse."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks.assigning import AssignDialog
from desktop.tasks.room import TasksRoom
from desktop.tasks.units import LEAD
from desktop.widgets.place import Place
from sync.domain.steps import StepKind
from sync.domain.tasks import Task
from sync.store import Store
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, NOW, catalogue, clock, means, unopened

ITEM = "019324c1-5a00-7000-8000-0000000000a1"
TASK = Task(
    ITEM, f"{COMMUNE.key}.003", "Rà soát", from_unit=COMMUNE.key, start_date=NOW.date(), due_date=date(2026, 12, 1)
)
CTRL = Qt.KeyboardModifier.ControlModifier
MOST_STEPS = 120


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path) -> Callable[[Store], TasksRoom]:
    def made(store: Store) -> TasksRoom:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        room = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
        qtbot.addWidget(room)
        qtbot.addWidget(room.header)
        room.resize(1282, 682)
        with qtbot.waitActive(room):
            room.show()
            room.activateWindow()
        room.list.setFocus()
        return room

    return made


@pytest.fixture
def room(build: Callable[[Store], TasksRoom], store: Store) -> TasksRoom:
    edits = [*TASK.cells().items(), *replace(TASK, item=f"{ITEM[:-1]}2", unit=COMMUNE.key).cells().items()]
    store.record_changes(edits, "Hoa", NOW)
    made = build(store)
    made.show_place(Place("tasks", task=ITEM))
    return made


def walked(start: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Everything that Tab comes to until it is where it began."""
    start.setFocus()
    found: list[QWidget] = []
    for _ in range(MOST_STEPS):
        here = QApplication.focusWidget()
        assert here is not None
        if here in found:
            return found
        found.append(here)
        QTest.keyClick(here, key)
    raise AssertionError(f"no end: {found}")


def named(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    buddies = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    return widget.accessibleName() or text or "".join(label.text() for label in buddies)


def test_tab_comes_to_every_control_of_the_room_and_each_has_a_name(room: TasksRoom) -> None:
    found = walked(room.search)
    page = room.page
    wanted = [
        room.search,
        *room.filters_bar.choices.values(),
        room.list,
        *page.steps.buttons.values(),
        page.form.day,
        page.form.percent,
        page.form.words,
        page.form.more,
        page.form.save,
    ]
    assert [widget for widget in wanted if widget.isVisible() and widget not in found] == []
    # Of the chips one is reached, and arrows go to the others.
    assert any(chip in found for chip in room.filters.values())
    assert [widget for widget in found if not named(widget)] == []
    assert set(walked(room.search, Qt.Key.Key_Backtab)) == set(found), "and the same way back"


def test_a_figure_of_the_board_leads_to_its_tasks_and_a_task_to_its_form(room: TasksRoom) -> None:
    QTest.keyClick(room, Qt.Key.Key_B, CTRL)
    assert room.board.isVisible()
    room.board.setFocus()
    table = room.board.table
    assert table.hasFocus()
    rows = table.model().rowCount()
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_End, CTRL)
    assert table.currentIndex().row() == rows - 1
    QTest.keyClick(table, Qt.Key.Key_Home)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert room.list.hasFocus()
    assert room.filters_bar.behind.isVisible()
    QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert room.page.form.percent.hasFocus()
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Escape)
    assert room.list.hasFocus()
    QTest.keyClick(room, Qt.Key.Key_F, CTRL)
    assert room.search.hasFocus()
    QTest.keyClick(room.search, Qt.Key.Key_Down)
    assert room.list.hasFocus()


def test_a_step_is_taken_and_left_with_keys(room: TasksRoom, store: Store) -> None:
    button = room.page.steps.buttons[StepKind.EXTEND]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    form = room.page.step_form
    assert form.day.hasFocus()
    QTest.keyClick(form.day, Qt.Key.Key_Escape)
    assert not form.isVisible()
    assert room.list.hasFocus()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.keyClicks(form.day, "1/1/2026")
    QTest.keyClick(form.day, Qt.Key.Key_Return)
    assert form.note.isVisible(), "not later than the day that stands"
    form.day.selectAll()
    QTest.keyClicks(form.day, "15/12/2026")
    assert not form.note.isVisible(), "it was said of what stood there before"
    QTest.keyClick(form.day, Qt.Key.Key_Return)
    found = Assignments(store, COMMUNE.key).find(ITEM)
    assert found is not None
    assert found.task.due_date == date(2026, 12, 15)


def test_a_task_is_given_with_keys(qtbot: QtBot, room: TasksRoom, store: Store) -> None:
    QTest.keyClick(room, Qt.Key.Key_N, CTRL)
    (dialog,) = [found for found in room.findChildren(AssignDialog) if found.isVisible()]
    qtbot.waitUntil(dialog.isActiveWindow)
    found = walked(dialog.content)
    wanted = [dialog.group, *dialog.lines.values(), dialog.picker.search, dialog.picker.table, dialog.save]
    assert [widget for widget in wanted if widget not in found] == []
    assert [widget for widget in found if not named(widget) and not isinstance(widget, QComboBox)] == []
    dialog.content.setFocus()
    QTest.keyClicks(dialog.content, "Viec moi")
    dialog.picker.search.setFocus()
    QTest.keyClicks(dialog.picker.search, "an son")
    dialog.picker.table.setFocus()
    dialog.picker.table.setCurrentIndex(dialog.picker.model.index(0, 0))
    QTest.keyClick(dialog.picker.table, Qt.Key.Key_Space)
    assert len(dialog.picker.model.keys(LEAD)) == 1
    QTest.keyClick(dialog.picker.table, Qt.Key.Key_Return, CTRL)
    assert not dialog.isVisible()
    assert any(each.task.content == "Viec moi" for each in Assignments(store, COMMUNE.key).all())
