"""What the tasks of a unit want a figure to reach stands beside it, and in no other cell or period."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from desktop.entry.room import EntryRoom
from desktop.entry.spark import Spark
from desktop.feed import Feed
from desktop.widgets.place import Place
from desktop.widgets.words import say
from sync.domain.keys import Key
from sync.domain.targets import Target
from sync.domain.tasks import Task, TaskState
from sync.store import Store
from tests.desktop.entry.conftest import FIRST, PERIOD, SECOND
from tests.desktop.entry.test_model import key
from tests.desktop.entry.test_room import card, type_in
from tests.desktop.sampled import NOW, PERSON

TASK = Task(
    "0197c0de-0000-7000-8000-000000000001",
    FIRST,
    content="Vận động hộ dân lắp Internet",
    targets=(Target("households", Decimal(500)),),
    due_date=PERIOD.last_day,
)


def give(store: Store, feed: Feed, *tasks: Task) -> None:
    edits = [cell for task in tasks for cell in task.cells().items()]
    feed.changed.emit(store.record_changes(edits, PERSON, NOW))


def shown(room: EntryRoom, item: str = "households", unit: str = FIRST) -> str:
    room.show_place(Place("entry", unit=unit, item=item))
    return card(room)


def test_the_target_of_a_task_stands_beside_the_value(room: EntryRoom, commune: Store, feed: Feed) -> None:
    assert say("entry.card.target") not in shown(room)
    give(commune, feed, TASK)
    assert say("entry.card.target") in shown(room)
    assert "500" in shown(room)
    assert "Vận động hộ dân lắp Internet · hạn 14/12/2026" in shown(room)
    type_in(room, "households", "300")
    assert "500 · đạt 60 %" in shown(room)
    assert say("entry.card.target") not in shown(room, "poor")
    assert say("entry.card.target") not in shown(room, unit=SECOND)


def test_what_is_said_of_the_task_later_is_shown(room: EntryRoom, commune: Store, feed: Feed) -> None:
    give(commune, feed, TASK)
    assert "500" in shown(room)
    give(commune, feed, replace(TASK, targets=(Target("households", Decimal(450)),)))
    assert "450" in shown(room)
    assert "500" not in shown(room)
    for state in (TaskState.REFUSED, TaskState.IN_PROGRESS, TaskState.WITHDRAWN):
        give(commune, feed, replace(TASK, targets=(Target("households", Decimal(450)),), state=state))
        assert (say("entry.card.target") in shown(room)) is (state is TaskState.IN_PROGRESS)


def test_several_tasks_want_something_the_nearest_deadline_first(room: EntryRoom, commune: Store, feed: Feed) -> None:
    later = replace(TASK, item=TASK.item[:-1] + "2", content="Việc cả năm", due_date=None)
    give(commune, feed, later, replace(TASK, content="Việc của quý"))
    told = shown(room)
    assert told.index("Việc của quý") < told.index("Việc cả năm · không hạn")


@pytest.mark.parametrize(
    ("dates", "is_wanted"),
    [
        ((PERIOD.first_day, PERIOD.first_day), True),
        ((PERIOD.last_day, None), True),
        ((None, PERIOD.previous.last_day), False),
        ((PERIOD.last_day.replace(year=PERIOD.last_day.year + 1), None), False),
    ],
)
def test_it_is_wanted_in_the_periods_of_its_task(
    room: EntryRoom, commune: Store, feed: Feed, dates: tuple[date | None, date | None], is_wanted: bool
) -> None:
    give(commune, feed, replace(TASK, start_date=dates[0], due_date=dates[1]))
    assert (say("entry.card.target") in shown(room)) is is_wanted


def test_a_target_that_cannot_be_read_leaves_the_card(room: EntryRoom, commune: Store, feed: Feed) -> None:
    give(commune, feed, TASK)
    odd = Key("task", FIRST, TASK.item, "", "targets")
    feed.changed.emit(commune.record_changes([(odd, '"nhiều hơn"')], PERSON, NOW))
    assert say("entry.card.target") not in shown(room)


def test_the_line_of_the_past_shows_it(room: EntryRoom, commune: Store, feed: Feed) -> None:
    before = PERIOD.previous
    edits = [(key("households", period=then.code), "400") for then in (before, before.previous)]
    feed.changed.emit(commune.record_changes(edits, PERSON, NOW))
    give(commune, feed, TASK)
    shown(room)
    (spark,) = [found for found in room.findChildren(Spark) if found.isVisible()]
    assert f"{say('entry.card.target')}: 500" in spark.accessibleName()
    drawn = spark.grab().toImage()
    plain = drawn.pixelColor(2, drawn.height() - 2)
    # The broken line lies above all figures, at the top of the space.
    assert any(drawn.pixelColor(x, y) != plain for x in range(4) for y in range(drawn.height() // 3))
