"""Tasks between a province, its departments, communes and villages: each a PC with its rooms, offline, and one centre.

The set of the decision is QĐ 1982/QĐ-UBND of 29/07/2022 (Quảng Trị's plan of digital transformation): its figures are
as published; the words of the tasks, the units and the days are made up.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import delete
from xlsxwriter import Workbook

from desktop.feed import Feed
from desktop.tasks.assigning import AssignDialog
from desktop.tasks.importing import ImportTasks
from desktop.tasks.room import TasksRoom
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.central.centre import Centre
from sync.domain.evaluation import Figure
from sync.domain.keys import TASK, UNIT, Key
from sync.domain.local_time import day_at
from sync.domain.steps import Step, StepKind
from sync.domain.tasks import Task, TaskState, Timeliness
from sync.domain.units import Unit, UnitKind
from sync.exchange.assignments import REPORT
from sync.exchange.workbooks import read_book
from sync.store.assigned import Assigned, Assignments
from tests.desktop.sampled import catalogue, means, unopened
from tests.sync.client.conftest import PC
from tests.sync.client.conftest import centre as centre
from tests.sync.client.conftest import enrol_again as enrol_again
from tests.sync.client.conftest import pc as pc
from tests.sync.store.conversation import COMMUNE, NOON

PROVINCE = "48"
ITEM = "019324c1-5a00-7000-8000-0000000000e1"
DECISION = "1982/QĐ-UBND"
SET = {"Nhiệm vụ chung": (11, 11), "Chính quyền số": (11, 21), "Kinh tế số": (5, 9), "Xã hội số": (1, 6)}
"""Of each group, how many are done of how many."""
BEFORE = {"Nhiệm vụ chung": 7, "Chính quyền số": 4, "Kinh tế số": 2, "Xã hội số": 0}
"""How many of them were done by the day before, as this test has it."""
FIRST_DAY, LAST_DAY = date(2026, 11, 10), date(2026, 11, 20)


class Office:
    """A PC whose room is open, at a moment of its own clock."""

    def __init__(self, pc: PC, qtbot: QtBot, at: datetime) -> None:
        self.pc, self.qtbot, self.now = pc, qtbot, at
        settings = QSettings(str(pc.folder / "window.ini"), QSettings.Format.IniFormat)
        self.room = TasksRoom(pc.store, unopened, catalogue(), Feed(), self._clock, settings, means(settings))

    def _clock(self) -> datetime:
        self.now += timedelta(milliseconds=20)
        return self.now

    def sync(self) -> None:
        self.pc.sync(changed=self.room._feed.changed.emit)
        self.room.show()

    def all(self) -> list[Assigned]:
        enrolment = self.pc.store.enrolment()
        assert enrolment is not None
        return Assignments(self.pc.store, enrolment.unit).all()

    def open(self, item: str) -> None:
        self.qtbot.waitUntil(lambda: self.room.reading.find(item) is not None)
        self.room.show_place(Place("tasks", task=item))

    def take(self, item: str, kind: StepKind, words: str = "", day: str = "") -> None:
        """Take a step in the room, as a person does."""
        self.open(item)
        self.qtbot.waitUntil(lambda: kind in self.room.page.steps.buttons)
        self.room.page.steps.buttons[kind].click()
        form = self.room.page.step_form
        form.words.setPlainText(words)
        if day:
            form.day.setText(day)
        form.save.click()
        assert not form.isVisibleTo(self.room.page), form.note_text.text()

    def give(self, fill: Callable[[AssignDialog], None]) -> None:
        """Fill in the dialog that is open and give the task."""
        (dialog,) = [found for found in self.room.findChildren(AssignDialog) if found.isVisible()]
        fill(dialog)
        dialog.save.click()
        assert not dialog.isVisible(), dialog.note_text.text()


@pytest.fixture
def office(qtbot: QtBot, pc: Callable[..., PC]) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def enrolled(unit: str, at: datetime) -> Office:
        one = pc(f"pc-{len(made)}", unit)
        one.sync()
        made.append(Office(one, qtbot, at))
        return made[-1]

    yield enrolled
    for each in made:
        # Each room ends before its store does.
        delete(each.room)


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def add(centre: Centre, *units: Unit) -> None:
    centre.repository.decide([(Key(UNIT, unit.key), unit.content()) for unit in units], "admin")


def figures(office: Office, as_of: date) -> dict[str, tuple[int, int]]:
    """The board by group as of a day: done and all of each."""
    room = office.room
    room.as_of.show_day(as_of)
    room.show_board.setChecked(True)
    board = room.board
    board.by.setCurrentIndex(board.by.findData("group"))
    board.by.activated.emit(0)
    columns = list(Figure)

    def count(row: int, figure: Figure) -> int:
        return int(board.model.data(board.model.index(row, columns.index(figure))) or 0)

    found = {name: (count(row, Figure.DONE), count(row, Figure.ALL)) for row, name in enumerate(board.model.names)}
    room.show_board.setChecked(False)
    return found


def test_the_decisions_set_from_a_workbook_to_the_figures_of_two_days(
    qtbot: QtBot, centre: Centre, office: Callable[..., Office], tmp_path: Path
) -> None:
    departments = [Unit(f"48.D{number:02}", UnitKind.DEPARTMENT, f"Sở số {number}") for number in (1, 2, 3)]
    communes = [Unit("48.20999", UnitKind.WARD, "Phường Hải Vân")]
    add(centre, *departments, *communes)
    leads = [*(unit.name for unit in (*departments, *communes)), "Xã Bà Nà"]
    path = tmp_path / "1982.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("Phụ lục")
        sheet.write_row(2, 0, ["STT", "Tên nhiệm vụ", "Đơn vị chủ trì", "Ngày giao", "Hạn hoàn thành", "Số, ký hiệu"])
        row, number = 3, 0
        for group, (_, count) in SET.items():
            sheet.write_row(row, 0, ["", group])
            for place in range(count):
                lead = leads[number % len(leads)]
                due = "" if place % 5 == 4 else f"{5 + place % 20:02}/11/2026"
                row, number = row + 1, number + 1
                sheet.write_row(row, 0, [number, f"{group}: việc {place + 1}", lead, "01/11/2026", due, DECISION])
            row += 1

    province = office(PROVINCE, moment(date(2026, 11, 2)))
    province.room.open_list(path)
    (dialog,) = province.room.findChildren(ImportTasks)
    qtbot.waitUntil(lambda: len(dialog.model.planned) == 47)
    assert [one.wrongs for one in dialog.model.planned if one.wrongs] == []
    assert dialog.save.text() == "Giao 47 nhiệm vụ"
    dialog.save.click()
    assert len(province.all()) == 47
    # Once more: everything is here already, and nothing is given twice.
    province.room.open_list(path)
    again = province.room.findChildren(ImportTasks)[-1]
    qtbot.waitUntil(lambda: len(again.model.planned) == 47)
    assert not again.save.isEnabled()
    again.reject()
    province.sync()

    units = [*(unit.key for unit in (*departments, *communes)), COMMUNE]
    doing = [office(unit, moment(date(2026, 11, 8))) for unit in units]
    for reported, confirmed, done in (
        (date(2026, 11, 8), FIRST_DAY, BEFORE),
        (date(2026, 11, 18), date(2026, 11, 19), {name: count for name, (count, _) in SET.items()}),
    ):
        for each in doing:
            each.now = moment(reported)
            do(each, done)
            each.sync()
        province.now = moment(confirmed)
        province.sync()
        waiting = [each.task.item for each in province.all() if each.task.state is TaskState.AWAITING_CONFIRMATION]
        assert waiting
        for item in waiting:
            province.take(item, StepKind.CONFIRM)
        province.sync()

    expected = {**SET, "Tổng cộng": (28, 47)}
    qtbot.waitUntil(lambda: figures(province, LAST_DAY) == expected)
    earlier = {name: (BEFORE[name], count) for name, (_, count) in SET.items()} | {"Tổng cộng": (13, 47)}
    assert figures(province, FIRST_DAY) == earlier
    assert figures(province, FIRST_DAY - timedelta(days=1))["Tổng cộng"] == (0, 47), "reported is not confirmed"

    # The same figures on another PC, and in the report that it writes.
    other = office(PROVINCE, moment(LAST_DAY))
    assert (figures(other, LAST_DAY), figures(other, FIRST_DAY)) == (expected, earlier)
    other.room.as_of.show_day(date(2026, 11, 20))
    other.room.files.write(tmp_path / "report.xlsx")
    qtbot.waitUntil(lambda: (tmp_path / "report.xlsx").exists())
    sheet = read_book(tmp_path / "report.xlsx").sheets[0]
    assert tuple(sheet.rows[0]) == REPORT
    lines = [list(map(str, sheet.rows[number])) for number in range(1, 48)]
    in_state, in_group, in_percent = (
        REPORT.index(name) for name in ("Trạng thái nhiệm vụ", "Loại nhiệm vụ", "Mức độ hoàn thành")
    )
    told = {
        name: sum(line[in_group] == name and line[in_state].startswith("Đã hoàn thành") for line in lines)
        for name in SET
    }
    assert told == {name: done for name, (done, _) in SET.items()}
    assert {line[in_percent] for line in lines if not line[in_state].startswith("Đã hoàn thành")} == {"40 %"}
    assert day_at(other.now) == LAST_DAY


def do(office: Office, done: Mapping[str, int]) -> None:
    """Report as done what is to be done by now, and how far the others are."""
    for each in office.all():
        name, _, place = each.task.content.partition(": việc ")
        if each.task.state in (TaskState.AWAITING_CONFIRMATION, TaskState.COMPLETED):
            continue
        if int(place) <= done[name]:
            office.take(each.task.item, StepKind.REPORT_DONE)
        elif not each.updates:
            office.open(each.task.item)
            office.room.page.form.percent.setText("2/5")
            office.room.page.form.submitted.emit()


def test_a_province_gives_a_task_to_all_communes_at_once(
    qtbot: QtBot, centre: Centre, office: Callable[..., Office]
) -> None:
    communes = [Unit(f"48.{21000 + number}", UnitKind.COMMUNE, f"Xã số {number}") for number in range(167)]
    villages = [Unit(f"{COMMUNE}.{number:03}", UnitKind.VILLAGE, f"Thôn {number}") for number in range(1, 11)]
    add(centre, *communes, *villages)
    today = moment(date(2026, 11, 10))
    province = office(PROVINCE, today)

    def fill(dialog: AssignDialog) -> None:
        dialog.content.setPlainText("Rà soát hạ tầng số")
        dialog.lines["due"].setText("20/11/2026")
        dialog.picker.kinds.setCurrentIndex(dialog.picker.kinds.findData("communes"))
        dialog.picker.kinds.activated.emit(0)
        dialog.picker.all.click()
        assert dialog.save.text() == "Giao cho 168 đơn vị"

    province.room.show()
    province.room.assign.click()
    province.give(fill)
    whole, *_ = [each for each in province.all() if each.parts]
    assert len(whole.parts) == 168
    province.sync()
    assert province.pc.store.waiting() == 0

    # Each commune receives its own and no other's.
    rows = {key.unit for key in province.pc.store.select(TASK, PROVINCE)}
    assert len(rows) == 169
    asks, divides, explains = (office(unit, today) for unit in ("48.21000", COMMUNE, "48.21001"))
    for each in (asks, divides, explains):
        (mine,) = each.all()
        assert mine.task.parent == whole.task.item
    for unit in (communes[5].key, communes[166].key):
        assert [each.task.unit for each in office(unit, today).all()] == [unit]

    (mine,) = asks.all()
    asks.take(mine.task.item, StepKind.ASK_EXTENSION, "Chờ thiết bị", "30/11/2026")
    (theirs,) = divides.all()
    divides.open(theirs.task.item)
    divides.room.page.break_down.click()
    divides.give(lambda dialog: dialog.picker.all.click())
    parts = [each for each in divides.all() if each.task.parent == theirs.task.item]
    assert len(parts) == 10
    divides.open(parts[0].task.item)
    divides.room.page.form.percent.setText("50")
    divides.room.page.form.submitted.emit()
    (late,) = explains.all()
    province.take(late.task.item, StepKind.ASK_EXPLANATION, "Vì sao chưa có cập nhật?", "15/11/2026")
    for each in (asks, divides, province, explains):
        each.sync()
    village = office(parts[1].task.unit, today)
    (of_village,) = village.all()
    village.open(of_village.task.item)
    village.room.page.form.percent.setText("100")
    village.room.page.form.submitted.emit()
    village.sync()
    explains.take(late.task.item, StepKind.EXPLAIN, "Mới nhận máy hôm qua")
    explains.sync()
    province.sync()

    province.take(mine.task.item, StepKind.EXTEND)
    (answer,) = [uuid for uuid, step in _steps(province, late).items() if step.kind is StepKind.EXPLAIN]
    assert answer
    province.take(late.task.item, StepKind.ACCEPT_EXPLANATION)
    found = _of(province, theirs)
    assert (len(found.parts), found.percent) == (10, 15)
    province.sync()
    asks.sync()
    explains.sync()
    assert _of(asks, mine).task.due_date == date(2026, 11, 30)
    assert _of(asks, mine).on(date(2026, 11, 9)).due_date == date(2026, 11, 20)
    assert {step.kind for step in _steps(explains, late).values()} == {
        StepKind.ASK_EXPLANATION,
        StepKind.EXPLAIN,
        StepKind.ACCEPT_EXPLANATION,
    }
    for each in (asks, divides, explains, province, village):
        assert not each.pc.store.undecided()


def test_a_pc_whose_clock_is_wrong_moves_no_deadline_and_is_found_out(
    qtbot: QtBot, centre: Centre, office: Callable[..., Office]
) -> None:
    today = datetime.fromtimestamp(NOON, UTC)
    province = office(PROVINCE, today)
    due = day_at(today) + timedelta(days=2)
    given = Task(ITEM, COMMUNE, "Việc", from_unit=PROVINCE, start_date=day_at(today) - timedelta(days=9), due_date=due)
    edits = list(given.cells().items())
    province.room._feed.changed.emit(province.pc.store.record_changes(edits, "Hoa", today))
    province.sync()
    ahead, behind = office(COMMUNE, today + timedelta(days=400)), office(COMMUNE, today - timedelta(days=400))
    for each, percent in ((ahead, "90"), (behind, "10")):
        each.open(ITEM)
        each.room.page.form.percent.setText(percent)
        each.room.page.form.submitted.emit()
    # Typed a year before the task was given: told at once, and nothing is lost.
    start = f"{given.start_date:%d/%m/%Y}"
    assert behind.room.page.form.note_text.text() == say("tasks.wrong.day_before_start", start=start)
    assert behind.room.page.form.percent.text() == "10"
    # Its own room takes the day that the PC believes in; another day can be asked for.
    assert ahead.room.reading.listing.by_item[ITEM].stand is Timeliness.OVERDUE
    ahead.room.as_of.show_day(day_at(today))
    assert ahead.room.reading.listing.by_item[ITEM].stand is Timeliness.NEAR
    ahead.sync()
    province.sync()
    qtbot.waitUntil(lambda: len(_of(province, _first(province)).updates) == 1)
    found = _first(province)
    # Dated after the day of the report, it does not count yet, and the page says why.
    assert found.percent_on(day_at(today)) is None
    province.open(ITEM)
    qtbot.waitUntil(lambda: len(province.room.page.updates) == 1)
    words = [label.text() for label in province.room.page.updates[0].findChildren(QLabel)]
    assert say("tasks.update.ahead") in words
    assert province.room.reading.listing.by_item[ITEM].stand is Timeliness.NEAR


def _first(office: Office) -> Assigned:
    return next(each for each in office.all() if each.task.item == ITEM)


def _of(office: Office, assigned: Assigned) -> Assigned:
    return next(each for each in office.all() if each.task.item == assigned.task.item)


def _steps(office: Office, assigned: Assigned) -> dict[str, Step]:
    return dict(_of(office, assigned).steps)
