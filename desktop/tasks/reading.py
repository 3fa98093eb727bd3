"""The tasks of a unit and their list as of a day: at once where they are few, on a thread of their own where they are
thousands, while what was shown before stands."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from desktop.tasks.listing import Choice, Listing
from desktop.widgets.work import Work
from sync.domain.correcting import below, given_with
from sync.domain.keys import STEP, TASK, Key
from sync.domain.steps import Steps
from sync.domain.tasks import Task
from sync.store import Rival, Store
from sync.store.assigned import Assigned, Assignments, are_many, steps_of, task_of

MADE: Final = 300
"""So many tasks are looked at anew between two strokes."""

LISTED: Final = 3_000
"""So many tasks are put in order between two strokes."""


class _Wanted(NamedTuple):
    """What is to be shown: the tasks of `unit` and below with the names of units, as of a day, on `today`."""

    unit: str
    names: Mapping[str, str]
    as_of: date
    today: date


class Reading(QObject):
    """`read` when `listing` is another, with whether it is the first that could be shown; `failed` with the fault when
    it could not be read.

    `store` is the window's own, and `open_store` gives another thread one of its own.
    """

    read = Signal(bool)
    failed = Signal(object)

    def __init__(self, store: Store, open_store: Callable[[], Store], today: date, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._open_store = store, open_store
        self._wanted = _Wanted("", {}, today, today)
        self._assigned = Assignments(store, "")
        self.listing = Listing((), {}, today, today)
        self.choice: Callable[[], Choice] = Choice
        """What is chosen of the list, which is put in order beside the window."""
        self._work: Work | None = None
        self._touched: set[Key] = set()
        self._taken: set[Key] = set()
        self.is_first = False
        """Whether they were not read yet, and nothing can be shown."""

    def find(self, item: str) -> Assigned | None:
        """The task of this UUID."""
        line = self.listing.by_item.get(item)
        return line.assigned if line else None

    def task_now(self, task: Task) -> Task:
        """The task as the store has it at this moment: what has come is listed later, much later among thousands."""
        return task_of(self._store, Key(TASK, task.unit, task.item)) or task

    def steps_now(self, task: Task) -> Steps:
        """The steps of a task as the store has them at this moment."""
        return steps_of(self._store, Key(STEP, task.unit, task.item))

    def came_later(self, item: str) -> bool:
        """Whether the task of this UUID is there, and was not yet on the day of the list."""
        return item not in self.listing.by_item and any(each.task.item == item for each in self.listing.all)

    def below(self, task: Task) -> list[Task]:
        """The parts of a task, theirs, and what supports any of them."""
        return below(task, [each.task for each in self.listing.all])

    def given_with(self, task: Task) -> list[Task]:
        """Those that other units were given together with a task."""
        return given_with(task, [each.task for each in self.listing.all])

    def rivals(self, cells: Iterable[Key]) -> dict[Key, tuple[Rival, ...]]:
        """What stands beside each other in these cells of tasks: whoever decides of them has all of it before them."""
        found = {key: self.find(key.item) for key in cells}
        return {key: one.contested[key.part].rivals for key, one in found.items() if one and key.part in one.contested}

    def begin(self, unit: str, names: Mapping[str, str], as_of: date, today: date) -> None:
        """Read the tasks of `unit` and below, to be listed as of this day."""
        self._stop()
        self._wanted = _Wanted(unit, names, as_of, today)
        self.is_first = are_many(self._store, unit)
        self._assigned = Assignments(self._store, "" if self.is_first else unit)
        if self.is_first:
            self.listing = Listing((), names, as_of, today)
            self._start(None)
        else:
            self._list()

    @property
    def is_under_way(self) -> bool:
        """Whether another listing is on its way."""
        return self._work is not None

    @Slot()
    def again(self) -> None:
        """Read what could not be read."""
        self._go_on()

    def turn_to(self, as_of: date, today: date) -> None:
        """List them as of this day."""
        self._wanted = self._wanted._replace(as_of=as_of, today=today)
        self._go_on()

    def touch(self, keys: set[Key]) -> None:
        """These cells may hold something else now."""
        self._touched |= keys
        self._go_on()

    def _go_on(self) -> None:
        """Bring what is wanted, unless it is being brought: then what has changed meanwhile comes behind it."""
        if self._work is not None:
            return
        if self.is_first:
            self._start(None)
            return
        wanted, count = self._wanted, len(self.listing.lines)
        is_other_day = (wanted.as_of, wanted.today) != (self.listing.as_of, self.listing.today)
        anew = count if is_other_day else self._assigned.count(self._touched)
        if anew > MADE or (anew and count > LISTED):
            self._start(self._assigned)
            return
        touched, self._touched = self._touched, set()
        if self._assigned.refresh(touched) or is_other_day:
            self._list()
            self.read.emit(False)

    def _list(self) -> None:
        wanted = self._wanted
        self.listing = Listing(self._assigned.all(), wanted.names, wanted.as_of, wanted.today, self.listing)

    # On a thread

    def _start(self, known: Assignments | None) -> None:
        wanted, before, choice = self._wanted, self.listing, self.choice()
        touched, self._touched = self._touched, set()

        def run(_cancelled: Callable[[], bool]) -> tuple[Assignments, Listing]:
            store = self._open_store()
            try:
                found = known.after(touched, store) if known else Assignments(store, wanted.unit)
                listing = Listing(found.all(), wanted.names, wanted.as_of, wanted.today, before)
                return found, listing.prepare(choice)
            finally:
                store.close()

        self._work = Work(run)
        self._work.done.connect(self._done)
        self._work.failed.connect(self._fail)
        self._taken = touched
        self._work.start()

    def _stop(self) -> None:
        """Whatever is under way is not wanted any more."""
        if self._work is not None:
            self._work.cancel()
        self._work, self._touched = None, set()

    @Slot(object)
    def _done(self, brought: tuple[Assignments, Listing]) -> None:
        if self.sender() is not self._work:
            return  # of a unit that the folder does not work for any more
        first, self._work, self.is_first = self.is_first, None, False
        self._assigned, self.listing = brought
        self._assigned.use(self._store)
        self.read.emit(first)
        self._go_on()

    @Slot(object)
    def _fail(self, fault: object) -> None:
        if self.sender() is not self._work:
            return
        self._work = None
        # It is read with the next that changes; of what was never read that is all of it.
        self._touched |= self._taken
        self.failed.emit(fault)
