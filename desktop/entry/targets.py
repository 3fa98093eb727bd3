"""What the tasks of a unit want its figures to reach, read when a cell of it is first looked at."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sync.domain.keys import Key
from sync.domain.periods import Period
from sync.store import Store

if TYPE_CHECKING:  # loaded when a card is filled: the grid's first paint, and with it a start, is earlier for it
    from sync.domain.targets import Target
    from sync.domain.tasks import Task


class Wanted(NamedTuple):
    """A `target` of a cell, and the task that names it."""

    target: "Target"
    task: "Task"


class Targets:
    """The targets of cells by their units, whose tasks `store` holds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, list[Task]] = {}

    def of(self, key: Key, period: Period) -> list[Wanted]:
        """What is wanted of the indicator of `key` in `period`, the nearest deadline first.

        A target is of the whole, not of one part of a breakdown, and of the periods in which its task is to be done.
        """
        from sync.store.assigned import tasks_with_targets

        if key.part:
            return []
        tasks = self._read.get(key.unit)
        if tasks is None:
            tasks = self._read[key.unit] = tasks_with_targets(self._store, key.unit)
        found = [
            Wanted(target, task)
            for task in tasks
            if _covers(task, period)
            for target in task.targets
            if target.indicator == key.item
        ]
        return sorted(found, key=lambda wanted: (wanted.task.due_date or date.max, wanted.task.item))

    def touch(self, key: Key) -> None:
        """This cell of a task may have changed: read its unit's anew when one is next looked at."""
        self._read.pop(key.unit, None)


def _covers(task: "Task", period: Period) -> bool:
    from sync.domain.tasks import TaskState

    begins, ends = task.start_date or date.min, task.due_date or date.max
    is_to_be_done = task.state not in (TaskState.REFUSED, TaskState.WITHDRAWN)
    return is_to_be_done and begins <= period.last_day and period.first_day <= ends
