"""Giving a task to units: to one, to many at once, or on to those below, each with a task of its own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sync.domain.keys import within
from sync.domain.tasks import FAULTS, Task, TaskState, faults
from sync.domain.units import Unit

MAX_AT_ONCE: Final = 1_000
"""Units of one assignment: more than any province has communes."""

NewItem = Callable[[], str]
"""A new UUID each time."""


def assign(task: Task, units: Sequence[str], new_item: NewItem, *, keeps_whole: bool = True) -> list[Task]:
    """The tasks that `units` get of `task`, whose own unit assigns it; those that support it get one too.

    One unit leads the task itself. Of several each leads a part, and the whole stays with whoever assigns it, so that
    its progress follows from theirs; who has no right to a task of that unit (not `keeps_whole`) gives each its own.
    """
    if len(units) == 1:
        led = replace(task, unit=units[0])
        return [led, *supporters(led, new_item)]
    if not keeps_whole:
        alone = [replace(task, item=new_item(), unit=unit) for unit in units]
        return [each for led in alone for each in (led, *supporters(led, new_item))]
    whole = replace(task, supporting=())
    return [whole, *(each for unit in units for each in part_of(whole, unit, task.supporting, new_item))]


def part_of(whole: Task, unit: str, supporting: Sequence[str], new_item: NewItem) -> list[Task]:
    """The part of `whole` that `unit` leads, with those that support it."""
    others = tuple(one for one in supporting if one != unit)
    part = replace(
        whole, item=new_item(), unit=unit, parent=whole.item, supporting=others, code="", contact="", roadmap=""
    )
    return [part, *supporters(part, new_item)]


def break_down(
    whole: Task, units: Sequence[str], assigner: str, start: date, due: date | None, new_item: NewItem
) -> list[Task]:
    """The parts that the unit of `whole` gives to `units` below it, to be done by `due`."""
    given = replace(
        whole,
        from_unit=whole.unit,
        assigner=assigner,
        start_date=start,
        due_date=due,
        completed_date=None,
        state=TaskState.NOT_STARTED,
        supports="",
    )
    return [each for unit in units for each in part_of(given, unit, (), new_item)]


def supporters(led: Task, new_item: NewItem) -> list[Task]:
    """What those get that support a task: how far it is shows in the unit that leads it."""
    given = replace(led, parent=led.item, supports=led.unit, supporting=(), targets=(), code="", contact="")
    return [replace(given, item=new_item(), unit=unit) for unit in led.supporting]


def refusals(
    task: Task, units: Sequence[str], known: Collection[Unit], by: str, today: date, whole: Task | None = None
) -> list[tuple[str, str]]:
    """What keeps `by` from giving `task` to `units`, each as a name with the unit it is about, "".

    `known` are the units of the province; `whole` is the task that is broken down.
    """
    found = [(fault, "") for fault in faults(task) if fault != "supports_itself"]
    by_key = {unit.key: unit for unit in known}
    if not units:
        found.append(("no_unit", ""))
    if len(units) > MAX_AT_ONCE:
        found.append(("too_many", ""))
    for unit in (*units, *task.supporting):
        one = by_key.get(unit)
        if one is None:
            found.append(("unknown_unit", unit))
        elif one.valid_to is not None and one.valid_to < today:
            found.append(("unit_closed", unit))
    found += [("not_below", unit) for unit in units if not within(unit, by)]
    if len(units) == 1 and units[0] in task.supporting:
        found.append(("supports_itself", units[0]))
    if whole is not None and whole.due_date and (task.due_date is None or task.due_date > whole.due_date):
        found.append(("due_after_whole", ""))
    return found


FAULTS_AND_REFUSALS: Final = (
    *FAULTS,
    "no_unit",
    "too_many",
    "unknown_unit",
    "unit_closed",
    "not_below",
    "due_after_whole",
)
