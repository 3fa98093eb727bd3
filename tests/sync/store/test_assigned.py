"""The tasks of a subtree with their updates: assembled, ordered, and read again only where something changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync.domain.heads import Outcome
from sync.domain.identifiers import uuid7
from sync.domain.keys import PROGRESS, STEP, TASK, VALUE, Key
from sync.domain.progress import Progress
from sync.domain.steps import Step, StepKind, cells_of
from sync.domain.targets import Target
from sync.domain.tasks import Task, TaskState
from sync.domain.values import CLEARED
from sync.protocol.messages import Result
from sync.store import CellState, Store
from sync.store.assigned import Assignments, task_of
from tests.sync.store.conversation import head, pull, push_all, record

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


def test_steps_are_read_with_what_they_made_of_the_task_and_as_of_an_earlier_day(store: Store) -> None:
    assign(store, "a")
    (before,) = Assignments(store, VILLAGE).all()
    longer = Step(StepKind.EXTEND, date(2026, 11, 21), "", date(2026, 12, 9), before.task.due_date)
    keys = keep(store, *cells_of(before.task, "s1", longer).items())
    assert Key(STEP, VILLAGE, "a", "", "s1") in keys
    (found,) = Assignments(store, VILLAGE).all()
    assert found.steps == {"s1": longer}
    assert found.task.due_date == date(2026, 12, 9)
    assert found.on(date(2026, 11, 20)).due_date == date(2026, 11, 30)
    assert found.on(date(2026, 11, 21)).due_date == date(2026, 12, 9)


def test_a_step_that_cannot_be_read_costs_no_other(store: Store) -> None:
    assign(store, "a")
    said = Step(StepKind.ASK_EXPLANATION, date(2026, 11, 20), "Vì sao?", date(2026, 11, 25))
    keep(
        store, (Key(STEP, VILLAGE, "a", "", "s1"), said.content()), (Key(STEP, VILLAGE, "a", "", "s2"), '{"step":"x"}')
    )
    assert Assignments(store, VILLAGE).all()[0].steps == {"s1": said}


def test_the_progress_of_a_whole_follows_from_its_parts(store: Store) -> None:
    whole = Task("w", "48.20308", "Cả xã", due_date=date(2026, 11, 30))
    parts = [Task(f"p{n}", f"48.20308.00{n}", "Phần", parent="w") for n in (1, 2, 3)]
    helper = Task("h", "48.20308.004", "Giúp", parent="w", supports="48.20308.001")
    for task in (whole, *parts, helper):
        keep(store, *task.cells().items())
    assignments = Assignments(store, "48.20308")

    def percent() -> int | None:
        found = assignments.find("w")
        assert found is not None
        return found.percent

    assert percent() == 0
    one = Key(PROGRESS, "48.20308.001", "p1", "", "u"), Progress(date(2026, 11, 20), 50).content()
    mine = Key(PROGRESS, "48.20308", "w", "", "u"), Progress(date(2026, 11, 20), 90).content()
    assignments.refresh(keep(store, one, mine))
    assert percent() == 16
    cells = cells_of(parts[1], "s", Step(StepKind.CONFIRM, date(2026, 11, 22)))
    assignments.refresh(keep(store, *cells.items()))
    assert percent() == 50
    found = assignments.find("w")
    assert found is not None
    assert [part.task.item for part in found.parts] == ["p1", "p2", "p3"]
    assert found.percent_on(date(2026, 11, 21)) == 16
    assert [len(found.said(date(2026, 11, day))) for day in (19, 20)] == [0, 2]
    assert (found.said_on(date(2026, 11, 21)), found.said_on(date(2026, 11, 19))) == (date(2026, 11, 20), None)


def test_what_a_part_said_that_was_withdrawn_says_nothing_of_the_whole_from_that_day_on(store: Store) -> None:
    keep(store, *Task("w", "48.20308", "Việc").cells().items())
    part = Task("p", VILLAGE, "Việc", parent="w")
    said = Key(PROGRESS, VILLAGE, "p", "", "u"), Progress(date(2026, 11, 20), 50, "Nhầm thôn").content()
    keep(store, *part.cells().items(), said)
    withdrawn = Step(StepKind.WITHDRAW, date(2026, 11, 22), "Giao nhầm")
    keep(store, *cells_of(part, "s", withdrawn).items())
    found = Assignments(store, "48.20308").find("w")
    assert found is not None
    assert [update.words for update in found.said(date(2026, 11, 21))] == ["Nhầm thôn"]
    assert found.said(date(2026, 11, 22)) == []
    assert found.said_on(date(2026, 11, 22)) is None


def test_tasks_that_are_parts_of_each_other_come_to_an_end(store: Store) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        keep(store, *Task(one, VILLAGE, "Vòng", parent=other).cells().items())
    assert [each.percent for each in Assignments(store, VILLAGE).all()] == [0, 0]


def test_one_task_is_read_alone_by_any_key_of_its_own(store: Store) -> None:
    assign(store, "one")
    (whole,) = Assignments(store, VILLAGE).all()
    assert task_of(store, Key(PROGRESS, VILLAGE, "one", "", "x")) == whole.task
    assert task_of(store, Key(PROGRESS, VILLAGE, "other", "", "x")) is None


def test_a_withdrawn_task_leaves(store: Store) -> None:
    assign(store, "a")
    keep(store, *((key, CLEARED) for key in Task("a", VILLAGE, "x", due_date=date(2026, 1, 1)).cells()))
    assert Assignments(store, VILLAGE).all() == []


def test_work_that_has_begun_is_in_progress_on_the_day_too(store: Store) -> None:
    assign(store, "a")
    keep(store, progress("a", "1", 20, 80))
    (found,) = Assignments(store, VILLAGE).all()
    assert found.on(date(2026, 11, 25)).state is TaskState.IN_PROGRESS
    assert found.on(date(2026, 11, 19)).state is TaskState.NOT_STARTED, "nothing had been said by then"


def test_parts_given_later_do_not_count_before(store: Store) -> None:
    whole = Task("a", "48.20308", "Việc chung", start_date=date(2026, 11, 1))
    made = uuid7(datetime(2026, 11, 10, 3, tzinfo=UTC))
    part = Task(made, VILLAGE, "Việc chung", parent="a", start_date=date(2026, 11, 10))
    keep(store, *whole.cells().items(), *part.cells().items())
    own = Key(PROGRESS, "48.20308", "a", "", "1"), Progress(date(2026, 11, 5), 40).content()
    keep(store, own, progress(made, "2", 20, 90))
    found = Assignments(store, "48.20308").find("a")
    assert found is not None
    assert [found.percent_on(date(2026, 11, day)) for day in (4, 5, 9, 10, 20)] == [None, 40, 40, 0, 90]
    # A part that a PC with a clock ahead has made counts from the first that is said of it.
    keep(store, progress(made, "3", 7, 10))
    again = Assignments(store, "48.20308").find("a")
    assert again is not None
    assert [again.percent_on(date(2026, 11, day)) for day in (6, 7)] == [40, 10]


def test_entering_a_figure_moves_the_task_that_names_it(store: Store) -> None:
    task = Task("a", VILLAGE, "Đủ thành viên", targets=(Target("village_ct12", Decimal(20)),))
    keep(store, *task.cells().items(), progress("a", "1", 20, 80))
    other = Task("b", VILLAGE, "Việc khác")
    keep(store, *other.cells().items())
    assignments = Assignments(store, "48.20308")
    assert [each.percent for each in assignments.all()] == [80, None], "while no figure is known, by the last update"
    figure = Key(VALUE, VILLAGE, "village_ct12", "A2026Q4")
    assert not assignments.refresh(keep(store, (figure._replace(item="village_ct01"), "300")))
    assert assignments.refresh(keep(store, (figure, "12")))
    assert [each.percent for each in assignments.all()] == [60, None]
    keep(store, (figure._replace(part="female"), "7"), (figure._replace(period="A2026Q3"), "5"))
    found = Assignments(store, VILLAGE).find("a")
    assert found is not None
    assert (found.percent, found.percent_on(date(2026, 9, 1))) == (60, 25)
    keep(store, (figure, '{"missing":"not_collected"}'))
    again = Assignments(store, VILLAGE).find("a")
    assert again is not None
    assert again.percent == 25, "what was not collected says nothing"


def test_a_correction_without_effect_stands_beside_what_it_would_correct(store: Store) -> None:
    assign(store, "a")
    key, said = progress("a", "1", 20, 50)
    push_all(store)
    pull(store, record(head(said), key=key))
    keep(store, progress("a", "1", 20, 90))
    push_all(store, Result(store.last_link().n, Outcome.PARKED, "no_right"))
    (found,) = Assignments(store, VILLAGE).all()
    assert [(update.progress.percent, update.cell.state) for update in found.updates] == [
        (90, CellState.PARKED),
        (50, CellState.RECEIVED),
    ]
    assert [update.cell.author for update in found.updates] == ["Hoa", head(said).author]
    assert found.percent == 50, "as everybody else sees it"
