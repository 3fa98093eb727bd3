"""Reading the tasks of a unit: at once where they are few, on a thread of its own where they are thousands."""

from collections.abc import Callable, Mapping
from datetime import date

from PySide6.QtCore import QObject, Signal, Slot

from desktop.tasks.listing import Listing
from desktop.widgets.work import Work
from sync.domain.keys import Key
from sync.store import Store
from sync.store.assigned import Assignments, are_many


class Reading(QObject):
    """`read` brings the assignments and a first listing of them, or `failed` why they could not be read.

    `store` is the window's own, and `open_store` gives another thread one of its own.
    """

    read = Signal(object, object)
    failed = Signal(object)

    def __init__(self, store: Store, open_store: Callable[[], Store], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._open_store = store, open_store
        self._work: Work | None = None
        self._unit = ""
        self._names: Mapping[str, str] = {}
        self._as_of = date.min
        self._touched: set[Key] = set()

    @property
    def is_under_way(self) -> bool:
        return self._work is not None

    def begin(self, unit: str, names: Mapping[str, str], as_of: date) -> Assignments | None:
        """The tasks of `unit` and below; None where they are read on, and `read` brings them, listed as of this day."""
        self.stop()
        if not are_many(self._store, unit):
            return Assignments(self._store, unit)
        self._unit, self._names, self._as_of = unit, names, as_of
        self._work = Work(self._run)
        self._work.done.connect(self._done)
        self._work.failed.connect(self._fail)
        self._work.start()
        return None

    def touch(self, keys: set[Key]) -> None:
        """Something changed while they are read: it is read again behind them."""
        self._touched |= keys

    def stop(self) -> None:
        """Whatever is under way is not wanted any more."""
        if self._work is not None:
            self._work.cancel()
        self._work, self._touched = None, set()

    def _run(self, _cancelled: Callable[[], bool]) -> tuple[Assignments, Listing]:
        store = self._open_store()
        try:
            found = Assignments(store, self._unit)
            return found, Listing(found.all(), self._names, self._as_of)
        finally:
            store.close()

    @Slot(object)
    def _done(self, brought: tuple[Assignments, Listing]) -> None:
        if self.sender() is not self._work:
            return  # of a unit that the folder does not work for any more
        touched = self._touched
        self._work, self._touched = None, set()
        found, listing = brought
        found.use(self._store)
        found.refresh(touched)
        self.read.emit(found, listing)

    @Slot(object)
    def _fail(self, fault: object) -> None:
        self._work = None
        self.failed.emit(fault)
