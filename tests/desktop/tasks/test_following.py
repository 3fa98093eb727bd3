"""Following tasks in the room: steps between who does one and who assigned it, the board, filters, another day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks.listing import MOST_AT_ONCE, Order
from desktop.tasks.room import TasksRoom
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.rows import Lazy, Row
from sync.domain.catalogue import Sensitivity
from sync.domain.errors import EnvironmentFault
from sync.domain.evaluation import Figure
from sync.domain.keys import STEP, Key
from sync.domain.rights import Grant, Role
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import Task, TaskGroup, TaskState, Timeliness
from sync.store import ChangeSet, Store, assigned
from sync.store.assigned import Assigned, Assignments
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, enrol, means, receive, say_people, unopened

ABOVE = "48"
ITEM = "019324c1-5a00-7000-8000-0000000000a1"
DUE = date(2026, 11, 25)
TASK = Task(
    ITEM,
    COMMUNE.key,
    "Rà soát hạ tầng số của xã",
    from_unit=ABOVE,
    group=TaskGroup.DIGITAL_GOVERNMENT,
    assigner="UBND thành phố",
    document="15/KH-UBND",
    document_type="Kế hoạch",
    start_date=date(2026, 11, 2),
    due_date=DUE,
    supporting=(f"{COMMUNE.key}.003",),
)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, settings: QSettings) -> Callable[[Store], TasksRoom]:
    def made(store: Store) -> TasksRoom:
        room = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
        qtbot.addWidget(room)
        room.resize(1282, 682)
        with qtbot.waitActive(room):
            room.show()
            room.activateWindow()
        room.list.setFocus()
        return room

    return made


@pytest.fixture
def room(build: Callable[[Store], TasksRoom], store: Store) -> TasksRoom:
    """A commune that a province gave a task."""
    receive(store, [(key, [content]) for key, content in TASK.cells().items()], stream=COMMUNE.key)
    made = build(store)
    made.show_place(Place("tasks", task=ITEM))
    return made


def said(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def found(store: Store, item: str = ITEM) -> Assigned:
    one = Assignments(store, ABOVE).find(item)
    assert one is not None
    return one


def keys(room: TasksRoom) -> list[object]:
    return [row.key for row in room.list.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]


def take_above(store: Store, feed: Feed, uuid: str, step: Step) -> None:
    """A step that the province took, as the sync brings it."""
    cells = cells_of(found(store).task, uuid, step)
    feed.changed.emit(
        ChangeSet(receive(store, [(key, [content]) for key, content in cells.items()], "Sở A", COMMUNE.key))
    )


def test_the_page_tells_all_that_a_decision_says(room: TasksRoom) -> None:
    told = said(room.page)
    for part in (
        "Kế hoạch 15/KH-UBND",
        "Chính quyền số",
        "UBND thành phố",
        "25/11/2026",
        room._here.names[f"{COMMUNE.key}.003"],
    ):
        assert part in told
    assert "Lộ trình" not in told, "what nobody said takes no room"


def test_more_time_is_asked_for_with_keys_alone(qtbot: QtBot, room: TasksRoom, store: Store) -> None:
    room.page.steps.buttons[StepKind.ASK_EXTENSION].setFocus()
    QTest.keyClick(room.page.steps.buttons[StepKind.ASK_EXTENSION], Qt.Key.Key_Space)
    form = room.page.step_form
    assert form.isVisible()
    assert form.day.hasFocus()
    QTest.keyClicks(form.day, "20/11/2026")
    form.words.setPlainText("Chờ máy chủ")
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert form.note_text.text() == words.say("tasks.wrong.not_later", due="25/11/2026")
    assert form.words.toPlainText() == "Chờ máy chủ"
    form.day.setText("05/12/2026")
    QTest.keyClick(form.day, Qt.Key.Key_Return)
    ((uuid, step),) = found(store).steps.items()
    assert step == Step(StepKind.ASK_EXTENSION, date(2026, 11, 21), "Chờ máy chủ", date(2026, 12, 5))
    assert not form.isVisible()
    qtbot.waitUntil(lambda: len(room.page.taken) == 1)
    assert "Xin lùi hạn đến 05/12/2026" in said(room.page.taken[0])
    assert found(store).task.due_date == DUE, "asked for is not granted"
    assert StepKind.ASK_EXTENSION not in room.page.steps.buttons
    assert Key(STEP, COMMUNE.key, ITEM, "", uuid) in store.cells(STEP, COMMUNE.key)


def test_the_units_own_steps_are_offered_and_not_those_of_above(room: TasksRoom) -> None:
    assert set(room.page.steps.buttons) == {StepKind.REPORT_DONE, StepKind.ASK_EXTENSION, StepKind.REFUSE}


def test_an_explanation_that_is_asked_for_stands_before_all_else_and_is_answered(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    asked = "019324c1-5a00-7000-8000-0000000000b1"
    take_above(
        store, feed, asked, Step(StepKind.ASK_EXPLANATION, date(2026, 11, 20), "Vì sao chậm?", date(2026, 11, 23))
    )
    qtbot.waitUntil(lambda: StepKind.EXPLAIN in room.page.steps.buttons)
    assert "Phải giải trình trước hết ngày 23/11/2026: Vì sao chậm?" in said(room.page.asks)
    room.page.steps.buttons[StepKind.EXPLAIN].click()
    form = room.page.step_form
    assert "Vì sao chậm?" in form.about.text()
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert form.note_text.text() == words.say("tasks.wrong.no_words")
    form.words.setPlainText("Do mưa lũ")
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    (answer,) = [step for step in found(store).steps.values() if step.kind is StepKind.EXPLAIN]
    assert (answer.to, answer.words) == (asked, "Do mưa lũ")
    qtbot.waitUntil(lambda: "Đã giải trình, chờ cấp giao việc xem" in said(room.page.asks))


def test_done_is_reported_and_nothing_is_added_once_it_is_confirmed(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    room.page.steps.buttons[StepKind.REPORT_DONE].click()
    assert room.page.step_form.day.text() == "21/11/2026"
    QTest.keyClick(room.page.step_form.day, Qt.Key.Key_Return)
    task = found(store).task
    assert (task.state, task.completed_date) == (TaskState.AWAITING_CONFIRMATION, date(2026, 11, 21))
    (uuid,) = found(store).steps
    confirmed = Step(StepKind.CONFIRM, date(2026, 11, 21), to=uuid)
    cells = {**cells_of(task, "019324c1-5a00-7000-8000-0000000000b2", confirmed)}
    store.record_changes(list(cells.items()), "Sở A", NOW)
    feed.changed.emit(ChangeSet(frozenset(cells)))
    qtbot.waitUntil(lambda: room.page.closed.isVisible())
    room.page.form.percent.setText("50")
    QTest.keyClick(room.page.form.percent, Qt.Key.Key_Return)
    assert room.page.form.note_text.text() == words.say("tasks.wrong.closed")
    assert room.page.form.percent.text() == "50"
    assert not found(store).updates


@pytest.mark.parametrize(
    ("opened", "meanwhile"),
    [
        (StepKind.CONFIRM, [StepKind.SEND_BACK]),
        (StepKind.SEND_BACK, [StepKind.CONFIRM]),
        (StepKind.CONFIRM, [StepKind.SEND_BACK, StepKind.REPORT_DONE]),
    ],
)
def test_a_decision_that_came_while_another_was_being_said_is_not_undone(
    qtbot: QtBot,
    build: Callable[[Store], TasksRoom],
    store: Store,
    feed: Feed,
    opened: StepKind,
    meanwhile: list[StepKind],
) -> None:
    task = replace(TASK, unit=f"{COMMUNE.key}.001", from_unit=COMMUNE.key, supporting=())
    report = "019324c1-5a00-7000-8000-0000000000b1"
    cells = task.cells() | cells_of(task, report, Step(StepKind.REPORT_DONE, date(2026, 11, 20)))
    receive(store, [(key, [content]) for key, content in cells.items()], "Trưởng thôn", COMMUNE.key)
    room = build(store)
    room.show_place(Place("tasks", task=ITEM))
    room.page.steps.buttons[opened].click()
    form = room.page.step_form
    form.words.setPlainText("Ảnh mờ")
    # It has arrived, and is not listed yet.
    came: set[Key] = set()
    for number, kind in enumerate(meanwhile):
        theirs = Step(kind, date(2026, 11, 21), "Thiếu chữ ký", to="" if kind is StepKind.REPORT_DONE else report)
        cells = cells_of(found(store).task, f"019324c1-5a00-7000-8000-0000000000c{number}", theirs)
        came |= receive(store, [(key, [content]) for key, content in cells.items()], "Sở A", COMMUNE.key)
    decided = found(store)
    form.save.click()
    assert form.note_text.text() == words.say("tasks.wrong.answered")
    assert form.words.toPlainText() == "Ảnh mờ"
    # Nor once it is shown.
    feed.changed.emit(ChangeSet(frozenset(came)))
    qtbot.waitUntil(lambda: len(room.page.taken) == 1 + len(meanwhile))
    form.save.click()
    assert form.note_text.text() == words.say("tasks.wrong.answered")
    assert (found(store).task, found(store).steps) == (decided.task, decided.steps)


def test_a_step_half_said_outlives_the_window(
    build: Callable[[Store], TasksRoom], room: TasksRoom, store: Store
) -> None:
    room.page.steps.buttons[StepKind.REFUSE].click()
    room.page.step_form.words.setPlainText("Không thuộc thẩm quyền")
    room.hide()
    again = build(store)
    again.show_place(Place("tasks", task=ITEM))
    assert again.page.step_form.isVisible()
    assert again.page.step_form.words.toPlainText() == "Không thuộc thẩm quyền"
    again.page.ask_step()
    QTest.keyClick(again.page.step_form.words, Qt.Key.Key_Escape)
    assert not again.page.step_form.isVisible()
    assert again.list.hasFocus()


def test_a_full_disk_keeps_a_step_until_it_can_be_saved(room: TasksRoom, store: Store) -> None:
    (pages,) = store.db.execute("PRAGMA page_count").fetchone()
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    room.page.steps.buttons[StepKind.REFUSE].click()
    form = room.page.step_form
    form.words.setPlainText("Không thuộc thẩm quyền. " * 150)
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert words.say("errors.disk_full.title") in said(form)
    assert form.words.toPlainText().startswith("Không thuộc")
    store.db.execute("PRAGMA max_page_count = 1073741823")
    QTest.keyClick(form.words, Qt.Key.Key_Return, CTRL)
    assert found(store).task.state is TaskState.REFUSED


def test_two_decisions_at_once_are_told_and_decided_by_the_next(
    qtbot: QtBot, store: Store, feed: Feed, build: Callable[[Store], TasksRoom]
) -> None:
    village = replace(TASK, unit=f"{COMMUNE.key}.003", from_unit=COMMUNE.key, supporting=())
    cells = {key: [content] for key, content in village.cells().items()}
    cells[Key("task", village.unit, ITEM, "", "state")] = ['"on_hold"', '"redo"']
    receive(store, list(cells.items()), stream=COMMUNE.key)
    room = build(store)
    room.show_place(Place("tasks", task=ITEM))
    assert "Tạm hoãn, Thực hiện lại" in said(room.page.asks)
    room.page.steps.buttons[StepKind.RESUME].click()
    QTest.keyClick(room.page.step_form.words, Qt.Key.Key_Return, CTRL)
    assert found(store).task.state is TaskState.IN_PROGRESS
    qtbot.waitUntil(lambda: not room.page.asks.isVisible())
    assert not found(store).contested


def test_the_list_as_of_a_day_and_back_to_today(room: TasksRoom) -> None:
    def pill() -> str:
        model = room.list.model()
        return next(row.pill for row in model.rows if isinstance(row, Row) and row.key == ITEM)  # type: ignore[attr-defined]

    assert pill() == "Trong hạn · còn 4 ngày"
    assert not room.today.isVisibleTo(room.header)
    room.as_of.show_day(date(2026, 11, 26))
    assert pill() == "Quá hạn 1 ngày"
    room.today.click()
    assert pill() == "Trong hạn · còn 4 ngày"
    QTest.keyClick(room.as_of, Qt.Key.Key_Down)
    assert (room.as_of.text(), pill()) == ("20/11/2026", "Trong hạn · còn 5 ngày")
    for typed, shown in (("24/11", "24/11/2026"), ("hôm qua", "24/11/2026"), ("1.12.2026", "01/12/2026")):
        room.as_of.setText(typed)
        QTest.keyClick(room.as_of, Qt.Key.Key_Return)
        assert room.as_of.text() == shown
    assert pill() == "Quá hạn 6 ngày"


@pytest.mark.parametrize(
    ("typed", "day"),
    [("01/01/0001", date.min), ("05/01/0001", date(1, 1, 5)), ("31/12/9999", date.max)],
    ids=["first", "early", "last"],
)
def test_the_board_stands_on_the_first_and_last_days_of_the_calendar(
    build: Callable[[Store], TasksRoom], store: Store, typed: str, day: date
) -> None:
    # A year that somebody typed with too few digits.
    cells = replace(TASK, start_date=date.min).cells()
    receive(store, [(key, [content]) for key, content in cells.items()], stream=COMMUNE.key)
    room = build(store)
    QTest.keyClick(room, Qt.Key.Key_B, CTRL)
    assert room.board.isVisible()
    room.as_of.setText(typed)
    QTest.keyClick(room.as_of, Qt.Key.Key_Return)
    assert room.as_of.day == day
    assert room.board.isVisible()


def test_a_place_of_a_task_that_was_given_later_is_shown_as_of_today_and_told(
    qtbot: QtBot, room: TasksRoom, store: Store, feed: Feed
) -> None:
    room.as_of.show_day(date(2024, 11, 1))
    assert ITEM not in keys(room)
    room.show_place(Place("tasks", task=ITEM))
    assert room.as_of.day == date(2026, 11, 21)
    assert room.list.current_key() == ITEM
    assert room.page.content.text() == TASK.content
    assert room.done.text() == words.say("tasks.list.went_today", day="01/11/2024")
    # What was there on that day already stays as of that day.
    room.as_of.show_day(date(2026, 11, 5))
    room.show_place(Place("tasks", task=ITEM))
    assert room.as_of.day == date(2026, 11, 5)


def test_filters_by_unit_group_and_document_and_the_order_are_kept(
    build: Callable[[Store], TasksRoom], room: TasksRoom, store: Store
) -> None:
    boxes = room.filters_bar.choices
    boxes["group"].setCurrentIndex(boxes["group"].findData("digital_government"))
    boxes["group"].activated.emit(1)
    assert ITEM in keys(room)
    assert room.filters[None].text() == "Tất cả 2"
    boxes["document"].setCurrentIndex(boxes["document"].findData("15/KH-UBND"))
    boxes["order"].setCurrentIndex(boxes["order"].findData(Order.UNIT))
    boxes["order"].activated.emit(0)
    again = build(store)
    choice = again.filters_bar.choice()
    assert (choice.group, choice.document, choice.order) == ("digital_government", "15/KH-UBND", Order.UNIT)
    assert keys(again) == [ITEM]
    again.filters_bar.show_all()
    assert len(keys(again)) == 6
    names = [row.detail.split(" · ")[0] for row in again.list.model().rows if isinstance(row, Row)]  # type: ignore[attr-defined]
    assert names[0].startswith("Thôn An Sơn")
    unit = again.filters_bar.choices["unit"]
    unit.setCurrentIndex(unit.findData(f"{COMMUNE.key}.010"))
    unit.activated.emit(1)
    assert len(keys(again)) == 1


def test_the_tasks_that_wait_to_be_confirmed_are_chosen_together(room: TasksRoom, store: Store, feed: Feed) -> None:
    assigned = room.reading.find(ITEM)
    assert assigned is not None
    state = room.filters_bar.choices["state"]
    state.setCurrentIndex(state.findText("Chờ xác nhận"))
    state.activated.emit(1)
    assert keys(room) == []
    report = cells_of(assigned.task, "019324c1-5a00-7000-8000-000000000d01", Step(StepKind.REPORT_DONE, room._day))
    feed.changed.emit(store.record_changes(list(report.items()), "Hoa", NOW))
    room._refresh(set(report))
    assert keys(room) == [ITEM]
    room.as_of.show_day(room._day - timedelta(days=1))
    assert keys(room) == [], "as it stood on that day"
    room.filters_bar.show_all()
    assert state.currentData() == ""


def test_the_board_counts_and_shows_the_tasks_behind_a_figure(qtbot: QtBot, room: TasksRoom) -> None:
    QTest.keyClick(room, Qt.Key.Key_B, CTRL)
    board = room.board
    assert board.isVisible()
    columns = list(Figure)
    total = len(board.model.names) - 1
    assert board.model.names[total] == "Tổng cộng"

    def count(row: int, figure: Figure) -> str:
        return str(board.model.data(board.model.index(row, columns.index(figure))))

    assert (count(total, Figure.ALL), count(total, Figure.OPEN_OVERDUE), count(total, Figure.OPEN_NEAR)) == (
        "6",
        "1",
        "1",
    )
    board.by.setCurrentIndex(board.by.findData("group"))
    board.by.activated.emit(1)
    assert "Chính quyền số" in board.model.names
    board.table.setFocus()
    board.table.setCurrentIndex(board.model.index(len(board.model.names) - 1, columns.index(Figure.OPEN_OVERDUE)))
    QTest.keyClick(board.table, Qt.Key.Key_Return)
    assert not board.isVisible()
    assert len(keys(room)) == 1
    assert "Quá hạn: 1" in said(room.filters_bar.behind)
    room.filters_bar.see_all.click()
    assert len(keys(room)) == 6


def test_the_board_counts_silence_by_the_days_that_are_chosen(room: TasksRoom) -> None:
    room.show_board.setChecked(True)
    model, columns = room.board.model, list(Figure)

    def silent() -> str:
        return str(model.data(model.index(len(model.names) - 1, columns.index(Figure.SILENT))))

    assert silent() == "6"
    room.board.silent.setText("19")
    assert silent() == "", "all began on the 2nd"


def test_thousands_are_filtered_and_shown_without_making_every_row(
    store: Store, build: Callable[[Store], TasksRoom]
) -> None:
    edits = [
        edit
        for number in range(MOST_AT_ONCE + 1)
        for edit in replace(TASK, item=f"{ITEM[:-4]}{number:04}", content=f"Việc {number}", supporting=())
        .cells()
        .items()
    ]
    store.record_changes(edits, "Hoa", NOW)
    room = build(store)
    shown = room.list.model().rows  # type: ignore[attr-defined]
    assert isinstance(shown, Lazy)
    assert len(shown) == MOST_AT_ONCE + 6
    assert room.list.choose(f"{ITEM[:-4]}0299")
    room.search.setText("việc 299")
    assert keys(room) == [f"{ITEM[:-4]}0299"]
    assert room.list.current_key() == f"{ITEM[:-4]}0299"
    room.filters[Timeliness.OVERDUE].setChecked(True)
    assert keys(room) == []


def test_a_device_of_a_province_may_name_units_beside_it(empty: Store, build: Callable[[Store], TasksRoom]) -> None:
    enrol(empty, "48")
    room = build(empty)
    assert room.empty.title.text() == words.say("tasks.empty.no_tasks.title")


def test_thousands_are_read_on_a_thread_while_the_window_goes_on(
    qtbot: QtBot, store: Store, feed: Feed, settings: QSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigned, "MANY_CELLS", 10)
    late = "019324c1-5a00-7000-8000-0000000000f1"

    def opened() -> Store:
        # What arrives while they are read is read behind them.
        other = Store.open(tmp_path / "data", bytes(32))
        first = Assignments(other, COMMUNE.key).all()[0].task
        other.close()
        task = replace(TASK, item=late, unit=first.unit, supporting=())
        store_of_thread = Store.open(tmp_path / "data", bytes(32))
        told.append(store_of_thread.record_changes(list(task.cells().items()), "Hoa", NOW))
        return store_of_thread

    told: list[ChangeSet] = []
    room = TasksRoom(store, opened, catalogue(), feed, clock(), settings, means(settings))
    qtbot.addWidget(room)
    room.show()
    assert words.say("tasks.list.reading") in said(room)
    room.show_place(Place("tasks", task=late))
    assert room.badge is not None
    qtbot.waitUntil(lambda: bool(told))
    feed.changed.emit(told[0])
    qtbot.waitUntil(lambda: len(keys(room)) == 6)
    assert room.list.current_key() == late, "what was asked for meanwhile is opened"
    assert words.say("tasks.list.reading") not in said(room)


@pytest.mark.parametrize("by_hand", [True, False])
def test_tasks_that_cannot_be_read_are_told_and_read_again(
    qtbot: QtBot,
    store: Store,
    feed: Feed,
    settings: QSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_hand: bool,
) -> None:
    monkeypatch.setattr(assigned, "MANY_CELLS", 10)
    is_busy = [True]

    def opened() -> Store:
        if is_busy[0]:
            raise EnvironmentFault("store_busy")
        return Store.open(tmp_path / "data", bytes(32))

    room = TasksRoom(store, opened, catalogue(), feed, clock(), settings, means(settings))
    qtbot.addWidget(room)
    room.show()
    assert not room.again.isVisible()
    for _ in range(2):
        qtbot.waitUntil(room.again.isVisible)
        assert words.say("errors.store_busy.title") in said(room)
        assert words.say("errors.store_busy.way_out") in said(room)
        assert words.say("tasks.empty.no_tasks.title") not in said(room), "nobody knows whether there are any"
        room.again.click()
        assert words.say("tasks.list.reading") in said(room)
    qtbot.waitUntil(room.again.isVisible)
    is_busy[0] = False
    task = replace(TASK, unit=f"{COMMUNE.key}.003", supporting=())
    changes = store.record_changes(list(task.cells().items()), "Hoa", NOW)
    if by_hand:
        room.again.click()
    else:
        feed.changed.emit(changes)
    qtbot.waitUntil(lambda: len(keys(room)) == 6)
    assert not room.again.isVisible()


def test_whoever_may_only_read_is_offered_nothing_to_type(build: Callable[[Store], TasksRoom], store: Store) -> None:
    receive(store, [(key, [content]) for key, content in TASK.cells().items()], stream=COMMUNE.key)
    say_people(store, {PERSON: (Grant(Role.PROVINCE_READING, "48", Sensitivity.PUBLIC),)})
    room = build(store)
    room.show_place(Place("tasks", task=ITEM))
    assert room.page.content.text() == TASK.content
    assert not room.page.form.isVisible()
    assert not room.page.steps.buttons
    assert not room.page.break_down.isVisible()
    assert not room.assign.isVisibleTo(room.header)
