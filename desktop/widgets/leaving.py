"""The one question of a room: whether to close the window over what would be lost with it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets.words import say


class Leaving(QObject):
    """Watches the room's window. `waiting` counts what would be lost, `retry` stores that and says whether it did, and
    `room.leaving` has the words for it. Before, `finish` waits for what is being stored."""

    def __init__(
        self,
        room: QWidget,
        waiting: Callable[[], int],
        retry: Callable[[], bool] = lambda: False,
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(room)
        self._waiting, self._retry, self._finish = waiting, retry, finish
        self._room = str(getattr(room, "name", ""))
        self._window: QWidget | None = None

    def watch(self, window: QWidget) -> None:
        """Look out for the closing of `window`, the one in which the room stands now."""
        if window is not self._window:
            self._window = window
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        closing = event.type() == QEvent.Type.Close and watched is self._window
        if closing:
            self._finish()
        if closing and self._waiting() and self._is_last() and not self._retry() and not self._asked():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _is_last(self) -> bool:
        """Whether nothing of the application stays: a window that is built again keeps what waits."""
        others = (one for one in QApplication.topLevelWidgets() if one is not self._window)
        return not any(other.isVisible() and other.isWindow() for other in others)

    def _asked(self) -> bool:
        """Whether the person lets them go."""
        from PySide6.QtWidgets import QMessageBox  # seldom asked, so not loaded at the start

        asking = QMessageBox(self._window)
        asking.setIcon(QMessageBox.Icon.Warning)
        asking.setText(say(f"{self._room}.leaving.title", count=self._waiting()))
        asking.setInformativeText(say(f"{self._room}.leaving.text"))
        stay = asking.addButton(say(f"{self._room}.leaving.stay"), QMessageBox.ButtonRole.RejectRole)
        close = asking.addButton(say(f"{self._room}.leaving.close"), QMessageBox.ButtonRole.DestructiveRole)
        asking.setDefaultButton(stay)
        asking.setEscapeButton(stay)
        asking.exec()
        return asking.clickedButton() is close
