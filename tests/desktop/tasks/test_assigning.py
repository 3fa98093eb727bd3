"""Giving tasks in the room: to many units in one action, offline, breaking one down, refusals, and what is kept."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from desktop.feed import Feed
from desktop.tasks.assigning import AssignDialog
from desktop.tasks.room import TasksRoom
from desktop.tasks.units import LEAD, SUPPORT
from desktop.widgets import words
from desktop.widgets.place import Place
from sync.domain.catalogue import Sensitivity
from sync.domain.keys import TASK, UNIT, VALUE, Key
from sync.domain.rights import Grant, Role
from sync.domain.tasks import Task, TaskGroup
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from sync.store.assigned import Assigned, Assignments
from sync.store.rights import Rights
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, enrol, means, receive, say_people, unopened

COMMUNES = [Unit(f"48.{20000 + number}", UnitKind.COMMUNE, f"Xã số {number}") for number in range(168)]
DEPARTMENTS = [Unit(f"48.D{number:02}", UnitKind.DEPARTMENT, f"Sở số {number}") for number in range(1, 4)]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path, empty: Store) -> Iterator[Callable[[Store], TasksRoom]]:
    """Rooms that end before their store does, with whatever dialog is open in them."""
    rooms: list[TasksRoom] = []

    def made(store: Store) -> TasksRoom:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        room = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
        rooms.append(room)
        room.resize(1282, 682)
        with qtbot.waitActive(room):
            room.show()
            room.activateWindow()
        room.list.setFocus()
        return room

    yield made
    for room in rooms:
        delete(room)


@pytest.fixture
def province(empty: Store) -> Store:
    """The PC of a province with 168 communes and three departments, one of which was closed."""
    enrol(empty, "48")
    units = [Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng"), *DEPARTMENTS, *COMMUNES]
    closed = replace(DEPARTMENTS[2], valid_to=date(2026, 11, 20))
    receive(empty, [(Key(UNIT, unit.key), [unit.content()]) for unit in [*units, closed]])
    return empty


def dialog_of(room: TasksRoom) -> AssignDialog:
    (dialog,) = [found for found in room.findChildren(AssignDialog) if found.isVisible()]
    return dialog


def tasks(store: Store, unit: str = "48") -> list[Assigned]:
    return Assignments(store, unit).all()


def test_a_task_is_given_to_all_communes_in_one_transaction(
    qtbot: QtBot, build: Callable[[Store], TasksRoom], province: Store
) -> None:
    room = build(province)
    QTest.keyClick(room, Qt.Key.Key_N, CTRL)
    dialog = dialog_of(room)
    dialog.content.setPlainText("Cập nhật kho dữ liệu số")
    dialog.group.setCurrentIndex(dialog.group.findData("digital_government"))
    dialog.lines["document"].setText("1982/QĐ-UBND")
    dialog.lines["document_date"].setText("29/07/2022")
    dialog.lines["due"].setText("31/12/2026")
    dialog.picker.kinds.setCurrentIndex(dialog.picker.kinds.findData("communes"))
    dialog.picker.kinds.activated.emit(1)
    assert dialog.picker.all.text() == "Chọn cả 168"
    dialog.picker.all.click()
    assert dialog.save.text() == "Giao cho 168 đơn vị"
    before = province.waiting()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.content.setFocus()
    QTest.keyClick(dialog.content, Qt.Key.Key_Return, CTRL)
    assert not dialog.isVisible()
    whole, *parts = sorted(tasks(province), key=lambda each: each.task.unit)
    assert (whole.task.unit, len(whole.parts), len(parts)) == ("48", 168, 168)
    assert {part.task.unit for part in parts} == {commune.key for commune in COMMUNES}
    task = parts[0].task
    assert (task.content, task.group, task.document) == (
        "Cập nhật kho dữ liệu số",
        TaskGroup.DIGITAL_GOVERNMENT,
        "1982/QĐ-UBND",
    )
    assert (task.due_date, task.document_date) == (date(2026, 12, 31), date(2022, 7, 29))
    assert (task.from_unit, task.parent, task.start_date) == ("48", whole.task.item, date(2026, 11, 21))
    assert province.waiting() - before == sum(len(each.task.cells()) for each in (whole, *parts))
    assert room.list.current_key() == whole.task.item
    assert len(room.page.parts) == 168
    # What was given is not in the form any more.
    room._assign()
    assert dialog_of(room).content.toPlainText() == ""


def test_one_department_leads_and_another_supports(build: Callable[[Store], TasksRoom], province: Store) -> None:
    room = build(province)
    room._assign()
    dialog = dialog_of(room)
    dialog.content.setPlainText("Việc chung")
    dialog.picker.kinds.setCurrentIndex(dialog.picker.kinds.findData("departments"))
    dialog.picker.search.setText("so so 1")
    dialog.picker.kinds.activated.emit(1)
    assert [unit.key for unit in dialog.picker.model.shown] == ["48.D01"]
    table = dialog.picker.table
    table.setCurrentIndex(dialog.picker.model.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Space)
    dialog.picker.search.setText("sở số 2")
    dialog.picker.model.tick(["48.D02"], SUPPORT, True)
    assert dialog.picker.model.keys(LEAD) == ("48.D01",), "what is not shown stays ticked"
    dialog.save.click()
    lead, support = sorted((each.task for each in tasks(province)), key=lambda task: task.unit)
    assert (lead.unit, lead.supporting, lead.due_date) == ("48.D01", ("48.D02",), None)
    assert (support.unit, support.supports, support.parent) == ("48.D02", "48.D01", lead.item)


def test_a_unit_that_was_closed_is_not_offered(build: Callable[[Store], TasksRoom], province: Store) -> None:
    room = build(province)
    room._assign()
    assert "48.D03" not in {unit.key for unit in dialog_of(room).picker.model.shown}


def test_what_is_wrong_is_said_and_nothing_is_lost(build: Callable[[Store], TasksRoom], province: Store) -> None:
    room = build(province)
    room._assign()
    dialog = dialog_of(room)
    dialog.save.click()
    assert words.say("tasks.refused.no_content") in dialog.note_text.text()
    assert words.say("tasks.refused.no_unit") in dialog.note_text.text()
    dialog.content.setPlainText("Việc")
    dialog.picker.model.tick(["48.D01"], LEAD, True)
    dialog.lines["due"].setText("01/11/2026")
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.refused.due_before_start")
    dialog.lines["due"].setText("cuối năm")
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.wrong.day_unreadable", example="21/11/2026")
    dialog.lines["due"].setText("30/11/2026")
    dialog.picker.model.tick(["48.D01"], SUPPORT, True)
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.refused.supports_itself", unit="Sở số 1")
    assert dialog.content.toPlainText() == "Việc"
    assert tasks(province) == []


def test_what_is_half_typed_is_there_again(build: Callable[[Store], TasksRoom], province: Store) -> None:
    room = build(province)
    room._assign()
    dialog = dialog_of(room)
    dialog.content.setPlainText("Đang nghĩ")
    dialog.lines["citation"].setText("khoản 2 Điều 5")
    dialog.picker.model.tick(["48.D01", "48.D02"], LEAD, True)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    again = build(province)
    again._assign()
    dialog = dialog_of(again)
    assert dialog.content.toPlainText() == "Đang nghĩ"
    assert dialog.lines["citation"].text() == "khoản 2 Điều 5"
    assert dialog.picker.model.keys(LEAD) == ("48.D01", "48.D02")


def test_a_full_disk_keeps_the_dialog_open(build: Callable[[Store], TasksRoom], province: Store) -> None:
    room = build(province)
    room._assign()
    dialog = dialog_of(room)
    dialog.content.setPlainText("Việc")
    dialog.picker.all.click()
    dialog.picker.model.tick(["48"], LEAD, False)
    (pages,) = province.db.execute("PRAGMA page_count").fetchone()
    province.db.execute(f"PRAGMA max_page_count = {pages}")
    dialog.save.click()
    assert dialog.isVisible()
    assert dialog.fault.isVisible()
    assert tasks(province) == []
    province.db.execute("PRAGMA max_page_count = 1073741823")
    dialog.save.click()
    assert len(tasks(province)) == 1 + 170


def test_a_commune_gives_parts_of_its_task_to_its_villages(build: Callable[[Store], TasksRoom], store: Store) -> None:
    item = "019324c1-5a00-7000-8000-0000000000a1"
    mine = Task(item, COMMUNE.key, "Rà soát", from_unit="48", due_date=date(2026, 12, 20))
    receive(store, [(key, [content]) for key, content in mine.cells().items()], stream=COMMUNE.key)
    room = build(store)
    room.show_place(Place("tasks", task=item))
    room.page.break_down.click()
    dialog = dialog_of(room)
    assert dialog.content.isReadOnly()
    assert dialog.lines["due"].text() == "20/12/2026"
    assert len(dialog.picker.model.shown) == 10
    dialog.picker.all.click()
    dialog.lines["due"].setText("21/12/2026")
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.refused.due_after_whole")
    dialog.lines["due"].setText("15/12/2026")
    dialog.save.click()
    whole = Assignments(store, COMMUNE.key).find(item)
    assert whole is not None
    assert len(whole.parts) == 10
    assert {part.task.assigner for part in whole.parts} == {"Xã Bà Nà"}
    assert {part.task.due_date for part in whole.parts} == {date(2026, 12, 15)}
    assert len(room.page.parts) == 10
    assert room.list.current_key() == item
    room.page.parts[0].opened.emit(whole.parts[0].task.item)
    assert room.list.current_key() == whole.parts[0].task.item


def test_a_village_has_nobody_to_give_parts_to(build: Callable[[Store], TasksRoom], store: Store) -> None:
    room = build(store)
    village = next(key for key in store.select(TASK, COMMUNE.key) if key.unit != COMMUNE.key)
    room.show_place(Place("tasks", task=village.item))
    assert room.page.isVisible()
    assert not room.page.break_down.isVisible()


def test_an_indicator_is_named_with_its_target_and_moves_the_task(
    qtbot: QtBot, build: Callable[[Store], TasksRoom], store: Store, feed: Feed
) -> None:
    room = build(store)
    room._assign()
    dialog = dialog_of(room)
    dialog.content.setPlainText("Đủ thành viên tổ công nghệ số")
    dialog.picker.model.tick([f"{COMMUNE.key}.003"], LEAD, True)
    box, number = dialog.targets.lines[0]
    number.setText("hai mươi")
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.target.no_indicator")
    box.setCurrentIndex(box.findData("village_ct12"))
    dialog.save.click()
    assert dialog.note_text.text() == words.say("tasks.target.no_number")
    number.setText("20")
    dialog.save.click()
    item = str(room.list.current_key())
    (view,) = room.page.targets
    assert "7 trên mục tiêu 20 (Quý II/2026)" in "".join(label.text() for label in view.findChildren(QLabel))
    with qtbot.waitSignal(room.go) as went:
        view.opened.emit(view.item, view.period)
    (place,) = went.args
    assert (place.room, place.unit, place.item) == ("entry", f"{COMMUNE.key}.003", "village_ct12")
    assert place.period == "A2026Q4", "the one that is reported now"
    figure = Key(VALUE, place.unit, place.item, place.period)
    feed.changed.emit(store.record_changes([(figure, "15")], "Hoa", NOW))
    qtbot.waitUntil(lambda: room.page.bar.value() == 75)
    (view,) = room.page.targets
    assert "15 trên mục tiêu 20" in "".join(label.text() for label in view.findChildren(QLabel))
    assert room.reading.find(item).percent == 75  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("role", "offered", "whole"),
    [
        (Role.COMMUNE_ENTRY, 1, True),
        (Role.COMMUNE_APPROVAL, 10, False),
    ],
)
def test_whoever_is_here_gives_tasks_as_far_as_their_role_reaches(
    build: Callable[[Store], TasksRoom], store: Store, role: Role, offered: int, whole: bool
) -> None:
    say_people(store, {PERSON: (Grant(role, COMMUNE.key, Sensitivity.PUBLIC),)})
    room = build(store)
    room._assign()
    dialog = dialog_of(room)
    assert len(dialog.picker.model.shown) == offered
    assert dialog.keeps_whole is whole
    dialog.content.setPlainText("Việc")
    dialog.picker.all.click()
    before = {each.task.item for each in tasks(store)}
    dialog.save.click()
    made = [each for each in tasks(store) if each.task.item not in before]
    assert len(made) == offered
    assert not any(each.parts or each.task.parent for each in made)
    # What the centre would hold back is not made: the role is asked for every cell.
    rights = Rights(store, catalogue())
    assert all(rights.may_change(key) for each in made for key in each.task.cells())
    own = next(each for each in tasks(store) if each.task.unit == COMMUNE.key)
    room.show_place(Place("tasks", task=own.task.item))
    assert room.page.break_down.isVisible() is (role is Role.COMMUNE_APPROVAL)
