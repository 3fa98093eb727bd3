"""When Python looks for garbage that refers to itself: in between, on the window's thread, and not while it is much.

On any other thread it would destroy widgets there. While it looks, nothing else runs, and a person would wait.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

_EVERY_MS: Final = 250
_SOME: Final = 10_000
_MUCH: Final = 40_000
"""New objects that are looked through, in some milliseconds, and so many that they are set aside instead."""


class Garbage(QObject):
    """Looks from now on. What the program has made so far stays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        # Queued: Qt is on its way from one window to the next, and a window that vanished now would be missed.
        program = QGuiApplication.instance()
        assert isinstance(program, QGuiApplication)
        program.applicationStateChanged.connect(self._look_at_all, Qt.ConnectionType.QueuedConnection)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _look(self) -> None:
        if gc.get_count()[0] > _SOME:
            # What has gone is taken off that count, also what was set aside long ago: what is young is more.
            if len(gc.get_objects(generation=0)) > _MUCH:
                gc.freeze()
            else:
                gc.collect(0)

    @Slot(Qt.ApplicationState)
    def _look_at_all(self, state: Qt.ApplicationState) -> None:
        """The person turns to another program: also what was set aside is looked through."""
        if state != Qt.ApplicationState.ApplicationActive and self._timer.isActive():
            gc.unfreeze()
            gc.collect()
            gc.freeze()
