"""The tasks of a unit and all below it, each with its dated updates, as the store shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sync.domain.keys import PROGRESS, TASK, Key, within
from sync.domain.tasks import Progress, Task, TaskState, check_field, percent_done, tasks_of, work_state
from sync.domain.values import CLEARED, ContentError
from sync.store.cells import CellState, Shown
from sync.store.store import Store


class Update(NamedTuple):
    """One dated update and the cell that holds it. A parked one is what was typed here, not yet in effect."""

    progress: Progress
    cell: Shown


@dataclass(frozen=True, slots=True)
class Assigned:
    """A task and its `updates`, newest date first; of one day, the last typed first."""

    task: Task
    updates: tuple[Update, ...] = ()

    @property
    def percent(self) -> int | None:
        """How much is done by the latest update that says so; None when none does."""
        done = self._done()
        return percent_done(done[::-1], done[0].date) if done else None

    @property
    def state(self) -> TaskState:
        """How far the work is."""
        return work_state(self.task, self._done())

    def _done(self) -> list[Progress]:
        return [update.progress for update in self.updates if update.cell.state is not CellState.PARKED]


class Assignments:
    """Reads once, then only the units that changes name."""

    def __init__(self, store: Store, unit: str) -> None:
        self._store, self._unit = store, unit
        self._by_unit: dict[str, tuple[Assigned, ...]] = {}
        cells: dict[str, dict[Key, Shown]] = defaultdict(dict)
        updates: dict[str, dict[Key, Shown]] = defaultdict(dict)
        for kind, found in ((TASK, cells), (PROGRESS, updates)):
            for key, shown in store.select(kind, unit).items():
                found[key.unit][key] = shown
        for task_unit, of_unit in cells.items():
            self._by_unit[task_unit] = self._assemble(of_unit, updates[task_unit])

    def refresh(self, keys: Iterable[Key]) -> bool:
        """Read again what `keys` name here. Whether there was any."""
        units = {key.unit for key in keys if key.kind in (TASK, PROGRESS) and within(key.unit, self._unit)}
        for unit in units:
            cells = (self._store.cells(kind, unit) for kind in (TASK, PROGRESS))
            self._by_unit[unit] = self._assemble(*cells)
        return bool(units)

    def all(self) -> list[Assigned]:
        """Every task, in the order of units."""
        return [assigned for unit in sorted(self._by_unit) for assigned in self._by_unit[unit]]

    def find(self, item: str) -> Assigned | None:
        """The task of this UUID."""
        return next((assigned for assigned in self.all() if assigned.task.item == item), None)

    def _assemble(self, cells: Mapping[Key, Shown], updates: Mapping[Key, Shown]) -> tuple[Assigned, ...]:
        by_item: dict[str, list[Update]] = defaultdict(list)
        for key, shown in updates.items():
            update = self._update(key, shown)
            if update:
                by_item[key.item].append(update)
        for found in by_item.values():
            found.sort(key=lambda update: (update.progress.date, update.cell.typed_at), reverse=True)
        tasks = tasks_of({key: shown.content for key, shown in cells.items() if _is_readable(key, shown)})
        return tuple(Assigned(task, tuple(by_item[task.item])) for task in tasks)

    def _update(self, key: Key, shown: Shown) -> Update | None:
        content = shown.content
        if shown.state is CellState.PARKED:
            content = self._store.history(key)[0].content
        try:
            return Update(Progress.of(content), shown)
        except ContentError:
            return None  # withdrawn, or written by a version that says more than this one reads


def _is_readable(key: Key, shown: Shown) -> bool:
    """Whether the field says something that this version knows; a newer one may say more."""
    if shown.content == CLEARED:
        return False
    try:
        check_field(key.part, shown.content)
    except ContentError:
        return False
    return True
