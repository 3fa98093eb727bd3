"""How a unit's tasks are judged: counted by fixed rules, each figure with the tasks behind it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import product
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
    """The figures in which a task is counted on the day `as_of`, as it stood then, none where it was withdrawn; `said`
    is the day of its last update by then, None without one."""
    if task.is_withdrawn:
        return ()
    done = is_done(task, as_of)
    heard = last_heard(task, said)
    quiet = not done and (heard is None or heard < silent_before(as_of, silent_days))
    return counted_in(timeliness(task, as_of, near_days), is_done=done, is_silent=quiet)


def counted_in(found: Timeliness, *, is_done: bool, is_silent: bool) -> tuple[Figure, ...]:
    """The figures of a task that stands so."""
    return _COUNTED[found, is_done, is_silent]


def _counted(found: Timeliness, done: bool, silent: bool) -> tuple[Figure, ...]:
    if done:
        # Without a day nobody can say that it was in time; it was, as long as its deadline is not passed.
        return Figure.ALL, Figure.DONE, _DONE.get(found, Figure.DONE_ON_TIME)
    return (Figure.ALL, _OPEN[found], Figure.SILENT) if silent else (Figure.ALL, _OPEN[found])


_COUNTED: Final = {key: _counted(*key) for key in product(Timeliness, (False, True), (False, True))}


def silent_before(as_of: date, days: int = SILENT_DAYS) -> date:
    """The day before which the last word was said of what is silent for more than so many days on `as_of`; the first
    of the calendar where there are not so many before."""
    return as_of - min(timedelta(days=days), as_of - date.min)


def last_heard(task: Task, said: date | None) -> date | None:
    """When something was heard of a task last: `said`, the day of its last update, and without one its start.

    None for one whose start is unknown and that has no update: nobody ever said anything of it, and it is silent.
    """
    return said or task.start_date


Name = TypeVar("Name", bound=Hashable)
Counted = TypeVar("Counted")


def board(
    tasks: Iterable[Counted], by: Callable[[Counted], Name], figures: Callable[[Counted], Iterable[Figure]]
) -> Mapping[Name, Mapping[Figure, Sequence[Counted]]]:
    """The tasks behind every figure, by what `by` gives of each, in the order in which that is first met."""
    alike: dict[tuple[Name, tuple[Figure, ...]], list[Counted]] = {}
    for task in tasks:
        alike.setdefault((by(task), tuple(figures(task))), []).append(task)
    found: dict[Name, dict[Figure, list[Counted]]] = {}
    for (name, counted), those in alike.items():
        row = found.setdefault(name, defaultdict(list))
        for figure in counted:
            row[figure] += those
    return found
