"""The one door by which every change, typed here or pulled, reaches the screens."""

from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from sync.domain.keys import OWN_UNIT, Key
from sync.store import ChangeSet, Store

_HIDDEN_WAIT_MS: Final = 400
"""While another room is open only the badge is kept right, and the time is left to the typing."""


class Feed(QObject):
    """Carries change sets and the connection's status to whoever shows them.

    `changed` carries a `sync.store` ChangeSet, `status` a `sync.client` Status, `file_moved` how far a file has come
    (`sync.client.evidence.Moved`). All may be emitted from the sync worker's thread: connected slots of QObjects then
    run on the GUI thread. `last_status` is for who comes later: a window that is built again, a room that is opened for
    the first time.
    """

    changed = Signal(object)
    status = Signal(object)
    file_moved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last_status: Any = None
        self.status.connect(self._keep_status)

    @Slot(object)
    def _keep_status(self, status: object) -> None:
        self.last_status = status


class Ear(QObject):
    """How a room hears the feed: what came is told together, at the next moment or, while it is hidden, a bit later.

    `heard` carries the set of keys that may show something else now; the room is told once at its beginning, for who
    listens to its badge. `moved` says that the folder works for another unit than before.
    """

    heard = Signal(object)
    moved = Signal()

    def __init__(self, room: QWidget, store: Store, feed: Feed) -> None:
        super().__init__(room)
        self._room, self._store = room, store
        self._touched: set[Key] = set()
        self.unit = self._unit_now()
        """What the folder works for; OWN_UNIT before it is enrolled."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._tell)
        feed.changed.connect(self._changed)
        feed.status.connect(self._look)
        self._soon.start(0)

    def soon(self) -> None:
        """Tell at the next moment, also if nothing came."""
        self._soon.start(0 if self._room.isVisible() else _HIDDEN_WAIT_MS)

    def _unit_now(self) -> str:
        enrolment = self._store.enrolment()
        return enrolment.unit if enrolment else OWN_UNIT

    @Slot(object)
    def _changed(self, changes: ChangeSet) -> None:
        self._touched |= changes.keys
        if not self._soon.isActive():
            self.soon()

    @Slot()
    def _tell(self) -> None:
        touched, self._touched = self._touched, set()
        if not self._has_moved():
            self.heard.emit(touched)

    @Slot()
    def _look(self) -> None:
        self._has_moved()

    def _has_moved(self) -> bool:
        unit = self._unit_now()
        if unit == self.unit:
            return False
        self.unit = unit
        self.moved.emit()
        return True
