"""A task that was given wrong is corrected or withdrawn, with all that was given below it alike."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sync.domain.assigning import assign, break_down
from sync.domain.correcting import below, correct, differing, given_with, withdraw
from sync.domain.identifiers import uuid7
from sync.domain.keys import STEP, TASK, Key
from sync.domain.steps import CORRECTABLE, MAX_WAS, Step, StepKind
from sync.domain.tasks import FIELDS, MAX_WORDS, Task, TaskState, tasks_of
from sync.protocol.messages import MAX_CONTENT

TODAY = date(2026, 11, 20)
DUE = date(2026, 12, 1)
COMMUNES = ("48.20308", "48.20311")
VILLAGES = ("48.20308.001", "48.20308.002")
_numbers = count(1)


def new_item() -> str:
    return f"{next(_numbers):04}"


def given(units: Iterable[str] = COMMUNES, supporting: tuple[str, ...] = ()) -> list[Task]:
    task = Task("whole", "48", "Rà soát", from_unit="48", assigner="UBND", due_date=DUE, supporting=supporting)
    return assign(task, list(units), new_item)


def written(tasks: Iterable[Task], cells: dict[Key, str]) -> tuple[dict[str, Task], dict[tuple[str, str], Step]]:
    """The tasks by UUID once these cells are written, and the steps by the unit and the UUID of their task."""
    all_of_it = {key: content for task in tasks for key, content in task.cells().items()} | cells
    found = tasks_of({key: content for key, content in all_of_it.items() if key.kind == TASK and content != "null"})
    steps = {(key.unit, key.item): Step.of(content) for key, content in cells.items() if key.kind == STEP}
    return {task.item: task for task in found}, steps


def test_what_may_be_corrected_is_all_that_was_said_when_it_was_given() -> None:
    assert set(FIELDS) - set(CORRECTABLE) == {"from_unit", "parent", "supports", "state", "completed_date"}


def test_a_correction_says_why_and_what_stood_there_before() -> None:
    (task,) = given(COMMUNES[:1])
    said = replace(task, content="Rà soát mạng", due_date=None, document="12/KH-UBND")
    assert differing(task, said) == ("content", "document", "due_date")
    tasks, steps = written([task], correct(task, said, [], "Ghi nhầm", TODAY, new_item))
    assert tasks == {task.item: said}
    was = (("content", "Rà soát"), ("document", ""), ("due_date", "2026-12-01"))
    assert steps == {(task.unit, task.item): Step(StepKind.CORRECT, TODAY, "Ghi nhầm", was=was)}
    assert correct(task, task, [], "Không có gì", TODAY, new_item) == {}


def test_the_longest_correction_fits_into_a_message() -> None:
    texts: dict[str, Any] = {
        name: "Dài\n" * (MAX_WORDS // 4) for name in CORRECTABLE if isinstance(getattr(Task("t", "48"), name), str)
    }
    task = replace(Task("t", "48"), **texts)
    cells = correct(task, Task("t", "48", "Việc"), [], "\n" * MAX_WORDS, TODAY, new_item)
    (step,) = (content for key, content in cells.items() if key.kind == STEP)
    assert len(step) <= MAX_CONTENT
    assert {len(text) for _, text in Step.of(step).was} == {MAX_WAS}


def test_the_parts_that_say_the_same_are_corrected_with_the_whole() -> None:
    whole, first, second = given()
    villages = break_down(first, VILLAGES, "UBND xã", TODAY, date(2026, 11, 28), new_item)
    second = replace(second, due_date=date(2026, 11, 25), contact="Bà B")
    under = [first, second, *villages]
    said = replace(whole, content="Rà soát mạng", due_date=date(2026, 12, 31), code="NV-01", contact="Ông A")
    tasks, steps = written([whole, *under], correct(whole, said, under, "Ghi nhầm", TODAY, new_item))
    assert {task.content for task in tasks.values()} == {"Rà soát mạng"}
    # A day of its own, and what each says for itself, stays.
    dues = [tasks[each.item].due_date for each in under]
    assert dues == [date(2026, 12, 31), date(2026, 11, 25), date(2026, 11, 28), date(2026, 11, 28)]
    assert [tasks[each.item].code for each in (whole, *under)] == ["NV-01", "", "", "", ""]
    assert tasks[second.item].contact == "Bà B"
    assert set(steps) == {(each.unit, each.item) for each in (whole, *under)}
    assert {step.words for step in steps.values()} == {"Ghi nhầm"}


def test_what_is_withdrawn_already_is_not_corrected() -> None:
    whole, first, second = given()
    gone = replace(first, state=TaskState.WITHDRAWN)
    said = replace(whole, content="Khác")
    tasks, _ = written([whole, gone, second], correct(whole, said, [gone, second], "x", TODAY, new_item))
    assert [tasks[each.item].content for each in (whole, gone, second)] == ["Khác", "Rà soát", "Khác"]


def test_a_task_of_the_wrong_unit_is_withdrawn_there_and_given_to_the_right_one() -> None:
    task, supporter = given(COMMUNES[:1], supporting=("48.20999",))
    begun = replace(task, state=TaskState.AWAITING_CONFIRMATION, completed_date=TODAY)
    said = replace(begun, unit=COMMUNES[1], content="Rà soát mạng")
    tasks, steps = written([begun, supporter], correct(begun, said, [supporter], "Nhầm xã", TODAY, new_item))
    assert [tasks[each.item].state for each in (task, supporter)] == [TaskState.WITHDRAWN] * 2
    assert tasks[task.item].content == "Rà soát"
    new = {item: each for item, each in tasks.items() if item not in (task.item, supporter.item)}
    (right,) = (each for each in new.values() if not each.supports)
    assert right == replace(said, item=right.item, state=TaskState.NOT_STARTED, completed_date=None)
    (other,) = (each for each in new.values() if each.supports)
    assert (other.unit, other.parent, other.supports) == ("48.20999", right.item, COMMUNES[1])
    assert steps[task.unit, task.item] == Step(StepKind.WITHDRAW, TODAY, "Nhầm xã", unit=COMMUNES[1])
    assert steps["48.20999", supporter.item] == Step(StepKind.WITHDRAW, TODAY, "Nhầm xã")


def test_the_wrong_supporting_unit_has_its_task_withdrawn_and_the_right_one_gets_one() -> None:
    task, wrong, right = given(COMMUNES[:1], supporting=("48.20999", "48.20888"))
    said = replace(task, supporting=("48.20888", "48.20777"))
    tasks, steps = written([task, wrong, right], correct(task, said, [wrong, right], "Nhầm", TODAY, new_item))
    assert tasks[task.item].supporting == ("48.20888", "48.20777")
    assert tasks[wrong.item].is_withdrawn
    assert tasks[right.item] == right
    (new,) = (each for item, each in tasks.items() if item not in (task.item, wrong.item, right.item))
    assert (new.unit, new.parent, new.supports) == ("48.20777", task.item, task.unit)
    assert {unit: step.kind for (unit, _), step in steps.items()} == {
        task.unit: StepKind.CORRECT,
        "48.20999": StepKind.WITHDRAW,
    }


def test_with_a_task_all_that_is_open_below_it_is_withdrawn() -> None:
    whole, first, second = given()
    done = replace(second, state=TaskState.COMPLETED, completed_date=TODAY)
    villages = break_down(first, VILLAGES, "UBND xã", TODAY, DUE, new_item)
    under = [first, done, *villages]
    tasks, steps = written([whole, *under], withdraw([whole, *under], "Giao trùng", TODAY, new_item))
    assert {item for item, each in tasks.items() if each.is_withdrawn} == {whole.item, first.item} | {
        each.item for each in villages
    }
    assert tasks[done.item] == done, "somebody did that"
    assert len(steps) == 4


def test_what_was_given_together_where_nobody_keeps_the_whole_is_found_again() -> None:
    moments = iter(datetime(2026, 11, 20, 2, minute, tzinfo=UTC) for minute in (0, 0, 1, 2))

    def made() -> str:
        return uuid7(next(moments))

    task = Task("", "48.20308", "Rà soát", from_unit="48.20308", document="15/KH")
    one, other, third = assign(task, (*VILLAGES, f"{task.unit}.003"), made, keeps_whole=False)
    later = replace(one, item=made(), unit=f"{task.unit}.004")
    unlike = [replace(other, content="Khác"), replace(other, document=""), replace(other, parent="p")]
    assert given_with(one, [one, other, third, later, *unlike]) == [other, third]
    assert given_with(replace(one, parent="p"), [other]) == []
    said = replace(one, content="Rà soát mạng", contact="Bà B")
    tasks, steps = written([one, other], correct(one, said, [other], "Ghi nhầm", TODAY, new_item))
    assert {each.content for each in tasks.values()} == {"Rà soát mạng"}
    assert tasks[other.item].contact == ""
    assert len(steps) == 2


def test_what_lies_below_a_task_is_found_also_where_tasks_are_parts_of_each_other() -> None:
    whole, first, second = given()
    villages = break_down(first, VILLAGES, "UBND xã", TODAY, DUE, new_item)
    all_of_it = [*villages, second, first, whole, Task("other", "48", "Khác")]
    assert {each.item for each in below(whole, all_of_it)} == {each.item for each in (first, second, *villages)}
    assert below(first, all_of_it) == villages
    assert below(villages[0], all_of_it) == []
    circle = [Task("a", "48", "A", parent="b"), Task("b", "48", "B", parent="a")]
    assert below(circle[0], circle) == [circle[1]]
