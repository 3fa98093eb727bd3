"""Tasks made of their cells, their timeliness, and their progress as of a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.keys import TASK, Key
from sync.domain.tasks import (
    FIELDS,
    MAX_WORDS,
    Progress,
    Task,
    TaskGroup,
    TaskState,
    Timeliness,
    check_field,
    latest,
    percent_done,
    tasks_of,
    timeliness,
    work_state,
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
    assert {key.part for key in cells} == set(FIELDS) - {"document", "completed_date"}
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


def test_work_begins_with_the_first_update_unless_a_person_said_how_far_it_is() -> None:
    task, update = Task("t", "48"), Progress(DUE, 0, "")
    assert work_state(task, []) is TaskState.NOT_STARTED
    assert work_state(task, [update]) is TaskState.IN_PROGRESS
    assert work_state(replace(task, state=TaskState.ON_HOLD), [update]) is TaskState.ON_HOLD


def test_how_near_is_near_can_be_chosen() -> None:
    assert timeliness(TASK_ONE, DUE - timedelta(days=7), near_days=7) is Timeliness.NEAR


@given(st.dates(), st.integers(0, 100) | st.none(), st.text(max_size=50))
def test_an_update_reads_back(day: date, percent: int | None, words: str) -> None:
    if percent is None and not words.strip():
        words = "Đã họp"
    update = Progress(day, percent, words)
    assert Progress.of(update.content()) == update


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "60",
        "[]",
        "{",
        '{"date":"2026-11-20","percent":60}',
        '{"date":"2026-11-20","percent":60,"words":"","more":1}',
        '{"date":"2026-11-20","percent":101,"words":""}',
        '{"date":"2026-11-20","percent":-1,"words":""}',
        '{"date":"2026-11-20","percent":60.5,"words":""}',
        '{"date":"2026-11-20","percent":true,"words":""}',
        '{"date":"2026-11-20","percent":"60","words":""}',
        '{"date":"2026-11-20","percent":null,"words":" "}',
        '{"date":"20/11/2026","percent":60,"words":""}',
        '{"date":20261120,"percent":60,"words":""}',
        '{"date":"2026-11-20","percent":60,"words":7}',
        '{"date":"2026-11-20","percent":60,"words":"' + "a" * (MAX_WORDS + 1) + '"}',
        "[" * 100_000,
    ],
)
def test_an_update_that_cannot_be_read_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Progress.of(content)


def test_progress_is_what_was_known_on_the_day() -> None:
    first = Progress(date(2026, 11, 5), 20)
    later = Progress(date(2026, 11, 12), 60, "Đã tập huấn")
    corrected = Progress(date(2026, 11, 12), 50, "Sửa lại")
    words = Progress(date(2026, 11, 19), None, "Chờ xác nhận")
    updates = [later, words, first, corrected]
    assert latest(updates, date(2026, 11, 4)) is None
    assert latest(updates, date(2026, 11, 11)) is first
    assert latest(updates, date(2026, 11, 18)) is corrected
    assert latest(updates, date(2026, 12, 1)) is words
    assert percent_done(updates, date(2026, 12, 1)) == 50
    assert percent_done([words], date(2026, 12, 1)) is None
