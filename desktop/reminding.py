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
    """`clicked` when a person clicks what was told, `opened` with its Place. `store` gives the window's store; while
    it `is_shut` nothing is told."""

    clicked = Signal()
    opened = Signal(object)

    def __init__(
        self,
        store: Callable[[], Store],
        clock: Callable[[], datetime],
        is_shut: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store, self._clock, self._is_shut = store, clock, is_shut
        self._notifier: Notifier | None = None

    @Slot(object)
    def remind(self, reminders: "Sequence[Reminder]") -> None:
        """Tell what was not told yet. The system's tray is touched with the first of them."""
        if self._notifier is None:
            if not reminders:
                return
            from desktop.shell.notifier import Notifier, SystemTray

            tray = SystemTray(QGuiApplication.windowIcon)
            self._notifier = Notifier(self._store(), self._clock, tray, self._is_shut, self)
            tray.setParent(self._notifier)
            tray.clicked.connect(self.clicked)
            tray.clicked.connect(self._notifier.open_last)
            self._notifier.opened.connect(self.opened)
        self._notifier.take(reminders)

    def go_on(self) -> None:
        """Whoever it concerns is back: tell what waited."""
        if self._notifier is not None:
            self._notifier.tell()

    def stop(self) -> None:
        """Whoever was here leaves: tell nothing more of theirs."""
        if self._notifier is not None:
            delete(self._notifier)
            self._notifier = None
