"""How a unit's tasks are judged: counted by fixed rules, each figure with the tasks behind it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from sync.domain.tasks import NEAR_DAYS, Task, Timeliness, is_done, timeliness

SILENT_DAYS: Final = 15
"""After so many days without an update an open task counts as silent, where nobody chose another number."""


class Figure(StrEnum):
    """What is counted. DONE is the sum of those below it, and all are the sum of DONE and OPEN_…; SILENT are open."""

    ALL = "all"
    DONE = "done"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    DONE_NO_DEADLINE = "done_no_deadline"
    OPEN_ON_TIME = "open_on_time"
    OPEN_NEAR = "open_near"
    OPEN_OVERDUE = "open_overdue"
    OPEN_NO_DEADLINE = "open_no_deadline"
    SILENT = "silent"


_DONE: Final = {
    Timeliness.ON_TIME: Figure.DONE_ON_TIME,
    Timeliness.OVERDUE: Figure.DONE_LATE,
    Timeliness.NO_DEADLINE: Figure.DONE_NO_DEADLINE,
}
_OPEN: Final = {
    Timeliness.ON_TIME: Figure.OPEN_ON_TIME,
    Timeliness.NEAR: Figure.OPEN_NEAR,
    Timeliness.OVERDUE: Figure.OPEN_OVERDUE,
    Timeliness.NO_DEADLINE: Figure.OPEN_NO_DEADLINE,
}


def figures_of(
    task: Task, said: date | None, as_of: date, near_days: int = NEAR_DAYS, silent_days: int = SILENT_DAYS
) -> tuple[Figure, ...]:
    """The figures in which a task is counted on the day `as_of`, as it stood then; `said` as in `is_silent`."""
    found = timeliness(task, as_of, near_days)
    if is_done(task, as_of):
        # Without a day nobody can say that it was in time; it was, as long as its deadline is not passed.
        return Figure.ALL, Figure.DONE, _DONE.get(found, Figure.DONE_ON_TIME)
    if is_silent(task, said, as_of, silent_days):
        return Figure.ALL, _OPEN[found], Figure.SILENT
    return Figure.ALL, _OPEN[found]


def is_silent(task: Task, said: date | None, as_of: date, days: int = SILENT_DAYS) -> bool:
    """Whether nobody said anything of an open task for more than so many days: since `said`, the day of its last
    update by `as_of`, or without one since its start.

    A task whose start is unknown and that has no update is silent: nobody ever said anything of it.
    """
    last = said or task.start_date
    return last is None or last < as_of - timedelta(days=days)


Name = TypeVar("Name", bound=Hashable)
Counted = TypeVar("Counted")


def board(
    tasks: Iterable[Counted], by: Callable[[Counted], Name], figures: Callable[[Counted], Iterable[Figure]]
) -> Mapping[Name, Mapping[Figure, Sequence[Counted]]]:
    """The tasks behind every figure, by what `by` gives of each, in the order in which that is first met."""
    found: dict[Name, dict[Figure, list[Counted]]] = {}
    for task in tasks:
        row = found.setdefault(by(task), defaultdict(list))
        for figure in figures(task):
            row[figure].append(task)
    return found
