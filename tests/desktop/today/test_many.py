"""A province's desk: what it gave to all its communes is one row, and what they fill is counted in one look."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.today.forms import Forms
from desktop.today.room import TodayRoom
from desktop.widgets.place import Place
from sync.domain.keys import TASK, UNIT, VALUE, Key
from sync.domain.tasks import content_of
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.desktop.sampled import NOW, catalogue, enrol, receive
from tests.desktop.today.test_steps import build as build
from tests.desktop.today.test_steps import reminded, rows

PROVINCE = "48"
COMMUNES = tuple(f"48.{20200 + number}" for number in range(168))
WHOLE = "01a199c5-3280-7ad1-ad56-464d0a41f7e0"
CONTENT = "Kiện toàn tổ công nghệ số cộng đồng (mẫu)"
TODAY = NOW.date()


def item(number: int) -> str:
    return f"01a199c5-3280-7ad1-ad56-{number:012}"


def task(unit: str, name: str, due: date, parent: str = "", **fields: str) -> list[tuple[Key, list[str]]]:
    said: dict[str, str | date] = {"content": CONTENT, "document": "15/KH-UBND", "parent": parent, **fields}
    said["due_date"] = due
    return [(Key(TASK, unit, name, part=part), [content_of(value)]) for part, value in said.items() if value]


@pytest.fixture
def province(empty: Store) -> Store:
    """A province with 168 communes, two villages in each."""
    enrol(empty, PROVINCE)
    units = [Unit(PROVINCE, UnitKind.PROVINCE, "Đà Nẵng")]
    for number, key in enumerate(COMMUNES):
        units.append(Unit(key, UnitKind.COMMUNE, f"Xã số {number:03}"))
        units += [Unit(f"{key}.00{one}", UnitKind.VILLAGE, f"Thôn {one}") for one in (1, 2)]
    receive(empty, [(Key(UNIT, unit.key), [unit.content()]) for unit in units])
    return empty


def give(store: Store, due: Callable[[int], date]) -> None:
    """One task of the province, broken down to every commune, due in each on a day of its own."""
    cells = task(PROVINCE, WHOLE, TODAY + timedelta(days=30))
    for number, key in enumerate(COMMUNES):
        cells += task(key, item(number), due(number), WHOLE)
    receive(store, cells, stream=PROVINCE)


def test_what_all_communes_have_is_one_row_that_opens_the_most_urgent(
    qtbot: QtBot, build: Callable[..., TodayRoom], province: Store
) -> None:
    give(province, lambda number: TODAY + timedelta(days=2 if number != 40 else -3))
    room = build(province)
    found = {key: row for key, row in rows(room).items() if isinstance(key, tuple) and key[0] == "task"}
    assert set(found) == {("task", WHOLE), ("task", item(40))}, "its own, and all the others together"
    row = found["task", item(40)]
    assert row.title == CONTENT
    assert row.detail == "168 đơn vị: Xã số 040, Xã số 000, Xã số 001… · 1 đơn vị quá hạn · Nhiệm vụ 15/KH-UBND"
    assert (row.pill, row.look, row.action) == ("Quá hạn 3 ngày", "bad", "Xem")
    assert room.list.choose(("task", item(40)))
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("tasks", COMMUNES[40], task=item(40))]


def test_what_was_withdrawn_is_not_on_the_desk(build: Callable[..., TodayRoom], province: Store) -> None:
    late = TODAY - timedelta(days=3)
    gone = task(COMMUNES[1], item(1), late, state="withdrawn")
    receive(province, [*task(COMMUNES[0], item(0), late), *gone], stream=PROVINCE)
    found = {key: row for key, row in rows(build(province)).items() if isinstance(key, tuple) and key[0] == "task"}
    assert set(found) == {("task", item(0))}
    assert "2 đơn vị" not in found["task", item(0)].detail


def test_what_one_other_unit_has_stays_a_row_of_its_own(build: Callable[..., TodayRoom], province: Store) -> None:
    cells = task(COMMUNES[0], item(0), TODAY, content="Việc riêng")
    cells += [cell for number in (1, 2) for cell in task(COMMUNES[number], item(number), TODAY)]
    receive(province, cells, stream=PROVINCE)
    found = rows(build(province))
    assert found["task", item(0)].title == "Việc riêng"
    # Without a task above them what is said alike of one document is one thing.
    assert found["task", item(1)].detail.startswith("2 đơn vị: ")
    assert ("task", item(2)) not in found


def test_a_task_near_its_day_is_reminded_of_once_for_all_who_have_it(
    build: Callable[..., TodayRoom], province: Store
) -> None:
    give(province, lambda number: TODAY + timedelta(days=2 if number < 100 else 20))
    told = [one for one in reminded(build(province)) if one.token.startswith("task")]
    (first,) = told
    assert first.token == f"task {WHOLE} {TODAY + timedelta(days=2)}"
    assert first.title == f"Nhiệm vụ sắp đến hạn: {CONTENT}"
    assert first.text == "Hạn 23/11/2026. 100 đơn vị chưa xong."
    assert first.place == Place("tasks", COMMUNES[0], task=item(0))


@pytest.mark.parametrize(("days", "is_told"), [(-1, False), (0, True), (3, True), (4, False)])
def test_a_task_of_ones_own_is_reminded_of_in_its_last_days(
    build: Callable[..., TodayRoom], province: Store, days: int, is_told: bool
) -> None:
    due = TODAY + timedelta(days=days)
    receive(province, task(PROVINCE, item(1), due), stream=PROVINCE)
    told = [one for one in reminded(build(province)) if one.token.startswith("task")]
    assert [one.token for one in told] == [f"task {item(1)} {due}"] * is_told
    if is_told:
        assert told[0].text == f"Hạn {due:%d/%m/%Y}. Chưa cập nhật tiến độ."


def test_what_is_completed_is_not_reminded_of(build: Callable[..., TodayRoom], province: Store) -> None:
    due = TODAY + timedelta(days=1)
    receive(province, task(PROVINCE, item(1), due, state="completed", completed_date="2026-11-20"), stream=PROVINCE)
    assert not [one for one in reminded(build(province)) if one.token.startswith("task")]


def test_the_forms_of_all_communes_are_counted_in_one_look(province: Store) -> None:
    figures = [(Key(VALUE, key, "village_ct01", "A2026Q3"), ["434"]) for key in COMMUNES[:100]]
    receive(province, figures, stream=PROVINCE)
    forms = Forms(province, catalogue(), PROVINCE)
    asked: list[str] = []
    province.db.set_trace_callback(asked.append)
    dues = forms.dues(TODAY)
    province.db.set_trace_callback(None)
    looks = [one for one in asked if "FROM record" in one and "'value'" in one]
    assert len(looks) <= 2, "one for the records, and one for what is open"
    (due,) = [due for due in dues if (due.form.key, due.period.code) == ("commune_quarter", "A2026Q3")]
    assert len(due.units) == 168
    assert due.filled == 100
    # The villages are their communes' business.
    assert not [due for due in dues if due.form.key == "village_quarter"]
    # What was counted is not counted again, and what changed alone is.
    asked.clear()
    province.db.set_trace_callback(asked.append)
    assert forms.dues(TODAY) == dues
    assert not [one for one in asked if "'value'" in one]
    key = Key(VALUE, COMMUNES[100], "village_ct01", "A2026Q3")
    province.record_changes([(key, "1")], "Hoa", NOW)
    assert forms.forget([key])
    again = forms.dues(TODAY)
    province.db.set_trace_callback(None)
    assert [due.filled for due in again if due.period.code == "A2026Q3" and due.form.key == "commune_quarter"] == [101]
