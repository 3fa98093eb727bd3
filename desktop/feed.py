"""The one door by which every change, typed here or pulled, reaches the screens."""

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot


class Feed(QObject):
    """Carries change sets and the connection's status to whoever shows them.

    `changed` carries a `sync.store` ChangeSet, `status` a `sync.client` Status. Both may be emitted from the
    sync worker's thread: connected slots of QObjects then run on the GUI thread. `last_status` is for who comes
    later: a window that is built again, a room that is opened for the first time.
    """

    changed = Signal(object)
    status = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last_status: Any = None
        self.status.connect(self._keep_status)

    @Slot(object)
    def _keep_status(self, status: object) -> None:
        self.last_status = status
