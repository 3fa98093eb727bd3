"""The tasks of a unit and all below it, each with its dated updates and steps, as the store shows them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

from sync.domain.keys import PROGRESS, STEP, TASK, VALUE, Key
from sync.domain.periods import Period, PeriodError
from sync.domain.progress import Progress, percent_done, percent_of_parts, work_state
from sync.domain.steps import Step, Steps, known_on
from sync.domain.targets import Figures, Reached, percent_of, reached
from sync.domain.tasks import Task, TaskState, is_done, is_open, tasks_of, was_given
from sync.domain.values import CLEARED, ContentError, Value
from sync.store.cells import CellState, Shown
from sync.store.store import Store

_KINDS: Final = (TASK, PROGRESS, STEP)
_DEEPEST: Final = 8
"""Levels of parts within parts: more than there are levels of units, and an end where tasks are parts of each other."""

MANY_CELLS: Final = 8_000
"""From as many on, about a thousand tasks, they are too many to be read between two strokes."""

_Said = TypeVar("_Said", Progress, Step)


class Update(NamedTuple):
    """One dated update and the cell that holds it. A parked one is what was typed here, not yet in effect."""

    progress: Progress
    cell: Shown


class Taken(NamedTuple):
    """One step and the cell that holds it. A parked one was taken here and has no effect."""

    step: Step
    cell: Shown


@dataclass(frozen=True, slots=True)
class Assigned:
    """A task and its `updates`, newest date first; of one day, the last typed first. `taken` are its steps, oldest
    first; `contested` the fields of which two people decided differently; `parts` what it is broken down into;
    `figures` what the unit reports of the indicators that show how far it is."""

    task: Task
    updates: tuple[Update, ...] = ()
    taken: tuple[Taken, ...] = ()
    contested: Mapping[str, Shown] = field(default_factory=dict)
    parts: tuple["Assigned", ...] = ()
    figures: Figures = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """How much is done: by its parts, else by its indicators, else by the latest update that says so."""
        return self.percent_on(date.max)

    def percent_on(self, as_of: date) -> int | None:
        """How much was done on that day. A part that is completed is done whole."""
        parts = [part for part in self.parts if part.was_given(as_of) and not part.on(as_of).is_withdrawn]
        if parts:
            return percent_of_parts([100 if part.is_done(as_of) else part.percent_on(as_of) for part in parts])
        if self.task.targets and (percent := percent_of(self.reached(as_of))) is not None:
            return percent
        return percent_done(self._done(), as_of)

    def reached(self, as_of: date) -> tuple[Reached, ...]:
        """How far the indicators of the task are on that day."""
        return reached(self.task.targets, self.figures, as_of)

    def is_done(self, as_of: date) -> bool:
        """Whether it counted as completed on that day."""
        return is_done(self.on(as_of), as_of)

    def is_open(self, as_of: date) -> bool:
        """Whether there was still something to do about it on that day."""
        return is_open(self.on(as_of), as_of)

    @property
    def state(self) -> TaskState:
        """How far the work is."""
        return work_state(self.task, self._done())

    @property
    def steps(self) -> Steps:
        """The steps in effect by their UUIDs."""
        return {one.cell.key.part: one.step for one in self.taken if one.cell.state is not CellState.PARKED}

    def on(self, as_of: date) -> Task:
        """The task as it stood on that day."""
        found = known_on(self.task, self.steps, as_of) if self.taken or self.task.completed_date else self.task
        if found.state is not TaskState.NOT_STARTED:
            return found
        return replace(found, state=work_state(found, [update for update in self._done() if update.date <= as_of]))

    def was_given(self, as_of: date) -> bool:
        """Whether it was there on that day; what was said of it by then was said of something, whatever clocks say."""
        return was_given(self.task, as_of) or self.said_on(as_of) is not None

    def said(self, as_of: date) -> list[Progress]:
        """All that was said of the task by that day, also of its parts: whoever updates a part says something of the
        whole, unless that part was withdrawn by then."""
        found = [update for update in self._done() if update.date <= as_of]
        for part in self.parts:
            if (said := part.said(as_of)) and not part.on(as_of).is_withdrawn:
                found += said
        return found

    def said_on(self, as_of: date) -> date | None:
        """The day of the last update by that day; None without one."""
        return max((update.date for update in self.said(as_of)), default=None)

    def _done(self) -> list[Progress]:
        """The updates in effect, oldest first, and of one day in the order in which they were typed."""
        return [update.progress for update in reversed(self.updates) if update.cell.state is not CellState.PARKED]


def are_many(store: Store, unit: str) -> bool:
    """Whether reading the tasks of a unit and all below it takes so long that a window would stand still."""
    return store.has_more(TASK, unit, MANY_CELLS)


def task_of(store: Store, key: Key) -> Task | None:
    """The task to which a key belongs, without what was said of it; None while nothing of it has arrived."""
    cells = store.cells_of(TASK, [key.unit], [""], key.item)
    return next(
        iter(
            tasks_of({cell: shown.content for cell, shown in cells.items() if shown.content != CLEARED}, lenient=True)
        ),
        None,
    )


def steps_of(store: Store, key: Key) -> Steps:
    """The steps in effect of the task to which a key belongs."""
    cells = store.cells_of(STEP, [key.unit], [""], key.item)
    found = ((cell.part, _said(Step, shown)) for cell, shown in sorted(cells.items()))
    return {uuid: step for uuid, step in found if step is not None}


def tasks_with_targets(store: Store, unit: str) -> list[Task]:
    """The tasks of exactly this unit that name indicators, without what was said of them: those alone are read."""
    named = store.cells_of(TASK, [unit], [""], part="targets")
    tasks = (task_of(store, key) for key, cell in named.items() if cell.content != CLEARED)
    return [task for task in tasks if task is not None and task.targets]


class Assignments:
    """Reads once, then only the units that changes name. Without `unit` there are no tasks."""

    def __init__(self, store: Store, unit: str) -> None:
        self._store, self._unit = store, unit
        self._by_unit: dict[str, tuple[Assigned, ...]] = {}
        self._all: list[Assigned] | None = None
        # The indicators that the tasks of each unit name.
        self._wanted: dict[str, set[str]] = {}
        if unit:
            self._read_all()

    def use(self, store: Store) -> None:
        """Go on with another connection to the same folder: another thread read so far."""
        self._store = store

    def _read_all(self) -> None:
        store, unit = self._store, self._unit
        tasks: dict[str, dict[Key, str]] = defaultdict(dict)
        said: dict[str, dict[str, dict[Key, Shown]]] = {kind: defaultdict(dict) for kind in _KINDS}
        contents, special = store.contents(TASK, unit)
        for key, content in contents.items():
            tasks[key.unit][key] = content
        for kind, cells in ((TASK, special), *((kind, store.select(kind, unit)) for kind in (PROGRESS, STEP))):
            for key, shown in cells.items():
                said[kind][key.unit][key] = shown
        for one, found in tasks.items():
            self._by_unit[one] = self._assemble(one, found, *(said[kind][one] for kind in _KINDS))

    def _concerned(self, keys: Iterable[Key]) -> set[str]:
        """The units of whose tasks one may be another now that these cells have changed."""
        wanted, below = self._wanted, self._unit + "."
        return {
            key.unit
            for key in keys
            if (key.kind in _KINDS and (key.unit == self._unit or key.unit.startswith(below)))
            or (key.kind == VALUE and key.item in wanted.get(key.unit, ()))
        }

    def count(self, keys: Collection[Key]) -> int:
        """About how many tasks are read again for `keys`."""
        units = self._concerned(keys)
        known, new = sum(len(self._by_unit.get(unit, ())) for unit in units), {key.item for key in keys}
        return max(known, len(new)) if units else 0

    def refresh(self, keys: Iterable[Key]) -> bool:
        """Read again what `keys` name here. Whether there was any."""
        units = self._concerned(keys)
        for unit in units:
            cells, updates, steps = (self._store.cells(kind, unit) for kind in _KINDS)
            contents = {key: shown.content for key, shown in cells.items()}
            self._by_unit[unit] = self._assemble(unit, contents, cells, updates, steps)
        if units:
            self._all = None
        return bool(units)

    def after(self, keys: Collection[Key], store: Store) -> "Assignments":
        """The same with what `keys` name read again over `store`, for another thread: this one stays as it is."""
        if 2 * len(self._concerned(keys)) > len(self._by_unit):
            # All of it together is read faster than most of it one by one.
            return Assignments(store, self._unit)
        found = copy(self)
        found._store, found._by_unit, found._wanted = store, dict(self._by_unit), dict(self._wanted)
        found.refresh(keys)
        return found

    def all(self) -> list[Assigned]:
        """Every task, in the order of units."""
        if self._all is None:
            self._all = _joined([assigned for unit in sorted(self._by_unit) for assigned in self._by_unit[unit]])
        return self._all

    def find(self, item: str) -> Assigned | None:
        """The task of this UUID."""
        return next((assigned for assigned in self.all() if assigned.task.item == item), None)

    def _assemble(
        self,
        unit: str,
        contents: Mapping[Key, str],
        cells: Mapping[Key, Shown],
        updates: Mapping[Key, Shown],
        steps: Mapping[Key, Shown],
    ) -> tuple[Assigned, ...]:
        """The tasks of a unit: of their `cells`, those at least in which two people disagree."""
        by_item: dict[str, list[Update]] = defaultdict(list)
        for key, cell in self._with_parked(updates):
            if progress := _said(Progress, cell):
                by_item[key.item].append(Update(progress, cell))
        for found in by_item.values():
            found.sort(key=lambda update: (update.progress.date, update.cell.typed_at), reverse=True)
        taken: dict[str, list[Taken]] = defaultdict(list)
        # A step's name begins with the moment at which it was taken.
        for key, cell in sorted(self._with_parked(steps), key=lambda each: each[0].part):
            if step := _said(Step, cell):
                taken[key.item].append(Taken(step, cell))
        contested: dict[str, dict[str, Shown]] = defaultdict(dict)
        for key, shown in cells.items():
            if shown.rivals:
                contested[key.item][key.part] = shown
        # A field that was cleared makes no task; all of them cleared is no task any more.
        said = {key: content for key, content in contents.items() if content != CLEARED}
        tasks = tasks_of(said, lenient=True)
        self._wanted[unit] = {target.indicator for task in tasks for target in task.targets}
        figures = self._figures(unit)
        return tuple(
            Assigned(
                task,
                tuple(by_item[task.item]),
                tuple(taken[task.item]),
                contested.get(task.item, {}),
                figures=figures if task.targets else {},
            )
            for task in tasks
        )

    def _figures(self, unit: str) -> Figures:
        """The numbers that the unit reports of the indicators that its tasks name; what is no number says nothing."""
        found: dict[str, list[tuple[Period, Decimal]]] = defaultdict(list)
        for key, shown in self._store.cells(VALUE, unit).items() if self._wanted[unit] else ():
            if key.item in self._wanted[unit] and not key.part:
                with suppress(ContentError, PeriodError):
                    number = Value.of(shown.content).number
                    if number is not None:
                        found[key.item].append((Period.parse(key.period), number))
        return found

    def _with_parked(self, cells: Mapping[Key, Shown]) -> Iterator[tuple[Key, Shown]]:
        """The cells as they stand in effect, and what was typed here over one without effect beside it."""
        for key, shown in cells.items():
            if shown.state is not CellState.PARKED:
                yield key, shown
                continue
            if shown.content != CLEARED:
                yield key, shown._replace(state=CellState.RECEIVED, reason="")
            typed = self._store.history(key)[0]
            yield key, Shown(key, typed.content, shown.state, typed.author, typed.typed_at, None, (), shown.reason)


def _said(kind: type[_Said], cell: Shown) -> _Said | None:
    try:
        return kind.of(cell.content)
    except ContentError:
        return None  # withdrawn, or written by a version that says more than this one reads


def _joined(tasks: list[Assigned]) -> list[Assigned]:
    """The tasks, those that are broken down with their parts, which lead and do not only support."""
    items = {each.task.item for each in tasks}
    parts: dict[str, list[Assigned]] = defaultdict(list)
    for each in tasks:
        if each.task.parent in items and not each.task.supports:
            parts[each.task.parent].append(each)

    def whole(each: Assigned, depth: int) -> Assigned:
        of_it = parts.get(each.task.item)
        if not of_it or depth == _DEEPEST:
            return each
        return replace(each, parts=tuple(whole(part, depth + 1) for part in of_it))

    return [whole(each, 0) for each in tasks] if parts else tasks
