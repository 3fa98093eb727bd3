"""Thousands of tasks: read and listed on a thread, while what was shown before stands and the window goes on."""

import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.tasks import listing, reading
from desktop.tasks.listing import Choice, Line, Listing, Order
from desktop.tasks.reading import Reading
from desktop.widgets import work
from desktop.widgets.rows import Lazy, Row
from sync.domain.errors import EnvironmentFault
from sync.domain.keys import VALUE, Key
from sync.domain.tasks import Task, Timeliness
from sync.store import Store, assigned
from sync.store.assigned import Assignments
from tests.desktop.sampled import COMMUNE, NOW, unopened

TODAY = date(2026, 11, 21)
TASK = Task("", f"{COMMUNE.key}.003", "Việc", from_unit=COMMUNE.key, due_date=date(2026, 11, 25))


def item(number: int) -> str:
    return f"019324c1-5a00-7000-8000-{number:012}"


def give(store: Store, *numbers: int, due: date | None = TASK.due_date) -> set[Key]:
    tasks = [replace(TASK, item=item(number), due_date=due) for number in numbers]
    return set(store.record_changes([edit for task in tasks for edit in task.cells().items()], "Hoa", NOW).keys)


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], Store]:
    """A connection for another thread."""
    return lambda: Store.open(tmp_path / "data", bytes(32))


@pytest.fixture
def build(store: Store) -> Iterator[Callable[[Callable[[], Store]], tuple[Reading, list[bool]]]]:
    """Makes a reading of the commune, with a list of what it brings: whether it was the first."""
    window = QObject()

    def made(open_store: Callable[[], Store]) -> tuple[Reading, list[bool]]:
        here, brought = Reading(store, open_store, TODAY, window), list[bool]()
        here.read.connect(brought.append)
        here.begin(COMMUNE.key, {}, TODAY, TODAY)
        return here, brought

    yield made
    window.deleteLater()


Build = Callable[[Callable[[], Store]], tuple[Reading, list[bool]]]


def test_few_are_there_at_once_and_again_when_they_change(store: Store, build: Build) -> None:
    here, brought = build(unopened)
    before = len(here.listing.lines)
    assert (before, brought) == (5, [])
    here.touch(give(store, 1))
    assert (len(here.listing.lines), brought) == (before + 1, [False])
    here.touch({Key(VALUE, COMMUNE.key, "x", "A2026Q4")})
    assert brought == [False], "no task has become another"
    here.turn_to(date(2026, 12, 1), TODAY)
    assert here.listing.by_item[item(1)].stand is Timeliness.OVERDUE


def test_what_stays_as_it_is_is_not_looked_at_again(store: Store, build: Build) -> None:
    here, _ = build(unopened)
    before = {line.item: line for line in here.listing.lines}
    here.touch(give(store, 1))
    assert {line.item for line in here.listing.lines if line is not before.get(line.item)} == {item(1)}
    assert here.listing.lines == sorted(here.listing.lines, key=lambda line: line.pressing)


def test_thousands_that_a_sync_brings_come_behind_what_is_shown(
    qtbot: QtBot, store: Store, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MADE", 2)
    here, brought = build(opened)
    shown = here.listing
    here.touch(give(store, 1, 2, 3))
    assert here.is_under_way
    assert not here.is_first
    assert here.listing is shown
    # What comes meanwhile is read behind it.
    here.touch(give(store, 4))
    assert here.find(item(4)) is None
    qtbot.waitUntil(lambda: not here.is_under_way)
    assert here.find(item(1)) is not None
    assert here.find(item(4)) is not None
    assert set(brought) == {False}
    # It goes on with the window's own connection.
    here.touch(give(store, 5, due=None))
    qtbot.waitUntil(lambda: here.find(item(5)) is not None)
    assert here.listing.by_item[item(5)].stand is Timeliness.NO_DEADLINE


def test_a_long_list_is_put_in_order_on_a_thread_whatever_changes(
    qtbot: QtBot, store: Store, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LISTED", 2)
    here, _ = build(opened)
    here.touch(give(store, 1))
    assert here.is_under_way
    qtbot.waitUntil(lambda: here.find(item(1)) is not None)


def test_what_is_chosen_is_put_in_order_on_the_thread_and_not_on_the_windows(
    qtbot: QtBot, store: Store, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LISTED", 2)
    looked: list[str] = []
    found = Listing.found

    def watched(self: Listing, choice: Choice) -> list[Line]:
        looked.append(threading.current_thread().name)
        return found(self, choice)

    monkeypatch.setattr(Listing, "found", watched)
    here, _ = build(opened)
    chosen = Choice("việc", order=Order.DUE)
    here.choice = lambda: chosen
    here.touch(give(store, 1))
    qtbot.waitUntil(lambda: here.find(item(1)) is not None)
    shown = here.listing.show(chosen)
    assert looked == ["work"]
    assert [row.key for row in shown.rows if isinstance(row, Row)] == [item(1)]
    assert here.listing.show(Choice()).fit == len(here.listing.lines)
    assert looked == ["work", "MainThread"]


def test_a_listing_goes_with_the_last_that_shows_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for what refers to itself among thousands of tasks."""
    monkeypatch.setattr(listing, "MOST_AT_ONCE", 1)
    made = Listing(Assignments(store, COMMUNE.key).all(), {}, TODAY, TODAY).prepare(Choice())
    rows = made.show(Choice()).rows
    assert isinstance(rows, Lazy)
    gone = weakref.ref(made)
    del made
    assert gone() is None
    assert isinstance(rows[0], Row), "what is still shown stays"


def test_of_several_days_the_last_is_listed(
    qtbot: QtBot, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MADE", 2)
    here, brought = build(opened)
    for day in (1, 2, 3):
        here.turn_to(date(2026, 12, day), TODAY)
    qtbot.waitUntil(lambda: not here.is_under_way)
    assert here.listing.as_of == date(2026, 12, 3)
    assert len(brought) == 2


def test_what_could_not_be_read_comes_with_the_next_change(
    qtbot: QtBot, store: Store, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MADE", 2)
    doors: list[Callable[[], Store]] = []

    def busy() -> Store:
        raise EnvironmentFault("store_busy")

    here, _ = build(lambda: doors[-1]())
    doors.append(busy)
    with qtbot.waitSignal(here.failed):
        here.touch(give(store, 1, 2, 3))
    assert here.find(item(1)) is None
    doors.append(opened)
    here.touch(give(store, 4))
    qtbot.waitUntil(lambda: here.find(item(1)) is not None)


def test_another_unit_leaves_what_was_being_read(
    qtbot: QtBot, store: Store, build: Build, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigned, "MANY_CELLS", 10)
    here, brought = build(opened)
    assert here.is_first
    monkeypatch.setattr(assigned, "MANY_CELLS", 8_000)
    here.begin(TASK.unit, {}, TODAY, TODAY)
    assert not here.is_first
    qtbot.waitUntil(lambda: not work._running)
    assert {line.unit for line in here.listing.lines} <= {TASK.unit}
    assert brought == []


def test_a_past_day_keeps_what_came_later_from_the_list_alone(store: Store, build: Build) -> None:
    here, _ = build(unopened)
    here.turn_to(date(2020, 1, 1), TODAY)
    assert here.listing.lines == []
    assert len(here.listing.all) == 5
    late = Listing(here.listing.all, {}, TODAY, TODAY).late_on(TODAY)
    assert here.listing.late_on(TODAY) == late > 0
