"""When the grid's cells are looked at for unusual figures: once nothing moves, and a little at a time."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desktop.entry.view import GridView

_REST_MS: Final = 150
_LOOK_S: Final = 0.02
"""How long it looks at a time: shorter than a person notices."""
_ALL: Final = 2_000
"""Cells of a form that is looked through whole, behind what is in sight: more than any of the catalogue has."""


class Watching(QObject):
    """Watches `view`, from its first paint on. `marked` when cells are marked otherwise than before."""

    marked = Signal()

    def __init__(self, view: GridView) -> None:
        super().__init__(view)
        self._view = view
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._resting.timeout.connect(self._look)
        self._on = QTimer(self, singleShot=True, interval=0)
        self._on.timeout.connect(self._look)
        view.first_painted.connect(self.rest)
        for bar in (view.verticalScrollBar(), view.horizontalScrollBar()):
            bar.valueChanged.connect(self._moved)

    @Slot()
    def rest(self) -> None:
        """Something is to be looked at, once nothing more moves."""
        self._on.stop()
        if self._view.was_painted:
            self._resting.start()

    @Slot(int)
    def _moved(self, _value: int) -> None:
        self.rest()

    @Slot()
    def _look(self) -> None:
        model, view = self._view.grid(), self._view
        if model is None or not view.isVisible():
            return
        if view.locked:  # what is written then is waited for
            self.rest()
            return
        area = view.viewport().rect()
        rows = _in_sight(view.rowAt(0), view.rowAt(area.bottom()), model.rowCount())
        columns = _in_sight(view.columnAt(0), view.columnAt(area.right()), model.columnCount())
        marked, done = model.look(rows, columns, _LOOK_S)
        if done and model.rowCount() * model.columnCount() <= _ALL:
            more, done = model.look(range(model.rowCount()), range(model.columnCount()), _LOOK_S)
            marked = marked or more
        if marked:
            self.marked.emit()
        if not done:
            self._on.start()


def _in_sight(first: int, last: int, count: int) -> range:
    """Rows or columns from the first to the last in sight; -1 stands for none there, as Qt has it."""
    return range(max(first, 0), count if last < 0 else last + 1)
