"""The figures by which a unit's tasks are judged: what counts where, and the tasks behind each."""

from datetime import date, timedelta

import pytest

from sync.domain.evaluation import Figure, board, figures_of, silent_before
from sync.domain.tasks import Task, TaskState

AS_OF = date(2026, 11, 20)


Judged = tuple[Task, date | None]


def judged(
    due: int | None, done: int | None = None, state: TaskState = TaskState.IN_PROGRESS, said: int | None = None
) -> Judged:
    """`due`, `done` and `said` are days from the day of the judgement."""
    days = [None if each is None else AS_OF + timedelta(days=each) for each in (due, done)]
    start = AS_OF - timedelta(days=5)
    task = Task("t", "48", start_date=start, due_date=days[0], completed_date=days[1], state=state)
    return task, None if said is None else AS_OF + timedelta(days=said)


DONE = TaskState.COMPLETED


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (judged(-3, -3, DONE), {Figure.DONE, Figure.DONE_ON_TIME}),
        (judged(-3, -2, DONE), {Figure.DONE, Figure.DONE_LATE}),
        (judged(None, -2, DONE), {Figure.DONE, Figure.DONE_NO_DEADLINE}),
        (judged(2, None, DONE), {Figure.DONE, Figure.DONE_ON_TIME}),
        (judged(4), {Figure.OPEN_ON_TIME}),
        (judged(3), {Figure.OPEN_NEAR}),
        (judged(-1), {Figure.OPEN_OVERDUE}),
        (judged(None), {Figure.OPEN_NO_DEADLINE}),
        (judged(-3, 1, DONE), {Figure.OPEN_OVERDUE}),
        (judged(-3, -4, TaskState.AWAITING_CONFIRMATION), {Figure.OPEN_ON_TIME}),
    ],
)
def test_where_a_task_counts(task: Judged, expected: set[Figure]) -> None:
    assert set(figures_of(*task, AS_OF)) == {Figure.ALL, *expected}


@pytest.mark.parametrize(
    ("said", "days", "silent"),
    [(None, 5, False), (None, 4, True), (-2, 2, False), (-3, 2, True), (-30, 29, True)],
)
def test_who_says_nothing_for_days_is_silent(said: int | None, days: int, silent: bool) -> None:
    task, day = judged(9, None, TaskState.IN_PROGRESS, said)
    assert (Figure.SILENT in figures_of(task, day, AS_OF, silent_days=days)) is silent


def test_at_the_beginning_of_the_calendar_there_are_no_days_to_be_silent_for() -> None:
    for day in (date.min, date(1, 1, 5)):
        assert silent_before(day) == date.min
        assert Figure.SILENT not in figures_of(Task("t", "48"), date.min, day)


def test_what_has_neither_start_nor_update_is_silent_and_what_is_done_is_not() -> None:
    assert Figure.SILENT in figures_of(Task("t", "48"), None, AS_OF)
    assert Figure.SILENT not in figures_of(*judged(-90, -90, DONE), AS_OF)


def test_a_board_holds_the_tasks_behind_every_figure() -> None:
    tasks = [("a", judged(-1)), ("b", judged(9)), ("a", judged(-3, -3, DONE))]
    found = board(tasks, lambda each: each[0], lambda each: figures_of(*each[1], AS_OF))
    assert list(found) == ["a", "b"]
    assert found["a"][Figure.ALL] == [tasks[0], tasks[2]]
    assert found["a"][Figure.OPEN_OVERDUE] == [tasks[0]]
    assert found["b"].get(Figure.DONE) is None
    for row in found.values():
        parts = [figure for figure in Figure if figure.startswith("open_")]
        assert len(row[Figure.ALL]) == len(row.get(Figure.DONE, ())) + sum(len(row.get(each, ())) for each in parts)
