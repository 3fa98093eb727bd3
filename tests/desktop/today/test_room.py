"""The desk over the real store: its rows in words, what opens them, and that it follows the feed alone."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.today import room as today
from desktop.today.open_tasks import MOST_TASKS, OpenTasks
from desktop.today.room import TodayRoom
from desktop.widgets import words
from desktop.widgets.place import Place
from desktop.widgets.rows import Heading, Row
from sync.client.loop import Phase, Status
from sync.domain.comments import content_of, key_of
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import DEADLINE, OWN_UNIT, PROGRESS, STEP, TASK, UNIT, VALUE, Key
from sync.domain.progress import Progress
from sync.domain.steps import Step, StepKind
from sync.domain.tasks import Task, TaskState
from sync.domain.tasks import content_of as content_of_field
from sync.domain.values import CLEARED, Value
from sync.store import ChangeSet, Store, assigned
from tests.desktop.sampled import COMMUNE, NOW, PERSON, catalogue, clock, enrol, fill, push, receive, unopened

VILLAGE = f"{COMMUNE.key}.004"
LATE_TASK = "01a199c5-3280-78f1-b693-cd208eb592d1"
Q2 = ("form", "village_quarter", "A2026Q2")


@pytest.fixture
def build(qtbot: QtBot, feed: Feed) -> Callable[..., TodayRoom]:
    def made(
        store: Store, now: Callable[[], datetime] | None = None, opened: Callable[[], Store] | None = None
    ) -> TodayRoom:
        room = TodayRoom(store, opened or unopened, catalogue(), feed, now or clock())
        qtbot.addWidget(room)
        room.resize(1282, 682)
        room.show()
        qtbot.waitExposed(room)
        return room

    return made


@pytest.fixture
def room(build: Callable[..., TodayRoom], store: Store) -> TodayRoom:
    return build(store)


def groups(room: TodayRoom) -> dict[str, list[Row]]:
    """The list as it is read: rows by heading."""
    found: dict[str, list[Row]] = {}
    model = room.list.model()
    for row in model.rows:  # type: ignore[attr-defined]
        if isinstance(row, Heading):
            found[row.title] = []
        else:
            list(found.values())[-1].append(row)
    return found


def row_of(room: TodayRoom, key: object) -> Row | None:
    return next((row for group in groups(room).values() for row in group if row.key == key), None)


def type_value(store: Store, feed: Feed, key: Key, content: str) -> None:
    feed.changed.emit(store.record_changes([(key, content)], PERSON, NOW))


def give_many(store: Store, count: int) -> None:
    """So many tasks of a village, all of them overdue."""
    first = Task("", VILLAGE, "", from_unit=COMMUNE.key, start_date=date(2026, 1, 1))
    given = (
        replace(
            first,
            item=f"019324c1-5a00-7000-8000-{number:012x}",
            content=f"Việc {number}",
            due_date=date(2026, 6, 1) + timedelta(days=number // 2),
        )
        for number in range(count)
    )
    store.record_changes([edit for task in given for edit in task.cells().items()], PERSON, NOW)


def test_of_very_many_tasks_the_most_pressing_are_listed_and_the_others_counted(
    store: Store, build: Callable[..., TodayRoom]
) -> None:
    badges: list[int] = []
    before = build(store)
    before.badge.connect(badges.append)
    before._show_all()
    listed = sum(key[0] == "task" for key in before._places if isinstance(key, tuple))
    give_many(store, MOST_TASKS + 100)
    room = build(store)
    room.badge.connect(badges.append)
    room._show_all()
    tasks = [key for key in room._places if isinstance(key, tuple) and key[0] == "task"]
    assert len(tasks) == MOST_TASKS
    last = list(groups(room).values())[-1][-1]
    assert last.title == words.say("today.more.title", count=100 + listed)
    assert badges[1] - badges[0] == MOST_TASKS + 100, "those without a row count too"
    gone: list[Place] = []
    room.go.connect(gone.append)
    room.list.opened.emit(last.key)
    assert gone == [Place("tasks")]


def test_thousands_of_tasks_are_read_beside_the_window(
    qtbot: QtBot,
    store: Store,
    feed: Feed,
    build: Callable[..., TodayRoom],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assigned, "MANY_CELLS", 10)
    may_read = False

    def opened() -> Store:
        if not may_read:
            raise EnvironmentFault("store_busy")
        return Store.open(tmp_path / "data", bytes(32))

    room = build(store, opened=opened)
    qtbot.waitUntil(lambda: room._reading is None)
    key = ("task", LATE_TASK)
    assert row_of(room, key) is None
    may_read = True
    type_value(store, feed, Key(PROGRESS, VILLAGE, "no-task", "", "x"), CLEARED)  # whatever changes next
    qtbot.waitUntil(lambda: row_of(room, key) is not None)
    monkeypatch.setattr(today, "_AT_ONCE", 0)
    found = next(one for one in room._assigned.all() if one.task.item == LATE_TASK)
    done = content_of_field(TaskState.COMPLETED)
    type_value(store, feed, Key(TASK, found.task.unit, LATE_TASK, "", "state"), done)
    qtbot.waitUntil(lambda: row_of(room, key) is None)


def test_a_long_list_of_tasks_is_looked_at_beside_the_window_and_only_when_a_task_is_another(
    qtbot: QtBot,
    store: Store,
    feed: Feed,
    build: Callable[..., TodayRoom],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    of = OpenTasks.of

    def watched(*given: Any) -> OpenTasks:
        looked.append(threading.current_thread().name)
        return of(*given)

    monkeypatch.setattr(OpenTasks, "of", watched)
    now = [NOW]
    room = build(store, opened=lambda: Store.open(tmp_path / "data", bytes(32)), now=lambda: now[0])
    assert looked == ["MainThread"]
    monkeypatch.setattr(today, "_LOOKED_AT", 2)
    done = content_of_field(TaskState.COMPLETED)
    task = room._tasks.known[LATE_TASK]
    key = Key(TASK, task.unit, LATE_TASK, "", "state")
    type_value(store, feed, key, done)
    qtbot.waitUntil(lambda: row_of(room, ("task", LATE_TASK)) is None)
    assert looked == ["MainThread", "work"]
    with qtbot.waitSignal(room.badge):
        type_value(store, feed, Key(VALUE, VILLAGE, "village_ct01", "A2026Q4"), "5")
    assert len(looked) == 2, "no task has become another"
    # A new day finds others pressing.
    now[0] += timedelta(days=1)
    room._look_at_clock()
    qtbot.waitUntil(lambda: room._tasks.day == date(2026, 11, 22))
    assert looked[2:] == ["work"]


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[Callable[[], bool]], None]:
    """Wait until what the feed told is shown."""
    return lambda shown: qtbot.waitUntil(shown, timeout=3000)


def test_the_list_is_by_deadline_and_every_row_says_how_it_stands(room: TodayRoom) -> None:
    found = groups(room)
    assert list(found) == ["Quá hạn", "Đến hạn trong 7 ngày", "Sau đó và chưa có hạn"]
    late = found["Quá hạn"]
    assert late[0].key == Q2
    assert late[0].title == "Biểu thôn CT01–CT14 · Quý II/2026"
    assert late[0].detail.startswith("84/140 ô · hạn 15/06/2026")
    assert "còn 4 đơn vị: Thôn Thạch Nham Tây, " in late[0].detail
    assert (late[0].pill, late[0].look, late[0].action) == ("Quá hạn 159 ngày", "bad", "Nhập tiếp")
    assert ("task", LATE_TASK) in [row.key for row in late]
    task = row_of(room, ("task", LATE_TASK))
    assert task is not None
    assert (task.pill, task.detail) == ("Quá hạn 5 ngày", "chủ trì Thôn An Sơn · chưa cập nhật")
    assert [row.pill for row in found["Đến hạn trong 7 ngày"]] == ["Sắp quá hạn · còn 3 ngày"]
    assert found["Sau đó và chưa có hạn"][-1].pill == "Không hạn"
    assert all(row.pill and row.action for group in found.values() for row in group)


def test_it_reads_in_english(build: Callable[..., TodayRoom], store: Store) -> None:
    words.set_language("en")
    found = groups(build(store))
    assert list(found) == ["Overdue", "Due within 7 days", "Later or without a deadline"]
    assert found["Overdue"][0].title == "Village form CT01–CT14 · Quarter II/2026"
    assert found["Overdue"][0].pill == "159 days overdue"


def test_enter_opens_the_first_cell_that_is_missing(qtbot: QtBot, room: TodayRoom) -> None:
    room.list.setFocus()
    QTest.keyClick(room.list, Qt.Key.Key_Home)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("entry", f"{COMMUNE.key}.002", "village_quarter", "A2026Q2", "village_ct01")]


def test_arrows_pass_over_headings_to_a_task(qtbot: QtBot, room: TodayRoom) -> None:
    room.list.setFocus()
    QTest.keyClick(room.list, Qt.Key.Key_Home)
    seen = [room.list.current_key()]
    for _ in range(6):
        QTest.keyClick(room.list, Qt.Key.Key_Down)
        seen.append(room.list.current_key())
    assert len(set(seen)) == 7
    assert ("task", LATE_TASK) in seen
    room.list.choose(("task", LATE_TASK))
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Enter)
    assert went.args == [Place("tasks", f"{COMMUNE.key}.010", task=LATE_TASK)]


def test_a_double_click_and_the_button_open_once(qtbot: QtBot, room: TodayRoom) -> None:
    room.list.choose(Q2)
    index = room.list.currentIndex()
    went: list[Place] = []
    room.go.connect(went.append)
    button = room.list.button_area(index).center().toPoint()
    QTest.mouseClick(room.list.viewport(), Qt.MouseButton.LeftButton, pos=button)
    assert len(went) == 1
    left = room.list.visualRect(index).topLeft() + QPoint(80, 20)
    QTest.mouseClick(room.list.viewport(), Qt.MouseButton.LeftButton, pos=left)
    assert len(went) == 1
    QTest.mouseDClick(room.list.viewport(), Qt.MouseButton.LeftButton, pos=left)
    assert len(went) == 2


def test_what_is_typed_elsewhere_arrives_by_the_feed(
    room: TodayRoom, store: Store, feed: Feed, settled: Callable[[Callable[[], bool]], None]
) -> None:
    room.list.choose(("task", LATE_TASK))
    store.record_changes([(Key(VALUE, f"{COMMUNE.key}.002", "village_ct01", "A2026Q2"), "1")], PERSON, NOW)
    before = row_of(room, Q2)
    assert before is not None
    assert before.detail.startswith("84/140")
    type_value(store, feed, Key(VALUE, f"{COMMUNE.key}.002", "village_ct02", "A2026Q2"), "1")
    settled(lambda: (row := row_of(room, Q2)) is not None and row.detail.startswith("86/140"))
    assert room.list.current_key() == ("task", LATE_TASK)
    assert room.waiting.figure.text() == "2"
    assert room.waiting.sentence.text() == words.say("today.waiting.by_itself")


def test_a_filled_form_waits_to_be_sent_and_the_bar_shows_the_quarter_that_is_asked_for(
    build: Callable[..., TodayRoom], store: Store, feed: Feed, settled: Callable[[Callable[[], bool]], None]
) -> None:
    room = build(store)
    assert room.completeness.title.text() == "Biểu thôn CT01–CT14\nQuý IV/2026"
    assert room.completeness.bar.value() == 0
    units = [unit.key for unit in store.units(COMMUNE.key) if unit.kind == "village"]
    items = [row.indicator for row in catalogue().forms["village_quarter"].rows]
    keys = [Key(VALUE, unit, item, period) for unit in units for item in items for period in ("A2026Q2", "A2026Q4")]
    kept = store.select(VALUE, COMMUNE.key)
    edits = [(key, "0") for key in keys if key not in kept]
    feed.changed.emit(store.record_changes(edits[:-1], PERSON, NOW))
    settled(lambda: "đã đủ ô, 10 đơn vị chưa nộp" in (row.detail if (row := row_of(room, Q2)) else ""))
    assert (room.completeness.figure.text(), room.completeness.bar.value()) == ("99 %", 99)
    assert room.completeness.detail.text() == "139 trong 140 ô · còn 24 ngày"
    feed.changed.emit(store.record_changes(edits[-1:], PERSON, NOW))
    settled(lambda: room.completeness.bar.value() == 100)


def test_a_deadline_of_today_is_late_only_after_its_hour(build: Callable[..., TodayRoom], store: Store) -> None:
    receive(store, [(Key(DEADLINE, COMMUNE.key, "village_quarter", "A2026Q3"), ['{"due":"2026-11-21T17:00+07:00"}'])])
    key = ("form", "village_quarter", "A2026Q3")
    morning = row_of(build(store), key)
    evening = row_of(build(store, clock(datetime(2026, 11, 21, 10, 1, tzinfo=UTC))), key)
    assert morning is not None
    assert evening is not None
    assert (morning.pill, morning.look) == ("Hạn hôm nay", "warning")
    assert (evening.pill, evening.look) == ("Quá hạn từ hôm nay", "bad")


def test_a_conflict_shows_both_values_and_opens_where_it_is_decided(
    qtbot: QtBot, room: TodayRoom, store: Store, feed: Feed
) -> None:
    key = Key(VALUE, VILLAGE, "village_ct12", "A2026Q2")
    feed.changed.emit(ChangeSet(receive(store, [(key, ["6", "7"])], stream=COMMUNE.key)))
    qtbot.waitUntil(lambda: row_of(room, key) is not None, timeout=3000)
    (row,) = groups(room)["Cần quyết định"]
    assert row.title == "CT12 Thôn Phú Hòa: hai máy nhập khác nhau (6 và 7)"
    assert (row.pill, row.look) == ("Xung đột", "conflict")
    room.list.choose(key)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("transfer", VILLAGE, "village_quarter", "A2026Q2", "village_ct12")]


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (["1187", "2.88"], "(1.187 và 2,88)"),
        ([Value(missing="not_collected").content(), "0"], "(không thu thập được và 0)"),
        ([CLEARED, Value(raw="12a").content()], "(để trống và 12a)"),
    ],
)
def test_a_conflict_is_written_as_people_write(
    build: Callable[..., TodayRoom], store: Store, contents: list[str], said: str
) -> None:
    key = Key(VALUE, VILLAGE, "village_ct12", "A2026Q2")
    receive(store, [(key, contents)], stream=COMMUNE.key)
    row = row_of(build(store), key)
    assert row is not None
    assert row.title.endswith(said)


@pytest.mark.parametrize(
    ("reason", "said"), [("not_your_unit", "widgets.reason.not_your_unit"), ("of_tomorrow", "widgets.reason.other")]
)
def test_a_parked_change_says_why(build: Callable[..., TodayRoom], store: Store, reason: str, said: str) -> None:
    key = Key(VALUE, VILLAGE, "village_ct01", "A2026Q2")
    store.record_changes([(key, "5")], PERSON, NOW)
    push(store, parked=reason)
    room = build(store)
    row = row_of(room, key)
    assert row is not None
    assert row.detail.endswith(words.say(said))
    assert row.pill == "Tạm giữ"
    assert room.waiting.figure.text() == "0"


def test_a_parked_comment_waits_on_the_desk_and_opens_its_cell(
    room: TodayRoom, store: Store, feed: Feed, settled: Callable[[Callable[[], bool]], None]
) -> None:
    key = key_of(Key(VALUE, VILLAGE, "village_ct01", "A2026Q2"), "019324c1-5a00-7000-8000-000000000201")
    type_value(store, feed, key, content_of("Vì sao?"))
    push(store, parked="not_your_unit")
    feed.changed.emit(ChangeSet(frozenset({key})))
    settled(lambda: row_of(room, key) is not None)
    row = row_of(room, key)
    assert row is not None
    assert row.title.startswith("Ý kiến về CT01 ")
    assert room._places[key] == Place("entry", VILLAGE, "village_quarter", "A2026Q2", "village_ct01")


def test_progress_is_told_and_a_completed_task_leaves(
    room: TodayRoom, store: Store, feed: Feed, settled: Callable[[Callable[[], bool]], None]
) -> None:
    unit = f"{COMMUNE.key}.010"
    update = Progress(NOW.date(), 60, "Đã gửi").content()
    type_value(store, feed, Key(PROGRESS, unit, LATE_TASK, "", "u1"), update)
    key = ("task", LATE_TASK)
    settled(lambda: (row := row_of(room, key)) is not None and "60 % · cập nhật vừa xong" in row.detail)
    done = {"completed_date": '"2026-11-20"', "state": '"completed"'}
    cells = [(Key(TASK, unit, LATE_TASK, "", part), [content]) for part, content in done.items()]
    feed.changed.emit(ChangeSet(receive(store, cells)))
    settled(lambda: row_of(room, key) is None)


def test_what_is_asked_about_a_task_stands_on_the_desk_by_its_own_day(
    room: TodayRoom, store: Store, feed: Feed, settled: Callable[[Callable[[], bool]], None]
) -> None:
    keys = {key.item: key.unit for key in store.select(TASK, COMMUNE.key)}
    item = "01a199c5-3280-754a-8b36-762dba9eaf41"
    unit = keys[item]
    asked = Step(StepKind.ASK_EXPLANATION, date(2026, 11, 18), "Vì sao?", date(2026, 11, 20))
    more = Step(StepKind.ASK_EXTENSION, date(2026, 11, 19), "Chờ máy", date(2026, 12, 1))
    type_value(store, feed, Key(STEP, unit, item, "", "s1"), asked.content())
    type_value(store, feed, Key(STEP, unit, item, "", "s2"), more.content())
    key = ("task", item)
    settled(lambda: "phải giải trình trước hết 20/11" in (row_of(room, key) or Row("", "", "", "")).detail)
    found = row_of(room, key)
    assert found is not None
    assert "xin gia hạn, chờ trả lời" in found.detail
    late = groups(room)[words.say("today.group.overdue")]
    assert key in [row.key for row in late], "it has no deadline, the explanation has"
    told = Step(StepKind.EXPLAIN, date(2026, 11, 21), "Do mưa", to="s1")
    type_value(store, feed, Key(STEP, unit, item, "", "s3"), told.content())
    settled(lambda: "đã giải trình, chờ xem" in (row_of(room, key) or Row("", "", "", "")).detail)
    late = groups(room)[words.say("today.group.overdue")]
    assert key not in [row.key for row in late]


def test_receipts_name_what_the_centre_received(room: TodayRoom, store: Store, feed: Feed, qtbot: QtBot) -> None:
    assert len(room.receipts.lines) == 4
    assert room.receipts.lines[0][1].startswith("14 ô · Quý II/2026 · ")
    unit = f"{COMMUNE.key}.010"
    key = Key(PROGRESS, unit, LATE_TASK, "", "u1")
    store.record_changes([(key, Progress(NOW.date(), 60, "").content())], PERSON, NOW)
    push(store)
    feed.changed.emit(ChangeSet(frozenset({key})))
    qtbot.waitUntil(lambda: room.receipts.lines[0][1].startswith("Tiến độ · "), timeout=3000)
    assert room.waiting.sentence.text() == words.say("today.waiting.none")


def test_working_offline_by_choice_is_said(room: TodayRoom, store: Store, feed: Feed) -> None:
    store.record_changes([(Key(VALUE, VILLAGE, "village_ct01", "A2026Q4"), "5")], PERSON, NOW)
    feed.status.emit(Status(Phase.OFFLINE_BY_CHOICE))
    assert room.waiting.sentence.text() == words.say("today.waiting.by_choice")
    feed.status.emit(Status(Phase.ONLINE))
    assert room.waiting.sentence.text() == words.say("today.waiting.by_itself")


def test_a_desk_opened_after_the_choice_to_work_offline_says_it_too(
    build: Callable[..., TodayRoom], store: Store, feed: Feed
) -> None:
    feed.status.emit(Status(Phase.OFFLINE_BY_CHOICE))
    store.record_changes([(Key(VALUE, VILLAGE, "village_ct01", "A2026Q4"), "5")], PERSON, NOW)
    assert build(store).waiting.sentence.text() == words.say("today.waiting.by_choice")


def test_the_badge_counts_what_presses(build: Callable[..., TodayRoom], store: Store, qtbot: QtBot) -> None:
    room = build(store)
    with qtbot.waitSignal(room.badge) as told:
        room.hide()
        room.show()
    assert told.args == [sum(len(rows) for name, rows in groups(room).items() if name != "Sau đó và chưa có hạn")]


def test_before_enrolment_forms_can_be_typed_and_settings_open(
    qtbot: QtBot, build: Callable[..., TodayRoom], empty: Store, feed: Feed
) -> None:
    room = build(empty)
    assert {row.key[2] for group in groups(room).values() for row in group} == {  # type: ignore[index]
        "A2026Q3",
        "A2026Q4",
        "A2026M11",
        "A2026M12",
    }
    assert room.enter_code.isVisible()
    with qtbot.waitSignal(room.go) as went:
        QTest.mouseClick(room.enter_code, Qt.MouseButton.LeftButton)
    assert went.args == [Place("settings")]
    type_value(empty, feed, Key(VALUE, OWN_UNIT, "village_ct01", "A2026Q4"), "5")
    qtbot.waitUntil(lambda: room.waiting.figure.text() == "1", timeout=3000)
    assert room.waiting.sentence.text() == words.say("today.waiting.unenrolled")


def test_enrolment_shows_the_unit_without_a_new_window(
    build: Callable[..., TodayRoom], empty: Store, feed: Feed
) -> None:
    room = build(empty)
    enrol(empty)
    fill(empty)
    feed.status.emit(Status(Phase.ONLINE))
    assert not room.enter_code.isVisible()
    assert row_of(room, Q2) is not None


def test_before_the_first_sync_it_says_what_will_come(
    qtbot: QtBot, build: Callable[..., TodayRoom], empty: Store, feed: Feed
) -> None:
    enrol(empty)
    room = build(empty)
    assert groups(room) == {}
    assert room.open_entry.isVisible()
    assert room.focusProxy() is room.open_entry
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.open_entry, Qt.Key.Key_Space)
    assert went.args == [Place("entry")]
    fill(empty)
    feed.changed.emit(
        ChangeSet(frozenset({Key(UNIT, VILLAGE), Key(DEADLINE, COMMUNE.key, "village_quarter", "A2026Q2")}))
    )
    qtbot.waitUntil(lambda: row_of(room, Q2) is not None, timeout=3000)


def test_a_new_day_moves_the_deadlines(build: Callable[..., TodayRoom], store: Store) -> None:
    now = [NOW]
    room = build(store, lambda: now[0])
    now[0] += timedelta(days=1)
    room._look_at_clock()
    row = row_of(room, Q2)
    assert row is not None
    assert row.pill == "Quá hạn 160 ngày"


def test_a_hidden_desk_still_keeps_its_badge_right(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store, feed: Feed
) -> None:
    room = build(store)
    room.hide()
    key = Key(VALUE, VILLAGE, "village_ct12", "A2026Q2")
    with qtbot.waitSignal(room.badge, timeout=3000):
        feed.changed.emit(ChangeSet(receive(store, [(key, ["6", "7"])], stream=COMMUNE.key)))
    assert row_of(room, key) is not None
