"""The tasks of a subtree with their updates: assembled, ordered, and read again only where something changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sync.domain.keys import PROGRESS, TASK, VALUE, Key
from sync.domain.tasks import Progress, Task
from sync.domain.values import CLEARED
from sync.store import Store
from sync.store.assigned import Assignments

VILLAGE = "48.20308.001"
AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data", bytes(32))
    yield opened
    opened.close()


def keep(store: Store, *edits: tuple[Key, str], at: datetime = AT) -> frozenset[Key]:
    return store.record_changes(edits, "Hoa", at).keys


def assign(store: Store, item: str, unit: str = VILLAGE) -> frozenset[Key]:
    return keep(store, *Task(item, unit, f"Việc {item}", due_date=date(2026, 11, 30)).cells().items())


def progress(item: str, part: str, day: int, percent: int | None, words: str = "") -> tuple[Key, str]:
    return Key(PROGRESS, VILLAGE, item, "", part), Progress(date(2026, 11, day), percent, words).content()


def test_tasks_of_the_subtree_and_no_others(store: Store) -> None:
    assign(store, "a")
    assign(store, "b", "48.20308")
    assign(store, "c", "48.20309.001")
    assert [each.task.item for each in Assignments(store, "48.20308").all()] == ["b", "a"]
    assert [each.task.item for each in Assignments(store, VILLAGE).all()] == ["a"]
    assert Assignments(store, "48").find("c") is not None
    assert Assignments(store, "48").find("d") is None


def test_updates_stand_newest_date_first_and_of_one_day_the_last_typed(store: Store) -> None:
    assign(store, "a")
    keep(store, progress("a", "3", 20, 70), at=AT)
    keep(store, progress("a", "1", 18, 50), at=AT + timedelta(minutes=1))
    keep(store, progress("a", "2", 20, None, "không số"), at=AT + timedelta(minutes=2))
    (found,) = Assignments(store, VILLAGE).all()
    assert [update.cell.key.part for update in found.updates] == ["2", "3", "1"]
    assert found.percent == 70


def test_of_one_days_figures_the_last_typed_counts(store: Store) -> None:
    assign(store, "a")
    keep(store, progress("a", "1", 20, 80), at=AT)
    keep(store, progress("a", "2", 20, 75), at=AT + timedelta(minutes=1))
    (found,) = Assignments(store, VILLAGE).all()
    assert found.percent == 75


def test_without_updates_nothing_is_said_of_the_per_cent(store: Store) -> None:
    assign(store, "a")
    assert Assignments(store, VILLAGE).all()[0].percent is None
    keep(store, progress("a", "1", 20, None, "lời"))
    assert Assignments(store, VILLAGE).all()[0].percent is None


def test_only_what_changed_is_read_again(store: Store) -> None:
    assign(store, "a")
    assignments = Assignments(store, "48.20308")
    keys = keep(store, progress("a", "1", 20, 80))
    assert not assignments.refresh([Key(VALUE, VILLAGE, "x", "A2026Q4"), Key(TASK, "48.20309", "a", "", "content")])
    assert assignments.all()[0].updates == ()
    assert assignments.refresh(keys)
    assert assignments.all()[0].percent == 80
    assert assignments.refresh(assign(store, "b", f"{VILLAGE[:-1]}2"))
    assert [each.task.item for each in assignments.all()] == ["a", "b"]


def test_a_withdrawn_update_leaves(store: Store) -> None:
    assign(store, "a")
    key, content = progress("a", "1", 20, 80)
    keep(store, (key, content))
    keep(store, (key, CLEARED))
    assert Assignments(store, VILLAGE).all()[0].updates == ()


def test_an_update_before_its_task_waits(store: Store) -> None:
    keep(store, progress("a", "1", 20, 80))
    assignments = Assignments(store, VILLAGE)
    assert assignments.all() == []
    assignments.refresh(assign(store, "a"))
    assert assignments.all()[0].percent == 80


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("state", '"a_state_of_tomorrow"'),
        ("due_date", '"mai"'),
        ("a_field_of_tomorrow", '"x"'),
        ("assigner", "5"),
        ("assigner", "{"),
    ],
)
def test_a_field_that_cannot_be_read_costs_no_other(store: Store, part: str, content: str) -> None:
    assign(store, "a")
    keep(store, (Key(TASK, VILLAGE, "a", "", part), content))
    (found,) = Assignments(store, VILLAGE).all()
    assert found.task.content == "Việc a"


def test_an_update_that_cannot_be_read_costs_no_other(store: Store) -> None:
    assign(store, "a")
    keep(store, progress("a", "1", 20, 80), (Key(PROGRESS, VILLAGE, "a", "", "2"), '{"percent":500}'))
    assert [update.cell.key.part for update in Assignments(store, VILLAGE).all()[0].updates] == ["1"]
