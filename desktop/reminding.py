"""What the desk says that cannot wait, told by the system once each, to whoever is here."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from shiboken6 import delete

from sync.store import Store

if TYPE_CHECKING:
    from desktop.shell.notifier import Notifier
    from desktop.widgets.reminder import Reminder


class Reminding(QObject):
    """`clicked` when a person clicks what was told, `opened` with its Place. `store` gives the window's store."""

    clicked = Signal()
    opened = Signal(object)

    def __init__(self, store: Callable[[], Store], clock: Callable[[], datetime], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._clock = store, clock
        self._notifier: Notifier | None = None

    @Slot(object)
    def remind(self, reminders: "Sequence[Reminder]") -> None:
        """Tell what was not told yet. The system's tray is touched with the first of them."""
        if self._notifier is None:
            if not reminders:
                return
            from desktop.shell.notifier import Notifier, SystemTray

            tray = SystemTray(QGuiApplication.windowIcon)
            self._notifier = Notifier(self._store(), self._clock, tray, self)
            tray.setParent(self._notifier)
            tray.clicked.connect(self.clicked)
            tray.clicked.connect(self._notifier.open_last)
            self._notifier.opened.connect(self.opened)
        self._notifier.take(reminders)

    def stop(self) -> None:
        """Whoever was here leaves: tell nothing more of theirs."""
        if self._notifier is not None:
            delete(self._notifier)
            self._notifier = None
