"""Who was to do a task that another unit withdrew is told so on the desk, and once by the system."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.today.open_tasks import OpenTasks
from desktop.today.room import TodayRoom
from desktop.widgets.place import Place
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import Task
from sync.store import Store
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, NOW, receive
from tests.desktop.today.test_steps import build as build
from tests.desktop.today.test_steps import reminded, rows

ITEM = "019324c1-5a00-7000-8000-0000000000a7"
TASK = Task(ITEM, COMMUNE.key, "Lập danh sách", from_unit="48", document="9/KH")
# The clock of whoever withdrew it is a year behind; the centre received it the day before NOW.
WITHDRAWN = Step(StepKind.WITHDRAW, date(2025, 11, 20), "Giao nhầm xã", unit="48.20311")
RECEIVED = NOW.date() - timedelta(days=1)


def withdraw(store: Store, task: Task) -> None:
    """A task that was given and withdrawn, as the sync brings both."""
    cells = task.cells() | cells_of(task, "019324c1-5a00-7000-8000-0000000000b7", WITHDRAWN)
    receive(store, [(key, [content]) for key, content in cells.items()], "Sở A", COMMUNE.key)


def test_who_was_to_do_it_is_told_why_and_who_has_it_now(
    qtbot: QtBot, build: Callable[..., TodayRoom], store: Store
) -> None:
    before = build(store)
    urgent: list[int] = []
    withdraw(store, TASK)
    room = build(store)
    row = rows(room)["task", ITEM]
    assert (row.title, row.pill, row.action) == ("Lập danh sách", "Đã thu hồi", "Xem")
    assert row.detail.startswith("“Giao nhầm xã” · giao lại cho 48.20311 · Sở A thu hồi hôm qua")
    assert row.detail.endswith(" · Nhiệm vụ 9/KH")
    for each in (before, room):
        each.badge.connect(urgent.append)
        each._show_all()
    assert urgent[0] == urgent[1], "there is nothing to do about it"
    (told,) = set(reminded(room)) - set(reminded(before))
    assert (told.title, told.text) == ("Nhiệm vụ được thu hồi: Lập danh sách", "Giao nhầm xã")
    assert room.list.choose(row.key)
    with qtbot.waitSignal(room.go) as went:
        QTest.keyClick(room.list, Qt.Key.Key_Return)
    assert went.args == [Place("tasks", COMMUNE.key, task=ITEM)] == [told.place]


def test_it_is_told_for_two_weeks_by_the_clock_of_the_centre_and_not_to_who_gave_it(store: Store) -> None:
    withdraw(store, TASK)
    withdraw(store, replace(TASK, item=f"{ITEM[:-1]}8", unit=f"{COMMUNE.key}.004", from_unit=COMMUNE.key))
    tasks = Assignments(store, COMMUNE.key).all()

    def told(unit: str, days: int) -> list[str]:
        return [one.task.item for one in OpenTasks.of(tasks, unit, RECEIVED + timedelta(days=days)).withdrawn]

    assert told(COMMUNE.key, 0) == told(COMMUNE.key, 13) == [ITEM], "what it took back itself is no news to it"
    assert told(COMMUNE.key, 14) == told("48", 0) == []
