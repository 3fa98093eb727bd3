"""What a task asks for on its page: answers, and what only a person can judge."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.feed import Feed
from desktop.tasks.here import Here
from desktop.tasks.room import TasksRoom
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.keys import BROADCAST, STEP, UNIT, Key
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.tasks import Task, TaskState
from sync.domain.units import Unit, UnitKind
from sync.store import Store
from tests.desktop.sampled import COMMUNE, NOW, catalogue, clock, enrol, means, push, receive, unopened

VILLAGE = f"{COMMUNE.key}.003"
ITEM = "019324c1-5a00-7000-8000-0000000000a1"
TASK = Task(ITEM, VILLAGE, "Rà soát", from_unit=COMMUNE.key, start_date=date(2026, 11, 2), due_date=date(2026, 11, 19))
TODAY = date(2026, 11, 21)


@pytest.fixture
def build(qtbot: QtBot, feed: Feed, tmp_path: Path) -> Callable[[Store], TasksRoom]:
    def made(store: Store) -> TasksRoom:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        room = TasksRoom(store, unopened, catalogue(), feed, clock(), settings, means(settings))
        qtbot.addWidget(room)
        room.show()
        room.show_place(Place("tasks", task=ITEM))
        return room

    return made


def take(store: Store, task: Task, at: datetime, *steps: Step) -> None:
    """Give the task and take these steps, all typed at `at`, and received now."""
    cells = task.cells()
    for number, step in enumerate(steps):
        cells |= cells_of(task, f"019324c1-5a00-7000-8000-00000000010{number}", step)
    store.record_changes(list(cells.items()), "Hoa", at)
    push(store)


def asked(room: TasksRoom) -> str:
    return (
        "\n".join(label.text() for label in room.page.asks.findChildren(QLabel)) if room.page.asks.isVisible() else ""
    )


def test_the_end_of_a_unit_is_said_of_what_it_leaves_open(store: Store, build: Callable[[Store], TasksRoom]) -> None:
    take(store, TASK, NOW)
    ended = replace(next(one for one in store.units("48") if one.key == VILLAGE), valid_to=date(2026, 11, 20))
    receive(store, [(Key(UNIT, VILLAGE), [ended.content()])], stream=BROADCAST)
    room = build(store)
    assert asked(room) == say("tasks.asks.unit_closed", day="20/11/2026")
    assert room.page.form.isVisibleTo(room.page), "what was done until then can still be said"
    done = [(key, content) for key, content in replace(TASK, state=TaskState.COMPLETED).cells().items()]
    room._feed.changed.emit(store.record_changes(done, "Hoa", NOW))
    room._refresh({key for key, _ in done})
    assert asked(room) == ""


def test_what_was_reported_in_time_and_received_late_is_for_a_person_to_judge(
    store: Store, build: Callable[[Store], TasksRoom]
) -> None:
    report = Step(StepKind.REPORT_DONE, date(2026, 11, 18))
    take(store, TASK, NOW - timedelta(days=3), report)
    words = say("tasks.asks.received_late", done="18/11/2026", received="21/11/2026", due="19/11/2026")
    assert words in asked(build(store))


@pytest.mark.parametrize(
    ("due", "done"), [(date(2026, 11, 21), date(2026, 11, 18)), (date(2026, 11, 17), date(2026, 11, 18)), (None, TODAY)]
)
def test_what_was_received_in_time_or_reported_late_needs_no_word(
    store: Store, build: Callable[[Store], TasksRoom], due: date | None, done: date
) -> None:
    take(store, replace(TASK, due_date=due), NOW, Step(StepKind.REPORT_DONE, done))
    assert asked(build(store)) == ""


def test_a_part_that_runs_past_its_whole_is_told_on_both_pages(
    store: Store, build: Callable[[Store], TasksRoom]
) -> None:
    whole = replace(TASK, item="019324c1-5a00-7000-8000-0000000000a2", unit=COMMUNE.key, due_date=date(2026, 11, 25))
    extended = Step(StepKind.EXTEND, date(2026, 11, 20), "", date(2026, 11, 30), TASK.due_date)
    take(store, whole, NOW)
    take(store, replace(TASK, parent=whole.item), NOW, extended)
    room = build(store)
    assert asked(room) == say("tasks.asks.after_whole", due="30/11/2026", whole="25/11/2026")
    room.show_place(Place("tasks", task=whole.item))
    assert asked(room) == say("tasks.asks.parts_after", count=1, due="25/11/2026", last="30/11/2026")
    room.as_of.show_day(date(2026, 11, 19))
    assert asked(room) == "", "before it was extended"


def test_a_past_day_asks_what_was_asked_then_and_today_all(store: Store, build: Callable[[Store], TasksRoom]) -> None:
    early = Step(StepKind.ASK_EXTENSION, date(2026, 11, 10), "Chờ máy", date(2026, 11, 25))
    ahead = Step(StepKind.ASK_EXPLANATION, date(2027, 11, 10), "Vì sao chậm?", date(2027, 11, 12))
    take(store, TASK, NOW, early, ahead)
    room = build(store)
    first = say("tasks.asks.extension", due="25/11/2026", words="Chờ máy")
    second = say("tasks.asks.asked", due="12/11/2027", words="Vì sao chậm?")
    assert asked(room) == f"{first}\n{second}"
    room.as_of.show_day(date(2026, 11, 10))
    assert asked(room) == first
    room.as_of.show_day(date(2026, 11, 9))
    assert asked(room) == ""
    # A step from a PC whose clock is ahead says so itself.
    told = [label.text() for view in room.page.taken for label in view.findChildren(QLabel)]
    assert told.count(say("tasks.step.ahead")) == 1
    assert store.cells(STEP, VILLAGE)


def test_units_of_one_name_are_told_apart(empty: Store) -> None:
    enrol(empty, "48")
    units = [
        Unit("48", UnitKind.PROVINCE, "Thành phố Đà Nẵng"),
        Unit("48.20308", UnitKind.COMMUNE, "Xã Bà Nà"),
        Unit("48.20309", UnitKind.COMMUNE, "Xã Hòa Vang"),
        Unit("48.20310", UnitKind.COMMUNE, "Xã Hòa Vang", valid_to=date(2025, 6, 30)),
        Unit("48.20308.001", UnitKind.VILLAGE, "Thôn 1"),
        Unit("48.20309.001", UnitKind.VILLAGE, "Thôn 1"),
    ]
    receive(empty, [(Key(UNIT, unit.key), [unit.content()]) for unit in units], stream=BROADCAST)
    here = Here(empty, catalogue(), "48")
    assert here.names == {
        "48": "Thành phố Đà Nẵng",
        "48.20308": "Xã Bà Nà",
        "48.20309": "Xã Hòa Vang, Thành phố Đà Nẵng",
        "48.20310": "Xã Hòa Vang (đến 30/06/2025)",
        "48.20308.001": "Thôn 1, Xã Bà Nà",
        "48.20309.001": "Thôn 1, Xã Hòa Vang",
    }
    assert here.closed("48.20310", date(2025, 7, 1)) == date(2025, 6, 30)
    assert here.closed("48.20310", date(2025, 6, 30)) is None


def test_two_who_give_it_to_different_units_instead_are_told(store: Store, build: Callable[[Store], TasksRoom]) -> None:
    steps = [Step(StepKind.WITHDRAW, TODAY, "Nhầm thôn", unit=f"{COMMUNE.key}.00{number}") for number in (4, 5)]
    take(store, TASK, NOW, steps[0])
    room = build(store)
    assert asked(room) == say("tasks.asks.withdrawn", day="21/11/2026", words="Nhầm thôn")
    take(store, TASK, NOW, *steps)
    room._refresh({Key(STEP, VILLAGE, ITEM)})
    names = ", ".join(room._here.names[step.unit] for step in steps)
    assert asked(room).endswith(say("tasks.asks.moved_twice", units=names))


def test_a_part_that_was_given_while_its_whole_was_withdrawn_is_told_at_both(
    store: Store, build: Callable[[Store], TasksRoom]
) -> None:
    whole = replace(TASK, item=f"{ITEM[:-1]}0", unit=COMMUNE.key, from_unit="48")
    take(store, whole, NOW, Step(StepKind.WITHDRAW, TODAY, "Giao nhầm"))
    part = replace(TASK, parent=whole.item)
    take(store, part, NOW)
    room = build(store)
    assert asked(room) == say("tasks.asks.whole_withdrawn")
    room.show_place(Place("tasks", task=whole.item))
    assert asked(room).endswith(say("tasks.asks.parts_open", count=1))
    take(store, part, NOW, Step(StepKind.WITHDRAW, TODAY, "Theo việc chung"))
    room._refresh({Key(STEP, VILLAGE, ITEM)})
    assert asked(room) == say("tasks.asks.withdrawn", day="21/11/2026", words="Giao nhầm")
    room.show_place(Place("tasks", task=ITEM))
    assert asked(room) == say("tasks.asks.withdrawn", day="21/11/2026", words="Theo việc chung")
