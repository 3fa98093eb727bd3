"""Steps of a task: what each says and makes, what answers what, and how a task stood on an earlier day."""

from dataclasses import replace
from datetime import date

import pytest

from sync.domain.keys import STEP, Key
from sync.domain.steps import (
    BY_DOER,
    REFUSALS,
    Explaining,
    Step,
    StepKind,
    Steps,
    cells_of,
    explanations,
    extensions,
    known_on,
    possible,
    refusal,
    undecided,
)
from sync.domain.tasks import Task, TaskState, Timeliness, is_done, tasks_of, timeliness
from sync.domain.values import ContentError

TODAY = date(2026, 11, 20)
DUE = date(2026, 11, 25)
TASK = Task(
    "t", "48.20308", from_unit="48", content="Việc", start_date=date(2026, 11, 2), due_date=DUE, state=TaskState.REDO
)
ASKED = Step(StepKind.ASK_EXTENSION, TODAY, "Chờ máy", date(2026, 12, 5))
WHY = Step(StepKind.ASK_EXPLANATION, TODAY, "Vì sao chậm?", date(2026, 11, 23))

TOLD = {"a": WHY, "b": Step(StepKind.EXPLAIN, TODAY, "Do mưa lũ", to="a")}
RETURNED = Step(StepKind.RETURN_EXPLANATION, TODAY, "Chưa rõ", to="b")
WAITING = replace(TASK, state=TaskState.AWAITING_CONFIRMATION)
CONFIRMED = replace(TASK, state=TaskState.COMPLETED)
TAKEN = Step(StepKind.CONFIRM, TODAY, to="a")
REPORTED = {"a": Step(StepKind.REPORT_DONE, TODAY)}
SENT_BACK = {"b": Step(StepKind.SEND_BACK, TODAY, "Ảnh mờ", to="a")}
AGAIN = {"c": Step(StepKind.REPORT_DONE, TODAY)}


def after(task: Task, *steps: tuple[str, Step]) -> Task:
    """The task once these were taken."""
    for uuid, step in steps:
        cells = task.cells() | cells_of(task, uuid, step)
        (task,) = tasks_of({key: content for key, content in cells.items() if key.kind == "task"})
    return task


@pytest.mark.parametrize(
    "step",
    [
        ASKED,
        WHY,
        Step(StepKind.EXTEND, TODAY, "", date(2026, 12, 1), DUE, "a", "Ông C"),
        Step(StepKind.CONFIRM, TODAY),
        Step(StepKind.CORRECT, TODAY, "Ghi nhầm", was=(("content", "Việc"), ("due_date", ""))),
        Step(StepKind.WITHDRAW, TODAY, "Giao nhầm xã", unit="48.20311"),
    ],
)
def test_a_step_reads_back(step: Step) -> None:
    assert Step.of(step.content()) == step


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "[]",
        "7",
        "{",
        '{"date":"2026-11-20"}',
        '{"date":"2026-11-20","step":"dance"}',
        '{"date":"20/11/2026","step":"confirm"}',
        '{"date":"2026-11-20","step":"confirm","more":"x"}',
        '{"date":"2026-11-20","step":"confirm","words":7}',
        '{"date":"2026-11-20","step":"ask_extension","words":"x"}',
        '{"date":"2026-11-20","step":"explain","words":"x"}',
        '{"date":"2026-11-20","step":"confirm","words":"' + "a" * 4001 + '"}',
        '{"date":"2026-11-20","step":"correct","words":"x"}',
        '{"date":"2026-11-20","step":"correct","was":{"state":"redo"},"words":"x"}',
        '{"date":"2026-11-20","step":"correct","was":{"content":7},"words":"x"}',
        '{"date":"2026-11-20","step":"correct","was":["content"],"words":"x"}',
        '{"date":"2026-11-20","step":"correct","was":{"content":"' + "a" * 401 + '"},"words":"x"}',
        '{"date":"2026-11-20","step":"withdraw","was":{"content":"Việc"},"words":"x"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_step_is_refused(content: str) -> None:
    with pytest.raises(ContentError):
        Step.of(content)


def test_an_extension_sets_the_due_date_and_keeps_the_old_one() -> None:
    granted = Step(StepKind.EXTEND, TODAY, "", date(2026, 12, 5), DUE, "a", "Ông C")
    cells = cells_of(TASK, "b", granted)
    assert cells[Key(STEP, TASK.unit, "t", "", "b")] == granted.content()
    assert after(TASK, ("b", granted)).due_date == date(2026, 12, 5)
    steps = {"a": ASKED, "b": granted}
    assert undecided({"a": ASKED}, StepKind.ASK_EXTENSION) == ["a"]
    assert undecided(steps, StepKind.ASK_EXTENSION) == []
    assert extensions(steps) == [granted]


def test_a_request_and_a_refusal_leave_the_due_date() -> None:
    refused = Step(StepKind.KEEP_DUE, TODAY, "Không đủ lý do", to="a")
    assert after(TASK, ("a", ASKED), ("b", refused)) == TASK
    assert undecided({"a": ASKED, "b": refused}, StepKind.ASK_EXTENSION) == []


def test_done_is_reported_confirmed_and_sent_back() -> None:
    reported = after(TASK, ("a", Step(StepKind.REPORT_DONE, TODAY)))
    assert (reported.state, reported.completed_date) == (TaskState.AWAITING_CONFIRMATION, TODAY)
    assert not is_done(reported, TODAY)
    confirmed = after(reported, ("b", Step(StepKind.CONFIRM, date(2026, 11, 30), to="a")))
    # In time: what counts is the day it was done, not the day on which somebody confirmed it.
    assert (confirmed.state, confirmed.completed_date) == (TaskState.COMPLETED, TODAY)
    assert timeliness(confirmed, date(2026, 12, 31)) is Timeliness.ON_TIME
    sent_back = after(reported, ("c", Step(StepKind.SEND_BACK, TODAY, "Thiếu danh sách", to="a")))
    assert (sent_back.state, sent_back.completed_date) == (TaskState.REDO, None)
    alone = after(TASK, ("d", Step(StepKind.CONFIRM, TODAY)))
    assert alone.completed_date == TODAY


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (StepKind.REFUSE, TaskState.REFUSED),
        (StepKind.HOLD, TaskState.ON_HOLD),
        (StepKind.RESUME, TaskState.IN_PROGRESS),
        (StepKind.WITHDRAW, TaskState.WITHDRAWN),
    ],
)
def test_steps_that_only_set_the_state(kind: StepKind, state: TaskState) -> None:
    assert after(TASK, ("a", Step(kind, TODAY, "Vì thế"))) == replace(TASK, state=state)


def test_an_explanation_is_asked_answered_returned_answered_again_and_accepted() -> None:
    steps: dict[str, Step] = {"a": WHY}

    def stage() -> Explaining:
        (found,) = explanations(steps)
        return found.stage

    assert stage() is Explaining.ASKED
    steps["b"] = Step(StepKind.EXPLAIN, TODAY, "Do mưa lũ", to="a")
    assert stage() is Explaining.ANSWERED
    steps["c"] = Step(StepKind.RETURN_EXPLANATION, TODAY, "Chưa rõ", date(2026, 11, 27), to="b")
    (found,) = explanations(steps)
    assert (found.stage, found.due) == (Explaining.RETURNED, date(2026, 11, 27))
    assert found.is_late(date(2026, 11, 28))
    assert not found.is_late(date(2026, 11, 27))
    steps["d"] = Step(StepKind.EXPLAIN, TODAY, "Lũ ngày 12/11", to="a")
    assert stage() is Explaining.ANSWERED
    steps["e"] = Step(StepKind.ACCEPT_EXPLANATION, TODAY, to="d")
    assert stage() is Explaining.ACCEPTED
    # In whatever order they arrive.
    assert explanations(dict(reversed(steps.items()))) == explanations(steps)


@pytest.mark.parametrize(
    ("task", "steps", "step", "expected"),
    [
        (TASK, {}, ASKED, ""),
        (TASK, {}, replace(ASKED, due=DUE), "not_later"),
        (TASK, {}, replace(ASKED, words=" "), "no_words"),
        (TASK, {}, replace(ASKED, date=date(2026, 11, 21)), "day_future"),
        (replace(TASK, due_date=None), {}, ASKED, "no_due"),
        (replace(TASK, state=TaskState.COMPLETED), {}, ASKED, "closed"),
        (replace(TASK, state=TaskState.COMPLETED), {}, WHY, ""),
        (TASK, {}, replace(WHY, due=date(2026, 11, 19)), "due_passed"),
        (TASK, {}, replace(WHY, due=TODAY), ""),
        (TASK, TOLD, replace(RETURNED, due=date(2026, 1, 5)), "due_passed"),
        (TASK, TOLD, replace(RETURNED, due=TODAY), ""),
        (TASK, TOLD, RETURNED, ""),
        (TASK, {}, Step(StepKind.EXPLAIN, TODAY, "x", to="a"), "nothing_to_answer"),
        (TASK, {"a": ASKED}, Step(StepKind.EXPLAIN, TODAY, "x", to="a"), "nothing_to_answer"),
        (TASK, {"a": WHY}, Step(StepKind.EXPLAIN, TODAY, "x", to="a"), ""),
        (TASK, {"a": ASKED}, Step(StepKind.KEEP_DUE, TODAY, "x", to="a"), ""),
        (
            TASK,
            {"a": ASKED, "b": Step(StepKind.KEEP_DUE, TODAY, "x", to="a")},
            Step(StepKind.EXTEND, TODAY, due=date(2026, 12, 1), to="a"),
            "answered",
        ),
        (WAITING, REPORTED, Step(StepKind.CONFIRM, TODAY, to="a"), ""),
        (WAITING, {}, Step(StepKind.CONFIRM, TODAY), ""),
        (WAITING, REPORTED, Step(StepKind.CONFIRM, TODAY), "answered"),
        # Somebody sent it back meanwhile, and it may have been reported again.
        (TASK, REPORTED | SENT_BACK, Step(StepKind.CONFIRM, TODAY, to="a"), "answered"),
        (TASK, REPORTED | SENT_BACK, Step(StepKind.SEND_BACK, TODAY, "x", to="a"), "answered"),
        (TASK, {}, Step(StepKind.CONFIRM, TODAY), "answered"),
        (TASK, {}, Step(StepKind.SEND_BACK, TODAY, "x"), "answered"),
        (WAITING, REPORTED | SENT_BACK | AGAIN, Step(StepKind.CONFIRM, TODAY, to="a"), "answered"),
        (WAITING, REPORTED | SENT_BACK | AGAIN, Step(StepKind.SEND_BACK, TODAY, "x"), "answered"),
        (WAITING, REPORTED | SENT_BACK | AGAIN, Step(StepKind.CONFIRM, TODAY, to="c"), ""),
        # Somebody confirmed it meanwhile: what was open undoes nothing, whoever sees that it is confirmed may.
        (CONFIRMED, REPORTED | {"b": TAKEN}, Step(StepKind.SEND_BACK, TODAY, "x", to="a"), "answered"),
        (CONFIRMED, REPORTED | {"b": TAKEN}, Step(StepKind.SEND_BACK, TODAY, "x"), ""),
        (CONFIRMED, REPORTED | {"b": TAKEN}, Step(StepKind.CONFIRM, TODAY, to="a"), "closed"),
        (replace(TASK, state=TaskState.REFUSED), {}, Step(StepKind.SEND_BACK, TODAY, "x"), ""),
        (TASK, {}, Step(StepKind.REPORT_DONE, date(2026, 11, 1)), "day_before_start"),
        (TASK, {}, Step(StepKind.REPORT_DONE, TODAY), ""),
        (TASK, {}, Step(StepKind.WITHDRAW, TODAY), "no_words"),
        (TASK, {}, Step(StepKind.WITHDRAW, TODAY, "Giao trùng"), ""),
        (replace(TASK, state=TaskState.COMPLETED), {}, Step(StepKind.WITHDRAW, TODAY, "Giao trùng"), ""),
        (replace(TASK, state=TaskState.WITHDRAWN), {}, Step(StepKind.REPORT_DONE, TODAY), "withdrawn"),
        (replace(TASK, state=TaskState.WITHDRAWN), {}, WHY, "withdrawn"),
        (replace(TASK, state=TaskState.WITHDRAWN), {}, Step(StepKind.RESUME, TODAY), ""),
        (replace(TASK, state=TaskState.ON_HOLD), {}, Step(StepKind.RESUME, TODAY), ""),
        (replace(TASK, state=TaskState.AWAITING_CONFIRMATION), {}, Step(StepKind.RESUME, TODAY), "under_way"),
    ],
)
def test_steps_that_are_refused_in_words(task: Task, steps: Steps, step: Step, expected: str) -> None:
    assert refusal(task, steps, step, TODAY) == expected
    assert expected in ("", *REFUSALS)


def test_who_does_a_task_and_who_assigned_it_are_offered_different_steps() -> None:
    steps = {"a": ASKED, "b": WHY}
    own = [kind for kind, _ in possible(TASK, steps, does=True, decides=False)]
    above = [kind for kind, _ in possible(TASK, steps, does=False, decides=True)]
    assert own == [StepKind.EXPLAIN, StepKind.REPORT_DONE]
    assert above == [StepKind.EXTEND, StepKind.KEEP_DUE, StepKind.ASK_EXPLANATION, StepKind.HOLD, StepKind.WITHDRAW]
    assert set(own) <= set(BY_DOER)
    assert not set(above) & set(BY_DOER)
    assert possible(TASK, steps, does=False, decides=False) == []


def test_what_is_withdrawn_waits_for_nobody_and_is_taken_up_again_by_whoever_assigned_it() -> None:
    withdrawn, steps = replace(TASK, state=TaskState.WITHDRAWN), {"a": ASKED, "b": WHY}
    assert possible(withdrawn, steps, does=True, decides=False) == []
    assert possible(withdrawn, steps, does=True, decides=True) == [(StepKind.RESUME, "")]


def test_before_the_day_on_which_it_was_withdrawn_a_task_stands_as_it_stood() -> None:
    taken = {
        "1": Step(StepKind.REPORT_DONE, date(2026, 11, 8)),
        "2": Step(StepKind.CONFIRM, date(2026, 11, 10), to="1"),
        "3": Step(StepKind.WITHDRAW, date(2026, 11, 12), "Giao trùng"),
        "4": Step(StepKind.RESUME, date(2026, 11, 16)),
    }
    now = after(TASK, *taken.items())
    states = {day: known_on(now, taken, date(2026, 11, day)).state for day in (9, 10, 12, 15, 16)}
    assert states == {
        9: TaskState.AWAITING_CONFIRMATION,
        10: TaskState.COMPLETED,
        12: TaskState.WITHDRAWN,
        15: TaskState.WITHDRAWN,
        16: TaskState.IN_PROGRESS,
    }


@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize(
    "steps", [{}, {"a": ASKED}, {"a": WHY}, {"a": WHY, "b": Step(StepKind.EXPLAIN, TODAY, "x", to="a")}]
)
def test_what_is_offered_is_not_refused(state: TaskState, steps: Steps) -> None:
    task = replace(TASK, state=state)
    for kind, to in possible(task, steps, does=True, decides=True):
        step = Step(kind, TODAY, "Vì thế", date(2026, 12, 24), to=to)
        assert refusal(task, steps, step, TODAY) == "", kind


def test_a_task_as_it_stood_on_an_earlier_day() -> None:
    first = Step(StepKind.EXTEND, date(2026, 11, 10), "", date(2026, 11, 20), date(2026, 11, 12))
    second = Step(StepKind.EXTEND, date(2026, 11, 18), "", DUE, date(2026, 11, 20))
    steps = {"z": first, "a": second, "c": Step(StepKind.CONFIRM, date(2026, 11, 24))}
    task = replace(TASK, state=TaskState.COMPLETED, completed_date=date(2026, 11, 22))
    dues = {day: known_on(task, steps, date(2026, 11, day)).due_date for day in (9, 10, 17, 18)}
    assert dues == {9: date(2026, 11, 12), 10: date(2026, 11, 20), 17: date(2026, 11, 20), 18: DUE}
    states = {day: known_on(task, steps, date(2026, 11, day)).state for day in (21, 22, 23, 24)}
    assert states == {
        21: TaskState.NOT_STARTED,
        22: TaskState.AWAITING_CONFIRMATION,
        23: TaskState.AWAITING_CONFIRMATION,
        24: TaskState.COMPLETED,
    }


def test_a_past_day_has_the_state_and_the_day_of_completion_of_then() -> None:
    taken = {
        "1": Step(StepKind.REPORT_DONE, date(2026, 11, 8)),
        "2": Step(StepKind.SEND_BACK, date(2026, 11, 11), "Thiếu biên bản", to="1"),
        "3": Step(StepKind.HOLD, date(2026, 11, 13), "Chờ kinh phí"),
        "4": Step(StepKind.RESUME, date(2026, 11, 15)),
        "5": Step(StepKind.REPORT_DONE, date(2026, 11, 18)),
        "6": Step(StepKind.CONFIRM, date(2026, 11, 19), to="5"),
    }
    now = after(TASK, *taken.items())
    assert (now.state, now.completed_date) == (TaskState.COMPLETED, date(2026, 11, 18))
    told = {day: known_on(now, taken, date(2026, 11, day)) for day in (7, 8, 11, 13, 15, 18, 19, 30)}
    assert {day: (found.state, found.completed_date) for day, found in told.items()} == {
        7: (TaskState.NOT_STARTED, None),
        8: (TaskState.AWAITING_CONFIRMATION, date(2026, 11, 8)),
        11: (TaskState.REDO, None),
        13: (TaskState.ON_HOLD, None),
        15: (TaskState.IN_PROGRESS, None),
        18: (TaskState.AWAITING_CONFIRMATION, date(2026, 11, 18)),
        19: (TaskState.COMPLETED, date(2026, 11, 18)),
        30: (TaskState.COMPLETED, date(2026, 11, 18)),
    }
    # Reported in time and sent back: on the day itself it was in time, whatever came of it.
    due = replace(now, due_date=date(2026, 11, 9))
    assert timeliness(known_on(due, taken, date(2026, 11, 10)), date(2026, 11, 10)) is Timeliness.ON_TIME
    assert timeliness(known_on(due, taken, date(2026, 11, 12)), date(2026, 11, 12)) is Timeliness.OVERDUE


def test_two_decisions_at_once_leave_nothing_done_that_nobody_confirmed() -> None:
    reported = after(TASK, ("1", Step(StepKind.REPORT_DONE, date(2026, 11, 18))))
    held = replace(reported, state=TaskState.ON_HOLD)  # as the province decided meanwhile
    assert not is_done(held, TODAY)
    resumed = after(held, ("2", Step(StepKind.RESUME, date(2026, 11, 19))))
    assert (resumed.state, resumed.completed_date) == (TaskState.IN_PROGRESS, None)
