"""Tasks made of their cells, their timeliness, and their progress as of a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sync.domain.identifiers import uuid7
from sync.domain.keys import TASK, Key
from sync.domain.local_time import day_at
from sync.domain.targets import Target
from sync.domain.tasks import (
    FIELDS,
    MAX_UNITS,
    MAX_WORDS,
    Stage,
    Task,
    TaskGroup,
    TaskState,
    Timeliness,
    check_field,
    content_of,
    faults,
    is_done,
    is_open,
    label,
    tasks_of,
    timeliness,
    was_given,
)
from sync.domain.values import ContentError

DUE = date(2026, 11, 20)
TASK_ONE = Task(
    "t1",
    "48.20308.005",
    content="Hướng dẫn cài đặt VNeID",
    group=TaskGroup.DIGITAL_SOCIETY,
    assigner="UBND xã",
    start_date=date(2026, 11, 2),
    due_date=DUE,
    state=TaskState.IN_PROGRESS,
)


def test_a_task_is_made_of_the_cells_it_writes() -> None:
    cells = TASK_ONE.cells()
    assert cells[Key(TASK, "48.20308.005", "t1", "", "due_date")] == '"2026-11-20"'
    assert {key.part for key in cells} == {"content", "group", "assigner", "start_date", "due_date", "state"}
    other = Task("t2", "48.20308", content="Kiện toàn tổ")
    assert tasks_of(cells | other.cells()) == [TASK_ONE, other]


def test_cleared_and_unknown_fields_are_left() -> None:
    cells = {"content": '"A"', "due_date": "null", "state": "null", "colour_of_a_newer_version": "7"}
    assert Task.of("48.20308", "t", cells) == Task("t", "48.20308", content="A")


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("due_date", '"20/11/2026"'),
        ("due_date", '"2026-11-31"'),
        ("due_date", '"20261120"'),
        ("due_date", "20261120"),
        ("state", '"done"'),
        ("group", '"other"'),
        ("content", "7"),
        ("content", '{"missing":"not_collected"}'),
        ("content", '"' + "a" * (MAX_WORDS + 1) + '"'),
        ("content", "{"),
        ("targets", '"village_ct12"'),
        ("targets", '"village_ct12=0"'),
        ("targets", '"village_ct12=-5"'),
        ("targets", '"village_ct12=1e5"'),
        ("targets", '"village_ct12=5.0"'),
        ("targets", '"village_ct12=5  village_ct10=5"'),
        ("targets", '"village_ct12=5 village_ct12=6"'),
        ("colour", '"red"'),
    ],
)
def test_a_field_that_cannot_be_read_is_refused(field: str, content: str) -> None:
    with pytest.raises(ContentError):
        check_field(field, content)


@pytest.mark.parametrize(
    ("due", "completed", "as_of", "expected"),
    [
        (DUE, None, DUE - timedelta(days=4), Timeliness.ON_TIME),
        (DUE, None, DUE - timedelta(days=3), Timeliness.NEAR),
        (DUE, None, DUE, Timeliness.NEAR),
        (DUE, None, DUE + timedelta(days=1), Timeliness.OVERDUE),
        (DUE, DUE, DUE + timedelta(days=90), Timeliness.ON_TIME),
        (DUE, DUE + timedelta(days=1), DUE + timedelta(days=90), Timeliness.OVERDUE),
        (DUE, DUE + timedelta(days=9), DUE - timedelta(days=9), Timeliness.ON_TIME),
        (None, None, DUE, Timeliness.NO_DEADLINE),
        (None, DUE, DUE, Timeliness.NO_DEADLINE),
    ],
)
def test_timeliness(due: date | None, completed: date | None, as_of: date, expected: Timeliness) -> None:
    assert timeliness(Task("t", "48", due_date=due, completed_date=completed), as_of) is expected


def test_a_task_said_to_be_completed_without_a_day_still_gets_overdue() -> None:
    task = Task("t", "48", due_date=DUE, state=TaskState.COMPLETED)
    assert timeliness(task, DUE + timedelta(days=1)) is Timeliness.OVERDUE


def test_how_near_is_near_can_be_chosen() -> None:
    assert timeliness(TASK_ONE, DUE - timedelta(days=7), near_days=7) is Timeliness.NEAR


FULL = Task(
    "t3",
    "48.D01",
    from_unit="48",
    content="Ban hành kế hoạch chuyển đổi số",
    group=TaskGroup.GENERAL,
    assigner="UBND tỉnh",
    document="1982/QĐ-UBND",
    document_type="Quyết định",
    document_date=date(2022, 7, 29),
    citation="điểm a khoản 2 Điều 1",
    code="NV-0001",
    parent="t0",
    supports="48.D02",
    supporting=("48.20308", "48.20311"),
    targets=(Target("village_ct12", Decimal("12.5")), Target("village_ct10", Decimal(200))),
    leader="Ông A",
    contact="Bà B",
    roadmap="Quý I dự thảo, quý II ban hành",
    approver="Ông C",
    approver_email="c@example.vn",
    approver_phone="0236 000 000",
    start_date=date(2026, 11, 2),
    due_date=DUE,
    completed_date=DUE,
    state=TaskState.COMPLETED,
)


def test_every_field_is_a_cell_of_its_own() -> None:
    cells = FULL.cells()
    assert {key.part for key in cells} == set(FIELDS)
    assert tasks_of(cells) == [FULL]
    assert next(iter(cells)).part == "from_unit"
    for key, content in cells.items():
        check_field(key.part, content)


def test_the_source_is_one_line_of_what_is_known() -> None:
    assert FULL.source == "Quyết định 1982/QĐ-UBND, 29/07/2022, điểm a khoản 2 Điều 1"
    assert replace(FULL, document_type="", document_date=None, citation="").source == "1982/QĐ-UBND"
    assert TASK_ONE.source == ""


def test_a_state_keeps_the_words_with_which_it_was_set() -> None:
    content = content_of(TaskState.REDO, note="Thiếu danh sách")
    assert Task.of("48", "t", {"state": content}).state is TaskState.REDO
    assert content_of(None) == content_of("") == content_of(()) == "null"


@pytest.mark.parametrize("content", ['"48.D01 48.D01"', '"48.D01  48.D02"', '" 48.D01"', '""'])
def test_units_that_support_are_named_once_each(content: str) -> None:
    with pytest.raises(ContentError):
        check_field("supporting", content)
    too_many = content_of(tuple(f"48.{number:05}" for number in range(MAX_UNITS + 1)))
    with pytest.raises(ContentError):
        check_field("supporting", too_many)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (FULL, ()),
        (Task("t", "48"), ("no_content",)),
        (replace(FULL, content="  "), ("no_content",)),
        (replace(FULL, due_date=date(2026, 11, 1)), ("due_before_start",)),
        (replace(FULL, due_date=FULL.start_date), ()),
        (replace(FULL, citation="a" * (MAX_WORDS + 1)), ("too_long",)),
        (replace(FULL, supporting=tuple(map(str, range(MAX_UNITS + 1)))), ("too_many_units",)),
        (replace(FULL, supporting=("48.D01",)), ("supports_itself",)),
    ],
)
def test_what_keeps_a_task_from_being_assigned(task: Task, expected: tuple[str, ...]) -> None:
    assert faults(task) == expected


_NO = Timeliness.NO_DEADLINE


@pytest.mark.parametrize(
    ("state", "due", "done", "stage", "stand"),
    [
        # Đang thực hiện trong hạn, sắp quá hạn, quá hạn, không hạn
        (TaskState.IN_PROGRESS, 4, None, Stage.IN_PROGRESS, Timeliness.ON_TIME),
        (TaskState.IN_PROGRESS, 3, None, Stage.IN_PROGRESS, Timeliness.NEAR),
        (TaskState.IN_PROGRESS, 0, None, Stage.IN_PROGRESS, Timeliness.NEAR),
        (TaskState.IN_PROGRESS, -1, None, Stage.IN_PROGRESS, Timeliness.OVERDUE),
        (TaskState.IN_PROGRESS, None, None, Stage.IN_PROGRESS, _NO),
        (TaskState.REDO, 2, None, Stage.IN_PROGRESS, Timeliness.NEAR),
        (TaskState.CONFIRMATION_REFUSED, 9, None, Stage.IN_PROGRESS, Timeliness.ON_TIME),
        # Chờ xác nhận trong hạn, quá hạn, không hạn
        (TaskState.AWAITING_CONFIRMATION, 3, None, Stage.AWAITING_CONFIRMATION, Timeliness.ON_TIME),
        (TaskState.AWAITING_CONFIRMATION, -9, -9, Stage.AWAITING_CONFIRMATION, Timeliness.ON_TIME),
        (TaskState.AWAITING_CONFIRMATION, -9, -8, Stage.AWAITING_CONFIRMATION, Timeliness.OVERDUE),
        (TaskState.AWAITING_CONFIRMATION, -1, None, Stage.AWAITING_CONFIRMATION, Timeliness.OVERDUE),
        (TaskState.AWAITING_CONFIRMATION, None, -1, Stage.AWAITING_CONFIRMATION, _NO),
        # Đã hoàn thành trong hạn, quá hạn, không hạn
        (TaskState.COMPLETED, -90, -90, Stage.COMPLETED, Timeliness.ON_TIME),
        (TaskState.COMPLETED, -90, -89, Stage.COMPLETED, Timeliness.OVERDUE),
        (TaskState.COMPLETED, 2, -1, Stage.COMPLETED, Timeliness.ON_TIME),
        (TaskState.COMPLETED, None, -1, Stage.COMPLETED, _NO),
        # Chưa hoàn thành trong hạn, quá hạn, không hạn
        (TaskState.NOT_STARTED, 2, None, Stage.NOT_COMPLETED, Timeliness.ON_TIME),
        (TaskState.NOT_STARTED, -1, None, Stage.NOT_COMPLETED, Timeliness.OVERDUE),
        (TaskState.NOT_STARTED, None, None, Stage.NOT_COMPLETED, _NO),
        (TaskState.REFUSED, -1, None, Stage.NOT_COMPLETED, Timeliness.OVERDUE),
        (TaskState.ON_HOLD, 1, None, Stage.NOT_COMPLETED, Timeliness.ON_TIME),
    ],
)
def test_every_combined_label_of_the_systems_in_use(
    state: TaskState, due: int | None, done: int | None, stage: Stage, stand: Timeliness
) -> None:
    """`due` and `done` are days from the day of the report."""
    as_of = date(2026, 11, 20)
    days = [None if each is None else as_of + timedelta(days=each) for each in (due, done)]
    task = Task("t", "48", due_date=days[0], completed_date=days[1], state=state)
    assert label(state, timeliness(task, as_of)) == (stage, stand)
    assert is_done(task, as_of) == (stage is Stage.COMPLETED)


def test_every_state_has_its_label() -> None:
    assert {label(state, Timeliness.ON_TIME)[0] for state in TaskState} == set(Stage)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Midnight in Viet Nam is 17:00 UTC of the day before.
        (datetime(2026, 11, 20, 16, 59, 59, tzinfo=UTC), Timeliness.NEAR),
        (datetime(2026, 11, 20, 17, 0, 0, tzinfo=UTC), Timeliness.OVERDUE),
        (datetime(2026, 11, 16, 16, 59, 59, tzinfo=UTC), Timeliness.ON_TIME),
        (datetime(2026, 11, 16, 17, 0, 0, tzinfo=UTC), Timeliness.NEAR),
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=timezone(timedelta(hours=-8))), Timeliness.OVERDUE),
        (datetime(2026, 11, 21, 1, 59, 59, tzinfo=timezone(timedelta(hours=9))), Timeliness.NEAR),
    ],
)
def test_a_day_begins_at_midnight_in_viet_nam_wherever_the_pc_thinks_it_is(
    moment: datetime, expected: Timeliness
) -> None:
    assert timeliness(TASK_ONE, day_at(moment)) is expected


def test_what_is_done_is_done_from_its_day_on() -> None:
    done = Task("t", "48", due_date=DUE, completed_date=DUE, state=TaskState.COMPLETED)
    assert not is_done(done, DUE - timedelta(days=1))
    assert is_done(done, DUE)
    assert is_done(replace(done, completed_date=None), DUE)
    for state in TaskState:
        assert is_done(replace(done, state=state), DUE) == (state is TaskState.COMPLETED), (
            "a day alone confirms nothing"
        )


def test_what_is_done_or_withdrawn_is_not_open() -> None:
    task = Task("t", "48", due_date=DUE)
    ended = (TaskState.COMPLETED, TaskState.WITHDRAWN)
    assert [state for state in TaskState if not is_open(replace(task, state=state), DUE)] == list(ended)


def test_a_task_was_there_once_it_had_begun_or_had_been_made() -> None:
    made = datetime(2026, 11, 20, 18, tzinfo=UTC)  # one in the morning of the 21st in Viet Nam
    task = Task(uuid7(made), "48", "Việc", start_date=date(2026, 12, 1))
    assert [was_given(task, date(2026, 11, day)) for day in (20, 21, 22)] == [False, True, True]
    begun = replace(task, start_date=date(2026, 11, 2))
    assert [was_given(begun, date(2026, 11, day)) for day in (1, 2)] == [False, True]
    assert was_given(Task("named otherwise", "48"), date(2000, 1, 1)), "nobody knows since when"
