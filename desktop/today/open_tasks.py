"""The tasks that are open on a day, as the desk needs them: alike ones together, the most pressing first; and those
that nobody has to do any more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from heapq import nlargest
from operator import attrgetter, itemgetter
from typing import Final, NamedTuple

from desktop.today.forms import FAR
from desktop.widgets.standing import late
from sync.domain.keys import within
from sync.domain.local_time import day_at
from sync.domain.steps import Explaining, Step, StepKind, explanations
from sync.domain.tasks import Task, Timeliness, is_open, timeliness
from sync.store.assigned import Assigned

SOON: Final = timedelta(days=7)
"""What is due within this time stands in a group of its own."""

MOST_TASKS: Final = 200
"""Rows of tasks, the most pressing; of more than anybody reads here it is said how many there are."""

TOLD: Final = timedelta(days=14)
"""For so long it is told that a task was withdrawn: who was ill for a week does not go on with it."""

MOST_WITHDRAWN: Final = 12
"""Tasks of which that is told, the last ones; the room lists all."""

MOST_RECEIVED: Final = 4
"""Tasks whose latest updates the centre received last."""


class Near(NamedTuple):
    """Tasks near their day that several units have alike, as parts of the task `whole` or of none."""

    tasks: Sequence[Assigned]
    whole: str


class Withdrawn(NamedTuple):
    """A task that another unit took back by a `step` that the centre received `at` this moment."""

    task: Task
    step: Step
    author: str
    at: datetime


class OpenTasks(NamedTuple):
    """As of `day`. `listed` are the most pressing, and of those that are not there is `more`, of which so many are
    `urgent`; `received` says when the centre received what was said last of a task. `withdrawn` are those that another
    unit took back not long ago. `known` are all tasks by UUID, also those that are not open."""

    day: date
    listed: Sequence[Sequence[Assigned]] = ()
    more: int = 0
    urgent: int = 0
    near: Sequence[Near] = ()
    received: Sequence[tuple[datetime, Task]] = ()
    withdrawn: Sequence[Withdrawn] = ()
    known: Mapping[str, Task] = {}

    @classmethod
    def of(cls, tasks: Sequence[Assigned], unit: str, day: date) -> "OpenTasks":
        """Of all `tasks` of a unit and below it. It takes long where there are thousands, and may be done on any
        thread."""
        groups = _together((one for one in tasks if is_open(one.task, day)), unit)
        groups.sort(key=lambda alike: due_day(alike[0]))
        more, until = groups[MOST_TASKS:], day + SOON
        near = ((_near(alike, day), alike[0].task.parent if len(alike) > 1 else "") for alike in groups)
        said = (
            (max(at), one.task)
            for one in tasks
            if (at := [update.cell.received_at for update in one.updates if update.cell.received_at])
        )
        return cls(
            day,
            groups[:MOST_TASKS],
            len(more),
            sum(is_late(alike[0], day) or due_day(alike[0]) <= until for alike in more),
            [Near(alike, whole) for alike, whole in near if alike],
            nlargest(MOST_RECEIVED, said, key=itemgetter(0)),
            nlargest(MOST_WITHDRAWN, _withdrawn(tasks, unit, day), key=attrgetter("at")),
            {one.task.item: one.task for one in tasks},
        )


def due_day(assigned: Assigned) -> date:
    """Whichever comes first: the task's own day, or that by which something about it is to be explained."""
    due = assigned.task.due_date or FAR
    if not assigned.taken:
        return due
    wanted = (one.due for one in explanations(assigned.steps) if one.stage in (Explaining.ASKED, Explaining.RETURNED))
    return min([due, *wanted])


def is_late(assigned: Assigned, today: date) -> bool:
    """Whether the task's day has passed, or that by which something about it was to be explained."""
    if late(assigned.task, today):
        return True
    return bool(assigned.taken) and any(one.is_late(today) for one in explanations(assigned.steps))


def _together(tasks: Iterable[Assigned], unit: str) -> list[list[Assigned]]:
    """Those of `unit` one by one; what was given alike to several units below it together, the earliest day first."""
    groups: dict[tuple[str, ...], list[Assigned]] = {}
    for one in tasks:
        task = one.task
        below = ("part", task.parent) if task.parent else ("alike", task.document, task.content)
        alike = ("own", task.item) if task.unit == unit else below
        groups.setdefault(alike, []).append(one)
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=lambda one: (due_day(one), one.task.unit))
    return list(groups.values())


def _near(alike: Sequence[Assigned], day: date) -> list[Assigned]:
    return [one for one in alike if timeliness(one.task, day) is Timeliness.NEAR]


def _withdrawn(tasks: Iterable[Assigned], unit: str, day: date) -> Iterator[Withdrawn]:
    """What was given from elsewhere to `unit` or below it, and was withdrawn not long before `day`, by the clock of the
    centre: another PC's may say anything."""
    for one in tasks:
        if one.task.is_withdrawn and not within(one.task.from_unit, unit):
            taken = [each for each in one.taken if each.step.kind is StepKind.WITHDRAW]
            at = taken[-1].cell.received_at if taken else None
            if at is not None and day - day_at(at) < TOLD:
                yield Withdrawn(one.task, taken[-1].step, taken[-1].cell.author, at)
