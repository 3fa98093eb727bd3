"""The one door by which every change, typed here or pulled, reaches the screens."""

from PySide6.QtCore import QObject, Signal


class Feed(QObject):
    """Carries change sets and the connection's status to whoever shows them.

    `changed` carries a `sync.store` ChangeSet, `status` a `sync.client` Status. Both may be emitted from the
    sync worker's thread: connected slots of QObjects then run on the GUI thread.
    """

    changed = Signal(object)
    status = Signal(object)
