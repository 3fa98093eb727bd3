"""How long nobody has touched keyboard or mouse."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QWindow
from shiboken6 import isValid

_LOOK_MS: Final = 5_000
_TOUCHES: Final = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    )
)


class Idle(QObject):
    """Emits `idle` once when nobody touched any of our windows for `limit_s`, until somebody does and it begins anew.

    `clocks` give seconds. One stands still while a PC sleeps, the other may be set: whichever says more counts.
    """

    idle = Signal()

    def __init__(
        self,
        limit_s: Callable[[], float],
        clocks: tuple[Callable[[], float], ...] = (time.monotonic, time.time),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._limit_s, self._clocks = limit_s, clocks
        self._touched = [clock() for clock in clocks]
        self._watched: QWindow | None = None
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to watch. What a window is told by the system comes here first, before its widgets."""
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._watch)
        self._watch(application.focusWindow())
        self.touch()
        self._timer.start()

    def stop(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            application = QGuiApplication.instance()
            assert isinstance(application, QGuiApplication)
            application.focusWindowChanged.disconnect(self._watch)
            self._watch(None)

    @Slot()
    def touch(self) -> None:
        self._touched = [clock() for clock in self._clocks]

    @Slot()
    def look(self) -> None:
        """Whether it has been long enough."""
        idle_s = max(clock() - touched for clock, touched in zip(self._clocks, self._touched, strict=True))
        if idle_s >= self._limit_s():
            self.touch()
            self.idle.emit()

    @Slot(QWindow)
    def _watch(self, window: QWindow | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = window
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self.touch()
        return False
