"""One action that gives a task to units, and breaking one down: who gets what, and what is refused in words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from sync.domain.assigning import FAULTS_AND_REFUSALS, MAX_AT_ONCE, assign, break_down, refusals
from sync.domain.tasks import Task, TaskState
from sync.domain.units import Unit, UnitKind

TODAY = date(2026, 11, 20)
TASK = Task("whole", "48", from_unit="48", content="Việc", start_date=date(2026, 11, 2), due_date=date(2026, 12, 1))
UNITS = (
    Unit("48", UnitKind.PROVINCE, "Đà Nẵng"),
    Unit("48.D01", UnitKind.DEPARTMENT, "Sở A"),
    Unit("48.D02", UnitKind.DEPARTMENT, "Sở B"),
    Unit("48.20308", UnitKind.COMMUNE, "Bà Nà"),
    Unit("48.20308.001", UnitKind.VILLAGE, "Thôn Một"),
    Unit("48.20311", UnitKind.COMMUNE, "Xã cũ", valid_to=date(2026, 11, 19)),
)


def items() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"n{next(numbers)}"


def test_one_unit_leads_the_task_itself_and_those_that_support_it_get_one_too() -> None:
    led, other = assign(replace(TASK, supporting=("48.D02",)), ["48.D01"], items())
    assert (led.item, led.unit, led.parent, led.supporting) == ("whole", "48.D01", "", ("48.D02",))
    assert (other.unit, other.parent, other.supports, other.due_date) == ("48.D02", "whole", "48.D01", TASK.due_date)


def test_of_many_units_each_gets_a_part_and_the_whole_stays_above() -> None:
    whole, *parts = assign(replace(TASK, supporting=("48.D02",)), ["48.D01", "48.20308", "48.D02"], items())
    assert (whole.item, whole.unit, whole.supporting) == ("whole", "48", ())
    leading = [part for part in parts if not part.supports]
    assert [(part.unit, part.parent) for part in leading] == [
        ("48.D01", "whole"),
        ("48.20308", "whole"),
        ("48.D02", "whole"),
    ]
    assert [(part.unit, part.supports) for part in parts if part.supports] == [
        ("48.D02", "48.D01"),
        ("48.D02", "48.20308"),
    ]
    assert len({part.item for part in parts}) == len(parts)


def test_who_has_no_right_to_the_whole_gives_each_its_own() -> None:
    one, helper, other = assign(
        replace(TASK, supporting=("48.D02",)), ["48.D01", "48.20308"], items(), keeps_whole=False
    )[:3]
    assert (one.unit, one.parent, other.unit, other.parent) == ("48.D01", "", "48.20308", "")
    assert (helper.unit, helper.supports, helper.parent) == ("48.D02", "48.D01", one.item)
    assert one.item != other.item


def test_what_is_broken_down_begins_anew_and_comes_from_the_unit_that_does_it() -> None:
    mine = replace(TASK, unit="48.20308", state=TaskState.IN_PROGRESS, group=None, document="5/QĐ", code="NV-9")
    (part,) = break_down(mine, ["48.20308.001"], "UBND xã Bà Nà", TODAY, date(2026, 11, 28), items())
    assert part == replace(
        mine,
        item="n1",
        unit="48.20308.001",
        from_unit="48.20308",
        parent="whole",
        assigner="UBND xã Bà Nà",
        start_date=TODAY,
        due_date=date(2026, 11, 28),
        state=TaskState.NOT_STARTED,
        code="",
    )


@pytest.mark.parametrize(
    ("task", "units", "by", "expected"),
    [
        (TASK, ["48.D01"], "48", []),
        (TASK, [], "48", [("no_unit", "")]),
        (TASK, ["48.20311"], "48", [("unit_closed", "48.20311")]),
        (TASK, ["48.99999"], "48", [("unknown_unit", "48.99999")]),
        (TASK, ["48.D01"], "48.20308", [("not_below", "48.D01")]),
        (TASK, ["48.20308.001"], "48.20308", []),
        (replace(TASK, supporting=("48.D01",)), ["48.D01"], "48", [("supports_itself", "48.D01")]),
        (replace(TASK, supporting=("48.20311",)), ["48.D01"], "48", [("unit_closed", "48.20311")]),
        (replace(TASK, content=""), ["48.D01"], "48", [("no_content", "")]),
        (replace(TASK, due_date=date(2026, 11, 1)), ["48.D01"], "48", [("due_before_start", "")]),
    ],
)
def test_what_keeps_a_task_from_being_given(
    task: Task, units: list[str], by: str, expected: list[tuple[str, str]]
) -> None:
    assert refusals(task, units, UNITS, by, TODAY) == expected
    assert {code for code, _ in expected} <= set(FAULTS_AND_REFUSALS)


def test_a_part_is_due_no_later_than_the_whole_and_not_too_many_at_once() -> None:
    part = replace(TASK, due_date=date(2026, 12, 2))
    assert refusals(part, ["48.D01"], UNITS, "48", TODAY, TASK) == [("due_after_whole", "")]
    assert refusals(replace(TASK, due_date=None), ["48.D01"], UNITS, "48", TODAY, TASK) == [("due_after_whole", "")]
    assert refusals(TASK, ["48.D01"], UNITS, "48", TODAY, TASK) == []
    many = ["48.D01"] * (MAX_AT_ONCE + 1)
    assert ("too_many", "") in refusals(TASK, many, UNITS, "48", TODAY)
